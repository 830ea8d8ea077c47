/* Base64. */
#include "data/base64.h"

#include <stdint.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			       "0123456789+/";

void
base64_encode(struct buf *out, struct str bytes)
{
	const unsigned char *s = (const unsigned char *)bytes.p;
	size_t left = bytes.n;
	char *p;

	buf_reserve(out, (bytes.n + 2) / 3 * 4);
	p = out->p + out->n;
	for (; left >= 3; left -= 3, s += 3) {
		*p++ = alphabet[s[0] >> 2];
		*p++ = alphabet[(s[0] & 3) << 4 | s[1] >> 4];
		*p++ = alphabet[(s[1] & 15) << 2 | s[2] >> 6];
		*p++ = alphabet[s[2] & 63];
	}
	if (left > 0) {
		*p++ = alphabet[s[0] >> 2];
		*p++ = alphabet[(s[0] & 3) << 4 | (left > 1 ? s[1] >> 4 : 0)];
		*p++ = left > 1 ? alphabet[(s[1] & 15) << 2] : '=';
		*p++ = '=';
	}
	out->n = (size_t)(p - out->p);
}

static int
digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Four characters to one to three bytes; 0: ill-formed. */
static size_t
decode_group(const char *s, char *out)
{
	const int a = digit(s[0]), b = digit(s[1]), c = digit(s[2]), d = digit(s[3]);

	if (a < 0 || b < 0)
		return 0;
	out[0] = (char)(a << 2 | b >> 4);
	if (c < 0)
		return s[2] == '=' && s[3] == '=' ? 1 : 0;
	out[1] = (char)(b << 4 | c >> 2);
	if (d < 0)
		return s[3] == '=' ? 2 : 0;
	out[2] = (char)(c << 6 | d);
	return 3;
}

bool
base64_decode(struct arena *mem, struct str text, struct str *bytes)
{
	const char *s = text.p, *const end = text.p + text.n;
	char *out = arena_alloc(mem, text.n / 4 * 3 + 4);

	bytes->p = out;
	for (;;) {
		size_t n;

		while (s < end && (unsigned char)*s <= ' ')
			s++;
		if (s == end)
			break;
		if (end - s < 4)
			return false;
		n = decode_group(s, out);
		if (n == 0)
			return false;
		out += n;
		s += 4;
	}
	bytes->n = (size_t)(out - bytes->p);
	return true;
}
