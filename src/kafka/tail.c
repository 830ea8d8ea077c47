/* A plain consumer for the demo. */
#include "kafka/tail.h"

#include <librdkafka/rdkafka.h>
#include <stdlib.h>

#include "base/mem.h"

struct tail {
	rd_kafka_t *rk;
};

static const char *const settings[][2] = {
	{ "group.id", "headrace-demo" }, /* asked for even without a group */
	{ "enable.auto.commit", "false" }, { "auto.offset.reset", "earliest" },
	{ "fetch.wait.max.ms", "50" }, { "reconnect.backoff.max.ms", "500" },
	{ "queued.max.messages.kbytes", "4096" },
	{ "log_level", "0" }, /* the demo takes Kafka away on purpose */
};

static rd_kafka_t *
new_consumer(const char *bootstrap, struct err *err)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char text[200] = "";
	rd_kafka_t *rk;
	int bad = rd_kafka_conf_set(
	    conf, "bootstrap.servers", bootstrap, text, sizeof(text));

	for (size_t i = 0; i < ARRAY_LEN(settings) && bad == RD_KAFKA_CONF_OK; i++)
		bad = rd_kafka_conf_set(
		    conf, settings[i][0], settings[i][1], text, sizeof(text));
	rk = bad != RD_KAFKA_CONF_OK
	         ? NULL
	         : rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof(text));
	if (rk == NULL) {
		rd_kafka_conf_destroy(conf);
		err_set(err, ERR_FATAL, "Kafka consumer: %s", text);
	}
	return rk;
}

struct tail *
tail_open(const char *bootstrap, const char *const *topics, size_t n, int partitions,
    struct err *err)
{
	rd_kafka_topic_partition_list_t *list;
	rd_kafka_t *rk = new_consumer(bootstrap, err);
	struct tail *t;

	if (rk == NULL)
		return NULL;
	rd_kafka_poll_set_consumer(rk);
	list = rd_kafka_topic_partition_list_new((int)n * partitions);
	for (size_t i = 0; i < n; i++)
		for (int p = 0; p < partitions; p++)
			rd_kafka_topic_partition_list_add(list, topics[i], p)
			    ->offset = RD_KAFKA_OFFSET_BEGINNING;
	rd_kafka_assign(rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	t = mem_zalloc(sizeof(*t));
	t->rk = rk;
	return t;
}

static void
hand_on(const rd_kafka_message_t *m,
    void (*record)(void *arg, const struct tail_record *), void *arg)
{
	const struct tail_record r = {
		.topic = rd_kafka_topic_name(m->rkt),
		.partition = m->partition,
		.offset = m->offset,
		.key = { m->key, m->key_len },
		.value = { m->payload, m->len },
	};

	record(arg, &r);
}

size_t
tail_poll(struct tail *t, int timeout_ms,
    void (*record)(void *arg, const struct tail_record *), void *arg)
{
	rd_kafka_message_t *m;
	size_t n = 0;

	while ((m = rd_kafka_consumer_poll(t->rk, n == 0 ? timeout_ms : 0)) != NULL) {
		if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
			hand_on(m, record, arg);
			n++;
		}
		rd_kafka_message_destroy(m);
	}
	return n;
}

void
tail_close(struct tail *t)
{
	if (t == NULL)
		return;
	rd_kafka_consumer_close(t->rk);
	rd_kafka_destroy(t->rk);
	free(t);
}
