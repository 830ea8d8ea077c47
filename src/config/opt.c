/*
 * From texts to the fields of a struct, by a table.  The rules and the messages are
 * those of Kafka's ConfigDef, so that what Connect takes is taken and what people
 * search for is found.  Knows no option of its own.
 */
#include "config/opt.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SHOWN_MAX 200 /* bytes of a value in a message */

/* One row on its way into the state. */
struct job {
	const struct opt *opt;
	const struct config_entry *e; /* NULL: the row's default is read */
	const char *full;             /* the row's name with the prefix of its plugin */
	const char *text;             /* trimmed, in mem */
	void *field;
	struct arena *mem;
	struct problems *problems;
};

/* ---- messages ---- */

static bool
is_secret(const struct job *j)
{
	return j->opt->type == OPT_T_PASSWORD || j->e->secret ||
	       config_key_is_secret(j->e->key);
}

/* -1 after "Invalid value <value> for configuration <name>: <text>". */
static int __attribute__((format(printf, 4, 5)))
invalid(const struct job *j, const char *name, const char *value, const char *fmt, ...)
{
	char text[1024];
	size_t n = strlen(value);
	va_list ap;

	assert(j->e != NULL); /* or a default of our tables is wrong */
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (is_secret(j)) {
		/* A validator may have put the value into its text. */
		bool shows = n > 0 && strstr(text, value) != NULL;
		problems_add(j->problems, PROBLEM_ERROR, j->e,
		    "Invalid value [hidden] for configuration %s%s%s", name,
		    shows ? "" : ": ", shows ? "" : text);
		return -1;
	}
	if (n > SHOWN_MAX)
		for (n = SHOWN_MAX; n > 0 && ((unsigned char)value[n] & 0xc0) == 0x80;)
			n--;
	problems_add(j->problems, PROBLEM_ERROR, j->e,
	    "Invalid value %.*s%s for configuration %s: %s", (int)n, value,
	    value[n] == '\0' ? "" : "...", name, text);
	return -1;
}

static int
not_a(const struct job *j, const char *what)
{
	return invalid(j, j->full, j->e != NULL ? j->e->value : j->text, "%s", what);
}

/* ---- numbers with units ---- */

struct unit {
	const char *name;
	int64_t factor;
};

static const struct unit times[] = { /* in ms */
	{ "ms", 1 }, { "s", 1000 }, { "min", 60000 }, { "h", 3600000 }, { "d", 86400000 }
};

static const struct unit sizes[] = {
	{ "B", 1 },
	{ "kB", 1000 },
	{ "MB", 1000 * 1000 },
	{ "GB", 1000 * 1000 * 1000 },
	{ "TB", (int64_t)1000 * 1000 * 1000 * 1000 },
	{ "KiB", (int64_t)1 << 10 },
	{ "MiB", (int64_t)1 << 20 },
	{ "GiB", (int64_t)1 << 30 },
	{ "TiB", (int64_t)1 << 40 },
};

/* "<number> <unit>", counted in `per` of the units' base; must come out whole. */
static bool
number_with_unit(
    struct str s, const struct unit *units, size_t n, int64_t per, int64_t *out)
{
	size_t digits = 0;
	int64_t number;

	while (digits < s.n && (s.p[digits] < 'A' || s.p[digits] > 'z'))
		digits++;
	struct str name = { s.p + digits, s.n - digits };
	if (!str_to_i64(str_trim((struct str) { s.p, digits }), 0, INT64_MAX, &number))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!str_ieq_c(name, units[i].name))
			continue;
		if (__builtin_mul_overflow(number, units[i].factor, &number))
			return false;
		*out = number / per;
		return number % per == 0;
	}
	return false;
}

