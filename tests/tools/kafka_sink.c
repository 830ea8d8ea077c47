/*
 * The other end of a benchmark: librdkafka's mock cluster in a process of its own, so
 * that its CPU does not count for the bridge.  Prints its address and stays until
 * SIGTERM.  Keeps the newest 5 MiB of a partition; knows no compaction.
 */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <signal.h>
#include <unistd.h>

#include "tool.h"

int
main(int argc, char **argv)
{
	uint64_t partitions = 1;
	const struct tool_option table[] = {
		{ "partitions", .number = &partitions },
		{ 0 },
	};
	int i = tool_options(argc, argv, table);
	char err[256];
	sigset_t ends;
	int sig;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	rd_kafka_t *rk = rd_kafka_new(
	    RD_KAFKA_PRODUCER, rd_kafka_conf_new(), err, sizeof(err));
	if (!rk)
		tool_die("kafka_sink: %s", err);
	rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(rk, 1);
	if (!cluster)
		tool_die("kafka_sink: no mock cluster");
	for (; i < argc; i++)
		if (rd_kafka_mock_topic_create(cluster, argv[i], (int)partitions, 1))
			tool_die("kafka_sink: cannot make topic %s", argv[i]);
	printf("%s\n", rd_kafka_mock_cluster_bootstraps(cluster));
	fflush(stdout);
	sigwait(&ends, &sig);
	rd_kafka_mock_cluster_destroy(cluster);
	rd_kafka_destroy(rk);
	return 0;
}
