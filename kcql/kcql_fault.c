/*
 * Error messages: what is wrong, where, what could stand there instead, and a caret
 * under the place.  The beginning of the first line is Lenses' own, so that searches
 * in logs keep working.  Decides nothing; the parsers do.
 */
#include "kcql/kcql_fault.h"

#include <stdint.h>
#include <string.h>

#define STATEMENT_CHARS 200u /* of the statement in the first line */
#define FOUND_CHARS 60u      /* of the offending text */
#define LINE_CHARS 160u      /* of the source line, around the column */
#define WORD_MAX 32u         /* longer words are not compared */

static size_t
next(const char *text, size_t len, size_t pos)
{
	do
		pos++;
	while (pos < len && ((unsigned char)text[pos] & 0xc0) == 0x80);
	return pos;
}

static size_t
previous(const char *text, size_t pos)
{
	do
		pos--;
	while (pos > 0 && ((unsigned char)text[pos] & 0xc0) == 0x80);
	return pos;
}

static void
put_clean(struct kcql_buf *out, const char *ptr, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		bool control = ((unsigned char)ptr[i] < 0x20 && ptr[i] != '\t') ||
		               ptr[i] == 0x7f;

		if (ptr[i] == '\n' || ptr[i] == '\r')
			kcql_memory_putc(out, ' ');
		else
			kcql_memory_putc(out, control ? '?' : ptr[i]);
	}
}

static const char *
keep(struct kcql_memory *m, struct kcql_buf *b)
{
	const char *s = kcql_memory_text(m, b->ptr, b->len).ptr;

	kcql_memory_buf_free(b);
	return s;
}

