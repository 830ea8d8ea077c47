/*
 * Messages in, records to the producer: holds, waiting, tolerance.  What a record is
 * made of is stages.c's; how far it got is the reports' (task.c).
 */
#include "pipeline/pipeline.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "pipeline/stages.h"
#include "pipeline/target.h"

#define TOLD_MAX 256 /* topics that are warned about by name */

/* The rest of a batch that has to wait, copied out of the read block. */
struct parked {
	struct message *m;
	size_t n, next; /* m[next] is first */
	size_t first;   /* matches of m[next] that are done already */
	struct arena *mem;
	bool waiting;
};

struct pipeline {
	const struct task_options *opts;
	const struct log_ctx *log;
	struct producer *producer;
	struct pipeline_task task;
	struct stages *stages;
	struct target **fixed; /* by statement; NULL: its name varies with the topic */
	struct targets *targets;
	struct parked parked;
	struct map *told;   /* MQTT topics that were warned about */
	struct err refused; /* a topic that could not be made */
	uint64_t unrouted, skipped, filtered, dropped_dup;
};

enum outcome { SENT, SKIPPED, WAIT, FAILED };

/* ---- faults ---- */

/* SKIPPED when it is tolerated, else FAILED with err. */
static enum outcome
faulty(
    struct pipeline *p, const struct stages_fault *f, struct str topic, struct err *err)
{
	const struct task_tolerance *tolerance = &p->opts->tolerance;
	int shown = (int)(topic.n > 60 ? 60 : topic.n);
	struct err why = *err;

	if (err->kind != ERR_RECORD && err->kind != ERR_RETRY)
		return FAILED;
	if (f->conversion ? tolerance->conversion : tolerance->rest) {
		p->skipped++;
		log_warn(p->log,
		    "record skipped; stage=%s class=%s mqtt_topic=%.*s reason=%s",
		    f->stage, f->class, STR_ARG(topic), why.msg);
		return SKIPPED;
	}
	err_set(err, ERR_FATAL,
	    "Tolerance exceeded in error handler: %s (%s) of a message from %.*s: "
	    "%.120s; "
	    "errors.tolerance=all skips such messages",
	    f->stage, f->class, shown, topic.p, why.msg);
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

static void
tell_changed_name(
    struct pipeline *p, const struct message *m, const struct target *target)
{
	if (tell_once(p, m->topic))
		log_warn(p->log,
		    "the Kafka topic is not called as the MQTT topic; "
		    "mqtt_topic=%.*s topic=%s",
		    STR_ARG(m->topic), target->name);
}

/* NULL with SKIPPED or FAILED in *outcome. */
static struct target *
varying_target(struct pipeline *p, size_t statement, const struct message *m,
    enum outcome *outcome, struct err *err)
{
	struct stages_fault fault = { "TOPIC_NAME", "KCQL", true };
	struct target *target = NULL;
	struct str name;
	bool changed;

	if (stages_target(p->stages, statement, m, &name, &changed, &fault, err) == 0)
		target = target_get(p->targets, name, err);
	if (target == NULL)
		*outcome = faulty(p, &fault, m->topic, err);
	else if (changed)
		tell_changed_name(p, m, target);
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

/* A transform has sent the record elsewhere; SENT: go on with *target. */
static enum outcome
changed_target(struct pipeline *p, const struct message *m, struct str name,
    struct target **target, struct err *err)
{
	static const struct stages_fault fault = { "TRANSFORMATION", "topic name",
		false };

	*target = target_get(p->targets, name, err);
	if (*target == NULL) {
		err->kind = ERR_RECORD;
		return faulty(p, &fault, m->topic, err);
	}
	return target_ready(p, *target, err);
}

static enum outcome
produce(struct pipeline *p, struct target *target, const struct message *m,
    struct stages_record *r, struct err *err)
{
	const struct stages_fault fault = { "KAFKA_PRODUCE", target->name, false };

	r->bytes.opaque = p->task.opaque(m->slot);
	if (producer_send(p->producer, target->topic, &r->bytes, err) == 0)
		return SENT;
	if (err->kind == ERR_RETRY)
		return WAIT;
	return faulty(p, &fault, m->topic, err);
}

static enum outcome
do_statement(
    struct pipeline *p, size_t statement, const struct message *m, struct err *err)
{
	enum outcome outcome = FAILED;
	struct target *target = p->fixed[statement];
	struct stages_fault fault;
	struct stages_record r;

