/* ReplaceField against what Kafka Connect 3.9.1 does. */
#include "smt_check.h"

extern const struct smt smt_replace_field;

static const struct smt_row rows[] = {
	/* configuration, schema, in, out */
	{ "exclude=a", NULL, "{\"a\":1,\"b\":2}", "{b=2}" },
	{ "include=a", NULL, "{\"a\":1,\"b\":2}", "{a=1}" },
	{ "include=a,b;exclude=a", NULL, "{\"a\":1,\"b\":2,\"c\":3}", "{b=2}" },
	{ "renames=a:b,b:a", NULL, "{\"a\":1,\"b\":2}", "{b=1, a=2}" },
	{ "renames=a:x;exclude=x", NULL, "{\"a\":1}", "{x=1}" }, /* by old names */
	{ "renames=:c", NULL, "{\"\":1}", "{c=1}" },
	{ "renames=a:x,a:y", NULL, "{\"a\":1}", "{y=1}" },
	{ "blacklist=a", NULL, "{\"a\":1,\"b\":2}", "{b=2}" },
	{ "blacklist=a;exclude=", NULL, "{\"a\":1,\"b\":2}", "{a=1, b=2}" },
	{ "whitelist=a", NULL, "{\"a\":1,\"b\":2}", "{a=1}" },
	{ "exclude=a", NULL, "null", "null" },
	{ "exclude=a", NULL, "5",
	    "record: Only Map objects supported in absence of schema "
	    "for [field replacement], found: java.lang.Long" },
	{ "exclude=a;renames=b:x", "struct:S(a:int8,b:int8?=4,c:string)?",
	    "{\"a\":1,\"c\":\"s\"}", "struct:S(x:int8?=4,c:string) {x=4, c=s}" },
	{ "renames=a:b", "struct(a:int8,b:int8)", "{\"a\":1,\"b\":2}",
	    "record: Cannot create field because of field name duplication b" },
	{ "renames=z:a", "struct(a:int8)", "{\"a\":1}",
	    "record: z is not a valid field name" },
	{ "renames=a", NULL, "1",
	    "config: Invalid value [a] for configuration renames: "
	    "Invalid rename mapping: a" },
	{ "renames=a:b,a::b", NULL, "1",
	    "config: Invalid value [a:b, a::b] for "
	    "configuration renames: Invalid rename mapping: a::b" },
};

static void
chooses_and_renames(void **state)
{
	(void)state;
	SMT_CHECK_ROWS(&smt_replace_field, rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(chooses_and_renames) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
