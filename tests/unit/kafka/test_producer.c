/* The producer against librdkafka's mock cluster. */
#include "kafka_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define PRODUCE 0
#define CLOSES_CONNECTION (-195)

static struct producer_topic *
topic_t(struct kafka_check *k)
{
	struct err err;
	struct producer_topic *t = producer_topic(k->producer, "t", NULL, &err);

	if (t == NULL)
		fail_msg("%s", err.msg);
	return t;
}

/* "1 2 3 ... n", without those of `left_out`. */
static void
numbers(uintptr_t n, const char *left_out, struct buf *out)
{
	buf_reset(out);
	for (uintptr_t i = 1; i <= n; i++) {
		char number[24];

		snprintf(number, sizeof(number), " %" PRIuPTR " ", i);
		if (strstr(left_out, number) == NULL)
			buf_printf(out, "%s%" PRIuPTR, out->n > 0 ? " " : "", i);
	}
}

/* Is in topic "t" what was sent, in order, without those of `left_out` (" 3 7 ")? */
static void
check_topic(struct kafka_check *k, uintptr_t n, size_t n_left_out, const char *left_out)
{
	struct buf read = { 0 }, want = { 0 };

	numbers(n, left_out, &want);
	kafka_check_read(k, "t", 0, n - n_left_out, &read);
	assert_string_equal(buf_cstr(&read), buf_cstr(&want));
	buf_fini(&read);
	buf_fini(&want);
}

static void
delivers_in_order_and_reports_each_once(void **state)
{
	struct kafka_check k;

	(void)state;
	kafka_check_start(&k, 1, NULL);
	for (uintptr_t i = 1; i <= 3000; i++)
		kafka_check_send(&k, topic_t(&k), i);
	assert_int_equal(producer_pending(k.producer), 3000);
	kafka_check_wait(&k, &k.delivered, 3000);
	assert_int_equal(producer_pending(k.producer), 0);
	assert_int_equal(k.delivered, 3000);
	check_topic(&k, 3000, 0, "");
	kafka_check_wait(&k, &k.ups, 1);
	assert_true(producer_stats(k.producer).up);
	assert_int_equal(producer_stats(k.producer).recreated, 0);
	kafka_check_stop(&k);
}

static void
keeps_one_handle_a_topic_with_the_owners_data(void **state)
{
	struct kafka_check k;
	struct err err;
	int data;

	(void)state;
	kafka_check_start(&k, 1, NULL);
	struct producer_topic *t = topic_t(&k);
	assert_string_equal(producer_topic_name(t), "t");
	assert_null(producer_topic_data(t));
	producer_topic_set_data(t, &data);
	assert_ptr_equal(topic_t(&k), t);
	assert_ptr_equal(producer_topic_data(topic_t(&k)), &data);
	assert_ptr_not_equal(producer_topic(k.producer, "u", "none", &err), t);
	assert_null(producer_topic(k.producer, "v", "nonsense", &err));
	assert_int_equal(err.kind, ERR_CONFIG);
	kafka_check_stop(&k);
}

/* ---- what a record may hold ---- */

struct record_row {
	const char *key, *value; /* NULL: null */
	int64_t timestamp_ms;
	const char *headers; /* "name=value,name" (null) */
	const char *read;    /* key|value|timestamp|headers */
};

static const struct record_row record_rows[] = {
	{ "k", "v", 1700000000123, "", "k|v|1700000000123|" },
	{ "k", NULL, 1700000000123, "", "k|null|1700000000123|" },
	{ "", "", 1700000000123, "", "||1700000000123|" },
	{ NULL, "v", 1700000000123, "", "null|v|1700000000123|" },
	{ NULL, NULL, 1700000000123, "", "null|null|1700000000123|" },
	{ "k", "v", -1, "", "k|v|now|" },
	{ "", NULL, -1, "", "|null|now|" },
	{ NULL, "", -1, "", "null||now|" },
	{ "k", "v", -1, "a=1,b,a=,c=3", "k|v|now|a=1,b,a=,c=3" },
	{ NULL, NULL, 0, "a=1", "null|null|1|a=1" },
};

