/*
 * Numbers and their texts in Java's forms.
 *
 * Shortest digits: R. Giulietti, "The Schubfach way to render doubles" (2021), the
 * algorithm behind Double.toString since JDK 19.  A double v = c * 2^q lies in an
 * interval of reals that round to v.  With k chosen so that the interval holds at
 * most one multiple of 10^(k+1) and at least one of 10^k, only four candidates
 * remain; they are compared with the interval's ends scaled by 4 * 10^-k, in
 * integers, rounded to odd so that no comparison is wrong.
 */
#include "data/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/number_pow10.h"

static const char two_digits[] = "00010203040506070809"
				 "10111213141516171819"
				 "20212223242526272829"
				 "30313233343536373839"
				 "40414243444546474849"
				 "50515253545556575859"
				 "60616263646566676869"
				 "70717273747576777879"
				 "80818283848586878889"
				 "90919293949596979899";

/* Writes u so that it ends before `end`; returns where it begins. */
static char *
put_digits(char *end, uint64_t u)
{
	while (u >= 100) {
		const unsigned pair = (unsigned)(u % 100) * 2;

		u /= 100;
		*--end = two_digits[pair + 1];
		*--end = two_digits[pair];
	}
	if (u >= 10) {
		*--end = two_digits[u * 2 + 1];
		*--end = two_digits[u * 2];
	} else {
		*--end = (char)('0' + u);
	}
	return end;
}

size_t
number_i64_text(char *out, int64_t i)
{
	char text[24];
	char *const end = text + sizeof(text);
	char *p = put_digits(end, i < 0 ? 0 - (uint64_t)i : (uint64_t)i);

	if (i < 0)
		*--p = '-';
	memcpy(out, p, (size_t)(end - p));
	return (size_t)(end - p);
}

static uint64_t
mul_high(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	return (uint64_t)((unsigned __int128)a * b >> 64);
#else
	const uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
	const uint64_t mid = a1 * b0 + (a0 * b0 >> 32);
	const uint64_t mid2 = a0 * b1 + (uint32_t)mid;

	return a1 * b1 + (mid >> 32) + (mid2 >> 32);
#endif
}

/* g * cp / 2^127, rounded to odd (a bit that is lost makes the result odd). */
static uint64_t
scaled(const uint64_t g[2], uint64_t cp)
{
	const uint64_t mask = UINT64_MAX >> 1;
	const uint64_t low = (g[0] * cp >> 1) + mul_high(g[1], cp);
	const uint64_t high = mul_high(g[0], cp) + (low >> 63);

	return high | (((low & mask) + mask) >> 63);
}

/* floor(log10(2^q)), floor(log10(3/4 * 2^q)), floor(log2(10^e)) by fixed point. */
static int
log10_pow2(int q)
{
	return (int)(q * INT64_C(661971961083) >> 41);
}

static int
log10_three_quarters_pow2(int q)
{
	return (int)((q * INT64_C(661971961083) - INT64_C(274743187321)) >> 41);
}

static int
log2_pow10(int e)
{
	return (int)(e * INT64_C(913124641741) >> 38);
}

struct digits {
	uint64_t digits;
	int exponent; /* value = digits * 10^exponent */
};

/*
 * c * 2^q > 0; c_min: the least c of a normal number; irregular: c == c_min and the
 * neighbour below is at half the distance.
 */
static struct digits
shortest(uint64_t c, int q, bool irregular)
{
	const uint64_t out = c & 1; /* are the interval's ends outside? */
	const uint64_t cb = c << 2;
	const int k = irregular ? log10_three_quarters_pow2(q) : log10_pow2(q);
	const int h = q + log2_pow10(-k) + 2;
	const uint64_t *g = number_pow10[-k - NUMBER_POW10_FIRST];
	const uint64_t v = scaled(g, cb << h);
	const uint64_t left = scaled(g, (cb - (irregular ? 1 : 2)) << h) + out;
	const uint64_t right = scaled(g, (cb + 2) << h);
	const uint64_t s = v >> 2;
	bool s_in, t_in;

	if (s >= 100) {
		const uint64_t s10 = s / 10 * 10;

		s_in = left <= s10 << 2;
		t_in = ((s10 + 10) << 2) + out <= right;
		if (s_in != t_in)
			return (struct digits) { s_in ? s10 : s10 + 10, k };
	}
	s_in = left <= s << 2;
	t_in = ((s + 1) << 2) + out <= right;
	if (s_in == t_in) {
		const uint64_t middle = (2 * s + 1) << 1;

		s_in = v < middle || (v == middle && (s & 1) == 0);
	}
	return (struct digits) { s_in ? s : s + 1, k };
}

static size_t
put_text(char *out, const char *text)
{
	const size_t n = strlen(text);

	memcpy(out, text, n);
	return n;
}

/* Zeros at the end go into the exponent; most numbers have many or none. */
static void
drop_zeros(struct digits *d)
{
	while (d->digits % 100000000 == 0) {
		d->digits /= 100000000;
		d->exponent += 8;
	}
	if (d->digits % 10000 == 0) {
		d->digits /= 10000;
		d->exponent += 4;
	}
	if (d->digits % 100 == 0) {
		d->digits /= 100;
		d->exponent += 2;
	}
	if (d->digits % 10 == 0) {
		d->digits /= 10;
		d->exponent++;
	}
}

