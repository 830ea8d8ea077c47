/*
 * What a statement looks like: the canonical text, and the properties under the names
 * that Lenses' own parser gives them.  A property is a row of one table, which serves
 * the JSON and the comparison with Lenses' reading.
 */
#include "kcql/kcql_print.h"

#include <stdio.h>
#include <string.h>

#include "kcql/kcql_spell.h"
#include "kcql/kcql_words.h"

static const char *const metadata_names[] = {
	[KCQL_TOPIC] = "topic",
	[KCQL_TIMESTAMP] = "timestamp",
	[KCQL_QOS] = "qos",
	[KCQL_ID] = "id",
	[KCQL_RETAINED] = "retained",
	[KCQL_DUP] = "dup",
	[KCQL_PARTITION] = "partition",
	[KCQL_OFFSET] = "offset",
};

static const char *const type_names[] = {
	[KCQL_TOPIC] = "TOPIC",
	[KCQL_TIMESTAMP] = "TIMESTAMP",
	[KCQL_QOS] = "QOS",
	[KCQL_ID] = "ID",
	[KCQL_RETAINED] = "RETAINED",
	[KCQL_DUP] = "DUP",
	[KCQL_KEY] = "KEY",
	[KCQL_PARTITION] = "PARTITION",
	[KCQL_OFFSET] = "OFFSET",
};

/*
 * JSON.
 */

void
kcql_print_string(struct kcql_buf *out, struct kcql_text t)
{
	char escape[8];
	size_t done = 0;

	kcql_memory_putc(out, '"');
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.ptr[i];

		if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
			continue;
		kcql_memory_put(out, t.ptr + done, i - done);
		done = i + 1;
		if (c == '"' || c == '\\')
			snprintf(escape, sizeof(escape), "\\%c", c);
		else
			snprintf(escape, sizeof(escape), "\\u%04x", c);
		kcql_memory_puts(out, escape);
	}
	kcql_memory_put(out, t.ptr + done, t.len - done);
	kcql_memory_putc(out, '"');
}

static struct kcql_text
text_of(const char *s)
{
	return (struct kcql_text) { s, strlen(s) };
}

/* Segments as JSON strings: from `from` on, n of them. */
static void
put_strings(struct kcql_buf *out, const struct kcql_text *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		kcql_memory_puts(out, i > 0 ? "," : "");
		kcql_print_string(out, t[i]);
	}
}

/* The name of a field is its last segment; metadata has names of its own. */
static struct kcql_text
field_name(const struct kcql_path *p)
{
	if (p->all)
		return text_of("*");
	if (p->from != KCQL_VALUE && p->from != KCQL_KEY)
		return text_of(metadata_names[p->from]);
	if (p->n_segments == 0)
		return text_of("_value");
	return p->segment[p->n_segments - 1];
}

static void
put_parents(struct kcql_buf *out, const struct kcql_path *p)
{
	size_t n = p->n_segments - (p->n_segments > 0 && !p->all);
	bool of_value = p->of_value && (p->n_segments > 0 || p->all);

	if (n == 0 && !of_value)
		return;
	kcql_memory_puts(out, ",\"parents\":[");
	kcql_memory_puts(out, !of_value ? "" : n > 0 ? "\"_value\"," : "\"_value\"");
	put_strings(out, p->segment, n);
	kcql_memory_puts(out, "]");
}

static void
put_field(struct kcql_buf *out, const struct kcql_column *c)
{
	struct kcql_text name = field_name(&c->path);
	char level[32];

	kcql_memory_puts(out, "{\"name\":");
	kcql_print_string(out, name);
	if (c->alias.ptr != NULL && !kcql_text_equal(c->alias, name)) {
		kcql_memory_puts(out, ",\"alias\":");
		kcql_print_string(out, c->alias);
	}
	put_parents(out, &c->path);
	if (c->path.from != KCQL_VALUE) {
		kcql_memory_puts(out, ",\"type\":\"");
		kcql_memory_puts(out, type_names[c->path.from]);
		kcql_memory_puts(out, "\"");
	}
	if (c->path.level > 0) {
		snprintf(level, sizeof(level), ",\"level\":%u", c->path.level);
		kcql_memory_puts(out, level);
	}
	kcql_memory_puts(out, "}");
}

