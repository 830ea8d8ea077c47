/*
 * Kafka by hand, for tests:
 *
 *     kafka_io [--bootstrap B] [--set name=value]... create TOPIC PARTITIONS [name=value]...
 *     ... end TOPIC            sum of the end offsets; -1: no such topic
 *     ... wait TOPIC N SECONDS until the end offsets add up to N; prints when
 *     ... read TOPIC           all records up to the end, a JSON object per line
 *     ... produce TOPIC        records from standard input, a JSON object per line
 *     ... setting TOPIC NAME   a setting of the topic
 *
 * Keys and values are in hex, null stays null.
 */
#include <jansson.h>
#include <librdkafka/rdkafka.h>

#include "tool.h"

#define TIMEOUT_MS 10000

struct io {
	const char *bootstrap;
	const char *extra[17];
	rd_kafka_t *rk;
};

static void
set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
	char err[256];

	if (rd_kafka_conf_set(conf, name, value, err, sizeof(err)))
		tool_die("kafka_io: %s", err);
}

static void
open_client(struct io *io, rd_kafka_type_t type)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char err[256];

	set(conf, "bootstrap.servers", io->bootstrap);
	if (type == RD_KAFKA_CONSUMER) {
		set(conf, "group.id", "kafka-io");
		set(conf, "enable.auto.commit", "false");
		set(conf, "enable.partition.eof", "true");
		set(conf, "auto.offset.reset", "earliest");
		set(conf, "fetch.wait.max.ms", "10");
		set(conf, "isolation.level", "read_committed");
	} else {
		set(conf, "linger.ms", "0");
		set(conf, "partitioner", "murmur2_random");
	}
	set(conf, "allow.auto.create.topics", "false");
	for (const char **e = io->extra; *e; e++) {
		char name[128];
		const char *eq = strchr(*e, '=');
		if (!eq || eq - *e >= (ptrdiff_t)sizeof(name))
			tool_die("kafka_io: --set name=value");
		snprintf(name, sizeof(name), "%.*s", (int)(eq - *e), *e);
		set(conf, name, eq + 1);
	}
	io->rk = rd_kafka_new(type, conf, err, sizeof(err));
	if (!io->rk)
		tool_die("kafka_io: %s", err);
}

/* How many partitions; 0: no such topic. */
static int
partitions(struct io *io, const char *topic)
{
	rd_kafka_topic_t *rkt = rd_kafka_topic_new(io->rk, topic, NULL);
	const struct rd_kafka_metadata *md;
	rd_kafka_resp_err_t e = rd_kafka_metadata(io->rk, 0, rkt, &md, TIMEOUT_MS);
	int n;

	if (e)
		tool_die("kafka_io: metadata of %s: %s", topic, rd_kafka_err2str(e));
	n = md->topic_cnt && !md->topics[0].err ? md->topics[0].partition_cnt : 0;
	rd_kafka_metadata_destroy(md);
	rd_kafka_topic_destroy(rkt);
	return n;
}

/* Asks until the partition has a leader that answers: after a restart it takes a while. */
static int64_t
end_of(struct io *io, const char *topic, int partition)
{
	uint64_t give_up_ns = tool_mono_ns() + TIMEOUT_MS * UINT64_C(1000000);
	rd_kafka_resp_err_t e;
	int64_t low, high;

	do {
		e = rd_kafka_query_watermark_offsets(
		    io->rk, topic, partition, &low, &high, TIMEOUT_MS);
		if (!e)
			return high;
		rd_kafka_poll(io->rk, 50);
	} while (tool_mono_ns() < give_up_ns);
	tool_die("kafka_io: end of %s-%d: %s", topic, partition, rd_kafka_err2str(e));
}

static int64_t
end_sum(struct io *io, const char *topic, int n)
{
	int64_t sum = 0;

	for (int i = 0; i < n; i++)
		sum += end_of(io, topic, i);
	return sum;
}

static int
run_end(struct io *io, int argc, char **argv)
{
	(void)argc;
	open_client(io, RD_KAFKA_CONSUMER);
	int n = partitions(io, argv[0]);
	printf("%" PRId64 "\n", n ? end_sum(io, argv[0], n) : -1);
	return 0;
}

