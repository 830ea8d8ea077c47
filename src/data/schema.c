/*
 * Schemas: builders, look-up, equality.  Sees no values beyond defaults, and knows
 * neither JSON nor Avro forms of a schema.
 */
#include "data/schema.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/value.h"

#define INDEX_FROM 9 /* fields from which a hash index pays */

static const char *const upper_names[] = { "INT8", "INT16", "INT32", "INT64", "FLOAT32",
	"FLOAT64", "BOOLEAN", "STRING", "BYTES", "ARRAY", "MAP", "STRUCT" };
static const char *const json_names[] = { "int8", "int16", "int32", "int64", "float",
	"double", "boolean", "string", "bytes", "array", "map", "struct" };

#define PRIMITIVE(t, opt)                                      \
	{                                                      \
		.type = (t), .optional = (opt), .shared = true \
	}
#define PRIMITIVES(opt)                                                             \
	{                                                                           \
		PRIMITIVE(SCHEMA_INT8, opt), PRIMITIVE(SCHEMA_INT16, opt),          \
		    PRIMITIVE(SCHEMA_INT32, opt), PRIMITIVE(SCHEMA_INT64, opt),     \
		    PRIMITIVE(SCHEMA_FLOAT32, opt), PRIMITIVE(SCHEMA_FLOAT64, opt), \
		    PRIMITIVE(SCHEMA_BOOLEAN, opt), PRIMITIVE(SCHEMA_STRING, opt),  \
		    PRIMITIVE(SCHEMA_BYTES, opt)                                    \
	}

static const struct schema primitives[2][SCHEMA_BYTES + 1] = { PRIMITIVES(false),
	PRIMITIVES(true) };

#define LITERAL(s)                 \
	{                          \
		(s), sizeof(s) - 1 \
	}
#define TEMPORAL(t, l, n, opt)                                                       \
	{                                                                            \
		.type = (t), .logical = (l), .optional = (opt), .has_version = true, \
		.shared = true, .version = 1, .name = LITERAL(n)                     \
	}
#define TEMPORALS(opt)                                                                   \
	{                                                                                \
		TEMPORAL(SCHEMA_INT32, SCHEMA_DATE, SCHEMA_DATE_NAME, opt),              \
		    TEMPORAL(SCHEMA_INT32, SCHEMA_TIME, SCHEMA_TIME_NAME, opt),          \
		    TEMPORAL(SCHEMA_INT64, SCHEMA_TIMESTAMP, SCHEMA_TIMESTAMP_NAME, opt) \
	}

static const struct schema temporals[2][3] = { TEMPORALS(false), TEMPORALS(true) };

const struct schema *
schema_primitive(enum schema_type type, bool optional)
{
	return &primitives[optional][type];
}

const struct schema *
schema_temporal(enum schema_logical logical, bool optional)
{
	return &temporals[optional][logical - SCHEMA_DATE];
}

struct schema *
schema_new(struct arena *mem, enum schema_type type)
{
	struct schema *s = arena_alloc(mem, sizeof(*s));

	*s = (struct schema) { .type = (uint8_t)type };
	return s;
}

struct schema *
schema_array(struct arena *mem, const struct schema *elements)
{
	struct schema *s = schema_new(mem, SCHEMA_ARRAY);

	s->value = elements;
	return s;
}

struct schema *
schema_map(struct arena *mem, const struct schema *key, const struct schema *value)
{
	struct schema *s = schema_new(mem, SCHEMA_MAP);

	s->key = key;
	s->value = value;
	return s;
}

/*
 * The index: a power of two of slots, its size in slot 0, then field number + 1 or
 * 0; linear probing.  At most half full.
 */
static uint32_t
index_size(size_t n)
{
	uint32_t size = 16;

	while (size < 2 * n)
		size *= 2;
	return size;
}

/* Enters field i; returns the number of an earlier field of that name, or -1. */
static int
index_put(uint32_t *index, const struct field *fields, uint32_t i)
{
	const uint32_t mask = index[0] - 1;
	uint32_t at = (uint32_t)str_hash(fields[i].name) & mask;

	for (; index[1 + at] != 0; at = (at + 1) & mask) {
		if (str_eq(fields[index[1 + at] - 1].name, fields[i].name))
			return (int)index[1 + at] - 1;
	}
	index[1 + at] = i + 1;
	return -1;
}

static int
index_find(const uint32_t *index, const struct field *fields, struct str name)
{
	const uint32_t mask = index[0] - 1;
	uint32_t at = (uint32_t)str_hash(name) & mask;

	for (; index[1 + at] != 0; at = (at + 1) & mask) {
		if (str_eq(fields[index[1 + at] - 1].name, name))
			return (int)index[1 + at] - 1;
	}
	return -1;
}

static const uint32_t *
index_new(struct arena *mem, const struct field *fields, size_t n)
{
	const uint32_t size = index_size(n);
	uint32_t *index = arena_zalloc(mem, (1 + (size_t)size) * sizeof(*index));

	index[0] = size;
	for (uint32_t i = 0; i < n; i++)
		index_put(index, fields, i);
	return index;
}

