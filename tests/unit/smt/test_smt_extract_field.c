/* ExtractField against what Kafka Connect 3.9.1 does. */
#include "smt_check.h"

extern const struct smt smt_extract_field;

static const struct smt_row rows[] = {
	/* configuration, schema, in, out */
	{ "field=a", NULL, "{\"a\":1}", "1" },
	{ "field=z", NULL, "{\"a\":1}", "null" },
	{ "field=a.b", NULL, "{\"a.b\":1,\"a\":{\"b\":2}}", "1" },
	{ "field=a.b;field.syntax.version=v2", NULL, "{\"a.b\":1,\"a\":{\"b\":2}}", "2" },
	{ "field=`a.b`;field.syntax.version=V2", NULL, "{\"a.b\":1,\"a\":{\"b\":2}}",
	    "1" },
	{ "field=a.z.y;field.syntax.version=V2", NULL, "{\"a\":{\"b\":2}}", "null" },
	{ "field=a.b.c;field.syntax.version=V2", NULL, "{\"a\":{\"b\":2}}",
	    "record: Only Map objects supported in absence of schema for [nested field "
	    "access], found: java.lang.Long" },
	{ "field=a", NULL, "null", "null" },
	{ "field=a", NULL, "5",
	    "record: Only Map objects supported in absence of schema "
	    "for [field extraction], found: java.lang.Long" },
	{ "field=a", "struct(a:int32?=4)", "{}", "int32?=4 4" },
	{ "field=a;replace.null.with.default=false", "struct(a:int32?=4)", "{}",
	    "int32?=4 null" },
	{ "field=a", "struct(a:int32)?", "null", "int32 null" },
	{ "field=z", "struct(a:int32)?", "null", "record: Unknown field: z" },
	{ "field=a.b;field.syntax.version=V2", "struct(a:struct(b:int8)?)", "{}",
	    "int8 null" },
	{ "field=a.b;field.syntax.version=V2", "struct(a:struct(b:int8))",
	    "{\"a\":{\"b\":3}}", "int8 3" },
	{ "field=a", "int32?", "null",
	    "record: Cannot look up fields on non-struct type" },
	{ "field=a", "int32", "5",
	    "record: Only Struct objects supported for [field "
	    "extraction], found: java.lang.Integer" },
	{ "field=`a;field.syntax.version=V2", NULL, "1",
	    "config: Incomplete backtick pair "
	    "in path: [`a], consider adding a backslash before backtick at position 0 to "
	    "escape it" },
	{ "field=;field.syntax.version=V2", NULL, "{}",
	    "record: The field's path is empty" },
	{ "field=a;field.syntax.version=3", NULL, "{}",
	    "config: Invalid value 3 for "
	    "configuration field.syntax.version: String must be one of (case "
	    "insensitive): "
	    "V1, V2" },
};

static void
takes_a_field(void **state)
{
	(void)state;
	SMT_CHECK_ROWS(&smt_extract_field, rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(takes_a_field) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
