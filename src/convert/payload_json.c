/*
 * JsonSimpleConverter and JsonOptNullConverter: a JSON object becomes a struct, its
 * schema is made from the values (spec/connectors 3.3).
 *
 * Two ways of reading: RFC 8259 with the departures from Lenses that make sense, and
 * Lenses' own (strict_lenses).  The schemas of objects seen before are kept, so that
 * records of one kind share one schema: what caches behind us hang on.
 */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "convert/payload_json4s.h"
#include "convert/payload_key.h"
#include "data/charset.h"
#include "data/json.h"
#include "data/number.h"

#define SHAPES 1024                     /* kept schemas; power of two */
#define SHAPE_WAYS 4                    /* places where one may lie */
#define SCRATCH (16 * 1024)             /* bytes; a longer payload takes more, once */
#define ROOTS 64                        /* power of two */
#define SHAPE_MEM ((size_t)1024 * 1024) /* bytes that they may take */

struct json_state {
	bool required;                     /* JsonOptNull: leaves are not optional */
	bool evolution;                    /* JsonConverterWithSchemaEvolution */
	struct arena *scratch;             /* for one message at a time */
	const struct schema *roots[ROOTS]; /* by topic: what the next is likely to have */
	const struct schema *shapes[SHAPES];
};

struct context {
	struct payload *p;
	struct json_state *state;
	struct arena *mem; /* of the record */
	bool strict;
	unsigned departures; /* accepted, where Lenses fails */
	struct err *err;
};

/* guess: the schema that this place had in an earlier message, or NULL. */
static int convert_value(struct context *c, struct str name, const struct json *j,
    const struct schema *guess, struct datum *out);

/* Schemas seen before. */

static uint64_t
mix(uint64_t h, uint64_t x)
{
	h = (h ^ x) * UINT64_C(0x9E3779B97F4A7C15);
	return h ^ (h >> 32);
}

/* Length, first and last bytes: cheap, and only a hint where to look. */
static uint64_t
mix_name(uint64_t h, struct str s)
{
	uint64_t first = s.n, last = 0;

	if (s.n >= 8) {
		memcpy(&first, s.p, 8);
		memcpy(&last, s.p + s.n - 8, 8);
	} else {
		for (size_t i = 0; i < s.n; i++)
			last = last << 8 | (unsigned char)s.p[i];
	}
	return mix(h + s.n, first ^ last * 31);
}

static bool
same_struct(const struct schema *s, struct str name, const struct field *fields, size_t n)
{
	if (s->type != SCHEMA_STRUCT || s->n_fields != n || !str_eq(s->name, name))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (s->fields[i].schema != fields[i].schema ||
		    !str_eq(s->fields[i].name, fields[i].name))
			return false;
	}
	return true;
}

static const struct schema *
keep_struct(struct arena *mem, struct str name, const struct field *fields, size_t n)
{
	struct field *copy = arena_alloc(mem, n * sizeof(*copy));
	struct schema *s;

	for (size_t i = 0; i < n; i++)
		copy[i] = (struct field) { arena_str(mem, fields[i].name),
			fields[i].schema };
	s = schema_struct(mem, copy, n);
	schema_set_name(s, arena_str(mem, name));
	s->shared = true;
	return s;
}

static int
struct_schema(struct context *c, struct str name, const struct field *fields, size_t n,
    const struct schema *guess, const struct schema **out)
{
	bool all_shared = true;
	const struct schema **slot = NULL;
	struct schema *own;
	uint64_t h;

	if (guess != NULL && same_struct(guess, name, fields, n)) {
		*out = guess;
		return 0;
	}
	h = mix_name(n, name);
	for (size_t i = 0; i < n; i++) {
		h = mix(mix_name(h, fields[i].name), (uintptr_t)fields[i].schema);
		all_shared &= fields[i].schema->shared;
	}
	for (size_t way = 0; all_shared && way < SHAPE_WAYS; way++) {
		const struct schema **at = &c->state->shapes[(h + way) & (SHAPES - 1)];

		if (*at == NULL && slot == NULL)
			slot = at;
		if (*at != NULL && same_struct(*at, name, fields, n)) {
			*out = *at;
			return 0;
		}
	}
	if (schema_check_fields(fields, n, c->err) != 0)
		return -1;
	if (slot != NULL && arena_bytes(c->p->mem) < SHAPE_MEM) {
		*out = *slot = keep_struct(c->p->mem, name, fields, n);
		return 0;
	}
	own = schema_struct(c->mem, fields, n);
	schema_set_name(own, name);
	*out = own;
	return 0;
}

