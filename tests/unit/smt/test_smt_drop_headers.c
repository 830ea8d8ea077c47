/* DropHeaders against what Kafka Connect 3.9.1 does. */
#include "smt_check.h"

extern const struct smt smt_drop_headers;

static const struct smt_record_row rows[] = {
	/* configuration, in, out */
	{ "headers=a,b", "topic=t h:a=1 h:c=2 h:a=3 h:A=4", "topic=t h:c=2 h:A=4" },
	{ "headers=x", "topic=t h:a=1", "topic=t h:a=1" },
	{ "headers=", "topic=t",
	    "config: Invalid value [] for configuration headers: Empty "
	    "list" },
};

static void
removes_headers_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		smt_check_record(&smt_drop_headers, SMT_PLAIN, &rows[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(removes_headers_by_name) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
