/* InsertField against what Kafka Connect 3.9.1 does (structs: vectors). */
#include "smt_check.h"

extern const struct smt smt_insert_field;

static const struct smt_record_row rows[] = {
	/* configuration, in, out */
	{ "topic.field=t", "topic=x value={\"a\":1}", "topic=x value={a=1, t=x}" },
	{ "partition.field=p!;timestamp.field=ts", "topic=x part=3 ts=5 value={}",
	    "topic=x part=3 ts=5 value={p=int32 3, ts=5}" },
	{ "partition.field=p!;timestamp.field=ts", "topic=x value={}",
	    "topic=x value={}" },
	{ "offset.field=o", "topic=x offset=9 value={}", "topic=x offset=9 value={o=9}" },
	{ "offset.field=o", "topic=x value={}",
	    "record: Only SinkRecord supported for "
	    "[field insertion], found: org.apache.kafka.connect.source.SourceRecord" },
	{ "static.field=a?;static.value=v", "value={\"a\":1}", "value={a=v}" },
	{ "static.field=a!?;static.value=v", "value={}", "value={a!=v}" },
	{ "topic.field=t", "topic=x", "topic=x" },
	{ "topic.field=t", "topic=x value=5",
	    "record: Only Map objects supported in absence "
	    "of schema for [field insertion], found: java.lang.Long" },
	{ "static.value=v", "value={}", "config: No field insertion configured" },
	{ "static.field=f", "value={}",
	    "config: Invalid value null for configuration "
	    "static.value: No value specified for static field: f" },
};

static void
inserts_what_is_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		smt_check_record(&smt_insert_field, SMT_VALUE, &rows[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(inserts_what_is_known) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
