/*
 * Columns: from one struct to another.  First IGNORE takes fields away, then the list
 * builds a new struct in its own order:
 *
 *	{a:1, b:{c:2, d:3}}   SELECT b.c AS x, *    ->  {x:2, a:1, b:{c:2, d:3}}
 *	                      ... WITHSTRUCTURE     ->  {b:{x:2}, a:1, ...}
 *
 * Must not know converters: a value is a struct here, or an error.
 */
#include "route/select.h"

#include <string.h>

#include "base/mem.h"

static struct str
text(struct kcql_text t)
{
	return (struct str) { t.ptr, t.len };
}

bool
select_nothing(const struct kcql_statement *s)
{
	return s->all_columns && s->n_ignored == 0;
}

/* ---- IGNORE ---- */

/* The ignored paths that lead below what is looked at. */
struct ignoring {
	const struct kcql_column *const *columns;
	size_t n;
	size_t depth; /* segments that lead here */
};

enum fate { KEEP, LOOK_INTO, EMPTY, REMOVE };

static enum fate
fate_of(const struct ignoring *in, struct str name, const struct kcql_column **below,
    size_t *n_below)
{
	enum fate fate = KEEP;

	*n_below = 0;
	for (size_t i = 0; i < in->n; i++) {
		const struct kcql_path *p = &in->columns[i]->path;
		if (p->n_segments <= in->depth ||
		    !str_eq(text(p->segment[in->depth]), name))
			continue;
		if (p->n_segments > in->depth + 1) {
			below[(*n_below)++] = in->columns[i];
			fate = fate < LOOK_INTO ? LOOK_INTO : fate;
		} else {
			enum fate mine = p->all ? EMPTY : REMOVE;
			fate = fate < mine ? mine : fate;
		}
	}
	return fate;
}

static const struct schema *
struct_of(
    struct arena *mem, const struct schema *like, const struct field *fields, size_t n)
{
	struct schema *s = schema_struct(mem, fields, n);

	schema_copy_basics(s, like);
	s->optional = like->optional;
	return s;
}

/* d is a struct or null of a struct's schema; paths are at most as deep as the statement
 * is long, so is the recursion. */
static struct datum
without(struct arena *mem, struct datum d, const struct ignoring *in)
{
	const struct schema *s = d.schema;
	bool null = value_is_null(d.value);
	struct field *fields = arena_alloc(mem, (s->n_fields + 1) * sizeof(*fields));
	struct value *slots = arena_alloc(mem, (s->n_fields + 1) * sizeof(*slots));
	const struct kcql_column **below = arena_alloc(mem, (in->n + 1) * sizeof(*below));
	size_t n = 0, n_below;

	for (uint32_t i = 0; i < s->n_fields; i++) {
		struct datum f = { s->fields[i].schema,
			null ? value_null() : value_slot(d.value, i) };
		enum fate fate = fate_of(in, s->fields[i].name, below, &n_below);
		bool is_struct = f.schema->type == SCHEMA_STRUCT;
		if (fate == REMOVE)
			continue;
		if (fate == LOOK_INTO && is_struct) {
			const struct ignoring deeper = { below, n_below, in->depth + 1 };
			f = without(mem, f, &deeper);
		} else if (fate == EMPTY && is_struct) {
			f.schema = struct_of(mem, f.schema, NULL, 0);
			if (!value_is_null(f.value))
				f.value = value_struct(mem, f.schema, NULL);
		}
		fields[n] = (struct field) { s->fields[i].name, f.schema };
		slots[n++] = f.value;
	}
	d.schema = struct_of(mem, s, fields, n);
	if (!null)
		d.value = value_struct(mem, d.schema, slots);
	return d;
}

static void
ignore(const struct kcql_statement *s, struct record *r)
{
	const struct kcql_column **all = arena_alloc(
	    r->mem, (s->n_ignored + 1) * sizeof(*all));
	struct ignoring in = { all, 0, 0 };

	for (size_t i = 0; i < s->n_ignored; i++)
		if (s->ignored[i].path.from == KCQL_VALUE)
			all[in.n++] = &s->ignored[i];
	r->value = without(r->mem, r->value, &in);
}

