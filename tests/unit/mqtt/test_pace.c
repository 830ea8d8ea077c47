/*
 * When to read, against a broker that is simulated in steps of 20 µs: how often a
 * receiver wakes, and how long messages wait for it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "mqtt/pace.h"

enum {
	STEP_US = 20,
	BURST = 3, /* messages the broker writes in a step */
	SECONDS = 20,
	START_US = 1000000000,
	WARM_UP_US = 1000000, /* while it learns */
	QUEUE = 1 << 20,
	DELAYED_ACK_US = 40000,
	DEEP = 1000000, /* messages queued at the start: a backlog to drain */
};

struct row {
	const char *name;
	/* The broker: messages in flight (0: no limit); does an acknowledgement release
	 * a whole window (Mosquitto 2.0.11)? */
	unsigned window;
	bool generous;
	bool nagle; /* does its kernel hold back small segments? */
	/* The load: messages a second (0: a backlog), bytes of the smallest, largest. */
	unsigned rate, min_bytes, max_bytes;
	unsigned linger_ms, hold_us; /* hold: until a message is acknowledged */
	/* What is allowed: wakes a second, 99th percentile of the delay, messages a
	 * second at least. */
	double max_wakes;
	int64_t max_p99_us;
	double min_rate;
};

struct sim {
	const struct row *row;
	struct pace pace;
	struct pace_wish wish;
	int64_t now_us;
	uint32_t random;
	/* Broker */
	uint64_t published, written, acked; /* in order; written to the socket ... */
	uint64_t sent;                      /* ... and arrived */
	bool small_unacked;                 /* by TCP */
	int64_t small_us;
	unsigned in_flight; /* as the broker counts */
	uint64_t released;  /* may be written */
	int64_t *published_us;
	double due;
	/* Receiver */
	uint64_t read;
	size_t unread_bytes;
	struct {
		int64_t at_us;
		unsigned n;
	} * acks;
	unsigned ack_head, ack_tail;
	unsigned wakes;
	int64_t *delays; /* after the warm-up */
	size_t n_delays;
};

static unsigned
rnd(struct sim *s, unsigned n)
{
	s->random = s->random * 1664525 + 1013904223;
	return (s->random >> 8) % n;
}

static void
release(struct sim *s, uint64_t n)
{
	while (n-- > 0 && s->released < s->published) {
		s->released++;
		s->in_flight++;
	}
}

/* What the broker has written becomes visible at the receiver. */
static void
transmit(struct sim *s)
{
	if (s->sent == s->written)
		return;
	for (; s->sent < s->written; s->sent++)
		s->unread_bytes += s->row->min_bytes +
		                   rnd(s, s->row->max_bytes - s->row->min_bytes + 1);
	s->small_unacked = s->row->nagle;
	s->small_us = s->now_us;
}

static void
tcp_ack(struct sim *s)
{
	s->small_unacked = false;
	transmit(s);
}

static void
broker_step(struct sim *s)
{
	unsigned w = s->row->window;

	s->due += s->row->rate * (STEP_US / 1e6) * (0.5 + rnd(s, 1001) / 1000.0);
	for (; s->due >= 1 && s->published < QUEUE; s->due--) {
		s->published_us[s->published++] = s->now_us;
		if (s->released + 1 == s->published && (w == 0 || s->in_flight < w))
			release(s, 1);
	}
	for (unsigned i = 0; i < BURST && s->written < s->released; i++)
		s->written++;
	if (s->small_unacked && s->now_us - s->small_us >= DELAYED_ACK_US)
		s->small_unacked = false;
	if (!s->row->nagle || !s->small_unacked)
		transmit(s);
}

static void
broker_acked(struct sim *s, unsigned n)
{
	unsigned w = s->row->window;

	for (; n > 0; n--) {
		s->in_flight--;
		if (w == 0)
			release(s, s->published);
		else if (s->row->generous)
			release(s, w);
		else if (s->in_flight < w)
			release(s, w - s->in_flight);
	}
}

static void
acknowledge(struct sim *s)
{
	unsigned n = 0;

	for (; s->ack_tail != s->ack_head && s->acks[s->ack_tail].at_us <= s->now_us;
	     s->ack_tail++)
		n += s->acks[s->ack_tail].n;
	if (n == 0)
		return;
	s->acked += n;
	tcp_ack(s);
	broker_acked(s, n);
	s->wish = pace_after_acks(&s->pace, s->now_us, s->read - s->acked, 0);
}

