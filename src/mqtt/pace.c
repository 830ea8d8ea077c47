/*
 * When to read: see pace.h.
 *
 * What a broker does cannot be asked, only seen, through three veils:
 *
 *	- its window.  Counting what arrives does not show it: Mosquitto 2.0.11 releases a
 *	  whole window for each acknowledgement while messages are queued, then nothing
 *	  until the next (specification, finding 3).  So a probe waits until nothing was
 *	  acknowledged for a while, and sees whether messages still come.
 *	- Nagle's algorithm (Mosquitto without set_tcp_nodelay): its kernel holds back
 *	  what is smaller than a segment until ours acknowledges what it has sent, which
 *	  ours delays until we read or write.  On loopback, where a segment is 64 KiB,
 *	  everything would arrive a rest late.  So a rest ends with a kick that makes our
 *	  kernel acknowledge, if that helps.
 *	- that it may simply have nothing to send.
 *
 * A look tells the first two from the third: if at once after acknowledgements more
 * comes than in that time usually would, the broker had been waiting for them.
 */
#include "mqtt/pace.h"

enum {
	FIRST_WINDOW = 20,      /* Mosquitto's max_inflight_messages */
	BYTES_MAX = 128 * 1024, /* half a block: more need not gather */
	REST_MIN_US = 300,
	SETTLE_US = 4000, /* a released burst has arrived */
	WATCH_US = 2000,
	PROBE_GAP_MIN_US = 1000 * 1000,
	PROBE_GAP_MAX_US = 60 * 1000 * 1000,
	LOOK_US = 2000,
	PATIENCE_MIN = 3,
	PATIENCE_MAX = 64,
	PROOFS_MIN = 2,
	PROOF_MESSAGES_MIN = 8,
	KICK_US = 500,
	IDLE_KICKS_MAX = 16,
	PUBREL_BYTES = 4,
	BLANK_ENOUGH = 8,
};

void
pace_init(struct pace *p, int64_t linger_us)
{
	*p = (struct pace) { .linger_us = linger_us };
	pace_reset(p, true);
}

void
pace_reset(struct pace *p, bool other_host)
{
	*p = (struct pace) {
		.linger_us = p->linger_us,
		.rest_us = p->linger_us,
		.window = other_host ? FIRST_WINDOW : p->window,
		.each = other_host ? 0 : p->each,
		.probe_us = other_host ? 0 : p->probe_us,
		.probe_gap_us = PROBE_GAP_MIN_US,
		.patience = PATIENCE_MIN,
	};
}

static const struct pace_wish first_byte = { .until_us = 0, .bytes = 1 };

/*
 * As many bytes as the broker can send before it must wait for us.  While more than half
 * of its window is with our owner, acknowledgements will let it go on, not a read.
 */
static size_t
window_bytes(const struct pace *p, size_t awaiting_pubrel)
{
	size_t credit = p->window > p->in_flight ? p->window - p->in_flight : 0;
	size_t bytes;

	if (awaiting_pubrel > 0 && credit < p->window / 2)
		return awaiting_pubrel * PUBREL_BYTES;
	if (credit == 0 || credit < p->window / 2 || p->each == 0)
		return BYTES_MAX;
	/* Sizes differ: a little less than the mean, or it may never be reached. */
	bytes = credit * p->each / 8 * 7 + awaiting_pubrel * PUBREL_BYTES;
	return bytes < 1 ? 1 : bytes > BYTES_MAX ? BYTES_MAX : bytes;
}

static struct pace_wish
wish(const struct pace *p, size_t awaiting_pubrel)
{
	if (!p->resting)
		return first_byte;
	if (p->probe != PACE_NO_PROBE || p->kicked)
		return (struct pace_wish) { p->until_us, BYTES_MAX };
	return (struct pace_wish) { p->until_us, window_bytes(p, awaiting_pubrel) };
}

static bool
needs_kick(const struct pace *p)
{
	return p->kick == PACE_KICK_ON ||
	       (p->kick == PACE_KICK_UNTRIED && p->probe != PACE_NO_PROBE);
}

