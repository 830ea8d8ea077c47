/* MQTT topic filters: MQTT 5, sections 4.7 and 4.8.2. */
#include "base/topic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

struct check_row {
	struct str filter;
	const char *why; /* in the message; NULL: well-formed */
};

static const struct check_row check_rows[] = {
	{ { "a", 1 }, NULL },
	{ { "/", 1 }, NULL },
	{ { "//", 2 }, NULL },
	{ { "+", 1 }, NULL },
	{ { "#", 1 }, NULL },
	{ { "/#", 2 }, NULL },
	{ { "+/+/#", 5 }, NULL },
	{ { "a/+/b/#", 7 }, NULL },
	{ { "a b/\xc3\xa4", 6 }, NULL },
	{ { "$SYS/#", 6 }, NULL },
	{ { "$share", 6 }, NULL },
	{ { "$queue", 6 }, NULL },
	{ { "$shared/a", 9 }, NULL },
	{ { "$share/g/a", 10 }, NULL },
	{ { "$share/g/#", 10 }, NULL },
	{ { "$share/g//a", 11 }, NULL },
	{ { "$share/g//", 10 }, NULL },
	{ { "$queue/a/+", 10 }, NULL },
	{ { "a/$share/b", 10 }, NULL },
	{ { NULL, 0 }, "empty" },
	{ { "", 0 }, "empty" },
	{ { "a+", 2 }, "'+' must stand alone" },
	{ { "a/+b/c", 6 }, "'+' must stand alone" },
	{ { "++", 2 }, "'+' must stand alone" },
	{ { "a#", 2 }, "'#' must stand alone" },
	{ { "a/##", 4 }, "'#' must stand alone" },
	{ { "+#", 2 }, "must stand alone" },
	{ { "#/", 2 }, "'#' must be the last level" },
	{ { "a/#/b", 5 }, "'#' must be the last level" },
	{ { "$share/", 7 }, "a group must follow" },
	{ { "$share//a", 9 }, "a group must follow" },
	{ { "$share/g", 8 }, "a filter must follow" },
	{ { "$share/g/", 9 }, "a filter must follow" },
	{ { "$share/+/a", 10 }, "must not hold" },
	{ { "$share/g#/a", 11 }, "must not hold" },
	{ { "$share/g/a+", 11 }, "'+' must stand alone" },
	{ { "$share/g/#/a", 12 }, "'#' must be the last level" },
	{ { "$queue/", 7 }, "a filter must follow" },
	{ { "$queue/a#", 9 }, "'#' must stand alone" },
	{ { "a\0b", 3 }, "U+0000" },
	{ { "a/\xff", 3 }, "UTF-8" },
	{ { "\xed\xa0\x80", 3 }, "UTF-8" },
	{ { "\xc0\xaf", 2 }, "UTF-8" },
};

static void
checks_filters(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(check_rows); i++) {
		const struct check_row *row = &check_rows[i];
		struct err err = { 0 };
		int rc = topic_filter_check(row->filter, &err);

		if (row->why == NULL ? rc == 0
				     : rc == -1 && err.kind == ERR_CONFIG &&
					   strstr(err.msg, row->why) != NULL)
			continue;
		fail_msg("\"%.*s\": %d, %s; expected: %s", STR_ARG(row->filter), rc,
		    err.msg, row->why != NULL ? row->why : "well-formed");
	}
}

static void
limits_filters_to_65535_bytes(void **state)
{
	char *long_one = mem_alloc(65536);
	struct err err;

	(void)state;
	memset(long_one, '/', 65536);
	assert_int_equal(topic_filter_check((struct str) { long_one, 65535 }, &err), 0);
	assert_int_equal(topic_filter_check((struct str) { long_one, 65536 }, &err), -1);
	assert_non_null(strstr(err.msg, "65535"));
	assert_true(topic_name_valid((struct str) { long_one, 65535 }));
	assert_false(topic_name_valid((struct str) { long_one, 65536 }));
	assert_true(topic_matches(
	    (struct str) { long_one, 65535 }, (struct str) { long_one, 65535 }));
	free(long_one);
}

static void
says_what_is_wrong_also_with_a_long_filter(void **state)
{
	char filter[2000];
	struct err err;

	(void)state;
	memset(filter, 'x', sizeof(filter));
	filter[1990] = '+';
	topic_filter_check((struct str) { filter, sizeof(filter) }, &err);
	assert_non_null(strstr(err.msg, "x...\": '+' must stand alone in its level"));
}

