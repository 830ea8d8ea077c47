/*
 * TimestampConverter: between texts, Unix numbers and the logical types Date, Time and
 * Timestamp, for the whole key or value or for one field.
 *
 *     "2019-08-23"  ->  1566518400000     (target.type=unix, format=yyyy-MM-dd)
 *
 * Every form passes through milliseconds; all is in UTC.
 */
#include "smt/smt.h"
#include "smt/smt_rules.h"

#include "base/clock.h"
#include "data/date.h"
#include "data/date_pattern.h"

#define PURPOSE "converting timestamp formats"

enum form { FORM_STRING, FORM_UNIX, FORM_DATE, FORM_TIME, FORM_TIMESTAMP };

struct converter {
	const char *field; /* "": the whole */
	const char *target_name;
	const char *format; /* may be NULL */
	const char *precision_name;
	bool rnwd;
	enum form target;
	int64_t per_ms;                     /* Unix units in a ms; 0: seconds */
	const struct date_pattern *pattern; /* NULL: no format */
	struct smt_cache *schemas;
};

static const char *const forms[] = { "string", "unix", "Date", "Time", "Timestamp",
	NULL };
static const char *const precisions[] = { "nanoseconds", "microseconds", "milliseconds",
	"seconds", NULL };
static const int64_t units_per_ms[] = { 1000000, 1000, 1, 0 };

static const struct opt options[] = {
	{ .name = "field",
	    OPT_STRING(struct converter, field),
	    .def = "",
	    .importance = OPT_HIGH,
	    .doc = "Name of the field to convert; empty: the whole key or value." },
	{ .name = "target.type",
	    OPT_STRING(struct converter, target_name),
	    .required = true,
	    .values = forms,
	    .importance = OPT_HIGH,
	    .doc = "What it becomes." },
	{ .name = "format",
	    OPT_STRING(struct converter, format),
	    .def = "",
	    .importance = OPT_MEDIUM,
	    .doc = "Pattern of java.text.SimpleDateFormat, for texts on either side." },
	{ .name = "unix.precision",
	    OPT_STRING(struct converter, precision_name),
	    .def = "milliseconds",
	    .values = precisions,
	    .importance = OPT_LOW,
	    .doc = "What Unix numbers count." },
	SMT_RNWD(struct converter),
	{ 0 },
};

static size_t
index_of(const char *const *names, const char *name)
{
	size_t i = 0;

	while (names[i + 1] != NULL && !str_eq_c(str_of(name), names[i]))
		i++;
	return i;
}

static int
converter_init(void *state, struct arena *mem, unsigned side, struct err *err)
{
	struct converter *c = state;
	bool blank = str_trim(str_of(c->format)).n == 0;

	(void)side;
	c->target = (enum form)index_of(forms, c->target_name);
	c->per_ms = units_per_ms[index_of(precisions, c->precision_name)];
	c->schemas = smt_cache_new(mem);
	if (c->target == FORM_STRING && blank)
		return err_set(err, ERR_CONFIG,
		    "TimestampConverter requires format option to be specified when "
		    "using "
		    "string timestamps");
	if (blank)
		return 0;
	c->pattern = date_pattern_new(mem, str_of(c->format), clock_wall_ms(), err);
	if (c->pattern != NULL)
		return 0;
	return err_context(err,
	    "TimestampConverter requires a SimpleDateFormat-compatible pattern for "
	    "string "
	    "timestamps: %.80s",
	    c->format);
}

static const char *
converter_warn(const void *state, struct err *why)
{
	const struct converter *c = state;
	const char *doubt = c->pattern != NULL ? date_pattern_doubt(c->pattern) : NULL;

	if (doubt == NULL)
		return NULL;
	err_set(why, ERR_CONFIG, "%s", doubt);
	return "format";
}

/* ---- one value ---- */

static int64_t
saturated(int64_t n, int64_t factor)
{
	int64_t product;

	if (__builtin_mul_overflow(n, factor, &product))
		return n < 0 ? INT64_MIN : INT64_MAX;
	return product;
}

/* Names as Java's messages have them. */
static int
wrong_class(struct value v, const char *what, struct err *err)
{
	return err_set(
	    err, ERR_RECORD, "Expected %s, but found class %s", what, value_class(v));
}

static int
read_text(const struct converter *c, struct value v, int64_t *ms, struct err *err)
{
	if (v.kind != VALUE_STRING)
		return wrong_class(v, "string timestamp to be a String", err);
	if (c->pattern == NULL)
		return err_set(err, ERR_RECORD,
		    "TimestampConverter found a text and has no format to read it");
	if (!date_pattern_parse(c->pattern, value_str(v), ms))
		return err_set(err, ERR_RECORD,
		    "Could not parse timestamp: value (%.*s) does not match pattern (%s)",
		    (int)v.n, v.p, c->format);
	return 0;
}

