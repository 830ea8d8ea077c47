/*
 * Values: building, reading, comparing, Java's class names and texts.  Sees no
 * forms outside memory: JSON, Avro and bytes on the wire are the converters'.
 */
#include "data/value.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "data/date.h"
#include "data/decimal.h"
#include "data/number.h"

#define INDEX_FROM 12 /* map entries from which a hash index pays */

struct value
value_map_of(struct arena *mem, const char *key, struct value v)
{
	struct entry *e = arena_alloc(mem, sizeof(*e));

	e->key = value_string(str_of(key));
	e->value = v;
	return value_map(e, 1);
}

struct value
value_struct_new(struct arena *mem, const struct schema *schema)
{
	struct structure *st = arena_alloc(
	    mem, sizeof(*st) + schema->n_fields * sizeof(struct value));

	st->schema = schema;
	for (uint32_t i = 0; i < schema->n_fields; i++)
		st->slots[i] = value_null();
	return (struct value) { .kind = VALUE_STRUCT, .n = schema->n_fields, .st = st };
}

struct value
value_struct(struct arena *mem, const struct schema *schema, const struct value *slots)
{
	const size_t bytes = schema->n_fields * sizeof(struct value);
	struct structure *st = arena_alloc(mem, sizeof(*st) + bytes);

	st->schema = schema;
	if (bytes > 0)
		memcpy(st->slots, slots, bytes);
	return (struct value) { .kind = VALUE_STRUCT, .n = schema->n_fields, .st = st };
}

struct value
value_slot_or_default(struct value v, size_t i)
{
	const struct value slot = v.st->slots[i];
	const struct value *def;

	if (slot.kind != VALUE_NULL)
		return slot;
	def = v.st->schema->fields[i].schema->def;
	return def != NULL ? *def : slot;
}

const struct value *
value_map_get(struct value map, struct str key)
{
	for (uint32_t i = 0; i < map.n; i++) {
		const struct entry *e = &map.entries[i];

		if (e->key.kind == VALUE_STRING && str_eq(value_str(e->key), key))
			return &e->value;
	}
	return NULL;
}

/* Hashing: equal values have equal hashes, whatever the order of a map. */

static uint64_t
mix(uint64_t a, uint64_t b)
{
	uint64_t h = (a ^ b) * UINT64_C(0x9E3779B97F4A7C15);

	return h ^ (h >> 29);
}

static uint64_t
hash_value(struct value v)
{
	uint64_t h = v.kind;
	uint32_t f32_bits;

	switch ((enum value_kind)v.kind) {
	case VALUE_NULL:
		return h;
	case VALUE_STRING:
	case VALUE_BYTES:
		return mix(h, str_hash(value_str(v)));
	case VALUE_FLOAT32:
		memcpy(&f32_bits, &v.f32, sizeof(f32_bits));
		return v.f32 != v.f32 ? h : mix(h, f32_bits);
	case VALUE_FLOAT64:
		return v.f64 != v.f64 ? h : mix(h, (uint64_t)v.i);
	case VALUE_DECIMAL:
		return mix(mix(h, (uint64_t)v.dec->scale), str_hash(v.dec->unscaled));
	case VALUE_ARRAY:
		for (uint32_t i = 0; i < v.n; i++)
			h = mix(h, hash_value(v.items[i]));
		return h;
	case VALUE_MAP:
		for (uint32_t i = 0; i < v.n; i++)
			h += mix(
			    hash_value(v.entries[i].key), hash_value(v.entries[i].value));
		return h;
	case VALUE_STRUCT:
		for (uint32_t i = 0; i < v.n; i++)
			h = mix(h, hash_value(v.st->slots[i]));
		return h;
	default:
		return mix(h, (uint64_t)v.i);
	}
}

/* Map builder.  Index: slots of entry number + 1, 0 empty, linear probing. */

static void
builder_index(struct value_map_builder *b, uint32_t cap)
{
	b->index = arena_zalloc(b->mem, cap * sizeof(*b->index));
	b->index_cap = cap;
	for (uint32_t i = 0; i < b->n; i++) {
		uint32_t at = (uint32_t)hash_value(b->entries[i].key) & (cap - 1);

		while (b->index[at] != 0)
			at = (at + 1) & (cap - 1);
		b->index[at] = i + 1;
	}
}

