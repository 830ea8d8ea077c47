/* RegexRouter against what Kafka Connect 3.9.1 does. */
#include "smt_check.h"

extern const struct smt smt_regex_router;

static const struct smt_record_row rows[] = {
	/* configuration, in, out */
	{ "regex=a(.*)b;replacement=$1-x", "topic=a12b part=3", "topic=12-x part=3" },
	{ "regex=a;replacement=x", "topic=ab", "topic=ab" },
	{ "regex=fo+?;replacement=X", "topic=fooo", "topic=Xoo" },
	{ "regex=(.*?);replacement=<$1>", "topic=ab", "topic=<>ab" },
	{ "regex=.*;replacement=", "topic=ab", "topic=" },
	{ "regex=.*;replacement=$1", "topic=ab", "record: No group 1" },
	{ "regex=.*;replacement=x", "part=1", "record: The record has no topic" },
	{ "regex=[;replacement=x", "topic=a",
	    "config: Invalid value [ for configuration "
	    "regex: Invalid regex: Unclosed character class at index 0" },
	{ "regex=a", "topic=a",
	    "config: Missing required configuration \"replacement\" "
	    "which has no default value." },
};

static void
renames_topics(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		smt_check_record(&smt_regex_router, SMT_PLAIN, &rows[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(renames_topics) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
