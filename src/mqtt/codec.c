/*
 * MQTT packets as bytes.  Everything a peer can send passes here, so nothing here
 * trusts a length or a flag before it is checked; and it must not know sockets,
 * sessions or who asked.
 *
 *	byte 1      type << 4 | flags
 *	bytes 2-5   length of the rest: 7 bits a byte, least first, bit 7: more follow
 *	            then variable header and payload, numbers big-endian, texts with
 *	            a u16 length in front
 */
#include "mqtt/codec.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/topic.h"

enum { PUBLISH_RETAIN = 0x01, PUBLISH_QOS = 0x06, PUBLISH_DUP = 0x08 };
enum { CONNECT_CLEAN = 0x02, CONNECT_PASSWORD = 0x40, CONNECT_USER = 0x80 };
enum { CONNACK_SESSION_PRESENT = 0x01 };
enum { FLAGS_RESERVED = 0x02 }; /* PUBREL, SUBSCRIBE, UNSUBSCRIBE */

static const char *const type_names[] = {
	[CODEC_CONNECT] = "CONNECT",
	[CODEC_CONNACK] = "CONNACK",
	[CODEC_PUBLISH] = "PUBLISH",
	[CODEC_PUBACK] = "PUBACK",
	[CODEC_PUBREC] = "PUBREC",
	[CODEC_PUBREL] = "PUBREL",
	[CODEC_PUBCOMP] = "PUBCOMP",
	[CODEC_SUBSCRIBE] = "SUBSCRIBE",
	[CODEC_SUBACK] = "SUBACK",
	[CODEC_UNSUBSCRIBE] = "UNSUBSCRIBE",
	[CODEC_UNSUBACK] = "UNSUBACK",
	[CODEC_PINGREQ] = "PINGREQ",
	[CODEC_PINGRESP] = "PINGRESP",
	[CODEC_DISCONNECT] = "DISCONNECT",
	[CODEC_AUTH] = "AUTH",
};

const char *
codec_type_name(enum codec_type type)
{
	if ((size_t)type >= ARRAY_LEN(type_names) || type_names[type] == NULL)
		return "packet of type 0";
	return type_names[type];
}

static int
malformed(struct err *err, enum codec_type type, const char *fault)
{
	return err_set(err, ERR_RETRY, "malformed %s: %s", codec_type_name(type), fault);
}

/* What a broker may send, and how long it is. */
struct shape {
	bool from_broker;
	uint8_t flags;
	size_t min, max; /* of the length behind the fixed header */
};

static const struct shape shapes[16] = {
	[CODEC_CONNACK] = { true, 0, 2, 2 },
	[CODEC_PUBREL] = { true, FLAGS_RESERVED, 2, 2 },
	[CODEC_SUBACK] = { true, 0, 3, CODEC_SMALL_MAX },
	[CODEC_UNSUBACK] = { true, 0, 2, 2 },
	[CODEC_PINGRESP] = { true, 0, 0, 0 },
};

static int
check_frame(const struct codec_frame *f, struct err *err)
{
	const struct shape *shape = &shapes[f->type];
	char fault[80];

	if (!shape->from_broker)
		return err_set(err, ERR_RETRY,
		    "protocol error: a broker must not send %s%s",
		    codec_type_name(f->type),
		    f->type >= CODEC_DISCONNECT ? " with MQTT 3.1.1" : "");
	if (f->flags != shape->flags) {
		snprintf(fault, sizeof(fault), "flags 0x%x instead of 0x%x", f->flags,
		    shape->flags);
		return malformed(err, f->type, fault);
	}
	if (f->length < shape->min || f->length > shape->max) {
		snprintf(fault, sizeof(fault), "%zu bytes long", f->length);
		return malformed(err, f->type, fault);
	}
	return 0;
}

static int
check_publish_frame(const struct codec_frame *f, struct err *err)
{
	if ((f->flags & PUBLISH_QOS) == PUBLISH_QOS)
		return malformed(err, CODEC_PUBLISH, "QoS 3");
	/* A topic has a length and a byte; a QoS above 0 an identifier. */
	if (f->length < ((f->flags & PUBLISH_QOS) != 0 ? 5U : 3U))
		return malformed(err, CODEC_PUBLISH, "too short for its topic");
	return 0;
}

int
codec_read_frame(enum codec_version version, const void *bytes, size_t n,
    struct codec_frame *f, struct err *err)
{
	const uint8_t *p = bytes;
	size_t length = 0;
	unsigned i = 1, shift = 0;

	(void)version;
	if (n == 0)
		return 0;
	f->type = p[0] >> 4;
	f->flags = p[0] & 0x0f;
	do {
		if (i == CODEC_HEAD_MAX)
			return malformed(err, f->type, "length in more than four bytes");
		if (i == n)
			return 0;
		length |= (size_t)(p[i] & 0x7f) << shift;
		shift += 7;
	} while ((p[i++] & 0x80) != 0);
	f->head = (uint8_t)i;
	f->length = length;
	if ((f->type == CODEC_PUBLISH ? check_publish_frame(f, err)
				      : check_frame(f, err)) < 0)
		return -1;
	return 1;
}

