/*
 * JsonConverter reading: schemas and values from JSON.  With the leniency of Java: a
 * value of another type becomes 0, false or null where JsonNode's getters say so.
 */
#include "convert/converter_json.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/base64.h"
#include "data/date.h"
#include "data/decimal.h"
#include "data/json.h"
#include "data/number.h"

struct reader {
	const struct json_state *state;
	struct arena *mem;
	struct err *err;
};

static int read_value(const struct reader *r, const struct schema *s,
    const struct json *j, struct value *out);

/* JsonNodeType's names. */
static const char *
node_type(const struct json *j)
{
	static const char *const names[] = { [JSON_NULL] = "NULL",
		[JSON_FALSE] = "BOOLEAN",
		[JSON_TRUE] = "BOOLEAN",
		[JSON_INTEGER] = "NUMBER",
		[JSON_DECIMAL] = "NUMBER",
		[JSON_STRING] = "STRING",
		[JSON_ARRAY] = "ARRAY",
		[JSON_OBJECT] = "OBJECT" };

	return names[j->type];
}

static int
bad(const struct reader *r, const char *what)
{
	return err_set(r->err, ERR_RECORD, "%s", what);
}

static int
bad_node(const struct reader *r, const char *what, const struct json *j)
{
	return err_set(r->err, ERR_RECORD, "%s%s", what, node_type(j));
}

static bool
is_number(const struct json *j)
{
	return j->type == JSON_INTEGER || j->type == JSON_DECIMAL;
}

/* BigInteger or BigDecimal as a long: the low bits of the integer part. */
static int64_t
to_i64(const struct reader *r, const struct json *j)
{
	const struct decimal *d;

	if (j->type == JSON_INTEGER)
		return number_low_i64(json_text(j), NULL);
	if (j->type != JSON_DECIMAL)
		return 0;
	d = decimal_parse(r->mem, json_text(j));
	return d != NULL ? decimal_to_i64(d) : 0;
}

/* BigDecimal knows no negative zero. */
static bool
is_zero(struct str text)
{
	for (size_t i = 0; i < text.n && text.p[i] != 'e' && text.p[i] != 'E'; i++) {
		if (text.p[i] >= '1' && text.p[i] <= '9')
			return false;
	}
	return true;
}

static double
to_double(const struct json *j)
{
	return !is_number(j) || is_zero(json_text(j)) ? 0
	                                              : number_to_double(json_text(j));
}

static float
to_float(const struct json *j)
{
	return !is_number(j) || is_zero(json_text(j)) ? 0 : number_to_float(json_text(j));
}

/* Bytes of a text; *out null when it is none. */
static int
read_bytes(const struct reader *r, const struct json *j, struct value *out)
{
	struct str bytes;

	*out = value_null();
	if (j->type != JSON_STRING)
		return 0;
	if (!base64_decode(r->mem, json_text(j), &bytes))
		return bad(r, "Invalid bytes field");
	*out = value_bytes(bytes);
	return 0;
}

static int
read_array(const struct reader *r, const struct schema *s, const struct json *j,
    struct value *out)
{
	const bool children = j->type == JSON_ARRAY || j->type == JSON_OBJECT;
	const uint32_t n = children ? j->n : 0;
	struct value *items = arena_alloc(r->mem, n * sizeof(*items));
	const struct json *child = children ? json_first(j) : NULL;

	for (uint32_t i = 0; i < n; i++, child = child->next) {
		if (read_value(r, s != NULL ? s->value : NULL, child, &items[i]) != 0)
			return -1;
	}
	*out = value_array(items, n);
	return 0;
}

static int
read_object_map(const struct reader *r, const struct schema *s, const struct json *j,
    struct value *out)
{
	struct value_map_builder b;

	if (j->type != JSON_OBJECT)
		return bad_node(r,
		    "Maps with string fields should be encoded as JSON objects, but "
		    "found ",
		    j);
	value_map_begin(&b, r->mem, j->n);
	for (const struct json *m = json_first(j); m != NULL; m = m->next) {
		struct value v;

		if (read_value(r, s != NULL ? s->value : NULL, m, &v) != 0)
			return -1;
		value_map_put_text(&b, json_name(m), v);
	}
	*out = value_map_end(&b);
	return 0;
}

static int
read_pair(const struct reader *r, const struct schema *s, const struct json *pair,
    struct value_map_builder *b)
{
	struct value key, v;

	if (pair->type != JSON_ARRAY)
		return bad_node(
		    r, "Found invalid map entry instead of array tuple: ", pair);
	if (pair->n != 2)
		return err_set(r->err, ERR_RECORD,
		    "Found invalid map entry, expected length 2 but found :%u", pair->n);
	if (read_value(r, s->key, pair->child, &key) != 0 ||
	    read_value(r, s->value, pair->child->next, &v) != 0)
		return -1;
	value_map_put(b, key, v);
	return 0;
}

