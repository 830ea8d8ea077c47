/* Views of bytes. */
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static void
compares_bytes(void **state)
{
	(void)state;
	assert_true(str_eq(str_of(NULL), STR("")));
	assert_true(str_eq(STR("a\0b"), STR("a\0b")));
	assert_false(str_eq(STR("a\0b"), STR("a\0c")));
	assert_false(str_eq(STR("a"), STR("ab")));
	assert_true(str_eq_c(STR("ab"), "ab"));
	assert_false(str_eq_c(STR("ab"), "a"));
	assert_false(str_eq_c(STR("ab\0"), "ab"));
	assert_true(str_ieq_c(STR("aZ-[@"), "Az-[@"));
	assert_false(str_ieq_c(STR("["), "{")); /* one bit apart, like letters */
	assert_false(str_ieq_c(STR("a"), "ab"));
	assert_false(str_ieq_c(STR("\xc4"), "\xe4"));
}

static void
knows_begin_and_end(void **state)
{
	(void)state;
	assert_true(str_starts(STR("abc"), "ab"));
	assert_true(str_starts(STR("abc"), "abc"));
	assert_true(str_starts(str_of(NULL), ""));
	assert_false(str_starts(STR("abc"), "abcd"));
	assert_false(str_starts(STR("abc"), "b"));
	assert_true(str_ends(STR("abc"), "bc"));
	assert_true(str_ends(STR("abc"), ""));
	assert_true(str_ends(str_of(NULL), ""));
	assert_false(str_ends(STR("abc"), "xabc"));
	assert_false(str_ends(STR("abc"), "b"));
}

static void
trims_both_ends(void **state)
{
	(void)state;
	assert_true(str_eq_c(str_trim(STR(" \t\r\n a b \n")), "a b"));
	assert_int_equal(str_trim(STR(" \t\r\n")).n, 0);
	assert_int_equal(str_trim(str_of(NULL)).n, 0);
	assert_true(str_eq_c(str_trim(STR("\v x")), "\v x"));
}