static int
read_unix(const struct converter *c, struct value v, int64_t *ms, struct err *err)
{
	if (v.kind != VALUE_INT64)
		return wrong_class(v, "Unix timestamp to be a Long", err);
	*ms = c->per_ms == 0 ? saturated(v.i, 1000) : v.i / c->per_ms;
	return 0;
}

static int
read_date(struct value v, enum form form, int64_t *ms, struct err *err)
{
	static const char *const what[] = {
		[FORM_DATE] = "Date to be a java.util.Date",
		[FORM_TIME] = "Time to be a java.util.Date",
		[FORM_TIMESTAMP] = "Timestamp to be a java.util.Date",
	};

	if (v.kind != VALUE_DATE)
		return wrong_class(v, what[form], err);
	*ms = v.i;
	return 0;
}

static struct value
written(const struct converter *c, struct arena *mem, int64_t ms)
{
	switch (c->target) {
	case FORM_STRING:
		return value_string(date_pattern_print(c->pattern, mem, ms));
	case FORM_UNIX:
		return value_int64(c->per_ms == 0 ? ms / 1000 : saturated(ms, c->per_ms));
	case FORM_DATE:
		return value_date(ms - date_ms_of_day(ms));
	case FORM_TIME:
		return value_date(date_ms_of_day(ms));
	case FORM_TIMESTAMP:
		break;
	}
	return value_date(ms);
}

static int
convert(const struct converter *c, struct arena *mem, enum form form, struct value *v,
    struct err *err)
{
	int64_t ms;
	int rc;

	if (form == FORM_STRING)
		rc = read_text(c, *v, &ms, err);
	else if (form == FORM_UNIX)
		rc = read_unix(c, *v, &ms, err);
	else
		rc = read_date(*v, form, &ms, err);
	if (rc == 0)
		*v = written(c, mem, ms);
	return rc;
}

/* Without schema the class tells; a Date is taken for a Timestamp. */
static int
convert_schemaless(
    const struct converter *c, struct arena *mem, struct value *v, struct err *err)
{
	switch ((enum value_kind)v->kind) {
	case VALUE_NULL:
		return 0;
	case VALUE_DATE:
		return convert(c, mem, FORM_TIMESTAMP, v, err);
	case VALUE_INT64:
		return convert(c, mem, FORM_UNIX, v, err);
	case VALUE_STRING:
		return convert(c, mem, FORM_STRING, v, err);
	default:
		return err_set(err, ERR_RECORD,
		    "TimestampConverter does not support class %s objects as timestamps",
		    value_class(*v));
	}
}

static int
form_of(struct arena *mem, const struct schema *s, enum form *form, struct err *err)
{
	switch ((enum schema_logical)s->logical) {
	case SCHEMA_TIMESTAMP:
		*form = FORM_TIMESTAMP;
		return 0;
	case SCHEMA_DATE:
		*form = FORM_DATE;
		return 0;
	case SCHEMA_TIME:
		*form = FORM_TIME;
		return 0;
	default:
		break;
	}
	if (s->type == SCHEMA_STRING || s->type == SCHEMA_INT64) {
		*form = s->type == SCHEMA_STRING ? FORM_STRING : FORM_UNIX;
		return 0;
	}
	return err_set(err, ERR_RECORD,
	    "Schema %.*s does not correspond to a known timestamp type format",
	    STR_ARG(schema_text(mem, s)));
}

static int
convert_by_schema(const struct converter *c, struct arena *mem, const struct schema *s,
    struct value *v, struct err *err)
{
	enum form form;

	if (form_of(mem, s, &form, err) < 0)
		return -1;
	return value_is_null(*v) ? 0 : convert(c, mem, form, v, err);
}

/* ---- keys and values ---- */

static const struct schema *
target_schema(const struct converter *c, bool optional)
{
	switch (c->target) {
	case FORM_STRING:
		return schema_primitive(SCHEMA_STRING, optional);
	case FORM_UNIX:
		return schema_primitive(SCHEMA_INT64, optional);
	case FORM_DATE:
		return schema_temporal(SCHEMA_DATE, optional);
	case FORM_TIME:
		return schema_temporal(SCHEMA_TIME, optional);
	case FORM_TIMESTAMP:
		break;
	}
	return schema_temporal(SCHEMA_TIMESTAMP, optional);
}