static size_t
parse_headers(char *text, struct producer_header *headers)
{
	size_t n = 0;

	for (char *piece = strtok(text, ","); piece != NULL; piece = strtok(NULL, ",")) {
		char *value = strchr(piece, '=');

		if (value != NULL)
			*value++ = '\0';
		headers[n++] = (struct producer_header) { piece, value,
			value != NULL ? strlen(value) : 0 };
	}
	return n;
}

static void
sends_every_kind_of_record(void **state)
{
	struct kafka_check k;
	struct buf read = { 0 }, want = { 0 };
	int64_t now_ms = clock_wall_ms();

	(void)state;
	kafka_check_start(&k, 1, NULL);
	for (size_t i = 0; i < ARRAY_LEN(record_rows); i++) {
		const struct record_row *row = &record_rows[i];
		char text[64];
		struct producer_header headers[4];
		struct producer_record r = {
			.key = row->key,
			.key_n = row->key != NULL ? strlen(row->key) : 0,
			.value = row->value,
			.value_n = row->value != NULL ? strlen(row->value) : 0,
			.timestamp_ms = row->timestamp_ms,
			.partition = 0,
			.headers = headers,
		};
		struct err err;

		snprintf(text, sizeof(text), "%s", row->headers);
		r.n_headers = parse_headers(text, headers);
		if (producer_send(k.producer, topic_t(&k), &r, &err) < 0)
			fail_msg("row %zu: %s", i, err.msg);
		buf_printf(&want, "%s\n", row->read);
	}
	kafka_check_wait(&k, &k.delivered, ARRAY_LEN(record_rows));
	kafka_check_read_all(&k, "t", 0, ARRAY_LEN(record_rows), now_ms, &read);
	assert_string_equal(buf_cstr(&read), buf_cstr(&want));
	kafka_check_stop(&k);
	buf_fini(&read);
	buf_fini(&want);
}

/* Java's Utils.murmur2, from the keys of specification connect-runtime.md, 5.2. */
struct partition_row {
	const char *key;
	int partitions, partition;
};

static const struct partition_row partition_rows[] = {
	{ "[\"meters\",{\"filename\":\"meters.txt\"}]", 25, 21 },
	{ "[\"meters\",{\"filename\":\"other.txt\"}]", 25, 17 },
	{ "status-connector-meters", 5, 4 },
	{ "status-task-meters-0", 5, 0 },
	{ "status-topic-edge-meters:connector-meters", 5, 2 },
};

static void
partitions_by_key_as_java_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(partition_rows); i++) {
		const struct partition_row *row = &partition_rows[i];
		struct kafka_check k;
		struct buf read = { 0 };
		struct err err;
		const struct producer_record r = {
			.key = row->key,
			.key_n = strlen(row->key),
			.value = "v",
			.value_n = 1,
			.timestamp_ms = -1,
			.partition = -1,
		};

		kafka_check_start(&k, row->partitions, NULL);
		assert_int_equal(producer_send(k.producer, topic_t(&k), &r, &err), 0);
		kafka_check_wait(&k, &k.delivered, 1);
		kafka_check_read(&k, "t", row->partition, 1, &read);
		kafka_check_stop(&k);
		buf_fini(&read);
	}
}

/* ---- refusals ---- */

struct refusal_row {
	int code; /* of Kafka, for a batch of one record */
	enum err_kind kind;
	const char *says;
};

static const struct refusal_row refusal_rows[] = {
	{ 10, ERR_RECORD, "max.message.bytes" },
	{ 87, ERR_RECORD, "compacted" },
	{ 32, ERR_RECORD, "time stamp" },
	{ 17, ERR_RECORD, "249" },
	{ 29, ERR_FATAL, "ACL WRITE" },
	{ 31, ERR_FATAL, "ACL IDEMPOTENT_WRITE" },
	{ 76, ERR_FATAL, "compression.type" },
};

