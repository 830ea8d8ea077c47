/*
 * The order of the stages.  Only this file knows it:
 *
 *	route -> statement (payload -> record) -> transforms -> converters -> producer
 *
 * Per message nothing is allocated but in the arena, which is reset behind each
 * message: the producer has copied key, value and headers by then.
 */
#include "pipeline/pipeline.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "convert/convert.h"
#include "data/record.h"
#include "pipeline/statement.h"
#include "pipeline/target.h"
#include "route/route.h"
#include "smt/smt.h"

#define ARENA_BYTES (32 * 1024) /* kept; a larger message's memory is given back */
#define TOLD_MAX 256            /* topics that are warned about by name */

struct step { /* a statement with what is looked up once */
	struct statement *statement;
	struct target *target; /* NULL: its name varies with the MQTT topic */
};

/* The rest of a batch that has to wait, copied out of the read block. */
struct parked {
	struct message *m;
	size_t n, next;    /* m[next] is first */
	size_t first_step; /* matches of m[next] that are done already */
	struct arena *mem;
	bool waiting;
};

struct pipeline {
	const struct task_options *opts;
	const struct log_ctx *log;
	struct producer *producer;
	struct pipeline_task task;
	struct route *route;
	struct step *steps; /* one per statement */
	size_t n_steps;
	struct targets *targets;
	struct smt_chain *chain;
	bool has_transforms;
	struct converter *key, *value, *header;
	struct arena *mem; /* of the message in hand */
	struct buf name;   /* of a varying target */
	struct parked parked;
	struct map *told;   /* MQTT topics that were warned about */
	struct err refused; /* a topic that could not be made */
	uint64_t unrouted, skipped, filtered, dropped_dup;
};

enum outcome { SENT, SKIPPED, WAIT, FAILED };

/* ---- faults ---- */

/* A fault in stage `stage`: SKIPPED when it is tolerated, else FAILED with err. */
static enum outcome
faulty(struct pipeline *p, bool tolerated, const char *stage, const char *class,
    struct str topic, struct err *err)
{
	int shown = (int)(topic.n > 60 ? 60 : topic.n);
	struct err why = *err;

	if (err->kind != ERR_RECORD && err->kind != ERR_RETRY)
		return FAILED;
	if (tolerated) {
		p->skipped++;
		log_warn(p->log,
		    "record skipped; stage=%s class=%s mqtt_topic=%.*s reason=%s", stage,
		    class, STR_ARG(topic), why.msg);
		return SKIPPED;
	}
	err_set(err, ERR_FATAL,
	    "Tolerance exceeded in error handler: %s (%s) of a message from %.*s: "
	    "%.120s; "
	    "errors.tolerance=all skips such messages",
	    stage, class, shown, topic.p, why.msg);
	return FAILED;
}

/* Is it time to warn about this topic?  Once for each, and of a few only: publishers
 * choose their names. */
static bool
tell_once(struct pipeline *p, struct str topic)
{
	return map_count(p->told) < TOLD_MAX && map_put(p->told, topic, p) == NULL;
}

/* ---- one record ---- */

static int
convert_headers(struct pipeline *p, const struct record *r, struct producer_record *out,
    struct err *err)
{
	struct producer_header *h = arena_alloc(p->mem, r->n_headers * sizeof(*h));

