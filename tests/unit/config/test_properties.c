/* The .properties door against java.util.Properties (JDK 17, read as UTF-8). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "config/doors.h"

struct row {
	const char *text;
	const char *settings; /* [key|value]...; NULL: Java throws */
};

static const struct row rows[] = {
	{ "a=b", "[a|b]" },
	{ "a:b", "[a|b]" },
	{ "a b", "[a|b]" },
	{ "a\tb", "[a|b]" },
	{ "a\fb", "[a|b]" },
	{ "a = b", "[a|b]" },
	{ "a  :  b", "[a|b]" },
	{ " a=b", "[a|b]" },
	{ "\t\f a=b", "[a|b]" },
	{ "a=b ", "[a|b ]" },
	{ "a=b\t", "[a|b\t]" },
	{ "a==b", "[a|=b]" },
	{ "a:=b", "[a|=b]" },
	{ "a = = b", "[a|= b]" },
	{ "a : : b", "[a|: b]" },
	{ "a=", "[a|]" },
	{ "a:", "[a|]" },
	{ "a", "[a|]" },
	{ "a ", "[a|]" },
	{ "=b", "[|b]" },
	{ ":b", "[|b]" },
	{ "= b", "[|b]" },
	{ "", "" },
	{ "\n\n", "" },
	{ "# c", "" },
	{ "! c", "" },
	{ "  # c\na=1", "[a|1]" },
	{ "#c\\\na=1", "[a|1]" },
	{ "a=1 # no comment", "[a|1 # no comment]" },
	{ "a#b=1", "[a#b|1]" },
	{ "a!b=1", "[a!b|1]" },
	{ "a=b\nc=d", "[a|b][c|d]" },
	{ "a=b\rc=d", "[a|b][c|d]" },
	{ "a=b\r\nc=d", "[a|b][c|d]" },
	{ "a=1\na=2", "[a|2]" },
	{ "a=b\\\nc", "[a|bc]" },
	{ "a=b\\\n   c", "[a|bc]" },
	{ "a=b\\\r\n\tc", "[a|bc]" },
	{ "a=b\\\r  c", "[a|bc]" },
	{ "a=b\\\\\nc", "[a|b\\][c|]" },
	{ "a=b\\\\\\\nc", "[a|b\\c]" },
	{ "a=b\\\n# c", "[a|b# c]" },
	{ "a=b\\\n\nc=d", "[a|b][c|d]" },
	{ "a\\\n=b", "[a|b]" },
	{ "a\\\nb=c", "[ab|c]" },
	{ "\\\n# c\na=1", "[a|1]" },
	{ "\\\n\\\na=1", "[a|1]" },
	{ "\\\n  \n a=1", "[a|1]" },
	{ "a=b\\", "[a|b]" },
	{ "a=b\\\n", "[a|b]" },
	{ "\\", "[|]" },
	{ "\\\n", "[|]" },
	{ "\\\r", "[|]" },
	{ "\\\r\n", "" },
	{ "\\\n  ", "" },
	{ "a=b\\\n  ", "[a|b]" },
	{ "a\\ b=c", "[a b|c]" },
	{ "a\\=b=c", "[a=b|c]" },
	{ "a\\:b=c", "[a:b|c]" },
	{ "\\#a=b", "[#a|b]" },
	{ "\\!a=b", "[!a|b]" },
	{ "a=\\ b", "[a| b]" },
	{ "a= \\ b", "[a| b]" },
	{ "a=\\tb\\nc\\rd\\fe", "[a|\tb\nc\rd\fe]" },
	{ "a=\\q\\z\\0\\\"\\'", "[a|qz0\"']" },
	{ "a=\\\\", "[a|\\]" },
	{ "a=\\\\n", "[a|\\n]" },
	{ "\\a=b", "[a|b]" },
	{ "a=c\\:d\\=e", "[a|c:d=e]" },
	{ "a=\\u0041", "[a|A]" },
	{ "a=\\u00e9\\u00E9", "[a|éé]" },
	{ "a=\\u20ac", "[a|€]" },
	{ "a=\\uD83D\\uDE00", "[a|😀]" },
	{ "\\u0061=b", "[a|b]" },
	{ "a=\\u003d", "[a|=]" },
	{ "a\\u003db=c", "[a=b|c]" },
	{ "a\\u0020b=c", "[a b|c]" },
	{ "a=\\u000ab", "[a|\nb]" },
	{ "a=\\uu0041", NULL },
	{ "a=\\u00", NULL },
	{ "a=\\u00g1", NULL },
	{ "a=\\U0041", "[a|U0041]" },
	{ "a=\\\\u0041", "[a|\\u0041]" },
	{ "a=é€😀", "[a|é€😀]" },
	{ "é=1", "[é|1]" },
	{ "a=x\vy", "[a|x\vy]" },
	{ "a=b=c:d e", "[a|b=c:d e]" },
	{ "connect.mqtt.hosts = tcp\\://h\\:1883", "[connect.mqtt.hosts|tcp://h:1883]" },
	{ "path=c:\\temp\\new", "[path|c:\temp\new]" },
	{ "a=\n=b", "[a|][|b]" },
	{ "key with spaces", "[key|with spaces]" },
};

