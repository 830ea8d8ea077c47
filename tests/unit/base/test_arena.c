/* Memory with one lifetime. */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static void
gives_aligned_pieces_that_do_not_overlap(void **state)
{
	static struct {
		unsigned char *p;
		size_t n;
	} pieces[3000];
	struct arena *a = arena_new(1000);

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
			/* Mostly small, some larger than any chunk so far. */
			pieces[i].n = i % 100 == 99 ? i * 40 : i % 70;
			pieces[i].p = arena_alloc(a, pieces[i].n);
			assert_int_equal(
			    (uintptr_t)pieces[i].p % _Alignof(max_align_t), 0);
			memset(pieces[i].p, (int)(i & 0xff), pieces[i].n);
		}
		for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
			for (size_t k = 0; k < pieces[i].n; k++)
				assert_int_equal(pieces[i].p[k], i & 0xff);
		}
		arena_reset(a);
	}
	arena_free(a);
	arena_free(NULL);
}

static void
copies_text(void **state)
{
	struct arena *a = arena_new(0);
	char text[] = "abc";
	struct str s = arena_str(a, (struct str) { text, 2 });
	char *copy = arena_strdup(a, text);

	(void)state;
	memset(text, 'x', 3);
	assert_int_equal(s.n, 2);
	assert_string_equal(s.p, "ab");
	assert_string_equal(copy, "abc");
	assert_null(arena_strdup(a, NULL));
	s = arena_str(a, (struct str) { NULL, 0 });
	assert_int_equal(s.n, 0);
	assert_string_equal(s.p, "");
	assert_string_equal(arena_printf(a, "%d:%s", 5, "x"), "5:x");
	assert_string_equal(arena_printf(a, "%s", ""), "");
	assert_int_equal(strlen(arena_printf(a, "%05000d", 1)), 5000);
	arena_free(a);
}

static void
zeroes_when_asked(void **state)
{
	static const char zeroes[500];
	struct arena *a = arena_new(4096);

	(void)state;
	for (int i = 0; i < 2; i++) {
		memset(arena_alloc(a, 2000), 0xff, 2000);
		arena_reset(a);
		assert_memory_equal(
		    arena_zalloc(a, sizeof(zeroes)), zeroes, sizeof(zeroes));
	}
	arena_free(a);
}

static void
keeps_only_the_first_chunk_over_reset(void **state)
{
	struct arena *a = arena_new(10000);
	size_t empty = arena_bytes(a);

	(void)state;
	assert_in_range(empty, 10000, 10200);
	void *first = arena_alloc(a, 1);
	for (int i = 0; i < 10000; i++)
		arena_alloc(a, 100);
	arena_alloc(a, 1000000);
	assert_in_range(arena_bytes(a), 2000000, 3000000);
	arena_reset(a);
	assert_int_equal(arena_bytes(a), empty);
	assert_ptr_equal(arena_alloc(a, 1), first);
	for (int i = 0; i < 101;
	     i++) /* a batch after a large one grows as the first did */
		arena_alloc(a, 100);
	assert_in_range(arena_bytes(a), empty + 20000, empty + 20200);
	arena_free(a);
}

/* A large piece must not make the rest of a chunk go to waste. */
static void
goes_on_cutting_after_a_large_piece(void **state)
{
	struct arena *a = arena_new(10000);
	char *before = arena_alloc(a, 16);

	(void)state;
	size_t bytes = arena_bytes(a);
	arena_alloc(a, 500000);
	assert_in_range(arena_bytes(a) - bytes, 500000, 500100);
	char *after = arena_alloc(a, 16);
	assert_in_range(
	    after - before, 16, 32); /* 32: with the gap of a sanitizer build */
	arena_free(a);
}

static void
needs_few_chunks_for_much(void **state)
{
	struct arena *a = arena_new(256);

	(void)state;
	for (int i = 0; i < 100000; i++)
		arena_alloc(a, 48);
	/* 4.8 MB of pieces (twice that with a sanitizer's gaps), and no chunk that is
	 * much larger than needed. */
	assert_in_range(arena_bytes(a), 4800000, 10200000);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_aligned_pieces_that_do_not_overlap),
		cmocka_unit_test(copies_text),
		cmocka_unit_test(zeroes_when_asked),
		cmocka_unit_test(keeps_only_the_first_chunk_over_reset),
		cmocka_unit_test(goes_on_cutting_after_a_large_piece),
		cmocka_unit_test(needs_few_chunks_for_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
