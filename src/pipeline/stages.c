/*
 * The order of the stages up to the producer.  Only this file knows it:
 *
 *	route -> statement (payload -> record) -> transforms -> converters
 */
#include "pipeline/stages.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pipeline/statement.h"
#include "smt/smt.h"

#define ARENA_BYTES (32 * 1024) /* kept; a larger message's memory is given back */

struct stages {
	const struct task_options *opts;
	struct route *route;
	struct statement **statements;
	size_t n_statements;
	struct smt_chain *chain;
	bool has_transforms;
	struct converter *key, *value, *header;
	struct arena *mem; /* of the message in hand */
	struct buf name;   /* of a varying target */
};

/* ---- a message ---- */

int
stages_find(struct stages *s, const struct message *m, struct route_match *out,
    struct stages_fault *fault, struct err *err)
{
	arena_reset(s->mem);
	if (route_find(s->route, m->topic, out, err) == 0)
		return 0;
	*fault = (struct stages_fault) { "ROUTE", "KCQL", true };
	return -1;
}

int
stages_target(struct stages *s, size_t statement, const struct message *m,
    struct str *name, bool *changed, struct stages_fault *fault, struct err *err)
{
	if (route_target(statement_kcql(s->statements[statement]), m->topic,
		s->opts->strict_lenses, &s->name, changed, err) == 0) {
		*name = buf_str(&s->name);
		return 0;
	}
	*fault = (struct stages_fault) { "TOPIC_NAME", "KCQL", true };
	return -1;
}

static int
convert_headers(struct stages *s, const struct record *r, struct producer_record *out,
    struct err *err)
{
	struct producer_header *h = arena_alloc(s->mem, r->n_headers * sizeof(*h));

	for (uint32_t i = 0; i < r->n_headers; i++) {
		struct str bytes;
		if (converter_write(s->header, s->mem, r->topic, &r->headers[i].datum,
			&bytes, err) != 0)
			return -1;
		h[i] = (struct producer_header) {
			.name = arena_str(s->mem, r->headers[i].key).p,
			.value = bytes.p,
			.n = bytes.n,
		};
	}
	out->headers = h;
	out->n_headers = r->n_headers;
	return 0;
}

/* The converter that failed, or NULL. */
static const struct converter *
convert(struct stages *s, const struct record *r, struct producer_record *out,
    struct err *err)
{
	struct str key, value;

	*out = (struct producer_record) {
		.timestamp_ms = r->has_timestamp ? r->timestamp_ms : -1,
		.partition = r->has_partition ? r->partition : -1,
	};
	if (r->n_headers > 0 && convert_headers(s, r, out, err) != 0)
		return s->header;
	if (converter_write(s->key, s->mem, r->topic, &r->key, &key, err) != 0)
		return s->key;
	if (converter_write(s->value, s->mem, r->topic, &r->value, &value, err) != 0)
		return s->value;
	out->key = key.p;
	out->key_n = key.n;
	out->value = value.p;
	out->value_n = value.n;
	return NULL;
}

static const char *
stage_of(const struct stages *s, const struct converter *c)
{
	return c == s->key     ? "KEY_CONVERTER"
	       : c == s->value ? "VALUE_CONVERTER"
	                       : "HEADER_CONVERTER";
}

static enum stages_result
fault_in(struct stages_fault *fault, const char *stage, const char *class)
{
	*fault = (struct stages_fault) { .stage = stage, .class = class };
	return STAGES_FAULT;
}

static enum stages_result
transform(struct stages *s, struct str topic, struct record *r,
    struct stages_fault *fault, struct err *err)
{
	int result = smt_chain_apply(s->chain, r, err);

	if (result == SMT_DROP)
		return STAGES_DROPPED;
	if (result < 0)
		return fault_in(
		    fault, "TRANSFORMATION", smt_chain_place(s->chain)->class_name);
	if (r->topic.p == topic.p || route_name_legal(r->topic))
		return STAGES_MADE;
	err_set(err, ERR_RECORD,
	    "the transforms send the record to \"%.*s\", and Kafka takes names of 1 to "
	    "249 of the characters a-z A-Z 0-9 . _ - alone",
	    (int)(r->topic.n > 80 ? 80 : r->topic.n), r->topic.p);
	return fault_in(fault, "TRANSFORMATION", "topic name");
}

