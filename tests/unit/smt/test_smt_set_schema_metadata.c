/* SetSchemaMetadata against what Kafka Connect 3.9.1 does. */
#include "smt_check.h"

extern const struct smt smt_set_schema_metadata;

static const struct smt_row rows[] = {
	/* configuration, schema, in, out */
	{ "schema.name=N", "struct:S(a:int8)?", "{\"a\":1}", "struct:N(a:int8)? {a=1}" },
	{ "schema.version=7", "struct:S(a:int8)", "{\"a\":1}",
	    "struct:S(a:int8)#7 {a=1}" },
	{ "schema.version=0", "struct(a:int8)", "{\"a\":1}", "struct(a:int8)#0 {a=1}" },
	{ "schema.name=N", "struct(a:int8?=4)", "{}", "struct:N(a:int8?=4) {a=4}" },
	{ "schema.name=N;replace.null.with.default=false", "struct(a:int8=4)", "{}",
	    "record: Invalid value: null used for required field: \"a\", schema type: "
	    "INT8" },
	{ "schema.name=N", "struct(a:int8)?", "null", "struct:N(a:int8)? null" },
	{ "schema.name=N", NULL, "null", "null" },
	{ "schema.name=N", NULL, "5",
	    "record: Schema required for [updating schema metadata]" },
	{ "schema.name=N", "int32", "5",
	    "record: Cannot list fields on non-struct type" },
	{ "", NULL, "5", "config: Neither schema name nor version configured" },
	{ "schema.version=1.0", NULL, "5",
	    "config: Invalid value 1.0 for configuration "
	    "schema.version: Not a number of type INT" },
};

static void
names_schemas(void **state)
{
	(void)state;
	SMT_CHECK_ROWS(&smt_set_schema_metadata, rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(names_schemas) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
