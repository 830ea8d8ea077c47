/*
 * Reads a pattern as java.util.regex.Pattern of JDK 17 does, once, from left to right,
 * and writes one that PCRE2 reads in the same way.  What PCRE2 has no equal for, or
 * would read differently without saying so, is refused by name and index.  Literals
 * leave escaped and names as numbers, so that nothing in the result can be more than
 * it was: what comes out is known token by token.
 *
 * White space of (?x) and \Q...\E are resolved here; of the flags only i, m and s
 * reach PCRE2.
 */
#include "base/regex_translate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define NONE UINT32_MAX /* no character: the end, or not a single one */

struct reader {
	struct str p;
	size_t pos;
	size_t token;                 /* where the current token begins */
	bool quote;                   /* between \Q and \E */
	bool comments;                /* (?x) */
	bool saved[REGEX_MAX_GROUPS]; /* comments, per open group */
	size_t depth;
	struct regex_translation *t;
	size_t watch, watched; /* regex_translate_index */
	struct err *err;
};

struct range {
	uint32_t first, last;
};

/* java.util.regex's POSIX classes and a few more sets of plain ranges. */
static const struct set {
	const char *name;
	size_t n;
	struct range ranges[4];
} sets[] = {
	{ "ASCII", 1, { { 0, 0x7f } } },
	{ "Alnum", 3, { { '0', '9' }, { 'A', 'Z' }, { 'a', 'z' } } },
	{ "Alpha", 2, { { 'A', 'Z' }, { 'a', 'z' } } },
	{ "Blank", 2, { { '\t', '\t' }, { ' ', ' ' } } },
	{ "Cntrl", 2, { { 0, 0x1f }, { 0x7f, 0x7f } } },
	{ "Digit", 1, { { '0', '9' } } },
	{ "Graph", 1, { { '!', '~' } } },
	{ "Lower", 1, { { 'a', 'z' } } },
	{ "Print", 1, { { ' ', '~' } } },
	{ "Punct", 4, { { '!', '/' }, { ':', '@' }, { '[', '`' }, { '{', '~' } } },
	{ "Space", 2, { { '\t', '\r' }, { ' ', ' ' } } },
	{ "Upper", 1, { { 'A', 'Z' } } },
	{ "XDigit", 3, { { '0', '9' }, { 'A', 'F' }, { 'a', 'f' } } },
	{ "L1", 1, { { 0, 0xff } } },
	{ "all", 1, { { 0, 0x10ffff } } },
};

static const char *const categories[] = { "L", "M", "N", "Z", "C", "P", "S", "Lu", "Ll",
	"Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc",
	"Cf", "Cn", "Co", "Cs", "Pd", "Ps", "Pe", "Pc", "Po", "Pi", "Pf", "Sm", "Sc",
	"Sk", "So" };

