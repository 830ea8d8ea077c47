/* The direct engine against a scripted broker. */
#include "mqtt_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

static struct mqtt_check *
up(void)
{
	struct mqtt_check *c = mqtt_check_new();

	mqtt_check_open(c);
	mqtt_check_up(c, false);
	return c;
}

static struct mqtt_check *
up_with_qos(uint8_t qos)
{
	struct mqtt_check *c = mqtt_check_new();

	c->opt.qos = qos;
	mqtt_check_open(c);
	mqtt_check_up(c, false);
	return c;
}

static uint32_t
slot(const struct mqtt_check *c, size_t i)
{
	return c->messages[i].slot;
}

/* ---- connecting ---- */

static void
connects_and_subscribes(void **state)
{
	struct mqtt_check *c = mqtt_check_new();

	(void)state;
	mqtt_check_open(c);
	assert_string_equal(source_broker(c->source), "");
	mqtt_check_accept(c);
	mqtt_check_expect(c, "10 0e 0004 4d515454 04 00 003c 0002 6d65");
	mqtt_check_send(c, "20020000");
	mqtt_check_until(c, &c->connected, 1);
	assert_false(c->session_present);
	assert_false(source_stats(c->source).connected);
	mqtt_check_expect(c, "82 08 0001 0003 612f23 01");
	mqtt_check_send(c, "9003 0001 01");
	mqtt_check_until(c, &c->subscribed, 1);
	assert_true(source_stats(c->source).connected);
	assert_string_equal(source_broker(c->source), c->uri[0] + strlen("tcp://"));
	mqtt_check_free(c);
}

static void
logs_in_with_a_clean_session(void **state)
{
	struct mqtt_check *c = mqtt_check_new();

	(void)state;
	c->opt.clean = true;
	c->opt.user = "u";
	c->opt.password = "pw";
	c->opt.keep_alive_s = 0;
	mqtt_check_open(c);
	mqtt_check_accept(c);
	mqtt_check_expect(
	    c, "10 15 0004 4d515454 04 c2 0000 0002 6d65 0001 75 0002 7077");
	mqtt_check_free(c);
}

static void
subscribes_few_filters_at_a_time_and_no_covered_ones(void **state)
{
	static const char *const filters[] = {
		"b/1",
		"b/2",
		"b/3",
		"b/4",
		"b/5",
		"b/6",
		"b/7",
		"b/8",
		"c/#",
		"c/1",
		"c/+",
		"$share/g/b/1",
		"b/1",
	};
	struct mqtt_check *c = mqtt_check_new();

	(void)state;
	c->opt.filters = filters;
	c->opt.n_filters = ARRAY_LEN(filters);
	mqtt_check_open(c);
	mqtt_check_accept(c);
	mqtt_check_greet(c, false);
	mqtt_check_expect(c,
	    "82 32 0001"
	    "0003 622f31 01 0003 622f32 01 0003 622f33 01 0003 622f34 01"
	    "0003 622f35 01 0003 622f36 01 0003 622f37 01 0003 622f38 01"
	    "82 17 0002 0003 632f23 01 000c 2473686172652f672f622f31 01");
	mqtt_check_send(c, "9004 0002 0101");
	mqtt_check_turns(c, 5);
	assert_int_equal(c->subscribed, 0);
	mqtt_check_send(c, "900a 0001 0101010101010101");
	mqtt_check_until(c, &c->subscribed, 1);
	mqtt_check_free(c);
}

static const struct refusal {
	uint8_t code;
	const char *failed; /* NULL: it is tried again */
} refusals[] = {
	{ 1, "refused client id \"me\": unacceptable protocol version (1)" },
	{ 2, "refused client id \"me\": client id rejected (2); some brokers answer this "
	     "to a "
	     "keep-alive above their limit too" },
	{ 3, NULL },
	{ 4, "refused client id \"me\": bad user name or password (4); check user name "
	     "and "
	     "password, and what the broker allows them" },
	{ 5, "refused client id \"me\": not authorized (5); check user name and "
	     "password, and "
	     "what the broker allows them" },
	{ 99, NULL },
};

static void
is_refused(const struct refusal *r)
{
	struct mqtt_check *c = mqtt_check_new();
	char connack[16], text[256];

	mqtt_check_open(c);
	mqtt_check_accept(c);
	snprintf(connack, sizeof(connack), "200200%02x", r->code);
	mqtt_check_send(c, connack);
	if (r->failed != NULL) {
		mqtt_check_until(c, &c->failed, 1);
		assert_int_equal(c->err.kind, ERR_CONFIG);
		snprintf(text, sizeof(text), "broker %s %s", c->uri[0], r->failed);
		assert_string_equal(c->err.msg, text);
		assert_int_equal(c->disconnected, 0);
	} else {
		mqtt_check_until(c, &c->disconnected, 1);
		assert_int_equal(c->failed, 0);
		c->fd = -1;
		mqtt_check_accept(c);
	}
	mqtt_check_free(c);
}

static void
tells_why_a_broker_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
		is_refused(&refusals[i]);
}

static void
fails_when_a_subscription_is_refused(void **state)
{
	struct mqtt_check *c = mqtt_check_new();
	char text[256];

	(void)state;
	mqtt_check_open(c);
	mqtt_check_accept(c);
	mqtt_check_greet(c, false);
	mqtt_check_expect(c, "82 08 0001 0003 612f23 01");
	mqtt_check_send(c, "9003 0001 80");
	mqtt_check_until(c, &c->failed, 1);
	snprintf(text, sizeof(text),
	    "broker %s refused subscription \"a/#\": failure (0x80)", c->uri[0]);
	assert_memory_equal(c->err.msg, text, strlen(text));
	assert_int_equal(c->err.kind, ERR_CONFIG);
	mqtt_check_free(c);
}

static void
takes_a_lower_qos(void **state)
{
	struct mqtt_check *c = mqtt_check_new();

	(void)state;
	mqtt_check_open(c);
	mqtt_check_accept(c);
	mqtt_check_greet(c, false);
	mqtt_check_send(c, "9003 0001 00");
	mqtt_check_until(c, &c->subscribed, 1);
	mqtt_check_free(c);
}

