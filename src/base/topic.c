/*
 * MQTT topic filters: which are well-formed, what they match (MQTT 5, sections 4.7
 * and 4.8.2; 3.1.1 section 4.7 says the same).  Levels are compared byte by byte,
 * empty ones count.
 */
#include "base/topic.h"

#include <string.h>

enum {
	TOPIC_MAX = 65535, /* bytes; the length field of a string has 16 bits */
	SHOWN_MAX = 100    /* bytes of a filter in a message */
};

/* A walk over the levels of a filter or topic: at least one, each may be empty. */
struct walk {
	struct str rest;
	struct str level;
	bool more; /* levels behind this one */
};

static void
walk_next(struct walk *w)
{
	const char *slash = w->rest.n > 0 ? memchr(w->rest.p, '/', w->rest.n) : NULL;

	w->level = w->rest;
	w->more = slash != NULL;
	if (!w->more)
		return;
	w->level.n = (size_t)(slash - w->rest.p);
	w->rest.p = slash + 1;
	w->rest.n -= w->level.n + 1;
}

static bool
is_char(struct str level, char c)
{
	return level.n == 1 && level.p[0] == c;
}

static bool
is_wild(struct str level)
{
	return is_char(level, '+') || is_char(level, '#');
}

static bool
has_char(struct str s, char c)
{
	return s.n > 0 && memchr(s.p, c, s.n) != NULL;
}

/* Has s a first-level name that wildcards must not match? */
static bool
is_reserved(struct str s)
{
	return s.n > 0 && s.p[0] == '$';
}

/* ---- well-formed filters ---- */

static int
bad_filter(struct err *err, struct str filter, const char *why)
{
	bool cut = filter.n > SHOWN_MAX;

	if (cut)
		filter.n = SHOWN_MAX;
	return err_set(err, ERR_CONFIG, "topic filter \"%.*s%s\": %s", STR_ARG(filter),
	    cut ? "..." : "", why);
}

/* What is wrong with the levels, or NULL. */
static const char *
levels_fault(struct str inner)
{
	struct walk w = { .rest = inner };

	do {
		walk_next(&w);
		if (w.level.n > 1 && has_char(w.level, '+'))
			return "'+' must stand alone in its level, as in a/+/b";
		if (w.level.n > 1 && has_char(w.level, '#'))
			return "'#' must stand alone in its level, as in a/#";
		if (w.more && is_char(w.level, '#'))
			return "'#' must be the last level, as in a/#";
	} while (w.more);
	return NULL;
}

/* What is wrong between "$share/" and the filter behind it, or NULL. */
static const char *
share_fault(struct str filter)
{
	struct walk w = { .rest = filter };

	walk_next(&w);
	walk_next(&w);
	if (w.level.n == 0)
		return "a group must follow $share/, as in $share/group/a/b";
	if (has_char(w.level, '+') || has_char(w.level, '#'))
		return "the group behind $share/ must not hold '+' or '#'";
	if (!w.more || w.rest.n == 0)
		return "a filter must follow the group, as in $share/group/a/b";
	return NULL;
}

int
topic_filter_check(struct str filter, struct err *err)
{
	const char *why = NULL;

	if (filter.n == 0)
		return err_set(err, ERR_CONFIG,
		    "topic filter is empty; to receive all topics, write #");
	if (filter.n > TOPIC_MAX)
		return bad_filter(err, filter, "longer than 65535 bytes");
	if (!str_is_utf8(filter))
		return err_set(err, ERR_CONFIG, "topic filter is not valid UTF-8");
	if (has_char(filter, '\0'))
		return err_set(err, ERR_CONFIG, "topic filter holds U+0000");
	if (str_starts(filter, "$share/"))
		why = share_fault(filter);
	else if (str_eq_c(filter, "$queue/"))
		why = "a filter must follow $queue/, as in $queue/a/b";
	if (why == NULL)
		why = levels_fault(topic_filter_inner(filter));
	return why != NULL ? bad_filter(err, filter, why) : 0;
}

