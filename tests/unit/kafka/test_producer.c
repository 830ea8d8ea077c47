/* The producer against librdkafka's mock cluster. */
#include "kafka_check.h"

#include "base/mem.h"

static void
delivers_in_order_and_reports_each_once(void **state)
{
	struct kafka_check k;
	struct err err;
	struct buf read = { 0 }, want = { 0 };

	(void)state;
	kafka_check_start(&k, 1, NULL);
	struct producer_topic *t = producer_topic(k.producer, "t", NULL, &err);
	for (uintptr_t i = 1; i <= 300; i++) {
		kafka_check_send(&k, t, i);
		buf_printf(&want, "%s%d", i > 1 ? " " : "", (int)i);
	}
	assert_int_equal(producer_pending(k.producer), 300);
	kafka_check_wait(&k, &k.delivered, 300);
	assert_int_equal(producer_pending(k.producer), 0);
	assert_int_equal(k.delivered, 300);
	kafka_check_read(&k, "t", 0, 300, &read);
	assert_string_equal(buf_cstr(&read), buf_cstr(&want));
	kafka_check_wait(&k, &k.ups, 1);
	assert_true(producer_stats(k.producer).up);
	kafka_check_stop(&k);
	buf_fini(&read);
	buf_fini(&want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delivers_in_order_and_reports_each_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
