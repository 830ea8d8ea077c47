/* Java's regular expressions: what passes, what is translated, what is refused.  The
 * expectations are those of java.util.regex (JDK 17). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/regex.h"
#include "base/regex_translate.h"

#define X30 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct match_row {
	const char *pattern, *text;
	int matches;
} match_rows[] = {
	{ "", "", 1 },
	{ "", "a", 0 },
	{ "abc", "abc", 1 },
	{ "abc", "abcd", 0 },
	{ "a|ab", "ab", 1 }, /* the whole text, whatever comes first */
	{ "sensors/[^/]+/t", "sensors/7/t", 1 },
	{ "\\Qa.b\\E+", "a.bbb", 1 },
	{ "\\Qa.b\\E", "axb", 0 },
	{ "a\\Q\\E+", "aaa", 1 },
	{ "\\Q[a", "[a", 1 },
	{ "[\\Q^]\\E]", "]", 1 },
	{ "[]a]", "]", 1 },
	{ "[^]a]", "]", 0 },
	{ "[a-]+", "a-", 1 },
	{ "[-a]+", "-a", 1 },
	{ "[\\w-z]+", "-az", 1 },
	{ "[a-c-e]+", "-e", 1 },
	{ "[a-c-e]+", "d", 0 },
	{ "[+--]+", ",", 1 },
	{ "[&a]+", "a&", 1 },
	{ "[\\[\\]]+", "[]", 1 },
	{ "[\\x41\\u0042\\0103]+", "ABC", 1 },
	{ "}]", "}]", 1 },
	/* octal, hexadecimal, Unicode, control */
	{ "\\0101", "A", 1 },
	{ "\\012", "\n", 1 },
	{ "\\0778",
	    "\x3f"
	    "8",
	    1 },
	{ "\\0477",
	    "\x27"
	    "7",
	    1 },
	{ "\\x4a", "J", 1 },
	{ "\\x{1F600}", "\xf0\x9f\x98\x80", 1 },
	{ "\\u00e9", "\xc3\xa9", 1 },
	{ "\\uD83D\\uDE00", "\xf0\x9f\x98\x80", 1 },
	{ "\\ca", "!", 1 }, /* Java does not look at the letter's case */
	{ "\\cA", "\x01", 1 },
	{ "\\a\\e\\f\\n\\r\\t", "\a\x1b\f\n\r\t", 1 },
	{ "\\-\\_\\ \\/", "-_ /", 1 },
	/* back references */
	{ "(a)\\1", "aa", 1 },
	{ "(a)\\11", "aa1", 1 },
	{ "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\\10", "abcdefghijj", 1 },
	{ "(a)(b)\\21", "abb1", 1 },
	{ "(?<x1>a)\\k<x1>", "aa", 1 },
	{ "(?<x1>a)(b)\\2", "abb", 1 },
	{ "(?:(a)|b)\\1", "b", 0 },
	/* classes */
	{ "\\p{Alpha}+", "aZ", 1 },
	{ "\\p{Alpha}", "\xc3\xa9", 0 },
	{ "\\P{Alpha}", "\xc3\xa9", 1 },
	{ "[^\\p{Alpha}]", "\xc3\xa9", 1 },
	{ "[\\P{Alpha}a]+", "a\xc3\xa9", 1 },
	{ "[\\P{Alpha}a]+", "b", 0 },
	{ "\\p{Punct}+", "!/:@[`{~", 1 },
	{ "\\p{Lower}\\p{Upper}\\p{Digit}\\p{Alnum}\\p{XDigit}\\p{Space}\\p{Blank}",
	    "aA0zF\n\t", 1 },
	{ "\\p{Cntrl}\\p{Graph}\\p{Print}\\p{ASCII}", "\x7f! a", 1 },
	{ "\\pL\\p{L}\\p{IsL}\\p{Lu}\\p{gc=Lu}\\p{general_category=Nd}",
	    "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\x89\xc3\x89"
	    "1",
	    1 },
	{ "\\p{IsLatin}\\p{sc=Latin}\\p{script=GREEK}", "\xc3\xa9\xc3\xa9\xce\xb1", 1 },
	{ "\\w", "\xc3\xa9", 0 },
	{ "\\d", "\xd9\xa1", 0 },
	{ "\\s", "\xc2\xa0", 0 },
	{ "\\h\\v\\R\\X", "\xc2\xa0\n\r\n\x65\xcc\x81", 1 },
	{ ".", "\n", 0 },
	{ ".", "\xe2\x80\xa8", 0 },
	{ "(?s).", "\n", 1 },
	/* flags */
	{ "(?i)ABC", "abc", 1 },
	{ "a(?i:B)c", "abc", 1 },
	{ "a(?i:B)c", "abC", 0 },
	{ "(?i)a(?-i)b", "AB", 0 },
	{ "(?x) a b # c\n d", "abd", 1 },
	{ "(?x)a\\ b", "a b", 1 },
	{ "(?x:a b)c d", "abc d", 1 },
	{ "(?x)a +", "aaa", 1 },
	{ "(?x)a + +", "aaa", 1 },
	{ "(?x)\\Q \\E", " ", 1 },
	{ "((?x)a b) c", "ab c", 1 },
	{ "(?x)( ?: a )", "a", 1 },
	{ "(?i-s)(?)(?-)a", "A", 1 },
	/* groups, repetitions, look-around */
	{ "(?>a+)b", "aab", 1 },
	{ "(?>a+)ab", "aab", 0 },
	{ "a++a", "aa", 0 },
	{ "a*?b", "aab", 1 },
	{ "a{2}", "aa", 1 },
	{ "a{2,}", "aaaa", 1 },
	{ "a{2,3}+a", "aaa", 0 },
	{ "a(?=b)b", "ab", 1 },
	{ "a(?!b).", "ac", 1 },
	{ ".(?<=a|bc)c", "ac", 1 },
	{ ".(?<!a)c", "ac", 0 },
	{ "^*a$*\\b*", "a", 1 },
	{ "\\Aa\\z", "a", 1 },
	{ "a\\Z\n", "a\n", 1 },
	{ "\\Ba\\b", "a", 0 },
	{ "\\Ga", "a", 1 },
	{ "()|(|a)", "a", 1 },
	{ "\xc3\xa9+", "\xc3\xa9\xc3\xa9", 1 },
};

