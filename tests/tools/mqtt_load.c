/*
 * Publishes numbered messages (tool.h) over MQTT 3.1.1 as fast as it can or at a rate,
 * by its own few lines of MQTT: a client library would be the bottleneck.  When the
 * connection ends it connects again and sends once more what was not confirmed, so
 * with QoS 1 and 2 every number reaches the broker at least once.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tool.h"

#define IDS 65535 /* packet identifiers: 1 + index */
#define OUT_BYTES (1u << 20)

struct options {
	uint64_t port, count, first;
	uint64_t rate; /* per second; 0: as fast as possible */
	uint64_t size, topics, window, qos;
	const char *topic, *client_id, *user, *password;
};

struct flight {
	uint64_t number, time_ns;
	bool open; /* sent, not confirmed */
};

struct load {
	struct options o;
	char (*names)[128];    /* the topics */
	struct flight *flight; /* by packet identifier - 1 */
	size_t n_open;
	uint64_t next;      /* first number that was never sent */
	uint64_t confirmed; /* QoS 0: written */
	uint64_t reconnects, resent;
	uint8_t *out, in[65536];
	size_t out_head, out_n, in_n;
	int sock;
};

static volatile sig_atomic_t stopped;

static void
on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

static uint8_t *
put_u16(uint8_t *p, size_t n)
{
	*p++ = (uint8_t)(n >> 8);
	*p++ = (uint8_t)n;
	return p;
}

static uint8_t *
put_text(uint8_t *p, const char *text)
{
	size_t n = strlen(text);

	p = put_u16(p, n);
	memcpy(p, text, n);
	return p + n;
}

static uint8_t *
put_length(uint8_t *p, size_t n)
{
	for (; n > 127; n >>= 7)
		*p++ = (uint8_t)(n | 128);
	*p++ = (uint8_t)n;
	return p;
}

static bool
connect_to(struct load *l)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)l->o.port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	uint8_t body[600], packet[640], answer[4], *p = body;
	int on = 1;

	l->sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->sock < 0 || connect(l->sock, (struct sockaddr *)&a, sizeof(a)) != 0)
		goto fail;
	setsockopt(l->sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	p = put_text(p, "MQTT");
	*p++ = 4;
	*p++ = (uint8_t)(2 | (l->o.user ? 0x80 : 0) | (l->o.password ? 0x40 : 0));
	p = put_u16(p, 0);
	p = put_text(p, l->o.client_id);
	if (l->o.user)
		p = put_text(p, l->o.user);
	if (l->o.password)
		p = put_text(p, l->o.password);
	packet[0] = 0x10;
	uint8_t *q = put_length(packet + 1, (size_t)(p - body));
	memcpy(q, body, (size_t)(p - body));
	q += p - body;
	if (write(l->sock, packet, (size_t)(q - packet)) != q - packet ||
	    recv(l->sock, answer, 4, MSG_WAITALL) != 4)
		goto fail;
	if (answer[3] != 0)
		tool_die(
		    "mqtt_load: the broker refuses the connection: code %d", answer[3]);
	fcntl(l->sock, F_SETFL, O_NONBLOCK);
	l->out_head = l->out_n = l->in_n = 0;
	return true;
fail:
	if (l->sock >= 0)
		close(l->sock);
	l->sock = -1;
	return false;
}

static void
put_publish(struct load *l, const struct flight *f, size_t id)
{
	const char *topic = l->names[f->number % l->o.topics];
	uint8_t *start = l->out + l->out_n, *p = start;

	*p++ = (uint8_t)(0x30 | l->o.qos << 1);
	p = put_length(p, 2 + strlen(topic) + (l->o.qos ? 2 : 0) + l->o.size);
	p = put_text(p, topic);
	if (l->o.qos)
		p = put_u16(p, id);
	tool_payload_make(p, l->o.size, f->number, f->time_ns);
	l->out_n += (size_t)(p - start) + l->o.size;
}

static bool
out_has_room(const struct load *l)
{
	return OUT_BYTES - l->out_n > l->o.size + 256;
}

