/*
 * The tagged JSON form of schemas, values and records.
 */
#include "cli/tagged.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/base64.h"
#include "data/decimal.h"
#include "data/number.h"

static const struct json *
member(const struct json *j, const char *name)
{
	const struct json *m = j != NULL ? json_member(j, str_of(name)) : NULL;

	return m != NULL && m->type != JSON_NULL ? m : NULL;
}

static int
bad(struct err *err, const char *what, struct str text)
{
	return err_set(
	    err, ERR_CONFIG, "%s: %.*s", what, (int)(text.n < 60 ? text.n : 60), text.p);
}

/* Schemas. */

static int
read_type(struct arena *mem, const struct json *j, struct schema **out, struct err *err)
{
	const struct json *type = member(j, "type");

	if (type == NULL || type->type != JSON_STRING)
		return bad(err, "schema without type", STR(""));
	for (int t = SCHEMA_INT8; t <= SCHEMA_STRUCT; t++) {
		if (str_eq_c(json_text(type), schema_type_json((enum schema_type)t))) {
			*out = schema_new(mem, (enum schema_type)t);
			return 0;
		}
	}
	return bad(err, "unknown schema type", json_text(type));
}

static int
read_fields(
    struct arena *mem, const struct json *list, struct schema **s, struct err *err)
{
	const uint32_t n = list != NULL && list->type == JSON_ARRAY ? list->n : 0;
	struct field *fields = arena_alloc(mem, n * sizeof(*fields));
	const struct json *j = n > 0 ? json_first(list) : NULL;

	for (uint32_t i = 0; i < n; i++, j = j->next) {
		const struct json *name = member(j, "field");

		if (name == NULL || name->type != JSON_STRING)
			return bad(err, "field without name", STR(""));
		fields[i].name = json_text(name);
		if (tagged_read_schema(mem, j, &fields[i].schema, err) != 0)
			return -1;
	}
	if (schema_check_fields(fields, n, err) != 0)
		return -1;
	*s = schema_struct(mem, fields, n);
	return 0;
}

static void
read_params(struct arena *mem, const struct json *j, struct schema *s)
{
	if (j == NULL || j->type != JSON_OBJECT)
		return;
	for (const struct json *m = json_first(j); m != NULL; m = m->next) {
		if (m->type == JSON_STRING)
			schema_set_param(mem, s, json_name(m), json_text(m));
	}
}

int
tagged_read_schema(
    struct arena *mem, const struct json *j, const struct schema **out, struct err *err)
{
	const struct json *m;
	struct schema *s = NULL;
	struct value *def;

	*out = NULL;
	if (j == NULL || j->type == JSON_NULL)
		return 0;
	if (read_type(mem, j, &s, err) != 0)
		return -1;
	if (s->type == SCHEMA_STRUCT &&
	    read_fields(mem, member(j, "fields"), &s, err) != 0)
		return -1;
	if (tagged_read_schema(mem, member(j, "keys"), &s->key, err) != 0 ||
	    tagged_read_schema(mem,
		member(j, s->type == SCHEMA_ARRAY ? "items" : "values"), &s->value,
		err) != 0)
		return -1;
	m = member(j, "optional");
	s->optional = m != NULL && m->type == JSON_TRUE;
	if ((m = member(j, "name")) != NULL)
		schema_set_name(s, json_text(m));
	if ((m = member(j, "version")) != NULL)
		schema_set_version(s, (int32_t)number_low_i64(json_text(m), NULL));
	if ((m = member(j, "doc")) != NULL)
		s->doc = json_text(m);
	read_params(mem, member(j, "parameters"), s);
	if ((m = member(j, "default")) != NULL) {
		def = arena_alloc(mem, sizeof(*def));
		/* A default struct is of the schema without default. */
		if (tagged_read_value(mem, m, schema_copy(mem, s), def, err) != 0)
			return -1;
		s->def = def;
	}
	*out = s;
	return 0;
}

static void
print_member(struct buf *out, const char *name, struct str value)
{
	buf_printf(out, ",\"%s\":", name);
	json_write_string(out, value);
}