static void
matches_as_java(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(match_rows); i++) {
		const struct match_row *row = &match_rows[i];
		struct err err = { 0 };
		struct regex *re = regex_new(str_of(row->pattern), REGEX_WHOLE, &err);
		if (re == NULL)
			fail_msg("%s: %s", row->pattern, err.msg);
		int rc = regex_matches(re, str_of(row->text), &err);
		if (rc != row->matches)
			fail_msg("%s on %s: %d %s", row->pattern, row->text, rc, err.msg);
		regex_free(re);
	}
}

static const struct refuse_row {
	const char *pattern, *message; /* its beginning */
} refuse_rows[] = {
	{ "[", "Unclosed character class at index 0" },
	{ "a[b", "Unclosed character class at index 1" },
	{ "\xc3\xa9[b", "Unclosed character class at index 1" },
	{ "(", "Unclosed group at index 1" },
	{ "a)", "Unmatched closing ')' at index 1" },
	{ "*", "Dangling meta character '*' at index 0" },
	{ "a|+", "Dangling meta character '+' at index 2" },
	{ "(?i)*", "Dangling meta character '*' at index 4" },
	{ "(*ACCEPT)", "Dangling meta character '*' at index 1" },
	{ "{", "Dangling meta character '{' at index 0" },
	{ "a{", "Illegal repetition at index 1" },
	{ "a{x}", "Illegal repetition at index 1" },
	{ "x{,3}", "Illegal repetition at index 1" },
	{ "x{3,2}", "Illegal repetition range at index 1" },
	{ "x{2", "Unclosed counted closure at index 1" },
	{ "x{65536}", "A repetition of more than 65,535 at index 1" },
	{ "a{2}{3}", "A repetition of a repetition at index 4 is not supported" },
	{ "a**", "A repetition of a repetition at index 2 is not supported" },
	{ "[a[b]]", "'[' inside of a character class (a union) at index 2 is not "
		    "supported: for the character write \\[" },
	{ "[[:alpha:]]", "'[' inside of a character class (a union) at index 1" },
	{ "[[]", "'[' inside of a character class (a union) at index 1" },
	{ "[a-z&&[^b]]",
	    "'&&' inside of a character class (an intersection) at index 4" },
	{ "[z-a]", "Illegal character range at index 3" },
	{ "[a-\\d]", "Illegal character range at index 3" },
	{ "[\\b]", "\\b at index 1 is not supported in a class" },
	{ "[\\1]", "\\1 at index 1 is not supported in a class" },
	{ "[\\v-z]", "\\v in front of '-' in a class at index 1" },
	{ "(?x)[a b]", "A blank or '#' inside of a character class under (?x)" },
	{ "(?x)#\\Q\n", "\\Q in a comment of (?x) at index 4 is not supported" },
	{ "(?U)a", "The flag U at index 2 is not supported" },
	{ "(?id)a", "The flag d at index 3 is not supported" },
	{ "(?u:a)", "The flag u at index 2 is not supported" },
	{ "(?c)", "The flag c at index 2 is not supported" },
	{ "(?P<n>a)", "Unknown group or inline modifier at index 0" },
	{ "(?'n'a)", "Unknown group or inline modifier at index 0" },
	{ "(?#a)", "Unknown group or inline modifier at index 0" },
	{ "(?|a)", "Unknown group or inline modifier at index 0" },
	{ "(?R)", "Unknown group or inline modifier at index 0" },
	{ "(?1)", "Unknown group or inline modifier at index 0" },
	{ "(?(1)a)", "Unknown group or inline modifier at index 0" },
	{ "(?^i)", "Unknown group or inline modifier at index 0" },
	{ "(?i", "Unknown group or inline modifier at index 0" },
	{ "(?<na_me>a)", "A capturing group name without '>'" },
	{ "(?<1a>a)", "A capturing group name that does not start" },
	{ "(?<a>.)(?<a>.)", "A capturing group name that is already defined" },
	{ "\\k<a>(?<a>.)", "A reference to a named group that does not exist" },
	{ "\\k{a}", "\\k that is not followed by '<'" },
	{ "(a)\\2", "A reference to a group that does not stand before it at index 3" },
	{ "\\K", "\\K at index 0 is not supported" },
	{ "\\g1", "\\g at index 0 is not supported" },
	{ "\\o{7}", "\\o at index 0 is not supported" },
	{ "\\N", "\\N at index 0 is not supported" },
	{ "\\C", "\\C at index 0 is not supported" },
	{ "\\E", "\\E at index 0 is not supported" },
	{ "\\b{g}", "\\b{g} at index 0 is not supported" },
	{ "\\x4", "Illegal hexadecimal escape sequence at index 0" },
	{ "\\x{}", "Illegal hexadecimal escape sequence at index 0" },
	{ "\\x{110000}", "Hexadecimal codepoint is too big at index 0" },
	{ "\\x{41", "Unclosed hexadecimal escape sequence at index 0" },
	{ "\\u41", "Illegal Unicode escape sequence at index 0" },
	{ "\\uD83D", "A lone surrogate at index 0 is not supported" },
	{ "\\08", "Illegal octal escape sequence at index 0" },
	{ "\\c", "Illegal control escape sequence at index 0" },
	{ "a\\", "A backslash at the end at index 1" },
	{ "\\p{Latin}", "The character property {Latin} at index 0 is not supported" },
	{ "\\p{scx=Latin}", "The character property {scx} at index 0" },
	{ "\\p{blk=Greek}", "The character property {blk} at index 0" },
	{ "\\p{InGreek}", "The character property {InGreek} at index 0" },
	{ "\\p{javaLowerCase}", "The character property {javaLowerCase} at index 0" },
	{ "\\p{alpha}", "The character property {alpha} at index 0" },
	{ "\\p{L", "Unclosed character family at index 0" },
	{ "\\p{}", "Empty character family at index 0" },
	{ "a\\p{IsAlphabetic}", "unknown property" },
	{ "ab(?<=a{1,3})", "A look-behind without a fixed length at index 2" },
	{ "(?<=a*)", "A look-behind without a fixed length at index 0" },
};