/* Polls every millisecond: when did the first record appear, when the Nth? */
static int
run_wait(struct io *io, int argc, char **argv)
{
	(void)argc;
	int64_t want = strtoll(argv[1], NULL, 10), sum = 0;
	uint64_t end_ns = tool_mono_ns() + strtoull(argv[2], NULL, 10) * 1000000000;
	uint64_t first_ns = 0;
	const struct timespec pause = { .tv_nsec = 1000000 };
	int n = 0;

	open_client(io, RD_KAFKA_CONSUMER);
	while (sum < want && tool_mono_ns() < end_ns) {
		if (n == 0)
			n = partitions(io, argv[0]);
		sum = end_sum(io, argv[0], n);
		if (sum > 0 && first_ns == 0)
			first_ns = tool_wall_ns();
		nanosleep(&pause, NULL);
	}
	printf("{\"records\": %" PRId64 ", \"first_ns\": %" PRIu64
	       ", \"last_ns\": %" PRIu64 "}\n",
	    sum, first_ns, tool_wall_ns());
	return sum < want;
}

static json_t *
hex(const void *data, size_t n)
{
	const uint8_t *p = data;
	char *text;

	if (!p)
		return json_null();
	text = malloc(2 * n + 1);
	text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02x", p[i]);
	json_t *j = json_string(text);
	free(text);
	return j;
}

static json_t *
headers_of(const rd_kafka_message_t *m)
{
	json_t *list = json_array();
	rd_kafka_headers_t *headers;
	const char *name;
	const void *value;
	size_t n;

	if (rd_kafka_message_headers(m, &headers))
		return list;
	for (size_t i = 0; !rd_kafka_header_get_all(headers, i, &name, &value, &n); i++)
		json_array_append_new(list, json_pack("[s, o]", name, hex(value, n)));
	return list;
}