/* Java's layout of digits * 10^exponent. */
static size_t
layout(char *out, bool negative, struct digits d)
{
	char text[24], *const end = text + sizeof(text);
	char *p, *o = out;
	int n, point;

	drop_zeros(&d);
	p = put_digits(end, d.digits);
	n = (int)(end - p);
	point = n + d.exponent; /* value = 0.<digits> * 10^point */
	if (negative)
		*o++ = '-';
	if (point > 0 && point <= 7) {
		const int whole = n < point ? n : point;

		memcpy(o, p, (size_t)whole);
		o += whole;
		for (int i = whole; i < point; i++)
			*o++ = '0';
		*o++ = '.';
		if (n > point) {
			memcpy(o, p + point, (size_t)(n - point));
			o += n - point;
		} else {
			*o++ = '0';
		}
	} else if (point <= 0 && point > -3) {
		o += put_text(o, "0.");
		for (int i = point; i < 0; i++)
			*o++ = '0';
		memcpy(o, p, (size_t)n);
		o += n;
	} else {
		*o++ = *p;
		*o++ = '.';
		if (n > 1)
			memcpy(o, p + 1, (size_t)(n - 1));
		else
			*o = '0';
		o += n > 1 ? n - 1 : 1;
		*o++ = 'E';
		o += number_i64_text(o, point - 1);
	}
	return (size_t)(o - out);
}

/* bits: fraction of `width` bits and biased exponent; bias includes the width. */
static size_t
float_text(char *out, bool negative, uint64_t fraction, int exponent, int width, int bias,
    uint64_t tiny)
{
	const uint64_t hidden = UINT64_C(1) << width;
	struct digits d;

	if (exponent == 0 && fraction == 0)
		return put_text(out, negative ? "-0.0" : "0.0");
	if (exponent != 0)
		d = shortest(
		    fraction | hidden, exponent - bias, fraction == 0 && exponent > 1);
	else if (fraction >= tiny)
		d = shortest(fraction, 1 - bias, false);
	else {
		/* One digit would do; Java gives two where they are closer. */
		d = shortest(10 * fraction, 1 - bias, false);
		d.exponent--;
	}
	return layout(out, negative, d);
}

static size_t
not_finite_text(char *out, bool nan, bool negative)
{
	return put_text(out, nan ? "NaN" : negative ? "-Infinity" : "Infinity");
}

size_t
number_double_text(char *out, double d)
{
	uint64_t bits, fraction;
	int exponent;

	memcpy(&bits, &d, sizeof(bits));
	fraction = bits & ((UINT64_C(1) << 52) - 1);
	exponent = (int)(bits >> 52 & 0x7ff);
	if (exponent == 0x7ff)
		return not_finite_text(out, fraction != 0, bits >> 63);
	return float_text(out, bits >> 63, fraction, exponent, 52, 1075, 3);
}

size_t
number_float_text(char *out, float f)
{
	uint32_t bits, fraction;
	int exponent;

	memcpy(&bits, &f, sizeof(bits));
	fraction = bits & ((UINT32_C(1) << 23) - 1);
	exponent = (int)(bits >> 23 & 0xff);
	if (exponent == 0xff)
		return not_finite_text(out, fraction != 0, bits >> 31);
	return float_text(out, bits >> 31, fraction, exponent, 23, 150, 8);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool
number_is_decimal(struct str text)
{
	const char *p = text.p, *const end = text.p + text.n;
	size_t digits = 0;

	if (p < end && (*p == '+' || *p == '-'))
		p++;
	for (; p < end && is_digit(*p); p++)
		digits++;
	if (p < end && *p == '.') {
		for (p++; p < end && is_digit(*p); p++)
			digits++;
	}
	if (digits == 0)
		return false;
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		if (p == end)
			return false;
		while (p < end && is_digit(*p))
			p++;
	}
	return p == end;
}

/* Digits as an integer and a power of ten, for the quick way of number_to_double. */
struct scan {
	uint64_t digits; /* of up to 19 significant digits */
	int exponent;
	bool negative, exact; /* exact: no digit was left out */
};

static void
scan_decimal(struct str text, struct scan *s)
{
	const char *p = text.p, *const end = text.p + text.n;
	bool fraction = false, negative = false;
	int significant = 0, e = 0;

	*s = (struct scan) { .exact = true };
	if (p < end && (*p == '-' || *p == '+'))
		s->negative = *p++ == '-';
	for (; p < end && (is_digit(*p) || *p == '.'); p++) {
		if (*p == '.') {
			fraction = true;
			continue;
		}
		if (significant > 0 || *p != '0') {
			if (++significant > 19) {
				s->exact = false;
				return;
			}
		}
		s->digits = s->digits * 10 + (uint64_t)(*p - '0');
		if (fraction)
			s->exponent--;
	}
	if (p == end)
		return;
	p++; /* e, E */
	if (p < end && (*p == '-' || *p == '+'))
		negative = *p++ == '-';
	for (; p < end; p++) {
		if (e > 9999) {
			s->exact = false;
			return;
		}
		e = e * 10 + (*p - '0');
	}
	s->exponent += negative ? -e : e;
}

