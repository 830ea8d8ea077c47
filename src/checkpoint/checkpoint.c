/*
 * The progress of one task, kept in a topic or in a file.  What waits (making and
 * reading the topic, the disk) is a job of a helper thread: it gets what it needs
 * before it starts, leaves its result in the struct, wakes the loop and ends; the
 * loop joins it before it looks.  So nothing here needs a lock.
 */
#include "checkpoint/checkpoint.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "checkpoint/checkpoint_text.h"
#include "checkpoint/offsets_file.h"

#define RETRY_MIN_US (1000 * 1000)
#define RETRY_MAX_US (30 * 1000 * 1000)
#define MAKE_TIMEOUT_MS (30 * 1000)
#define READ_TIMEOUT_MS (120 * 1000)

enum job { JOB_LOAD, JOB_STORE };

struct checkpoint {
	struct loop *loop;
	struct log_ctx ctx;
	struct checkpoint_events ev;

	struct offsets_file *file; /* NULL: in a topic */
	struct config *props;
	struct internal_topic topic;
	char *topic_texts[3]; /* what its pointers point to */
	struct producer *producer;

	/* The helper; what it reads and writes is the loop's again once it is joined. */
	pthread_t thread;
	bool running;
	enum job job;
	atomic_bool cancel;
	struct loop_wake wake;
	struct loop_timer retry;
	int64_t retry_us;
	bool made;          /* the topic is there and compacted */
	bool read;          /* the job has a key to look for */
	struct buf job_key; /* ours, as we spell it */
	struct buf same_value, equal_value, equal_key; /* found; value empty: none */
	uint64_t broken;                               /* records that are not offsets */
	int32_t broken_partition;
	int64_t broken_offset;
	struct buf job_value; /* JOB_STORE */
	struct err job_err;

	struct buf key; /* selected, as we spell it; empty: none yet */
	bool again;     /* selected anew while the helper ran */
	bool loaded;
	struct buf stored_key; /* as it is spelled where it is stored */
	bool have_stored;
	struct checkpoint_value stored;

	bool writing;
	bool write_is_old; /* its key is not the selected one any more */
	struct checkpoint_value written;
};

/* ---- in the helper thread ---- */

static void
note(struct buf *out, struct str value)
{
	buf_reset(out);
	if (!checkpoint_text_is_null(value))
		buf_add_str(out, value);
}

static void
on_record(void *arg, int32_t partition, int64_t offset, struct str key, struct str value)
{
	struct checkpoint *c = arg;

	switch (checkpoint_text_match(buf_str(&c->job_key), key)) {
	case CHECKPOINT_SAME:
		note(&c->same_value, value);
		break;
	case CHECKPOINT_EQUAL:
		note(&c->equal_value, value);
		note(&c->equal_key, key);
		break;
	case CHECKPOINT_BROKEN:
		if (c->broken++ == 0) {
			c->broken_partition = partition;
			c->broken_offset = offset;
		}
		break;
	case CHECKPOINT_OTHER:
		break;
	}
}

static int
load_from_topic(struct checkpoint *c)
{
	if (!c->made && topic_reader_ensure(c->props, &c->topic, &c->cancel,
			    MAKE_TIMEOUT_MS, &c->job_err) < 0)
		return -1;
	c->made = true;
	if (!c->read)
		return 0;
	c->broken = 0;
	buf_reset(&c->same_value);
	buf_reset(&c->equal_value);
	return topic_reader_read(c->props, c->topic.name, on_record, c, &c->cancel,
	    READ_TIMEOUT_MS, &c->job_err);
}

static void
load_from_file(struct checkpoint *c)
{
	buf_reset(&c->same_value);
	offsets_file_find(c->file, buf_str(&c->job_key), &c->equal_key, &c->equal_value);
}

static void *
help(void *arg)
{
	struct checkpoint *c = arg;

	c->job_err.kind = ERR_NONE;
	if (c->job == JOB_STORE)
		offsets_file_put(
		    c->file, buf_str(&c->job_key), buf_str(&c->job_value), &c->job_err);
	else if (c->file != NULL)
		load_from_file(c);
	else
		load_from_topic(c);
	loop_wake(&c->wake);
	return NULL;
}

