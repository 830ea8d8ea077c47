#ifndef KAFKA_CODES_H
#define KAFKA_CODES_H

#include <stdbool.h>

#include "base/err.h"

/*
 * What Kafka's and librdkafka's error codes mean for a record or a call: the one
 * place where they become kinds (specification kafka.md, section 5).
 */

enum codes_class {
	CODES_OK,
	CODES_AWAY,    /* the way to Kafka is broken: the same again, later */
	CODES_RESEND,  /* the handle is lost, not the record: new handle, send again */
	CODES_RECORD,  /* Kafka refuses this record, or one that was in its batch */
	CODES_REFUSED, /* Kafka refuses all such records: rights, no such topic, ... */
};

/* code: an rd_kafka_resp_err_t. */
enum codes_class codes_class(int code);

/* Codes that refuse a whole batch although only one of its records is at fault. */
bool codes_blame_batch(int code);

/* Is it a wrong password, certificate or protocol, that is: nothing that waiting mends? */
bool codes_is_login(int code);

/*
 * The error of a record for `topic` as text that says what to do; kind ERR_RECORD,
 * ERR_FATAL or ERR_RETRY by class.  text: librdkafka's own, or NULL.  Returns -1.
 */
int codes_explain(struct err *err, int code, const char *topic, const char *text);

/* Why a broker cannot be reached, from librdkafka's code and text: ERR_RETRY, with what
 * to do in front.  Returns -1. */
int codes_explain_away(struct err *err, int code, const char *text);

#endif
