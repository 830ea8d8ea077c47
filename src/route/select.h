#ifndef ROUTE_SELECT_H
#define ROUTE_SELECT_H

#include "base/err.h"
#include "data/message.h"
#include "data/record.h"
#include "kcql/kcql.h"

/*
 * The column list and IGNORE of a statement, on the value of a record (kcql.md 6.5 and
 * 6.6).  What a statement makes of a schema is worked out once for each schema that is
 * seen, so that records of one kind share one new schema, too.
 */
struct select;

/* Borrows the statement until select_free.  NULL: it leaves values as they are. */
struct select *select_new(const struct kcql_statement *);
void select_free(struct select *);

/*
 * For values that all have one schema, before the first of them.  ERR_CONFIG: it has
 * no such column, it is no struct, two columns make the same field.
 */
int select_check(const struct select *, const struct schema *, struct err *err);

/*
 * Replaces r->value; what it is made of is shared with the old one.  ERR_RECORD: the
 * value is no struct; two columns make the same field.
 */
int select_apply(
    struct select *, const struct message *, struct record *r, struct err *err);

/* What of a message a path begins with. */
enum message_part select_part(const struct kcql_path *);

#endif