static int
read_map(const struct reader *r, const struct schema *s, const struct json *j,
    struct value *out)
{
	struct value_map_builder b;

	if (s == NULL || s->key->type == SCHEMA_STRING)
		return read_object_map(r, s, j, out);
	if (j->type != JSON_ARRAY)
		return bad_node(r,
		    "Maps with non-string fields should be encoded as JSON array of "
		    "tuples, "
		    "but found ",
		    j);
	value_map_begin(&b, r->mem, j->n);
	for (const struct json *pair = json_first(j); pair != NULL; pair = pair->next) {
		if (read_pair(r, s, pair, &b) != 0)
			return -1;
	}
	*out = value_map_end(&b);
	return 0;
}

static int
read_struct(const struct reader *r, const struct schema *s, const struct json *j,
    struct value *out)
{
	const struct json **members;
	struct value *slots;

	if (j->type != JSON_OBJECT)
		return bad_node(
		    r, "Structs should be encoded as JSON objects, but found ", j);
	members = arena_zalloc(r->mem, s->n_fields * sizeof(struct json *));
	for (const struct json *m = json_first(j); m != NULL; m = m->next) {
		const int i = schema_field_index(s, json_name(m));

		if (i >= 0)
			members[i] = m;
	}
	*out = value_struct_new(r->mem, s);
	slots = value_slots(*out);
	for (uint32_t i = 0; i < s->n_fields; i++) {
		if (read_value(r, s->fields[i].schema, members[i], &slots[i]) != 0 ||
		    value_put_check(&s->fields[i], slots[i], r->err) != 0)
			return -1;
	}
	return 0;
}

static int
read_decimal(const struct reader *r, const struct schema *s, const struct json *j,
    struct value *out)
{
	struct err why;
	const struct decimal *d;
	int32_t scale;

	if (is_number(j)) {
		d = decimal_parse(r->mem, json_text(j));
		if (d == NULL)
			return bad(r, "Invalid bytes for Decimal field");
		*out = value_decimal(d);
		return 0;
	}
	if (j->type != JSON_STRING)
		return bad_node(r,
		    "Invalid type for Decimal, underlying representation should be "
		    "numeric "
		    "or bytes but was ",
		    j);
	if (read_bytes(r, j, out) != 0 || out->n == 0 ||
	    decimal_scale(s, &scale, &why) != 0)
		return bad(r, "Invalid bytes for Decimal field");
	*out = value_decimal(decimal_from_bytes(r->mem, value_str(*out), scale));
	return 0;
}

static int
read_logical(const struct reader *r, const struct schema *s, const struct json *j,
    struct value *out)
{
	bool fits;
	int64_t i, ms;

	if (s->logical == SCHEMA_DECIMAL)
		return read_decimal(r, s, j, out);
	if (s->logical == SCHEMA_TIMESTAMP) {
		if (j->type != JSON_INTEGER)
			return bad_node(r,
			    "Invalid type for Timestamp, underlying representation "
			    "should be "
			    "integral but was ",
			    j);
		*out = value_date(number_low_i64(json_text(j), NULL));
		return 0;
	}
	i = j->type == JSON_INTEGER ? number_low_i64(json_text(j), &fits) : 0;
	if (j->type != JSON_INTEGER || !fits || i < INT32_MIN || i > INT32_MAX)
		return bad_node(r,
		    s->logical == SCHEMA_DATE ? "Invalid type for Date, underlying "
						"representation should be integer "
						"but was "
					      : "Invalid type for Time, underlying "
						"representation should be integer "
						"but was ",
		    j);
	if (date_to_logical((enum schema_logical)s->logical, i, &ms, r->err) != 0)
		return -1;
	*out = value_date(ms);
	return 0;
}

static int
read_typed(const struct reader *r, const struct schema *s, const struct json *j,
    struct value *out)
{
	switch ((enum schema_type)s->type) {
	case SCHEMA_INT8:
	case SCHEMA_INT16:
	case SCHEMA_INT32:
	case SCHEMA_INT64:
		*out = value_int(value_kind_of((enum schema_type)s->type), to_i64(r, j));
		return 0;
	case SCHEMA_FLOAT32:
		*out = value_float32(to_float(j));
		return 0;
	case SCHEMA_FLOAT64:
		*out = value_float64(to_double(j));
		return 0;
	case SCHEMA_BOOLEAN:
		*out = value_boolean(j->type == JSON_TRUE);
		return 0;
	case SCHEMA_STRING:
		*out = j->type == JSON_STRING ? value_string(json_text(j)) : value_null();
		return 0;
	case SCHEMA_BYTES:
		return read_bytes(r, j, out);
	case SCHEMA_ARRAY:
		return read_array(r, s, j, out);
	case SCHEMA_MAP:
		return read_map(r, s, j, out);
	case SCHEMA_STRUCT:
		return read_struct(r, s, j, out);
	}
	return 0;
}

