/* TimestampRouter against what Kafka Connect 3.9.1 does. */
#include "smt_check.h"

extern const struct smt smt_timestamp_router;

static const struct smt_record_row rows[] = {
	/* configuration, in, out */
	{ "", "topic=t ts=1483425001864", "topic=t-20170103 ts=1483425001864" },
	{ "topic.format=${topic}.${topic}/${timestamp};timestamp.format=yyyy",
	    "topic=t ts=1483425001864", "topic=t.t/2017 ts=1483425001864" },
	/* a topic that holds ${timestamp} gets it, too */
	{ "", "topic=${timestamp} ts=0", "topic=19700101-19700101 ts=0" },
	{ "topic.format=x", "topic=t ts=0", "topic=x ts=0" },
	{ "timestamp.format=", "topic=t ts=0", "topic=t- ts=0" },
	{ "topic.format=", "topic=t ts=0", "topic= ts=0" },
	{ "", "topic=t", "record: Timestamp missing on record: ..." },
	{ "timestamp.format=bad", "topic=t ts=0",
	    "record: Illegal pattern character 'b'" },
};

static void
makes_topics_of_time(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		smt_check_record(&smt_timestamp_router, SMT_PLAIN, &rows[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(makes_topics_of_time) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
