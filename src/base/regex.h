#ifndef BASE_REGEX_H
#define BASE_REGEX_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/*
 * Regular expressions as java.util.regex.Pattern reads them, on PCRE2.  What PCRE2
 * would read differently is translated, or refused by name and position, never
 * reinterpreted (spec/operations 4).  What differs all the same: letter case beyond
 * ASCII under (?i), VT and FF as line ends; \b follows ASCII words as in JDK 19.
 *
 * Matching allocates nothing in steady state and is bounded; an object owns the memory
 * it matches with: one thread at a time.
 */
struct regex;

#define REGEX_MAX_PATTERN 4096   /* bytes */
#define REGEX_MAX_GROUPS 250     /* capturing groups; also their depth */
#define REGEX_MATCH_LIMIT 100000 /* steps; then a match is given up */

enum regex_use {
	REGEX_WHOLE = 1, /* regex_matches */
	REGEX_FIND = 2,  /* regex_replace_first */
};

/* uses: what the object is for, an or of enum regex_use.  NULL, ERR_CONFIG: the fault,
 * the construct and its index, counted in characters from 0 as Java does. */
struct regex *regex_new(struct str pattern, unsigned uses, struct err *err);
void regex_free(struct regex *);

/* Matcher.matches: does it match all of text?  1, 0; -1 (ERR_RECORD): given up at a
 * limit, or text is not UTF-8. */
int regex_matches(const struct regex *, struct str text, struct err *err);

/*
 * Matcher.replaceFirst: text with the first match replaced; $1, ${name} and \c as in
 * Java.  1; 0: no match, *out is text itself; -1 (ERR_RECORD): as above, or a fault of
 * the replacement.  *out lives in mem or borrows from text.
 */
int regex_replace_first(const struct regex *, struct arena *mem, struct str text,
    struct str replacement, struct str *out, struct err *err);
/* What is wrong with a replacement for any text that matches (ERR_CONFIG). */
int regex_replacement_check(
    const struct regex *, struct str replacement, struct err *err);

#endif
