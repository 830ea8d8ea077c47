/*
 * Characters, blanks, comments, words, quotes and places of a KCQL text (README.md,
 * "Tokens").  Knows no keyword and reports no error: it tells how far things reach.
 */
#include "kcql/kcql_scan.h"

#include <stdint.h>
#include <string.h>

/* Length of the UTF-8 sequence at p, of at most n bytes; 0 if it is none (RFC 3629:
 * no overlong forms, no surrogates, nothing above U+10FFFF). */
static size_t
utf8_length(const unsigned char *p, size_t n)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t len;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (p[0] == 0xe0)
		low = 0xa0;
	if (p[0] == 0xed)
		high = 0x9f;
	if (p[0] == 0xf0)
		low = 0x90;
	if (p[0] == 0xf4)
		high = 0x8f;
	if (len > n || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	return len;
}

void
kcql_scan_init(struct kcql_scan *s, const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t valid = 0, n;

	while (valid < len && (n = utf8_length(p + valid, len - valid)) > 0)
		valid += n;
	*s = (struct kcql_scan) {
		.text = text,
		.len = valid,
		.cut = valid < len,
		.odd = SIZE_MAX,
		.place = { 1, 1 },
	};
}

/* The classes of ASCII, a row of 16 each. */
#define B SCAN_BLANK
#define O SCAN_ODD
#define Q SCAN_QUOTE
#define S SCAN_STOP
#define W SCAN_WORD
#define X SCAN_ILLEGAL
static const unsigned char ascii[128] = {
	X, X, X, X, X, X, X, X, X, B, B, O, O, B, X, X, /* \t \n \v \f \r */
	X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, /* */
	B, W, Q, W, W, W, W, Q, S, S, W, W, S, W, W, W, /* blank " ' ( ) , */
	W, W, W, W, W, W, W, W, W, W, W, S, W, S, W, W, /* ; = */
	W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, /* */
	W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, /* */
	Q, W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, /* ` */
	W, W, W, W, W, W, W, W, W, W, W, W, W, W, W, X, /* DEL */
};
#undef B
#undef O
#undef Q
#undef S
#undef W
#undef X

static enum scan_class
wide_class(unsigned c)
{
	switch (c) {
	case 0x85:
	case 0xa0:
	case 0x1680:
	case 0x2028:
	case 0x2029:
	case 0x202f:
	case 0x205f:
	case 0x3000:
	case 0xfeff:
		return SCAN_ODD;
	default:
		if (c >= 0x2000 && c <= 0x200b)
			return SCAN_ODD;
		if (c <= 0x9f || (c >= 0x2018 && c <= 0x201f)) /* C1; ‘ ’ “ ” etc. */
			return SCAN_ILLEGAL;
		return SCAN_WORD;
	}
}

enum scan_class
kcql_scan_class(const struct kcql_scan *s, size_t pos, size_t *bytes)
{
	const unsigned char *p = (const unsigned char *)s->text + pos;

	*bytes = 1;
	if (pos >= s->len)
		return s->cut ? SCAN_ILLEGAL : SCAN_END;
	if (p[0] < 0x80)
		return (enum scan_class)ascii[p[0]];
	*bytes = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (*bytes == 2)
		return wide_class((p[0] & 0x1fu) << 6 | (p[1] & 0x3fu));
	if (*bytes == 3)
		return wide_class(
		    (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu));
	return SCAN_WORD;
}

static void
skip_comment(struct kcql_scan *s)
{
	while (s->pos < s->len && s->text[s->pos] != '\n' && s->text[s->pos] != '\r') {
		s->pos++;
		s->steps++;
	}
}

void
kcql_scan_skip(struct kcql_scan *s)
{
	/* A comment needs a gap in front: a--b and )--b are none. */
	bool gap = s->pos == 0 || s->text[s->pos - 1] == ';';
	size_t bytes;

	for (;;) {
		enum scan_class c = kcql_scan_class(s, s->pos, &bytes);

		s->steps++;
		if (c == SCAN_ODD && s->odd == SIZE_MAX)
			s->odd = s->pos;
		if (c == SCAN_BLANK || c == SCAN_ODD) {
			s->pos += bytes;
			gap = true;
		} else if (gap && s->len - s->pos >= 2 &&
			   memcmp(s->text + s->pos, "--", 2) == 0) {
			skip_comment(s);
		} else {
			return;
		}
	}
}

size_t
kcql_scan_word(struct kcql_scan *s, const char *stops)
{
	size_t end = s->pos, bytes;

	while (kcql_scan_class(s, end, &bytes) == SCAN_WORD) {
		if (s->text[end] == stops[0] ||
		    (stops[0] != '\0' && s->text[end] == stops[1]))
			break;
		end += bytes;
		s->steps++;
	}
	return end;
}

size_t
kcql_scan_quote(struct kcql_scan *s, size_t *stuck)
{
	char quote = s->text[s->pos];
	size_t end = s->pos + 1;

	for (; end < s->len; end++) {
		s->steps++;
		if (s->text[end] == quote)
			return end;
		if (quote != '`' && (s->text[end] == '\n' || s->text[end] == '\r'))
			break;
	}
	*stuck = end;
	return SIZE_MAX;
}

struct kcql_place
kcql_scan_place(struct kcql_scan *s, size_t pos)
{
	struct kcql_place p = s->place;
	size_t i = s->place_pos;

	if (pos < i) {
		p = (struct kcql_place) { 1, 1 };
		i = 0;
	}
	for (; i < pos; i++) {
		s->steps++;
		if (s->text[i] == '\n')
			p = (struct kcql_place) { p.line + 1, 1 };
		else if (((unsigned char)s->text[i] & 0xc0) != 0x80)
			p.column++;
	}
	s->place_pos = pos;
	s->place = p;
	return p;
}

size_t
kcql_scan_find(struct kcql_scan *s, struct kcql_place at)
{
	struct kcql_place p = { 1, 1 };
	size_t pos = 0, bytes;

	while (pos < s->len && (p.line < at.line || p.column < at.column)) {
		p.column++;
		if (s->text[pos] == '\n')
			p = (struct kcql_place) { p.line + 1, 1 };
		(void)kcql_scan_class(s, pos, &bytes);
		pos += bytes;
	}
	return pos;
}