static bool
is_digit(uint32_t c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alpha(uint32_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static int
hex_of(uint32_t c)
{
	if (is_digit(c))
		return (int)c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (int)(c | 0x20) - 'a' + 10;
	return -1;
}

/* Characters in front of byte pos. */
static size_t
index_of(struct str p, size_t pos)
{
	size_t n = 0;

	for (size_t i = 0; i < pos && i < p.n; i++)
		n += ((unsigned char)p.p[i] & 0xc0) != 0x80;
	return n;
}

/* `what` at the current token. */
static int
fault(struct reader *r, const char *what)
{
	return err_set(
	    r->err, ERR_CONFIG, "%s at index %zu", what, index_of(r->p, r->token));
}

static int
refuse(struct reader *r, const char *what, const char *instead)
{
	return err_set(r->err, ERR_CONFIG, "%s at index %zu is not supported%s%s", what,
	    index_of(r->p, r->token), instead != NULL ? ": " : "",
	    instead != NULL ? instead : "");
}

/* The character at pos and its bytes; NONE at the end.  The pattern is well-formed. */
static uint32_t
char_at(const struct reader *r, size_t pos, size_t *n)
{
	struct str rest = { r->p.p + pos, r->p.n - pos };

	*n = 0;
	if (rest.n == 0)
		return NONE;
	*n = str_utf8_len(rest);
	const unsigned char *u = (const unsigned char *)rest.p;
	switch (*n) {
	case 1:
		return u[0];
	case 2:
		return (u[0] & 0x1fu) << 6 | (u[1] & 0x3fu);
	case 3:
		return (u[0] & 0x0fu) << 12 | (u[1] & 0x3fu) << 6 | (u[2] & 0x3fu);
	default:
		return (u[0] & 0x07u) << 18 | (u[1] & 0x3fu) << 12 | (u[2] & 0x3fu) << 6 |
		       (u[3] & 0x3fu);
	}
}

static uint32_t
peek(const struct reader *r)
{
	size_t n;

	return char_at(r, r->pos, &n);
}

static uint32_t
next(struct reader *r)
{
	size_t n;
	uint32_t c = char_at(r, r->pos, &n);

	r->pos += n;
	return c;
}

static bool
at(const struct reader *r, const char *text)
{
	size_t n = strlen(text);

	return r->p.n - r->pos >= n && memcmp(r->p.p + r->pos, text, n) == 0;
}

static bool
take(struct reader *r, const char *text)
{
	if (!at(r, text))
		return false;
	r->pos += strlen(text);
	return true;
}

static bool
is_line_end(uint32_t c)
{
	return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

static bool
is_blank(uint32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static int
skip_comment(struct reader *r)
{
	r->token = r->pos;
	while (peek(r) != NONE && !is_line_end(peek(r))) {
		if (at(r, "\\Q"))
			return refuse(r, "\\Q in a comment of (?x)", NULL);
		next(r);
	}
	return 0;
}

/* Goes to the next token: over \Q, \E and, under (?x), blanks and comments. */
static int
skip(struct reader *r, bool in_class)
{
	for (;;) {
		if (!r->quote && take(r, "\\Q"))
			r->quote = true;
		else if (r->quote && take(r, "\\E"))
			r->quote = false;
		else if (r->quote || !r->comments || in_class)
			break;
		else if (is_blank(peek(r)))
			next(r);
		else if (peek(r) != '#')
			break;
		else if (skip_comment(r) < 0)
			return -1;
	}
	r->token = r->pos;
	return 0;
}

static void
emit(struct reader *r, const char *text)
{
	buf_add_c(&r->t->out, text);
}

static void
emit_char(struct reader *r, uint32_t c)
{
	if (c < 0x80 && (is_alpha(c) || is_digit(c) || c == '_' || c == ' '))
		buf_add_byte(&r->t->out, (uint8_t)c);
	else if (c > ' ' && c < 0x7f)
		buf_printf(&r->t->out, "\\%c", (char)c);
	else
		buf_printf(&r->t->out, "\\x{%x}", c);
}

/* The ranges, or what they leave of Unicode, as items of a class. */
static void
emit_set(struct reader *r, const struct set *s, bool negated)
{
	uint32_t from = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct range g = s->ranges[i];
		if (negated && g.first > from)
			buf_printf(&r->t->out, "\\x{%x}-\\x{%x}", from, g.first - 1);
		else if (!negated)
			buf_printf(&r->t->out, "\\x{%x}-\\x{%x}", g.first, g.last);
		from = g.last + 1;
	}
	if (negated && from <= 0x10ffff)
		buf_printf(&r->t->out, "\\x{%x}-\\x{10ffff}", from);
}

/* \x, \u and \0: numbers in a base. */
static int
read_code(struct reader *r, const char *digits, size_t n, uint32_t *c)
{
	*c = 0;
	for (size_t i = 0; i < n; i++) {
		int d = hex_of(peek(r));
		if (d < 0)
			return fault(r, digits);
		*c = *c * 16 + (uint32_t)d;
		next(r);
	}
	return 0;
}

static int
check_code(struct reader *r, uint32_t c)
{
	if (c > 0x10ffff)
		return fault(r, "Hexadecimal codepoint is too big");
	if (c >= 0xd800 && c <= 0xdfff)
		return refuse(r, "A lone surrogate", NULL);
	return 0;
}

static int
read_x(struct reader *r, uint32_t *c)
{
	static const char bad[] = "Illegal hexadecimal escape sequence";

	if (!take(r, "{"))
		return read_code(r, bad, 2, c);
	if (hex_of(peek(r)) < 0)
		return fault(r, bad);
	*c = 0;
	while (hex_of(peek(r)) >= 0 && *c <= 0x10ffff)
		*c = *c * 16 + (uint32_t)hex_of(next(r));
	if (*c <= 0x10ffff && !take(r, "}"))
		return fault(r, "Unclosed hexadecimal escape sequence");
	return check_code(r, *c);
}

static int
read_u(struct reader *r, uint32_t *c)
{
	static const char bad[] = "Illegal Unicode escape sequence";
	uint32_t low;

	if (read_code(r, bad, 4, c) < 0)
		return -1;
	if (*c >= 0xd800 && *c <= 0xdbff && take(r, "\\u")) {
		if (read_code(r, bad, 4, &low) < 0)
			return -1;
		if (low >= 0xdc00 && low <= 0xdfff)
			*c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
	}
	return check_code(r, *c);
}

static bool
is_octal(uint32_t c)
{
	return c >= '0' && c <= '7';
}

static int
read_octal(struct reader *r, uint32_t *c)
{
	if (!is_octal(peek(r)))
		return fault(r, "Illegal octal escape sequence");
	uint32_t first = next(r) - '0';
	*c = first;
	if (is_octal(peek(r))) {
		*c = *c * 8 + next(r) - '0';
		if (first <= 3 && is_octal(peek(r)))
			*c = *c * 8 + next(r) - '0';
	}
	return 0;
}

/* An escape that stands for one character, behind the backslash.  1, with *c; 0: it is
 * something else, nothing was read. */
static int
read_escaped_char(struct reader *r, uint32_t *c)
{
	static const char controls[] = "a\ae\x1b"
				       "f\fn\nr\rt\t";
	uint32_t e = peek(r);

	if (e == NONE)
		return fault(r, "A backslash at the end");
	if (e >= 0x80 || (!is_alpha(e) && !is_digit(e))) {
		*c = next(r);
		return 1;
	}
	for (const char *k = controls; *k != '\0'; k += 2)
		if ((uint32_t)*k == e) {
			next(r);
			*c = (uint32_t)k[1];
			return 1;
		}
	if (e != '0' && e != 'x' && e != 'u' && e != 'c')
		return 0;
	next(r);
	if (e == 'c') {
		if (peek(r) == NONE)
			return fault(r, "Illegal control escape sequence");
		*c = next(r) ^ 64;
		return check_code(r, *c) < 0 ? -1 : 1;
	}
	int rc = e == '0' ? read_octal(r, c) : e == 'x' ? read_x(r, c) : read_u(r, c);
	return rc < 0 ? -1 : 1;
}

static bool
is_category(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(categories); i++)
		if (str_eq_c(name, categories[i]))
			return true;
	return false;
}

static bool
is_word(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_alpha((unsigned char)s.p[i]) && s.p[i] != '_')
			return false;
	return s.n > 0;
}

static int
refuse_property(struct reader *r, struct str name)
{
	return err_set(r->err, ERR_CONFIG,
	    "The character property {%.*s} at index %zu is not supported",
	    (int)(name.n < 60 ? name.n : 60), name.p, index_of(r->p, r->token));
}

static void
emit_property(struct reader *r, bool negated, const char *prefix, struct str name)
{
	buf_printf(
	    &r->t->out, "\\%c{%s%.*s}", negated ? 'P' : 'p', prefix, STR_ARG(name));
}

/* name=value */
static int
property_pair(struct reader *r, bool negated, struct str name, struct str value)
{
	if (!is_word(value))
		return refuse_property(r, name);
	if (str_ieq_c(name, "sc") || str_ieq_c(name, "script")) {
		emit_property(r, negated, "sc=", value);
		return 0;
	}
	if ((str_ieq_c(name, "gc") || str_ieq_c(name, "general_category")) &&
	    is_category(value)) {
		emit_property(r, negated, "", value);
		return 0;
	}
	return refuse_property(r, name);
}

static int
property(struct reader *r, bool negated, bool in_class, struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(sets); i++)
		if (str_eq_c(name, sets[i].name)) {
			emit(r, in_class ? "" : "[");
			emit_set(r, &sets[i], negated);
			emit(r, in_class ? "" : "]");
			return 0;
		}

	const char *eq = memchr(name.p, '=', name.n);
	if (eq != NULL) {
		size_t n = (size_t)(eq - name.p);
		return property_pair(r, negated, (struct str) { name.p, n },
		    (struct str) { eq + 1, name.n - n - 1 });
	}
	if (str_eq_c(name, "LC")) {
		emit_property(r, negated, "", STR("L&"));
		return 0;
	}
	struct str bare = name;
	if (str_starts(name, "Is"))
		bare = (struct str) { name.p + 2, name.n - 2 };
	if (is_category(bare)) {
		emit_property(r, negated, "", bare);
		return 0;
	}
	if (bare.n < name.n && is_word(bare)) { /* IsLatin; PCRE2 knows which exist */
		emit_property(r, negated, "sc=", bare);
		return 0;
	}
	return refuse_property(r, name);
}

