/*
 * Canonical spelling of names.  What it writes must be read as the same name at the
 * same place of a statement; the round-trip test watches over that.
 */
#include "kcql/kcql_spell.h"

#include <string.h>

#include "kcql/kcql_words.h"

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Letters, digits, `_` and `others`, a letter in front, and no keyword. */
static bool
is_plain(struct kcql_text t, const char *others)
{
	if (t.len == 0 || !is_letter(t.ptr[0]))
		return false;
	for (size_t i = 0; i < t.len; i++) {
		char c = t.ptr[i];

		if (!is_letter(c) && !is_digit(c) && c != '_' &&
		    (c == '\0' || strchr(others, c) == NULL))
			return false;
	}
	return !kcql_words_keyword(t.ptr, t.len);
}

static bool
can_hold(char quote, struct kcql_text t)
{
	if (memchr(t.ptr, quote, t.len) != NULL)
		return false;
	return quote == '`' ||
	       (memchr(t.ptr, '\n', t.len) == NULL && memchr(t.ptr, '\r', t.len) == NULL);
}

void
kcql_spell_value(struct kcql_buf *out, struct kcql_text t, const char *quotes)
{
	while (quotes[1] != '\0' && !can_hold(quotes[0], t))
		quotes++;
	kcql_memory_putc(out, quotes[0]);
	kcql_memory_putt(out, t);
	kcql_memory_putc(out, quotes[0]);
}

void
kcql_spell_name(struct kcql_buf *out, struct kcql_text t)
{
	if (is_plain(t, "/+-_"))
		kcql_memory_putt(out, t);
	else
		kcql_spell_value(out, t, "`'\"");
}

void
kcql_spell_segment(struct kcql_buf *out, const struct kcql_piece *p, bool key)
{
	bool dots = memchr(p->text.ptr, '.', p->text.len) != NULL;
	bool comment = p->text.len >= 2 && memcmp(p->text.ptr, "--", 2) == 0;

	if ((p->quote == '\0' && !comment) || is_plain(p->text, ""))
		kcql_memory_putt(out, p->text);
	else if (!key || !dots)
		kcql_spell_value(out, p->text, "`\"'");
	else
		kcql_spell_value(out, p->text, p->quote == '"' ? "\"" : "`'");
}
