#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* From text to pointer; keeps the order of insertion.  Keys are copied. */
struct map;

struct map *map_new(void);
void map_free(struct map *);                       /* not the values */
void *map_get(const struct map *, struct str key); /* NULL when absent */
/* Puts or replaces; returns the value that was there, or NULL.  value not NULL. */
void *map_put(struct map *, struct str key, void *value);
void *map_remove(struct map *, struct str key); /* returns the value, or NULL */
size_t map_count(const struct map *);
/*
 * Walks in order of insertion: for (size_t i = 0; map_each(m, &i, &k, &v);)  The
 * key lives until its entry is removed and has a NUL behind it.  The walk may
 * remove entries and replace values; it must not put new keys.
 */
bool map_each(const struct map *, size_t *i, struct str *key, void **value);

#endif
