/*
 * A task's life: its thread opens all parts, runs the loop, and stops in order.  What
 * happens to a message is pipeline.c's business; this file wires the parts'
 * events together and is the only place that changes the task's state.
 *
 *	STARTING --subscribed--> RUNNING --stop--> STOPPING --> STOPPED
 *	    \______________________\_____fault_____/   \------> FAILED
 */
#include "pipeline/task.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mem.h"
#include "kafka/producer.h"
#include "pipeline/pipeline.h"

#define PROGRESS_US (INT64_C(600) * 1000 * 1000) /* a line at INFO, if anything came */

enum phase {
	PHASE_WORK,
	PHASE_DRAIN,      /* nothing is read; deliveries are waited for */
	PHASE_CHECKPOINT, /* the last checkpoint is under way */
	PHASE_CLOSE,      /* DISCONNECT is out; the broker closes */
	PHASE_END,
};

enum command { COMMAND_NONE, COMMAND_STOP, COMMAND_NOW };

struct task {
	const struct task_options *opts;
	struct task_events events;
	struct log_ctx log;
	pthread_t thread;
	_Atomic int command; /* written by others, then `asked` wakes the loop */
	_Atomic int state;
	_Atomic uint64_t stats[sizeof(struct task_stats) / sizeof(uint64_t) + 1];

	/* All below is the thread's own. */
	struct loop *loop;
	struct loop_wake asked;
	struct loop_timer flush, deadline, progress;
	struct producer *producer;
	struct checkpoint *checkpoint;
	struct source *source;
	struct pipeline *pipeline;
	enum phase phase;
	bool failed;
	struct err failure;
	struct task_stats own;   /* counters of this file */
	uint64_t stored_before;  /* messages in the checkpoint that was loaded */
	uint64_t counted_before; /* acknowledged here before the broker was that one */
	char broker[300];        /* whose checkpoint it is; "": none yet */
	bool loaded;
	unsigned told_checkpoint;   /* times it was read; the first goes to the log */
	uint64_t progress_received; /* at the last progress line */
};

/* The producer's opaque of a record: its message's slot and a mark, which no pointer
 * (the checkpoint's opaque) has. */
static void *
slot_opaque(uint32_t slot)
{
	return (void *)((uintptr_t)slot << 1 | 1);
}

static bool
is_slot(const void *opaque)
{
	return ((uintptr_t)opaque & 1) != 0;
}

static uint32_t
opaque_slot(const void *opaque)
{
	return (uint32_t)((uintptr_t)opaque >> 1);
}

static void
set_state(struct task *t, enum task_state state)
{
	if (atomic_exchange(&t->state, (int)state) != (int)state)
		t->events.state(
		    t->events.arg, t, state, state == TASK_FAILED ? &t->failure : NULL);
}

/* ---- the way to the end ---- */

static void
end(struct task *t)
{
	t->phase = PHASE_END;
	loop_stop(t->loop);
}

static void
close_session(struct task *t)
{
	if (t->phase >= PHASE_CLOSE)
		return;
	t->phase = PHASE_CLOSE;
	if (t->source == NULL)
		end(t);
	else
		source_stop(t->source);
}

static struct checkpoint_value
progress_value(const struct task *t)
{
	uint64_t acknowledged = t->source == NULL ? 0
	                                          : source_stats(t->source).acknowledged;

	return (struct checkpoint_value) {
		.messages = t->stored_before + acknowledged - t->counted_before,
	};
}

/* 0: nothing to wait for; 1: a write is under way. */
static int
write_checkpoint(struct task *t)
{
	struct checkpoint_value v = progress_value(t);
	struct err err = { 0 };

	if (t->checkpoint == NULL || !t->loaded)
		return 0;
	if (checkpoint_write(t->checkpoint, &v, &err) != 0)
		log_debug(&t->log, "checkpoint not written; reason=%s", err.msg);
	return checkpoint_busy(t->checkpoint);
}

static void
drained(struct task *t)
{
	if (t->source != NULL)
		source_flush(t->source);
	t->phase = PHASE_CHECKPOINT;
	if (!write_checkpoint(t))
		close_session(t);
}

static void
go_on_stopping(struct task *t)
{
	if (t->phase == PHASE_DRAIN &&
	    (t->producer == NULL || producer_pending(t->producer) == 0))
		drained(t);
	else if (t->phase == PHASE_CHECKPOINT && !checkpoint_busy(t->checkpoint))
		close_session(t);
}

