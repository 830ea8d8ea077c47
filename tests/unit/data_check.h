#ifndef DATA_CHECK_H
#define DATA_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "data/record.h"

/*
 * Connect's data as short texts, for rows of tests.
 *
 * Schemas: int8 ... float64, boolean, string, bytes, Date, Time, Timestamp, Decimal,
 *   [int32], {string:int32} (a map), struct(a:int32,b:string), struct:Name(...);
 *   behind each "?" for optional and "=<JSON>" for a default.
 * Values in: JSON, by the schema; without one integers are int64, fractions float64,
 *   or "int8 5", "float32 1.5", "date 0", "decimal 1.50", "bytes AQI=" for other kinds.
 * Values out: {f=42} for maps and structs, [1, 2]; strings without quotes; kinds that
 *   neither the schema nor the text tells as in input.
 */

const struct schema *data_check_schema(struct arena *mem, const char *text);
/* schema NULL: none. */
struct value data_check_value(
    struct arena *mem, const char *text, const struct schema *schema);

/* "<schema> <value>", or "<value>" without schema. */
void data_check_print(struct buf *out, const struct datum *);
/* "topic=t part=3 ts=5 offset=7 h:name=... key=... value=..."; what is not there is
 * left out. */
void data_check_print_record(struct buf *out, const struct record *);

#endif
