/* Time has the right units. */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

static void
counts_microseconds_that_never_go_back(void **state)
{
	struct timespec before, after;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &before);
	int64_t last_us = clock_mono_us();
	for (int i = 0; i < 100000; i++) {
		int64_t now_us = clock_mono_us();

		assert_true(now_us >= last_us);
		last_us = now_us;
	}
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_in_range(last_us, (int64_t)before.tv_sec * 1000000 + before.tv_nsec / 1000,
	    (int64_t)after.tv_sec * 1000000 + after.tv_nsec / 1000);
}

static void
counts_milliseconds_since_1970(void **state)
{
	(void)state;
	int64_t before = time(NULL);
	int64_t now_ms = clock_wall_ms();
	/* time() may lag a tick behind the precise clock. */
	assert_in_range(now_ms / 1000, before, time(NULL) + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_microseconds_that_never_go_back),
		cmocka_unit_test(counts_milliseconds_since_1970),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
