/*
 * The calendar of java.util.GregorianCalendar in UTC and the few texts that Connect
 * itself makes of dates.  Free patterns (SimpleDateFormat) are not here.
 */
#include "data/date.h"

#include <string.h>

int64_t
date_days(int64_t ms)
{
	const int64_t days = ms / DATE_MS_PER_DAY;

	return ms % DATE_MS_PER_DAY < 0 ? days - 1 : days;
}

int64_t
date_ms_of_day(int64_t ms)
{
	const int64_t rest = ms % DATE_MS_PER_DAY;

	return rest < 0 ? rest + DATE_MS_PER_DAY : rest;
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Years are counted from March so that the leap day is their last. */
int64_t
date_days_of(int64_t year, int64_t month, int64_t day, bool gregorian)
{
	const int64_t y = month <= 2 ? year - 1 : year;
	const int64_t m = month <= 2 ? month + 9 : month - 3; /* March is 0 */
	const int64_t of_year = (153 * m + 2) / 5 + day - 1;
	int64_t days = 365 * y + floor_div(y, 4) + of_year;

	if (gregorian)
		return days - floor_div(y, 100) + floor_div(y, 400) - 719468;
	return days - 719470;
}

/* The inverse. */
static void
split_days(int64_t days, bool gregorian, struct date_fields *out)
{
	int64_t era, of_era, y, of_year;
	int m;

	if (gregorian) {
		days += 719468;
		era = floor_div(days, 146097);
		of_era = days - era * 146097;
		y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
		of_year = of_era - (365 * y + y / 4 - y / 100);
		y += era * 400;
	} else {
		days += 719470;
		era = floor_div(days, 1461);
		of_era = days - era * 1461;
		y = (of_era - of_era / 1460) / 365;
		of_year = of_era - 365 * y;
		y += era * 4;
	}
	m = (int)((5 * of_year + 2) / 153);
	out->day = (int)(of_year - (153 * m + 2) / 5 + 1);
	out->month = m < 10 ? m + 3 : m - 9;
	out->year = out->month <= 2 ? y + 1 : y;
}

void
date_split(int64_t ms, struct date_fields *out)
{
	const int64_t days = date_days(ms);
	const int rest = (int)date_ms_of_day(ms);
	const bool gregorian = days >= DATE_CUTOVER_DAY;

	split_days(days, gregorian, out);
	out->hour = rest / 3600000;
	out->minute = rest / 60000 % 60;
	out->second = rest / 1000 % 60;
	out->ms = rest % 1000;
	out->weekday = (int)(((days + 4) % 7 + 7) % 7);
	out->yearday = (int)(days - date_days_of(out->year, 1, 1, gregorian)) + 1;
	if (gregorian && out->year == 1582) /* ten days were left out */
		out->yearday = (int)(days - date_days_of(1582, 1, 1, false)) + 1;
}

int64_t
date_join(int64_t year, int64_t month, int64_t day, int64_t hour, int64_t minute,
    int64_t second, int64_t ms)
{
	int64_t days;

	year += floor_div(month - 1, 12);
	month = month - 1 - floor_div(month - 1, 12) * 12 + 1;
	days = date_days_of(year, month, day, true);
	if (days < DATE_CUTOVER_DAY)
		days = date_days_of(year, month, day, false);
	/* Beyond the range it wraps, as in Java. */
	return (int64_t)((uint64_t)days * DATE_MS_PER_DAY + (uint64_t)hour * 3600000 +
			 (uint64_t)minute * 60000 + (uint64_t)second * 1000 +
			 (uint64_t)ms);
}

static int64_t
year_of_era(const struct date_fields *f)
{
	return f->year > 0 ? f->year : 1 - f->year;
}

void
date_print_iso(struct buf *out, int64_t ms)
{
	struct date_fields f;

	date_split(ms, &f);
	if (ms < DATE_MS_PER_DAY) {
		buf_printf(out, "%02d:%02d:%02d.%03dZ", f.hour, f.minute, f.second, f.ms);
		return;
	}
	buf_printf(out, "%04lld-%02d-%02d", (long long)year_of_era(&f), f.month, f.day);
	if (date_ms_of_day(ms) != 0)
		buf_printf(
		    out, "T%02d:%02d:%02d.%03dZ", f.hour, f.minute, f.second, f.ms);
}

void
date_print_java(struct buf *out, int64_t ms)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct date_fields f;

	date_split(ms, &f);
	buf_printf(out, "%.3s %.3s %02d %02d:%02d:%02d UTC %lld",
	    days + (size_t)f.weekday * 3, months + (size_t)(f.month - 1) * 3, f.day,
	    f.hour, f.minute, f.second, (long long)year_of_era(&f));
}

