#ifndef ROUTE_SELECT_H
#define ROUTE_SELECT_H

#include "base/err.h"
#include "data/message.h"
#include "data/record.h"
#include "kcql/kcql.h"

/*
 * The column list and IGNORE of a statement, on the value of a record (kcql.md 6.5 and
 * 6.6).  Plain functions over the parsed statement: it borrows texts from it.
 */

/* Does the statement leave the value as the converter made it? */
bool select_nothing(const struct kcql_statement *);

/*
 * Replaces r->value.  ERR_RECORD: the value is no struct; two columns make the same
 * field.
 */
int select_apply(const struct kcql_statement *, const struct message *, struct record *r,
    struct err *err);

#endif
