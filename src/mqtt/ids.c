/* A small hash table of packet identifiers; see ids.h. */
#include "mqtt/ids.h"

#include <stdlib.h>

#include "base/mem.h"

enum { IDS_FIRST_SIZE = 64 };

/* Identifiers count up, so they spread by themselves. */
static uint32_t
place_of(const struct ids *ids, uint16_t id)
{
	uint32_t i = id & (ids->size - 1);

	while (ids->entries[i].id != 0 && ids->entries[i].id != id)
		i = (i + 1) & (ids->size - 1);
	return i;
}

static void
resize(struct ids *ids, uint32_t size)
{
	struct ids old = *ids;

	ids->size = size;
	ids->entries = mem_zalloc(size * sizeof(*ids->entries));
	for (uint32_t i = 0; i < old.size; i++) {
		if (old.entries[i].id != 0)
			ids->entries[place_of(ids, old.entries[i].id)] = old.entries[i];
	}
	free(old.entries);
}

void
ids_put(struct ids *ids, const struct ids_entry *known)
{
	if (ids->n >= ids->size / 2)
		resize(ids, ids->size > 0 ? ids->size * 2 : IDS_FIRST_SIZE);
	struct ids_entry *e = &ids->entries[place_of(ids, known->id)];
	if (e->id == 0)
		ids->n++;
	*e = *known;
}

struct ids_entry *
ids_find(const struct ids *ids, uint16_t id)
{
	if (ids->n == 0)
		return NULL;
	struct ids_entry *e = &ids->entries[place_of(ids, id)];
	return e->id == id ? e : NULL;
}

void
ids_remove(struct ids *ids, uint16_t id)
{
	uint32_t mask = ids->size - 1, hole;

	if (ids_find(ids, id) == NULL)
		return;
	hole = place_of(ids, id);
	/* What the hole would cut off from its home moves into it. */
	for (uint32_t i = (hole + 1) & mask; ids->entries[i].id != 0;
	     i = (i + 1) & mask) {
		uint32_t home = ids->entries[i].id & mask;
		if (((i - home) & mask) >= ((i - hole) & mask)) {
			ids->entries[hole] = ids->entries[i];
			hole = i;
		}
	}
	ids->entries[hole].id = 0;
	if (--ids->n == 0 && ids->size > IDS_FIRST_SIZE)
		ids_clear(ids);
}

void
ids_clear(struct ids *ids)
{
	free(ids->entries);
	*ids = (struct ids) { 0 };
}
