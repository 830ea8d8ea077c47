#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/str.h"

/*
 * Memory with one lifetime: allocated piece by piece, given back at once.  Not
 * for several threads.  A piece costs a few ns; chunks double up to 256 KiB, a
 * piece larger than half a chunk gets one of its own.  Sanitizer builds report the
 * use of pieces after a reset or behind their end.
 */
struct arena;

/* first_bytes: size of the first chunk, kept over resets. */
struct arena *arena_new(size_t first_bytes);
void arena_free(struct arena *);

/* Aligned for any type, not zeroed; lives until reset or free. */
void *arena_alloc(struct arena *, size_t n);
void *arena_zalloc(struct arena *, size_t n);
char *arena_strdup(struct arena *, const char *s);  /* NULL gives NULL */
struct str arena_str(struct arena *, struct str s); /* copy, NUL behind it */
char *arena_printf(struct arena *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Forgets all pieces; keeps the first chunk and frees the others. */
void arena_reset(struct arena *);

/* Bytes held, for the window's books. */
size_t arena_bytes(const struct arena *);

#endif
