/* TimestampConverter against what Kafka Connect 3.9.1 does. */
#include "smt_check.h"

extern const struct smt smt_timestamp_converter;

static const struct smt_row rows[] = {
	/* configuration, schema, in, out */
	{ "target.type=unix;format=yyyy-MM-dd", NULL, "\"2019-08-23\"", "1566518400000" },
	{ "target.type=string;format=HH:mm:ss", NULL, "1566570894346", "14:34:54" },
	{ "target.type=unix;unix.precision=seconds", "Timestamp", "-1",
	    "int64 0" }, /* towards 0 */
	{ "target.type=Timestamp;unix.precision=seconds", "int64", "-1",
	    "Timestamp -1000" },
	{ "target.type=Timestamp;unix.precision=microseconds", NULL, "1999", "date 1" },
	{ "target.type=unix;unix.precision=nanoseconds", "Timestamp",
	    "9223372036854775807", "int64 9223372036854775807" }, /* saturates */
	{ "target.type=Date", NULL, "-1", "date -86400000" },
	{ "target.type=Time", NULL, "-1", "date 86399999" },
	{ "target.type=Date", "int64?", "1566570894346", "Date? 1566518400000" },
	{ "target.type=Time", "int64?", "null", "Time? null" },
	{ "target.type=unix", NULL, "null", "null" },
	{ "target.type=unix", NULL, "int32 5",
	    "record: TimestampConverter does not support "
	    "class java.lang.Integer objects as timestamps" },
	{ "target.type=unix", "int32", "5",
	    "record: Schema Schema{INT32} does not "
	    "correspond to a known timestamp type format" },
	{ "target.type=unix", "Date", "[1]",
	    "record: Expected Date to be a "
	    "java.util.Date, but found class java.util.ArrayList" },
	{ "target.type=unix;format=yyyy", "string", "\"x\"",
	    "record: Could not parse "
	    "timestamp: value (x) does not match pattern (yyyy)" },
	{ "target.type=unix", NULL, "\"2019\"",
	    "record: TimestampConverter found a text "
	    "and has no format to read it" },
	{ "target.type=unix;field=t;format=yyyy", NULL, "{\"t\":\"1971\",\"a\":1}",
	    "{t=31536000000, a=1}" },
	{ "target.type=unix;field=z", NULL, "{\"a\":1}", "{a=1, z=null}" },
	{ "target.type=Timestamp;field=t", "struct:S(t:int64?,a:int8?=4)?", "{\"t\":5}",
	    "struct:S(t:Timestamp?,a:int8?=4)? {t=5, a=4}" },
	{ "target.type=unix;field=t", "struct(t:Timestamp)?", "null",
	    "struct(t:int64)? null" },
	{ "target.type=unix;field=t", "struct(t:Timestamp)", "5",
	    "record: Only Struct "
	    "objects supported for [converting timestamp formats], found: "
	    "java.lang.Long" },
	{ "target.type=string", NULL, "1",
	    "config: TimestampConverter requires format "
	    "option to be specified when using string timestamps" },
	{ "target.type=unix;format=bad", NULL, "1",
	    "config: TimestampConverter requires a "
	    "SimpleDateFormat-compatible pattern for string timestamps: bad: Illegal "
	    "pattern "
	    "character 'b'" },
	{ "target.type=date", NULL, "1",
	    "config: Invalid value date for configuration "
	    "target.type: String must be one of: string, unix, Date, Time, Timestamp" },
};

static void
converts_timestamps(void **state)
{
	(void)state;
	SMT_CHECK_ROWS(&smt_timestamp_converter, rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(converts_timestamps) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
