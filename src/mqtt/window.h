#ifndef MQTT_WINDOW_H
#define MQTT_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * The messages that have arrived and whose acknowledgement is not written: a ring
 * in order of arrival.  It knows which acknowledgements are due and in which order,
 * and recognises after a reconnect what it has seen before (specification, sections
 * 5.1 to 5.3); it must not know sockets or loops.
 *
 *	tail            queued                          head
 *	 | in the output | waiting for a release or acks |
 *	 | not written   |                               |
 *
 * Arrives -> held (holds > 0) -> done (holds == 0) -> queued -> written: gone.
 */
struct window;

/* The window is full at either limit; it may hold more than max_bytes by a message. */
struct window *window_new(size_t max_messages, size_t max_bytes);
void window_free(struct window *);

/*
 * A connection to a host (its number in the list of hosts, below 256) begins.  Without
 * its session the broker knows none of our identifiers; with it what the host sends
 * again is recognised.
 */
void window_connected(struct window *, uint8_t host, bool session_present);
/* It has ended: acknowledgements not written by now never will be. */
void window_lost(struct window *);

/* A message as it is recognised: id 0 and hash 0 at QoS 0. */
struct window_key {
	uint64_t hash; /* window_hash */
	uint16_t id;
	uint8_t qos;
};

/* Keyed per process: for comparing, never for storing. */
uint64_t window_hash(const struct window *, struct str topic, struct str payload);

/*
 * Is this message, which came with DUP=1, one that was handed on before?  Then its
 * acknowledgement is seen to, and nothing else is to be done.
 */
bool window_recognise(struct window *, const struct window_key *);

/* A new message takes the next slot, with one hold. */
uint32_t window_add(struct window *, const struct window_key *, uint32_t bytes);

void window_hold(struct window *, uint32_t slot);
void window_release(struct window *, uint32_t slot);

/* PUBREL: the identifier is free again.  False: it was not known. */
bool window_pubrel(struct window *, uint16_t id);

/*
 * Puts the acknowledgements of the done prefix into out, in order of arrival, at
 * most max (CODEC_ACK_BYTES each); returns how many.  None while those of the call
 * before are not written.
 */
size_t window_acks(struct window *, uint8_t *out, size_t max);
/* The first n of them are written. */
void window_acks_written(struct window *, size_t n);

bool window_full(const struct window *);
bool window_has_room(const struct window *);         /* three quarters or less */
size_t window_messages(const struct window *);       /* not released */
size_t window_bytes(const struct window *);          /* not released */
uint64_t window_acknowledged(const struct window *); /* ever; QoS 0 when released */
/* What the broker counts as under way on this connection: QoS 1 and 2 without
 * acknowledgement, and of these QoS 2 with PUBREC and without PUBREL. */
size_t window_in_flight(const struct window *);
size_t window_awaiting_pubrel(const struct window *);
/* Nothing waits for a release or for its acknowledgement to be written. */
bool window_empty(const struct window *);

#endif
