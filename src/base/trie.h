#ifndef BASE_TRIE_H
#define BASE_TRIE_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * From topic filters to numbers: which of many filters match a topic.  A node per
 * level; the cost of a match grows with the levels and the matches, not with the
 * filters, and a cache in front (topic -> result; 4,096 entries, 1 MiB) makes
 * repeated topics cost one look-up.
 */
struct trie;

struct trie *trie_new(void);
void trie_free(struct trie *);

/* Adds a well-formed filter (inner form, topic.h) with a number; the same filter
 * may come with several numbers.  Empties the cache. */
void trie_add(struct trie *, struct str filter, uint32_t number);

struct trie_match {
	const uint32_t *numbers; /* ascending, without repeats */
	size_t n;
};

/* Borrowed until the next call on this trie.  topic: any bytes.  Allocates nothing but
 * the cache (64 KiB at the first call) and its entries; does not recurse. */
struct trie_match trie_find(struct trie *, struct str topic);

#endif