static void
rest_until(struct pace *p, int64_t until_us)
{
	p->resting = true;
	p->kicked = false;
	p->until_us = until_us - (needs_kick(p) ? KICK_US : 0);
}

static void
rest(struct pace *p, int64_t now_us, int64_t us)
{
	rest_until(p, now_us + us);
	p->blind = p->in_flight >= p->window;
}

static void
learn_size(struct pace *p, const struct pace_look *look)
{
	if (look->messages == 0) {
		if (look->bytes > 0 && p->blank < BLANK_ENOUGH)
			p->blank++;
		return;
	}
	size_t each = look->bytes / look->messages + 1;
	if (each > BYTES_MAX)
		each = BYTES_MAX;
	p->each = p->each == 0 ? (uint32_t)each : (3 * p->each + (uint32_t)each) / 4;
}

/* ---- before a read ---- */

static bool
may_probe(const struct pace *p, int64_t now_us)
{
	return !p->looking && !p->blind && now_us >= p->probe_us &&
	       p->probe != PACE_WATCHING && window_bytes(p, 0) < BYTES_MAX;
}

bool
pace_may_step(const struct pace *p, int64_t now_us, bool timed)
{
	if (!p->resting)
		return false;
	return (timed && needs_kick(p) && !p->kicked) || may_probe(p, now_us);
}

static void
kick(struct pace *p, int64_t now_us, size_t unread)
{
	p->kicked = true;
	p->kick_unread = unread;
	p->until_us = now_us + KICK_US;
}

static bool
probe(struct pace *p, int64_t now_us, size_t unread)
{
	if (p->probe == PACE_NO_PROBE && unread < window_bytes(p, 0))
		return false;
	if (p->probe == PACE_SETTLING && now_us < p->until_us)
		return false; /* as much as need gather is there */
	if (now_us < p->acked_us + SETTLE_US) {
		p->probe = PACE_SETTLING;
		rest_until(p, p->acked_us + SETTLE_US);
	} else {
		p->probe = PACE_WATCHING;
		p->probe_unread = unread;
		rest_until(p, now_us + WATCH_US);
	}
	return true;
}

enum pace_step
pace_step(
    struct pace *p, int64_t now_us, bool timed, size_t unread, struct pace_wish *out)
{
	enum pace_step step = PACE_READ;

	if (timed && needs_kick(p) && !p->kicked) {
		kick(p, now_us, unread);
		step = PACE_KICK;
	} else if (may_probe(p, now_us) && probe(p, now_us, unread)) {
		step = PACE_REST;
	}
	*out = wish(p, 0);
	return step;
}

/* ---- after a read ---- */

static void
learn_kick(struct pace *p, const struct pace_look *look)
{
	if (!p->kicked || p->kick != PACE_KICK_ON)
		return;
	p->idle_kicks = look->bytes > p->kick_unread ? 0 : p->idle_kicks + 1;
	if (p->idle_kicks > IDLE_KICKS_MAX)
		p->kick = PACE_KICK_USELESS;
}

/* The rest is cut while its end finds the broker waiting, and grows back after. */
static void
adapt_rest(struct pace *p, const struct pace_look *look)
{
	bool all_unread = look->messages >= p->window / 2;

	if ((look->in_flight >= p->window && all_unread) || look->bytes >= BYTES_MAX)
		p->rest_us -= p->rest_us / 4;
	else
		p->rest_us += p->rest_us / 8 + 1;
	if (p->rest_us < REST_MIN_US)
		p->rest_us = REST_MIN_US;
	if (p->rest_us > p->linger_us)
		p->rest_us = p->linger_us;
}

