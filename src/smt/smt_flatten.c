/*
 * Flatten: one level of fields, with the names of all above them in front.
 *
 *     {"a": {"b": 1, "c": [2]}}  ->  {"a.b": 1, "a.c": [2]}
 */
#include "smt/smt.h"
#include "smt/smt_rules.h"

#include <string.h>

#include "base/mem.h"

#define PURPOSE "flattening"

struct flatten {
	const char *delimiter;
	struct smt_cache *schemas;
};

static const struct opt options[] = {
	{ .name = "delimiter",
	    OPT_STRING(struct flatten, delimiter),
	    .def = ".",
	    .importance = OPT_MEDIUM,
	    .doc = "Stands between the names in a field's new name." },
	{ 0 }
};

static int
flatten_init(void *state, struct arena *mem, unsigned side, struct err *err)
{
	struct flatten *f = state;

	(void)side;
	(void)err;
	if (f->delimiter == NULL)
		f->delimiter = "";
	f->schemas = smt_cache_new(mem);
	return 0;
}

static struct str
join(const struct flatten *f, struct arena *mem, struct str prefix, struct str name)
{
	if (prefix.n == 0)
		return name;

	size_t between = strlen(f->delimiter), n = prefix.n + between + name.n;
	char *p = arena_alloc(mem, n + 1);
	memcpy(p, prefix.p, prefix.n);
	memcpy(p + prefix.n, f->delimiter, between);
	if (name.n > 0)
		memcpy(p + prefix.n + between, name.p, name.n);
	p[n] = '\0';
	return (struct str) { p, n };
}

static int
refuse(const char *what, struct str name, const char *with, struct err *err)
{
	return err_set(err, ERR_RECORD,
	    "Flatten transformation does not support %s for record %s (for field %.*s).",
	    what, with, STR_ARG(name));
}

/* ---- without schema ---- */

static int
flatten_map(const struct flatten *f, struct value_map_builder *b, struct str prefix,
    struct value map, struct err *err)
{
	for (uint32_t i = 0; i < map.n; i++) {
		struct value key = map.entries[i].key, v = map.entries[i].value;
		if (key.kind != VALUE_STRING)
			return err_set(err, ERR_RECORD,
			    "Flatten transformation needs keys that are strings, found: "
			    "%s",
			    value_class(key));
		struct str name = join(f, b->mem, prefix, value_str(key));
		if (v.kind == VALUE_MAP) {
			if (flatten_map(f, b, name, v, err) < 0)
				return -1;
			continue;
		}
		if (v.kind == VALUE_STRUCT)
			return refuse("class org.apache.kafka.connect.data.Struct", name,
			    "without schemas", err);
		if (v.kind != VALUE_NULL && value_schema_type(v) < 0)
			return err_set(err, ERR_RECORD,
			    "Flatten transformation was passed a value of type class %s "
			    "which is not supported by Connect's data API",
			    value_class(v));
		value_map_put_text(b, name, v);
	}
	return 0;
}

/* ---- with schema ---- */

struct fields {
	struct field *p;
	size_t n, cap;
};

static void
add_field(struct fields *fs, struct arena *mem, struct field f)
{
	if (fs->n == fs->cap) {
		struct field *old = fs->p;
		fs->cap = fs->cap > 0 ? 2 * fs->cap : 16;
		fs->p = arena_alloc(mem, fs->cap * sizeof(*fs->p));
		if (fs->n > 0)
			memcpy(fs->p, old, fs->n * sizeof(*fs->p));
	}
	fs->p[fs->n++] = f;
}

/* A leaf's schema, optional when anything above it is. */
static const struct schema *
leaf_schema(struct arena *mem, const struct schema *s, bool optional,
    const struct value *def, struct err *err)
{
	if (s->optional == optional && s->def == def)
		return s;
	struct schema *copy = schema_copy(mem, s);
	copy->optional = optional;
	copy->def = NULL;
	if (def != NULL && schema_set_default(mem, copy, *def, err) < 0)
		return NULL;
	return copy;
}

/* The default of field i: its own, else what the default of the struct says. */
static const struct value *
default_of(
    struct arena *mem, const struct schema *s, uint32_t i, const struct value *above)
{
	if (s->fields[i].schema->def != NULL)
		return s->fields[i].schema->def;
	if (above == NULL || above->kind != VALUE_STRUCT || i >= above->n)
		return NULL;
	struct value v = value_slot(*above, i);
	if (value_is_null(v))
		return NULL;
	struct value *kept = arena_alloc(mem, sizeof(*kept));
	*kept = v;
	return kept;
}

