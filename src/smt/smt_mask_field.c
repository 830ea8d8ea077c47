/*
 * MaskField: fields become the empty value of their type, or a replacement.
 *
 *     {"name": "Ada", "age": 36}  ->  {"name": "", "age": 0}
 */
#include "smt/smt.h"
#include "smt/smt_rules.h"

#include "data/decimal.h"

#define PURPOSE "mask fields"

struct mask {
	struct opt_list fields;
	const char *replacement; /* NULL: empty values */
	bool rnwd;
	const struct decimal *number; /* of the replacement; NULL: it is none */
	const struct decimal *zero;
	struct str *order; /* the fields as Java's set holds them */
	size_t n;
};

static const struct opt options[] = {
	{ .name = "fields",
	    OPT_LIST(struct mask, fields),
	    .required = true,
	    .check = smt_check_list,
	    .importance = OPT_HIGH,
	    .doc = "Names of the fields to mask." },
	{ .name = "replacement",
	    OPT_STRING(struct mask, replacement),
	    .check = smt_check_text,
	    .importance = OPT_LOW,
	    .doc = "What strings and numbers become; without it, empty strings, "
		   "containers and zeros." },
	SMT_RNWD(struct mask),
	{ 0 },
};

static bool
in(const struct str *names, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(names[i], name))
			return true;
	return false;
}

static void
order_fields(struct mask *m, struct arena *mem)
{
	struct str *names = arena_alloc(mem, m->fields.n * sizeof(*names));
	size_t *order = arena_alloc(mem, m->fields.n * sizeof(*order));

	for (size_t i = 0; i < m->fields.n; i++)
		if (!in(names, m->n, str_of(m->fields.items[i])))
			names[m->n++] = str_of(m->fields.items[i]);
	smt_hash_order(names, m->n, order);
	m->order = arena_alloc(mem, m->n * sizeof(*m->order));
	for (size_t i = 0; i < m->n; i++)
		m->order[i] = names[order[i]];
}

static int
mask_init(void *state, struct arena *mem, unsigned side, struct err *err)
{
	struct mask *m = state;

	(void)side;
	(void)err;
	order_fields(m, mem);
	if (m->replacement != NULL)
		m->number = decimal_parse(mem, str_of(m->replacement));
	m->zero = decimal_from_i64(mem, 0, 0);
	return 0;
}

static int
empty_value(const struct mask *m, struct value *v, struct err *err)
{
	switch ((enum value_kind)v->kind) {
	case VALUE_BOOLEAN:
		*v = value_boolean(false);
		return 0;
	case VALUE_INT8:
	case VALUE_INT16:
	case VALUE_INT32:
	case VALUE_INT64:
		*v = value_int((enum value_kind)v->kind, 0);
		return 0;
	case VALUE_FLOAT32:
		*v = value_float32(0.0f);
		return 0;
	case VALUE_FLOAT64:
		*v = value_float64(0.0);
		return 0;
	case VALUE_STRING:
		*v = value_string((struct str) { "", 0 });
		return 0;
	case VALUE_DATE:
		*v = value_date(0);
		return 0;
	case VALUE_DECIMAL:
		*v = value_decimal(m->zero);
		return 0;
	case VALUE_ARRAY:
		*v = value_array(NULL, 0);
		return 0;
	case VALUE_MAP:
		*v = value_map(NULL, 0);
		return 0;
	default:
		return err_set(err, ERR_RECORD, "Cannot mask value of type: class %s",
		    value_class(*v));
	}
}

static int
replaced_value(const struct mask *m, struct value *v, struct err *err)
{
	bool number = value_is_int(*v) || value_is_float(*v) || v->kind == VALUE_DECIMAL;

	if (v->kind == VALUE_STRING) {
		*v = value_string(str_of(m->replacement));
		return 0;
	}
	if (!number)
		return err_set(err, ERR_RECORD,
		    "Cannot mask value of type class %s with custom replacement.",
		    value_class(*v));
	if (m->number == NULL)
		return err_set(err, ERR_RECORD,
		    "Unable to convert %s (class java.lang.String) to %s", m->replacement,
		    v->kind == VALUE_DECIMAL ? "number" : "a number");
	if (v->kind == VALUE_DECIMAL)
		*v = value_decimal(m->number);
	else if (v->kind == VALUE_FLOAT32)
		*v = value_float32((float)decimal_to_double(m->number));
	else if (v->kind == VALUE_FLOAT64)
		*v = value_float64(decimal_to_double(m->number));
	else
		*v = value_int((enum value_kind)v->kind, decimal_to_i64(m->number));
	return 0;
}

static int
mask_value(const struct mask *m, struct value *v, struct err *err)
{
	if (value_is_null(*v))
		return 0;
	return m->replacement == NULL ? empty_value(m, v, err)
	                              : replaced_value(m, v, err);
}

static int
mask_map(const struct mask *m, struct record *r, struct datum *side, struct err *err)
{
	struct value_map_builder b;

	if (smt_require_map(side->value, PURPOSE, err) < 0)
		return -1;
	value_map_begin_with(&b, record_mem(r), side->value);
	for (size_t i = 0; i < m->n; i++) {
		struct str name = m->order[i];
		const struct value *old = value_map_get(side->value, name);
		struct value v = old != NULL ? *old : value_null();
		if (mask_value(m, &v, err) < 0)
			return -1;
		value_map_put_text(&b, name, v);
	}
	side->value = value_map_end(&b);
	return 0;
}

static int
mask_struct(const struct mask *m, struct record *r, struct datum *side, struct err *err)
{
	if (smt_require_struct(side->value, PURPOSE, err) < 0)
		return -1;

	const struct schema *s = value_struct_schema(side->value);
	struct value to = value_struct_new(record_mem(r), s);
	for (uint32_t i = 0; i < s->n_fields; i++) {
		if (!smt_in_list(&m->fields, s->fields[i].name)) {
			if (smt_copy_field(to, i, side->value, i, m->rnwd, err) < 0)
				return -1;
			continue;
		}
		struct value v = value_slot_rnwd(side->value, i, m->rnwd);
		if (mask_value(m, &v, err) < 0 || smt_put(to, i, v, err) < 0)
			return -1;
	}
	side->value = to;
	return 0;
}

static int
mask_apply(const void *state, struct record *r, struct datum *side, struct err *err)
{
	return side->schema == NULL ? mask_map(state, r, side, err)
	                            : mask_struct(state, r, side, err);
}

const struct smt smt_mask_field = {
	.name = "org.apache.kafka.connect.transforms.MaskField",
	.sides = SMT_KEY | SMT_VALUE,
	.doc = "Replaces the values of fields by empty ones or by a given text.",
	.options = options,
	.state_size = sizeof(struct mask),
	.init = mask_init,
	.apply = mask_apply,
};
