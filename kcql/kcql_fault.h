#ifndef KCQL_KCQL_FAULT_H
#define KCQL_KCQL_FAULT_H

#include "kcql/kcql_scan.h"

/* What a parser found wrong; kcql_fault_error makes it readable. */
struct kcql_fault {
	const char *code; /* NULL: nothing is wrong */
	size_t statement; /* offset where the statement begins */
	size_t pos, end;  /* the offending text */
	const char *what;
	const char *const *expected;
	size_t n_expected;
};

/* Place, offending text and message (README.md, "Errors"). */
const struct kcql_error *kcql_fault_error(
    const struct kcql_fault *, struct kcql_scan *, struct kcql_memory *);

/* A piece of the text for a message: control characters become '?', and what is
 * longer than `max` characters is cut and ends in "...". */
const char *kcql_fault_excerpt(
    struct kcql_memory *, const char *ptr, size_t len, size_t max);

/* The word of the list that `word` was probably meant to be; NULL if none is near. */
const char *kcql_fault_nearest(struct kcql_text word, const char *const *list, size_t n);

#endif
