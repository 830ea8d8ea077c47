/*
 * Receives by headrace's own MQTT source and releases each message at once, or after
 * --hold-ms, as if Kafka had confirmed it: what receiving alone costs.  Counts what
 * mqtt_load has published: CPU, turns of the loop, latency, lost and double numbers.
 * Ends after --count messages, or --seconds, or a signal.
 */
#include <signal.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/loop.h"
#include "base/mem.h"
#include "mqtt/source.h"
#include "tool.h"

#define WAITING (1u << 20) /* messages that are held for --hold-ms */
#define LATENCY_US 1000000

struct held {
	int64_t due_us;
	uint32_t slot;
};

struct drain {
	uint64_t port, count, seconds, qos, linger, hold_ms, window, first, version;
	const char *host, *filter, *client_id;
	bool clean, verbose;
	struct loop *loop;
	struct source *source;
	struct held *held; /* ring */
	uint64_t held_head, held_tail;
	struct loop_timer release_timer;
	uint8_t *seen;     /* by number */
	uint32_t *latency; /* messages by µs */
	uint64_t received, unique, repeated, foreign, turns, batches;
	int64_t start_us, first_us, subscribed_us;
	struct rusage first_usage;
	bool failed;
};

static struct loop_wake stop_wake;

static void
on_signal(int sig)
{
	(void)sig;
	loop_wake(&stop_wake);
}

static void
count_message(struct drain *d, const struct message *m, uint64_t now_ns)
{
	const uint8_t *p = (const uint8_t *)m->payload.p;
	uint64_t number;

	if (m->payload.n < TOOL_PAYLOAD_MIN || !tool_payload_good(p, m->payload.n)) {
		d->foreign++;
		return;
	}
	number = tool_payload_number(p) - d->first;
	if (number < d->count && d->seen[number]++ > 0)
		d->repeated++;
	else
		d->unique++;
	uint64_t us = (now_ns - tool_payload_time_ns(p)) / 1000;
	d->latency[us < LATENCY_US ? us : LATENCY_US - 1]++;
}

static void
begin_to_count(struct drain *d)
{
	d->first_us = clock_mono_us();
	getrusage(RUSAGE_SELF, &d->first_usage);
	d->turns = 0;
}

static void
hold(struct drain *d, uint32_t slot, int64_t due_us)
{
	if (d->held_head - d->held_tail == WAITING)
		tool_die("source_drain: too many held messages");
	d->held[d->held_head++ % WAITING] = (struct held) { due_us, slot };
	if (d->release_timer.place < 0)
		loop_timer_set(d->loop, &d->release_timer, due_us);
}

static void
on_batch(void *arg, const struct message *m, size_t n)
{
	struct drain *d = arg;
	uint64_t now_ns = tool_wall_ns();
	int64_t due_us = d->hold_ms > 0 ? clock_mono_us() + (int64_t)d->hold_ms * 1000
	                                : 0;

	if (d->received == 0)
		begin_to_count(d);
	d->batches++;
	d->received += n;
	for (size_t i = 0; i < n; i++) {
		count_message(d, &m[i], now_ns);
		if (d->hold_ms > 0)
			hold(d, m[i].slot, due_us);
		else
			source_release(d->source, m[i].slot);
	}
	if (d->count > 0 && d->unique >= d->count)
		source_stop_reading(d->source);
}

static void
on_release(void *arg)
{
	struct drain *d = arg;
	int64_t now_us = clock_mono_us();

	while (d->held_tail != d->held_head) {
		const struct held *h = &d->held[d->held_tail % WAITING];
		if (h->due_us > now_us) {
			loop_timer_set(d->loop, &d->release_timer, h->due_us);
			return;
		}
		source_release(d->source, h->slot);
		d->held_tail++;
	}
}

static void
on_too_large(void *arg, const struct message *m, size_t bytes)
{
	struct drain *d = arg;

	(void)bytes;
	d->foreign++;
	source_release(d->source, m->slot);
}

static void
on_connected(void *arg, const char *broker, bool session_present)
{
	struct drain *d = arg;

	if (d->verbose)
		fprintf(
		    stderr, "connected %s session_present=%d\n", broker, session_present);
}

static void
on_subscribed(void *arg)
{
	struct drain *d = arg;

	if (d->subscribed_us == 0)
		d->subscribed_us = clock_mono_us() - d->start_us;
	if (d->verbose)
		fprintf(stderr, "subscribed\n");
}

static void
on_disconnected(void *arg, const char *why)
{
	struct drain *d = arg;

	if (d->verbose)
		fprintf(stderr, "disconnected: %s\n", why);
}

static void
on_failed(void *arg, const struct err *err)
{
	struct drain *d = arg;

	fprintf(stderr, "failed: %s: %s\n", err_kind_name(err->kind), err->msg);
	d->failed = true;
	loop_stop(d->loop);
}

static void
on_closed(void *arg)
{
	struct drain *d = arg;

	loop_stop(d->loop);
}

static void
on_stop(void *arg)
{
	struct drain *d = arg;

	source_stop(d->source);
}

static void
on_turn_end(void *arg)
{
	struct drain *d = arg;

	d->turns++;
	source_flush(d->source);
	if (d->count > 0 && d->unique >= d->count && source_window(d->source) == 0)
		source_stop(d->source);
}

static uint64_t
percentile_us(const struct drain *d, double part)
{
	uint64_t n = 0, all = 0;

	for (size_t i = 0; i < LATENCY_US; i++)
		all += d->latency[i];
	for (size_t i = 0; i < LATENCY_US; i++) {
		n += d->latency[i];
		if ((double)n >= part * (double)all)
			return i;
	}
	return LATENCY_US;
}