static void
refuses_by_name_and_index(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refuse_rows); i++) {
		const struct refuse_row *row = &refuse_rows[i];
		struct err err = { 0 };
		struct regex *re = regex_new(str_of(row->pattern), REGEX_WHOLE, &err);
		if (re != NULL)
			fail_msg("%s was taken", row->pattern);
		if (err.kind != ERR_CONFIG || strstr(err.msg, row->message) != err.msg)
			fail_msg("%s: %s", row->pattern, err.msg);
	}
}

static const struct replace_row {
	const char *pattern, *text, *replacement, *result; /* or "error: " + message */
} replace_rows[] = {
	{ "fo+?", "fooo", "X", "Xoo" }, { "(.*?)", "ab", "<$1>", "<>ab" },
	{ "a||ab", "ab", "Z", "Zb" }, { "x", "ab", "Z", "ab" }, { "b", "abc", "", "ac" },
	{ "(a)(b)", "ab", "$21", "b1" }, { "(a)(b)", "ab", "$0-$1", "ab-a" },
	{ "(a)|(b)", "a", "[$2]", "[]" }, { "(?<n>a)", "a", "${n}x", "ax" },
	{ "a", "a", "\\$1\\\\", "$1\\" },
	{ "(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)", "abcdefghijk", "$11$10", "kj" },
	{ "a",
	    "\xc3\xa9"
	    "a",
	    "\xc3\xa9", "\xc3\xa9\xc3\xa9" },
	{ "a", "a", "$1", "error: No group 1" },
	{ "a", "a", "$", "error: Bad replacement '$': behind '$' there is no group" },
	{ "a", "a", "$x", "error: Bad replacement '$x': '$' is not followed by" },
	{ "a", "a", "x\\", "error: Bad replacement 'x\\': behind '\\' there is" },
	{ "a", "a", "${x}", "error: No group with name {x}" },
	{ "a", "a", "${x", "error: Bad replacement '${x': a named capturing group" },
	{ "a", "b", "$1", "b" }, /* no match, no fault */
};