/* What was never confirmed, in the old order: a new session knows nothing of it. */
static void
send_again(struct load *l)
{
	uint64_t oldest = l->next > IDS ? l->next - IDS : 0;

	for (uint64_t number = oldest; number < l->next; number++) {
		struct flight *f = &l->flight[number % IDS];
		if (!f->open || f->number != number + l->o.first)
			continue;
		while (!out_has_room(l)) { /* blocking is fine here */
			ssize_t n = write(
			    l->sock, l->out + l->out_head, l->out_n - l->out_head);
			if (n < 0 && errno != EAGAIN)
				return; /* noticed by the next write */
			l->out_head += n > 0 ? (size_t)n : 0;
			if (l->out_head == l->out_n)
				l->out_head = l->out_n = 0;
		}
		put_publish(l, f, 1 + number % IDS);
		l->resent++;
	}
}

static void
reconnect(struct load *l)
{
	if (l->sock >= 0)
		close(l->sock);
	l->reconnects++;
	while (!stopped && !connect_to(l))
		usleep(20000);
	if (!stopped)
		send_again(l);
}

static void
fill(struct load *l, uint64_t due)
{
	uint64_t now = tool_wall_ns();

	while (l->next < due && out_has_room(l)) {
		size_t index = l->next % IDS;
		struct flight *f = &l->flight[index];
		if (l->o.qos && (l->n_open >= l->o.window || f->open))
			return;
		*f = (struct flight) { .number = l->next + l->o.first,
			.time_ns = now,
			.open = l->o.qos > 0 };
		l->n_open += l->o.qos > 0;
		put_publish(l, f, 1 + index);
		l->next++;
	}
}

static void
put_pubrel(struct load *l, const uint8_t id[2])
{
	const uint8_t packet[4] = { 0x62, 2, id[0], id[1] };

	memcpy(l->out + l->out_n, packet, 4);
	l->out_n += 4;
}

/* A whole packet of four bytes, which is all that a publisher ever gets. */
static void
take(struct load *l, const uint8_t p[4])
{
	size_t index = (size_t)(p[2] << 8 | p[3]) - 1;
	bool last = p[0] == 0x40 || p[0] == 0x70;

	if (p[1] != 2 || index >= IDS || (!last && p[0] != 0x50))
		tool_die("mqtt_load: unexpected packet %02x %02x", p[0], p[1]);
	if (!last) {
		put_pubrel(l, p + 2);
		return;
	}
	if (!l->flight[index].open)
		return;
	l->flight[index].open = false;
	l->n_open--;
	l->confirmed++;
}

/* False: the connection has ended. */
static bool
read_answers(struct load *l)
{
	ssize_t n = read(l->sock, l->in + l->in_n, sizeof(l->in) - l->in_n);
	size_t i = 0;

	if (n <= 0)
		return n < 0 && errno == EAGAIN;
	l->in_n += (size_t)n;
	for (; l->in_n - i >= 4 && OUT_BYTES - l->out_n >= 4; i += 4)
		take(l, l->in + i);
	memmove(l->in, l->in + i, l->in_n - i);
	l->in_n -= i;
	return true;
}