/* ---- the list ---- */

/* A struct that is being built. */
struct out {
	struct arena *mem;
	const struct schema *like; /* gives name and the like; NULL: none */
	struct field *fields;
	struct value *slots;
	struct out **children; /* by field; NULL: a finished value */
	size_t n, cap;
};

static void
add(struct out *o, struct str name, struct datum d, struct out *child)
{
	if (o->n == o->cap) {
		size_t cap = o->cap == 0 ? 16 : 2 * o->cap;
		struct field *fields = arena_alloc(o->mem, cap * sizeof(*fields));
		struct value *slots = arena_alloc(o->mem, cap * sizeof(*slots));
		struct out **children = arena_alloc(o->mem, cap * sizeof(*children));
		if (o->n > 0) {
			memcpy(fields, o->fields, o->n * sizeof(*fields));
			memcpy(slots, o->slots, o->n * sizeof(*slots));
			memcpy(children, o->children, o->n * sizeof(*children));
		}
		o->fields = fields;
		o->slots = slots;
		o->children = children;
		o->cap = cap;
	}
	o->fields[o->n] = (struct field) { name, d.schema };
	o->slots[o->n] = d.value;
	o->children[o->n++] = child;
}

/* The child struct of that name, made when there is none: parents of WITHSTRUCTURE. */
static struct out *
dig(struct out *o, struct str name, const struct schema *like)
{
	struct out *child;

	for (size_t i = 0; i < o->n; i++)
		if (o->children[i] != NULL && str_eq(o->fields[i].name, name))
			return o->children[i];
	child = arena_zalloc(o->mem, sizeof(*child));
	child->mem = o->mem;
	child->like = like;
	add(o, name, (struct datum) { 0 }, child);
	return child;
}

static int
finish(struct out *o, struct datum *d, struct err *err)
{
	struct schema *s;

	for (size_t i = 0; i < o->n; i++) {
		struct datum child;
		if (o->children[i] == NULL)
			continue;
		if (finish(o->children[i], &child, err) != 0)
			return -1;
		o->fields[i].schema = child.schema;
		o->slots[i] = child.value;
	}
	if (schema_check_fields(o->fields, o->n, err) != 0) {
		err_context(
		    err, "column list: give one of the columns another name with AS");
		err->kind = ERR_RECORD;
		return -1;
	}
	s = schema_struct(o->mem, o->fields, o->n);
	if (o->like != NULL) {
		schema_copy_basics(s, o->like);
		s->optional = o->like->optional;
	}
	d->schema = s;
	d->value = value_struct(o->mem, s, o->slots);
	return 0;
}

/* Follows the first n segments of a path; false: absent. */
static bool
follow(struct datum d, const struct kcql_path *p, size_t n, struct datum *out)
{
	for (size_t i = 0; i < n; i++) {
		int at = d.value.kind != VALUE_STRUCT
		             ? -1
		             : schema_field_index(d.schema, text(p->segment[i]));
		if (at < 0)
			return false;
		d = (struct datum) { d.schema->fields[at].schema,
			value_slot(d.value, (size_t)at) };
	}
	*out = d;
	return true;
}

/* Where a column goes: the top, or below its parents. */
static struct out *
place(struct out *top, const struct kcql_statement *s, struct datum root,
    const struct kcql_path *p, size_t n_parents)
{
	struct datum d = root;

	for (size_t i = 0; s->structure && i < n_parents; i++) {
		follow(root, p, i + 1, &d);
		top = dig(top, text(p->segment[i]), d.schema);
	}
	return top;
}

static struct str
topic_level(struct str topic, unsigned level)
{
	struct str rest = topic;

	for (;;) {
		const char *slash = rest.n == 0 ? NULL : memchr(rest.p, '/', rest.n);
		size_t n = slash == NULL ? rest.n : (size_t)(slash - rest.p);
		if (--level == 0)
			return (struct str) { rest.p, n };
		if (slash == NULL)
			return (struct str) { NULL, 0 };
		rest = (struct str) { slash + 1, rest.n - n - 1 };
	}
}

