#ifndef ROUTE_INSTANT_H
#define ROUTE_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "data/value.h"
#include "kcql/kcql.h"

/* The time of a record from a field (WITHTIMESTAMP, kcql.md 6.4). */

/*
 * RFC 3339: "2026-05-03T10:11:12.5+02:00"; ms since 1970.  What is finer than a
 * millisecond is cut off; second 60 is the first of the next minute.
 */
bool instant_parse(struct str text, int64_t *ms);

/*
 * A number, whole or not, counts in `unit`; a text is RFC 3339; a Date or Timestamp of
 * Connect (from Avro) is what it is.  What is finer than a millisecond is cut off.
 * ERR_RECORD: anything else, or a time before 1970 or beyond 64 bits, which Kafka
 * does not take.
 */
int instant_of(const struct datum *d, enum kcql_unit unit, int64_t *ms, struct err *err);

#endif