static void
end_probe(struct pace *p, const struct pace_look *look)
{
	bool larger = look->bytes >= BYTES_MAX;

	if (p->probe == PACE_WATCHING && look->in_flight > p->window)
		larger = larger || look->bytes > p->probe_unread + p->each / 2;
	p->probe = PACE_NO_PROBE;
	if (larger) {
		/* Half as much again saves probes; too much a look finds out. */
		p->window = (uint32_t)(look->in_flight + look->in_flight / 2);
		p->probe_us = 0;
		p->probe_gap_us = PROBE_GAP_MIN_US;
		return;
	}
	p->probe_us = look->now_us + p->probe_gap_us;
	p->probe_gap_us *= 2;
	if (p->probe_gap_us > PROBE_GAP_MAX_US)
		p->probe_gap_us = PROBE_GAP_MAX_US;
}

static void
forget_looks(struct pace *p, uint32_t patience)
{
	p->proofs = p->proof_messages = p->brought = 0;
	p->patience = patience < PATIENCE_MAX ? patience : PATIENCE_MAX;
}

static void
end_look(struct pace *p, const struct pace_look *look)
{
	int64_t n = (int64_t)look->messages, brought = p->brought;
	int64_t expected = brought * (look->now_us - p->last_us) / p->linger_us;

	p->looking = false;
	p->timed = 0;
	if (n == 0 || n - expected < brought / 2) {
		forget_looks(p, p->patience * 2);
		return;
	}
	p->proofs++;
	p->proof_messages += (uint32_t)n;
	p->patience = 1;
	if (p->proofs < PROOFS_MIN || p->proof_messages < PROOF_MESSAGES_MIN)
		return;
	if (p->kick == PACE_KICK_UNTRIED) {
		p->kick = PACE_KICK_ON;
	} else {
		p->window = p->brought;
		p->probe_us = 0;
		p->probe_gap_us = PROBE_GAP_MIN_US;
	}
	forget_looks(p, PATIENCE_MIN);
}

static void
end_rest(struct pace *p, const struct pace_look *look)
{
	if (look->bytes == 0)
		return;
	if (p->blind && p->was_blind && look->messages > 0)
		p->window = (uint32_t)look->in_flight;
	p->was_blind = p->blind;
	if (p->blind)
		return;
	adapt_rest(p, look);
	if (look->messages == 0 || look->messages != look->in_flight)
		return;
	if (look->messages > p->brought)
		p->brought = (uint32_t)look->messages;
	p->look_armed = ++p->timed >= p->patience;
}

struct pace_wish
pace_after_read(struct pace *p, const struct pace_look *look)
{
	bool dense = look->now_us - p->last_us < 2 * p->linger_us;

	if (p->linger_us == 0)
		return first_byte;
	learn_size(p, look);
	learn_kick(p, look);
	if (p->probe != PACE_NO_PROBE)
		end_probe(p, look);
	else if (p->looking)
		end_look(p, look);
	else if (look->timed)
		end_rest(p, look);
	if (look->bytes > 0)
		p->last_us = look->now_us;
	p->in_flight = look->in_flight;
	p->resting = p->kicked = false;
	p->spent = p->in_flight >= p->window;
	bool known = p->each > 0 || p->blank == BLANK_ENOUGH;
	if (look->drained && look->bytes > 0 && dense && known)
		rest(p, look->now_us, p->spent ? p->linger_us : p->rest_us);
	return wish(p, look->awaiting_pubrel);
}

struct pace_wish
pace_after_acks(struct pace *p, int64_t now_us, size_t in_flight, size_t awaiting_pubrel)
{
	if (p->linger_us == 0)
		return first_byte;
	p->in_flight = in_flight;
	p->acked_us = now_us;
	p->probe = PACE_NO_PROBE; /* what arrives now proves nothing */
	if (p->look_armed && in_flight == 0) {
		p->look_armed = false;
		p->looking = true;
		rest(p, now_us, LOOK_US);
	} else if (p->spent && in_flight < p->window) {
		/* The broker had to wait, and can send again. */
		if (!p->resting || p->until_us > now_us + p->rest_us)
			rest(p, now_us, p->rest_us);
	}
	p->spent = p->spent && in_flight >= p->window;
	p->blind = p->blind && p->spent;
	return wish(p, awaiting_pubrel);
}
