/*
 * The floor: the least that any bridge must do, the yardstick of `make bench`.  Reads
 * MQTT in blocks, parses PUBLISH, hands topic (as key) and payload to librdkafka,
 * acknowledges in order after the delivery report, all in one thread.  MQTT 3.1.1, QoS 1,
 * no reconnect, nothing checked.  Not a product.
 */
#include <arpa/inet.h>
#include <librdkafka/rdkafka.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool.h"

#define RING (1u << 16)

struct entry {
	uint16_t id;
	uint8_t done;
};

struct bridge {
	struct entry ring[RING];
	uint32_t head, tail; /* tail: oldest not acknowledged */
	int sock, wakeup[2];
	rd_kafka_t *rk;
	rd_kafka_topic_t *topic;
	uint8_t in[1 << 18];
	size_t have;
};

static volatile sig_atomic_t stopped;

static void
on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

static void
delivered(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
	struct bridge *b = opaque;

	(void)rk;
	if (!m->err)
		b->ring[(uintptr_t)m->_private & (RING - 1)].done = 1;
}

static void
put(const struct bridge *b, const void *p, size_t n)
{
	if (write(b->sock, p, n) != (ssize_t)n)
		tool_die("floor: short write");
}

static void
acknowledge(struct bridge *b)
{
	static uint8_t out[4 * 4096];
	size_t n = 0;

	while (b->tail != b->head && b->ring[b->tail & (RING - 1)].done) {
		uint16_t id = b->ring[b->tail++ & (RING - 1)].id;
		out[n++] = 0x40;
		out[n++] = 2;
		out[n++] = (uint8_t)(id >> 8);
		out[n++] = (uint8_t)id;
		if (n == sizeof(out)) {
			put(b, out, n);
			n = 0;
		}
	}
	if (n)
		put(b, out, n);
}

static void
publish(struct bridge *b, const uint8_t *p, size_t n)
{
	size_t topic_n = (size_t)(p[0] << 8 | p[1]);
	const uint8_t *topic = p + 2, *id = topic + topic_n, *payload = id + 2;

	b->ring[b->head & (RING - 1)] = (struct entry) { (uint16_t)(id[0] << 8 | id[1]),
		0 };
	while (rd_kafka_produce(b->topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
	    (void *)(uintptr_t)payload, (size_t)(p + n - payload), topic, topic_n,
	    (void *)(uintptr_t)b->head)) {
		rd_kafka_poll(b->rk, 1);
		acknowledge(b);
	}
	b->head++;
}

/* All whole packets of the block; what remains moves to its beginning. */
static void
parse(struct bridge *b)
{
	uint8_t *p = b->in, *end = b->in + b->have;

	while (end - p >= 2) {
		uint8_t *h = p + 1;
		size_t n = 0;
		int shift = 0;
		do {
			if (h == end)
				goto partial;
			n |= (size_t)(*h & 127) << shift;
			shift += 7;
		} while (*h++ & 128);
		if ((size_t)(end - h) < n)
			break;
		if ((*p & 0xf0) == 0x30 && (*p & 6))
			publish(b, h, n);
		p = h + n;
	}
partial:
	b->have = (size_t)(end - p);
	memmove(b->in, p, b->have);
}

static void
run(struct bridge *b)
{
	struct pollfd fds[2] = { { .fd = b->sock },
		{ .fd = b->wakeup[0], .events = POLLIN } };
	char sink[64];

	while (!stopped) {
		fds[0].events = b->head - b->tail < RING - 4096 ? POLLIN : 0;
		poll(fds, 2, 20000);
		if (fds[1].revents && read(b->wakeup[0], sink, sizeof(sink)) < 0)
			return;
		if (fds[0].revents) {
			ssize_t n = read(
			    b->sock, b->in + b->have, sizeof(b->in) - b->have);
			if (n <= 0)
				tool_die("floor: the broker has closed the connection");
			b->have += (size_t)n;
			parse(b);
		}
		rd_kafka_poll(b->rk, 0);
		acknowledge(b);
	}
}

static void
open_kafka(struct bridge *b, const char *bootstrap, const char *topic, const char *linger)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	const char *set[][2] = { { "bootstrap.servers", bootstrap },
		{ "enable.idempotence", "true" }, { "message.timeout.ms", "0" },
		{ "partitioner", "murmur2_random" }, { "linger.ms", linger } };
	char err[256];

	for (size_t i = 0; i < sizeof(set) / sizeof(set[0]); i++)
		if (rd_kafka_conf_set(conf, set[i][0], set[i][1], err, sizeof(err)))
			tool_die("floor: %s", err);
	rd_kafka_conf_set_dr_msg_cb(conf, delivered);
	rd_kafka_conf_set_opaque(conf, b);
	b->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, err, sizeof(err));
	if (!b->rk)
		tool_die("floor: %s", err);
	b->topic = rd_kafka_topic_new(b->rk, topic, NULL);
	if (pipe(b->wakeup) != 0)
		tool_die("floor: no pipe");
	rd_kafka_queue_io_event_enable(
	    rd_kafka_queue_get_main(b->rk), b->wakeup[1], "x", 1);
}

static void
open_mqtt(struct bridge *b, uint64_t port, const char *client_id, const char *filter)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	uint8_t connect_packet[128] = { 0x10, 0, 0, 4, 'M', 'Q', 'T', 'T', 4, 0, 0, 60,
		0 };
	uint8_t subscribe[128] = { 0x82, 0, 0, 1, 0 };
	size_t id_n = strlen(client_id), filter_n = strlen(filter);
	int on = 1;

	if (id_n > 100 || filter_n > 100)
		tool_die("floor: client id or filter too long");
	b->sock = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(b->sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(b->sock, (struct sockaddr *)&a, sizeof(a)) != 0)
		tool_die("floor: cannot connect to port %" PRIu64, port);
	connect_packet[1] = (uint8_t)(12 + id_n);
	connect_packet[13] = (uint8_t)id_n;
	memcpy(connect_packet + 14, client_id, id_n);
	put(b, connect_packet, 14 + id_n);
	subscribe[1] = (uint8_t)(5 + filter_n);
	subscribe[5] = (uint8_t)filter_n;
	memcpy(subscribe + 6, filter, filter_n);
	subscribe[6 + filter_n] = 1;
	put(b, subscribe, 7 + filter_n);
}

int
main(int argc, char **argv)
{
	static struct bridge b;
	uint64_t port = 1883;
	const char *bootstrap = "127.0.0.1:9092", *topic = "bench", *linger = "5";
	const char *client_id = "floor", *filter = "#";
	const struct tool_option table[] = {
		{ "port", .number = &port },
		{ "bootstrap", .text = &bootstrap },
		{ "topic", .text = &topic },
		{ "linger", .text = &linger },
		{ "client-id", .text = &client_id },
		{ "filter", .text = &filter },
		{ 0 },
	};

	tool_options(argc, argv, table);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	open_kafka(&b, bootstrap, topic, linger);
	open_mqtt(&b, port, client_id, filter);
	run(&b);
	rd_kafka_flush(b.rk, 5000);
	return 0;
}
