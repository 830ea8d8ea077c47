/*
 * Columns: from one struct to another.  First IGNORE takes fields away, then the list
 * builds a new struct in its own order:
 *
 *	{a:1, b:{c:2, d:3}}   SELECT b.c AS x, a    ->  {x:2, a:1}
 *	                      ... WITHSTRUCTURE     ->  {b:{x:2}, a:1}
 *
 * Which field goes where follows from the schema of the value alone (and from how many
 * levels the MQTT topic has), so it is written down as a plan, once for each schema,
 * and a record only walks the plan.  Every step is linear in fields and columns:
 * payloads of any shape come from outside.  Must not know converters: a value is a
 * struct here, or an error.
 */
#include "route/select.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/topic.h"

#define RECIPES 64                      /* kept; a power of two */
#define RECIPE_WAYS 4                   /* places where one may lie */
#define RECIPE_MEM ((size_t)256 * 1024) /* no other one is kept beyond */
#define RECIPE_FIELDS 2000              /* nor one for a schema of more fields */

enum pick_kind { PICK_FIELD, PICK_ALL, PICK_PART };

/* Where a slot of the new struct comes from. */
struct pick {
	uint8_t kind;             /* enum pick_kind; ALL: the struct at hand itself */
	uint8_t part;             /* PART: enum message_part */
	uint32_t at;              /* FIELD: its number; PART: the level of the topic */
	uint32_t n_above;         /* FIELD: structs between the one at hand and its own */
	const uint32_t *above;    /* ... and their numbers, from the one at hand down */
	const struct plan *below; /* what happens to that struct; NULL: nothing */
};

struct plan {
	const struct schema *schema; /* of the new struct */
	const struct pick *picks;    /* one per field of it */
};

/* What a statement makes of one schema. */
struct recipe {
	const struct schema *from; /* shared; NULL: empty */
	uint32_t levels;           /* of the topic, as far as they matter */
	const struct plan *strip;  /* IGNORE; NULL: nothing to take away */
	const struct plan *list;   /* the column list; NULL: `*` */
	struct str twice;          /* p not NULL: this field would be there twice */
};

struct select {
	const struct kcql_statement *kcql;
	uint32_t levels;   /* the highest N of `_.topic.N` in the list */
	struct arena *mem; /* of the plans that are kept */
	struct recipe recipes[RECIPES];
};

static struct str
text(struct kcql_text t)
{
	return (struct str) { t.ptr, t.len };
}

enum message_part
select_part(const struct kcql_path *p)
{
	switch (p->from) {
	case KCQL_TOPIC:
		return p->level > 0 ? MESSAGE_TOPIC_LEVEL : MESSAGE_TOPIC;
	case KCQL_TIMESTAMP:
		return MESSAGE_TIMESTAMP;
	case KCQL_QOS:
		return MESSAGE_QOS;
	case KCQL_ID:
		return MESSAGE_ID;
	case KCQL_RETAINED:
		return MESSAGE_RETAINED;
	case KCQL_DUP:
		return MESSAGE_DUP;
	default:
		return MESSAGE_VALUE;
	}
}

/* ---- making a plan ---- */

struct planner {
	struct arena *mem; /* of what the plan is made of */
	struct arena *tmp; /* of what is forgotten behind it */
	const struct kcql_statement *kcql;
	bool keep;         /* the plan outlives the record */
	uint32_t levels;   /* of the topic */
	struct str *twice; /* set: a field that is there twice */
};

/* A struct that is being made. */
struct draft {
	struct field *fields;
	struct pick *picks;
	size_t n, cap;
};

static void
draft_add(struct planner *p, struct draft *d, struct str name,
    const struct schema *schema, struct pick pick)
{
	if (d->n == d->cap) {
		size_t cap = d->cap == 0 ? 16 : 2 * d->cap;
		struct field *fields = arena_alloc(p->tmp, cap * sizeof(*fields));
		struct pick *picks = arena_alloc(p->tmp, cap * sizeof(*picks));
		if (d->n > 0) {
			memcpy(fields, d->fields, d->n * sizeof(*fields));
			memcpy(picks, d->picks, d->n * sizeof(*picks));
		}
		d->fields = fields;
		d->picks = picks;
		d->cap = cap;
	}
	d->fields[d->n] = (struct field) { name, schema };
	d->picks[d->n++] = pick;
}

