/*
 * From topic filters to numbers.  A node stands for the levels of a filter so far;
 * numbers of filters that end there, or there in '#', hang on it.  Texts of levels are
 * stored once and numbered, and all children are in one table keyed by (node, level),
 * so that 10,000 filters need about 1 MB and a match hashes each level once.
 *
 *	site/+/temperature = 1, site/# = 2, # = 3
 *
 *	(root) below: 3 --site--> () below: 2 --+--> () --temperature--> () here: 1
 *
 * Everything is an index into an array; 0 is "none": the root is nobody's child,
 * and the first cell, level and step are not used.
 */
#include "base/trie.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/topic_cache.h"

struct node {
	uint32_t plus;  /* child: the node behind a level '+' */
	uint32_t here;  /* cells: filters that end here */
	uint32_t below; /* cells: filters that end here in a level '#' */
};

struct cell { /* of a list of numbers */
	uint32_t number;
	uint32_t next;
};

struct level { /* a text between slashes that is no wildcard */
	uint32_t hash;
	uint32_t at, n; /* in texts */
};

struct edge { /* child 0: a free place */
	uint32_t node, level;
	uint32_t child;
};

struct step {           /* a level of the topic that is looked for */
	size_t at;      /* where it begins; behind the end: there is no such level */
	uint32_t level; /* 0: in no filter */
};

struct visit {
	uint32_t node;
	uint32_t depth; /* levels of the topic behind us */
};

struct trie {
	struct node *nodes;
	struct cell *cells;
	struct level *levels;
	uint32_t n_nodes, cap_nodes, n_cells, cap_cells, n_levels, cap_levels;
	struct buf texts;

	/* Open addressing, linear probing, at most half full; sizes are powers of two. */
	uint32_t *level_places;
	uint32_t size_level_places;
	struct edge *edges;
	uint32_t n_edges, size_edges;

	/* For trie_find, made by trie_add: steps and visits for the deepest filter,
	 * found for all numbers. */
	uint32_t max_depth;
	struct step *steps;
	struct visit *visits;
	uint32_t *found;

	struct topic_cache *cache; /* made by the first trie_find */
};

/* p with room for one element more than n. */
static void *
grown(void *p, uint32_t n, uint32_t *cap, size_t size)
{
	if (n < *cap)
		return p;
	assert(n < UINT32_MAX / 2);
	*cap = *cap > 0 ? 2 * *cap : 8;
	return mem_realloc(p, *cap * size);
}

struct trie *
trie_new(void)
{
	struct trie *t = mem_zalloc(sizeof(*t));

	t->n_nodes = t->n_cells = t->n_levels = 1;
	t->nodes = grown(NULL, t->n_nodes, &t->cap_nodes, sizeof(*t->nodes));
	t->nodes[0] = (struct node) { 0 };
	t->steps = mem_alloc(2 * sizeof(*t->steps));
	t->visits = mem_alloc(2 * sizeof(*t->visits));
	return t;
}

void
trie_free(struct trie *t)
{
	if (t == NULL)
		return;
	free(t->nodes);
	free(t->cells);
	free(t->levels);
	buf_fini(&t->texts);
	free(t->level_places);
	free(t->edges);
	free(t->steps);
	free(t->visits);
	free(t->found);
	topic_cache_free(t->cache);
	free(t);
}

/* ---- texts of levels ---- */

/* The place of a text, or the free one where it would be. */
static uint32_t
level_place(const struct trie *t, struct str text, uint32_t hash)
{
	uint32_t mask = t->size_level_places - 1;
	uint32_t at = hash & mask;

	for (; t->level_places[at] != 0; at = (at + 1) & mask) {
		const struct level *l = &t->levels[t->level_places[at]];

		if (l->hash == hash &&
		    str_eq(text, (struct str) { t->texts.p + l->at, l->n }))
			break;
	}
	return at;
}

static uint32_t
find_level(const struct trie *t, struct str text)
{
	if (t->size_level_places == 0)
		return 0;
	return t->level_places[level_place(t, text, (uint32_t)str_hash(text))];
}

