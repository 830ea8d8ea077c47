#ifndef SMT_SMT_H
#define SMT_SMT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "config/config.h"
#include "config/opt.h"
#include "data/record.h"
#include "data/value.h"

/*
 * Single message transforms and predicates, as Kafka Connect 3.9 runs them: a chain
 * made from a connector's configuration (transforms, predicates, negate) changes one
 * record at a time.  A transform is one file and one line of smt_table.c; it sees one
 * record and must not know chains, predicates or other transforms.
 */

/* What a class stands for: itself, or its nested classes. */
enum smt_side {
	SMT_PLAIN = 0,
	SMT_KEY = 1,    /* X$Key: sees the record's key */
	SMT_VALUE = 2,  /* X$Value */
	SMT_HEADER = 4, /* X$Header */
};

/* One transform; a static const row. */
struct smt {
	const char *name;          /* Java class, without $Key or $Value */
	unsigned sides;            /* an or of enum smt_side; 0: the class itself */
	const char *doc;           /* a sentence or two */
	const struct opt *options; /* into state; NULL: none */
	size_t state_size;         /* zeroed memory for the state */
	/*
	 * After the options were read into state; mem lives as long.  side: which of
	 * `sides`.  ERR_CONFIG with the text of the Java class.  May be NULL, as fini,
	 * which is called after init, also when that failed.
	 */
	int (*init)(void *state, struct arena *mem, unsigned side, struct err *err);
	void (*fini)(void *state);
	/*
	 * Changes r in place: new values, in r's arena, for what the transform
	 * touches.  side: r's key or value, NULL for other classes.  0; SMT_DROP: the
	 * record is to be dropped; -1 (ERR_RECORD): *r may be half changed.
	 */
	int (*apply)(
	    const void *state, struct record *r, struct datum *side, struct err *err);
	/* Legal, but hardly meant: the option's name and why; NULL: nothing.  After
	 * init.  May be NULL. */
	const char *(*warn)(const void *state, struct err *why);
};

#define SMT_DROP 1

/* One predicate; a static const row. */
struct smt_predicate {
	const char *name; /* Java class */
	const char *doc;
	const struct opt *options;
	size_t state_size;
	int (*init)(void *state, struct arena *mem, struct err *err); /* may be NULL */
	void (*fini)(void *state);                                    /* may be NULL */
	/* 1, 0; -1 (ERR_RECORD) */
	int (*test)(const void *state, const struct record *r, struct err *err);
};

/* All there are, in order of their names, NULL at the end. */
extern const struct smt *const smt_table[];
extern const struct smt_predicate *const smt_predicate_table[];

/*
 * By Java class name ("...Cast$Value"), or the simple name of a class that is not
 * nested ("RegexRouter").  NULL: there is none; *side as in struct smt.init.
 */
const struct smt *smt_find(struct str name, unsigned *side);
const struct smt_predicate *smt_predicate_find(struct str name);
/* "$Key", ..., "" */
const char *smt_side_suffix(unsigned side);
/* What each transform has beside its own options: predicate, negate. */
extern const struct opt smt_wiring_options[];

/*
 * What Kafka Connect's validation of `transforms`, `predicates` and their options
 * reports, each text on the key where it does (spec/transforms 2, connect-rest 5.4);
 * and warnings of our own.  What only shows when a transform configures itself is
 * smt_chain_open's.
 */
void smt_chain_validate(const struct config *connector, struct problems *problems);

struct smt_chain;

/*
 * Reads transforms, transforms.<a>.type, .predicate, .negate, predicates,
 * predicates.<p>.type and the options of each.  NULL: ERR_CONFIG with the text of
 * Kafka Connect's start.  No transforms: a chain that keeps every record.
 * Used by one thread at a time.
 */
struct smt_chain *smt_chain_open(const struct config *connector, struct err *err);
void smt_chain_close(struct smt_chain *);

/*
 * For tools and tests: an empty chain, and a transform at its end that is configured
 * directly, by options without prefix.  predicate NULL: none.  -1: ERR_CONFIG with the
 * text of the Java class; the chain is to be closed then.
 */
struct smt_chain *smt_chain_new(void);
int smt_chain_add(struct smt_chain *, const char *class_name,
    const struct config *options, const char *predicate,
    const struct config *predicate_options, bool negate, struct err *err);
size_t smt_chain_count(const struct smt_chain *); /* of transforms */

/*
 * Puts the record through the chain.  0: keep it; 1: dropped by a transform; -1: a
 * transform or predicate failed (ERR_RECORD, stage TRANSFORMATION of
 * errors.tolerance); *r may then be half changed.  What it makes lies in record_mem(r).
 */
int smt_chain_apply(struct smt_chain *, struct record *r, struct err *err);

/* Where the last smt_chain_apply failed, or which transform dropped the record;
 * borrowed from the chain. */
struct smt_place {
	const char *alias;      /* of the transform, or of its predicate */
	const char *class_name; /* "org.apache.kafka.connect.transforms.Cast$Value" */
	bool predicate;
};
const struct smt_place *smt_chain_place(const struct smt_chain *);

#endif