static void
put_fields(struct kcql_buf *out, const struct kcql_column *c, size_t n)
{
	kcql_memory_puts(out, "[");
	for (size_t i = 0; i < n; i++) {
		kcql_memory_puts(out, i > 0 ? "," : "");
		put_field(out, &c[i]);
	}
	kcql_memory_puts(out, "]");
}

/*
 * Properties.  Each writes its value, or nothing when it is at its default.
 */

static void
print_mode(struct kcql_buf *out, const struct kcql_statement *st)
{
	static const char *const names[] = {
		[KCQL_INSERT] = "\"INSERT\"",
		[KCQL_UPSERT] = "\"UPSERT\"",
		[KCQL_NO_MODE] = "null",
	};

	kcql_memory_puts(out, names[st->mode]);
}

static void
print_target(struct kcql_buf *out, const struct kcql_statement *st)
{
	if (st->target.ptr == NULL)
		kcql_memory_puts(out, "null");
	else
		kcql_print_string(out, st->target);
}

static void
print_source(struct kcql_buf *out, const struct kcql_statement *st)
{
	kcql_print_string(out, st->source);
}

void
kcql_print_fields(struct kcql_buf *out, const struct kcql_statement *st)
{
	put_fields(out, st->columns, st->n_columns);
}

static void
print_key_fields(struct kcql_buf *out, const struct kcql_statement *st)
{
	if (st->n_key_columns > 0)
		put_fields(out, st->key_columns, st->n_key_columns);
}

static void
print_header_fields(struct kcql_buf *out, const struct kcql_statement *st)
{
	if (st->n_header_columns > 0)
		put_fields(out, st->header_columns, st->n_header_columns);
}

static void
print_ignored(struct kcql_buf *out, const struct kcql_statement *st)
{
	if (st->n_ignored > 0)
		put_fields(out, st->ignored, st->n_ignored);
}

static void
print_structure(struct kcql_buf *out, const struct kcql_statement *st)
{
	kcql_memory_puts(out, st->structure ? "true" : "");
}

static void
print_timestamp(struct kcql_buf *out, const struct kcql_statement *st)
{
	if (st->timestamp.at.line > 0)
		kcql_print_string(out, st->timestamp.text);
}

static void
print_timestamp_unit(struct kcql_buf *out, const struct kcql_statement *st)
{
	if (st->unit != KCQL_MILLISECONDS)
		kcql_print_string(out, text_of(kcql_words_units[st->unit]));
}

static void
print_tags(struct kcql_buf *out, const struct kcql_statement *st)
{
	static const char *const types[] = {
		[KCQL_TAG_DEFAULT] = ",\"type\":\"DEFAULT\"}",
		[KCQL_TAG_ALIAS] = ",\"type\":\"ALIAS\"}",
		[KCQL_TAG_CONSTANT] = ",\"type\":\"CONSTANT\"}",
	};

	for (size_t i = 0; i < st->n_tags; i++) {
		const struct kcql_tag *t = &st->tags[i];

		kcql_memory_puts(out, i > 0 ? ",{\"key\":" : "[{\"key\":");
		kcql_print_string(out, t->path.text);
		if (t->kind != KCQL_TAG_DEFAULT) {
			kcql_memory_puts(out, ",\"value\":");
			kcql_print_string(
			    out, t->kind == KCQL_TAG_ALIAS ? t->header : t->value);
		}
		kcql_memory_puts(out, types[t->kind]);
	}
	kcql_memory_puts(out, st->n_tags > 0 ? "]" : "");
}

static void
print_converter(struct kcql_buf *out, const struct kcql_statement *st)
{
	if (st->converter.ptr != NULL)
		kcql_print_string(out, st->converter);
}

static void
print_with_key(struct kcql_buf *out, const struct kcql_statement *st)
{
	for (size_t i = 0; i < st->n_keys; i++) {
		kcql_memory_puts(out, i > 0 ? "," : "[");
		kcql_print_string(out, st->keys[i].text);
	}
	kcql_memory_puts(out, st->n_keys > 0 ? "]" : "");
}

