/* A task's progress in the embedded Kafka and in a file. */
#include "kafka_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "checkpoint/checkpoint.h"

struct progress {
	struct kafka_check k;
	struct checkpoint *c;
	size_t loads, stores, failures;
	bool found;
	uint64_t messages;
	struct err err;
};

static void
loaded(void *arg, bool found, const struct checkpoint_value *v, const struct err *err)
{
	struct progress *p = arg;

	p->loads++;
	p->found = found;
	p->messages = v != NULL ? v->messages : 0;
	p->err.kind = ERR_NONE;
	if (err != NULL)
		p->err = *err;
}

static void
stored(void *arg, const struct err *err)
{
	struct progress *p = arg;

	p->stores++;
	if (err != NULL)
		p->failures++;
}

static void
delivered(void *arg, void *const *opaque, size_t n)
{
	struct progress *p = arg;

	for (size_t i = 0; i < n; i++)
		if (p->c == NULL || !checkpoint_report(p->c, opaque[i], NULL))
			p->k.delivered++;
}

static const struct checkpoint_key site = { "site", "edge-1", "localhost:1883" };
static const struct checkpoint_key elsewhere = { "site", "edge-1", "other:1883" };

static const struct internal_topic offsets = { "connect-offsets", "offset.storage.topic",
	"source connector offsets", 25, -1 };

static void
open_topic(struct progress *p)
{
	const struct checkpoint_events events = { loaded, stored, p };
	struct err err;

	p->c = checkpoint_open_topic(
	    p->k.loop, NULL, p->k.props, &offsets, p->k.producer, &events, &err);
	assert_non_null(p->c);
}

static void
start(struct progress *p)
{
	struct err err;

	memset(p, 0, sizeof(*p));
	kafka_check_start(&p->k, 1, NULL);
	p->k.delivered_to = delivered;
	p->k.delivered_arg = p;
	if (mock_kafka_create_topic(p->k.mock, "connect-offsets", 25, &err) < 0)
		fail_msg("%s", err.msg);
}

static void
finish(struct progress *p)
{
	checkpoint_close(p->c);
	kafka_check_stop(&p->k);
}

static void
select_and_wait(struct progress *p, const struct checkpoint_key *key)
{
	size_t before = p->loads;

	checkpoint_select(p->c, key);
	kafka_check_wait(&p->k, &p->loads, before + 1);
	if (p->err.kind != ERR_NONE)
		fail_msg("%s", p->err.msg);
}

static void
write_and_wait(struct progress *p, uint64_t messages)
{
	const struct checkpoint_value v = { .messages = messages };
	size_t before = p->stores;
	struct err err;

	if (checkpoint_write(p->c, &v, &err) < 0)
		fail_msg("%s", err.msg);
	assert_true(checkpoint_busy(p->c));
	kafka_check_wait(&p->k, &p->stores, before + 1);
	assert_false(checkpoint_busy(p->c));
	assert_int_equal(p->failures, 0);
}

static void
put(struct progress *p, int32_t partition, const char *key, const char *value)
{
	struct err err;
	struct producer_topic *t = producer_topic(
	    p->k.producer, offsets.name, "none", &err);
	const struct producer_record r = {
		.key = key,
		.key_n = key != NULL ? strlen(key) : 0,
		.value = value,
		.value_n = value != NULL ? strlen(value) : 0,
		.timestamp_ms = -1,
		.partition = partition,
	};
	size_t before = p->k.delivered;

	assert_int_equal(producer_send(p->k.producer, t, &r, &err), 0);
	kafka_check_wait(&p->k, &p->k.delivered, before + 1);
}

static void
comes_back_from_the_topic(void **state)
{
	struct progress p;

	(void)state;
	start(&p);
	open_topic(&p);
	select_and_wait(&p, &site);
	assert_false(p.found);
	write_and_wait(&p, 42);
	write_and_wait(&p, 43);
	checkpoint_close(p.c);

	open_topic(&p);
	select_and_wait(&p, &site);
	assert_true(p.found);
	assert_int_equal(p.messages, 43);
	select_and_wait(&p, &elsewhere);
	assert_false(p.found);
	finish(&p);
}