/* With a NUL behind it, for strtod; texts are ASCII and of bounded length. */
static const char *
terminated(struct str text, char *small, size_t small_n, char **big)
{
	char *p = small;

	*big = NULL;
	if (text.n >= small_n)
		p = *big = mem_alloc(text.n + 1);
	memcpy(p, text.p, text.n);
	p[text.n] = '\0';
	return p;
}

double
number_to_double(struct str text)
{
	static const double pow10[] = { 1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9,
		1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
		1e22 };
	struct scan s;
	char small[128], *big;
	double d;

	scan_decimal(text, &s);
	/* Both operands are exact, so that one operation rounds once. */
	if (s.exact && s.digits <= UINT64_C(1) << 53 && s.exponent >= -22 &&
	    s.exponent <= 22) {
		d = (double)s.digits;
		d = s.exponent < 0 ? d / pow10[-s.exponent] : d * pow10[s.exponent];
		return s.negative ? -d : d;
	}
	d = strtod(terminated(text, small, sizeof(small), &big), NULL);
	free(big);
	return d;
}

float
number_to_float(struct str text)
{
	char small[128], *big;
	float f = strtof(terminated(text, small, sizeof(small), &big), NULL);

	free(big);
	return f;
}

int64_t
number_low_i64(struct str text, bool *fits)
{
	const char *p = text.p, *const end = text.p + text.n;
	const bool negative = p < end && *p == '-';
	uint64_t u = 0;
	int significant = 0;
	bool over = false;

	if (p < end && (*p == '-' || *p == '+'))
		p++;
	for (; p < end; p++) {
		if (significant > 0 || *p != '0')
			significant++;
		if (significant == 19 && u > UINT64_C(922337203685477580))
			over = true;
		u = u * 10 + (uint64_t)(*p - '0');
		if (significant == 19 && u > (UINT64_C(1) << 63))
			over = true;
	}
	if (fits != NULL)
		*fits = !over && significant <= 19 &&
		        (negative ? u <= UINT64_C(1) << 63 : u < UINT64_C(1) << 63);
	return (int64_t)(negative ? 0 - u : u);
}

/* Java's blanks of String.trim. */
static struct str
java_trim(struct str s)
{
	while (s.n > 0 && (unsigned char)s.p[0] <= ' ') {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	return s;
}

static bool
is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* [+-]?0[xX](h+(.h*)?|.h+)[pP][+-]?d+ */
static bool
is_hex_float(struct str text)
{
	const char *p = text.p, *const end = text.p + text.n;
	size_t digits = 0;

	if (p < end && (*p == '+' || *p == '-'))
		p++;
	if (end - p < 2 || p[0] != '0' || (p[1] != 'x' && p[1] != 'X'))
		return false;
	for (p += 2; p < end && is_hex(*p); p++)
		digits++;
	if (p < end && *p == '.') {
		for (p++; p < end && is_hex(*p); p++)
			digits++;
	}
	if (digits == 0 || p == end || (*p != 'p' && *p != 'P'))
		return false;
	p++;
	if (p < end && (*p == '+' || *p == '-'))
		p++;
	if (p == end)
		return false;
	while (p < end && is_digit(*p))
		p++;
	return p == end;
}

/* What is left when sign, blanks and suffix are gone; false when it is no number.
 * *special: 0 a number, 1 infinite, 2 NaN. */
static bool
java_float(struct str *text, bool *negative, int *special)
{
	struct str s = java_trim(*text), bare;

	*special = 0;
	*negative = s.n > 0 && s.p[0] == '-';
	bare = s;
	if (bare.n > 0 && (bare.p[0] == '-' || bare.p[0] == '+')) {
		bare.p++;
		bare.n--;
	}
	if (str_eq_c(bare, "Infinity"))
		*special = 1;
	else if (str_eq_c(bare, "NaN"))
		*special = 2;
	if (*special != 0)
		return true;
	if (s.n > 1 && memchr("fFdD", s.p[s.n - 1], 4) != NULL)
		s.n--;
	*text = s;
	return number_is_decimal(s) || is_hex_float(s);
}

bool
number_parse_double(struct str text, double *out)
{
	char small[128], *big;
	bool negative;
	int special;

	if (!java_float(&text, &negative, &special))
		return false;
	if (special != 0) {
		*out = special == 2 ? (double)NAN : negative ? -HUGE_VAL : HUGE_VAL;
		return true;
	}
	if (number_is_decimal(text)) {
		*out = number_to_double(text);
		return true;
	}
	*out = strtod(terminated(text, small, sizeof(small), &big), NULL);
	free(big);
	return true;
}

bool
number_parse_float(struct str text, float *out)
{
	bool negative;
	int special;

	if (!java_float(&text, &negative, &special))
		return false;
	if (special != 0)
		*out = special == 2 ? NAN : negative ? -HUGE_VALF : HUGE_VALF;
	else
		*out = number_to_float(text);
	return true;
}
