/* Topics on request: one admin call each, repeated while Kafka is away. */
#include "kafka/topic_maker.h"

#include <librdkafka/rdkafka.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "kafka/codes.h"

#define ASK_TIMEOUT_MS 15000
#define RETRY_MIN_US (1000 * 1000)
#define RETRY_MAX_US (30 * 1000 * 1000)

struct request {
	struct request *next;
	struct topic_maker *maker;
	char *name;
	int32_t partitions, replication_factor; /* -1: the broker's default */
	struct config *settings;
	void (*done)(void *arg, const struct err *err);
	void *arg;
	struct loop_timer timer; /* set while it waits to ask again */
	int64_t delay_us;
};

struct topic_maker {
	struct loop *loop;
	const struct log_ctx *ctx;
	rd_kafka_t *rk;
	rd_kafka_queue_t *queue;
	struct request *requests;
};

struct topic_maker *
topic_maker_new(struct loop *loop, const struct log_ctx *ctx)
{
	struct topic_maker *m = mem_zalloc(sizeof(*m));

	m->loop = loop;
	m->ctx = ctx;
	return m;
}

static void
request_free(struct request *q)
{
	loop_timer_clear(q->maker->loop, &q->timer);
	config_free(q->settings);
	free(q->name);
	free(q);
}

void
topic_maker_free(struct topic_maker *m)
{
	if (m == NULL)
		return;
	for (struct request *q = m->requests, *next; q != NULL; q = next) {
		next = q->next;
		request_free(q);
	}
	free(m);
}

static void
finish(struct request *q, const struct err *err)
{
	struct request **at = &q->maker->requests;

	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	q->done(q->arg, err);
	request_free(q);
}

/* As Java's NewTopic.toString. */
static void
describe(const struct request *q, struct buf *out)
{
	const struct config_entry *e;
	const char *comma = "";

	buf_printf(out, "(name=%s, numPartitions=", q->name);
	if (q->partitions < 0)
		buf_add_c(out, "default");
	else
		buf_printf(out, "%d", (int)q->partitions);
	buf_add_c(out, ", replicationFactor=");
	if (q->replication_factor < 0)
		buf_add_c(out, "default");
	else
		buf_printf(out, "%d", (int)q->replication_factor);
	buf_add_c(out, ", replicasAssignments=null, configs={");
	for (size_t i = 0; (e = config_each(q->settings, &i)) != NULL; comma = ", ")
		buf_printf(out, "%s%s=%s", comma, e->key, e->value);
	buf_add_c(out, "})");
}

static void
refused(struct request *q, rd_kafka_resp_err_t code, const char *text)
{
	struct buf spec = { 0 };
	struct err err;

	describe(q, &spec);
	err_set(&err, ERR_FATAL,
	    "Task failed to create new topic %s. Ensure that the task is authorized to "
	    "create topics or that the topic exists and restart the task (%s: %s)",
	    buf_cstr(&spec), rd_kafka_err2name(code),
	    text != NULL ? text : rd_kafka_err2str(code));
	buf_fini(&spec);
	finish(q, &err);
}

static void
wait(struct request *q, const char *why)
{
	log_warn(q->maker->ctx,
	    "topic %s cannot be made yet; retry_ms=%lld reason=\"%s\"", q->name,
	    (long long)(q->delay_us / 1000), why);
	loop_timer_in(q->maker->loop, &q->timer, q->delay_us);
	q->delay_us = q->delay_us * 2 > RETRY_MAX_US ? RETRY_MAX_US : q->delay_us * 2;
}

static void
ask(struct request *q)
{
	char why[256];
	rd_kafka_t *rk = q->maker->rk;
	rd_kafka_NewTopic_t *t = rd_kafka_NewTopic_new(
	    q->name, q->partitions, q->replication_factor, why, sizeof(why));

	if (t == NULL) {
		refused(q, RD_KAFKA_RESP_ERR__INVALID_ARG, why);
		return;
	}
	const struct config_entry *e;
	for (size_t i = 0; (e = config_each(q->settings, &i)) != NULL;)
		rd_kafka_NewTopic_set_config(t, e->key, e->value);

	rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(
	    rk, RD_KAFKA_ADMIN_OP_CREATETOPICS);
	rd_kafka_AdminOptions_set_request_timeout(
	    options, ASK_TIMEOUT_MS, why, sizeof(why));
	rd_kafka_AdminOptions_set_operation_timeout(
	    options, ASK_TIMEOUT_MS, why, sizeof(why));
	rd_kafka_AdminOptions_set_opaque(options, q);
	rd_kafka_CreateTopics(rk, &t, 1, options, q->maker->queue);
	rd_kafka_AdminOptions_destroy(options);
	rd_kafka_NewTopic_destroy(t);
}

static void
ask_again(void *arg)
{
	struct request *q = arg;

	if (q->maker->rk != NULL)
		ask(q);
}

void
topic_maker_handle(struct topic_maker *m, rd_kafka_t *rk, rd_kafka_queue_t *queue)
{
	m->rk = rk;
	m->queue = queue;
	for (struct request *q = m->requests, *next; q != NULL; q = next) {
		next = q->next;
		loop_timer_clear(m->loop, &q->timer);
		loop_timer_in(m->loop, &q->timer, 0);
	}
}

void
topic_maker_create(struct topic_maker *m, const struct topic_spec *spec,
    void (*done)(void *arg, const struct err *err), void *arg)
{
	struct request *q = mem_zalloc(sizeof(*q));

	q->maker = m;
	q->name = mem_strdup(spec->name);
	q->partitions = spec->partitions;
	q->replication_factor = spec->replication_factor;
	q->settings = config_new();
	if (spec->settings != NULL)
		config_copy(q->settings, spec->settings, "");
	q->done = done;
	q->arg = arg;
	q->delay_us = RETRY_MIN_US;
	loop_timer_init(&q->timer, ask_again, q);
	q->next = m->requests;
	m->requests = q;
	loop_timer_in(m->loop, &q->timer, 0);
}

void
topic_maker_event(struct topic_maker *m, rd_kafka_event_t *event)
{
	struct request *q = rd_kafka_event_opaque(event);
	rd_kafka_resp_err_t code = rd_kafka_event_error(event);
	const char *text = rd_kafka_event_error_string(event);

	if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
		size_t n;
		const rd_kafka_topic_result_t *
		    *results = rd_kafka_CreateTopics_result_topics(
			rd_kafka_event_CreateTopics_result(event), &n);

		code = rd_kafka_topic_result_error(results[0]);
		text = rd_kafka_topic_result_error_string(results[0]);
	}
	if (code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
	    code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED) {
		/* Without the right Kafka does not say that the topic is there already; if
		 * it is not, the first record says so. */
		log_warn(m->ctx,
		    "topic %s may not be created by this client; it is used if it is "
		    "there",
		    q->name);
		code = RD_KAFKA_RESP_ERR_NO_ERROR;
	}
	if (code == RD_KAFKA_RESP_ERR_NO_ERROR ||
	    code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
		finish(q, NULL);
	else if (codes_class(code) == CODES_AWAY || code == RD_KAFKA_RESP_ERR__DESTROY)
		wait(q, text != NULL ? text : rd_kafka_err2str(code));
	else
		refused(q, code, text);
}
