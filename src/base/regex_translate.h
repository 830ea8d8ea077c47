#ifndef BASE_REGEX_TRANSLATE_H
#define BASE_REGEX_TRANSLATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/regex.h"
#include "base/str.h"

/*
 * From a pattern of java.util.regex to one that PCRE2 reads in the same way.  Part of
 * regex.c; apart from it for tests.
 */

struct regex_name {
	struct str name; /* borrows from the pattern */
	uint32_t group;
};

struct regex_translation {
	struct buf out; /* for PCRE2_UTF, PCRE2_NEVER_BACKSLASH_C, newline ANY, no UCP */
	uint32_t n_groups;
	struct regex_name names[REGEX_MAX_GROUPS];
	size_t n_names;
};

/* -1: ERR_CONFIG with construct and index.  t: zeroed; the caller ends t->out. */
int regex_translate(struct str pattern, struct regex_translation *t, struct err *err);

/* The index, in characters, of the part of a pattern that became byte `at` of out. */
size_t regex_translate_index(struct str pattern, size_t at);

#endif