/* Name and the like of the new struct are those of the one it is made from. */
static const struct plan *
draft_end(struct planner *p, const struct draft *d, const struct schema *like)
{
	struct plan *plan = arena_alloc(p->mem, sizeof(*plan));
	struct pick *picks = arena_alloc(p->mem, (d->n + 1) * sizeof(*picks));
	struct schema *s = schema_struct(p->mem, d->fields, d->n);

	if (d->n > 0)
		memcpy(picks, d->picks, d->n * sizeof(*picks));
	schema_copy_basics(s, like);
	s->optional = like->optional;
	s->shared = p->keep;
	for (uint32_t i = 0; i < s->n_fields && p->twice->p == NULL; i++)
		if (schema_field_index(s, s->fields[i].name) != (int)i)
			*p->twice = s->fields[i].name;
	*plan = (struct plan) { .schema = s, .picks = picks };
	return plan;
}

static struct pick
pick_field(uint32_t at)
{
	return (struct pick) { .kind = PICK_FIELD, .at = at };
}

/* The same struct under another schema. */
static const struct plan *
plan_same(struct planner *p, const struct schema *s, bool optional)
{
	struct draft d = { 0 };
	struct schema like = *s;

	like.optional = optional;
	for (uint32_t i = 0; i < s->n_fields; i++)
		draft_add(p, &d, s->fields[i].name, s->fields[i].schema, pick_field(i));
	return draft_end(p, &d, &like);
}

/* ---- IGNORE ---- */

/* An ignored path, in the list of those that lead through the field at hand. */
struct trail {
	const struct kcql_path *path;
	struct trail *next;
};

/* What becomes of a field, the strongest last. */
enum fate { FATE_KEEP, FATE_INTO, FATE_EMPTY, FATE_REMOVE };

static const struct plan *
plan_empty(struct planner *p, const struct schema *s)
{
	const struct draft none = { 0 };

	return s->n_fields == 0 ? NULL : draft_end(p, &none, s);
}

/* Sorts the trails by the field of s that they lead to; false: to none of them. */
static bool
follow_trails(const struct schema *s, struct trail *trails, size_t depth, uint8_t *fates,
    struct trail **below)
{
	bool any = false;

	for (struct trail *t = trails, *next; t != NULL; t = next) {
		const struct kcql_path *path = t->path;
		int at = schema_field_index(s, text(path->segment[depth]));
		enum fate fate = depth + 1 < path->n_segments ? FATE_INTO
		                 : path->all                  ? FATE_EMPTY
		                                              : FATE_REMOVE;
		next = t->next;
		if (at < 0)
			continue;
		if (fate == FATE_INTO) {
			t->next = below[at];
			below[at] = t;
		}
		if (fates[at] < fate)
			fates[at] = (uint8_t)fate;
		any = true;
	}
	return any;
}

/* s without what the trails lead to; NULL: nothing of it is there.  As deep as the
 * schema of a value is, at most. */
static const struct plan *
plan_strip(struct planner *p, const struct schema *s, struct trail *trails, size_t depth)
{
	uint8_t *fates = arena_zalloc(p->tmp, s->n_fields + 1);
	struct trail **below = arena_zalloc(p->tmp, (s->n_fields + 1) * sizeof(*below));
	struct draft d = { 0 };
	bool changed = false;

	if (!follow_trails(s, trails, depth, fates, below))
		return NULL;
	for (uint32_t i = 0; i < s->n_fields; i++) {
		const struct field *f = &s->fields[i];
		struct pick pick = pick_field(i);
		if (fates[i] == FATE_REMOVE) {
			changed = true;
			continue;
		}
		if (f->schema->type == SCHEMA_STRUCT && fates[i] != FATE_KEEP)
			pick.below = fates[i] == FATE_EMPTY
			                 ? plan_empty(p, f->schema)
			                 : plan_strip(p, f->schema, below[i], depth + 1);
		changed |= pick.below != NULL;
		draft_add(p, &d, f->name,
		    pick.below != NULL ? pick.below->schema : f->schema, pick);
	}
	return changed ? draft_end(p, &d, s) : NULL;
}

