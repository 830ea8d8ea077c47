#ifndef CONNECT_CONNECTOR_COMMON_H
#define CONNECT_CONNECTOR_COMMON_H

#include "config/opt.h"
#include "connect/connector.h"

/* The keys that Kafka Connect itself gives to every source connector
 * (org.apache.kafka.connect.runtime.SourceConnectorConfig 3.9). */
struct connector_common {
	const char *name;
	const char *connector_class;
	int32_t tasks_max;
	const char *key_converter, *value_converter,
	    *header_converter; /* NULL: worker's */
	struct opt_list transforms, predicates;
	const char *errors_tolerance;
	bool errors_log;
	struct opt_list topic_creation_groups;
};

extern const struct opt connector_common_options[];

/* Worker settings that tasks need; a worker file holds more. */
struct connector_worker_options {
	const char *bootstrap_servers;
	const char *key_converter, *value_converter, *header_converter;
	int32_t offset_flush_interval_ms;
	int32_t stop_timeout_ms;
	bool topic_creation;
	const char *override_policy;
	const char *state_dir;
};

extern const struct opt connector_worker_options[];

/*
 * Fills what does not depend on the kind of connector: name, converters, producer
 * properties, topic creation, tolerance, times.  All memory is of `mem`; the
 * config objects made here live as long as the process.
 */
void connector_common_apply(const struct connector_worker *, const struct config *cfg,
    const struct connector_common *, int number, struct arena *mem, struct problems *,
    struct task_options *);

/* What only shows when converters and clients are made: makes and drops them. */
void connector_common_check(
    const struct config *cfg, const struct task_options *, struct problems *);

/* Properties of the worker's own clients (connect-offsets); the caller's to free. */
struct config *connector_common_worker_client(const struct config *worker);

/* Is this un-prefixed worker key a Kafka client's? */
bool connector_common_is_client_key(const char *key);

#endif