static void
writes_only_what_is_new_and_one_at_a_time(void **state)
{
	struct progress p;
	struct err err;
	const struct checkpoint_value one = { .messages = 1 }, two = { .messages = 2 };

	(void)state;
	start(&p);
	open_topic(&p);
	assert_int_equal(checkpoint_write(p.c, &one, &err), -1);
	assert_int_equal(err.kind, ERR_RETRY);
	select_and_wait(&p, &site);
	assert_int_equal(checkpoint_write(p.c, &one, &err), 0);
	assert_int_equal(checkpoint_write(p.c, &two, &err), -1);
	assert_int_equal(err.kind, ERR_RETRY);
	kafka_check_wait(&p.k, &p.stores, 1);
	assert_int_equal(checkpoint_write(p.c, &one, &err), 0);
	assert_false(checkpoint_busy(p.c));
	finish(&p);
}

/* What others wrote into the topic before us; the last column is what we read. */
struct found_row {
	const char *key, *value;
	int messages; /* -1: nothing found */
};

static const struct found_row found_rows[] = {
	{ "[\"site\",{\"client\":\"edge-1\",\"broker\":\"localhost:1883\"}]",
	    "{\"messages\":7}", 7 },
	{ "[\"site\",{\"broker\":\"localhost:1883\",\"client\":\"edge-1\"}]",
	    "{\"messages\":7}", 7 },
	{ "[ \"site\" , {\"client\": \"edge-1\",\"broker\":\"localhost:1883\"} ]",
	    "{\"messages\":7}", 7 },
	{ "[\"\\u0073ite\",{\"client\":\"edge-1\",\"broker\":\"localhost:1883\"}]",
	    "{\"messages\":7}", 7 },
	{ "[\"site\",{\"client\":\"edge-1\",\"broker\":\"localhost:1883\"}]",
	    "{\"x\":[1],\"messages\":9007199254740993}", -2 },
	{ "[\"site\",{\"client\":\"edge-1\",\"broker\":\"localhost:1883\"}]", NULL, -1 },
	{ "[\"site\",{\"client\":\"edge-1\",\"broker\":\"localhost:1883\"}]", "null",
	    -1 },
	{ "[\"site\",{\"client\":\"edge-1\",\"broker\":\"localhost:1883\"}]",
	    "{\"messages\":-1}", -1 },
	{ "[\"site\",{\"client\":\"edge-1\",\"broker\":\"localhost:1883\"}]", "{}", -1 },
	{ "[\"site\",{\"client\":\"edge-1\",\"broker\":\"localhost:1883\"}]", "[", -1 },
	{ "[\"site\",{\"client\":\"edge-2\",\"broker\":\"localhost:1883\"}]",
	    "{\"messages\":7}", -1 },
	{ "[\"site\",{\"client\":\"edge-1\"}]", "{\"messages\":7}", -1 },
	{ "{\"site\":7}", "{\"messages\":7}", -1 },
	{ "", "{\"messages\":7}", -1 },
	{ NULL, "{\"messages\":7}", -1 },
	{ "\xff\xfe", "\xff", -1 },
};

static void
honours_what_means_the_same_and_skips_what_is_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(found_rows); i++) {
		const struct found_row *row = &found_rows[i];
		struct progress p;

		start(&p);
		put(&p, 3, "no JSON", "{\"messages\":1}");
		put(&p, 3, row->key, row->value);
		put(&p, 4, "[\"other\",{\"client\":\"edge-1\"}]", "{\"messages\":2}");
		open_topic(&p);
		select_and_wait(&p, &site);
		if (p.found != (row->messages != -1) ||
		    (row->messages >= 0 && p.messages != (uint64_t)row->messages) ||
		    (row->messages == -2 && p.messages != 9007199254740993))
			fail_msg("row %zu, %s = %s: found %d, %llu", i, row->key,
			    row->value, p.found, (unsigned long long)p.messages);
		finish(&p);
	}
}

/* Written where it was found: the old spelling stays the only one. */
static void
keeps_the_spelling_of_a_key(void **state)
{
	static const char other[] =
	    "[\"site\", {\"broker\":\"localhost:1883\",\"client\":\"edge-1\"}]";
	struct progress p;
	struct buf read = { 0 };

	(void)state;
	start(&p);
	put(&p, -1, other, "{\"messages\":5}");
	open_topic(&p);
	select_and_wait(&p, &site);
	assert_int_equal(p.messages, 5);
	write_and_wait(&p, 6);
	checkpoint_close(p.c);
	open_topic(&p);
	select_and_wait(&p, &site);
	assert_int_equal(p.messages, 6);
	finish(&p);
	buf_fini(&read);
}

