/*
 * Eight bytes of a time, then two lines: a pattern of SimpleDateFormat and a text to read
 * by it.  What is refused has a message.  Where a pattern names all of a date in numbers,
 * what it writes is read as the same date.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "data/date_pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW_MS INT64_C(1770000000000)
#define FULL "G yyyyy-MM-dd HH:mm:ss.SSS"
#define FAR_MS INT64_C(60000000000000000) /* years of seven digits */

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
check_round_trip(struct arena *mem, int64_t ms)
{
	struct err err = { 0 };
	const struct date_pattern *p = date_pattern_new(mem, STR(FULL), NOW_MS, &err);
	int64_t again;

	require(p != NULL);
	require(date_pattern_parse(p, date_pattern_print(p, mem, ms), &again));
	require(again == ms || ms > FAR_MS || ms < -FAR_MS);
}

/* By the pattern: any text may be read, and any date be written. */
static void
check_pattern(struct arena *mem, struct str pattern, struct str text, int64_t ms)
{
	struct err err = { 0 };
	const struct date_pattern *p = date_pattern_new(mem, pattern, NOW_MS, &err);
	int64_t read = 0;

	if (p == NULL) {
		require(err.kind == ERR_CONFIG && err.msg[0] != '\0');
		return;
	}
	(void)date_pattern_doubt(p);
	struct str out = date_pattern_print(p, mem, ms);
	require(out.n == strlen(out.p) || memchr(pattern.p, '\0', pattern.n) != NULL);
	require(!str_is_utf8(pattern) || str_is_utf8(out));
	if (date_pattern_parse(p, text, &read))
		(void)date_pattern_print(p, mem, read);
	(void)date_pattern_parse(p, out, &read);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new(1024);
	struct str text, pattern = { 0 };
	int64_t ms = 0;

	if (size >= sizeof(ms)) {
		memcpy(&ms, data, sizeof(ms));
		text = (struct str) { (const char *)data + sizeof(ms),
			size - sizeof(ms) };
		(void)str_next(&text, '\n', &pattern);
		check_pattern(mem, pattern, text, ms);
		check_round_trip(mem, ms);
	}
	arena_free(mem);
	return 0;
}