struct schema *
schema_struct(struct arena *mem, const struct field *fields, size_t n)
{
	struct schema *s = schema_new(mem, SCHEMA_STRUCT);
	struct field *copy = arena_alloc(mem, n * sizeof(*copy));

	if (n > 0)
		memcpy(copy, fields, n * sizeof(*copy));
	s->fields = copy;
	s->n_fields = (uint32_t)n;
	if (n >= INDEX_FROM)
		s->index = index_new(mem, copy, n);
	return s;
}

struct schema *
schema_decimal(struct arena *mem, int32_t scale)
{
	struct schema *s = schema_new(mem, SCHEMA_BYTES);

	schema_set_name(s, STR(SCHEMA_DECIMAL_NAME));
	schema_set_version(s, 1);
	schema_set_param(mem, s, STR("scale"), str_of(arena_printf(mem, "%d", scale)));
	return s;
}

struct schema *
schema_copy(struct arena *mem, const struct schema *s)
{
	struct schema *copy = arena_alloc(mem, sizeof(*copy));

	*copy = *s;
	copy->shared = false;
	return copy;
}

const struct schema *
schema_as_optional(struct arena *mem, const struct schema *s, bool optional)
{
	struct schema *copy;

	if (s->optional == optional)
		return s;
	if (s >= &primitives[0][0] && s <= &primitives[1][SCHEMA_BYTES])
		return schema_primitive((enum schema_type)s->type, optional);
	copy = schema_copy(mem, s);
	copy->optional = optional;
	return copy;
}

static struct str
copy_str(struct arena *mem, struct str s)
{
	return s.p != NULL ? arena_str(mem, s) : s;
}

static const struct schema_param *
copy_params(struct arena *mem, const struct schema_param *from, uint32_t n)
{
	struct schema_param *to;

	if (n == 0)
		return NULL;
	to = arena_alloc(mem, n * sizeof(*to));
	for (uint32_t i = 0; i < n; i++) {
		to[i].name = copy_str(mem, from[i].name);
		to[i].value = copy_str(mem, from[i].value);
	}
	return to;
}

struct schema *
schema_deep_copy(struct arena *mem, const struct schema *s)
{
	struct schema *copy = schema_copy(mem, s);
	struct field *fields;

	copy->name = copy_str(mem, s->name);
	copy->doc = copy_str(mem, s->doc);
	copy->params = copy_params(mem, s->params, s->n_params);
	if (s->key != NULL)
		copy->key = schema_deep_copy(mem, s->key);
	if (s->value != NULL)
		copy->value = schema_deep_copy(mem, s->value);
	if (s->type == SCHEMA_STRUCT) {
		fields = arena_alloc(mem, s->n_fields * sizeof(*fields));
		for (uint32_t i = 0; i < s->n_fields; i++) {
			fields[i].name = copy_str(mem, s->fields[i].name);
			fields[i].schema = schema_deep_copy(mem, s->fields[i].schema);
		}
		copy->fields = fields;
		if (s->index != NULL)
			copy->index = index_new(mem, fields, s->n_fields);
	}
	if (s->def != NULL) {
		struct value *def = arena_alloc(mem, sizeof(*def));

		*def = value_copy(mem, *s->def);
		copy->def = def;
	}
	return copy;
}

static enum schema_logical
logical_of(struct str name)
{
	static const struct {
		const char *name;
		enum schema_logical logical;
	} table[] = {
		{ SCHEMA_DATE_NAME, SCHEMA_DATE },
		{ SCHEMA_TIME_NAME, SCHEMA_TIME },
		{ SCHEMA_TIMESTAMP_NAME, SCHEMA_TIMESTAMP },
		{ SCHEMA_DECIMAL_NAME, SCHEMA_DECIMAL },
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (str_eq_c(name, table[i].name))
			return table[i].logical;
	}
	return SCHEMA_PLAIN;
}

void
schema_set_name(struct schema *s, struct str name)
{
	s->name = name;
	s->logical = (uint8_t)logical_of(name);
}

void
schema_set_version(struct schema *s, int32_t version)
{
	s->has_version = true;
	s->version = version;
}

void
schema_copy_basics(struct schema *to, const struct schema *from)
{
	to->name = from->name;
	to->logical = from->logical;
	to->has_version = from->has_version;
	to->version = from->version;
	to->doc = from->doc;
	to->params = from->params;
	to->n_params = from->n_params;
}

void
schema_set_param(struct arena *mem, struct schema *s, struct str name, struct str value)
{
	struct schema_param *params = arena_alloc(
	    mem, ((size_t)s->n_params + 1) * sizeof(*params));
	uint32_t i;

	if (s->n_params > 0)
		memcpy(params, s->params, s->n_params * sizeof(*params));
	for (i = 0; i < s->n_params && !str_eq(params[i].name, name); i++)
		;
	params[i] = (struct schema_param) { name, value };
	s->params = params;
	if (i == s->n_params)
		s->n_params++;
}

