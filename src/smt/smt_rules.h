#ifndef SMT_SMT_RULES_H
#define SMT_SMT_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "config/opt.h"
#include "data/schema.h"
#include "data/value.h"

/* What transforms have in common (spec/transforms 3).  Part of src/smt. */

/* ERR_RECORD unless v is a map, a struct; purpose as Java's Requirements names it. */
int smt_require_map(struct value v, const char *purpose, struct err *err);
int smt_require_struct(struct value v, const char *purpose, struct err *err);

/* Field i of the new struct becomes v, checked as Struct.put does. */
int smt_put(struct value to, size_t i, struct value v, struct err *err);
/* The same with field from_i of another struct; rnwd: replace.null.with.default. */
int smt_copy_field(struct value to, size_t i, struct value from, size_t from_i, bool rnwd,
    struct err *err);

/* A struct schema of these fields with name, version, doc and parameters of another
 * (SchemaUtil.copySchemaBasics): required, no default.  NULL: a field's name is
 * missing or there twice. */
struct schema *smt_schema_like(struct arena *mem, const struct schema *from,
    const struct field *fields, size_t n, struct err *err);

/*
 * Schemas made of schemas, by a transform that keeps one per shared schema it meets, so
 * that converters behind it see shared ones too.
 */
#define SMT_CACHE_SIZE 64 /* more are made anew for each record */

struct smt_cache {
	struct arena *mem; /* the transform's */
	size_t n, last;    /* entries; where the last one was found */
	struct {
		const struct schema *from, *to;
	} entries[SMT_CACHE_SIZE];
};

struct smt_cache *smt_cache_new(struct arena *mem);
/* What make() makes of `from`, or made before; make must depend on its arguments only.
 * Lives as long as the transform or, when from does not, in mem. */
const struct schema *smt_cached(struct smt_cache *, const void *state,
    const struct schema *(*make)(
	const void *state, struct arena *mem, const struct schema *from, struct err *err),
    struct arena *mem, const struct schema *from, struct err *err);

/* Validators of options, for struct opt.check. */
int smt_check_list(const struct opt *, const void *field, struct err *err); /* no items */
int smt_check_text(const struct opt *, const void *field, struct err *err); /* "" */
int smt_check_null(const struct opt *, const void *field, struct err *err);
int smt_check_regex(const struct opt *, const void *field, struct err *err);
/* "Invalid value [a, b] for configuration <name>: <what><item>" (ERR_CONFIG). */
int smt_invalid_list(const char *name, const struct opt_list *list, const char *what,
    const char *item, struct err *err);

/*
 * Order: the numbers of n texts in the order in which a java.util.HashMap iterates over
 * them when they were put in one after the other.  Which of several faults shows first
 * depends on it.
 */
void smt_hash_order(const struct str *texts, size_t n, size_t *order);

bool smt_in_list(const struct opt_list *list, struct str item);

#define SMT_RNWD(s)                                                                     \
	{                                                                               \
		.name = "replace.null.with.default", OPT_BOOLEAN(s, rnwd),              \
		.def = "true", .importance = OPT_MEDIUM,                                \
		.doc = "Read fields that are null and have a default as that default, " \
		       "and write it into the new struct."                              \
	}

#endif
