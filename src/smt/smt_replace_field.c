/*
 * ReplaceField: keep, leave out and rename fields.
 *
 *     exclude=b, renames=a:x    {"a": 1, "b": 2}  ->  {"x": 1}
 *
 * Fields are chosen by their old names.
 */
#include "smt/smt.h"
#include "smt/smt_rules.h"

#include <string.h>

#include "base/mem.h"

#define PURPOSE "field replacement"

struct rename {
	struct str from, to;
};

struct replace {
	struct opt_list exclude, include, renames;
	bool rnwd;
	struct rename *pairs; /* one per old name */
	size_t n;
	struct smt_cache *schemas;
};

/* "old:new"; empty pieces at the end do not count (Java's String.split). */
static int
read_rename(
    const struct opt_list *list, const char *item, struct rename *out, struct err *err)
{
	struct str s = str_of(item);
	const char *colon = strchr(item, ':');

	while (s.n > 0 && s.p[s.n - 1] == ':')
		s.n--;
	if (colon == NULL || colon >= item + s.n ||
	    memchr(colon + 1, ':', (size_t)(item + s.n - colon - 1)) != NULL)
		return smt_invalid_list(
		    "renames", list, "Invalid rename mapping: ", item, err);
	out->from = (struct str) { item, (size_t)(colon - item) };
	out->to = (struct str) { colon + 1, (size_t)(item + s.n - colon - 1) };
	return 0;
}

static int
check_renames(const struct opt *o, const void *field, struct err *err)
{
	const struct opt_list *list = field;
	struct rename ignored;

	(void)o;
	for (size_t i = 0; i < list->n; i++)
		if (read_rename(list, list->items[i], &ignored, err) < 0)
			return -1;
	return 0;
}

static const struct opt options[] = {
	{ .name = "exclude",
	    OPT_LIST(struct replace, exclude),
	    .def = "",
	    .old_name = "blacklist",
	    .importance = OPT_MEDIUM,
	    .doc = "Fields to leave out; wins over include." },
	{ .name = "include",
	    OPT_LIST(struct replace, include),
	    .def = "",
	    .old_name = "whitelist",
	    .importance = OPT_MEDIUM,
	    .doc = "Fields to keep; empty: all." },
	{ .name = "renames",
	    OPT_LIST(struct replace, renames),
	    .def = "",
	    .check = check_renames,
	    .importance = OPT_MEDIUM,
	    .doc = "old:new pairs; exclude and include go by the old names." },
	SMT_RNWD(struct replace),
	{ 0 },
};

static struct rename *
find_from(const struct replace *x, struct str name)
{
	for (size_t i = 0; i < x->n; i++)
		if (str_eq(x->pairs[i].from, name))
			return &x->pairs[i];
	return NULL;
}

/* In the order in which Java's map holds them; of two with the same new name the last
 * one counts when the way is taken back. */
static void
order_pairs(struct replace *x, struct arena *mem)
{
	struct str *names = arena_alloc(mem, x->n * sizeof(*names));
	size_t *order = arena_alloc(mem, x->n * sizeof(*order));
	struct rename *sorted = arena_alloc(mem, x->n * sizeof(*sorted));

	for (size_t i = 0; i < x->n; i++)
		names[i] = x->pairs[i].from;
	smt_hash_order(names, x->n, order);
	for (size_t i = 0; i < x->n; i++)
		sorted[i] = x->pairs[order[i]];
	x->pairs = sorted;
}

static int
replace_init(void *state, struct arena *mem, unsigned side, struct err *err)
{
	struct replace *x = state;
	struct rename pair;

	(void)side;
	x->pairs = arena_alloc(mem, x->renames.n * sizeof(*x->pairs));
	for (size_t i = 0; i < x->renames.n; i++) {
		if (read_rename(&x->renames, x->renames.items[i], &pair, err) < 0)
			return -1;
		struct rename *same = find_from(x, pair.from);
		if (same != NULL)
			*same = pair;
		else
			x->pairs[x->n++] = pair;
	}
	order_pairs(x, mem);
	x->schemas = smt_cache_new(mem);
	return 0;
}

static bool
keeps(const struct replace *x, struct str name)
{
	return !smt_in_list(&x->exclude, name) &&
	       (x->include.n == 0 || smt_in_list(&x->include, name));
}

static struct str
renamed(const struct replace *x, struct str name)
{
	const struct rename *pair = find_from(x, name);

	return pair != NULL ? pair->to : name;
}

/* The old name of a new one: of a rename to it, whether that was applied or not. */
static struct str
original(const struct replace *x, struct str name)
{
	for (size_t i = x->n; i > 0; i--)
		if (str_eq(x->pairs[i - 1].to, name))
			return x->pairs[i - 1].from;
	return name;
}

static int
replace_in_map(
    const struct replace *x, struct record *r, struct datum *side, struct err *err)
{
	struct value_map_builder b;
	struct value map = side->value;

	if (smt_require_map(map, PURPOSE, err) < 0)
		return -1;
	value_map_begin(&b, record_mem(r), map.n);
	for (uint32_t i = 0; i < map.n; i++) {
		const struct entry *e = &map.entries[i];
		if (e->key.kind != VALUE_STRING)
			return err_set(err, ERR_RECORD,
			    "ReplaceField needs keys that are strings, found: %s",
			    value_class(e->key));
		struct str name = value_str(e->key);
		if (keeps(x, name))
			value_map_put_text(&b, renamed(x, name), e->value);
	}
	side->value = value_map_end(&b);
	return 0;
}

static const struct schema *
replace_schema(
    const void *state, struct arena *mem, const struct schema *from, struct err *err)
{
	const struct replace *x = state;
	struct field *fields = arena_alloc(mem, from->n_fields * sizeof(*fields));
	size_t n = 0;

	for (uint32_t i = 0; i < from->n_fields; i++)
		if (keeps(x, from->fields[i].name)) {
			fields[n].name = renamed(x, from->fields[i].name);
			fields[n++].schema = from->fields[i].schema;
		}
	return smt_schema_like(mem, from, fields, n, err);
}

static int
replace_in_struct(
    const struct replace *x, struct record *r, struct datum *side, struct err *err)
{
	if (smt_require_struct(side->value, PURPOSE, err) < 0)
		return -1;

	const struct schema *from = value_struct_schema(side->value);
	const struct schema *s = smt_cached(
	    x->schemas, x, replace_schema, record_mem(r), from, err);
	if (s == NULL)
		return -1;
	struct value to = value_struct_new(record_mem(r), s);
	for (uint32_t i = 0; i < s->n_fields; i++) {
		struct str name = original(x, s->fields[i].name);
		int at = schema_field_index(from, name);
		if (at < 0)
			return err_set(err, ERR_RECORD, "%.*s is not a valid field name",
			    STR_ARG(name));
		if (smt_copy_field(to, i, side->value, (size_t)at, x->rnwd, err) < 0)
			return -1;
	}
	*side = (struct datum) { s, to };
	return 0;
}

static int
replace_apply(const void *state, struct record *r, struct datum *side, struct err *err)
{
	if (value_is_null(side->value))
		return 0;
	return side->schema == NULL ? replace_in_map(state, r, side, err)
	                            : replace_in_struct(state, r, side, err);
}

const struct smt smt_replace_field = {
	.name = "org.apache.kafka.connect.transforms.ReplaceField",
	.sides = SMT_KEY | SMT_VALUE,
	.doc = "Keeps, leaves out and renames fields.",
	.options = options,
	.state_size = sizeof(struct replace),
	.init = replace_init,
	.apply = replace_apply,
};
