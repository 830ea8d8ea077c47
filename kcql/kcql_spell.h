#ifndef KCQL_KCQL_SPELL_H
#define KCQL_KCQL_SPELL_H

#include "kcql/kcql_memory.h"

/* Names in KCQL's own spelling: bare where that is safe, else in quotes that can
 * hold them.  Wherever Lenses could read a name, it can read this spelling. */

/* A name, segment or value as it was written. */
struct kcql_piece {
	struct kcql_text text; /* without the quotes */
	char quote;            /* ` ' " or NUL: bare */
	size_t pos;
};

/* A target or source name. */
void kcql_spell_name(struct kcql_buf *, struct kcql_text);

/* A value: in the first of these quotes that can hold it, always quoted. */
void kcql_spell_value(struct kcql_buf *, struct kcql_text, const char *quotes);

/* A segment of a path.  `key`: an item of WITHKEY, where a dot within ` or ' splits
 * and one within " does not. */
void kcql_spell_segment(struct kcql_buf *, const struct kcql_piece *, bool key);

#endif
