/*
 * Keys of records made from MQTT messages: Lenses' MsgKey, and WITHKEY's joined texts.
 * Walks converted values only; what a payload looks like is its converter's.
 */
#include "convert/payload_key.h"

#include "data/number.h"

#define MSG_KEY_NEW "io.lenses.streamreactor.common.converters.MsgKey"
#define MSG_KEY_OLD "com.datamountaineer.streamreactor.common.converters.MsgKey"
#define ID_BYTES 8 /* of the text of a 16-bit number */

void
payload_key_init(struct payload *p)
{
	const struct field fields[] = {
		{ STR("topic"), schema_primitive(SCHEMA_STRING, false) },
		{ STR("id"), schema_primitive(SCHEMA_STRING, false) },
	};
	struct schema *s = schema_struct(p->mem, fields, 2);

	schema_set_name(s, p->spec.old_package ? STR(MSG_KEY_OLD) : STR(MSG_KEY_NEW));
	s->shared = true;
	p->key_schema = s;
}

struct str
payload_key_source(const struct payload *p, const struct message *m)
{
	return p->source_is_filter ? p->spec.filter : m->topic;
}

void
payload_key_default(struct payload *p, const struct message *m, struct record *r)
{
	struct structure *key;
	char *id;

	if (p->spec.key == PAYLOAD_KEY_TOPIC) {
		r->key.schema = schema_primitive(SCHEMA_STRING, false);
		r->key.value = value_string(m->topic);
		return;
	}
	key = arena_alloc(r->mem, sizeof(*key) + 2 * sizeof(struct value) + ID_BYTES);
	id = (char *)&key->slots[2];
	key->schema = p->key_schema;
	key->slots[0] = value_string(payload_key_source(p, m));
	key->slots[1] = value_string((struct str) { id, number_i64_text(id, m->id) });
	r->key.schema = p->key_schema;
	r->key.value = (struct value) { .kind = VALUE_STRUCT, .n = 2, .st = key };
}

bool
payload_key_needs_fields(const struct payload *p)
{
	for (size_t i = 0; i < p->spec.n_keys; i++) {
		if (p->spec.keys[i].part == MESSAGE_VALUE)
			return true;
	}
	return false;
}

int
payload_key_add_meta(const struct payload_path *path, const struct message *m,
    struct buf *out, struct err *err)
{
	struct datum d;

	if (!message_part(m, path->part, path->level, &d))
		return err_set(err, ERR_RECORD, "topic %.*s has no level %u",
		    STR_ARG(m->topic), path->level);
	value_print(out, d.value);
	return 0;
}

/* "a,b,c" of a struct's fields, cut to what a message can hold. */
static const char *
field_names(const struct schema *s, char out[160])
{
	size_t n = 0;

	out[0] = '\0';
	for (uint32_t i = 0; i < s->n_fields && n < 158; i++) {
		const struct str name = s->fields[i].name;

		if (i > 0)
			out[n++] = ',';
		for (size_t j = 0; j < name.n && n < 158; j++)
			out[n++] = name.p[j];
	}
	out[n] = '\0';
	return out;
}

static int
no_field(
    const struct payload_path *path, size_t at, const struct schema *s, struct err *err)
{
	const struct str name = path->names[at];
	char names[160];

	if (at == 0)
		return err_set(err, ERR_RECORD,
		    "Couldn't find field [%.*s] in the schema: [%s]", STR_ARG(name),
		    field_names(s, names));
	return err_set(err, ERR_RECORD,
	    "Invalid field selection for [%.*s]. Can't find field [%.*s]. Fields "
	    "available: [%s]",
	    STR_ARG(path->text), STR_ARG(name), field_names(s, names));
}

/* Why a walk ended early. */
enum walk { WALK_FOUND, WALK_ABSENT, WALK_NULL, WALK_BELOW_LEAF };

