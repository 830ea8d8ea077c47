/*
 * KCQL statements in words: for `headrace kcql`, and for whoever wants to show a user
 * what a configuration does.  Reads statements only; knows no command line.
 */
#include "cli/explain.h"

#include <string.h>

#include "base/regex.h"
#include "convert/payload.h"

static struct str
text(struct kcql_text t)
{
	return (struct str) { t.ptr, t.len };
}

static const struct payload_class *
converter_of(const struct kcql_statement *st)
{
	return payload_find(text(st->converter));
}

static unsigned
converter_flags(void *arg, const char *name)
{
	const struct payload_class *c = payload_find(str_of(name));

	(void)arg;
	if (c == NULL)
		return 0;
	return KCQL_CONVERTER_KNOWN | (c->has_key_fields ? KCQL_CONVERTER_FIELDS : 0) |
	       (c->has_fields ? KCQL_CONVERTER_STRUCT : 0);
}

static bool
regex_good(void *arg, struct kcql_text pattern, char *why, size_t size)
{
	struct err err = { 0 };
	struct regex *r = regex_new(text(pattern), REGEX_WHOLE, &err);

	(void)arg;
	if (r == NULL)
		snprintf(why, size, "%s", err.msg);
	regex_free(r);
	return r != NULL;
}

const struct kcql_world explain_world = {
	.converter = converter_flags,
	.regex = regex_good,
};

/* What Lenses honours of a statement is less than what is written in it. */
static bool
honours_fields(const struct kcql *k)
{
	return !k->strict;
}

static void
put_topics(FILE *out, const struct kcql_statement *st)
{
	fprintf(out, "  subscribe  %s\n", st->source.ptr);
	if (st->regex.ptr != NULL)
		fprintf(out, "  only       topics that match %s\n", st->regex.ptr);
	fprintf(out, "  produce    %s%s\n",
	    st->target.ptr == NULL ? "nowhere" : st->target.ptr,
	    st->target.ptr != NULL && strchr(st->target.ptr, '$') != NULL
		? "  ($ is the MQTT topic, each / in it becomes _)"
		: "");
}

static void
put_converter(FILE *out, const struct kcql_statement *st)
{
	const struct payload_class *c = converter_of(st);

	if (c == NULL)
		fprintf(out, "  converter  %s\n", st->converter.ptr);
	else
		fprintf(out, "  converter  %s: %s\n", c->name, c->doc);
}

static void
put_columns(FILE *out, const struct kcql_column *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "%s%s", i > 0 ? ", " : "", c[i].path.text.ptr);
		if (c[i].alias.ptr != NULL)
			fprintf(out, " as %s", c[i].alias.ptr);
	}
}

static void
put_value(FILE *out, const struct kcql *k, const struct kcql_statement *st)
{
	fputs("  value      ", out);
	if (st->all_columns || !honours_fields(k))
		fputs("all that the converter makes", out);
	else
		put_columns(out, st->columns, st->n_columns);
	if (st->n_ignored > 0 && honours_fields(k)) {
		fputs(", without ", out);
		put_columns(out, st->ignored, st->n_ignored);
	}
	fputs(st->structure && honours_fields(k) ? ", nested as in the payload\n" : "\n",
	    out);
}

static void
put_key(FILE *out, const struct kcql_statement *st)
{
	fputs("  key        ", out);
	for (size_t i = 0; i < st->n_keys; i++)
		fprintf(out, "%s%s", i > 0 ? ", " : "", st->keys[i].text.ptr);
	if (st->n_keys > 1)
		fprintf(out, ", joined by \"%s\"", st->key_delimiter.ptr);
	fputs(st->n_keys == 0 ? "the converter's own (MQTT topic and packet id)\n" : "\n",
	    out);
}

static void
put_headers(FILE *out, const struct kcql_statement *st)
{
	for (size_t i = 0; i < st->n_tags; i++) {
		const struct kcql_tag *t = &st->tags[i];

		fprintf(out, "%s%s = ", i > 0 ? ", " : "  headers    ", t->header.ptr);
		if (t->kind == KCQL_TAG_CONSTANT)
			fprintf(out, "\"%s\"", t->value.ptr);
		else
			fputs(t->path.text.ptr, out);
	}
	fputs(st->n_tags > 0 ? "\n" : "", out);
}

static void
put_timestamp(FILE *out, const struct kcql_statement *st)
{
	if (st->receive_time)
		fputs("  timestamp  of receipt\n", out);
	else if (st->timestamp.at.line > 0)
		fprintf(out, "  timestamp  %s, in %s\n", st->timestamp.text.ptr,
		    kcql_unit_name(st->unit));
}

void
explain_statement(FILE *out, const struct kcql *k, size_t i)
{
	const struct kcql_statement *st = &k->statement[i];

	fprintf(out, "statement %zu, line %u\n", i + 1, st->at.line);
	put_topics(out, st);
	put_converter(out, st);
	put_value(out, k, st);
	put_key(out, st);
	if (honours_fields(k)) {
		put_headers(out, st);
		put_timestamp(out, st);
	}
}

void
explain_notice(FILE *out, const char *kind, const struct kcql_notice *n)
{
	fprintf(out, "%s: line %u column %u: %s: %s\n", kind, n->at.line, n->at.column,
	    n->code, n->message);
}
