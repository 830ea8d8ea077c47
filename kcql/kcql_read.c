/*
 * The tokens of KCQL as the grammar asks for them, and its faults.  What ends a word
 * depends on the rule that asks: `a.b*` is one topic filter but two segments and a
 * star, and `batch` is no keyword where a name is needed.  So there is no list of
 * tokens; the grammar takes words from the text.
 */
#include "kcql/kcql_read.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "kcql/kcql_words.h"

#define SHOWN_CHARS 60u

static bool
fail_with(struct kcql_read *p, const char *code, size_t pos, size_t end,
    struct kcql_expect expect, const char *what)
{
	*p->fault = (struct kcql_fault) {
		.code = code,
		.statement = p->begin,
		.pos = pos,
		.end = end,
		.expected = expect.item,
		.n_expected = expect.n,
		.what = what,
	};
	return false;
}

bool
kcql_read_fail(
    struct kcql_read *p, const char *code, size_t pos, size_t end, const char *fmt, ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return fail_with(p, code, pos, end, (struct kcql_expect) { NULL, 0 },
	    kcql_memory_text(p->m, what, strlen(what)).ptr);
}

const char *
kcql_read_show(struct kcql_read *p, size_t begin, size_t end)
{
	return kcql_fault_excerpt(p->m, p->s->text + begin, end - begin, SHOWN_CHARS);
}

/* A character that may stand within quotes only, or nowhere. */
static bool
illegal(struct kcql_read *p, size_t pos)
{
	static const char code[] = "illegal_character";
	const unsigned char *c = (const unsigned char *)p->s->text + pos;
	size_t bytes;

	if (pos >= p->s->len)
		return kcql_read_fail(p, code, pos, pos,
		    "byte 0x%02X is not UTF-8; save the text as UTF-8", *c);
	(void)kcql_scan_class(p->s, pos, &bytes);
	if (bytes == 3)
		return kcql_read_fail(p, code, pos, pos + bytes,
		    "the typographic quote %.3s does not quote; write ` or ' or \"", c);
	return kcql_read_fail(p, code, pos, pos + bytes,
	    "the control character U+%04X may stand within quotes only",
	    bytes == 1 ? c[0] : c[1]);
}

size_t
kcql_read_token_end(struct kcql_read *p, size_t pos)
{
	size_t bytes, stuck, end = pos, saved = p->s->pos;

	p->s->pos = pos;
	switch (kcql_scan_class(p->s, pos, &bytes)) {
	case SCAN_WORD:
		end = kcql_scan_word(p->s, "");
		break;
	case SCAN_QUOTE:
		end = kcql_scan_quote(p->s, &stuck);
		end = end == SIZE_MAX ? stuck : end + 1;
		break;
	case SCAN_STOP:
		end = pos + 1;
		break;
	default:
		break;
	}
	p->s->pos = saved;
	return end;
}

bool
kcql_read_unexpected(
    struct kcql_read *p, const char *code, struct kcql_expect expect, const char *advice)
{
	size_t pos = p->s->pos, end = kcql_read_token_end(p, pos), bytes;
	enum scan_class c = kcql_scan_class(p->s, pos, &bytes);
	const char *found = kcql_read_show(p, pos, end);

	if (c == SCAN_ILLEGAL)
		return illegal(p, pos);
	if (pos == p->last_end && (c == SCAN_QUOTE || (c == SCAN_WORD && p->last_quoted)))
		return kcql_read_fail(p, "mixed_quoting", pos, end,
		    "%s touches the name before it; put one pair of quotes around the "
		    "whole name",
		    found);
	if (c == SCAN_END)
		return fail_with(p, code, pos, end, expect, "unexpected end of the text");
	return fail_with(p, code, pos, end, expect,
	    kcql_memory_printf(p->m, "unexpected '%s'%s%s%s", found,
		advice[0] != '\0' ? " (" : "", advice, advice[0] != '\0' ? ")" : ""));
}

struct kcql_place
kcql_read_here(struct kcql_read *p)
{
	return kcql_scan_place(p->s, p->s->pos);
}

void
kcql_read_advance(struct kcql_read *p, size_t pos)
{
	p->s->pos = pos;
	kcql_scan_skip(p->s);
}

bool
kcql_read_at_end(const struct kcql_read *p)
{
	return kcql_read_at(p, ';') || (p->s->pos == p->s->len && !p->s->cut);
}

