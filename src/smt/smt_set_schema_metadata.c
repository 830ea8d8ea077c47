/* SetSchemaMetadata: another name or version for the schema of a struct. */
#include "smt/smt.h"
#include "smt/smt_rules.h"

struct metadata {
	const char *name; /* NULL: as it is */
	int32_t version;
	bool has_version;
	bool rnwd;
	struct smt_cache *schemas;
};

static const struct opt options[] = {
	{ .name = "schema.name",
	    OPT_STRING(struct metadata, name),
	    .importance = OPT_HIGH,
	    .doc = "Name of the schema." },
	{ .name = "schema.version",
	    OPT_INT(struct metadata, version),
	    OPT_GIVEN(struct metadata, has_version),
	    .importance = OPT_HIGH,
	    .doc = "Version of the schema." },
	SMT_RNWD(struct metadata),
	{ 0 },
};

static int
metadata_init(void *state, struct arena *mem, unsigned side, struct err *err)
{
	struct metadata *m = state;

	(void)side;
	if (m->name == NULL && !m->has_version)
		return err_set(
		    err, ERR_CONFIG, "Neither schema name nor version configured");
	m->schemas = smt_cache_new(mem);
	return 0;
}

static const struct schema *
metadata_schema(
    const void *state, struct arena *mem, const struct schema *from, struct err *err)
{
	const struct metadata *m = state;

	if (from->type != SCHEMA_STRUCT) {
		err_set(err, ERR_RECORD, "Cannot list fields on non-struct type");
		return NULL;
	}
	struct schema *s = schema_copy(mem, from);
	if (m->name != NULL)
		schema_set_name(s, str_of(m->name));
	if (m->has_version)
		schema_set_version(s, m->version);
	return s;
}

static int
rebuild(const struct metadata *m, struct arena *mem, const struct schema *s,
    struct value *v, struct err *err)
{
	struct value from = *v, to = value_struct_new(mem, s);

	if (from.n < s->n_fields)
		return err_set(err, ERR_RECORD, "Struct schemas do not match.");
	for (uint32_t i = 0; i < s->n_fields; i++)
		if (smt_copy_field(to, i, from, i, m->rnwd, err) < 0)
			return -1;
	*v = to;
	return 0;
}

static int
metadata_apply(const void *state, struct record *r, struct datum *side, struct err *err)
{
	const struct metadata *m = state;

	if (side->schema == NULL) {
		if (value_is_null(side->value))
			return 0;
		return err_set(
		    err, ERR_RECORD, "Schema required for [updating schema metadata]");
	}
	const struct schema *s = smt_cached(
	    m->schemas, m, metadata_schema, record_mem(r), side->schema, err);
	if (s == NULL)
		return -1;
	side->schema = s;
	if (side->value.kind != VALUE_STRUCT)
		return 0;
	return rebuild(m, record_mem(r), s, &side->value, err);
}

const struct smt smt_set_schema_metadata = {
	.name = "org.apache.kafka.connect.transforms.SetSchemaMetadata",
	.sides = SMT_KEY | SMT_VALUE,
	.doc = "Sets name and version of the schema of a struct.",
	.options = options,
	.state_size = sizeof(struct metadata),
	.init = metadata_init,
	.apply = metadata_apply,
};