/* A struct of schema s with the fields of another, one of them converted. */
static int
convert_fields(const struct converter *c, struct arena *mem, const struct schema *s,
    struct value from, struct value *out, struct err *err)
{
	const struct schema *own = value_struct_schema(from);
	struct value to = value_struct_new(mem, s);

	for (uint32_t i = 0; i < own->n_fields; i++) {
		const struct field *f = &own->fields[i];
		int at = i < s->n_fields && str_eq(s->fields[i].name, f->name)
		             ? (int)i
		             : schema_field_index(s, f->name);
		if (at < 0)
			return err_set(err, ERR_RECORD, "%.*s is not a valid field name",
			    STR_ARG(f->name));
		if (!str_eq_c(f->name, c->field)) {
			if (smt_copy_field(to, (size_t)at, from, i, c->rnwd, err) < 0)
				return -1;
			continue;
		}
		struct value v = value_slot_rnwd(from, i, c->rnwd);
		if (convert_by_schema(c, mem, f->schema, &v, err) < 0 ||
		    smt_put(to, (size_t)at, v, err) < 0)
			return -1;
	}
	*out = to;
	return 0;
}

static const struct schema *
field_schema(
    const void *state, struct arena *mem, const struct schema *from, struct err *err)
{
	const struct converter *c = state;

	if (from->type != SCHEMA_STRUCT) {
		err_set(err, ERR_RECORD, "Cannot list fields on non-struct type");
		return NULL;
	}
	struct field *fields = arena_alloc(mem, from->n_fields * sizeof(*fields));
	for (uint32_t i = 0; i < from->n_fields; i++) {
		fields[i] = from->fields[i];
		if (str_eq_c(fields[i].name, c->field))
			fields[i].schema = target_schema(c, fields[i].schema->optional);
	}
	struct schema *s = smt_schema_like(mem, from, fields, from->n_fields, err);
	if (s == NULL)
		return NULL;
	s->optional = from->optional;
	if (from->def == NULL || from->def->kind != VALUE_STRUCT)
		return s;
	struct value *def = arena_alloc(mem, sizeof(*def));
	/* A default struct is of the schema without default, not of itself. */
	if (convert_fields(c, mem, schema_copy(mem, s), *from->def, def, err) < 0)
		return NULL;
	s->def = def;
	return s;
}

static int
convert_field(
    const struct converter *c, struct arena *mem, struct datum *side, struct err *err)
{
	if (!value_is_null(side->value) &&
	    smt_require_struct(side->value, PURPOSE, err) < 0)
		return -1;
	const struct schema *s = smt_cached(
	    c->schemas, c, field_schema, mem, side->schema, err);
	if (s == NULL)
		return -1;
	side->schema = s;
	if (value_is_null(side->value))
		return 0;
	return convert_fields(c, mem, s, side->value, &side->value, err);
}

static int
convert_map_entry(
    const struct converter *c, struct arena *mem, struct value *map, struct err *err)
{
	struct value_map_builder b;

	if (smt_require_map(*map, PURPOSE, err) < 0)
		return -1;
	const struct value *old = value_map_get(*map, str_of(c->field));
	struct value v = old != NULL ? *old : value_null();
	if (convert_schemaless(c, mem, &v, err) < 0)
		return -1;
	value_map_begin_with(&b, mem, *map);
	value_map_put_text(&b, str_of(c->field), v);
	*map = value_map_end(&b);
	return 0;
}

static int
converter_apply(const void *state, struct record *r, struct datum *side, struct err *err)
{
	const struct converter *c = state;
	struct arena *mem = record_mem(r);

	if (c->field == NULL)
		return err_set(err, ERR_RECORD, "TimestampConverter's field is null");
	bool whole = c->field[0] == '\0';
	if (side->schema == NULL) {
		if (whole || value_is_null(side->value))
			return convert_schemaless(c, mem, &side->value, err);
		return convert_map_entry(c, mem, &side->value, err);
	}
	if (!whole)
		return convert_field(c, mem, side, err);
	if (convert_by_schema(c, mem, side->schema, &side->value, err) < 0)
		return -1;
	side->schema = target_schema(c, side->schema->optional);
	return 0;
}

const struct smt smt_timestamp_converter = {
	.name = "org.apache.kafka.connect.transforms.TimestampConverter",
	.sides = SMT_KEY | SMT_VALUE,
	.doc = "Converts between texts, Unix times, Date, Time and Timestamp.",
	.options = options,
	.state_size = sizeof(struct converter),
	.init = converter_init,
	.apply = converter_apply,
	.warn = converter_warn,
};
