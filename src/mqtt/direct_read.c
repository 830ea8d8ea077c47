/*
 * Bytes in: a block is read, its whole packets are taken apart where they lie, and the
 * messages go to the owner as one batch.  A packet that is not whole moves to the
 * front of the block; one that is larger than a block gets memory of exactly its
 * size; one that is larger than allowed keeps its topic and loses its payload.
 */
#include "mqtt/direct.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/mem.h"

enum { LOGGED_BYTES = 32 };

bool
direct_read_is_on(const struct source *s)
{
	if (s->phase == DIRECT_GREETING)
		return true;
	return s->phase == DIRECT_UP && !s->window_paused && !s->owner_paused &&
	       !s->reading_stopped;
}

static void
drop_large(struct source *s)
{
	free(s->large.packet);
	if (s->large.packet == NULL)
		free((char *)s->large.head.topic.p);
	s->large = (struct direct_large) { 0 };
}

void
direct_read_reset(struct source *s)
{
	s->start = s->end = 0;
	s->n_batch = 0;
	s->partial_us = 0;
	loop_timer_clear(s->loop, &s->read_timer);
	s->unwatched = false;
	drop_large(s);
}

static bool
lost(struct source *s, const char *what)
{
	struct err why;

	err_set(&why, ERR_RETRY, "%s %s", s->hosts[s->host].uri, what);
	direct_link_lost(s, &why);
	return false;
}

/* False: the connection or the source has ended in the owner's handler. */
static bool
hand_over(struct source *s)
{
	size_t n = s->n_batch;

	s->n_batch = 0;
	if (n > 0)
		s->ev.batch(s->ev.arg, s->batch, n);
	return s->phase == DIRECT_UP || s->phase == DIRECT_GREETING;
}

/* The beginning of what cannot be read. */
static void
log_bytes(const struct source *s)
{
	char hex[2 * LOGGED_BYTES + 1] = "";
	size_t n = s->end - s->start;

	for (size_t i = 0; i < n && i < LOGGED_BYTES; i++)
		sprintf(hex + 2 * i, "%02x", (unsigned char)s->block[s->start + i]);
	log_debug(s->log, "unreadable packet; bytes=%s", hex);
}

/* What came before it is good. */
static bool
bad_packet(struct source *s, struct err *why)
{
	if (!hand_over(s))
		return false;
	err_context(why, "%s", s->hosts[s->host].uri);
	log_bytes(s);
	direct_link_malformed(s, why);
	return false;
}

/* ---- messages ---- */

/*
 * Counts a message; false: it was handed on before.  key gets what the window needs.
 */
static bool
is_new(struct source *s, const struct codec_packet *pkt, struct str payload,
    size_t payload_bytes, struct window_key *key)
{
	s->stats.received++;
	s->stats.received_bytes += payload_bytes;
	s->stats.redelivered += pkt->dup;
	s->acknowledgeable += pkt->qos > 0;
	*key = (struct window_key) { .id = pkt->id, .qos = pkt->qos };
	if (pkt->qos > 0)
		key->hash = window_hash(s->window, pkt->topic, payload);
	if (!pkt->dup)
		return true;
	if (s->resynced)
		direct_alive_want_resync(s);
	if (!window_recognise(s->window, key))
		return true;
	s->stats.recognised++;
	return false;
}

static struct message
make_message(const struct source *s, const struct codec_packet *pkt, uint32_t slot)
{
	return (struct message) {
		.topic = pkt->topic,
		.payload = pkt->payload,
		.received_ms = s->read_ms,
		.slot = slot,
		.id = pkt->id,
		.qos = pkt->qos,
		.retain = pkt->retain,
		.dup = pkt->dup,
	};
}

static bool
take_publish(struct source *s, const struct codec_packet *pkt)
{
	struct window_key key;

	if (!is_new(s, pkt, pkt->payload, pkt->payload.n, &key))
		return true;
	uint32_t slot = window_add(
	    s->window, &key, (uint32_t)(pkt->topic.n + pkt->payload.n));
	s->batch[s->n_batch++] = make_message(s, pkt, slot);
	return s->n_batch < DIRECT_BATCH || hand_over(s);
}