/* Behind \p or \P. */
static int
read_property(struct reader *r, bool negated, bool in_class)
{
	size_t n;
	const char *from = r->p.p + r->pos;

	if (!take(r, "{")) {
		if (char_at(r, r->pos, &n) == NONE)
			return fault(r, "Unclosed character family");
		r->pos += n;
		return property(r, negated, in_class, (struct str) { from, n });
	}
	from++;
	const char *end = memchr(from, '}', r->p.n - r->pos);
	if (end == NULL)
		return fault(r, "Unclosed character family");
	if (end == from)
		return fault(r, "Empty character family");
	n = (size_t)(end - from);
	r->pos += n + 1;
	return property(r, negated, in_class, (struct str) { from, n });
}

static int
unknown_escape(struct reader *r, uint32_t e, bool in_class)
{
	return err_set(r->err, ERR_CONFIG, "\\%c at index %zu is not supported%s",
	    (char)e, index_of(r->p, r->token), in_class ? " in a class" : "");
}

/* One item of a class that may begin a range: *c is its character, or NONE. */
static int
class_item(struct reader *r, uint32_t *c)
{
	*c = NONE;
	if (r->quote || peek(r) != '\\') {
		*c = next(r);
		return 0;
	}
	next(r);
	int rc = read_escaped_char(r, c);
	if (rc != 0)
		return rc < 0 ? -1 : 0;

	uint32_t e = next(r);
	if (e == 'p' || e == 'P')
		return read_property(r, e == 'P', true);
	if (strchr("dDhHsSvVwW", (int)e) == NULL)
		return unknown_escape(r, e, true);
	if (e == 'v' && peek(r) == '-') /* Java takes it for VT there */
		return refuse(r, "\\v in front of '-' in a class", "write \\x0b");
	buf_printf(&r->t->out, "\\%c", (char)e);
	return 0;
}