struct kcql_text
kcql_read_ahead(struct kcql_read *p)
{
	size_t end = kcql_scan_word(p->s, "*");

	return (struct kcql_text) { p->s->text + p->s->pos, end - p->s->pos };
}

bool
kcql_read_sign(struct kcql_read *p, char c, struct kcql_expect expect)
{
	if (!kcql_read_at(p, c))
		return kcql_read_unexpected(p, "syntax", expect, "");
	kcql_read_advance(p, p->s->pos + 1);
	return true;
}

bool
kcql_read_keyword(struct kcql_read *p, const char *word)
{
	struct kcql_text t = kcql_read_ahead(p);

	if (!kcql_words_equal(t.ptr, t.len, word))
		return false;
	kcql_read_advance(p, p->s->pos + t.len);
	return true;
}

/* Is the next word perhaps the second half of a name that has a blank? */
static bool
follows_name(const struct kcql_read *p)
{
	size_t pos = p->last_end, bytes;

	if (pos >= p->s->pos || p->s->pos - pos > 8)
		return false;
	while (pos < p->s->pos && kcql_scan_class(p->s, pos, &bytes) == SCAN_BLANK)
		pos++;
	return pos == p->s->pos && kcql_scan_class(p->s, pos, &bytes) == SCAN_WORD;
}

bool
kcql_read_no_keyword(struct kcql_read *p, const char *code, struct kcql_expect expect)
{
	struct kcql_text t = kcql_read_ahead(p);
	const char *near = kcql_fault_nearest(t, expect.item, expect.n);
	const char *advice = kcql_words_sql(t.ptr, t.len);

	if (advice == NULL && near != NULL)
		advice = kcql_memory_printf(p->m, "did you mean %s?", near);
	if (advice == NULL)
		advice = follows_name(p) ? "a name with a blank needs backticks" : "";
	return kcql_read_unexpected(p, code, expect, advice);
}

bool
kcql_read_need(struct kcql_read *p, const char *word, struct kcql_expect expect)
{
	return kcql_read_keyword(p, word) || kcql_read_no_keyword(p, "syntax", expect);
}

bool
kcql_read_quoted(struct kcql_read *p, struct kcql_piece *out)
{
	size_t open = p->s->pos, stuck = 0, close = kcql_scan_quote(p->s, &stuck);
	char quote = p->s->text[open];

	if (close == SIZE_MAX && stuck == p->s->len && p->s->cut)
		return illegal(p, stuck);
	if (close == SIZE_MAX)
		return kcql_read_fail(p, "unterminated_quote", open, stuck,
		    "the quote that begins here has no closing %c%s", quote,
		    quote == '`' ? "" : " on its line");
	*out = (struct kcql_piece) {
		.text = kcql_memory_text(p->m, p->s->text + open + 1, close - open - 1),
		.quote = quote,
		.pos = open,
	};
	p->last_end = close + 1;
	p->last_quoted = true;
	kcql_read_advance(p, close + 1);
	return true;
}

bool
kcql_read_word(struct kcql_read *p, const char *stops, struct kcql_expect expect,
    struct kcql_piece *out)
{
	size_t begin = p->s->pos, end, bytes;

	if (kcql_scan_class(p->s, begin, &bytes) == SCAN_QUOTE)
		return kcql_read_quoted(p, out);
	end = kcql_scan_word(p->s, stops);
	if (end == begin)
		return kcql_read_unexpected(p, "syntax", expect, "");
	if (kcql_scan_class(p->s, end, &bytes) == SCAN_ILLEGAL)
		return illegal(p, end);
	*out = (struct kcql_piece) {
		.text = kcql_memory_text(p->m, p->s->text + begin, end - begin),
		.pos = begin,
	};
	p->last_end = end;
	p->last_quoted = false;
	kcql_read_advance(p, end);
	return true;
}

bool
kcql_read_value(struct kcql_read *p, struct kcql_expect expect, struct kcql_piece *out)
{
	return kcql_read_word(p, "", expect, out);
}

bool
kcql_read_not_empty(struct kcql_read *p, const struct kcql_piece *piece, const char *what)
{
	if (piece->text.len > 0)
		return true;
	return kcql_read_fail(p, "empty_name", piece->pos, piece->pos + 2,
	    "the quotes are empty; write %s between them", what);
}
