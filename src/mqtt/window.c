/* The ring of messages without a written acknowledgement; see window.h. */
#include "mqtt/window.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mqtt/codec.h"
#include "mqtt/ids.h"

enum { RING_FIRST_SIZE = 1024, HOSTS_MAX = 256, IDS = 65536 };

struct entry {
	uint64_t hash;
	uint32_t conn; /* the connection it arrived on, counted from 1 */
	uint32_t bytes;
	uint32_t holds; /* 0: done */
	uint16_t id;    /* 0: no acknowledgement will be written */
	uint8_t qos;
	uint8_t host;
};

struct window {
	struct entry *ring;
	uint32_t mask;               /* size - 1, a power of two */
	uint32_t tail, queued, head; /* sequence numbers; tail <= queued <= head */
	uint32_t unwritten;          /* acknowledgements in tail..queued */
	size_t max_messages, max_bytes;
	size_t messages, bytes; /* not released */
	uint64_t acknowledged;
	uint64_t hash_key;
	uint32_t conn, last_conn; /* conn 0: no connection */
	uint8_t host;
	size_t unacknowledged, awaiting_pubrel; /* on this connection */
	/*
	 * Where an identifier arrived last; looked at only together with what stands
	 * there, so that it needs no upkeep when entries go.
	 */
	uint32_t *slot_of;
	/*
	 * Of each host, what has left the ring and may come again: QoS 1 whose
	 * acknowledgement could not be written, QoS 2 until PUBREL.
	 */
	struct ids known[HOSTS_MAX];
};

struct window *
window_new(size_t max_messages, size_t max_bytes)
{
	struct window *w = mem_zalloc(sizeof(*w));

	w->ring = mem_alloc(RING_FIRST_SIZE * sizeof(*w->ring));
	w->mask = RING_FIRST_SIZE - 1;
	w->max_messages = max_messages;
	w->max_bytes = max_bytes;
	w->hash_key = str_hash(STR("window"));
	w->slot_of = mem_zalloc(IDS * sizeof(*w->slot_of));
	return w;
}

void
window_free(struct window *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < HOSTS_MAX; i++)
		ids_clear(&w->known[i]);
	free(w->slot_of);
	free(w->ring);
	free(w);
}

static struct entry *
entry_at(const struct window *w, uint32_t slot)
{
	return &w->ring[slot & w->mask];
}

static bool
in_ring(const struct window *w, uint32_t slot)
{
	return slot - w->tail < w->head - w->tail;
}

/* The standing entry that holds this identifier of the present host, or NULL. */
static struct entry *
holder_of(const struct window *w, uint16_t id)
{
	uint32_t slot = w->slot_of[id];
	struct entry *e = entry_at(w, slot);

	if (!in_ring(w, slot) || e->id != id || e->host != w->host)
		return NULL;
	return e;
}

static bool
is_queued(const struct window *w, uint32_t slot)
{
	return slot - w->tail < w->queued - w->tail;
}

void
window_connected(struct window *w, uint8_t host, bool session_present)
{
	w->conn = ++w->last_conn;
	w->host = host;
	if (session_present)
		return;
	ids_clear(&w->known[host]);
	for (uint32_t slot = w->tail; slot != w->head; slot++) {
		struct entry *e = entry_at(w, slot);
		if (e->host == host)
			e->id = 0;
	}
}

void
window_lost(struct window *w)
{
	w->conn = 0;
	w->queued = w->tail;
	w->unwritten = 0;
	w->unacknowledged = 0;
	w->awaiting_pubrel = 0;
}

static uint64_t
mix(uint64_t h, uint64_t word)
{
	h = (h ^ word) * 0x9fb21c651e98df25U;
	return h ^ h >> 32;
}