static void
print_record(const rd_kafka_message_t *m)
{
	json_t *j = json_pack("{s:s, s:i, s:I, s:I, s:o, s:o, s:o}", "topic",
	    rd_kafka_topic_name(m->rkt), "partition", m->partition, "offset",
	    (json_int_t)m->offset, "timestamp",
	    (json_int_t)rd_kafka_message_timestamp(m, NULL), "key",
	    hex(m->key, m->key_len), "value", hex(m->payload, m->len), "headers",
	    headers_of(m));

	json_dumpf(j, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(j);
}

static int
run_read(struct io *io, int argc, char **argv)
{
	(void)argc;
	open_client(io, RD_KAFKA_CONSUMER);
	int n = partitions(io, argv[0]), open = n;
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(n + 1);

	for (int i = 0; i < n; i++)
		rd_kafka_topic_partition_list_add(list, argv[0], i)
		    ->offset = RD_KAFKA_OFFSET_BEGINNING;
	rd_kafka_poll_set_consumer(io->rk);
	rd_kafka_assign(io->rk, list);
	while (open > 0) {
		rd_kafka_message_t *m = rd_kafka_consumer_poll(io->rk, TIMEOUT_MS);
		if (!m)
			tool_die(
			    "kafka_io: no end of %s within %d ms", argv[0], TIMEOUT_MS);
		if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
			open--;
		else if (m->err)
			fprintf(stderr, "kafka_io: %s\n", rd_kafka_message_errstr(m));
		else
			print_record(m);
		rd_kafka_message_destroy(m);
	}
	rd_kafka_topic_partition_list_destroy(list);
	return 0;
}

/* NULL stays NULL; *n is the length. */
static uint8_t *
unhex(const json_t *j, size_t *n)
{
	const char *text = json_string_value(j);
	uint8_t *p;

	*n = text ? strlen(text) / 2 : 0;
	if (!text)
		return NULL;
	p = malloc(*n + 1);
	for (size_t i = 0; i < *n; i++)
		p[i] = (uint8_t)strtoul(
		    (char[3]) { text[2 * i], text[2 * i + 1], 0 }, NULL, 16);
	return p;
}

static int
run_produce(struct io *io, int argc, char **argv)
{
	json_error_t bad;
	json_t *j;
	int failed = 0;

	(void)argc;
	open_client(io, RD_KAFKA_PRODUCER);
	while ((j = json_loadf(stdin, JSON_DISABLE_EOF_CHECK, &bad))) {
		size_t key_n, value_n;
		uint8_t *key = unhex(json_object_get(j, "key"), &key_n);
		uint8_t *value = unhex(json_object_get(j, "value"), &value_n);
		json_t *partition = json_object_get(j, "partition");
		rd_kafka_resp_err_t e = rd_kafka_producev(io->rk,
		    RD_KAFKA_V_TOPIC(argv[0]),
		    RD_KAFKA_V_PARTITION(partition
					     ? (int32_t)json_integer_value(partition)
					     : RD_KAFKA_PARTITION_UA),
		    RD_KAFKA_V_KEY(key, key_n), RD_KAFKA_V_VALUE(value, value_n),
		    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
		if (e)
			tool_die("kafka_io: %s", rd_kafka_err2str(e));
		free(key);
		free(value);
		json_decref(j);
	}
	if (rd_kafka_flush(io->rk, TIMEOUT_MS)) {
		fprintf(stderr, "kafka_io: not delivered\n");
		failed = 1;
	}
	return failed;
}

/* Waits for the one answer of an admin request. */
static rd_kafka_event_t *
answer(rd_kafka_queue_t *q)
{
	rd_kafka_event_t *ev = rd_kafka_queue_poll(q, TIMEOUT_MS);

	if (!ev)
		tool_die("kafka_io: no answer");
	if (rd_kafka_event_error(ev))
		tool_die("kafka_io: %s", rd_kafka_event_error_string(ev));
	return ev;
}

static int
run_create(struct io *io, int argc, char **argv)
{
	char err[256];
	size_t n;

	open_client(io, RD_KAFKA_PRODUCER);
	rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(
	    argv[0], atoi(argv[1]), 1, err, sizeof(err));
	if (!topic)
		tool_die("kafka_io: %s", err);
	for (int i = 2; i < argc; i++) {
		char *eq = strchr(argv[i], '=');
		if (!eq)
			tool_die("kafka_io: %s: no =", argv[i]);
		*eq = '\0';
		rd_kafka_NewTopic_set_config(topic, argv[i], eq + 1);
	}
	rd_kafka_queue_t *q = rd_kafka_queue_new(io->rk);
	rd_kafka_CreateTopics(io->rk, &topic, 1, NULL, q);
	rd_kafka_event_t *ev = answer(q);
	const rd_kafka_topic_result_t **results = rd_kafka_CreateTopics_result_topics(
	    rd_kafka_event_CreateTopics_result(ev), &n);
	if (rd_kafka_topic_result_error(results[0]))
		tool_die("kafka_io: %s", rd_kafka_topic_result_error_string(results[0]));
	for (int i = 0; i < 200 && partitions(io, argv[0]) == 0; i++) /* KRaft is late */
		rd_kafka_poll(io->rk, 10);
	rd_kafka_event_destroy(ev);
	rd_kafka_NewTopic_destroy(topic);
	rd_kafka_queue_destroy(q);
	return 0;
}

static int
run_setting(struct io *io, int argc, char **argv)
{
	size_t n, n_entries;

	(void)argc;
	open_client(io, RD_KAFKA_PRODUCER);
	rd_kafka_ConfigResource_t *r = rd_kafka_ConfigResource_new(
	    RD_KAFKA_RESOURCE_TOPIC, argv[0]);
	rd_kafka_queue_t *q = rd_kafka_queue_new(io->rk);
	rd_kafka_DescribeConfigs(io->rk, &r, 1, NULL, q);
	rd_kafka_event_t *ev = answer(q);
	const rd_kafka_ConfigResource_t *
	    *results = rd_kafka_DescribeConfigs_result_resources(
		rd_kafka_event_DescribeConfigs_result(ev), &n);
	const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(
	    results[0], &n_entries);
	for (size_t i = 0; i < n_entries; i++)
		if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), argv[1]) == 0)
			printf("%s\n", rd_kafka_ConfigEntry_value(entries[i]));
	rd_kafka_event_destroy(ev);
	rd_kafka_ConfigResource_destroy(r);
	rd_kafka_queue_destroy(q);
	return 0;
}

static const struct command {
	const char *name;
	int min_args;
	int (*run)(struct io *, int argc, char **argv);
} commands[] = {
	{ "create", 2, run_create },
	{ "end", 1, run_end },
	{ "wait", 3, run_wait },
	{ "read", 1, run_read },
	{ "produce", 1, run_produce },
	{ "setting", 2, run_setting },
};

int
main(int argc, char **argv)
{
	static struct io io = { .bootstrap = "127.0.0.1:9092" };
	const struct tool_option table[] = {
		{ "bootstrap", .text = &io.bootstrap },
		{ "set", .list = io.extra },
		{ 0 },
	};
	int i = tool_options(argc, argv, table);

	for (size_t c = 0; i < argc && c < sizeof(commands) / sizeof(commands[0]); c++) {
		if (strcmp(commands[c].name, argv[i]) != 0)
			continue;
		if (argc - i - 1 < commands[c].min_args)
			break;
		int status = commands[c].run(&io, argc - i - 1, argv + i + 1);
		fflush(stdout);
		_Exit(status); /* nothing worth a slow farewell */
	}
	tool_die("usage: kafka_io [--bootstrap B] create|end|wait|read|produce|setting "
		 "TOPIC ...");
}
