/* What statements mean: as properties in JSON, and what a path leads to. */
#include "kcql/tests/world.h"

#include <jansson.h>

struct row {
	const char *text,
	    *json; /* the properties of the first statement; NULL: refused */
};

static void
check_rows(const struct row *rows, size_t n, unsigned flags)
{
	for (size_t i = 0; i < n; i++) {
		struct kcql *k = world_parse(rows[i].text, flags);
		json_t *got = json_loads(kcql_json(k), 0, NULL), *want = NULL;
		json_t *first = json_array_get(json_object_get(got, "statements"), 0);

		assert_non_null(got);
		if (rows[i].json != NULL) {
			want = json_loads(rows[i].json, 0, NULL);
			assert_non_null(want);
		}
		if (want == NULL ? k->error == NULL : !json_equal(first, want))
			fail_msg("%s\nwant %s\ngot  %s", rows[i].text,
			    want == NULL ? "an error" : rows[i].json, kcql_json(k));
		json_decref(want);
		json_decref(got);
		kcql_free(k);
	}
}

#define STATEMENT(rest) "{\"mode\":\"INSERT\",\"target\":\"t\"," rest "}"
#define FIELDS(list) STATEMENT("\"source\":\"a\",\"fields\":[" list "]")
#define CLAUSES(rest) STATEMENT("\"source\":\"a\",\"fields\":[{\"name\":\"*\"}]," rest)

