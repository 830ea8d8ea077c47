/*
 * Error codes of Kafka and librdkafka by class, with what to do.  A code without a row
 * is Kafka's word against the record when it is positive, and trouble of the handle
 * when negative: neither loses the record.
 */
#include "kafka/codes.h"

#include <librdkafka/rdkafka.h>
#include <string.h>

#include "base/mem.h"

struct row {
	rd_kafka_resp_err_t code;
	enum codes_class class;
	const char *advice; /* NULL: librdkafka's text says it all */
};

#define E(name) RD_KAFKA_RESP_ERR_##name

static const struct row rows[] = {
	{ E(NO_ERROR), CODES_OK, NULL },

	{ E(_TRANSPORT), CODES_AWAY, NULL },
	{ E(_RESOLVE), CODES_AWAY,
	    "is the name in bootstrap.servers right, and DNS there?" },
	{ E(_ALL_BROKERS_DOWN), CODES_AWAY, NULL },
	{ E(_TIMED_OUT), CODES_AWAY, NULL },
	{ E(_TIMED_OUT_QUEUE), CODES_AWAY, NULL },
	{ E(_WAIT_COORD), CODES_AWAY, NULL },
	{ E(_SSL), CODES_AWAY,
	    "check ssl.truststore.* (is the broker's certificate from there?), the "
	    "broker's "
	    "name and port, and ssl.keystore.*" },
	{ E(_AUTHENTICATION), CODES_AWAY,
	    "check sasl.mechanism, and user and password in sasl.jaas.config" },
	{ E(LEADER_NOT_AVAILABLE), CODES_AWAY, NULL },
	{ E(NOT_LEADER_FOR_PARTITION), CODES_AWAY, NULL },
	{ E(REQUEST_TIMED_OUT), CODES_AWAY, NULL },
	{ E(BROKER_NOT_AVAILABLE), CODES_AWAY, NULL },
	{ E(REPLICA_NOT_AVAILABLE), CODES_AWAY, NULL },
	{ E(NETWORK_EXCEPTION), CODES_AWAY, NULL },
	{ E(COORDINATOR_LOAD_IN_PROGRESS), CODES_AWAY, NULL },
	{ E(COORDINATOR_NOT_AVAILABLE), CODES_AWAY, NULL },
	{ E(NOT_COORDINATOR), CODES_AWAY, NULL },
	{ E(NOT_CONTROLLER), CODES_AWAY, NULL },
	{ E(NOT_ENOUGH_REPLICAS), CODES_AWAY, NULL },
	{ E(NOT_ENOUGH_REPLICAS_AFTER_APPEND), CODES_AWAY, NULL },
	{ E(KAFKA_STORAGE_ERROR), CODES_AWAY, NULL },
	{ E(THROTTLING_QUOTA_EXCEEDED), CODES_AWAY, NULL },

	{ E(_FATAL), CODES_RESEND, NULL },
	{ E(_FENCED), CODES_RESEND, NULL },
	{ E(_GAPLESS_GUARANTEE), CODES_RESEND, NULL },
	{ E(_INCONSISTENT), CODES_RESEND, NULL },
	{ E(_PURGE_QUEUE), CODES_RESEND, NULL },
	{ E(_PURGE_INFLIGHT), CODES_RESEND, NULL },
	{ E(OUT_OF_ORDER_SEQUENCE_NUMBER), CODES_RESEND, NULL },
	{ E(DUPLICATE_SEQUENCE_NUMBER), CODES_RESEND, NULL },
	{ E(UNKNOWN_PRODUCER_ID), CODES_RESEND, NULL },
	{ E(INVALID_PRODUCER_EPOCH), CODES_RESEND, NULL },
	{ E(INVALID_PRODUCER_ID_MAPPING), CODES_RESEND, NULL },
	{ E(PRODUCER_FENCED), CODES_RESEND, NULL },

	{ E(MSG_SIZE_TOO_LARGE), CODES_RECORD,
	    "the record is larger than max.message.bytes of the topic or "
	    "message.max.bytes of the broker allows; raise it, or send less" },
	{ E(RECORD_LIST_TOO_LARGE), CODES_RECORD,
	    "larger than a segment of the topic; raise its segment.bytes, or send less" },
	{ E(INVALID_RECORD), CODES_RECORD,
	    "a compacted topic needs records with a key (WITHKEY), and the time stamp "
	    "must lie within the topic's limits" },
	{ E(INVALID_MSG), CODES_RECORD,
	    "a compacted topic needs records with a key (WITHKEY)" },
	{ E(INVALID_MSG_SIZE), CODES_RECORD, NULL },
	{ E(INVALID_TIMESTAMP), CODES_RECORD,
	    "the time stamp is outside message.timestamp.*.max.ms of the topic" },
	{ E(TOPIC_EXCEPTION), CODES_RECORD,
	    "a topic name has 1 to 249 of the characters a-z A-Z 0-9 . _ -" },
	{ E(POLICY_VIOLATION), CODES_RECORD, NULL },

	{ E(UNKNOWN_TOPIC_OR_PART), CODES_REFUSED,
	    "create the topic, or let the connector do it with topic.creation.*" },
	{ E(_UNKNOWN_TOPIC), CODES_REFUSED,
	    "create the topic, or let the connector do it with topic.creation.*" },
	{ E(_UNKNOWN_PARTITION), CODES_REFUSED, "the topic has fewer partitions" },
	{ E(TOPIC_AUTHORIZATION_FAILED), CODES_REFUSED,
	    "the user of this client needs the ACL WRITE on the topic" },
	{ E(CLUSTER_AUTHORIZATION_FAILED), CODES_REFUSED,
	    "the user of this client needs the ACL IDEMPOTENT_WRITE on the cluster" },
	{ E(_MSG_TIMED_OUT), CODES_REFUSED,
	    "Kafka was away for longer than delivery.timeout.ms; leave that out to wait "
	    "for "
	    "ever" },
	{ E(UNSUPPORTED_COMPRESSION_TYPE), CODES_REFUSED,
	    "set compression.type to one that the brokers know" },
	{ E(_UNSUPPORTED_FEATURE), CODES_REFUSED, NULL },
};

