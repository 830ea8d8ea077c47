#ifndef KCQL_KCQL_TOKENS_H
#define KCQL_KCQL_TOKENS_H

#include "kcql/kcql_memory.h"

/*
 * Tokens as Lenses' lexer makes them, for kcql_lenses.c only: longest match, keywords
 * in all upper or all lower case, and what is no token is dropped without a word.
 */

enum token_kind {
	TOKEN_END,
	TOKEN_EQUAL,
	TOKEN_INT,  /* 123 */
	TOKEN_STAR, /* * */
	TOKEN_COMMA,
	TOKEN_DOT,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_FIELD,         /* letters, digits, @ and _ */
	TOKEN_TOPICNAME,     /* letters, digits and _-+/{}:, or `...` */
	TOKEN_DELIMITER,     /* 'x' with one of certain characters */
	TOKEN_ESCAPED_FIELD, /* name.`...` */
	TOKEN_STRING,        /* '...' */
	TOKEN_SYS_TIME,      /* sys_time() */
	TOKEN_KEYWORD,       /* from here on: the keywords, see kcql_tokens.c */
	TOKEN_INSERT = TOKEN_KEYWORD,
	TOKEN_UPSERT,
	TOKEN_INTO,
	TOKEN_SELECT,
	TOKEN_FROM,
	TOKEN_IGNORE,
	TOKEN_AS,
	TOKEN_AUTOCREATE,
	TOKEN_AUTOEVOLVE,
	TOKEN_BATCH,
	TOKEN_PARTITIONBY,
	TOKEN_NOPARTITION,
	TOKEN_WITHTIMESTAMP,
	TOKEN_WITHTAG,
	TOKEN_WITHKEY,
	TOKEN_KEYDELIMITER,
	TOKEN_WITHSTRUCTURE,
	TOKEN_WITHTYPE,
	TOKEN_PK,
	TOKEN_WITHFORMAT,
	TOKEN_WITHUNWRAP,
	TOKEN_STOREAS,
	TOKEN_LIMIT,
	TOKEN_INCREMENTALMODE,
	TOKEN_WITHDOCTYPE,
	TOKEN_WITHINDEXSUFFIX,
	TOKEN_WITHCONVERTER,
	TOKEN_WITHJMSSELECTOR,
	TOKEN_WITHTARGET,
	TOKEN_WITHSUBSCRIPTION,
	TOKEN_TIMESTAMPUNIT,
	TOKEN_WITHPIPELINE,
	TOKEN_WITHREGEX,
	TOKEN_TTL,
	TOKEN_PROPERTIES,
	TOKENS,
};

struct token {
	enum token_kind kind;
	size_t pos, end;
};

struct kcql_tokens {
	const char *text;
	size_t pos, end; /* next character, end of the statement */
	unsigned long steps;
};

/* The next token; at the end again and again TOKEN_END. */
struct token kcql_tokens_next(struct kcql_tokens *);

#endif
