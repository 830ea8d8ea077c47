/* InsertHeader against what Kafka Connect 3.9.1 does. */
#include "smt_check.h"

extern const struct smt smt_insert_header;

static const struct smt_record_row rows[] = {
	/* configuration, in, out */
	{ "header=x;value.literal=1", "h:x=0", "h:x=0 h:x=int8 1" },
	{ "header=x;value.literal=text", "topic=t", "topic=t h:x=string text" },
	{ "header=x;value.literal=2019-08-23", "topic=t",
	    "topic=t h:x=Date 1566518400000" },
	{ "header=x;value.literal=null", "topic=t", "topic=t h:x=null" },
	{ "header=;value.literal=true", "topic=t", "topic=t h:=boolean true" },
	{ "header=x", "topic=t",
	    "config: Missing required configuration \"value.literal\" "
	    "which has no default value." },
};

static void
appends_a_header(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		smt_check_record(&smt_insert_header, SMT_PLAIN, &rows[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(appends_a_header) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