/* A right that was missing shows in producer_send until Kafka's metadata say more. */
static void
send_when_allowed(struct kafka_check *k, uintptr_t number)
{
	const struct producer_record r = { .value = "3",
		.value_n = 1,
		.timestamp_ms = -1,
		.partition = 0,
		.opaque = (void *)number };
	struct err err;

	while (producer_send(k->producer, topic_t(k), &r, &err) < 0) {
		assert_int_equal(err.kind, ERR_FATAL);
		assert_non_null(strstr(err.msg, "ACL"));
		loop_once(k->loop, 50 * 1000);
	}
}

static void
hands_back_what_kafka_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refusal_rows); i++) {
		const struct refusal_row *row = &refusal_rows[i];
		struct kafka_check k;

		kafka_check_start(&k, 1, NULL);
		kafka_check_send(&k, topic_t(&k), 1);
		kafka_check_wait(&k, &k.delivered, 1);
		mock_kafka_fail(k.mock, PRODUCE, row->code, 1);
		kafka_check_send(&k, topic_t(&k), 2);
		kafka_check_wait(&k, &k.refused, 1);
		send_when_allowed(&k, 3);
		kafka_check_wait(&k, &k.delivered, 2);
		if (k.refused_kind != row->kind || k.refused != 1 ||
		    strstr(buf_cstr(&k.refused_text), row->says) == NULL ||
		    strncmp(buf_cstr(&k.refused_text), "t [2] topic t: ", 15) != 0)
			fail_msg("code %d: %s %s", row->code,
			    err_kind_name(k.refused_kind), buf_cstr(&k.refused_text));
		assert_string_equal(buf_cstr(&k.order), "d1 r2 d3 ");
		check_topic(&k, 3, 1, " 2 ");
		kafka_check_stop(&k);
	}
}

/* The mock takes a batch although the one before it was refused, which Kafka would not:
 * all must be in one batch. */
static const char *const one_batch[] = { "queue.buffering.max.ms", "400", NULL };

/* Kafka answers for a whole batch: only the record that is at fault may be refused,
 * the others arrive, in order. */
static void
finds_the_one_bad_record_of_a_batch(void **state)
{
	struct kafka_check k;

	(void)state;
	kafka_check_start(&k, 1, one_batch);
	kafka_check_send(&k, topic_t(&k), 1);
	kafka_check_wait(&k, &k.delivered, 1);
	mock_kafka_fail(k.mock, PRODUCE, 10, 2); /* the batch, then its first record */
	for (uintptr_t i = 2; i <= 200; i++)
		kafka_check_send(&k, topic_t(&k), i);
	kafka_check_wait(&k, &k.delivered, 199);
	assert_int_equal(k.refused, 1);
	assert_int_equal(k.refused_kind, ERR_RECORD);
	assert_int_equal(strncmp(buf_cstr(&k.refused_text), "t [2] ", 6), 0);
	for (uintptr_t i = 201; i <= 300; i++)
		kafka_check_send(&k, topic_t(&k), i);
	kafka_check_wait(&k, &k.delivered, 299);
	check_topic(&k, 300, 1, " 2 ");
	assert_int_equal(producer_pending(k.producer), 0);
	kafka_check_stop(&k);
}

static void
refuses_a_record_above_the_limit_at_once(void **state)
{
	static const char *const props[] = { "message.max.bytes", "2000", NULL };
	static const char big[3000];
	struct kafka_check k;
	struct err err;
	const struct producer_record r = {
		.value = big, .value_n = sizeof(big), .timestamp_ms = -1, .partition = 0
	};

	(void)state;
	kafka_check_start(&k, 1, props);
	assert_int_equal(producer_send(k.producer, topic_t(&k), &r, &err), -1);
	assert_int_equal(err.kind, ERR_RECORD);
	assert_int_equal(producer_pending(k.producer), 0);
	kafka_check_stop(&k);
}

/* ---- handles that are lost ---- */