static void
print_parts(struct buf *out, const struct schema *s)
{
	if (s->type == SCHEMA_MAP) {
		buf_add_c(out, ",\"keys\":");
		tagged_print_schema(out, s->key);
	}
	if (s->type == SCHEMA_MAP || s->type == SCHEMA_ARRAY) {
		buf_add_c(out, s->type == SCHEMA_MAP ? ",\"values\":" : ",\"items\":");
		tagged_print_schema(out, s->value);
	}
	if (s->type != SCHEMA_STRUCT)
		return;
	buf_add_c(out, ",\"fields\":[");
	for (uint32_t i = 0; i < s->n_fields; i++) {
		buf_add_c(out, i > 0 ? "," : "");
		tagged_print_schema(out, s->fields[i].schema);
		out->n--; /* its brace */
		print_member(out, "field", s->fields[i].name);
		buf_add_byte(out, '}');
	}
	buf_add_byte(out, ']');
}

void
tagged_print_schema(struct buf *out, const struct schema *s)
{
	if (s == NULL) {
		buf_add_c(out, "null");
		return;
	}
	buf_printf(out, "{\"type\":\"%s\"", schema_type_json((enum schema_type)s->type));
	print_parts(out, s);
	buf_printf(out, ",\"optional\":%s", s->optional ? "true" : "false");
	if (s->name.p != NULL)
		print_member(out, "name", s->name);
	if (s->has_version)
		buf_printf(out, ",\"version\":%" PRId32, s->version);
	if (s->doc.p != NULL)
		print_member(out, "doc", s->doc);
	if (s->n_params > 0) {
		buf_add_c(out, ",\"parameters\":{");
		for (uint32_t i = 0; i < s->n_params; i++) {
			buf_add_c(out, i > 0 ? "," : "");
			json_write_string(out, s->params[i].name);
			buf_add_byte(out, ':');
			json_write_string(out, s->params[i].value);
		}
		buf_add_byte(out, '}');
	}
	if (s->def != NULL) {
		struct schema bare = *s;
		bare.def = NULL;
		buf_add_c(out, ",\"default\":");
		tagged_print_value(out, *s->def, &bare);
	}
	buf_add_byte(out, '}');
}

/* Values. */

static const struct {
	const char *tag;
	enum value_kind kind;
} tags[] = {
	{ "boolean", VALUE_BOOLEAN },
	{ "int8", VALUE_INT8 },
	{ "int16", VALUE_INT16 },
	{ "int32", VALUE_INT32 },
	{ "int64", VALUE_INT64 },
	{ "float32", VALUE_FLOAT32 },
	{ "float64", VALUE_FLOAT64 },
	{ "string", VALUE_STRING },
	{ "bytes", VALUE_BYTES },
	{ "date", VALUE_DATE },
	{ "decimal", VALUE_DECIMAL },
	{ "array", VALUE_ARRAY },
	{ "map", VALUE_MAP },
	{ "struct", VALUE_STRUCT },
};

static int
read_bits(struct str tag, struct str hex, struct value *out)
{
	char text[24] = "";
	uint64_t bits;
	uint32_t bits32;

	if (hex.n >= sizeof(text))
		return -1;
	memcpy(text, hex.p, hex.n);
	bits = strtoull(text, NULL, 16);
	bits32 = (uint32_t)bits;
	if (str_eq_c(tag, "float32bits")) {
		*out = value_float32(0);
		memcpy(&out->f32, &bits32, sizeof(bits32));
		return 0;
	}
	*out = value_float64(0);
	memcpy(&out->f64, &bits, sizeof(bits));
	return 0;
}

static int
read_items(struct arena *mem, const struct json *j, const struct schema *s,
    struct value *out, struct err *err)
{
	struct value *items = arena_alloc(mem, j->n * sizeof(*items));
	const struct json *e = json_first(j);

	for (uint32_t i = 0; i < j->n; i++, e = e->next) {
		if (tagged_read_value(
			mem, e, s != NULL ? s->value : NULL, &items[i], err) != 0)
			return -1;
	}
	*out = value_array(items, j->n);
	return 0;
}

static int
read_entries(struct arena *mem, const struct json *j, const struct schema *s,
    struct value *out, struct err *err)
{
	const struct json *e = json_first(j);
	struct value_map_builder b;
	struct value key, v;

