/* Log lines: their two forms, their bounds, and what is told of repeats. */
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/mem.h"

static const struct log_ctx task = { "site", 0 }, connector = { "site", -1 },
			    nobody = { NULL, 3 };

/* ---- what was logged ---- */

static struct buf lines; /* each with a newline */
static size_t n_lines;

static void
keep_line(const char *line, void *arg)
{
	assert_ptr_equal(arg, &lines);
	buf_printf(&lines, "%s\n", line);
	n_lines++;
	errno = EILSEQ; /* as a write may do */
}

static int
begin(void **state)
{
	(void)state;
	buf_reset(&lines);
	n_lines = 0;
	log_set_sink(keep_line, &lines);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	log_flush();
	log_set_sink(NULL, NULL);
	log_setup(LOG_LEVEL_INFO, LOG_TEXT, false);
	buf_fini(&lines);
	return 0;
}

/* The lines so far, and forgets them.  Their times are cut off: "TIME WARN ...". */
static const char *
logged(void)
{
	static char text[64 * 1024];
	struct str rest = buf_str(&lines), line;

	*text = '\0';
	while (str_next(&rest, '\n', &line)) {
		if (line.n > 24 && line.p[10] == 'T' && line.p[23] == 'Z')
			line = (struct str) { line.p + 25, line.n - 25 };
		sprintf(text + strlen(text), "%.*s\n", STR_ARG(line));
	}
	buf_reset(&lines);
	n_lines = 0;
	return text;
}

/* A place of its own, so that no other test uses up its lines. */
#define LOG_FRESH(level, ctx, ...)                           \
	do {                                                 \
		struct log_place place_ = { 0 };             \
		log_write(level, &place_, ctx, __VA_ARGS__); \
	} while (0)

/* ---- forms ---- */

static void
writes_text(void **state)
{
	(void)state;
	log_error(NULL, "cannot start; port=%d", 8083);
	log_warn(&task, "broker closed the connection");
	log_info(&connector, "started");
	log_debug(NULL, "not asked for");
	log_info(&nobody, "nobody's");
	assert_string_equal(logged(), "ERROR cannot start; port=8083\n"
				      "WARN [site|task-0] broker closed the connection\n"
				      "INFO [site|worker] started\n"
				      "INFO nobody's\n");
}

static void
begins_with_the_time_in_utc(void **state)
{
	(void)state;
	setenv("TZ", "Asia/Tokyo", 1);
	log_info(NULL, "x");
	const char *form = "0000-00-00T00:00:00.000Z INFO x";
	for (size_t i = 0; form[i] != '\0'; i++) {
		char c = lines.p[i];

		if (form[i] == '0' ? c < '0' || c > '9' : c != form[i])
			fail_msg("%s", buf_cstr(&lines));
	}
	time_t now = time(NULL);
	char hour[32];
	strftime(hour, sizeof(hour), "%Y-%m-%dT%H", gmtime(&now));
	if (now % 3600 > 1) /* else the hour may just have changed */
		assert_memory_equal(lines.p, hour, strlen(hour));
}

static void
writes_priorities_when_asked(void **state)
{
	(void)state;
	log_setup(LOG_LEVEL_DEBUG, LOG_TEXT, true);
	LOG_FRESH(LOG_LEVEL_ERROR, NULL, "e");
	LOG_FRESH(LOG_LEVEL_WARN, NULL, "w");
	LOG_FRESH(LOG_LEVEL_INFO, NULL, "i");
	LOG_FRESH(LOG_LEVEL_DEBUG, NULL, "d");
	struct str rest = buf_str(&lines), line;
	for (size_t i = 0; str_next(&rest, '\n', &line); i++) {
		assert_memory_equal(line.p, "<", 1);
		assert_int_equal(line.p[1], "3467"[i]);
		assert_memory_equal(line.p + 2, ">20", 3);
		assert_int_equal(line.p[line.n - 1], "ewid"[i]);
	}
	assert_int_equal(n_lines, 4);
}