static bool
number(const struct job *j, int64_t min, int64_t max, int64_t *out)
{
	struct str s = str_of(j->text);
	const char *unit = j->opt->type == OPT_T_BYTES ? "bytes" : j->opt->unit;
	int64_t n;
	bool ok = false;

	if (str_to_i64(s, min, max, out))
		return true;
	if (unit == NULL)
		return false;
	if (strcmp(unit, "bytes") == 0)
		ok = number_with_unit(s, sizes, ARRAY_LEN(sizes), 1, &n);
	else if (strcmp(unit, "ms") == 0)
		ok = number_with_unit(s, times, ARRAY_LEN(times), 1, &n);
	else if (strcmp(unit, "s") == 0)
		ok = number_with_unit(s, times, ARRAY_LEN(times), 1000, &n);
	if (!ok || n < min || n > max)
		return false;
	*out = n;
	return true;
}

static int
check_bounds(const struct job *j, int64_t n)
{
	const struct opt *o = j->opt;
	char shown[24];

	if (o->min == 0 && o->max == 0)
		return 0;
	snprintf(shown, sizeof(shown), "%lld", (long long)n);
	if (n < o->min)
		return invalid(
		    j, o->name, shown, "Value must be at least %lld", (long long)o->min);
	if (o->max >= o->min && n > o->max)
		return invalid(j, o->name, shown, "Value must be no more than %lld",
		    (long long)o->max);
	return 0;
}

static int
take_number(const struct job *j)
{
	bool is_int = j->opt->type == OPT_T_INT;
	int64_t n;

	if (!number(
		j, is_int ? INT32_MIN : INT64_MIN, is_int ? INT32_MAX : INT64_MAX, &n)) {
		if (j->opt->type == OPT_T_BYTES)
			return not_a(j, "Expected a number of bytes, such as 16777216, "
					"16MiB or 64kB");
		return not_a(
		    j, is_int ? "Not a number of type INT" : "Not a number of type LONG");
	}
	if (check_bounds(j, n) != 0)
		return -1;
	if (is_int)
		*(int32_t *)j->field = (int32_t)n;
	else
		*(int64_t *)j->field = n;
	return 0;
}

/* ---- texts ---- */

static void
not_allowed(const struct job *j, const char *text)
{
	const struct opt *o = j->opt;
	struct buf list = { 0 };

	for (size_t i = 0; o->values[i] != NULL; i++)
		buf_printf(&list, "%s%s", i > 0 ? ", " : "", o->values[i]);
	for (size_t i = 0; o->any_case && i < list.n; i++)
		if (list.p[i] >= 'a' && list.p[i] <= 'z')
			list.p[i] = (char)(list.p[i] - 'a' + 'A');
	invalid(j, o->name, text, "String must be one of%s: %s",
	    o->any_case ? " (case insensitive)" : "", buf_cstr(&list));
	buf_fini(&list);
}

/* The row's spelling of an allowed text; NULL after a problem. */
static const char *
allowed(const struct job *j, const char *text)
{
	const struct opt *o = j->opt;

	if (o->values == NULL)
		return text;
	for (size_t i = 0; o->values[i] != NULL; i++)
		if (strcmp(text, o->values[i]) == 0 ||
		    (o->any_case && strcasecmp(text, o->values[i]) == 0))
			return o->values[i];
	not_allowed(j, text);
	return NULL;
}

static int
take_text(const struct job *j)
{
	const char *text = allowed(j, j->text);

	if (text == NULL)
		return -1;
	*(const char **)j->field = text;
	return 0;
}

static int
take_boolean(const struct job *j)
{
	bool yes = strcasecmp(j->text, "true") == 0;

	if (!yes && strcasecmp(j->text, "false") != 0)
		return not_a(j, "Expected value to be either true or false");
	*(bool *)j->field = yes;
	return 0;
}

/* Java's \s around a comma. */
static struct str
trim_item(struct str s)
{
	while (s.n > 0 && strchr(" \t\n\v\f\r", s.p[0]) != NULL)
		s.p++, s.n--;
	while (s.n > 0 && strchr(" \t\n\v\f\r", s.p[s.n - 1]) != NULL)
		s.n--;
	return s;
}