	value_map_begin(&b, mem, j->n);
	for (; e != NULL; e = e->next) {
		if (e->type != JSON_ARRAY || e->n != 2)
			return bad(err, "map entry that is no pair", STR(""));
		if (tagged_read_value(
			mem, e->child, s != NULL ? s->key : NULL, &key, err) != 0 ||
		    tagged_read_value(
			mem, e->child->next, s != NULL ? s->value : NULL, &v, err) != 0)
			return -1;
		value_map_put(&b, key, v); /* of equal keys the last one counts */
	}
	*out = value_map_end(&b);
	return 0;
}

static int
read_struct(struct arena *mem, const struct json *j, const struct schema *s,
    struct value *out, struct err *err)
{
	if (s == NULL || s->type != SCHEMA_STRUCT)
		return bad(err, "struct without schema", STR(""));
	*out = value_struct_new(mem, s);
	for (const struct json *m = json_first(j); m != NULL; m = m->next) {
		const int i = schema_field_index(s, json_name(m));

		if (i < 0)
			return bad(err, "unknown field", json_name(m));
		if (tagged_read_value(
			mem, m, s->fields[i].schema, &value_slots(*out)[i], err) != 0)
			return -1;
	}
	return 0;
}

static int
read_decimal(struct arena *mem, const struct json *j, struct value *out, struct err *err)
{
	const struct decimal *d;

	if (j->type != JSON_ARRAY || j->n != 2)
		return bad(err, "decimal that is no pair", STR(""));
	d = decimal_parse(mem, json_text(j->child));
	if (d == NULL)
		return bad(err, "decimal that is no number", json_text(j->child));
	*out = value_decimal(decimal_from_bytes(
	    mem, d->unscaled, (int32_t)number_low_i64(json_text(j->child->next), NULL)));
	return 0;
}

static int
read_scalar(struct arena *mem, enum value_kind kind, const struct json *j,
    struct value *out, struct err *err)
{
	const struct str text = j->type >= JSON_INTEGER && j->type <= JSON_STRING
	                            ? json_text(j)
	                            : STR("");
	struct str bytes;

	switch (kind) {
	case VALUE_BOOLEAN:
		*out = value_boolean(j->type == JSON_TRUE);
		return 0;
	case VALUE_FLOAT32:
		*out = value_float32(0);
		return number_parse_float(text, &out->f32) ? 0
		                                           : bad(err, "no float", text);
	case VALUE_FLOAT64:
		*out = value_float64(0);
		return number_parse_double(text, &out->f64) ? 0
		                                            : bad(err, "no double", text);
	case VALUE_STRING:
		*out = value_string(text);
		return 0;
	case VALUE_BYTES:
		if (!base64_decode(mem, text, &bytes))
			return bad(err, "no base64", text);
		*out = value_bytes(bytes);
		return 0;
	case VALUE_DATE:
		*out = value_date(number_low_i64(text, NULL));
		return 0;
	default:
		*out = value_int(kind, number_low_i64(text, NULL));
		return 0;
	}
}

int
tagged_read_value(struct arena *mem, const struct json *j, const struct schema *s,
    struct value *out, struct err *err)
{
	const struct json *content, *own;
	struct str tag;

	*out = value_null();
	if (j == NULL || j->type == JSON_NULL)
		return 0;
	if (j->type != JSON_OBJECT || j->n == 0)
		return bad(err, "value without tag", STR(""));
	content = json_first(j);
	tag = json_name(content);
	if (str_ends(tag, "bits"))
		return read_bits(tag, json_text(content), out);
	own = member(j, "schema");
	if (own != NULL && tagged_read_schema(mem, own, &s, err) != 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
		if (!str_eq_c(tag, tags[i].tag))
			continue;
		switch (tags[i].kind) {
		case VALUE_ARRAY:
			return read_items(mem, content, s, out, err);
		case VALUE_MAP:
			return read_entries(mem, content, s, out, err);
		case VALUE_STRUCT:
			return read_struct(mem, content, s, out, err);
		case VALUE_DECIMAL:
			return read_decimal(mem, content, out, err);
		default:
			return read_scalar(mem, tags[i].kind, content, out, err);
		}
	}
	return bad(err, "unknown tag", tag);
}

