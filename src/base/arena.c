/*
 * Memory with one lifetime.  Small pieces are cut off the newest chunk; a piece that
 * would waste most of a chunk gets one of its own.  Chunks double up to a limit,
 * so that a batch larger than usual costs few calls of malloc.
 *
 * Under AddressSanitizer what is not handed out is poisoned: the use of a piece after
 * arena_reset, or behind its end, is reported like that of freed memory.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define ARENA_POISON(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define ARENA_UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#define ARENA_GAP ARENA_ALIGN /* between two pieces */
#else
#define ARENA_POISON(p, n) ((void)0)
#define ARENA_UNPOISON(p, n) ((void)0)
#define ARENA_GAP 0
#endif

#define ARENA_ALIGN alignof(max_align_t)
#define ARENA_MIN_CHUNK 256
#define ARENA_MAX_CHUNK (256 * 1024) /* of those that double */

struct chunk {
	struct chunk *next; /* older */
	size_t size;        /* bytes behind the head */
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct chunk *chunks; /* newest first; the first chunk is the last of them */
	struct chunk *first;
	char *free;       /* in the chunk that small pieces come from; aligned */
	size_t left;      /* bytes at free; a multiple of ARENA_ALIGN */
	size_t next_size; /* of the next chunk for small pieces */
	size_t bytes;     /* of all chunks, heads included */
};

static size_t
align_up(size_t n)
{
	return (n + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1);
}

static struct chunk *
chunk_new(struct arena *a, size_t size)
{
	/* An absurd size must reach mem_alloc as one, and not wrapped around. */
	size_t total = size < SIZE_MAX / 2 ? sizeof(struct chunk) + align_up(size) : size;
	struct chunk *c = mem_alloc(total);

	c->size = total - sizeof(struct chunk);
	c->next = a->chunks;
	a->chunks = c;
	a->bytes += total;
	ARENA_POISON(c->bytes, c->size);
	return c;
}

static void
cut_from(struct arena *a, struct chunk *c)
{
	a->free = c->bytes;
	a->left = c->size;
}

struct arena *
arena_new(size_t first_bytes)
{
	struct arena *a = mem_zalloc(sizeof(*a));

	if (first_bytes < ARENA_MIN_CHUNK)
		first_bytes = ARENA_MIN_CHUNK;
	a->bytes = sizeof(*a);
	a->first = chunk_new(a, first_bytes);
	a->next_size = first_bytes;
	cut_from(a, a->first);
	return a;
}

static void
free_chunks(struct arena *a, const struct chunk *but)
{
	struct chunk *next;

	for (struct chunk *c = a->chunks; c != but; c = next) {
		next = c->next;
		a->bytes -= sizeof(*c) + c->size;
		free(c);
	}
}

void
arena_free(struct arena *a)
{
	if (a == NULL)
		return;
	free_chunks(a, NULL);
	free(a);
}

/* No room for n bytes where the last piece was. */
static void *
alloc_slow(struct arena *a, size_t n)
{
	struct chunk *c;

	if (n > a->next_size / 2) {
		c = chunk_new(a, n);
		ARENA_UNPOISON(c->bytes, n);
		return c->bytes;
	}
	if (a->next_size < ARENA_MAX_CHUNK)
		a->next_size *= 2;
	cut_from(a, chunk_new(a, a->next_size));
	return arena_alloc(a, n);
}

void *
arena_alloc(struct arena *a, size_t n)
{
	size_t taken = align_up(n) + ARENA_GAP;
	char *p = a->free;

	if (n > a->left || taken > a->left)
		return alloc_slow(a, n);
	a->free += taken;
	a->left -= taken;
	ARENA_UNPOISON(p, n);
	return p;
}

void *
arena_zalloc(struct arena *a, size_t n)
{
	return memset(arena_alloc(a, n), 0, n);
}

struct str
arena_str(struct arena *a, struct str s)
{
	char *copy = arena_alloc(a, s.n + 1);

	if (s.n > 0)
		memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	return (struct str) { copy, s.n };
}

char *
arena_strdup(struct arena *a, const char *s)
{
	if (s == NULL)
		return NULL;
	size_t n = strlen(s) + 1;
	return memcpy(arena_alloc(a, n), s, n);
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	char *text;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	text = arena_alloc(a, (size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, fmt, again);
	va_end(again);
	return text;
}

void
arena_reset(struct arena *a)
{
	free_chunks(a, a->first);
	a->chunks = a->first;
	a->next_size = a->first->size;
	cut_from(a, a->first);
	ARENA_POISON(a->first->bytes, a->first->size);
}

size_t
arena_bytes(const struct arena *a)
{
	return a->bytes;
}
