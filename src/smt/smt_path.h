#ifndef SMT_SMT_PATH_H
#define SMT_SMT_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* SingleFieldPath: the steps to a field (spec/transforms 4.2).  Part of src/smt. */
struct smt_path {
	struct str text;
	const struct str *steps;
	size_t n; /* 0: an empty text of version 2, which names nothing */
};

/* v2: dots separate steps, backticks quote them; else the whole text is one step.
 * Borrows text.  ERR_CONFIG: a backtick without its pair. */
int smt_path_parse(
    struct arena *mem, struct str text, bool v2, struct smt_path *path, struct err *err);

#endif