/* ---- in the loop ---- */

static void
start_job(struct checkpoint *c, enum job job)
{
	loop_timer_clear(c->loop, &c->retry);
	c->job = job;
	if (pthread_create(&c->thread, NULL, help, c) == 0) {
		c->running = true;
		return;
	}
	err_set(&c->job_err, ERR_RETRY, "cannot start a thread");
	loop_wake(&c->wake);
}

static void
start_load(struct checkpoint *c)
{
	c->again = false;
	c->read = c->key.n > 0;
	buf_reset(&c->job_key);
	buf_add_str(&c->job_key, buf_str(&c->key));
	start_job(c, JOB_LOAD);
}

static void
copy(struct buf *to, struct str from)
{
	buf_reset(to);
	buf_add_str(to, from);
}

/* From what was found to c->stored. */
static void
take(struct checkpoint *c)
{
	bool same = c->same_value.n > 0;
	const struct buf *value = same ? &c->same_value : &c->equal_value;
	struct err err;

	c->have_stored = false;
	copy(
	    &c->stored_key, buf_str(same || value->n == 0 ? &c->job_key : &c->equal_key));
	if (value->n == 0)
		return;
	if (checkpoint_parse_value(buf_str(value), &c->stored, &err) < 0)
		log_warn(&c->ctx, "the stored offset is not used: %s; key=%s", err.msg,
		    buf_cstr(&c->stored_key));
	else
		c->have_stored = true;
}

static void
load_failed(struct checkpoint *c)
{
	if (c->job_err.kind != ERR_RETRY) {
		c->retry_us = RETRY_MIN_US;
		c->ev.loaded(c->ev.arg, false, NULL, &c->job_err);
		return;
	}
	log_warn(&c->ctx, "topic %s cannot be read yet: %s; retry_ms=%lld", c->topic.name,
	    c->job_err.msg, (long long)(c->retry_us / 1000));
	loop_timer_in(c->loop, &c->retry, c->retry_us);
	c->retry_us = c->retry_us * 2 > RETRY_MAX_US ? RETRY_MAX_US : c->retry_us * 2;
}

static void
load_done(struct checkpoint *c)
{
	if (c->job_err.kind != ERR_NONE) {
		load_failed(c);
		return;
	}
	c->retry_us = RETRY_MIN_US;
	if (c->again || (!c->read && c->file == NULL && c->key.n > 0)) {
		start_load(c);
		return;
	}
	if (!c->read)
		return;
	if (c->broken > 0)
		log_warn(&c->ctx,
		    "records of topic %s are no offsets and were skipped; count=%llu "
		    "first_partition=%d first_offset=%lld",
		    c->topic.name, (unsigned long long)c->broken,
		    (int)c->broken_partition, (long long)c->broken_offset);
	take(c);
	c->loaded = true;
	c->ev.loaded(c->ev.arg, c->have_stored, c->have_stored ? &c->stored : NULL, NULL);
}

static void
write_done(struct checkpoint *c, const struct err *err)
{
	c->writing = false;
	if (err == NULL && !c->write_is_old) {
		c->stored = c->written;
		c->have_stored = true;
	}
	c->ev.stored(c->ev.arg, err);
}

static void
on_wake(void *arg)
{
	struct checkpoint *c = arg;

	if (c->running)
		pthread_join(c->thread, NULL);
	c->running = false;
	if (c->job == JOB_LOAD) {
		load_done(c);
		return;
	}
	bool again = c->again;
	write_done(c, c->job_err.kind != ERR_NONE ? &c->job_err : NULL);
	if (again && !c->running)
		start_load(c);
}

static void
on_retry(void *arg)
{
	start_load(arg);
}

static struct checkpoint *
checkpoint_new(struct loop *loop, const struct log_ctx *ctx,
    const struct checkpoint_events *events, struct err *err)
{
	struct checkpoint *c = mem_zalloc(sizeof(*c));

	c->loop = loop;
	if (ctx != NULL)
		c->ctx = *ctx;
	c->ev = *events;
	c->retry_us = RETRY_MIN_US;
	atomic_init(&c->cancel, false);
	loop_timer_init(&c->retry, on_retry, c);
	if (loop_wake_init(loop, &c->wake, on_wake, c, err) < 0) {
		free(c);
		return NULL;
	}
	return c;
}

