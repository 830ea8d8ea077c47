#ifndef KCQL_KCQL_LENSES_H
#define KCQL_KCQL_LENSES_H

#include "kcql/kcql_grammar.h"

/* The statements of a text as Lenses 11.7.2 reads them, traps included.  fault NULL:
 * nobody wants to know why it is refused. */
bool kcql_lenses_parse(struct kcql_scan *, struct kcql_memory *, struct kcql_list *out,
    struct kcql_fault *fault);

#endif
