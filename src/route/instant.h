#ifndef ROUTE_INSTANT_H
#define ROUTE_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "data/value.h"
#include "kcql/kcql.h"

/* The time of a record from a field (WITHTIMESTAMP, kcql.md 6.4). */

/* RFC 3339: "2026-05-03T10:11:12.5+02:00"; ms since 1970, fractions cut off. */
bool instant_parse(struct str text, int64_t *ms);

/*
 * An integer or a decimal number counts in `unit`, a text is RFC 3339.  ERR_RECORD:
 * anything else, or a time before 1970 or beyond what Kafka holds.
 */
int instant_of(struct value v, enum kcql_unit unit, int64_t *ms, struct err *err);

#endif