/* Cuts "$queue/" or "$share/<group>/" off; the first level or the group goes to *group. */
static struct str
split_shared(struct str filter, struct str *group)
{
	struct walk w = { .rest = filter };

	*group = (struct str) { 0 };
	walk_next(&w);
	if (!w.more || !(str_eq_c(w.level, "$queue") || str_eq_c(w.level, "$share")))
		return filter;
	if (str_eq_c(w.level, "$share"))
		walk_next(&w);
	if (!w.more)
		return filter;
	*group = w.level;
	return w.rest;
}

struct str
topic_filter_inner(struct str filter)
{
	struct str group;

	return split_shared(filter, &group);
}

struct str
topic_filter_group(struct str filter)
{
	struct str group;

	split_shared(filter, &group);
	return group;
}

/* ---- matching ---- */

bool
topic_matches(struct str filter, struct str topic)
{
	struct walk f = { .rest = filter }, t = { .rest = topic };

	walk_next(&f);
	walk_next(&t);
	if (is_reserved(topic) && is_wild(f.level))
		return false;
	for (;;) {
		if (is_char(f.level, '#'))
			return true;
		if (!is_char(f.level, '+') && !str_eq(f.level, t.level))
			return false;
		if (!t.more)
			return !f.more || is_char(f.rest, '#');
		if (!f.more)
			return false;
		walk_next(&f);
		walk_next(&t);
	}
}

bool
topic_filter_covers(struct str wide, struct str narrow)
{
	struct walk w = { .rest = wide }, n = { .rest = narrow };

	/* Each topic has a first level, so that "+/#" says what "#" says. */
	if (is_char(narrow, '#'))
		return is_char(wide, '#') || str_eq_c(wide, "+/#");
	walk_next(&w);
	walk_next(&n);
	if (is_reserved(narrow) && is_wild(w.level))
		return false;
	for (;;) {
		if (is_char(w.level, '#'))
			return true;
		if (is_char(n.level, '#'))
			return false;
		if (!is_char(w.level, '+') && !str_eq(w.level, n.level))
			return false;
		if (!n.more)
			return !w.more || is_char(w.rest, '#');
		if (!w.more)
			return false;
		walk_next(&w);
		walk_next(&n);
	}
}

/* ---- names ---- */

/* A byte of x that is zero gives one with its highest bit set (and may give more). */
static uint64_t
zero_bytes(uint64_t x)
{
	return (x - 0x0101010101010101U) & ~x & 0x8080808080808080U;
}

bool
topic_name_valid(struct str topic)
{
	const uint64_t ones = 0x0101010101010101U;
	bool ascii = true;
	size_t i = 0;

	if (topic.n == 0 || topic.n > TOPIC_MAX)
		return false;
	for (; topic.n - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, topic.p + i, sizeof(word));
		if ((zero_bytes(word) | zero_bytes(word ^ ones * '+') |
			zero_bytes(word ^ ones * '#')) != 0)
			return false;
		ascii = ascii && (word & ones << 7) == 0;
	}
	for (; i < topic.n; i++) {
		if (topic.p[i] == '\0' || topic.p[i] == '+' || topic.p[i] == '#')
			return false;
		ascii = ascii && (unsigned char)topic.p[i] < 0x80;
	}
	return ascii || str_is_utf8(topic);
}

/* ---- levels ---- */

bool
topic_level(struct str topic, uint32_t level, struct str *out)
{
	struct walk w = { .rest = topic };

	do {
		walk_next(&w);
		if (--level == 0) {
			*out = w.level;
			return true;
		}
	} while (w.more);
	return false;
}

uint32_t
topic_level_count(struct str topic)
{
	uint32_t n = 1;

	for (size_t i = 0; i < topic.n; i++)
		n += topic.p[i] == '/';
	return n;
}