static void
waits_for_a_kafka_that_is_away(void **state)
{
	struct progress p;

	(void)state;
	start(&p);
	mock_kafka_down(p.k.mock);
	open_topic(&p);
	checkpoint_select(p.c, &site);
	kafka_check_wait(&p.k, &p.k.downs, 1);
	assert_int_equal(p.loads, 0);
	mock_kafka_up(p.k.mock);
	kafka_check_wait(&p.k, &p.loads, 1);
	assert_int_equal(p.err.kind, ERR_NONE);
	finish(&p);
}

static void
closes_soon_while_kafka_is_away(void **state)
{
	struct progress p;

	(void)state;
	start(&p);
	mock_kafka_down(p.k.mock);
	open_topic(&p);
	checkpoint_select(p.c, &site);
	kafka_check_wait(&p.k, &p.k.downs, 1);
	int64_t start_us = clock_mono_us();
	checkpoint_close(p.c);
	assert_in_range(clock_mono_us() - start_us, 0, 1500 * 1000);
	kafka_check_stop(&p.k);
}

/* ---- the file ---- */

static char *
temp_dir(void)
{
	char *dir = mem_strdup("/tmp/headrace-test-XXXXXX");

	assert_non_null(mkdtemp(dir));
	return dir;
}

static void
comes_back_from_the_file(void **state)
{
	struct progress p;
	struct err err;
	char *dir = temp_dir();
	struct buf path = { 0 };
	const struct checkpoint_events events = { loaded, stored, &p };

	(void)state;
	start(&p);
	buf_printf(&path, "%s/offsets", dir);
	for (uint64_t i = 1; i <= 3; i++) {
		struct offsets_file *f = offsets_file_open(buf_cstr(&path), &err);

		if (f == NULL)
			fail_msg("%s", err.msg);
		p.c = checkpoint_open_file(p.k.loop, NULL, f, &events, &err);
		select_and_wait(&p, &site);
		assert_int_equal(p.found, i > 1);
		assert_int_equal(p.messages, i > 1 ? 10 * (i - 1) : 0);
		write_and_wait(&p, 10 * i);
		select_and_wait(&p, &elsewhere);
		assert_false(p.found);
		checkpoint_close(p.c);
		offsets_file_close(f);
	}
	p.c = NULL;
	finish(&p);
	unlink(buf_cstr(&path));
	rmdir(dir);
	buf_fini(&path);
	free(dir);
}

static void
says_that_a_write_failed_and_writes_again(void **state)
{
	struct progress p;
	struct err err;
	char *dir = temp_dir();
	struct buf path = { 0 };
	const struct checkpoint_events events = { loaded, stored, &p };
	const struct checkpoint_value v = { .messages = 5 };

	(void)state;
	start(&p);
	buf_printf(&path, "%s/offsets", dir);
	struct offsets_file *f = offsets_file_open(buf_cstr(&path), &err);
	p.c = checkpoint_open_file(p.k.loop, NULL, f, &events, &err);
	select_and_wait(&p, &site);
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(checkpoint_write(p.c, &v, &err), 0);
	kafka_check_wait(&p.k, &p.stores, 1);
	assert_int_equal(p.failures, 1);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(checkpoint_write(p.c, &v, &err), 0);
	assert_true(checkpoint_busy(p.c));
	kafka_check_wait(&p.k, &p.stores, 2);
	assert_int_equal(p.failures, 1);
	finish(&p);
	offsets_file_close(f);
	unlink(buf_cstr(&path));
	rmdir(dir);
	buf_fini(&path);
	free(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back_from_the_topic),
		cmocka_unit_test(writes_only_what_is_new_and_one_at_a_time),
		cmocka_unit_test(honours_what_means_the_same_and_skips_what_is_broken),
		cmocka_unit_test(keeps_the_spelling_of_a_key),
		cmocka_unit_test(waits_for_a_kafka_that_is_away),
		cmocka_unit_test(closes_soon_while_kafka_is_away),
		cmocka_unit_test(comes_back_from_the_file),
		cmocka_unit_test(says_that_a_write_failed_and_writes_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