/* Behind an item: "-x" makes it a range, "-]" does not. */
static int
class_range(struct reader *r, uint32_t first)
{
	uint32_t last;
	size_t start = r->pos;

	if (skip(r, true) < 0)
		return -1;
	if (r->quote || peek(r) != '-') {
		emit_char(r, first);
		return 0;
	}
	next(r);
	if (skip(r, true) < 0)
		return -1;
	if (!r->quote && (peek(r) == ']' || peek(r) == '[')) {
		r->pos = start; /* '-' is the next item */
		emit_char(r, first);
		return 0;
	}
	if (peek(r) == NONE)
		return fault(r, "Unclosed character class");
	if (class_item(r, &last) < 0)
		return -1;
	if (last == NONE || last < first)
		return fault(r, "Illegal character range");
	emit_char(r, first);
	emit(r, "-");
	emit_char(r, last);
	return 0;
}

/* What Java reads as more than a character inside a class. */
static int
class_refuse(struct reader *r)
{
	if (r->quote)
		return 0;
	if (peek(r) == '[')
		return refuse(r, "'[' inside of a character class (a union)",
		    "for the character write \\[");
	if (at(r, "&&"))
		return refuse(r, "'&&' inside of a character class (an intersection)",
		    "for the characters write \\&");
	if (r->comments && (is_blank(peek(r)) || peek(r) == '#'))
		return refuse(r, "A blank or '#' inside of a character class under (?x)",
		    "write \\x20, \\t or \\#");
	return 0;
}

