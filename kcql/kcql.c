/*
 * The library's front: a text becomes statements by one of the two readings, and
 * warnings where they part.  The readings themselves: kcql_grammar.c, headrace's own,
 * and kcql_lenses.c, which reads exactly as Lenses does.
 */
#include "kcql/kcql.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kcql/kcql_check.h"
#include "kcql/kcql_grammar.h"
#include "kcql/kcql_lenses.h"
#include "kcql/kcql_print.h"
#include "kcql/kcql_words.h"

static void
warn(struct kcql *k, struct kcql_scan *s, const struct kcql_list *own,
    const struct kcql_list *lenses)
{
	struct kcql_notices list = { NULL, 0 };
	bool same_count = lenses != NULL && lenses->n == own->n;

	if (s->odd != SIZE_MAX)
		kcql_check_add(k->memory, &list, "odd_blank", 0,
		    kcql_scan_place(s, s->odd),
		    "an odd blank, as web pages have them, is read as a plain one");
	if (lenses != NULL && !same_count)
		kcql_check_add(k->memory, &list, "lenses_differs:statements", 0,
		    own->statement[0].at,
		    kcql_memory_printf(k->memory,
			"Lenses reads %zu statements here: it cuts at every ';'",
			lenses->n));
	for (size_t i = 0; i < own->n; i++)
		kcql_check_warn(k->memory, &list, &own->statement[i], i,
		    same_count ? &lenses->statement[i] : NULL);
	k->warning = list.notice;
	k->n_warnings = list.n;
}

static void
read_own(struct kcql *k, struct kcql_scan *s)
{
	struct kcql_list own, lenses;
	struct kcql_fault fault = { 0 };
	struct kcql_scan again = *s;
	struct kcql_memory *aside;
	bool both;

	if (!kcql_grammar_parse(s, k->memory, &own, &fault)) {
		k->error = kcql_fault_error(&fault, s, k->memory);
		return;
	}
	k->statement = own.statement;
	k->n_statements = own.n;
	aside = kcql_memory_new();
	both = kcql_lenses_parse(&again, aside, &lenses, NULL);
	warn(k, s, &own, both ? &lenses : NULL);
	kcql_memory_free(aside);
}

static void
read_strict(struct kcql *k, struct kcql_scan *s)
{
	struct kcql_list lenses;
	struct kcql_fault fault = { 0 };

	if (!kcql_lenses_parse(s, k->memory, &lenses, &fault)) {
		k->error = kcql_fault_error(&fault, s, k->memory);
		return;
	}
	k->statement = lenses.statement;
	k->n_statements = lenses.n;
}

static const struct kcql_error *
too_long(struct kcql_memory *m, size_t len)
{
	struct kcql_error *e = kcql_memory_alloc(m, sizeof(*e));

	*e = (struct kcql_error) {
		.code = "too_long",
		.at = { 1, 1 },
		.found = { "", 0 },
	};
	e->message = kcql_memory_printf(m,
	    "Invalid syntax. SQL: . Error message:too_long at line 1 column 1: %zu bytes "
	    "are more than the %zu that a text may have\n\n^",
	    len, KCQL_MAX_BYTES);
	return e;
}

struct kcql *
kcql_parse(const char *text, size_t len, unsigned flags)
{
	struct kcql_memory *m = kcql_memory_new();
	struct kcql *k = kcql_memory_alloc(m, sizeof(*k));
	struct kcql_scan s;

	k->memory = m;
	k->strict = (flags & KCQL_STRICT_LENSES) != 0;
	if (len > KCQL_MAX_BYTES) {
		k->error = too_long(m, len);
		return k;
	}
	kcql_scan_init(&s, text, len);
	if (k->strict)
		read_strict(k, &s);
	else
		read_own(k, &s);
	return k;
}

void
kcql_free(struct kcql *k)
{
	if (k != NULL)
		kcql_memory_free(k->memory);
}

