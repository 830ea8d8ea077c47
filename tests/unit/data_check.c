/* Schemas, values and records as texts, both ways. */
#include "data_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "data/base64.h"
#include "data/decimal.h"
#include "data/json.h"
#include "data/number.h"

/* ---- schemas ---- */

struct reader {
	const char *p;
	struct arena *mem;
};

static struct value value_by_schema(
    struct arena *mem, const struct json *j, const struct schema *s);

static const struct json *
json_of(struct arena *mem, struct str text)
{
	struct json *j = NULL;
	struct err err = { 0 };

	if (json_parse(mem, mem, text, 0, &j, &err) < 0 || j == NULL)
		fail_msg("not JSON: %.*s: %s", STR_ARG(text), err.msg);
	return j;
}

static const struct schema *read_schema(struct reader *r);

static bool
take(struct reader *r, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(r->p, word, n) != 0)
		return false;
	r->p += n;
	return true;
}

static struct str
word_until(struct reader *r, const char *ends)
{
	struct str w = { r->p, strcspn(r->p, ends) };

	r->p += w.n;
	return arena_str(r->mem, w);
}

static struct schema *
read_struct(struct reader *r)
{
	struct field fields[40];
	struct str name = { NULL, 0 };
	size_t n = 0;

	if (take(r, ":"))
		name = word_until(r, "(");
	if (!take(r, "("))
		fail_msg("no ( at %s", r->p);
	while (!take(r, ")")) {
		take(r, ",");
		fields[n].name = word_until(r, ":");
		take(r, ":");
		fields[n++].schema = read_schema(r);
	}
	struct schema *s = schema_struct(r->mem, fields, n);
	if (name.p != NULL)
		schema_set_name(s, name);
	return s;
}

static struct schema *
read_type(struct reader *r)
{
	static const struct {
		const char *name;
		enum schema_logical logical;
	} temporals[] = { { "Timestamp", SCHEMA_TIMESTAMP }, { "Time", SCHEMA_TIME },
		{ "Date", SCHEMA_DATE } };
	static const char *const names[] = { "int8", "int16", "int32", "int64", "float32",
		"float64", "boolean", "string", "bytes" };

	if (take(r, "struct"))
		return read_struct(r);
	if (take(r, "[")) {
		struct schema *s = schema_array(r->mem, read_schema(r));
		take(r, "]");
		return s;
	}
	if (take(r, "{")) {
		const struct schema *key = read_schema(r);
		take(r, ":");
		struct schema *s = schema_map(r->mem, key, read_schema(r));
		take(r, "}");
		return s;
	}
	if (take(r, "Decimal"))
		return schema_decimal(r->mem, 2);
	for (size_t i = 0; i < ARRAY_LEN(temporals); i++)
		if (take(r, temporals[i].name))
			return schema_copy(
			    r->mem, schema_temporal(temporals[i].logical, false));
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (take(r, names[i]))
			return schema_new(r->mem, (enum schema_type)i);
	fail_msg("no schema at %s", r->p);
	return NULL;
}

static const struct schema *
read_schema(struct reader *r)
{
	struct schema *s = read_type(r);

	s->optional = take(r, "?");
	if (take(r, "=")) {
		struct value *def = arena_alloc(r->mem, sizeof(*def));
		struct schema *bare = schema_copy(r->mem, s);
		*def = value_by_schema(
		    r->mem, json_of(r->mem, word_until(r, ",)")), bare);
		s->def = def;
	}
	return s;
}

const struct schema *
data_check_schema(struct arena *mem, const char *text)
{
	struct reader r = { text, mem };
	const struct schema *s = read_schema(&r);

	if (*r.p != '\0')
		fail_msg("no schema: %s, from %s", text, r.p);
	return s;
}

static void print_value(struct buf *out, struct value v, const struct schema *s);

static void
print_schema(struct buf *out, const struct schema *s)
{
	static const char *const logical[] = { "", "Date", "Time", "Timestamp",
		"Decimal" };

	if (s->type == SCHEMA_STRUCT) {
		buf_add_c(out, "struct");
		if (s->name.p != NULL)
			buf_printf(out, ":%.*s", STR_ARG(s->name));
		for (uint32_t i = 0; i < s->n_fields; i++) {
			buf_printf(out, "%s%.*s:", i > 0 ? "," : "(",
			    STR_ARG(s->fields[i].name));
			print_schema(out, s->fields[i].schema);
		}
		buf_add_c(out, s->n_fields > 0 ? ")" : "()");
	} else if (s->logical != SCHEMA_PLAIN) {
		buf_add_c(out, logical[s->logical]);
	} else if (s->type == SCHEMA_ARRAY) {
		buf_add_c(out, "[");
		print_schema(out, s->value);
		buf_add_c(out, "]");
	} else if (s->type == SCHEMA_MAP) {
		buf_add_c(out, "{");
		print_schema(out, s->key);
		buf_add_c(out, ":");
		print_schema(out, s->value);
		buf_add_c(out, "}");
	} else {
		const char *name = schema_type_json((enum schema_type)s->type);
		buf_add_c(out, strcmp(name, "float") == 0    ? "float32"
			       : strcmp(name, "double") == 0 ? "float64"
							     : name);
		if (s->name.p != NULL)
			buf_printf(out, ":%.*s", STR_ARG(s->name));
	}
	if (s->has_version && s->logical == SCHEMA_PLAIN)
		buf_printf(out, "#%" PRId32, s->version);
	if (s->optional)
		buf_add_c(out, "?");
	if (s->def != NULL) {
		buf_add_c(out, "=");
		print_value(out, *s->def, s);
	}
}

