/* ValueToKey against what Kafka Connect 3.9.1 does (structs: vectors). */
#include "smt_check.h"

extern const struct smt smt_value_to_key;

static const struct smt_record_row rows[] = {
	/* configuration, in, out */
	{ "fields=a,z", "key=1 value={\"a\":5,\"b\":6}",
	    "key={a=5, z=null} value={a=5, b=6}" },
	{ "fields=a", "value=5",
	    "record: Only Map objects supported in absence of schema "
	    "for [copying fields from value to key], found: java.lang.Long" },
	{ "fields=a", "key=1",
	    "record: Only Map objects supported in absence of schema for "
	    "[copying fields from value to key], found: null" },
	{ "fields= ", "value={}",
	    "config: Invalid value [] for configuration fields: Empty "
	    "list" },
};

static void
makes_the_key_of_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		smt_check_record(&smt_value_to_key, SMT_PLAIN, &rows[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(makes_the_key_of_fields) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
