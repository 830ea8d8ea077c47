#ifndef DATA_DECIMAL_H
#define DATA_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "data/schema.h"

/*
 * java.math.BigDecimal as far as Connect needs it: an integer of any size times
 * 10^-scale.
 */
struct decimal {
	struct str unscaled; /* big-endian two's complement, fewest bytes, never empty */
	int32_t scale;
};

#define DECIMAL_MAX_DIGITS 10000 /* longer ones are refused: time grows with the square */

/* Copies bytes, drops what is not needed of the sign; n >= 1. */
const struct decimal *decimal_from_bytes(
    struct arena *mem, struct str unscaled, int32_t scale);
const struct decimal *decimal_from_i64(
    struct arena *mem, int64_t unscaled, int32_t scale);
/* new BigDecimal(text): [+-]?(d+(.d*)?|.d+)([eE][+-]?d+)?; NULL when it is none. */
const struct decimal *decimal_parse(struct arena *mem, struct str text);

/* Decimal.scale: the parameter `scale` of a Decimal schema, with Java's errors. */
int decimal_scale(const struct schema *s, int32_t *scale, struct err *err);
/* Decimal.fromLogical: the internal form (d->unscaled); the scales must agree. */
int decimal_from_logical(
    const struct schema *s, const struct decimal *d, struct str *out, struct err *err);

/* BigDecimal.toString (spec 3.3). */
void decimal_print(struct buf *out, const struct decimal *d);

/* Same value and scale (BigDecimal.equals). */
bool decimal_equal(const struct decimal *a, const struct decimal *b);
/* longValue: integer part, low 64 bits. */
int64_t decimal_to_i64(const struct decimal *d);
/* longValueExact: false when there is a fraction or it does not fit. */
bool decimal_exact_i64(const struct decimal *d, int64_t *out);
/* Correctly rounded; infinite beyond the range. */
double decimal_to_double(const struct decimal *d);
float decimal_to_float(const struct decimal *d);

#endif
