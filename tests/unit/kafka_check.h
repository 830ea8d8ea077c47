#ifndef KAFKA_CHECK_H
#define KAFKA_CHECK_H

/* A producer on the embedded Kafka, its reports in the order they came, and a reader. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/loop.h"
#include "config/config.h"
#include "kafka/mock.h"
#include "kafka/producer.h"

struct kafka_check {
	struct mock_kafka *mock;
	struct loop *loop;
	struct config *props;
	struct producer *producer;
	size_t delivered, refused, rooms, ups, downs;
	/* Takes the reports instead of the counting, when set. */
	void (*delivered_to)(void *arg, void *const *opaque, size_t n);
	void *delivered_arg;
	struct buf order; /* "d1 d2 r3 ...": reports by opaque; off when counting */
	bool only_count;
	enum err_kind refused_kind; /* of the last */
	struct buf refused_text;
	struct buf why; /* of the last state that was down */
};

/* Starts the embedded Kafka with a topic "t"; NULL props at the end of the pairs. */
void kafka_check_start(struct kafka_check *, int partitions, const char *const *props);
void kafka_check_stop(struct kafka_check *);

/* Turns the loop until *n >= want; fails the test after 20 s. */
void kafka_check_wait(struct kafka_check *, const size_t *n, size_t want);

/* Sends a record with the number as opaque and value; waits for room when asked to. */
void kafka_check_send(struct kafka_check *, struct producer_topic *, uintptr_t number);

/* The values of a partition, as "1 2 3", read until n have come. */
void kafka_check_read(
    struct kafka_check *, const char *topic, int partition, size_t n, struct buf *out);
/* As key|value|timestamp|headers, a line each; times from now_ms on are "now". */
void kafka_check_read_all(struct kafka_check *, const char *topic, int partition,
    size_t n, int64_t now_ms, struct buf *out);

#endif