static void
receive(struct sim *s, bool timed)
{
	unsigned n = (unsigned)(s->sent - s->read);
	const struct pace_look look = {
		.now_us = s->now_us,
		.timed = timed && s->pace.resting,
		.drained = true,
		.bytes = s->unread_bytes,
		.messages = n,
		.in_flight = s->sent - s->acked,
	};

	for (; s->read < s->sent; s->read++) {
		if (s->now_us >= START_US + WARM_UP_US)
			s->delays[s->n_delays++] = s->now_us - s->published_us[s->read];
	}
	s->unread_bytes = 0;
	s->wish = pace_after_read(&s->pace, &look);
	if (n > 0) {
		s->acks[s->ack_head].at_us = s->now_us + s->row->hold_us;
		s->acks[s->ack_head++].n = n;
	}
}

static void
receiver_step(struct sim *s)
{
	bool timed = s->wish.until_us > 0 && s->now_us >= s->wish.until_us;

	if (!timed && s->unread_bytes < s->wish.bytes)
		return;
	enum pace_step step = PACE_READ;
	s->wakes++;
	if (pace_may_step(&s->pace, s->now_us, timed))
		step = pace_step(&s->pace, s->now_us, timed, s->unread_bytes, &s->wish);
	if (step == PACE_KICK)
		tcp_ack(s);
	if (step == PACE_READ)
		receive(s, timed);
}

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
simulate(const struct row *row, double *wakes, int64_t *p99_us, double *rate)
{
	struct sim s = { .row = row, .random = 1 };

	s.published_us = mem_zalloc((QUEUE + 1) * sizeof(*s.published_us));
	s.delays = mem_zalloc((QUEUE + 1) * sizeof(*s.delays));
	s.acks = mem_zalloc((SECONDS * 1000000 / STEP_US + 1) * sizeof(*s.acks));
	pace_init(&s.pace, row->linger_ms * 1000);
	s.wish.bytes = 1;
	s.now_us = START_US;
	if (row->rate == 0) {
		s.published = DEEP;
		release(&s, row->window == 0 ? DEEP : row->window);
	}
	for (int64_t end_us = s.now_us + SECONDS * 1000000; s.now_us < end_us;
	     s.now_us += STEP_US) {
		broker_step(&s);
		receiver_step(&s);
		acknowledge(&s);
		if (row->rate == 0 && s.read == DEEP)
			break;
	}
	double seconds = (double)(s.now_us - START_US) / 1e6;
	qsort(s.delays, s.n_delays, sizeof(*s.delays), by_size);
	*wakes = s.wakes / seconds;
	*rate = (double)s.read / seconds;
	*p99_us = s.delays[s.n_delays * 99 / 100];
	free(s.published_us);
	free(s.delays);
	free(s.acks);
}

