/* HeaderFrom against what Kafka Connect 3.9.1 does (structs: vectors). */
#include "smt_check.h"

extern const struct smt smt_header_from;

static const struct smt_record_row rows[] = {
	/* configuration, in, out */
	{ "fields=a,b;headers=x,y;operation=copy", "h:x=0 value={\"a\":1,\"b\":2}",
	    "h:x=0 h:x=1 h:y=2 value={a=1, b=2}" },
	{ "fields=a;headers=x;operation=move", "value={\"a\":1,\"b\":2}",
	    "h:x=1 value={b=2}" },
	{ "fields=a,a;headers=x,y;operation=move", "value={\"a\":1}",
	    "h:x=1 h:y=1 value={}" },
	{ "fields=z;headers=x;operation=copy", "value={\"a\":1}",
	    "h:x=null value={a=1}" },
	{ "fields=a;headers=x;operation=move", "value=5",
	    "record: Only Map objects "
	    "supported in absence of schema for [header move], found: java.lang.Long" },
	{ "fields=a,b;headers=x;operation=move", "value=5",
	    "config: 'fields' config must "
	    "have the same number of elements as 'headers' config." },
	{ "fields=a;headers=x;operation=MOVE", "value=5",
	    "config: Invalid value MOVE for "
	    "configuration operation: String must be one of: move, copy" },
};

static void
puts_fields_into_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		smt_check_record(&smt_header_from, SMT_VALUE, &rows[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(puts_fields_into_headers) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
