/* The trie says what topic_matches says of each filter, also out of its cache. */
#include "base/trie.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/topic.h"

/* The same numbers in every run: xorshift64*. */
static uint64_t
next_random(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (*seed * 0x2545f4914f6cdd1dU) >> 32;
}

static size_t
pick(uint64_t *seed, size_t n)
{
	return (size_t)(next_random(seed) % n);
}

static void
random_text(uint64_t *seed, bool filter, char *out)
{
	static const char *const levels[] = { "a", "b", "c", "", "$x", "long level", "+",
		"#" };
	size_t depth = 1 + pick(seed, 6);

	*out = '\0';
	for (size_t d = 0; d < depth; d++) {
		const char
		    *level = levels[pick(seed, ARRAY_LEN(levels) - (filter ? 0 : 2))];

		strcat(out, d > 0 ? "/" : "");
		strcat(out, level);
		if (*level == '#')
			break;
	}
}

enum { MAX_FILTERS = 200 };

struct filter {
	char text[128];
	uint32_t number;
};

/* The numbers of the filters that match, in a text. */
static void
expected(const struct filter *filters, size_t n, const char *topic, char *out)
{
	uint32_t last = UINT32_MAX;

	*out = '\0';
	for (uint32_t number = 0; number < MAX_FILTERS; number++) {
		for (size_t i = 0; i < n; i++) {
			if (filters[i].number != number || number == last ||
			    !topic_matches(str_of(filters[i].text), str_of(topic)))
				continue;
			out += sprintf(out, "%u ", number);
			last = number;
		}
	}
}

static void
found(struct trie *t, const char *topic, char *out)
{
	struct trie_match m = trie_find(t, str_of(topic));

	*out = '\0';
	for (size_t i = 0; i < m.n; i++)
		out += sprintf(out, "%u ", m.numbers[i]);
}

static void
check_topic(struct trie *t, const struct filter *filters, size_t n, const char *topic)
{
	char want[4096], got[4096];

	expected(filters, n, topic, want);
	for (int again = 0; again < 2; again++) { /* the second time from the cache */
		found(t, topic, got);
		if (strcmp(want, got) == 0)
			continue;
		for (size_t i = 0; i < n; i++)
			print_message("%u: %s\n", filters[i].number, filters[i].text);
		fail_msg("topic \"%s\", time %d: expected %s, found %s", topic, again,
		    want, got);
	}
}

static void
agrees_with_topic_matches(void **state)
{
	uint64_t seed = 20240229;
	struct filter filters[MAX_FILTERS];
	char topic[128];

	(void)state;
	for (int round = 0; round < 60; round++) {
		size_t n = 1 + pick(&seed, MAX_FILTERS);
		struct trie *t = trie_new();

		for (size_t i = 0; i < n; i++) {
			random_text(&seed, true, filters[i].text);
			filters[i].number = (uint32_t)pick(&seed, n); /* some repeat */
			trie_add(t, str_of(filters[i].text), filters[i].number);
			random_text(&seed, false, topic);
			if (i % 16 == 0) /* finding between adding, too */
				check_topic(t, filters, i + 1, topic);
		}
		for (int k = 0; k < 100; k++) {
			random_text(&seed, false, topic);
			check_topic(t, filters, n, topic);
		}
		trie_free(t);
	}
}

static void
finds_nothing_when_empty(void **state)
{
	struct trie *t = trie_new();

	(void)state;
	assert_int_equal(trie_find(t, STR("a")).n, 0);
	assert_int_equal(trie_find(t, STR("")).n, 0);
	assert_int_equal(trie_find(t, (struct str) { NULL, 0 }).n, 0);
	trie_free(t);
	trie_free(NULL);
}

static void
gives_numbers_ascending_and_once(void **state)
{
	static const char *const filters[] = { "a/b", "#", "a/#", "+/b", "a/+", "+/+",
		"+/#", "a/b/#" };
	struct trie *t = trie_new();

	(void)state;
	for (uint32_t i = 0; i < 10000; i++)
		trie_add(t, str_of(filters[i % ARRAY_LEN(filters)]), (i * 7919) % 5000);
	struct trie_match m = trie_find(t, STR("a/b"));
	assert_int_equal(m.n, 5000);
	for (uint32_t i = 0; i < 5000; i++)
		assert_int_equal(m.numbers[i], i);
	trie_free(t);
}

static void
takes_any_number(void **state)
{
	struct trie *t = trie_new();

	(void)state;
	trie_add(t, STR("a"), UINT32_MAX);
	trie_add(t, STR("+"), 0);
	struct trie_match m = trie_find(t, STR("a"));
	assert_int_equal(m.n, 2);
	assert_int_equal(m.numbers[0], 0);
	assert_int_equal(m.numbers[1], UINT32_MAX);
	trie_free(t);
}

/* 65,535 bytes that are all slashes, as filter and as topic, and a little deeper. */
static void
takes_the_deepest_topics(void **state)
{
	char *slashes = mem_alloc(65536), *wild = mem_alloc(65536);
	struct trie *t = trie_new();

	(void)state;
	memset(slashes, '/', 65536);
	for (size_t i = 0; i < 65535; i++)
		wild[i] = "+/"[i % 2];
	trie_add(t, (struct str) { slashes, 65535 }, 1);
	trie_add(t, (struct str) { wild, 65535 }, 2);
	trie_add(t, STR("/#"), 3);
	trie_add(t, STR("+/+/x"), 4);

	struct trie_match m = trie_find(t, (struct str) { slashes, 65535 });
	assert_int_equal(m.n, 2);
	assert_int_equal(m.numbers[0], 1);
	assert_int_equal(m.numbers[1], 3);
	m = trie_find(t, (struct str) { slashes, 65534 });
	assert_int_equal(m.n, 1);
	assert_int_equal(m.numbers[0], 3);
	m = trie_find(t, (struct str) { slashes, 32767 }); /* 32,768 levels, as in wild */
	assert_int_equal(m.n, 2);
	assert_int_equal(m.numbers[0], 2);
	assert_int_equal(m.numbers[1], 3);
	free(slashes);
	free(wild);
	trie_free(t);
}

static void
does_not_mix_up_levels_of_equal_beginnings(void **state)
{
	struct trie *t = trie_new();
	char text[32];

	(void)state;
	for (uint32_t i = 0; i < 20000; i++) {
		sprintf(text, "plant/%u/sensor/%u", i % 100, i);
		trie_add(t, str_of(text), i);
	}
	for (uint32_t i = 0; i < 20000; i++) {
		sprintf(text, "plant/%u/sensor/%u", i % 100, i);
		struct trie_match m = trie_find(t, str_of(text));
		if (m.n != 1 || m.numbers[0] != i)
			fail_msg("%s: %zu numbers, the first %u", text, m.n,
			    m.n > 0 ? m.numbers[0] : 0);
		sprintf(text, "plant/%u/sensor/%u", (i + 1) % 100, i);
		if (trie_find(t, str_of(text)).n != 0)
			fail_msg("%s: found", text);
	}
	trie_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_topic_matches),
		cmocka_unit_test(finds_nothing_when_empty),
		cmocka_unit_test(gives_numbers_ascending_and_once),
		cmocka_unit_test(takes_any_number),
		cmocka_unit_test(takes_the_deepest_topics),
		cmocka_unit_test(does_not_mix_up_levels_of_equal_beginnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
