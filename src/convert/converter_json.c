/*
 * JsonConverter: a datum as JSON, with or without its schema (connect-json 3.9).
 * This file writes; reading is in converter_json_read.c.
 */
#include "convert/converter_json.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/date.h"
#include "data/decimal.h"
#include "data/json.h"
#include "data/number.h"

#define MAX_DEPTH 1000 /* StreamWriteConstraints of Jackson 2.16 */
#define KEEP_BUFFER (64 * 1024)

static const char *const decimal_formats[] = { "NUMERIC", "BASE64", NULL };

static const struct opt options[] = {
	{ .name = "schemas.enable",
	    OPT_BOOLEAN(struct json_state, schemas_enable),
	    .def = "true",
	    .importance = OPT_HIGH,
	    .doc = "Include schemas within each of the serialized values and keys." },
	{ .name = "schemas.cache.size",
	    OPT_INT(struct json_state, cache_size),
	    .def = "1000",
	    .importance = OPT_HIGH,
	    .doc = "The maximum number of schemas that can be cached in this converter "
		   "instance." },
	{ .name = "decimal.format",
	    OPT_STRING(struct json_state, decimal_format),
	    .def = "BASE64",
	    .values = decimal_formats,
	    .any_case = true,
	    .importance = OPT_LOW,
	    .doc = "Controls which format this converter will serialize decimals in: "
		   "BASE64 (the unscaled value's bytes) or NUMERIC (a JSON number)." },
	{ .name = "replace.null.with.default",
	    OPT_BOOLEAN(struct json_state, replace_null_with_default),
	    .def = "true",
	    .importance = OPT_LOW,
	    .doc =
		"Whether to replace fields that have a default value and that are null "
		"to the default value." },
	{ .name = "converter.type",
	    .importance = OPT_LOW,
	    .ignored = "the use of the converter decides",
	    .doc = "Key, value or header; set by the runtime." },
	{ 0 },
};

struct writer {
	const struct json_state *state;
	struct buf *out;
	struct err *err;
	int depth;
};

static int write_value(struct writer *w, const struct schema *s, struct value v);

static inline void
put(struct buf *out, char c)
{
	if (out->n == out->cap)
		buf_reserve(out, 64);
	out->p[out->n++] = c;
}

static int
enter(struct writer *w)
{
	if (++w->depth > MAX_DEPTH)
		return err_set(w->err, ERR_RECORD,
		    "Converting Kafka Connect data to byte[] failed due to serialization "
		    "error: more than %d levels",
		    MAX_DEPTH);
	return 0;
}

static int
type_error(const struct writer *w, const struct schema *s, struct value v)
{
	if (s->type == SCHEMA_BYTES)
		return err_set(w->err, ERR_RECORD,
		    "Invalid type for bytes type: class %s", value_class(v));
	return err_set(w->err, ERR_RECORD, "Invalid type for %s: class %s",
	    schema_type_name(s), value_class(v));
}

static void
write_i64(struct buf *out, int64_t i)
{
	if (out->cap - out->n < NUMBER_TEXT_MAX)
		buf_reserve(out, NUMBER_TEXT_MAX);
	out->n += number_i64_text(out->p + out->n, i);
}

static void
write_float(struct buf *out, struct value v)
{
	size_t n;
	char *p;

	if (out->cap - out->n < NUMBER_TEXT_MAX + 2)
		buf_reserve(out, NUMBER_TEXT_MAX + 2);
	p = out->p + out->n;
	n = v.kind == VALUE_FLOAT32 ? number_float_text(p, v.f32)
	                            : number_double_text(p, v.f64);
	if (p[n - 1] == 'N' || p[n - 1] == 'y') { /* NaN, Infinity: quoted */
		memmove(p + 1, p, n);
		p[0] = p[n + 1] = '"';
		n += 2;
	}
	out->n += n;
}