static void
cuts_pieces(void **state)
{
	static const struct {
		const char *text, *pieces; /* each in brackets */
	} rows[] = {
		{ "", "" },
		{ "a", "[a]" },
		{ "a,,b", "[a][][b]" },
		{ ",a", "[][a]" },
		{ "a,", "[a]" },
		{ ",", "[]" },
		{ ",,", "[][]" },
		{ "a b,c", "[a b][c]" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str rest = str_of(rows[i].text), piece;
		char got[64] = "";

		while (str_next(&rest, ',', &piece))
			sprintf(got + strlen(got), "[%.*s]", STR_ARG(piece));
		if (strcmp(got, rows[i].pieces) != 0)
			fail_msg("\"%s\": %s", rows[i].text, got);
	}
}

static void
reads_numbers_as_java_does(void **state)
{
	static const struct {
		const char *text;
		int64_t min, max;
		bool good;
		int64_t value;
	} rows[] = {
		{ "0", INT64_MIN, INT64_MAX, true, 0 },
		{ "-0", INT64_MIN, INT64_MAX, true, 0 },
		{ "+7", INT64_MIN, INT64_MAX, true, 7 },
		{ "007", INT64_MIN, INT64_MAX, true, 7 },
		{ "-12", INT64_MIN, INT64_MAX, true, -12 },
		{ "9223372036854775807", INT64_MIN, INT64_MAX, true, INT64_MAX },
		{ "-9223372036854775808", INT64_MIN, INT64_MAX, true, INT64_MIN },
		{ "9223372036854775808", INT64_MIN, INT64_MAX, false, 0 },
		{ "-9223372036854775809", INT64_MIN, INT64_MAX, false, 0 },
		{ "99999999999999999999", INT64_MIN, INT64_MAX, false, 0 },
		{ "5", 1, 5, true, 5 },
		{ "6", 1, 5, false, 0 },
		{ "0", 1, 5, false, 0 },
		{ "-1", 0, 5, false, 0 },
		{ "", INT64_MIN, INT64_MAX, false, 0 },
		{ "-", INT64_MIN, INT64_MAX, false, 0 },
		{ "+", INT64_MIN, INT64_MAX, false, 0 },
		{ "--1", INT64_MIN, INT64_MAX, false, 0 },
		{ " 1", INT64_MIN, INT64_MAX, false, 0 },
		{ "1 ", INT64_MIN, INT64_MAX, false, 0 },
		{ "1.0", INT64_MIN, INT64_MAX, false, 0 },
		{ "0x10", INT64_MIN, INT64_MAX, false, 0 },
		{ "1e3", INT64_MIN, INT64_MAX, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t value = 4711;
		bool good = str_to_i64(
		    str_of(rows[i].text), rows[i].min, rows[i].max, &value);

		if (good != rows[i].good || value != (good ? rows[i].value : 4711))
			fail_msg(
			    "\"%s\": %d, %lld", rows[i].text, good, (long long)value);
	}
	assert_false(str_to_i64(str_of(NULL), 0, 1, &(int64_t) { 0 }));
	assert_false(str_to_i64(STR("1\0"), 0, 1, &(int64_t) { 0 }));
}

/* The encoding of a code point in the form for len bytes, overlong ones too. */
static struct str
encode(unsigned c, size_t len, char out[4])
{
	static const unsigned char leads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	if (len == 1) {
		out[0] = (char)c;
		return (struct str) { out, 1 };
	}
	for (size_t i = len - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(leads[len] | c);
	return (struct str) { out, len };
}

static void
tells_utf8_for_all_code_points(void **state)
{
	static const unsigned first[] = { 0, 0, 0x80, 0x800, 0x10000 };
	static const unsigned end[] = { 0, 0x80, 0x800, 0x10000, 0x200000 };

	(void)state;
	for (size_t len = 1; len <= 4; len++) {
		for (unsigned c = 0; c < end[len]; c++) {
			bool good = c >= first[len] && c < 0x110000 &&
			            (c < 0xd800 || c > 0xdfff);
			char room[4];
			struct str s = encode(c, len, room);

			if (str_is_utf8(s) != good || str_utf8_len(s) != (good ? len : 0))
				fail_msg("code point %x in %zu bytes: expected %d", c,
				    len, good);
			if (len > 1 && str_is_utf8((struct str) { s.p, len - 1 }))
				fail_msg("code point %x, cut: taken", c);
		}
	}
}

/* Behind and before ASCII of any length, where the fast way and the slow one meet. */
static void
tells_utf8_at_any_place(void **state)
{
	static const struct {
		const char *bytes;
		bool good;
	} rows[] = {
		{ "\xc3\xa4", true },
		{ "\xe2\x82\xac", true },
		{ "\xf0\x9f\x98\x80", true },
		{ "\x80", false },
		{ "\xc3", false },
		{ "\xe2\x82", false },
		{ "\xff", false },
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (size_t before = 0; before < 20; before++) {
			for (size_t after = 0; after < 20; after++) {
				int n = sprintf(text, "%.*s%s%.*s", (int)before,
				    "aaaaaaaaaaaaaaaaaaaa", rows[i].bytes, (int)after,
				    "aaaaaaaaaaaaaaaaaaaa");

				if (str_is_utf8((struct str) { text, (size_t)n }) !=
				    rows[i].good)
					fail_msg("row %zu, %zu before, %zu after", i,
					    before, after);
			}
		}
	}
	assert_true(str_is_utf8(str_of(NULL)));
	assert_true(str_is_utf8(STR("a\0b")));
	assert_int_equal(str_utf8_len(str_of("")), 0);
}

/* Reference values need the key; what can be told without it: equal texts have equal
 * hashes wherever they lie, and each bit of text and length counts. */
static void
hashes_every_byte_and_the_length(void **state)
{
	char text[40], copy[48];

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++) {
		memset(text, 0, sizeof(text));
		uint64_t hash = str_hash((struct str) { text, n });

		for (size_t shift = 0; shift < 8; shift++) {
			memset(copy, 0xff, sizeof(copy));
			memcpy(copy + shift, text, n);
			assert_true(str_hash((struct str) { copy + shift, n }) == hash);
		}
		assert_true(str_hash((struct str) { text, n + 1 }) != hash);
		for (size_t bit = 0; bit < 8 * n; bit++) {
			text[bit / 8] = (char)(text[bit / 8] ^ (1 << bit % 8));
			if (str_hash((struct str) { text, n }) == hash)
				fail_msg("%zu bytes, bit %zu does not count", n, bit);
			text[bit / 8] = 0;
		}
	}
}

static void
spreads_hashes_over_low_and_high_bits(void **state)
{
	enum { TEXTS = 64 * 1024, SLOTS = 1024 };
	static unsigned low[SLOTS], high[SLOTS];
	char text[32];

	(void)state;
	for (unsigned i = 0; i < TEXTS; i++) {
		int n = sprintf(text, "plant/line/%u", i);
		uint64_t hash = str_hash((struct str) { text, (size_t)n });

		low[hash % SLOTS]++;
		high[hash >> 54]++;
	}
	/* 64 are expected; 8 is the standard deviation. */
	for (size_t i = 0; i < SLOTS; i++) {
		if (low[i] < 16 || low[i] > 128 || high[i] < 16 || high[i] > 128)
			fail_msg("slot %zu: %u, %u", i, low[i], high[i]);
	}
}

static void
finds_what_was_meant(void **state)
{
	static const char *const names[] = { "connect.mqtt.hosts", "connect.mqtt.kcql",
		"connect.mqtt.service.quality", "name", "tasks.max", "qos", "hops" };
	static const struct {
		const char *text, *nearest;
	} rows[] = {
		{ "connect.mqtt.host", "connect.mqtt.hosts" },
		{ "conect.mqtt.hosst", "connect.mqtt.hosts" },
		{ "connect_mqtt_hosts", "connect.mqtt.hosts" },
		{ "CONNECT-MQTT-HOTSS", "connect.mqtt.hosts" },
		{ "connect.mqtt.kqcl", "connect.mqtt.kcql" },
		{ "connect.mqtt.service.qualtiy", "connect.mqtt.service.quality" },
		{ "task.max", "tasks.max" },
		{ "tasksmax", "tasks.max" },
		{ "nmae", "name" },
		{ "names", "name" },
		{ "qso", "qos" },
		{ "connect.mqtt.topics", NULL },
		{ "batch", NULL },
		{ "abcd", NULL },
		{ "q", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *got = str_nearest(
		    str_of(rows[i].text), names, ARRAY_LEN(names));

		if (got != rows[i].nearest && (got == NULL || rows[i].nearest == NULL ||
						  strcmp(got, rows[i].nearest) != 0))
			fail_msg(
			    "\"%s\": %s", rows[i].text, got != NULL ? got : "nothing");
	}
	assert_null(str_nearest(STR("name"), names, 0));
}

static void
takes_the_nearest_and_of_equals_the_first(void **state)
{
	static const char *const names[] = { "abcdefgxyy", "abcdefgxiz", "abcdefgxyi" };

	(void)state;
	assert_string_equal(str_nearest(STR("abcdefgxyz"), names, 3), "abcdefgxyy");
	assert_string_equal(str_nearest(STR("abcdefgxi"), names, 3), "abcdefgxiz");
}

/* The work for one comparison is bounded, whatever somebody sends as a name. */
static void
compares_the_beginning_of_long_names(void **state)
{
	char *text = mem_alloc(1000001), *name = mem_alloc(1000003);
	const char *names[] = { name };

	(void)state;
	memset(text, 'a', 1000000);
	memset(name, 'a', 1000002);
	name[1000002] = '\0';
	assert_ptr_equal(str_nearest((struct str) { text, 1000000 }, names, 1), name);
	text[0] = text[1] = text[2] = text[3] = 'b';
	assert_null(str_nearest((struct str) { text, 1000000 }, names, 1));
	free(text);
	free(name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares_bytes),
		cmocka_unit_test(knows_begin_and_end),
		cmocka_unit_test(trims_both_ends),
		cmocka_unit_test(cuts_pieces),
		cmocka_unit_test(reads_numbers_as_java_does),
		cmocka_unit_test(tells_utf8_for_all_code_points),
		cmocka_unit_test(tells_utf8_at_any_place),
		cmocka_unit_test(hashes_every_byte_and_the_length),
		cmocka_unit_test(spreads_hashes_over_low_and_high_bits),
		cmocka_unit_test(finds_what_was_meant),
		cmocka_unit_test(takes_the_nearest_and_of_equals_the_first),
		cmocka_unit_test(compares_the_beginning_of_long_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