static void
print_key_delimiter(struct kcql_buf *out, const struct kcql_statement *st)
{
	if (!kcql_text_equal(st->key_delimiter, text_of(".")))
		kcql_print_string(out, st->key_delimiter);
}

static void
print_regex(struct kcql_buf *out, const struct kcql_statement *st)
{
	if (st->regex.ptr != NULL)
		kcql_print_string(out, st->regex);
}

static const struct property {
	const char *name;
	void (*print)(struct kcql_buf *, const struct kcql_statement *);
} properties[] = {
	{ "mode", print_mode },
	{ "target", print_target },
	{ "source", print_source },
	{ "fields", kcql_print_fields },
	{ "key_fields", print_key_fields },
	{ "header_fields", print_header_fields },
	{ "ignored", print_ignored },
	{ "structure", print_structure },
	{ "timestamp", print_timestamp },
	{ "timestamp_unit", print_timestamp_unit },
	{ "tags", print_tags },
	{ "converter", print_converter },
	{ "with_key", print_with_key },
	{ "key_delimiter", print_key_delimiter },
	{ "regex", print_regex },
};

#define N_PROPERTIES (sizeof(properties) / sizeof(properties[0]))
#define MAX_EXTRA 32 /* more than Lenses has clauses */

void
kcql_print_json(struct kcql_buf *out, const struct kcql_statement *st)
{
	size_t before, value;

	kcql_memory_puts(out, "{");
	for (size_t i = 0; i < N_PROPERTIES; i++) {
		before = out->len;
		kcql_memory_puts(out, i > 0 ? ",\"" : "\"");
		kcql_memory_puts(out, properties[i].name);
		kcql_memory_puts(out, "\":");
		value = out->len;
		properties[i].print(out, st);
		if (out->len == value)
			out->len = before;
	}
	for (size_t i = 0; i < st->n_extra; i++) {
		kcql_memory_puts(out, ",\"");
		kcql_memory_puts(out, st->extra[i].name);
		kcql_memory_puts(out, "\":");
		kcql_memory_putt(out, st->extra[i].json);
	}
	kcql_memory_puts(out, "}");
}

struct difference {
	const char *name;
	struct kcql_buf value; /* empty: at its default */
};

static void
put_difference(
    struct kcql_buf *names, struct kcql_buf *values, const struct difference *d)
{
	bool first = names->len == 0;

	kcql_memory_puts(names, first ? "" : ",");
	kcql_memory_puts(names, d->name);
	kcql_memory_puts(values, first ? "" : ", ");
	kcql_memory_puts(values, d->value.len == 0 ? "no " : "");
	kcql_memory_puts(values, d->name);
	kcql_memory_puts(values, d->value.len == 0 ? "" : " ");
	kcql_memory_put(values, d->value.ptr, d->value.len);
}

/* In the order of their names. */
static void
put_differences(
    struct kcql_buf *names, struct kcql_buf *values, struct difference *d, size_t n)
{
	for (size_t done = 0; done < n; done++) {
		struct difference least;
		size_t l = done;

		for (size_t i = done + 1; i < n; i++)
			if (strcmp(d[i].name, d[l].name) < 0)
				l = i;
		least = d[l];
		d[l] = d[done];
		put_difference(names, values, &least);
		kcql_memory_buf_free(&least.value);
	}
}

void
kcql_print_differences(struct kcql_buf *names, struct kcql_buf *values,
    const struct kcql_statement *a, const struct kcql_statement *b)
{
	struct difference d[N_PROPERTIES + MAX_EXTRA];
	struct kcql_buf x = { 0 }, y = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < N_PROPERTIES; i++) {
		x.len = y.len = 0;
		properties[i].print(&x, a);
		properties[i].print(&y, b);
		if (x.len == y.len && (x.len == 0 || memcmp(x.ptr, y.ptr, x.len) == 0))
			continue;
		d[n++] = (struct difference) { properties[i].name, y };
		y = (struct kcql_buf) { 0 };
	}
	for (size_t i = 0; i < b->n_extra && i < MAX_EXTRA; i++) {
		d[n] = (struct difference) { .name = b->extra[i].name };
		kcql_memory_putt(&d[n++].value, b->extra[i].json);
	}
	put_differences(names, values, d, n);
	kcql_memory_buf_free(&x);
	kcql_memory_buf_free(&y);
}