static bool
write_out(struct load *l)
{
	if (l->out_head == l->out_n)
		return true;
	ssize_t n = send(
	    l->sock, l->out + l->out_head, l->out_n - l->out_head, MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN;
	l->out_head += (size_t)n;
	if (l->out_head == l->out_n) {
		l->out_head = l->out_n = 0;
	} else if (l->out_n > OUT_BYTES / 2) {
		memmove(l->out, l->out + l->out_head, l->out_n - l->out_head);
		l->out_n -= l->out_head;
		l->out_head = 0;
	}
	return true;
}

static bool
finished(const struct load *l)
{
	return l->next == l->o.count && l->n_open == 0 && l->out_n == 0;
}

static void
run(struct load *l)
{
	uint64_t start = tool_mono_ns();

	while (!stopped && !finished(l)) {
		uint64_t elapsed = tool_mono_ns() - start, due = l->o.count;
		if (l->o.rate && (double)elapsed / 1e9 * (double)l->o.rate < (double)due)
			due = (uint64_t)((double)elapsed / 1e9 * (double)l->o.rate);
		fill(l, due);
		if (!write_out(l)) {
			reconnect(l);
			continue;
		}
		struct pollfd fd = { .fd = l->sock, .events = POLLIN };
		struct timespec wait = { .tv_nsec = 100000000 };
		if (l->out_n)
			fd.events |= POLLOUT;
		else if (l->next == due &&
			 l->next < l->o.count) /* until the next is due */
			wait.tv_nsec = l->o.rate > 2000 ? 500000 : 200000;
		else if (!l->o.qos && l->next < l->o.count)
			wait.tv_nsec = 0;
		ppoll(&fd, 1, &wait, NULL);
		if (fd.revents && !read_answers(l))
			reconnect(l);
	}
}

static void
make_topics(struct load *l)
{
	const char *mark = strstr(l->o.topic, "%d");
	int before = mark ? (int)(mark - l->o.topic) : (int)strlen(l->o.topic);

	if (strlen(l->o.topic) > 100)
		tool_die("mqtt_load: topic too long");
	l->names = calloc(l->o.topics, sizeof(*l->names));
	for (size_t i = 0; i < l->o.topics; i++) {
		if (mark)
			snprintf(l->names[i], sizeof(l->names[i]), "%.*s%zu%s", before,
			    l->o.topic, i, mark + 2);
		else
			snprintf(l->names[i], sizeof(l->names[i]), "%s", l->o.topic);
	}
}

static void
parse(int argc, char **argv, struct options *o)
{
	*o = (struct options) { .port = 1883,
		.count = 1000,
		.size = 256,
		.topics = 1,
		.window = 1000,
		.qos = 1,
		.topic = "telemetry/a/b",
		.client_id = "mqtt-load" };
	const struct tool_option table[] = {
		{ "port", .number = &o->port },
		{ "count", .number = &o->count },
		{ "first", .number = &o->first },
		{ "rate", .number = &o->rate },
		{ "size", .number = &o->size },
		{ "topics", .number = &o->topics },
		{ "window", .number = &o->window },
		{ "qos", .number = &o->qos },
		{ "topic", .text = &o->topic },
		{ "client-id", .text = &o->client_id },
		{ "user", .text = &o->user },
		{ "password", .text = &o->password },
		{ 0 },
	};

	if (tool_options(argc, argv, table) != argc)
		tool_die("mqtt_load: takes options only");
	if (o->size < TOOL_PAYLOAD_MIN || o->size > OUT_BYTES - 1024)
		tool_die("mqtt_load: --size from %d to %u", TOOL_PAYLOAD_MIN,
		    OUT_BYTES - 1024);
	if (o->topics < 1 || o->qos > 2 || o->window < 1 || strlen(o->client_id) > 100)
		tool_die("mqtt_load: bad options");
	if (o->window > IDS / 2)
		o->window = IDS / 2;
	if (o->qos == 2 && o->window > 20)
		o->window = 20; /* what Mosquitto 2.0.11 takes; it loses what is above */
}

int
main(int argc, char **argv)
{
	static struct load l;

	parse(argc, argv, &l.o);
	l.flight = calloc(IDS, sizeof(*l.flight));
	l.out = malloc(OUT_BYTES);
	make_topics(&l);
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	while (!stopped && !connect_to(&l))
		usleep(20000);
	uint64_t start = tool_mono_ns();
	if (!stopped)
		run(&l);
	double seconds = (double)(tool_mono_ns() - start) / 1e9;
	if (l.sock >= 0 && write(l.sock, "\xe0", 2) != 2)
		fprintf(stderr, "mqtt_load: no DISCONNECT sent\n");
	printf("{\"sent\": %" PRIu64 ", \"confirmed\": %" PRIu64
	       ", \"reconnects\": %" PRIu64 ", \"resent\": %" PRIu64 ", "
	       "\"seconds\": %.3f}\n",
	    l.next, l.o.qos ? l.confirmed : l.next, l.reconnects, l.resent, seconds);
	return 0;
}
