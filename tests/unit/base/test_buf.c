/* A byte buffer that grows. */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static void
adds_in_every_way(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_add(&b, NULL, 0);
	buf_add_str(&b, (struct str) { NULL, 0 });
	assert_null(b.p);
	buf_add(&b, "a\0b", 3);
	buf_add_str(&b, STR("c"));
	buf_add_c(&b, "de");
	buf_add_byte(&b, 0xff);
	buf_printf(&b, "%d%s", 7, "");
	assert_int_equal(b.n, 8);
	assert_memory_equal(b.p,
	    "a\0bcde\xff"
	    "7",
	    8);
	assert_true(str_eq(buf_str(&b), (struct str) { b.p, 8 }));
	assert_string_equal(buf_cstr(&b) + 2, "bcde\xff"
					      "7");
	assert_int_equal(b.n, 8);
	buf_fini(&b);
	assert_null(b.p);
	assert_int_equal(b.cap, 0);
	buf_fini(&b);
}

static void
gives_text_of_an_empty_one(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(buf_str(&b).n, 0);
	assert_string_equal(buf_cstr(&b), "");
	buf_fini(&b);
}

/* A NUL or a formatted text that ends exactly with the memory. */
static void
grows_at_every_length(void **state)
{
	(void)state;
	for (size_t n = 0; n < 300; n++) {
		struct buf b = { 0 };

		for (size_t i = 0; i < n; i++)
			buf_add_byte(&b, (uint8_t)('a' + i % 26));
		assert_int_equal(strlen(buf_cstr(&b)), n);
		buf_printf(&b, "%0*d", (int)n, 5);
		assert_int_equal(b.n, n + (n > 0 ? n : 1));
		assert_int_equal(b.p[b.n - 1], '5');
		for (size_t i = 0; i < n; i++)
			assert_int_equal(b.p[i], 'a' + i % 26);
		buf_fini(&b);
	}
}

static void
doubles_so_that_adding_is_cheap(void **state)
{
	struct buf b = { 0 };
	unsigned moves = 0;

	(void)state;
	for (size_t i = 0; i < 1000000; i++) {
		size_t cap = b.cap;

		buf_add_byte(&b, 'x');
		moves += cap != b.cap;
	}
	assert_true(moves < 20);
	buf_fini(&b);
}

static void
drops_the_front(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_drop_front(&b, 0);
	buf_add_c(&b, "abcdef");
	buf_drop_front(&b, 2);
	assert_string_equal(buf_cstr(&b), "cdef");
	buf_drop_front(&b, 4);
	assert_int_equal(b.n, 0);
	buf_fini(&b);
}

static void
keeps_memory_over_reset(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_reserve(&b, 1000);
	char *p = b.p;
	assert_true(b.cap >= 1000);
	buf_add_c(&b, "abc");
	buf_reset(&b);
	assert_int_equal(b.n, 0);
	assert_ptr_equal(b.p, p);
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_in_every_way),
		cmocka_unit_test(gives_text_of_an_empty_one),
		cmocka_unit_test(grows_at_every_length),
		cmocka_unit_test(doubles_so_that_adding_is_cheap),
		cmocka_unit_test(drops_the_front),
		cmocka_unit_test(keeps_memory_over_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