/* A number as DecimalFormat reads an int; it takes all digits there are. */
static bool
parse_number(const char **at, const char *end, int64_t *out)
{
	const char *p = *at, *digits;
	double large = 0;
	int64_t value = 0;
	bool negative;

	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	negative = p < end && *p == '-';
	if (negative)
		p++;
	for (digits = p; p < end && *p >= '0' && *p <= '9'; p++) {
		large = large * 10 + (*p - '0');
		if (large < 9.2e18)
			value = value * 10 + (*p - '0');
	}
	if (p == digits)
		return false;
	*at = p;
	if (large < 9.2e18) /* a Long, of which intValue takes the low bits */
		value = (int32_t)(negative ? -value : value);
	else /* a Double, which saturates */
		value = negative ? INT32_MIN : INT32_MAX;
	*out = value;
	return true;
}

/* Pattern: y M d H m s S for numbers, all else literally. */
bool
date_parse_iso(enum schema_logical logical, struct str text, int64_t *ms)
{
	static const char letters[] = "yMdHmsS";
	static const char *const patterns[] = { [SCHEMA_DATE] = "y-M-d",
		[SCHEMA_TIME] = "H:m:s.SZ",
		[SCHEMA_TIMESTAMP] = "y-M-dTH:m:s.SZ" };
	int64_t fields[] = { 1970, 1, 1, 0, 0, 0, 0 };
	const char *p = text.p, *const end = text.p + text.n;

	for (const char *c = patterns[logical]; *c != '\0'; c++) {
		const char *letter = strchr(letters, *c);

		if (letter != NULL) {
			if (!parse_number(&p, end, &fields[letter - letters]))
				return false;
		} else if (p == end || *p++ != *c) {
			return false;
		}
	}
	*ms = date_join(
	    fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], fields[6]);
	return true;
}

int
date_from_logical(enum schema_logical logical, int64_t ms, int64_t *out, struct err *err)
{
	switch (logical) {
	case SCHEMA_DATE:
		if (date_ms_of_day(ms) != 0)
			return err_set(err, ERR_RECORD,
			    "Kafka Connect Date type should not have any time fields set "
			    "to non-zero values.");
		/* (int) of the day, as Java narrows */
		*out = (int32_t)date_days(ms);
		return 0;
	case SCHEMA_TIME:
		if (ms < 0 || ms > DATE_MS_PER_DAY)
			return err_set(err, ERR_RECORD,
			    "Kafka Connect Time type should not have any date fields set "
			    "to non-zero values.");
		*out = ms;
		return 0;
	default:
		*out = ms;
		return 0;
	}
}

int
date_to_logical(enum schema_logical logical, int64_t in, int64_t *ms, struct err *err)
{
	switch (logical) {
	case SCHEMA_DATE:
		*ms = in * DATE_MS_PER_DAY;
		return 0; /* in has 32 bits */
	case SCHEMA_TIME:
		if (in < 0 || in > DATE_MS_PER_DAY)
			return err_set(err, ERR_RECORD,
			    "Time values must use number of milliseconds greater than 0 "
			    "and less than 86400000");
		*ms = in;
		return 0;
	default:
		*ms = in;
		return 0;
	}
}
