#ifndef KAFKA_TOPIC_READER_H
#define KAFKA_TOPIC_READER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "config/config.h"

/*
 * Blocking calls for a helper thread or a command: make, check and read an internal
 * topic.  They look at *cancel (may be NULL) at least every 100 ms and give up
 * with ERR_RETRY when it is set or when timeout_ms is over (0: never).
 */

struct internal_topic {
	const char *name;           /* "connect-offsets" */
	const char *setting;        /* "offset.storage.topic", for messages */
	const char *purpose;        /* "source connector offsets" */
	int32_t partitions;         /* for a new one; 25 */
	int32_t replication_factor; /* for a new one; -1: the broker's default */
};

/*
 * Makes the topic compacted when it is absent.  ERR_CONFIG with Kafka Connect's text
 * (TopicAdmin) when its cleanup.policy is not "compact"; when the check is
 * not authorised: a warning, and on.
 */
int topic_reader_ensure(const struct config *props, const struct internal_topic *t,
    const atomic_bool *cancel, int64_t timeout_ms, struct err *err);

/* Reads all partitions to their end (read_committed); each record to `record`
 * (value.p NULL: tombstone), in order within a partition. */
int topic_reader_read(const struct config *props, const char *topic,
    void (*record)(void *arg, int32_t partition, int64_t offset, struct str key,
        struct str value),
    void *arg, const atomic_bool *cancel, int64_t timeout_ms, struct err *err);

/* For `headrace check`: is a broker reachable with these properties, and does the
 * topic exist (exists NULL: not asked)? */
int topic_reader_probe(const struct config *props, const char *topic, bool *exists,
    int64_t timeout_ms, struct err *err);

#endif
