/* SimpleDateFormat patterns against what JDK 17 does (English, UTC). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "data/date_pattern.h"

#define NOW INT64_C(1769947200000) /* 2026-02-01T12:00:00Z: years 46 to 45 */

static const struct {
	const char *pattern;
	int64_t ms;
	const char *text;
} print_rows[] = {
	{ "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", 1566570894346, "2019-08-23T14:34:54.346Z" },
	{ "y yy yyy yyyyyy", 1566570894346, "2019 19 2019 002019" },
	{ "y yy yyyyy", -62135596800000, "1 01 00001" },
	{ "G yyyy", -62135769600001, "BC 0001" },
	{ "M MM MMM MMMM MMMMM L LLL LLLL", 1566570894346,
	    "8 08 Aug August August 8 Aug August" },
	{ "E EE EEE EEEE EEEEEE u", 1566570894346, "Fri Fri Fri Friday Friday 5" },
	{ "d dd ddd D DDDD F", 1566570894346, "23 23 023 235 0235 4" },
	{ "H HH k kk K KK h hh a", 1566570894346, "14 14 14 14 2 02 2 02 PM" },
	{ "H k K h a", 0, "0 24 0 12 AM" },
	{ "m mmm s sss S SS SSSSSS", 1566570894346, "34 034 54 054 346 346 000346" },
	{ "S SSS", 1, "1 001" },
	{ "z zzz zzzz Z X XX XXX", 0, "UTC UTC Coordinated Universal Time +0000 Z Z Z" },
	{ "'it''s' '' o''clock'' ", 0, NULL },
	{ "'it''s' ''H'' 'o''clock'", 0, "it's '0' o'clock" },
	{ "H\xc3\xa9H 1.", 0,
	    "0\xc3\xa9"
	    "0 1." },
	{ "", 0, "" },
	/* weeks begin on Sunday */
	{ "Y w W u", 1546214400000, "2019 1 6 1" }, /* Mon 2018-12-31 */
	{ "Y w W u", 1546128000000, "2019 1 6 7" }, /* Sun 2018-12-30 */
	{ "Y w W u", 1546041600000, "2018 52 5 6" },
	{ "Y w W u", 1577836800000, "2020 1 1 3" }, /* Wed 2020-01-01 */
	{ "YYYY YY", 1577491200000, "2019 19" },
	{ "YYYY", 1577577600000, "2020" }, /* Sun 2019-12-29 */
	/* Julian before 1582-10-15 */
	{ "yyyy-MM-dd D", -12219292800000, "1582-10-15 278" },
	{ "yyyy-MM-dd D", -12219292800001, "1582-10-04 277" },
	{ "yyyy W F", -12219292800000, "1582 1 1" },
	{ "yyyy-MM-dd", INT64_MAX, "292278994-08-17" },
};

static void
prints_as_java(void **state)
{
	struct arena *mem = arena_new(1024);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(print_rows); i++) {
		struct err err = { 0 };
		const struct date_pattern *p = date_pattern_new(
		    mem, str_of(print_rows[i].pattern), NOW, &err);
		if (print_rows[i].text == NULL) {
			assert_null(p);
			continue;
		}
		if (p == NULL)
			fail_msg("%s: %s", print_rows[i].pattern, err.msg);
		struct str text = date_pattern_print(p, mem, print_rows[i].ms);
		if (!str_eq_c(text, print_rows[i].text))
			fail_msg("%s of %" PRId64 ": [%s]", print_rows[i].pattern,
			    print_rows[i].ms, text.p);
	}
	arena_free(mem);
}

#define FAILS INT64_MIN