/* ---- messages ---- */

static void
hands_messages_over(void **state)
{
	static const struct {
		uint8_t first;
		uint16_t id;
		const char *topic, *payload;
		uint8_t qos;
		bool retain, dup;
	} rows[] = {
		{ 0x30, 0, "a/0", "zero", 0, false, false },
		{ 0x31, 0, "a", "", 0, true, false },
		{ 0x32, 7, "a/1", "one", 1, false, false },
		{ 0x3a, 8, "a/1", "again", 1, false, true },
		{ 0x33, 65535, "\xc3\xa4", "kept", 1, true, false },
		{ 0x34, 9, "a/2", "two", 2, false, false },
	};
	struct mqtt_check *c = up_with_qos(2);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		mqtt_check_publish(
		    c, rows[i].first, rows[i].id, rows[i].topic, rows[i].payload);
	mqtt_check_until_messages(c, ARRAY_LEN(rows));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct mqtt_check_message *m = &c->messages[i];
		assert_string_equal(m->topic, rows[i].topic);
		assert_string_equal(m->payload, rows[i].payload);
		assert_int_equal(m->id, rows[i].id);
		assert_int_equal(m->qos, rows[i].qos);
		assert_int_equal(m->retain, rows[i].retain);
		assert_int_equal(m->dup, rows[i].dup);
	}
	assert_int_equal(source_window(c->source), ARRAY_LEN(rows));
	assert_int_equal(source_stats(c->source).received, ARRAY_LEN(rows));
	assert_int_equal(source_stats(c->source).received_bytes, 19);
	assert_int_equal(source_stats(c->source).redelivered, 1);
	mqtt_check_free(c);
}

static void
reads_packets_split_at_each_byte(void **state)
{
	struct mqtt_check *c = up();
	struct buf hex = { 0 };

	(void)state;
	c->release_at_once = true;
	mqtt_check_put_publish(&hex, 0x32, 1, "a/b", "payload");
	buf_add_c(&hex, "d000");
	mqtt_check_put_publish(&hex, 0x30, 0, "a/c", "");
	buf_cstr(&hex);
	for (size_t cut = 2; cut < hex.n; cut += 2) {
		char *first = mem_strndup(hex.p, cut);
		mqtt_check_send(c, first);
		mqtt_check_turns(c, 3);
		mqtt_check_send(c, hex.p + cut);
		mqtt_check_until_messages(c, cut);
		free(first);
		mqtt_check_expect(c, "40020001");
	}
	assert_int_equal(c->n_messages, hex.n - 2);
	assert_int_equal(c->disconnected, 0);
	buf_fini(&hex);
	mqtt_check_free(c);
}

static void
reads_packets_byte_by_byte(void **state)
{
	struct mqtt_check *c = up();
	struct buf hex = { 0 };

	(void)state;
	mqtt_check_put_publish(&hex, 0x32, 1, "a/b", "payload");
	buf_cstr(&hex);
	for (size_t i = 0; i < hex.n; i += 2) {
		assert_int_equal(c->n_messages, 0);
		mqtt_check_send(c, (char[]) { hex.p[i], hex.p[i + 1], '\0' });
		mqtt_check_turns(c, 2);
	}
	mqtt_check_until_messages(c, 1);
	assert_string_equal(c->messages[0].payload, "payload");
	buf_fini(&hex);
	mqtt_check_free(c);
}

/* A PUBLISH with QoS 1 to "a" of so many bytes of payload; returns its hex digits. */
static void
put_large(struct buf *hex, uint16_t id, size_t payload)
{
	size_t n = 5 + payload;

	buf_printf(hex, "32");
	do {
		buf_printf(hex, "%02x", (unsigned)((n & 127) | (n > 127 ? 128 : 0)));
		n >>= 7;
	} while (n > 0);
	buf_printf(hex, "0001 61 %04x", id);
	for (size_t i = 0; i < payload; i++)
		buf_add_c(hex, "78");
	buf_cstr(hex);
}

static void
reads_a_packet_larger_than_a_block(void **state)
{
	static const size_t sizes[] = { 262136, 262137, 262144, 262145, 1000000 };
	struct mqtt_check *c = mqtt_check_new();

	(void)state;
	c->opt.window_bytes = 1 << 30;
	mqtt_check_open(c);
	mqtt_check_up(c, false);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct buf hex = { 0 };
		mqtt_check_put_publish(&hex, 0x30, 0, "a", "before");
		put_large(&hex, (uint16_t)(i + 1), sizes[i]);
		mqtt_check_put_publish(&hex, 0x30, 0, "a", "after");
		mqtt_check_send(c, buf_cstr(&hex));
		mqtt_check_until_messages(c, 3 * i + 3);
		assert_string_equal(c->messages[3 * i].payload, "before");
		assert_int_equal(c->messages[3 * i + 1].payload_n, sizes[i]);
		assert_int_equal(c->messages[3 * i + 1].id, i + 1);
		assert_string_equal(c->messages[3 * i + 2].payload, "after");
		buf_fini(&hex);
	}
	mqtt_check_free(c);
}

static void
throws_the_payload_of_a_too_large_message_away(void **state)
{
	/* Payloads: fits exactly; one more; much more than a block. */
	static const size_t sizes[] = { 93, 94, 600000 };
	struct mqtt_check *c = mqtt_check_new();

	(void)state;
	c->opt.max_packet_bytes = 100;
	mqtt_check_open(c);
	mqtt_check_up(c, false);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct buf hex = { 0 };
		mqtt_check_put_publish(&hex, 0x30, 0, "a", "before");
		put_large(&hex, (uint16_t)(i + 1), sizes[i]);
		mqtt_check_put_publish(&hex, 0x30, 0, "a", "after");
		mqtt_check_send(c, buf_cstr(&hex));
		mqtt_check_until_messages(c, 3 * i + 3);
		const struct mqtt_check_message *m = &c->messages[3 * i + 1];
		assert_string_equal(m->topic, "a");
		assert_int_equal(m->id, i + 1);
		assert_int_equal(m->payload_n, i == 0 ? sizes[i] : 0);
		assert_int_equal(c->too_large_bytes, i == 0 ? 0 : sizes[i]);
		assert_string_equal(c->messages[3 * i + 2].payload, "after");
		buf_fini(&hex);
	}
	assert_int_equal(source_stats(c->source).too_large, 2);
	for (size_t i = 0; i < 9; i++)
		source_release(c->source, slot(c, i));
	mqtt_check_expect(c, "40020001 40020002 40020003");
	mqtt_check_free(c);
}

