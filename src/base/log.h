#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

/*
 * One line per event on standard error: text or JSON, with <N> priority for a
 * service manager.  Text is "<time> WARN [site|task-0] what happened; key=value".
 * No payloads, no secrets.  Repeats are limited per place (call site): 10 in a
 * minute, then one line a minute that says how many were held back.
 * Thread: any.
 */

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };

/* Who speaks; NULL for the process.  task < 0: the connector itself. */
struct log_ctx {
	const char *connector;
	int task;
};

/* Before any thread starts.  priorities: <N> in front of each line. */
void log_setup(enum log_level level, enum log_format format, bool priorities);
enum log_level log_level_get(void);
/* Where lines go instead of fd 2 (tests); NULL for fd 2 again. */
void log_set_sink(void (*sink)(const char *line, void *arg), void *arg);

struct log_place { /* static, one per call site */
	int64_t window_start_us;
	unsigned in_window, held_back;
};

void log_write(enum log_level, struct log_place *, const struct log_ctx *, const char *fmt,
    ...) __attribute__((format(printf, 4, 5)));

#define LOG_AT(level, ctx, ...)                                                            \
	do {                                                                               \
		static struct log_place log_place_;                                        \
		if ((level) <= log_level_get())                                            \
			log_write((level), &log_place_, (ctx), __VA_ARGS__);               \
	} while (0)
#define log_error(ctx, ...) LOG_AT(LOG_LEVEL_ERROR, ctx, __VA_ARGS__)
#define log_warn(ctx, ...) LOG_AT(LOG_LEVEL_WARN, ctx, __VA_ARGS__)
#define log_info(ctx, ...) LOG_AT(LOG_LEVEL_INFO, ctx, __VA_ARGS__)
#define log_debug(ctx, ...) LOG_AT(LOG_LEVEL_DEBUG, ctx, __VA_ARGS__)

#endif