static uint32_t
index_cap_for(uint32_t n)
{
	uint32_t cap = 64;

	while (cap < 4 * n)
		cap *= 2;
	return cap;
}

static void
builder_reserve(struct value_map_builder *b, uint32_t cap)
{
	struct entry *entries = arena_alloc(b->mem, cap * sizeof(*entries));

	if (b->n > 0)
		memcpy(entries, b->entries, b->n * sizeof(*entries));
	b->entries = entries;
	b->cap = cap;
}

void
value_map_begin(struct value_map_builder *b, struct arena *mem, size_t expected)
{
	*b = (struct value_map_builder) { .mem = mem };
	builder_reserve(b, expected < 4 ? 4 : (uint32_t)expected);
}

void
value_map_begin_with(struct value_map_builder *b, struct arena *mem, struct value map)
{
	value_map_begin(b, mem, (size_t)map.n + 2);
	if (map.n > 0)
		memcpy(b->entries, map.entries, map.n * sizeof(*b->entries));
	b->n = map.n;
}

/* The entry with that key, or NULL; *slot is then where the index takes it. */
static struct entry *
builder_find(struct value_map_builder *b, struct value key, uint32_t *slot)
{
	uint32_t at;

	*slot = 0;
	if (b->n >= INDEX_FROM && (b->index == NULL || b->index_cap < 2 * (b->n + 1)))
		builder_index(b, index_cap_for(b->n + 1));
	if (b->index == NULL) {
		for (uint32_t i = 0; i < b->n; i++) {
			if (value_equal(b->entries[i].key, key))
				return &b->entries[i];
		}
		return NULL;
	}
	at = (uint32_t)hash_value(key) & (b->index_cap - 1);
	for (; b->index[at] != 0; at = (at + 1) & (b->index_cap - 1)) {
		if (value_equal(b->entries[b->index[at] - 1].key, key))
			return &b->entries[b->index[at] - 1];
	}
	*slot = at;
	return NULL;
}

void
value_map_put(struct value_map_builder *b, struct value key, struct value v)
{
	uint32_t slot;
	struct entry *e = builder_find(b, key, &slot);

	if (e != NULL) {
		e->value = v;
		return;
	}
	if (b->n == b->cap)
		builder_reserve(b, 2 * b->cap);
	b->entries[b->n++] = (struct entry) { key, v };
	if (b->index != NULL)
		b->index[slot] = b->n;
}

void
value_map_put_text(struct value_map_builder *b, struct str key, struct value v)
{
	value_map_put(b, value_string(key), v);
}

bool
value_map_remove(struct value_map_builder *b, struct str key)
{
	uint32_t slot;
	struct entry *e = builder_find(b, value_string(key), &slot);

	if (e == NULL)
		return false;
	memmove(e, e + 1, (size_t)(&b->entries[b->n] - (e + 1)) * sizeof(*e));
	b->n--;
	b->index = NULL; /* positions have moved; made again at need */
	return true;
}

struct value
value_map_end(struct value_map_builder *b)
{
	return value_map(b->entries, b->n);
}

static bool
maps_equal(struct value a, struct value b)
{
	struct value_map_builder by_key;
	struct arena *mem;
	bool equal = a.n == b.n;
	uint32_t slot;

	if (!equal || a.n == 0)
		return equal;
	mem = arena_new((size_t)b.n * 64);
	value_map_begin_with(&by_key, mem, b);
	for (uint32_t i = 0; i < a.n && equal; i++) {
		const struct entry *e = builder_find(&by_key, a.entries[i].key, &slot);

		equal = e != NULL && value_equal(a.entries[i].value, e->value);
	}
	arena_free(mem);
	return equal;
}

static bool
lists_equal(const struct value *a, const struct value *b, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		if (!value_equal(a[i], b[i]))
			return false;
	}
	return true;
}

