#ifndef KCQL_KCQL_SCAN_H
#define KCQL_KCQL_SCAN_H

#include "kcql/kcql_memory.h"

/*
 * The text as characters of classes: where blanks and comments end, how far a word
 * reaches, where a quote closes.  What a piece means is the grammar's business,
 * which therefore asks for words, names or segments as it needs them.
 */

enum scan_class {
	SCAN_END,
	SCAN_BLANK,   /* space, tab, CR, LF */
	SCAN_ODD,     /* odd blank: NBSP and the like, from web pages */
	SCAN_QUOTE,   /* ` ' " */
	SCAN_STOP,    /* ; , ( ) = */
	SCAN_WORD,    /* any other character, `.` and `*` among them */
	SCAN_ILLEGAL, /* control character, typographic quote, not UTF-8 */
};

struct kcql_scan {
	const char *text;
	size_t len; /* end of the text, or of its valid UTF-8 */
	bool cut;   /* at len stands a byte that is no UTF-8 */
	size_t pos; /* next character; always between two of them */
	size_t odd; /* offset of the first odd blank, SIZE_MAX without one */
	/* Last place that was asked for: the next one is counted from there. */
	size_t place_pos;
	struct kcql_place place;
	unsigned long steps; /* characters looked at, for the tests */
};

void kcql_scan_init(struct kcql_scan *, const char *text, size_t len);

/* Class and length in bytes of the character at `pos`. */
enum scan_class kcql_scan_class(const struct kcql_scan *, size_t pos, size_t *bytes);

/* Moves pos over blanks, odd blanks and comments, to where a token begins. */
void kcql_scan_skip(struct kcql_scan *);

/* Is this the next character?  (after kcql_scan_skip) */
static inline bool
kcql_scan_at(const struct kcql_scan *s, char c)
{
	return s->pos < s->len && s->text[s->pos] == c;
}

/* End of the run of word characters at pos; `stops` ends it as well ("*", ".*"). */
size_t kcql_scan_word(struct kcql_scan *, const char *stops);

/* The closing quote of the quote at pos; SIZE_MAX if there is none, and then *stuck
 * is the character that a quote cannot hold, or the end. */
size_t kcql_scan_quote(struct kcql_scan *, size_t *stuck);

/* Line and column of an offset.  Cheap when offsets are asked for in order. */
struct kcql_place kcql_scan_place(struct kcql_scan *, size_t pos);
/* The offset of a place. */
size_t kcql_scan_find(struct kcql_scan *, struct kcql_place);

#endif
