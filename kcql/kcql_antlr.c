/*
 * Lenses' way through its tokens.  A parser made by ANTLR looks ahead, takes what the
 * rule allows, and reports the first token that no rule allows; Lenses makes an exception
 * of the report.  Knows no clause.
 */
#include "kcql/kcql_antlr.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kcql/kcql_print.h"

bool
kcql_antlr_refuse(
    struct kcql_antlr *r, const char *code, struct token t, const char *what)
{
	const char *found;

	if (r->fault == NULL)
		return false;
	found = kcql_fault_excerpt(r->m, r->s->text + t.pos, t.end - t.pos, 60);
	*r->fault = (struct kcql_fault) {
		.code = code,
		.statement = r->begin,
		.pos = t.pos > r->begin ? t.pos : r->begin,
		.end = t.end > r->begin ? t.end : r->begin,
		.what = kcql_memory_printf(r->m, "Lenses refuses this: %s%s%s%s", what,
		    *found ? " '" : "", found, *found ? "'" : ""),
	};
	return false;
}

bool
kcql_antlr_unexpected(struct kcql_antlr *r)
{
	return kcql_antlr_refuse(r, "syntax", r->now,
	    r->now.kind == TOKEN_END ? "unexpected end" : "unexpected");
}

void
kcql_antlr_step(struct kcql_antlr *r)
{
	r->now = r->next;
	r->next = kcql_tokens_next(&r->tokens);
}

bool
kcql_antlr_take(struct kcql_antlr *r, enum token_kind kind)
{
	if (!kcql_antlr_at(r, kind))
		return kcql_antlr_unexpected(r);
	kcql_antlr_step(r);
	return true;
}

static bool
in(const struct kcql_antlr *r, unsigned kinds)
{
	return r->now.kind < TOKEN_KEYWORD && ((1u << r->now.kind) & kinds) != 0;
}

bool
kcql_antlr_one(struct kcql_antlr *r, unsigned kinds, struct kcql_text *out)
{
	struct token t = r->now;

	if (!in(r, kinds))
		return kcql_antlr_unexpected(r);
	*out = kcql_memory_text(r->m, r->s->text + t.pos, t.end - t.pos);
	kcql_antlr_step(r);
	return true;
}

bool
kcql_antlr_glued(struct kcql_antlr *r, unsigned kinds, struct kcql_text *out)
{
	struct kcql_buf b = { 0 };

	if (!in(r, kinds))
		return kcql_antlr_unexpected(r);
	for (; in(r, kinds); kcql_antlr_step(r))
		kcql_memory_put(&b, r->s->text + r->now.pos, r->now.end - r->now.pos);
	*out = kcql_memory_text(r->m, b.ptr, b.len);
	kcql_memory_buf_free(&b);
	return true;
}

bool
kcql_antlr_value(struct kcql_antlr *r, unsigned others, struct kcql_text *out)
{
	const unsigned topic = ANTLR(DOT) | ANTLR(TOPICNAME);

	if (in(r, topic))
		return kcql_antlr_glued(r, topic, out);
	return kcql_antlr_one(r, ANTLR(FIELD) | others, out);
}

bool
kcql_antlr_path(struct kcql_antlr *r, struct kcql_text *out)
{
	struct kcql_tokens ahead = r->tokens;
	struct token t = r->now;

	if (t.kind == TOKEN_DOT)
		t = r->next;
	while (t.kind == TOKEN_DOT)
		t = kcql_tokens_next(&ahead);
	if (t.kind == TOKEN_TOPICNAME)
		return kcql_antlr_glued(r, ANTLR(DOT) | ANTLR(TOPICNAME), out);
	return kcql_antlr_glued(r, ANTLR(DOT) | ANTLR(FIELD), out);
}

bool
kcql_antlr_strip(struct kcql_text *t, char quote)
{
	if (t->len == 0 || t->ptr[0] != quote || t->ptr[t->len - 1] != quote)
		return true;
	if (t->len == 1)
		return false; /* StringIndexOutOfBoundsException */
	t->ptr++;
	t->len -= 2;
	return true;
}

bool
kcql_antlr_unescape(struct kcql_antlr *r, struct kcql_text *t)
{
	if (!kcql_antlr_strip(t, '`') || !kcql_antlr_strip(t, '\''))
		return kcql_antlr_refuse(
		    r, "syntax", r->now, "a name of one quote, before");
	*t = kcql_memory_text(r->m, t->ptr, t->len);
	return true;
}

static void
add_extra(struct kcql_antlr *r, const char *name, struct kcql_text json)
{
	size_t n = r->st->n_extra++;

	r->extra = kcql_memory_grow(r->m, r->extra, n, sizeof(*r->extra));
	r->extra[n] = (struct kcql_extra) { name, json };
	r->st->extra = r->extra;
}

void
kcql_antlr_extra(struct kcql_antlr *r, const char *name, struct kcql_buf *json)
{
	add_extra(r, name, kcql_memory_text(r->m, json->ptr, json->len));
	kcql_memory_buf_free(json);
}

void
kcql_antlr_extra_string(struct kcql_antlr *r, const char *name, struct kcql_text t)
{
	struct kcql_buf b = { 0 };

	kcql_print_string(&b, t);
	kcql_antlr_extra(r, name, &b);
}

void
kcql_antlr_extra_true(struct kcql_antlr *r, const char *name)
{
	add_extra(r, name, (struct kcql_text) { "true", 4 });
}

bool
kcql_antlr_extra_number(struct kcql_antlr *r, const char *name, uint64_t most)
{
	struct token t = r->now;
	struct kcql_text text;
	uint64_t n = 0;
	char json[24];

	if (!kcql_antlr_one(r, ANTLR(INT), &text))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint64_t digit = (uint64_t)(text.ptr[i] - '0');

		if (n > (most - digit) / 10)
			return kcql_antlr_refuse(
			    r, "syntax", t, "the number is too large:");
		n = 10 * n + digit;
	}
	if (n == 0)
		return kcql_antlr_refuse(r, "syntax", t, "the number must not be");
	snprintf(json, sizeof(json), "%" PRIu64, n);
	add_extra(r, name, kcql_memory_text(r->m, json, strlen(json)));
	return true;
}
