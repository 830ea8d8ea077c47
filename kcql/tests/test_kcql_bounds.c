/*
 * Time and memory grow with the length, whatever the text: counted, not timed.  The
 * sizes are those that once were quadratic somewhere, or would be with a careless
 * change: names, lists, quotes, calls within calls, equal columns, dots.
 */
#include "kcql/tests/world.h"

#include "kcql/kcql_lenses.h"

#define SMALL 5000u

struct shape {
	const char *name;
	const char *head, *piece, *tail; /* head, many pieces, tail */
};

static const struct shape shapes[] = {
	{ "one long name", "INSERT INTO t SELECT * FROM ", "abcdefgh", "" },
	{ "one long quote", "INSERT INTO t SELECT * FROM `", "a b/c;'\"", "`" },
	{ "an open quote", "INSERT INTO t SELECT * FROM a WITHKEY(`", "abcdef", "" },
	{ "open backticks", "INSERT INTO t SELECT ", "a.", "`b FROM c" },
	{ "many quotes", "INSERT INTO t SELECT ", "`", "" },
	{ "many pairs of quotes", "INSERT INTO t SELECT ", "''", "" },
	{ "many commas", "INSERT INTO t SELECT ", ",", "" },
	{ "equal columns", "INSERT INTO t SELECT b", ", a", " FROM c" },
	{ "equal columns of structs", "INSERT INTO t SELECT b", ", a.b.c", " FROM c" },
	{ "columns", "INSERT INTO t SELECT *", ", a AS bbb", " FROM c" },
	{ "a deep path", "INSERT INTO t SELECT a", ".b", " FROM c" },
	{ "a deep key", "INSERT INTO t SELECT * FROM c WITHKEY(`a", ".b", "`)" },
	{ "calls within calls", "INSERT INTO t SELECT ", "f(", "a FROM c" },
	{ "parentheses", "INSERT INTO t SELECT * FROM c WITHTAG", "(", "" },
	{ "dots", "INSERT INTO t SELECT * FROM c WITHTAG(", ".", ")" },
	{ "keys", "INSERT INTO t SELECT * FROM c WITHKEY(a", ",a.b", ")" },
	{ "tags", "INSERT INTO t SELECT * FROM c WITHTAG(a", ",aa AS aaa", ")" },
	{ "a long tag", "INSERT INTO t SELECT * FROM c WITHTAG(a AS ", "aa", ")" },
	{ "ignored", "INSERT INTO t SELECT * FROM c IGNORE a", ", a.b", "" },
	{ "statements", "", "INSERT INTO t SELECT * FROM a;", "" },
	{ "semicolons", "", ";", "" },
	{ "blanks", "", " \t\n", "INSERT" },
	{ "comments", "", "-- ;\n", "INSERT INTO t SELECT * FROM a" },
	{ "odd blanks", "", "\xc2\xa0", "INSERT INTO t SELECT * FROM a" },
	{ "garbage", "INSERT INTO t SELECT * FROM a ", "b c ", "" },
	{ "properties", "INSERT INTO t SELECT * FROM a PROPERTIES(a=b", ",a=b", ")" },
	{ "partitions", "INSERT INTO t SELECT * FROM a PARTITIONBY a", ",a", "" },
	{ "parameters", "INSERT INTO t SELECT * FROM a STOREAS x (a=b", ",a=b", ")" },
};

static char *
build(const struct shape *s, size_t pieces)
{
	size_t head = strlen(s->head), piece = strlen(s->piece), n = head;
	char *text = malloc(head + pieces * piece + strlen(s->tail) + 1);

	assert_non_null(text);
	memcpy(text, s->head, head);
	for (size_t i = 0; i < pieces; i++, n += piece)
		memcpy(text + n, s->piece, piece);
	strcpy(text + n, s->tail);
	return text;
}

static unsigned long
steps(const char *text, bool strict)
{
	struct kcql_memory *m = kcql_memory_new();
	struct kcql_fault fault = { 0 };
	struct kcql_list list;
	struct kcql_scan s;

	kcql_scan_init(&s, text, strlen(text));
	if (!(strict ? kcql_lenses_parse(&s, m, &list, &fault)
		     : kcql_grammar_parse(&s, m, &list, &fault)))
		(void)kcql_fault_error(&fault, &s, m);
	kcql_memory_free(m);
	return s.steps;
}

/* Twice the text takes twice the steps; a sort of n columns may take n log n. */
static void
check_shape(const struct shape *s, bool strict)
{
	char *small = build(s, SMALL), *large = build(s, 4 * SMALL);
	unsigned long a = steps(small, strict), b = steps(large, strict);

	if (b > 5 * a + 1000)
		fail_msg("%s%s: %lu steps for %u pieces, %lu for four times as many",
		    s->name, strict ? " (strict)" : "", a, SMALL, b);
	if (a > 40 * strlen(small))
		fail_msg("%s%s: %lu steps for %zu bytes", s->name,
		    strict ? " (strict)" : "", a, strlen(small));
	free(small);
	free(large);
}

static void
takes_steps_in_proportion_to_the_length(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(shapes); i++) {
		check_shape(&shapes[i], false);
		check_shape(&shapes[i], true);
	}
}

/* The whole way: both readings, warnings, checks, texts. */
static void
reads_a_mebibyte_of_anything(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(shapes); i++) {
		char *text = build(
		    &shapes[i], ((size_t)1 << 20) / strlen(shapes[i].piece));
		struct kcql *k = world_parse(text, 0);

		assert_non_null(kcql_json(k));
		assert_non_null(kcql_text(k).ptr);
		if (k->error != NULL && strlen(k->error->message) > 4096)
			fail_msg("%s: a message of %zu bytes", shapes[i].name,
			    strlen(k->error->message));
		kcql_free(k);
		k = world_parse(text, KCQL_STRICT_LENSES);
		assert_non_null(kcql_json(k));
		kcql_free(k);
		free(text);
	}
}

static void
refuses_more_than_the_limit(void **state)
{
	char *text = malloc(KCQL_MAX_BYTES + 1);
	struct kcql *k;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', KCQL_MAX_BYTES + 1);
	k = kcql_parse(text, KCQL_MAX_BYTES + 1, 0);
	assert_non_null(k->error);
	assert_string_equal(k->error->code, "too_long");
	kcql_free(k);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_steps_in_proportion_to_the_length),
		cmocka_unit_test(reads_a_mebibyte_of_anything),
		cmocka_unit_test(refuses_more_than_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
