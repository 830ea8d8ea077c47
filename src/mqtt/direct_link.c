/*
 * The life of a connection: from the first attempt to the last DISCONNECT, and what
 * comes between two connections.
 *
 *	WAITING -> DIALLING -> GREETING -> UP -> (lost) WAITING
 *	                                   UP -> LEAVING -> OVER
 *	any phase -> OVER
 */
#include "mqtt/direct.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#define SECOND_US ((int64_t)1000 * 1000)

enum {
	STEADY_S = 30, /* a connection that lasts so long forgives the losses before */
	EARLY_S = 10,  /* closed so soon after CONNACK: another client may be at work */
	EARLY_WITHIN_S = 60,
	LEAVING_S = 1,
	MALFORMED_MAX = 5, /* reconnects */
};

static void on_ready(void *arg, uint32_t events);
static void on_timer(void *arg);
static void on_dialled(void *arg, int fd);
static void on_dial_failed(void *arg, const struct err *err);

static const char *
uri(const struct source *s)
{
	return s->hosts[s->host].uri;
}

void
direct_link_start(struct source *s)
{
	const struct dial_events ev = {
		.connected = on_dialled, .failed = on_dial_failed, .arg = s
	};

	s->fd = -1;
	loop_io_init(&s->io, on_ready, s);
	loop_timer_init(&s->timer, on_timer, s);
	loop_timer_init(&s->alive, direct_alive_fire, s);
	loop_timer_init(&s->resync, direct_alive_resync, s);
	loop_timer_init(&s->read_timer, direct_read_timer, s);
	pace_init(&s->pace, s->opt.linger_ms * (int64_t)1000);
	s->dial = dial_new(s->loop, &ev);
	s->back_off_ms = s->opt.back_off_ms;
	s->block = mem_alloc(DIRECT_BLOCK_BYTES);
	s->batch = mem_alloc(DIRECT_BATCH * sizeof(*s->batch));
	direct_subscribe_load(s);
	s->phase = DIRECT_WAITING;
	loop_timer_in(s->loop, &s->timer, 0);
}

/* ---- attempts ---- */

static void
attempt(struct source *s)
{
	s->phase = DIRECT_DIALLING;
	loop_timer_in(s->loop, &s->timer, (int64_t)s->opt.connect_timeout_ms * 1000);
	dial_start(s->dial, &s->hosts[s->host], s->opt.keep_alive_s * 1500);
}

static void
greet(struct source *s)
{
	const struct str user = str_of(s->opt.user), password = str_of(s->opt.password);
	const struct codec_connect c = {
		.version = CODEC_V311,
		.client_id = str_of(s->opt.client_id),
		.user = s->opt.user != NULL ? &user : NULL,
		.password = s->opt.password != NULL ? &password : NULL,
		.clean = s->opt.clean,
		.keep_alive_s = (uint16_t)s->opt.keep_alive_s,
	};

	codec_put_connect(&s->out, &c);
	direct_write_out(s);
}

static void
on_dialled(void *arg, int fd)
{
	struct source *s = arg;
	struct err err;

	direct_enter(s);
	s->fd = fd;
	s->phase = DIRECT_GREETING;
	s->peer_closed = false;
	direct_write_reset(s);
	direct_read_start(s);
	if (loop_io_add(s->loop, &s->io, fd, EPOLLIN | EPOLLRDHUP, &err) < 0)
		direct_link_lost(s, &err);
	else
		greet(s);
	direct_leave(s);
}

static void
on_dial_failed(void *arg, const struct err *err)
{
	struct source *s = arg;

	direct_enter(s);
	s->n_early_losses = 0; /* it was the broker that was away */
	direct_link_lost(s, err);
	direct_leave(s);
}

/* ---- CONNACK ---- */

static bool
refused(struct source *s, uint8_t code)
{
	const char *text = codec_connack_text(CODEC_V311, code), *hint = "";
	struct err err;

	if (code == 2)
		hint = "; some brokers answer this to a keep-alive above their limit too";
	if (code == 4 || code == 5)
		hint = "; check user name and password, and what the broker allows them";
	err_set(&err, ERR_CONFIG, "broker %s refused client id \"%s\": %s (%u)%s", uri(s),
	    s->opt.client_id, text, code, hint);
	if (codec_connack_may_pass(CODEC_V311, code)) {
		err.kind = ERR_RETRY;
		direct_link_lost(s, &err);
	} else {
		direct_link_fail(s, &err);
	}
	return false;
}