static int
write_logical(struct writer *w, const struct schema *s, struct value v)
{
	static const char *const names[] = { [SCHEMA_DATE] = "Date",
		[SCHEMA_TIME] = "Time",
		[SCHEMA_TIMESTAMP] = "Timestamp" };
	struct str bytes;
	int64_t i;

	if (s->logical != SCHEMA_DECIMAL) {
		if (v.kind != VALUE_DATE)
			return err_set(w->err, ERR_RECORD,
			    "Invalid type for %s, expected Date but was class %s",
			    names[s->logical], value_class(v));
		if (date_from_logical((enum schema_logical)s->logical, v.i, &i, w->err) !=
		    0)
			return -1;
		write_i64(w->out, i);
		return 0;
	}
	if (v.kind != VALUE_DECIMAL)
		return err_set(w->err, ERR_RECORD,
		    "Invalid type for Decimal, expected BigDecimal but was class %s",
		    value_class(v));
	if (w->state->numeric) {
		decimal_print(w->out, v.dec);
		return 0;
	}
	if (decimal_from_logical(s, v.dec, &bytes, w->err) != 0)
		return -1;
	json_write_base64(w->out, bytes);
	return 0;
}

static int
write_array(struct writer *w, const struct schema *s, struct value v)
{
	if (enter(w) != 0)
		return -1;
	put(w->out, '[');
	for (uint32_t i = 0; i < v.n; i++) {
		if (i > 0)
			put(w->out, ',');
		if (write_value(w, s != NULL ? s->value : NULL, v.items[i]) != 0)
			return -1;
	}
	put(w->out, ']');
	w->depth--;
	return 0;
}

static bool
has_text_keys_only(struct value map)
{
	for (uint32_t i = 0; i < map.n; i++) {
		if (map.entries[i].key.kind != VALUE_STRING)
			return false;
	}
	return true;
}

/* A key of an object: Java writes its JSON and takes that node's text, so that null
 * under an optional schema is "null". */
static int
write_key(struct writer *w, const struct schema *s, struct value key)
{
	const size_t at = w->out->n;

	if (key.kind == VALUE_STRING && (s == NULL || s->logical == SCHEMA_PLAIN)) {
		json_write_string(w->out, value_str(key));
		return 0;
	}
	if (write_value(w, s, key) != 0)
		return -1;
	if (w->out->p[at] != '"') {
		buf_add_c(w->out, "\"\"");
		memmove(w->out->p + at + 1, w->out->p + at, w->out->n - at - 2);
		w->out->p[at] = '"';
		w->out->p[w->out->n - 1] = '"';
	}
	return 0;
}

static int
write_object(struct writer *w, const struct schema *s, struct value v)
{
	if (enter(w) != 0)
		return -1;
	put(w->out, '{');
	for (uint32_t i = 0; i < v.n; i++) {
		if (i > 0)
			put(w->out, ',');
		if (write_key(w, s != NULL ? s->key : NULL, v.entries[i].key) != 0)
			return -1;
		put(w->out, ':');
		if (write_value(w, s != NULL ? s->value : NULL, v.entries[i].value) != 0)
			return -1;
	}
	put(w->out, '}');
	w->depth--;
	return 0;
}

static int
write_pairs(struct writer *w, const struct schema *s, struct value v)
{
	if (enter(w) != 0 || enter(w) != 0)
		return -1;
	put(w->out, '[');
	for (uint32_t i = 0; i < v.n; i++) {
		buf_add_c(w->out, i > 0 ? ",[" : "[");
		if (write_value(w, s != NULL ? s->key : NULL, v.entries[i].key) != 0)
			return -1;
		put(w->out, ',');
		if (write_value(w, s != NULL ? s->value : NULL, v.entries[i].value) != 0)
			return -1;
		put(w->out, ']');
	}
	put(w->out, ']');
	w->depth -= 2;
	return 0;
}

static int
write_map(struct writer *w, const struct schema *s, struct value v)
{
	const bool object = s != NULL ? s->key != NULL && s->key->type == SCHEMA_STRING
	                              : has_text_keys_only(v);

	return object ? write_object(w, s, v) : write_pairs(w, s, v);
}

static int
write_struct(struct writer *w, const struct schema *s, struct value v)
{
	const struct schema *own = value_struct_schema(v);

	if (s == NULL || (own != s && !schema_equal(own, s)))
		return err_set(w->err, ERR_RECORD, "Mismatching schema.");
	if (enter(w) != 0)
		return -1;
	put(w->out, '{');
	for (uint32_t i = 0; i < v.n; i++) {
		if (i > 0)
			put(w->out, ',');
		json_write_string(w->out, s->fields[i].name);
		put(w->out, ':');
		if (write_value(w, s->fields[i].schema, value_slot(v, i)) != 0)
			return -1;
	}
	put(w->out, '}');
	w->depth--;
	return 0;
}

