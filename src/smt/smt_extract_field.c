/*
 * ExtractField: replace a key or a value by one of its fields.
 *
 *     {"a": {"b": 42}}  ->  {"b": 42}  (a)   or   42  (a.b with field.syntax.version=V2)
 */
#include "smt/smt.h"
#include "smt/smt_path.h"
#include "smt/smt_rules.h"

struct extract {
	const char *field;
	const char *version;
	bool rnwd;
	struct smt_path path;
};

static const char *const versions[] = { "V1", "V2", NULL };

static const struct opt options[] = {
	{ .name = "field",
	    OPT_STRING(struct extract, field),
	    .required = true,
	    .importance = OPT_MEDIUM,
	    .doc = "Name of the field; with field.syntax.version=V2 a path." },
	SMT_RNWD(struct extract),
	{ .name = "field.syntax.version",
	    OPT_STRING(struct extract, version),
	    .def = "V1",
	    .values = versions,
	    .any_case = true,
	    .importance = OPT_HIGH,
	    .doc = "V1: field is one name. V2: dots in it go down into maps and structs, "
		   "and backticks around a step make its dots part of the name." },
	{ 0 },
};

static int
extract_init(void *state, struct arena *mem, unsigned side, struct err *err)
{
	struct extract *x = state;

	(void)side;
	return smt_path_parse(
	    mem, str_of(x->field), str_eq_c(str_of(x->version), "V2"), &x->path, err);
}

static const char *
extract_warn(const void *state, struct err *why)
{
	const struct extract *x = state;

	if (x->path.n > 0 || x->field == NULL)
		return NULL;
	err_set(why, ERR_CONFIG, "is empty: every record will fail");
	return "field";
}

static int
extract_from_map(
    const struct smt_path *p, struct value map, struct value *out, struct err *err)
{
	if (!value_is_null(map) && smt_require_map(map, "field extraction", err) < 0)
		return -1;
	for (size_t i = 0; !value_is_null(map); i++) {
		const struct value *v = value_map_get(map, p->steps[i]);
		map = v != NULL ? *v : value_null();
		if (i + 1 == p->n)
			break;
		if (!value_is_null(map) &&
		    smt_require_map(map, "nested field access", err) < 0)
			return -1;
	}
	*out = map;
	return 0;
}

/* The schema of the field; NULL: there is none. */
static const struct schema *
schema_at(const struct smt_path *p, const struct schema *s, struct err *err)
{
	for (size_t i = 0; i < p->n; i++) {
		if (s->type != SCHEMA_STRUCT) {
			err_set(
			    err, ERR_RECORD, "Cannot look up fields on non-struct type");
			return NULL;
		}
		s = schema_field(s, p->steps[i]);
		if (s == NULL) {
			err_set(err, ERR_RECORD, "Unknown field: %.*s", STR_ARG(p->text));
			return NULL;
		}
	}
	return s;
}

static int
extract_from_struct(
    const struct extract *x, struct value v, struct value *out, struct err *err)
{
	const struct smt_path *p = &x->path;

	for (size_t i = 0; !value_is_null(v); i++) {
		bool last = i + 1 == p->n;
		int at = schema_field_index(value_struct_schema(v), p->steps[i]);
		v = at < 0 ? value_null()
		           : value_slot_rnwd(v, (size_t)at, !last || x->rnwd);
		if (last)
			break;
		if (!value_is_null(v) &&
		    smt_require_struct(v, "nested field access", err) < 0)
			return -1;
	}
	*out = v;
	return 0;
}

static int
extract_null(struct datum *side, struct err *err)
{
	if (side->schema != NULL)
		return err_set(err, ERR_RECORD, "Unknown field: null");
	if (!value_is_null(side->value) &&
	    smt_require_map(side->value, "field extraction", err) < 0)
		return -1;
	side->value = value_null();
	return 0;
}

static int
extract_apply(const void *state, struct record *r, struct datum *side, struct err *err)
{
	const struct extract *x = state;

	(void)r;
	if (x->field == NULL) /* null is a name that no map has */
		return extract_null(side, err);
	if (x->path.n == 0)
		return err_set(err, ERR_RECORD, "The field's path is empty");
	if (side->schema == NULL)
		return extract_from_map(&x->path, side->value, &side->value, err);
	if (!value_is_null(side->value) &&
	    smt_require_struct(side->value, "field extraction", err) < 0)
		return -1;
	side->schema = schema_at(&x->path, side->schema, err);
	if (side->schema == NULL)
		return -1;
	return extract_from_struct(x, side->value, &side->value, err);
}

const struct smt smt_extract_field = {
	.name = "org.apache.kafka.connect.transforms.ExtractField",
	.sides = SMT_KEY | SMT_VALUE,
	.doc = "Replaces the key or value by one of its fields.",
	.options = options,
	.state_size = sizeof(struct extract),
	.init = extract_init,
	.apply = extract_apply,
	.warn = extract_warn,
};
