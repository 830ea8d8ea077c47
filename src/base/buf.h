#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* A byte buffer that grows (doubles).  { 0 } is an empty one.  What is added must not
 * lie in the buffer itself. */
struct buf {
	char *p;
	size_t n;   /* bytes used */
	size_t cap; /* bytes allocated */
};

void buf_reserve(struct buf *, size_t more); /* room for so many more bytes */
void buf_add(struct buf *, const void *p, size_t n);
void buf_add_str(struct buf *, struct str s);
void buf_add_c(struct buf *, const char *cstr);
void buf_add_byte(struct buf *, uint8_t byte);
void buf_printf(struct buf *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_drop_front(struct buf *, size_t n); /* moves the rest; n <= bytes used */
struct str buf_str(const struct buf *);      /* borrows, until the next change */
char *buf_cstr(struct buf *);                /* puts a NUL behind the bytes; borrows */
void buf_reset(struct buf *);                /* empty, memory kept */
void buf_fini(struct buf *);                 /* memory freed, empty again */

#endif
