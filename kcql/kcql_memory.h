#ifndef KCQL_KCQL_MEMORY_H
#define KCQL_KCQL_MEMORY_H

#include "kcql/kcql.h"

/* Memory with one lifetime, that of a parse result, and text that grows. */

struct kcql_memory *kcql_memory_new(void);
void kcql_memory_free(struct kcql_memory *);

/* Zeroed, aligned for any type. */
void *kcql_memory_alloc(struct kcql_memory *, size_t n);
/* A copy with a NUL behind it. */
struct kcql_text kcql_memory_text(struct kcql_memory *, const char *ptr, size_t len);
const char *kcql_memory_printf(struct kcql_memory *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Room for one more element behind the n that `array` holds: returns the array,
 * moved when it was full.  Its room is 4, then doubles, and is told from n alone; so
 * the array must have grown by this function only, one element at a time.
 */
void *kcql_memory_grow(struct kcql_memory *, const void *array, size_t n, size_t size);

/* Text that grows at its end.  Begin with { 0 }; free with kcql_memory_buf_free. */
struct kcql_buf {
	char *ptr;
	size_t len, room;
};

void kcql_memory_put(struct kcql_buf *, const char *ptr, size_t len);
void kcql_memory_puts(struct kcql_buf *, const char *s);
void kcql_memory_putc(struct kcql_buf *, char c);
void kcql_memory_putt(struct kcql_buf *, struct kcql_text);
void kcql_memory_buf_free(struct kcql_buf *);

/* Small things about texts that every file needs. */
static inline bool
kcql_text_equal(struct kcql_text a, struct kcql_text b)
{
	return a.len == b.len &&
	       (a.len == 0 || __builtin_memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline char
kcql_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

#endif