static void
replaces_as_java(void **state)
{
	struct arena *mem = arena_new(1024);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(replace_rows); i++) {
		const struct replace_row *row = &replace_rows[i];
		struct err err = { 0 };
		struct str out;
		struct regex *re = regex_new(
		    str_of(row->pattern), REGEX_WHOLE | REGEX_FIND, &err);
		assert_non_null(re);
		int rc = regex_replace_first(
		    re, mem, str_of(row->text), str_of(row->replacement), &out, &err);
		const char *got = rc < 0 ? arena_printf(mem, "error: %s", err.msg)
		                         : arena_str(mem, out).p;
		if (rc < 0 ? strstr(got, row->result) != got
			   : strcmp(got, row->result) != 0)
			fail_msg("%s, %s, %s: %s", row->pattern, row->text,
			    row->replacement, got);
		rc = regex_replacement_check(re, str_of(row->replacement), &err);
		if (strchr(row->pattern, 'x') == NULL && row->text[0] != 'b')
			assert_int_equal(
			    rc, strncmp(row->result, "error", 5) == 0 ? -1 : 0);
		regex_free(re);
	}
	arena_free(mem);
}

static void
gives_up_on_catastrophic_patterns(void **state)
{
	struct err err = { 0 };
	struct regex *re = regex_new(STR("(x+x+)+[yz]"), REGEX_WHOLE, &err);

	(void)state;
	assert_non_null(re);
	assert_int_equal(regex_matches(re, STR(X30 X30), &err), -1);
	assert_int_equal(err.kind, ERR_RECORD);
	assert_non_null(strstr(err.msg, "needs too many steps on a text of 60 bytes"));
	assert_int_equal(regex_matches(re, STR("\xff"), &err), -1);
	assert_non_null(strstr(err.msg, "not UTF-8"));
	assert_int_equal(regex_matches(re, STR("xxy"), &err), 1);
	regex_free(re);
}

static void
refuses_too_long_or_deep_ones(void **state)
{
	char pattern[REGEX_MAX_PATTERN + 2];
	struct err err = { 0 };

	(void)state;
	memset(pattern, 'a', sizeof(pattern));
	assert_null(regex_new(
	    (struct str) { pattern, REGEX_MAX_PATTERN + 1 }, REGEX_WHOLE, &err));
	assert_string_equal(err.msg, "The pattern is longer than 4096 bytes");
	memset(pattern, '(', sizeof(pattern));
	assert_null(
	    regex_new((struct str) { pattern, REGEX_MAX_PATTERN }, REGEX_WHOLE, &err));
	assert_string_equal(err.msg, "Groups are nested too deeply at index 250");
	assert_null(regex_new(STR("\xc3("), REGEX_WHOLE, &err));
	assert_string_equal(err.msg, "The pattern is not UTF-8");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_as_java),
		cmocka_unit_test(refuses_by_name_and_index),
		cmocka_unit_test(replaces_as_java),
		cmocka_unit_test(gives_up_on_catastrophic_patterns),
		cmocka_unit_test(refuses_too_long_or_deep_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