	if (target == NULL)
		target = varying_target(p, statement, m, &outcome, err);
	if (target == NULL)
		return outcome;
	outcome = target_ready(p, target, err);
	if (outcome != SENT)
		return outcome;
	switch (
	    stages_make(p->stages, statement, m, str_of(target->name), &r, &fault, err)) {
	case STAGES_FAULT:
		return err->kind == ERR_RETRY ? WAIT : faulty(p, &fault, m->topic, err);
	case STAGES_DROPPED:
		p->filtered++;
		return SKIPPED;
	case STAGES_MADE:
		break;
	}
	if (r.data.topic.p != target->name && !str_eq_c(r.data.topic, target->name)) {
		outcome = changed_target(p, m, r.data.topic, &target, err);
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
not_routed(struct pipeline *p, const struct message *m, const struct stages_fault *fault,
    struct err *err)
{
	if (faulty(p, fault, m->topic, err) == FAILED)
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
	struct stages_fault fault;
	struct route_match match;
	size_t sent = 0;

	if (stages_find(p->stages, m, &match, &fault, err) != 0)
		return not_routed(p, m, &fault, err);
	if (match.n == 0) {
		no_statement(p, m);
		return SKIPPED;
	}
	for (size_t i = *first; i < match.n; i++) {
		enum outcome o = do_statement(p, match.statements[i], m, err);
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
park(struct pipeline *p, const struct message *m, size_t n, size_t first)
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
	k->first = first;
	k->waiting = true;
}

/* Messages that arrive while others wait go behind them (the read was under way). */
static void
park_behind(struct pipeline *p, const struct message *m, size_t n)
{
	struct parked *k = &p->parked;
	size_t left = k->n - k->next;
	struct message *all = arena_alloc(k->mem, (left + n) * sizeof(*all));
	size_t first = k->first;

	memcpy(all, k->m + k->next, left * sizeof(*all));
	park(p, m, n, 0);
	memcpy(all + left, k->m, n * sizeof(*all));
	k->m = all;
	k->n = left + n;
	k->next = 0;
	k->first = first;
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
	for (; k->next < k->n; k->next++, k->first = 0) {
		enum outcome o = do_message(p, &k->m[k->next], &k->first, err);
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
	static const struct stages_fault fault = { "PAYLOAD", "MQTT", true };

	err_set(err, ERR_RECORD,
	    "the message has %zu bytes; headrace.mqtt.max.packet.bytes=%zu is the limit",
	    bytes, p->opts->source.max_packet_bytes);
	if (faulty(p, &fault, m->topic, err) == FAILED)
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

static int
open_targets(struct pipeline *p, struct err *err)
{
	const struct kcql *k = p->opts->kcql;

	p->targets = targets_new(p->opts, p->log, p->producer, topic_settled, p);
	p->fixed = mem_zalloc((k->n_statements + 1) * sizeof(struct target *));
	for (size_t i = 0; i < k->n_statements; i++) {
		const struct kcql_statement *s = &k->statement[i];
		if (route_target_varies(s))
			continue;
		p->fixed[i] = target_get(
		    p->targets, (struct str) { s->target.ptr, s->target.len }, err);
		if (p->fixed[i] == NULL)
			return -1;
	}
	return 0;
}

struct pipeline *
pipeline_open(const struct task_options *opts, const struct log_ctx *log,
    struct loop *loop, struct producer *producer, const struct pipeline_task *task,
    struct err *err)
{
	const struct converter_env env = {
		.loop = loop,
		.ready = task->ready,
		.arg = task->arg,
		.log = log,
	};
	struct pipeline *p = mem_zalloc(sizeof(*p));

	p->opts = opts;
	p->log = log;
	p->producer = producer;
	p->task = *task;
	p->parked.mem = arena_new(1024);
	p->told = map_new();
	p->stages = stages_open(opts, log, &env, err);
	if (p->stages == NULL || open_targets(p, err) != 0) {
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
	stages_close(p->stages);
	free(p->fixed);
	targets_free(p->targets);
	map_free(p->told);
	arena_free(p->parked.mem);
	free(p);
}

const char *const *
pipeline_filters(const struct pipeline *p, size_t *n)
{
	return stages_filters(p->stages, n);
}

void
pipeline_stats(const struct pipeline *p, struct task_stats *s)
{
	s->unrouted = p->unrouted;
	s->skipped = p->skipped;
	s->filtered = p->filtered;
	s->dropped_dup = p->dropped_dup;
}