/* Behind '['. */
static int
read_class(struct reader *r)
{
	size_t begin = r->token;
	bool first = true;
	uint32_t c;

	emit(r, take(r, "^") ? "[^" : "[");
	for (;; first = false) {
		if (skip(r, true) < 0)
			return -1;
		if (peek(r) == NONE) {
			r->token = begin;
			return fault(r, "Unclosed character class");
		}
		if (!r->quote && peek(r) == ']' && !first)
			break;
		if (class_refuse(r) < 0 || class_item(r, &c) < 0)
			return -1;
		if (c != NONE && class_range(r, c) < 0)
			return -1;
	}
	next(r);
	emit(r, "]");
	return 0;
}

/* More digits belong to it only while such a group stands before. */
static int
back_reference(struct reader *r)
{
	uint32_t n = next(r) - '0';

	while (is_digit(peek(r)) && n * 10 + peek(r) - '0' <= r->t->n_groups)
		n = n * 10 + next(r) - '0';
	if (n > r->t->n_groups)
		return refuse(
		    r, "A reference to a group that does not stand before it", NULL);
	buf_printf(&r->t->out, "\\g{%u}", n);
	return 0;
}

static int
read_name(struct reader *r, struct str *name)
{
	size_t from = r->pos;

	if (!is_alpha(peek(r)))
		return fault(
		    r, "A capturing group name that does not start with a Latin letter");
	while (is_alpha(peek(r)) || is_digit(peek(r)))
		next(r);
	*name = (struct str) { r->p.p + from, r->pos - from };
	if (!take(r, ">"))
		return fault(
		    r, "A capturing group name without '>' behind letters and digits");
	return 0;
}

static int
find_name(const struct regex_translation *t, struct str name)
{
	for (size_t i = 0; i < t->n_names; i++)
		if (str_eq(t->names[i].name, name))
			return (int)t->names[i].group;
	return 0;
}

static int
named_reference(struct reader *r)
{
	struct str name;

	if (!take(r, "<"))
		return fault(r, "\\k that is not followed by '<'");
	if (read_name(r, &name) < 0)
		return -1;
	int group = find_name(r->t, name);
	if (group == 0)
		return fault(r, "A reference to a named group that does not exist");
	buf_printf(&r->t->out, "\\g{%d}", group);
	return 0;
}

/* Behind a backslash; *anchor: it matches no characters. */
static int
read_escape(struct reader *r, bool *anchor)
{
	uint32_t c;
	int rc = read_escaped_char(r, &c);

	if (rc < 0)
		return -1;
	if (rc > 0) {
		emit_char(r, c);
		return 0;
	}
	c = peek(r);
	if (is_digit(c))
		return back_reference(r);
	next(r);
	if (c == 'k')
		return named_reference(r);
	if (c == 'p' || c == 'P')
		return read_property(r, c == 'P', false);
	if (c == 'b' && at(r, "{"))
		return refuse(r, "\\b{g}", NULL);
	*anchor = strchr("ABGZbz", (int)c) != NULL;
	if (!*anchor && strchr("dDhHRsSvVwWX", (int)c) == NULL)
		return unknown_escape(r, c, false);
	buf_printf(&r->t->out, "\\%c", (char)c);
	return 0;
}

