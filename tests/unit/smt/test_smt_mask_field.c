/* MaskField against what Kafka Connect 3.9.1 does. */
#include "smt_check.h"

extern const struct smt smt_mask_field;

static const struct smt_row rows[] = {
	/* configuration, schema, in, out */
	{ "fields=a,b", NULL, "{\"a\":\"x\",\"b\":5,\"c\":1}", "{a=, b=0, c=1}" },
	{ "fields=a", NULL, "{\"a\":[1]}", "{a=[]}" },
	{ "fields=a", NULL, "{\"a\":{\"b\":1}}", "{a={}}" },
	{ "fields=a", NULL, "{\"a\":true}", "{a=false}" },
	{ "fields=z", NULL, "{\"a\":1}", "{a=1, z=null}" },
	{ "fields=a;replacement=12.7", NULL, "{\"a\":5}", "{a=12}" },
	{ "fields=a;replacement=1e40", NULL, "{\"a\":2.5}", "{a=1.0E40}" },
	{ "fields=a;replacement=***", NULL, "{\"a\":\"x\"}", "{a=***}" },
	{ "fields=a;replacement=***", NULL, "{\"a\":1}",
	    "record: Unable to convert *** (class java.lang.String) to a number" },
	{ "fields=a;replacement=x", NULL, "{\"a\":true}",
	    "record: Cannot mask value of "
	    "type class java.lang.Boolean with custom replacement." },
	{ "fields=a", NULL, "null",
	    "record: Only Map objects supported in absence of "
	    "schema for [mask fields], found: null" },
	{ "fields=a", "struct:S(a:int32,b:string?=\"d\")?", "{\"a\":7}",
	    "struct:S(a:int32,b:string?=d)? {a=0, b=d}" },
	{ "fields=a", "struct(a:Timestamp,b:Decimal)", "{\"a\":7,\"b\":1.50}",
	    "struct(a:Timestamp,b:Decimal) {a=0, b=1.50}" },
	{ "fields=b;replacement=7", "struct(a:Timestamp,b:Decimal)",
	    "{\"a\":7,\"b\":1.50}", "struct(a:Timestamp,b:Decimal) {a=7, b=7}" },
	{ "fields=a", "struct(a:bytes)", "{\"a\":\"AQI=\"}",
	    "record: Cannot mask value of type: class [B" },
	{ "fields=", NULL, "{}",
	    "config: Invalid value [] for configuration fields: Empty "
	    "list" },
	{ "fields=a;replacement= ", NULL, "{}",
	    "config: Invalid value  for configuration "
	    "replacement: String must be non-empty" },
};

static void
masks_fields(void **state)
{
	(void)state;
	SMT_CHECK_ROWS(&smt_mask_field, rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(masks_fields) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
