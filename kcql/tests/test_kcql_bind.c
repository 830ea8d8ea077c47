/* What shows only after parsing: names for Kafka and MQTT, converters, expressions. */
#include "kcql/tests/world.h"

struct row {
	const char *text;
	const char *codes; /* of the statement, with a blank behind each */
};

static void
check_row(const struct row *r, unsigned flags)
{
	struct kcql *k = world_accept(r->text, flags);
	char got[200] = "";

	for (size_t i = 0; i < k->n_bind; i++) {
		strcat(got, k->bind[i].code);
		strcat(got, " ");
		assert_true(k->bind[i].at.line > 0 && k->bind[i].message[0] != '\0');
	}
	if (strcmp(got, r->codes) != 0)
		fail_msg("%s\nwant %s\ngot  %s", r->text, r->codes, got);
	kcql_free(k);
}

static void
check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_row(&rows[i], 0);
}

#define SOURCE(filter) "INSERT INTO t SELECT * FROM " filter
#define TARGET(topic) "INSERT INTO " topic " SELECT * FROM a"
#define BAD_FILTER "bad_filter "
#define BAD_TOPIC "bad_topic_name "

static const struct row filters[] = {
	{ SOURCE("#"), "" },
	{ SOURCE("+"), "" },
	{ SOURCE("/"), "" },
	{ SOURCE("+/+/#"), "" },
	{ SOURCE("//+//#"), "" },
	{ SOURCE("a/#"), "" },
	{ SOURCE("a#"), BAD_FILTER },
	{ SOURCE("#/a"), BAD_FILTER },
	{ SOURCE("a/#b"), BAD_FILTER },
	{ SOURCE("a/##"), BAD_FILTER },
	{ SOURCE("a/++"), BAD_FILTER },
	{ SOURCE("a/+b/c"), BAD_FILTER },
	{ SOURCE("$share/g/#"), "" },
	{ SOURCE("$share/g//"), "" },
	{ SOURCE("$share/g/a#"), BAD_FILTER },
	{ SOURCE("$share/g/"), BAD_FILTER },
	{ SOURCE("$share/g"), BAD_FILTER },
	{ SOURCE("$share/"), BAD_FILTER },
	{ SOURCE("$share//a"), BAD_FILTER },
	{ SOURCE("$share/#/a"), BAD_FILTER },
	{ SOURCE("$share"), "" },
	{ SOURCE("$queue/a/+"), "" },
	{ SOURCE("$queue/a+"), BAD_FILTER },
	{ SOURCE("$queue/"), BAD_FILTER },
	{ SOURCE("$SYS/#"), "" },
	{ SOURCE("`a b/\xc3\xa9`"), "" },
};

static const struct row topics[] = {
	{ TARGET("a.b_c-D9"), "" },
	{ TARGET("$"), "" },
	{ TARGET("$$"), "" },
	{ TARGET("x.$.y"), "" },
	{ TARGET(".$"), "" },
	{ TARGET("..."), "" },
	{ TARGET("."), BAD_TOPIC },
	{ TARGET(".."), BAD_TOPIC },
	{ TARGET("a/b"), BAD_TOPIC },
	{ TARGET("`a b`"), BAD_TOPIC },
	{ TARGET("caf\xc3\xa9"), BAD_TOPIC },
	{ TARGET("a:$"), BAD_TOPIC },
};

#define JSON " WITHCONVERTER=json"
#define TEXT " WITHCONVERTER=`json-text`"
#define KEYS "key_needs_fields "
#define COLUMNS "columns_need_fields "

