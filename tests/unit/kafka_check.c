/* What the tests of src/kafka/ and src/checkpoint/ share. */
#include "kafka_check.h"

#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"

#define LIMIT_US (20 * 1000 * 1000)

static void
delivered(void *arg, void *const *opaque, size_t n)
{
	struct kafka_check *k = arg;

	if (k->delivered_to != NULL) {
		k->delivered_to(k->delivered_arg, opaque, n);
		return;
	}
	k->delivered += n;
	for (size_t i = 0; !k->only_count && i < n; i++)
		buf_printf(&k->order, "d%" PRIuPTR " ", (uintptr_t)opaque[i]);
}

static void
refused(void *arg, struct producer_topic *t, const struct producer_record *r,
    const struct err *err)
{
	struct kafka_check *k = arg;

	k->refused++;
	k->refused_kind = err->kind;
	buf_printf(&k->order, "r%" PRIuPTR " ", (uintptr_t)r->opaque);
	buf_reset(&k->refused_text);
	buf_printf(&k->refused_text, "%s [%.*s] %s", producer_topic_name(t),
	    (int)r->value_n, (const char *)r->value, err->msg);
}

static void
room(void *arg)
{
	((struct kafka_check *)arg)->rooms++;
}

static void
state(void *arg, bool up, const char *why)
{
	struct kafka_check *k = arg;

	if (up) {
		k->ups++;
		return;
	}
	k->downs++;
	buf_reset(&k->why);
	buf_add_c(&k->why, why);
}

void
kafka_check_start(struct kafka_check *k, int partitions, const char *const *props)
{
	struct err err;

	memset(k, 0, sizeof(*k));
	k->mock = mock_kafka_start(1, &err);
	if (k->mock == NULL || (k->loop = loop_new(&err)) == NULL)
		fail_msg("%s", err.msg);
	if (mock_kafka_create_topic(k->mock, "t", partitions, &err) < 0)
		fail_msg("%s", err.msg);
	k->props = config_new();
	config_set(k->props, "bootstrap.servers", mock_kafka_bootstrap(k->mock));
	for (; props != NULL && props[0] != NULL; props += 2)
		config_set(k->props, props[0], props[1]);

	const struct producer_events events = { delivered, refused, room, state, k };
	struct problems *problems = problems_new();
	k->producer = producer_open(k->loop, k->props, NULL, &events, problems, &err);
	if (k->producer == NULL)
		fail_msg("%s", err.msg);
	problems_free(problems);
	if (strcmp(config_get(k->props, "bootstrap.servers"),
		mock_kafka_bootstrap(k->mock)) == 0)
		kafka_check_wait(k, &k->ups, 1);
}

/* Stopping librdkafka's mock cluster often takes a second: beside the next test. */
static pthread_t stoppers[256];
static size_t n_stoppers;

static void
join_stoppers(void)
{
	while (n_stoppers > 0)
		pthread_join(stoppers[--n_stoppers], NULL);
}

static void *
stop_mock(void *arg)
{
	mock_kafka_stop(arg);
	return NULL;
}

void
kafka_check_stop(struct kafka_check *k)
{
	producer_close(k->producer);
	if (n_stoppers == 0)
		atexit(join_stoppers);
	if (n_stoppers == ARRAY_LEN(stoppers))
		join_stoppers();
	if (pthread_create(&stoppers[n_stoppers], NULL, stop_mock, k->mock) == 0)
		n_stoppers++;
	else
		mock_kafka_stop(k->mock);
	config_free(k->props);
	loop_free(k->loop);
	buf_fini(&k->order);
	buf_fini(&k->refused_text);
	buf_fini(&k->why);
}

void
kafka_check_wait(struct kafka_check *k, const size_t *n, size_t want)
{
	int64_t until = clock_mono_us() + LIMIT_US;

	while (*n < want) {
		loop_once(k->loop, 100 * 1000);
		if (clock_mono_us() > until)
			fail_msg("waited for %zu, have %zu; delivered %zu refused %zu "
				 "order %s",
			    want, *n, k->delivered, k->refused, buf_cstr(&k->order));
	}
}

