/*
 * From text to pointer.  Entries lie in order of insertion; an index of open
 * addressing with linear probing leads to them.  A removed entry leaves a hole
 * (value NULL) until the next time the entries are packed, so that a walk may
 * remove what it stands on.
 */
#include "base/map.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct entry {
	uint64_t hash;
	char *key; /* ours, NUL behind it */
	size_t key_n;
	void *value; /* NULL: a hole */
};

struct map {
	struct entry *entries;
	size_t n;        /* entries in use, holes included */
	size_t cap;      /* a power of two; at most 2^31 */
	size_t count;    /* without holes */
	uint32_t *index; /* 2 * cap places: 0 free, else 1 + position of an entry */
};

struct map *
map_new(void)
{
	return mem_zalloc(sizeof(struct map));
}

void
map_free(struct map *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->n; i++)
		free(m->entries[i].key);
	free(m->entries);
	free(m->index);
	free(m);
}

static size_t
index_mask(const struct map *m)
{
	return 2 * m->cap - 1;
}

/* The place in the index that leads to key, or the free one where it would be. */
static size_t
find_place(const struct map *m, struct str key, uint64_t hash)
{
	size_t at = hash & index_mask(m);

	for (; m->index[at] != 0; at = (at + 1) & index_mask(m)) {
		const struct entry *e = &m->entries[m->index[at] - 1];

		if (e->hash == hash && str_eq(key, (struct str) { e->key, e->key_n }))
			break;
	}
	return at;
}

void *
map_get(const struct map *m, struct str key)
{
	if (m->count == 0)
		return NULL;
	size_t at = find_place(m, key, str_hash(key));
	return m->index[at] != 0 ? m->entries[m->index[at] - 1].value : NULL;
}

/* Room for one entry more: packs when a quarter is holes, else doubles. */
static void
make_room(struct map *m)
{
	size_t n = 0;

	if (m->n < m->cap)
		return;
	if (m->count >= m->cap - m->cap / 4) {
		m->cap = m->cap > 0 ? 2 * m->cap : 8;
		assert(m->cap <= (size_t)1 << 31);
		m->entries = mem_realloc(m->entries, m->cap * sizeof(*m->entries));
		free(m->index);
		m->index = mem_alloc(2 * m->cap * sizeof(*m->index));
	}
	memset(m->index, 0, 2 * m->cap * sizeof(*m->index));
	for (size_t i = 0; i < m->n; i++) {
		if (m->entries[i].value == NULL)
			continue;
		size_t at = m->entries[i].hash & index_mask(m);
		while (m->index[at] != 0)
			at = (at + 1) & index_mask(m);
		m->entries[n] = m->entries[i];
		m->index[at] = (uint32_t)++n;
	}
	m->n = n;
}

void *
map_put(struct map *m, struct str key, void *value)
{
	uint64_t hash = str_hash(key);
	size_t at;

	assert(value != NULL);
	if (m->count > 0) {
		at = find_place(m, key, hash);
		if (m->index[at] != 0) {
			struct entry *e = &m->entries[m->index[at] - 1];
			void *old = e->value;

			e->value = value;
			return old;
		}
	}
	make_room(m);
	at = find_place(m, key, hash);
	m->entries[m->n] = (struct entry) {
		.hash = hash,
		.key = mem_strndup(key.p, key.n),
		.key_n = key.n,
		.value = value,
	};
	m->index[at] = (uint32_t)++m->n;
	m->count++;
	return NULL;
}

/* Frees a place of the index and closes the gap, so that no search ends too early. */
static void
free_place(struct map *m, size_t at)
{
	size_t mask = index_mask(m);

	for (size_t next = (at + 1) & mask; m->index[next] != 0;
	     next = (next + 1) & mask) {
		size_t home = m->entries[m->index[next] - 1].hash & mask;

		/* Moves unless its home lies behind the gap. */
		if (((next - home) & mask) < ((next - at) & mask))
			continue;
		m->index[at] = m->index[next];
		at = next;
	}
	m->index[at] = 0;
}

void *
map_remove(struct map *m, struct str key)
{
	struct entry *e;
	size_t at;
	void *value;

	if (m->count == 0)
		return NULL;
	at = find_place(m, key, str_hash(key));
	if (m->index[at] == 0)
		return NULL;
	e = &m->entries[m->index[at] - 1];
	value = e->value;
	free_place(m, at);
	free(e->key);
	*e = (struct entry) { 0 };
	m->count--;
	return value;
}

size_t
map_count(const struct map *m)
{
	return m->count;
}

bool
map_each(const struct map *m, size_t *i, struct str *key, void **value)
{
	while (*i < m->n && m->entries[*i].value == NULL)
		++*i;
	if (*i >= m->n)
		return false;
	const struct entry *e = &m->entries[(*i)++];
	*key = (struct str) { e->key, e->key_n };
	*value = e->value;
	return true;
}