bool
direct_link_connack(struct source *s, const struct codec_packet *pkt)
{
	struct err err;

	if (pkt->code != 0)
		return refused(s, pkt->code);
	if (pkt->session_present && s->opt.clean) {
		err_set(&err, ERR_RETRY,
		    "protocol error from %s: session present after a clean start",
		    uri(s));
		direct_link_lost(s, &err);
		return false;
	}
	s->phase = DIRECT_UP;
	s->up_at_us = clock_mono_us();
	pace_reset(&s->pace, s->stats.connects == 0 || s->broker != s->host);
	s->broker = s->host;
	s->stats.connects++;
	s->resynced = s->resyncing;
	s->resyncing = false;
	window_connected(s->window, (uint8_t)s->host, pkt->session_present);
	direct_alive_start(s);
	log_info(s->log, "connected to %s; client_id=%s session_present=%d", uri(s),
	    s->opt.client_id, pkt->session_present);
	s->ev.connected(s->ev.arg, s->hosts[s->host].name, pkt->session_present);
	if (s->phase != DIRECT_UP || !direct_subscribe_start(s, pkt->session_present))
		return false;
	s->reading = true;
	return true;
}

/* ---- loss ---- */

static void
close_socket(struct source *s)
{
	if (s->fd < 0)
		return;
	loop_io_del(s->loop, &s->io);
	close(s->fd);
	s->fd = -1;
	direct_alive_stop(s);
	direct_read_reset(s);
	direct_write_reset(s);
	window_lost(s->window);
}

static void
stop_all(struct source *s)
{
	s->phase = DIRECT_OVER;
	dial_stop(s->dial);
	close_socket(s);
	loop_timer_clear(s->loop, &s->timer);
}

/* The closed event comes from the loop, not from inside the owner's call. */
static void
close_later(struct source *s)
{
	stop_all(s);
	loop_timer_in(s->loop, &s->timer, 0);
}

/* The broker has closed after our DISCONNECT, or did not within its time. */
static void
left(struct source *s)
{
	bool again = s->phase == DIRECT_LEAVING && !s->stopping;

	stop_all(s);
	if (!again) {
		s->ev.closed(s->ev.arg);
		return;
	}
	s->stats.disconnects++;
	s->phase = DIRECT_WAITING;
	loop_timer_in(s->loop, &s->timer, 0);
	s->ev.disconnected(s->ev.arg, "reconnecting after a pause");
}

/* d/2 + random(d/2), so that many clients of a broker do not come back at once. */
static int64_t
with_jitter_us(int64_t d_ms)
{
	uint32_t random = 0;

	/* Without entropy at boot: no jitter. */
	(void)!getrandom(&random, sizeof(random), GRND_NONBLOCK);
	int64_t half_us = d_ms * 500;
	return half_us + (int64_t)((uint64_t)half_us * random >> 32);
}

/* Three losses soon after CONNACK within a minute: two clients take turns. */
static bool
is_taken_over(struct source *s, int64_t now_us)
{
	const unsigned n = ARRAY_LEN(s->early_losses_us);

	if (now_us - s->up_at_us > EARLY_S * SECOND_US)
		return false;
	s->early_losses_us[s->n_early_losses++ % n] = now_us;
	return s->n_early_losses >= n &&
	       now_us - s->early_losses_us[s->n_early_losses % n] <=
	           EARLY_WITHIN_S * SECOND_US;
}

static void
wait_for_next(struct source *s, bool taken_over)
{
	if (taken_over)
		s->back_off_ms = s->opt.back_off_max_ms;
	int64_t wait_us = with_jitter_us(s->back_off_ms);
	s->back_off_ms *= 2;
	if (s->back_off_ms > s->opt.back_off_max_ms)
		s->back_off_ms = s->opt.back_off_max_ms;
	s->phase = DIRECT_WAITING;
	s->host = (s->host + 1) % s->opt.n_hosts;
	loop_timer_in(s->loop, &s->timer, wait_us);
	log_info(s->log, "next attempt at %s; in_ms=%lld", uri(s),
	    (long long)(wait_us / 1000));
}

/* by_broker: it closed; we did not leave it because of what it sent. */
static void
lose(struct source *s, const struct err *why, bool by_broker)
{
	bool was_up = s->phase == DIRECT_UP, taken_over = false;
	int64_t now_us = clock_mono_us();
	char text[sizeof(why->msg) + 128];

	snprintf(text, sizeof(text), "%s", why->msg);
	if (was_up) {
		s->stats.disconnects++;
		if (now_us - s->up_at_us >= STEADY_S * SECOND_US)
			s->back_off_ms = s->opt.back_off_ms;
		taken_over = by_broker && is_taken_over(s, now_us);
	}
	if (taken_over)
		snprintf(text, sizeof(text), "%s; another client uses client id \"%.*s\"",
		    why->msg, 64, s->opt.client_id);
	dial_stop(s->dial);
	close_socket(s);
	if (s->stopping) {
		close_later(s);
		return;
	}
	log_warn(s->log, "%s; connected_s=%lld", text,
	    was_up ? (long long)((now_us - s->up_at_us) / SECOND_US) : 0);
	wait_for_next(s, taken_over);
	s->ev.disconnected(s->ev.arg, text);
}

