/*
 * JsonPassThroughConverter: the payload as text, which must be JSON.  Key and value have
 * no schema.
 */
#include <string.h>

#include "convert/payload_key.h"
#include "data/charset.h"
#include "data/json.h"
#include "data/number.h"

/* The text and what is in it; *root NULL: nothing (strict_lenses only). */
static int
parse(struct payload *p, const struct message *m, struct arena *mem, struct str *text,
    struct json **root, struct err *err)
{
	*text = m->payload;
	if (m->payload.n == SIZE_MAX)
		return err_set(err, ERR_RECORD, "Invalid input. Input cannot be null.");
	if (p->spec.strict_lenses) {
		*text = charset_decode(mem, CHARSET_UTF_8, m->payload);
		return json_parse(
		    mem, mem, *text, JSON_TRAILING | JSON_UNIQUE, root, err);
	}
	if (json_parse(mem, mem, *text, JSON_UNIQUE, root, err) != 0)
		return -1;
	if (*root == NULL)
		return err_set(err, ERR_RECORD, "not JSON: the payload is empty");
	return 0;
}

static int
invalid(const struct payload_path *path, const char *why, struct err *err)
{
	return err_set(err, ERR_RECORD, "Invalid field selection for [%.*s]. %s",
	    STR_ARG(path->text), why);
}

static int
no_member(const struct payload_path *path, struct str name, const struct json *object,
    struct err *err)
{
	char names[160];
	size_t n = 0;

	for (const struct json *m = json_first(object); m != NULL && n < 158;
	     m = m->next) {
		const size_t len = m->name_n < 158 - n ? m->name_n : 158 - n;

		if (m != json_first(object))
			names[n++] = ',';
		memcpy(names + n, m->name, len < 158 - n ? len : 158 - n);
		n += len < 158 - n ? len : 158 - n;
	}
	names[n] = '\0';
	return err_set(err, ERR_RECORD,
	    "Invalid field selection for [%.*s]. Can't find %.*s field. Field found "
	    "are:%s",
	    STR_ARG(path->text), STR_ARG(name), names);
}

/* The leaf at a path; *out NULL: a null is there or on the way, or with may_lack no
 * member of that name. */
static int
find(const struct json *root, const struct payload_path *path, bool may_lack,
    const struct json **out, struct err *err)
{
	const struct json *j = root, *m;

	*out = NULL;
	for (size_t i = 0; i < path->n; i++) {
		if (j != NULL && j->type == JSON_ARRAY)
			return invalid(
			    path, "The path is involving an array structure", err);
		if (j == NULL || j->type != JSON_OBJECT)
			return invalid(
			    path, "It doesn't resolve to a primitive field", err);
		m = json_member(j, path->names[i]);
		if (m == NULL && !may_lack)
			return no_member(path, path->names[i], j, err);
		if (m == NULL || m->type == JSON_NULL)
			return 0;
		j = m;
	}
	if (j != NULL && j->type == JSON_ARRAY)
		return invalid(path, "The path is involving an array structure", err);
	if (j == NULL || j->type == JSON_OBJECT)
		return invalid(
		    path, "The path is not resolving to a primitive field", err);
	if (j->type != JSON_NULL)
		*out = j;
	return 0;
}

/* As JsonNode.asText: a number with a fraction or exponent is a double. */
static struct value
leaf_value(const struct json *j)
{
	bool fits;
	int64_t i;

	switch ((enum json_type)j->type) {
	case JSON_STRING:
		return value_string(json_text(j));
	case JSON_DECIMAL:
		return value_float64(number_to_double(json_text(j)));
	case JSON_INTEGER:
		i = number_low_i64(json_text(j), &fits);
		return fits ? value_int64(i) : value_string(json_text(j));
	default:
		return value_boolean(j->type == JSON_TRUE);
	}
}

static int
add_item(struct payload *p, const struct message *m, const struct json *root,
    const struct payload_path *path, bool *first, struct err *err)
{
	const struct json *leaf = NULL;

	if (path->part == MESSAGE_VALUE) {
		if (find(root, path, false, &leaf, err) != 0)
			return -1;
		if (leaf == NULL)
			return 0;
	}
	if (!*first)
		buf_add_str(&p->text, p->spec.delimiter);
	*first = false;
	if (leaf == NULL)
		return payload_key_add_meta(path, m, &p->text, err);
	value_print(&p->text, leaf_value(leaf));
	return 0;
}

static int
set_key(struct payload *p, const struct message *m, const struct json *root,
    struct record *r, struct err *err)
{
	bool first = true;

	buf_reset(&p->text);
	for (size_t i = 0; i < p->spec.n_keys; i++) {
		if (add_item(p, m, root, &p->spec.keys[i], &first, err) != 0)
			return -1;
	}
	if (p->text.n == 0 && p->spec.key == PAYLOAD_KEY_TOPIC) {
		payload_key_default(p, m, r);
		return 0;
	}
	if (p->text.n == 0) {
		buf_add_str(&p->text, payload_key_source(p, m));
		buf_add_str(&p->text, p->spec.delimiter);
		value_print(&p->text, value_int(VALUE_INT32, m->id));
	}
	payload_key_from_text(p, r, true);
	return 0;
}

static int
convert(struct payload *p, const struct message *m, struct record *r, struct err *err)
{
	struct json *root;
	struct str text;

	if (parse(p, m, r->mem, &text, &root, err) != 0) {
		p->stats.failed++;
		return -1;
	}
	r->value.schema = NULL;
	r->value.value = value_string(text);
	p->stats.converted++;
	return set_key(p, m, root, r, err);
}

static int
field(struct payload *p, const struct message *m, const struct record *r,
    const struct payload_path *path, struct datum *out, struct err *err)
{
	const struct json *leaf;
	struct json *root;
	struct str text;

	if (parse(p, m, r->mem, &text, &root, err) != 0 ||
	    find(root, path, true, &leaf, err) != 0)
		return -1;
	if (leaf == NULL)
		return 0;
	out->value = leaf_value(leaf);
	out->schema = schema_primitive(
	    (enum schema_type)value_schema_type(out->value), true);
	return 1;
}

const struct payload_class payload_json_text = {
	.name = "JsonPassThroughConverter",
	.short_name = "json-text",
	.has_key_fields = true,
	.doc = "The payload as text without schema, unchanged; it must be JSON.",
	.convert = convert,
	.field = field,
};
