/* Java's number texts (JDK 19 and later) and number reading. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>

#include "base/mem.h"
#include "data/number.h"

static void
writes_doubles_like_java(void **state)
{
	static const struct {
		double d;
		const char *text;
	} rows[] = {
		{ 0.0, "0.0" },
		{ -0.0, "-0.0" },
		{ 1, "1.0" },
		{ -12.5, "-12.5" },
		{ 100, "100.0" },
		{ 9999999, "9999999.0" },
		{ 1e7, "1.0E7" },
		{ 12345678, "1.2345678E7" },
		{ 0.001, "0.001" },
		{ 0.00099, "9.9E-4" },
		{ 1e-5, "1.0E-5" },
		{ 4.9e-324, "4.9E-324" },
		{ 9.9e-324, "9.9E-324" },
		{ 1.5e-323, "1.5E-323" },
		{ 2e23, "2.0E23" },
		{ 5.684341886080802E-14, "5.684341886080802E-14" }, /* 2^-44 */
		{ 9007199254740993.0, "9.007199254740992E15" },
		{ 1.7976931348623157e308, "1.7976931348623157E308" },
		{ 2.2250738585072014e-308, "2.2250738585072014E-308" },
		{ 0.1 + 0.2, "0.30000000000000004" },
		{ HUGE_VAL, "Infinity" },
		{ -HUGE_VAL, "-Infinity" },
		{ (double)NAN, "NaN" },
	};
	char text[NUMBER_TEXT_MAX + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		text[number_double_text(text, rows[i].d)] = '\0';
		assert_string_equal(text, rows[i].text);
	}
}

static void
writes_floats_like_java(void **state)
{
	static const struct {
		float f;
		const char *text;
	} rows[] = {
		{ 1.1f, "1.1" },
		{ 1.0995116e12f, "1.0995116E12" },
		{ 1.4e-45f, "1.4E-45" },
		{ 3.4028235e38f, "3.4028235E38" },
		{ 1e7f, "1.0E7" },
		{ 0.3f, "0.3" },
	};
	char text[NUMBER_TEXT_MAX + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		text[number_float_text(text, rows[i].f)] = '\0';
		assert_string_equal(text, rows[i].text);
	}
}

static void
writes_what_reads_back_the_same(void **state)
{
	uint64_t bits = 1;
	char text[NUMBER_TEXT_MAX];

	(void)state;
	for (int i = 0; i < 100000; i++) {
		double d, back;
		size_t n;

		bits = bits * UINT64_C(6364136223846793005) +
		       UINT64_C(1442695040888963407);
		memcpy(&d, &bits, sizeof(d));
		if (d != d || isinf(d))
			continue;
		n = number_double_text(text, d);
		back = number_to_double((struct str) { text, n });
		if (memcmp(&d, &back, sizeof(d)) != 0)
			fail_msg("%.*s is not %.17g", (int)n, text, d);
	}
}

static void
writes_integers(void **state)
{
	static const struct {
		int64_t i;
		const char *text;
	} rows[] = { { 0, "0" }, { 7, "7" }, { -1, "-1" }, { 100, "100" },
		{ 65535, "65535" }, { INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" } };
	char text[NUMBER_TEXT_MAX + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		text[number_i64_text(text, rows[i].i)] = '\0';
		assert_string_equal(text, rows[i].text);
	}
}

static void
keeps_low_bits_of_long_integers(void **state)
{
	static const struct {
		const char *text;
		int64_t low;
		bool fits;
	} rows[] = {
		{ "0", 0, true },
		{ "-0", 0, true },
		{ "007", 7, true },
		{ "9223372036854775807", INT64_MAX, true },
		{ "-9223372036854775808", INT64_MIN, true },
		{ "9223372036854775808", INT64_MIN, false },
		{ "-9223372036854775809", INT64_MAX, false },
		{ "18446744073709551615", -1, false },
		{ "18446744073709551617", 1, false },
		{ "0000000000000000000000000000001", 1, true },
		{ "99999999999999999999999999999999", 0, false },
	};
	bool fits;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const int64_t low = number_low_i64(str_of(rows[i].text), &fits);

		if (fits != rows[i].fits || (i < 10 && low != rows[i].low))
			fail_msg("%s: %lld, fits %d", rows[i].text, (long long)low, fits);
	}
}

static void
rounds_once_when_reading(void **state)
{
	(void)state;
	assert_true(number_to_double(STR("9.3")) == 9.3);
	assert_true(number_to_double(STR("-0.0")) == 0.0);
	assert_true(number_to_double(STR("1E400")) == HUGE_VAL);
	assert_true(number_to_double(STR("1e-400")) == 0.0);
	assert_true(number_to_double(STR("1e99999999999")) == HUGE_VAL);
	assert_true(number_to_double(STR("123456789012345678901234567890")) ==
		    123456789012345678901234567890.0);
	assert_true(number_to_double(STR("9007199254740993")) == 9007199254740992.0);
	/* by way of a double it would become 1.00000018 */
	assert_true(number_to_float(STR("1.00000017881393432617187499")) == 1.00000012f);
}

static void
reads_what_java_parses(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		double d;
	} rows[] = {
		{ " 1.5 ", true, 1.5 },
		{ "1.5f", true, 1.5 },
		{ "1D", true, 1 },
		{ "-Infinity", true, -HUGE_VAL },
		{ "0x1.8p1", true, 3 },
		{ "0x1.8p1f", true, 3 },
		{ ".5", true, .5 },
		{ "5.", true, 5 },
		{ "+7e-1", true, .7 },
		{ "", false, 0 },
		{ "e5", false, 0 },
		{ "1e", false, 0 },
		{ "inf", false, 0 },
		{ "nan", false, 0 },
		{ "0x10", false, 0 },
		{ "1_0", false, 0 },
		{ "f", false, 0 },
	};
	double d;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (number_parse_double(str_of(rows[i].text), &d) != rows[i].ok ||
		    (rows[i].ok && d != rows[i].d))
			fail_msg("\"%s\"", rows[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_doubles_like_java),
		cmocka_unit_test(writes_floats_like_java),
		cmocka_unit_test(writes_what_reads_back_the_same),
		cmocka_unit_test(writes_integers),
		cmocka_unit_test(keeps_low_bits_of_long_integers),
		cmocka_unit_test(rounds_once_when_reading),
		cmocka_unit_test(reads_what_java_parses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