static int
read_schemaless(const struct reader *r, const struct json *j, struct value *out)
{
	switch ((enum json_type)j->type) {
	case JSON_NULL:
		*out = value_null();
		return 0;
	case JSON_FALSE:
	case JSON_TRUE:
		*out = value_boolean(j->type == JSON_TRUE);
		return 0;
	case JSON_INTEGER:
		*out = value_int64(to_i64(r, j));
		return 0;
	case JSON_DECIMAL:
		*out = value_float64(to_double(j));
		return 0;
	case JSON_STRING:
		*out = value_string(json_text(j));
		return 0;
	case JSON_ARRAY:
		return read_array(r, NULL, j, out);
	case JSON_OBJECT:
		return read_object_map(r, NULL, j, out);
	}
	return 0;
}

/* j NULL: a missing member. */
static int
read_value(const struct reader *r, const struct schema *s, const struct json *j,
    struct value *out)
{
	*out = value_null();
	if (s == NULL)
		return j != NULL ? read_schemaless(r, j, out) : 0;
	if (j == NULL || j->type == JSON_NULL) {
		if (s->def != NULL && r->state->replace_null_with_default) {
			*out = *s->def;
			return 0;
		}
		if (s->optional)
			return 0;
		return err_set(r->err, ERR_RECORD,
		    "Invalid null value for required %s field", schema_type_name(s));
	}
	if (s->logical != SCHEMA_PLAIN)
		return read_logical(r, s, j, out);
	return read_typed(r, s, j, out);
}

/* Schemas. */

static int read_schema(
    const struct reader *r, const struct json *j, const struct schema **out);

static const struct json *
member(const struct json *j, const char *name)
{
	return json_member(j, str_of(name));
}

static int
read_fields(const struct reader *r, const struct json *j, struct schema **out)
{
	const struct json *list = member(j, "fields");
	struct field *fields;
	uint32_t n = 0;
	int rc = 0;

	if (list == NULL || list->type != JSON_ARRAY)
		return bad(r, "Struct schema's \"fields\" argument is not an array.");
	fields = arena_alloc(r->mem, list->n * sizeof(*fields));
	for (const struct json *f = json_first(list); f != NULL; f = f->next) {
		const struct json *name = member(f, "field");

		rc = -1;
		if (name == NULL || name->type != JSON_STRING) {
			bad(r, "Struct schema's field name not specified properly");
			break;
		}
		fields[n].name = json_text(name);
		rc = read_schema(r, f, &fields[n].schema);
		if (rc != 0)
			break;
		n++;
	}
	/* Java checks each name when it is added: an earlier fault wins */
	if (schema_check_fields(fields, n, r->err) != 0)
		return -1;
	*out = schema_struct(r->mem, fields, n);
	return rc;
}

static int
read_elements(const struct reader *r, const struct json *j, struct schema **out)
{
	const struct json *items = member(j, "items");
	const struct schema *element;

	if (items == NULL || items->type == JSON_NULL)
		return bad(r, "Array schema did not specify the element type");
	if (read_schema(r, items, &element) != 0)
		return -1;
	*out = schema_array(r->mem, element);
	return 0;
}

static int
read_keys(const struct reader *r, const struct json *j, struct schema **out)
{
	const struct json *keys = member(j, "keys"), *values = member(j, "values");
	const struct schema *key, *value;

	if (keys == NULL)
		return bad(r, "Map schema did not specify the key type");
	if (values == NULL)
		return bad(r, "Map schema did not specify the value type");
	if (read_schema(r, keys, &key) != 0 || read_schema(r, values, &value) != 0)
		return -1;
	if (key == NULL)
		return bad(r, "keySchema cannot be null.");
	if (value == NULL)
		return bad(r, "valueSchema cannot be null.");
	*out = schema_map(r->mem, key, value);
	return 0;
}

static int
read_type(const struct reader *r, const struct json *j, struct schema **out)
{
	const struct json *type = member(j, "type");

	if (type == NULL || type->type != JSON_STRING)
		return bad(r, "Schema must contain 'type' field");
	for (int t = SCHEMA_INT8; t <= SCHEMA_STRUCT; t++) {
		if (!str_eq_c(json_text(type), schema_type_json((enum schema_type)t)))
			continue;
		switch (t) {
		case SCHEMA_ARRAY:
			return read_elements(r, j, out);
		case SCHEMA_MAP:
			return read_keys(r, j, out);
		case SCHEMA_STRUCT:
			return read_fields(r, j, out);
		default:
			*out = schema_new(r->mem, (enum schema_type)t);
			return 0;
		}
	}
	return err_set(
	    r->err, ERR_RECORD, "Unknown schema type: %.*s", STR_ARG(json_text(type)));
}

