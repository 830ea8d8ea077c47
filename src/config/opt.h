#ifndef CONFIG_OPT_H
#define CONFIG_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "config/config.h"

/*
 * Option tables: rows that feed the parser, the defaults, the validation, --help
 * and the manual.  A row writes into a field of the owner's struct, and a field of
 * the wrong C type does not compile.
 */

enum opt_type {
	OPT_T_STRING,   /* const char * */
	OPT_T_PASSWORD, /* const char *, never shown */
	OPT_T_INT,      /* int32_t */
	OPT_T_LONG,     /* int64_t */
	OPT_T_BOOLEAN,  /* bool */
	OPT_T_LIST,     /* struct opt_list: pieces between commas, trimmed */
	OPT_T_BYTES,    /* int64_t; "16777216", "16MiB", "1GiB", "64kB" */
};

enum opt_importance { OPT_HIGH, OPT_MEDIUM, OPT_LOW };

struct opt_list {
	const char *const *items; /* not NULL when the list was given, even if empty */
	size_t n;
};

struct opt {
	const char *name;
	enum opt_type type;
	size_t offset;
	const char *def; /* default as text; NULL: none (NULL, 0, false, no items) */
	bool required;
	enum opt_importance importance;
	/* Numbers; both 0: no bounds beyond the type's; max < min: no upper one. */
	int64_t min, max;
	const char *const *values; /* the allowed texts, NULL at the end; NULL: any */
	/* Letter case of values does not matter; the state gets the row's spelling. */
	bool any_case;
	/* For what a bound cannot say; value is the trimmed text (of a list the whole).
	 * The message becomes "Invalid value <v> for configuration <name>: <msg>". */
	int (*validate)(const char *value, struct err *err);
	/*
	 * As validate, for texts that are not of that form: sees the field, converted (a
	 * text or the items of a list may be NULL: there is none), and its message is
	 * the whole text.  Also called for what is missing.
	 */
	int (*check)(const struct opt *, const void *field, struct err *err);
	/* Of a bool of the state that tells whether a value was given, for defaults that
	 * are null; see OPT_GIVEN.  0: none. */
	size_t given;
	/* "ms" and "s": the number may have a unit of time ("30s", "5 min", "2h", "1d",
	 * "500ms"); "bytes": one of size; others are for the documentation; NULL: none. */
	const char *unit;
	const char *group; /* "MQTT", "Kafka", "Errors", ...; NULL */
	const char *doc;   /* a sentence or two */
	/* Older name of the same option: honoured with a warning, the new one wins. */
	const char *old_name;
	/* Accepted without effect: why, as the end of "has no effect: ...".  Such a row
	 * has no field (no OPT_ macro needed).  NULL: it has an effect. */
	const char *ignored;
};

#define OPT_FIELD_(t, s, f, ctype) \
	.type = (t),               \
	.offset = offsetof(s, f) + 0 * sizeof(_Generic(&((s *)0)->f, ctype * : 1))
#define OPT_STRING(s, f) OPT_FIELD_(OPT_T_STRING, s, f, const char *)
#define OPT_PASSWORD(s, f) OPT_FIELD_(OPT_T_PASSWORD, s, f, const char *)
#define OPT_INT(s, f) OPT_FIELD_(OPT_T_INT, s, f, int32_t)
#define OPT_LONG(s, f) OPT_FIELD_(OPT_T_LONG, s, f, int64_t)
#define OPT_BOOLEAN(s, f) OPT_FIELD_(OPT_T_BOOLEAN, s, f, bool)
#define OPT_LIST(s, f) OPT_FIELD_(OPT_T_LIST, s, f, struct opt_list)
/* s.f, a bool that is not the first member. */
#define OPT_GIVEN(s, f) \
	.given = offsetof(s, f) + 0 * sizeof(_Generic(&((s *)0)->f, bool * : 1))
#define OPT_BYTES(s, f) OPT_FIELD_(OPT_T_BYTES, s, f, int64_t)

/*
 * Fills `state` from cfg by the table (ends with a row without name): defaults,
 * conversion, bounds.  Texts are copied into mem and live as long as it.  Every
 * fault of every row goes to problems, with the texts of Kafka's ConfigDef (3.9)
 * where it has one: "Missing required configuration \"x\" which has no default
 * value.", "Invalid value x for configuration y: ...".  What is faulty or missing
 * keeps its default.  Values are trimmed and read as ConfigDef does ("+3" is a
 * number, "1.0" is none; "a,,b" has three items; TRUE is true).  Values of PASSWORD
 * rows and of entries marked secret are "[hidden]" in problems, cut at 200 bytes
 * others.  Does not look for unknown keys.
 */
void opt_apply(const struct opt *table, const struct config *cfg, void *state,
    struct arena *mem, struct problems *problems);

/*
 * The same for the table of a plugin whose keys stand behind prefix ("transforms.a.";
 * "": none), as ConfigDef.embed does it: faults lie on the whole key; texts about what
 * is missing or of the wrong type name it, those of validators name the row.  Rows
 * without a value are validated as Java's null.  A value NULL is null, not missing.
 */
void opt_apply_embedded(const struct opt *table, const struct config *cfg,
    const char *prefix, void *state, struct arena *mem, struct problems *problems);

/*
 * Reports keys of cfg that no table names and no prefix ("producer.") covers, with
 * the nearest known name, spelled as the user's door spells names: "headrace.*" as
 * errors, others at `level` (Kafka Connect ignores them).  tables and prefixes end
 * with NULL; prefixes may be NULL.
 */
void opt_unknown(const struct config *cfg, const struct opt *const *tables,
    const char *const *prefixes, enum problem_level level, struct problems *problems);

/* The row with that name or old name, or NULL. */
const struct opt *opt_find(const struct opt *table, const char *name);

/* As Kafka Connect calls it: "STRING", "PASSWORD", "INT", ... (BYTES: "STRING"). */
const char *opt_type_name(enum opt_type type);
/* "HIGH", "MEDIUM", "LOW". */
const char *opt_importance_name(enum opt_importance importance);

/* Name, type, default, importance and documentation of a table as text (lines of at
 * most 79 columns) or Markdown (one table a group), in the order of the rows, groups kept together. */
void opt_describe(const struct opt *table, bool markdown, struct buf *out);

#endif
