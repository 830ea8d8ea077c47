/* WITHTIMESTAMP: what a field says about the time of a record (kcql.md 6.4). */
#include "route/instant.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "data_check.h"
#include "kcql/kcql.h"

static void
reads_rfc_3339(void **state)
{
	static const struct {
		const char *text;
		int64_t ms; /* -1: refused */
	} rows[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2023-11-14T22:13:20Z", 1700000000000 },
		{ "2023-11-14t22:13:20z", 1700000000000 },
		{ "2023-11-14 22:13:20Z", -1 },
		{ "2023-11-14T22:13:20.123Z", 1700000000123 },
		{ "2023-11-14T22:13:20.1Z", 1700000000100 },
		{ "2023-11-14T22:13:20.123999999999999999999Z", 1700000000123 },
		{ "2023-11-15T00:13:20+02:00", 1700000000000 },
		{ "2023-11-14T18:43:20-03:30", 1700000000000 },
		{ "2023-11-14T22:13:20-00:00", 1700000000000 },
		{ "2024-02-29T00:00:00Z", 1709164800000 },
		{ "2016-12-31T23:59:60Z", 1483228800000 }, /* a leap second */
		{ "9999-12-31T23:59:59.999Z", 253402300799999 },
		{ "2023-02-29T00:00:00Z", -1 },
		{ "2023-13-01T00:00:00Z", -1 },
		{ "2023-00-01T00:00:00Z", -1 },
		{ "2023-01-00T00:00:00Z", -1 },
		{ "2023-01-01T24:00:00Z", -1 },
		{ "2023-01-01T00:60:00Z", -1 },
		{ "2023-01-01T00:00:61Z", -1 },
		{ "2023-01-01T00:00:00+24:00", -1 },
		{ "2023-01-01T00:00:00+01:60", -1 },
		{ "2023-01-01T00:00:00+0100", -1 },
		{ "2023-01-01T00:00:00", -1 }, /* whose time? */
		{ "2023-01-01T00:00Z", -1 },
		{ "2023-01-01T00:00:00.Z", -1 },
		{ "2023-01-01T00:00:00,5Z", -1 },
		{ "2023-01-01", -1 },
		{ "23-01-01T00:00:00Z", -1 },
		{ " 2023-01-01T00:00:00Z", -1 },
		{ "2023-01-01T00:00:00Z ", -1 },
		{ "1700000000", -1 },
		{ "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t ms = -1;
		if (!instant_parse(str_of(rows[i].text), &ms))
			ms = -1;
		if (ms != rows[i].ms)
			fail_msg("%s: %" PRId64 " instead of %" PRId64, rows[i].text, ms,
			    rows[i].ms);
	}
}

struct row {
	enum kcql_unit unit;
	const char *schema, *in;
	const char *out; /* ms, or the beginning of an error */
};

#define NO_TIME "record: the field holds no time that Kafka takes"

static const struct row rows[] = {
	{ KCQL_MILLISECONDS, "int64", "1700000000123", "1700000000123" },
	{ KCQL_MILLISECONDS, "int32", "5", "5" },
	{ KCQL_MILLISECONDS, "int16", "5", "5" },
	{ KCQL_MILLISECONDS, "int8", "5", "5" },
	{ KCQL_MILLISECONDS, "int64", "0", "0" },
	{ KCQL_MILLISECONDS, "int64", "-1", NO_TIME },
	{ KCQL_NANOSECONDS, "int64", "1700000000123999999", "1700000000123" },
	{ KCQL_NANOSECONDS, "int64", "-1", NO_TIME },
	{ KCQL_MICROSECONDS, "int64", "1700000000123999", "1700000000123" },
	{ KCQL_SECONDS, "int64", "1700000000", "1700000000000" },
	{ KCQL_MINUTES, "int64", "2", "120000" },
	{ KCQL_HOURS, "int64", "2", "7200000" },
	{ KCQL_DAYS, "int64", "2", "172800000" },
	{ KCQL_DAYS, "int64", "9223372036854775807", NO_TIME },
	{ KCQL_SECONDS, "float64", "1.5", "1500" },
	{ KCQL_SECONDS, "float64", "1.001", "1001" }, /* 1000.9999999999999 in doubles */
	{ KCQL_SECONDS, "float64", "1700000000.123", "1700000000123" },
	{ KCQL_SECONDS, "float64", "1700000000.1239", "1700000000123" },
	{ KCQL_SECONDS, "float32", "0.5", "500" },
	{ KCQL_MILLISECONDS, "float64", "1.7E12", "1700000000000" },
	{ KCQL_MILLISECONDS, "float64", "5.999", "5" },
	{ KCQL_NANOSECONDS, "float64", "1.7E18", "1700000000000" },
	{ KCQL_SECONDS, "float64", "-0.5", NO_TIME },
	{ KCQL_SECONDS, "float64", "1E300", NO_TIME },
	{ KCQL_SECONDS, "Decimal", "1700000000.12", "1700000000120" },
	{ KCQL_SECONDS, "Decimal", "2.00", "2000" },
	{ KCQL_SECONDS, "Decimal", "-2.00", NO_TIME },
	/* these know their unit */
	{ KCQL_DAYS, "Timestamp", "1700000000123", "1700000000123" },
	{ KCQL_DAYS, "Date", "86400000", "86400000" },
	{ KCQL_DAYS, "Timestamp", "-1", NO_TIME },
	{ KCQL_DAYS, "string", "\"2023-11-14T22:13:20Z\"", "1700000000000" },
	{ KCQL_DAYS, "string", "\"1969-12-31T23:59:59Z\"", NO_TIME },
	{ KCQL_DAYS, "string", "\"2\"", NO_TIME },
	{ KCQL_DAYS, "Time", "5", NO_TIME }, /* a time of day */
	{ KCQL_DAYS, "boolean", "true", NO_TIME },
	{ KCQL_DAYS, "[int64]", "[1]", NO_TIME },
	{ KCQL_DAYS, "struct(a:int64)", "{\"a\":1}", NO_TIME },
	{ KCQL_DAYS, NULL, "7", "604800000" },
	{ KCQL_DAYS, NULL, "null",
	    "record: the field is absent or null; a number in DAYS from 0 on, or a text "
	    "like 2026-05-03T10:11:12Z, is needed" },
};

static void
counts_in_the_unit(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];
		struct arena *mem = arena_new(1024);
		struct datum d = { 0 };
		struct err err = { 0 };
		const char *out;
		int64_t ms;

		if (row->schema != NULL)
			d.schema = data_check_schema(mem, row->schema);
		d.value = data_check_value(mem, row->in, d.schema);
		if (instant_of(&d, row->unit, &ms, &err) == 0)
			out = arena_printf(mem, "%" PRId64, ms);
		else
			out = arena_printf(
			    mem, "%s: %s", err_kind_name(err.kind), err.msg);
		if (row->out[0] == 'r' ? strncmp(out, row->out, strlen(row->out)) != 0
				       : strcmp(out, row->out) != 0)
			fail_msg("%s %s in %s: \"%s\" instead of \"%s\"", row->schema,
			    row->in, kcql_unit_name(row->unit), out, row->out);
		arena_free(mem);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_rfc_3339),
		cmocka_unit_test(counts_in_the_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
