#ifndef KAFKA_PROPS_H
#define KAFKA_PROPS_H

#include "base/err.h"
#include "base/log.h"
#include "config/config.h"

/*
 * From the properties of a Java client, or librdkafka's own that are allowed, to a
 * configuration of librdkafka (specification kafka.md, section 2): nothing reaches
 * rd_kafka_conf_set without a row in props.c.
 */

struct rd_kafka_conf_s; /* rd_kafka_conf_t */

enum props_client {
	PROPS_PRODUCER = 1,
	PROPS_READER = 2, /* reads a topic to its end, without a group */
	PROPS_ADMIN = 4,
};

struct props_conf {
	struct rd_kafka_conf_s *conf;
	int chain_fd; /* a certificate chain in memory that conf names; -1: none */
};

/*
 * What is wrong goes to problems, each with its place; problems may be NULL; err gets
 * the first error.  -1 on errors.  Logging and a producer's idempotence are set.
 * Free with props_conf_fini when no handle will be made of it any more; a handle
 * is made of a copy (rd_kafka_conf_dup).
 *
 * `linger.ms` is the owner's (headrace.linger.ms): it is checked, but librdkafka lingers
 * for 1 ms, or for `queue.buffering.max.ms`.  So is `buffer.memory`: the window.
 */
int props_conf_make(const struct config *props, enum props_client client,
    const struct log_ctx *ctx, struct problems *problems, struct props_conf *out,
    struct err *err);
void props_conf_fini(struct props_conf *);

/* librdkafka's reason for not making a handle, with what to do where that is known. */
int props_conf_explain(struct err *err, const char *why);

#endif