static bool
take_too_large(struct source *s)
{
	struct direct_large *l = &s->large;
	struct window_key key;

	l->head.payload = (struct str) { 0 };
	s->stats.too_large++;
	if (is_new(s, &l->head, l->head.payload, l->payload_bytes, &key)) {
		uint32_t slot = window_add(s->window, &key, (uint32_t)l->head.topic.n);
		const struct message m = make_message(s, &l->head, slot);
		s->ev.too_large(s->ev.arg, &m, l->payload_bytes);
	}
	drop_large(s);
	return s->phase == DIRECT_UP;
}

/* ---- packets ---- */

static bool
take_in_session(struct source *s, const struct codec_packet *pkt)
{
	struct err err;

	switch (pkt->type) {
	case CODEC_PUBREL:
		window_pubrel(s->window, pkt->id);
		codec_put_ack(&s->out, CODEC_PUBCOMP, pkt->id);
		return true;
	case CODEC_PINGRESP:
		return true;
	case CODEC_SUBACK:
	case CODEC_UNSUBACK:
		return hand_over(s) && direct_subscribe_answer(s, pkt);
	default:
		err_set(&err, ERR_RETRY, "protocol error: a second %s",
		    codec_type_name(pkt->type));
		return bad_packet(s, &err);
	}
}

static bool
take_packet(struct source *s, const struct codec_packet *pkt)
{
	s->packets++;
	if (pkt->type == CODEC_PUBLISH)
		return take_publish(s, pkt);
	if (s->phase == DIRECT_GREETING)
		return direct_link_connack(s, pkt);
	return take_in_session(s, pkt);
}

static bool
finish_large(struct source *s)
{
	struct direct_large *l = &s->large;
	struct codec_packet pkt;
	struct err err;
	bool alive;

	s->packets++;
	if (l->packet == NULL)
		return hand_over(s) && take_too_large(s);
	if (codec_read(CODEC_V311, &l->frame, l->packet + l->frame.head, &pkt, &err) < 0)
		return bad_packet(s, &err);
	alive = take_publish(s, &pkt) && hand_over(s);
	drop_large(s);
	return alive;
}

/* The packet's bytes are thrown away from its payload on; `there` of them lie at body. */
static bool
begin_too_large(
    struct source *s, const struct codec_frame *f, const char *body, size_t there)
{
	struct direct_large *l = &s->large;
	struct err err;
	int rc;

	if (there > f->length)
		there = f->length;
	rc = codec_read_publish_head(
	    CODEC_V311, f, body, there, &l->head, &l->payload_bytes, &err);
	if (rc < 0)
		return bad_packet(s, &err);
	if (rc == 0)
		return true;
	l->head.topic.p = mem_strndup(l->head.topic.p, l->head.topic.n);
	l->missing = f->length - there;
	s->start += f->head + there;
	return l->missing > 0 || finish_large(s);
}

static void
begin_large(struct source *s, const struct codec_frame *f)
{
	struct direct_large *l = &s->large;
	size_t there = s->end - s->start;

	l->frame = *f;
	l->size = f->head + f->length;
	l->packet = mem_alloc(l->size);
	memcpy(l->packet, s->block + s->start, there);
	l->missing = l->size - there;
	s->start = s->end;
}

/* A packet of which not all bytes lie in the block, or more than are allowed. */
static bool
take_part(struct source *s, const struct codec_frame *f, bool too_large)
{
	const char *body = s->block + s->start + f->head;

	if (too_large)
		return begin_too_large(s, f, body, s->end - s->start - f->head);
	if (f->head + f->length > DIRECT_BLOCK_BYTES)
		begin_large(s, f);
	return true;
}