bool
value_equal(struct value a, struct value b)
{
	if (a.kind != b.kind)
		return false;
	switch ((enum value_kind)a.kind) {
	case VALUE_NULL:
		return true;
	case VALUE_BOOLEAN:
		return a.b == b.b;
	case VALUE_FLOAT32:
		return memcmp(&a.f32, &b.f32, sizeof(a.f32)) == 0 ||
		       (a.f32 != a.f32 && b.f32 != b.f32);
	case VALUE_FLOAT64:
		return memcmp(&a.f64, &b.f64, sizeof(a.f64)) == 0 ||
		       (a.f64 != a.f64 && b.f64 != b.f64);
	case VALUE_STRING:
	case VALUE_BYTES:
		return str_eq(value_str(a), value_str(b));
	case VALUE_DECIMAL:
		return decimal_equal(a.dec, b.dec);
	case VALUE_ARRAY:
		return a.n == b.n && lists_equal(a.items, b.items, a.n);
	case VALUE_MAP:
		return maps_equal(a, b);
	case VALUE_STRUCT:
		return schema_equal(a.st->schema, b.st->schema) &&
		       lists_equal(a.st->slots, b.st->slots, a.n);
	default:
		return a.i == b.i;
	}
}

const char *
value_class(struct value v)
{
	static const char *const names[] = {
		[VALUE_NULL] = "null",
		[VALUE_BOOLEAN] = "java.lang.Boolean",
		[VALUE_INT8] = "java.lang.Byte",
		[VALUE_INT16] = "java.lang.Short",
		[VALUE_INT32] = "java.lang.Integer",
		[VALUE_INT64] = "java.lang.Long",
		[VALUE_FLOAT32] = "java.lang.Float",
		[VALUE_FLOAT64] = "java.lang.Double",
		[VALUE_STRING] = "java.lang.String",
		[VALUE_BYTES] = "[B",
		[VALUE_DATE] = "java.util.Date",
		[VALUE_DECIMAL] = "java.math.BigDecimal",
		[VALUE_ARRAY] = "java.util.ArrayList",
		[VALUE_MAP] = "java.util.HashMap",
		[VALUE_STRUCT] = "org.apache.kafka.connect.data.Struct",
	};

	return names[v.kind];
}

/* Schema types by kind; -1: none. */
static const int8_t types_of_kinds[] = {
	[VALUE_NULL] = -1,
	[VALUE_BOOLEAN] = SCHEMA_BOOLEAN,
	[VALUE_INT8] = SCHEMA_INT8,
	[VALUE_INT16] = SCHEMA_INT16,
	[VALUE_INT32] = SCHEMA_INT32,
	[VALUE_INT64] = SCHEMA_INT64,
	[VALUE_FLOAT32] = SCHEMA_FLOAT32,
	[VALUE_FLOAT64] = SCHEMA_FLOAT64,
	[VALUE_STRING] = SCHEMA_STRING,
	[VALUE_BYTES] = SCHEMA_BYTES,
	[VALUE_DATE] = -1,
	[VALUE_DECIMAL] = -1,
	[VALUE_ARRAY] = SCHEMA_ARRAY,
	[VALUE_MAP] = SCHEMA_MAP,
	[VALUE_STRUCT] = SCHEMA_STRUCT,
};

int
value_schema_type(struct value v)
{
	return types_of_kinds[v.kind];
}

enum value_kind
value_kind_of(enum schema_type type)
{
	static const uint8_t kinds[] = {
		[SCHEMA_INT8] = VALUE_INT8,
		[SCHEMA_INT16] = VALUE_INT16,
		[SCHEMA_INT32] = VALUE_INT32,
		[SCHEMA_INT64] = VALUE_INT64,
		[SCHEMA_FLOAT32] = VALUE_FLOAT32,
		[SCHEMA_FLOAT64] = VALUE_FLOAT64,
		[SCHEMA_BOOLEAN] = VALUE_BOOLEAN,
		[SCHEMA_STRING] = VALUE_STRING,
		[SCHEMA_BYTES] = VALUE_BYTES,
		[SCHEMA_ARRAY] = VALUE_ARRAY,
		[SCHEMA_MAP] = VALUE_MAP,
		[SCHEMA_STRUCT] = VALUE_STRUCT,
	};

	return (enum value_kind)kinds[type];
}

/* The one kind of value that fits: logical name first, then type. */
static enum value_kind
expected_kind(const struct schema *s)
{
	if (s->logical == SCHEMA_PLAIN)
		return value_kind_of((enum schema_type)s->type);
	return s->logical == SCHEMA_DECIMAL ? VALUE_DECIMAL : VALUE_DATE;
}