static void
keeps_to_the_level(void **state)
{
	static const enum log_level levels[] = { LOG_LEVEL_ERROR, LOG_LEVEL_WARN,
		LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		log_setup(levels[i], LOG_TEXT, false);
		assert_int_equal(log_level_get(), levels[i]);
		log_error(NULL, "x");
		log_warn(NULL, "x");
		log_info(NULL, "x");
		log_debug(NULL, "x");
		assert_int_equal(n_lines, i + 1);
		logged();
	}
}

/* What a hostile topic may hold, in a text. */
static const struct {
	const char *raw, *in_text;
} escapes[] = {
	{ "a/b c", "a/b c" },
	{ "a\nERROR forged", "a\\nERROR forged" },
	{ "\r\t\b\f\v\x1b[2J\x7f", "\\r\\t\\b\\f\\u000b\\u001b[2J\\u007f" },
	{ "say \"hi\" \\n", "say \"hi\" \\n" },
	{ "stra\xc3\x9f"
	  "e \xf0\x9f\x98\x80",
	    "stra\xc3\x9f"
	    "e \xf0\x9f\x98\x80" },
	{ "\xc2\x85\xc2\x9b", "\\u0085\\u009b" },
	{ "\xe2\x80\xa8\xe2\x80\xae\xe2\x81\xa6", "\\u2028\\u202e\\u2066" },
	{ "\xff\xc3(\xed\xa0\x80",
	    "\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd" },
};

static void
escapes_what_could_forge_a_line(void **state)
{
	char want[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(escapes); i++) {
		const struct log_ctx ctx = { escapes[i].raw, 7 };

		LOG_FRESH(LOG_LEVEL_WARN, &ctx, "bad topic; topic=%s", escapes[i].raw);
		sprintf(want, "WARN [%s|task-7] bad topic; topic=%s\n",
		    escapes[i].in_text, escapes[i].in_text);
		assert_string_equal(logged(), want);
	}
}

static json_t *
parse_line(void)
{
	json_error_t error;
	json_t *line = json_loadb(lines.p, lines.n, 0, &error);

	if (line == NULL)
		fail_msg("%s: %s", error.text, buf_cstr(&lines));
	logged();
	return line;
}

static const char *
text_of(const json_t *line, const char *key)
{
	return json_string_value(json_object_get(line, key));
}

static void
writes_json_that_parses_back(void **state)
{
	(void)state;
	log_setup(LOG_LEVEL_INFO, LOG_JSON, false);
	for (size_t i = 0; i < ARRAY_LEN(escapes); i++) {
		const struct log_ctx ctx = { escapes[i].raw, 7 };
		bool utf8 = str_is_utf8(str_of(escapes[i].raw));

		LOG_FRESH(LOG_LEVEL_WARN, &ctx, "%s", escapes[i].raw);
		json_t *line = parse_line();
		assert_int_equal(json_object_size(line), 5);
		assert_string_equal(text_of(line, "level"), "WARN");
		assert_int_equal(strlen(text_of(line, "time")), 24);
		assert_int_equal(json_integer_value(json_object_get(line, "task")), 7);
		/* With broken UTF-8 it is what the text has, U+FFFD. */
		const char *want = utf8 ? escapes[i].raw : escapes[i].in_text;
		assert_string_equal(text_of(line, "message"), want);
		assert_string_equal(text_of(line, "connector"), want);
		json_decref(line);
	}
}

static void
leaves_out_of_json_what_does_not_apply(void **state)
{
	(void)state;
	log_setup(LOG_LEVEL_INFO, LOG_JSON, true);
	LOG_FRESH(LOG_LEVEL_INFO, NULL, "x");
	assert_memory_equal(lines.p, "<6>{\"time\":\"", 12);
	buf_drop_front(&lines, 3);
	json_t *line = parse_line();
	assert_int_equal(json_object_size(line), 3);
	json_decref(line);
	log_setup(LOG_LEVEL_INFO, LOG_JSON, false);
	LOG_FRESH(LOG_LEVEL_INFO, &connector, "x");
	line = parse_line();
	assert_int_equal(json_object_size(line), 4);
	assert_string_equal(text_of(line, "connector"), "site");
	json_decref(line);
}