static int
read_count(struct reader *r, uint32_t *n)
{
	for (*n = 0; is_digit(peek(r)); *n = *n * 10 + next(r) - '0')
		if (*n > 6553)
			return fault(r, "A repetition of more than 65,535");
	return *n > 65535 ? fault(r, "A repetition of more than 65,535") : 0;
}

/* {n}, {n,} or {n,m}, behind '{'. */
static int
read_braces(struct reader *r)
{
	uint32_t min, max;

	if (!is_digit(peek(r)))
		return fault(r, "Illegal repetition");
	if (read_count(r, &min) < 0)
		return -1;
	buf_printf(&r->t->out, "{%u", min);
	if (take(r, ",")) {
		emit(r, ",");
		if (is_digit(peek(r))) {
			if (read_count(r, &max) < 0)
				return -1;
			if (max < min)
				return fault(r, "Illegal repetition range");
			buf_printf(&r->t->out, "%u", max);
		}
	}
	if (!take(r, "}"))
		return fault(r, "Unclosed counted closure");
	emit(r, "}");
	return 0;
}

static bool
is_quantifier(const struct reader *r)
{
	uint32_t c = peek(r);

	return !r->quote && (c == '*' || c == '+' || c == '?' || c == '{');
}

/* What may stand behind an atom.  PCRE2 repeats no anchors: they get a group. */
static int
read_quantifier(struct reader *r, bool anchor, size_t atom)
{
	if (skip(r, false) < 0)
		return -1;
	if (!is_quantifier(r))
		return 0;
	if (anchor) {
		struct buf *out = &r->t->out;
		buf_add_c(out, "(?:)");
		memmove(out->p + atom + 3, out->p + atom, out->n - atom - 4);
		memcpy(out->p + atom, "(?:", 3);
		out->p[out->n - 1] = ')';
	}
	uint32_t c = next(r);
	if (c != '{')
		buf_add_byte(&r->t->out, (uint8_t)c);
	else if (read_braces(r) < 0)
		return -1;

	if (skip(r, false) < 0)
		return -1;
	if (!r->quote && (peek(r) == '?' || peek(r) == '+')) {
		buf_add_byte(&r->t->out, (uint8_t)next(r));
		if (skip(r, false) < 0)
			return -1;
	}
	if (is_quantifier(r))
		return refuse(r, "A repetition of a repetition", "write (?:...)");
	return 0;
}

/* The flags i, m and s of (?flags) or (?flags:, as they stand; x is kept here. */
static int
read_flags(struct reader *r)
{
	bool on = true, comments = r->comments;

	emit(r, "(?");
	for (; peek(r) != ':' && peek(r) != ')'; next(r)) {
		uint32_t c = peek(r);
		if (c == '-' && on) {
			on = false;
			emit(r, "-");
		} else if (c == 'x')
			comments = on;
		else if (c == 'i' || c == 'm' || c == 's')
			buf_add_byte(&r->t->out, (uint8_t)c);
		else if (c == 'd' || c == 'u' || c == 'U' || c == 'c')
			return err_set(r->err, ERR_CONFIG,
			    "The flag %c at index %zu is not supported", (char)c,
			    index_of(r->p, r->pos));
		else
			return fault(r, "Unknown group or inline modifier");
	}
	r->comments = comments;
	return 0;
}

static int
open_capture(struct reader *r, const struct str *name)
{
	struct regex_translation *t = r->t;

	if (t->n_groups == REGEX_MAX_GROUPS)
		return fault(r, "One capturing group too many");
	t->n_groups++;
	if (name != NULL) {
		if (find_name(t, *name) != 0)
			return fault(r, "A capturing group name that is already defined");
		t->names[t->n_names++] = (struct regex_name) { *name, t->n_groups };
	}
	emit(r, "(");
	return 0;
}

