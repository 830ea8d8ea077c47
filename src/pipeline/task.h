#ifndef PIPELINE_TASK_H
#define PIPELINE_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/regex.h"
#include "checkpoint/checkpoint.h"
#include "config/config.h"
#include "kcql/kcql.h"
#include "mqtt/source.h"

/*
 * A task owns the whole way of its messages: one thread, one event loop, one MQTT
 * session, one Kafka producer.  Nothing in it is shared, so nothing is locked.
 *
 * Invariant: an MQTT message is acknowledged only when each record made of it is
 * confirmed by Kafka, or was skipped for a reason that errors.tolerance allows and
 * that is counted.
 */
struct task;

/* An own kind of key for all records without WITHKEY. */
enum task_key { TASK_KEY_LENSES, TASK_KEY_TOPIC };

struct task_tolerance {
	bool conversion; /* stage (a): payload, KCQL key, columns, target name */
	bool rest;       /* transforms, converters towards Kafka, produce */
	bool log;        /* errors.log.enable */
};

/* A class with its settings (without prefix). */
struct task_plugin {
	const char *class_name;
	const struct config *config;
};

/* topic.creation.*: the first rule that fits makes a missing topic. */
struct task_topic_rule {
	const char *group;
	const struct regex *include, *exclude; /* of the whole name; NULL: all, none */
	int32_t partitions;
	int32_t replication_factor;
	const struct config *settings;
};

struct task_options {
	const char *connector;
	int number;
	const struct kcql *kcql; /* the statements of this task */
	struct source_options source;
	enum task_key key;
	struct task_tolerance tolerance;
	bool strict_lenses;
	bool drop_dup;          /* only with strict_lenses */
	bool log_messages;      /* connect.mqtt.log.message */
	const char *class_name; /* connector.class; chooses names of record schemas */
	struct task_plugin key_converter, value_converter, header_converter;
	const struct config *connector_config; /* for converters and transforms */
	const struct config *producer_props;
	const struct task_topic_rule *topic_rules; /* none: the broker decides */
	size_t n_topic_rules;
	/* One of the two: */
	const struct internal_topic *offsets_topic;
	struct offsets_file *offsets_file;
	const struct config *offsets_props; /* client properties for offsets_topic */
	int flush_interval_ms;              /* offset.flush.interval.ms */
	int stop_timeout_ms;                /* task.shutdown.graceful.timeout.ms */
};

enum task_state { TASK_STARTING, TASK_RUNNING, TASK_STOPPING, TASK_STOPPED, TASK_FAILED };

struct task_stats {
	uint64_t received, received_bytes, redelivered;
	uint64_t delivered, acknowledged;
	uint64_t unrouted;    /* no statement matched: acknowledged */
	uint64_t skipped;     /* errors tolerated: acknowledged without a record */
	uint64_t filtered;    /* dropped by a transform: acknowledged without a record */
	uint64_t dropped_dup; /* strict Lenses: DUP messages */
	uint64_t producer_recreated;
	uint64_t window_messages, window_bytes;
	bool mqtt_connected, kafka_up, paused;
};

/*
 * Called from the task's thread; a state change is told once.  err is not NULL
 * when state is TASK_FAILED.
 */
struct task_events {
	void (*state)(void *arg, struct task *, enum task_state, const struct err *err);
	void *arg;
};

/*
 * Makes a task and starts its thread.  opts and all it points to is borrowed until
 * task_free.  -1 and NULL: ERR_CONFIG, nothing was started.
 */
struct task *task_start(
    const struct task_options *opts, const struct task_events *, struct err *err);

/*
 * Asks it to stop: no more reading, deliveries within stop_timeout_ms, then
 * acknowledgements, checkpoint, DISCONNECT.  Thread: any; returns at once.
 */
void task_stop(struct task *);
/* Leaves without waiting for anything; what was not acknowledged comes again. */
void task_stop_now(struct task *);
/* Waits for the thread's end and frees.  NULL is fine. */
void task_free(struct task *);

/* A snapshot, at most one turn of the loop old.  Thread: any. */
struct task_stats task_stats(const struct task *);
enum task_state task_state(const struct task *);
const struct task_options *task_opts(const struct task *);
const char *task_state_name(enum task_state);

#endif