/* ---- values ---- */

static struct value
schemaless(struct arena *mem, const struct json *j)
{
	struct value *items;
	struct value_map_builder b;
	size_t i = 0;

	switch ((enum json_type)j->type) {
	case JSON_NULL:
		return value_null();
	case JSON_FALSE:
	case JSON_TRUE:
		return value_boolean(j->type == JSON_TRUE);
	case JSON_INTEGER:
		return value_int64(number_low_i64(json_text(j), NULL));
	case JSON_DECIMAL:
		return value_float64(number_to_double(json_text(j)));
	case JSON_STRING:
		return value_string(json_text(j));
	case JSON_ARRAY:
		items = arena_alloc(mem, j->n * sizeof(*items));
		for (const struct json *m = json_first(j); m != NULL; m = m->next)
			items[i++] = schemaless(mem, m);
		return value_array(items, i);
	case JSON_OBJECT:
		value_map_begin(&b, mem, j->n);
		for (const struct json *m = json_first(j); m != NULL; m = m->next)
			value_map_put_text(&b, json_name(m), schemaless(mem, m));
		return value_map_end(&b);
	}
	return value_null();
}

static struct value
scalar_by_schema(struct arena *mem, const struct json *j, const struct schema *s)
{
	struct str text = json_text(j), bytes = { NULL, 0 };

	switch ((enum schema_logical)s->logical) {
	case SCHEMA_DATE:
	case SCHEMA_TIME:
	case SCHEMA_TIMESTAMP:
		return value_date(number_low_i64(text, NULL));
	case SCHEMA_DECIMAL:
		return value_decimal(decimal_parse(mem, text));
	default:
		break;
	}
	switch ((enum schema_type)s->type) {
	case SCHEMA_FLOAT32:
		return value_float32(number_to_float(text));
	case SCHEMA_FLOAT64:
		return value_float64(number_to_double(text));
	case SCHEMA_BOOLEAN:
		return value_boolean(j->type == JSON_TRUE);
	case SCHEMA_STRING:
		return value_string(text);
	case SCHEMA_BYTES:
		assert_true(base64_decode(mem, text, &bytes));
		return value_bytes(bytes);
	default:
		return value_int(
		    value_kind_of((enum schema_type)s->type), number_low_i64(text, NULL));
	}
}

static struct value
value_by_schema(struct arena *mem, const struct json *j, const struct schema *s)
{
	if (j->type == JSON_NULL || s == NULL)
		return schemaless(mem, j);
	if (s->type == SCHEMA_STRUCT && j->type == JSON_OBJECT) {
		struct value v = value_struct_new(mem, s);
		for (const struct json *m = json_first(j); m != NULL; m = m->next) {
			int i = schema_field_index(s, json_name(m));
			assert_true(i >= 0);
			value_slots(v)[i] = value_by_schema(mem, m, s->fields[i].schema);
		}
		return v;
	}
	if (s->type == SCHEMA_ARRAY && j->type == JSON_ARRAY) {
		struct value *items = arena_alloc(mem, j->n * sizeof(*items));
		size_t i = 0;
		for (const struct json *m = json_first(j); m != NULL; m = m->next)
			items[i++] = value_by_schema(mem, m, s->value);
		return value_array(items, i);
	}
	if (s->type >= SCHEMA_ARRAY || j->type >= JSON_ARRAY)
		return schemaless(mem, j); /* a value that does not fit its schema */
	return scalar_by_schema(mem, j, s);
}

struct value
data_check_value(struct arena *mem, const char *text, const struct schema *s)
{
	static const struct {
		const char *word, *schema;
	} kinds[] = { { "int8 ", "int8" }, { "int16 ", "int16" }, { "int32 ", "int32" },
		{ "float32 ", "float32" }, { "date ", "Timestamp" },
		{ "bytes ", "bytes" }, { "decimal ", "Decimal" } };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		size_t n = strlen(kinds[i].word);
		if (strncmp(text, kinds[i].word, n) != 0)
			continue;
		struct reader r = { kinds[i].schema, mem };
		const char *quoted = arena_printf(mem, "\"%s\"", text + n);
		return value_by_schema(
		    mem, json_of(mem, str_of(quoted)), read_schema(&r));
	}
	return value_by_schema(mem, json_of(mem, str_of(text)), s);
}