static const struct plan *
plan_ignore(struct planner *p, const struct schema *s)
{
	const struct kcql_statement *k = p->kcql;
	struct trail *all = arena_alloc(p->tmp, (k->n_ignored + 1) * sizeof(*all));
	struct trail *trails = NULL;

	for (size_t i = 0; i < k->n_ignored; i++) {
		const struct kcql_path *path = &k->ignored[i].path;
		if (path->from != KCQL_VALUE)
			continue;          /* no part of the value */
		if (path->n_segments == 0) /* `_value`: it stays a record, not a null */
			return plan_empty(p, s);
		all[i] = (struct trail) { path, trails };
		trails = &all[i];
	}
	return plan_strip(p, s, trails, 0);
}

/* ---- the list ---- */

/* A column, in the list of those of one struct. */
struct item {
	const struct kcql_column *column;
	struct item *next;
};

struct items {
	struct item *first, **end;
};

static void
items_add(struct items *l, struct item *item)
{
	if (l->first == NULL)
		l->end = &l->first;
	*l->end = item;
	l->end = &item->next;
	item->next = NULL;
}

static void
list_part(struct planner *p, struct draft *d, const struct kcql_column *c)
{
	enum message_part part = select_part(&c->path);

	if (part == MESSAGE_TOPIC_LEVEL && c->path.level > p->levels)
		return; /* absent */
	draft_add(p, d, text(c->name), message_part_schema(part),
	    (struct pick) {
		.kind = PICK_PART, .part = (uint8_t)part, .at = c->path.level });
}

/* Adds a field; `optional`: a struct above it may be null, and so may then the field. */
static void
list_field(struct planner *p, struct draft *d, struct str name, const struct schema *s,
    bool optional, struct pick pick)
{
	if (optional && !s->optional && s->type == SCHEMA_STRUCT) {
		pick.below = plan_same(p, s, true);
		s = pick.below->schema;
	} else if (optional) {
		s = schema_as_optional(p->mem, s, true);
	}
	draft_add(p, d, name, s, pick);
}

/* Where a path ends. */
struct goal {
	const struct schema *schema;
	struct pick pick; /* PICK_ALL when the path has no segment */
	bool optional;    /* a struct on the way may be null */
};

/* From the struct s along the path behind its first `depth` segments; false: no such
 * field. */
static bool
find_goal(struct planner *p, const struct schema *s, const struct kcql_path *path,
    size_t depth, struct goal *out)
{
	size_t n = path->n_segments - depth;
	uint32_t *above = n > 1 ? arena_alloc(p->mem, n * sizeof(*above)) : NULL;

	*out = (struct goal) { .schema = s, .pick = { .kind = PICK_ALL } };
	for (size_t i = 0; i < n; i++) {
		int at = schema_field_index(out->schema, text(path->segment[depth + i]));
		if (at < 0)
			return false;
		out->optional |= i > 0 && out->schema->optional;
		out->schema = out->schema->fields[at].schema;
		out->pick.kind = PICK_FIELD;
		out->pick.at = (uint32_t)at;
		if (i + 1 < n)
			above[i] = (uint32_t)at;
	}
	out->pick.above = above;
	out->pick.n_above = n > 1 ? (uint32_t)n - 1 : 0;
	return true;
}

