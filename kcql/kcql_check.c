/*
 * Checks on whole statements: columns that make the same field, warnings where Lenses
 * reads or does something else, and what shows only together with the world outside
 * (README.md, "Warnings" and "After parsing").
 */
#include "kcql/kcql_check.h"

#include <stdlib.h>
#include <string.h>

#include "kcql/kcql_fault.h"
#include "kcql/kcql_print.h"
#include "kcql/kcql_words.h"

/*
 * Duplicate columns: sorted by output name, because the time of a sort is bounded for
 * hostile lists too, which that of a hash table is not.
 */

struct output {
	const struct kcql_column *column;
	size_t index;
	bool structure;
	unsigned long *steps;
};

static int
compare_texts(struct kcql_text a, struct kcql_text b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int d = memcmp(a.ptr, b.ptr, len);

	return d != 0 ? d : (a.len > b.len) - (a.len < b.len);
}

/* Does the column's path lead somewhere, so that parents count? */
static size_t
parents(const struct output *o)
{
	const struct kcql_path *p = &o->column->path;

	if (p->all)
		return p->n_segments;
	return o->structure && p->n_segments > 0 ? p->n_segments - 1 : 0;
}

/* Order by output name: with WITHSTRUCTURE, and of `a.*`, by the whole path. */
static int
compare(const struct output *a, const struct output *b)
{
	size_t n = parents(a);
	int d = (int)a->column->path.all - (int)b->column->path.all;

	if (d != 0)
		return d;
	if (n != parents(b))
		return n < parents(b) ? -1 : 1;
	for (size_t i = 0; i < n && d == 0; i++)
		d = compare_texts(a->column->path.segment[i], b->column->path.segment[i]);
	return d != 0 ? d : compare_texts(a->column->name, b->column->name);
}

static int
compare_outputs(const void *a, const void *b)
{
	const struct output *x = a, *y = b;
	int d = compare(x, y);

	++*x->steps;
	return d != 0 ? d : (x->index > y->index) - (x->index < y->index);
}

size_t
kcql_check_duplicate(
    struct kcql_memory *m, const struct kcql_statement *st, unsigned long *steps)
{
	size_t n = st->n_columns, first = n;
	struct output *o;

	if (n < 2)
		return n;
	o = kcql_memory_alloc(m, n * sizeof(*o));
	for (size_t i = 0; i < n; i++)
		o[i] = (struct output) { &st->columns[i], i, st->structure, steps };
	qsort(o, n, sizeof(*o), compare_outputs);
	for (size_t i = 1; i < n; i++)
		if (compare(&o[i - 1], &o[i]) == 0 && o[i].index < first)
			first = o[i].index;
	return first;
}

/*
 * Notices.
 */

void
kcql_check_add(struct kcql_memory *m, struct kcql_notices *list, const char *code,
    size_t statement, struct kcql_place at, const char *message)
{
	list->notice = kcql_memory_grow(m, list->notice, list->n, sizeof(*list->notice));
	list->notice[list->n++] = (struct kcql_notice) {
		.code = code,
		.statement = statement,
		.at = at,
		.message = message,
	};
}

/*
 * Warnings.
 */

static void
warn_differs(struct kcql_memory *m, struct kcql_notices *list,
    const struct kcql_statement *st, size_t index, const struct kcql_statement *lenses)
{
	struct kcql_buf names = { 0 }, values = { 0 };
	const char *code;

	kcql_print_differences(&names, &values, st, lenses);
	if (names.len > 0) {
		kcql_memory_putc(&names, '\0');
		code = kcql_memory_printf(m, "lenses_differs:%s", names.ptr);
		kcql_check_add(m, list, code, index, st->at,
		    kcql_memory_printf(m,
			"headrace takes this as written; Lenses reads %s",
			kcql_fault_excerpt(m, values.ptr, values.len, 300)));
	}
	kcql_memory_buf_free(&names);
	kcql_memory_buf_free(&values);
}

#define IGNORES(what) "Lenses' MQTT source ignores " what "; headrace honours it"

static const struct {
	enum kcql_clause clause;
	const char *code, *message;
} ignored_by_lenses[] = {
	{ KCQL_IGNORE, "lenses_ignores:IGNORE", IGNORES("IGNORE") },
	{ KCQL_WITHSTRUCTURE, "lenses_ignores:WITHSTRUCTURE", IGNORES("WITHSTRUCTURE") },
	{ KCQL_WITHTIMESTAMP, "lenses_ignores:WITHTIMESTAMP", IGNORES("WITHTIMESTAMP") },
	{ KCQL_TIMESTAMPUNIT, "lenses_ignores:TIMESTAMPUNIT", IGNORES("TIMESTAMPUNIT") },
	{ KCQL_WITHTAG, "lenses_ignores:WITHTAG", IGNORES("WITHTAG") },
};

