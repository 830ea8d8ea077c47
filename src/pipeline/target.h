#ifndef PIPELINE_TARGET_H
#define PIPELINE_TARGET_H

#include <stdbool.h>

#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "kafka/producer.h"
#include "pipeline/task.h"

/*
 * The Kafka topics of a task: a handle for each name, and the making of missing
 * topics by the connector's topic.creation rules (Connect 3.9: once per topic, before
 * its first record).
 */
struct targets;

enum target_state {
	TARGET_READY,
	TARGET_ASKED, /* being made: `settled` tells when it is READY or REFUSED */
	TARGET_REFUSED,
};

struct target {
	struct producer_topic *topic;
	enum target_state state;
	const char *name;
};

/* The most topics of one task: each costs memory here and in librdkafka for good, and
 * `$` lets publishers choose their names. */
#define TARGET_MAX 10000

/* settled: an asked target is READY or REFUSED (err).  Borrows opts and producer. */
struct targets *targets_new(const struct task_options *, const struct log_ctx *,
    struct producer *, void (*settled)(void *arg, const struct err *err), void *arg);
void targets_free(struct targets *);

/* Makes it at first use.  ERR_RECORD: too many; ERR_CONFIG: not a name for Kafka. */
struct target *target_get(struct targets *, struct str name, struct err *err);

#endif
