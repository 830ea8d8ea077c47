/* ValueToKey: make the key of fields of the value. */
#include "smt/smt.h"
#include "smt/smt_rules.h"

#define PURPOSE "copying fields from value to key"

struct to_key {
	struct opt_list fields;
	bool rnwd;
	struct smt_cache *schemas;
};

static const struct opt options[] = {
	{ .name = "fields",
	    OPT_LIST(struct to_key, fields),
	    .required = true,
	    .check = smt_check_list,
	    .importance = OPT_HIGH,
	    .doc = "Names of the value's fields that make the key." },
	SMT_RNWD(struct to_key),
	{ 0 },
};

static int
to_key_init(void *state, struct arena *mem, unsigned side, struct err *err)
{
	struct to_key *k = state;

	(void)side;
	(void)err;
	k->schemas = smt_cache_new(mem);
	return 0;
}

static const struct schema *
key_schema(
    const void *state, struct arena *mem, const struct schema *from, struct err *err)
{
	const struct to_key *k = state;
	size_t n = k->fields.n;
	struct field *fields = arena_alloc(mem, n * sizeof(*fields));

	for (size_t i = 0; i < n; i++) {
		fields[i].name = str_of(k->fields.items[i]);
		fields[i].schema = schema_field(from, fields[i].name);
		if (fields[i].schema == NULL) {
			/* A repeated name in front of it shows first. */
			if (schema_check_fields(fields, i, err) == 0)
				err_set(err, ERR_RECORD, "Field does not exist: %s",
				    k->fields.items[i]);
			return NULL;
		}
	}
	return schema_check_fields(fields, n, err) < 0 ? NULL
	                                               : schema_struct(mem, fields, n);
}

static int
key_of_map(const struct to_key *k, struct record *r, struct err *err)
{
	struct value_map_builder b;

	if (smt_require_map(r->value.value, PURPOSE, err) < 0)
		return -1;
	value_map_begin(&b, record_mem(r), k->fields.n);
	for (size_t i = 0; i < k->fields.n; i++) {
		struct str name = str_of(k->fields.items[i]);
		const struct value *v = value_map_get(r->value.value, name);
		value_map_put_text(&b, name, v != NULL ? *v : value_null());
	}
	r->key = (struct datum) { NULL, value_map_end(&b) };
	return 0;
}

static int
key_of_struct(const struct to_key *k, struct record *r, struct err *err)
{
	struct value from = r->value.value;

	if (smt_require_struct(from, PURPOSE, err) < 0)
		return -1;
	const struct schema *s = smt_cached(
	    k->schemas, k, key_schema, record_mem(r), value_struct_schema(from), err);
	if (s == NULL)
		return -1;
	struct value key = value_struct_new(record_mem(r), s);
	for (size_t i = 0; i < s->n_fields; i++) {
		int at = schema_field_index(value_struct_schema(from), s->fields[i].name);
		if (smt_copy_field(key, i, from, (size_t)at, k->rnwd, err) < 0)
			return -1;
	}
	r->key = (struct datum) { s, key };
	return 0;
}

static int
to_key_apply(const void *state, struct record *r, struct datum *side, struct err *err)
{
	(void)side;
	return r->value.schema == NULL ? key_of_map(state, r, err)
	                               : key_of_struct(state, r, err);
}

const struct smt smt_value_to_key = {
	.name = "org.apache.kafka.connect.transforms.ValueToKey",
	.doc = "Replaces the key by a map or struct of fields of the value.",
	.options = options,
	.state_size = sizeof(struct to_key),
	.init = to_key_init,
	.apply = to_key_apply,
};
