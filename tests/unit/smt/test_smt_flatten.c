/* Flatten against what Kafka Connect 3.9.1 does. */
#include "smt_check.h"

extern const struct smt smt_flatten;

static const struct smt_row rows[] = {
	/* configuration, schema, in, out */
	{ "", NULL, "{\"a\":{\"b\":1,\"c\":[2]},\"d\":null}",
	    "{a.b=1, a.c=[2], d=null}" },
	{ "delimiter=_", NULL, "{\"a\":{\"b\":{\"c\":1}}}", "{a_b_c=1}" },
	{ "delimiter=", NULL, "{\"a\":{\"b\":1}}", "{ab=1}" },
	{ "", NULL, "{\"a\":{},\"b\":1}", "{b=1}" }, /* an empty map vanishes */
	{ "", NULL, "{\"\":{\"b\":1}}", "{b=1}" },
	{ "", NULL, "{\"a\":{\"b\":1},\"a.b\":2}", "{a.b=2}" },
	{ "", NULL, "null", "null" },
	{ "", NULL, "5",
	    "record: Only Map objects supported in absence of schema for "
	    "[flattening], found: java.lang.Long" },
	{ "", "struct:S(a:struct(b:int8,c:string?))?", "{\"a\":{\"b\":1}}",
	    "struct:S(a.b:int8?,a.c:string?) {a.b=1, a.c=null}" },
	{ "", "struct(a:struct(b:int8=3)?,c:[int8])", "{\"a\":null,\"c\":[1]}",
	    "struct(a.b:int8?=3,c:[int8]) {a.b=null, c=[1]}" },
	{ "", "struct(a:struct(b:int8=3))", "{\"a\":{}}", "struct(a.b:int8=3) {a.b=3}" },
	{ "", "struct(a:struct(b:int8),a.b:int8)", "{\"a\":{\"b\":1},\"a.b\":2}",
	    "record: Cannot create field because of field name duplication a.b" },
	{ "", "struct(a:struct(m:{string:int8}))", "{\"a\":{\"m\":{}}}",
	    "record: Flatten transformation does not support MAP for record with schemas "
	    "(for field a.m)." },
	{ "", "struct(a:int8)?", "null", "struct(a:int8)? null" },
	{ "", "int8", "1",
	    "record: Only Struct objects supported for [flattening], found: "
	    "java.lang.Byte" },
};

static void
joins_names(void **state)
{
	(void)state;
	SMT_CHECK_ROWS(&smt_flatten, rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(joins_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
