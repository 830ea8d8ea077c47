#ifndef SMT_SMT_INSTANCE_H
#define SMT_SMT_INSTANCE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "config/config.h"
#include "config/opt.h"
#include "smt/smt.h"

/* One transform or predicate with its state: found, configured, ended.  Part of
 * src/smt. */

enum smt_kind { SMT_TRANSFORM, SMT_PREDICATE };

struct smt_instance {
	const struct smt *smt; /* one of the two */
	const struct smt_predicate *predicate;
	unsigned side;
	void *state;
	bool begun;             /* fini is due */
	const char *class_name; /* in full */
};

/* The class of that name.  key: the option that names it.  ERR_CONFIG with Connect's
 * text. */
int smt_instance_find(struct smt_instance *, enum smt_kind, const char *key,
    const char *type, struct arena *mem, struct err *err);

/*
 * Reads the options behind prefix into a new state.  more (NULL: none): rows that go
 * into more_state.  Rows are read in the order in which ConfigDef checks embedded ones.
 */
void smt_instance_read(struct smt_instance *, const struct config *, const char *prefix,
    const struct opt *more, void *more_state, struct arena *mem,
    struct problems *problems);
/* The same for options without prefix, in the order of the table. */
void smt_instance_read_plain(struct smt_instance *, const struct config *,
    struct arena *mem, struct problems *problems);

int smt_instance_begin(struct smt_instance *, struct arena *mem, struct err *err);
void smt_instance_end(struct smt_instance *);

#endif
