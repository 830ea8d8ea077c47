/*
 * Reading and writing of dates by the letters of SimpleDateFormat.  A pattern is
 * compiled to items, letter and count or literal text; texts become fields of a
 * date_calendar.c, which knows how they make a date.  Digits are ASCII.
 */
#include "data/date_pattern.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "data/date.h"
#include "data/date_calendar.h"

#define CENTURY_BACK 80   /* years of two digits lie from so many years ago on */
#define MAX_DIGITS 309    /* DecimalFormat's most for a minimum */
#define NAME_MAX_BYTES 32 /* of what a letter writes beyond its own count */

struct item {
	char letter;     /* 0: literal text */
	size_t count;    /* of the letter */
	struct str text; /* literal */
};

struct date_pattern {
	struct item *items;
	size_t n_items;
	char *texts; /* of literals */
	size_t n_texts;
	size_t max_bytes; /* of a date's text */
	int64_t century_ms;
	int32_t century_year; /* of century_ms */
};

static const char *const months[] = { "January", "February", "March", "April", "May",
	"June", "July", "August", "September", "October", "November", "December" };
static const char *const weekdays[] = { "Sunday", "Monday", "Tuesday", "Wednesday",
	"Thursday", "Friday", "Saturday" };
static const char *const eras[] = { "BC", "AD" };
static const char *const half_days[] = { "AM", "PM" };

/* Names of zones that texts may hold; UTC's are also written. */
static const struct zone {
	const char *name;
	int32_t offset_min;
} zones[] = {
	{ "Coordinated Universal Time", 0 },
	{ "UTC", 0 },
	{ "Greenwich Mean Time", 0 },
	{ "GMT", 0 },
	{ "Central European Summer Time", 120 },
	{ "CEST", 120 },
	{ "CET", 60 },
	{ "Eastern European Summer Time", 180 },
	{ "EEST", 180 },
	{ "EET", 120 },
	{ "Eastern Standard Time", -300 },
	{ "EST", -300 },
	{ "Eastern Daylight Time", -240 },
	{ "EDT", -240 },
	{ "Central Standard Time", -360 },
	{ "CST", -360 },
	{ "Central Daylight Time", -300 },
	{ "CDT", -300 },
	{ "Mountain Standard Time", -420 },
	{ "MST", -420 },
	{ "Mountain Daylight Time", -360 },
	{ "MDT", -360 },
	{ "Pacific Standard Time", -480 },
	{ "PST", -480 },
	{ "Pacific Daylight Time", -420 },
	{ "PDT", -420 },
};

/* ---- compiling ---- */

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int
add_letters(struct date_pattern *p, char letter, size_t count, struct err *err)
{
	if (strchr("GyMdkHmsSEDFwWahKzZYuXL", letter) == NULL)
		return err_set(err, ERR_CONFIG, "Illegal pattern character '%c'", letter);
	if (letter == 'X' && count > 3)
		return err_set(
		    err, ERR_CONFIG, "invalid ISO 8601 format: length=%zu", count);
	p->items[p->n_items++] = (struct item) { .letter = letter, .count = count };
	p->max_bytes += (count < MAX_DIGITS ? count : MAX_DIGITS) + NAME_MAX_BYTES;
	return 0;
}

/* One character of literal text, behind a literal that may stand there already. */
static void
add_literal(struct date_pattern *p, char c)
{
	struct item *last = p->n_items > 0 ? &p->items[p->n_items - 1] : NULL;

	if (last == NULL || last->letter != 0) {
		last = &p->items[p->n_items++];
		*last = (struct item) { .text = { p->texts + p->n_texts, 0 } };
	}
	p->texts[p->n_texts++] = c;
	last->text.n++;
	p->max_bytes++;
}

static int
compile(struct date_pattern *p, struct str s, struct err *err)
{
	bool quoted = false;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (c == '\'' && i + 1 < s.n && s.p[i + 1] == '\'') {
			add_literal(p, '\'');
			i++;
		} else if (c == '\'') {
			quoted = !quoted;
		} else if (quoted || !is_letter(c)) {
			add_literal(p, c);
		} else {
			size_t n = 1;
			while (i + n < s.n && s.p[i + n] == c)
				n++;
			if (add_letters(p, c, n, err) < 0)
				return -1;
			i += n - 1;
		}
	}
	return quoted ? err_set(err, ERR_CONFIG, "Unterminated quote") : 0;
}

