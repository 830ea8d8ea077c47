/*
 * What one writes in an afternoon with libpaho (MQTTAsync) and librdkafka: every message
 * that arrives is produced, and acknowledged at once (a crash loses what librdkafka
 * holds).  The comparison of `make bench`.
 */
#include <MQTTAsync.h>
#include <librdkafka/rdkafka.h>
#include <signal.h>

#include "tool.h"

struct bridge {
	MQTTAsync client;
	const char *filter;
	rd_kafka_t *rk;
	rd_kafka_topic_t *topic;
};

static volatile sig_atomic_t stopped;

static void
on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

static int
arrived(void *arg, char *topic, int topic_n, MQTTAsync_message *m)
{
	struct bridge *b = arg;
	size_t n = topic_n ? (size_t)topic_n : strlen(topic);

	while (rd_kafka_produce(b->topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
	    m->payload, (size_t)m->payloadlen, topic, n, NULL))
		rd_kafka_poll(b->rk, 1);
	MQTTAsync_freeMessage(&m);
	MQTTAsync_free(topic);
	return 1;
}

static void
connected(void *arg, char *cause)
{
	struct bridge *b = arg;

	(void)cause;
	MQTTAsync_subscribe(b->client, b->filter, 1, NULL);
}

static void
open_kafka(struct bridge *b, const char *bootstrap, const char *topic, const char *linger)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char err[256];

	if (rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap, err, sizeof(err)) ||
	    rd_kafka_conf_set(conf, "linger.ms", linger, err, sizeof(err)))
		tool_die("naive_bridge: %s", err);
	b->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, err, sizeof(err));
	if (!b->rk)
		tool_die("naive_bridge: %s", err);
	b->topic = rd_kafka_topic_new(b->rk, topic, NULL);
}

static void
open_mqtt(struct bridge *b, uint64_t port, const char *client_id)
{
	MQTTAsync_connectOptions o = MQTTAsync_connectOptions_initializer;
	char uri[64];

	snprintf(uri, sizeof(uri), "tcp://127.0.0.1:%" PRIu64, port);
	if (MQTTAsync_create(
		&b->client, uri, client_id, MQTTCLIENT_PERSISTENCE_NONE, NULL))
		tool_die("naive_bridge: no MQTT client");
	MQTTAsync_setCallbacks(b->client, b, NULL, arrived, NULL);
	MQTTAsync_setConnected(b->client, b, connected);
	o.cleansession = 0;
	o.keepAliveInterval = 60;
	o.automaticReconnect = 1;
	if (MQTTAsync_connect(b->client, &o) != MQTTASYNC_SUCCESS)
		tool_die("naive_bridge: cannot connect");
}

int
main(int argc, char **argv)
{
	static struct bridge b = { .filter = "#" };
	uint64_t port = 1883;
	const char *bootstrap = "127.0.0.1:9092", *topic = "bench", *linger = "5";
	const char *client_id = "naive";
	const struct tool_option table[] = {
		{ "port", .number = &port },
		{ "bootstrap", .text = &bootstrap },
		{ "topic", .text = &topic },
		{ "linger", .text = &linger },
		{ "client-id", .text = &client_id },
		{ "filter", .text = &b.filter },
		{ 0 },
	};

	tool_options(argc, argv, table);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	open_kafka(&b, bootstrap, topic, linger);
	open_mqtt(&b, port, client_id);
	while (!stopped)
		rd_kafka_poll(b.rk, 100);
	rd_kafka_flush(b.rk, 5000);
	MQTTAsync_destroy(&b.client);
	return 0;
}