static int
flatten_fields(const struct flatten *f, struct arena *mem, struct fields *out,
    struct str prefix, const struct schema *s, bool optional, const struct value *above,
    struct err *err)
{
	for (uint32_t i = 0; i < s->n_fields; i++) {
		const struct schema *fs = s->fields[i].schema;
		struct str name = join(f, mem, prefix, s->fields[i].name);
		const struct value *def = default_of(mem, s, i, above);
		bool opt = optional || fs->optional;

		if (fs->type == SCHEMA_MAP)
			return refuse("MAP", name, "with schemas", err);
		if (fs->type == SCHEMA_STRUCT) {
			if (flatten_fields(f, mem, out, name, fs, opt, def, err) < 0)
				return -1;
			continue;
		}
		struct field leaf = { name, leaf_schema(mem, fs, opt, def, err) };
		if (leaf.schema == NULL)
			return -1;
		add_field(out, mem, leaf);
	}
	return 0;
}

static const struct schema *
flatten_schema(
    const void *state, struct arena *mem, const struct schema *from, struct err *err)
{
	struct fields fields = { 0 };

	if (from->type != SCHEMA_STRUCT) {
		err_set(err, ERR_RECORD, "Cannot list fields on non-struct type");
		return NULL;
	}
	if (flatten_fields(state, mem, &fields, (struct str) { "", 0 }, from,
		from->optional, from->def, err) < 0)
		return NULL;
	return smt_schema_like(mem, from, fields.p, fields.n, err);
}

static size_t
count_leaves(const struct schema *s)
{
	size_t n = 0;

	for (uint32_t i = 0; i < s->n_fields; i++)
		n += s->fields[i].schema->type == SCHEMA_STRUCT
		         ? count_leaves(s->fields[i].schema)
		         : 1;
	return n;
}

/* Leaves stand in the new struct in the order of this walk. */
static int
flatten_values(struct value to, size_t *at, struct value from, struct err *err)
{
	const struct schema *s = value_struct_schema(from);

	for (uint32_t i = 0; i < s->n_fields; i++) {
		struct value raw = value_slot(from, i);
		if (s->fields[i].schema->type != SCHEMA_STRUCT) {
			if (smt_put(to, (*at)++, value_slot_or_default(from, i), err) < 0)
				return -1;
		} else if (value_is_null(raw)) {
			*at += count_leaves(s->fields[i].schema); /* stay unset */
		} else if (flatten_values(to, at, raw, err) < 0) {
			return -1;
		}
	}
	return 0;
}

/* ---- records ---- */

static int
flatten_with_schema(
    const struct flatten *f, struct record *r, struct datum *side, struct err *err)
{
	size_t at = 0;

	if (smt_require_struct(side->value, PURPOSE, err) < 0)
		return -1;
	const struct schema *s = smt_cached(
	    f->schemas, f, flatten_schema, record_mem(r), side->schema, err);
	if (s == NULL)
		return -1;
	const struct schema *own = value_struct_schema(side->value);
	if (own != side->schema && !schema_equal(own, side->schema))
		return err_set(err, ERR_RECORD, "Struct schemas do not match.");
	struct value to = value_struct_new(record_mem(r), s);
	if (flatten_values(to, &at, side->value, err) < 0)
		return -1;
	*side = (struct datum) { s, to };
	return 0;
}

static int
flatten_apply(const void *state, struct record *r, struct datum *side, struct err *err)
{
	const struct flatten *f = state;
	struct value_map_builder b;

	if (value_is_null(side->value))
		return 0;
	if (side->schema != NULL)
		return flatten_with_schema(f, r, side, err);
	if (smt_require_map(side->value, PURPOSE, err) < 0)
		return -1;
	value_map_begin(&b, record_mem(r), side->value.n);
	if (flatten_map(f, &b, (struct str) { "", 0 }, side->value, err) < 0)
		return -1;
	side->value = value_map_end(&b);
	return 0;
}

const struct smt smt_flatten = {
	.name = "org.apache.kafka.connect.transforms.Flatten",
	.sides = SMT_KEY | SMT_VALUE,
	.doc = "Flattens nested maps or structs into one level with joined names.",
	.options = options,
	.state_size = sizeof(struct flatten),
	.init = flatten_init,
	.apply = flatten_apply,
};