/* Fields of the goal's struct, without those that `named` marks (NULL: none). */
static void
list_all(struct planner *p, struct draft *d, struct goal goal, const bool *named)
{
	const struct schema *s = goal.schema;
	uint32_t n = goal.pick.n_above, *above = NULL;
	bool deep = goal.pick.kind == PICK_FIELD;

	if (s->type != SCHEMA_STRUCT)
		return;
	if (deep) {
		above = arena_alloc(p->mem, (n + 1) * sizeof(*above));
		if (n > 0)
			memcpy(above, goal.pick.above, n * sizeof(*above));
		above[n++] = goal.pick.at;
		goal.optional |= s->optional;
	}
	for (uint32_t i = 0; i < s->n_fields; i++) {
		struct pick pick = pick_field(i);
		pick.above = above;
		pick.n_above = n;
		if (named == NULL || !named[i])
			list_field(p, d, s->fields[i].name, s->fields[i].schema,
			    goal.optional, pick);
	}
}

/* The top-level fields that a column of its own names: `*` leaves them to it. */
static const bool *
named_fields(struct planner *p, const struct schema *s, const struct item *items)
{
	bool *named = arena_zalloc(p->tmp, s->n_fields + 1);

	for (; items != NULL; items = items->next) {
		const struct kcql_path *path = &items->column->path;
		int at = path->from == KCQL_VALUE && path->n_segments == 1 && !path->all
		             ? schema_field_index(s, text(path->segment[0]))
		             : -1;
		if (at >= 0)
			named[at] = true;
	}
	return named;
}

/* The struct's field that a column of WITHSTRUCTURE goes into; -1: into none. */
static int
parent_of(const struct planner *p, const struct schema *s, const struct kcql_path *path,
    size_t depth)
{
	size_t n = path->n_segments - depth;
	int at;

	if (!p->kcql->structure || path->from != KCQL_VALUE || n < (path->all ? 1u : 2u))
		return -1;
	at = schema_field_index(s, text(path->segment[depth]));
	return at >= 0 && s->fields[at].schema->type == SCHEMA_STRUCT ? at : -1;
}

static const struct plan *plan_items(
    struct planner *p, const struct schema *s, struct item *items, size_t depth);

/* One column; what it has to do with WITHSTRUCTURE is done already. */
static void
list_column(struct planner *p, struct draft *d, const struct schema *s,
    const struct item *items, const struct kcql_column *c, size_t depth)
{
	const struct kcql_path *path = &c->path;
	struct goal goal;

	if (path->from != KCQL_VALUE)
		list_part(p, d, c);
	else if (!find_goal(p, s, path, depth, &goal))
		return; /* absent */
	else if (!path->all)
		list_field(p, d, text(c->name), goal.schema, goal.optional, goal.pick);
	else
		list_all(
		    p, d, goal, path->n_segments == 0 ? named_fields(p, s, items) : NULL);
}

/* The field that keeps its place for columns below it; nothing, when none is there. */
static void
list_parent(struct planner *p, struct draft *d, const struct schema *s, uint32_t at,
    struct item *below, size_t depth)
{
	struct pick pick = pick_field(at);

	pick.below = plan_items(p, s->fields[at].schema, below, depth + 1);
	if (pick.below != NULL)
		draft_add(p, d, s->fields[at].name, pick.below->schema, pick);
}

/* Puts the columns that go into a field of s into its list; NULL: there are none. */
static struct items *
share_out(struct planner *p, const struct schema *s, struct item *items, size_t depth)
{
	struct items *below = NULL;

	for (struct item *i = items; i != NULL; i = i->next) {
		int at = parent_of(p, s, &i->column->path, depth);
		struct item *copy;
		if (at < 0)
			continue;
		if (below == NULL)
			below = arena_zalloc(p->tmp, s->n_fields * sizeof(*below));
		copy = arena_alloc(p->tmp, sizeof(*copy));
		copy->column = i->column;
		items_add(&below[at], copy);
	}
	return below;
}

/* The new struct of these columns of s; NULL: s has none of them.  As deep as the
 * schema of a value is, at most. */
static const struct plan *
plan_items(struct planner *p, const struct schema *s, struct item *items, size_t depth)
{
	struct items *below = share_out(p, s, items, depth);
	struct draft d = { 0 };
	bool any = false;

	for (struct item *i = items; i != NULL; i = i->next) {
		const struct kcql_path *path = &i->column->path;
		int at = parent_of(p, s, path, depth);
		any |= path->all && path->n_segments == depth; /* also of no fields */
		if (at < 0) {
			list_column(p, &d, s, items, i->column, depth);
		} else if (below[at].first != NULL) {
			list_parent(p, &d, s, (uint32_t)at, below[at].first, depth);
			below[at].first = NULL; /* done */
		}
	}
	return any || d.n > 0 || depth == 0 ? draft_end(p, &d, s) : NULL;
}