static void
deadline_over(void *arg)
{
	struct task *t = arg;

	if (t->phase == PHASE_CLOSE) { /* the broker does not close: we do */
		end(t);
		return;
	}
	if (producer_pending(t->producer) > 0)
		log_warn(&t->log,
		    "Kafka did not confirm all in time; they stay unacknowledged and "
		    "come again "
		    "from the MQTT broker; unconfirmed=%zu timeout_ms=%d",
		    producer_pending(t->producer), t->opts->stop_timeout_ms);
	close_session(t);
	loop_timer_in(t->loop, &t->deadline, INT64_C(2000) * 1000);
}

static void
begin_stop(struct task *t)
{
	if (t->phase != PHASE_WORK)
		return;
	t->phase = PHASE_DRAIN;
	if (!t->failed)
		set_state(t, TASK_STOPPING);
	loop_timer_clear(t->loop, &t->flush);
	if (t->source != NULL)
		source_stop_reading(t->source);
	loop_timer_in(t->loop, &t->deadline, (int64_t)t->opts->stop_timeout_ms * 1000);
}

/* What is under way is still delivered and acknowledged: fewer duplicates later. */
static void
fail(struct task *t, const struct err *err)
{
	if (t->failed)
		return;
	t->failed = true;
	t->failure = *err;
	log_error(&t->log, "task FAILED; reason=%s", err->msg);
	begin_stop(t);
}

static void
asked(void *arg)
{
	struct task *t = arg;

	switch (atomic_load(&t->command)) {
	case COMMAND_STOP:
		begin_stop(t);
		break;
	case COMMAND_NOW:
		end(t);
		break;
	default:
		break;
	}
}

/* ---- the source's events ---- */

/* Fails the task when the pipeline cannot go on. */
static void
after_pipeline(struct task *t, int result, const struct err *err)
{
	if (result != 0)
		fail(t, err);
	else if (t->phase == PHASE_WORK)
		source_pause(t->source, pipeline_waits(t->pipeline));
}

static void
on_batch(void *arg, const struct message *m, size_t n)
{
	struct task *t = arg;
	struct err err = { 0 };

	if (t->phase == PHASE_WORK)
		after_pipeline(t, pipeline_batch(t->pipeline, m, n, &err), &err);
}

static void
on_too_large(void *arg, const struct message *m, size_t bytes)
{
	struct task *t = arg;
	struct err err = { 0 };

	if (t->phase == PHASE_WORK)
		after_pipeline(t, pipeline_too_large(t->pipeline, m, bytes, &err), &err);
}

/* The source has said all of this to the log. */
static void
on_connected(void *arg, const char *broker, bool session_present)
{
	struct task *t = arg;
	const struct checkpoint_key key = {
		.connector = t->opts->connector,
		.client = t->opts->source.client_id,
		.broker = broker,
	};

	(void)session_present;
	if (strcmp(t->broker, broker) == 0)
		return; /* what is loaded, or on its way, is still right */
	write_checkpoint(t);
	snprintf(t->broker, sizeof(t->broker), "%s", broker);
	t->counted_before = t->source == NULL ? 0 : source_stats(t->source).acknowledged;
	t->loaded = false;
	checkpoint_select(t->checkpoint, &key);
}

static void
on_subscribed(void *arg)
{
	struct task *t = arg;

	if (t->phase == PHASE_WORK)
		set_state(t, TASK_RUNNING);
}

static void
on_disconnected(void *arg, const char *why)
{
	(void)arg;
	(void)why;
}

static void
on_source_failed(void *arg, const struct err *err)
{
	fail(arg, err);
}

static void
on_closed(void *arg)
{
	struct task *t = arg;

	if (t->phase == PHASE_CLOSE)
		end(t);
}

/* ---- what the pipeline asks ---- */

static void
hold_message(void *arg, uint32_t slot)
{
	source_hold(((struct task *)arg)->source, slot);
}

static void
release_message(void *arg, uint32_t slot)
{
	source_release(((struct task *)arg)->source, slot);
}

/* ---- the producer's events ---- */

static void
on_delivered(void *arg, void *const *opaque, size_t n)
{
	struct task *t = arg;

	for (size_t i = 0; i < n; i++)
		if (is_slot(opaque[i])) {
			source_release(t->source, opaque_slot(opaque[i]));
			t->own.delivered++;
		} else {
			checkpoint_report(t->checkpoint, opaque[i], NULL);
		}
}

static void
on_refused(void *arg, struct producer_topic *topic, const struct producer_record *r,
    const struct err *err)
{
	struct task *t = arg;
	struct err why = *err;

	if (!is_slot(r->opaque))
		checkpoint_report(t->checkpoint, r->opaque, err);
	else if (pipeline_refused(t->pipeline, topic, &why) != 0)
		fail(t, &why);
	else
		source_release(t->source, opaque_slot(r->opaque));
}