/*
 * Canonical text.
 */

static void
text_columns(struct kcql_buf *out, const struct kcql_column *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct kcql_piece alias = { .text = c[i].alias, .quote = '`' };

		kcql_memory_puts(out, i > 0 ? ", " : " ");
		kcql_memory_putt(out, c[i].path.canon);
		if (c[i].alias.ptr == NULL)
			continue;
		kcql_memory_puts(out, " AS ");
		kcql_spell_segment(out, &alias, false);
	}
}

static void
text_tags(struct kcql_buf *out, const struct kcql_statement *st)
{
	for (size_t i = 0; i < st->n_tags; i++) {
		const struct kcql_tag *t = &st->tags[i];

		kcql_memory_puts(out, i > 0 ? ", " : "(");
		kcql_memory_putt(out, t->path.canon);
		if (t->kind == KCQL_TAG_CONSTANT) {
			kcql_memory_puts(out, " = ");
			kcql_spell_value(out, t->value, "'`\"");
		} else if (t->kind == KCQL_TAG_ALIAS) {
			kcql_memory_puts(out, " AS ");
			kcql_spell_name(out, t->header);
		}
	}
	kcql_memory_puts(out, ")");
}

static void
text_keys(struct kcql_buf *out, const struct kcql_statement *st)
{
	for (size_t i = 0; i < st->n_keys; i++) {
		kcql_memory_puts(out, i > 0 ? ", " : "(");
		kcql_memory_putt(out, st->keys[i].canon);
	}
	kcql_memory_puts(out, ")");
}

static void
text_clause(struct kcql_buf *out, const struct kcql_statement *st, enum kcql_clause c)
{
	kcql_memory_puts(out, " ");
	kcql_memory_puts(out, kcql_words_clauses[c]);
	switch (c) {
	case KCQL_IGNORE:
		text_columns(out, st->ignored, st->n_ignored);
		break;
	case KCQL_WITHTIMESTAMP:
		kcql_memory_puts(out, " ");
		kcql_memory_putt(out, st->timestamp.canon);
		break;
	case KCQL_TIMESTAMPUNIT:
		kcql_memory_puts(out, "=");
		kcql_memory_puts(out, kcql_words_units[st->unit]);
		break;
	case KCQL_WITHTAG:
		text_tags(out, st);
		break;
	case KCQL_WITHCONVERTER:
		kcql_memory_puts(out, "=");
		kcql_spell_value(out, st->converter, "`'\"");
		break;
	case KCQL_WITHKEY:
		text_keys(out, st);
		break;
	case KCQL_KEYDELIMITER:
		kcql_memory_puts(out, "=");
		kcql_spell_value(out, st->key_delimiter, "'`\"");
		break;
	case KCQL_WITHREGEX:
		kcql_memory_puts(out, "=");
		kcql_spell_value(out, st->regex, "`'\"");
		break;
	case KCQL_PROPERTIES:
		kcql_memory_puts(out, "()");
		break;
	case KCQL_WITHSTRUCTURE:
	case KCQL_CLAUSES:
		break;
	}
}

void
kcql_print_text(struct kcql_buf *out, const struct kcql_statement *st)
{
	if (st->target.ptr != NULL) {
		kcql_memory_puts(
		    out, st->mode == KCQL_UPSERT ? "UPSERT INTO " : "INSERT INTO ");
		kcql_spell_name(out, st->target);
		kcql_memory_puts(out, " ");
	}
	kcql_memory_puts(out, "SELECT");
	text_columns(out, st->columns, st->n_columns);
	kcql_memory_puts(out, " FROM ");
	kcql_spell_name(out, st->source);
	for (int c = 0; c < KCQL_CLAUSES; c++)
		if (st->clause[c].line > 0)
			text_clause(out, st, (enum kcql_clause)c);
}
