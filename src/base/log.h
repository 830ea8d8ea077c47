#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

/*
 * One line per event on standard error, in one write(2) of at most LOG_LINE_MAX
 * bytes.  Text, with Kafka Connect's names for who speaks ("[site|worker]" for the
 * connector itself):
 *
 *	2026-01-31T23:59:59.999Z WARN [site|task-0] what happened; key=value
 *
 * or JSON, where what does not apply is absent:
 *
 *	{"time":"2026-01-31T23:59:59.999Z","level":"WARN","connector":"site","task":0,
 *	 "message":"what happened; key=value","held_back":3}
 *
 * Control characters and what could reorder or break a line is escaped (\n, \u0085),
 * broken UTF-8 becomes U+FFFD, and what is too long ends in "...": no topic name can
 * forge a line.  No payloads, no secrets.
 *
 * Repeats are limited per place (call site), for all connectors together: 10 in a
 * minute, then one line a minute that says how many were held back.  When a place
 * has gone quiet, the next line of any other place, or log_flush, brings its count.
 * DEBUG is not limited.
 * Thread: any, where nothing else is said.
 */

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };
enum { LOG_LINE_MAX = 4096 }; /* with its newline: what a pipe takes in one piece */

/* Who speaks; NULL for the process.  task < 0: the connector itself. */
struct log_ctx {
	const char *connector;
	int task;
};

/* Before any thread starts; without it: INFO, text, no priorities.  priorities: <N>
 * in front of each line, for a service manager (sd-daemon(3)). */
void log_setup(enum log_level level, enum log_format format, bool priorities);
enum log_level log_level_get(void);
/* Where lines go (without newline) instead of fd 2, for tests; NULL for fd 2 again.
 * One call at a time; sink must not log. */
void log_set_sink(void (*sink)(const char *line, void *arg), void *arg);

struct log_place { /* static, one per call site; all fields are log.c's */
	int64_t window_start_us;
	unsigned in_window, held_back;
	enum log_level level;   /* of what was held back */
	const char *fmt;        /* the same */
	struct log_place *next; /* of those that hold something back */
};

/* fmt: a literal, it is kept.  errno stays as it was. */
void log_write(enum log_level, struct log_place *, const struct log_ctx *,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Tells what was held back so far; for the end of the process. */
void log_flush(void);

#define LOG_AT(level, ctx, ...)                                              \
	do {                                                                 \
		static struct log_place log_place_;                          \
		if ((level) <= log_level_get())                              \
			log_write((level), &log_place_, (ctx), __VA_ARGS__); \
	} while (0)
#define log_error(ctx, ...) LOG_AT(LOG_LEVEL_ERROR, ctx, __VA_ARGS__)
#define log_warn(ctx, ...) LOG_AT(LOG_LEVEL_WARN, ctx, __VA_ARGS__)
#define log_info(ctx, ...) LOG_AT(LOG_LEVEL_INFO, ctx, __VA_ARGS__)
#define log_debug(ctx, ...) LOG_AT(LOG_LEVEL_DEBUG, ctx, __VA_ARGS__)

#endif
