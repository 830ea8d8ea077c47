/*
 * headrace demo: the main job on one machine, without configuration and without
 * root.  Mosquitto in a process of its own, Kafka as librdkafka's in-process
 * cluster, sensors in a thread, a task as `run` would start it, and a consumer
 * that counts what Kafka has.  In the middle Kafka is taken away.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/cli.h"
#include "cli/demo_broker.h"
#include "cli/setup.h"
#include "kafka/mock.h"
#include "kafka/tail.h"
#include "mqtt/publisher.h"
#include "pipeline/task.h"

#define SENSORS 20
#define BURST 20 /* messages every BURST_US: 2,000 a second */
#define BURST_US 10000
#define ALARM_EVERY 50 /* one message in so many is an alarm */
#define PUBLISH_S 14
#define AWAY_AT_S 5
#define BACK_AT_S 9
#define PATIENCE_S 12 /* for the last records, after the sensors stop */
#define PARTITIONS 2
#define SECOND INT64_C(1000000)

enum { TEMPERATURES, ALARMS, EVERYTHING, TOPICS };
static const char *const topics[TOPICS] = { "temperatures", "alarms", "everything" };

static const char routes[] =
    "-- demo.kcql: which MQTT topics go where\n"
    "INSERT INTO temperatures SELECT * FROM site/+/temperature WITHCONVERTER=`bytes`;\n"
    "INSERT INTO alarms SELECT * FROM site/+/alarm/# WITHCONVERTER=`json` "
    "WITHKEY(code);\n"
    "INSERT INTO everything SELECT * FROM site/#;\n";

struct counts { /* of one Kafka topic */
	uint64_t records, distinct;
	uint8_t *seen; /* a bit per sequence number */
	uint64_t bits;
	char last[160]; /* the newest record, for show */
};

struct demo {
	bool forever;
	char dir[64];
	struct demo_broker *broker;
	struct mock_kafka *kafka;
	struct setup setup;
	struct task_options options;
	struct offsets_file *offsets;
	struct task *task;
	struct publisher *publisher;
	struct tail *tail;
	pthread_t sensors;
	bool sensors_run;
	_Atomic bool stop_sensors, sensors_ended;
	_Atomic uint64_t sent[TOPICS]; /* messages meant for each Kafka topic */
	_Atomic bool task_ended;
	struct counts stored[TOPICS];
	uint64_t stored_before; /* at the last line */
	int64_t begin_us;
	bool away, was_away;
};

/* ---- sensors ---- */

static int
send_one(struct demo *d, uint64_t seq, struct err *err)
{
	bool alarm = seq % ALARM_EVERY == ALARM_EVERY - 1;
	unsigned site = (unsigned)(seq % SENSORS);
	char topic[64], payload[128];
	int n;

	snprintf(topic, sizeof(topic),
	    alarm ? "site/%u/alarm/door" : "site/%u/temperature", site);
	if (alarm)
		n = snprintf(payload, sizeof(payload),
		    "{\"seq\":%llu,\"code\":\"E%u\",\"text\":\"door open\"}",
		    (unsigned long long)seq, site);
	else
		n = snprintf(payload, sizeof(payload), "{\"seq\":%llu,\"celsius\":%u.%u}",
		    (unsigned long long)seq, 15 + site, (unsigned)(seq / 7 % 10));
	if (publisher_send(d->publisher, topic, payload, (size_t)n, 1, false, err) != 0)
		return -1;
	atomic_fetch_add(&d->sent[alarm ? ALARMS : TEMPERATURES], 1);
	atomic_fetch_add(&d->sent[EVERYTHING], 1);
	return 0;
}

static void
wait_until(int64_t at_us)
{
	int64_t left = at_us - clock_mono_us();
	struct timespec t = { left / SECOND, left % SECOND * 1000 };

	if (left > 0)
		nanosleep(&t, NULL);
}