int
schema_set_default(struct arena *mem, struct schema *s, struct value v, struct err *err)
{
	struct err why;
	struct value *def;

	s->def = NULL;
	if (value_is_null(v))
		return 0;
	if (value_validate(NULL, s, v, &why) != 0)
		return err_set(err, ERR_RECORD, "Invalid default value");
	def = arena_alloc(mem, sizeof(*def));
	*def = v;
	s->def = def;
	return 0;
}

static int
duplicate_field(struct str name, struct err *err)
{
	return err_set(err, ERR_RECORD,
	    "Cannot create field because of field name duplication %.*s", STR_ARG(name));
}

/* Many fields: an index for the check alone, so that hostile input costs O(n). */
static int
check_many(const struct field *fields, size_t n, struct err *err)
{
	const uint32_t size = index_size(n);
	uint32_t *index = mem_zalloc((1 + (size_t)size) * sizeof(*index));
	int rc = 0;

	index[0] = size;
	for (uint32_t i = 0; i < n && rc == 0; i++) {
		if (fields[i].name.n == 0)
			rc = err_set(err, ERR_RECORD, "fieldName cannot be null.");
		else if (index_put(index, fields, i) >= 0)
			rc = duplicate_field(fields[i].name, err);
	}
	free(index);
	return rc;
}

int
schema_check_fields(const struct field *fields, size_t n, struct err *err)
{
	if (n > 32)
		return check_many(fields, n, err);
	for (size_t i = 0; i < n; i++) {
		if (fields[i].name.n == 0)
			return err_set(err, ERR_RECORD, "fieldName cannot be null.");
		for (size_t j = 0; j < i; j++) {
			if (str_eq(fields[j].name, fields[i].name))
				return duplicate_field(fields[i].name, err);
		}
	}
	return 0;
}

int
schema_field_index(const struct schema *s, struct str name)
{
	if (s->index != NULL)
		return index_find(s->index, s->fields, name);
	for (uint32_t i = 0; i < s->n_fields; i++) {
		if (str_eq(s->fields[i].name, name))
			return (int)i;
	}
	return -1;
}

const struct schema *
schema_field(const struct schema *s, struct str name)
{
	const int i = schema_field_index(s, name);

	return i < 0 ? NULL : s->fields[i].schema;
}

const struct schema_param *
schema_param(const struct schema *s, const char *name)
{
	for (uint32_t i = 0; i < s->n_params; i++) {
		if (str_eq_c(s->params[i].name, name))
			return &s->params[i];
	}
	return NULL;
}

static bool
opt_str_equal(struct str a, struct str b)
{
	return (a.p == NULL) == (b.p == NULL) && str_eq(a, b);
}

static bool
params_equal(const struct schema *a, const struct schema *b)
{
	if (a->n_params != b->n_params)
		return false;
	for (uint32_t i = 0; i < a->n_params; i++) {
		uint32_t j = 0;

		while (j < b->n_params && !str_eq(a->params[i].name, b->params[j].name))
			j++;
		if (j == b->n_params || !str_eq(a->params[i].value, b->params[j].value))
			return false;
	}
	return true;
}

static bool
fields_equal(const struct schema *a, const struct schema *b)
{
	if (a->n_fields != b->n_fields)
		return false;
	for (uint32_t i = 0; i < a->n_fields; i++) {
		if (!str_eq(a->fields[i].name, b->fields[i].name) ||
		    !schema_equal(a->fields[i].schema, b->fields[i].schema))
			return false;
	}
	return true;
}

bool
schema_equal(const struct schema *a, const struct schema *b)
{
	if (a == b)
		return true;
	if (a == NULL || b == NULL || a->type != b->type || a->optional != b->optional ||
	    a->has_version != b->has_version ||
	    (a->has_version && a->version != b->version) ||
	    !opt_str_equal(a->name, b->name) || !opt_str_equal(a->doc, b->doc))
		return false;
	if ((a->def == NULL) != (b->def == NULL) ||
	    (a->def != NULL && !value_equal(*a->def, *b->def)))
		return false;
	return params_equal(a, b) && fields_equal(a, b) && schema_equal(a->key, b->key) &&
	       schema_equal(a->value, b->value);
}

const char *
schema_type_upper(enum schema_type type)
{
	return upper_names[type];
}

const char *
schema_type_json(enum schema_type type)
{
	return json_names[type];
}

const char *
schema_type_name(const struct schema *s)
{
	return upper_names[s->type];
}

void
schema_print(struct buf *out, const struct schema *s)
{
	buf_add_c(out, "Schema{");
	if (s->name.p != NULL) {
		buf_add_str(out, s->name);
		buf_add_byte(out, ':');
	}
	buf_add_c(out, schema_type_name(s));
	buf_add_byte(out, '}');
}

struct str
schema_text(struct arena *mem, const struct schema *s)
{
	struct buf b = { 0 };
	struct str text;

	schema_print(&b, s);
	text = arena_str(mem, buf_str(&b));
	buf_fini(&b);
	return text;
}
