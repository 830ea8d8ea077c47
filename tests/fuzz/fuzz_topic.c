/*
 * Lines of the input are filters, and topics as well.  Whatever they are: checks do
 * not crash, the trie finds (twice: then from its cache) what topic_matches says of
 * each filter, and a filter that covers another one matches what that one matches.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/topic.h"
#include "base/trie.h"

enum { MAX_LINES = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static size_t
split_lines(const uint8_t *data, size_t size, struct str *lines)
{
	struct str rest = { (const char *)data, size }, line;
	size_t n = 0;

	while (n < MAX_LINES && str_next(&rest, '\n', &line))
		lines[n++] = line;
	return n;
}

static void
check_name(struct str topic)
{
	bool valid = topic.n > 0 && topic.n <= 65535 && str_is_utf8(topic);

	for (size_t i = 0; valid && i < topic.n; i++)
		valid = topic.p[i] != '\0' && topic.p[i] != '+' && topic.p[i] != '#';
	require(topic_name_valid(topic) == valid);
}

static void
check_topic(struct trie *t, const struct str *filters, size_t n, struct str topic)
{
	for (int again = 0; again < 2; again++) {
		struct trie_match m = trie_find(t, topic);
		size_t seen = 0;

		for (uint32_t i = 0; i < n; i++) {
			if (!topic_matches(filters[i], topic))
				continue;
			require(seen < m.n && m.numbers[seen] == i);
			seen++;
		}
		require(seen == m.n);
	}
}

static void
check_covers(const struct str *filters, size_t n, struct str topic)
{
	for (size_t i = 0; i + 1 < n; i++) {
		if (topic_filter_covers(filters[i], filters[i + 1]) &&
		    topic_matches(filters[i + 1], topic))
			require(topic_matches(filters[i], topic));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str lines[MAX_LINES], filters[MAX_LINES];
	size_t n_lines = split_lines(data, size, lines), n = 0;
	struct trie *t = trie_new();
	struct err err;

	for (size_t i = 0; i < n_lines; i++) {
		check_name(lines[i]);
		(void)topic_filter_group(lines[i]);
		filters[n] = topic_filter_inner(lines[i]);
		if (topic_filter_check(lines[i], &err) < 0)
			continue;
		require(filters[n].n > 0);
		require(topic_filter_check(filters[n], &err) == 0 ||
			str_starts(filters[n], "$share/") ||
			str_starts(filters[n], "$queue/"));
		trie_add(t, filters[n], (uint32_t)n);
		n++;
	}
	for (size_t i = 0; i < n_lines; i++) {
		check_topic(t, filters, n, lines[i]);
		check_covers(filters, n, lines[i]);
	}
	trie_free(t);
	return 0;
}