/* Optional array of the element's schema. */
static const struct schema *
array_schema(struct context *c, const struct schema *element, const struct schema *guess)
{
	const uint64_t h = mix(SCHEMA_ARRAY, (uintptr_t)element);
	const struct schema **slot = NULL;
	struct schema *s;

	if (guess != NULL && guess->type == SCHEMA_ARRAY && guess->value == element)
		return guess;
	for (size_t way = 0; element->shared && way < SHAPE_WAYS; way++) {
		const struct schema **at = &c->state->shapes[(h + way) & (SHAPES - 1)];

		if (*at == NULL && slot == NULL)
			slot = at;
		if (*at != NULL && (*at)->type == SCHEMA_ARRAY && (*at)->value == element)
			return *at;
	}
	if (slot == NULL || arena_bytes(c->p->mem) >= SHAPE_MEM)
		slot = NULL;
	s = schema_array(slot != NULL ? c->p->mem : c->mem, element);
	s->optional = true;
	s->shared = slot != NULL;
	if (slot != NULL)
		*slot = s;
	return s;
}

/* Values. */

static const struct schema *
leaf(const struct context *c, enum schema_type type)
{
	return schema_primitive(type, !c->state->required);
}

/* '/' becomes '_'. */
static struct str
struct_name(struct context *c, struct str name)
{
	char *copy;

	if (memchr(name.p, '/', name.n) == NULL)
		return name;
	copy = arena_alloc(c->mem, name.n);
	for (size_t i = 0; i < name.n; i++)
		copy[i] = name.p[i] == '/' ? '_' : name.p[i];
	return (struct str) { copy, name.n };
}

static int
convert_integer(
    struct context *c, struct str name, const struct json *j, struct datum *out)
{
	bool fits;

	out->schema = leaf(c, SCHEMA_INT64);
	out->value = value_int64(number_low_i64(json_text(j), &fits));
	if (fits || c->strict)
		return 0;
	return err_set(c->err, ERR_RECORD, "integer of \"%.*s\" beyond 64 bits: %.*s",
	    STR_ARG(name), (int)(j->n < 40 ? j->n : 40), j->text);
}

static int
convert_decimal(
    struct context *c, struct str name, const struct json *j, struct datum *out)
{
	double d = number_to_double(json_text(j));

	if (d == 0 && signbit(d)) {
		/* a BigDecimal knows no negative zero, but rounds to one */
		const char *digit = j->text;

		while (digit < j->text + j->n && strchr("-+.0", *digit) != NULL)
			digit++;
		if (digit == j->text + j->n || *digit == 'e' || *digit == 'E')
			d = 0;
	}
	out->schema = leaf(c, SCHEMA_FLOAT64);
	out->value = value_float64(d);
	if (isfinite(d) || c->strict)
		return 0;
	return err_set(c->err, ERR_RECORD, "number of \"%.*s\" beyond a double: %.*s",
	    STR_ARG(name), (int)(j->n < 40 ? j->n : 40), j->text);
}

