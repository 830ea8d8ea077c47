/* Which statements take a topic, what is subscribed, what the Kafka topic is called. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "route/route.h"

/* A statement with what route looks at. */
static struct kcql_statement
statement(const char *target, const char *source)
{
	return (struct kcql_statement) {
		.target = { target, strlen(target) },
		.source = { source, strlen(source) },
	};
}

static struct route *
route_of(struct kcql_statement *s, const char *const *filters, size_t n)
{
	struct err err = { 0 };
	struct route *r;

	for (size_t i = 0; i < n; i++)
		s[i] = statement("t", filters[i]);
	r = route_new(s, n, false, &err);
	assert_non_null(r);
	return r;
}

static struct route_match
find(struct route *r, const char *topic)
{
	struct route_match m;
	struct err err = { 0 };

	if (route_find(r, str_of(topic), &m, &err) != 0)
		fail_msg("%s: %s", topic, err.msg);
	return m;
}

/* The numbers of the statements that take a topic. */
static void
check_find(struct route *r, const char *topic, const char *expect)
{
	struct route_match m = find(r, topic);
	char text[64] = "";

	for (size_t j = 0; j < m.n; j++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%u ",
		    m.statements[j]);
	if (strcmp(text, expect) != 0)
		fail_msg("%s: \"%s\" instead of \"%s\"", topic, text, expect);
}

static void
sends_a_message_to_every_statement_that_matches(void **state)
{
	static const char *const filters[] = { "a/+", "a/#", "b", "+/b", "$share/g/a/b" };
	static const struct {
		const char *topic, *expect;
	} rows[] = {
		{ "a/b", "0 1 3 4 " },
		{ "a", "1 " },
		{ "a/b/c", "1 " },
		{ "b", "2 " },
		{ "c", "" },
		{ "$SYS/b", "" },
	};
	struct kcql_statement s[ARRAY_LEN(filters)];
	struct route *r = route_of(s, filters, ARRAY_LEN(filters));

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_find(r, rows[i].topic, rows[i].expect);
	route_free(r);
}

static void
subscribes_each_filter_once_and_leaves_out_covered_ones(void **state)
{
	static const char *const filters[] = { "a/b", "a/+", "a/+", "$share/g/a/b",
		"$share/g/a/b", "x/#", "x", "+/y", "x/y" };
	static const char *const expect[] = { "a/+", "$share/g/a/b", "x/#", "+/y" };
	struct kcql_statement s[ARRAY_LEN(filters)];
	struct route *r = route_of(s, filters, ARRAY_LEN(filters));
	size_t n;
	const char *const *got = route_filters(r, &n);

	(void)state;
	assert_int_equal(n, ARRAY_LEN(expect));
	for (size_t i = 0; i < n; i++)
		assert_string_equal(got[i], expect[i]);
	route_free(r);
}

static void
lets_an_expression_alone_decide(void **state)
{
	struct kcql_statement s[] = { statement("t", "a/#"), statement("t", "a/#"),
		statement("t", "b") };
	struct err err = { 0 };
	struct route *r;

	(void)state;
	s[1].regex = (struct kcql_text) { "a/(x|y)", 7 };
	r = route_new(s, ARRAY_LEN(s), false, &err);
	assert_non_null(r);
	for (int again = 0; again < 2; again++) { /* found, then remembered */
		check_find(r, "a/x", "0 1 ");
		check_find(r, "a/x/y", "0 ");
		check_find(r, "b", "2 ");
		check_find(r, "c", "");
	}
	route_free(r);
	s[1].regex = (struct kcql_text) { "a(", 2 };
	assert_null(route_new(s, ARRAY_LEN(s), false, &err));
	assert_int_equal(err.kind, ERR_CONFIG);
}

static void
keeps_the_order_of_both_kinds(void **state)
{
	struct kcql_statement s[] = { statement("t", "x"), statement("t", "a"),
		statement("t", "x"), statement("t", "#"), statement("t", "x") };
	struct err err = { 0 };
	struct route *r;

	(void)state;
	s[0].regex = s[2].regex = s[4].regex = (struct kcql_text) { "a|b", 3 };
	r = route_new(s, ARRAY_LEN(s), false, &err);
	assert_non_null(r);
	check_find(r, "a", "0 1 2 3 4 ");
	check_find(r, "b", "0 2 3 4 ");
	check_find(r, "x", "3 ");
	route_free(r);
}

