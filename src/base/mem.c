/*
 * Allocation that cannot fail.  The one place that decides what running out of
 * memory means; it must not allocate, log or lock on that way.
 */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void __attribute__((noreturn)) out_of_memory(void)
{
	static const char text[] = "headrace: out of memory, giving up\n";

	/* Unbuffered: stdio may want memory of its own. */
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		abort();
	abort();
}

void *
mem_alloc(size_t n)
{
	void *p = malloc(n > 0 ? n : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
mem_zalloc(size_t n)
{
	void *p = calloc(1, n > 0 ? n : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
mem_alloc_aligned(size_t align, size_t n)
{
	void *p = aligned_alloc(align, n);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
mem_realloc(void *p, size_t n)
{
	p = realloc(p, n > 0 ? n : 1);
	if (p == NULL)
		out_of_memory();
	return p;
}

char *
mem_strdup(const char *s)
{
	return mem_strndup(s, strlen(s));
}

char *
mem_strndup(const char *s, size_t n)
{
	char *copy = mem_alloc(n + 1);

	if (n > 0)
		memcpy(copy, s, n);
	copy[n] = '\0';
	return copy;
}