const char *
kcql_fault_excerpt(struct kcql_memory *m, const char *ptr, size_t len, size_t max)
{
	struct kcql_buf b = { 0 };
	size_t end = 0;

	for (size_t n = 0; n < max && end < len; n++)
		end = next(ptr, len, end);
	put_clean(&b, ptr, end);
	if (end < len)
		kcql_memory_puts(&b, "...");
	return keep(m, &b);
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* End of the statement at `pos`: the next `;` outside quotes and comments. */
static size_t
statement_end(const struct kcql_scan *s, size_t pos)
{
	char quote = '\0';
	bool comment = false;

	for (size_t n = 0; pos < s->len && n < STATEMENT_CHARS; n++) {
		char c = s->text[pos];
		bool line_end = c == '\n' || c == '\r';

		if (comment)
			comment = !line_end;
		else if (quote != '\0')
			quote = c == quote || (line_end && quote != '`') ? '\0' : quote;
		else if (c == ';')
			break;
		else if (c == '`' || c == '\'' || c == '"')
			quote = c;
		else if (c == '-' && s->len - pos > 1 && s->text[pos + 1] == '-' &&
			 pos > 0)
			comment = blank(s->text[pos - 1]) || s->text[pos - 1] == ';';
		pos = next(s->text, s->len, pos);
	}
	return pos;
}

static void
put_statement(struct kcql_buf *out, const struct kcql_scan *s, size_t begin)
{
	size_t end;

	while (begin < s->len && blank(s->text[begin]))
		begin++;
	end = statement_end(s, begin);
	while (end > begin && blank(s->text[end - 1]))
		end--;
	put_clean(out, s->text + begin, end - begin);
}

static void
put_expected(struct kcql_buf *out, const struct kcql_fault *f)
{
	for (size_t i = 0; i < f->n_expected; i++) {
		const char *e = f->expected[i];
		const char *quote = e[1] == '\0' ? "'" : "";

		kcql_memory_puts(out, i == 0                   ? ", expected "
				      : i == f->n_expected - 1 ? " or "
							       : ", ");
		kcql_memory_puts(out, quote);
		kcql_memory_puts(out, e);
		kcql_memory_puts(out, quote);
	}
}

/* The source line and the caret.  Of a long line only the part around the place. */
static void
put_line(struct kcql_buf *out, const struct kcql_scan *s, size_t pos)
{
	size_t begin = pos, end = pos, n;

	for (n = 0; n < LINE_CHARS / 2 && begin > 0 && s->text[begin - 1] != '\n'; n++)
		begin = previous(s->text, begin);
	for (n = 0; n < LINE_CHARS / 2 && end < s->len && s->text[end] != '\n'; n++)
		end = next(s->text, s->len, end);
	bool cut_left = begin > 0 && s->text[begin - 1] != '\n';
	bool cut_right = end < s->len && s->text[end] != '\n';

	kcql_memory_puts(out, cut_left ? "\n..." : "\n");
	put_clean(out, s->text + begin, end - begin);
	kcql_memory_puts(out, cut_right ? "...\n" : "\n");
	kcql_memory_puts(out, cut_left ? "   " : "");
	for (; begin < pos; begin = next(s->text, s->len, begin))
		kcql_memory_putc(out, s->text[begin] == '\t' ? '\t' : ' ');
	kcql_memory_putc(out, '^');
}

static const char *
message(const struct kcql_fault *f, struct kcql_place at, const struct kcql_scan *s,
    struct kcql_memory *m)
{
	struct kcql_buf b = { 0 };
	const char *head = kcql_memory_printf(
	    m, " . Error message:%s at line %u column %u: ", f->code, at.line, at.column);

	kcql_memory_puts(&b, "Invalid syntax. SQL:");
	put_statement(&b, s, f->statement);
	kcql_memory_puts(&b, head);
	kcql_memory_puts(&b, f->what);
	put_expected(&b, f);
	put_line(&b, s, f->pos);
	return keep(m, &b);
}

const struct kcql_error *
kcql_fault_error(const struct kcql_fault *f, struct kcql_scan *s, struct kcql_memory *m)
{
	struct kcql_error *e = kcql_memory_alloc(m, sizeof(*e));

	*e = (struct kcql_error) {
		.code = f->code,
		.at = kcql_scan_place(s, f->pos),
		.expected = f->expected,
		.n_expected = f->n_expected,
	};
	e->found.ptr = kcql_fault_excerpt(
	    m, s->text + f->pos, f->end - f->pos, FOUND_CHARS);
	e->found.len = strlen(e->found.ptr);
	e->message = message(f, e->at, s, m);
	return e;
}

static unsigned
lesser(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Edits that make b of a: letters put in, left out, replaced, or swapped with their
 * neighbour; letter case does not count.  Both have at most WORD_MAX letters. */
static unsigned
distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned d[WORD_MAX + 1][WORD_MAX + 1];

	for (unsigned i = 0; i <= a_len; i++)
		d[i][0] = i;
	for (unsigned j = 0; j <= b_len; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= a_len; i++)
		for (size_t j = 1; j <= b_len; j++) {
			char x = kcql_lower(a[i - 1]), y = kcql_lower(b[j - 1]);

			d[i][j] = lesser(d[i - 1][j], d[i][j - 1]) + 1;
			d[i][j] = lesser(d[i][j], d[i - 1][j - 1] + (x != y));
			if (i > 1 && j > 1 && x == kcql_lower(b[j - 2]) &&
			    y == kcql_lower(a[i - 2]))
				d[i][j] = lesser(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[a_len][b_len];
}

const char *
kcql_fault_nearest(struct kcql_text word, const char *const *list, size_t n)
{
	const char *nearest = NULL;
	unsigned best = word.len < 5 ? 2 : 3; /* as near as this is too far */

	if (word.len > WORD_MAX || word.len < 2)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(list[i]);
		unsigned d;

		if (len < 2 || len > WORD_MAX)
			continue;
		d = distance(word.ptr, word.len, list[i], len);
		if (d < best) {
			best = d;
			nearest = list[i];
		}
	}
	return nearest;
}