static const struct row converters[] = {
	{ SOURCE("a WITHCONVERTER=bytes"), "" },
	{ SOURCE("a WITHCONVERTER=Bytes"), "unknown_converter " },
	{ SOURCE("a WITHCONVERTER=nothing WITHKEY(b)"), "unknown_converter " },
	{ SOURCE("a WITHKEY(b)"), KEYS },
	{ SOURCE("a WITHKEY(b)" JSON), "" },
	{ SOURCE("a WITHKEY(b)" TEXT), "" },
	{ SOURCE("a WITHKEY(_.topic, _.id)"), "" },
	{ SOURCE("a WITHKEY(_.topic, `_.id`)"), KEYS },
	{ SOURCE("a WITHTAG(b=c, _.topic AS d)"), "" },
	{ SOURCE("a WITHTAG(b=c, d)"), COLUMNS },
	{ SOURCE("a WITHTAG(d)" TEXT), "" },
	{ SOURCE("a WITHTIMESTAMP sys_time()"), "" },
	{ SOURCE("a WITHTIMESTAMP _.topic.2"), "" },
	{ SOURCE("a WITHTIMESTAMP b"), COLUMNS },
	{ SOURCE("a WITHTIMESTAMP b" TEXT), "" },
	{ SOURCE("a IGNORE b"), COLUMNS },
	{ SOURCE("a IGNORE b" TEXT), COLUMNS },
	{ SOURCE("a IGNORE b" JSON), "" },
	{ SOURCE("a WITHSTRUCTURE"), "" },
	{ "INSERT INTO t SELECT _.topic FROM a", COLUMNS },
	{ "INSERT INTO t SELECT b FROM a IGNORE c WITHKEY(d) WITHTAG(e)", KEYS COLUMNS },
	{ "INSERT INTO t SELECT b FROM a" TEXT, COLUMNS },
	{ SOURCE("a WITHREGEX=`[`"), "bad_regex " },
	{ "INSERT INTO a/b SELECT c FROM d# WITHKEY(e) WITHREGEX='['",
	    BAD_TOPIC BAD_FILTER KEYS COLUMNS "bad_regex " },
};

/* Lenses ignores what needs fields, and puts the MQTT topic for `$` alone only. */
static const struct row strict[] = {
	{ SOURCE("a WITHKEY(b)"), "" },
	{ "INSERT INTO t SELECT b FROM a", "" },
	{ TARGET("`$`"), "" },
	{ TARGET("`x$`"), BAD_TOPIC },
	{ "SELECT * FROM a", BAD_TOPIC },
	{ SOURCE("`a#`"), BAD_FILTER },
};

static void
checks_filters(void **state)
{
	(void)state;
	check_rows(filters, LEN(filters));
}

static void
checks_topics(void **state)
{
	(void)state;
	check_rows(topics, LEN(topics));
}

static void
checks_converters_and_expressions(void **state)
{
	(void)state;
	check_rows(converters, LEN(converters));
}

static void
checks_less_in_strict_mode(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(strict); i++)
		check_row(&strict[i], KCQL_STRICT_LENSES);
}

/* Lengths, at the limit and behind it. */
static void
checks_lengths(void **state)
{
	static const struct {
		const char *format;
		int length;
		const char *codes;
	} lengths[] = {
		{ "INSERT INTO %0*d SELECT * FROM a", 249, "" },
		{ "INSERT INTO %0*d SELECT * FROM a", 250, BAD_TOPIC },
		{ "INSERT INTO $%0*d SELECT * FROM a", 249, "" },
		{ "INSERT INTO t SELECT * FROM %0*d", 65535, "" },
		{ "INSERT INTO t SELECT * FROM %0*d", 65536, BAD_FILTER },
	};
	static char text[70000];

	(void)state;
	for (size_t i = 0; i < LEN(lengths); i++) {
		struct row r = { text, lengths[i].codes };

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof(text), lengths[i].format, lengths[i].length, 0);
#pragma GCC diagnostic pop
		check_row(&r, 0);
	}
}

static void
finds_nul_in_a_filter(void **state)
{
	static const char text[] = "INSERT INTO t SELECT * FROM `a\0b`";
	struct kcql *k = kcql_parse(text, sizeof(text) - 1, 0);

	(void)state;
	kcql_bind(k, &world);
	assert_null(k->error);
	assert_int_equal(k->statement[0].source.len, 3);
	assert_int_equal(k->n_bind, 1);
	assert_string_equal(k->bind[0].code, "bad_filter");
	kcql_free(k);
}

static void
asks_nothing_of_an_empty_world(void **state)
{
	static const char text[] =
	    "INSERT INTO t SELECT b FROM a WITHCONVERTER=x WITHREGEX=`[`";
	const struct kcql_world empty = { 0 };
	struct kcql *k = kcql_parse(text, strlen(text), 0);

	(void)state;
	kcql_bind(k, &empty);
	assert_int_equal(k->n_bind, 0);
	kcql_free(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks_filters),
		cmocka_unit_test(checks_topics),
		cmocka_unit_test(checks_converters_and_expressions),
		cmocka_unit_test(checks_less_in_strict_mode),
		cmocka_unit_test(checks_lengths),
		cmocka_unit_test(finds_nul_in_a_filter),
		cmocka_unit_test(asks_nothing_of_an_empty_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
