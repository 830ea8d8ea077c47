/* Java's standard charsets. */
#include "data/charset.h"

#include <stdint.h>

#include "base/mem.h"

#define REPLACEMENT 0xfffdu

static const struct {
	const char *name;
	enum charset charset;
} names[] = {
	{ "UTF-8", CHARSET_UTF_8 },
	{ "UTF8", CHARSET_UTF_8 },
	{ "unicode-1-1-utf-8", CHARSET_UTF_8 },
	{ "UTF-16", CHARSET_UTF_16 },
	{ "UTF_16", CHARSET_UTF_16 },
	{ "utf16", CHARSET_UTF_16 },
	{ "unicode", CHARSET_UTF_16 },
	{ "UnicodeBig", CHARSET_UTF_16 },
	{ "UTF-16BE", CHARSET_UTF_16BE },
	{ "UTF_16BE", CHARSET_UTF_16BE },
	{ "X-UTF-16BE", CHARSET_UTF_16BE },
	{ "ISO-10646-UCS-2", CHARSET_UTF_16BE },
	{ "UnicodeBigUnmarked", CHARSET_UTF_16BE },
	{ "UTF-16LE", CHARSET_UTF_16LE },
	{ "UTF_16LE", CHARSET_UTF_16LE },
	{ "X-UTF-16LE", CHARSET_UTF_16LE },
	{ "UnicodeLittleUnmarked", CHARSET_UTF_16LE },
	{ "ISO-8859-1", CHARSET_ISO_8859_1 },
	{ "ISO_8859-1", CHARSET_ISO_8859_1 },
	{ "ISO_8859_1", CHARSET_ISO_8859_1 },
	{ "ISO8859-1", CHARSET_ISO_8859_1 },
	{ "ISO8859_1", CHARSET_ISO_8859_1 },
	{ "8859_1", CHARSET_ISO_8859_1 },
	{ "ISO_8859-1:1987", CHARSET_ISO_8859_1 },
	{ "iso-ir-100", CHARSET_ISO_8859_1 },
	{ "latin1", CHARSET_ISO_8859_1 },
	{ "l1", CHARSET_ISO_8859_1 },
	{ "IBM819", CHARSET_ISO_8859_1 },
	{ "IBM-819", CHARSET_ISO_8859_1 },
	{ "cp819", CHARSET_ISO_8859_1 },
	{ "819", CHARSET_ISO_8859_1 },
	{ "csISOLatin1", CHARSET_ISO_8859_1 },
	{ "US-ASCII", CHARSET_US_ASCII },
	{ "ASCII", CHARSET_US_ASCII },
	{ "ascii7", CHARSET_US_ASCII },
	{ "us", CHARSET_US_ASCII },
	{ "646", CHARSET_US_ASCII },
	{ "ISO646-US", CHARSET_US_ASCII },
	{ "ISO_646.irv:1991", CHARSET_US_ASCII },
	{ "ISO_646.irv:1983", CHARSET_US_ASCII },
	{ "iso-ir-6", CHARSET_US_ASCII },
	{ "ANSI_X3.4-1968", CHARSET_US_ASCII },
	{ "ANSI_X3.4-1986", CHARSET_US_ASCII },
	{ "IBM367", CHARSET_US_ASCII },
	{ "cp367", CHARSET_US_ASCII },
	{ "csASCII", CHARSET_US_ASCII },
	{ "default", CHARSET_US_ASCII },
};

bool
charset_find(struct str name, enum charset *out)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (str_ieq_c(name, names[i].name)) {
			*out = names[i].charset;
			return true;
		}
	}
	return false;
}

/* Writes one code point; at most 4 bytes. */
static char *
put_utf8(char *p, uint32_t c)
{
	if (c < 0x80) {
		*p++ = (char)c;
	} else if (c < 0x800) {
		*p++ = (char)(0xc0 | c >> 6);
		*p++ = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		*p++ = (char)(0xe0 | c >> 12);
		*p++ = (char)(0x80 | (c >> 6 & 0x3f));
		*p++ = (char)(0x80 | (c & 0x3f));
	} else {
		*p++ = (char)(0xf0 | c >> 18);
		*p++ = (char)(0x80 | (c >> 12 & 0x3f));
		*p++ = (char)(0x80 | (c >> 6 & 0x3f));
		*p++ = (char)(0x80 | (c & 0x3f));
	}
	return p;
}

static bool
continues(const unsigned char *s, const unsigned char *end)
{
	return s < end && (*s & 0xc0) == 0x80;
}

/*
 * One code point of UTF-8, or REPLACEMENT and the length of the ill-formed part.  A
 * surrogate in three bytes is one part, as in Java; else parts are the longest
 * beginnings of a well-formed sequence.
 */
