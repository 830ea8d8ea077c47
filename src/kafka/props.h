#ifndef KAFKA_PROPS_H
#define KAFKA_PROPS_H

#include "base/err.h"
#include "base/log.h"
#include "config/config.h"

/*
 * From the properties of a Java client, or librdkafka's own that are allowed, to a
 * configuration of librdkafka: nothing reaches rd_kafka_conf_set without a row here.
 */

struct rd_kafka_conf_s; /* rd_kafka_conf_t */

enum props_client {
	PROPS_PRODUCER = 1,
	PROPS_READER = 2, /* reads a topic to its end, without a group */
	PROPS_ADMIN = 4,
};

/*
 * What is wrong goes to problems, each with its place; problems NULL: the first
 * error to err.  NULL on errors (err is set then too).  Logging, events and the
 * idempotence of a producer are set; free with rd_kafka_conf_destroy unless
 * rd_kafka_new takes it.
 */
struct rd_kafka_conf_s *props_conf(const struct config *props, enum props_client client,
    const struct log_ctx *ctx, struct problems *problems, struct err *err);

#endif