static const struct {
	const char *pattern, *text;
	int64_t ms;
} parse_rows[] = {
	/* the table of spec/transforms 5 */
	{ "yyyy-MM-dd", "2019-8-3", 1564790400000 },
	{ "yyyy-MM-dd", "2019-13-45", 1581638400000 },
	{ "yyyy-MM-dd", "2019-08-23garbage", 1566518400000 },
	{ "yyyy-MM-dd", "19-08-23", -61547558400000 },
	{ "yyyyMMdd", "2019823", 1759449600000 },
	{ "HHmm", "0930", 34200000 },
	{ "HHmm", "930", 334800000 },
	{ "yyyy-MM-dd'T'HH:mm:ssXXX", "2019-08-23T14:34:54+02:00", 1566563694000 },
	{ "yyyy-MM-dd'T'HH:mm:ssXXX", "2019-08-23T14:34:54+0200", FAILS },
	{ "hh:mm a", "14:30 PM", 95400000 },
	{ "MM/dd/yyyy", "2/30/2019", 1551484800000 },
	/* years */
	{ "yy", "45", 2366841600000 },
	{ "yy", "46", 2398377600000 }, /* before the middle of the window's first year */
	{ "yy-MM", "46-03", -752284800000 },
	{ "yy", "47", -725846400000 },
	{ "yy", "047", -60684163200000 },
	{ "y", "2019", 1546300800000 },
	{ "yyyy", "-5", -62325158400000 },
	{ "G y", "BC 1", -62167392000000 },
	{ "y G", "1 bc", -62167392000000 },
	{ "yyyy", "", FAILS },
	{ "yyyy", "x", FAILS },
	{ "yyyy", "-", FAILS },
	{ "yyyy", "+5", FAILS },
	/* numbers */
	{ "H:m", "1E1:5", 36300000 },
	{ "H:m", "1E:5", FAILS },
	{ "H", "15E-1", 3600000 },
	{ "S", "4294967297", 1 },
	{ "S", "99999999999999999999", INT32_MAX },
	{ "H m", "  1 \t2", 3720000 },
	{ "yyyyMM", "2019 7", 1561939200000 },
	{ "HHmm", "1", FAILS },
	{ "kk", "24", 0 },
	{ "k", "25", 90000000 },
	{ "hh a", "12 AM", 0 },
	{ "hh a", "12 pm", 43200000 },
	{ "KK a", "11 PM", 82800000 },
	{ "a", "PM", 43200000 },
	{ "ss.SSS", "54.3", 54003 },
	{ "ss.SSS", "54.346789", 400789 },
	/* names */
	{ "d MMM yyyy", "23 aug 2019", 1566518400000 },
	{ "d MMM yyyy", "23 August 2019", 1566518400000 },
	{ "d MMM yyyy", "23  Aug 2019", FAILS },
	{ "d MMM yyyy", "23 8 2019", FAILS },
	{ "d MM yyyy", "23 Aug 2019", FAILS },
	{ "EEE d MMM yyyy", "Mon 23 Aug 2019", 1566518400000 },
	{ "E", "friday", 86400000 },
	{ "MMMdd", "May07", 10886400000 },
	/* zones */
	{ "H z", "1 UTC", 3600000 },
	{ "H z", "1 gmt", 3600000 },
	{ "H z", "1 GMT+2:30", -5400000 },
	{ "H z", "1 GMT+0230", FAILS },
	{ "H z", "1 +0230", -5400000 },
	{ "H z", "1 +2", FAILS },
	{ "H z", "1 PST", 32400000 },
	{ "H z", "1 Pacific Daylight Time", 28800000 },
	{ "H z", "1 CET", 0 },
	{ "H z", "1 XYZ", FAILS },
	{ "H Z", "1 -0130", 9000000 },
	{ "H Z", "1 +02:00", FAILS },
	{ "H Z", "1 +2400", FAILS },
	{ "H Z", "1 +0160", FAILS },
	{ "H X", "1 Z", 3600000 },
	{ "H X", "1 +02", -3600000 },
	{ "H XX", "1 +02", FAILS },
	{ "H XX", "1 +0200", -3600000 },
	{ "H X", "1 z", FAILS },
	/* what decides the day */
	{ "D yyyy", "235 2019", 1566518400000 },
	{ "yyyy-'W'ww-u", "2019-W34-5", 1566518400000 },
	{ "YYYY-'W'ww-u", "2019-W01-1", 1546214400000 },
	{ "YYYY-'W'ww-u", "2019-W01-9", 1546905600000 },
	{ "YYYY-'W'ww-u", "2019-W01-0", 1545523200000 },
	{ "YYYY", "2019", 1546128000000 },
	{ "yyyy MM W E", "2019 08 4 Fri", 1566518400000 },
	{ "yyyy MM F E", "2019 08 4 Fri", 1566518400000 },
	{ "yyyy MM F E", "2019 08 -1 Fri", 1567123200000 },
	{ "yyyy w", "2019 34", 1566086400000 },
	{ "yyyy MM dd D", "2019 08 23 1", 1546300800000 },
	/* calendars */
	{ "yyyy-MM-dd", "1582-10-15", -12219292800000 },
	{ "yyyy-MM-dd", "1582-10-04", -12219379200000 },
	{ "yyyy-MM-dd", "1582-10-10", -12218860800000 },
	{ "yyyy-MM-dd", "1500-02-29", -14825894400000 },
	/* literals */
	{ "'it''s' H", "it's 5", 18000000 },
	{ "'it''s' H", "its 5", FAILS },
	{ "H\xc3\xa9", "5\xc3\xa9", 18000000 },
};