static int
convert_object(struct context *c, struct str name, const struct json *j,
    const struct schema *guess, struct datum *out)
{
	const uint32_t guesses = guess != NULL && guess->type == SCHEMA_STRUCT
	                             ? guess->n_fields
	                             : 0;
	struct field *fields = arena_alloc(c->state->scratch, j->n * sizeof(*fields));
	struct structure *st = arena_alloc(
	    c->mem, sizeof(*st) + j->n * sizeof(struct value));
	struct datum d;
	uint32_t n = 0;

	for (const struct json *m = json_first(j); m != NULL; m = m->next, n++) {
		fields[n].name = json_name(m);
		if (convert_value(c, fields[n].name, m,
			n < guesses ? guess->fields[n].schema : NULL, &d) != 0) {
			struct err why = *c->err;

			/* a bad name before it comes first */
			if (schema_check_fields(fields, n, c->err) == 0)
				*c->err = why;
			return -1;
		}
		fields[n].schema = d.schema;
		st->slots[n] = d.value;
	}
	if (struct_schema(c, struct_name(c, name), fields, n, guess, &out->schema) != 0)
		return -1;
	st->schema = out->schema;
	out->value = (struct value) { .kind = VALUE_STRUCT, .n = n, .st = st };
	return 0;
}

/* Integers and decimals in one array are decimals (ours). */
static bool
mixes_numbers(const struct json *array)
{
	bool integers = false, decimals = false;

	for (const struct json *j = json_first(array); j != NULL; j = j->next) {
		if (j->type == JSON_INTEGER)
			integers = true;
		else if (j->type == JSON_DECIMAL)
			decimals = true;
		else if (j->type != JSON_NULL)
			return false;
	}
	return integers && decimals;
}

static int
convert_mixed_numbers(
    struct context *c, struct str name, const struct json *j, struct value *items)
{
	struct datum d;

	for (const struct json *e = json_first(j); e != NULL; e = e->next, items++) {
		if (e->type == JSON_NULL) {
			if (c->state->required)
				return err_set(c->err, ERR_RECORD,
				    "null in the array \"%.*s\" of numbers",
				    STR_ARG(name));
			*items = value_null();
			continue;
		}
		if (convert_decimal(c, name, e, &d) != 0)
			return -1;
		*items = d.value;
	}
	return 0;
}

/* Lenses compares later elements with nothing, here. */
static int
check_element(struct context *c, struct str name, uint32_t index,
    const struct datum *first, const struct datum *d)
{
	if (value_is_null(d->value) ? first->schema->optional
				    : schema_equal(first->schema, d->schema))
		return 0;
	return err_set(c->err, ERR_RECORD,
	    "array \"%.*s\": element %u is %s, other than the first, which is %s",
	    STR_ARG(name), index,
	    value_is_null(d->value) ? "null" : schema_type_name(d->schema),
	    schema_type_name(first->schema));
}

static int
convert_elements(struct context *c, struct str name, const struct json *j,
    const struct schema *guess, struct value *items, const struct schema **element)
{
	struct datum first = { NULL, value_null() }, d;
	uint32_t i = 0;

	for (const struct json *e = json_first(j); e != NULL; e = e->next, i++) {
		if (convert_value(c, name, e, guess, &d) != 0)
			return -1;
		if (i == 0)
			first = d;
		else if (!c->strict && check_element(c, name, i, &first, &d) != 0)
			return -1;
		items[i] = d.value;
	}
	*element = first.schema;
	return 0;
}

static int
convert_array(struct context *c, struct str name, const struct json *j,
    const struct schema *guess, struct datum *out)
{
	const struct schema *element_guess = guess != NULL && guess->type == SCHEMA_ARRAY
	                                         ? guess->value
	                                         : NULL;
	struct value *items = arena_alloc(c->mem, j->n * sizeof(*items));
	const struct schema *element = schema_primitive(SCHEMA_STRING, true);

	if (j->n == 0) {
		if (c->strict)
			return err_set(c->err, ERR_RECORD, "head of empty list");
		c->departures++;
	} else if (!c->strict && mixes_numbers(j)) {
		c->departures++;
		element = leaf(c, SCHEMA_FLOAT64);
		if (convert_mixed_numbers(c, name, j, items) != 0)
			return -1;
	} else if (convert_elements(c, name, j, element_guess, items, &element) != 0) {
		return -1;
	}
	out->schema = array_schema(c, element, guess);
	out->value = value_array(items, j->n);
	return 0;
}

