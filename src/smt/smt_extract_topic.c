/*
 * ExtractTopic: the topic from the key, the value, a field of one of them or a header.
 * After the documentation of Confluent's transform of that name, whose source is not
 * open: what it leaves open is this project's decision (spec/transforms 4.17).
 */
#include "smt/smt.h"
#include "smt/smt_rules.h"

#include <string.h>

struct step {
	struct str name; /* p NULL: an index */
	size_t index;
};

struct extract {
	const char *field;
	const char *format;
	bool skip;
	unsigned side;
	struct step *steps; /* none: the whole key or value */
	size_t n;
};

static const char *const formats[] = { "PLAIN", "JSON_PATH", NULL };

static const struct opt options[] = {
	{ .name = "field",
	    OPT_STRING(struct extract, field),
	    .def = "",
	    .importance = OPT_MEDIUM,
	    .doc = "The field that holds the topic; empty: the whole key or value. For "
		   "$Header the name of the header, which is required." },
	{ .name = "field.format",
	    OPT_STRING(struct extract, format),
	    .def = "PLAIN",
	    .values = formats,
	    .importance = OPT_MEDIUM,
	    .doc = "PLAIN: the name of a field of the first level. JSON_PATH: $.name, "
		   "$['name'] and $[0], any number of them." },
	{ .name = "skip.missing.or.null",
	    OPT_BOOLEAN(struct extract, skip),
	    .def = "false",
	    .importance = OPT_LOW,
	    .doc = "Keep the topic when there is no text; else that is an error." },
	{ 0 }
};

static int
bad_path(const struct extract *x, size_t at, struct err *err)
{
	return err_set(err, ERR_CONFIG,
	    "Invalid value %.100s for configuration field: only .name, ['name'] and [0] "
	    "may stand in a JSON path, behind $; at index %zu",
	    x->field, at);
}

/* ['name'], ["name"] or [0], behind '['; *at: then behind ']'. */
static int
bracket_step(
    const struct extract *x, struct str p, size_t *at, struct step *s, struct err *err)
{
	size_t i = *at, from = i;
	char quote = i < p.n && (p.p[i] == '\'' || p.p[i] == '"') ? p.p[i] : '\0';

	if (quote != '\0') {
		for (i = ++from; i < p.n && p.p[i] != quote;)
			i++;
		*s = (struct step) { .name = { p.p + from, i - from } };
		i++;
	} else {
		for (; i < p.n && p.p[i] >= '0' && p.p[i] <= '9' && s->index < 1000000;
		     i++)
			s->index = s->index * 10 + (size_t)(p.p[i] - '0');
		if (i == from)
			return bad_path(x, i, err);
	}
	if (i >= p.n || p.p[i] != ']')
		return bad_path(x, i, err);
	*at = i + 1;
	return 0;
}

static int
parse_path(struct extract *x, struct arena *mem, struct err *err)
{
	struct str p = str_of(x->field);
	size_t at = 1;

	if (!str_starts(p, "$"))
		return bad_path(x, 0, err);
	x->steps = arena_zalloc(mem, p.n * sizeof(*x->steps));
	while (at < p.n) {
		struct step *s = &x->steps[x->n];
		char c = p.p[at++];
		if (c == '[') {
			if (bracket_step(x, p, &at, s, err) < 0)
				return -1;
		} else {
			size_t n = strcspn(p.p + at, ".[*]()?@'\" ");
			if (c != '.' || n == 0)
				return bad_path(x, at - 1, err);
			s->name = (struct str) { p.p + at, n };
			at += n;
		}
		x->n++;
	}
	return 0;
}

static int
extract_init(void *state, struct arena *mem, unsigned side, struct err *err)
{
	struct extract *x = state;
	bool path = str_eq_c(str_of(x->format), "JSON_PATH");

	x->side = side;
	if (x->field == NULL)
		x->field = "";
	if (side == SMT_HEADER && x->field[0] == '\0')
		return err_set(err, ERR_CONFIG,
		    "Invalid value  for configuration field: the header's name is "
		    "missing");
	if (side == SMT_HEADER && path)
		return err_set(err, ERR_CONFIG,
		    "Invalid value JSON_PATH for configuration field.format: a header "
		    "has "
		    "no fields, use PLAIN");
	if (x->field[0] == '\0' || side == SMT_HEADER)
		return 0;
	if (path)
		return parse_path(x, mem, err);
	x->steps = arena_zalloc(mem, sizeof(*x->steps));
	x->steps[x->n++].name = str_of(x->field);
	return 0;
}

/* The child of v; null when there is none. */
static int
child_of(struct value v, const struct step *s, struct value *out, struct err *err)
{
	const struct value *found;
	int at;

	*out = value_null();
	if (s->name.p == NULL && v.kind == VALUE_ARRAY) {
		if (s->index < v.n)
			*out = v.items[s->index];
		return 0;
	}
	if (s->name.p != NULL && v.kind == VALUE_MAP) {
		found = value_map_get(v, s->name);
		if (found != NULL)
			*out = *found;
		return 0;
	}
	if (s->name.p != NULL && v.kind == VALUE_STRUCT) {
		at = schema_field_index(value_struct_schema(v), s->name);
		if (at >= 0)
			*out = value_slot_or_default(v, (size_t)at);
		return 0;
	}
	return err_set(err, ERR_RECORD,
	    "ExtractTopic: there is no way to %.*s in a value of class %s",
	    s->name.p != NULL ? (int)s->name.n : 8,
	    s->name.p != NULL ? s->name.p : "an index", value_class(v));
}

static int
find(const struct extract *x, const struct record *r, struct value *v, struct err *err)
{
	if (x->side == SMT_HEADER) {
		const struct header *h = record_last_header(r, str_of(x->field));
		*v = h != NULL ? h->datum.value : value_null();
		return 0;
	}
	*v = x->side == SMT_KEY ? r->key.value : r->value.value;
	for (size_t i = 0; i < x->n && !value_is_null(*v); i++)
		if (child_of(*v, &x->steps[i], v, err) < 0)
			return -1;
	return 0;
}

static int
extract_apply(const void *state, struct record *r, struct datum *side, struct err *err)
{
	const struct extract *x = state;
	const char *where = x->side == SMT_KEY     ? "key"
	                    : x->side == SMT_VALUE ? "value"
	                                           : "header";
	struct value v;

	(void)side;
	if (find(x, r, &v, err) < 0)
		return -1;
	if (v.kind == VALUE_STRING && v.n > 0) {
		r->topic = value_str(v);
		return 0;
	}
	if (!value_is_null(v) && v.kind != VALUE_STRING)
		return err_set(err, ERR_RECORD,
		    "ExtractTopic: the topic must be a string; the %s (field %s) holds a "
		    "value of class %s",
		    where, x->field, value_class(v));
	if (x->skip)
		return 0;
	return err_set(err, ERR_RECORD,
	    "ExtractTopic: the %s (field %s) holds no text for the topic; "
	    "skip.missing.or.null=true would keep the topic",
	    where, x->field);
}

const struct smt smt_extract_topic = {
	.name = "io.confluent.connect.transforms.ExtractTopic",
	.sides = SMT_KEY | SMT_VALUE | SMT_HEADER,
	.doc = "Takes the topic from the key, the value, a field of one of them or a "
	       "header.",
	.options = options,
	.state_size = sizeof(struct extract),
	.init = extract_init,
	.apply = extract_apply,
};