/* Where a value stands; printed only when something is wrong. */
struct place {
	const char *kind; /* "element of array ", ...; NULL: the field itself */
	const struct place *outer;
	struct str field; /* p NULL: unnamed */
};

static const char *
place_text(const struct place *where, char out[160])
{
	size_t n = 0;

	out[0] = '\0';
	for (; where != NULL && n < 120; where = where->outer) {
		if (where->kind != NULL)
			n += (size_t)snprintf(out + n, 160 - n, "%s", where->kind);
		else if (where->field.p != NULL)
			n += (size_t)snprintf(out + n, 160 - n, "field: \"%.*s\"",
			    (int)(where->field.n < 100 ? where->field.n : 100),
			    where->field.p);
		else
			n += (size_t)snprintf(out + n, 160 - n, "value");
	}
	return out;
}

static int validate(
    const struct place *where, const struct schema *s, struct value v, struct err *err);

static int
class_error(
    const struct place *where, const struct schema *s, struct value v, struct err *err)
{
	char at[160];
	const bool named = s->name.p != NULL;

	return err_set(err, ERR_RECORD,
	    "Invalid Java object for schema%s%.*s%s with type %s: class %s for %s",
	    named ? " \"" : "", named ? (int)s->name.n : 0, named ? s->name.p : "",
	    named ? "\"" : "", schema_type_name(s), value_class(v),
	    place_text(where, at));
}

static int
validate_map(
    const struct place *where, const struct schema *s, struct value v, struct err *err)
{
	const struct place key = { .kind = "key of map ", .outer = where };
	const struct place value = { .kind = "value of map ", .outer = where };

	for (uint32_t i = 0; i < v.n; i++) {
		if (validate(&key, s->key, v.entries[i].key, err) != 0 ||
		    validate(&value, s->value, v.entries[i].value, err) != 0)
			return -1;
	}
	return 0;
}

static int
validate_array(
    const struct place *where, const struct schema *s, struct value v, struct err *err)
{
	const struct place element = { .kind = "element of array ", .outer = where };

	for (uint32_t i = 0; i < v.n; i++) {
		if (validate(&element, s->value, v.items[i], err) != 0)
			return -1;
	}
	return 0;
}

static int
validate(
    const struct place *where, const struct schema *s, struct value v, struct err *err)
{
	char at[160];

	if (s == NULL)
		return err_set(
		    err, ERR_RECORD, "No schema defined for %s", place_text(where, at));
	if (v.kind == VALUE_NULL) {
		if (s->optional)
			return 0;
		return err_set(err, ERR_RECORD,
		    "Invalid value: null used for required %s, schema type: %s",
		    place_text(where, at), schema_type_name(s));
	}
	if (v.kind != expected_kind(s))
		return class_error(where, s, v, err);
	switch ((enum value_kind)v.kind) {
	case VALUE_ARRAY:
		return validate_array(where, s, v, err);
	case VALUE_MAP:
		return validate_map(where, s, v, err);
	case VALUE_STRUCT:
		if (!schema_equal(v.st->schema, s))
			return err_set(err, ERR_RECORD, "Struct schemas do not match.");
		return value_struct_check(v, err);
	default:
		return 0;
	}
}

int
value_validate(
    const char *field, const struct schema *schema, struct value v, struct err *err)
{
	const struct place where = { .field = str_of(field) };

	return validate(&where, schema, v, err);
}

int
value_put_check(const struct field *f, struct value v, struct err *err)
{
	const struct place where = { .field = f->name };

	return validate(&where, f->schema, v, err);
}

int
value_struct_check(struct value v, struct err *err)
{
	const struct schema *s = v.st->schema;

	for (uint32_t i = 0; i < s->n_fields; i++) {
		if (v.st->slots[i].kind == VALUE_NULL &&
		    (s->fields[i].schema->optional || s->fields[i].schema->def != NULL))
			continue;
		if (value_put_check(&s->fields[i], v.st->slots[i], err) != 0)
			return -1;
	}
	return 0;
}

static void
print_array(struct buf *out, struct value v)
{
	buf_add_byte(out, '[');
	for (uint32_t i = 0; i < v.n; i++) {
		if (i > 0)
			buf_add_c(out, ", ");
		value_print(out, v.items[i]);
	}
	buf_add_byte(out, ']');
}

