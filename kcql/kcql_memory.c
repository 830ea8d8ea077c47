/*
 * Memory of a parse result: chunks that are freed together.  Small texts, which is
 * nearly all of them, fit into the first chunk, so a statement costs one malloc.
 * Knows nothing of statements.
 */
#include "kcql/kcql_memory.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BYTES 4096u
#define MAX_CHUNK_BYTES ((size_t)1 << 20) /* larger only for a single large piece */

struct chunk {
	struct chunk *next;
	size_t used, room;
	max_align_t bytes[];
};

struct kcql_memory {
	struct chunk *newest;
};

static void *
must(void *p)
{
	if (p == NULL) {
		fputs("kcql: out of memory\n", stderr);
		abort();
	}
	return p;
}

static struct chunk *
chunk_new(struct chunk *next, size_t room)
{
	struct chunk *c = must(calloc(1, sizeof(*c) + room));

	c->next = next;
	c->room = room;
	return c;
}

struct kcql_memory *
kcql_memory_new(void)
{
	struct chunk *c = chunk_new(NULL, FIRST_BYTES);
	struct kcql_memory *m = (struct kcql_memory *)(void *)c->bytes;

	c->used = sizeof(max_align_t);
	static_assert(sizeof(*m) <= sizeof(max_align_t), "the head fits into one unit");
	m->newest = c;
	return m;
}

void
kcql_memory_free(struct kcql_memory *m)
{
	struct chunk *next;

	if (m == NULL)
		return;
	for (struct chunk *c = m->newest; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
}

static size_t
next_room(const struct chunk *c, size_t n)
{
	size_t room = c->room < MAX_CHUNK_BYTES ? 2 * c->room : MAX_CHUNK_BYTES;

	return room > n ? room : n;
}

void *
kcql_memory_alloc(struct kcql_memory *m, size_t n)
{
	struct chunk *c = m->newest;

	if (n > SIZE_MAX / 2)
		must(NULL);
	n = (n + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
	if (n > c->room - c->used)
		c = m->newest = chunk_new(c, next_room(c, n));
	c->used += n;
	return (char *)c->bytes + c->used - n;
}

struct kcql_text
kcql_memory_text(struct kcql_memory *m, const char *ptr, size_t len)
{
	char *copy = kcql_memory_alloc(m, len + 1);

	if (len > 0)
		memcpy(copy, ptr, len);
	return (struct kcql_text) { copy, len };
}

const char *
kcql_memory_printf(struct kcql_memory *m, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);

	char *s = kcql_memory_alloc(m, (size_t)n + 1);
	vsnprintf(s, (size_t)n + 1, fmt, again);
	va_end(again);
	return s;
}

void *
kcql_memory_grow(struct kcql_memory *m, const void *array, size_t n, size_t size)
{
	bool full = n == 0 || (n >= 4 && (n & (n - 1)) == 0);
	void *grown;

	if (!full)
		return (void *)(uintptr_t)array;
	grown = kcql_memory_alloc(m, (n == 0 ? 4 : 2 * n) * size);
	if (n > 0)
		memcpy(grown, array, n * size);
	return grown;
}

void
kcql_memory_put(struct kcql_buf *b, const char *ptr, size_t len)
{
	if (len > b->room - b->len) {
		if (len > SIZE_MAX / 4 || b->len > SIZE_MAX / 4)
			must(NULL);
		b->room = 2 * (b->len + len) + 64;
		b->ptr = must(realloc(b->ptr, b->room));
	}
	if (len > 0)
		memcpy(b->ptr + b->len, ptr, len);
	b->len += len;
}

void
kcql_memory_puts(struct kcql_buf *b, const char *s)
{
	kcql_memory_put(b, s, strlen(s));
}

void
kcql_memory_putc(struct kcql_buf *b, char c)
{
	kcql_memory_put(b, &c, 1);
}

void
kcql_memory_putt(struct kcql_buf *b, struct kcql_text t)
{
	kcql_memory_put(b, t.ptr, t.len);
}

void
kcql_memory_buf_free(struct kcql_buf *b)
{
	free(b->ptr);
	*b = (struct kcql_buf) { 0 };
}