static void
reads_as_java(void **state)
{
	struct arena *mem = arena_new(1024);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(parse_rows); i++) {
		struct err err = { 0 };
		const struct date_pattern *p = date_pattern_new(
		    mem, str_of(parse_rows[i].pattern), NOW, &err);
		int64_t ms = 0;
		if (p == NULL)
			fail_msg("%s: %s", parse_rows[i].pattern, err.msg);
		if (!date_pattern_parse(p, str_of(parse_rows[i].text), &ms))
			ms = FAILS;
		if (ms != parse_rows[i].ms)
			fail_msg("%s of %s: %" PRId64, parse_rows[i].pattern,
			    parse_rows[i].text, ms);
	}
	arena_free(mem);
}

static const struct {
	const char *pattern, *message;
} bad_rows[] = {
	{ "bad", "Illegal pattern character 'b'" },
	{ "yyyy'", "Unterminated quote" },
	{ "'yyyy", "Unterminated quote" },
	{ "XXXX", "invalid ISO 8601 format: length=4" },
	{ "yyyy-MM-ddThh", "Illegal pattern character 'T'" },
};

static void
refuses_bad_patterns(void **state)
{
	struct arena *mem = arena_new(1024);
	char longest[DATE_PATTERN_MAX + 2];
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad_rows); i++) {
		assert_null(
		    date_pattern_new(mem, str_of(bad_rows[i].pattern), NOW, &err));
		assert_string_equal(err.msg, bad_rows[i].message);
	}
	memset(longest, 'y', sizeof(longest));
	assert_null(date_pattern_new(
	    mem, (struct str) { longest, DATE_PATTERN_MAX + 1 }, NOW, &err));
	assert_string_equal(err.msg, "The pattern is longer than 1024 bytes");
	arena_free(mem);
}

static void
doubts_what_is_hardly_meant(void **state)
{
	static const struct {
		const char *pattern;
		bool doubt;
	} rows[] = { { "YYYY-MM-dd", true }, { "ss.SSSSSS", true }, { "ss.SSS", false },
		{ "yyyy 'Y'", false } };
	struct arena *mem = arena_new(1024);
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct date_pattern *p = date_pattern_new(
		    mem, str_of(rows[i].pattern), NOW, &err);
		assert_int_equal(date_pattern_doubt(p) != NULL, rows[i].doubt);
	}
	arena_free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_as_java),
		cmocka_unit_test(reads_as_java),
		cmocka_unit_test(refuses_bad_patterns),
		cmocka_unit_test(doubts_what_is_hardly_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