void
kcql_bind(struct kcql *k, const struct kcql_world *world)
{
	struct kcql_notices list = { NULL, 0 };

	for (size_t i = 0; i < k->n_statements; i++)
		kcql_check_bind(k->memory, &list, &k->statement[i], i, world, k->strict);
	k->bind = list.notice;
	k->n_bind = list.n;
}

static struct kcql_text
keep(struct kcql *k, struct kcql_buf *b)
{
	struct kcql_text t = kcql_memory_text(k->memory, b->ptr, b->len);

	kcql_memory_buf_free(b);
	return t;
}

struct kcql_text
kcql_text(struct kcql *k)
{
	struct kcql_buf b = { 0 };

	for (size_t i = 0; i < k->n_statements; i++) {
		kcql_memory_puts(&b, i > 0 ? ";\n" : "");
		kcql_print_text(&b, &k->statement[i]);
	}
	return keep(k, &b);
}

struct kcql_text
kcql_statement_text(struct kcql *k, const struct kcql_statement *st)
{
	struct kcql_buf b = { 0 };

	kcql_print_text(&b, st);
	return keep(k, &b);
}

static int
compare_codes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* As a set: each code once. */
static void
put_codes(struct kcql *k, struct kcql_buf *out, const struct kcql_notice *n, size_t count)
{
	const char **code = kcql_memory_alloc(k->memory, (count + 1) * sizeof(*code));
	size_t done = 0;

	for (size_t i = 0; i < count; i++)
		code[i] = n[i].code;
	qsort(code, count, sizeof(*code), compare_codes);
	kcql_memory_puts(out, "[");
	for (size_t i = 0; i < count; i++) {
		if (i > 0 && strcmp(code[i], code[i - 1]) == 0)
			continue;
		kcql_memory_puts(out, done++ > 0 ? "," : "");
		kcql_print_string(out, (struct kcql_text) { code[i], strlen(code[i]) });
	}
	kcql_memory_puts(out, "]");
}

static void
put_error(struct kcql_buf *out, const struct kcql_error *e)
{
	char place[80];

	kcql_memory_puts(out, "{\"error\":{\"code\":\"");
	kcql_memory_puts(out, e->code);
	snprintf(place, sizeof(place), "\",\"line\":%u,\"column\":%u", e->at.line,
	    e->at.column);
	kcql_memory_puts(out, place);
	if (e->n_expected > 0)
		kcql_memory_puts(out, ",\"expected\":[");
	for (size_t i = 0; i < e->n_expected; i++) {
		const char *s = e->expected[i];

		kcql_memory_puts(out, i > 0 ? "," : "");
		kcql_print_string(out, (struct kcql_text) { s, strlen(s) });
	}
	kcql_memory_puts(out, e->n_expected > 0 ? "],\"message\":" : ",\"message\":");
	kcql_print_string(out, (struct kcql_text) { e->message, strlen(e->message) });
	kcql_memory_puts(out, "}}");
}

const char *
kcql_json(struct kcql *k)
{
	struct kcql_buf b = { 0 };

	if (k->error != NULL) {
		put_error(&b, k->error);
		return keep(k, &b).ptr;
	}
	kcql_memory_puts(&b, "{\"statements\":[");
	for (size_t i = 0; i < k->n_statements; i++) {
		kcql_memory_puts(&b, i > 0 ? "," : "");
		kcql_print_json(&b, &k->statement[i]);
	}
	kcql_memory_puts(&b, "],\"warnings\":");
	put_codes(k, &b, k->warning, k->n_warnings);
	kcql_memory_puts(&b, ",\"bind\":");
	put_codes(k, &b, k->bind, k->n_bind);
	kcql_memory_puts(&b, "}");
	return keep(k, &b).ptr;
}

const char *
kcql_clause_name(enum kcql_clause clause)
{
	return kcql_words_clauses[clause];
}

const char *
kcql_unit_name(enum kcql_unit unit)
{
	return kcql_words_units[unit];
}
