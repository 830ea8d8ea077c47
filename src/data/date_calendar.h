#ifndef DATA_DATE_CALENDAR_H
#define DATA_DATE_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A point in time from whatever fields were given, as java.util.GregorianCalendar
 * resolves them in lenient mode (UTC, weeks from Sunday, minimal days 1): the fields
 * given last decide whether the day comes from month and day, from a week or from the
 * day of the year; what was not given is 1970-01-01 00:00:00.000; what is out of range
 * carries over.
 */

enum date_field { /* java.util.Calendar's, with its weeks' year behind them */
	DATE_ERA, /* 0 BC, 1 AD */
	DATE_YEAR,
	DATE_MONTH, /* 0 January */
	DATE_WEEK_OF_YEAR,
	DATE_WEEK_OF_MONTH,
	DATE_DAY_OF_MONTH,
	DATE_DAY_OF_YEAR,
	DATE_DAY_OF_WEEK, /* 1 Sunday */
	DATE_DAY_OF_WEEK_IN_MONTH,
	DATE_AM_PM,
	DATE_HOUR, /* 0 to 11 */
	DATE_HOUR_OF_DAY,
	DATE_MINUTE,
	DATE_SECOND,
	DATE_MILLISECOND,
	DATE_OFFSET_MS, /* of the zone, daylight saving included */
	DATE_WEEK_YEAR,
	DATE_FIELDS
};

struct date_calendar {
	int32_t value[DATE_FIELDS];
	int stamp[DATE_FIELDS]; /* 0: not given; else a number in order of setting */
	int last_stamp;
};

/* Start with a zeroed one. */
void date_calendar_set(struct date_calendar *, enum date_field, int32_t value);

/* ms since 1970; wraps beyond 64 bits as Java does. */
int64_t date_calendar_ms(const struct date_calendar *);

#endif