static void
print_map(struct buf *out, struct value v)
{
	buf_add_byte(out, '{');
	for (uint32_t i = 0; i < v.n; i++) {
		if (i > 0)
			buf_add_c(out, ", ");
		value_print(out, v.entries[i].key);
		buf_add_byte(out, '=');
		value_print(out, v.entries[i].value);
	}
	buf_add_byte(out, '}');
}

static void
print_struct(struct buf *out, struct value v)
{
	const struct field *fields = v.st->schema->fields;
	bool first = true;

	buf_add_c(out, "Struct{");
	for (uint32_t i = 0; i < v.n; i++) {
		if (v.st->slots[i].kind == VALUE_NULL)
			continue;
		if (!first)
			buf_add_byte(out, ',');
		first = false;
		buf_add_str(out, fields[i].name);
		buf_add_byte(out, '=');
		value_print(out, v.st->slots[i]);
	}
	buf_add_byte(out, '}');
}

void
value_print(struct buf *out, struct value v)
{
	char text[NUMBER_TEXT_MAX];

	switch ((enum value_kind)v.kind) {
	case VALUE_NULL:
		buf_add_c(out, "null");
		break;
	case VALUE_BOOLEAN:
		buf_add_c(out, v.b ? "true" : "false");
		break;
	case VALUE_INT8:
	case VALUE_INT16:
	case VALUE_INT32:
	case VALUE_INT64:
		buf_add(out, text, number_i64_text(text, v.i));
		break;
	case VALUE_FLOAT32:
		buf_add(out, text, number_float_text(text, v.f32));
		break;
	case VALUE_FLOAT64:
		buf_add(out, text, number_double_text(text, v.f64));
		break;
	case VALUE_STRING:
		buf_add_str(out, value_str(v));
		break;
	case VALUE_BYTES:
		buf_add_c(out, "[B");
		break;
	case VALUE_DATE:
		date_print_java(out, v.i);
		break;
	case VALUE_DECIMAL:
		decimal_print(out, v.dec);
		break;
	case VALUE_ARRAY:
		print_array(out, v);
		break;
	case VALUE_MAP:
		print_map(out, v);
		break;
	case VALUE_STRUCT:
		print_struct(out, v);
		break;
	}
}

struct str
value_text(struct arena *mem, struct value v)
{
	struct buf b = { 0 };
	struct str text;

	if (v.kind == VALUE_STRING)
		return value_str(v);
	value_print(&b, v);
	text = arena_str(mem, buf_str(&b));
	buf_fini(&b);
	return text;
}

static const struct value *
copy_list(struct arena *mem, const struct value *from, uint32_t n)
{
	struct value *to = arena_alloc(mem, n * sizeof(*to));

	for (uint32_t i = 0; i < n; i++)
		to[i] = value_copy(mem, from[i]);
	return to;
}

static const struct entry *
copy_entries(struct arena *mem, const struct entry *from, uint32_t n)
{
	struct entry *to = arena_alloc(mem, n * sizeof(*to));

	for (uint32_t i = 0; i < n; i++) {
		to[i].key = value_copy(mem, from[i].key);
		to[i].value = value_copy(mem, from[i].value);
	}
	return to;
}

struct value
value_copy(struct arena *mem, struct value v)
{
	struct value copy = v;

	switch ((enum value_kind)v.kind) {
	case VALUE_STRING:
	case VALUE_BYTES:
		copy.p = arena_str(mem, value_str(v)).p;
		break;
	case VALUE_DECIMAL:
		copy.dec = decimal_from_bytes(mem, v.dec->unscaled, v.dec->scale);
		break;
	case VALUE_ARRAY:
		copy.items = copy_list(mem, v.items, v.n);
		break;
	case VALUE_MAP:
		copy.entries = copy_entries(mem, v.entries, v.n);
		break;
	case VALUE_STRUCT:
		copy = value_struct_new(mem, v.st->schema);
		for (uint32_t i = 0; i < v.n; i++)
			value_slots(copy)[i] = value_copy(mem, v.st->slots[i]);
		break;
	default:
		break;
	}
	return copy;
}
