#ifndef KAFKA_LIVENESS_H
#define KAFKA_LIVENESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Is Kafka there?  Judged from what librdkafka says in passing.  Kafka is down when
 * an attempt to reach a broker failed and no broker is left; it is up when it
 * confirmed a record or a broker's connection stands.  A connection closed for
 * idleness is neither, and `_ALL_BROKERS_DOWN` alone over-reports (before 2.11.1).
 */
struct liveness {
	bool known, up;
	bool all_down;     /* librdkafka's word, since the last sign of life */
	bool failed;       /* an attempt failed, since the last sign of life */
	bool login;        /* down was told with a code of codes_is_login */
	unsigned closed;   /* connections, since the last sign of life */
	int64_t failed_us; /* when the last one did */
	struct err why;    /* of the last failure */
};

/* Each returns whether there is something to tell: `up` has changed or become known, or
 * the reason for being down turns out to be a wrong password or certificate. */
bool liveness_alive(struct liveness *); /* a record was confirmed, an answer came */
bool liveness_error(struct liveness *, int code, const char *text, int64_t now_us);
/* json: librdkafka's statistics. */
bool liveness_stats(struct liveness *, const char *json, int64_t now_us);

#endif