const struct date_pattern *
date_pattern_new(struct arena *mem, struct str pattern, int64_t now_ms, struct err *err)
{
	struct date_pattern *p = arena_zalloc(mem, sizeof(*p));
	struct date_fields now;

	if (pattern.n > DATE_PATTERN_MAX) {
		err_set(err, ERR_CONFIG, "The pattern is longer than %d bytes",
		    DATE_PATTERN_MAX);
		return NULL;
	}
	p->items = arena_alloc(mem, (pattern.n + 1) * sizeof(*p->items));
	p->texts = arena_alloc(mem, pattern.n + 1);
	if (compile(p, pattern, err) < 0)
		return NULL;

	date_split(now_ms, &now);
	p->century_year = (int32_t)now.year - CENTURY_BACK;
	p->century_ms = date_join(p->century_year, now.month, now.day, now.hour,
	    now.minute, now.second, now.ms);
	return p;
}

const char *
date_pattern_doubt(const struct date_pattern *p)
{
	for (size_t i = 0; i < p->n_items; i++) {
		const struct item *it = &p->items[i];
		if (it->letter == 'Y')
			return "Y is the year of a week, which differs from the year in "
			       "the days around New Year; y is the year";
		if (it->letter == 'S' && it->count > 3)
			return "S counts milliseconds: .123456 is read as 123 seconds "
			       "and "
			       "456 ms, and .123 is written as .000123";
	}
	return NULL;
}

/* ---- writing ---- */

struct writer {
	char *p;
	size_t n;
};

static void
put(struct writer *w, const char *s, size_t n)
{
	memcpy(w->p + w->n, s, n);
	w->n += n;
}

static void
put_text(struct writer *w, const char *s)
{
	put(w, s, strlen(s));
}

static void
put_number(struct writer *w, int64_t value, size_t digits)
{
	char text[24];
	int n = snprintf(
	    text, sizeof(text), "%lld", (long long)(value < 0 ? -value : value));

	if (value < 0)
		put_text(w, "-");
	for (size_t i = (size_t)n; i < digits && i < MAX_DIGITS; i++)
		put_text(w, "0");
	put(w, text, (size_t)n);
}

static void
put_name(struct writer *w, const char *name, size_t count)
{
	put(w, name, count >= 4 || strlen(name) < 3 ? strlen(name) : 3);
}

/* Weeks begin on Sunday, and week 1 is the one with day 1. */
static int
week_of(int day, int weekday)
{
	return (day - 1 + (weekday - (day - 1) % 7 + 7) % 7) / 7 + 1;
}

/* October 1582 had no days 5 to 14. */
static int
day_in_month(const struct date_fields *f)
{
	return f->year == 1582 && f->month == 10 && f->day > 14 ? f->day - 10 : f->day;
}

static int
year_days(int64_t year)
{
	int64_t from = date_join(year, 1, 1, 0, 0, 0, 0);

	return (int)((date_join(year + 1, 1, 1, 0, 0, 0, 0) - from) / DATE_MS_PER_DAY);
}

/* Days of the year's last week that begin before the next year belong to that. */
static bool
in_next_year(const struct date_fields *f)
{
	return f->yearday - f->weekday + 6 > year_days(f->year);
}

static void
put_letter(struct writer *w, const struct item *it, const struct date_fields *f)
{
	int64_t year = f->year > 0 ? f->year : 1 - f->year;

	switch (it->letter) {
	case 'G':
		put_text(w, eras[f->year > 0]);
		break;
	case 'Y':
		year = f->year + in_next_year(f);
		__attribute__((fallthrough));
	case 'y':
		put_number(w, it->count == 2 ? year % 100 : year, it->count);
		break;
	case 'M':
	case 'L':
		if (it->count >= 3)
			put_name(w, months[f->month - 1], it->count);
		else
			put_number(w, f->month, it->count);
		break;
	case 'E':
		put_name(w, weekdays[f->weekday], it->count);
		break;
	case 'a':
		put_text(w, half_days[f->hour >= 12]);
		break;
	case 'w':
		put_number(
		    w, in_next_year(f) ? 1 : week_of(f->yearday, f->weekday), it->count);
		break;
	case 'W':
		put_number(w, week_of(day_in_month(f), f->weekday), it->count);
		break;
	case 'u':
		put_number(w, f->weekday == 0 ? 7 : f->weekday, it->count);
		break;
	case 'k':
		put_number(w, f->hour == 0 ? 24 : f->hour, it->count);
		break;
	case 'h':
		put_number(w, f->hour % 12 == 0 ? 12 : f->hour % 12, it->count);
		break;
	case 'd':
		put_number(w, f->day, it->count);
		break;
	case 'D':
		put_number(w, f->yearday, it->count);
		break;
	case 'F':
		put_number(w, (day_in_month(f) - 1) / 7 + 1, it->count);
		break;
	case 'H':
		put_number(w, f->hour, it->count);
		break;
	case 'K':
		put_number(w, f->hour % 12, it->count);
		break;
	case 'm':
		put_number(w, f->minute, it->count);
		break;
	case 's':
		put_number(w, f->second, it->count);
		break;
	case 'S':
		put_number(w, f->ms, it->count);
		break;
	case 'z':
		put_text(w, it->count >= 4 ? zones[0].name : "UTC");
		break;
	case 'Z':
		put_text(w, "+0000");
		break;
	case 'X':
		put_text(w, "Z");
		break;
	default:
		break;
	}
}

