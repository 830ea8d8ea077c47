#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include <stdio.h>

#include "kcql/kcql.h"

/* What KCQL statements do, in words for people. */

/* The converters and regular expressions of this program, for kcql_bind. */
extern const struct kcql_world explain_world;

/* What is subscribed, where it goes, with which converter, value, key, headers and
 * timestamp. */
void explain_statement(FILE *out, const struct kcql *, size_t i);

/* "error: line 1 column 5: bad_filter: ..." */
void explain_notice(FILE *out, const char *kind, const struct kcql_notice *);

#endif
