#ifndef MQTT_CHECK_H
#define MQTT_CHECK_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/loop.h"
#include "mqtt/source.h"

/*
 * An MQTT source with a scripted broker at its other end, both in one loop.  The broker
 * does nothing by itself: a test says what it sends and what it expects, as hex digits
 * (blanks are skipped).  Whatever does not come within 10 s fails the test.
 */

enum { MQTT_CHECK_MESSAGES = 4096 };

struct mqtt_check_message {
	char topic[64];
	char payload[64]; /* NUL-terminated, cut */
	size_t payload_n;
	uint32_t slot;
	uint16_t id;
	uint8_t qos;
	bool retain, dup;
};

struct mqtt_check {
	struct source_options opt; /* filled in by _new; change before _open */
	bool release_at_once;      /* each message as it comes */

	struct loop *loop;
	struct source *source;
	char uri[2][64]; /* of both listeners */
	int listen_fd[2];
	int fd;      /* the connection, -1: none */
	size_t host; /* that it came in at */
	struct buf in;

	/* What the source told. */
	struct mqtt_check_message messages[MQTT_CHECK_MESSAGES];
	size_t n_messages, n_batches;
	size_t too_large_bytes;
	unsigned connected, subscribed, disconnected, failed, closed;
	bool session_present;
	char why[256];
	struct err err;
};

/* Listens on two ports of loopback; uri[0] is the only host, "a/#" the only filter,
 * QoS 1, persistent, linger 0, keep-alive 60, back-off 1 to 2 ms. */
struct mqtt_check *mqtt_check_new(void);
void mqtt_check_free(struct mqtt_check *);
void mqtt_check_open(struct mqtt_check *); /* the source */

/* Runs the loop until *n is at least `least`. */
void mqtt_check_until(struct mqtt_check *, const unsigned *n, unsigned least);
void mqtt_check_until_messages(struct mqtt_check *, size_t least);
void mqtt_check_turns(struct mqtt_check *, unsigned n); /* n turns, without waiting */
void mqtt_check_for_us(struct mqtt_check *, int64_t us); /* as many turns as that takes */

/* ---- the broker's part ---- */

void mqtt_check_accept(struct mqtt_check *);
/* Takes a CONNECT of any content and answers; and a SUBSCRIBE with one filter. */
void mqtt_check_greet(struct mqtt_check *, bool session_present);
/* accept, greet, and wait until the source is subscribed. */
void mqtt_check_up(struct mqtt_check *, bool session_present);
void mqtt_check_send(struct mqtt_check *, const char *hex);
void mqtt_check_expect(struct mqtt_check *, const char *hex);
/* Nothing more has come, after some turns. */
void mqtt_check_expect_nothing(struct mqtt_check *);
/* The source has closed, and nothing came before. */
void mqtt_check_expect_eof(struct mqtt_check *);
void mqtt_check_hang_up(struct mqtt_check *);

/* first: 0x30 with DUP, QoS and retain; id 0: none. */
void mqtt_check_publish(struct mqtt_check *, uint8_t first, uint16_t id,
    const char *topic, const char *payload);
/* The same as hex digits. */
void mqtt_check_put_publish(
    struct buf *hex, uint8_t first, uint16_t id, const char *topic, const char *payload);

#endif
