#ifndef PIPELINE_STAGES_H
#define PIPELINE_STAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/log.h"
#include "convert/convert.h"
#include "data/message.h"
#include "data/record.h"
#include "kafka/producer.h"
#include "pipeline/task.h"
#include "route/route.h"

/*
 * From a message to the bytes of its records: route -> statement (payload -> record) ->
 * transforms -> converters, for the statements of one task.  Knows neither holds nor
 * the producer, so that `headrace try` does what a task does.
 *
 * Per message nothing is allocated but in an arena that the next stages_find resets.
 */
struct stages;

/* Borrows opts until stages_close; copies env.  ERR_CONFIG: a converter, transform, ... */
struct stages *stages_open(const struct task_options *opts, const struct log_ctx *,
    const struct converter_env *env, struct err *err);
void stages_close(struct stages *);

/* Topic filters to subscribe: without duplicates, and without those that another one
 * covers.  Borrowed until stages_close. */
const char *const *stages_filters(const struct stages *, size_t *n);

/* Where something went wrong, in words of Kafka Connect. */
struct stages_fault {
	const char *stage; /* "PAYLOAD", "TRANSFORMATION", "VALUE_CONVERTER", ... */
	const char *class;
	bool conversion; /* which of task_tolerance's two decides */
};

/*
 * Begins a message: the numbers of the statements that take its topic, borrowed until
 * the next call.  All that was made before is gone.  -1: nobody knows (ERR_RECORD).
 */
int stages_find(struct stages *, const struct message *, struct route_match *,
    struct stages_fault *, struct err *);

/* The Kafka topic of a statement whose target varies with the MQTT topic; borrowed until
 * the next call.  *changed: characters that Kafka refuses were replaced. */
int stages_target(struct stages *, size_t statement, const struct message *,
    struct str *name, bool *changed, struct stages_fault *, struct err *);

enum stages_result { STAGES_FAULT = -1, STAGES_MADE, STAGES_DROPPED };

/* A record on both sides of the converters; lives until the next stages_find. */
struct stages_record {
	struct record data; /* behind the transforms: its topic, too */
	struct producer_record bytes;
};

/*
 * What a statement makes of a message.  topic: the Kafka topic; data.topic.p stays
 * topic.p unless a transform changes it.  STAGES_DROPPED: a transform wants no record;
 * STAGES_FAULT: ERR_RECORD, or ERR_RETRY when a converter waits for something.
 */
enum stages_result stages_make(struct stages *, size_t statement, const struct message *,
    struct str topic, struct stages_record *, struct stages_fault *, struct err *);

#endif