struct str
date_pattern_print(const struct date_pattern *p, struct arena *mem, int64_t ms)
{
	struct writer w = { .p = arena_alloc(mem, p->max_bytes + 1) };
	struct date_fields f;

	date_split(ms, &f);
	for (size_t i = 0; i < p->n_items; i++) {
		const struct item *it = &p->items[i];
		if (it->letter != 0)
			put_letter(&w, it, &f);
		else
			put(&w, it->text.p, it->text.n);
	}
	w.p[w.n] = '\0';
	return (struct str) { w.p, w.n };
}

/* ---- reading ---- */

struct reader {
	struct str s;
	size_t pos;
	struct date_calendar cal;
	bool ambiguous; /* a year of two digits: the first of the century's */
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char
at(const struct reader *r, size_t i)
{
	return i < r->s.n ? r->s.p[i] : '\0';
}

/* The end of the next n characters (as UTF-16 counts them); false: there are fewer. */
static bool
advance(const struct reader *r, size_t from, size_t n, size_t *end)
{
	size_t i = from;

	while (n > 0 && i < r->s.n) {
		unsigned char c = (unsigned char)r->s.p[i];
		n -= c >= 0xf0 && n > 1 ? 2 : 1;
		for (i++; i < r->s.n && ((unsigned char)r->s.p[i] & 0xc0) == 0x80;)
			i++;
	}
	*end = i;
	return n == 0;
}

/* 1.5E3 as DecimalFormat reads it for an integer: the digits, and what E makes of them;
 * saturated as Java's narrowing of a double, low bits of a long. */
static int32_t
scaled(double digits, int64_t whole, bool fits, int64_t exponent, bool negative)
{
	if (exponent == 0 && fits)
		return (int32_t)(uint32_t)(uint64_t)(negative ? -whole : whole);
	for (; exponent > 0 && digits > 0 && digits < 1e30; exponent--)
		digits *= 10;
	for (; exponent < 0 && digits >= 1; exponent++)
		digits /= 10;
	if (negative)
		digits = -digits;
	if (digits > -9.2e18 && digits < 9.2e18 && (double)(int64_t)digits == digits)
		return (int32_t)(uint32_t)(uint64_t)(int64_t)digits;
	return digits >= INT32_MAX   ? INT32_MAX
	       : digits <= INT32_MIN ? INT32_MIN
	                             : (int32_t)digits;
}

/* E and its digits, which may have a sign; r->pos stays where there are none. */
static int64_t
read_exponent(struct reader *r, size_t end)
{
	size_t i = r->pos + 1;
	int64_t exponent = 0;

	if (r->pos >= end || at(r, r->pos) != 'E')
		return 0;
	bool negative = i < end && at(r, i) == '-';
	i += negative;
	if (i >= end || !is_digit(at(r, i)))
		return 0;
	for (; i < end && is_digit(at(r, i)); i++)
		if (exponent < 100000)
			exponent = exponent * 10 + (at(r, i) - '0');
	r->pos = i;
	return negative ? -exponent : exponent;
}

/* NumberFormat.parse in front of `end`; false: no number. */
static bool
read_number(struct reader *r, size_t end, int32_t *out)
{
	size_t i = r->pos;
	int64_t whole = 0;
	double digits = 0;
	bool fits = true, negative = i < end && at(r, i) == '-';

	i += negative;
	if (i >= end || !is_digit(at(r, i)))
		return false;
	for (; i < end && is_digit(at(r, i)); i++) {
		int d = at(r, i) - '0';
		digits = digits * 10 + d;
		if (whole > (INT64_MAX - d) / 10)
			fits = false;
		else
			whole = whole * 10 + d;
	}
	r->pos = i;
	*out = scaled(digits, whole, fits, read_exponent(r, end), negative);
	return true;
}

static bool
starts_with(const struct reader *r, size_t from, const char *name)
{
	size_t n = strlen(name);

	return r->s.n - from >= n && str_ieq_c((struct str) { r->s.p + from, n }, name);
}

/* The longest of the names, full or (cut > 0) cut, at `from`: its index, or -1.  Blanks
 * are not skipped in front of names. */
static int
read_name(struct reader *r, size_t from, const char *const *names, size_t n, size_t cut)
{
	int found = -1;
	size_t longest = 0;

	for (size_t i = 0; i < n; i++) {
		size_t full = strlen(names[i]);
		char shorter[16];

		snprintf(shorter, sizeof(shorter), "%.*s", (int)(cut > 0 ? cut : full),
		    names[i]);
		size_t m = starts_with(r, from, names[i])  ? full
		           : starts_with(r, from, shorter) ? strlen(shorter)
		                                           : 0;
		if (m > longest) {
			longest = m;
			found = (int)i;
		}
	}
	r->pos = from + longest;
	return found;
}

static bool
set_offset(struct reader *r, int32_t minutes)
{
	date_calendar_set(&r->cal, DATE_OFFSET_MS, minutes * 60000);
	return true;
}

/* hh, hhmm or hh:mm behind a sign; one_digit: the hours may have only one. */
static bool
read_offset(struct reader *r, int sign, bool minutes, bool colon, bool one_digit)
{
	int h, m = 0;

	if (!is_digit(at(r, r->pos)))
		return false;
	h = at(r, r->pos++) - '0';
	if (is_digit(at(r, r->pos)))
		h = h * 10 + (at(r, r->pos++) - '0');
	else if (!one_digit)
		return false;
	if (h > 23)
		return false;
	if (minutes) {
		if (colon && at(r, r->pos++) != ':')
			return false;
		if (!is_digit(at(r, r->pos)) || !is_digit(at(r, r->pos + 1)))
			return false;
		m = (at(r, r->pos) - '0') * 10 + (at(r, r->pos + 1) - '0');
		r->pos += 2;
		if (m > 59)
			return false;
	}
	return set_offset(r, sign * (h * 60 + m));
}

static int
read_sign(struct reader *r)
{
	char c = at(r, r->pos);

	if (c != '+' && c != '-')
		return 0;
	r->pos++;
	return c == '+' ? 1 : -1;
}

/* z and Z. */
static bool
read_zone(struct reader *r, size_t start)
{
	int sign = read_sign(r);

	if (sign != 0)
		return read_offset(r, sign, true, false, false);
	if (starts_with(r, start, "GMT")) {
		r->pos = start + 3;
		sign = read_sign(r);
		return sign == 0 ? set_offset(r, 0)
		                 : read_offset(r, sign, true, true, true);
	}
	for (size_t i = 0; i < ARRAY_LEN(zones); i++)
		if (starts_with(r, r->pos, zones[i].name)) {
			r->pos += strlen(zones[i].name);
			/* UTC by name does not replace an offset in front of it. */
			return zones[i].offset_min == 0 ||
			       set_offset(r, zones[i].offset_min);
		}
	return false;
}

/* X: Z, or an offset of exactly the form that the count says. */
static bool
read_iso_zone(struct reader *r, size_t count)
{
	if (at(r, r->pos) == 'Z') {
		r->pos++;
		return set_offset(r, 0);
	}
	int sign = read_sign(r);
	return sign != 0 && read_offset(r, sign, count > 1, count == 3, false);
}

static bool
set_name(struct reader *r, size_t start, enum date_field field, const char *const *names,
    size_t n, size_t cut, int first)
{
	int i = read_name(r, start, names, n, cut);

	if (i < 0)
		return false;
	date_calendar_set(&r->cal, field, i + first);
	return true;
}

static void
set_year(struct reader *r, const struct date_pattern *p, const struct item *it,
    size_t from, int32_t value)
{
	if (it->count <= 2 && r->pos - from == 2 && is_digit(at(r, from)) &&
	    is_digit(at(r, from + 1))) {
		int32_t first = p->century_year % 100;
		r->ambiguous = value == first;
		value += p->century_year / 100 * 100 + (value < first ? 100 : 0);
	}
	date_calendar_set(&r->cal, it->letter == 'y' ? DATE_YEAR : DATE_WEEK_YEAR, value);
}

/* A number of the letter's field; from: where it begins. */
static void
set_number(struct reader *r, const struct date_pattern *p, const struct item *it,
    size_t from, int32_t value)
{
	static const struct {
		char letter;
		enum date_field field;
	} fields[] = {
		{ 'd', DATE_DAY_OF_MONTH },
		{ 'k', DATE_HOUR_OF_DAY },
		{ 'H', DATE_HOUR_OF_DAY },
		{ 'm', DATE_MINUTE },
		{ 's', DATE_SECOND },
		{ 'S', DATE_MILLISECOND },
		{ 'D', DATE_DAY_OF_YEAR },
		{ 'F', DATE_DAY_OF_WEEK_IN_MONTH },
		{ 'w', DATE_WEEK_OF_YEAR },
		{ 'W', DATE_WEEK_OF_MONTH },
		{ 'h', DATE_HOUR },
		{ 'K', DATE_HOUR },
		{ 'u', DATE_DAY_OF_WEEK },
		{ 'M', DATE_MONTH },
		{ 'L', DATE_MONTH },
	};

	if (it->letter == 'y' || it->letter == 'Y') {
		set_year(r, p, it, from, value);
		return;
	}
	if (it->letter == 'M' || it->letter == 'L')
		value = (int32_t)((uint32_t)value - 1);
	else if ((it->letter == 'k' && value == 24) || (it->letter == 'h' && value == 12))
		value = 0;
	else if (it->letter == 'u' && value >= 1 && value <= 7)
		value = value % 7 + 1;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (fields[i].letter == it->letter)
			date_calendar_set(&r->cal, fields[i].field, value);
}

/* exact: as many digits as letters, because a number follows. */
static bool
read_item(
    struct reader *r, const struct date_pattern *p, const struct item *it, bool exact)
{
	size_t start = r->pos, end = r->s.n;
	int32_t value;