static double
seconds_of(struct timeval tv)
{
	return (double)tv.tv_sec + (double)tv.tv_usec / 1e6;
}

static void
report(const struct drain *d)
{
	struct source_stats st = source_stats(d->source);
	double seconds = (double)(clock_mono_us() - d->first_us) / 1e6;
	struct rusage u;
	uint64_t missing = 0;

	getrusage(RUSAGE_SELF, &u);
	double cpu = seconds_of(u.ru_utime) + seconds_of(u.ru_stime) -
	             seconds_of(d->first_usage.ru_utime) -
	             seconds_of(d->first_usage.ru_stime);
	for (uint64_t i = 0; i < d->count; i++)
		missing += d->seen[i] == 0;
	printf(
	    "{\"received\": %" PRIu64 ", \"unique\": %" PRIu64 ", \"repeated\": %" PRIu64
	    ", \"missing\": %" PRIu64 ", \"foreign\": %" PRIu64
	    ", \"seconds\": %.3f, \"rate\": %.0f, \"cpu_us\": %.3f, \"turns\": %" PRIu64
	    ", \"turns_s\": %.1f, \"batches\": %" PRIu64 ", \"p50_us\": %" PRIu64
	    ", \"p99_us\": %" PRIu64 ", \"max_rss_kib\": %ld"
	    ", \"subscribed_us\": %lld, \"packets\": %" PRIu64 ", \"reads\": %" PRIu64
	    ", \"acknowledged\": %" PRIu64 ", \"redelivered\": %" PRIu64
	    ", \"recognised\": %" PRIu64 ", \"connects\": %" PRIu64 "}\n",
	    d->received, d->unique, d->repeated, missing, d->foreign, seconds,
	    (double)d->received / seconds, cpu * 1e6 / (double)d->received, d->turns,
	    (double)d->turns / seconds, d->batches, percentile_us(d, 0.5),
	    percentile_us(d, 0.99), u.ru_maxrss, (long long)d->subscribed_us, st.received,
	    st.reads, st.acknowledged, st.redelivered, st.recognised, st.connects);
}

static void
parse(int argc, char **argv, struct drain *d)
{
	const struct tool_option table[] = {
		{ .name = "port", .number = &d->port },
		{ .name = "host", .text = &d->host },
		{ .name = "count", .number = &d->count },
		{ .name = "first", .number = &d->first },
		{ .name = "seconds", .number = &d->seconds },
		{ .name = "qos", .number = &d->qos },
		{ .name = "linger", .number = &d->linger },
		{ .name = "hold-ms", .number = &d->hold_ms },
		{ .name = "window", .number = &d->window },
		{ .name = "version", .number = &d->version },
		{ .name = "filter", .text = &d->filter },
		{ .name = "client-id", .text = &d->client_id },
		{ .name = "clean", .on = &d->clean },
		{ .name = "verbose", .on = &d->verbose },
		{ 0 },
	};

	if (tool_options(argc, argv, table) != argc)
		tool_die("source_drain: takes options only");
}

static void
open_source(struct drain *d)
{
	char uri[64];
	const char *host = d->host != NULL ? d->host : uri;
	struct err err = { 0 };
	const struct source_options opt = {
		.hosts = &host,
		.n_hosts = 1,
		.client_id = d->client_id,
		.version = d->version == 5 ? SOURCE_V5 : SOURCE_V311,
		.clean = d->clean,
		.qos = (uint8_t)d->qos,
		.filters = &d->filter,
		.n_filters = 1,
		.keep_alive_s = 60,
		.connect_timeout_ms = 30000,
		.back_off_ms = 1000,
		.back_off_max_ms = 60000,
		.linger_ms = (int)d->linger,
		.window_messages = d->window,
		.window_bytes = 16 << 20,
		.max_packet_bytes = 4 << 20,
		.receive_maximum = 1000,
	};
	const struct source_events ev = {
		.batch = on_batch,
		.too_large = on_too_large,
		.connected = on_connected,
		.subscribed = on_subscribed,
		.disconnected = on_disconnected,
		.failed = on_failed,
		.closed = on_closed,
		.arg = d,
	};

	snprintf(uri, sizeof(uri), "tcp://127.0.0.1:%" PRIu64, d->port);
	d->source = source_open(d->loop, NULL, &opt, &ev, &err);
	if (d->source == NULL)
		tool_die("source_drain: %s", err.msg);
}

int
main(int argc, char **argv)
{
	struct drain d = {
		.port = 1883,
		.qos = 1,
		.linger = 20,
		.window = 50000,
		.version = 4,
		.filter = "#",
		.client_id = "source_drain",
	};
	struct loop_timer end;
	struct err err;

	parse(argc, argv, &d);
	log_setup(d.verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR, LOG_TEXT, false);
	d.held = mem_alloc(WAITING * sizeof(*d.held));
	d.seen = mem_zalloc(d.count + 1);
	d.latency = mem_zalloc(LATENCY_US * sizeof(*d.latency));
	d.start_us = clock_mono_us();
	d.loop = loop_new(&err);
	if (d.loop == NULL || loop_wake_init(d.loop, &stop_wake, on_stop, &d, &err) < 0)
		tool_die("source_drain: %s", err.msg);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	loop_timer_init(&d.release_timer, on_release, &d);
	loop_timer_init(&end, on_stop, &d);
	if (d.seconds > 0)
		loop_timer_in(d.loop, &end, (int64_t)d.seconds * 1000000);
	open_source(&d);
	loop_set_turn_end(d.loop, on_turn_end, &d);
	loop_run(d.loop);
	report(&d);
	source_close(d.source);
	return d.failed;
}
