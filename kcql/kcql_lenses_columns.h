#ifndef KCQL_KCQL_LENSES_COLUMNS_H
#define KCQL_KCQL_LENSES_COLUMNS_H

#include "kcql/kcql_antlr.h"

/* Columns in Lenses' reading; false: Lenses refuses them. */

/* The list after SELECT, or after IGNORE. */
bool kcql_lenses_columns_read(struct kcql_antlr *, bool ignored);

/* The list after PK. */
bool kcql_lenses_columns_key(struct kcql_antlr *);

/* After the last column: does the check for equal ones pass? */
bool kcql_lenses_columns_differ(struct kcql_antlr *);

#endif