static const struct row own[] = {
	/* Names. */
	{ "INSERT INTO t SELECT * FROM From",
	    STATEMENT("\"source\":\"From\",\"fields\":[{"
		      "\"name\":\"*\"}]") },
	{ "insert into t Select*from`a`",
	    STATEMENT("\"source\":\"a\",\"fields\":[{\"name\":\"*\"}]") },
	{ "INSERT INTO t SELECT From From a", FIELDS("{\"name\":\"From\"}") },
	{ "INSERT INTO t SELECT a.from FROM a",
	    FIELDS("{\"name\":\"from\",\"parents\":[\"a\"]}") },
	{ "INSERT INTO t SELECT insert, Select, withkey FROM a",
	    FIELDS(
		"{\"name\":\"insert\"},{\"name\":\"Select\"},{\"name\":\"withkey\"}") },
	{ "INSERT INTO t SELECT a As as FROM a",
	    FIELDS("{\"name\":\"a\",\"alias\":\"as\"}") },
	{ "INSERT INTO t SELECT `a`AS`b` FROM a",
	    FIELDS("{\"name\":\"a\",\"alias\":\"b\"}") },
	{ "INSERT INTO t SELECT a.'b c'.\"d.e\" FROM a",
	    FIELDS("{\"name\":\"d.e\",\"parents\":[\"a\",\"b c\"]}") },
	{ "INSERT INTO t SELECT `*`, * FROM a",
	    FIELDS("{\"name\":\"*\"},{\"name\":\"*\"}") },
	{ "INSERT INTO t SELECT a.*, b.* FROM a",
	    FIELDS("{\"name\":\"*\",\"parents\":[\"a\"]},{\"name\":\"*\",\"parents\":["
		   "\"b\"]}") },
	{ "INSERT INTO t SELECT 'a'.b FROM a", NULL },
	/* Metadata, and what looks like it. */
	{ "INSERT INTO t SELECT _.TOPIC.2 AS x, _.Qos FROM a",
	    FIELDS("{\"name\":\"topic\",\"alias\":\"x\",\"type\":\"TOPIC\",\"level\":2},"
		   "{\"name\":\"qos\",\"type\":\"QOS\"}") },
	{ "INSERT INTO t SELECT _.topic, _.topic.1, _.topic.2 FROM a",
	    FIELDS("{\"name\":\"topic\",\"type\":\"TOPIC\"},"
		   "{\"name\":\"topic\",\"type\":\"TOPIC\",\"level\":1},"
		   "{\"name\":\"topic\",\"type\":\"TOPIC\",\"level\":2}") },
	{ "INSERT INTO t SELECT `_`.topic, _topic, _header FROM a",
	    FIELDS("{\"name\":\"topic\",\"parents\":[\"_\"]},{\"name\":\"_topic\"},"
		   "{\"name\":\"_header\"}") },
	{ "INSERT INTO t SELECT _value, _value.a.b, _value.c.* FROM a",
	    FIELDS(
		"{\"name\":\"_value\"},{\"name\":\"b\",\"parents\":[\"_value\",\"a\"]},"
		"{\"name\":\"*\",\"parents\":[\"_value\",\"c\"]}") },
	{ "INSERT INTO t SELECT _value.* FROM a",
	    FIELDS("{\"name\":\"*\",\"parents\":[\"_value\"]}") },
	{ "INSERT INTO t SELECT * FROM a IGNORE _key.b, _header",
	    CLAUSES("\"ignored\":[{\"name\":\"b\",\"parents\":[\"_key\"]},"
		    "{\"name\":\"_header\"}]") },
	{ "INSERT INTO t SELECT * FROM a WITHKEY(_key, _header.x)",
	    CLAUSES("\"with_key\":[\"_key\",\"_header.x\"]") },
	/* Keys: in ` and ' dots split, in \" they do not. */
	{ "INSERT INTO t SELECT * FROM a WITHKEY(a . b, `c.d`, 'e.f', \"g.h\", \"i\", 7, "
	  "`_.topic`)",
	    CLAUSES("\"with_key\":[\"a.b\",\"c.d\",\"e.f\",\"\\\"g.h\\\"\",\"i\",\"7\","
		    "\"_.topic\"]") },
	{ "INSERT INTO t SELECT * FROM a WITHKEY(`a.`) KEYDELIMITER='::'",
	    CLAUSES("\"with_key\":[\"a.\"],\"key_delimiter\":\"::\"") },
	/* Headers, timestamps, units. */
	{ "INSERT INTO t SELECT * FROM a WITHTAG(_.nonsense = x, b.c, d AS 'e f', g='')",
	    CLAUSES("\"tags\":[{\"key\":\"_.nonsense\",\"value\":\"x\",\"type\":"
		    "\"CONSTANT\"},"
		    "{\"key\":\"b.c\",\"type\":\"DEFAULT\"},"
		    "{\"key\":\"d\",\"value\":\"e f\",\"type\":\"ALIAS\"},"
		    "{\"key\":\"g\",\"value\":\"\",\"type\":\"CONSTANT\"}]") },
	{ "INSERT INTO t SELECT * FROM a TIMESTAMPUNIT='micRoseconds' WITHTIMESTAMP "
	  "`a.b`.c",
	    CLAUSES("\"timestamp\":\"a.b.c\",\"timestamp_unit\":\"MICROSECONDS\"") },
	{ "INSERT INTO t SELECT * FROM a WITHTIMESTAMP sys_time",
	    CLAUSES("\"timestamp\":\"sys_time\"") },
	{ "INSERT INTO t SELECT * FROM a WITHTIMESTAMP Sys_Time\n( )",
	    CLAUSES("\"timestamp\":\"sys_time()\"") },
	/* Values, in any order, and comments where they are none. */
	{ "INSERT INTO t SELECT * FROM a WITHREGEX=a--b withconverter=x--y -- z",
	    CLAUSES("\"regex\":\"a--b\",\"converter\":\"x--y\"") },
	{ "INSERT INTO t SELECT * FROM a--b",
	    STATEMENT("\"source\":\"a--b\",\"fields\":[{\"name\":\"*\"}]") },
	{ "-- `quote\nINSERT--x\n INTO t SELECT * FROM a", NULL },
	{ "--\xe2\x80\x99 is fine here\rINSERT INTO t SELECT * FROM a -- ;",
	    STATEMENT("\"source\":\"a\",\"fields\":[{\"name\":\"*\"}]") },
	{ "INSERT INTO t SELECT * FROM a KEYDELIMITER=''''", NULL },
	{ "INSERT INTO t SELECT * FROM a KEYDELIMITER=\"\x01\"",
	    CLAUSES("\"key_delimiter\":\"\\u0001\"") },
};

