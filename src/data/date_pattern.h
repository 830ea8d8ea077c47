#ifndef DATA_DATE_PATTERN_H
#define DATA_DATE_PATTERN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/*
 * Patterns of java.text.SimpleDateFormat in English and UTC, lenient
 * (spec/transforms 5).  Immutable once made.
 */
struct date_pattern;

#define DATE_PATTERN_MAX 1024 /* bytes */

/*
 * now_ms: decides what years of two digits mean (from 80 years before it).  Lives in
 * mem.  NULL: ERR_CONFIG with Java's text ("Illegal pattern character 'b'").
 */
const struct date_pattern *date_pattern_new(
    struct arena *mem, struct str pattern, int64_t now_ms, struct err *err);

/* What is legal and hardly meant: week years, S beyond milliseconds; NULL: nothing.
 * A static text. */
const char *date_pattern_doubt(const struct date_pattern *);

/* The text of a date, in mem. */
struct str date_pattern_print(const struct date_pattern *, struct arena *mem, int64_t ms);

/*
 * Zones: Z, UTC, GMT, offsets, and the usual names of Europe and the USA.  false: text
 * does not begin with what the pattern says; what follows is ignored.
 */
bool date_pattern_parse(const struct date_pattern *, struct str text, int64_t *ms);

#endif
