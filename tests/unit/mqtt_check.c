/* A scripted broker; see mqtt_check.h. */
#include "mqtt_check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum { PATIENCE_US = 10 * 1000 * 1000 };

/* ---- what the source tells ---- */

static void
copy_text(char *to, size_t size, struct str s)
{
	size_t n = s.n < size - 1 ? s.n : size - 1;

	if (n > 0)
		memcpy(to, s.p, n);
	to[n] = '\0';
}

static void
on_batch(void *arg, const struct message *m, size_t n)
{
	struct mqtt_check *c = arg;

	c->n_batches++;
	for (size_t i = 0; i < n; i++) {
		struct mqtt_check_message
		    *to = &c->messages[c->n_messages++ % MQTT_CHECK_MESSAGES];
		copy_text(to->topic, sizeof(to->topic), m[i].topic);
		copy_text(to->payload, sizeof(to->payload), m[i].payload);
		to->payload_n = m[i].payload.n;
		to->slot = m[i].slot;
		to->id = m[i].id;
		to->qos = m[i].qos;
		to->retain = m[i].retain;
		to->dup = m[i].dup;
		if (c->release_at_once)
			source_release(c->source, m[i].slot);
	}
}

static void
on_too_large(void *arg, const struct message *m, size_t bytes)
{
	struct mqtt_check *c = arg;

	on_batch(arg, m, 1);
	c->too_large_bytes = bytes;
}

static void
on_connected(void *arg, const char *broker, bool session_present)
{
	struct mqtt_check *c = arg;

	assert_string_equal(broker, c->uri[c->host] + strlen("tcp://"));
	c->session_present = session_present;
	c->connected++;
}

static void
on_subscribed(void *arg)
{
	((struct mqtt_check *)arg)->subscribed++;
}

static void
on_disconnected(void *arg, const char *why)
{
	struct mqtt_check *c = arg;

	copy_text(c->why, sizeof(c->why), str_of(why));
	c->disconnected++;
}

static void
on_failed(void *arg, const struct err *err)
{
	struct mqtt_check *c = arg;

	c->err = *err;
	c->failed++;
}

static void
on_closed(void *arg)
{
	((struct mqtt_check *)arg)->closed++;
}

/* ---- set-up ---- */

static int
listen_somewhere(char *uri, size_t size)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	snprintf(uri, size, "tcp://127.0.0.1:%u", ntohs(a.sin_port));
	return fd;
}

static void
on_turn_end(void *arg)
{
	struct mqtt_check *c = arg;

	if (c->source != NULL)
		source_flush(c->source);
}

struct mqtt_check *
mqtt_check_new(void)
{
	static const char *const filters[] = { "a/#" };
	struct mqtt_check *c = mem_zalloc(sizeof(*c));
	struct err err;

	c->fd = -1;
	for (size_t i = 0; i < 2; i++)
		c->listen_fd[i] = listen_somewhere(c->uri[i], sizeof(c->uri[i]));
	c->loop = loop_new(&err);
	assert_non_null(c->loop);
	loop_set_turn_end(c->loop, on_turn_end, c);
	c->opt = (struct source_options) {
		.client_id = "me",
		.version = SOURCE_V311,
		.qos = 1,
		.filters = filters,
		.n_filters = 1,
		.keep_alive_s = 60,
		.connect_timeout_ms = 10000,
		.back_off_ms = 1,
		.back_off_max_ms = 2,
		.window_messages = 1000,
		.window_bytes = 1 << 20,
		.max_packet_bytes = 4 << 20,
		.receive_maximum = 1000,
	};
	return c;
}

void
mqtt_check_open(struct mqtt_check *c)
{
	const char *host = c->uri[0];
	const struct source_events ev = {
		.batch = on_batch,
		.too_large = on_too_large,
		.connected = on_connected,
		.subscribed = on_subscribed,
		.disconnected = on_disconnected,
		.failed = on_failed,
		.closed = on_closed,
		.arg = c,
	};
	struct err err = { 0 };

	if (c->opt.hosts == NULL) {
		c->opt.hosts = &host;
		c->opt.n_hosts = 1;
	}
	c->source = source_open(c->loop, NULL, &c->opt, &ev, &err);
	if (c->source == NULL)
		fail_msg("source_open: %s", err.msg);
}

