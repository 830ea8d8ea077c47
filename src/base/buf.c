/* A byte buffer that grows by doubling, so that adding costs O(1) on average. */
#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { BUF_FIRST_BYTES = 64 };

void
buf_reserve(struct buf *b, size_t more)
{
	size_t cap = b->cap > 0 ? b->cap : BUF_FIRST_BYTES;

	if (more <= b->cap - b->n)
		return;
	assert(more <= SIZE_MAX / 2 - b->n);
	while (cap < b->n + more)
		cap *= 2;
	b->p = mem_realloc(b->p, cap);
	b->cap = cap;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	if (n == 0)
		return;
	buf_reserve(b, n);
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

void
buf_add_str(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}

void
buf_add_c(struct buf *b, const char *cstr)
{
	buf_add(b, cstr, strlen(cstr));
}

void
buf_add_byte(struct buf *b, uint8_t byte)
{
	buf_reserve(b, 1);
	b->p[b->n++] = (char)byte;
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	buf_reserve(b, 1);
	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(b->p + b->n, b->cap - b->n, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	if ((size_t)n >= b->cap - b->n) {
		buf_reserve(b, (size_t)n + 1);
		vsnprintf(b->p + b->n, b->cap - b->n, fmt, again);
	}
	va_end(again);
	b->n += (size_t)n;
}

void
buf_drop_front(struct buf *b, size_t n)
{
	assert(n <= b->n);
	if (n == 0)
		return;
	b->n -= n;
	memmove(b->p, b->p + n, b->n);
}

struct str
buf_str(const struct buf *b)
{
	return (struct str) { b->p, b->n };
}

char *
buf_cstr(struct buf *b)
{
	buf_reserve(b, 1);
	b->p[b->n] = '\0';
	return b->p;
}

void
buf_reset(struct buf *b)
{
	b->n = 0;
}

void
buf_fini(struct buf *b)
{
	free(b->p);
	*b = (struct buf) { 0 };
}