static int
read_params(const struct reader *r, const struct json *j, struct schema *s)
{
	struct schema_param *params = arena_alloc(r->mem, j->n * sizeof(*params));
	uint32_t n = 0;

	for (const struct json *m = json_first(j); m != NULL; m = m->next) {
		if (m->type != JSON_STRING)
			return bad(r, "Schema parameters must have string values.");
		params[n++] = (struct schema_param) { json_name(m), json_text(m) };
	}
	s->params = params;
	s->n_params = n;
	return 0;
}

static int
read_default(const struct reader *r, const struct json *j, struct schema *s)
{
	struct value v;

	if (read_value(r, s, j, &v) != 0)
		return -1;
	/* Java compares a built schema with its builder, which are never equal */
	if (s->type == SCHEMA_STRUCT && !value_is_null(v))
		return bad(r, "Invalid default value");
	return schema_set_default(r->mem, s, v, r->err);
}

/* JSON null gives NULL. */
static int
read_schema(const struct reader *r, const struct json *j, const struct schema **out)
{
	const struct json *m;
	struct schema *s = NULL;

	*out = NULL;
	if (j->type == JSON_NULL)
		return 0;
	if (read_type(r, j, &s) != 0)
		return -1;
	m = member(j, "optional");
	s->optional = m != NULL && m->type == JSON_TRUE;
	m = member(j, "name");
	if (m != NULL && m->type == JSON_STRING)
		schema_set_name(s, json_text(m));
	m = member(j, "version");
	if (m != NULL && m->type == JSON_INTEGER)
		schema_set_version(s, (int32_t)number_low_i64(json_text(m), NULL));
	m = member(j, "doc");
	if (m != NULL && m->type == JSON_STRING)
		s->doc = json_text(m);
	m = member(j, "parameters");
	if (m != NULL && m->type == JSON_OBJECT && read_params(r, m, s) != 0)
		return -1;
	m = member(j, "default");
	if (m != NULL && read_default(r, m, s) != 0)
		return -1;
	*out = s;
	return 0;
}

static int
read_envelope(const struct reader *r, const struct json *j, struct datum *out)
{
	const struct json *schema = NULL, *payload = NULL;

	if (j != NULL && j->type == JSON_OBJECT && j->n == 2) {
		schema = member(j, "schema");
		payload = member(j, "payload");
	}
	if (schema == NULL || payload == NULL)
		return bad(r,
		    "JsonConverter with schemas.enable requires \"schema\" and "
		    "\"payload\" "
		    "fields and may not contain additional fields. If you are trying to "
		    "deserialize plain JSON data, set schemas.enable=false in your "
		    "converter "
		    "configuration.");
	if (read_schema(r, schema, &out->schema) != 0)
		return -1;
	return read_value(r, out->schema, payload, &out->value);
}

/* Jackson makes a BigDecimal of every number with a fraction or exponent, whose scale
 * has to fit an int. */
static bool
decimals_fit(const struct json *j)
{
	struct str text;
	const char *e;
	int64_t exponent;
	bool fits;

	if (j->type == JSON_ARRAY || j->type == JSON_OBJECT) {
		for (const struct json *c = json_first(j); c != NULL; c = c->next) {
			if (!decimals_fit(c))
				return false;
		}
		return true;
	}
	if (j->type != JSON_DECIMAL)
		return true;
	text = json_text(j);
	for (e = text.p; e < text.p + text.n && *e != 'e' && *e != 'E'; e++)
		;
	if (e == text.p + text.n)
		return true;
	text = (struct str) { e + 1, (size_t)(text.p + text.n - e - 1) };
	exponent = number_low_i64(text, &fits);
	return fits && exponent >= -INT32_MAX + JSON_MAX_NUMBER &&
	       exponent <= INT32_MAX - JSON_MAX_NUMBER;
}

int
converter_json_read(struct converter *c, struct arena *mem, struct str topic,
    struct str in, struct datum *out, struct err *err)
{
	const struct reader r = { .state = c->state, .mem = mem, .err = err };
	struct err why;
	struct json *j;

	(void)topic;
	*out = (struct datum) { NULL, value_null() };
	if (in.p == NULL)
		return 0;
	if (json_parse(mem, mem, in, JSON_JACKSON, &j, &why) != 0 ||
	    (j != NULL && !decimals_fit(j)))
		return bad(&r,
		    "Converting byte[] to Kafka Connect data failed due to serialization "
		    "error: ");
	if (r.state->schemas_enable)
		return read_envelope(&r, j, out);
	return j != NULL ? read_schemaless(&r, j, &out->value) : 0;
}