/* From the struct at d down the path; *at: index of the name where it ended. */
static enum walk
walk(struct datum *d, const struct payload_path *path, size_t *at)
{
	for (*at = 0; *at < path->n; (*at)++) {
		int i;

		if (d->value.kind != VALUE_STRUCT)
			return WALK_BELOW_LEAF;
		d->schema = value_struct_schema(d->value);
		i = schema_field_index(d->schema, path->names[*at]);
		if (i < 0)
			return WALK_ABSENT;
		d->schema = d->schema->fields[i].schema;
		d->value = value_slot_or_default(d->value, (size_t)i);
		if (value_is_null(d->value))
			return WALK_NULL;
	}
	return value_is_null(d->value) ? WALK_NULL : WALK_FOUND;
}

static int
not_primitive(const struct payload_path *path, const struct datum *d, struct err *err)
{
	const char *type = d->schema != NULL ? schema_type_name(d->schema) : "?";

	if (d->value.kind == VALUE_STRUCT) {
		const struct str name = d->schema->name;

		return err_set(err, ERR_RECORD,
		    "Invalid field selection for [%.*s]. It doesn't resolve to a "
		    "primitive field. It resolves to: [Schema{%.*s%s%s}]",
		    STR_ARG(path->text), STR_ARG(name), name.p != NULL ? ":" : "", type);
	}
	return err_set(err, ERR_RECORD, "%s is not a recognized schema", type);
}

/* Appends the text of a field of the record's value, with Lenses' errors. */
static int
add_field(const struct payload_path *path, const struct record *r, struct buf *out,
    struct err *err)
{
	struct datum d = r->value;
	size_t at;

	switch (walk(&d, path, &at)) {
	case WALK_ABSENT:
		return no_field(path, at, d.schema, err);
	case WALK_NULL:
		return err_set(err, ERR_RECORD,
		    "Invalid field selection for [%.*s]. Field [%.*s] is null",
		    STR_ARG(path->text),
		    STR_ARG(at < path->n ? path->names[at] : path->text));
	case WALK_BELOW_LEAF:
		if (d.value.kind == VALUE_ARRAY || d.value.kind == VALUE_MAP)
			return not_primitive(path, &d, err);
		return err_set(err, ERR_RECORD,
		    "Invalid field selection for [%.*s]. It doesn't resolve to a "
		    "primitive field",
		    STR_ARG(path->text));
	case WALK_FOUND:
		break;
	}
	if (d.value.kind >= VALUE_ARRAY || d.value.kind == VALUE_BYTES)
		return not_primitive(path, &d, err);
	value_print(out, d.value);
	return 0;
}

void
payload_key_from_text(struct payload *p, struct record *r, bool schemaless)
{
	r->key.schema = schemaless ? NULL : schema_primitive(SCHEMA_STRING, false);
	r->key.value = value_string(arena_str(r->mem, buf_str(&p->text)));
}

int
payload_key_set(
    struct payload *p, const struct message *m, struct record *r, struct err *err)
{
	if (p->spec.n_keys == 0) {
		payload_key_default(p, m, r);
		return 0;
	}
	if (p->spec.strict_lenses && r->value.value.kind != VALUE_STRUCT &&
	    payload_key_needs_fields(p)) {
		payload_key_default(p, m, r);
		return 0;
	}
	buf_reset(&p->text);
	for (size_t i = 0; i < p->spec.n_keys; i++) {
		const struct payload_path *path = &p->spec.keys[i];

		if (i > 0)
			buf_add_str(&p->text, p->spec.delimiter);
		if ((path->part == MESSAGE_VALUE
			    ? add_field(path, r, &p->text, err)
			    : payload_key_add_meta(path, m, &p->text, err)) != 0)
			return -1;
	}
	payload_key_from_text(p, r, false);
	return 0;
}

int
payload_key_field(struct payload *p, const struct message *m, const struct record *r,
    const struct payload_path *path, struct datum *out, struct err *err)
{
	size_t at;

	(void)p;
	if (path->part != MESSAGE_VALUE)
		return message_part(m, path->part, path->level, out);
	*out = r->value;
	switch (walk(out, path, &at)) {
	case WALK_FOUND:
		return 1;
	case WALK_BELOW_LEAF:
		return err_set(err, ERR_RECORD, "[%.*s]: [%.*s] is no object but %s",
		    STR_ARG(path->text),
		    STR_ARG(at > 0 ? path->names[at - 1] : STR("value")),
		    out->schema != NULL ? schema_type_name(out->schema)
					: value_class(out->value));
	default:
		return 0;
	}
}