static int
take_list(const struct job *j)
{
	struct str rest = str_of(j->text), item;
	size_t n = 1, filled = 0;

	if (rest.n == 0) {
		static const char *const none[1];
		*(struct opt_list *)j->field = (struct opt_list) { none, 0 };
		return 0;
	}
	for (size_t i = 0; i < rest.n; i++)
		n += rest.p[i] == ',';

	const char **items = arena_alloc(j->mem, n * sizeof(*items));
	while (filled < n) {
		if (!str_next(&rest, ',', &item)) /* "a," ends with an empty item */
			item = STR("");
		const char *text = allowed(j, arena_str(j->mem, trim_item(item)).p);
		if (text == NULL)
			return -1;
		items[filled++] = text;
	}
	*(struct opt_list *)j->field = (struct opt_list) { items, n };
	return 0;
}

/* ---- rows ---- */

/* As Java's String.trim: everything up to U+0020. */
static const char *
trimmed(struct arena *mem, const char *value)
{
	struct str s = str_of(value);

	while (s.n > 0 && (unsigned char)s.p[0] <= ' ')
		s.p++, s.n--;
	while (s.n > 0 && (unsigned char)s.p[s.n - 1] <= ' ')
		s.n--;
	return arena_str(mem, s).p;
}

static int
take(const struct job *j)
{
	struct err err = { 0 };

	if (j->opt->validate != NULL && j->opt->validate(j->text, &err) != 0)
		return invalid(j, j->opt->name, j->text, "%s", err.msg);
	switch (j->opt->type) {
	case OPT_T_STRING:
	case OPT_T_PASSWORD:
		return take_text(j);
	case OPT_T_INT:
	case OPT_T_LONG:
	case OPT_T_BYTES:
		return take_number(j);
	case OPT_T_BOOLEAN:
		return take_boolean(j);
	case OPT_T_LIST:
		return take_list(j);
	}
	return -1;
}

static void
clear(const struct opt *o, void *field)
{
	static const size_t bytes[] = {
		[OPT_T_STRING] = sizeof(const char *),
		[OPT_T_PASSWORD] = sizeof(const char *),
		[OPT_T_INT] = sizeof(int32_t),
		[OPT_T_LONG] = sizeof(int64_t),
		[OPT_T_BOOLEAN] = sizeof(bool),
		[OPT_T_LIST] = sizeof(struct opt_list),
		[OPT_T_BYTES] = sizeof(int64_t),
	};

	memset(field, 0, bytes[o->type]);
}

/* The entry that counts for the row, by its new or its old name. */
static const struct config_entry *
entry_of(const struct job *j, const char *prefix, const struct config *cfg)
{
	const struct opt *o = j->opt;
	const struct config_entry *e = config_find(cfg, j->full), *old;

	if (o->old_name == NULL)
		return e;
	old = config_find(cfg, arena_printf(j->mem, "%s%s", prefix, o->old_name));
	if (old == NULL)
		return e;
	if (e != NULL)
		problems_add(j->problems, PROBLEM_WARNING, old,
		    "is an old name of %s, which is set too and wins", o->name);
	else
		problems_add(j->problems, PROBLEM_WARNING, old,
		    "is an old name of %s; it still works, please use the new one",
		    o->name);
	return e != NULL ? e : old;
}

/* ConfigDef's check of what is there or null. */
static int
check(const struct job *j)
{
	struct err err = { 0 };

	if (j->opt->check == NULL || j->opt->check(j->opt, j->field, &err) == 0)
		return 0;
	assert(j->e != NULL); /* or a default of our tables is wrong */
	if (is_secret(j))
		problems_add(j->problems, PROBLEM_ERROR, j->e,
		    "Invalid value [hidden] for configuration %s", j->opt->name);
	else
		problems_add(j->problems, PROBLEM_ERROR, j->e, "%s", err.msg);
	return -1;
}

static void
take_default(struct job *j)
{
	clear(j->opt, j->field);
	if (j->opt->def == NULL)
		return;
	j->e = NULL;
	j->text = trimmed(j->mem, j->opt->def);
	take(j);
}

/* Tells the state whether there is a value of the user's. */
static void
set_given(const struct job *j, bool given)
{
	if (j->opt->given != 0)
		*(bool *)((char *)j->field - j->opt->offset + j->opt->given) = given;
}

