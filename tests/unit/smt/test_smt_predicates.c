/* The three predicates of Kafka Connect 3.9.1. */
#include "smt_check.h"

extern const struct smt_predicate smt_has_header_key, smt_record_is_tombstone,
    smt_topic_name_matches;

static const struct {
	const struct smt_predicate *predicate;
	const char *config, *record;
	int is;
} rows[] = {
	{ &smt_has_header_key, "name=h", "topic=t h:h=null", 1 },
	{ &smt_has_header_key, "name=h", "topic=t h:H=1", 0 },
	{ &smt_has_header_key, "name=h", "topic=t", 0 },
	{ &smt_has_header_key, "name= ", "topic=t", -1 },
	{ &smt_has_header_key, "", "topic=t", -1 },
	{ &smt_record_is_tombstone, "", "topic=t key=1", 1 },
	{ &smt_record_is_tombstone, "", "topic=t value=null", 1 },
	{ &smt_record_is_tombstone, "", "topic=t value=0", 0 },
	{ &smt_topic_name_matches, "pattern=my-.*", "topic=my-x", 1 },
	{ &smt_topic_name_matches, "pattern=my-", "topic=my-x", 0 },
	{ &smt_topic_name_matches, "pattern=.*", "key=1", 0 },
	{ &smt_topic_name_matches, "pattern=[", "topic=t", -1 },
	{ &smt_topic_name_matches, "pattern=", "topic=t", -1 },
};

static void
tells_records_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int is = smt_check_predicate(
		    rows[i].predicate, rows[i].config, rows[i].record);
		if (is != rows[i].is)
			fail_msg("%s %s on %s: %d", rows[i].predicate->name,
			    rows[i].config, rows[i].record, is);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(tells_records_apart) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
