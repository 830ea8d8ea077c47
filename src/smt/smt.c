/* Finding transforms and predicates by the names that Kafka Connect knows. */
#include "smt/smt.h"

#include <string.h>

#include "base/mem.h"

static const struct {
	enum smt_side side;
	const char *suffix;
} sides[] = {
	{ SMT_KEY, "$Key" },
	{ SMT_VALUE, "$Value" },
	{ SMT_HEADER, "$Header" },
};

const char *
smt_side_suffix(unsigned side)
{
	for (size_t i = 0; i < ARRAY_LEN(sides); i++)
		if (sides[i].side == side)
			return sides[i].suffix;
	return "";
}

/* By the class, or by its simple name. */
static bool
has_name(const char *class_name, struct str name)
{
	const char *dot = strrchr(class_name, '.');

	return str_eq_c(name, class_name) || str_eq_c(name, dot + 1);
}

static bool
has_nested_name(const struct smt *t, size_t side, struct str name)
{
	size_t n = strlen(t->name);

	return (t->sides & sides[side].side) != 0 && str_starts(name, t->name) &&
	       str_eq_c((struct str) { name.p + n, name.n - n }, sides[side].suffix);
}

const struct smt *
smt_find(struct str name, unsigned *side)
{
	for (const struct smt *const *t = smt_table; *t != NULL; t++) {
		*side = SMT_PLAIN;
		if ((*t)->sides == 0 && has_name((*t)->name, name))
			return *t;
		for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
			*side = sides[i].side;
			if (has_nested_name(*t, i, name))
				return *t;
		}
	}
	return NULL;
}

const struct smt_predicate *
smt_predicate_find(struct str name)
{
	for (const struct smt_predicate *const *p = smt_predicate_table; *p != NULL; p++)
		if (has_name((*p)->name, name))
			return *p;
	return NULL;
}
