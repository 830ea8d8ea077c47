#ifndef MQTT_CODEC_H
#define MQTT_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/*
 * MQTT packets as bytes: what a broker may send is read and checked, what a
 * receiving client sends is written (MQTT 3.1.1, OASIS 2014).  No sockets, no
 * state, no copies: what is read borrows from the bytes it was read from.
 */

enum codec_version { CODEC_V311 = 4 };

enum codec_type {
	CODEC_CONNECT = 1,
	CODEC_CONNACK,
	CODEC_PUBLISH,
	CODEC_PUBACK,
	CODEC_PUBREC,
	CODEC_PUBREL,
	CODEC_PUBCOMP,
	CODEC_SUBSCRIBE,
	CODEC_SUBACK,
	CODEC_UNSUBSCRIBE,
	CODEC_UNSUBACK,
	CODEC_PINGREQ,
	CODEC_PINGRESP,
	CODEC_DISCONNECT,
	CODEC_AUTH,
};

enum {
	CODEC_ACK_BYTES = 4, /* PUBACK, PUBREC, PUBREL, PUBCOMP without properties */
	CODEC_HEAD_MAX = 5,  /* longest fixed header */
	CODEC_SMALL_MAX = 64 * 1024, /* longest packet that is not a PUBLISH */
	/* Of a PUBLISH: fixed header, longest topic, packet identifier. */
	CODEC_PUBLISH_HEAD_MAX = CODEC_HEAD_MAX + 2 + 65535 + 2,
	CODEC_SUBACK_FAILURE = 0x80, /* from here on a SUBACK code refuses */
};

/* A packet's fixed header. */
struct codec_frame {
	enum codec_type type;
	uint8_t flags; /* low half of the first byte */
	uint8_t head;  /* bytes of the fixed header, 2 to 5 */
	size_t length; /* of what follows it, at most 268,435,455 */
};

struct codec_packet {
	enum codec_type type;
	bool dup, retain;     /* PUBLISH */
	uint8_t qos;          /* PUBLISH */
	bool session_present; /* CONNACK */
	uint8_t code;         /* CONNACK */
	uint16_t id;          /* PUBLISH with QoS > 0, PUBREL, SUBACK, UNSUBACK */
	struct str topic;     /* PUBLISH */
	struct str payload;   /* PUBLISH */
	struct str codes;     /* SUBACK: one byte for each filter */
};

/* "PUBLISH"; "packet type 0" for what is none. */
const char *codec_type_name(enum codec_type);

/*
 * Reads the fixed header and checks all that it tells: a packet that a broker may
 * send, its flags, its length.  1: read; 0: more bytes are needed; -1 ERR_RETRY:
 * malformed ("malformed PUBLISH: QoS 3").
 */
int codec_read_frame(
    enum codec_version, const void *p, size_t n, struct codec_frame *, struct err *err);

/*
 * Reads the packet behind its header: body is f->length bytes.  -1 ERR_RETRY: malformed;
 * the text names packet and fault.
 */
int codec_read(enum codec_version, const struct codec_frame *f, const void *body,
    struct codec_packet *, struct err *err);

/*
 * Reads the beginning of a PUBLISH of which only n bytes are there, at most up to its
 * payload: for packets that are too large to be kept.  1: topic, id and flags are
 * read, *payload_bytes is the length of the payload; 0: more bytes are needed;
 * -1 as codec_read.
 */
int codec_read_publish_head(enum codec_version, const struct codec_frame *f,
    const void *body, size_t n, struct codec_packet *, size_t *payload_bytes,
    struct err *err);

struct codec_connect {
	enum codec_version version;
	struct str client_id;
	const struct str *user, *password; /* NULL: none */
	bool clean;
	uint16_t keep_alive_s;
};

/* These append to out.  Texts are at most 65,535 bytes: checked by the caller. */
void codec_put_connect(struct buf *out, const struct codec_connect *);
void codec_put_subscribe(struct buf *out, enum codec_version, uint16_t id,
    const struct str *filters, size_t n, uint8_t qos);
void codec_put_unsubscribe(struct buf *out, enum codec_version, uint16_t id,
    const struct str *filters, size_t n);
void codec_put_ack(struct buf *out, enum codec_type, uint16_t id);
void codec_put_pingreq(struct buf *out);
void codec_put_disconnect(struct buf *out);

/* Why a broker refuses a CONNECT: "not authorized"; and whether that may pass. */
const char *codec_connack_text(enum codec_version, uint8_t code);
bool codec_connack_may_pass(enum codec_version, uint8_t code);

#endif
