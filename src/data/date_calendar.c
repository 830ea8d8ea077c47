/*
 * The field resolution of java.util.GregorianCalendar (selectFields, getFixedDate,
 * computeTime) and of java.text.CalendarBuilder.  Knows fields and numbers; must not
 * know texts or patterns.
 */
#include "data/date_calendar.h"

#include "data/date.h"

#define SUNDAY 1
#define CUTOVER_YEAR 1582

/* Which fields make the day. */
enum way {
	BY_DAY_OF_MONTH,
	BY_WEEK_OF_MONTH,
	BY_DAY_OF_WEEK_IN_MONTH,
	BY_DAY_OF_YEAR,
	BY_WEEK_OF_YEAR,
};

void
date_calendar_set(struct date_calendar *c, enum date_field field, int32_t value)
{
	c->value[field] = value;
	c->stamp[field] = ++c->last_stamp;
}

static int
max(int a, int b)
{
	return a > b ? a : b;
}

/* Of two fields that count only together. */
static int
both(int a, int b)
{
	return a == 0 || b == 0 ? 0 : max(a, b);
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* The last day with that weekday (1 Sunday) that is not after `days`. */
static int64_t
weekday_on_or_before(int64_t days, int64_t weekday)
{
	/* 1970-01-01 was a Thursday, 5 */
	int64_t diff = days + 5 - weekday;

	return days - (diff - 7 * floor_div(diff, 7));
}

/* The most recent complete group of fields decides; then single ones. */
static enum way
way_of(const struct date_calendar *c)
{
	const int *s = c->stamp;
	int dow = s[DATE_DAY_OF_WEEK];
	int dom = s[DATE_DAY_OF_MONTH], doy = s[DATE_DAY_OF_YEAR];
	int wom = both(s[DATE_WEEK_OF_MONTH], dow);
	int dowim = both(s[DATE_DAY_OF_WEEK_IN_MONTH], dow);
	int woy = both(s[DATE_WEEK_OF_YEAR], dow);
	int best = max(max(max(dom, wom), max(dowim, doy)), woy);

	if (best == 0) {
		wom = s[DATE_WEEK_OF_MONTH];
		dowim = max(s[DATE_DAY_OF_WEEK_IN_MONTH], dow);
		woy = s[DATE_WEEK_OF_YEAR];
		best = max(max(wom, dowim), woy);
		if (best == 0)
			return BY_DAY_OF_MONTH;
	}
	if (best == dom)
		return BY_DAY_OF_MONTH;
	bool by_wom = best == wom && s[DATE_WEEK_OF_MONTH] >= s[DATE_WEEK_OF_YEAR];
	bool by_dowim = best == dowim &&
	                s[DATE_DAY_OF_WEEK_IN_MONTH] >= s[DATE_WEEK_OF_YEAR];
	if (!by_wom && !by_dowim)
		return best == doy ? BY_DAY_OF_YEAR : BY_WEEK_OF_YEAR;
	if (wom == dowim)
		return s[DATE_WEEK_OF_MONTH] >= s[DATE_DAY_OF_WEEK_IN_MONTH]
		           ? BY_WEEK_OF_MONTH
		           : BY_DAY_OF_WEEK_IN_MONTH;
	return best == wom ? BY_WEEK_OF_MONTH : BY_DAY_OF_WEEK_IN_MONTH;
}

/* The first day of a week 1 that begins on or before `first`. */
static int64_t
week_1(const struct date_calendar *c, int64_t first)
{
	int64_t sunday = weekday_on_or_before(first + 6, SUNDAY);

	if (sunday - first >= 1)
		sunday -= 7;
	if (c->stamp[DATE_DAY_OF_WEEK] != 0)
		return weekday_on_or_before(sunday + 6, c->value[DATE_DAY_OF_WEEK]);
	return sunday;
}

static int64_t
nth_weekday(const struct date_calendar *c, int64_t first, int64_t month_days)
{
	int64_t weekday = c->stamp[DATE_DAY_OF_WEEK] != 0 ? c->value[DATE_DAY_OF_WEEK]
	                                                  : SUNDAY;
	int64_t n = c->stamp[DATE_DAY_OF_WEEK_IN_MONTH] != 0
	                ? c->value[DATE_DAY_OF_WEEK_IN_MONTH]
	                : 1;

	if (n >= 0)
		return weekday_on_or_before(first + 7 * n - 1, weekday);
	return weekday_on_or_before(first + month_days + 7 * (n + 1) - 1, weekday);
}

static int64_t
day_in(const struct date_calendar *c, int64_t year, enum way way, bool gregorian)
{
	bool by_month = way != BY_DAY_OF_YEAR && way != BY_WEEK_OF_YEAR;
	int64_t month = by_month ? c->value[DATE_MONTH] : 0;

	year += floor_div(month, 12);
	month -= 12 * floor_div(month, 12);
	int64_t first = date_days_of(year, month + 1, 1, gregorian);
	if (!by_month && gregorian && year == CUTOVER_YEAR)
		first = DATE_CUTOVER_DAY; /* there was no Gregorian January 1582 */

	switch (way) {
	case BY_DAY_OF_MONTH:
		if (c->stamp[DATE_DAY_OF_MONTH] == 0)
			return first;
		return first + c->value[DATE_DAY_OF_MONTH] - 1;
	case BY_WEEK_OF_MONTH:
		return week_1(c, first) + 7 * ((int64_t)c->value[DATE_WEEK_OF_MONTH] - 1);
	case BY_DAY_OF_WEEK_IN_MONTH:
		return nth_weekday(
		    c, first, date_days_of(year, month + 2, 1, gregorian) - first);
	case BY_DAY_OF_YEAR:
		return first + c->value[DATE_DAY_OF_YEAR] - 1;
	case BY_WEEK_OF_YEAR:
		return week_1(c, first) + 7 * ((int64_t)c->value[DATE_WEEK_OF_YEAR] - 1);
	}
	return first;
}

/* carried: days that the time of the day amounts to. */
static int64_t
day_of(const struct date_calendar *c, int64_t year, int64_t carried)
{
	enum way way = way_of(c);
	int64_t julian = carried + day_in(c, year, way, false);
	int64_t gregorian = carried + day_in(c, year, way, true);

	if (year < CUTOVER_YEAR)
		return julian;
	if (year == CUTOVER_YEAR && (way == BY_DAY_OF_YEAR || way == BY_WEEK_OF_YEAR))
		return julian;
	return gregorian >= DATE_CUTOVER_DAY ? gregorian : julian;
}

static int64_t
ms_of_time(const struct date_calendar *c)
{
	const int *s = c->stamp;
	int hour_of_day = s[DATE_HOUR_OF_DAY];
	int hour = both(s[DATE_HOUR], s[DATE_AM_PM]);
	int64_t hours;

	if (hour == 0 && hour_of_day == 0)
		hour = max(s[DATE_HOUR], s[DATE_AM_PM]);
	if (hour_of_day >= hour && hour_of_day != 0)
		hours = c->value[DATE_HOUR_OF_DAY];
	else
		hours = (int64_t)c->value[DATE_HOUR] + 12 * (int64_t)c->value[DATE_AM_PM];
	return ((hours * 60 + c->value[DATE_MINUTE]) * 60 + c->value[DATE_SECOND]) *
	           1000 +
	       c->value[DATE_MILLISECOND];
}

/* GregorianCalendar.setWeekDate: year, month and day from a week of a week year. */
static void
set_week_date(struct date_calendar *c)
{
	int64_t week = c->stamp[DATE_WEEK_OF_YEAR] != 0 ? c->value[DATE_WEEK_OF_YEAR] : 1;
	int64_t weekday = c->stamp[DATE_DAY_OF_WEEK] != 0 ? c->value[DATE_DAY_OF_WEEK]
	                                                  : SUNDAY;
	struct date_calendar first = { 0 };
	struct date_fields f;

	if (weekday >= 8) { /* a day number that lies outside of its week */
		weekday--;
		week += weekday / 7;
		weekday = weekday % 7 + 1;
	} else if (weekday <= 0) {
		week += floor_div(weekday - 1, 7);
		weekday = weekday - 1 - 7 * floor_div(weekday - 1, 7) + 1;
	}
	if (c->stamp[DATE_DAY_OF_WEEK] != 0 &&
	    (c->value[DATE_DAY_OF_WEEK] < 1 || c->value[DATE_DAY_OF_WEEK] > 7))
		weekday = weekday % 7 + 1; /* of Monday 1 to Sunday 7 */

	if (c->stamp[DATE_ERA] != 0)
		date_calendar_set(&first, DATE_ERA, c->value[DATE_ERA]);
	date_calendar_set(&first, DATE_YEAR, c->value[DATE_WEEK_YEAR]);
	date_calendar_set(&first, DATE_WEEK_OF_YEAR, 1);
	date_calendar_set(&first, DATE_DAY_OF_WEEK, SUNDAY);
	uint64_t ms = (uint64_t)date_calendar_ms(&first) +
	              (uint64_t)(weekday - SUNDAY + 7 * (week - 1)) * DATE_MS_PER_DAY;
	date_split((int64_t)ms, &f);
	date_calendar_set(c, DATE_ERA, f.year > 0);
	date_calendar_set(c, DATE_YEAR, (int32_t)(f.year > 0 ? f.year : 1 - f.year));
	date_calendar_set(c, DATE_MONTH, f.month - 1);
	date_calendar_set(c, DATE_DAY_OF_MONTH, f.day);
}

int64_t
date_calendar_ms(const struct date_calendar *given)
{
	struct date_calendar c = *given;

	if (c.stamp[DATE_WEEK_YEAR] > c.stamp[DATE_YEAR])
		set_week_date(&c);
	int64_t year = c.stamp[DATE_YEAR] != 0 ? c.value[DATE_YEAR] : 1970;
	if (c.stamp[DATE_ERA] != 0 && c.value[DATE_ERA] == 0)
		year = 1 - year;
	int64_t ms = ms_of_time(&c);
	int64_t days = day_of(&c, year, date_days(ms));

	return (int64_t)((uint64_t)days * DATE_MS_PER_DAY + (uint64_t)date_ms_of_day(ms) -
			 (uint64_t)(int64_t)c.value[DATE_OFFSET_MS]);
}
