#ifndef PIPELINE_PIPELINE_H
#define PIPELINE_PIPELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "data/message.h"
#include "kafka/producer.h"
#include "pipeline/task.h"

/*
 * The order of the stages, for one task: route -> convert -> transforms -> convert ->
 * Kafka.  Takes messages in batches, makes their records and hands them to the producer.
 *
 * A message's hold (source_hold, source_release) is managed here up to the producer:
 * one hold for each record on its way.  The reports give them back (task.c).
 */
struct pipeline;

/* What the pipeline asks of its task. */
struct pipeline_task {
	void (*hold)(void *arg, uint32_t slot);
	void (*release)(void *arg, uint32_t slot);
	void *(*opaque)(uint32_t slot); /* the producer's opaque for this message */
	void (*ready)(void *arg); /* something that was waited for is there: continue */
	void *arg;
};

/* Borrows opts and producer.  ERR_CONFIG: a converter, transform, target, ... */
struct pipeline *pipeline_open(const struct task_options *opts, const struct log_ctx *,
    struct loop *, struct producer *, const struct pipeline_task *, struct err *err);
void pipeline_close(struct pipeline *);

/* Topic filters to subscribe: without duplicates, and without those that another one
 * covers.  Borrowed until pipeline_close. */
const char *const *pipeline_filters(const struct pipeline *, size_t *n);

/*
 * Takes a batch.  -1: the task must fail (errors.tolerance=none, or worse); what was
 * handled before it stays handled, the rest stays held.  When the pipeline has to wait
 * (pipeline_waits), it keeps a copy of the rest and goes on at pipeline_continue.
 */
int pipeline_batch(struct pipeline *, const struct message *m, size_t n, struct err *err);
/* A PUBLISH that was too long to be read: an error of conversion. */
int pipeline_too_large(
    struct pipeline *, const struct message *m, size_t bytes, struct err *err);
/* Waits for room in the producer's queue, a topic to be made, a schema registry? */
bool pipeline_waits(const struct pipeline *);
int pipeline_continue(struct pipeline *, struct err *err);

/* Kafka will never take a record: 0, skip it (the caller releases the message); -1, the
 * task fails with err, which gets the words for people. */
int pipeline_refused(struct pipeline *, const struct producer_topic *, struct err *err);

/* Adds the counters of this file. */
void pipeline_stats(const struct pipeline *, struct task_stats *);

#endif
