/* From numbers and texts to milliseconds since 1970. */
#include "route/instant.h"

#include "data/date.h"
#include "data/decimal.h"

/* Cuts n digits off the front. */
static bool
digits(struct str *s, int n, int *out)
{
	int v = 0;

	if (s->n < (size_t)n)
		return false;
	for (int i = 0; i < n; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		v = v * 10 + (s->p[i] - '0');
	}
	*s = (struct str) { s->p + n, s->n - (size_t)n };
	*out = v;
	return true;
}

static bool
one_of(struct str *s, char a, char b)
{
	if (s->n == 0 || (s->p[0] != a && s->p[0] != b))
		return false;
	*s = (struct str) { s->p + 1, s->n - 1 };
	return true;
}

static bool
fraction(struct str *s, int *ms)
{
	int scale = 100, n = 0, digit;

	*ms = 0;
	if (!one_of(s, '.', '.'))
		return true;
	for (; digits(s, 1, &digit); n++, scale /= 10)
		*ms += digit * scale;
	return n > 0;
}

static bool
zone(struct str *s, int *minutes)
{
	int sign, h, m;

	*minutes = 0;
	if (one_of(s, 'Z', 'z'))
		return true;
	if (s->n == 0 || (s->p[0] != '+' && s->p[0] != '-'))
		return false;
	sign = s->p[0] == '-' ? -1 : 1;
	one_of(s, '+', '-');
	if (!digits(s, 2, &h) || !one_of(s, ':', ':') || !digits(s, 2, &m) || h > 23 ||
	    m > 59)
		return false;
	*minutes = sign * (60 * h + m);
	return true;
}

static int
month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

bool
instant_parse(struct str s, int64_t *ms)
{
	int year, month, day, h, min, sec, milli, offset;

	if (!digits(&s, 4, &year) || !one_of(&s, '-', '-') || !digits(&s, 2, &month) ||
	    !one_of(&s, '-', '-') || !digits(&s, 2, &day) || !one_of(&s, 'T', 't') ||
	    !digits(&s, 2, &h) || !one_of(&s, ':', ':') || !digits(&s, 2, &min) ||
	    !one_of(&s, ':', ':') || !digits(&s, 2, &sec) || !fraction(&s, &milli) ||
	    !zone(&s, &offset) || s.n != 0)
		return false;
	if (month < 1 || month > 12 || day < 1 || day > month_days(year, month) ||
	    h > 23 || min > 59 || sec > 60)
		return false;
	*ms = date_join(year, month, day, h, min - offset, sec, milli);
	return true;
}

/* Milliseconds in a unit; of the two small ones, units in a millisecond (negative). */
static const int64_t factors[] = {
	[KCQL_NANOSECONDS] = -1000000,
	[KCQL_MICROSECONDS] = -1000,
	[KCQL_MILLISECONDS] = 1,
	[KCQL_SECONDS] = 1000,
	[KCQL_MINUTES] = 60000,
	[KCQL_HOURS] = 3600000,
	[KCQL_DAYS] = 86400000,
};

static bool
from_int(int64_t n, enum kcql_unit unit, int64_t *ms)
{
	if (factors[unit] < 0) {
		*ms = n / -factors[unit];
		return n >= 0;
	}
	return n >= 0 && !__builtin_mul_overflow(n, factors[unit], ms);
}

/*
 * 1.001 s is 1000.9999999999999 ms in doubles: what is so near to a whole number, by
 * the two roundings on its way, is that number.
 */
static bool
from_double(double d, enum kcql_unit unit, int64_t *ms)
{
	double v = factors[unit] < 0 ? d / (double)-factors[unit]
	                             : d * (double)factors[unit];

	if (!(v >= 0 && v < 9.2e18))
		return false;
	*ms = (int64_t)v;
	if (v < 0x1p52 && v * (1 + 0x1p-51) >= (double)(*ms + 1))
		++*ms;
	return true;
}

static bool
from_decimal(const struct decimal *d, enum kcql_unit unit, int64_t *ms)
{
	int64_t whole;

	return decimal_exact_i64(d, &whole) ? from_int(whole, unit, ms)
	                                    : from_double(decimal_to_double(d), unit, ms);
}

/* A java.util.Date may also stand for a time of day, which is no instant. */
static bool
from_date(const struct datum *d, int64_t *ms)
{
	return d->schema != NULL && d->schema->logical != SCHEMA_TIME &&
	       from_int(d->value.i, KCQL_MILLISECONDS, ms);
}

static bool
convert(const struct datum *d, enum kcql_unit unit, int64_t *ms)
{
	switch ((enum value_kind)d->value.kind) {
	case VALUE_INT8:
	case VALUE_INT16:
	case VALUE_INT32:
	case VALUE_INT64:
		return from_int(d->value.i, unit, ms);
	case VALUE_FLOAT32:
	case VALUE_FLOAT64:
		return from_double(value_as_double(d->value), unit, ms);
	case VALUE_DECIMAL:
		return from_decimal(d->value.dec, unit, ms);
	case VALUE_DATE:
		return from_date(d, ms);
	case VALUE_STRING:
		return instant_parse(value_str(d->value), ms) && *ms >= 0;
	default:
		return false;
	}
}

int
instant_of(const struct datum *d, enum kcql_unit unit, int64_t *ms, struct err *err)
{
	if (convert(d, unit, ms))
		return 0;
	return err_set(err, ERR_RECORD,
	    "%s; a number in %s from 0 on, or a text like 2026-05-03T10:11:12Z, is "
	    "needed",
	    value_is_null(d->value) ? "the field is absent or null"
				    : "the field holds no time that Kafka takes",
	    kcql_unit_name(unit));
}