static uint32_t
next_utf8(const unsigned char **at, const unsigned char *end)
{
	const unsigned char *s = *at;
	const unsigned first = *s++;
	uint32_t c;

	*at = s;
	if (first < 0x80)
		return first;
	if (first < 0xc2 || first > 0xf4 || !continues(s, end))
		return REPLACEMENT;
	if (first < 0xe0) {
		*at = s + 1;
		return (first & 0x1fu) << 6 | (*s & 0x3fu);
	}
	if ((first == 0xe0 && *s < 0xa0) || (first == 0xf0 && *s < 0x90) ||
	    (first == 0xf4 && *s > 0x8f))
		return REPLACEMENT;
	c = (first & (first < 0xf0 ? 0x0fu : 0x07u)) << 6 | (*s & 0x3fu);
	for (int more = first < 0xf0 ? 1 : 2; more > 0; more--) {
		*at = ++s;
		if (!continues(s, end))
			return REPLACEMENT;
		c = c << 6 | (*s & 0x3fu);
	}
	*at = s + 1;
	return c >= 0xd800 && c < 0xe000 ? REPLACEMENT : c;
}

static uint32_t
unit_16(const unsigned char *s, bool big)
{
	return big ? (uint32_t)s[0] << 8 | s[1] : (uint32_t)s[1] << 8 | s[0];
}

static uint32_t
next_utf16(const unsigned char **at, const unsigned char *end, bool big)
{
	const unsigned char *s = *at;
	uint32_t c, low;

	if (end - s < 2) {
		*at = end;
		return REPLACEMENT;
	}
	c = unit_16(s, big);
	*at = s + 2;
	if (c < 0xd800 || c >= 0xe000)
		return c;
	if (c >= 0xdc00)
		return REPLACEMENT;
	if (end - s < 4) {
		*at = end;
		return REPLACEMENT;
	}
	low = unit_16(s + 2, big);
	*at = s + 4; /* Java's ill-formed part is both units, whatever the second is */
	if (low < 0xdc00 || low >= 0xe000)
		return REPLACEMENT;
	return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

struct str
charset_decode(struct arena *mem, enum charset charset, struct str bytes)
{
	const unsigned char *s = (const unsigned char *)bytes.p;
	const unsigned char *const end = s + bytes.n;
	bool big = charset != CHARSET_UTF_16LE;
	struct str text;
	char *p;

	if (charset == CHARSET_UTF_8 && str_is_utf8(bytes))
		return (struct str) { bytes.n > 0 ? bytes.p : "", bytes.n };
	if (charset == CHARSET_UTF_16 && bytes.n >= 2 &&
	    (unit_16(s, true) == 0xfeff || unit_16(s, true) == 0xfffe)) {
		big = unit_16(s, true) == 0xfeff;
		s += 2;
	}
	text.p = p = arena_alloc(mem, 3 * bytes.n + 1);
	while (s < end) {
		switch (charset) {
		case CHARSET_UTF_8:
			p = put_utf8(p, next_utf8(&s, end));
			break;
		case CHARSET_ISO_8859_1:
			p = put_utf8(p, *s++);
			break;
		case CHARSET_US_ASCII:
			p = put_utf8(p, *s < 0x80 ? *s : REPLACEMENT);
			s++;
			break;
		default:
			p = put_utf8(p, next_utf16(&s, end, big));
			break;
		}
	}
	text.n = (size_t)(p - text.p);
	return text;
}

static void
put_utf16(struct buf *out, uint32_t unit, bool big)
{
	buf_add_byte(out, (uint8_t)(big ? unit >> 8 : unit));
	buf_add_byte(out, (uint8_t)(big ? unit : unit >> 8));
}

void
charset_encode(struct buf *out, enum charset charset, struct str text)
{
	const unsigned char *s = (const unsigned char *)text.p;
	const unsigned char *const end = s + text.n;
	const bool big = charset != CHARSET_UTF_16LE;

	if (charset == CHARSET_UTF_8) {
		buf_add_str(out, text);
		return;
	}
	if (charset == CHARSET_UTF_16 && text.n > 0)
		put_utf16(out, 0xfeff, true);
	while (s < end) {
		const uint32_t c = next_utf8(&s, end);

		if (charset == CHARSET_ISO_8859_1 || charset == CHARSET_US_ASCII) {
			const uint32_t last = charset == CHARSET_US_ASCII ? 0x7f : 0xff;

			buf_add_byte(out, (uint8_t)(c <= last ? c : '?'));
		} else if (c < 0x10000) {
			put_utf16(out, c, big);
		} else {
			put_utf16(out, 0xd800 + ((c - 0x10000) >> 10), big);
			put_utf16(out, 0xdc00 + ((c - 0x10000) & 0x3ff), big);
		}
	}
}