/* ---- acknowledgements ---- */

static void
acknowledges_in_order_of_arrival(void **state)
{
	struct mqtt_check *c = up_with_qos(2);

	(void)state;
	mqtt_check_publish(c, 0x32, 10, "a/1", "1");
	mqtt_check_publish(c, 0x30, 0, "a/0", "0");
	mqtt_check_publish(c, 0x34, 11, "a/2", "2");
	mqtt_check_publish(c, 0x32, 12, "a/1", "3");
	mqtt_check_until_messages(c, 4);
	source_release(c->source, slot(c, 3));
	source_release(c->source, slot(c, 2));
	mqtt_check_expect_nothing(c);
	source_release(c->source, slot(c, 0));
	mqtt_check_expect(c, "4002000a");
	mqtt_check_expect_nothing(c);
	source_release(c->source, slot(c, 1));
	mqtt_check_expect(c, "5002000b 4002000c");
	mqtt_check_expect_nothing(c);
	assert_int_equal(source_window(c->source), 0);
	assert_int_equal(source_stats(c->source).acknowledged, 4);
	mqtt_check_free(c);
}

static void
waits_for_the_last_hold(void **state)
{
	struct mqtt_check *c = up();

	(void)state;
	mqtt_check_publish(c, 0x32, 1, "a", "");
	mqtt_check_until_messages(c, 1);
	source_hold(c->source, slot(c, 0));
	source_hold(c->source, slot(c, 0));
	source_release(c->source, slot(c, 0));
	source_release(c->source, slot(c, 0));
	mqtt_check_expect_nothing(c);
	assert_int_equal(source_window(c->source), 1);
	source_release(c->source, slot(c, 0));
	mqtt_check_expect(c, "40020001");
	mqtt_check_free(c);
}

static void
pauses_when_the_window_is_full_until_three_quarters(void **state)
{
	struct mqtt_check *c = mqtt_check_new();

	(void)state;
	c->opt.window_messages = 8;
	mqtt_check_open(c);
	mqtt_check_up(c, false);
	for (uint16_t i = 1; i <= 20; i++)
		mqtt_check_publish(c, 0x32, i, "a", "x");
	mqtt_check_until_messages(c, 8);
	mqtt_check_turns(c, 20);
	assert_int_equal(c->n_messages, 8);
	assert_true(source_stats(c->source).paused);
	source_release(c->source, slot(c, 0));
	mqtt_check_expect(c, "40020001");
	mqtt_check_turns(c, 20);
	assert_int_equal(c->n_messages, 8); /* seven are more than three quarters */
	source_release(c->source, slot(c, 1));
	mqtt_check_expect(c, "40020002");
	mqtt_check_until_messages(c, 10);
	mqtt_check_turns(c, 20);
	assert_int_equal(c->n_messages, 10);
	for (size_t i = 2; i < 20; i++) {
		mqtt_check_until_messages(c, i + 1);
		source_release(c->source, slot(c, i));
	}
	mqtt_check_until_messages(c, 20);
	assert_false(source_stats(c->source).paused);
	mqtt_check_free(c);
}

static void
pauses_when_the_window_holds_too_many_bytes(void **state)
{
	struct mqtt_check *c = mqtt_check_new();

	(void)state;
	c->opt.window_bytes = 40;
	mqtt_check_open(c);
	mqtt_check_up(c, false);
	for (uint16_t i = 1; i <= 6; i++)
		mqtt_check_publish(c, 0x32, i, "a", "012345678"); /* 10 bytes each */
	mqtt_check_until_messages(c, 4);
	mqtt_check_turns(c, 20);
	assert_int_equal(c->n_messages, 4);
	assert_int_equal(source_stats(c->source).window_bytes, 40);
	source_release(
	    c->source, slot(c, 2)); /* its acknowledgement waits, its bytes do not */
	mqtt_check_until_messages(c, 5);
	mqtt_check_free(c);
}

static void
pauses_when_its_owner_asks(void **state)
{
	struct mqtt_check *c = up();

	(void)state;
	mqtt_check_publish(c, 0x32, 1, "a", "");
	mqtt_check_until_messages(c, 1);
	source_pause(c->source, true);
	mqtt_check_publish(c, 0x32, 2, "a", "");
	mqtt_check_turns(c, 20);
	assert_int_equal(c->n_messages, 1);
	source_release(c->source, slot(c, 0));
	mqtt_check_expect(c, "40020001"); /* acknowledgements still go out */
	source_pause(c->source, false);
	mqtt_check_until_messages(c, 2);
	mqtt_check_free(c);
}

/* ---- after a reconnect ---- */

/* Ids 1 (released), 2 and 3 (held) arrive; the connection ends before any of them is
 * acknowledged; then the broker comes back. */
static struct mqtt_check *
come_back(bool session_present, uint8_t first)
{
	struct mqtt_check *c = up_with_qos(2);

	mqtt_check_publish(c, first, 1, "a/1", "one");
	mqtt_check_publish(c, first, 2, "a/2", "two");
	mqtt_check_publish(c, first, 3, "a/3", "three");
	mqtt_check_until_messages(c, 3);
	mqtt_check_hang_up(c);
	source_release(c->source, slot(c, 0));
	mqtt_check_turns(c, 2);
	mqtt_check_up(c, session_present);
	assert_int_equal(c->session_present, session_present);
	return c;
}

