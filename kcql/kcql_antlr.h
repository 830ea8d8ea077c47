#ifndef KCQL_KCQL_ANTLR_H
#define KCQL_KCQL_ANTLR_H

#include <stdint.h>

#include "kcql/kcql_fault.h"
#include "kcql/kcql_tokens.h"

/* What the rules of Lenses' grammar are written in: two tokens of lookahead, names
 * glued from several tokens, and properties of clauses that headrace has not. */

struct kcql_antlr {
	struct kcql_scan *s; /* for places only */
	struct kcql_memory *m;
	struct kcql_fault *fault; /* NULL: nobody wants to know */
	size_t begin;             /* of the statement */
	struct kcql_tokens tokens;
	struct token now, next;
	struct kcql_statement *st;
	/* The lists of st, which grow. */
	struct kcql_column *columns, *key_columns, *header_columns, *ignored;
	struct kcql_extra *extra;
	/* Kcql.java's nestedFieldsBuffer: names of the column being read. */
	struct kcql_text *nested;
	size_t n_nested, most_nested;
	/* Columns without parents, to find equal ones at the end. */
	struct kcql_antlr_seen {
		struct kcql_text name;
		enum kcql_from from;
		bool selected; /* in `fields`, not in key_fields or header_fields */
		size_t index;
	} * seen;
	size_t n_seen;
};

/* Sets of token kinds. */
#define ANTLR(kind) (1u << TOKEN_##kind)
#define ANTLR_NAME (ANTLR(FIELD) | ANTLR(TOPICNAME))

/* Lenses refuses the statement, at this token; returns false. */
bool kcql_antlr_refuse(
    struct kcql_antlr *, const char *code, struct token, const char *what);
/* The same for a token that the grammar does not allow here. */
bool kcql_antlr_unexpected(struct kcql_antlr *);

static inline bool
kcql_antlr_at(const struct kcql_antlr *r, enum token_kind kind)
{
	return r->now.kind == kind;
}

void kcql_antlr_step(struct kcql_antlr *);

/* A token of this kind, or refused. */
bool kcql_antlr_take(struct kcql_antlr *, enum token_kind);

/* One token of these kinds, with its text. */
bool kcql_antlr_one(struct kcql_antlr *, unsigned kinds, struct kcql_text *out);

/* ( kind | kind ... )+ : the texts of all of them glued, what stood between lost. */
bool kcql_antlr_glued(struct kcql_antlr *, unsigned kinds, struct kcql_text *out);

/* FIELD | ( DOT | TOPICNAME )+ | others */
bool kcql_antlr_value(struct kcql_antlr *, unsigned others, struct kcql_text *out);

/* ( FIELD | DOT )+ | ( DOT | TOPICNAME )+ : the first that is no dot decides. */
bool kcql_antlr_path(struct kcql_antlr *, struct kcql_text *out);

/* Takes one pair of quotes off; false: Java would throw. */
bool kcql_antlr_strip(struct kcql_text *, char quote);
/* Kcql.unescape: one pair of backticks, then one pair of single quotes. */
bool kcql_antlr_unescape(struct kcql_antlr *, struct kcql_text *);

/* Properties that only other connectors have: a JSON value, a string, true, and INT
 * from 1 to most. */
void kcql_antlr_extra(struct kcql_antlr *, const char *name, struct kcql_buf *json);
void kcql_antlr_extra_string(struct kcql_antlr *, const char *name, struct kcql_text);
void kcql_antlr_extra_true(struct kcql_antlr *, const char *name);
bool kcql_antlr_extra_number(struct kcql_antlr *, const char *name, uint64_t most);

#endif