struct checkpoint *
checkpoint_open_topic(struct loop *loop, const struct log_ctx *ctx,
    const struct config *client_props, const struct internal_topic *topic,
    struct producer *producer, const struct checkpoint_events *events, struct err *err)
{
	struct checkpoint *c = checkpoint_new(loop, ctx, events, err);

	if (c == NULL)
		return NULL;
	c->producer = producer;
	c->props = config_new();
	config_copy(c->props, client_props, "");
	c->topic = *topic;
	c->topic.name = c->topic_texts[0] = mem_strdup(topic->name);
	c->topic.setting = c->topic_texts[1] = mem_strdup(topic->setting);
	c->topic.purpose = c->topic_texts[2] = mem_strdup(topic->purpose);
	start_load(c);
	return c;
}

struct checkpoint *
checkpoint_open_file(struct loop *loop, const struct log_ctx *ctx,
    struct offsets_file *file, const struct checkpoint_events *events, struct err *err)
{
	struct checkpoint *c = checkpoint_new(loop, ctx, events, err);

	if (c != NULL)
		c->file = file;
	return c;
}

void
checkpoint_select(struct checkpoint *c, const struct checkpoint_key *key)
{
	buf_reset(&c->key);
	checkpoint_format_key(key, &c->key);
	c->loaded = false;
	c->write_is_old = c->writing;
	if (c->running)
		c->again = c->job == JOB_STORE || c->read;
	else
		start_load(c);
}

static int
write_to_topic(struct checkpoint *c, struct str value, struct err *err)
{
	/* Only now: asking for the topic earlier could make Kafka create it its way. */
	struct producer_topic *t = producer_topic(
	    c->producer, c->topic.name, "none", err);
	const struct producer_record r = {
		.key = c->stored_key.p,
		.key_n = c->stored_key.n,
		.value = value.p,
		.value_n = value.n,
		.timestamp_ms = -1,
		.partition = -1,
		.opaque = c,
	};

	return t == NULL ? -1 : producer_send(c->producer, t, &r, err);
}

int
checkpoint_write(struct checkpoint *c, const struct checkpoint_value *v, struct err *err)
{
	if (!c->loaded || c->writing)
		return err_set(err, ERR_RETRY,
		    c->writing ? "a write is under way" : "the offset is not read yet");
	if (c->have_stored && c->stored.messages == v->messages)
		return 0;
	buf_reset(&c->job_value);
	checkpoint_format_value(v, &c->job_value);
	if (c->file == NULL && write_to_topic(c, buf_str(&c->job_value), err) < 0)
		return err_context(err, "topic %s", c->topic.name);
	c->written = *v;
	c->writing = true;
	c->write_is_old = false;
	if (c->file != NULL) {
		copy(&c->job_key, buf_str(&c->stored_key));
		start_job(c, JOB_STORE);
	}
	return 0;
}

bool
checkpoint_busy(const struct checkpoint *c)
{
	return c->writing;
}

bool
checkpoint_report(struct checkpoint *c, void *opaque, const struct err *err)
{
	if (opaque != c)
		return false;
	write_done(c, err);
	return true;
}

void
checkpoint_close(struct checkpoint *c)
{
	if (c == NULL)
		return;
	atomic_store(&c->cancel, true);
	if (c->running)
		pthread_join(c->thread, NULL);
	loop_wake_fini(c->loop, &c->wake);
	loop_timer_clear(c->loop, &c->retry);
	config_free(c->props);
	for (size_t i = 0; i < ARRAY_LEN(c->topic_texts); i++)
		free(c->topic_texts[i]);

	struct buf *const bufs[] = { &c->job_key, &c->same_value, &c->equal_value,
		&c->equal_key, &c->job_value, &c->key, &c->stored_key };
	for (size_t i = 0; i < ARRAY_LEN(bufs); i++)
		buf_fini(bufs[i]);
	free(c);
}
