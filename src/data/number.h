#ifndef DATA_NUMBER_H
#define DATA_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/*
 * Java's text of numbers and back (spec/converters 3): Integer, Long, and Float and
 * Double of JDK 19 and later: the shortest decimal that reads back the same.
 */

#define NUMBER_TEXT_MAX 32 /* bytes that any text below needs */

/* Write without NUL and return the length. */
size_t number_i64_text(char *out, int64_t i);
size_t number_double_text(char *out, double d);
size_t number_float_text(char *out, float f);

/*
 * A decimal number text [+-]?(d+(.d*)?|.d+)([eE][+-]?d+)? of any length, rounded once,
 * correctly; beyond the range infinite or zero.  The text must be of that form.
 */
double number_to_double(struct str text);
float number_to_float(struct str text);
/* Is it of that form? */
bool number_is_decimal(struct str text);
/* The low 64 bits of [+-]?d+, as Java's BigInteger.longValue; *fits (may be NULL)
 * tells whether it is the number itself. */
int64_t number_low_i64(struct str text, bool *fits);

/* Java's Float.parseFloat, Double.parseDouble grammar (blanks around, NaN, Infinity,
 * hexadecimal, suffix f F d D); false when it is none. */
bool number_parse_double(struct str text, double *out);
bool number_parse_float(struct str text, float *out);

#endif