static void
recognises_what_comes_again(void **state)
{
	struct mqtt_check *c = come_back(true, 0x32);

	(void)state;
	mqtt_check_publish(c, 0x3a, 1, "a/1", "one");
	mqtt_check_publish(c, 0x3a, 2, "a/2", "two");
	mqtt_check_publish(c, 0x3a, 3, "a/3", "three");
	mqtt_check_publish(c, 0x32, 4, "a/4", "four");
	mqtt_check_until_messages(c, 4);
	assert_string_equal(c->messages[3].payload, "four");
	mqtt_check_expect_nothing(c); /* 1 comes after 2 and 3 now */
	source_release(c->source, slot(c, 2));
	source_release(c->source, slot(c, 3));
	mqtt_check_expect_nothing(c);
	source_release(c->source, slot(c, 1));
	mqtt_check_expect(c, "40020001 40020002 40020003 40020004");
	assert_int_equal(source_stats(c->source).redelivered, 3);
	assert_int_equal(source_stats(c->source).recognised, 3);
	mqtt_check_free(c);
}

static const struct stranger {
	const char *what;
	bool session_present;
	uint8_t first;
	uint16_t id;
	const char *topic, *payload;
} strangers[] = {
	{ "not DUP", true, 0x32, 2, "a/2", "two" },
	{ "other payload", true, 0x3a, 2, "a/2", "TWO" },
	{ "other topic", true, 0x3a, 2, "a/X", "two" },
	{ "border of topic and payload", true, 0x3a, 2, "a/2t", "wo" },
	{ "other id", true, 0x3a, 4, "a/2", "two" },
	{ "other QoS", true, 0x3c, 2, "a/2", "two" },
	{ "no session", false, 0x3a, 2, "a/2", "two" },
};

static void
hands_over_what_only_looks_alike(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(strangers); i++) {
		const struct stranger *r = &strangers[i];
		struct mqtt_check *c = come_back(r->session_present, 0x32);
		char ack[16];
		mqtt_check_publish(c, r->first, r->id, r->topic, r->payload);
		mqtt_check_until_messages(c, 4);
		if (source_stats(c->source).recognised != 0)
			fail_msg("recognised: %s", r->what);
		/* The old ones keep their slots and have no acknowledgement any more. */
		for (size_t k = 1; k < 4; k++)
			source_release(c->source, slot(c, k));
		snprintf(ack, sizeof(ack), "%02x02%04x", r->first == 0x3c ? 0x50 : 0x40,
		    r->id);
		mqtt_check_expect(c, ack);
		mqtt_check_expect_nothing(c);
		mqtt_check_free(c);
	}
}

/* Its acknowledgement may have been read, and its id be in use again. */
static void
does_not_recognise_what_it_has_acknowledged(void **state)
{
	struct mqtt_check *c = up();

	(void)state;
	c->release_at_once = true;
	mqtt_check_publish(c, 0x32, 1, "a/1", "one");
	mqtt_check_expect(c, "40020001");
	mqtt_check_hang_up(c);
	mqtt_check_up(c, true);
	mqtt_check_publish(c, 0x3a, 1, "a/1", "one");
	mqtt_check_until_messages(c, 2);
	mqtt_check_expect(c, "40020001");
	mqtt_check_free(c);
}

static void
ignores_what_an_impatient_broker_sends_again(void **state)
{
	struct mqtt_check *c = up();

	(void)state;
	mqtt_check_publish(c, 0x32, 1, "a/1", "one");
	mqtt_check_publish(c, 0x3a, 1, "a/1", "one");
	mqtt_check_publish(c, 0x32, 2, "a/1", "two");
	mqtt_check_until_messages(c, 2);
	assert_string_equal(c->messages[1].payload, "two");
	source_release(c->source, slot(c, 0));
	mqtt_check_expect(c, "40020001");
	mqtt_check_expect_nothing(c);
	mqtt_check_free(c);
}

static void
drops_acknowledgements_of_an_old_connection(void **state)
{
	struct mqtt_check *c = come_back(true, 0x32);

	(void)state;
	source_release(c->source, slot(c, 1));
	source_release(c->source, slot(c, 2));
	mqtt_check_expect_nothing(c);
	/* They are known, though, when they come. */
	mqtt_check_publish(c, 0x3a, 2, "a/2", "two");
	mqtt_check_expect(c, "40020002");
	assert_int_equal(c->n_messages, 3);
	mqtt_check_free(c);
}

/* ---- QoS 2 ---- */

static void
takes_a_message_exactly_once(void **state)
{
	struct mqtt_check *c = up_with_qos(2);

	(void)state;
	mqtt_check_publish(c, 0x34, 5, "a/1", "one");
	mqtt_check_until_messages(c, 1);
	mqtt_check_expect_nothing(c);
	source_release(c->source, slot(c, 0));
	mqtt_check_expect(c, "50020005");
	/* PUBREC was lost, says the broker. */
	mqtt_check_publish(c, 0x3c, 5, "a/1", "one");
	mqtt_check_expect(c, "50020005");
	mqtt_check_hang_up(c);
	mqtt_check_up(c, true);
	mqtt_check_publish(c, 0x3c, 5, "a/1", "one");
	mqtt_check_expect(c, "50020005");
	mqtt_check_send(c, "62020005");
	mqtt_check_expect(c, "70020005");
	assert_int_equal(c->n_messages, 1);
	/* The id is free now: with DUP or not, this is another message. */
	mqtt_check_publish(c, 0x3c, 5, "a/1", "one");
	mqtt_check_until_messages(c, 2);
	mqtt_check_free(c);
}

static void
answers_pubrel_of_an_unknown_id(void **state)
{
	struct mqtt_check *c = up_with_qos(2);

	(void)state;
	mqtt_check_send(c, "62020009 62020009");
	mqtt_check_expect(c, "70020009 70020009");
	mqtt_check_free(c);
}

