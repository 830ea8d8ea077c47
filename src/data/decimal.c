/*
 * Decimals: bytes to digits and back.  Whatever else is asked of a decimal is
 * answered from its digits, which is slow for thousands of them and simple.
 */
#include "data/decimal.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "data/number.h"

#define CHUNK 1000000000u /* 10^9: digits are moved nine at a time */
#define CHUNK_LEN 9

/* Drops bytes at the front that only repeat the sign. */
static struct str
shorten(struct str s)
{
	while (s.n > 1 && ((s.p[0] == 0 && (s.p[1] & 0x80) == 0) ||
			      (s.p[0] == (char)0xff && (s.p[1] & 0x80) != 0))) {
		s.p++;
		s.n--;
	}
	return s;
}

const struct decimal *
decimal_from_bytes(struct arena *mem, struct str unscaled, int32_t scale)
{
	struct decimal *d = arena_alloc(mem, sizeof(*d));

	d->unscaled = arena_str(mem, shorten(unscaled));
	d->scale = scale;
	return d;
}

const struct decimal *
decimal_from_i64(struct arena *mem, int64_t unscaled, int32_t scale)
{
	char bytes[8];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)((uint64_t)unscaled >> (56 - 8 * i));
	return decimal_from_bytes(mem, (struct str) { bytes, sizeof(bytes) }, scale);
}

/* limbs = limbs * factor + add; little endian, 32 bits each. */
static size_t
multiply_add(uint32_t *limbs, size_t n, uint32_t factor, uint32_t add)
{
	uint64_t carry = add;

	for (size_t i = 0; i < n; i++) {
		carry += (uint64_t)limbs[i] * factor;
		limbs[i] = (uint32_t)carry;
		carry >>= 32;
	}
	if (carry > 0)
		limbs[n++] = (uint32_t)carry;
	return n;
}

/* limbs /= 10^9; returns the remainder. */
static uint32_t
divide_chunk(uint32_t *limbs, size_t *n)
{
	uint64_t rest = 0;

	for (size_t i = *n; i > 0; i--) {
		rest = rest << 32 | limbs[i - 1];
		limbs[i - 1] = (uint32_t)(rest / CHUNK);
		rest %= CHUNK;
	}
	while (*n > 0 && limbs[*n - 1] == 0)
		(*n)--;
	return (uint32_t)rest;
}

/* Two's complement bytes of (-1)^negative * limbs, with one byte to spare. */
static struct str
to_bytes(struct arena *mem, const uint32_t *limbs, size_t n, bool negative)
{
	const size_t len = 4 * n + 1;
	char *bytes = arena_alloc(mem, len);
	unsigned carry = 1;

	bytes[0] = 0;
	for (size_t i = 0; i < 4 * n; i++)
		bytes[len - 1 - i] = (char)(limbs[i / 4] >> (8 * (i % 4)));
	for (size_t i = len; negative && i > 0; i--) {
		carry += (unsigned char)~bytes[i - 1];
		bytes[i - 1] = (char)carry;
		carry >>= 8;
	}
	return (struct str) { bytes, len };
}

/* The digits of text without '.', as bytes. */
static struct str
digits_to_bytes(struct arena *mem, struct str digits, bool negative)
{
	uint32_t *limbs = mem_alloc((digits.n / CHUNK_LEN + 2) * sizeof(*limbs));
	size_t n = 0, in_chunk = 0;
	uint32_t chunk = 0, factor = 1;
	struct str bytes;

	for (size_t i = 0; i < digits.n; i++) {
		if (digits.p[i] == '.')
			continue;
		chunk = chunk * 10 + (uint32_t)(digits.p[i] - '0');
		factor *= 10;
		if (++in_chunk == CHUNK_LEN) {
			n = multiply_add(limbs, n, factor, chunk);
			chunk = 0;
			factor = 1;
			in_chunk = 0;
		}
	}
	n = multiply_add(limbs, n, factor, chunk);
	bytes = to_bytes(mem, limbs, n, negative);
	free(limbs);
	return bytes;
}