/* Lenses' reading, beyond the rows of the vectors: from its grammar and Kcql.java. */
static const struct row lenses[] = {
	{ "INSERT INTO t SELECT a, _key.a FROM a", NULL },
	{ "INSERT INTO t SELECT _key.a, a FROM a",
	    STATEMENT("\"source\":\"a\",\"fields\":[{\"name\":\"a\"}],\"key_fields\":[{"
		      "\"name\":\"a\"}]") },
	{ "INSERT INTO t SELECT _.topic, _.TOPIC FROM a", NULL },
	{ "INSERT INTO t SELECT _.key.* as x FROM a", NULL },
	{ "INSERT INTO t SELECT * FROM a.b . c d",
	    STATEMENT("\"source\":\"a.b.cd\",\"fields\":[{\"name\":\"*\"}]") },
	{ "INSERT INTO t SELECT * FROM `'`", NULL },
	{ "INSERT INTO t SELECT a FROM a IGNORE *",
	    STATEMENT(
		"\"source\":\"a\",\"fields\":[{\"name\":\"a\"},{\"name\":\"*\"}]") },
	{ "INSERT INTO t SELECT * FROM a WITHTAG(a.b-c)", NULL },
	{ "INSERT INTO t SELECT * FROM a WITHTAG(..a = 1)",
	    CLAUSES(
		"\"tags\":[{\"key\":\"..a\",\"value\":\"1\",\"type\":\"CONSTANT\"}]") },
	{ "INSERT INTO t SELECT * FROM a WITHTAG(..a-b AS c)",
	    CLAUSES(
		"\"tags\":[{\"key\":\"..a-b\",\"value\":\"c\",\"type\":\"ALIAS\"}]") },
	{ "INSERT INTO t SELECT * FROM a WITHTAG(s as x)", NULL },
	{ "INSERT INTO t SELECT * FROM a PK b.c, d",
	    CLAUSES("\"pk\":[{\"name\":\"c\",\"parents\":[\"b\"]},{\"name\":\"d\"}]") },
	{ "INSERT INTO t SELECT * FROM a PK *", NULL },
	{ "INSERT INTO t SELECT * FROM a PK 'bb'", NULL },
	{ "INSERT INTO t SELECT * FROM a BATCH=0", NULL },
	{ "INSERT INTO t SELECT * FROM a BATCH=2147483648", NULL },
	{ "INSERT INTO t SELECT * FROM a LIMIT 10.5", CLAUSES("\"limit\":10") },
	{ "INSERT INTO t SELECT * FROM a LIMIT -5", NULL },
	{ "INSERT INTO t SELECT * FROM a PARTITIONBY b, B", NULL },
	{ "INSERT INTO t SELECT * FROM a PARTITIONBY b.c.*, 'dd'",
	    CLAUSES("\"partition_by\":[\"b.c.*\",\"'dd'\"]") },
	{ "INSERT INTO t SELECT * FROM a PARTITIONBY b NOPARTITION",
	    CLAUSES("\"partition_by\":[\"b\"]") },
	{ "INSERT INTO t SELECT * FROM a STOREAS `x`(a=b)(A=c)", NULL },
	{ "INSERT INTO t SELECT * FROM a STOREAS `x.y` (a=1)",
	    CLAUSES("\"store_as\":\"x.y\",\"store_as_parameters\":{\"a\":\"1\"}") },
	{ "INSERT INTO t SELECT * FROM a WITHTARGET=b.c-d",
	    CLAUSES("\"with_target\":\"b.\"") },
	{ "INSERT INTO t SELECT * FROM a PROPERTIES(b=1, b=2, a=`'x'`)",
	    CLAUSES("\"properties\":{\"a\":\"x\",\"b\":\"2\"}") },
	{ "SELECT a FROM a LIMIT 3 WITHKEY(b)",
	    "{\"mode\":null,\"target\":null,\"source\":\"a\",\"fields\":[{\"name\":\"a\"}"
	    "],"
	    "\"limit\":3}" },
	{ "INSERT INTO t SELECT f(g(a), b) as c FROM a",
	    FIELDS("{\"name\":\"a\"},{\"name\":\"b\"}") },
	{ "INSERT INTO t SELECT f(a FROM a", NULL },
	{ "INSERT INTO t SELECT a@b FROM a", FIELDS("{\"name\":\"a@b\"}") },
	{ "INSERT INTO t SELECT 1a FROM a", FIELDS("{\"name\":\"1a\"}") },
	{ "INSERT INTO t SELECT * FROM a WITHTIMESTAMP SYS_TIME() ;",
	    CLAUSES("\"timestamp\":\"sys_time()\"") },
	{ "INSERT INTO t SELECT * FROM a\xff", NULL },
};

static void
gives_properties(void **state)
{
	(void)state;
	check_rows(own, LEN(own), 0);
}

static void
gives_lenses_properties_in_strict_mode(void **state)
{
	(void)state;
	check_rows(lenses, LEN(lenses), KCQL_STRICT_LENSES);
}