static struct config *config;
static struct problems *problems;
static struct buf out;

static void
parse(struct str text)
{
	config_free(config);
	problems_free(problems);
	config = config_new();
	problems = problems_new();
	properties_parse(text, "f", config, problems);
}

static const char *
settings(void)
{
	const struct config_entry *e;

	buf_reset(&out);
	for (size_t i = 0; (e = config_each(config, &i)) != NULL;)
		buf_printf(&out, "[%s|%s]", e->key, e->value);
	return buf_cstr(&out);
}

static const char *
printed(void)
{
	buf_reset(&out);
	problems_print(problems, &out);
	return buf_cstr(&out);
}

static void
reads_as_java_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		parse(str_of(rows[i].text));
		size_t errors = problems_count(problems, PROBLEM_ERROR);
		if ((rows[i].settings == NULL) != (errors > 0))
			fail_msg("row %zu, \"%s\": %s", i, rows[i].text, printed());
		if (rows[i].settings != NULL && strcmp(settings(), rows[i].settings) != 0)
			fail_msg("row %zu, \"%s\": %s", i, rows[i].text, settings());
	}
}

static void
knows_the_line_of_each_setting(void **state)
{
	(void)state;
	parse(STR("# first\n\na=1\\\n  2\r\nb=3\rc=4\n\\\n# x\n\nd=5"));
	assert_int_equal(config_find(config, "a")->line, 3);
	assert_int_equal(config_find(config, "b")->line, 5);
	assert_int_equal(config_find(config, "c")->line, 6);
	assert_int_equal(config_find(config, "d")->line, 10);
	assert_string_equal(config_find(config, "d")->file, "f");
	assert_string_equal(printed(), "");
}