static int
write_null(struct writer *w, const struct schema *s)
{
	if (s != NULL && s->def != NULL && w->state->replace_null_with_default)
		return write_value(w, s, *s->def);
	if (s != NULL && !s->optional)
		return err_set(w->err, ERR_RECORD,
		    "Conversion error: null value for field that is required and has no "
		    "default value");
	buf_add(w->out, "null", 4);
	return 0;
}

static int
write_value(struct writer *w, const struct schema *s, struct value v)
{
	if (v.kind == VALUE_NULL)
		return write_null(w, s);
	if (s != NULL && s->logical != SCHEMA_PLAIN)
		return write_logical(w, s, v);
	if (s != NULL && v.kind != value_kind_of((enum schema_type)s->type))
		return type_error(w, s, v);
	switch ((enum value_kind)v.kind) {
	case VALUE_BOOLEAN:
		buf_add_c(w->out, v.b ? "true" : "false");
		return 0;
	case VALUE_INT8:
	case VALUE_INT16:
	case VALUE_INT32:
	case VALUE_INT64:
		write_i64(w->out, v.i);
		return 0;
	case VALUE_FLOAT32:
	case VALUE_FLOAT64:
		write_float(w->out, v);
		return 0;
	case VALUE_STRING:
		json_write_string(w->out, value_str(v));
		return 0;
	case VALUE_BYTES:
		json_write_base64(w->out, value_str(v));
		return 0;
	case VALUE_ARRAY:
		return write_array(w, s, v);
	case VALUE_MAP:
		return write_map(w, s, v);
	case VALUE_STRUCT:
		return write_struct(w, s, v);
	default:
		return err_set(w->err, ERR_RECORD,
		    "Java class class %s does not have corresponding schema type.",
		    value_class(v));
	}
}

/* Schemas. */

static int write_schema(
    struct writer *w, const struct schema *s, const struct str *field);

static void
write_member(struct writer *w, const char *name, struct str value)
{
	buf_add_c(w->out, name);
	json_write_string(w->out, value);
}

static void
write_params(struct writer *w, const struct schema *s)
{
	buf_add_c(w->out, ",\"parameters\":{");
	for (uint32_t i = 0; i < s->n_params; i++) {
		if (i > 0)
			put(w->out, ',');
		json_write_string(w->out, s->params[i].name);
		put(w->out, ':');
		json_write_string(w->out, s->params[i].value);
	}
	put(w->out, '}');
}

static int
write_parts(struct writer *w, const struct schema *s)
{
	switch (s->type) {
	case SCHEMA_MAP:
		buf_add_c(w->out, ",\"keys\":");
		if (write_schema(w, s->key, NULL) != 0)
			return -1;
		buf_add_c(w->out, ",\"values\":");
		return write_schema(w, s->value, NULL);
	case SCHEMA_ARRAY:
		buf_add_c(w->out, ",\"items\":");
		return write_schema(w, s->value, NULL);
	case SCHEMA_STRUCT:
		if (enter(w) != 0)
			return -1;
		buf_add_c(w->out, ",\"fields\":[");
		for (uint32_t i = 0; i < s->n_fields; i++) {
			if (i > 0)
				put(w->out, ',');
			if (write_schema(w, s->fields[i].schema, &s->fields[i].name) != 0)
				return -1;
		}
		put(w->out, ']');
		w->depth--;
		return 0;
	default:
		return 0;
	}
}

/* field: the name when it is a field's schema. */
static int
write_schema(struct writer *w, const struct schema *s, const struct str *field)
{
	if (s == NULL) {
		buf_add_c(w->out, "null");
		return 0;
	}
	if (enter(w) != 0)
		return -1;
	buf_add_c(w->out, "{\"type\":\"");
	buf_add_c(w->out, schema_type_json((enum schema_type)s->type));
	put(w->out, '"');
	if (write_parts(w, s) != 0)
		return -1;
	buf_add_c(w->out, s->optional ? ",\"optional\":true" : ",\"optional\":false");
	if (s->name.p != NULL)
		write_member(w, ",\"name\":", s->name);
	if (s->has_version) {
		buf_add_c(w->out, ",\"version\":");
		write_i64(w->out, s->version);
	}
	if (s->doc.p != NULL)
		write_member(w, ",\"doc\":", s->doc);
	if (s->n_params > 0)
		write_params(w, s);
	if (s->def != NULL) {
		buf_add_c(w->out, ",\"default\":");
		if (write_value(w, s, *s->def) != 0)
			return -1;
	}
	if (field != NULL)
		write_member(w, ",\"field\":", *field);
	put(w->out, '}');
	w->depth--;
	return 0;
}

