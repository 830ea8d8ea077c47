/* The list of what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "config/config.h"

static void
expect_printed(const struct problems *ps, const char *want)
{
	struct buf out = { 0 };

	problems_print(ps, &out);
	assert_string_equal(buf_cstr(&out), want);
	buf_fini(&out);
}

static void
prints_in_order_of_file_and_line(void **state)
{
	struct problems *ps = problems_new();
	const struct config_entry e = {
		.key = "a.b", .written = "a_b", .value = "v", .file = "g", .line = 2
	};

	(void)state;
	problems_add(ps, PROBLEM_ERROR, &e, "is odd");
	problems_add_at(ps, PROBLEM_ERROR, "g", 1, "first of %s", "g");
	problems_add(ps, PROBLEM_WARNING, &e, "is also even");
	problems_add_at(ps, PROBLEM_WARNING, "f", 30, "far down");
	problems_add_at(ps, PROBLEM_ERROR, "f", 0, "as a whole");
	problems_add(ps, PROBLEM_ERROR, NULL, "nowhere");
	expect_printed(ps, "error: nowhere\n"
			   "f: error: as a whole\n"
			   "f:30: warning: far down\n"
			   "g:1: error: first of g\n"
			   "g:2: error: a_b: is odd\n"
			   "g:2: warning: a_b: is also even\n");
	assert_int_equal(problems_count(ps, PROBLEM_ERROR), 4);
	assert_int_equal(problems_count(ps, PROBLEM_WARNING), 2);
	problems_free(ps);
	problems_free(NULL);
}

static void
leaves_out_a_key_that_the_text_names(void **state)
{
	struct problems *ps = problems_new();

	(void)state;
	problems_add(ps, PROBLEM_ERROR, &(struct config_entry) { .key = "a.b" },
	    "Missing required configuration \"a.b\" which has no default value.");
	expect_printed(ps, "error: Missing required configuration \"a.b\" which has no "
			   "default value.\n");
	problems_free(ps);
}

static void
tells_the_place_inside_a_file_value(void **state)
{
	struct problems *ps = problems_new();
	struct config_entry e = {
		.key = "connect.mqtt.kcql", .value = "", .file = "site.kcql", .line = 1
	};

	(void)state;
	problems_add_in(ps, PROBLEM_ERROR, &e, 3, 8, "in the line\n\ttext\n\t^");
	e.whole_file = true;
	problems_add_in(ps, PROBLEM_ERROR, &e, 3, 9, "second");
	problems_add_in(ps, PROBLEM_ERROR, &e, 3, 8, "first\n\ttext\n\t^");
	expect_printed(ps, "site.kcql:1: error: connect.mqtt.kcql: in the line\n"
			   "    \ttext\n"
			   "    \t^\n"
			   "site.kcql:3:8: error: connect.mqtt.kcql: first\n"
			   "    \ttext\n"
			   "    \t^\n"
			   "site.kcql:3:9: error: connect.mqtt.kcql: second\n");
	problems_free(ps);
}

static void
prints_control_characters_as_numbers(void **state)
{
	struct problems *ps = problems_new();

	(void)state;
	problems_add(ps, PROBLEM_ERROR,
	    &(struct config_entry) { .key = "\x1b[2J", .file = "\r" },
	    "\x7f\nerror: forged");
	expect_printed(ps, "\\x0d: error: \\x1b[2J: \\x7f\n    error: forged\n");
	problems_free(ps);
}

static void
gives_each_with_its_key(void **state)
{
	struct problems *ps = problems_new();
	size_t i = 0;

	(void)state;
	problems_add(ps, PROBLEM_ERROR, &(struct config_entry) { .key = "a" }, "x");
	problems_add_at(ps, PROBLEM_WARNING, NULL, 0, "y");
	assert_string_equal(problems_each(ps, &i)->key, "a");
	assert_null(problems_each(ps, &i)->key);
	assert_null(problems_each(ps, &i));
	problems_free(ps);
}

static void
is_bounded(void **state)
{
	struct problems *ps = problems_new();
	struct buf out = { 0 };
	char text[5000];

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text + 1998, "\xc3\xa9", 2); /* the cut halves it */
	text[sizeof(text) - 1] = '\0';
	problems_add(ps, PROBLEM_ERROR, NULL, "%s", text);
	problems_print(ps, &out);
	assert_int_equal(out.n, strlen("error: ") + 1999 + strlen("...\n"));
	assert_true(str_is_utf8(buf_str(&out)));

	for (int i = 0; i < 2000; i++)
		problems_add(ps, PROBLEM_WARNING, NULL, "w");
	problems_add(ps, PROBLEM_ERROR, NULL, "the one that counts");
	buf_reset(&out);
	problems_print(ps, &out);
	assert_non_null(strstr(buf_cstr(&out), "error: the one that counts\n"));
	assert_true(str_ends(buf_str(&out), "\nand 1500 more\n"));
	assert_int_equal(problems_count(ps, PROBLEM_WARNING), 2000);
	buf_fini(&out);
	problems_free(ps);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_in_order_of_file_and_line),
		cmocka_unit_test(leaves_out_a_key_that_the_text_names),
		cmocka_unit_test(tells_the_place_inside_a_file_value),
		cmocka_unit_test(prints_control_characters_as_numbers),
		cmocka_unit_test(gives_each_with_its_key),
		cmocka_unit_test(is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