#undef E

static const struct row *
find(int code)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if ((int)rows[i].code == code)
			return &rows[i];
	return NULL;
}

enum codes_class
codes_class(int code)
{
	const struct row *row = find(code);

	if (row != NULL)
		return row->class;
	return code < 0 ? CODES_RESEND : CODES_REFUSED;
}

bool
codes_blame_batch(int code)
{
	return codes_class(code) == CODES_RECORD &&
	       code != RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION;
}

bool
codes_is_login(int code)
{
	return code == RD_KAFKA_RESP_ERR__SSL ||
	       code == RD_KAFKA_RESP_ERR__AUTHENTICATION;
}

static enum err_kind kind_of(enum codes_class class)
{
	switch (class) {
	case CODES_RECORD:
		return ERR_RECORD;
	case CODES_REFUSED:
		return ERR_FATAL;
	default:
		return ERR_RETRY;
	}
}

int
codes_explain(struct err *err, int code, const char *topic, const char *text)
{
	const struct row *row = find(code);
	const char *what = text != NULL ? text
	                                : rd_kafka_err2str((rd_kafka_resp_err_t)code);
	const char *advice = row != NULL ? row->advice : NULL;

	err_set(err, kind_of(codes_class(code)), "%s (%s)%s%s", what,
	    rd_kafka_err2name((rd_kafka_resp_err_t)code), advice != NULL ? "; " : "",
	    advice != NULL ? advice : "");
	if (topic != NULL)
		err_context(err, "topic %s", topic);
	return -1;
}

/* librdkafka has no code for these. */
static const char *
advice_by_text(const char *text)
{
	if (strstr(text, "SSL alert") != NULL)
		return "the broker refuses this client's certificate, or misses one: "
		       "check "
		       "ssl.keystore.*";
	if (strstr(text, "security.protocol") != NULL)
		return "check security.protocol and the port: TLS or not, SASL or not?";
	return NULL;
}

/* What to do goes first: librdkafka's text may be long, and is cut. */
int
codes_explain_away(struct err *err, int code, const char *text)
{
	const struct row *row = find(code);
	const char *advice = row != NULL ? row->advice : NULL;
	const char *end = strstr(text, " (after ");
	int n = end != NULL ? (int)(end - text) : (int)strlen(text);

	if (code == RD_KAFKA_RESP_ERR__TRANSPORT)
		advice = advice_by_text(text);
	return err_set(err, ERR_RETRY, "%s%s%.*s", advice != NULL ? advice : "",
	    advice != NULL ? ": " : "", n, text);
}
