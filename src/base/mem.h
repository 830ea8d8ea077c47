#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/*
 * Allocation that cannot fail: out of memory ends the process (nothing unsafe was
 * acknowledged by then).  Sizes that come from outside are checked against
 * their limit before they get here.
 */

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

void *mem_alloc(size_t n);  /* not zeroed; n may be 0 */
void *mem_zalloc(size_t n); /* zeroed */
/* align: a power of two that divides n; for what should not straddle cache lines. */
void *mem_alloc_aligned(size_t align, size_t n);
void *mem_realloc(void *p, size_t n); /* p may be NULL */
char *mem_strdup(const char *s);
char *mem_strndup(const char *s, size_t n); /* n bytes and a NUL */

#endif
