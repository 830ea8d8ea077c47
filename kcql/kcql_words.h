#ifndef KCQL_KCQL_WORDS_H
#define KCQL_KCQL_WORDS_H

#include "kcql/kcql.h"

/* The words of KCQL as tables. */

enum kcql_foreign {
	KCQL_SINK_ONLY, /* clauses of sink connectors */
	KCQL_FOREIGN,   /* clauses of other sources */
	KCQL_RETIRED,   /* words of kcql 2.8.7 */
};

struct kcql_foreign_clause {
	const char *word;
	enum kcql_foreign kind;
	const char *instead; /* what to use; NULL: nothing comes near */
};

/* NULL for a word that is no clause of any Lenses connector. */
const struct kcql_foreign_clause *kcql_words_foreign(const char *ptr, size_t len);

/* Index in enum kcql_clause; -1 for other words.  Case does not matter. */
int kcql_words_clause(const char *ptr, size_t len);

/* Is it a keyword of any kind (INSERT, AS, WITHKEY, LIMIT, ...)?  Case does not
 * matter. */
bool kcql_words_keyword(const char *ptr, size_t len);

/* Without regard to the case of ASCII letters. */
bool kcql_words_equal(const char *ptr, size_t len, const char *word);

/* Index in enum kcql_unit; -1 for other words. */
int kcql_words_unit(const char *ptr, size_t len);

/* What to tell somebody who writes this, as SQL has it, where KCQL has not; NULL:
 * nothing. */
const char *kcql_words_sql(const char *ptr, size_t len);

/* The names, in the order of enum kcql_clause and of enum kcql_unit. */
extern const char *const kcql_words_clauses[KCQL_CLAUSES];
extern const char *const kcql_words_units[KCQL_DAYS + 1];

#endif