static struct datum
primitive(enum schema_type type, struct value v)
{
	return (struct datum) { schema_primitive(type, false), v };
}

/* `_.topic`, `_.qos`, ...; false: a topic level that is not there. */
static bool
metadata(const struct kcql_path *p, const struct message *m, struct datum *out)
{
	struct str level;

	switch (p->from) {
	case KCQL_TOPIC:
		level = p->level == 0 ? m->topic : topic_level(m->topic, p->level);
		*out = primitive(SCHEMA_STRING, value_string(level));
		return level.p != NULL;
	case KCQL_TIMESTAMP:
		*out = primitive(SCHEMA_INT64, value_int64(m->received_ms));
		return true;
	case KCQL_QOS:
		*out = primitive(SCHEMA_INT32, value_int(VALUE_INT32, m->qos));
		return true;
	case KCQL_ID:
		*out = primitive(SCHEMA_INT32, value_int(VALUE_INT32, m->id));
		return true;
	case KCQL_RETAINED:
		*out = primitive(SCHEMA_BOOLEAN, value_boolean(m->retain));
		return true;
	case KCQL_DUP:
		*out = primitive(SCHEMA_BOOLEAN, value_boolean(m->dup));
		return true;
	default:
		return false;
	}
}

/* Does a column of the list name this top-level field, which `*` then leaves to it? */
static bool
named(const struct kcql_statement *s, struct str name)
{
	for (size_t i = 0; i < s->n_columns; i++) {
		const struct kcql_path *p = &s->columns[i].path;
		if (p->from == KCQL_VALUE && p->n_segments == 1 && !p->all &&
		    str_eq(text(p->segment[0]), name))
			return true;
	}
	return false;
}

static void
add_all(struct out *o, struct datum d, const struct kcql_statement *but_named)
{
	for (uint32_t i = 0; i < d.schema->n_fields; i++) {
		const struct field *f = &d.schema->fields[i];
		if (but_named == NULL || !named(but_named, f->name))
			add(o, f->name,
			    (struct datum) { f->schema, value_slot(d.value, i) }, NULL);
	}
}

static void
add_column(struct out *top, const struct kcql_statement *s, const struct kcql_column *c,
    const struct message *m, struct datum root)
{
	const struct kcql_path *p = &c->path;
	struct datum d;

	if (p->from != KCQL_VALUE) {
		if (metadata(p, m, &d))
			add(top, text(c->name), d, NULL);
		return;
	}
	if (!follow(root, p, p->n_segments, &d))
		return;
	if (!p->all) {
		size_t parents = p->n_segments == 0 ? 0 : p->n_segments - 1;
		add(place(top, s, root, p, parents), text(c->name), d, NULL);
	} else if (d.value.kind == VALUE_STRUCT) {
		add_all(place(top, s, root, p, p->n_segments), d,
		    p->n_segments == 0 ? s : NULL);
	}
}

static int
list(const struct kcql_statement *s, const struct message *m, struct record *r,
    struct err *err)
{
	struct out top = { .mem = r->mem, .like = r->value.schema };
	struct datum root = r->value;

	for (size_t i = 0; i < s->n_columns; i++)
		add_column(&top, s, &s->columns[i], m, root);
	return finish(&top, &r->value, err);
}

int
select_apply(const struct kcql_statement *s, const struct message *m, struct record *r,
    struct err *err)
{
	if (select_nothing(s))
		return 0;
	if (r->value.value.kind != VALUE_STRUCT || r->value.schema == NULL)
		return err_set(err, ERR_RECORD,
		    "columns and IGNORE need a struct, and the payload is %s",
		    value_is_null(r->value.value) ? "null" : value_class(r->value.value));
	if (s->n_ignored > 0)
		ignore(s, r);
	return s->all_columns ? 0 : list(s, m, r, err);
}