static void
splits_shared_filters(void **state)
{
	static const struct {
		const char *filter, *group, *inner;
	} rows[] = {
		{ "a/b", "", "a/b" },
		{ "$share/g/a/b", "g", "a/b" },
		{ "$share/g//a", "g", "/a" },
		{ "$queue/a/#", "$queue", "a/#" },
		{ "$queue//", "$queue", "/" },
		{ "$share", "", "$share" },
		{ "$share/g", "", "$share/g" },
		{ "$queue", "", "$queue" },
		{ "$SYS/x", "", "$SYS/x" },
		{ "", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str group = topic_filter_group(str_of(rows[i].filter));
		struct str inner = topic_filter_inner(str_of(rows[i].filter));

		if (!str_eq_c(group, rows[i].group) || !str_eq_c(inner, rows[i].inner))
			fail_msg("%s: group \"%.*s\", inner \"%.*s\"", rows[i].filter,
			    STR_ARG(group), STR_ARG(inner));
	}
}

static void
matches_level_by_level(void **state)
{
	static const struct {
		const char *filter, *topic;
		bool matches;
	} rows[] = {
		{ "a", "a", true },
		{ "a", "A", false },
		{ "a", "a/", false },
		{ "a/", "a", false },
		{ "a/b", "a/b", true },
		{ "a/b", "a/b/c", false },
		{ "a/b/c", "a/b", false },
		{ "ab", "a", false },
		{ "a", "ab", false },
		{ "+", "a", true },
		{ "+", "/a", false },
		{ "+/+", "/a", true },
		{ "/+", "/a", true },
		{ "/+", "/", true },
		{ "+/+", "/", true },
		{ "a/+", "a/", true },
		{ "a/+", "a", false },
		{ "a/+/c", "a/b/c", true },
		{ "a/+/c", "a//c", true },
		{ "a/+/c", "a/b/d", false },
		{ "#", "a", true },
		{ "#", "/", true },
		{ "#", "a/b/c", true },
		{ "a/#", "a", true },
		{ "a/#", "a/", true },
		{ "a/#", "a/b/c", true },
		{ "a/#", "ab", false },
		{ "a/+/#", "a", false },
		{ "a/+/#", "a/b", true },
		{ "+/#", "a", true },
		{ "/#", "/", true },
		{ "/#", "a", false },
		{ "#", "$SYS/x", false },
		{ "+/x", "$SYS/x", false },
		{ "$SYS/#", "$SYS/x", true },
		{ "$SYS/#", "$SYS", true },
		{ "$SYS/+", "$SYS/x", true },
		{ "a/+", "a/$x", true },
		{ "a/#", "a/$x", true },
		{ "+", "$", false },
		{ "$", "$", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (topic_matches(str_of(rows[i].filter), str_of(rows[i].topic)) !=
		    rows[i].matches)
			fail_msg("%s on %s: expected %d", rows[i].filter, rows[i].topic,
			    rows[i].matches);
	}
}

static void
covers_by_rows(void **state)
{
	static const struct {
		const char *wide, *narrow;
		bool covers;
	} rows[] = {
		{ "a/b", "a/b", true },
		{ "a/+", "a/b", true },
		{ "a/b", "a/+", false },
		{ "a/#", "a/+/c", true },
		{ "a/#", "a", true },
		{ "a", "a/#", false },
		{ "a/+", "a/#", false },
		{ "a/+/#", "a/#", false },
		{ "+/#", "#", true },
		{ "#", "+/#", true },
		{ "+/+/#", "#", false },
		{ "#", "$SYS/#", false },
		{ "+/a", "$SYS/a", false },
		{ "$SYS/#", "$SYS/+", true },
		{ "$SYS/#", "#", false },
		{ "/+", "//", false },
		{ "/#", "//", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (topic_filter_covers(str_of(rows[i].wide), str_of(rows[i].narrow)) !=
		    rows[i].covers)
			fail_msg("does %s cover %s? expected %d", rows[i].wide,
			    rows[i].narrow, rows[i].covers);
	}
}

/* Text number i of up to four levels out of `levels`, e.g. "a/+//#"; false: no more. */
static bool
nth_text(size_t i, const char *const *levels, size_t n_levels, char *out)
{
	size_t depth = 1, texts = n_levels;

	while (i >= texts) {
		i -= texts;
		texts *= n_levels;
		if (++depth > 4)
			return false;
	}
	*out = '\0';
	for (size_t d = 0; d < depth; d++, i /= n_levels) {
		strcat(out, d > 0 ? "/" : "");
		strcat(out, levels[i % n_levels]);
	}
	return true;
}

/* All topics of up to four levels of these; enough to tell all filters of three apart. */
static const char *const topic_levels[] = { "", "a", "b", "$" };
static const char *const filter_levels[] = { "", "a", "$", "+", "#" };

static bool
covers_by_trying(struct str wide, struct str narrow)
{
	char topic[32];

	for (size_t i = 0; nth_text(i, topic_levels, ARRAY_LEN(topic_levels), topic);
	     i++) {
		if (topic_matches(narrow, str_of(topic)) &&
		    !topic_matches(wide, str_of(topic)))
			return false;
	}
	return true;
}

static void
covers_what_trying_all_topics_says(void **state)
{
	enum { THREE_LEVELS = 5 + 25 + 125 };
	char wide[32], narrow[32];
	struct err err;

	(void)state;
	for (size_t i = 0; i < THREE_LEVELS; i++) {
		nth_text(i, filter_levels, ARRAY_LEN(filter_levels), wide);
		if (topic_filter_check(str_of(wide), &err) < 0)
			continue;
		for (size_t j = 0; j < THREE_LEVELS; j++) {
			nth_text(j, filter_levels, ARRAY_LEN(filter_levels), narrow);
			if (topic_filter_check(str_of(narrow), &err) < 0)
				continue;
			if (topic_filter_covers(str_of(wide), str_of(narrow)) !=
			    covers_by_trying(str_of(wide), str_of(narrow)))
				fail_msg("does \"%s\" cover \"%s\"? wrong answer", wide,
				    narrow);
		}
	}
}

static void
knows_valid_topic_names(void **state)
{
	static const struct {
		struct str topic;
		bool valid;
	} rows[] = {
		{ { "a", 1 }, true },
		{ { "/", 1 }, true },
		{ { "$SYS/broker/uptime", 18 }, true },
		{ { "line 1/\xc3\xa4\xf0\x9f\x98\x80/temperature", 25 }, true },
		{ { "", 0 }, false },
		{ { NULL, 0 }, false },
		{ { "#", 1 }, false },
		{ { "a/+", 3 }, false },
		{ { "\0", 1 }, false },
		{ { "0123456+89", 10 }, false },
		{ { "#123456789", 10 }, false },
		{ { "01234567890\0", 12 }, false },
		{ { "0123\0"
		    "6789",
		      9 },
		    false },
		{ { "\xff", 1 }, false },
		{ { "0123456\xc3", 8 }, false },
		{ { "01234567\xc3", 9 }, false },
		{ { "0123456\xc3\xa4", 9 }, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (topic_name_valid(rows[i].topic) != rows[i].valid)
			fail_msg("row %zu, \"%.*s\": expected %d", i,
			    STR_ARG(rows[i].topic), rows[i].valid);
	}
}

/* At each place of a word of eight bytes, beside each neighbour. */
static void
finds_forbidden_bytes_at_any_place(void **state)
{
	char topic[24];

	(void)state;
	for (size_t at = 0; at < sizeof(topic); at++) {
		for (unsigned neighbour = 1; neighbour < 0x80; neighbour++) {
			if (neighbour == '+' || neighbour == '#')
				continue;
			memset(topic, (int)neighbour, sizeof(topic));
			assert_true(
			    topic_name_valid((struct str) { topic, sizeof(topic) }));
			for (size_t k = 0; k < 3; k++) {
				topic[at] = "+#\0"[k];
				if (topic_name_valid(
					(struct str) { topic, sizeof(topic) }))
					fail_msg("byte %d at %zu among %u", topic[at], at,
					    neighbour);
			}
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks_filters),
		cmocka_unit_test(limits_filters_to_65535_bytes),
		cmocka_unit_test(says_what_is_wrong_also_with_a_long_filter),
		cmocka_unit_test(splits_shared_filters),
		cmocka_unit_test(matches_level_by_level),
		cmocka_unit_test(covers_by_rows),
		cmocka_unit_test(covers_what_trying_all_topics_says),
		cmocka_unit_test(knows_valid_topic_names),
		cmocka_unit_test(finds_forbidden_bytes_at_any_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
