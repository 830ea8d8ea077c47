/* HoistField against what Kafka Connect 3.9.1 does. */
#include "smt_check.h"

extern const struct smt smt_hoist_field;

static const struct smt_row rows[] = {
	/* configuration, schema, in, out */
	{ "field=f", NULL, "42", "{f=42}" },
	{ "field=f", NULL, "null", "{f=null}" },
	{ "field=", NULL, "42", "{=42}" },
	{ "field=f", "int32", "42", "struct(f:int32) {f=42}" },
	{ "field=f", "int32?", "null", "struct(f:int32?) {f=null}" },
	{ "field=f", "int32", "null",
	    "record: Invalid value: null used for required "
	    "field: \"f\", schema type: INT32" },
	{ "field=f", "int32=7", "null",
	    "record: Invalid value: null used for required "
	    "field: \"f\", schema type: INT32" },
	{ "field=", "int32", "42", "record: fieldName cannot be null." },
	{ "field=f", "struct:S(a:int8)", "{\"a\":1}",
	    "struct(f:struct:S(a:int8)) {f={a=1}}" },
	{ "field=f", "int32", "[1]",
	    "record: Invalid Java object for schema with type "
	    "INT32: class java.util.ArrayList for field: \"f\"" },
	{ "", NULL, "1",
	    "config: Missing required configuration \"field\" which has no "
	    "default value." },
};

static void
wraps_one_side(void **state)
{
	(void)state;
	SMT_CHECK_ROWS(&smt_hoist_field, rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(wraps_one_side) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