/* Behind "(?".  *opened: there will be a ')'. */
static int
read_special_group(struct reader *r, bool *opened)
{
	static const char *const plain[] = { ":", "=", "!", ">", "<=", "<!" };
	struct str name;

	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (take(r, plain[i])) {
			buf_printf(&r->t->out, "(?%s", plain[i]);
			return 0;
		}
	if (take(r, "<")) {
		if (read_name(r, &name) < 0)
			return -1;
		return open_capture(r, &name);
	}
	if (read_flags(r) < 0)
		return -1;
	if (next(r) == ')') {
		*opened = false;
		emit(r, ")");
	} else
		emit(r, ":");
	return 0;
}

/* Behind '('. */
static int
open_group(struct reader *r)
{
	bool saved = r->comments, opened = true;
	size_t begin = r->token;

	if (r->depth == REGEX_MAX_GROUPS)
		return fault(r, "Groups are nested too deeply");
	if (skip(r, false) < 0)
		return -1;
	bool special = !r->quote && take(r, "?");
	r->token = begin;
	int rc = special ? read_special_group(r, &opened) : open_capture(r, NULL);
	if (rc < 0)
		return -1;
	if (opened)
		r->saved[r->depth++] = saved;
	return 0;
}

/* Behind ')'. */
static int
close_group(struct reader *r)
{
	if (r->depth == 0)
		return fault(r, "Unmatched closing ')'");
	r->comments = r->saved[--r->depth];
	emit(r, ")");
	return 0;
}

static int
read_atom(struct reader *r, uint32_t c)
{
	size_t atom = r->t->out.n;
	bool anchor = false;
	int rc = 0;

	if (r->quote)
		emit_char(r, c);
	else if (c == ')')
		rc = close_group(r);
	else if (c == '[')
		rc = read_class(r);
	else if (c == '\\')
		rc = read_escape(r, &anchor);
	else if (c == '.')
		emit(r, ".");
	else if (c == '^' || c == '$') {
		anchor = true;
		buf_add_byte(&r->t->out, (uint8_t)c);
	} else
		emit_char(r, c);
	return rc < 0 ? -1 : read_quantifier(r, anchor, atom);
}

static int
read_all(struct reader *r)
{
	int rc = 0;

	for (;;) {
		if (skip(r, false) < 0)
			return -1;
		if (r->t->out.n <= r->watch)
			r->watched = r->pos;
		if (is_quantifier(r))
			return err_set(r->err, ERR_CONFIG,
			    "Dangling meta character '%c' at index %zu", (char)peek(r),
			    index_of(r->p, r->token));
		uint32_t c = next(r);
		if (c == NONE)
			break;
		if (!r->quote && c == '(')
			rc = open_group(r);
		else if (!r->quote && c == '|')
			emit(r, "|");
		else
			rc = read_atom(r, c);
		if (rc < 0)
			return -1;
	}
	return r->depth > 0 ? fault(r, "Unclosed group") : 0;
}

int
regex_translate(struct str pattern, struct regex_translation *t, struct err *err)
{
	struct reader r = { .p = pattern, .t = t, .err = err };

	if (pattern.n > REGEX_MAX_PATTERN)
		return err_set(err, ERR_CONFIG, "The pattern is longer than %d bytes",
		    REGEX_MAX_PATTERN);
	if (!str_is_utf8(pattern))
		return err_set(err, ERR_CONFIG, "The pattern is not UTF-8");
	return read_all(&r);
}

size_t
regex_translate_index(struct str pattern, size_t at_byte)
{
	struct regex_translation *t = mem_zalloc(sizeof(*t));
	struct err ignored;
	struct reader r = { .p = pattern, .t = t, .err = &ignored, .watch = at_byte };

	(void)read_all(&r);
	buf_fini(&t->out);
	free(t);
	return index_of(pattern, r.watched);
}
