/* HeaderFrom: copy or move fields of a key or value into headers. */
#include "smt/smt.h"
#include "smt/smt_rules.h"

struct header_from {
	struct opt_list fields, headers;
	const char *operation;
	bool rnwd;
	bool move;
	const char *purpose;
	struct smt_cache *schemas;
};

static const char *const operations[] = { "move", "copy", NULL };

static const struct opt options[] = {
	{ .name = "fields",
	    OPT_LIST(struct header_from, fields),
	    .required = true,
	    .check = smt_check_list,
	    .importance = OPT_HIGH,
	    .doc = "Names of the fields." },
	{ .name = "headers",
	    OPT_LIST(struct header_from, headers),
	    .required = true,
	    .check = smt_check_list,
	    .importance = OPT_HIGH,
	    .doc = "Names of the headers, one for each field, in the same order." },
	{ .name = "operation",
	    OPT_STRING(struct header_from, operation),
	    .required = true,
	    .values = operations,
	    .importance = OPT_HIGH,
	    .doc = "move takes the fields out of the key or value, copy leaves them." },
	SMT_RNWD(struct header_from),
	{ 0 },
};

static int
header_from_init(void *state, struct arena *mem, unsigned side, struct err *err)
{
	struct header_from *h = state;

	(void)side;
	if (h->fields.n != h->headers.n)
		return err_set(err, ERR_CONFIG,
		    "'fields' config must have the same number of elements as 'headers' "
		    "config.");
	h->move = str_eq_c(str_of(h->operation), "move");
	h->purpose = h->move ? "header move" : "header copy";
	h->schemas = smt_cache_new(mem);
	return 0;
}

static int
from_map(
    const struct header_from *h, struct record *r, struct datum *side, struct err *err)
{
	struct value_map_builder b;
	struct value map = side->value;

	if (smt_require_map(map, h->purpose, err) < 0)
		return -1;
	value_map_begin_with(&b, record_mem(r), map);
	for (size_t i = 0; i < h->fields.n; i++) {
		struct str name = str_of(h->fields.items[i]);
		const struct value *v = value_map_get(map, name);
		record_add_header(r, str_of(h->headers.items[i]),
		    (struct datum) { NULL, v != NULL ? *v : value_null() });
		if (h->move)
			value_map_remove(&b, name);
	}
	if (h->move)
		side->value = value_map_end(&b);
	return 0;
}

/* Without the fields that move. */
static const struct schema *
rest_schema(
    const void *state, struct arena *mem, const struct schema *from, struct err *err)
{
	const struct header_from *h = state;
	struct field *fields = arena_alloc(mem, from->n_fields * sizeof(*fields));
	size_t n = 0;

	for (uint32_t i = 0; i < from->n_fields; i++)
		if (!smt_in_list(&h->fields, from->fields[i].name))
			fields[n++] = from->fields[i];
	return smt_schema_like(mem, from, fields, n, err);
}

static int
keep_rest(
    const struct header_from *h, struct record *r, struct datum *side, struct err *err)
{
	const struct schema *from = value_struct_schema(side->value);
	const struct schema *s = smt_cached(
	    h->schemas, h, rest_schema, record_mem(r), from, err);
	size_t n = 0;

	if (s == NULL)
		return -1;
	struct value to = value_struct_new(record_mem(r), s);
	for (uint32_t i = 0; i < from->n_fields; i++) {
		if (smt_in_list(&h->fields, from->fields[i].name))
			continue;
		if (smt_copy_field(to, n++, side->value, i, h->rnwd, err) < 0)
			return -1;
	}
	*side = (struct datum) { s, to };
	return 0;
}

static int
from_struct(
    const struct header_from *h, struct record *r, struct datum *side, struct err *err)
{
	struct value from = side->value;

	if (smt_require_struct(from, h->purpose, err) < 0)
		return -1;
	if (h->move && keep_rest(h, r, side, err) < 0)
		return -1;
	for (size_t i = 0; i < h->fields.n; i++) {
		const struct schema *s = value_struct_schema(from);
		int at = schema_field_index(s, str_of(h->fields.items[i]));
		if (at < 0)
			return err_set(err, ERR_RECORD, "%s is not a valid field name",
			    h->fields.items[i]);
		record_add_header(r, str_of(h->headers.items[i]),
		    (struct datum) { s->fields[at].schema,
			value_slot_rnwd(from, (size_t)at, h->rnwd) });
	}
	return 0;
}

static int
header_from_apply(
    const void *state, struct record *r, struct datum *side, struct err *err)
{
	return side->schema == NULL ? from_map(state, r, side, err)
	                            : from_struct(state, r, side, err);
}

const struct smt smt_header_from = {
	.name = "org.apache.kafka.connect.transforms.HeaderFrom",
	.sides = SMT_KEY | SMT_VALUE,
	.doc = "Copies or moves fields of the key or value into headers.",
	.options = options,
	.state_size = sizeof(struct header_from),
	.init = header_from_init,
	.apply = header_from_apply,
};