static void *
run_sensors(void *arg)
{
	struct demo *d = arg;
	int64_t begin = clock_mono_us(), next = begin;
	uint64_t seq = 0;
	struct err err;

	while (!atomic_load(&d->stop_sensors) &&
	       (d->forever || next - begin < PUBLISH_S * SECOND)) {
		for (int i = 0; i < BURST; i++, seq++)
			while (
			    send_one(d, seq, &err) != 0 && !atomic_load(&d->stop_sensors))
				wait_until(clock_mono_us() + BURST_US);
		next += BURST_US;
		wait_until(next);
	}
	atomic_store(&d->sensors_ended, true);
	return NULL;
}

/* ---- what Kafka has ---- */

static bool
new_number(struct counts *c, uint64_t seq)
{
	if (seq >= UINT64_C(1) << 32)
		return false;
	if (seq >= c->bits) {
		uint64_t bits = (seq + 1) * 2 + 65536;
		c->seen = mem_realloc(c->seen, (bits + 7) / 8);
		memset(
		    c->seen + (c->bits + 7) / 8, 0, (bits + 7) / 8 - (c->bits + 7) / 8);
		c->bits = bits;
	}
	bool fresh = !(c->seen[seq / 8] >> seq % 8 & 1);
	c->seen[seq / 8] |= (uint8_t)(1u << seq % 8);
	return fresh;
}

static void
count_record(void *arg, const struct tail_record *r)
{
	static const char mark[] = "\"seq\":";
	struct demo *d = arg;
	struct counts *c = NULL;
	const char *at;

	for (int i = 0; i < TOPICS; i++)
		if (strcmp(topics[i], r->topic) == 0)
			c = &d->stored[i];
	if (c == NULL || r->value.p == NULL)
		return;
	c->records++;
	at = memmem(r->value.p, r->value.n, mark, sizeof(mark) - 1);
	if (at != NULL && new_number(c, strtoull(at + sizeof(mark) - 1, NULL, 10)))
		c->distinct++;
	snprintf(c->last, sizeof(c->last), "%s[%d]@%lld key=%.*s value=%.*s", r->topic,
	    r->partition, r->offset, (int)(r->key.n > 40 ? 40 : r->key.n), r->key.p,
	    (int)(r->value.n > 70 ? 70 : r->value.n), r->value.p);
}

/* ---- showing ---- */

static void
show_file(const char *name, const char *text)
{
	printf("%s:\n", name);
	for (const char *p = text; *p != '\0';) {
		size_t n = strcspn(p, "\n");
		printf("    %.*s\n", (int)n, p);
		p += n + (p[n] == '\n');
	}
	puts("");
}

static void
show_line(struct demo *d, int second)
{
	struct task_stats s = task_stats(d->task);
	uint64_t stored = d->stored[EVERYTHING].distinct;
	printf("%3d s  published %6llu  in Kafka %6llu (%5llu/s)  waiting %5llu  %s\n",
	    second, (unsigned long long)atomic_load(&d->sent[EVERYTHING]),
	    (unsigned long long)stored, (unsigned long long)(stored - d->stored_before),
	    (unsigned long long)s.window_messages, d->away ? "Kafka is away" : "");
	if (!d->away && d->stored[second % TOPICS].last[0] != '\0')
		printf("       %s\n", d->stored[second % TOPICS].last);
	d->stored_before = stored;
	fflush(stdout);
}

/* ---- starting ---- */

static int
write_files(struct demo *d, struct err *err)
{
	struct buf conf = { 0 }, path = { 0 };
	int result;

	buf_printf(&conf,
	    "# headrace.conf: one connector\n"
	    "worker = { bootstrap_servers = \"%s\"; };\n"
	    "connectors = ( {\n"
	    "  name = \"demo\";\n"
	    "  connector_class = \"headrace.MqttSource\";\n"
	    "  connect_mqtt_hosts = \"tcp://127.0.0.1:%d\";\n"
	    "  connect_mqtt_service_quality = 1;\n"
	    "  kcql_file = \"demo.kcql\";\n"
	    "  producer_override_reconnect_backoff_max_ms = 500;\n"
	    "} );\n",
	    mock_kafka_bootstrap(d->kafka), demo_broker_port(d->broker));
	show_file("headrace.conf", buf_cstr(&conf));
	show_file("demo.kcql", routes);
	buf_printf(&path, "%s/headrace.conf", d->dir);
	result = io_write_file(buf_cstr(&path), conf.p, strlen(conf.p), err);
	buf_reset(&path);
	buf_printf(&path, "%s/demo.kcql", d->dir);
	if (result == 0)
		result = io_write_file(buf_cstr(&path), routes, strlen(routes), err);
	buf_fini(&conf);
	buf_fini(&path);
	return result;
}

