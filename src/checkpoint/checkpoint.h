#ifndef CHECKPOINT_CHECKPOINT_H
#define CHECKPOINT_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"
#include "config/config.h"
#include "kafka/producer.h"
#include "kafka/topic_reader.h"

/*
 * A task's progress in Kafka Connect's own format, in one of two places: the
 * connect-offsets topic (key ["<connector>",{"client":...,"broker":...}], compacted,
 * murmur2-partitioned) or the offsets file of a standalone worker (a serialised
 * java.util.HashMap<byte[],byte[]>, FileOffsetBackingStore of Kafka 3.9).
 */

struct checkpoint_key {
	const char *connector;
	const char *client; /* MQTT client id */
	const char *broker; /* host:port */
};

struct checkpoint_value {
	uint64_t messages; /* acknowledged since the connector exists */
};

/* JSON as it stands in topic and file; strings are escaped.  Appends to out. */
void checkpoint_format_key(const struct checkpoint_key *, struct buf *out);
void checkpoint_format_value(const struct checkpoint_value *, struct buf *out);
/* -1, ERR_RECORD: not one of ours, or broken. */
int checkpoint_parse_value(struct str json, struct checkpoint_value *out, struct err *err);
/* Are two keys the same by content (member order and blanks do not matter)? */
bool checkpoint_key_equal(struct str a_json, struct str b_json);

struct checkpoint; /* the progress of one task */

struct checkpoint_events {
	/*
	 * The stored value was read (found) or there is none.  err not NULL: it
	 * could not be read; ERR_CONFIG: it never will (cleanup.policy, rights).
	 */
	void (*loaded)(void *arg, bool found, const struct checkpoint_value *v,
	    const struct err *err);
	/* A write is stored, or failed (it is tried again at the next flush). */
	void (*stored)(void *arg, const struct err *err);
	void *arg;
};

/*
 * In a topic.  A helper thread makes, checks and reads the topic, and hands its
 * result to the loop; it tries again (1 s doubling to 30 s) while Kafka is away.
 * Writes go through the task's producer; their reports come back by
 * checkpoint_report.
 */
struct checkpoint *checkpoint_open_topic(struct loop *, const struct log_ctx *,
    const struct config *client_props, const struct internal_topic *topic,
    struct producer *producer, const struct checkpoint_events *, struct err *err);

/* In a file, shared by all tasks of the process (its lock is inside). */
struct offsets_file;
struct offsets_file *offsets_file_open(const char *path, struct err *err);
void offsets_file_close(struct offsets_file *);
struct checkpoint *checkpoint_open_file(struct loop *, const struct log_ctx *,
    struct offsets_file *, const struct checkpoint_events *, struct err *err);

/* Which record is ours; known when the broker is (first connect).  May come again
 * with another broker.  `loaded` follows from the loop. */
void checkpoint_select(struct checkpoint *, const struct checkpoint_key *);

/* Writes unless equal to what is stored; -1: not loaded yet, or one under way. */
int checkpoint_write(struct checkpoint *, const struct checkpoint_value *, struct err *err);
bool checkpoint_busy(const struct checkpoint *);

/* Is this report's opaque (producer_events) that of a checkpoint record?  Then it is
 * taken, and `stored` called. */
bool checkpoint_report(struct checkpoint *, void *opaque, const struct err *err);

void checkpoint_close(struct checkpoint *); /* waits for the helper thread, <= 1 s */

#endif
