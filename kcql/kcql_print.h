#ifndef KCQL_KCQL_PRINT_H
#define KCQL_KCQL_PRINT_H

#include "kcql/kcql_memory.h"

/* Statements as text and as JSON. */

/* Canonical text of a statement, without `;`. */
void kcql_print_text(struct kcql_buf *, const struct kcql_statement *);

/* {"mode":"INSERT",...}: the properties that are not at their defaults. */
void kcql_print_json(struct kcql_buf *, const struct kcql_statement *);

/* The columns of a statement: [{"name":"a","alias":"b"},...]. */
void kcql_print_fields(struct kcql_buf *, const struct kcql_statement *);

/* "..." with escapes.  What is no UTF-8 must have been refused before. */
void kcql_print_string(struct kcql_buf *, struct kcql_text);

/*
 * The properties in which two statements differ: their names, sorted, a comma between
 * them, into `names`, and what the second one has, for people, into `values`.  Nothing
 * if they are the same.
 */
void kcql_print_differences(struct kcql_buf *names, struct kcql_buf *values,
    const struct kcql_statement *, const struct kcql_statement *);

#endif