/* Segments with '|' between them; "*" for all fields. */
static void
check_path(const struct kcql_path *p, const char *want)
{
	char got[200] = "";

	for (size_t i = 0; i < p->n_segments; i++) {
		strcat(got, i > 0 ? "|" : "");
		strncat(got, p->segment[i].ptr, p->segment[i].len);
	}
	strcat(got, p->all ? "*" : "");
	if (strcmp(got, want) != 0)
		fail_msg("%s leads to %s, not to %s", p->text.ptr, got, want);
}

static void
leads_paths_through_the_value(void **state)
{
	static const char text[] =
	    "INSERT INTO t SELECT a.`b.c`, _value.d.e AS f, _value AS v, "
	    "g.*, _.topic.12, _.id FROM x WITHKEY(`h.i.`, \"j.k\", "
	    "`l`.m, 7, _value.o) WITHTIMESTAMP _value.p";
	static const char *const columns[] = { "a|b.c", "d|e", "", "g*", "", "" };
	static const char *const names[] = { "b.c", "f", "v", "*", "topic_12", "id" };
	static const char *const keys[] = { "h|i", "j.k", "l|m", "7", "o" };
	struct kcql *k = world_accept(text, 0);
	const struct kcql_statement *st = k->statement;

	(void)state;
	assert_int_equal(st->n_columns, LEN(columns));
	for (size_t i = 0; i < LEN(columns); i++) {
		check_path(&st->columns[i].path, columns[i]);
		assert_string_equal(st->columns[i].name.ptr, names[i]);
	}
	assert_int_equal(st->n_keys, LEN(keys));
	for (size_t i = 0; i < LEN(keys); i++)
		check_path(&st->keys[i], keys[i]);
	assert_int_equal(st->columns[4].path.from, KCQL_TOPIC);
	assert_int_equal(st->columns[4].path.level, 12);
	assert_int_equal(st->columns[5].path.from, KCQL_ID);
	check_path(&st->timestamp, "p");
	assert_false(st->receive_time);
	kcql_free(k);
}

static void
knows_where_things_stand(void **state)
{
	struct kcql *k = world_accept(
	    ";\n INSERT INTO t\n\tSELECT \xc3\xa9, b FROM c\n"
	    "  withkey(d) -- x\nIGNORE e;insert into u select * from d",
	    0);
	const struct kcql_statement *st = k->statement;

	(void)state;
	assert_int_equal(k->n_statements, 2);
	assert_int_equal(st->at.line * 100 + st->at.column, 202);
	assert_int_equal(st->target_at.line * 100 + st->target_at.column, 214);
	assert_int_equal(
	    st->columns[1].path.at.line * 100 + st->columns[1].path.at.column, 312);
	assert_int_equal(st->source_at.line * 100 + st->source_at.column, 319);
	assert_int_equal(
	    st->clause[KCQL_WITHKEY].line * 100 + st->clause[KCQL_WITHKEY].column, 403);
	assert_int_equal(st->clause[KCQL_IGNORE].line, 5);
	assert_int_equal(st->clause[KCQL_WITHTAG].line, 0);
	assert_int_equal(st[1].at.line * 100 + st[1].at.column, 510);
	kcql_free(k);
}

static void
warns_where_lenses_differs(void **state)
{
	struct kcql *k = world_accept(
	    "INSERT INTO t SELECT * FROM a/# WITHREGEX=`x` WITHKEY(b)", 0);

	(void)state;
	assert_int_equal(k->n_warnings, 1);
	assert_string_equal(k->warning[0].code, "lenses_differs:source,with_key");
	assert_string_equal(k->warning[0].message,
	    "headrace takes this as written; Lenses reads source \"a/\", no with_key");
	kcql_free(k);

	/* A `;` in a comment or in quotes: Lenses cuts there. */
	k = world_accept(
	    "INSERT INTO t SELECT * FROM a -- ;INSERT INTO u SELECT * FROM b", 0);
	assert_int_equal(k->n_warnings, 1);
	assert_string_equal(k->warning[0].code, "lenses_differs:statements");
	kcql_free(k);

	/* What Lenses refuses it does not read otherwise. */
	k = world_accept("INSERT INTO t SELECT * FROM a/# WITHCONVERTER=json", 0);
	assert_int_equal(k->n_warnings, 0);
	kcql_free(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_properties),
		cmocka_unit_test(gives_lenses_properties_in_strict_mode),
		cmocka_unit_test(leads_paths_through_the_value),
		cmocka_unit_test(knows_where_things_stand),
		cmocka_unit_test(warns_where_lenses_differs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