static int
convert_value(struct context *c, struct str name, const struct json *j,
    const struct schema *guess, struct datum *out)
{
	switch ((enum json_type)j->type) {
	case JSON_NULL:
		out->schema = schema_primitive(SCHEMA_STRING, true);
		out->value = value_null();
		return 0;
	case JSON_FALSE:
	case JSON_TRUE:
		out->schema = leaf(c, SCHEMA_BOOLEAN);
		out->value = value_boolean(j->type == JSON_TRUE);
		return 0;
	case JSON_INTEGER:
		return convert_integer(c, name, j, out);
	case JSON_DECIMAL:
		return convert_decimal(c, name, j, out);
	case JSON_STRING:
		out->schema = leaf(c, SCHEMA_STRING);
		out->value = value_string(json_text(j));
		return 0;
	case JSON_ARRAY:
		return convert_array(c, name, j, guess, out);
	case JSON_OBJECT:
		return convert_object(c, name, j, guess, out);
	}
	return 0;
}

static int
convert_root(struct context *c, struct str name, const struct json *j, struct datum *out)
{
	const struct schema **guess = &c->state->roots[mix_name(0, name) & (ROOTS - 1)];

	if (convert_value(c, name, j, *guess, out) != 0)
		return -1;
	if (out->schema->shared)
		*guess = out->schema;
	return 0;
}

/* Lenses' way. */

/* Would Struct.put take it?  Structs inside were checked when they were made. */
static bool
array_fits(const struct schema *s, struct value array)
{
	for (uint32_t i = 0; i < array.n; i++) {
		const struct value v = array.items[i];

		if (value_is_null(v)) {
			if (!s->optional)
				return false;
			continue;
		}
		if (v.kind != value_kind_of((enum schema_type)s->type))
			return false;
		if (v.kind == VALUE_STRUCT && !schema_equal(v.st->schema, s))
			return false;
		if (v.kind == VALUE_ARRAY && !array_fits(s->value, v))
			return false;
	}
	return true;
}

/* Struct.put of each field, innermost first. */
static int
check_puts(const struct value v, struct err *err)
{
	if (v.kind == VALUE_ARRAY) {
		for (uint32_t i = 0; i < v.n; i++) {
			if (check_puts(v.items[i], err) != 0)
				return -1;
		}
		return 0;
	}
	if (v.kind != VALUE_STRUCT)
		return 0;
	for (uint32_t i = 0; i < v.n; i++) {
		const struct field *f = &v.st->schema->fields[i];
		const struct value slot = v.st->slots[i];

		if (check_puts(slot, err) != 0)
			return -1;
		if (slot.kind == VALUE_ARRAY && !array_fits(f->schema->value, slot) &&
		    value_put_check(f, slot, err) != 0)
			return -1;
	}
	return 0;
}

/* Schema.Parser of Avro takes names of letters, digits, '_' and dots only. */
static int
check_avro_name(struct str name, struct err *err)
{
	for (size_t i = 0; i < name.n; i++) {
		const char c = name.p[i], lower = (char)(c | 0x20);

		if ((lower < 'a' || lower > 'z') && (c < '0' || c > '9') && c != '_' &&
		    c != '.')
			return err_set(
			    err, ERR_RECORD, "Illegal character in: %.*s", STR_ARG(name));
	}
	return 0;
}

static int
convert_strict(struct context *c, const struct message *m, struct datum *out)
{
	const struct str source = payload_key_source(c->p, m);
	struct str text;
	struct json *root = NULL;

	if (m->payload.n == SIZE_MAX)
		return err_set(
		    c->err, ERR_RECORD, "Invalid input. Input cannot be null.");
	text = charset_decode(c->mem, CHARSET_UTF_8, m->payload);
	if (payload_json4s_parse(c->mem, text, &root, c->err) != 0) {
		if (!c->state->required && !c->state->evolution)
			err_set(c->err, ERR_RECORD, "Failed to parse json message [%.*s]",
			    (int)(text.n < 400 ? text.n : 400), text.p);
		return -1;
	}
	if (c->state->evolution && check_avro_name(source, c->err) != 0)
		return -1;
	if (root == NULL) {
		*out = (struct datum) { schema_primitive(SCHEMA_STRING, true),
			value_null() };
		return 0;
	}
	if (convert_root(c, source, root, out) != 0)
		return -1;
	return check_puts(out->value, c->err);
}