static void
task_changed(void *arg, struct task *t, enum task_state state, const struct err *err)
{
	struct demo *d = arg;

	(void)t;
	(void)err;
	if (state == TASK_FAILED || state == TASK_STOPPED)
		atomic_store(&d->task_ended, true);
}

/* The embedded Kafka has no admin interface, so the offsets go to a file. */
static int
start_task(struct demo *d, struct err *err)
{
	const struct task_events events = { .state = task_changed, .arg = d };
	char path[128];

	snprintf(path, sizeof(path), "%s/headrace.conf", d->dir);
	setup_conf(&d->setup, path);
	if (!setup_report(&d->setup))
		return err_set(err, ERR_BUG, "the demo's own configuration was refused");
	snprintf(path, sizeof(path), "%s/offsets", d->dir);
	d->offsets = offsets_file_open(path, err);
	if (d->offsets == NULL)
		return -1;
	d->options = *worker_task(d->setup.w, 0);
	d->options.offsets_topic = NULL;
	d->options.offsets_file = d->offsets;
	d->task = task_start(&d->options, &events, err);
	return d->task == NULL ? -1 : 0;
}

static int
wait_for_task(struct demo *d, struct err *err)
{
	int64_t deadline = clock_mono_us() + 10 * SECOND;

	while (task_state(d->task) != TASK_RUNNING) {
		if (atomic_load(&d->task_ended) || clock_mono_us() > deadline)
			return err_set(err, ERR_FATAL, "the task did not start");
		wait_until(clock_mono_us() + 5000);
	}
	return 0;
}

static int
start_sensors(struct demo *d, struct err *err)
{
	char uri[64];
	const struct publisher_options o = {
		.uri = uri,
		.client_id = "headrace-demo-sensors",
		.max_inflight = 1000,
	};

	snprintf(uri, sizeof(uri), "tcp://127.0.0.1:%d", demo_broker_port(d->broker));
	d->publisher = publisher_open(&o, err);
	if (d->publisher == NULL)
		return -1;
	if (pthread_create(&d->sensors, NULL, run_sensors, d) != 0)
		return err_set(err, ERR_FATAL, "no more threads");
	d->sensors_run = true;
	return 0;
}

static int
start(struct demo *d, struct err *err)
{
	d->broker = demo_broker_start(d->dir, err);
	if (d->broker == NULL)
		return -1;
	d->kafka = mock_kafka_start(1, err);
	if (d->kafka == NULL)
		return -1;
	for (int i = 0; i < TOPICS; i++)
		if (mock_kafka_create_topic(d->kafka, topics[i], PARTITIONS, err) != 0)
			return -1;
	if (write_files(d, err) != 0 || start_task(d, err) != 0 ||
	    wait_for_task(d, err) != 0)
		return -1;
	d->tail = tail_open(
	    mock_kafka_bootstrap(d->kafka), topics, TOPICS, PARTITIONS, err);
	if (d->tail == NULL)
		return -1;
	return start_sensors(d, err);
}

/* ---- running ---- */

static void
take_and_return_kafka(struct demo *d, int second)
{
	if (second >= AWAY_AT_S && !d->was_away) {
		puts("       --- Kafka is taken away: nothing is acknowledged, nothing "
		     "is lost ---");
		mock_kafka_down(d->kafka);
		d->away = d->was_away = true;
	} else if (second >= BACK_AT_S && d->away) {
		puts("       --- Kafka is back ---");
		mock_kafka_up(d->kafka);
		d->away = false;
	}
}

static bool
all_stored(struct demo *d)
{
	if (!atomic_load(&d->sensors_ended))
		return false;
	for (int i = 0; i < TOPICS; i++)
		if (d->stored[i].distinct < atomic_load(&d->sent[i]))
			return false;
	return true;
}

