#ifndef CONNECT_WORKER_H
#define CONNECT_WORKER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "config/config.h"
#include "connect/connector.h"
#include "pipeline/task.h"

/*
 * A worker without a group: runs the tasks of connectors from files until it is asked
 * to stop, each in a thread of its own.  `run` keeps offsets in a topic, `standalone`
 * in a file.
 */
struct worker;

enum worker_kind { WORKER_RUN, WORKER_STANDALONE };

/*
 * Validates everything, connects to nothing.  config and connectors (variables
 * resolved) are borrowed until worker_free.  NULL when problems has errors.
 */
struct worker *worker_new(enum worker_kind kind, const struct config *config,
    const struct config *const *connectors, size_t n, struct problems *problems);
void worker_free(struct worker *);

/* What would run. */
size_t worker_task_count(const struct worker *);
const struct task_options *worker_task(const struct worker *, size_t i);

/*
 * Starts all tasks and serves SIGTERM and SIGINT: the first stops in order, a
 * second one leaves at once.  Call before any other thread exists: the signals must
 * be blocked in all of them.  0: stopped in order; 1: every task has FAILED, or
 * left at once; 2: the worker itself could not start (the reason is logged).
 */
int worker_run(struct worker *);

/* The options of the worker's own table, for unknown keys and help. */
const struct opt *worker_options(enum worker_kind kind);

#endif
