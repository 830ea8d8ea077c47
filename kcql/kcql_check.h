#ifndef KCQL_KCQL_CHECK_H
#define KCQL_KCQL_CHECK_H

#include "kcql/kcql_memory.h"

/* What only a whole statement shows. */

/* Index of the first column whose output name an earlier one has already; n_columns
 * if all differ.  *steps grows by the comparisons made. */
size_t kcql_check_duplicate(
    struct kcql_memory *, const struct kcql_statement *, unsigned long *steps);

struct kcql_notices {
	struct kcql_notice *notice;
	size_t n;
};

/* Warnings of one statement; `lenses` is Lenses' reading of it, NULL if Lenses
 * refuses the text. */
void kcql_check_warn(struct kcql_memory *, struct kcql_notices *,
    const struct kcql_statement *, size_t index, const struct kcql_statement *lenses);

/* Errors of one statement that show only after parsing. */
void kcql_check_bind(struct kcql_memory *, struct kcql_notices *,
    const struct kcql_statement *, size_t index, const struct kcql_world *, bool strict);

/* Appends a notice. */
void kcql_check_add(struct kcql_memory *, struct kcql_notices *, const char *code,
    size_t statement, struct kcql_place at, const char *message);

#endif