enum stages_result
stages_make(struct stages *s, size_t statement, const struct message *m, struct str topic,
    struct stages_record *out, struct stages_fault *fault, struct err *err)
{
	struct statement *st = s->statements[statement];
	const struct converter *failed;
	enum stages_result result;

	record_init(&out->data, s->mem);
	out->data.topic = topic;
	if (statement_apply(st, m, &out->data, err) != 0) {
		*fault = (struct stages_fault) { "PAYLOAD", statement_class(st), true };
		return STAGES_FAULT;
	}
	if (s->has_transforms) {
		result = transform(s, topic, &out->data, fault, err);
		if (result != STAGES_MADE)
			return result;
	}
	failed = convert(s, &out->data, &out->bytes, err);
	if (failed != NULL)
		return fault_in(fault, stage_of(s, failed), failed->class->name);
	return STAGES_MADE;
}

/* ---- opening ---- */

static struct converter *
open_converter(const struct task_plugin *plugin, enum converter_use use, const char *key,
    const struct converter_env *env, struct err *err)
{
	const struct converter_class *class = converter_find(
	    str_of(plugin->class_name), use);
	struct problems *problems = problems_new();
	struct converter *c = NULL;
	struct buf text = { 0 };

	if (class == NULL)
		err_set(err, ERR_CONFIG,
		    "Invalid value %s for configuration %s: Class %s could "
		    "not be found.",
		    plugin->class_name, key, plugin->class_name);
	else
		c = converter_open(class, use, plugin->config, env, problems, err);
	if (c == NULL && problems_count(problems, PROBLEM_ERROR) > 0) {
		problems_print(problems, &text);
		err_set(err, ERR_CONFIG, "%s: %s", key, buf_cstr(&text));
		buf_fini(&text);
	}
	problems_free(problems);
	return c;
}

static int
open_converters(struct stages *s, const struct converter_env *env, struct err *err)
{
	const struct task_options *o = s->opts;

	s->key = open_converter(
	    &o->key_converter, CONVERTER_KEY, "key.converter", env, err);
	if (s->key == NULL)
		return -1;
	s->value = open_converter(
	    &o->value_converter, CONVERTER_VALUE, "value.converter", env, err);
	if (s->value == NULL)
		return -1;
	s->header = open_converter(
	    &o->header_converter, CONVERTER_HEADER, "header.converter", env, err);
	return s->header == NULL ? -1 : 0;
}

static int
open_statements(struct stages *s, const struct log_ctx *log, struct err *err)
{
	const struct kcql *k = s->opts->kcql;

	s->route = route_new(k->statement, k->n_statements, s->opts->strict_lenses, err);
	if (s->route == NULL)
		return -1;
	s->statements = mem_zalloc((k->n_statements + 1) * sizeof(struct statement *));
	for (; s->n_statements < k->n_statements; s->n_statements++) {
		struct statement *st = statement_open(
		    s->opts, &k->statement[s->n_statements], log, err);
		if (st == NULL)
			return -1;
		s->statements[s->n_statements] = st;
	}
	return 0;
}

struct stages *
stages_open(const struct task_options *opts, const struct log_ctx *log,
    const struct converter_env *env, struct err *err)
{
	struct stages *s = mem_zalloc(sizeof(*s));

	s->opts = opts;
	s->mem = arena_new(ARENA_BYTES);
	s->chain = smt_chain_open(opts->connector_config, err);
	s->has_transforms = s->chain != NULL && smt_chain_count(s->chain) > 0;
	if (s->chain == NULL || open_converters(s, env, err) != 0 ||
	    open_statements(s, log, err) != 0) {
		stages_close(s);
		return NULL;
	}
	return s;
}

void
stages_close(struct stages *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n_statements; i++)
		statement_close(s->statements[i]);
	free(s->statements);
	route_free(s->route);
	smt_chain_close(s->chain);
	converter_close(s->key);
	converter_close(s->value);
	converter_close(s->header);
	arena_free(s->mem);
	buf_fini(&s->name);
	free(s);
}

const char *const *
stages_filters(const struct stages *s, size_t *n)
{
	return route_filters(s->route, n);
}