static void
lets_a_new_message_take_an_id_over(void **state)
{
	struct mqtt_check *c = up_with_qos(2);

	(void)state;
	c->release_at_once = true;
	mqtt_check_publish(c, 0x34, 5, "a/1", "one");
	mqtt_check_expect(c, "50020005");
	mqtt_check_hang_up(c);
	/* The broker was killed and rolled back: it has forgotten the id. */
	mqtt_check_up(c, true);
	mqtt_check_publish(c, 0x34, 5, "a/1", "one");
	mqtt_check_expect(c, "50020005");
	assert_int_equal(c->n_messages, 2);
	mqtt_check_publish(c, 0x34, 5, "a/1", "other");
	mqtt_check_expect(c, "50020005");
	assert_int_equal(c->n_messages, 3);
	mqtt_check_free(c);
}

static void
forgets_ids_with_the_session(void **state)
{
	struct mqtt_check *c = up_with_qos(2);

	(void)state;
	c->release_at_once = true;
	mqtt_check_publish(c, 0x34, 5, "a/1", "one");
	mqtt_check_expect(c, "50020005");
	mqtt_check_hang_up(c);
	mqtt_check_up(c, false);
	mqtt_check_publish(c, 0x3c, 5, "a/1", "one");
	mqtt_check_expect(c, "50020005");
	assert_int_equal(c->n_messages, 2);
	mqtt_check_free(c);
}

static void
recognises_qos_2_that_waits_for_its_owner(void **state)
{
	struct mqtt_check *c = come_back(true, 0x34);

	(void)state;
	mqtt_check_publish(c, 0x3c, 1, "a/1", "one");
	mqtt_check_publish(c, 0x3c, 2, "a/2", "two");
	source_release(c->source, slot(c, 1));
	source_release(c->source, slot(c, 2));
	mqtt_check_expect(c, "50020001 50020002");
	mqtt_check_send(c, "62020001 62020002");
	mqtt_check_expect(c, "70020001 70020002");
	assert_int_equal(c->n_messages, 3);
	mqtt_check_free(c);
}

/* ---- several hosts ---- */

static void
tries_hosts_in_turn(void **state)
{
	struct mqtt_check *c = mqtt_check_new();
	const char *hosts[] = { c->uri[0], "tcp://127.0.0.1:1", c->uri[1] };

	(void)state;
	c->opt.hosts = hosts;
	c->opt.n_hosts = ARRAY_LEN(hosts);
	mqtt_check_open(c);
	mqtt_check_up(c, false);
	assert_int_equal(c->host, 0);
	mqtt_check_hang_up(c);
	mqtt_check_up(c, false);
	assert_int_equal(c->host, 1);
	assert_string_equal(source_broker(c->source), c->uri[1] + strlen("tcp://"));
	assert_int_equal(c->disconnected, 2);
	assert_string_equal(
	    c->why, "cannot connect to tcp://127.0.0.1:1: Connection refused");
	mqtt_check_hang_up(c);
	mqtt_check_up(c, false);
	assert_int_equal(c->host, 0);
	mqtt_check_free(c);
}

static void
does_not_mix_up_the_ids_of_two_hosts(void **state)
{
	struct mqtt_check *c = mqtt_check_new();
	const char *hosts[] = { c->uri[0], c->uri[1] };

	(void)state;
	c->opt.hosts = hosts;
	c->opt.n_hosts = ARRAY_LEN(hosts);
	c->opt.qos = 2;
	c->release_at_once = true;
	mqtt_check_open(c);
	mqtt_check_up(c, false);
	mqtt_check_publish(c, 0x34, 5, "a/1", "one");
	mqtt_check_expect(c, "50020005");
	mqtt_check_hang_up(c);
	mqtt_check_up(c, true);
	mqtt_check_publish(c, 0x3c, 5, "a/1", "one");
	mqtt_check_expect(c, "50020005");
	assert_int_equal(c->n_messages, 2); /* not the session of the first */
	mqtt_check_hang_up(c);
	mqtt_check_up(c, true);
	mqtt_check_publish(c, 0x3c, 5, "a/1", "one");
	mqtt_check_expect(c, "50020005");
	assert_int_equal(c->n_messages, 2); /* which still knows it */
	mqtt_check_free(c);
}

static void
looks_names_up(void **state)
{
	struct mqtt_check *c = mqtt_check_new();
	char uri[64];
	const char *host = uri;

	(void)state;
	snprintf(uri, sizeof(uri), "tcp://localhost:%s", strrchr(c->uri[0], ':') + 1);
	c->opt.hosts = &host;
	c->opt.n_hosts = 1;
	mqtt_check_open(c);
	mqtt_check_accept(c);
	mqtt_check_expect(c, "10");
	mqtt_check_free(c);
}

static void
tells_that_a_name_is_unknown(void **state)
{
	struct mqtt_check *c = mqtt_check_new();
	const char *host = "tcp://no-such-host.invalid:1883";

	(void)state;
	c->opt.hosts = &host;
	c->opt.n_hosts = 1;
	mqtt_check_open(c);
	mqtt_check_until(c, &c->disconnected, 1);
	assert_non_null(strstr(c->why, "cannot look up no-such-host.invalid: "));
	mqtt_check_free(c);
}

static void
suspects_another_client_after_three_short_connections(void **state)
{
	struct mqtt_check *c = mqtt_check_new();

	(void)state;
	mqtt_check_open(c);
	for (int i = 0; i < 3; i++) {
		assert_null(strstr(c->why, "another client"));
		mqtt_check_up(c, true);
		mqtt_check_hang_up(c);
	}
	assert_non_null(strstr(c->why, "; another client uses client id \"me\""));
	mqtt_check_free(c);
}

/* ---- what brokers must not send ---- */