static void
tells_when_an_expression_gave_up(void **state)
{
	struct kcql_statement s[] = { statement("t", "a/#"), statement("t", "#") };
	struct err err = { 0 };
	struct route_match m;
	struct route *r;

	(void)state;
	s[1].regex = (struct kcql_text) { "(a+|a?b?)+c", 11 };
	r = route_new(s, ARRAY_LEN(s), false, &err);
	assert_non_null(r);
	for (int again = 0; again < 2; again++) { /* tried, then remembered */
		memset(&err, 0, sizeof(err));
		assert_int_equal(
		    route_find(r, STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac!"),
			&m, &err),
		    -1);
		assert_int_equal(err.kind, ERR_RECORD);
		assert_non_null(strstr(err.msg, "gave up"));
	}
	check_find(r, "a/x", "0 ");
	route_free(r);
}

static void
takes_the_first_match_alone_in_strict_mode(void **state)
{
	/* of two statements with one source there is the last, at the place of the
	 * first */
	static const char *const sources[] = { "a/#", "b/+", "a/#", "#", "c" };
	struct kcql_statement s[ARRAY_LEN(sources)];
	struct err err = { 0 };
	struct route *r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sources); i++)
		s[i] = statement("t", sources[i]);
	s[4].regex = (struct kcql_text) { "b/x", 3 };
	r = route_new(s, ARRAY_LEN(s), true, &err);
	assert_non_null(r);
	check_find(r, "a/x", "2 ");
	check_find(r, "b/x", "1 ");
	check_find(r, "c", "3 ");
	check_find(r, "$SYS", "");
	route_free(r);
}

static void
names_the_kafka_topic(void **state)
{
	static const struct {
		const char *target, *topic, *expect; /* NULL: refused */
		bool strict, changed;
	} rows[] = {
		{ "plain", "a/b", "plain", false, false },
		{ "$", "/I/Love/Kafka", "I_Love_Kafka", false, false },
		{ "$", "Foo/Bar/Baz", "Foo_Bar_Baz", false, false },
		{ "$", "//a//b", "_a_b", false, false },
		{ "$", "a/b/", "a_b_", false, false },
		{ "$", "a b/c", "a_b_c", false, true },
		{ "$", "$SYS/x", "_SYS_x", false, true },
		{ "$", "gr\xc3\xbc\xc3\x9f", "gr__", false, true },
		{ "pre_$.x", "a/b", "pre_a_b.x", false, false },
		{ "pre_$", "a/b", "pre_$", true, false },
		{ "$", "a/b", "a_b", true, false },
		{ "$", "/", NULL, false, false },
		{ "$", ".", NULL, false, false },
		{ "$", "..", NULL, false, false },
	};
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct kcql_statement s = statement(rows[i].target, "#");
		struct err err = { 0 };
		bool changed;
		int result = route_target(
		    &s, str_of(rows[i].topic), rows[i].strict, &out, &changed, &err);

		if ((result == 0) != (rows[i].expect != NULL))
			fail_msg("row %zu: %d %s", i, result, err.msg);
		if (result != 0) {
			assert_int_equal(err.kind, ERR_RECORD);
			continue;
		}
		assert_string_equal(buf_cstr(&out), rows[i].expect);
		assert_int_equal(changed, rows[i].changed);
	}
	buf_fini(&out);
}

static void
refuses_a_name_of_250_bytes(void **state)
{
	struct kcql_statement s = statement("$", "#");
	struct buf out = { 0 };
	struct err err = { 0 };
	char topic[251];
	bool changed;

	(void)state;
	memset(topic, 'x', sizeof(topic));
	assert_int_equal(
	    route_target(&s, (struct str) { topic, 249 }, false, &out, &changed, &err),
	    0);
	assert_int_equal(
	    route_target(&s, (struct str) { topic, 250 }, false, &out, &changed, &err),
	    -1);
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sends_a_message_to_every_statement_that_matches),
		cmocka_unit_test(subscribes_each_filter_once_and_leaves_out_covered_ones),
		cmocka_unit_test(lets_an_expression_alone_decide),
		cmocka_unit_test(keeps_the_order_of_both_kinds),
		cmocka_unit_test(tells_when_an_expression_gave_up),
		cmocka_unit_test(takes_the_first_match_alone_in_strict_mode),
		cmocka_unit_test(names_the_kafka_topic),
		cmocka_unit_test(refuses_a_name_of_250_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
