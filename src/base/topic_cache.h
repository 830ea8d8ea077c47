#ifndef BASE_TOPIC_CACHE_H
#define BASE_TOPIC_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * From topics seen lately to the numbers found for them: the part of trie.c that makes
 * repeated topics cheap.  At most 4,096 entries and 1 MiB, whatever comes: topics
 * that come once push each other out and not those that come often.
 */
struct topic_cache;

struct topic_cache *topic_cache_new(void);
void topic_cache_free(struct topic_cache *);
void topic_cache_clear(struct topic_cache *);

/* hash: str_hash(topic).  What is found is borrowed until the next put or clear. */
bool topic_cache_get(struct topic_cache *, struct str topic, uint64_t hash,
    const uint32_t **numbers, size_t *n);
/* Copies both.  What is too large for its worth is not kept. */
void topic_cache_put(struct topic_cache *, struct str topic, uint64_t hash,
    const uint32_t *numbers, size_t n);

size_t topic_cache_count(const struct topic_cache *);
size_t topic_cache_bytes(const struct topic_cache *); /* of the entries */

#endif