/* Takes one packet, if it is there: then start moves on. */
static bool
take_next(struct source *s)
{
	const char *p = s->block + s->start;
	size_t there = s->end - s->start;
	struct codec_frame f;
	struct codec_packet pkt;
	struct err err;
	int rc = codec_read_frame(CODEC_V311, p, there, &f, &err);

	if (rc <= 0)
		return rc == 0 || bad_packet(s, &err);
	if (s->phase == DIRECT_GREETING && f.type != CODEC_CONNACK) {
		err_set(&err, ERR_RETRY, "protocol error: %s before CONNACK",
		    codec_type_name(f.type));
		return bad_packet(s, &err);
	}
	size_t size = f.head + f.length;
	bool too_large = f.type == CODEC_PUBLISH && size > s->opt.max_packet_bytes;
	if (too_large || there < size)
		return take_part(s, &f, too_large);
	if (codec_read(CODEC_V311, &f, p + f.head, &pkt, &err) < 0)
		return bad_packet(s, &err);
	s->start += size;
	return take_packet(s, &pkt);
}

/* Until the rest is no whole packet, or the window is full. */
static bool
take_all(struct source *s)
{
	size_t before;

	do {
		before = s->start;
		if (s->start == s->end || !direct_read_is_on(s))
			break;
		if (!take_next(s))
			return false;
		if (window_full(s->window))
			s->window_paused = true;
	} while (s->start > before);
	return hand_over(s);
}

/* ---- sockets ---- */

/* What one wake-up brought. */
struct haul {
	size_t bytes;
	bool drained; /* the socket is empty */
};

static bool
receive(struct source *s, void *p, size_t room, size_t *n, struct haul *haul)
{
	ssize_t got;

	do {
		got = recv(s->fd, p, room, MSG_DONTWAIT);
	} while (got < 0 && errno == EINTR);
	*n = 0;
	if (got == 0)
		return lost(s, "has closed the connection");
	if (got < 0 && errno != EAGAIN) {
		struct err why;
		err_errno(
		    &why, ERR_RETRY, errno, "cannot read from %s", s->hosts[s->host].uri);
		direct_link_lost(s, &why);
		return false;
	}
	if (got > 0)
		*n = (size_t)got;
	haul->bytes += *n;
	haul->drained = *n < room;
	return true;
}

static bool
read_large(struct source *s, struct haul *haul)
{
	struct direct_large *l = &s->large;
	char *to = s->block;
	size_t room = l->missing, n;

	if (l->packet != NULL)
		to = l->packet + l->size - l->missing;
	else if (room > DIRECT_BLOCK_BYTES)
		room = DIRECT_BLOCK_BYTES;
	if (!receive(s, to, room, &n, haul))
		return false;
	l->missing -= n;
	return l->missing > 0 || finish_large(s);
}

static bool
read_block(struct source *s, struct haul *haul)
{
	size_t n;

	s->end -= s->start;
	memmove(s->block, s->block + s->start, s->end);
	s->start = 0;
	if (s->end < DIRECT_BLOCK_BYTES) {
		if (!receive(s, s->block + s->end, DIRECT_BLOCK_BYTES - s->end, &n, haul))
			return false;
		s->end += n;
	}
	return take_all(s);
}

/* A packet that is not whole must not stay so for ever. */
static void
note_partial(struct source *s, const struct haul *haul, uint64_t packets_before)
{
	bool partial = s->large.missing > 0 ||
	               (s->start < s->end && direct_read_is_on(s));

	s->partial_bytes += haul->bytes;
	if (!partial) {
		s->partial_us = 0;
	} else if (s->partial_us == 0 || s->packets != packets_before ||
		   s->partial_bytes >= DIRECT_BLOCK_BYTES) {
		s->partial_us = s->read_us;
		s->partial_bytes = 0;
	}
}

/* ---- when ---- */

/* Epoll then reports the socket only when so many bytes wait; 1 is the system's default. */
static void
set_low_water(struct source *s, size_t bytes)
{
	int value = (int)bytes;

	if (!s->has_low_water || bytes == s->low_water)
		return;
	if (bytes > 1 && s->low_water > 1 && bytes > s->low_water / 8 * 7 &&
	    bytes < s->low_water / 7 * 8)
		return; /* not worth a system call */
	s->low_water = bytes;
	(void)setsockopt(s->fd, SOL_SOCKET, SO_RCVLOWAT, &value, sizeof(value));
}

/*
 * Makes room in the socket for what gathers during a rest: asking for a high mark lets
 * the kernel enlarge the buffer at once (tcp_set_rcvlowat), and unlike SO_RCVBUF
 * leaves it free to adapt it further.
 */