/* Both halves of a product of 128 bits: half the instructions of two mix(). */
static uint64_t
fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Two lanes, because one would wait for its multiplication. */
static uint64_t
hash_bytes(uint64_t h, struct str s)
{
	const uint64_t odd = 0x9fb21c651e98df25U, other = 0xd6e8feb86659fd93U;
	uint64_t a = h, b = h ^ odd, word[4] = { 0 };

	h = mix(h, s.n);
	for (; s.n >= sizeof(word); s.p += sizeof(word), s.n -= sizeof(word)) {
		memcpy(word, s.p, sizeof(word));
		a = fold(a ^ word[0], word[1] ^ odd);
		b = fold(b ^ word[2], word[3] ^ other);
	}
	if (s.n > 0) {
		memset(word, 0, sizeof(word));
		memcpy(word, s.p, s.n);
		a = fold(a ^ word[0], word[1] ^ odd);
		b = fold(b ^ word[2], word[3] ^ other);
	}
	return mix(mix(h, a), b);
}

/*
 * str_hash would cost as much as all else that is done for a message; no table hangs
 * on this one, and to be taken for another a message must also come with its
 * identifier and DUP=1.
 */
uint64_t
window_hash(const struct window *w, struct str topic, struct str payload)
{
	return hash_bytes(hash_bytes(w->hash_key, topic), payload);
}

static void
grow(struct window *w)
{
	uint32_t size = (w->mask + 1) * 2;
	struct entry *ring = mem_alloc(size * sizeof(*ring));

	for (uint32_t slot = w->tail; slot != w->head; slot++)
		ring[slot & (size - 1)] = *entry_at(w, slot);
	free(w->ring);
	w->ring = ring;
	w->mask = size - 1;
}

static uint32_t
push(struct window *w, const struct window_key *key, uint32_t bytes, uint32_t holds)
{
	uint32_t slot = w->head;

	assert(w->conn != 0);
	if (slot - w->tail > w->mask)
		grow(w);
	*entry_at(w, slot) = (struct entry) {
		.hash = key->hash,
		.conn = w->conn,
		.bytes = bytes,
		.holds = holds,
		.id = key->id,
		.qos = key->qos,
		.host = w->host,
	};
	w->head++;
	if (key->id != 0) {
		w->slot_of[key->id] = slot;
		w->unacknowledged++;
	}
	return slot;
}

static bool
ring_recognises(struct window *w, const struct window_key *key)
{
	struct entry *e = holder_of(w, key->id);

	if (e == NULL || e->qos != key->qos || e->hash != key->hash)
		return false;
	if (e->conn == w->conn)
		return true; /* impatient: its acknowledgement is still to come */
	/*
	 * The entry stands before the new one, so what is pushed is not done before
	 * it; and acknowledgements keep the order of this connection.
	 */
	e->id = 0;
	push(w, key, 0, 0);
	return true;
}

static bool
known_recognises(struct window *w, const struct window_key *key)
{
	struct ids_entry *known = ids_find(&w->known[w->host], key->id);

	if (known == NULL || known->qos != key->qos || known->hash != key->hash)
		return false;
	if (known->qos == 1) {
		ids_remove(&w->known[w->host], key->id);
	} else if (known->conn == w->conn) {
		known->conn = 0;
		w->awaiting_pubrel--;
	}
	push(w, key, 0, 0);
	return true;
}

bool
window_recognise(struct window *w, const struct window_key *key)
{
	return key->id != 0 && (ring_recognises(w, key) || known_recognises(w, key));
}

/* The broker has given the identifier to another message. */
static void
forget(struct window *w, uint16_t id)
{
	struct entry *e = holder_of(w, id);
	struct ids_entry *known = ids_find(&w->known[w->host], id);

	if (e != NULL && !is_queued(w, w->slot_of[id])) {
		e->id = 0;
		if (e->conn == w->conn)
			w->unacknowledged--;
	}
	if (known == NULL)
		return;
	if (known->conn == w->conn)
		w->awaiting_pubrel--;
	ids_remove(&w->known[w->host], id);
}

