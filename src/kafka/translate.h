#ifndef KAFKA_TRANSLATE_H
#define KAFKA_TRANSLATE_H

#include <librdkafka/rdkafka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "config/config.h"
#include "kafka/props.h"

/*
 * One translation of properties while it goes on; for props.c, tls.c and sasl.c.
 * Faults are noted and the translation goes on, so that all of them are told.
 */
struct translate {
	const struct config *props;
	enum props_client client;
	const struct log_ctx *ctx;
	struct problems *problems; /* may be NULL */
	struct err *err;           /* the first fault */
	bool failed;
	rd_kafka_conf_t *conf;
	struct arena *mem; /* for texts that conf copies */
	int chain_fd;      /* props.h */
};

/* e may be NULL.  No secrets in the text. */
void translate_error(struct translate *, const struct config_entry *e, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));
void translate_warn(struct translate *, const struct config_entry *e, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

/* Sets librdkafka's property; its refusal becomes a fault of e, the user's entry. */
void translate_set(struct translate *, const struct config_entry *e, const char *name,
    const char *value);

/* The value without blanks around it, in mem. */
const char *translate_trimmed(struct translate *, const struct config_entry *e);

#endif