static void
grow_level_places(struct trie *t)
{
	uint32_t size = t->size_level_places > 0 ? 2 * t->size_level_places : 16;

	free(t->level_places);
	t->level_places = mem_zalloc(size * sizeof(*t->level_places));
	t->size_level_places = size;
	for (uint32_t i = 1; i < t->n_levels; i++) {
		uint32_t at = t->levels[i].hash & (size - 1);

		while (t->level_places[at] != 0)
			at = (at + 1) & (size - 1);
		t->level_places[at] = i;
	}
}

static uint32_t
intern_level(struct trie *t, struct str text)
{
	uint32_t hash = (uint32_t)str_hash(text);

	if (2 * t->n_levels >= t->size_level_places)
		grow_level_places(t);
	uint32_t at = level_place(t, text, hash);
	if (t->level_places[at] != 0)
		return t->level_places[at];

	t->levels = grown(t->levels, t->n_levels, &t->cap_levels, sizeof(*t->levels));
	t->levels[t->n_levels] = (struct level) {
		.hash = hash,
		.at = (uint32_t)t->texts.n,
		.n = (uint32_t)text.n,
	};
	buf_add_str(&t->texts, text);
	assert(t->texts.n <= UINT32_MAX);
	t->level_places[at] = t->n_levels;
	return t->n_levels++;
}

/* ---- children ---- */

static struct edge *
edge_place(const struct trie *t, uint32_t node, uint32_t level)
{
	uint64_t mixed = ((uint64_t)node << 32 | level) * 0x9e3779b97f4a7c15U;
	uint32_t mask = t->size_edges - 1;
	uint32_t at = (uint32_t)(mixed >> 32) & mask;

	while (t->edges[at].child != 0 &&
	       (t->edges[at].node != node || t->edges[at].level != level))
		at = (at + 1) & mask;
	return &t->edges[at];
}

static uint32_t
find_child(const struct trie *t, uint32_t node, uint32_t level)
{
	return level == 0 ? 0 : edge_place(t, node, level)->child;
}

static void
grow_edges(struct trie *t)
{
	struct edge *old = t->edges;
	uint32_t old_size = t->size_edges;

	t->size_edges = old_size > 0 ? 2 * old_size : 16;
	t->edges = mem_zalloc(t->size_edges * sizeof(*t->edges));
	for (uint32_t i = 0; i < old_size; i++) {
		if (old[i].child != 0)
			*edge_place(t, old[i].node, old[i].level) = old[i];
	}
	free(old);
}

static uint32_t
new_node(struct trie *t)
{
	t->nodes = grown(t->nodes, t->n_nodes, &t->cap_nodes, sizeof(*t->nodes));
	t->nodes[t->n_nodes] = (struct node) { 0 };
	return t->n_nodes++;
}

/* The child of a node behind a level of a filter, made when there is none. */
static uint32_t
child_for(struct trie *t, uint32_t node, struct str text)
{
	if (str_eq_c(text, "+")) {
		if (t->nodes[node].plus == 0) {
			uint32_t child = new_node(t);

			t->nodes[node].plus = child;
		}
		return t->nodes[node].plus;
	}
	if (2 * (t->n_edges + 1) > t->size_edges)
		grow_edges(t);
	uint32_t level = intern_level(t, text);
	struct edge *e = edge_place(t, node, level);
	if (e->child == 0) {
		*e = (struct edge) { node, level, new_node(t) };
		t->n_edges++;
	}
	return e->child;
}

/* ---- adding ---- */

static void
add_number(struct trie *t, uint32_t *list, uint32_t number)
{
	uint32_t cap = t->cap_cells;

	t->cells = grown(t->cells, t->n_cells, &t->cap_cells, sizeof(*t->cells));
	if (cap != t->cap_cells)
		t->found = mem_realloc(t->found, t->cap_cells * sizeof(*t->found));
	t->cells[t->n_cells] = (struct cell) { number, *list };
	*list = t->n_cells++;
}

static void
allow_depth(struct trie *t, uint32_t depth)
{
	if (depth <= t->max_depth)
		return;
	t->max_depth = depth;
	t->steps = mem_realloc(t->steps, (depth + 2) * sizeof(*t->steps));
	t->visits = mem_realloc(t->visits, (depth + 2) * sizeof(*t->visits));
}

