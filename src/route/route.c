/*
 * Statements by topic: a trie over the filters, and a list of the statements whose
 * WITHREGEX decides alone.  Must not know what happens to a message afterwards.
 */
#include "route/route.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/regex.h"
#include "base/topic.h"
#include "base/topic_cache.h"
#include "base/trie.h"

#define KAFKA_NAME_MAX 249 /* org.apache.kafka.common.internals.Topic */

#define GAVE_UP UINT32_MAX /* stands alone in the place of statements */

struct route {
	const struct kcql_statement *statements;
	size_t n;
	bool strict;
	/* Strict: by the statement that came first with a source, the last one that has
	 * it.  The others are in neither trie nor list.  Else NULL. */
	uint32_t *stands;
	struct trie *trie;
	char **filters;
	size_t n_filters;
	/* Statements with WITHREGEX: the expression alone decides (kcql.md 7.2). */
	struct regex **regexes; /* by statement; NULL: none */
	uint32_t *with_regex;   /* their numbers, ascending */
	size_t n_regexes;
	struct topic_cache *found; /* only used when there are expressions */
	uint32_t *numbers;         /* room for all statements */
};

static struct str
text(struct kcql_text t)
{
	return (struct str) { t.ptr, t.len };
}

/* Would a subscription to `wide` bring all that one to `narrow` does? */
static bool
covers(struct str wide, struct str narrow)
{
	return str_eq(topic_filter_group(wide), topic_filter_group(narrow)) &&
	       topic_filter_covers(topic_filter_inner(wide), topic_filter_inner(narrow));
}

/* Is another statement's filter enough?  Of two equal ones the first is kept. */
static bool
is_covered(const struct route *r, size_t i)
{
	struct str mine = text(r->statements[i].source);

	for (size_t j = 0; j < r->n; j++) {
		struct str other = text(r->statements[j].source);
		if (j == i || !covers(other, mine))
			continue;
		if (j < i || !covers(mine, other))
			return true;
	}
	return false;
}

/* is_covered is quadratic; beyond so many statements only exact repeats are left out,
 * so that a start never takes seconds. */
#define COVER_MAX 500

static void
find_filters(struct route *r)
{
	struct map *seen = map_new();

	r->filters = mem_zalloc((r->n + 1) * sizeof(*r->filters));
	for (size_t i = 0; i < r->n; i++) {
		struct str source = text(r->statements[i].source);
		if (map_put(seen, source, r) != NULL)
			continue;
		if (r->n <= COVER_MAX && is_covered(r, i))
			continue;
		r->filters[r->n_filters++] = mem_strndup(source.p, source.n);
	}
	map_free(seen);
}

static int
add_statement(struct route *r, size_t i, const struct kcql_statement *s, struct err *err)
{
	if (s->regex.ptr == NULL) {
		trie_add(r->trie, topic_filter_inner(text(s->source)), (uint32_t)i);
		return 0;
	}
	r->regexes[i] = regex_new(text(s->regex), REGEX_WHOLE, err);
	r->with_regex[r->n_regexes++] = (uint32_t)i;
	if (r->regexes[i] == NULL)
		return err_context(err, "WITHREGEX");
	return 0;
}

static int
add_all(struct route *r, struct err *err)
{
	for (size_t i = 0; i < r->n; i++)
		if (add_statement(r, i, &r->statements[i], err) != 0)
			return -1;
	return 0;
}

/* A Map of Scala by source: an entry keeps its first place and its last value. */
static int
add_strict(struct route *r, struct err *err)
{
	struct map *last = map_new(), *added = map_new();
	int result = 0;

	r->stands = mem_zalloc((r->n + 1) * sizeof(*r->stands));
	for (size_t i = 0; i < r->n; i++)
		map_put(last, text(r->statements[i].source), (void *)&r->statements[i]);
	for (size_t i = 0; i < r->n && result == 0; i++) {
		const struct kcql_statement *s = map_get(
		    last, text(r->statements[i].source));
		if (map_put(added, text(s->source), r) != NULL)
			continue;
		r->stands[i] = (uint32_t)(s - r->statements);
		result = add_statement(r, i, s, err);
	}
	map_free(last);
	map_free(added);
	return result;
}

struct route *
route_new(const struct kcql_statement *statements, size_t n, bool strict, struct err *err)
{
	struct route *r = mem_zalloc(sizeof(*r));

	r->statements = statements;
	r->n = n;
	r->strict = strict;
	r->trie = trie_new();
	r->found = topic_cache_new();
	r->regexes = mem_zalloc((n + 1) * sizeof(struct regex *));
	r->with_regex = mem_zalloc((n + 1) * sizeof(*r->with_regex));
	r->numbers = mem_zalloc((n + 1) * sizeof(*r->numbers));
	if ((strict ? add_strict(r, err) : add_all(r, err)) != 0) {
		route_free(r);
		return NULL;
	}
	find_filters(r);
	return r;
}