static void
print_float(struct buf *out, struct value v)
{
	uint64_t bits;
	uint32_t bits32;

	if (v.kind == VALUE_FLOAT32 && v.f32 != v.f32) {
		memcpy(&bits32, &v.f32, sizeof(bits32));
		buf_printf(out, "{\"float32bits\":\"%08" PRIx32 "\"}", bits32);
	} else if (v.kind == VALUE_FLOAT64 && v.f64 != v.f64) {
		memcpy(&bits, &v.f64, sizeof(bits));
		buf_printf(out, "{\"float64bits\":\"%016" PRIx64 "\"}", bits);
	} else {
		buf_printf(
		    out, "{\"%s\":\"", v.kind == VALUE_FLOAT32 ? "float32" : "float64");
		value_print(out, v);
		buf_add_c(out, "\"}");
	}
}

static void
print_decimal(struct buf *out, const struct decimal *d)
{
	const struct decimal whole = { d->unscaled, 0 };

	buf_add_c(out, "{\"decimal\":[\"");
	decimal_print(out, &whole);
	buf_printf(out, "\",%" PRId32 "]}", d->scale);
}

static void
print_struct(struct buf *out, struct value v, const struct schema *expected)
{
	const struct schema *s = value_struct_schema(v);

	buf_add_c(out, "{\"struct\":{");
	for (uint32_t i = 0; i < v.n; i++) {
		buf_add_c(out, i > 0 ? "," : "");
		json_write_string(out, s->fields[i].name);
		buf_add_byte(out, ':');
		tagged_print_value(out, value_slot(v, i), s->fields[i].schema);
	}
	buf_add_byte(out, '}');
	if (!schema_equal(s, expected)) {
		buf_add_c(out, ",\"schema\":");
		tagged_print_schema(out, s);
	}
	buf_add_byte(out, '}');
}

static void
print_map(struct buf *out, struct value v, const struct schema *s)
{
	buf_add_c(out, "{\"map\":[");
	for (uint32_t i = 0; i < v.n; i++) {
		buf_add_c(out, i > 0 ? ",[" : "[");
		tagged_print_value(out, v.entries[i].key, s != NULL ? s->key : NULL);
		buf_add_byte(out, ',');
		tagged_print_value(out, v.entries[i].value, s != NULL ? s->value : NULL);
		buf_add_byte(out, ']');
	}
	buf_add_c(out, "]}");
}

static void
print_array(struct buf *out, struct value v, const struct schema *s)
{
	buf_add_c(out, "{\"array\":[");
	for (uint32_t i = 0; i < v.n; i++) {
		buf_add_c(out, i > 0 ? "," : "");
		tagged_print_value(out, v.items[i], s != NULL ? s->value : NULL);
	}
	buf_add_c(out, "]}");
}

void
tagged_print_value(struct buf *out, struct value v, const struct schema *s)
{
	switch ((enum value_kind)v.kind) {
	case VALUE_NULL:
		buf_add_c(out, "null");
		return;
	case VALUE_BOOLEAN:
		buf_printf(out, "{\"boolean\":%s}", v.b ? "true" : "false");
		return;
	case VALUE_INT8:
	case VALUE_INT16:
	case VALUE_INT32:
		buf_printf(
		    out, "{\"int%d\":%" PRId64 "}", 8 << (v.kind - VALUE_INT8), v.i);
		return;
	case VALUE_INT64:
		buf_printf(out, "{\"int64\":\"%" PRId64 "\"}", v.i);
		return;
	case VALUE_FLOAT32:
	case VALUE_FLOAT64:
		print_float(out, v);
		return;
	case VALUE_STRING:
		buf_add_c(out, "{\"string\":");
		json_write_string(out, value_str(v));
		buf_add_byte(out, '}');
		return;
	case VALUE_BYTES:
		buf_add_c(out, "{\"bytes\":");
		json_write_base64(out, value_str(v));
		buf_add_byte(out, '}');
		return;
	case VALUE_DATE:
		buf_printf(out, "{\"date\":\"%" PRId64 "\"}", v.i);
		return;
	case VALUE_DECIMAL:
		print_decimal(out, v.dec);
		return;
	case VALUE_ARRAY:
		print_array(out, v, s);
		return;
	case VALUE_MAP:
		print_map(out, v, s);
		return;
	case VALUE_STRUCT:
		print_struct(out, v, s);
		return;
	}
}