uint32_t
window_add(struct window *w, const struct window_key *key, uint32_t bytes)
{
	if (key->id != 0)
		forget(w, key->id);
	w->messages++;
	w->bytes += bytes;
	return push(w, key, bytes, 1);
}

void
window_hold(struct window *w, uint32_t slot)
{
	struct entry *e = entry_at(w, slot);

	assert(in_ring(w, slot) && e->holds > 0);
	e->holds++;
}

void
window_release(struct window *w, uint32_t slot)
{
	struct entry *e = entry_at(w, slot);

	assert(in_ring(w, slot) && e->holds > 0);
	if (--e->holds > 0)
		return;
	w->messages--;
	w->bytes -= e->bytes;
	if (e->qos == 0)
		w->acknowledged++;
}

bool
window_pubrel(struct window *w, uint16_t id)
{
	const struct ids_entry *known = ids_find(&w->known[w->host], id);
	const struct entry *e = holder_of(w, id);
	bool was_known = (known != NULL && known->qos == 2) || (e != NULL && e->qos == 2);

	if (was_known)
		forget(w, id);
	return was_known;
}

/* Done, and its connection is not there to take the acknowledgement. */
static void
retire(struct window *w, struct entry *e)
{
	const struct ids_entry known = { .hash = e->hash, .id = e->id, .qos = e->qos };

	ids_put(&w->known[e->host], &known);
	e->id = 0;
}

size_t
window_acks(struct window *w, uint8_t *out, size_t max)
{
	static const uint8_t first_byte[] = { 0, CODEC_PUBACK << 4, CODEC_PUBREC << 4 };
	size_t n = 0;

	if (w->unwritten > 0)
		return 0;
	for (; n < max && w->queued != w->head; w->queued++) {
		struct entry *e = entry_at(w, w->queued);
		if (e->holds > 0)
			break;
		if (e->id == 0)
			continue;
		if (e->conn != w->conn) {
			retire(w, e);
			continue;
		}
		*out++ = first_byte[e->qos];
		*out++ = 2;
		*out++ = (uint8_t)(e->id >> 8);
		*out++ = (uint8_t)e->id;
		n++;
	}
	w->unwritten = (uint32_t)n;
	if (n == 0)
		w->tail = w->queued;
	return n;
}

static void
written(struct window *w, const struct entry *e)
{
	w->unacknowledged--;
	w->acknowledged++;
	if (e->qos != 2)
		return;
	const struct ids_entry known = {
		.hash = e->hash, .conn = e->conn, .id = e->id, .qos = e->qos
	};
	ids_put(&w->known[w->host], &known);
	w->awaiting_pubrel++;
}

void
window_acks_written(struct window *w, size_t n)
{
	assert(n <= w->unwritten);
	w->unwritten -= (uint32_t)n;
	for (; w->tail != w->queued; w->tail++) {
		const struct entry *e = entry_at(w, w->tail);
		if (e->id == 0)
			continue;
		if (n == 0)
			return;
		written(w, e);
		n--;
	}
}

bool
window_full(const struct window *w)
{
	return w->head - w->tail >= w->max_messages || w->bytes >= w->max_bytes;
}

bool
window_has_room(const struct window *w)
{
	return w->head - w->tail <= w->max_messages / 4 * 3 &&
	       w->bytes <= w->max_bytes / 4 * 3;
}

size_t
window_messages(const struct window *w)
{
	return w->messages;
}

size_t
window_bytes(const struct window *w)
{
	return w->bytes;
}

uint64_t
window_acknowledged(const struct window *w)
{
	return w->acknowledged;
}

size_t
window_in_flight(const struct window *w)
{
	return w->unacknowledged + w->awaiting_pubrel;
}

size_t
window_awaiting_pubrel(const struct window *w)
{
	return w->awaiting_pubrel;
}

bool
window_empty(const struct window *w)
{
	return w->tail == w->head;
}
