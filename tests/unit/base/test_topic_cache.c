/* The cache stays within its bounds, and keeps what comes often. */
#include "base/topic_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static const uint32_t some_numbers[2000] = { 3, 5, 7 };

static bool
get(struct topic_cache *c, const char *topic)
{
	const uint32_t *numbers;
	size_t n;

	return topic_cache_get(c, str_of(topic), str_hash(str_of(topic)), &numbers, &n);
}

static void
put(struct topic_cache *c, const char *topic, size_t n)
{
	topic_cache_put(c, str_of(topic), str_hash(str_of(topic)), some_numbers, n);
}

static void
gives_back_what_was_put(void **state)
{
	struct topic_cache *c = topic_cache_new();
	const uint32_t *numbers;
	size_t n;

	(void)state;
	assert_false(get(c, "a"));
	put(c, "a", 3);
	put(c, "b", 0);
	assert_true(topic_cache_get(c, STR("a"), str_hash(STR("a")), &numbers, &n));
	assert_int_equal(n, 3);
	assert_memory_equal(numbers, some_numbers, 3 * sizeof(*numbers));
	assert_true(topic_cache_get(c, STR("b"), str_hash(STR("b")), &numbers, &n));
	assert_int_equal(n, 0);
	assert_int_equal(topic_cache_count(c), 2);
	topic_cache_clear(c);
	assert_false(get(c, "a"));
	assert_int_equal(topic_cache_count(c), 0);
	assert_int_equal(topic_cache_bytes(c), 0);
	topic_cache_free(c);
	topic_cache_free(NULL);
}

/* Equal hashes must not make equal topics. */
static void
compares_the_text(void **state)
{
	struct topic_cache *c = topic_cache_new();
	const uint32_t *numbers;
	size_t n;

	(void)state;
	for (int i = 0; i < 4; i++) {
		char topic[] = { (char)('a' + i), '\0' };
		topic_cache_put(c, str_of(topic), 99, some_numbers + i, 1);
	}
	for (int i = 0; i < 4; i++) {
		char topic[] = { (char)('a' + i), '\0' };
		assert_true(topic_cache_get(c, str_of(topic), 99, &numbers, &n));
		assert_int_equal(numbers[0], some_numbers[i]);
	}
	assert_false(topic_cache_get(c, STR("e"), 99, &numbers, &n));
	assert_false(topic_cache_get(c, STR("ab"), 99, &numbers, &n));
	topic_cache_free(c);
}

/* Four places in a set: the last one is turned over, a hit moves to the front. */
static void
moves_what_is_asked_for_to_the_front(void **state)
{
	static const char *const topics[] = { "a", "b", "c", "d", "e", "f", "g" };
	struct topic_cache *c = topic_cache_new();
	const uint32_t *numbers;
	char kept[16] = "";
	size_t n;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(topics); i++) {
		topic_cache_put(c, str_of(topics[i]), 99, some_numbers, 1);
		for (int k = 0; k < (i == 4 ? 2 : 0); k++) /* of "e" */
			assert_true(topic_cache_get(c, STR("e"), 99, &numbers, &n));
	}
	for (size_t i = 0; i < ARRAY_LEN(topics); i++) {
		if (topic_cache_get(c, str_of(topics[i]), 99, &numbers, &n))
			strcat(kept, topics[i]);
	}
	assert_string_equal(kept, "abeg");
	topic_cache_free(c);
}

static void
stays_within_its_bounds(void **state)
{
	static const size_t topic_bytes[] = { 12, 300, 3000 };
	char topic[3001];

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(topic_bytes); k++) {
		struct topic_cache *c = topic_cache_new();

		memset(topic, 'x', sizeof(topic));
		topic[topic_bytes[k]] = '\0';
		for (unsigned i = 0; i < 50000; i++) {
			topic[sprintf(topic, "%u", i)] = '/';
			put(c, topic, i % 3);
			if (topic_cache_count(c) > 4096 ||
			    topic_cache_bytes(c) > 1024 * 1024)
				fail_msg("topic %u of %zu bytes: %zu entries, %zu bytes",
				    i, topic_bytes[k], topic_cache_count(c),
				    topic_cache_bytes(c));
			if (!get(c, topic))
				fail_msg("topic %u of %zu bytes was not kept", i,
				    topic_bytes[k]);
		}
		topic_cache_free(c);
	}
}

static void
does_not_keep_what_is_too_large(void **state)
{
	struct topic_cache *c = topic_cache_new();
	char topic[5000];

	(void)state;
	memset(topic, 'x', sizeof(topic));
	topic_cache_put(c, (struct str) { topic, sizeof(topic) }, 1, some_numbers, 1);
	put(c, "a", 2000);
	topic_cache_put(c, (struct str) { topic, SIZE_MAX }, 1, some_numbers, 1);
	topic_cache_put(c, STR("b"), 1, some_numbers, SIZE_MAX / 4);
	assert_int_equal(topic_cache_count(c), 0);
	topic_cache_free(c);
}

static bool
get_or_put(struct topic_cache *c, const char *kind, unsigned i)
{
	char topic[32];

	snprintf(topic, sizeof(topic), "%s/%u", kind, i);
	if (get(c, topic))
		return true;
	put(c, topic, 1);
	return false;
}

static void
keeps_what_comes_often_through_a_flood(void **state)
{
	enum { SENSORS = 1000, FLOOD = 400000, FLOOD_PER_SENSOR = 4 };
	struct topic_cache *c = topic_cache_new();
	unsigned missed = 0;

	(void)state;
	for (unsigned i = 0; i < SENSORS; i++)
		get_or_put(c, "sensor", i);
	for (unsigned i = 0; i < FLOOD; i++) {
		get_or_put(c, "flood", i);
		if (i % FLOOD_PER_SENSOR == 0 &&
		    !get_or_put(c, "sensor", i / FLOOD_PER_SENSOR % SENSORS))
			missed++;
	}
	/* Only where four of them share a set is one in the place that is turned over:
	 * 2 in 100. */
	if (missed > FLOOD / FLOOD_PER_SENSOR / 20)
		fail_msg("%u of %u missed", missed, FLOOD / FLOOD_PER_SENSOR);
	topic_cache_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_back_what_was_put),
		cmocka_unit_test(compares_the_text),
		cmocka_unit_test(moves_what_is_asked_for_to_the_front),
		cmocka_unit_test(stays_within_its_bounds),
		cmocka_unit_test(does_not_keep_what_is_too_large),
		cmocka_unit_test(keeps_what_comes_often_through_a_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
