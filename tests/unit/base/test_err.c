/* Errors keep what matters when a text is too long. */
#include "base/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"

static void
sets_kind_and_message(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(err_set(&err, ERR_CONFIG, "%s: line %d", "f", 3), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_string_equal(err.msg, "f: line 3");
	/* Its own message as an argument. */
	assert_int_equal(err_set(&err, ERR_FATAL, "task: %s", err.msg), -1);
	assert_string_equal(err.msg, "task: f: line 3");
}

static void
puts_context_in_front(void **state)
{
	struct err err;

	(void)state;
	err_set(&err, ERR_RETRY, "no route");
	assert_int_equal(err_context(&err, "broker %d", 1), -1);
	assert_int_equal(err_context(&err, "%s", err.msg), -1);
	assert_int_equal(err.kind, ERR_RETRY);
	assert_string_equal(err.msg, "broker 1: no route: broker 1: no route");
}

static void
tells_errno(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(err_errno(&err, ERR_RETRY, ENOSPC, "%s: cannot write", "f"), -1);
	assert_int_equal(err.kind, ERR_RETRY);
	assert_string_equal(err.msg, "f: cannot write: No space left on device");
	err_errno(&err, ERR_BUG, 123456, "f");
	assert_non_null(strstr(err.msg, "123456"));
}

/* U+20AC has three bytes, so that three lengths try all places of a cut. */
static void
cuts_between_characters(void **state)
{
	char text[1000] = "";

	(void)state;
	for (int i = 0; i < 300; i++)
		strcat(text, "\xe2\x82\xac");
	for (int shift = 0; shift < 3; shift++) {
		struct err err;

		err_set(&err, ERR_RECORD, "%.*s%s", shift, "aaa", text);
		assert_true(str_is_utf8(str_of(err.msg)));
		assert_in_range(
		    strlen(err.msg), sizeof(err.msg) - 3, sizeof(err.msg) - 1);
		err_context(&err, "%.*s", shift, "aaa");
		assert_true(str_is_utf8(str_of(err.msg)));
		err_context(&err, "%.*s%s", shift, "aaa", text);
		assert_true(str_is_utf8(str_of(err.msg)));
		assert_in_range(
		    strlen(err.msg), sizeof(err.msg) - 3, sizeof(err.msg) - 1);
	}
}

static void
keeps_the_reason_of_errno_behind_a_long_text(void **state)
{
	char path[1000];
	struct err err;

	(void)state;
	memset(path, 'p', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	err_errno(&err, ERR_CONFIG, ENOENT, "%s", path);
	assert_true(str_ends(str_of(err.msg), "ppp: No such file or directory"));
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
}

static void
names_kinds(void **state)
{
	(void)state;
	assert_string_equal(err_kind_name(ERR_NONE), "none");
	assert_string_equal(err_kind_name(ERR_RETRY), "retry");
	assert_string_equal(err_kind_name(ERR_RECORD), "record");
	assert_string_equal(err_kind_name(ERR_CONFIG), "config");
	assert_string_equal(err_kind_name(ERR_FATAL), "fatal");
	assert_string_equal(err_kind_name(ERR_BUG), "bug");
	assert_string_equal(err_kind_name((enum err_kind)99), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_kind_and_message),
		cmocka_unit_test(puts_context_in_front),
		cmocka_unit_test(tells_errno),
		cmocka_unit_test(cuts_between_characters),
		cmocka_unit_test(keeps_the_reason_of_errno_behind_a_long_text),
		cmocka_unit_test(names_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