static const struct plan *
plan_list(struct planner *p, const struct schema *s)
{
	const struct kcql_statement *k = p->kcql;
	struct item *items = arena_alloc(p->tmp, (k->n_columns + 1) * sizeof(*items));
	struct items all = { 0 };

	for (size_t i = 0; i < k->n_columns; i++) {
		items[i].column = &k->columns[i];
		items_add(&all, &items[i]);
	}
	return plan_items(p, s, all.first, 0);
}

static void
make_recipe(struct planner *p, struct recipe *w)
{
	const struct schema *s = w->from;

	p->levels = w->levels;
	p->twice = &w->twice;
	if (p->kcql->n_ignored > 0)
		w->strip = plan_ignore(p, s);
	if (w->strip != NULL)
		s = w->strip->schema;
	if (!p->kcql->all_columns)
		w->list = plan_list(p, s);
}

/* ---- opening ---- */

struct select *
select_new(const struct kcql_statement *k)
{
	struct select *s;

	if (k->all_columns && k->n_ignored == 0)
		return NULL;
	s = mem_zalloc(sizeof(*s));
	s->kcql = k;
	s->mem = arena_new(2048);
	for (size_t i = 0; i < k->n_columns; i++)
		if (k->columns[i].path.from == KCQL_TOPIC &&
		    k->columns[i].path.level > s->levels)
			s->levels = k->columns[i].path.level;
	return s;
}

void
select_free(struct select *s)
{
	if (s == NULL)
		return;
	arena_free(s->mem);
	free(s);
}

static int
same_field(struct str name, enum err_kind kind, struct err *err)
{
	return err_set(err, kind,
	    "the column list makes the field \"%.*s\" twice; give one of the columns "
	    "another name with AS",
	    (int)(name.n > 80 ? 80 : name.n), name.p);
}

static int
no_struct(const struct schema *s, enum err_kind kind, struct err *err)
{
	return err_set(err, kind,
	    "columns and IGNORE need a struct, and the payload is %s; SELECT * without "
	    "IGNORE takes it",
	    s == NULL ? "without schema" : schema_type_name(s));
}

static int
no_column(const struct kcql_path *path, const struct schema *s, struct err *err)
{
	return err_set(err, ERR_CONFIG,
	    "SELECT %.*s: the schema%s%.*s of the payload has no such field",
	    (int)(path->text.len > 80 ? 80 : path->text.len), path->text.ptr,
	    s->name.n > 0 ? " " : "", (int)(s->name.n > 80 ? 80 : s->name.n), s->name.p);
}

static int
check_columns(struct planner *p, const struct schema *s, struct err *err)
{
	struct goal goal;

	for (size_t i = 0; i < p->kcql->n_columns; i++) {
		const struct kcql_path *path = &p->kcql->columns[i].path;
		if (path->from != KCQL_VALUE)
			continue;
		if (!find_goal(p, s, path, 0, &goal) ||
		    (path->all && goal.schema->type != SCHEMA_STRUCT))
			return no_column(path, s, err);
	}
	return 0;
}

int
select_check(const struct select *sel, const struct schema *s, struct err *err)
{
	struct arena *mem = arena_new(4096);
	struct planner p = { .mem = mem, .tmp = mem, .kcql = sel->kcql };
	struct recipe w = { .from = s, .levels = sel->levels };
	int result;

	if (s->type != SCHEMA_STRUCT) {
		arena_free(mem);
		return no_struct(s, ERR_CONFIG, err);
	}
	result = check_columns(&p, s, err);
	if (result == 0) {
		make_recipe(&p, &w);
		if (w.twice.p != NULL)
			result = same_field(w.twice, ERR_CONFIG, err);
	}
	arena_free(mem);
	return result;
}