static void
warn_ignores(struct kcql_memory *m, struct kcql_notices *list,
    const struct kcql_statement *st, size_t index)
{
	if (!st->all_columns)
		kcql_check_add(m, list, "lenses_ignores:SELECT", index,
		    st->columns[0].path.at, IGNORES("the list of columns after SELECT"));
	for (size_t i = 0; i < sizeof(ignored_by_lenses) / sizeof(ignored_by_lenses[0]);
	     i++) {
		struct kcql_place at = st->clause[ignored_by_lenses[i].clause];

		if (at.line > 0)
			kcql_check_add(m, list, ignored_by_lenses[i].code, index, at,
			    ignored_by_lenses[i].message);
	}
}

void
kcql_check_warn(struct kcql_memory *m, struct kcql_notices *list,
    const struct kcql_statement *st, size_t index, const struct kcql_statement *lenses)
{
	if (lenses != NULL)
		warn_differs(m, list, st, index, lenses);
	if (st->mode == KCQL_UPSERT)
		kcql_check_add(m, list, "no_effect:UPSERT", index, st->at,
		    "UPSERT does what INSERT does; a Kafka topic with "
		    "cleanup.policy=compact "
		    "keeps the latest record of a key");
	if (st->clause[KCQL_TIMESTAMPUNIT].line > 0 &&
	    st->clause[KCQL_WITHTIMESTAMP].line == 0)
		kcql_check_add(m, list, "no_effect:TIMESTAMPUNIT", index,
		    st->clause[KCQL_TIMESTAMPUNIT],
		    "TIMESTAMPUNIT has no effect without WITHTIMESTAMP");
	warn_ignores(m, list, st, index);
}

/*
 * After parsing.
 */

static bool
topic_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

/* What is wrong with the literal part of a target as the name of a Kafka topic. */
static const char *
topic_fault(struct kcql_text t, bool strict)
{
	size_t literal = 0;
	bool whole = t.len == 1 && t.ptr[0] == '$';

	if (t.ptr == NULL)
		return "it is missing; write INSERT INTO <topic> before SELECT";
	for (size_t i = 0; i < t.len; i++) {
		if (t.ptr[i] == '$' && (!strict || whole))
			continue;
		literal++;
		if (!topic_character(t.ptr[i]))
			return strict ? "write letters, digits, '.', '_' and '-' only"
			              : "write letters, digits, '.', '_' and '-' only, "
			                "and $ for the MQTT topic";
	}
	if (literal > 249)
		return "it is longer than 249 characters";
	if (t.len == 0)
		return "it is empty";
	if (literal == t.len && literal <= 2 && strspn(t.ptr, ".") == literal)
		return "Kafka has no topics '.' and '..'";
	return NULL;
}

static bool
starts_with(struct kcql_text t, const char *prefix)
{
	return t.len >= strlen(prefix) && memcmp(t.ptr, prefix, strlen(prefix)) == 0;
}

/* Levels of the filter behind "$share/<group>/": wildcards alone, # at the end. */
static const char *
level_fault(const char *s, const char *end)
{
	const char *slash;

	for (;; s = slash + 1) {
		slash = memchr(s, '/', (size_t)(end - s));
		if (slash == NULL)
			slash = end;
		size_t len = (size_t)(slash - s);
		if (len > 1 && memchr(s, '+', len) != NULL)
			return "+ must stand alone between two slashes";
		if (memchr(s, '#', len) != NULL && (len > 1 || slash != end))
			return "# must stand alone and at the end, as in a/#";
		if (slash == end)
			return NULL;
	}
}

static const char *
filter_fault(struct kcql_text t)
{
	const char *s = t.ptr, *end = s + t.len, *slash;

	if (t.len == 0)
		return "it is empty";
	if (t.len > 65535)
		return "it is longer than 65535 bytes";
	if (memchr(s, '\0', t.len) != NULL)
		return "it holds the character U+0000";
	if (starts_with(t, "$share/")) {
		s += 7;
		slash = memchr(s, '/', (size_t)(end - s));
		if (slash == NULL || slash == s || slash + 1 == end)
			return "after $share/ must follow a group, a slash and a filter, "
			       "as in "
			       "$share/group/a/#";
		if (memchr(s, '+', (size_t)(slash - s)) != NULL ||
		    memchr(s, '#', (size_t)(slash - s)) != NULL)
			return "the group after $share/ cannot hold + or #";
		s = slash + 1;
	} else if (starts_with(t, "$queue/")) {
		s += 7;
		if (s == end)
			return "after $queue/ must follow a filter, as in $queue/a/#";
	}
	return level_fault(s, end);
}

static const char *
excerpt(struct kcql_memory *m, struct kcql_text t)
{
	return kcql_fault_excerpt(m, t.ptr, t.len, 120);
}