/* Long texts of characters of each length, as message and as name of a connector. */
static void
cuts_long_lines(void **state)
{
	static const char *const pieces[] = { "x", "\"", "\n", "\xff", "\xe2\x82\xac",
		"\xf0\x9f\x98\x80" };
	char *text = mem_alloc(60000);

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(pieces) * 8; i++) {
		bool json = i % 2 == 1;
		const char *piece = pieces[i / 2 % ARRAY_LEN(pieces)];
		size_t shift = i / 2 / ARRAY_LEN(pieces);
		const struct log_ctx ctx = { text, 0 };

		memset(text, 'a', shift);
		text[shift] = '\0';
		for (char *p = text + shift; p < text + 50000; p += strlen(p))
			strcpy(p, piece);
		log_setup(LOG_LEVEL_INFO, json ? LOG_JSON : LOG_TEXT, false);
		LOG_FRESH(LOG_LEVEL_INFO, &ctx, "%s", text);
		assert_int_equal(n_lines, 1);
		assert_in_range(lines.n, LOG_LINE_MAX - 100, LOG_LINE_MAX);
		assert_true(str_is_utf8(buf_str(&lines)));
		if (json) {
			json_t *line = parse_line();
			assert_true(str_ends(str_of(text_of(line, "message")), "..."));
			assert_true(str_ends(str_of(text_of(line, "connector")), "..."));
			json_decref(line);
		} else {
			assert_true(str_ends(buf_str(&lines), "...\n"));
			assert_non_null(strstr(buf_cstr(&lines), "...|task-0] "));
			logged();
		}
	}
	free(text);
}

static void
keeps_errno(void **state)
{
	(void)state;
	errno = ENOSPC;
	log_info(NULL, "%m");
	assert_int_equal(errno, ENOSPC);
	assert_string_equal(logged(), "INFO No space left on device\n");
}

/* A line must be one write, or lines of several processes could mix. */
static void
writes_a_line_at_once_to_standard_error(void **state)
{
	int fds[2], saved = dup(STDERR_FILENO);
	char got[LOG_LINE_MAX + 100], text[10000];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	/* Each write is one packet. */
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	log_set_sink(NULL, NULL);
	dup2(fds[0], STDERR_FILENO);
	LOG_FRESH(LOG_LEVEL_INFO, NULL, "short");
	LOG_FRESH(LOG_LEVEL_INFO, NULL, "%s", text);
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(fds[0]);

	ssize_t n = read(fds[1], got, sizeof(got));
	assert_int_equal(n, 25 + strlen("INFO short\n"));
	assert_memory_equal(got + n - 7, " short\n", 7);
	n = read(fds[1], got, sizeof(got));
	assert_in_range(n, LOG_LINE_MAX - 100, LOG_LINE_MAX);
	assert_int_equal(got[n - 1], '\n');
	assert_int_equal(read(fds[1], got, sizeof(got)), 0);
	close(fds[1]);
}

/* ---- repeats ---- */

static void
repeat(struct log_place *place, unsigned n)
{
	while (n-- > 0)
		log_write(LOG_LEVEL_WARN, place, &task, "again");
}

static void
let_a_minute_pass(struct log_place *place)
{
	place->window_start_us -= 60 * 1000000;
}

static void
holds_back_repeats_and_tells_how_many(void **state)
{
	static struct log_place place;

	(void)state;
	repeat(&place, 1000);
	assert_int_equal(n_lines, 10);
	logged();
	/* While it goes on: one line a minute. */
	for (int i = 0; i < 3; i++) {
		let_a_minute_pass(&place);
		repeat(&place, 501);
		assert_string_equal(
		    logged(), i == 0 ? "WARN [site|task-0] again; held_back=990\n"
				     : "WARN [site|task-0] again; held_back=500\n");
	}
	/* A line after a minute with nothing held back begins anew. */
	let_a_minute_pass(&place);
	repeat(&place, 1);
	assert_string_equal(logged(), "WARN [site|task-0] again; held_back=500\n");
	let_a_minute_pass(&place);
	repeat(&place, 20);
	assert_int_equal(n_lines, 10);
	assert_null(strstr(logged(), "held_back"));
	log_flush();
	assert_string_equal(
	    logged(), "WARN more lines of this kind: again; held_back=10\n");
}