void
kafka_check_send(struct kafka_check *k, struct producer_topic *t, uintptr_t number)
{
	char value[32];
	int n = snprintf(value, sizeof(value), "%" PRIuPTR, number);
	const struct producer_record r = {
		.value = value,
		.value_n = (size_t)n,
		.timestamp_ms = -1,
		.partition = 0,
		.opaque = (void *)number,
	};
	struct err err;

	while (producer_send(k->producer, t, &r, &err) < 0) {
		size_t before = k->rooms;

		if (err.kind != ERR_RETRY)
			fail_msg("record %s: %s", value, err.msg);
		kafka_check_wait(k, &k->rooms, before + 1);
	}
}

static rd_kafka_t *
open_reader(const struct kafka_check *k)
{
	char why[256];
	rd_kafka_conf_t *conf = rd_kafka_conf_new();

	rd_kafka_conf_set(
	    conf, "bootstrap.servers", mock_kafka_bootstrap(k->mock), NULL, 0);
	rd_kafka_conf_set(conf, "group.id", "check", NULL, 0);
	rd_kafka_conf_set(conf, "fetch.wait.max.ms", "10", NULL, 0);
	rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof(why));
	if (rk == NULL)
		fail_msg("%s", why);
	return rk;
}

typedef void add_message(const rd_kafka_message_t *m, int64_t now_ms, struct buf *out);

static void
read_with(struct kafka_check *k, const char *topic, int partition, size_t n,
    int64_t now_ms, add_message *add, struct buf *out)
{
	rd_kafka_t *rk = open_reader(k);
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	int64_t until = clock_mono_us() + LIMIT_US;

	rd_kafka_topic_partition_list_add(list, topic, partition)
	    ->offset = RD_KAFKA_OFFSET_BEGINNING;
	rd_kafka_assign(rk, list);
	rd_kafka_topic_partition_list_destroy(list);
	for (size_t have = 0; have < n;) {
		rd_kafka_message_t *m = rd_kafka_consumer_poll(rk, 100);

		if (clock_mono_us() > until)
			fail_msg("%zu of %zu records in %s: %s", have, n, topic,
			    buf_cstr(out));
		if (m == NULL)
			continue;
		if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
			add(m, now_ms, out);
			have++;
		}
		rd_kafka_message_destroy(m);
	}
	rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

static void
add_value(const rd_kafka_message_t *m, int64_t now_ms, struct buf *out)
{
	(void)now_ms;
	buf_printf(
	    out, "%s%.*s", out->n > 0 ? " " : "", (int)m->len, (const char *)m->payload);
}

void
kafka_check_read(
    struct kafka_check *k, const char *topic, int partition, size_t n, struct buf *out)
{
	read_with(k, topic, partition, n, 0, add_value, out);
}

static void
add_bytes(struct buf *out, const void *p, size_t n)
{
	if (p == NULL)
		buf_add_c(out, "null");
	else
		buf_add(out, p, n);
}

static void
add_all(const rd_kafka_message_t *m, int64_t now_ms, struct buf *out)
{
	int64_t timestamp_ms = rd_kafka_message_timestamp(m, NULL);
	rd_kafka_headers_t *headers;
	const char *name;
	const void *value;
	size_t n;

	add_bytes(out, m->key, m->key_len);
	buf_add_byte(out, '|');
	add_bytes(out, m->payload, m->len);
	if (timestamp_ms >= now_ms && timestamp_ms < now_ms + LIMIT_US / 1000)
		buf_add_c(out, "|now|");
	else
		buf_printf(out, "|%" PRId64 "|", timestamp_ms);
	if (rd_kafka_message_headers(m, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR)
		for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value,
				       &n) == RD_KAFKA_RESP_ERR_NO_ERROR;
		     i++)
			buf_printf(out, "%s%s%s%.*s", i > 0 ? "," : "", name,
			    value != NULL ? "=" : "", value != NULL ? (int)n : 0,
			    value != NULL ? (const char *)value : "");
	buf_add_byte(out, '\n');
}

void
kafka_check_read_all(struct kafka_check *k, const char *topic, int partition, size_t n,
    int64_t now_ms, struct buf *out)
{
	read_with(k, topic, partition, n, now_ms, add_all, out);
}
