/* Requirements, struct copies, schema caches and validators that transforms share. */
#include "smt/smt_rules.h"

#include <stdint.h>

#include "base/buf.h"
#include "base/regex.h"

int
smt_require_map(struct value v, const char *purpose, struct err *err)
{
	if (v.kind == VALUE_MAP)
		return 0;
	return err_set(err, ERR_RECORD,
	    "Only Map objects supported in absence of schema for [%s], found: %s",
	    purpose, value_class(v));
}

int
smt_require_struct(struct value v, const char *purpose, struct err *err)
{
	if (v.kind == VALUE_STRUCT)
		return 0;
	return err_set(err, ERR_RECORD,
	    "Only Struct objects supported for [%s], found: %s", purpose, value_class(v));
}

int
smt_put(struct value to, size_t i, struct value v, struct err *err)
{
	if (value_put_check(&value_struct_schema(to)->fields[i], v, err) < 0)
		return -1;
	value_slots(to)[i] = v;
	return 0;
}

int
smt_copy_field(struct value to, size_t i, struct value from, size_t from_i, bool rnwd,
    struct err *err)
{
	struct value v = value_slot_rnwd(from, from_i, rnwd);

	/* What a struct holds was checked against the schema of its field. */
	if (v.kind != VALUE_NULL &&
	    value_struct_schema(to)->fields[i].schema ==
		value_struct_schema(from)->fields[from_i].schema) {
		value_slots(to)[i] = v;
		return 0;
	}
	return smt_put(to, i, v, err);
}

struct schema *
smt_schema_like(struct arena *mem, const struct schema *from, const struct field *fields,
    size_t n, struct err *err)
{
	if (schema_check_fields(fields, n, err) < 0)
		return NULL;
	struct schema *s = schema_struct(mem, fields, n);
	schema_copy_basics(s, from);
	return s;
}

/* ---- cache ---- */

struct smt_cache *
smt_cache_new(struct arena *mem)
{
	struct smt_cache *c = arena_zalloc(mem, sizeof(*c));

	c->mem = mem;
	return c;
}

/* All that hangs on a schema of the cache lives as long as it. */
static void
share(const struct schema *s)
{
	if (s == NULL || s->shared)
		return;
	((struct schema *)(uintptr_t)s)->shared = true;
	share(s->key);
	share(s->value);
	for (uint32_t i = 0; i < s->n_fields; i++)
		share(s->fields[i].schema);
}

const struct schema *
smt_cached(struct smt_cache *c, const void *state,
    const struct schema *(*make)(
	const void *state, struct arena *mem, const struct schema *from, struct err *err),
    struct arena *mem, const struct schema *from, struct err *err)
{
	if (c->n > 0 && c->entries[c->last].from == from)
		return c->entries[c->last].to;
	for (size_t i = 0; i < c->n; i++)
		if (c->entries[i].from == from) {
			c->last = i;
			return c->entries[i].to;
		}

	const struct schema *to = make(state, mem, from, err);
	if (to == NULL || !from->shared || c->n == SMT_CACHE_SIZE)
		return to;
	/* Again, to stay: only what can be made, so that failures leave nothing. */
	to = make(state, c->mem, from, err);
	share(to);
	c->last = c->n;
	c->entries[c->n].from = from;
	c->entries[c->n++].to = to;
	return to;
}

/* ---- options ---- */

static int
invalid(const struct opt *o, const char *value, const char *what, struct err *err)
{
	return err_set(err, ERR_CONFIG, "Invalid value %s for configuration %s: %s",
	    value, o->name, what);
}

int
smt_check_list(const struct opt *o, const void *field, struct err *err)
{
	const struct opt_list *l = field;

	if (l->n > 0)
		return 0;
	return invalid(o, l->items == NULL ? "null" : "[]", "Empty list", err);
}

int
smt_check_text(const struct opt *o, const void *field, struct err *err)
{
	const char *text = *(const char *const *)field;

	if (text == NULL || text[0] != '\0')
		return 0;
	return invalid(o, "", "String must be non-empty", err);
}

int
smt_check_null(const struct opt *o, const void *field, struct err *err)
{
	if (*(const char *const *)field != NULL)
		return 0;
	return invalid(o, "null", "entry must be non null", err);
}

int
smt_check_regex(const struct opt *o, const void *field, struct err *err)
{
	const char *text = *(const char *const *)field;
	struct err why = { 0 };

	if (text == NULL)
		return invalid(o, "null", "Invalid regex: there is none", err);
	struct regex *re = regex_new(str_of(text), REGEX_WHOLE, &why);
	if (re == NULL)
		return err_set(err, ERR_CONFIG,
		    "Invalid value %s for configuration %s: Invalid regex: %s", text,
		    o->name, why.msg);
	regex_free(re);
	return 0;
}

int
smt_invalid_list(const char *name, const struct opt_list *list, const char *what,
    const char *item, struct err *err)
{
	struct buf shown = { 0 };

	for (size_t i = 0; i < list->n; i++)
		buf_printf(&shown, "%s%s", i > 0 ? ", " : "", list->items[i]);
	err_set(err, ERR_CONFIG, "Invalid value [%s] for configuration %s: %s%s",
	    buf_cstr(&shown), name, what, item);
	buf_fini(&shown);
	return -1;
}

bool
smt_in_list(const struct opt_list *list, struct str item)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_eq_c(item, list->items[i]))
			return true;
	return false;
}

/* ---- order ---- */

/* String.hashCode, over UTF-16. */
static uint32_t
java_hash(struct str s)
{
	uint32_t h = 0, c;

	for (size_t i = 0, n; i < s.n; i += n) {
		n = str_utf8_len((struct str) { s.p + i, s.n - i });
		const unsigned char *u = (const unsigned char *)s.p + i;
		if (n <= 1) {
			n = 1;
			c = u[0];
		} else if (n == 2) {
			c = (u[0] & 0x1fu) << 6 | (u[1] & 0x3fu);
		} else if (n == 3) {
			c = (u[0] & 0x0fu) << 12 | (u[1] & 0x3fu) << 6 | (u[2] & 0x3fu);
		} else {
			c = ((u[0] & 0x07u) << 18 | (u[1] & 0x3fu) << 12 |
				(u[2] & 0x3fu) << 6 | (u[3] & 0x3fu)) -
			    0x10000;
			h = 31 * h + (0xd800 | c >> 10);
			c = 0xdc00 | (c & 0x3ff);
		}
		h = 31 * h + c;
	}
	return h ^ h >> 16;
}

void
smt_hash_order(const struct str *texts, size_t n, size_t *order)
{
	size_t cap = 16, k;

	while (4 * n > 3 * cap)
		cap *= 2;
	for (size_t i = 0; i < n; i++) { /* a stable sort by bucket */
		size_t bucket = java_hash(texts[i]) & (cap - 1);
		for (k = i;
		     k > 0 && (java_hash(texts[order[k - 1]]) & (cap - 1)) > bucket; k--)
			order[k] = order[k - 1];
		order[k] = i;
	}
}