/* Exponent text with sign; false when it is beyond an int. */
static bool
parse_exponent(struct str text, int64_t *out)
{
	const bool negative = text.n > 0 && text.p[0] == '-';
	bool fits;

	*out = number_low_i64(text, &fits);
	return fits && *out >= (negative ? INT32_MIN : -INT32_MAX) && *out <= INT32_MAX;
}

const struct decimal *
decimal_parse(struct arena *mem, struct str text)
{
	struct str digits = text, exponent = { NULL, 0 };
	bool negative = false;
	int64_t scale = 0, e = 0;
	struct decimal *d;
	const char *dot;

	if (!number_is_decimal(text))
		return NULL;
	if (digits.p[0] == '-' || digits.p[0] == '+') {
		negative = digits.p[0] == '-';
		digits.p++;
		digits.n--;
	}
	for (size_t i = 0; i < digits.n; i++) {
		if (digits.p[i] == 'e' || digits.p[i] == 'E') {
			exponent = (struct str) { digits.p + i + 1, digits.n - i - 1 };
			digits.n = i;
		}
	}
	if (digits.n > DECIMAL_MAX_DIGITS ||
	    (exponent.n > 0 && !parse_exponent(exponent, &e)))
		return NULL;
	dot = memchr(digits.p, '.', digits.n);
	if (dot != NULL)
		scale = digits.p + digits.n - dot - 1;
	scale -= e;
	if (scale < INT32_MIN || scale > INT32_MAX)
		return NULL;
	d = arena_alloc(mem, sizeof(*d));
	d->unscaled = shorten(digits_to_bytes(mem, digits, negative));
	d->scale = (int32_t)scale;
	return d;
}

/* Magnitude as limbs; the caller frees. */
static uint32_t *
magnitude(struct str bytes, size_t *n, bool *negative)
{
	const size_t count = bytes.n / 4 + 1;
	uint32_t *limbs = mem_zalloc(count * sizeof(*limbs));
	unsigned carry = 1;

	*negative = (bytes.p[0] & 0x80) != 0;
	for (size_t i = 0; i < bytes.n; i++) {
		unsigned byte = (unsigned char)bytes.p[bytes.n - 1 - i];

		if (*negative) {
			carry += (unsigned char)~byte;
			byte = carry & 0xff;
			carry >>= 8;
		}
		limbs[i / 4] |= (uint32_t)byte << (8 * (i % 4));
	}
	if (*negative && carry > 0 && bytes.n % 4 == 0)
		limbs[bytes.n / 4] = 0;
	for (*n = count; *n > 0 && limbs[*n - 1] == 0;)
		(*n)--;
	return limbs;
}

/* Appends the digits of |unscaled|, at least one. */
static void
print_digits(struct buf *out, struct str unscaled, bool *negative)
{
	size_t n, at, end;
	uint32_t *limbs = magnitude(unscaled, &n, negative);
	/* 32 bits need less than ten digits */
	char *text = mem_alloc(n * 10 + CHUNK_LEN + 1);

	end = at = n * 10 + CHUNK_LEN + 1;
	do {
		uint32_t chunk = divide_chunk(limbs, &n);

		for (int i = 0; i < CHUNK_LEN; i++) {
			text[--at] = (char)('0' + chunk % 10);
			chunk /= 10;
		}
	} while (n > 0);
	while (at + 1 < end && text[at] == '0')
		at++;
	buf_add(out, text + at, end - at);
	free(text);
	free(limbs);
}

void
decimal_print(struct buf *out, const struct decimal *d)
{
	struct buf digits = { 0 };
	bool negative;
	int64_t adjusted;
	size_t n;

	print_digits(&digits, d->unscaled, &negative);
	n = digits.n;
	adjusted = (int64_t)n - 1 - d->scale;
	if (negative)
		buf_add_byte(out, '-');
	if (d->scale == 0) {
		buf_add(out, digits.p, n);
	} else if (d->scale > 0 && adjusted >= -6) {
		const size_t scale = (size_t)d->scale;

		buf_add(out, n > scale ? digits.p : "0", n > scale ? n - scale : 1);
		buf_add_byte(out, '.');
		for (size_t i = n; i < scale; i++)
			buf_add_byte(out, '0');
		buf_add(out, n > scale ? digits.p + n - scale : digits.p,
		    n > scale ? scale : n);
	} else {
		buf_add(out, digits.p, 1);
		if (n > 1) {
			buf_add_byte(out, '.');
			buf_add(out, digits.p + 1, n - 1);
		}
		buf_printf(out, "E%s%lld", adjusted > 0 ? "+" : "", (long long)adjusted);
	}
	buf_fini(&digits);
}

