#ifndef CLI_SETUP_H
#define CLI_SETUP_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"
#include "config/doors.h"
#include "connect/worker.h"

/* What `run`, `standalone` and `check` do alike: read files, become a worker. */

struct setup {
	enum worker_kind kind;
	struct appliance *appliance; /* run */
	struct config *worker;       /* standalone; else the appliance's */
	struct config **connectors;
	size_t n_connectors;
	struct problems *problems;
	struct worker *w; /* NULL: problems has errors */
};

/* `run`: one headrace.conf. */
void setup_conf(struct setup *, const char *path);
/* `standalone`: a worker file (NULL: defaults, for a look) and connector files. */
void setup_properties(
    struct setup *, const char *worker, char *const *connectors, size_t n);
/* The same with the worker file, if any, and the connector files in any order; the
 * worker file, or NULL. */
const char *setup_any_properties(struct setup *, char *const *paths, size_t n);
/* Errors and warnings to stderr; true when there was no error. */
bool setup_report(struct setup *);
void setup_fini(struct setup *);

/* HEADRACE_LOG (error, warn, info, debug; json) and <N> under a service manager. */
void setup_log(void);

#endif