static void
replaces_a_lost_handle_and_sends_again_in_order(void **state)
{
	struct kafka_check k;

	(void)state;
	kafka_check_start(&k, 1, NULL);
	for (uintptr_t i = 1; i <= 10; i++)
		kafka_check_send(&k, topic_t(&k), i);
	kafka_check_wait(&k, &k.delivered, 10);
	producer_test_fatal(k.producer, 45);
	for (uintptr_t i = 11; i <= 2000; i++)
		kafka_check_send(&k, topic_t(&k), i);
	kafka_check_wait(&k, &k.delivered, 2000);
	check_topic(&k, 2000, 0, "");
	assert_int_equal(k.refused, 0);
	assert_int_equal(producer_stats(k.producer).recreated, 1);
	assert_int_equal(k.downs, 0);
	kafka_check_stop(&k);
}

static void
keeps_what_is_queued_when_the_handle_is_lost(void **state)
{
	struct kafka_check k;

	(void)state;
	kafka_check_start(&k, 1, NULL);
	for (uintptr_t i = 1; i <= 10; i++)
		kafka_check_send(&k, topic_t(&k), i);
	kafka_check_wait(&k, &k.delivered, 10);
	mock_kafka_down(k.mock);
	for (uintptr_t i = 11; i <= 5000; i++)
		kafka_check_send(&k, topic_t(&k), i);
	producer_test_fatal(k.producer, 59);
	mock_kafka_up(k.mock);
	kafka_check_wait(&k, &k.delivered, 5000);
	check_topic(&k, 5000, 0, "");
	assert_int_equal(producer_stats(k.producer).recreated, 1);
	kafka_check_stop(&k);
}

/* Kafka's word on a batch, after which librdkafka gives up or numbers anew. */
static const int sequence_codes[] = { 45, 46, 59, 47 };

static void
survives_lost_sequences(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sequence_codes); i++) {
		struct kafka_check k;

		kafka_check_start(&k, 1, one_batch);
		for (uintptr_t n = 1; n <= 10; n++)
			kafka_check_send(&k, topic_t(&k), n);
		kafka_check_wait(&k, &k.delivered, 10);
		mock_kafka_fail(k.mock, PRODUCE, sequence_codes[i], 1);
		for (uintptr_t n = 11; n <= 500; n++)
			kafka_check_send(&k, topic_t(&k), n);
		if (sequence_codes[i] == 46) { /* Kafka says that it has them */
			kafka_check_wait(&k, &k.delivered, 500);
			kafka_check_stop(&k);
			continue;
		}
		kafka_check_wait(&k, &k.delivered, 500);
		assert_int_equal(k.refused, 0);
		check_topic(&k, 500, 0, "");
		kafka_check_stop(&k);
	}
}

/* ---- outages ---- */

static void
delivers_after_an_outage_and_says_when_it_was(void **state)
{
	struct kafka_check k;

	(void)state;
	kafka_check_start(&k, 1, NULL);
	kafka_check_send(&k, topic_t(&k), 1);
	kafka_check_wait(&k, &k.delivered, 1);
	assert_int_equal(k.ups, 1);
	mock_kafka_down(k.mock);
	for (uintptr_t i = 2; i <= 100; i++)
		kafka_check_send(&k, topic_t(&k), i);
	kafka_check_wait(&k, &k.downs, 1);
	assert_non_null(strstr(buf_cstr(&k.why), "127.0.0.1"));
	assert_false(producer_stats(k.producer).up);
	assert_int_equal(producer_pending(k.producer), 99);
	mock_kafka_up(k.mock);
	kafka_check_wait(&k, &k.delivered, 100);
	assert_int_equal(k.ups, 2);
	assert_int_equal(k.downs, 1);
	assert_true(producer_stats(k.producer).up);
	check_topic(&k, 100, 0, "");
	kafka_check_stop(&k);
}