static bool
interrupted(void)
{
	const struct timespec now = { 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	return sigtimedwait(&set, NULL, &now) > 0;
}

/* True when it ended by itself, false when it was interrupted. */
static bool
watch(struct demo *d)
{
	int shown = 0;

	d->begin_us = clock_mono_us();
	for (;;) {
		tail_poll(d->tail, 100, count_record, d);
		int second = (int)((clock_mono_us() - d->begin_us) / SECOND);
		if (second > shown) {
			take_and_return_kafka(d, second);
			show_line(d, second);
			shown = second;
		}
		if (interrupted())
			return false;
		if (all_stored(d) || atomic_load(&d->task_ended) ||
		    (!d->forever && second > PUBLISH_S + PATIENCE_S))
			return true;
	}
}

static int
summary(struct demo *d)
{
	bool same = true;

	puts("");
	for (int i = 0; i < TOPICS; i++) {
		uint64_t sent = atomic_load(&d->sent[i]);
		printf("%-13s published %6llu  stored %6llu  repeated %llu\n", topics[i],
		    (unsigned long long)sent, (unsigned long long)d->stored[i].distinct,
		    (unsigned long long)(d->stored[i].records - d->stored[i].distinct));
		same = same && sent == d->stored[i].distinct && sent > 0;
	}
	puts(same ? "published = stored: nothing was lost while Kafka was away"
		  : "published and stored differ: this is a defect, please report it");
	return same ? 0 : 1;
}

static void
remove_files(struct demo *d)
{
	static const char *const files[] = { "headrace.conf", "demo.kcql", "offsets" };
	char path[128];

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		snprintf(path, sizeof(path), "%s/%s", d->dir, files[i]);
		unlink(path);
	}
	rmdir(d->dir);
}

static void
stop(struct demo *d)
{
	atomic_store(&d->stop_sensors, true);
	if (d->sensors_run)
		pthread_join(d->sensors, NULL);
	publisher_close(d->publisher);
	if (d->task != NULL) {
		task_stop(d->task);
		task_free(d->task);
	}
	tail_close(d->tail);
	if (d->kafka != NULL)
		mock_kafka_stop(d->kafka);
	offsets_file_close(d->offsets);
	if (d->setup.problems != NULL)
		setup_fini(&d->setup);
	demo_broker_stop(d->broker);
	remove_files(d);
	for (int i = 0; i < TOPICS; i++)
		free(d->stored[i].seen);
}

static int
make_dir(struct demo *d, struct err *err)
{
	const char *tmp = getenv("TMPDIR");

	if (tmp == NULL || strlen(tmp) > 40)
		tmp = "/tmp";
	snprintf(d->dir, sizeof(d->dir), "%s/headrace-demo-XXXXXX", tmp);
	if (mkdtemp(d->dir) == NULL)
		return err_set(err, ERR_FATAL, "cannot make a folder in %s", tmp);
	return 0;
}

static int
usage(FILE *out)
{
	fputs("usage: headrace demo [--forever]\n"
	      "Shows the main job with a broker, sensors and Kafka on this machine; ends "
	      "by\n"
	      "itself within 30 seconds, with --forever at Ctrl-C.\n",
	    out);
	return out == stdout ? 0 : 2;
}

int
cli_demo(int argc, char **argv)
{
	struct demo *d;
	struct err err = { 0 };
	sigset_t set;
	int status = 1;

	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return usage(stdout);
	if (argc > 2 || (argc == 2 && strcmp(argv[1], "--forever") != 0))
		return usage(stderr);
	log_setup(LOG_LEVEL_ERROR, LOG_TEXT, false);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(
	    SIG_BLOCK, &set, NULL); /* in all threads: watch() asks for them */
	signal(SIGPIPE, SIG_IGN);

	d = mem_zalloc(sizeof(*d));
	d->forever = argc == 2;
	if (make_dir(d, &err) == 0 && start(d, &err) == 0) {
		bool ended = watch(d);
		status = ended || d->forever ? 0 : 1;
		if (ended)
			status = summary(d);
	}
	if (err.kind != ERR_NONE)
		fprintf(stderr, "headrace demo: %s\n", err.msg);
	stop(d);
	free(d);
	return status;
}