static void
on_room(void *arg)
{
	struct task *t = arg;
	struct err err = { 0 };

	if (t->phase == PHASE_WORK)
		after_pipeline(t, pipeline_continue(t->pipeline, &err), &err);
}

static void
on_kafka_state(void *arg, bool up, const char *why)
{
	struct task *t = arg;

	if (up)
		log_info(&t->log, "Kafka is reachable");
	else
		log_warn(&t->log,
		    "Kafka is away; what was read waits and is not acknowledged; "
		    "reason=%s",
		    why);
}

/* ---- the checkpoint's events ---- */

static void
on_loaded(void *arg, bool found, const struct checkpoint_value *v, const struct err *err)
{
	struct task *t = arg;

	if (err != NULL) {
		if (err->kind == ERR_CONFIG || err->kind == ERR_FATAL)
			fail(t, err);
		return;
	}
	t->stored_before = found ? v->messages : 0;
	t->loaded = true;
	if (t->told_checkpoint++ == 0)
		log_info(&t->log, "checkpoint read; found=%d messages=%llu", found,
		    (unsigned long long)t->stored_before);
}

static void
on_stored(void *arg, const struct err *err)
{
	struct task *t = arg;

	if (err != NULL)
		log_warn(&t->log,
		    "checkpoint not stored, tried again at the next flush; "
		    "reason=%s",
		    err->msg);
}

/* ---- timers, end of a turn ---- */

static void
flush_due(void *arg)
{
	struct task *t = arg;

	write_checkpoint(t);
	loop_timer_in(t->loop, &t->flush, (int64_t)t->opts->flush_interval_ms * 1000);
}

static void
progress_due(void *arg)
{
	struct task *t = arg;
	struct source_stats s = source_stats(t->source);

	if (s.received != t->progress_received)
		log_info(&t->log, "progress; received=%llu acknowledged=%llu window=%zu",
		    (unsigned long long)s.received, (unsigned long long)s.acknowledged,
		    s.window_messages);
	t->progress_received = s.received;
	loop_timer_in(t->loop, &t->progress, PROGRESS_US);
}

/* Relaxed stores: a reader may see counters of two turns, never a torn one. */
static void
publish(struct task *t)
{
	struct task_stats now = t->own;
	struct source_stats s = source_stats(t->source);
	struct producer_stats k = producer_stats(t->producer);
	uint64_t words[ARRAY_LEN(t->stats)] = { 0 };

	pipeline_stats(t->pipeline, &now);
	now.received = s.received;
	now.received_bytes = s.received_bytes;
	now.redelivered = s.redelivered;
	now.acknowledged = s.acknowledged;
	now.window_messages = s.window_messages;
	now.window_bytes = s.window_bytes;
	now.producer_recreated = k.recreated;
	now.mqtt_connected = s.connected;
	now.kafka_up = k.up;
	now.paused = s.paused;
	memcpy(words, &now, sizeof(now));
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		atomic_store_explicit(&t->stats[i], words[i], memory_order_relaxed);
}

static void
turn_end(void *arg)
{
	struct task *t = arg;

	if (t->phase < PHASE_CLOSE)
		source_flush(t->source);
	if (t->phase == PHASE_DRAIN || t->phase == PHASE_CHECKPOINT)
		go_on_stopping(t);
	publish(t);
}

/* ---- opening and closing ---- */

static int
open_producer(struct task *t, struct err *err)
{
	const struct producer_events events = {
		.delivered = on_delivered,
		.refused = on_refused,
		.room = on_room,
		.state = on_kafka_state,
		.arg = t,
	};
	struct problems *problems = problems_new();
	struct buf text = { 0 };

	t->producer = producer_open(
	    t->loop, t->opts->producer_props, &t->log, &events, problems, err);
	if (t->producer == NULL && problems_count(problems, PROBLEM_ERROR) > 0) {
		problems_print(problems, &text);
		err_set(err, ERR_CONFIG, "%s", buf_cstr(&text));
	}
	buf_fini(&text);
	problems_free(problems);
	return t->producer == NULL ? -1 : 0;
}

static int
open_checkpoint(struct task *t, struct err *err)
{
	const struct checkpoint_events events = {
		.loaded = on_loaded,
		.stored = on_stored,
		.arg = t,
	};

	if (t->opts->offsets_file != NULL)
		t->checkpoint = checkpoint_open_file(
		    t->loop, &t->log, t->opts->offsets_file, &events, err);
	else
		t->checkpoint = checkpoint_open_topic(t->loop, &t->log,
		    t->opts->offsets_props, t->opts->offsets_topic, t->producer, &events,
		    err);
	return t->checkpoint == NULL ? -1 : 0;
}

