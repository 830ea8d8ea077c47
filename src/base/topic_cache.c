/*
 * A set-associative cache: the hash chooses a set of four places in one cache line.
 * A new entry takes the last place of its set, a hit moves it one place to the
 * front, so that a stream of topics that never come again turns over the last
 * places only.
 */
#include "base/topic_cache.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
	SETS = 1024,
	WAYS = 4, /* places in a set */
	MAX_BYTES = 1024 * 1024,
	MAX_ENTRY_BYTES = 4096,
	MALLOC_BYTES = 16, /* what malloc needs for itself */
};

struct cached {
	uint32_t topic_n;
	uint32_t n;
	uint32_t numbers[]; /* behind them the topic */
};

struct place {
	uint64_t hash;
	struct cached *e; /* NULL: free; the free ones are the last of a set */
};

struct topic_cache {
	alignas(64) struct place places[SETS][WAYS];
	size_t count;
	size_t bytes;
	size_t hand; /* place that is freed next when the bytes run out */
};

struct topic_cache *
topic_cache_new(void)
{
	size_t size = sizeof(struct topic_cache);

	return memset(mem_alloc_aligned(alignof(struct topic_cache), size), 0, size);
}

void
topic_cache_free(struct topic_cache *c)
{
	if (c == NULL)
		return;
	topic_cache_clear(c);
	free(c);
}

static size_t
entry_bytes(size_t topic_n, size_t n)
{
	return sizeof(struct cached) + n * sizeof(uint32_t) + topic_n + MALLOC_BYTES;
}

static struct str
entry_topic(const struct cached *e)
{
	return (struct str) { (const char *)(e->numbers + e->n), e->topic_n };
}

static void
drop_entry(struct topic_cache *c, struct place *set, size_t way)
{
	struct cached *e = set[way].e;

	c->count--;
	c->bytes -= entry_bytes(e->topic_n, e->n);
	free(e);
	for (; way + 1 < WAYS; way++)
		set[way] = set[way + 1];
	set[WAYS - 1].e = NULL;
}

void
topic_cache_clear(struct topic_cache *c)
{
	for (size_t i = 0; c->count > 0; i++) {
		while (c->places[i][0].e != NULL)
			drop_entry(c, c->places[i], 0);
	}
}

bool
topic_cache_get(struct topic_cache *c, struct str topic, uint64_t hash,
    const uint32_t **numbers, size_t *n)
{
	struct place *set = c->places[hash % SETS];

	for (size_t way = 0; way < WAYS && set[way].e != NULL; way++) {
		const struct cached *e = set[way].e;

		if (set[way].hash != hash || !str_eq(topic, entry_topic(e)))
			continue;
		if (way > 0) {
			struct place hit = set[way];

			set[way] = set[way - 1];
			set[way - 1] = hit;
		}
		*numbers = e->numbers;
		*n = e->n;
		return true;
	}
	return false;
}

/* Turns out what comes next under the hand until so many bytes are free. */
static void
make_room(struct topic_cache *c, size_t need)
{
	while (c->bytes + need > MAX_BYTES) {
		struct place *set = c->places[c->hand++ % SETS];

		for (size_t way = WAYS; way-- > 0;) {
			if (set[way].e != NULL) {
				drop_entry(c, set, way);
				break;
			}
		}
	}
}

void
topic_cache_put(struct topic_cache *c, struct str topic, uint64_t hash,
    const uint32_t *numbers, size_t n)
{
	struct place *set = c->places[hash % SETS];
	size_t need, way = 0;

	if (topic.n > MAX_ENTRY_BYTES || n > MAX_ENTRY_BYTES)
		return;
	need = entry_bytes(topic.n, n);
	if (need > MAX_ENTRY_BYTES)
		return;
	if (set[WAYS - 1].e != NULL)
		drop_entry(c, set, WAYS - 1);
	make_room(c, need);
	while (set[way].e != NULL)
		way++;

	struct cached *e = mem_alloc(need - MALLOC_BYTES);
	e->topic_n = (uint32_t)topic.n;
	e->n = (uint32_t)n;
	if (n > 0)
		memcpy(e->numbers, numbers, n * sizeof(uint32_t));
	if (topic.n > 0)
		memcpy(e->numbers + n, topic.p, topic.n);
	set[way] = (struct place) { hash, e };
	c->count++;
	c->bytes += need;
}

size_t
topic_cache_count(const struct topic_cache *c)
{
	return c->count;
}

size_t
topic_cache_bytes(const struct topic_cache *c)
{
	return c->bytes;
}