void
route_free(struct route *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->n_filters; i++)
		free(r->filters[i]);
	for (size_t i = 0; i < r->n_regexes; i++)
		regex_free(r->regexes[r->with_regex[i]]);
	free(r->filters);
	free(r->regexes);
	free(r->with_regex);
	free(r->numbers);
	free(r->stands);
	topic_cache_free(r->found);
	trie_free(r->trie);
	free(r);
}

const char *const *
route_filters(const struct route *r, size_t *n)
{
	*n = r->n_filters;
	return (const char *const *)r->filters;
}

/* Both kinds of statements, in the order of the configuration; the number of them. */
static size_t
merge(struct route *r, struct str topic, struct trie_match m)
{
	struct err ignored;
	size_t n = 0, j = 0;

	for (size_t i = 0; i < r->n_regexes; i++) {
		uint32_t number = r->with_regex[i];
		int takes = regex_matches(r->regexes[number], topic, &ignored);
		if (takes < 0) {
			r->numbers[0] = GAVE_UP;
			return 1;
		}
		while (j < m.n && m.numbers[j] < number)
			r->numbers[n++] = m.numbers[j++];
		if (takes > 0)
			r->numbers[n++] = number;
	}
	while (j < m.n)
		r->numbers[n++] = m.numbers[j++];
	return n;
}

static struct route_match
find_with_regexes(struct route *r, struct str topic)
{
	uint64_t hash = str_hash(topic);
	struct route_match found;

	if (topic_cache_get(r->found, topic, hash, &found.statements, &found.n))
		return found;
	found.n = merge(r, topic, trie_find(r->trie, topic));
	found.statements = r->numbers;
	topic_cache_put(r->found, topic, hash, found.statements, found.n);
	return found;
}

int
route_find(struct route *r, struct str topic, struct route_match *out, struct err *err)
{
	if (r->n_regexes == 0) {
		struct trie_match m = trie_find(r->trie, topic);
		*out = (struct route_match) { m.numbers, m.n };
	} else {
		*out = find_with_regexes(r, topic);
	}
	if (out->n == 0)
		return 0;
	if (out->statements[0] == GAVE_UP)
		return err_set(err, ERR_RECORD,
		    "an expression of WITHREGEX gave up on this topic at %d steps; write "
		    "it without nested repeats like (a+)+",
		    REGEX_MATCH_LIMIT);
	if (r->strict)
		*out = (struct route_match) { &r->stands[out->statements[0]], 1 };
	return 0;
}

bool
route_target_varies(const struct kcql_statement *s)
{
	return memchr(s->target.ptr, '$', s->target.len) != NULL;
}

static bool
kafka_char(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

/* Bytes of the code point at p; topics are well-formed UTF-8. */
static size_t
code_point_bytes(const char *p, const char *end)
{
	size_t n = 1;

	while (p + n < end && ((unsigned char)p[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* "/I/Love//Kafka" -> "I_Love_Kafka" (Lenses 9.0.0 and later), then every other
 * character that Kafka refuses -> '_' (ours). */
static void
sanitise(struct str topic, struct buf *out, bool *changed)
{
	const char *p = topic.p, *end = topic.p + topic.n;

	if (p < end && *p == '/')
		p++;
	while (p < end) {
		if (*p == '/') {
			buf_add_byte(out, '_');
			while (p < end && *p == '/')
				p++;
		} else if (kafka_char((unsigned char)*p)) {
			buf_add_byte(out, (uint8_t)*p++);
		} else {
			buf_add_byte(out, '_');
			p += code_point_bytes(p, end);
			*changed = true;
		}
	}
}

bool
route_name_legal(struct str name)
{
	if (name.n == 0 || name.n > KAFKA_NAME_MAX || str_eq_c(name, ".") ||
	    str_eq_c(name, ".."))
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!kafka_char((unsigned char)name.p[i]))
			return false;
	return true;
}

static int
check_name(struct str name, struct str topic, struct err *err)
{
	if (name.n > 0 && name.n <= KAFKA_NAME_MAX && !str_eq_c(name, ".") &&
	    !str_eq_c(name, ".."))
		return 0;
	return err_set(err, ERR_RECORD,
	    "no Kafka topic can be called as MQTT topic \"%.*s\" asks: the name would be "
	    "%s; "
	    "name the target without $",
	    (int)(topic.n > 80 ? 80 : topic.n), topic.p,
	    name.n == 0               ? "empty"
	    : name.n > KAFKA_NAME_MAX ? "longer than 249"
				      : "a dot");
}

int
route_target(const struct kcql_statement *s, struct str topic, bool strict,
    struct buf *out, bool *changed, struct err *err)
{
	*changed = false;
	buf_reset(out);
	if (strict && !(s->target.len == 1 && s->target.ptr[0] == '$')) {
		buf_add(out, s->target.ptr, s->target.len);
		return check_name(buf_str(out), topic, err);
	}
	for (size_t i = 0; i < s->target.len; i++)
		if (s->target.ptr[i] == '$')
			sanitise(topic, out, changed);
		else
			buf_add_byte(out, (uint8_t)s->target.ptr[i]);
	return check_name(buf_str(out), topic, err);
}