	for (uint32_t i = 0; i < r->n_headers; i++) {
		struct str bytes;
		if (converter_write(p->header, p->mem, r->topic, &r->headers[i].datum,
			&bytes, err) != 0)
			return -1;
		h[i] = (struct producer_header) {
			.name = arena_str(p->mem, r->headers[i].key).p,
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
convert(struct pipeline *p, const struct record *r, struct producer_record *out,
    struct err *err)
{
	struct str key, value;

	*out = (struct producer_record) {
		.timestamp_ms = r->has_timestamp ? r->timestamp_ms : -1,
		.partition = r->has_partition ? r->partition : -1,
	};
	if (r->n_headers > 0 && convert_headers(p, r, out, err) != 0)
		return p->header;
	if (converter_write(p->key, p->mem, r->topic, &r->key, &key, err) != 0)
		return p->key;
	if (converter_write(p->value, p->mem, r->topic, &r->value, &value, err) != 0)
		return p->value;
	out->key = key.p;
	out->key_n = key.n;
	out->value = value.p;
	out->value_n = value.n;
	return NULL;
}

static const char *
stage_name(const struct pipeline *p, const struct converter *c)
{
	return c == p->key     ? "KEY_CONVERTER"
	       : c == p->value ? "VALUE_CONVERTER"
	                       : "HEADER_CONVERTER";
}

static enum outcome
produce(struct pipeline *p, struct target *target, const struct message *m,
    const struct record *r, struct err *err)
{
	struct producer_record out;
	const struct converter *at = convert(p, r, &out, err);

	if (at != NULL && err->kind == ERR_RETRY)
		return WAIT;
	if (at != NULL)
		return faulty(p, p->opts->tolerance.rest, stage_name(p, at),
		    at->class->name, m->topic, err);
	out.opaque = p->task.opaque(m->slot);
	if (producer_send(p->producer, target->topic, &out, err) == 0)
		return SENT;
	if (err->kind == ERR_RETRY)
		return WAIT;
	return faulty(
	    p, p->opts->tolerance.rest, "KAFKA_PRODUCE", target->name, m->topic, err);
}

/* NULL with SKIPPED or FAILED in *outcome. */
static struct target *
find_target(struct pipeline *p, const struct step *step, const struct message *m,
    enum outcome *outcome, struct err *err)
{
	struct target *target = step->target;
	bool changed = false;

	if (target != NULL)
		return target;
	if (route_target(statement_kcql(step->statement), m->topic,
		p->opts->strict_lenses, &p->name, &changed, err) == 0)
		target = target_get(p->targets, buf_str(&p->name), err);
	if (target == NULL) {
		*outcome = faulty(p, p->opts->tolerance.conversion, "TOPIC_NAME", "KCQL",
		    m->topic, err);
		return NULL;
	}
	if (changed && tell_once(p, m->topic))
		log_warn(p->log,
		    "the Kafka topic is not called as the MQTT topic; "
		    "mqtt_topic=%.*s topic=%s",
		    STR_ARG(m->topic), target->name);
	return target;
}

/* Is a topic that has to be made there?  SENT: yes, go on. */
static enum outcome
target_ready(const struct pipeline *p, const struct target *target, struct err *err)
{
	if (target->state == TARGET_ASKED)
		return WAIT;
	if (target->state == TARGET_READY)
		return SENT;
	*err = p->refused;
	return FAILED;
}

/* The transforms; SENT: go on with *target, which a transform may have changed. */
static enum outcome
transform(struct pipeline *p, const struct message *m, struct record *r,
    struct target **target, struct err *err)
{
	int result = smt_chain_apply(p->chain, r, err);

	if (result == SMT_DROP) {
		p->filtered++;
		return SKIPPED;
	}
	if (result < 0)
		return faulty(p, p->opts->tolerance.rest, "TRANSFORMATION",
		    smt_chain_place(p->chain)->class_name, m->topic, err);
	if (str_eq_c(r->topic, (*target)->name))
		return SENT;
	*target = target_get(p->targets, r->topic, err);
	if (*target == NULL) {
		err->kind = ERR_RECORD;
		return faulty(p, p->opts->tolerance.rest, "TRANSFORMATION", "topic name",
		    m->topic, err);
	}
	return target_ready(p, *target, err);
}

static enum outcome
do_step(struct pipeline *p, struct step *step, const struct message *m, struct err *err)
{
	enum outcome outcome = FAILED;
	struct target *target = find_target(p, step, m, &outcome, err);
	struct record r;

	if (target == NULL)
		return outcome;
	outcome = target_ready(p, target, err);
	if (outcome != SENT)
		return outcome;
	record_init(&r, p->mem);
	r.topic = str_of(target->name);
	if (statement_apply(step->statement, m, &r, err) != 0)
		return faulty(p, p->opts->tolerance.conversion, "PAYLOAD",
		    statement_class(step->statement), m->topic, err);
	if (p->has_transforms) {
		outcome = transform(p, m, &r, &target, err);
		if (outcome != SENT)
			return outcome;
	}
	return produce(p, target, m, &r, err);
}

/* ---- one message ---- */

static void
no_statement(struct pipeline *p, const struct message *m)
{
	p->unrouted++;
	if (tell_once(p, m->topic))
		log_warn(p->log,
		    "no statement takes this topic, its messages are acknowledged "
		    "without a record; mqtt_topic=%.*s",
		    STR_ARG(m->topic));
	p->task.release(p->task.arg, m->slot);
}

static enum outcome
not_routed(struct pipeline *p, const struct message *m, struct err *err)
{
	if (faulty(p, p->opts->tolerance.conversion, "ROUTE", "KCQL", m->topic, err) ==
	    FAILED)
		return FAILED;
	p->task.release(p->task.arg, m->slot);
	return SKIPPED;
}

static void
hold(struct pipeline *p, uint32_t slot, size_t times)
{
	while (times-- > 0)
		p->task.hold(p->task.arg, slot);
}

/*
 * Makes the records of a message from its match *first on.  The message's first hold
 * becomes that of one record; on WAIT and FAILED it stays ours, so that nothing
 * acknowledges a message of which a record is missing.
 */
static enum outcome
do_message(struct pipeline *p, const struct message *m, size_t *first, struct err *err)
{
	struct route_match match;
	size_t sent = 0;

	if (route_find(p->route, m->topic, &match, err) != 0)
		return not_routed(p, m, err);
	if (match.n == 0) {
		no_statement(p, m);
		return SKIPPED;
	}
	arena_reset(p->mem);
	for (size_t i = *first; i < match.n; i++) {
		enum outcome o = do_step(p, &p->steps[match.statements[i]], m, err);
		if (o == WAIT || o == FAILED) {
			hold(p, m->slot, sent);
			*first = i;
			return o;
		}
		sent += o == SENT;
	}
	if (sent == 0)
		p->task.release(p->task.arg, m->slot);
	else
		hold(p, m->slot, sent - 1);
	return SENT;
}

/* ---- batches and waiting ---- */

static void
park(struct pipeline *p, const struct message *m, size_t n, size_t first_step)
{
	struct parked *k = &p->parked;

	k->m = arena_alloc(k->mem, n * sizeof(*k->m));
	for (size_t i = 0; i < n; i++) {
		k->m[i] = m[i];
		k->m[i].topic = arena_str(k->mem, m[i].topic);
		k->m[i].payload = arena_str(k->mem, m[i].payload);
	}
	k->n = n;
	k->next = 0;
	k->first_step = first_step;
	k->waiting = true;
}

/* Messages that arrive while others wait go behind them (the read was under way). */
static void
park_behind(struct pipeline *p, const struct message *m, size_t n)
{
	struct parked *k = &p->parked;
	size_t left = k->n - k->next;
	struct message *all = arena_alloc(k->mem, (left + n) * sizeof(*all));
	size_t first_step = k->first_step;

	memcpy(all, k->m + k->next, left * sizeof(*all));
	park(p, m, n, 0);
	memcpy(all + left, k->m, n * sizeof(*all));
	k->m = all;
	k->n = left + n;
	k->next = 0;
	k->first_step = first_step;
}

int
pipeline_batch(struct pipeline *p, const struct message *m, size_t n, struct err *err)
{
	if (p->parked.waiting) {
		park_behind(p, m, n);
		return 0;
	}
	for (size_t i = 0; i < n; i++) {
		size_t first = 0;
		if (m[i].dup && p->opts->drop_dup) {
			p->dropped_dup++;
			p->task.release(p->task.arg, m[i].slot);
			continue;
		}
		enum outcome o = do_message(p, &m[i], &first, err);
		if (o == FAILED)
			return -1;
		if (o == WAIT) {
			park(p, m + i, n - i, first);
			return 0;
		}
	}
	return 0;
}

int
pipeline_continue(struct pipeline *p, struct err *err)
{
	struct parked *k = &p->parked;

	if (!k->waiting)
		return 0;
	for (; k->next < k->n; k->next++, k->first_step = 0) {
		enum outcome o = do_message(p, &k->m[k->next], &k->first_step, err);
		if (o == FAILED)
			return -1;
		if (o == WAIT)
			return 0;
	}
	k->waiting = false;
	k->n = k->next = 0;
	arena_reset(k->mem);
	return 0;
}

bool
pipeline_waits(const struct pipeline *p)
{
	return p->parked.waiting;
}

int
pipeline_too_large(
    struct pipeline *p, const struct message *m, size_t bytes, struct err *err)
{
	err_set(err, ERR_RECORD,
	    "the message has %zu bytes; headrace.mqtt.max.packet.bytes=%zu is the limit",
	    bytes, p->opts->source.max_packet_bytes);
	if (faulty(p, p->opts->tolerance.conversion, "PAYLOAD", "MQTT", m->topic, err) ==
	    FAILED)
		return -1;
	p->task.release(p->task.arg, m->slot);
	return 0;
}

int
pipeline_refused(struct pipeline *p, const struct producer_topic *topic, struct err *err)
{
	if (err->kind == ERR_RECORD && p->opts->tolerance.rest) {
		p->skipped++;
		log_warn(p->log, "record skipped; stage=KAFKA_PRODUCE topic=%s reason=%s",
		    producer_topic_name(topic), err->msg);
		return 0;
	}
	err->kind = ERR_FATAL;
	return -1;
}

static void
topic_settled(void *arg, const struct err *err)
{
	struct pipeline *p = arg;

	if (err != NULL)
		p->refused = *err;
	p->task.ready(p->task.arg);
}

/* ---- opening ---- */

static struct converter *
open_converter(struct pipeline *p, const struct task_plugin *plugin,
    enum converter_use use, const char *key, struct loop *loop, struct err *err)
{
	const struct converter_class *class = converter_find(
	    str_of(plugin->class_name), use);
	const struct converter_env env = {
		.loop = loop,
		.ready = p->task.ready,
		.arg = p->task.arg,
		.log = p->log,
	};
	struct problems *problems = problems_new();
	struct converter *c = NULL;
	struct buf text = { 0 };

	if (class == NULL)
		err_set(err, ERR_CONFIG,
		    "Invalid value %s for configuration %s: Class %s could "
		    "not be found.",
		    plugin->class_name, key, plugin->class_name);
	else
		c = converter_open(class, use, plugin->config, &env, problems, err);
	if (c == NULL && problems_count(problems, PROBLEM_ERROR) > 0) {
		problems_print(problems, &text);
		err_set(err, ERR_CONFIG, "%s: %s", key, buf_cstr(&text));
		buf_fini(&text);
	}
	problems_free(problems);
	return c;
}

static int
open_converters(struct pipeline *p, struct loop *loop, struct err *err)
{
	const struct task_options *o = p->opts;

	p->key = open_converter(
	    p, &o->key_converter, CONVERTER_KEY, "key.converter", loop, err);
	if (p->key == NULL)
		return -1;
	p->value = open_converter(
	    p, &o->value_converter, CONVERTER_VALUE, "value.converter", loop, err);
	if (p->value == NULL)
		return -1;
	p->header = open_converter(
	    p, &o->header_converter, CONVERTER_HEADER, "header.converter", loop, err);
	return p->header == NULL ? -1 : 0;
}

static int
open_steps(struct pipeline *p, struct err *err)
{
	const struct kcql *k = p->opts->kcql;

	p->route = route_new(k->statement, k->n_statements, p->opts->strict_lenses, err);
	if (p->route == NULL)
		return -1;
	p->steps = mem_zalloc((k->n_statements + 1) * sizeof(*p->steps));
	for (; p->n_steps < k->n_statements; p->n_steps++) {
		const struct kcql_statement *s = &k->statement[p->n_steps];
		struct step *step = &p->steps[p->n_steps];
		step->statement = statement_open(p->opts, s, p->log, err);
		if (step->statement == NULL)
			return -1;
		if (route_target_varies(s))
			continue;
		step->target = target_get(
		    p->targets, (struct str) { s->target.ptr, s->target.len }, err);
		if (step->target == NULL)
			return -1;
	}
	return 0;
}

struct pipeline *
pipeline_open(const struct task_options *opts, const struct log_ctx *log,
    struct loop *loop, struct producer *producer, const struct pipeline_task *task,
    struct err *err)
{
	struct pipeline *p = mem_zalloc(sizeof(*p));

	p->opts = opts;
	p->log = log;
	p->producer = producer;
	p->task = *task;
	p->mem = arena_new(ARENA_BYTES);
	p->parked.mem = arena_new(1024);
	p->told = map_new();
	p->targets = targets_new(opts, log, producer, topic_settled, p);
	p->chain = smt_chain_open(opts->connector_config, err);
	p->has_transforms = p->chain != NULL && smt_chain_count(p->chain) > 0;
	if (p->chain == NULL || open_converters(p, loop, err) != 0 ||
	    open_steps(p, err) != 0) {
		pipeline_close(p);
		return NULL;
	}
	return p;
}

void
pipeline_close(struct pipeline *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->n_steps; i++)
		statement_close(p->steps[i].statement);
	free(p->steps);
	route_free(p->route);
	smt_chain_close(p->chain);
	converter_close(p->key);
	converter_close(p->value);
	converter_close(p->header);
	targets_free(p->targets);
	map_free(p->told);
	arena_free(p->parked.mem);
	arena_free(p->mem);
	buf_fini(&p->name);
	free(p);
}

const char *const *
pipeline_filters(const struct pipeline *p, size_t *n)
{
	return route_filters(p->route, n);
}

void
pipeline_stats(const struct pipeline *p, struct task_stats *s)
{
	s->unrouted = p->unrouted;
	s->skipped = p->skipped;
	s->filtered = p->filtered;
	s->dropped_dup = p->dropped_dup;
}
