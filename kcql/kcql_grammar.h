#ifndef KCQL_KCQL_GRAMMAR_H
#define KCQL_KCQL_GRAMMAR_H

#include "kcql/kcql_fault.h"

/* The statements of a text in headrace's own reading. */

struct kcql_list {
	struct kcql_statement *statement;
	size_t n;
};

/* True, or false with *fault filled. */
bool kcql_grammar_parse(struct kcql_scan *, struct kcql_memory *, struct kcql_list *out,
    struct kcql_fault *fault);

#endif
