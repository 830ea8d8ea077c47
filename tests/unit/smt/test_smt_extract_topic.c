/* ExtractTopic, as this project reads Confluent's documentation. */
#include "smt_check.h"

extern const struct smt smt_extract_topic;

static const struct {
	unsigned side;
	struct smt_record_row row;
} rows[] = {
	{ SMT_VALUE, { "", "topic=t value=\"x\"", "topic=x value=x" } },
	{ SMT_KEY, { "", "topic=t key=\"k\" value=\"x\"", "topic=k key=k value=x" } },
	{ SMT_VALUE,
	    { "field=a", "topic=t value={\"a\":\"x\"}", "topic=x value={a=x}" } },
	{ SMT_VALUE, { "field=$.a[1]['b.c'];field.format=JSON_PATH",
			 "topic=t value={\"a\":[0,{\"b.c\":\"x\"}]}",
			 "topic=x value={a=[0, {b.c=x}]}" } },
	{ SMT_VALUE,
	    { "field=$[\"a\"].b;field.format=JSON_PATH",
		"topic=t value={\"a\":{\"b\":\"x\"}}", "topic=x value={a={b=x}}" } },
	{ SMT_VALUE, { "field=$;field.format=JSON_PATH", "topic=t value=\"x\"",
			 "topic=x value=x" } },
	{ SMT_HEADER,
	    { "field=h", "topic=t h:h=\"a\" h:h=\"b\"", "topic=b h:h=a h:h=b" } },
	/* no text */
	{ SMT_VALUE,
	    { "field=z", "topic=t value={\"a\":1}",
		"record: ExtractTopic: the value (field z) holds no text for the "
		"topic; skip.missing.or.null=true would keep the topic" } },
	{ SMT_VALUE, { "field=z;skip.missing.or.null=true", "topic=t value={\"a\":1}",
			 "topic=t value={a=1}" } },
	{ SMT_VALUE,
	    { "skip.missing.or.null=true", "topic=t value=\"\"", "topic=t value=" } },
	{ SMT_VALUE, { "skip.missing.or.null=true", "topic=t", "topic=t" } },
	{ SMT_HEADER, { "field=h", "topic=t",
			  "record: ExtractTopic: the header (field h) "
			  "holds no text..." } },
	/* other types */
	{ SMT_VALUE, { "skip.missing.or.null=true", "topic=t value=5",
			 "record: ExtractTopic: the topic must be a string; the value "
			 "(field ) holds a value of class java.lang.Long" } },
	{ SMT_VALUE, { "field=a", "topic=t value=5",
			 "record: ExtractTopic: there is no way to a in a value of class "
			 "java.lang.Long" } },
	/* configuration */
	{ SMT_HEADER, { "", "topic=t",
			  "config: Invalid value  for configuration field: "
			  "the header's name is missing" } },
	{ SMT_HEADER, { "field=h;field.format=JSON_PATH", "topic=t",
			  "config: Invalid value JSON_PATH for configuration "
			  "field.format..." } },
	{ SMT_VALUE, { "field=a;field.format=JSON_PATH", "topic=t",
			 "config: Invalid value a for configuration field: only .name, "
			 "['name'] and [0] may stand in a JSON path, behind $; at index "
			 "0" } },
	{ SMT_VALUE, { "field=$..a;field.format=JSON_PATH", "topic=t",
			 "config: Invalid value $..a for configuration field: ..." } },
	{ SMT_VALUE, { "field=$.a[*];field.format=JSON_PATH", "topic=t",
			 "config: Invalid value $.a[*] for configuration field: ..." } },
	{ SMT_VALUE, { "field=$.a[1;field.format=JSON_PATH", "topic=t",
			 "config: Invalid value $.a[1 for configuration field: ..." } },
	{ SMT_VALUE, { "field=$['a;field.format=JSON_PATH", "topic=t",
			 "config: Invalid value $['a for configuration field: ..." } },
};

static void
takes_the_topic_from_a_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		smt_check_record(&smt_extract_topic, rows[i].side, &rows[i].row);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_the_topic_from_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
