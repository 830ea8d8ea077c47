/*
 * Kafka in this process: a librdkafka handle that never connects anywhere, and its
 * mock cluster on random ports of 127.0.0.1.  Other processes may connect too.
 */
#include "kafka/mock.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdlib.h>

#include "base/mem.h"

struct mock_kafka {
	rd_kafka_t *rk; /* the books of the cluster need one */
	rd_kafka_mock_cluster_t *cluster;
};

struct mock_kafka *
mock_kafka_start(int brokers, struct err *err)
{
	char why[128];
	rd_kafka_conf_t *conf = rd_kafka_conf_new();

	rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
	rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	if (rk == NULL) {
		rd_kafka_conf_destroy(conf);
		err_set(err, ERR_FATAL, "embedded Kafka: %s", why);
		return NULL;
	}

	rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(rk, brokers);
	if (cluster == NULL) {
		rd_kafka_destroy(rk);
		err_set(err, ERR_FATAL,
		    "embedded Kafka: no %d brokers on 127.0.0.1; are there free ports "
		    "and file descriptors?",
		    brokers);
		return NULL;
	}

	struct mock_kafka *m = mem_zalloc(sizeof(*m));
	m->rk = rk;
	m->cluster = cluster;
	return m;
}

void
mock_kafka_stop(struct mock_kafka *m)
{
	if (m == NULL)
		return;
	rd_kafka_mock_cluster_destroy(m->cluster);
	rd_kafka_destroy(m->rk);
	free(m);
}

const char *
mock_kafka_bootstrap(const struct mock_kafka *m)
{
	return rd_kafka_mock_cluster_bootstraps(m->cluster);
}

int
mock_kafka_create_topic(
    struct mock_kafka *m, const char *name, int partitions, struct err *err)
{
	rd_kafka_resp_err_t code = rd_kafka_mock_topic_create(
	    m->cluster, name, partitions, 1);

	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		return err_set(err, ERR_FATAL, "embedded Kafka: topic %s: %s", name,
		    rd_kafka_err2str(code));
	return 0;
}

void
mock_kafka_down(struct mock_kafka *m)
{
	rd_kafka_mock_broker_set_down(m->cluster, -1);
}

void
mock_kafka_up(struct mock_kafka *m)
{
	rd_kafka_mock_broker_set_up(m->cluster, -1);
}

void
mock_kafka_slow(struct mock_kafka *m, int rtt_ms)
{
	rd_kafka_mock_broker_set_rtt(m->cluster, -1, rtt_ms);
}

void
mock_kafka_fail(struct mock_kafka *m, int api, int code, int n)
{
	for (int i = 0; i < n; i++)
		rd_kafka_mock_push_request_errors(
		    m->cluster, (int16_t)api, 1, (rd_kafka_resp_err_t)code);
}