	while (at(r, r->pos) == ' ' || at(r, r->pos) == '\t')
		r->pos++;
	if (r->pos >= r->s.n)
		return false;
	switch (it->letter) {
	case 'G':
		return set_name(r, start, DATE_ERA, eras, 2, 0, 0);
	case 'a':
		return set_name(r, start, DATE_AM_PM, half_days, 2, 0, 0);
	case 'E':
		return set_name(r, start, DATE_DAY_OF_WEEK, weekdays, 7, 3, 1);
	case 'z':
	case 'Z':
		return read_zone(r, start);
	case 'X':
		return read_iso_zone(r, it->count);
	case 'M':
	case 'L':
		if (it->count >= 3)
			return set_name(r, start, DATE_MONTH, months, 12, 3, 0);
		break;
	default:
		break;
	}
	if (exact && !advance(r, start, it->count, &end))
		return false;
	size_t from = r->pos;
	if (!read_number(r, end, &value))
		return false;
	set_number(r, p, it, from, value);
	return true;
}

/* Does this item limit the digits of the one in front of it? */
static bool
is_number(const struct item *it)
{
	if (it->letter == 'M' || it->letter == 'L')
		return it->count <= 2;
	return it->letter != 0 && strchr("GaEzZX", it->letter) == NULL;
}

static bool
read_literal(struct reader *r, struct str text)
{
	if (r->s.n - r->pos < text.n || memcmp(r->s.p + r->pos, text.p, text.n) != 0)
		return false;
	r->pos += text.n;
	return true;
}

static void
add_century(int32_t *year)
{
	*year = (int32_t)((uint32_t)*year + 100);
}

bool
date_pattern_parse(const struct date_pattern *p, struct str text, int64_t *ms)
{
	struct reader r = { .s = text };

	for (size_t i = 0; i < p->n_items; i++) {
		const struct item *it = &p->items[i];
		bool exact = i + 1 < p->n_items && is_number(&p->items[i + 1]);
		if (it->letter == 0 ? !read_literal(&r, it->text)
				    : !read_item(&r, p, it, exact))
			return false;
	}
	if (r.pos == 0) /* Java takes this for a failure */
		return false;
	*ms = date_calendar_ms(&r.cal);
	if (r.ambiguous && *ms < p->century_ms) {
		add_century(&r.cal.value[DATE_YEAR]);
		add_century(&r.cal.value[DATE_WEEK_YEAR]);
		*ms = date_calendar_ms(&r.cal);
	}
	return true;
}