static void
make_room(struct source *s)
{
	set_low_water(s, DIRECT_BLOCK_BYTES);
	set_low_water(s, 1);
}

void
direct_read_start(struct source *s)
{
	direct_read_reset(s);
	s->has_low_water = !s->hosts[s->host].is_unix;
	s->low_water = 1;
	if (s->opt.linger_ms > 0)
		make_room(s);
}

static void
apply(struct source *s, struct pace_wish wish)
{
	bool resting = wish.until_us > 0;

	if (!resting)
		loop_timer_clear(s->loop, &s->read_timer);
	else if (s->read_timer.at_us != wish.until_us)
		loop_timer_set(s->loop, &s->read_timer, wish.until_us);
	set_low_water(s, wish.bytes);
	/* What knows no low-water mark is not watched at all while it rests. */
	s->unwatched = resting && !s->has_low_water;
	direct_link_watch(s);
}

static void
read_now(struct source *s, bool timed)
{
	uint64_t packets = s->packets, messages = s->acknowledgeable;
	struct haul haul = { 0 };
	bool alive;

	loop_timer_clear(s->loop, &s->read_timer);
	s->read_us = clock_mono_us();
	s->read_ms = clock_wall_ms();
	s->stats.reads++;
	alive = s->large.missing > 0 ? read_large(s, &haul) : read_block(s, &haul);
	if (!alive)
		return;
	if (haul.bytes > 0)
		s->heard_us = s->read_us;
	note_partial(s, &haul, packets);
	direct_alive_received(s, haul.bytes > 0, haul.drained);
	direct_read_update(s);
	if (!direct_read_is_on(s) || s->phase != DIRECT_UP)
		return;
	const struct pace_look look = {
		.now_us = s->read_us,
		.timed = timed,
		.drained = haul.drained,
		.bytes = haul.bytes,
		.messages = s->acknowledgeable - messages,
		.in_flight = window_in_flight(s->window),
		.awaiting_pubrel = window_awaiting_pubrel(s->window),
	};
	apply(s, pace_after_read(&s->pace, &look));
}

/* Is the socket to be left alone for a moment more? */
static bool
rest_on(struct source *s, bool timed)
{
	struct pace_wish wish;
	int64_t now_us;
	int unread = 0, on = 1;
	enum pace_step step;

	if (!s->pace.resting || s->large.missing > 0)
		return false;
	now_us = clock_mono_us();
	if (!pace_may_step(&s->pace, now_us, timed) ||
	    ioctl(s->fd, FIONREAD, &unread) < 0)
		return false;
	step = pace_step(&s->pace, now_us, timed, (size_t)unread, &wish);
	if (step == PACE_KICK)
		(void)setsockopt(s->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
	if (step != PACE_READ)
		apply(s, wish);
	return step != PACE_READ;
}

void
direct_read_ready(struct source *s, bool only_bytes)
{
	if (!only_bytes || !rest_on(s, false))
		read_now(s, false);
}

void
direct_read_timer(void *arg)
{
	struct source *s = arg;

	direct_enter(s);
	if (direct_read_is_on(s) && !rest_on(s, true))
		read_now(s, s->pace.resting);
	direct_leave(s);
}

void
direct_read_acked(struct source *s)
{
	if (s->phase != DIRECT_UP || !direct_read_is_on(s))
		return;
	apply(s, pace_after_acks(&s->pace, s->sent_us, window_in_flight(s->window),
		     window_awaiting_pubrel(s->window)));
}

void
direct_read_update(struct source *s)
{
	bool on;

	if (s->window_paused && window_has_room(s->window))
		s->window_paused = false;
	on = direct_read_is_on(s);
	if (s->phase != DIRECT_UP || on == s->reading)
		return;
	s->reading = on;
	s->pace.resting = false;
	direct_link_watch(s);
	if (on) {
		loop_timer_set(s->loop, &s->read_timer, s->read_us); /* at once */
		direct_alive_resumed(s);
	} else {
		loop_timer_clear(s->loop, &s->read_timer);
		direct_alive_paused(s);
	}
}