void
trie_add(struct trie *t, struct str filter, uint32_t number)
{
	uint32_t node = 0, depth = 0;
	const char *slash;

	while (filter.n > 0 && (slash = memchr(filter.p, '/', filter.n)) != NULL) {
		struct str text = { filter.p, (size_t)(slash - filter.p) };

		node = child_for(t, node, text);
		depth++;
		filter = (struct str) { slash + 1, filter.n - text.n - 1 };
	}
	bool below = str_eq_c(filter, "#");
	if (!below) {
		node = child_for(t, node, filter);
		depth++;
	}
	allow_depth(t, depth);
	add_number(t, below ? &t->nodes[node].below : &t->nodes[node].here, number);
	if (t->cache != NULL)
		topic_cache_clear(t->cache);
}

/* ---- finding ---- */

/* Looks up a level of the topic, and where the next one begins. */
static void
take_step(struct trie *t, struct str topic, uint32_t depth)
{
	struct step *s = &t->steps[depth];
	struct str text = { topic.p + s->at, topic.n - s->at };
	const char *slash = text.n > 0 ? memchr(text.p, '/', text.n) : NULL;

	if (slash != NULL)
		text.n = (size_t)(slash - text.p);
	s->level = find_level(t, text);
	s[1].at = s->at + text.n + 1;
}

static size_t
take_numbers(struct trie *t, uint32_t list, size_t n)
{
	for (; list != 0; list = t->cells[list].next)
		t->found[n++] = t->cells[list].number;
	return n;
}

/* Fills t->found, in any order.  Each node is the child of one other, so none is
 * visited twice; siblings that wait are at most one for each depth. */
static size_t
match(struct trie *t, struct str topic)
{
	bool reserved = topic.n > 0 && topic.p[0] == '$';
	uint32_t n_visits = 0, n_steps = 0;
	size_t n = 0;

	t->steps[0].at = 0;
	t->visits[n_visits++] = (struct visit) { 0, 0 };
	while (n_visits > 0) {
		struct visit v = t->visits[--n_visits];
		const struct node *node = &t->nodes[v.node];
		bool wild = v.node != 0 || !reserved;

		if (wild)
			n = take_numbers(t, node->below, n);
		if (t->steps[v.depth].at > topic.n) {
			n = take_numbers(t, node->here, n);
			continue;
		}
		if (v.depth == n_steps)
			take_step(t, topic, n_steps++);
		uint32_t child = find_child(t, v.node, t->steps[v.depth].level);
		if (child != 0)
			t->visits[n_visits++] = (struct visit) { child, v.depth + 1 };
		if (wild && node->plus != 0)
			t->visits[n_visits++] = (struct visit) { node->plus,
				v.depth + 1 };
	}
	return n;
}

/* Shell's sort: in place, and fast both for the usual two or three and for thousands. */
static void
sort_numbers(uint32_t *a, size_t n)
{
	static const size_t gaps[] = { 1750, 701, 301, 132, 57, 23, 10, 4, 1 };

	for (size_t g = 0; g < ARRAY_LEN(gaps); g++) {
		for (size_t i = gaps[g]; i < n; i++) {
			uint32_t x = a[i];
			size_t at = i;

			for (; at >= gaps[g] && a[at - gaps[g]] > x; at -= gaps[g])
				a[at] = a[at - gaps[g]];
			a[at] = x;
		}
	}
}

/* How many are left of sorted numbers. */
static size_t
drop_repeats(uint32_t *a, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (kept == 0 || a[kept - 1] != a[i])
			a[kept++] = a[i];
	}
	return kept;
}

struct trie_match
trie_find(struct trie *t, struct str topic)
{
	uint64_t hash = str_hash(topic);
	struct trie_match m;

	if (t->cache == NULL)
		t->cache = topic_cache_new();
	if (topic_cache_get(t->cache, topic, hash, &m.numbers, &m.n))
		return m;
	m.n = match(t, topic);
	sort_numbers(t->found, m.n);
	m.n = drop_repeats(t->found, m.n);
	m.numbers = t->found;
	topic_cache_put(t->cache, topic, hash, m.numbers, m.n);
	return m;
}
