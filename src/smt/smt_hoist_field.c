/*
 * HoistField: wrap a key or a value into a map or struct with a single field.
 *
 *     42  ->  {"f": 42}            int32 42  ->  struct {f: int32} {f: 42}
 *
 * As in Kafka Connect 3.9 a null without schema becomes {"f": null}: a tombstone stops
 * being one.
 */
#include "smt/smt.h"
#include "smt/smt_rules.h"

struct hoist {
	const char *field; /* may be empty, unless a schema is made */
	struct smt_cache *schemas;
};

static const struct opt options[] = {
	{ .name = "field",
	    OPT_STRING(struct hoist, field),
	    .required = true,
	    .importance = OPT_MEDIUM,
	    .doc = "Name of the only field of the map or struct that is made." },
	{ 0 }
};

static int
hoist_init(void *state, struct arena *mem, unsigned side, struct err *err)
{
	struct hoist *h = state;

	(void)side;
	(void)err;
	if (h->field == NULL)
		h->field = "";
	h->schemas = smt_cache_new(mem);
	return 0;
}

static const struct schema *
hoist_schema(
    const void *state, struct arena *mem, const struct schema *from, struct err *err)
{
	const struct hoist *h = state;
	const struct field f = { .name = str_of(h->field), .schema = from };

	if (schema_check_fields(&f, 1, err) < 0)
		return NULL;
	return schema_struct(mem, &f, 1);
}

static int
hoist_apply(const void *state, struct record *r, struct datum *side, struct err *err)
{
	const struct hoist *h = state;
	struct arena *mem = record_mem(r);

	if (side->schema == NULL) {
		side->value = value_map_of(mem, h->field, side->value);
		return 0;
	}
	const struct schema *s = smt_cached(
	    h->schemas, h, hoist_schema, mem, side->schema, err);
	if (s == NULL)
		return -1;
	struct value v = value_struct_new(mem, s);
	if (smt_put(v, 0, side->value, err) < 0)
		return -1;
	*side = (struct datum) { s, v };
	return 0;
}

const struct smt smt_hoist_field = {
	.name = "org.apache.kafka.connect.transforms.HoistField",
	.sides = SMT_KEY | SMT_VALUE,
	.doc = "Wraps the key or value into a map or struct with one field.",
	.options = options,
	.state_size = sizeof(struct hoist),
	.init = hoist_init,
	.apply = hoist_apply,
};