static const struct bad_row {
	const char *hex, *fault;
} bad_rows[] = {
	{ "00 00", "protocol error: a broker must not send packet of type 0" },
	{ "10 00", "protocol error: a broker must not send CONNECT" },
	{ "20 02 00 00", "protocol error: a second CONNACK" },
	{ "21 02 00 00", "malformed CONNACK: flags 0x1 instead of 0x0" },
	{ "36 05 0001 61 0001", "malformed PUBLISH: QoS 3" },
	{ "30 02 0001", "malformed PUBLISH: too short for its topic" },
	{ "32 04 0001 61 00", "malformed PUBLISH: too short for its topic" },
	{ "30 03 0002 61", "malformed PUBLISH: topic is longer than the packet" },
	{ "32 05 0002 6161 00", "malformed PUBLISH: topic is longer than the packet" },
	{ "30 03 0000 61", "malformed PUBLISH: topic is empty" },
	{ "32 05 0001 61 0000", "malformed PUBLISH: packet identifier 0" },
	{ "30 04 0002 612b", "malformed PUBLISH: topic holds a wildcard" },
	{ "30 0c 000a 612f622f632f642f2324",
	    "malformed PUBLISH: topic holds a wildcard" },
	{ "30 04 0002 6100", "malformed PUBLISH: topic holds U+0000" },
	{ "30 04 0002 61c3", "malformed PUBLISH: topic is not UTF-8" },
	{ "30 05 0003 eda080", "malformed PUBLISH: topic is not UTF-8" },
	{ "30 ff ff ff ff 7f", "malformed PUBLISH: length in more than four bytes" },
	{ "40 02 0001", "protocol error: a broker must not send PUBACK" },
	{ "60 02 0001", "malformed PUBREL: flags 0x0 instead of 0x2" },
	{ "62 03 0001 00", "malformed PUBREL: 3 bytes long" },
	{ "62 02 0000", "malformed PUBREL: packet identifier 0" },
	{ "82 00", "protocol error: a broker must not send SUBSCRIBE" },
	{ "90 02 0001", "malformed SUBACK: 2 bytes long" },
	{ "90 03 0001 03", "malformed SUBACK: unknown return code" },
	{ "90 03 0001 01",
	    "protocol error from U: SUBACK 1 answers nothing that was asked" },
	{ "90 03 0002 01",
	    "protocol error from U: SUBACK 2 answers nothing that was asked" },
	{ "90 81 80 04", "malformed SUBACK: 65537 bytes long" },
	{ "b0 02 0001",
	    "protocol error from U: UNSUBACK 1 answers nothing that was asked" },
	{ "c0 00", "protocol error: a broker must not send PINGREQ" },
	{ "d0 01 00", "malformed PINGRESP: 1 bytes long" },
	{ "e0 00", "protocol error: a broker must not send DISCONNECT with MQTT 3.1.1" },
	{ "f0 00", "protocol error: a broker must not send AUTH with MQTT 3.1.1" },
};

/* "U" stands for the host. */
static void
assert_told(const struct mqtt_check *c, const struct bad_row *r)
{
	const char *u = strstr(r->fault, " U: ");
	char text[256];

	if (u != NULL)
		snprintf(text, sizeof(text), "%.*s %s%s", (int)(u - r->fault), r->fault,
		    c->uri[0], u + 2);
	else
		snprintf(text, sizeof(text), "%s: %s", c->uri[0], r->fault);
	if (strcmp(c->why, text) != 0)
		fail_msg("%s: \"%s\" instead of \"%s\"", r->hex, c->why, text);
}

static void
closes_when_the_broker_talks_nonsense(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad_rows); i++) {
		struct mqtt_check *c = up();
		mqtt_check_publish(c, 0x32, 1, "a", "good");
		mqtt_check_send(c, bad_rows[i].hex);
		mqtt_check_until(c, &c->disconnected, 1);
		assert_told(c, &bad_rows[i]);
		assert_int_equal(c->n_messages, 1); /* what came before is good */
		mqtt_check_expect_eof(c);
		c->fd = -1;
		mqtt_check_accept(c);
		mqtt_check_free(c);
	}
}

static const struct bad_row bad_greetings[] = {
	{ "30 03 0001 61", "protocol error: PUBLISH before CONNACK" },
	{ "90 03 0001 01", "protocol error: SUBACK before CONNACK" },
	{ "20 02 02 00", "malformed CONNACK: reserved flags are set" },
	{ "20 02 01 05", "protocol error: CONNACK refuses with a session present" },
	{ "20 03 00 00 00", "malformed CONNACK: 3 bytes long" },
	{ "48 54 54 50", "protocol error: a broker must not send PUBACK" },
};

static void
closes_when_the_greeting_is_nonsense(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad_greetings); i++) {
		struct mqtt_check *c = mqtt_check_new();
		mqtt_check_open(c);
		mqtt_check_accept(c);
		mqtt_check_send(c, bad_greetings[i].hex);
		mqtt_check_until(c, &c->disconnected, 1);
		assert_told(c, &bad_greetings[i]);
		mqtt_check_free(c);
	}
}

static void
gives_up_when_a_bad_packet_comes_again_and_again(void **state)
{
	struct mqtt_check *c = mqtt_check_new();

	(void)state;
	mqtt_check_open(c);
	for (int i = 0; i < 6; i++) {
		/* A refused attempt in between: nobody else is at work. */
		assert_int_equal(c->failed, 0);
		mqtt_check_up(c, true);
		mqtt_check_send(c, "36 05 0001 61 0001");
		mqtt_check_turns(c, 1);
		if (i < 5)
			mqtt_check_until(c, &c->disconnected, (unsigned)i + 1);
		c->fd = -1;
	}
	mqtt_check_until(c, &c->failed, 1);
	assert_int_equal(c->err.kind, ERR_FATAL);
	assert_non_null(
	    strstr(c->err.msg, "malformed PUBLISH: QoS 3; the same after 5 reconnects"));
	mqtt_check_free(c);
}

/* ---- keep-alive ---- */

static void
pings_when_there_is_nothing_to_send(void **state)
{
	struct mqtt_check *c = mqtt_check_new();

	(void)state;
	c->opt.keep_alive_s = 1;
	mqtt_check_open(c);
	mqtt_check_up(c, false);
	for (int i = 0; i < 2; i++) {
		mqtt_check_expect(c, "c000");
		mqtt_check_send(c, "d000");
	}
	assert_int_equal(c->disconnected, 0);
	mqtt_check_free(c);
}

static void
gives_a_silent_broker_up(void **state)
{
	struct mqtt_check *c = mqtt_check_new();

	(void)state;
	c->opt.keep_alive_s = 1;
	mqtt_check_open(c);
	mqtt_check_up(c, false);
	mqtt_check_expect(c, "c000");
	mqtt_check_until(c, &c->disconnected, 1);
	assert_non_null(strstr(c->why, "no answer to PINGREQ for 0 s"));
	mqtt_check_free(c);
}

