/*
 * The registry of the Kafka-side converters; opening and closing.
 */
#include "convert/converter.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define CONVERTERS(X)     \
	X(bytes)          \
	X(json)           \
	X(string)         \
	X(header)         \
	X(boolean)        \
	X(number_short)   \
	X(number_integer) \
	X(number_long)    \
	X(number_float)   \
	X(number_double)  \
	X(plain)

#define X(n) extern const struct converter_class converter_##n;
CONVERTERS(X)
#undef X
#define X(n) &converter_##n,
static const struct converter_class *const classes[] = { CONVERTERS(X) NULL };
#undef X

const struct converter_class *const *
converter_classes(void)
{
	return classes;
}

/* "StringConverter", "String"; "SimpleHeaderConverter", "Simple". */
static bool
alias_matches(const char *class, struct str name)
{
	static const char *const suffixes[] = { "HeaderConverter", "Converter" };
	const char *dot = strrchr(class, '.');
	const char *simple = dot != NULL ? dot + 1 : class;

	if (str_eq_c(name, class) || str_eq_c(name, simple))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		struct str s = str_of(simple);

		if (!str_ends(s, suffixes[i]))
			continue;
		s.n -= strlen(suffixes[i]);
		if (str_eq(s, name))
			return true;
	}
	return false;
}

const struct converter_class *
converter_find(struct str name, enum converter_use use)
{
	for (const struct converter_class *const *c = classes; *c != NULL; c++) {
		if (alias_matches((*c)->name, name) &&
		    (!(*c)->header_only || use == CONVERTER_HEADER))
			return *c;
	}
	return NULL;
}

struct converter *
converter_open(const struct converter_class *class, enum converter_use use,
    const struct config *cfg, const struct converter_env *env, struct problems *problems,
    struct err *err)
{
	struct converter *c = mem_zalloc(sizeof(*c));
	const size_t before = problems_count(problems, PROBLEM_ERROR);

	c->class = class;
	c->use = use;
	if (env != NULL)
		c->env = *env;
	c->mem = arena_new(1024);
	c->state = mem_zalloc(class->state_size);
	if (class->options != NULL)
		opt_apply(class->options, cfg, c->state, c->mem, problems);
	if (problems_count(problems, PROBLEM_ERROR) == before &&
	    (class->init == NULL || class->init(c, err) == 0))
		return c;
	if (problems_count(problems, PROBLEM_ERROR) != before)
		err_set(err, ERR_CONFIG, "%s: bad options", class->name);
	converter_close(c);
	return NULL;
}

void
converter_close(struct converter *c)
{
	if (c == NULL)
		return;
	if (c->class->fini != NULL)
		c->class->fini(c);
	arena_free(c->mem);
	free(c->state);
	free(c);
}