void
mqtt_check_free(struct mqtt_check *c)
{
	source_close(c->source);
	c->source = NULL;
	if (c->fd >= 0)
		close(c->fd);
	for (size_t i = 0; i < 2; i++)
		close(c->listen_fd[i]);
	buf_fini(&c->in);
	loop_free(c->loop);
	free(c);
}

/* ---- waiting ---- */

static void
turn_until(struct mqtt_check *c, int64_t end_us, const char *what)
{
	if (clock_mono_us() > end_us)
		fail_msg("waited in vain for %s; connected %u subscribed %u "
			 "disconnected %u (%s) failed %u (%s) messages %zu",
		    what, c->connected, c->subscribed, c->disconnected, c->why, c->failed,
		    c->err.msg, c->n_messages);
	loop_once(c->loop, 1000);
}

void
mqtt_check_until(struct mqtt_check *c, const unsigned *n, unsigned least)
{
	int64_t end_us = clock_mono_us() + PATIENCE_US;

	while (*n < least)
		turn_until(c, end_us, "an event");
}

void
mqtt_check_until_messages(struct mqtt_check *c, size_t least)
{
	int64_t end_us = clock_mono_us() + PATIENCE_US;

	while (c->n_messages < least)
		turn_until(c, end_us, "messages");
}

void
mqtt_check_turns(struct mqtt_check *c, unsigned n)
{
	while (n-- > 0)
		loop_once(c->loop, 0);
}

void
mqtt_check_for_us(struct mqtt_check *c, int64_t us)
{
	for (int64_t end_us = clock_mono_us() + us; clock_mono_us() < end_us;)
		loop_once(c->loop, 1000);
}

/* ---- hex ---- */

static void
from_hex(struct buf *out, const char *hex)
{
	unsigned value, digits = 0, byte = 0;

	for (; *hex != '\0'; hex++) {
		if (*hex == ' ')
			continue;
		assert_int_equal(sscanf((char[]) { *hex, '\0' }, "%1x", &value), 1);
		byte = byte << 4 | value;
		if (++digits % 2 == 0)
			buf_add_byte(out, (uint8_t)byte);
	}
	assert_int_equal(digits % 2, 0);
}

static void
to_hex(struct buf *out, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%02x", (unsigned char)p[i]);
}

/* ---- the broker ---- */

void
mqtt_check_accept(struct mqtt_check *c)
{
	int64_t end_us = clock_mono_us() + PATIENCE_US;
	const int on = 1;

	assert_int_equal(c->fd, -1);
	buf_reset(&c->in);
	for (;;) {
		for (c->host = 0; c->host < 2; c->host++) {
			c->fd = accept4(c->listen_fd[c->host], NULL, NULL,
			    SOCK_NONBLOCK | SOCK_CLOEXEC);
			if (c->fd < 0)
				continue;
			setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
			return;
		}
		turn_until(c, end_us, "a connection");
	}
}

/* Reads what there is; false at the end. */
static bool
take(struct mqtt_check *c)
{
	char bytes[65536];
	ssize_t n = recv(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n > 0)
		buf_add(&c->in, bytes, (size_t)n);
	return n > 0 || (n < 0 && errno == EAGAIN);
}

static void
take_bytes(struct mqtt_check *c, size_t least)
{
	int64_t end_us = clock_mono_us() + PATIENCE_US;

	while (c->in.n < least) {
		if (!take(c) && c->in.n < least) {
			struct buf hex = { 0 };
			to_hex(&hex, c->in.p, c->in.n);
			fail_msg("the source closed (%s); there is: %s", c->why,
			    buf_cstr(&hex));
		}
		turn_until(c, end_us, "bytes from the source");
	}
}

