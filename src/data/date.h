#ifndef DATA_DATE_H
#define DATA_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "data/schema.h"
#include "data/value.h"

/*
 * Days and times as java.util.GregorianCalendar counts them, in UTC: Julian before
 * 1582-10-15, Gregorian from then on.
 */

#define DATE_MS_PER_DAY INT64_C(86400000)
#define DATE_CUTOVER_DAY INT64_C(-141427) /* 1582-10-15, the first Gregorian one */

struct date_fields {
	int64_t year; /* astronomical: 0 is 1 BC */
	int month;    /* 1 to 12 */
	int day;      /* 1 to 31 */
	int hour, minute, second, ms;
	int weekday; /* 0 Sunday to 6 Saturday */
	int yearday; /* 1 to 366 */
};

void date_split(int64_t ms, struct date_fields *out);
/* Lenient: month, day and the times may lie outside their ranges and carry over. */
int64_t date_join(int64_t year, int64_t month, int64_t day, int64_t hour, int64_t minute,
    int64_t second, int64_t ms);
/* Days from 1970-01-01; month 1 to 12, any day.  gregorian false: the Julian calendar. */
int64_t date_days_of(int64_t year, int64_t month, int64_t day, bool gregorian);
/* Floor of ms / day, and the rest in [0, DATE_MS_PER_DAY). */
int64_t date_days(int64_t ms);
int64_t date_ms_of_day(int64_t ms);

/*
 * The three texts of Values.dateFormatFor (spec 8.2): HH:mm:ss.SSS'Z' below one day,
 * yyyy-MM-dd for whole days, else yyyy-MM-dd'T'HH:mm:ss.SSS'Z'.
 */
void date_print_iso(struct buf *out, int64_t ms);
/* java.util.Date.toString in UTC: "Fri Aug 23 14:34:54 UTC 2019". */
void date_print_java(struct buf *out, int64_t ms);

/*
 * SimpleDateFormat.parse, lenient, with the pattern of a Date (yyyy-MM-dd), Time
 * (HH:mm:ss.SSS'Z') or Timestamp (both with 'T'); text behind it is ignored.
 */
bool date_parse_iso(enum schema_logical logical, struct str text, int64_t *ms);

/*
 * Date.fromLogical, Time.fromLogical, Timestamp.fromLogical: the integer that stands
 * for a date, with Java's errors (spec 1.2).  logical: SCHEMA_DATE, _TIME, _TIMESTAMP.
 */
int date_from_logical(
    enum schema_logical logical, int64_t ms, int64_t *out, struct err *err);
int date_to_logical(
    enum schema_logical logical, int64_t in, int64_t *ms, struct err *err);

#endif
