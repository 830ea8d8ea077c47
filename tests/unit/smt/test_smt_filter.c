/* Filter drops every record. */
#include "smt_check.h"

extern const struct smt smt_filter;

static const struct smt_record_row rows[] = {
	/* configuration, in, out */
	{ "", "topic=t value=1", "dropped" },
	{ "", "topic=t", "dropped" },
};

static void
drops_every_record(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		smt_check_record(&smt_filter, SMT_PLAIN, &rows[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(drops_every_record) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