static void
says_that_kafka_was_never_there(void **state)
{
	static const char *const props[] = { "bootstrap.servers", "127.0.0.1:1", NULL };
	struct kafka_check k;

	(void)state;
	kafka_check_start(&k, 1, props);
	kafka_check_wait(&k, &k.downs, 1);
	assert_non_null(strstr(buf_cstr(&k.why), "refused"));
	assert_int_equal(k.ups, 0);
	kafka_check_stop(&k);
}

/* A closed connection alone is no outage. */
static void
stays_up_when_a_connection_is_closed(void **state)
{
	struct kafka_check k;

	(void)state;
	kafka_check_start(&k, 1, NULL);
	kafka_check_send(&k, topic_t(&k), 1);
	kafka_check_wait(&k, &k.delivered, 1);
	for (uintptr_t i = 2; i <= 6; i++) {
		mock_kafka_fail(k.mock, PRODUCE, CLOSES_CONNECTION, 1);
		kafka_check_send(&k, topic_t(&k), i);
		kafka_check_wait(&k, &k.delivered, i);
	}
	if (k.downs > 0)
		fail_msg("down: %s", buf_cstr(&k.why));
	assert_int_equal(k.ups, 1);
	assert_int_equal(k.downs, 0);
	kafka_check_stop(&k);
}

static void
says_when_it_is_full_and_when_there_is_room(void **state)
{
	static const char *const props[] = { "queue.buffering.max.messages", "50", NULL };
	struct kafka_check k;
	const struct producer_record r = {
		.value = "1", .value_n = 1, .timestamp_ms = -1, .partition = 0
	};
	struct err err;
	size_t sent = 0;

	(void)state;
	kafka_check_start(&k, 1, props);
	mock_kafka_down(k.mock);
	while (producer_send(k.producer, topic_t(&k), &r, &err) == 0)
		sent++;
	assert_int_equal(err.kind, ERR_RETRY);
	assert_int_equal(sent, 50);
	assert_int_equal(producer_send(k.producer, topic_t(&k), &r, &err), -1);
	kafka_check_wait(&k, &k.downs, 1);
	assert_int_equal(k.rooms, 0);
	mock_kafka_up(k.mock);
	kafka_check_wait(&k, &k.rooms, 1);
	assert_int_equal(producer_send(k.producer, topic_t(&k), &r, &err), 0);
	kafka_check_wait(&k, &k.delivered, 51);
	assert_int_equal(k.rooms, 1);
	kafka_check_stop(&k);
}

static void
closes_at_once_with_records_pending(void **state)
{
	struct kafka_check k;

	(void)state;
	kafka_check_start(&k, 1, NULL);
	mock_kafka_down(k.mock);
	for (uintptr_t i = 1; i <= 1000; i++)
		kafka_check_send(&k, topic_t(&k), i);
	int64_t start_us = clock_mono_us();
	producer_close(k.producer);
	assert_in_range(clock_mono_us() - start_us, 0, 2 * 1000 * 1000);
	assert_int_equal(k.delivered + k.refused, 0);
	k.producer = NULL;
	kafka_check_stop(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delivers_in_order_and_reports_each_once),
		cmocka_unit_test(keeps_one_handle_a_topic_with_the_owners_data),
		cmocka_unit_test(sends_every_kind_of_record),
		cmocka_unit_test(partitions_by_key_as_java_does),
		cmocka_unit_test(hands_back_what_kafka_refuses),
		cmocka_unit_test(finds_the_one_bad_record_of_a_batch),
		cmocka_unit_test(refuses_a_record_above_the_limit_at_once),
		cmocka_unit_test(replaces_a_lost_handle_and_sends_again_in_order),
		cmocka_unit_test(keeps_what_is_queued_when_the_handle_is_lost),
		cmocka_unit_test(survives_lost_sequences),
		cmocka_unit_test(delivers_after_an_outage_and_says_when_it_was),
		cmocka_unit_test(says_that_kafka_was_never_there),
		cmocka_unit_test(stays_up_when_a_connection_is_closed),
		cmocka_unit_test(says_when_it_is_full_and_when_there_is_room),
		cmocka_unit_test(closes_at_once_with_records_pending),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