static const struct row rows[] = {
	{ "no limit, 1,000/s", 0, false, false, 1000, 280, 280, 20, 0, 60, 22000, 990 },
	{ "no limit, 1,000/s, 3 ms", 0, false, false, 1000, 280, 280, 20, 3000, 60, 22000,
	    990 },
	{ "no limit, 1,000/s, 50 ms", 0, false, false, 1000, 280, 280, 20, 50000, 56,
	    22000, 990 },
	{ "no limit, 10,000/s", 0, false, false, 10000, 280, 280, 20, 0, 60, 22000,
	    9900 },
	{ "no limit, 10,000/s, 3 ms", 0, false, false, 10000, 280, 280, 20, 3000, 60,
	    22000, 9900 },
	{ "no limit, 10,000/s, 50 ms", 0, false, false, 10000, 280, 280, 20, 50000, 60,
	    22000, 9900 },
	{ "no limit, backlog", 0, false, false, 0, 280, 280, 20, 0, 500, 0, 100000 },
	{ "no limit, backlog, 3 ms", 0, false, false, 0, 280, 280, 20, 3000, 500, 0,
	    100000 },
	{ "20, 1,000/s", 20, false, false, 1000, 280, 280, 20, 0, 65, 23000, 990 },
	{ "20, 1,000/s, sizes", 20, false, false, 1000, 50, 1000, 20, 0, 80, 23000, 990 },
	{ "20, 1,000/s, 3 ms", 20, false, false, 1000, 280, 280, 20, 3000, 80, 24000,
	    990 },
	{ "20, 10,000/s", 20, false, false, 10000, 280, 280, 20, 0, 700, 6000, 9900 },
	{ "20, 10,000/s, 1 ms", 20, false, false, 10000, 280, 280, 20, 1000, 900, 8000,
	    9900 },
	{ "20, backlog, 1 ms", 20, false, false, 0, 280, 280, 20, 1000, 1000, 0, 15000 },
	{ "20, backlog, sizes, 1 ms", 20, false, false, 0, 50, 1000, 20, 1000, 3000, 0,
	    12000 },
	{ "20 generous, 1,000/s", 20, true, false, 1000, 280, 280, 20, 0, 65, 23000,
	    990 },
	{ "20 generous, 1,000/s, 3 ms", 20, true, false, 1000, 280, 280, 20, 3000, 80,
	    24000, 990 },
	{ "20 generous, 10,000/s", 20, true, false, 10000, 280, 280, 20, 0, 700, 10000,
	    9900 },
	{ "20 generous, 10,000/s, 3 ms", 20, true, false, 10000, 280, 280, 20, 3000, 700,
	    15000, 9900 },
	{ "20 generous, backlog, 3 ms", 20, true, false, 0, 280, 280, 20, 3000, 1000, 0,
	    30000 },
	{ "1, backlog, 1 ms", 1, false, false, 0, 280, 280, 20, 1000, 1100, 0, 800 },
	{ "10, backlog, 1 ms", 10, false, false, 0, 280, 280, 20, 1000, 1100, 0, 8000 },
	{ "100, backlog, 1 ms", 100, false, false, 0, 280, 280, 20, 1000, 1100, 0,
	    30000 },
	{ "no limit, 10/s", 0, false, false, 10, 280, 280, 20, 0, 11, 100, 9 },
	{ "no limit, 100/s", 0, false, false, 100, 280, 280, 20, 0, 65, 22000, 99 },
	{ "Nagle, no limit, 1,000/s", 0, false, true, 1000, 280, 280, 20, 0, 110, 23000,
	    990 },
	{ "Nagle, no limit, 1,000/s, 3 ms", 0, false, true, 1000, 280, 280, 20, 3000, 110,
	    23000, 990 },
	{ "Nagle, no limit, 10,000/s", 0, false, true, 10000, 280, 280, 20, 0, 120, 23000,
	    9900 },
	{ "Nagle, no limit, 10,000/s, 3 ms", 0, false, true, 10000, 280, 280, 20, 3000,
	    120, 23000, 9900 },
	{ "Nagle, 20, 1,000/s", 20, false, true, 1000, 280, 280, 20, 0, 130, 23000, 990 },
	{ "Nagle, 20, 1,000/s, 3 ms", 20, false, true, 1000, 280, 280, 20, 3000, 150,
	    25000, 990 },
	{ "Nagle, 20 generous, 1,000/s", 20, true, true, 1000, 280, 280, 20, 0, 130,
	    23000, 990 },
	{ "Nagle, 20 generous, 1,000/s, 3 ms", 20, true, true, 1000, 280, 280, 20, 3000,
	    150, 25000, 990 },
	{ "Nagle, 20 generous, 10,000/s", 20, true, true, 10000, 280, 280, 20, 0, 1300,
	    15000, 9900 },
	{ "Nagle, 20 generous, 10,000/s, 3 ms", 20, true, true, 10000, 280, 280, 20, 3000,
	    800, 40000, 9900 },
	{ "Nagle, no limit, backlog", 0, false, true, 0, 280, 280, 20, 1000, 800, 0,
	    100000 },
	{ "Nagle, 20 generous, backlog, 3 ms", 20, true, true, 0, 280, 280, 20, 3000,
	    1000, 0, 30000 },
	{ "no linger", 0, false, false, 1000, 280, 280, 0, 0, 1001, 100, 990 },
};

static void
wakes_seldom_and_does_not_make_the_broker_wait(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *r = &rows[i];
		double wakes, rate;
		int64_t p99_us;
		simulate(r, &wakes, &p99_us, &rate);
		bool good = wakes <= r->max_wakes && rate >= r->min_rate &&
		            (r->max_p99_us == 0 || p99_us <= r->max_p99_us);
		if (good && getenv("VERBOSE") == NULL)
			continue;
		print_message("%s %s: %.0f wakes/s, p99 %lld us, %.0f messages/s\n",
		    good ? "ok" : "BAD", r->name, wakes, (long long)p99_us, rate);
		bad += !good;
	}
	assert_int_equal(bad, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wakes_seldom_and_does_not_make_the_broker_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
