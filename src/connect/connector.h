#ifndef CONNECT_CONNECTOR_H
#define CONNECT_CONNECTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "config/config.h"
#include "config/opt.h"
#include "pipeline/task.h"

/*
 * The catalogue of connectors: which class names there are, which options each
 * takes, and how its configuration becomes tasks.  To add one, write
 * connector_<name>.c and one line in connector_table.c.
 */

/* Objects that plans make and tasks borrow: freed with the worker, last made first. */
struct connector_keep {
	struct connector_keep *before;
	void (*free)(void *p);
	void *p;
};

/* What the worker gives to all connectors. */
struct connector_worker {
	const struct config *config; /* worker settings: converters, producer.*, ... */
	bool appliance; /* `run`: un-prefixed client settings reach all clients */
	struct connector_keep **keep;
};

void connector_keep(
    const struct connector_worker *, struct arena *mem, void (*free)(void *p), void *p);
void connector_keep_free(struct connector_keep *);
/* A new config that is freed with the worker. */
struct config *connector_config(const struct connector_worker *, struct arena *mem);

struct connector_class {
	const char *const
	    *names; /* full class names, NULL at the end; the first is ours */
	const char *doc;
	const struct opt *options; /* on top of connector_common_options */
	/*
	 * Makes the task options of a configuration whose variables are resolved, in
	 * `mem`, which outlives the tasks.  Every fault goes to problems; the
	 * number of tasks, or 0 when there was an error.
	 */
	size_t (*plan)(const struct connector_class *, const struct connector_worker *,
	    const struct config *, struct arena *mem, struct problems *,
	    struct task_options **tasks);
};

extern const struct connector_class *const connector_table[]; /* NULL at the end */

/* By full class name or by Connect's short alias (without package, also without
 * "Connector"); the keys of cfg decide an ambiguous one.  NULL: err says the names. */
const struct connector_class *connector_find(
    const char *name, const struct config *cfg, struct err *err);

/* Validates cfg (a connector with connector.class) and plans its tasks. */
size_t connector_plan(const struct connector_worker *, const struct config *cfg,
    struct arena *mem, struct problems *, struct task_options **tasks);

#endif
