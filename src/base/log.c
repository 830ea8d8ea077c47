/*
 * Log lines.  Who calls decides what is worth a line; here a line gets its form, its
 * bounds and its limit of repeats.  A line is built on the stack of its thread and
 * leaves in one write, which up to PIPE_BUF no other one can cut in two.
 */
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"

#define WINDOW_US (60 * INT64_C(1000000))
enum { WINDOW_LINES = 10 };

/* The one global of the tree outside main.c. */
static struct {
	atomic_int level;
	enum log_format format;
	bool priorities;
	void (*sink)(const char *line, void *arg);
	void *sink_arg;
	pthread_mutex_t lock;      /* of the sink and of all places */
	struct log_place *holding; /* places that hold something back, newest first */
} logger = { .level = LOG_LEVEL_INFO, .lock = PTHREAD_MUTEX_INITIALIZER };

static const struct {
	const char *name;
	int priority; /* of syslog */
} levels[] = {
	[LOG_LEVEL_ERROR] = { "ERROR", 3 },
	[LOG_LEVEL_WARN] = { "WARN", 4 },
	[LOG_LEVEL_INFO] = { "INFO", 6 },
	[LOG_LEVEL_DEBUG] = { "DEBUG", 7 },
};

void
log_setup(enum log_level level, enum log_format format, bool priorities)
{
	atomic_store(&logger.level, (int)level);
	logger.format = format;
	logger.priorities = priorities;
}

enum log_level
log_level_get(void)
{
	return (enum log_level)atomic_load_explicit(&logger.level, memory_order_relaxed);
}

void
log_set_sink(void (*sink)(const char *line, void *arg), void *arg)
{
	pthread_mutex_lock(&logger.lock);
	logger.sink = sink;
	logger.sink_arg = arg;
	pthread_mutex_unlock(&logger.lock);
}

/* ---- the form of a line ---- */

struct line {
	char p[LOG_LINE_MAX + 1]; /* room for a newline and a NUL */
	size_t n;
	size_t max; /* n stays below; some room is kept for the end of the line */
};

static void
add_raw(struct line *l, const char *text)
{
	size_t n = strlen(text);

	if (n > l->max - l->n)
		return;
	memcpy(l->p + l->n, text, n);
	l->n += n;
}

