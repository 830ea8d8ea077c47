/* Ill-formed texts as Java's decoders cut them (JDK 17). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "data/charset.h"

#define BAD "\xef\xbf\xbd"

static const struct {
	const char *charset;
	struct str bytes;
	const char *text;
} rows[] = {
	{ "UTF-16BE", { "\0a\xd8\x3d\xde\0", 6 }, "a\xf0\x9f\x98\x80" },
	{ "UTF-16LE", { "\x4d\xd8\x6e\x60\x18\x05", 6 }, BAD "\xd4\x98" },
	{ "UTF-16BE", { "\xd8\x4d\xd8\x4d\xdc\0", 6 }, BAD BAD },
	{ "UTF-16BE", { "\xdc\0\0a", 4 }, BAD "a" },
	{ "UTF-16BE", { "\0a\xd8\x4d", 4 }, "a" BAD },
	{ "UTF-16BE", { "\0a\xd8\x4d\0", 5 }, "a" BAD },
	{ "UTF-16BE", { "\0a\0", 3 }, "a" BAD },
	{ "UTF-16", { "\xff\xfe\x61\0", 4 }, "a" },
	{ "UTF-8", { "a\xc3", 2 }, "a" BAD },
	{ "UTF-8", { "\xed\xa0\x80", 3 }, BAD },
	{ "US-ASCII", { "\x80z", 2 }, BAD "z" },
	{ "latin1", { "\xe9", 1 }, "\xc3\xa9" },
};

static void
decodes_as_java(void **state)
{
	struct arena *mem = arena_new(1024);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		enum charset charset;

		assert_true(charset_find(str_of(rows[i].charset), &charset));
		struct str text = charset_decode(mem, charset, rows[i].bytes);
		if (!str_eq_c(text, rows[i].text))
			fail_msg("row %zu: %.*s", i, STR_ARG(text));
	}
	arena_free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(decodes_as_java) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
