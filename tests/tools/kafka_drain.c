/*
 * Reads topics from their beginning and counts by the numbers in the payloads (tool.h)
 * what came once, twice, never, too late or damaged, until --count different numbers
 * are there (and all that is there has been read) or --timeout seconds are over.
 * Latency: from the time in the payload to the moment it is read here.
 */
#include <librdkafka/rdkafka.h>
#include <signal.h>

#include "tool.h"

struct drain {
	const char *bootstrap;
	uint64_t first, count, timeout_s, fetch_wait_ms;
	uint8_t *seen;        /* how often, per number */
	uint32_t *latency_us; /* of the first `distinct` arrivals */
	uint64_t records, distinct, duplicates, out_of_order, corrupt, foreign;
	uint64_t highest[1024];     /* number + 1, per partition: the order within it */
	uint64_t first_ns, last_ns; /* arrival of the first and the last new number */
	size_t n_partitions, at_end;
	bool end[1024];
};

static volatile sig_atomic_t stopped;

static void
on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

static void
take_number(struct drain *d, uint64_t i, int32_t partition, uint64_t time_ns)
{
	uint64_t now = tool_wall_ns();
	uint64_t *highest = &d->highest[partition & 1023];

	if (d->seen[i] < 255)
		d->seen[i]++;
	if (d->seen[i] > 1) {
		d->duplicates++;
		return;
	}
	if (i + 1 < *highest)
		d->out_of_order++;
	else
		*highest = i + 1;
	d->first_ns = d->distinct == 0 ? now : d->first_ns;
	d->last_ns = now;
	d->latency_us[d->distinct++] = now > time_ns ? (uint32_t)((now - time_ns) / 1000)
	                                             : 0;
}

static void
take(struct drain *d, const rd_kafka_message_t *m)
{
	const uint8_t *p = m->payload;
	uint64_t number;

	d->records++;
	if (!p || m->len < TOOL_PAYLOAD_MIN) {
		d->foreign++;
		return;
	}
	number = tool_payload_number(p);
	if (number < d->first || number - d->first >= d->count)
		d->foreign++;
	else if (!tool_payload_good(p, m->len))
		d->corrupt++;
	else
		take_number(d, number - d->first, m->partition, tool_payload_time_ns(p));
}

static void
note_end(struct drain *d, int32_t partition, bool end)
{
	bool *was = &d->end[partition & 1023];

	if (*was == end)
		return;
	*was = end;
	d->at_end += end ? 1 : (size_t)-1;
}

/* Waits until the topic is there, then reads all its partitions from the beginning. */
static void
assign(struct drain *d, rd_kafka_t *rk, const char *topic, uint64_t end_ns)
{
	rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, topic, NULL);
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(8);
	int n = 0;

	while (n == 0 && !stopped && tool_mono_ns() < end_ns) {
		const struct rd_kafka_metadata *md;
		if (rd_kafka_metadata(rk, 0, rkt, &md, 1000) ==
		    RD_KAFKA_RESP_ERR_NO_ERROR) {
			n = md->topic_cnt ? md->topics[0].partition_cnt : 0;
			rd_kafka_metadata_destroy(md);
		}
		if (n == 0)
			rd_kafka_poll(rk, 50);
	}
	if (n > 1024)
		tool_die("kafka_drain: more than 1024 partitions");
	for (int i = 0; i < n; i++)
		rd_kafka_topic_partition_list_add(list, topic, i)
		    ->offset = RD_KAFKA_OFFSET_BEGINNING;
	d->n_partitions = (size_t)n;
	if (n > 0)
		rd_kafka_assign(rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	rd_kafka_topic_destroy(rkt);
}

static void
take_event(struct drain *d, const rd_kafka_message_t *m)
{
	if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		note_end(d, m->partition, true);
	} else if (m->err) {
		fprintf(stderr, "kafka_drain: %s\n", rd_kafka_message_errstr(m));
	} else {
		note_end(d, m->partition, false);
		take(d, m);
	}
}