static uint16_t
get_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* Not 0 if one of the eight bytes is `byte`. */
static uint64_t
bytes_equal(uint64_t word, uint8_t byte)
{
	uint64_t x = word ^ (0x0101010101010101U * byte);

	return (x - 0x0101010101010101U) & ~x & 0x8080808080808080U;
}

/*
 * Most topics are ASCII: eight bytes at a time are looked at for what is not allowed
 * or not ASCII.  False: look closer.
 */
static bool
is_plain_topic(struct str s)
{
	uint64_t odd = 0, word;

	for (; s.n >= sizeof(word); s.p += sizeof(word), s.n -= sizeof(word)) {
		memcpy(&word, s.p, sizeof(word));
		odd |= (word & 0x8080808080808080U) | bytes_equal(word, 0) |
		       bytes_equal(word, '+') | bytes_equal(word, '#');
	}
	for (; s.n > 0; s.p++, s.n--) {
		if (*s.p <= 0 || *s.p == '+' || *s.p == '#')
			return false;
	}
	return odd == 0;
}

static int
check_topic(struct str topic, struct err *err)
{
	if (is_plain_topic(topic) || topic_name_valid(topic))
		return 0;
	if (!str_is_utf8(topic))
		return malformed(err, CODEC_PUBLISH, "topic is not UTF-8");
	if (memchr(topic.p, '\0', topic.n) != NULL)
		return malformed(err, CODEC_PUBLISH, "topic holds U+0000");
	return malformed(err, CODEC_PUBLISH, "topic holds a wildcard");
}

/* n is at least what check_publish_frame asks for, or 0 comes back. */
int
codec_read_publish_head(enum codec_version version, const struct codec_frame *f,
    const void *body, size_t n, struct codec_packet *pkt, size_t *payload_bytes,
    struct err *err)
{
	const uint8_t *p = body;
	size_t used;

	(void)version;
	pkt->type = CODEC_PUBLISH;
	pkt->dup = (f->flags & PUBLISH_DUP) != 0;
	pkt->retain = (f->flags & PUBLISH_RETAIN) != 0;
	pkt->qos = (f->flags & PUBLISH_QOS) >> 1;
	pkt->id = 0;
	if (n < 2)
		return 0;
	pkt->topic = (struct str) { (const char *)p + 2, get_u16(p) };
	used = 2 + pkt->topic.n + (pkt->qos > 0 ? 2 : 0);
	if (used > f->length)
		return malformed(err, CODEC_PUBLISH, "topic is longer than the packet");
	if (used > n)
		return 0;
	if (pkt->topic.n == 0)
		return malformed(err, CODEC_PUBLISH, "topic is empty");
	if (check_topic(pkt->topic, err) < 0)
		return -1;
	if (pkt->qos > 0) {
		pkt->id = get_u16(p + used - 2);
		if (pkt->id == 0)
			return malformed(err, CODEC_PUBLISH, "packet identifier 0");
	}
	*payload_bytes = f->length - used;
	return 1;
}

static int
read_publish(enum codec_version version, const struct codec_frame *f, const void *body,
    struct codec_packet *pkt, struct err *err)
{
	size_t payload;

	if (codec_read_publish_head(version, f, body, f->length, pkt, &payload, err) < 0)
		return -1;
	pkt->payload = (struct str) { (const char *)body + f->length - payload, payload };
	return 0;
}

static int
read_connack(const uint8_t *p, struct codec_packet *pkt, struct err *err)
{
	if ((p[0] & ~CONNACK_SESSION_PRESENT) != 0)
		return malformed(err, CODEC_CONNACK, "reserved flags are set");
	pkt->session_present = (p[0] & CONNACK_SESSION_PRESENT) != 0;
	pkt->code = p[1];
	if (pkt->session_present && pkt->code != 0)
		return err_set(err, ERR_RETRY,
		    "protocol error: CONNACK refuses with a session present");
	return 0;
}

static int
read_suback(const struct codec_frame *f, const uint8_t *p, struct codec_packet *pkt,
    struct err *err)
{
	pkt->codes = (struct str) { (const char *)p + 2, f->length - 2 };
	for (size_t i = 2; i < f->length; i++) {
		if (p[i] > 2 && p[i] != CODEC_SUBACK_FAILURE)
			return malformed(err, CODEC_SUBACK, "unknown return code");
	}
	return 0;
}

int
codec_read(enum codec_version version, const struct codec_frame *f, const void *body,
    struct codec_packet *pkt, struct err *err)
{
	const uint8_t *p = body;