/* The cache: open addressing by address, at most half full, never emptied. */

static uint32_t
cache_slot(const struct json_cache *cache, const struct schema *s)
{
	uint32_t at = (uint32_t)((uintptr_t)s >> 4) * 2654435761u & (cache->cap - 1);

	while (cache->keys[at] != NULL && cache->keys[at] != s)
		at = (at + 1) & (cache->cap - 1);
	return at;
}

static void
cache_grow(struct json_cache *cache)
{
	struct json_cache bigger = { .n = cache->n,
		.cap = cache->cap > 0 ? 2 * cache->cap : 32 };

	bigger.keys = mem_zalloc(bigger.cap * sizeof(struct schema *));
	bigger.texts = mem_alloc(bigger.cap * sizeof(*bigger.texts));
	for (uint32_t i = 0; i < cache->cap; i++) {
		uint32_t at;

		if (cache->keys[i] == NULL)
			continue;
		at = cache_slot(&bigger, cache->keys[i]);
		bigger.keys[at] = cache->keys[i];
		bigger.texts[at] = cache->texts[i];
	}
	free(cache->keys);
	free(cache->texts);
	*cache = bigger;
}

/* The schema into the envelope, from the cache where it may be. */
static int
write_cached_schema(struct converter *c, struct writer *w, const struct schema *s)
{
	struct json_state *state = c->state;
	struct json_cache *cache = &state->cache;
	const size_t begin = w->out->n;
	uint32_t at;

	if (s == NULL || !s->shared)
		return write_schema(w, s, NULL);
	if (2 * cache->n >= cache->cap)
		cache_grow(cache);
	at = cache_slot(cache, s);
	if (cache->keys[at] != NULL) {
		buf_add_str(w->out, cache->texts[at]);
		return 0;
	}
	if (write_schema(w, s, NULL) != 0)
		return -1;
	if (cache->n < (uint32_t)(state->cache_size > 0 ? state->cache_size : 0)) {
		cache->keys[at] = s;
		cache->texts[at] = arena_str(
		    c->mem, (struct str) { w->out->p + begin, w->out->n - begin });
		cache->n++;
	}
	return 0;
}

static int
write(struct converter *c, struct arena *mem, struct str topic, const struct datum *d,
    struct str *out, struct err *err)
{
	struct json_state *state = c->state;
	struct writer w = { .state = state, .out = &state->out, .err = err };

	(void)topic;
	if (d->schema == NULL && value_is_null(d->value)) {
		*out = (struct str) { NULL, 0 };
		return 0;
	}
	buf_reset(w.out);
	if (state->schemas_enable) {
		w.depth = 1;
		buf_add_c(w.out, "{\"schema\":");
		if (write_cached_schema(c, &w, d->schema) != 0)
			return -1;
		buf_add_c(w.out, ",\"payload\":");
	}
	if (write_value(&w, d->schema, d->value) != 0)
		return -1;
	if (state->schemas_enable)
		buf_add_byte(w.out, '}');
	*out = arena_str(mem, buf_str(w.out));
	if (w.out->cap > KEEP_BUFFER)
		buf_fini(w.out);
	return 0;
}

static int
init(struct converter *c, struct err *err)
{
	struct json_state *state = c->state;

	(void)err;
	state->numeric = str_ieq_c(str_of(state->decimal_format), "NUMERIC");
	return 0;
}

static void
fini(struct converter *c)
{
	struct json_state *state = c->state;

	buf_fini(&state->out);
	free(state->cache.keys);
	free(state->cache.texts);
}

const struct converter_class converter_json = {
	.name = "org.apache.kafka.connect.json.JsonConverter",
	.doc = "JSON, by default in an envelope with the schema.",
	.options = options,
	.state_size = sizeof(struct json_state),
	.init = init,
	.fini = fini,
	.write = write,
	.read = converter_json_read,
};