/* What the door says beyond Java, and what it refuses that Java takes. */
static void
reports_all_faults_with_their_lines(void **state)
{
	static const struct {
		struct str text;
		const char *want;
	} faults[] = {
		{ STR("a=\\u12\nb=2\nc=\\uzzzz"),
		    "f:1: error: Malformed \\uxxxx encoding: four hexadecimal digits "
		    "must "
		    "follow\n"
		    "f:3: error: Malformed \\uxxxx encoding: four hexadecimal digits "
		    "must "
		    "follow\n" },
		{ STR("a=\\uD83Dx"),
		    "f:1: error: \\uD800 to \\uDFFF are characters only in "
		    "pairs, high one first\n" },
		{ STR("a=\\uDE00\\uD83D"), "f:1: error: \\uD800 to \\uDFFF are "
					   "characters only in pairs, high one "
					   "first\n" },
		{ STR("a=\\uD83D\\n"),
		    "f:1: error: \\uD800 to \\uDFFF are characters only "
		    "in pairs, high one first\n" },
		{ STR("a=\\u0000"), "f:1: error: \\u0000 cannot be part of a setting\n" },
		{ STR("a=b\0c"), "f:1: error: the line holds a zero byte\n" },
		{ STR("\0a=b"), "f:1: error: the line holds a zero byte\n" },
		{ STR("# caf\xe9\na=caf\xe9"),
		    "f:2: error: the line is not UTF-8; convert the file (iconv -f "
		    "latin1 "
		    "-t utf8), or write \\u00e9 for \xc3\xa9\n" },
		{ STR("a=1\nb=2\na=3"),
		    "f:3: warning: a: is set in line 1 already; this line wins\n" },
		{ STR("\xef\xbb\xbf"
		      "a=1"),
		    "f:1: warning: the file begins with a byte order mark; Java would "
		    "take "
		    "it for a part of the first name\n" },
		{ STR("=1"),
		    "f:1: warning: the line has no name in front of its value\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		parse(faults[i].text);
		if (strcmp(printed(), faults[i].want) != 0)
			fail_msg("%s: %s", faults[i].text.p, printed());
	}
}

static void
keeps_what_is_right_beside_faults(void **state)
{
	(void)state;
	parse(STR("\xef\xbb\xbf"
		  "a=1\nb=\\u1\nc=3"));
	assert_string_equal(settings(), "[a|1][c|3]");
}

static void
never_prints_a_value(void **state)
{
	(void)state;
	parse(STR("connect.mqtt.password=geheim\\u1\nx=geheim\xff\nx=geheim\nx=geheim"));
	assert_null(strstr(printed(), "geheim"));
}

static void
bounds_names_values_and_number_of_settings(void **state)
{
	struct buf text = { 0 };

	(void)state;
	for (int i = 0; i < 255; i++)
		buf_add_byte(&text, 'k');
	buf_add_c(&text, "=1\n");
	parse(buf_str(&text));
	assert_string_equal(printed(), "");
	buf_reset(&text);
	for (int i = 0; i < 256; i++)
		buf_add_byte(&text, 'k');
	parse(buf_str(&text));
	assert_string_equal(printed(), "f:1: error: the name is longer than 255 bytes\n");

	buf_reset(&text);
	buf_add_c(&text, "a=");
	for (size_t i = 0; i < CONFIG_VALUE_MAX; i++)
		buf_add_byte(&text, 'v');
	parse(buf_str(&text));
	assert_string_equal(printed(), "");
	buf_add_c(&text, "v");
	parse(buf_str(&text));
	assert_string_equal(printed(), "f:1: error: the value is longer than 1 MiB\n");

	buf_reset(&text);
	for (int i = 1; i <= 10001; i++)
		buf_printf(&text, "k%d\n", i);
	parse(buf_str(&text));
	assert_int_equal(config_count(config), 10000);
	assert_string_equal(printed(), "f:10001: error: more than 10,000 settings\n");
	buf_fini(&text);
}

static void
loads_a_file_or_says_why_not(void **state)
{
	char path[] = "/tmp/headrace-properties-XXXXXX";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "a=1\n", 4), 4);
	close(fd);
	parse(STR(""));
	assert_int_equal(properties_load(path, config, problems), 0);
	assert_string_equal(settings(), "[a|1]");
	assert_string_equal(config_place(config)->file, path);
	unlink(path);
	assert_int_equal(properties_load(path, config, problems), -1);
	assert_non_null(strstr(printed(), path));
	assert_non_null(strstr(printed(), "No such file"));
}

static int
clean_up(void **state)
{
	(void)state;
	config_free(config);
	problems_free(problems);
	buf_fini(&out);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_as_java_does),
		cmocka_unit_test(knows_the_line_of_each_setting),
		cmocka_unit_test(reports_all_faults_with_their_lines),
		cmocka_unit_test(keeps_what_is_right_beside_faults),
		cmocka_unit_test(never_prints_a_value),
		cmocka_unit_test(bounds_names_values_and_number_of_settings),
		cmocka_unit_test(loads_a_file_or_says_why_not),
	};

	return cmocka_run_group_tests(tests, NULL, clean_up);
}