static bool
is_told(struct value v, const struct schema *s)
{
	if (s != NULL && s->logical != SCHEMA_PLAIN)
		return true;
	if (s != NULL && s->type <= SCHEMA_BYTES)
		return v.kind == value_kind_of((enum schema_type)s->type);
	return v.kind == VALUE_INT64 || v.kind == VALUE_FLOAT64 ||
	       v.kind == VALUE_STRING || v.kind == VALUE_BOOLEAN || v.kind >= VALUE_ARRAY;
}

static void
print_scalar(struct buf *out, struct value v, const struct schema *s)
{
	static const char *const words[] = { [VALUE_INT8] = "int8 ",
		[VALUE_INT16] = "int16 ",
		[VALUE_INT32] = "int32 ",
		[VALUE_INT64] = "int64 ",
		[VALUE_FLOAT32] = "float32 ",
		[VALUE_FLOAT64] = "float64 ",
		[VALUE_STRING] = "string ",
		[VALUE_BOOLEAN] = "boolean ",
		[VALUE_BYTES] = "bytes ",
		[VALUE_DATE] = "date ",
		[VALUE_DECIMAL] = "decimal " };

	if (!is_told(v, s))
		buf_add_c(out, words[v.kind]);
	if (v.kind == VALUE_DATE)
		buf_printf(out, "%" PRId64, v.i);
	else if (v.kind == VALUE_BYTES)
		base64_encode(out, value_str(v));
	else
		value_print(out, v);
}

static void
print_value(struct buf *out, struct value v, const struct schema *s)
{
	switch ((enum value_kind)v.kind) {
	case VALUE_NULL:
		buf_add_c(out, "null");
		return;
	case VALUE_ARRAY:
		buf_add_c(out, "[");
		for (uint32_t i = 0; i < v.n; i++) {
			buf_add_c(out, i > 0 ? ", " : "");
			print_value(out, v.items[i], s != NULL ? s->value : NULL);
		}
		buf_add_c(out, "]");
		return;
	case VALUE_MAP:
		buf_add_c(out, "{");
		for (uint32_t i = 0; i < v.n; i++) {
			buf_add_c(out, i > 0 ? ", " : "");
			print_value(out, v.entries[i].key, s != NULL ? s->key : NULL);
			buf_add_c(out, "=");
			print_value(out, v.entries[i].value, s != NULL ? s->value : NULL);
		}
		buf_add_c(out, "}");
		return;
	case VALUE_STRUCT:
		buf_add_c(out, "{");
		for (uint32_t i = 0; i < v.n; i++) {
			const struct field *f = &value_struct_schema(v)->fields[i];
			buf_printf(out, "%s%.*s=", i > 0 ? ", " : "", STR_ARG(f->name));
			print_value(out, value_slot(v, i), f->schema);
		}
		buf_add_c(out, "}");
		return;
	default:
		print_scalar(out, v, s);
	}
}

void
data_check_print(struct buf *out, const struct datum *d)
{
	if (d->schema != NULL) {
		print_schema(out, d->schema);
		buf_add_c(out, " ");
	}
	print_value(out, d->value, d->schema);
}

/* ---- records ---- */

void
data_check_print_record(struct buf *out, const struct record *r)
{
	if (r->topic.p != NULL)
		buf_printf(out, "topic=%.*s ", STR_ARG(r->topic));
	if (r->has_partition)
		buf_printf(out, "part=%" PRId32 " ", r->partition);
	if (r->has_timestamp)
		buf_printf(out, "ts=%" PRId64 " ", r->timestamp_ms);
	if (r->is_sink)
		buf_printf(out, "offset=%" PRId64 " ", r->offset);
	for (uint32_t i = 0; i < r->n_headers; i++) {
		buf_printf(out, "h:%.*s=", STR_ARG(r->headers[i].key));
		data_check_print(out, &r->headers[i].datum);
		buf_add_c(out, " ");
	}
	if (r->key.schema != NULL || !value_is_null(r->key.value)) {
		buf_add_c(out, "key=");
		data_check_print(out, &r->key);
		buf_add_c(out, " ");
	}
	if (r->value.schema != NULL || !value_is_null(r->value.value)) {
		buf_add_c(out, "value=");
		data_check_print(out, &r->value);
		buf_add_c(out, " ");
	}
	if (out->n > 0)
		out->n--;
}