static void
pings_while_paused_and_waits_for_no_answer(void **state)
{
	struct mqtt_check *c = mqtt_check_new();

	(void)state;
	c->opt.keep_alive_s = 1;
	mqtt_check_open(c);
	mqtt_check_up(c, false);
	source_pause(c->source, true);
	mqtt_check_publish(c, 0x32, 1, "a", "behind which PINGRESP would lie");
	for (int i = 0; i < 4; i++)
		mqtt_check_expect(c, "c000");
	assert_int_equal(c->disconnected, 0);
	source_pause(c->source, false);
	mqtt_check_until_messages(c, 1);
	mqtt_check_expect(c, "c000"); /* and now an answer is due */
	mqtt_check_until(c, &c->disconnected, 1);
	mqtt_check_free(c);
}

static void
reads_what_came_before_the_end_of_a_pause(void **state)
{
	struct mqtt_check *c = up();

	(void)state;
	source_pause(c->source, true);
	mqtt_check_publish(c, 0x32, 1, "a", "last words");
	close(c->fd);
	c->fd = -1;
	mqtt_check_turns(c, 20);
	assert_int_equal(c->disconnected, 0);
	source_pause(c->source, false);
	mqtt_check_until(c, &c->disconnected, 1);
	assert_int_equal(c->n_messages, 1);
	assert_string_equal(c->messages[0].payload, "last words");
	mqtt_check_free(c);
}

/* Mosquitto may have dropped something meanwhile. */
static void
reconnects_after_a_long_pause(void **state)
{
	struct mqtt_check *c = up();

	(void)state;
	c->release_at_once = true;
	source_pause(c->source, true);
	mqtt_check_publish(c, 0x32, 1, "a", "1");
	mqtt_check_for_us(c, 1020 * 1000);
	source_pause(c->source, false);
	mqtt_check_expect(c, "40020001");
	mqtt_check_expect(c, "e000");
	mqtt_check_hang_up(c);
	assert_string_equal(c->why, "reconnecting after a pause");
	/* It brings something, so it is done once more ... */
	mqtt_check_up(c, true);
	mqtt_check_publish(c, 0x3a, 2, "a", "2");
	mqtt_check_expect(c, "40020002");
	mqtt_check_expect(c, "e000");
	mqtt_check_hang_up(c);
	/* ... and then no more. */
	mqtt_check_up(c, true);
	mqtt_check_publish(c, 0x32, 3, "a", "3");
	mqtt_check_expect(c, "40020003");
	mqtt_check_for_us(c, 1020 * 1000);
	mqtt_check_expect_nothing(c);
	assert_int_equal(c->n_messages, 3);
	mqtt_check_free(c);
}

/* ---- lingering ---- */

static void
wakes_once_per_linger_and_not_once_per_message(void **state)
{
	struct mqtt_check *c = mqtt_check_new();

	(void)state;
	c->opt.linger_ms = 100;
	c->opt.qos = 0; /* no window of the broker */
	c->release_at_once = true;
	mqtt_check_open(c);
	mqtt_check_up(c, false);
	uint64_t before = source_stats(c->source).reads;
	for (int i = 0; i < 200; i++) {
		mqtt_check_publish(c, 0x30, 0, "a", "x");
		mqtt_check_turns(c, 1);
	}
	mqtt_check_until_messages(c, 200);
	/* Two at once, before it is dense; then one or few more. */
	assert_in_range(source_stats(c->source).reads - before, 1, 40);
	mqtt_check_free(c);
}

static void
reads_at_once_when_the_broker_has_sent_all_it_may(void **state)
{
	struct mqtt_check *c = mqtt_check_new();
	struct buf hex = { 0 };

	(void)state;
	c->opt.linger_ms = 60000; /* longer than the test's patience */
	mqtt_check_open(c);
	mqtt_check_up(c, false);
	for (uint16_t i = 1; i <= 4; i++) {
		mqtt_check_publish(c, 0x32, i, "a", "x");
		mqtt_check_turns(c, 5);
	}
	assert_in_range(c->n_messages, 1, 3); /* it rests */
	for (uint16_t i = 5; i <= 24; i++)
		mqtt_check_put_publish(&hex, 0x32, i, "a", "x");
	mqtt_check_send(c, buf_cstr(&hex));
	mqtt_check_until_messages(c, 20);
	buf_fini(&hex);
	mqtt_check_free(c);
}

static void
notices_a_hang_up_while_it_rests(void **state)
{
	struct mqtt_check *c = mqtt_check_new();

	(void)state;
	c->opt.linger_ms = 60000;
	mqtt_check_open(c);
	mqtt_check_up(c, false);
	for (uint16_t i = 1; i <= 4; i++) {
		mqtt_check_publish(c, 0x32, i, "a", "x");
		mqtt_check_turns(c, 5);
	}
	mqtt_check_hang_up(c);
	assert_int_equal(c->n_messages, 4);
	mqtt_check_free(c);
}

/* ---- the end ---- */

static void
says_goodbye_after_the_last_acknowledgement(void **state)
{
	struct mqtt_check *c = up();

	(void)state;
	mqtt_check_publish(c, 0x32, 1, "a", "1");
	mqtt_check_publish(c, 0x32, 2, "a", "2");
	mqtt_check_until_messages(c, 2);
	source_stop_reading(c->source);
	mqtt_check_publish(c, 0x32, 3, "a", "3");
	mqtt_check_turns(c, 20);
	assert_int_equal(c->n_messages, 2);
	source_release(c->source, slot(c, 0));
	source_stop(c->source);
	source_release(c->source, slot(c, 1)); /* too late */
	mqtt_check_expect(c, "40020001 e000");
	mqtt_check_expect_eof(c); /* of its sending half */
	assert_int_equal(c->closed, 0);
	close(c->fd);
	c->fd = -1;
	mqtt_check_until(c, &c->closed, 1);
	assert_int_equal(c->disconnected, 0);
	mqtt_check_free(c);
}

