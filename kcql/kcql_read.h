#ifndef KCQL_KCQL_READ_H
#define KCQL_KCQL_READ_H

#include "kcql/kcql_fault.h"
#include "kcql/kcql_spell.h"

/* Words, quotes and signs of a text, one after the other, and what is wrong with
 * them: what the rules of the grammar are written in. */

/* What could stand at a place, for the message when it does not. */
struct kcql_expect {
	const char *const *item;
	size_t n;
};
#define KCQL_EXPECT(name, ...)                                     \
	static const char *const name##_items[] = { __VA_ARGS__ }; \
	static const struct kcql_expect name = { name##_items,     \
		sizeof(name##_items) / sizeof(name##_items[0]) }

struct kcql_read {
	struct kcql_scan *s;
	struct kcql_memory *m;
	struct kcql_fault *fault;  /* the first one, which ends the reading */
	struct kcql_statement *st; /* being read */
	size_t begin;              /* where it begins */
	/* The name read last: only a keyword or a sign may touch its end. */
	size_t last_end;
	bool last_quoted;
	/* Pieces of the path read last; the room is kept. */
	struct kcql_piece *piece;
	size_t n_pieces, most_pieces;
};

/*
 * Faults: all return false, so that they can end a rule.
 */

bool kcql_read_fail(struct kcql_read *, const char *code, size_t pos, size_t end,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Here stands something else: `code`, or the reason why it cannot stand anywhere.
 * advice: in parentheses behind it; may be empty. */
bool kcql_read_unexpected(
    struct kcql_read *, const char *code, struct kcql_expect, const char *advice);

/* The same for a word that is no keyword: advice is the keyword that it resembles, or
 * what to do about this word. */
bool kcql_read_no_keyword(struct kcql_read *, const char *code, struct kcql_expect);

/* A part of the text for a message, cut when long. */
const char *kcql_read_show(struct kcql_read *, size_t begin, size_t end);

/* Where the token at pos ends. */
size_t kcql_read_token_end(struct kcql_read *, size_t pos);

/*
 * Tokens.  Reading one moves to where the next begins.
 */

struct kcql_place kcql_read_here(struct kcql_read *);

/* Moves to pos, and on to the next token. */
void kcql_read_advance(struct kcql_read *, size_t pos);

/* Is this the next character? */
static inline bool
kcql_read_at(const struct kcql_read *p, char c)
{
	return kcql_scan_at(p->s, c);
}

/* `;` or the end of the text. */
bool kcql_read_at_end(const struct kcql_read *);

/* The next word, as far as a keyword could reach. */
struct kcql_text kcql_read_ahead(struct kcql_read *);

/* Reads the sign, or fails. */
bool kcql_read_sign(struct kcql_read *, char c, struct kcql_expect);

/* Reads the keyword if it stands here. */
bool kcql_read_keyword(struct kcql_read *, const char *word);

/* Reads the keyword, or fails. */
bool kcql_read_need(struct kcql_read *, const char *word, struct kcql_expect);

/* quoted = "`" , text , "`" | "'" , text , "'" | '"' , text , '"' ; */
bool kcql_read_quoted(struct kcql_read *, struct kcql_piece *out);

/* A bare word, which the characters of `stops` end as well, or a quoted text, which
 * may be empty. */
bool kcql_read_word(
    struct kcql_read *, const char *stops, struct kcql_expect, struct kcql_piece *out);

/* value = bare-word | quoted ;  It may be empty. */
bool kcql_read_value(struct kcql_read *, struct kcql_expect, struct kcql_piece *out);

/* Fails for empty quotes; what: to be written between them. */
bool kcql_read_not_empty(struct kcql_read *, const struct kcql_piece *, const char *what);

#endif
