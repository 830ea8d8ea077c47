#ifndef KAFKA_TOPIC_MAKER_H
#define KAFKA_TOPIC_MAKER_H

#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"
#include "kafka/producer.h"

/*
 * Makes topics through the admin calls of a producer's handle, in the loop: asks, and
 * asks again while Kafka is away (1 s doubling to 30 s).  For producer.c only.
 */
struct topic_maker;
struct rd_kafka_s;       /* rd_kafka_t */
struct rd_kafka_queue_s; /* rd_kafka_queue_t */
struct rd_kafka_op_s;    /* rd_kafka_event_t */

struct topic_maker *topic_maker_new(struct loop *, const struct log_ctx *);
void topic_maker_free(struct topic_maker *); /* forgets what is under way */

/* The handle to ask through from now on; what is under way is asked again. */
void topic_maker_handle(
    struct topic_maker *, struct rd_kafka_s *, struct rd_kafka_queue_s *);
void topic_maker_create(struct topic_maker *, const struct topic_spec *,
    void (*done)(void *arg, const struct err *err), void *arg);
/* An answer; the event stays the caller's. */
void topic_maker_event(struct topic_maker *, struct rd_kafka_op_s *);

#endif
