/* Java's client properties as librdkafka's; first cut: names that need no thought. */
#include "kafka/props.h"

#include <librdkafka/rdkafka.h>

#include "base/mem.h"

struct setting {
	const char *name, *value;
};

static const struct setting defaults[] = {
	{ "log.queue", "true" },
	{ "log.connection.close", "false" },
	{ "statistics.interval.ms", "15000" },
	{ "socket.timeout.ms", "20000" },
	{ "socket.keepalive.enable", "true" },
	{ "socket.nagle.disable", "true" },
	{ "reconnect.backoff.max.ms", "10000" },
};

static const struct setting producer_defaults[] = {
	{ "enable.idempotence", "true" },
	{ "message.timeout.ms", "0" },
	{ "partitioner", "murmur2_random" },
	{ "linger.ms", "1" },
	{ "compression.codec", "zstd" },
	{ "batch.size", "262144" },
	{ "queue.buffering.max.messages", "200000" },
	{ "queue.buffering.max.kbytes", "131072" },
	{ "message.max.bytes", "1048576" },
	{ "receive.message.max.bytes", "5000000" },
};

static const struct setting reader_defaults[] = {
	{ "group.id", "headrace-reader" },
	{ "enable.partition.eof", "true" },
	{ "isolation.level", "read_committed" },
	{ "auto.offset.reset", "earliest" },
	{ "enable.auto.commit", "false" },
	{ "fetch.wait.max.ms", "100" },
	{ "queued.max.messages.kbytes", "1024" },
	{ "fetch.message.max.bytes", "262144" },
	{ "fetch.max.bytes", "4000000" },
	{ "receive.message.max.bytes", "5000000" },
};

static const char *const passed[] = {
	"bootstrap.servers",
	"client.id",
	"security.protocol",
	"compression.codec",
	"queue.buffering.max.messages",
	"message.max.bytes",
};

static int
set(rd_kafka_conf_t *conf, const char *name, const char *value, struct err *err)
{
	char why[256];

	if (rd_kafka_conf_set(conf, name, value, why, sizeof(why)) != RD_KAFKA_CONF_OK)
		return err_set(err, ERR_CONFIG, "%s", why);
	return 0;
}

rd_kafka_conf_t *
props_conf(const struct config *props, enum props_client client,
    const struct log_ctx *ctx, struct problems *problems, struct err *err)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();

	(void)ctx;
	(void)problems;
	for (size_t i = 0; i < ARRAY_LEN(defaults); i++)
		if (set(conf, defaults[i].name, defaults[i].value, err) < 0)
			goto fail;
	if (client == PROPS_PRODUCER)
		for (size_t i = 0; i < ARRAY_LEN(producer_defaults); i++)
			if (set(conf, producer_defaults[i].name,
				producer_defaults[i].value, err) < 0)
				goto fail;
	if (client == PROPS_READER)
		for (size_t i = 0; i < ARRAY_LEN(reader_defaults); i++)
			if (set(conf, reader_defaults[i].name, reader_defaults[i].value,
				err) < 0)
				goto fail;
	for (size_t i = 0; i < ARRAY_LEN(passed); i++) {
		const char *value = config_get(props, passed[i]);

		if (value != NULL && set(conf, passed[i], value, err) < 0)
			goto fail;
	}
	return conf;
fail:
	rd_kafka_conf_destroy(conf);
	return NULL;
}
