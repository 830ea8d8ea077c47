/*
 * Error values: a kind for code, a message for people.  Never allocates, so that
 * an error can be told when nothing else works any more.
 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/* Where a text of n bytes may be cut so that no UTF-8 character is halved. */
static size_t
utf8_cut(const char *s, size_t n)
{
	size_t cut = n;

	while (cut > 0 && n - cut < 3 && ((unsigned char)s[cut] & 0xc0) == 0x80)
		cut--;
	return cut;
}

/* text may hold what err->msg held: arguments of a message are often its older form. */
static void
set_msg(struct err *err, const char *text)
{
	size_t n = strlen(text);

	if (n >= sizeof(err->msg))
		n = utf8_cut(text, sizeof(err->msg) - 1);
	memcpy(err->msg, text, n);
	err->msg[n] = '\0';
}

int
err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	char text[sizeof(err->msg) + 4];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err->kind = kind;
	set_msg(err, text);
	return -1;
}

int
err_context(struct err *err, const char *fmt, ...)
{
	char text[2 * sizeof(err->msg) + 8];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(err->msg) + 4, fmt, ap);
	va_end(ap);
	strcat(text, ": ");
	strcat(text, err->msg);
	set_msg(err, text);
	return -1;
}

int
err_errno(struct err *err, enum err_kind kind, int errnum, const char *fmt, ...)
{
	char text[sizeof(err->msg) + 4], reason[96];
	const char *why = strerror_r(errnum, reason, sizeof(reason));
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* The reason is worth more than the end of a long path. */
	size_t room = sizeof(err->msg) - 1 - strlen(": ") - strlen(why);
	if (strlen(text) > room)
		text[utf8_cut(text, room)] = '\0';
	return err_set(err, kind, "%s: %s", text, why);
}

const char *
err_kind_name(enum err_kind kind)
{
	static const char *const names[] = {
		[ERR_NONE] = "none",
		[ERR_RETRY] = "retry",
		[ERR_RECORD] = "record",
		[ERR_CONFIG] = "config",
		[ERR_FATAL] = "fatal",
		[ERR_BUG] = "bug",
	};

	return (size_t)kind < ARRAY_LEN(names) ? names[kind] : "unknown";
}
