/*
 * Keys that no table knows: most often a slip of the pen, so the nearest known name is
 * offered.  Knows names, no values.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/opt.h"

#define NEAREST_MAX 50 /* unknown keys that get a suggestion: it costs time */

static bool
is_known(const char *key, const struct opt *const *tables, const char *const *prefixes)
{
	for (; *tables != NULL; tables++)
		if (opt_find(*tables, key) != NULL)
			return true;
	for (; prefixes != NULL && *prefixes != NULL; prefixes++)
		if (strncmp(key, *prefixes, strlen(*prefixes)) == 0)
			return true;
	return false;
}

static const char *
nearest(const char *key, const struct opt *const *tables)
{
	const char **names = NULL, *found;
	size_t n = 0;

	for (; *tables != NULL; tables++) {
		const struct opt *o = *tables;
		size_t rows = 0;
		while (o[rows].name != NULL)
			rows++;
		names = mem_realloc(names, (n + rows) * sizeof(*names));
		for (size_t i = 0; i < rows; i++)
			names[n++] = o[i].name;
	}
	found = str_nearest(str_of(key), names, n);
	free(names);
	return found;
}

void
opt_unknown(const struct config *cfg, const struct opt *const *tables,
    const char *const *prefixes, enum problem_level level, struct problems *problems)
{
	const struct config_entry *e;
	struct buf hint = { 0 };
	size_t unknown = 0;

	for (size_t i = 0; (e = config_each(cfg, &i)) != NULL;) {
		if (is_known(e->key, tables, prefixes))
			continue;
		bool ours = strncmp(e->key, "headrace.", strlen("headrace.")) == 0;
		const char *name = unknown++ < NEAREST_MAX ? nearest(e->key, tables)
		                                           : NULL;
		enum problem_level l = ours ? PROBLEM_ERROR : level;

		buf_reset(&hint);
		if (name != NULL) {
			buf_add_c(&hint, "; did you mean ");
			config_spell(e, name, &hint);
			buf_add_c(&hint, "?");
		}
		problems_add(problems, l, e, "unknown option%s%s",
		    l == PROBLEM_ERROR ? "" : ", ignored", buf_cstr(&hint));
	}
	buf_fini(&hint);
}