/* ---- a record ---- */

static struct value run(
    const struct plan *, const struct message *, struct arena *mem, struct value v);

static struct value
fill(const struct pick *pick, const struct message *m, struct arena *mem, struct value v)
{
	struct datum part = { 0 };

	if (pick->kind == PICK_PART) {
		message_part(m, (enum message_part)pick->part, pick->at, &part);
		return part.value;
	}
	if (pick->kind == PICK_ALL)
		return v;
	for (uint32_t i = 0; i < pick->n_above; i++) {
		v = value_slot_or_default(v, pick->above[i]);
		if (value_is_null(v))
			return v;
	}
	v = value_slot(v, pick->at);
	return pick->below == NULL || value_is_null(v) ? v : run(pick->below, m, mem, v);
}

static struct value
run(const struct plan *plan, const struct message *m, struct arena *mem, struct value v)
{
	uint32_t n = plan->schema->n_fields;
	struct structure *st = arena_alloc(mem, sizeof(*st) + n * sizeof(struct value));

	st->schema = plan->schema;
	for (uint32_t i = 0; i < n; i++)
		st->slots[i] = fill(&plan->picks[i], m, mem, v);
	return (struct value) { .kind = VALUE_STRUCT, .n = n, .st = st };
}

/* Where the recipe for this schema is or can be kept; NULL: nowhere. */
static struct recipe *
find_recipe(struct select *sel, const struct schema *s, uint32_t levels)
{
	uint64_t h = ((uintptr_t)s + levels) * UINT64_C(0x9E3779B97F4A7C15) >> 32;

	for (size_t i = 0; i < RECIPE_WAYS; i++) {
		struct recipe *w = &sel->recipes[(h + i) & (RECIPES - 1)];
		if (w->from == NULL || (w->from == s && w->levels == levels))
			return w;
	}
	return NULL;
}

/* Does it have at most *left fields, with all below?  Takes them off. */
static bool
is_small(const struct schema *s, uint32_t *left)
{
	if (s->n_fields > *left)
		return false;
	*left -= s->n_fields;
	for (uint32_t i = 0; i < s->n_fields; i++)
		if (!is_small(s->fields[i].schema, left))
			return false;
	return true;
}

static struct recipe
recipe_for(struct select *sel, const struct message *m, const struct record *r)
{
	const struct schema *s = r->value.schema;
	uint32_t has = sel->levels > 0 ? topic_level_count(m->topic) : 0;
	uint32_t levels = has < sel->levels ? has : sel->levels;
	struct planner p = { .mem = r->mem, .tmp = r->mem, .kcql = sel->kcql };
	struct recipe w = { .from = s, .levels = levels };
	struct recipe *kept = s->shared ? find_recipe(sel, s, levels) : NULL;
	uint32_t left = RECIPE_FIELDS;

	if (kept != NULL && kept->from != NULL)
		return *kept;
	p.keep = kept != NULL && arena_bytes(sel->mem) < RECIPE_MEM && is_small(s, &left);
	if (p.keep)
		p.mem = sel->mem;
	make_recipe(&p, &w);
	if (p.keep)
		*kept = w;
	return w;
}

int
select_apply(
    struct select *sel, const struct message *m, struct record *r, struct err *err)
{
	struct recipe w;

	if (r->value.value.kind != VALUE_STRUCT)
		return value_is_null(r->value.value)
		           ? err_set(err, ERR_RECORD,
				 "columns and IGNORE need a struct, and the payload is "
				 "null")
		           : no_struct(r->value.schema, ERR_RECORD, err);
	w = recipe_for(sel, m, r);
	if (w.twice.p != NULL)
		return same_field(w.twice, ERR_RECORD, err);
	if (w.strip != NULL) {
		r->value.value = run(w.strip, m, r->mem, r->value.value);
		r->value.schema = w.strip->schema;
	}
	if (w.list != NULL) {
		r->value.value = run(w.list, m, r->mem, r->value.value);
		r->value.schema = w.list->schema;
	}
	return 0;
}
