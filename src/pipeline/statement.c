/*
 * From a message to a record by one KCQL statement.  Compiles the statement's paths
 * once; per message it only walks them.
 */
#include "pipeline/statement.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/topic.h"
#include "convert/convert.h"
#include "route/instant.h"
#include "route/select.h"

struct statement {
	const struct kcql_statement *kcql;
	struct arena *mem;
	struct payload *payload;
	struct select *select;           /* NULL: values stay as they are */
	struct payload_path timestamp;   /* when has_timestamp */
	const struct payload_path *tags; /* one per tag; unused for constants */
	bool has_timestamp;
	bool strict; /* Lenses ignores tags, timestamp, columns */
};

static struct str
text(struct kcql_text t)
{
	return (struct str) { t.ptr, t.len };
}

static void
compile_path(struct arena *mem, const struct kcql_path *k, struct payload_path *p)
{
	struct str *names = arena_alloc(mem, (k->n_segments + 1) * sizeof(*names));

	for (size_t i = 0; i < k->n_segments; i++)
		names[i] = text(k->segment[i]);
	*p = (struct payload_path) {
		.part = select_part(k),
		.names = names,
		.n = k->n_segments,
		.level = k->level,
		.text = text(k->text),
	};
}

static const struct payload_path *
compile_keys(struct statement *s)
{
	struct payload_path *keys = arena_alloc(
	    s->mem, (s->kcql->n_keys + 1) * sizeof(*keys));

	for (size_t i = 0; i < s->kcql->n_keys; i++)
		compile_path(s->mem, &s->kcql->keys[i], &keys[i]);
	return keys;
}

static void
compile_rest(struct statement *s)
{
	const struct kcql_statement *k = s->kcql;
	struct payload_path *tags = arena_alloc(s->mem, (k->n_tags + 1) * sizeof(*tags));

	for (size_t i = 0; i < k->n_tags; i++)
		compile_path(s->mem, &k->tags[i].path, &tags[i]);
	s->tags = tags;
	s->has_timestamp = !k->receive_time && k->timestamp.at.line > 0;
	if (s->has_timestamp)
		compile_path(s->mem, &k->timestamp, &s->timestamp);
}

static int
open_payload(struct statement *s, const struct task_options *opts,
    const struct log_ctx *log, struct err *err)
{
	struct str name = text(s->kcql->converter);
	struct payload_spec spec = {
		.class = payload_find(name),
		.keys = compile_keys(s),
		.n_keys = s->kcql->n_keys,
		.delimiter = text(s->kcql->key_delimiter),
		.filter = topic_filter_inner(text(s->kcql->source)),
		.key = opts->key == TASK_KEY_TOPIC ? PAYLOAD_KEY_TOPIC
		                                   : PAYLOAD_KEY_LENSES,
		.old_package = strncmp(opts->class_name, "com.datamountaineer.", 20) == 0,
		.strict_lenses = opts->strict_lenses,
		.config = opts->connector_config,
		.log = log,
	};

	if (spec.class == NULL)
		return err_set(err, ERR_CONFIG,
		    "WITHCONVERTER: there is no converter %.*s (headrace cannot load "
		    "Java "
		    "classes)",
		    STR_ARG(name));
	s->payload = payload_open(&spec, err);
	return s->payload == NULL ? -1 : 0;
}

/* Lenses ignores IGNORE and columns. */
static int
open_select(struct statement *s, struct err *err)
{
	if (!s->strict)
		s->select = select_new(s->kcql);
	if (s->select == NULL || s->payload->value_schema == NULL)
		return 0;
	return select_check(s->select, s->payload->value_schema, err);
}

struct statement *
statement_open(const struct task_options *opts, const struct kcql_statement *kcql,
    const struct log_ctx *log, struct err *err)
{
	struct statement *s = mem_zalloc(sizeof(*s));

	s->kcql = kcql;
	s->mem = arena_new(512);
	s->strict = opts->strict_lenses;
	compile_rest(s);
	if (open_payload(s, opts, log, err) != 0 || open_select(s, err) != 0) {
		statement_close(s);
		return NULL;
	}
	return s;
}

void
statement_close(struct statement *s)
{
	if (s == NULL)
		return;
	select_free(s->select);
	payload_close(s->payload);
	arena_free(s->mem);
	free(s);
}

const struct kcql_statement *
statement_kcql(const struct statement *s)
{
	return s->kcql;
}

const char *
statement_class(const struct statement *s)
{
	return s->payload->class->name;
}

/* What people call a value that does not fit. */
static const char *
kind_name(const struct datum *d)
{
	static const char *const logical[] = {
		[SCHEMA_DATE] = "a Date",
		[SCHEMA_TIME] = "a Time",
		[SCHEMA_TIMESTAMP] = "a Timestamp",
		[SCHEMA_DECIMAL] = "a Decimal",
	};

	if (d->schema == NULL)
		return value_class(d->value);
	return d->schema->logical != SCHEMA_PLAIN ? logical[d->schema->logical]
	                                          : schema_type_name(d->schema);
}

/* A header per tag that has a value (kcql.md 6.3). */
static int
add_tag(struct statement *s, size_t i, const struct message *m, struct record *r,
    struct err *err)
{
	const struct kcql_tag *tag = &s->kcql->tags[i];
	struct datum d = { schema_primitive(SCHEMA_STRING, false), value_null() };
	int found = 1;

	if (tag->kind == KCQL_TAG_CONSTANT)
		d.value = value_string(text(tag->value));
	else
		found = payload_field(s->payload, m, r, &s->tags[i], &d, err);
	if (found <= 0)
		return found;
	if (d.value.kind < VALUE_BOOLEAN || d.value.kind > VALUE_STRING)
		return err_set(err, ERR_RECORD,
		    "WITHTAG(%.*s): a header is made of a boolean, number or text, and "
		    "this is %s",
		    STR_ARG(text(tag->path.text)), kind_name(&d));
	record_add_header(r, text(tag->header), d);
	return 0;
}

static int
set_timestamp(
    struct statement *s, const struct message *m, struct record *r, struct err *err)
{
	struct datum d;
	int found;

	r->has_timestamp = s->kcql->receive_time || s->has_timestamp;
	r->timestamp_ms = m->received_ms;
	if (!s->has_timestamp)
		return 0;
	found = payload_field(s->payload, m, r, &s->timestamp, &d, err);
	if (found == 0)
		d = (struct datum) { NULL, value_null() };
	if (found < 0 || instant_of(&d, s->kcql->unit, &r->timestamp_ms, err) != 0)
		return err_context(err, "WITHTIMESTAMP %.*s", STR_ARG(s->timestamp.text));
	return 0;
}

int
statement_apply(
    struct statement *s, const struct message *m, struct record *r, struct err *err)
{
	if (payload_convert(s->payload, m, r, err) != 0)
		return -1;
	if (s->strict)
		return 0;
	for (size_t i = 0; i < s->kcql->n_tags; i++)
		if (add_tag(s, i, m, r, err) != 0)
			return -1;
	if (set_timestamp(s, m, r, err) != 0)
		return -1;
	return s->select == NULL ? 0 : select_apply(s->select, m, r, err);
}
