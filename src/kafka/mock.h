#ifndef KAFKA_MOCK_H
#define KAFKA_MOCK_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* Kafka for `headrace demo` and fault injection: librdkafka's in-process cluster.  It
 * proves nothing about transactions, fencing or compaction. */
struct mock_kafka;

struct mock_kafka *mock_kafka_start(int brokers, struct err *err);
void mock_kafka_stop(struct mock_kafka *);
const char *mock_kafka_bootstrap(const struct mock_kafka *);
int mock_kafka_create_topic(
    struct mock_kafka *, const char *name, int partitions, struct err *err);
void mock_kafka_down(struct mock_kafka *); /* all brokers: connections refused */
void mock_kafka_up(struct mock_kafka *);
/* Every answer takes so long; 0: at once. */
void mock_kafka_slow(struct mock_kafka *, int rtt_ms);
/* The next n requests of a kind (0: Produce) fail with Kafka's error code; code -195
 * closes the connection instead.  Numbers as in the protocol guide. */
void mock_kafka_fail(struct mock_kafka *, int api, int code, int n);

#endif