	if (f->type == CODEC_PUBLISH)
		return read_publish(version, f, body, pkt, err);
	*pkt = (struct codec_packet) { .type = f->type };
	if (f->type == CODEC_CONNACK)
		return read_connack(p, pkt, err);
	if (f->type == CODEC_PINGRESP)
		return 0;
	pkt->id = get_u16(p); /* PUBREL, SUBACK, UNSUBACK: their shapes have two bytes */
	if (pkt->id == 0)
		return malformed(err, f->type, "packet identifier 0");
	return f->type == CODEC_SUBACK ? read_suback(f, p, pkt, err) : 0;
}

static void
put_u16(struct buf *out, size_t n)
{
	buf_add_byte(out, (uint8_t)(n >> 8));
	buf_add_byte(out, (uint8_t)n);
}

static void
put_str(struct buf *out, struct str s)
{
	put_u16(out, s.n);
	buf_add_str(out, s);
}

static void
put_head(struct buf *out, enum codec_type type, uint8_t flags, size_t length)
{
	buf_add_byte(out, (uint8_t)(type << 4 | flags));
	do {
		buf_add_byte(
		    out, (uint8_t)((length & 0x7f) | (length > 0x7f ? 0x80 : 0)));
		length >>= 7;
	} while (length > 0);
}

void
codec_put_connect(struct buf *out, const struct codec_connect *c)
{
	static const char name[] = { 0, 4, 'M', 'Q', 'T', 'T' };
	size_t length = sizeof(name) + 4 + 2 + c->client_id.n;
	uint8_t flags = 0;

	if (c->clean)
		flags |= CONNECT_CLEAN;
	if (c->user != NULL) {
		flags |= CONNECT_USER;
		length += 2 + c->user->n;
	}
	if (c->password != NULL) {
		flags |= CONNECT_PASSWORD;
		length += 2 + c->password->n;
	}
	put_head(out, CODEC_CONNECT, 0, length);
	buf_add(out, name, sizeof(name));
	buf_add_byte(out, (uint8_t)c->version);
	buf_add_byte(out, flags);
	put_u16(out, c->keep_alive_s);
	put_str(out, c->client_id);
	if (c->user != NULL)
		put_str(out, *c->user);
	if (c->password != NULL)
		put_str(out, *c->password);
}

void
codec_put_subscribe(struct buf *out, enum codec_version version, uint16_t id,
    const struct str *filters, size_t n, uint8_t qos)
{
	size_t length = 2;

	(void)version;
	for (size_t i = 0; i < n; i++)
		length += 2 + filters[i].n + 1;
	put_head(out, CODEC_SUBSCRIBE, FLAGS_RESERVED, length);
	put_u16(out, id);
	for (size_t i = 0; i < n; i++) {
		put_str(out, filters[i]);
		buf_add_byte(out, qos);
	}
}

void
codec_put_unsubscribe(struct buf *out, enum codec_version version, uint16_t id,
    const struct str *filters, size_t n)
{
	size_t length = 2;

	(void)version;
	for (size_t i = 0; i < n; i++)
		length += 2 + filters[i].n;
	put_head(out, CODEC_UNSUBSCRIBE, FLAGS_RESERVED, length);
	put_u16(out, id);
	for (size_t i = 0; i < n; i++)
		put_str(out, filters[i]);
}

void
codec_put_ack(struct buf *out, enum codec_type type, uint16_t id)
{
	buf_reserve(out, CODEC_ACK_BYTES);
	char *p = out->p + out->n;
	p[0] = (char)(type << 4 | (type == CODEC_PUBREL ? FLAGS_RESERVED : 0));
	p[1] = 2;
	p[2] = (char)(id >> 8);
	p[3] = (char)id;
	out->n += CODEC_ACK_BYTES;
}

void
codec_put_pingreq(struct buf *out)
{
	put_head(out, CODEC_PINGREQ, 0, 0);
}

void
codec_put_disconnect(struct buf *out)
{
	put_head(out, CODEC_DISCONNECT, 0, 0);
}

struct code_text {
	uint8_t code;
	bool may_pass;
	const char *text;
};

static const struct code_text connack_v311[] = {
	{ 0, true, "accepted" },
	{ 1, false, "unacceptable protocol version" },
	{ 2, false, "client id rejected" },
	{ 3, true, "server unavailable" },
	{ 4, false, "bad user name or password" },
	{ 5, false, "not authorized" },
};

static const struct code_text *
connack_code(enum codec_version version, uint8_t code)
{
	static const struct code_text unknown = { 0xff, true, "unknown code" };

	(void)version;
	for (size_t i = 0; i < ARRAY_LEN(connack_v311); i++) {
		if (connack_v311[i].code == code)
			return &connack_v311[i];
	}
	return &unknown;
}

const char *
codec_connack_text(enum codec_version version, uint8_t code)
{
	return connack_code(version, code)->text;
}

bool
codec_connack_may_pass(enum codec_version version, uint8_t code)
{
	return connack_code(version, code)->may_pass;
}