/* Records. */

static int
read_datum(struct arena *mem, const struct json *schema, const struct json *value,
    struct datum *out, struct err *err)
{
	if (tagged_read_schema(mem, schema, &out->schema, err) != 0)
		return -1;
	return tagged_read_value(mem, value, out->schema, &out->value, err);
}

static int
read_headers(const struct json *list, struct record *r, struct err *err)
{
	if (list == NULL || list->type != JSON_ARRAY)
		return 0;
	for (const struct json *h = json_first(list); h != NULL; h = h->next) {
		const struct json *key = member(h, "key");
		struct datum d;

		if (key == NULL)
			return bad(err, "header without key", STR(""));
		if (read_datum(
			r->mem, member(h, "schema"), member(h, "value"), &d, err) != 0)
			return -1;
		record_add_header(r, json_text(key), d);
	}
	return 0;
}

int
tagged_read_record(const struct json *j, struct record *r, struct err *err)
{
	const struct json *m;

	record_init(r, r->mem);
	m = json_member(j, STR("topic"));
	r->topic = m == NULL                ? STR("topic")
	           : m->type == JSON_STRING ? json_text(m)
	                                    : (struct str) { NULL, 0 };
	if ((m = member(j, "partition")) != NULL) {
		r->has_partition = true;
		r->partition = (int32_t)number_low_i64(json_text(m), NULL);
	}
	if ((m = member(j, "timestamp")) != NULL) {
		r->has_timestamp = true;
		r->timestamp_ms = number_low_i64(json_text(m), NULL);
	}
	m = member(j, "kind");
	r->is_sink = m != NULL && str_eq_c(json_text(m), "sink");
	if ((m = member(j, "offset")) != NULL)
		r->offset = number_low_i64(json_text(m), NULL);
	if (read_datum(r->mem, member(j, "keySchema"), member(j, "key"), &r->key, err) !=
		0 ||
	    read_datum(r->mem, member(j, "valueSchema"), member(j, "value"), &r->value,
		err) != 0)
		return -1;
	return read_headers(member(j, "headers"), r, err);
}

void
tagged_print_record(struct buf *out, const struct record *r)
{
	buf_add_c(out, "\"topic\":");
	if (r->topic.p != NULL)
		json_write_string(out, r->topic);
	else
		buf_add_c(out, "null");
	if (r->has_partition)
		buf_printf(out, ",\"partition\":%" PRId32, r->partition);
	else
		buf_add_c(out, ",\"partition\":null");
	buf_add_c(out, ",\"keySchema\":");
	tagged_print_schema(out, r->key.schema);
	buf_add_c(out, ",\"key\":");
	tagged_print_value(out, r->key.value, r->key.schema);
	buf_add_c(out, ",\"valueSchema\":");
	tagged_print_schema(out, r->value.schema);
	buf_add_c(out, ",\"value\":");
	tagged_print_value(out, r->value.value, r->value.schema);
	if (r->has_timestamp)
		buf_printf(out, ",\"timestamp\":\"%" PRId64 "\"", r->timestamp_ms);
	else
		buf_add_c(out, ",\"timestamp\":null");
	buf_add_c(out, ",\"headers\":[");
	for (uint32_t i = 0; i < r->n_headers; i++) {
		buf_add_c(out, i > 0 ? ",{\"key\":" : "{\"key\":");
		json_write_string(out, r->headers[i].key);
		buf_add_c(out, ",\"schema\":");
		tagged_print_schema(out, r->headers[i].datum.schema);
		buf_add_c(out, ",\"value\":");
		tagged_print_value(
		    out, r->headers[i].datum.value, r->headers[i].datum.schema);
		buf_add_byte(out, '}');
	}
	buf_add_byte(out, ']');
}