static void
bind_names(struct kcql_memory *m, struct kcql_notices *list,
    const struct kcql_statement *st, size_t index, bool strict)
{
	const char *why = topic_fault(st->target, strict);
	const char *target = st->target.ptr == NULL ? "" : excerpt(m, st->target);

	if (why != NULL)
		kcql_check_add(m, list, "bad_topic_name", index,
		    st->target.ptr == NULL ? st->at : st->target_at,
		    kcql_memory_printf(
			m, "'%s' is no name of a Kafka topic: %s", target, why));
	why = filter_fault(st->source);
	if (why != NULL)
		kcql_check_add(m, list, "bad_filter", index, st->source_at,
		    kcql_memory_printf(m, "'%s' is no MQTT topic filter: %s",
			excerpt(m, st->source), why));
}

static void
bind_regex(struct kcql_memory *m, struct kcql_notices *list,
    const struct kcql_statement *st, size_t index, const struct kcql_world *world)
{
	char why[256] = "";

	if (st->regex.ptr == NULL || world->regex == NULL ||
	    world->regex(world->arg, st->regex, why, sizeof(why)))
		return;
	kcql_check_add(m, list, "bad_regex", index, st->clause[KCQL_WITHREGEX],
	    kcql_memory_printf(
		m, "'%s' is no regular expression: %s", excerpt(m, st->regex), why));
}

static bool
any_key_field(const struct kcql_statement *st)
{
	for (size_t i = 0; i < st->n_keys; i++)
		if (st->keys[i].from == KCQL_VALUE)
			return true;
	return false;
}

/* The first tag that holds a field; NULL without one. */
static const struct kcql_tag *
field_tag(const struct kcql_statement *st)
{
	for (size_t i = 0; i < st->n_tags; i++)
		if (st->tags[i].kind != KCQL_TAG_CONSTANT &&
		    st->tags[i].path.from == KCQL_VALUE)
			return &st->tags[i];
	return NULL;
}

/* What needs fields that this converter does not make; line 0: nothing. */
static struct kcql_place
needs_fields(const struct kcql_statement *st, unsigned flags, const char **what)
{
	const struct kcql_tag *tag = field_tag(st);

	if ((flags & KCQL_CONVERTER_STRUCT) == 0 && !st->all_columns) {
		*what = "the list of columns";
		return st->columns[0].path.at;
	}
	if ((flags & KCQL_CONVERTER_STRUCT) == 0 && st->n_ignored > 0) {
		*what = "IGNORE";
		return st->clause[KCQL_IGNORE];
	}
	if ((flags & KCQL_CONVERTER_FIELDS) == 0 && tag != NULL) {
		*what = "WITHTAG";
		return tag->path.at;
	}
	if ((flags & KCQL_CONVERTER_FIELDS) == 0 && st->timestamp.at.line > 0 &&
	    st->timestamp.from == KCQL_VALUE) {
		*what = "WITHTIMESTAMP";
		return st->timestamp.at;
	}
	return (struct kcql_place) { 0, 0 };
}

static const char choose[] = "choose one that does, like WITHCONVERTER=`json`";

static void
bind_fields(struct kcql_memory *m, struct kcql_notices *list,
    const struct kcql_statement *st, size_t index, unsigned flags)
{
	const char *name = st->converter.ptr;
	const char *what = "";
	struct kcql_place at = needs_fields(st, flags, &what);

	if (name == NULL)
		name = "the default BytesConverter";
	if ((flags & KCQL_CONVERTER_FIELDS) == 0 && any_key_field(st))
		kcql_check_add(m, list, "key_needs_fields", index,
		    st->clause[KCQL_WITHKEY],
		    kcql_memory_printf(m,
			"WITHKEY takes fields of the payload, and %s does not parse it; "
			"%s, or use _.topic",
			name, choose));
	if (at.line > 0)
		kcql_check_add(m, list, "columns_need_fields", index, at,
		    kcql_memory_printf(m,
			"%s needs fields of the payload, and %s does not make any; %s",
			what, name, choose));
}

static void
bind_converter(struct kcql_memory *m, struct kcql_notices *list,
    const struct kcql_statement *st, size_t index, const struct kcql_world *world,
    bool strict)
{
	unsigned flags;

	if (world->converter == NULL)
		return;
	flags = world->converter(world->arg, st->converter.ptr);
	if ((flags & KCQL_CONVERTER_KNOWN) == 0)
		kcql_check_add(m, list, "unknown_converter", index,
		    st->clause[KCQL_WITHCONVERTER],
		    kcql_memory_printf(m,
			"there is no converter '%s', and Java classes cannot be loaded; "
			"write bytes, json, json-optnull, json-text or avro, or Lenses' "
			"class names of these",
			excerpt(m, st->converter)));
	else if (!strict)
		bind_fields(m, list, st, index, flags);
}

void
kcql_check_bind(struct kcql_memory *m, struct kcql_notices *list,
    const struct kcql_statement *st, size_t index, const struct kcql_world *world,
    bool strict)
{
	bind_names(m, list, st, index, strict);
	bind_converter(m, list, st, index, world, strict);
	bind_regex(m, list, st, index, world);
}
