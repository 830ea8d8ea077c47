/*
 * InsertField: put what is known about the record, or a fixed text, into its key or
 * value.
 *
 *     {"t": 21}  ->  {"t": 21, "topic": "plant", "ts": 1566570894346}
 *
 * A name that ends in '!' makes a required field, '?' (or none) an optional one.
 */
#include "smt/smt.h"
#include "smt/smt_rules.h"

enum source { TOPIC, PARTITION, OFFSET, TIMESTAMP, STATIC, SOURCES };

struct insert {
	const char *topic, *partition, *offset, *timestamp; /* names; NULL: none */
	const char *static_field, *static_value;
	bool rnwd;
	struct {
		struct str name; /* p NULL: not inserted */
		bool optional;
	} fields[SOURCES];
	struct smt_cache *schemas;
};

#define NAME(option, field_, text)                                     \
	{                                                              \
		.name = option, OPT_STRING(struct insert, field_),     \
		.importance = OPT_MEDIUM,                              \
		.doc = "Name of the field for " text                   \
		       "; it may end in ! for a required or ? for an " \
		       "optional field (the default)."                 \
	}

static const struct opt options[] = {
	NAME("topic.field", topic, "the topic"),
	NAME("partition.field", partition, "the partition"),
	NAME("offset.field", offset, "the offset (of sink records only)"),
	NAME("timestamp.field", timestamp, "the record's timestamp"),
	NAME("static.field", static_field, "static.value"),
	{ .name = "static.value",
	    OPT_STRING(struct insert, static_value),
	    .importance = OPT_MEDIUM,
	    .doc = "Text for static.field." },
	SMT_RNWD(struct insert),
	{ 0 },
};

static void
set_field(struct insert *f, enum source source, const char *spec)
{
	struct str name = str_of(spec);
	bool required = str_ends(name, "!");

	if (spec == NULL)
		return;
	if (required || str_ends(name, "?"))
		name.n--;
	f->fields[source].name = name;
	f->fields[source].optional = !required;
}

static int
insert_init(void *state, struct arena *mem, unsigned side, struct err *err)
{
	struct insert *f = state;
	bool any = false;

	(void)side;
	set_field(f, TOPIC, f->topic);
	set_field(f, PARTITION, f->partition);
	set_field(f, OFFSET, f->offset);
	set_field(f, TIMESTAMP, f->timestamp);
	set_field(f, STATIC, f->static_field);
	for (int i = 0; i < SOURCES; i++)
		any |= f->fields[i].name.p != NULL;
	if (!any)
		return err_set(err, ERR_CONFIG, "No field insertion configured");
	if (f->static_field != NULL && f->static_value == NULL)
		return err_set(err, ERR_CONFIG,
		    "Invalid value null for configuration static.value: No value "
		    "specified for static field: %s",
		    f->static_field);
	f->schemas = smt_cache_new(mem);
	return 0;
}

static const struct schema *
schema_of(enum source source, bool optional)
{
	switch (source) {
	case PARTITION:
		return schema_primitive(SCHEMA_INT32, optional);
	case OFFSET:
		return schema_primitive(SCHEMA_INT64, optional);
	case TIMESTAMP:
		return schema_temporal(SCHEMA_TIMESTAMP, optional);
	default:
		return schema_primitive(SCHEMA_STRING, optional);
	}
}

static const struct schema *
insert_schema(
    const void *state, struct arena *mem, const struct schema *from, struct err *err)
{
	const struct insert *f = state;
	size_t n = from->n_fields;
	struct field *fields = arena_alloc(mem, (n + SOURCES) * sizeof(*fields));

	for (size_t i = 0; i < n; i++)
		fields[i] = from->fields[i];
	for (int i = 0; i < SOURCES; i++)
		if (f->fields[i].name.p != NULL)
			fields[n++] = (struct field) { f->fields[i].name,
				schema_of((enum source)i, f->fields[i].optional) };
	return smt_schema_like(mem, from, fields, n, err);
}

/* What the record says; null: absent. */
static int
value_of(const struct insert *f, enum source source, const struct record *r,
    bool with_schema, struct value *v, struct err *err)
{
	*v = value_null();
	switch (source) {
	case TOPIC:
		if (r->topic.p != NULL)
			*v = value_string(r->topic);
		return 0;
	case PARTITION:
		if (r->has_partition)
			*v = value_int(VALUE_INT32, r->partition);
		return 0;
	case OFFSET:
		if (!r->is_sink)
			return err_set(err, ERR_RECORD,
			    "Only SinkRecord supported for [field insertion], found: "
			    "org.apache.kafka.connect.source.SourceRecord");
		*v = value_int64(r->offset);
		return 0;
	case TIMESTAMP:
		if (r->has_timestamp)
			*v = with_schema ? value_date(r->timestamp_ms)
			                 : value_int64(r->timestamp_ms);
		return 0;
	default:
		*v = value_string(str_of(f->static_value));
		return 0;
	}
}

static int
insert_into_map(
    const struct insert *f, struct record *r, struct datum *side, struct err *err)
{
	struct value_map_builder b;
	struct value v;

	if (smt_require_map(side->value, "field insertion", err) < 0)
		return -1;
	value_map_begin_with(&b, record_mem(r), side->value);
	for (int i = 0; i < SOURCES; i++) {
		if (f->fields[i].name.p == NULL)
			continue;
		if (value_of(f, (enum source)i, r, false, &v, err) < 0)
			return -1;
		if (!value_is_null(v) || i == TOPIC)
			value_map_put_text(&b, f->fields[i].name, v);
	}
	side->value = value_map_end(&b);
	return 0;
}

static int
insert_into_struct(
    const struct insert *f, struct record *r, struct datum *side, struct err *err)
{
	if (smt_require_struct(side->value, "field insertion", err) < 0)
		return -1;

	const struct schema *from = value_struct_schema(side->value);
	const struct schema *s = smt_cached(
	    f->schemas, f, insert_schema, record_mem(r), from, err);
	if (s == NULL)
		return -1;
	struct value to = value_struct_new(record_mem(r), s), v;
	size_t n = 0;
	for (; n < from->n_fields; n++)
		if (smt_copy_field(to, n, side->value, n, f->rnwd, err) < 0)
			return -1;
	for (int i = 0; i < SOURCES; i++) {
		if (f->fields[i].name.p == NULL)
			continue;
		if (value_of(f, (enum source)i, r, true, &v, err) < 0)
			return -1;
		/* An absent partition or timestamp is no fault, even if required. */
		if ((!value_is_null(v) || i == TOPIC) && smt_put(to, n, v, err) < 0)
			return -1;
		n++;
	}
	*side = (struct datum) { s, to };
	return 0;
}

static int
insert_apply(const void *state, struct record *r, struct datum *side, struct err *err)
{
	if (value_is_null(side->value))
		return 0;
	return side->schema == NULL ? insert_into_map(state, r, side, err)
	                            : insert_into_struct(state, r, side, err);
}

const struct smt smt_insert_field = {
	.name = "org.apache.kafka.connect.transforms.InsertField",
	.sides = SMT_KEY | SMT_VALUE,
	.doc = "Inserts topic, partition, offset, timestamp or a fixed text as a field.",
	.options = options,
	.state_size = sizeof(struct insert),
	.init = insert_init,
	.apply = insert_apply,
};
