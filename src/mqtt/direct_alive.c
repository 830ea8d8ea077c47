/*
 * Is the peer alive, and does it know that we are?  (Specification, section 7.)  The
 * timer is set to the earliest moment at which something may be due, and looks again
 * then: sending and receiving only note the time.
 */
#include "mqtt/direct.h"

#include "base/clock.h"

enum {
	PARTIAL_S = 30,                /* for a packet, once its first byte is there */
	RESYNC_AFTER_US = 1000 * 1000, /* a pause that long; and so long quiet then */
};

static int64_t
partial_due(const struct source *s)
{
	return s->partial_us + PARTIAL_S * (int64_t)1000000;
}

static void
set_timer(struct source *s)
{
	int64_t due_us = INT64_MAX;

	if (s->keep_alive_us > 0) {
		due_us = s->sent_us + s->keep_alive_us / 2;
		if (s->ping_us > 0 && s->ping_us + s->keep_alive_us / 2 < due_us)
			due_us = s->ping_us + s->keep_alive_us / 2;
	}
	if (s->partial_us > 0 && partial_due(s) < due_us)
		due_us = partial_due(s);
	if (due_us < INT64_MAX)
		loop_timer_set(s->loop, &s->alive, due_us);
}

void
direct_alive_start(struct source *s)
{
	s->keep_alive_us = s->opt.keep_alive_s * (int64_t)1000000;
	s->ping_us = 0;
	s->unanswerable = false;
	set_timer(s);
}

void
direct_alive_stop(struct source *s)
{
	loop_timer_clear(s->loop, &s->alive);
	loop_timer_clear(s->loop, &s->resync);
	s->partial_us = s->ping_us = 0;
}

static void
silent(struct source *s, const char *what, int64_t us)
{
	struct err why;

	err_set(&why, ERR_RETRY, "%s: %s for %lld s; connection given up",
	    s->hosts[s->host].uri, what, (long long)(us / 1000000));
	direct_link_lost(s, &why);
}

static void
ping(struct source *s, int64_t now_us)
{
	codec_put_pingreq(&s->out);
	s->sent_us = now_us; /* also when it waits: not one PINGREQ behind another */
	if (s->ping_us == 0)
		s->ping_us = now_us;
	if (s->out_blocked || direct_write_out(s))
		set_timer(s);
}

void
direct_alive_fire(void *arg)
{
	struct source *s = arg;
	int64_t now_us = clock_mono_us(), half_us = s->keep_alive_us / 2;

	direct_enter(s);
	if (s->unanswerable) {
		s->ping_us = s->ping_us > 0 ? now_us : 0;
		s->partial_us = s->partial_us > 0 ? now_us : 0;
	}
	if (s->partial_us > 0 && now_us >= partial_due(s))
		silent(s, "a packet has been incomplete", now_us - s->partial_us);
	else if (s->ping_us > 0 && now_us >= s->ping_us + half_us)
		silent(s, "no answer to PINGREQ", now_us - s->ping_us);
	else if (half_us > 0 && now_us >= s->sent_us + half_us)
		ping(s, now_us);
	else
		set_timer(s);
	direct_leave(s);
}

/* ---- pauses ---- */

void
direct_alive_paused(struct source *s)
{
	s->unanswerable = true;
	s->paused_us = clock_mono_us();
}

void
direct_alive_resumed(struct source *s)
{
	if (clock_mono_us() - s->paused_us >= RESYNC_AFTER_US)
		direct_alive_want_resync(s);
}

/*
 * Mosquitto drops what a slow reader's socket does not take but keeps it as sent: it
 * comes only after a reconnect (specification, section 7.3).  With a clean session
 * a reconnect would lose it instead.
 */
void
direct_alive_want_resync(struct source *s)
{
	if (s->opt.clean || s->opt.qos == 0 || s->resync.place >= 0)
		return;
	loop_timer_in(s->loop, &s->resync, RESYNC_AFTER_US);
}

void
direct_alive_resync(void *arg)
{
	struct source *s = arg;
	bool quiet = clock_mono_us() - s->heard_us >= RESYNC_AFTER_US;

	direct_enter(s);
	if (quiet && s->subscribed && direct_read_is_on(s) && window_empty(s->window) &&
	    s->out.n == 0)
		direct_link_resync(s);
	else
		loop_timer_in(s->loop, &s->resync, RESYNC_AFTER_US);
	direct_leave(s);
}

/* ---- reads ---- */

/* The clocks start anew at the first empty read after a pause. */
void
direct_alive_received(struct source *s, bool bytes, bool drained)
{
	if (bytes)
		s->ping_us = 0;
	if (drained && s->unanswerable) {
		s->unanswerable = false;
		s->ping_us = s->ping_us > 0 ? s->read_us : 0;
	}
	if (s->partial_us > 0 && (s->alive.place < 0 || s->alive.at_us > partial_due(s)))
		loop_timer_set(s->loop, &s->alive, partial_due(s));
}
