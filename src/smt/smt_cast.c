/*
 * Cast: other types for the whole key or value, or for fields of it.
 *
 *     spec=int8               300  ->  int8 44
 *     spec=a:string,b:float64 {"a": 1, "b": "1.5"}  ->  {"a": "1", "b": 1.5}
 *
 * Numbers narrow as in Java: integers keep their low bits, floating point saturates.
 */
#include "smt/smt.h"
#include "smt/smt_rules.h"

#include <string.h>

#include "base/mem.h"
#include "data/base64.h"
#include "data/date.h"
#include "data/decimal.h"
#include "data/number.h"

#define TARGETS "[INT8, INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, STRING"

struct target {
	struct str field;
	enum schema_type type;
};

struct cast {
	struct opt_list spec;
	bool rnwd;
	bool whole;             /* the only target has no field */
	struct target *targets; /* one per field */
	size_t n;
	struct smt_cache *schemas;
	struct buf *text; /* scratch */
};

/* ---- options ---- */

static struct str
trim(struct str s)
{
	while (s.n > 0 && (unsigned char)s.p[0] <= ' ')
		s.p++, s.n--;
	while (s.n > 0 && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	return s;
}

/* Pieces between colons, empty ones at the end dropped: Java's String.split. */
static size_t
split(struct str s, struct str pieces[3])
{
	size_t n = 0, from = 0, filled = 0;

	for (size_t i = 0; i <= s.n; i++) {
		if (i < s.n && s.p[i] != ':')
			continue;
		struct str piece = { s.p + from, i - from };
		if (n < 3)
			pieces[n] = piece;
		n++;
		if (piece.n > 0)
			filled = n;
		from = i + 1;
	}
	return s.n == 0 ? 1 : filled;
}

static int
type_of(struct str name, enum schema_type *type, struct err *err)
{
	for (int t = SCHEMA_INT8; t <= SCHEMA_STRUCT; t++) {
		*type = (enum schema_type)t;
		if (!str_ieq_c(name, schema_type_upper(*type)))
			continue;
		if (*type <= SCHEMA_STRING)
			return 0;
		return err_set(err, ERR_CONFIG,
		    "Cast transformation does not support casting to %s; supported types "
		    "are " TARGETS "]",
		    schema_type_upper(*type));
	}
	return err_set(err, ERR_CONFIG, "Invalid type found in casting spec: %.*s",
	    (int)(name.n < 100 ? name.n : 100), name.p);
}

/* field.p NULL: the whole operand. */
static int
read_target(
    const struct opt_list *spec, const char *item, struct target *t, struct err *err)
{
	struct str pieces[3] = { { "", 0 } };
	size_t n = split(str_of(item), pieces);

	if (n > 2)
		return smt_invalid_list("renames", spec, "Invalid rename mapping: ", item,
		    err); /* Java calls it so */
	if (n == 0)
		return err_set(
		    err, ERR_CONFIG, "Neither field nor type in casting spec: %s", item);
	t->field = n == 2 ? trim(pieces[0]) : (struct str) { NULL, 0 };
	return type_of(trim(pieces[n - 1]), &t->type, err);
}

static int
check_spec(const struct opt *o, const void *field, struct err *err)
{
	const struct opt_list *spec = field;
	struct target t;
	bool whole = false;

	(void)o;
	if (spec->n == 0)
		return err_set(
		    err, ERR_CONFIG, "Must specify at least one field to cast.");
	for (size_t i = 0; i < spec->n; i++) {
		if (read_target(spec, spec->items[i], &t, err) < 0)
			return -1;
		whole |= t.field.p == NULL;
	}
	if (whole && spec->n > 1)
		return err_set(err, ERR_CONFIG,
		    "Cast transformations that specify a type to cast the entire value "
		    "to "
		    "may only specify a single cast in their spec");
	return 0;
}

static const struct opt options[] = {
	{ .name = "spec",
	    OPT_LIST(struct cast, spec),
	    .required = true,
	    .check = check_spec,
	    .importance = OPT_HIGH,
	    .doc =
		"A type, for the whole key or value, or field:type pairs. Types: int8, "
		"int16, int32, int64, float32, float64, boolean, string." },
	SMT_RNWD(struct cast),
	{ 0 },
};

static const struct target *
target_of(const struct cast *c, struct str field)
{
	for (size_t i = 0; i < c->n; i++)
		if (str_eq(c->targets[i].field, field))
			return &c->targets[i];
	return NULL;
}

/* In the order in which Java's map holds them. */
static void
order_targets(struct cast *c, struct arena *mem)
{
	struct str *names = arena_alloc(mem, c->n * sizeof(*names));
	size_t *order = arena_alloc(mem, c->n * sizeof(*order));
	struct target *sorted = arena_alloc(mem, c->n * sizeof(*sorted));

	for (size_t i = 0; i < c->n; i++)
		names[i] = c->targets[i].field;
	smt_hash_order(names, c->n, order);
	for (size_t i = 0; i < c->n; i++)
		sorted[i] = c->targets[order[i]];
	c->targets = sorted;
}

static int
cast_init(void *state, struct arena *mem, unsigned side, struct err *err)
{
	struct cast *c = state;
	struct target t;

	(void)side;
	c->targets = arena_alloc(mem, c->spec.n * sizeof(*c->targets));
	for (size_t i = 0; i < c->spec.n; i++) {
		if (read_target(&c->spec, c->spec.items[i], &t, err) < 0)
			return -1;
		struct target *same = (struct target *)target_of(c, t.field);
		if (same != NULL) /* the later one wins */
			*same = t;
		else
			c->targets[c->n++] = t;
	}
	order_targets(c, mem);
	c->whole = c->n == 1 && c->targets[0].field.p == NULL;
	c->schemas = smt_cache_new(mem);
	c->text = arena_zalloc(mem, sizeof(*c->text));
	return 0;
}

static void
cast_fini(void *state)
{
	struct cast *c = state;

	if (c->text != NULL)
		buf_fini(c->text);
}

/* ---- values ---- */

static int32_t
to_int(double d)
{
	if (d != d)
		return 0;
	return d >= INT32_MAX ? INT32_MAX : d <= INT32_MIN ? INT32_MIN : (int32_t)d;
}

static int64_t
to_long(double d)
{
	if (d != d)
		return 0;
	return d >= 9223372036854775807.0    ? INT64_MAX
	       : d <= -9223372036854775808.0 ? INT64_MIN
	                                     : (int64_t)d;
}

static int
unexpected(struct value v, struct err *err)
{
	return err_set(err, ERR_RECORD,
	    "Unexpected type in Cast transformation: class %s", value_class(v));
}

static int
out_of_range(struct value v, struct err *err)
{
	return err_set(err, ERR_RECORD,
	    "Value (%.*s) was out of range for requested data type", (int)v.n, v.p);
}

static int
parse_int(struct value v, enum schema_type type, int64_t *i, struct err *err)
{
	static const int64_t max[] = { INT8_MAX, INT16_MAX, INT32_MAX, INT64_MAX };

	if (!str_to_i64(value_str(v), -max[type] - 1, max[type], i))
		return out_of_range(v, err);
	return 0;
}

static int
cast_int(struct value v, enum schema_type type, struct value *out, struct err *err)
{
	int64_t i;

	if (value_is_int(v))
		i = v.i;
	else if (value_is_float(v))
		i = type == SCHEMA_INT64 ? to_long(value_as_double(v))
		                         : to_int(value_as_double(v));
	else if (v.kind == VALUE_BOOLEAN)
		i = v.b;
	else if (v.kind == VALUE_DECIMAL)
		i = decimal_to_i64(v.dec);
	else if (v.kind != VALUE_STRING)
		return unexpected(v, err);
	else if (parse_int(v, type, &i, err) < 0)
		return -1;
	*out = value_int(value_kind_of(type), i);
	return 0;
}

static int
cast_float32(struct value v, struct value *out, struct err *err)
{
	float f;

	if (value_is_int(v))
		f = (float)v.i;
	else if (value_is_float(v))
		f = v.kind == VALUE_FLOAT32 ? v.f32 : (float)v.f64;
	else if (v.kind == VALUE_BOOLEAN)
		f = v.b ? 1.0f : 0.0f;
	else if (v.kind == VALUE_DECIMAL)
		f = decimal_to_float(v.dec);
	else if (v.kind != VALUE_STRING)
		return unexpected(v, err);
	else if (!number_parse_float(value_str(v), &f))
		return out_of_range(v, err);
	*out = value_float32(f);
	return 0;
}

static int
cast_float64(struct value v, struct value *out, struct err *err)
{
	double d;

	if (value_is_int(v))
		d = (double)v.i;
	else if (value_is_float(v))
		d = value_as_double(v);
	else if (v.kind == VALUE_BOOLEAN)
		d = v.b ? 1.0 : 0.0;
	else if (v.kind == VALUE_DECIMAL)
		d = decimal_to_double(v.dec);
	else if (v.kind != VALUE_STRING)
		return unexpected(v, err);
	else if (!number_parse_double(value_str(v), &d))
		return out_of_range(v, err);
	*out = value_float64(d);
	return 0;
}

static int
cast_boolean(struct value v, struct value *out, struct err *err)
{
	bool b;

	if (value_is_int(v))
		b = v.i != 0;
	else if (value_is_float(v))
		b = to_long(value_as_double(v)) != 0;
	else if (v.kind == VALUE_BOOLEAN)
		b = v.b;
	else if (v.kind == VALUE_DECIMAL)
		b = decimal_to_i64(v.dec) != 0;
	else if (v.kind == VALUE_STRING)
		b = str_ieq_c(value_str(v), "true");
	else
		return unexpected(v, err);
	*out = value_boolean(b);
	return 0;
}

/* text: scratch that keeps its memory. */
static struct value
cast_string(struct arena *mem, struct buf *text, struct value v)
{
	if (v.kind == VALUE_STRING)
		return v;
	buf_reset(text);
	if (v.kind == VALUE_DATE)
		date_print_iso(text, v.i);
	else if (v.kind == VALUE_BYTES)
		base64_encode(text, value_str(v));
	else
		value_print(text, v);
	return value_string(arena_str(mem, buf_str(text)));
}

/* Is a value of this kind, with this schema or none, taken at all? */
static int
check_input(const struct schema *schema, struct value v, struct err *err)
{
	int type = schema != NULL ? schema->type : value_schema_type(v);

	if (type < 0)
		return err_set(err, ERR_RECORD,
		    "Cast transformation was passed a value of type class %s which is "
		    "not "
		    "supported by Connect's data API",
		    value_class(v));
	if (type > SCHEMA_BYTES)
		return err_set(err, ERR_RECORD,
		    "Cast transformation does not support casting from %s; supported "
		    "types are " TARGETS ", BYTES]",
		    schema_type_upper((enum schema_type)type));
	return 0;
}

/* Date, Time and Timestamp become the integer that stands for them. */
static int
encode_date(const struct schema *schema, struct value *v, struct err *err)
{
	enum schema_logical logical = (enum schema_logical)schema->logical;
	int64_t i;

	if (logical != SCHEMA_DATE && logical != SCHEMA_TIME &&
	    logical != SCHEMA_TIMESTAMP)
		return 0;
	if (v->kind != VALUE_DATE)
		return err_set(err, ERR_RECORD,
		    "Cast found a value of class %s where the schema says %.*s",
		    value_class(*v), STR_ARG(schema->name));
	if (date_from_logical(logical, v->i, &i, err) < 0)
		return -1;
	*v = value_int(logical == SCHEMA_TIMESTAMP ? VALUE_INT64 : VALUE_INT32, i);
	return 0;
}

static int
cast_value(const struct cast *c, struct arena *mem, const struct schema *schema,
    struct value v, enum schema_type type, struct value *out, struct err *err)
{
	*out = v;
	if (value_is_null(v))
		return 0;
	if (check_input(schema, v, err) < 0)
		return -1;
	if (schema != NULL && type != SCHEMA_STRING && encode_date(schema, &v, err) < 0)
		return -1;
	switch (type) {
	case SCHEMA_FLOAT32:
		return cast_float32(v, out, err);
	case SCHEMA_FLOAT64:
		return cast_float64(v, out, err);
	case SCHEMA_BOOLEAN:
		return cast_boolean(v, out, err);
	case SCHEMA_STRING:
		*out = cast_string(mem, c->text, v);
		return 0;
	default:
		return cast_int(v, type, out, err);
	}
}

/* ---- schemas ---- */

/* Optional and default of `from`; name and the like only for a whole operand. */
static const struct schema *
cast_schema(const struct cast *c, struct arena *mem, const struct schema *from,
    enum schema_type type, bool whole, struct err *err)
{
	struct value def;

	if (!whole && from->def == NULL)
		return schema_primitive(type, from->optional);
	struct schema *s = schema_new(mem, type);
	if (whole)
		schema_copy_basics(s, from);
	s->optional = from->optional;
	if (from->def == NULL)
		return s;
	if (cast_value(c, mem, from, *from->def, type, &def, err) < 0 ||
	    schema_set_default(mem, s, def, err) < 0)
		return NULL;
	return s;
}

static const struct schema *
cast_fields_schema(
    const struct cast *c, struct arena *mem, const struct schema *from, struct err *err)
{
	if (from->type != SCHEMA_STRUCT) {
		err_set(err, ERR_RECORD, "Cannot list fields on non-struct type");
		return NULL;
	}
	struct field *fields = arena_alloc(mem, from->n_fields * sizeof(*fields));
	for (uint32_t i = 0; i < from->n_fields; i++) {
		const struct target *t = target_of(c, from->fields[i].name);
		fields[i] = from->fields[i];
		if (t != NULL)
			fields[i].schema = cast_schema(
			    c, mem, fields[i].schema, t->type, false, err);
		if (fields[i].schema == NULL)
			return NULL;
	}
	struct schema *s = smt_schema_like(mem, from, fields, from->n_fields, err);
	if (s == NULL)
		return NULL;
	s->optional = from->optional;
	/* Java casts the default as a whole, which no struct survives. */
	if (from->def != NULL && check_input(from, *from->def, err) < 0)
		return NULL;
	return s;
}

static const struct schema *
make_schema(
    const void *state, struct arena *mem, const struct schema *from, struct err *err)
{
	const struct cast *c = state;

	return c->whole ? cast_schema(c, mem, from, c->targets[0].type, true, err)
	                : cast_fields_schema(c, mem, from, err);
}

/* ---- records ---- */

static int
cast_map(const struct cast *c, struct arena *mem, struct datum *side, struct err *err)
{
	struct value_map_builder b;
	struct value v;

	if (smt_require_map(side->value, "cast types", err) < 0)
		return -1;
	value_map_begin_with(&b, mem, side->value);
	for (size_t i = 0; i < c->n; i++) {
		const struct value *old = value_map_get(side->value, c->targets[i].field);
		if (cast_value(c, mem, NULL, old != NULL ? *old : value_null(),
			c->targets[i].type, &v, err) < 0)
			return -1;
		value_map_put_text(&b, c->targets[i].field, v);
	}
	side->value = value_map_end(&b);
	return 0;
}

/* Field i of the struct, cast where there is a target for it. */
static int
cast_field(const struct cast *c, struct arena *mem, struct value from, size_t i,
    struct value to, size_t to_i, struct err *err)
{
	const struct field *f = &value_struct_schema(from)->fields[i];
	const struct target *t = NULL;
	struct value v;

	if (f->schema != value_struct_schema(to)->fields[to_i].schema)
		t = target_of(c, f->name);
	if (t == NULL)
		return smt_copy_field(to, to_i, from, i, c->rnwd, err);
	if (cast_value(c, mem, f->schema, value_slot_rnwd(from, i, c->rnwd), t->type, &v,
		err) < 0)
		return -1;
	return smt_put(to, to_i, v, err);
}

static int
cast_struct(const struct cast *c, struct arena *mem, const struct schema *s,
    struct datum *side, struct err *err)
{
	if (smt_require_struct(side->value, "cast types", err) < 0)
		return -1;

	const struct schema *from = value_struct_schema(side->value);
	struct value to = value_struct_new(mem, s);
	for (size_t i = 0; i < from->n_fields; i++) {
		int at = from == side->schema
		             ? (int)i
		             : schema_field_index(s, from->fields[i].name);
		if (at < 0)
			return err_set(err, ERR_RECORD, "%.*s is not a valid field name",
			    STR_ARG(from->fields[i].name));
		if (cast_field(c, mem, side->value, i, to, (size_t)at, err) < 0)
			return -1;
	}
	*side = (struct datum) { s, to };
	return 0;
}

static int
cast_apply(const void *state, struct record *r, struct datum *side, struct err *err)
{
	const struct cast *c = state;
	struct arena *mem = record_mem(r);

	if (value_is_null(side->value))
		return 0;
	if (side->schema == NULL)
		return c->whole ? cast_value(c, mem, NULL, side->value,
				      c->targets[0].type, &side->value, err)
		                : cast_map(c, mem, side, err);

	const struct schema *s = smt_cached(
	    c->schemas, c, make_schema, mem, side->schema, err);
	if (s == NULL)
		return -1;
	if (!c->whole)
		return cast_struct(c, mem, s, side, err);
	if (cast_value(c, mem, side->schema, side->value, c->targets[0].type,
		&side->value, err) < 0)
		return -1;
	side->schema = s;
	return 0;
}

const struct smt smt_cast = {
	.name = "org.apache.kafka.connect.transforms.Cast",
	.sides = SMT_KEY | SMT_VALUE,
	.doc = "Casts the key or value, or fields of it, to other types.",
	.options = options,
	.state_size = sizeof(struct cast),
	.init = cast_init,
	.fini = cast_fini,
	.apply = cast_apply,
};