void
mqtt_check_greet(struct mqtt_check *c, bool session_present)
{
	take_bytes(c, 2);
	size_t n = 2 + (unsigned char)c->in.p[1];
	assert_int_equal(c->in.p[0], 0x10);
	take_bytes(c, n);
	buf_drop_front(&c->in, n);
	mqtt_check_send(c, session_present ? "20020100" : "20020000");
}

void
mqtt_check_up(struct mqtt_check *c, bool session_present)
{
	unsigned before = c->subscribed;

	mqtt_check_accept(c);
	mqtt_check_greet(c, session_present);
	take_bytes(c, 2);
	assert_int_equal((unsigned char)c->in.p[0], 0x82);
	size_t n = 2 + (unsigned char)c->in.p[1];
	take_bytes(c, n);
	buf_drop_front(&c->in, n);
	struct buf suback = { 0 };
	buf_printf(&suback, "9003000%x%02x", 1, c->opt.qos);
	mqtt_check_send(c, buf_cstr(&suback));
	buf_fini(&suback);
	mqtt_check_until(c, &c->subscribed, before + 1);
}

void
mqtt_check_send(struct mqtt_check *c, const char *hex)
{
	int64_t end_us = clock_mono_us() + PATIENCE_US;
	struct buf bytes = { 0 };
	size_t sent = 0;

	from_hex(&bytes, hex);
	while (sent < bytes.n) {
		ssize_t n = send(
		    c->fd, bytes.p + sent, bytes.n - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0) {
			sent += (size_t)n;
			continue;
		}
		if (errno != EAGAIN)
			fail_msg("cannot send: %s", strerror(errno));
		turn_until(c, end_us, "room to send");
	}
	buf_fini(&bytes);
}

void
mqtt_check_expect(struct mqtt_check *c, const char *hex)
{
	struct buf want = { 0 }, want_hex = { 0 }, got_hex = { 0 };

	from_hex(&want, hex);
	to_hex(&want_hex, want.p, want.n);
	take_bytes(c, want.n);
	to_hex(&got_hex, c->in.p, want.n);
	assert_string_equal(buf_cstr(&got_hex), buf_cstr(&want_hex));
	buf_drop_front(&c->in, want.n);
	buf_fini(&want);
	buf_fini(&want_hex);
	buf_fini(&got_hex);
}

void
mqtt_check_expect_nothing(struct mqtt_check *c)
{
	struct buf hex = { 0 };

	mqtt_check_turns(c, 20);
	if (!take(c))
		fail_msg("the source closed: %s", c->why);
	to_hex(&hex, c->in.p, c->in.n);
	assert_string_equal(buf_cstr(&hex), "");
	buf_fini(&hex);
}

void
mqtt_check_expect_eof(struct mqtt_check *c)
{
	int64_t end_us = clock_mono_us() + PATIENCE_US;

	while (take(c))
		turn_until(c, end_us, "the source to close");
	assert_int_equal(c->in.n, 0);
}

void
mqtt_check_hang_up(struct mqtt_check *c)
{
	unsigned before = c->disconnected;

	close(c->fd);
	c->fd = -1;
	mqtt_check_until(c, &c->disconnected, before + 1);
}

void
mqtt_check_put_publish(
    struct buf *hex, uint8_t first, uint16_t id, const char *topic, const char *payload)
{
	size_t t = strlen(topic), n = 2 + t + (id > 0 ? 2 : 0) + strlen(payload);

	assert_true(n < 128);
	buf_printf(hex, "%02x%02x%04x", first, (unsigned)n, (unsigned)t);
	to_hex(hex, topic, t);
	if (id > 0)
		buf_printf(hex, "%04x", id);
	to_hex(hex, payload, strlen(payload));
}

void
mqtt_check_publish(struct mqtt_check *c, uint8_t first, uint16_t id, const char *topic,
    const char *payload)
{
	struct buf hex = { 0 };

	mqtt_check_put_publish(&hex, first, id, topic, payload);
	mqtt_check_send(c, buf_cstr(&hex));
	buf_fini(&hex);
}
