/* Cast against what Kafka Connect 3.9.1 does. */
#include "smt_check.h"

extern const struct smt smt_cast;

static const struct smt_row rows[] = {
	/* configuration, schema, in, out */
	/* the whole value */
	{ "spec=int8", NULL, "300", "int8 44" },
	{ "spec=int16", NULL, "-32769", "int16 32767" },
	{ "spec=int32", NULL, "1e10", "int32 2147483647" },
	{ "spec=int8", NULL, "1e10", "int8 -1" },
	{ "spec=int64", NULL, "1e30", "9223372036854775807" },
	{ "spec=int64", NULL, "-1.9", "-1" },
	{ "spec=float32", NULL, "1e300", "float32 Infinity" },
	{ "spec=float64", NULL, "7", "7.0" },
	{ "spec=boolean", NULL, "0.5", "false" },
	{ "spec=boolean", NULL, "-1", "true" },
	{ "spec=boolean", NULL, "\"TRUE\"", "true" },
	{ "spec=boolean", NULL, "\"yes\"", "false" },
	{ "spec=int8", NULL, "true", "int8 1" },
	{ "spec=float64", NULL, "true", "1.0" },
	{ "spec=string", NULL, "1.0", "1.0" },
	{ "spec=string", NULL, "bytes AQI=", "AQI=" },
	{ "spec=string", NULL, "null", "null" },
	{ "spec=int32", NULL, "\"+12\"", "int32 12" },
	{ "spec=int8", NULL, "\"128\"",
	    "record: Value (128) was out of range for requested data type" },
	{ "spec=int8", NULL, "\" 1\"",
	    "record: Value ( 1) was out of range for requested data type" },
	{ "spec=float64", NULL, "\" 0x1p3d \"", "8.0" },
	{ "spec=float64", NULL, "\"1_0\"",
	    "record: Value (1_0) was out of range for requested data type" },
	{ "spec=int8", NULL,
	    "bytes AQI=", "record: Unexpected type in Cast transformation: class [B" },
	{ "spec=int8", NULL, "[1]",
	    "record: Cast transformation does not support casting "
	    "from ARRAY; supported types are [INT8, INT16, INT32, INT64, FLOAT32, "
	    "FLOAT64, "
	    "BOOLEAN, STRING, BYTES]" },
	{ "spec=int8", NULL, "date 5",
	    "record: Cast transformation was passed a value of "
	    "type class java.util.Date which is not supported by Connect's data API" },
	{ "spec=string", "int32?=5", "7", "string?=5 7" },
	{ "spec=int64", "Date", "86400000", "Date 1" },
	{ "spec=int64", "Timestamp", "5", "Timestamp 5" }, /* the name is kept */
	{ "spec=string", "Timestamp", "1566570894346",
	    "Timestamp 2019-08-23T14:34:54.346Z" },
	{ "spec=int32", "Decimal", "-7.99", "Decimal -7" },
	{ "spec=int64", "Date", "1",
	    "record: Kafka Connect Date type should not have any "
	    "time fields set to non-zero values." },
	/* fields */
	{ "spec=a:string,b:int8", NULL, "{\"a\":1,\"b\":\"7\",\"c\":2}",
	    "{a=1, b=int8 7, c=2}" },
	{ "spec=z:int8", NULL, "{\"a\":1}", "{a=1, z=null}" },
	{ "spec=a:int8,a:boolean", NULL, "{\"a\":5}", "{a=true}" },
	{ "spec=:int8", NULL, "{\"\":5}", "{=int8 5}" },
	{ "spec=a:int8", NULL, "5",
	    "record: Only Map objects supported in absence of "
	    "schema for [cast types], found: java.lang.Long" },
	{ "spec=a:string,z:int8", "struct:S(a:int32?=4,b:int8)?", "{\"a\":1,\"b\":2}",
	    "struct:S(a:string?=4,b:int8)? {a=1, b=2}" },
	{ "spec=a:string", "struct(a:int32?=4)", "{}", "struct(a:string?=4) {a=4}" },
	{ "spec=a:string;replace.null.with.default=false", "struct(a:int32?=4)", "{}",
	    "struct(a:string?=4) {a=null}" },
	{ "spec=a:string", "struct(a:int32,b:int32=3)", "{\"a\":1}",
	    "struct(a:string,b:int32=3) {a=1, b=3}" },
	{ "spec=a:int8", "int32", "5", "record: Cannot list fields on non-struct type" },
	{ "spec=a:int8", "struct(a:int32)?", "null", "struct(a:int32)? null" },
	/* configuration */
	{ "spec=", NULL, "1", "config: Must specify at least one field to cast." },
	{ "spec=a:b:c", NULL, "1",
	    "config: Invalid value [a:b:c] for configuration "
	    "renames: Invalid rename mapping: a:b:c" },
	{ "spec=date", NULL, "1", "config: Invalid type found in casting spec: date" },
	{ "spec=a:map", NULL, "1",
	    "config: Cast transformation does not support casting "
	    "to MAP; supported types are [INT8, INT16, INT32, INT64, FLOAT32, FLOAT64, "
	    "BOOLEAN, STRING]" },
	{ "spec=int8,a:int8", NULL, "1",
	    "config: Cast transformations that specify a "
	    "type to cast the entire value to may only specify a single cast in their "
	    "spec" },
	{ "spec=:", NULL, "1", "config: Neither field nor type..." },
};

static void
casts_as_java(void **state)
{
	(void)state;
	SMT_CHECK_ROWS(&smt_cast, rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(casts_as_java) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
