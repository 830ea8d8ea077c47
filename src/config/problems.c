/*
 * The list of everything that is wrong in a configuration, so that its owner can
 * mend all of it in one go.  Holds texts and places; must not know what they mean.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/config.h"

#define PROBLEMS_KEPT 500 /* of each level, so that warnings do not hide errors */
#define TEXT_MAX 2000     /* bytes of one problem's text */

struct problems {
	struct problem *list;
	size_t n;        /* <= 2 * PROBLEMS_KEPT */
	size_t count[2]; /* by level, also of those not kept */
};

struct problems *
problems_new(void)
{
	return mem_zalloc(sizeof(struct problems));
}

void
problems_free(struct problems *ps)
{
	if (ps == NULL)
		return;
	for (size_t i = 0; i < ps->n; i++) {
		free((void *)(uintptr_t)ps->list[i].file);
		free((void *)(uintptr_t)ps->list[i].key);
		free((void *)(uintptr_t)ps->list[i].written);
		free((void *)(uintptr_t)ps->list[i].text);
	}
	free(ps->list);
	free(ps);
}

static const char *
copy_or_null(const char *s)
{
	return s == NULL || s[0] == '\0' ? NULL : mem_strdup(s);
}

/* Texts end in JSON and in logs: what a cut has left of a character becomes '?'. */
static void
mend_utf8(char *text)
{
	for (char *p = text; *p != '\0';) {
		size_t n = str_utf8_len(str_of(p));
		if (n == 0)
			*p++ = '?';
		p += n;
	}
}

static char *__attribute__((format(printf, 1, 0))) text_of(const char *fmt, va_list ap)
{
	char text[TEXT_MAX + sizeof("...")];

	if (vsnprintf(text, TEXT_MAX, fmt, ap) >= TEXT_MAX)
		memcpy(text + TEXT_MAX - 1, "...", sizeof("..."));
	mend_utf8(text);
	return mem_strdup(text);
}

static void __attribute__((format(printf, 3, 0)))
add(struct problems *ps, const struct problem *p, const char *fmt, va_list ap)
{
	if (++ps->count[p->level] > PROBLEMS_KEPT)
		return;
	if ((ps->n & (ps->n - 1)) == 0) /* full at each power of two */
		ps->list = mem_realloc(ps->list, (ps->n + 1) * 2 * sizeof(*ps->list));

	struct problem *copy = &ps->list[ps->n++];
	*copy = *p;
	copy->file = copy_or_null(p->file);
	copy->key = copy_or_null(p->key);
	copy->written = copy_or_null(p->written);
	copy->text = text_of(fmt, ap);
}

static struct problem
problem_of(enum problem_level level, const struct config_entry *e)
{
	struct problem p = { .level = level };

	if (e != NULL) {
		p.file = e->file;
		p.line = e->line;
		p.key = e->key;
		p.written = e->written != NULL ? e->written : e->key;
	}
	return p;
}

void
problems_add(struct problems *ps, enum problem_level level, const struct config_entry *e,
    const char *fmt, ...)
{
	struct problem p = problem_of(level, e);
	va_list ap;

	va_start(ap, fmt);
	add(ps, &p, fmt, ap);
	va_end(ap);
}

void
problems_add_at(struct problems *ps, enum problem_level level, const char *file, int line,
    const char *fmt, ...)
{
	struct problem p = { .level = level, .file = file, .line = line };
	va_list ap;

	va_start(ap, fmt);
	add(ps, &p, fmt, ap);
	va_end(ap);
}

void
problems_add_in(struct problems *ps, enum problem_level level,
    const struct config_entry *e, int line, int column, const char *fmt, ...)
{
	struct problem p = problem_of(level, e);
	va_list ap;

	if (e != NULL && e->whole_file) {
		p.line = e->line + line - 1;
		p.column = column;
	}
	va_start(ap, fmt);
	add(ps, &p, fmt, ap);
	va_end(ap);
}

size_t
problems_count(const struct problems *ps, enum problem_level level)
{
	return ps->count[level];
}

const struct problem *
problems_each(const struct problems *ps, size_t *i)
{
	return *i < ps->n ? &ps->list[(*i)++] : NULL;
}

static int
by_place(const void *a, const void *b)
{
	const struct problem *p = *(const struct problem *const *)a;
	const struct problem *q = *(const struct problem *const *)b;
	int files = strcmp(
	    p->file != NULL ? p->file : "", q->file != NULL ? q->file : "");

	if (files != 0)
		return files;
	if (p->line != q->line)
		return p->line < q->line ? -1 : 1;
	if (p->column != q->column)
		return p->column < q->column ? -1 : 1;
	return p < q ? -1 : 1; /* as they were added */
}

/* A hostile text can neither begin a line of its own nor steer a terminal. */
static void
print_text(struct buf *out, const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '\n')
			buf_add_c(out, "\n    ");
		else if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f)
			buf_printf(out, "\\x%02x", (unsigned)*c);
		else
			buf_add_byte(out, (uint8_t)*c);
	}
}

/* Does the text name the key itself, as Kafka's do?  configuration "key", ... */
static bool
names(const char *text, const char *key)
{
	static const char word[] = "configuration ";
	size_t n = strlen(key);

	for (const char *p = text; (p = strstr(p, word)) != NULL;) {
		p += sizeof(word) - 1;
		if (*p == '"')
			p++;
		if (strncmp(p, key, n) == 0 && strchr("\": ", p[n]) != NULL)
			return true;
	}
	return false;
}

static void
print_one(const struct problem *p, struct buf *out)
{
	if (p->file != NULL) {
		print_text(out, p->file);
		if (p->line > 0)
			buf_printf(out, ":%d", p->line);
		if (p->line > 0 && p->column > 0)
			buf_printf(out, ":%d", p->column);
		buf_add_c(out, ": ");
	}
	buf_add_c(out, p->level == PROBLEM_ERROR ? "error: " : "warning: ");
	if (p->written != NULL && !names(p->text, p->written)) {
		print_text(out, p->written);
		buf_add_c(out, ": ");
	}
	print_text(out, p->text);
	buf_add_byte(out, '\n');
}

void
problems_print(const struct problems *ps, struct buf *out)
{
	const struct problem **sorted = mem_alloc((ps->n + 1) * sizeof(*sorted));

	for (size_t i = 0; i < ps->n; i++)
		sorted[i] = &ps->list[i];
	qsort(sorted, ps->n, sizeof(*sorted), by_place);
	for (size_t i = 0; i < ps->n; i++)
		print_one(sorted[i], out);
	free(sorted);

	size_t more = ps->count[PROBLEM_ERROR] + ps->count[PROBLEM_WARNING] - ps->n;
	if (more > 0)
		buf_printf(out, "and %zu more\n", more);
}