static void
closes_by_itself_when_the_broker_does_not(void **state)
{
	struct mqtt_check *c = up();

	(void)state;
	source_stop(c->source);
	mqtt_check_until(c, &c->closed, 1);
	mqtt_check_free(c);
}

static void
stops_in_any_phase(void **state)
{
	(void)state;
	for (int phase = 0; phase < 4; phase++) {
		struct mqtt_check *c = mqtt_check_new();
		const char *nowhere = "tcp://127.0.0.1:1";
		if (phase == 3) {
			c->opt.hosts = &nowhere;
			c->opt.n_hosts = 1;
			c->opt.back_off_ms = c->opt.back_off_max_ms = 60000;
		}
		mqtt_check_open(c);
		if (phase == 1)
			mqtt_check_turns(c, 1);
		if (phase == 2)
			mqtt_check_accept(c);
		if (phase == 3)
			mqtt_check_until(c, &c->disconnected, 1);
		source_stop(c->source);
		assert_int_equal(c->closed, 0); /* not from inside the call */
		mqtt_check_until(c, &c->closed, 1);
		source_stop(c->source);
		mqtt_check_turns(c, 5);
		assert_int_equal(c->closed, 1);
		mqtt_check_free(c);
	}
}

static void
refuses_options_it_cannot_take(void **state)
{
	static const struct {
		const char *host, *filter, *password;
		size_t window;
		const char *text;
	} rows[] = {
		{ "ssl://h:8883", "a", NULL, 1,
		    "MQTT host \"ssl://h:8883\": TLS is not built in yet; use tcp:// or "
		    "unix://" },
		{ "h:1883", "a", NULL, 1,
		    "MQTT host \"h:1883\": write tcp://host:port or unix:///path" },
		{ "tcp://h:x", "a", NULL, 1,
		    "MQTT host \"tcp://h:x\": the port is a number from 1 to 65535" },
		{ "tcp://h", "a", NULL, 0,
		    "the window in messages is 0; possible is 1 to 16777216" },
		{ "tcp://h", "a", "pw", 1,
		    "MQTT 3.1.1 takes no password without a user name" },
		{ "tcp://h", "a#", NULL, 1, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct mqtt_check *c = mqtt_check_new();
		struct source_events ev = { 0 };
		struct err err = { 0 };
		c->opt.hosts = &rows[i].host;
		c->opt.n_hosts = 1;
		c->opt.filters = &rows[i].filter;
		c->opt.password = rows[i].password;
		c->opt.window_messages = rows[i].window;
		assert_null(source_open(c->loop, NULL, &c->opt, &ev, &err));
		assert_int_equal(err.kind, ERR_CONFIG);
		if (rows[i].text != NULL)
			assert_string_equal(err.msg, rows[i].text);
		mqtt_check_free(c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connects_and_subscribes),
		cmocka_unit_test(logs_in_with_a_clean_session),
		cmocka_unit_test(subscribes_few_filters_at_a_time_and_no_covered_ones),
		cmocka_unit_test(tells_why_a_broker_refuses),
		cmocka_unit_test(fails_when_a_subscription_is_refused),
		cmocka_unit_test(takes_a_lower_qos),
		cmocka_unit_test(hands_messages_over),
		cmocka_unit_test(reads_packets_split_at_each_byte),
		cmocka_unit_test(reads_packets_byte_by_byte),
		cmocka_unit_test(reads_a_packet_larger_than_a_block),
		cmocka_unit_test(throws_the_payload_of_a_too_large_message_away),
		cmocka_unit_test(acknowledges_in_order_of_arrival),
		cmocka_unit_test(waits_for_the_last_hold),
		cmocka_unit_test(pauses_when_the_window_is_full_until_three_quarters),
		cmocka_unit_test(pauses_when_the_window_holds_too_many_bytes),
		cmocka_unit_test(pauses_when_its_owner_asks),
		cmocka_unit_test(recognises_what_comes_again),
		cmocka_unit_test(hands_over_what_only_looks_alike),
		cmocka_unit_test(does_not_recognise_what_it_has_acknowledged),
		cmocka_unit_test(ignores_what_an_impatient_broker_sends_again),
		cmocka_unit_test(drops_acknowledgements_of_an_old_connection),
		cmocka_unit_test(takes_a_message_exactly_once),
		cmocka_unit_test(answers_pubrel_of_an_unknown_id),
		cmocka_unit_test(lets_a_new_message_take_an_id_over),
		cmocka_unit_test(forgets_ids_with_the_session),
		cmocka_unit_test(recognises_qos_2_that_waits_for_its_owner),
		cmocka_unit_test(tries_hosts_in_turn),
		cmocka_unit_test(does_not_mix_up_the_ids_of_two_hosts),
		cmocka_unit_test(looks_names_up),
		cmocka_unit_test(tells_that_a_name_is_unknown),
		cmocka_unit_test(suspects_another_client_after_three_short_connections),
		cmocka_unit_test(closes_when_the_broker_talks_nonsense),
		cmocka_unit_test(closes_when_the_greeting_is_nonsense),
		cmocka_unit_test(gives_up_when_a_bad_packet_comes_again_and_again),
		cmocka_unit_test(pings_when_there_is_nothing_to_send),
		cmocka_unit_test(gives_a_silent_broker_up),
		cmocka_unit_test(pings_while_paused_and_waits_for_no_answer),
		cmocka_unit_test(reads_what_came_before_the_end_of_a_pause),
		cmocka_unit_test(reconnects_after_a_long_pause),
		cmocka_unit_test(wakes_once_per_linger_and_not_once_per_message),
		cmocka_unit_test(reads_at_once_when_the_broker_has_sent_all_it_may),
		cmocka_unit_test(notices_a_hang_up_while_it_rests),
		cmocka_unit_test(says_goodbye_after_the_last_acknowledgement),
		cmocka_unit_test(closes_by_itself_when_the_broker_does_not),
		cmocka_unit_test(stops_in_any_phase),
		cmocka_unit_test(refuses_options_it_cannot_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