void
direct_link_lost(struct source *s, const struct err *why)
{
	lose(s, why, true);
}

/* ---- the end ---- */

void
direct_link_fail(struct source *s, const struct err *why)
{
	stop_all(s);
	s->ev.failed(s->ev.arg, why);
}

/* The same packet ends each connection: a persistent session would bring it for ever. */
void
direct_link_malformed(struct source *s, const struct err *why)
{
	uint64_t fault = str_hash(str_of(why->msg));
	struct err fatal;

	s->n_malformed = fault == s->malformed ? s->n_malformed + 1 : 1;
	s->malformed = fault;
	if (s->n_malformed <= MALFORMED_MAX) {
		lose(s, why, false);
		return;
	}
	err_set(&fatal, ERR_FATAL, "%s; the same after %d reconnects", why->msg,
	    MALFORMED_MAX);
	direct_link_fail(s, &fatal);
}

static bool
say_goodbye(struct source *s)
{
	if (!direct_write_last(s))
		return false;
	if (s->goodbye_said && s->out.n == 0)
		shutdown(s->fd, SHUT_WR);
	return true;
}

static void
leave_broker(struct source *s)
{
	s->phase = DIRECT_LEAVING;
	loop_timer_in(s->loop, &s->timer, LEAVING_S * SECOND_US);
	direct_alive_stop(s);
	direct_link_watch(s);
	say_goodbye(s);
}

void
direct_link_disconnect(struct source *s)
{
	if (s->stopping)
		return;
	s->stopping = true;
	if (s->phase == DIRECT_UP)
		leave_broker(s);
	else if (s->phase != DIRECT_LEAVING)
		close_later(s);
}

void
direct_link_resync(struct source *s)
{
	log_info(s->log,
	    "reconnecting to %s for what it may not have sent while reading was paused",
	    uri(s));
	s->resyncing = true;
	leave_broker(s);
}

/*
 * Closing with unread input would send RST, and acknowledgements that the broker has
 * not read yet would be gone.
 */
static void
read_to_end(struct source *s)
{
	ssize_t n = recv(s->fd, s->block, DIRECT_BLOCK_BYTES, MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		left(s);
}

void
direct_link_close(struct source *s)
{
	stop_all(s);
}

/* ---- what the loop calls ---- */

static void
timed_out(struct source *s, const char *what, int64_t after_ms)
{
	struct err err;

	err_set(&err, ERR_RETRY, "%s: no %s within %lld ms", uri(s), what,
	    (long long)after_ms);
	direct_link_lost(s, &err);
}

static void
on_timer(void *arg)
{
	struct source *s = arg;

	direct_enter(s);
	switch (s->phase) {
	case DIRECT_WAITING:
		attempt(s);
		break;
	case DIRECT_DIALLING:
		timed_out(s, "connection", s->opt.connect_timeout_ms);
		break;
	case DIRECT_GREETING:
		timed_out(s, "CONNACK", s->opt.connect_timeout_ms);
		break;
	case DIRECT_UP:
		direct_subscribe_late(s);
		break;
	case DIRECT_LEAVING:
	case DIRECT_OVER:
		left(s);
		break;
	}
	direct_leave(s);
}

void
direct_link_watch(struct source *s)
{
	uint32_t events = 0;

	if (s->io.fd < 0)
		return;
	if ((direct_read_is_on(s) && !s->unwatched) || s->phase == DIRECT_LEAVING)
		events |= EPOLLIN;
	if (s->out_blocked)
		events |= EPOLLOUT;
	if (!s->peer_closed)
		events |= EPOLLRDHUP;
	loop_io_events(s->loop, &s->io, events);
}

/* What was sent before the peer closed is still to be read when the pause is over. */
static void
closed_while_paused(struct source *s, uint32_t events)
{
	struct err err;

	if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
		err_set(&err, ERR_RETRY, "%s has closed the connection", uri(s));
		direct_link_lost(s, &err);
		return;
	}
	log_info(s->log, "%s has closed the connection while reading is paused", uri(s));
	s->peer_closed = true;
	direct_link_watch(s);
}

static void
on_ready(void *arg, uint32_t events)
{
	struct source *s = arg;
	bool alive = true;

	direct_enter(s);
	if ((events & EPOLLOUT) != 0) {
		s->out_blocked = false;
		alive = s->phase == DIRECT_LEAVING ? say_goodbye(s) : direct_write_out(s);
		if (alive)
			direct_link_watch(s);
	}
	events &= ~(uint32_t)EPOLLOUT;
	if (!alive || events == 0)
		; /* nothing to read */
	else if (s->phase == DIRECT_LEAVING)
		read_to_end(s);
	else if (direct_read_is_on(s))
		direct_read_ready(s, events == EPOLLIN);
	else
		closed_while_paused(s, events);
	direct_leave(s);
}