static void __attribute__((format(printf, 2, 3)))
add_fmt(struct line *l, const char *fmt, ...)
{
	char text[64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	add_raw(l, text);
}

static void
add_time(struct line *l)
{
	int64_t now_ms = clock_wall_ms();
	time_t now = (time_t)(now_ms / 1000);
	char text[32];
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	add_fmt(l, "%s.%03dZ", text, (int)(now_ms % 1000));
}

/*
 * The code point of s's first character when it must not stand in a log line, else 0:
 * controls (C0, DEL, C1), line and paragraph separators, and the marks that turn
 * the reading direction, behind which a terminal shows another text than was logged.
 */
static unsigned
bad_char(struct str s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s.p;
	unsigned c = p[0];

	if (len == 2)
		c = (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu);
	else if (len == 3)
		c = (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
	else if (len == 4)
		return 0;
	if (c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0x2028 && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0xfeff)
		return c;
	return 0;
}

/* What stands for the first character of s, of len bytes (0: broken UTF-8). */
static struct str
escaped(struct str s, size_t len, bool json, char room[8])
{
	static const char shorts[] = "\bb\tt\nn\ff\rr";
	unsigned c = len > 0 ? bad_char(s, len) : 0;
	const char *found;

	if (len == 0)
		return STR("\xef\xbf\xbd");
	if (json && (*s.p == '"' || *s.p == '\\'))
		return (struct str) { room, (size_t)sprintf(room, "\\%c", *s.p) };
	if (c == 0)
		return (struct str) { s.p, len };
	found = c < 0x20 ? strchr(shorts, (int)c) : NULL;
	if (found != NULL)
		return (struct str) { room, (size_t)sprintf(room, "\\%c", found[1]) };
	return (struct str) { room, (size_t)sprintf(room, "\\u%04x", c) };
}

/* false: it did not fit and was cut. */
static bool
add_escaped(struct line *l, const char *text)
{
	bool json = logger.format == LOG_JSON;
	struct str s = str_of(text);
	char room[8];

	while (s.n > 0) {
		size_t len = str_utf8_len(s);
		struct str e = escaped(s, len, json, room);

		if (e.n > l->max - l->n)
			return false;
		memcpy(l->p + l->n, e.p, e.n);
		l->n += e.n;
		len = len > 0 ? len : 1;
		s.p += len;
		s.n -= len;
	}
	return true;
}

enum {
	END_BYTES = 64,  /* kept for what ends a line */
	NAME_BYTES = 512 /* of a connector's name */
};

static void
add_name(struct line *l, const char *connector)
{
	size_t max = l->max;

	l->max = l->n + NAME_BYTES;
	if (!add_escaped(l, connector)) {
		l->max = max;
		add_raw(l, "...");
	}
	l->max = max;
}

static void
begin_text(struct line *l, enum log_level level, const struct log_ctx *ctx)
{
	add_time(l);
	add_fmt(l, " %s ", levels[level].name);
	if (ctx == NULL || ctx->connector == NULL)
		return;
	add_raw(l, "[");
	add_name(l, ctx->connector);
	if (ctx->task >= 0)
		add_fmt(l, "|task-%d] ", ctx->task);
	else
		add_raw(l, "|worker] ");
}

static void
begin_json(struct line *l, enum log_level level, const struct log_ctx *ctx)
{
	add_raw(l, "{\"time\":\"");
	add_time(l);
	add_fmt(l, "\",\"level\":\"%s\"", levels[level].name);
	if (ctx != NULL && ctx->connector != NULL) {
		add_raw(l, ",\"connector\":\"");
		add_name(l, ctx->connector);
		add_raw(l, "\"");
		if (ctx->task >= 0)
			add_fmt(l, ",\"task\":%d", ctx->task);
	}
	add_raw(l, ",\"message\":\"");
}

static void
end_json(struct line *l, unsigned held_back)
{
	add_raw(l, "\"");
	if (held_back > 0)
		add_fmt(l, ",\"held_back\":%u", held_back);
	add_raw(l, "}");
}

static void
make_line(struct line *l, enum log_level level, const struct log_ctx *ctx,
    const char *text, unsigned held_back)
{
	bool json = logger.format == LOG_JSON;

	l->n = 0;
	l->max = LOG_LINE_MAX - END_BYTES;
	if (logger.priorities)
		add_fmt(l, "<%d>", levels[level].priority);
	if (json)
		begin_json(l, level, ctx);
	else
		begin_text(l, level, ctx);
	bool whole = add_escaped(l, text);
	l->max = LOG_LINE_MAX - 1;
	if (!whole)
		add_raw(l, "...");
	if (json)
		end_json(l, held_back);
	else if (held_back > 0)
		add_fmt(l, "%s held_back=%u", strstr(text, "; ") != NULL ? "" : ";",
		    held_back);
}

static void
put_line(struct line *l)
{
	bool taken;

	l->p[l->n] = '\0';
	pthread_mutex_lock(&logger.lock);
	taken = logger.sink != NULL;
	if (taken)
		logger.sink(l->p, logger.sink_arg);
	pthread_mutex_unlock(&logger.lock);
	if (taken)
		return;
	l->p[l->n] = '\n';
	/* What standard error does not take is lost: there is nobody else to tell. */
	while (write(STDERR_FILENO, l->p, l->n + 1) < 0 && errno == EINTR)
		;
}

/* ---- repeats ---- */

static void
unlink_place(const struct log_place *place)
{
	struct log_place **at = &logger.holding;

	while (*at != place)
		at = &(*at)->next;
	*at = place->next;
}

/* Ends a window: what it held back is about to be told, in the first line of the
 * next one, which then has no further line. */
static unsigned
take_held_back(struct log_place *place, int64_t now_us)
{
	unsigned held_back = place->held_back;

	if (held_back > 0)
		unlink_place(place);
	place->window_start_us = now_us;
	place->in_window = held_back > 0 ? WINDOW_LINES : 0;
	place->held_back = 0;
	return held_back;
}

/* May this line leave?  *held_back: what it has to tell.  Under the lock. */
static bool
may_leave(struct log_place *place, enum log_level level, const char *fmt, int64_t now_us,
    unsigned *held_back)
{
	*held_back = 0;
	if (place->in_window == 0 || now_us - place->window_start_us >= WINDOW_US) {
		*held_back = take_held_back(place, now_us);
		if (*held_back > 0)
			return true;
	}
	if (place->in_window < WINDOW_LINES) {
		place->in_window++;
		return true;
	}
	if (place->held_back++ == 0) {
		place->next = logger.holding;
		logger.holding = place;
	}
	place->level = level;
	place->fmt = fmt;
	return false;
}

/* Takes one place out of those that hold lines back from windows that began before
 * this time. */
static bool
take_holding(int64_t before_us, int64_t now_us, struct log_place *copy)
{
	struct log_place *place;
	bool found;

	pthread_mutex_lock(&logger.lock);
	place = logger.holding;
	while (place != NULL && place->window_start_us > before_us)
		place = place->next;
	found = place != NULL;
	if (found) {
		*copy = *place;
		take_held_back(place, now_us);
	}
	pthread_mutex_unlock(&logger.lock);
	return found;
}

static void
tell_held_back(int64_t before_us, int64_t now_us)
{
	char text[LOG_LINE_MAX];
	struct log_place place;
	struct line l;

	while (take_holding(before_us, now_us, &place)) {
		snprintf(text, sizeof(text), "more lines of this kind: %s", place.fmt);
		make_line(&l, place.level, NULL, text, place.held_back);
		put_line(&l);
	}
}

void
log_flush(void)
{
	tell_held_back(INT64_MAX, clock_mono_us());
}

static void __attribute__((format(printf, 3, 0))) write_line(enum log_level level,
    const struct log_ctx *ctx, const char *fmt, va_list ap, unsigned held_back)
{
	char text[LOG_LINE_MAX];
	struct line l;

	vsnprintf(text, sizeof(text), fmt, ap);
	make_line(&l, level, ctx, text, held_back);
	put_line(&l);
}

void
log_write(enum log_level level, struct log_place *place, const struct log_ctx *ctx,
    const char *fmt, ...)
{
	int64_t now_us = clock_mono_us();
	int saved_errno = errno;
	unsigned held_back = 0;
	va_list ap;

	if (level != LOG_LEVEL_DEBUG) {
		pthread_mutex_lock(&logger.lock);
		bool leaves = may_leave(place, level, fmt, now_us, &held_back);
		pthread_mutex_unlock(&logger.lock);
		if (!leaves)
			return;
	}
	va_start(ap, fmt);
	write_line(level, ctx, fmt, ap, held_back);
	va_end(ap);
	tell_held_back(now_us - WINDOW_US, now_us);
	errno = saved_errno;
}
