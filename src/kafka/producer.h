#ifndef KAFKA_PRODUCER_H
#define KAFKA_PRODUCER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/str.h"
#include "config/config.h"

/*
 * One idempotent producer in the event loop of its task (spec: librdkafka 2.0.2
 * and later, event API).  Nothing here blocks except producer_close.  A fatal
 * error of the library (sequence lost, #4438) is ordinary life: the handle is
 * replaced and what was not delivered is sent again in the old order; the owner
 * sees only a counter and a log line.
 */
struct producer;
struct producer_topic; /* a cached topic handle; lives as long as its producer */

struct producer_header {
	const char *name;
	const void *value; /* NULL: null */
	size_t n;
};

struct producer_record {
	const void *key; /* NULL: no key */
	size_t key_n;
	const void *value; /* NULL: null (a tombstone); "" with 0 is empty, not null */
	size_t value_n;
	int64_t timestamp_ms; /* -1: the producer's clock; 0 is sent as 1 (librdkafka) */
	int32_t partition;    /* -1: the partitioner (Java's murmur2 of the key) */
	const struct producer_header *headers;
	size_t n_headers;
	void *opaque; /* comes back with the report */
};

/* Handlers run in the loop's thread, never inside producer_send.  They may send, but not
 * close the producer. */
struct producer_events {
	/* Kafka has confirmed n records. */
	void (*delivered)(void *arg, void *const *opaque, size_t n);
	/*
	 * Kafka will never take this record.  err: ERR_RECORD (too large, invalid) or
	 * ERR_FATAL (no such topic, no rights), with topic name and what to do.
	 * The record's bytes are borrowed until the handler returns.
	 */
	void (*refused)(void *arg, struct producer_topic *topic,
	    const struct producer_record *r, const struct err *err);
	/* Room again after producer_send answered ERR_RETRY. */
	void (*room)(void *arg);
	/* Kafka went away or came back; why: text for people, NULL when up. */
	void (*state)(void *arg, bool up, const char *why);
	void *arg;
};

struct producer_stats {
	uint64_t sent, delivered, refused, recreated;
	bool up;
};

/*
 * props: the client's properties under their Java names or librdkafka's (the
 * allow list of spec/kafka section 2), already layered; `written`, file and line of
 * their entries are used in errors.  Unknown or contradicting ones: problems.
 * Returns at once, also when no broker is there.  NULL: problems or err say why.
 */
struct producer *producer_open(struct loop *loop, const struct config *props,
    const struct log_ctx *ctx, const struct producer_events *events,
    struct problems *problems, struct err *err);

/* The handle of a topic, made at first use; Kafka may create the topic at that (its
 * auto.create.topics.enable): producer_create_topic goes first.  compression: NULL, or a codec for this
 * topic only ("none" for the internal topics). */
struct producer_topic *producer_topic(struct producer *, const char *name,
    const char *compression, struct err *err);
const char *producer_topic_name(const struct producer_topic *);
/* A pointer of the owner's, kept with the topic. */
void producer_topic_set_data(struct producer_topic *, void *data);
void *producer_topic_data(const struct producer_topic *);

/*
 * Queues a record; key, value and headers are copied.  -1 with ERR_RETRY: the queue
 * is full, or the handle is being replaced: `room` will be called.  ERR_RECORD: larger
 * than message.max.bytes; ERR_FATAL: the topic or the partition does not exist, or the
 * client has no right to it, as Kafka said before.  No report follows then.  On 0 exactly
 * one delivered or refused follows, unless the producer is closed first.
 */
int producer_send(struct producer *, struct producer_topic *,
    const struct producer_record *, struct err *err);

/*
 * Makes a missing topic as a connector's topic.creation settings ask; asked again while
 * Kafka is away.  The answer comes to done: err NULL: made, or there already, or not
 * ours to make (then the first record tells); else ERR_FATAL with Kafka Connect's text.
 * done is not called when the producer is closed first.
 */
struct topic_spec {
	const char *name;
	int32_t partitions;         /* -1: the broker's default */
	int32_t replication_factor; /* -1: the broker's default */
	const struct config *settings; /* topic settings; NULL: none */
};
void producer_create_topic(struct producer *, const struct topic_spec *,
    void (*done)(void *arg, const struct err *err), void *arg);

/* Records without a report yet. */
size_t producer_pending(const struct producer *);
struct producer_stats producer_stats(const struct producer *);

/*
 * Leaves at once: purges what was not delivered (no reports follow; nothing of it
 * counts as done) and frees the handle.  Wait for producer_pending to be 0 first
 * in a clean stop.
 */
void producer_close(struct producer *);

/* For tests: the handle is lost, as after this error code of Kafka. */
void producer_test_fatal(struct producer *, int code);

#endif