static void
missing(struct job *j, struct config_entry *at)
{
	at->key = at->written = j->full;
	problems_add(j->problems, PROBLEM_ERROR, at,
	    "Missing required configuration \"%s\" which has no default value.", j->full);
}

static void
apply_row(struct job *j, const struct config *cfg)
{
	const struct opt *o = j->opt;
	const struct config_entry *e = entry_of(j, "", cfg);
	struct config_entry place = *config_place(cfg);

	if (e != NULL && e->value == NULL) /* JSON's null: as if it were not there */
		e = NULL;

	if (o->ignored != NULL) {
		if (e != NULL)
			problems_add(j->problems, PROBLEM_WARNING, e, "has no effect: %s",
			    o->ignored);
		return;
	}
	take_default(j);
	set_given(j, false);
	if (e != NULL) {
		j->e = e;
		j->text = trimmed(j->mem, e->value);
		if (take(j) == 0 && check(j) == 0)
			set_given(j, true);
		else
			take_default(j);
	} else if (o->required)
		missing(j, &place);
}

void
opt_apply(const struct opt *table, const struct config *cfg, void *state,
    struct arena *mem, struct problems *problems)
{
	for (const struct opt *o = table; o->name != NULL; o++) {
		struct job j = { .opt = o,
			.full = o->name,
			.field = (char *)state + o->offset,
			.mem = mem,
			.problems = problems };
		apply_row(&j, cfg);
	}
}

/* A row without a value, as null; j->e: where that can be told. */
static void
take_null(struct job *j)
{
	clear(j->opt, j->field);
	if (j->opt->values != NULL && j->opt->type == OPT_T_STRING)
		not_allowed(j, "null");
	(void)check(j);
}

static void
embedded_row(struct job *j, const char *prefix, const struct config *cfg)
{
	struct config_entry place = *config_place(cfg);
	const struct config_entry *e = entry_of(j, prefix, cfg);

	take_default(j);
	set_given(j, false);
	place.key = place.written = j->full;
	j->e = e != NULL ? e : &place;
	if (e == NULL && j->opt->required) {
		missing(j, &place);
		take_null(j);
	} else if (e != NULL && e->value == NULL) {
		take_null(j);
	} else if (e != NULL) {
		j->text = trimmed(j->mem, e->value);
		if (take(j) == 0 && check(j) == 0)
			set_given(j, true);
	}
}

void
opt_apply_embedded(const struct opt *table, const struct config *cfg, const char *prefix,
    void *state, struct arena *mem, struct problems *problems)
{
	for (const struct opt *o = table; o != NULL && o->name != NULL; o++) {
		struct job j = { .opt = o,
			.full = arena_printf(mem, "%s%s", prefix, o->name),
			.field = (char *)state + o->offset,
			.mem = mem,
			.problems = problems };
		embedded_row(&j, prefix, cfg);
	}
}

const struct opt *
opt_find(const struct opt *table, const char *name)
{
	for (const struct opt *o = table; o->name != NULL; o++)
		if (strcmp(o->name, name) == 0 ||
		    (o->old_name != NULL && strcmp(o->old_name, name) == 0))
			return o;
	return NULL;
}

/* ---- names ---- */

const char *
opt_type_name(enum opt_type type)
{
	static const char *const names[] = {
		[OPT_T_STRING] = "STRING",
		[OPT_T_PASSWORD] = "PASSWORD",
		[OPT_T_INT] = "INT",
		[OPT_T_LONG] = "LONG",
		[OPT_T_BOOLEAN] = "BOOLEAN",
		[OPT_T_LIST] = "LIST",
		[OPT_T_BYTES] = "STRING", /* Connect's clients know no other */
	};

	return names[type];
}

const char *
opt_importance_name(enum opt_importance importance)
{
	static const char *const names[] = {
		[OPT_HIGH] = "HIGH",
		[OPT_MEDIUM] = "MEDIUM",
		[OPT_LOW] = "LOW",
	};

	return names[importance];
}
