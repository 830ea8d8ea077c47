#ifndef PIPELINE_STATEMENT_H
#define PIPELINE_STATEMENT_H

#include "base/err.h"
#include "data/message.h"
#include "data/record.h"
#include "kcql/kcql.h"
#include "pipeline/task.h"

/* One KCQL statement made ready for a task: what it does to a message up to the
 * transforms (kcql.md section 6: converter, key, headers, timestamp, columns). */
struct statement;

/* Borrows both until statement_close.  ERR_CONFIG. */
struct statement *statement_open(const struct task_options *,
    const struct kcql_statement *, const struct log_ctx *, struct err *err);
void statement_close(struct statement *);

const struct kcql_statement *statement_kcql(const struct statement *);
/* Name of the converter's class, for messages. */
const char *statement_class(const struct statement *);

/* Fills the record (r->mem and r->topic are set).  ERR_RECORD. */
int statement_apply(
    struct statement *, const struct message *, struct record *, struct err *);

#endif