bool
decimal_equal(const struct decimal *a, const struct decimal *b)
{
	return a->scale == b->scale && str_eq(a->unscaled, b->unscaled);
}

/* The integer part as digits with sign; *fraction: is something cut off? */
static void
integer_part(struct buf *out, const struct decimal *d, bool *fraction)
{
	struct buf digits = { 0 };
	bool negative;
	size_t n;

	*fraction = false;
	print_digits(&digits, d->unscaled, &negative);
	n = digits.n;
	for (int64_t i = 0; i < d->scale && n > 0; i++)
		*fraction |= digits.p[--n] != '0';
	buf_add_c(out, negative ? "-" : "");
	buf_add(out, digits.p, n);
	/* 10^64 is 0 modulo 2^64, and no longer fits */
	if (n != 1 || digits.p[0] != '0') {
		for (int64_t i = 0; i > d->scale && i > -64; i--)
			buf_add_byte(out, '0');
	}
	buf_fini(&digits);
}

int64_t
decimal_to_i64(const struct decimal *d)
{
	struct buf text = { 0 };
	bool fraction;
	int64_t i;

	integer_part(&text, d, &fraction);
	i = number_low_i64(buf_str(&text), NULL);
	buf_fini(&text);
	return i;
}

bool
decimal_exact_i64(const struct decimal *d, int64_t *out)
{
	struct buf text = { 0 };
	bool fraction, fits;

	integer_part(&text, d, &fraction);
	*out = number_low_i64(buf_str(&text), &fits);
	buf_fini(&text);
	return fits && !fraction;
}

/* digits "e" exponent, for the readers of numbers. */
static void
print_plain(struct buf *out, const struct decimal *d)
{
	struct buf digits = { 0 };
	bool negative;

	print_digits(&digits, d->unscaled, &negative);
	buf_printf(out, "%s%.*se%lld", negative ? "-" : "", (int)digits.n, digits.p,
	    -(long long)d->scale);
	buf_fini(&digits);
}

double
decimal_to_double(const struct decimal *d)
{
	struct buf text = { 0 };
	double out;

	print_plain(&text, d);
	out = number_to_double(buf_str(&text));
	buf_fini(&text);
	return out;
}

float
decimal_to_float(const struct decimal *d)
{
	struct buf text = { 0 };
	float out;

	print_plain(&text, d);
	out = number_to_float(buf_str(&text));
	buf_fini(&text);
	return out;
}

int
decimal_scale(const struct schema *s, int32_t *scale, struct err *err)
{
	const struct schema_param *param = schema_param(s, "scale");
	struct str text;
	int64_t i;

	if (param == NULL)
		return err_set(err, ERR_RECORD,
		    "Invalid Decimal schema: scale parameter not found.");
	text = param->value;
	if (text.n > 1 && text.p[0] == '+' && text.p[1] != '-') {
		text.p++;
		text.n--;
	}
	if (!str_to_i64(text, INT32_MIN, INT32_MAX, &i))
		return err_set(
		    err, ERR_RECORD, "Invalid scale parameter found in Decimal schema: ");
	*scale = (int32_t)i;
	return 0;
}

int
decimal_from_logical(
    const struct schema *s, const struct decimal *d, struct str *out, struct err *err)
{
	int32_t scale;

	if (decimal_scale(s, &scale, err) != 0)
		return -1;
	if (scale != d->scale)
		return err_set(err, ERR_RECORD,
		    "Decimal value has mismatching scale for given Decimal schema. "
		    "Schema "
		    "has scale %d, value has scale %d.",
		    scale, d->scale);
	*out = d->unscaled;
	return 0;
}
