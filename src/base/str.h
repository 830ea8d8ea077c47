#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A view of bytes that somebody else owns; not NUL-terminated. */
struct str {
	const char *p; /* may be NULL when n is 0 */
	size_t n;      /* bytes */
};

#define STR(literal) ((struct str) { (literal), sizeof(literal) - 1 })
/* For printf: printf("%.*s", STR_ARG(s)). */
#define STR_ARG(s) (int)(s).n, (s).p

struct str str_of(const char *cstr); /* NULL gives an empty view */
bool str_eq(struct str a, struct str b);
bool str_eq_c(struct str a, const char *b);
bool str_ieq_c(struct str a, const char *b); /* ASCII letter case ignored */
bool str_starts(struct str s, const char *prefix);
bool str_ends(struct str s, const char *suffix);
struct str str_trim(struct str s); /* blanks, tabs, CR, LF on both ends */

/*
 * Cuts the piece up to the next `sep` off the front of *rest; false when
 * nothing is left.  "a,,b" gives "a", "", "b"; "a," gives "a"; "" gives nothing.
 */
bool str_next(struct str *rest, char sep, struct str *piece);

/* Whole text as a number in [min, max], as Java's Long.parseLong takes it: a sign
 * may stand in front; blanks around it are an error.  false: *out is as it was. */
bool str_to_i64(struct str s, int64_t min, int64_t max, int64_t *out);

/* Well-formed UTF-8 (no surrogates, no overlong forms); U+0000 is allowed. */
bool str_is_utf8(struct str s);
/* Bytes (1 to 4) of the well-formed UTF-8 character that s begins with; 0: none. */
size_t str_utf8_len(struct str s);

/* 64-bit hash, keyed per process against chosen collisions: never store or send
 * it, and let no visible order depend on it.  Thread: any. */
uint64_t str_hash(struct str s);

/*
 * The candidate nearest to s when it is near enough to be what was meant (1 edit
 * in a short name, 3 in a long one; letter case ignored, '_' and '-' count as '.';
 * the first of equals), else NULL.  For "did you mean".
 */
const char *str_nearest(struct str s, const char *const *candidates, size_t n);

#endif
