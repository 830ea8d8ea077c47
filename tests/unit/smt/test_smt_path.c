/* Field paths of version 2 (KIP-821); steps between bars. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "smt/smt_path.h"

static const struct {
	const char *path, *steps;
} rows[] = {
	{ "foo.bar.baz", "foo|bar|baz" },
	{ "foo", "foo" },
	{ "", "" },
	{ ".", "|" },
	{ "..", "||" },
	{ "a.", "a|" },
	{ ".a", "|a" },
	{ "foo`bar`baz", "foo`bar`baz" },
	{ "foo`.bar", "foo`|bar" },
	{ "`foo.bar`.baz", "foo.bar|baz" },
	{ "`foo.bar`", "foo.bar" },
	{ "``", "" },
	{ "`a`.", "a|" },
	{ "foo.`ba`r.baz`", "foo|ba`r.baz" },
	{ "foo.``bar``.baz", "foo|`bar`|baz" },
	{ "foo.`bar\\`.baz`", "foo|bar`.baz" },
	{ "foo.`bar.`baz`", "foo|bar.`baz" },
	{ "foo.`bar\\`.`baz`", "foo|bar`.`baz" },
	{ "`a\\b`.c", "a\\b|c" },
	{ "`foo.bar.baz", "error 0" },
	{ "foo.`bar", "error 4" },
	{ "foo.bar.`baz\\`", "error 8" },
	{ "`", "error 0" },
	{ "\xc3\xa9.`a", "error 2" },
};

static const char *
parsed(struct arena *mem, const char *text)
{
	struct smt_path path;
	struct err err = { 0 };
	char *out;

	if (smt_path_parse(mem, str_of(text), true, &path, &err) < 0) {
		const char *at = strstr(err.msg, "at position ");
		return arena_printf(
		    mem, "error %.1s", at != NULL ? at + strlen("at position ") : "?");
	}
	out = arena_printf(mem, "%s", "");
	for (size_t i = 0; i < path.n; i++)
		out = arena_printf(
		    mem, "%s%s%.*s", out, i > 0 ? "|" : "", STR_ARG(path.steps[i]));
	return out;
}

static void
finds_the_steps(void **state)
{
	struct arena *mem = arena_new(4096);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *steps = parsed(mem, rows[i].path);
		if (strcmp(steps, rows[i].steps) != 0)
			fail_msg("%s: %s", rows[i].path, steps);
	}
	arena_free(mem);
}

static void
takes_the_whole_text_in_version_1(void **state)
{
	struct arena *mem = arena_new(1024);
	struct smt_path path;
	struct err err;

	(void)state;
	assert_int_equal(smt_path_parse(mem, STR("a.`b"), false, &path, &err), 0);
	assert_int_equal(path.n, 1);
	assert_true(str_eq_c(path.steps[0], "a.`b"));
	arena_free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_steps),
		cmocka_unit_test(takes_the_whole_text_in_version_1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