static void
run(struct drain *d, rd_kafka_t *rk, uint64_t end_ns)
{
	rd_kafka_queue_t *q = rd_kafka_queue_get_consumer(rk);
	static rd_kafka_message_t *batch[1000];

	while (!stopped && tool_mono_ns() < end_ns) {
		if (d->distinct == d->count && d->at_end == d->n_partitions)
			break;
		/* A batch waits until it is full or its time is over; one message does not. */
		batch[0] = rd_kafka_consume_queue(q, 20);
		if (!batch[0])
			continue;
		ssize_t n = 1 + rd_kafka_consume_batch_queue(q, 0, batch + 1, 999);
		for (ssize_t i = 0; i < n; i++) {
			take_event(d, batch[i]);
			rd_kafka_message_destroy(batch[i]);
		}
	}
	rd_kafka_queue_destroy(q);
}

static int
by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void
report(struct drain *d)
{
	uint32_t *us = d->latency_us;
	uint64_t n = d->distinct;

	qsort(us, n, sizeof(*us), by_size);
	printf("{\"records\": %" PRIu64 ", \"distinct\": %" PRIu64
	       ", \"duplicates\": %" PRIu64 ", "
	       "\"missing\": %" PRIu64 ", \"out_of_order\": %" PRIu64
	       ", \"corrupt\": %" PRIu64 ", "
	       "\"foreign\": %" PRIu64 ", ",
	    d->records, n, d->duplicates, d->count - n, d->out_of_order, d->corrupt,
	    d->foreign);
	printf("\"p50_us\": %u, \"p99_us\": %u, \"max_us\": %u, "
	       "\"first_ns\": %" PRIu64 ", \"last_ns\": %" PRIu64 "}\n",
	    n ? us[n / 2] : 0, n ? us[n * 99 / 100] : 0, n ? us[n - 1] : 0, d->first_ns,
	    d->last_ns);
}

static rd_kafka_t *
consumer(const struct drain *d, const char *const *extra)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char wait_ms[24], err[256];
	const char *set[][2] = { { "bootstrap.servers", d->bootstrap },
		{ "group.id", "kafka-drain" }, { "enable.auto.commit", "false" },
		{ "enable.partition.eof", "true" }, { "auto.offset.reset", "earliest" },
		{ "isolation.level", "read_committed" }, { "fetch.wait.max.ms", wait_ms },
		{ "fetch.error.backoff.ms", "20" },
		{ "allow.auto.create.topics", "false" },
		{ "topic.metadata.refresh.interval.ms", "1000" } };

	snprintf(wait_ms, sizeof(wait_ms), "%" PRIu64, d->fetch_wait_ms);
	for (size_t i = 0; i < sizeof(set) / sizeof(set[0]); i++)
		if (rd_kafka_conf_set(conf, set[i][0], set[i][1], err, sizeof(err)))
			tool_die("kafka_drain: %s", err);
	for (; *extra; extra++) {
		char name[128];
		const char *eq = strchr(*extra, '=');
		if (!eq || eq - *extra >= (ptrdiff_t)sizeof(name))
			tool_die("kafka_drain: --set name=value");
		snprintf(name, sizeof(name), "%.*s", (int)(eq - *extra), *extra);
		if (rd_kafka_conf_set(conf, name, eq + 1, err, sizeof(err)))
			tool_die("kafka_drain: %s", err);
	}
	rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, err, sizeof(err));
	if (!rk)
		tool_die("kafka_drain: %s", err);
	rd_kafka_poll_set_consumer(rk);
	return rk;
}

int
main(int argc, char **argv)
{
	static struct drain d = { .bootstrap = "127.0.0.1:9092",
		.count = 1000,
		.timeout_s = 60,
		.fetch_wait_ms = 100 };
	const char *extra[17] = { NULL };
	const struct tool_option table[] = {
		{ "bootstrap", .text = &d.bootstrap },
		{ "first", .number = &d.first },
		{ "count", .number = &d.count },
		{ "timeout", .number = &d.timeout_s },
		{ "fetch-wait", .number = &d.fetch_wait_ms },
		{ "set", .list = extra },
		{ 0 },
	};
	int i = tool_options(argc, argv, table);

	if (i != argc - 1)
		tool_die("usage: kafka_drain [options] TOPIC");
	d.seen = calloc(d.count + 1, 1);
	d.latency_us = calloc(d.count + 1, sizeof(*d.latency_us));
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	uint64_t end_ns = tool_mono_ns() + d.timeout_s * 1000000000;
	rd_kafka_t *rk = consumer(&d, extra);
	assign(&d, rk, argv[i], end_ns);
	run(&d, rk, end_ns);
	report(&d);
	rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
	return 0;
}