static void
tells_what_a_quiet_place_held_back(void **state)
{
	static struct log_place first, second, third;

	(void)state;
	repeat(&first, 15);
	repeat(&second, 12);
	logged();
	LOG_FRESH(LOG_LEVEL_INFO, NULL, "of another place");
	assert_string_equal(logged(), "INFO of another place\n");
	let_a_minute_pass(&first);
	LOG_FRESH(LOG_LEVEL_INFO, NULL, "of another place");
	assert_string_equal(logged(),
	    "INFO of another place\n"
	    "WARN more lines of this kind: again; held_back=5\n");
	/* Told is told; and it is as if the place had said it: no more in this minute. */
	repeat(&first, 3);
	assert_string_equal(logged(), "");
	repeat(&third, 11);
	logged();
	log_flush();
	assert_string_equal(logged(),
	    "WARN more lines of this kind: again; held_back=1\n"
	    "WARN more lines of this kind: again; held_back=3\n"
	    "WARN more lines of this kind: again; held_back=2\n");
	log_flush();
	assert_string_equal(logged(), "");
}

static void
tells_the_count_among_other_keys(void **state)
{
	static struct log_place place;

	(void)state;
	for (int i = 0; i < 12; i++)
		log_write(LOG_LEVEL_WARN, &place, NULL, "lost; n=%d", i);
	logged();
	let_a_minute_pass(&place);
	log_write(LOG_LEVEL_WARN, &place, NULL, "lost; n=%d", 12);
	assert_string_equal(logged(), "WARN lost; n=12 held_back=2\n");

	log_setup(LOG_LEVEL_INFO, LOG_JSON, false);
	log_write(LOG_LEVEL_WARN, &place, NULL, "lost; n=%d", 13);
	let_a_minute_pass(&place);
	log_write(LOG_LEVEL_WARN, &place, NULL, "lost; n=%d", 14);
	json_t *line = parse_line();
	assert_string_equal(text_of(line, "message"), "lost; n=14");
	assert_int_equal(json_integer_value(json_object_get(line, "held_back")), 1);
	json_decref(line);
}

static void
limits_each_place_for_itself_and_not_debug(void **state)
{
	(void)state;
	log_setup(LOG_LEVEL_DEBUG, LOG_TEXT, false);
	for (int i = 0; i < 100; i++) {
		log_info(NULL, "one");
		log_info(NULL, "two");
		log_debug(NULL, "three");
	}
	assert_int_equal(n_lines, 120);
}

enum { THREADS = 4, PER_THREAD = 2000 };

static void *
log_much(void *arg)
{
	static struct log_place shared;

	for (int i = 0; i < PER_THREAD; i++) {
		log_write(LOG_LEVEL_WARN, &shared, &task, "from thread %d", *(int *)arg);
		log_debug(NULL, "line %d of thread %d", i, *(int *)arg);
	}
	return NULL;
}

static void
loses_nothing_among_threads(void **state)
{
	pthread_t threads[THREADS];
	int numbers[THREADS];

	(void)state;
	log_setup(LOG_LEVEL_DEBUG, LOG_TEXT, false);
	for (int i = 0; i < THREADS; i++) {
		numbers[i] = i;
		assert_int_equal(
		    pthread_create(&threads[i], NULL, log_much, &numbers[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(n_lines, THREADS * PER_THREAD + 10);
	struct str rest = buf_str(&lines), line;
	while (str_next(&rest, '\n', &line)) {
		assert_int_equal(line.p[23], 'Z');
	}
	buf_reset(&lines);
	log_flush();
	char want[80];
	sprintf(want, "held_back=%d\n", THREADS * PER_THREAD - 10);
	assert_non_null(strstr(logged(), want));
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(writes_text),
		TEST(begins_with_the_time_in_utc),
		TEST(writes_priorities_when_asked),
		TEST(keeps_to_the_level),
		TEST(escapes_what_could_forge_a_line),
		TEST(writes_json_that_parses_back),
		TEST(leaves_out_of_json_what_does_not_apply),
		TEST(cuts_long_lines),
		TEST(keeps_errno),
		TEST(writes_a_line_at_once_to_standard_error),
		TEST(holds_back_repeats_and_tells_how_many),
		TEST(tells_what_a_quiet_place_held_back),
		TEST(tells_the_count_among_other_keys),
		TEST(limits_each_place_for_itself_and_not_debug),
		TEST(loses_nothing_among_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
