/*
 * Views of bytes.  Nothing here knows encodings, except str_is_utf8, or locales:
 * letter case is that of ASCII.
 */
#include "base/str.h"

#include <endian.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>

#include "base/mem.h"

struct str
str_of(const char *cstr)
{
	return (struct str) { cstr, cstr != NULL ? strlen(cstr) : 0 };
}

bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool
str_eq_c(struct str a, const char *b)
{
	return str_eq(a, str_of(b));
}

static unsigned char
lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool
str_ieq_c(struct str a, const char *b)
{
	if (a.n != strlen(b))
		return false;
	for (size_t i = 0; i < a.n; i++) {
		if (lower(a.p[i]) != lower(b[i]))
			return false;
	}
	return true;
}

bool
str_starts(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && str_eq((struct str) { s.p, n }, (struct str) { prefix, n });
}

bool
str_ends(struct str s, const char *suffix)
{
	size_t n = strlen(suffix);

	if (n == 0)
		return true;
	return s.n >= n && memcmp(s.p + s.n - n, suffix, n) == 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str
str_trim(struct str s)
{
	while (s.n > 0 && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool
str_next(struct str *rest, char sep, struct str *piece)
{
	const char *end;

	if (rest->n == 0)
		return false;
	*piece = *rest;
	end = memchr(rest->p, sep, rest->n);
	if (end == NULL) {
		rest->p += rest->n;
		rest->n = 0;
		return true;
	}
	piece->n = (size_t)(end - rest->p);
	rest->p = end + 1;
	rest->n -= piece->n + 1;
	return true;
}

bool
str_to_i64(struct str s, int64_t min, int64_t max, int64_t *out)
{
	bool negative = s.n > 0 && s.p[0] == '-';
	size_t i = negative || (s.n > 0 && s.p[0] == '+') ? 1 : 0;
	int64_t value = 0;

	if (i == s.n)
		return false;
	/* Built up below zero, where one number more fits. */
	for (; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' ||
		    __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, s.p[i] - '0', &value))
			return false;
	}
	if (!negative && __builtin_sub_overflow(0, value, &value))
		return false;
	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}

size_t
str_utf8_len(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	/* Unicode 15, table 3-7: the second byte's range depends on the first. */
	unsigned char lo = 0x80, hi = 0xbf;
	size_t len;

	if (s.n == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf) {
		len = 2;
	} else if (p[0] >= 0xe0 && p[0] <= 0xef) {
		len = 3;
		lo = p[0] == 0xe0 ? 0xa0 : 0x80;
		hi = p[0] == 0xed ? 0x9f : 0xbf;
	} else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
		len = 4;
		lo = p[0] == 0xf0 ? 0x90 : 0x80;
		hi = p[0] == 0xf4 ? 0x8f : 0xbf;
	} else {
		return 0;
	}
	if (s.n < len || p[1] < lo || p[1] > hi)
		return 0;
	for (size_t i = 2; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	return len;
}

/* Are these 8 bytes ASCII? */
static bool
is_ascii_word(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return (word & 0x8080808080808080U) == 0;
}

bool
str_is_utf8(struct str s)
{
	while (s.n > 0) {
		size_t len = 1;

		if (s.n >= sizeof(uint64_t) && is_ascii_word(s.p))
			len = sizeof(uint64_t);
		else if ((unsigned char)s.p[0] >= 0x80)
			len = str_utf8_len(s);
		if (len == 0)
			return false;
		s.p += len;
		s.n -= len;
	}
	return true;
}

/*
 * The hash is SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF",
 * 2012): topics come from strangers, who must not find many with one hash.  Its key
 * is drawn before main, so that no call has to look whether it is there.
 */
static uint64_t hash_key[2];

__attribute__((constructor)) static void
draw_hash_key(void)
{
	/* Must not wait for entropy at boot: the kernel's 16 bytes for this process
	 * are good enough then. */
	if (getrandom(hash_key, sizeof(hash_key), GRND_NONBLOCK) == sizeof(hash_key))
		return;
	const void *at_random = (const void *)getauxval(AT_RANDOM);
	if (at_random != NULL)
		memcpy(hash_key, at_random, sizeof(hash_key));
}

static inline uint64_t
rotl(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] = rotl(v[0], 32) + v[3];
	v[2] += v[1];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

static inline void
sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

/* The last n (< 8) bytes of s and, in the free byte, its length. */
static inline uint64_t
last_word(struct str s, size_t n)
{
	uint64_t word = 0;

	if (n > 0 && s.n >= sizeof(word)) {
		/* One load that ends with s, instead of a loop over bytes. */
		memcpy(&word, s.p + s.n - sizeof(word), sizeof(word));
		word = le64toh(word) >> (64 - 8 * n);
	} else {
		for (size_t i = 0; i < n; i++)
			word |= (uint64_t)(unsigned char)s.p[i] << (8 * i);
	}
	return word | (uint64_t)s.n << 56;
}

uint64_t
str_hash(struct str s)
{
	uint64_t v[4] = {
		hash_key[0] ^ 0x736f6d6570736575,
		hash_key[1] ^ 0x646f72616e646f6d,
		hash_key[0] ^ 0x6c7967656e657261,
		hash_key[1] ^ 0x7465646279746573,
	};
	uint64_t word;
	size_t i = 0;

	for (; s.n - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, s.p + i, sizeof(word));
		sip_word(v, word);
	}
	sip_word(v, last_word(s, s.n - i));
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

enum { NEAREST_MAX = 64 }; /* bytes of a name that are compared */

static unsigned char
plain(char c)
{
	return c == '_' || c == '-' ? '.' : lower(c);
}

static unsigned
min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;

	return m < c ? m : c;
}

/* Insertions, deletions, replacements and swaps of neighbours that turn a into b. */
static unsigned
edit_distance(struct str a, struct str b)
{
	unsigned rows[3][NEAREST_MAX + 1];
	unsigned *older = rows[0], *old = rows[1], *now = rows[2];

	for (size_t j = 0; j <= b.n; j++)
		old[j] = (unsigned)j;
	for (size_t i = 1; i <= a.n; i++) {
		now[0] = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++) {
			unsigned char x = plain(a.p[i - 1]), y = plain(b.p[j - 1]);

			now[j] = min3(old[j] + 1, now[j - 1] + 1, old[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == plain(b.p[j - 2]) &&
			    y == plain(a.p[i - 2]) && older[j - 2] + 1 < now[j])
				now[j] = older[j - 2] + 1;
		}
		unsigned *spare = older;
		older = old;
		old = now;
		now = spare;
	}
	return old[b.n];
}

static struct str
cut_nearest(struct str s)
{
	return (struct str) { s.p, s.n < NEAREST_MAX ? s.n : NEAREST_MAX };
}

const char *
str_nearest(struct str s, const char *const *candidates, size_t n)
{
	/* Long names share long beginnings: a third of their letters is too much. */
	unsigned limit = s.n < 2 ? 0 : s.n < 6 ? 1 : s.n < 12 ? 2 : 3;
	const char *nearest = NULL;

	for (size_t i = 0; i < n; i++) {
		struct str c = str_of(candidates[i]);
		size_t apart = c.n > s.n ? c.n - s.n : s.n - c.n;

		if (apart > limit)
			continue;
		unsigned d = edit_distance(cut_nearest(s), cut_nearest(c));
		if (d > limit || (nearest != NULL && d == limit))
			continue;
		nearest = candidates[i];
		limit = d;
	}
	return nearest;
}