static int
convert_rfc(struct context *c, const struct message *m, struct datum *out)
{
	struct json *root;

	if (m->payload.n == SIZE_MAX)
		return err_set(
		    c->err, ERR_RECORD, "Invalid input. Input cannot be null.");
	if (json_parse(c->state->scratch, c->mem, m->payload, 0, &root, c->err) != 0)
		return -1;
	if (root == NULL)
		return err_set(c->err, ERR_RECORD, "not JSON: the payload is empty");
	if (root->type != JSON_OBJECT && root->type != JSON_ARRAY)
		return err_set(c->err, ERR_RECORD,
		    "the payload is a bare JSON value; an object or array is needed");
	return convert_root(c, payload_key_source(c->p, m), root, out);
}

/* A failure: would Lenses have made a record of it? */
static void
count_departure(struct payload *p, const struct message *m)
{
	struct json_state *state = p->state;
	struct err why;
	struct context c = {
		.p = p, .state = state, .mem = state->scratch, .strict = true, .err = &why
	};
	struct datum d;

	if (convert_strict(&c, m, &d) == 0)
		p->stats.departed++;
}

static int
convert(struct payload *p, const struct message *m, struct record *r, struct err *err)
{
	struct context c = { .p = p,
		.state = p->state,
		.mem = r->mem,
		.strict = p->spec.strict_lenses,
		.err = err };

	arena_reset(c.state->scratch);
	if ((c.strict ? convert_strict : convert_rfc)(&c, m, &r->value) != 0) {
		p->stats.failed++;
		if (!c.strict)
			count_departure(p, m);
		return -1;
	}
	if (c.departures > 0) {
		p->stats.departed++;
		log_info(p->spec.log,
		    "payload taken that Lenses would refuse: an empty array, or integers "
		    "and "
		    "decimals in one; topic=%.*s",
		    STR_ARG(m->topic));
	}
	p->stats.converted++;
	return payload_key_set(p, m, r, err);
}

static int
init(struct payload *p, struct err *err)
{
	struct json_state *state = p->state;

	(void)err;
	state->scratch = arena_new(SCRATCH);
	return 0;
}

static int
init_required(struct payload *p, struct err *err)
{
	struct json_state *state = p->state;

	state->required = true;
	return init(p, err);
}

static int
init_evolution(struct payload *p, struct err *err)
{
	struct json_state *state = p->state;

	state->evolution = true;
	return init(p, err);
}

static void
fini(struct payload *p)
{
	struct json_state *state = p->state;

	arena_free(state->scratch);
}

const struct payload_class payload_json = {
	.name = "JsonSimpleConverter",
	.short_name = "json",
	.has_fields = true,
	.has_key_fields = true,
	.doc = "A JSON object or array as a struct or array; all leaves optional.",
	.state_size = sizeof(struct json_state),
	.init = init,
	.fini = fini,
	.convert = convert,
};

const struct payload_class payload_json_optnull = {
	.name = "JsonOptNullConverter",
	.short_name = "json-optnull",
	.has_fields = true,
	.has_key_fields = true,
	.doc = "As JsonSimpleConverter; only nulls are optional.",
	.state_size = sizeof(struct json_state),
	.init = init_required,
	.fini = fini,
	.convert = convert,
};

const struct payload_class payload_json_evolution = {
	.name = "JsonConverterWithSchemaEvolution",
	.has_fields = true,
	.has_key_fields = true,
	.warning = "works as JsonSimpleConverter; schemas are not merged over messages",
	.doc = "As JsonSimpleConverter (Lenses' own fails for topics with '/').",
	.state_size = sizeof(struct json_state),
	.init = init_evolution,
	.fini = fini,
	.convert = convert,
};