static int
open_source(struct task *t, struct err *err)
{
	const struct source_events events = {
		.batch = on_batch,
		.too_large = on_too_large,
		.connected = on_connected,
		.subscribed = on_subscribed,
		.disconnected = on_disconnected,
		.failed = on_source_failed,
		.closed = on_closed,
		.arg = t,
	};
	struct source_options o = t->opts->source;
	size_t n;

	o.filters = pipeline_filters(t->pipeline, &n);
	o.n_filters = n;
	t->source = source_open(t->loop, &t->log, &o, &events, err);
	return t->source == NULL ? -1 : 0;
}

/* The producer first: the records of the first batch need it. */
static int
open_all(struct task *t, struct err *err)
{
	const struct pipeline_task pipeline_task = {
		.hold = hold_message,
		.release = release_message,
		.opaque = slot_opaque,
		.ready = on_room,
		.arg = t,
	};

	if (open_producer(t, err) != 0 || open_checkpoint(t, err) != 0)
		return -1;
	t->pipeline = pipeline_open(
	    t->opts, &t->log, t->loop, t->producer, &pipeline_task, err);
	if (t->pipeline == NULL || open_source(t, err) != 0)
		return -1;
	loop_timer_in(t->loop, &t->flush, (int64_t)t->opts->flush_interval_ms * 1000);
	loop_timer_in(t->loop, &t->progress, PROGRESS_US);
	loop_set_turn_end(t->loop, turn_end, t);
	return 0;
}

static void
close_all(struct task *t)
{
	loop_set_turn_end(t->loop, NULL, NULL);
	loop_timer_clear(t->loop, &t->flush);
	loop_timer_clear(t->loop, &t->deadline);
	loop_timer_clear(t->loop, &t->progress);
	if (t->source != NULL) {
		publish(t);
		source_close(t->source);
	}
	pipeline_close(t->pipeline);
	if (t->checkpoint != NULL)
		checkpoint_close(t->checkpoint);
	if (t->producer != NULL)
		producer_close(t->producer);
}

static void *
run(void *arg)
{
	struct task *t = arg;
	struct err err = { 0 };

	loop_timer_init(&t->flush, flush_due, t);
	loop_timer_init(&t->deadline, deadline_over, t);
	loop_timer_init(&t->progress, progress_due, t);
	if (open_all(t, &err) == 0)
		loop_run(t->loop);
	else {
		t->failed = true;
		t->failure = err;
		log_error(&t->log, "task FAILED; reason=%s", err.msg);
	}
	close_all(t);
	set_state(t, t->failed ? TASK_FAILED : TASK_STOPPED);
	return NULL;
}

struct task *
task_start(
    const struct task_options *opts, const struct task_events *events, struct err *err)
{
	struct task *t = mem_zalloc(sizeof(*t));

	t->opts = opts;
	t->events = *events;
	t->log = (struct log_ctx) { opts->connector, opts->number };
	t->loop = loop_new(err);
	if (t->loop == NULL || loop_wake_init(t->loop, &t->asked, asked, t, err) != 0)
		goto fault;
	if (pthread_create(&t->thread, NULL, run, t) != 0) {
		err_set(err, ERR_FATAL, "no more threads");
		loop_wake_fini(t->loop, &t->asked);
		goto fault;
	}
	return t;
fault:
	loop_free(t->loop);
	free(t);
	return NULL;
}

static void
command(struct task *t, enum command c)
{
	int had = atomic_load(&t->command);

	while (had < (int)c && !atomic_compare_exchange_weak(&t->command, &had, (int)c))
		;
	loop_wake(&t->asked);
}

void
task_stop(struct task *t)
{
	command(t, COMMAND_STOP);
}

void
task_stop_now(struct task *t)
{
	command(t, COMMAND_NOW);
}

void
task_free(struct task *t)
{
	if (t == NULL)
		return;
	pthread_join(t->thread, NULL);
	loop_wake_fini(t->loop, &t->asked);
	loop_free(t->loop);
	free(t);
}

struct task_stats
task_stats(const struct task *t)
{
	uint64_t words[ARRAY_LEN(t->stats)];
	struct task_stats s;

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		words[i] = atomic_load_explicit(&t->stats[i], memory_order_relaxed);
	memcpy(&s, words, sizeof(s));
	return s;
}

enum task_state
task_state(const struct task *t)
{
	return (enum task_state)atomic_load(&t->state);
}

const struct task_options *
task_opts(const struct task *t)
{
	return t->opts;
}

const char *
task_state_name(enum task_state state)
{
	static const char *const names[] = { "STARTING", "RUNNING", "STOPPING", "STOPPED",
		"FAILED" };

	return names[state];
}
