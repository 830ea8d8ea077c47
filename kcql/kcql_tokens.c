/*
 * Lenses' lexer (stream-reactor 11.7.2, ConnectorLexer.g4).  Its traps are its
 * purpose: characters that belong to no token vanish, an open quote takes the rest of
 * the line along, and a keyword in mixed case is a name.
 */
#include "kcql/kcql_tokens.h"

#include <string.h>

static const char *const keywords[TOKENS] = {
	[TOKEN_INSERT] = "INSERT",
	[TOKEN_UPSERT] = "UPSERT",
	[TOKEN_INTO] = "INTO",
	[TOKEN_SELECT] = "SELECT",
	[TOKEN_FROM] = "FROM",
	[TOKEN_IGNORE] = "IGNORE",
	[TOKEN_AS] = "AS",
	[TOKEN_AUTOCREATE] = "AUTOCREATE",
	[TOKEN_AUTOEVOLVE] = "AUTOEVOLVE",
	[TOKEN_BATCH] = "BATCH",
	[TOKEN_PARTITIONBY] = "PARTITIONBY",
	[TOKEN_NOPARTITION] = "NOPARTITION",
	[TOKEN_WITHTIMESTAMP] = "WITHTIMESTAMP",
	[TOKEN_WITHTAG] = "WITHTAG",
	[TOKEN_WITHKEY] = "WITHKEY",
	[TOKEN_KEYDELIMITER] = "KEYDELIMITER",
	[TOKEN_WITHSTRUCTURE] = "WITHSTRUCTURE",
	[TOKEN_WITHTYPE] = "WITHTYPE",
	[TOKEN_PK] = "PK",
	[TOKEN_WITHFORMAT] = "WITHFORMAT",
	[TOKEN_WITHUNWRAP] = "WITHUNWRAP",
	[TOKEN_STOREAS] = "STOREAS",
	[TOKEN_LIMIT] = "LIMIT",
	[TOKEN_INCREMENTALMODE] = "INCREMENTALMODE",
	[TOKEN_WITHDOCTYPE] = "WITHDOCTYPE",
	[TOKEN_WITHINDEXSUFFIX] = "WITHINDEXSUFFIX",
	[TOKEN_WITHCONVERTER] = "WITHCONVERTER",
	[TOKEN_WITHJMSSELECTOR] = "WITHJMSSELECTOR",
	[TOKEN_WITHTARGET] = "WITHTARGET",
	[TOKEN_WITHSUBSCRIPTION] = "WITHSUBSCRIPTION",
	[TOKEN_TIMESTAMPUNIT] = "TIMESTAMPUNIT",
	[TOKEN_WITHPIPELINE] = "WITHPIPELINE",
	[TOKEN_WITHREGEX] = "WITHREGEX",
	[TOKEN_TTL] = "TTL",
	[TOKEN_PROPERTIES] = "PROPERTIES",
};

/* What a character can be part of. */
enum {
	IN_FIELD = 1,
	IN_TOPIC = 2,
	IN_DELIMITER = 4,
};

static unsigned
parts(char c)
{
	switch (c) {
	case '-':
	case '+':
	case '/':
	case '{':
	case '}':
	case ':':
		return IN_TOPIC | IN_DELIMITER;
	case '@':
		return IN_FIELD | IN_DELIMITER;
	case '|':
	case '#':
	case '`':
	case '^':
	case '[':
	case ']':
	case '*':
	case '?':
	case '$':
		return IN_DELIMITER;
	case '_':
		return IN_FIELD | IN_TOPIC | IN_DELIMITER;
	default:
		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z'))
			return IN_FIELD | IN_TOPIC | IN_DELIMITER;
		return 0;
	}
}

static size_t
run(struct kcql_tokens *t, unsigned part)
{
	size_t end = t->pos;

	for (; end < t->end && (parts(t->text[end]) & part) != 0; end++)
		t->steps++;
	return end - t->pos;
}

/* All in upper or all in lower case. */
static bool
is_word(const char *s, size_t len, const char *upper)
{
	bool lower = s[0] >= 'a';

	for (size_t i = 0; i < len; i++)
		if (upper[i] == '\0' || s[i] != (lower ? kcql_lower(upper[i]) : upper[i]))
			return false;
	return upper[len] == '\0';
}

/* Bytes of `...` at pos with something between; 0 if there is none, and then *stuck is
 * the character that it failed at. */
static size_t
backticks(struct kcql_tokens *t, size_t pos, size_t *stuck)
{
	const char *close = memchr(t->text + pos + 1, '`', t->end - pos - 1);
	size_t end = close == NULL ? t->end : (size_t)(close - t->text);

	t->steps += end - pos;
	*stuck = end;
	return close == NULL || end == pos + 1 ? 0 : end + 1 - pos;
}

static enum token_kind
word_kind(const char *s, size_t len)
{
	size_t digits = 0;

	while (digits < len && s[digits] >= '0' && s[digits] <= '9')
		digits++;
	if (digits == len)
		return TOKEN_INT;
	for (int k = TOKEN_KEYWORD; k < TOKENS; k++)
		if ((s[0] == keywords[k][0] || s[0] == kcql_lower(keywords[k][0])) &&
		    is_word(s, len, keywords[k]))
			return (enum token_kind)k;
	return TOKEN_FIELD;
}

static struct token
word(struct kcql_tokens *t)
{
	const char *s = t->text + t->pos;
	size_t left = t->end - t->pos, field = run(t, IN_FIELD), topic = run(t, IN_TOPIC);
	size_t stuck, quoted = 0;
	struct token out = { TOKEN_TOPICNAME, t->pos, t->pos + topic };

	if (field >= topic) {
		out.kind = word_kind(s, field);
		out.end = t->pos + field;
	}
	if (field > 0 && left - field >= 2 && s[field] == '.' && s[field + 1] == '`')
		quoted = backticks(t, t->pos + field + 1, &stuck);
	if (quoted > 0) {
		out.kind = TOKEN_ESCAPED_FIELD;
		out.end = t->pos + field + 1 + quoted;
	}
	if (left >= 10 && is_word(s, 10, "SYS_TIME()")) {
		out.kind = TOKEN_SYS_TIME;
		out.end = t->pos + 10;
	}
	return out;
}

/* '...' on one line.  Without an end it is dropped, with the character that it
 * failed at. */
static struct token
string(struct kcql_tokens *t)
{
	size_t end = t->pos + 1;
	struct token out = { TOKEN_STRING, t->pos, t->pos };

	for (; end < t->end && t->text[end] != '\''; end++) {
		t->steps++;
		if (t->text[end] == '\n' || t->text[end] == '\r')
			break;
	}
	if (end == t->end || t->text[end] != '\'') {
		t->pos = end < t->end ? end + 1 : end;
		return out;
	}
	out.end = end + 1;
	if (out.end - out.pos == 3 && (parts(t->text[out.pos + 1]) & IN_DELIMITER) != 0)
		out.kind = TOKEN_DELIMITER;
	return out;
}

static struct token
backticked(struct kcql_tokens *t)
{
	size_t stuck, len = backticks(t, t->pos, &stuck);
	struct token out = { TOKEN_TOPICNAME, t->pos, t->pos + len };

	if (len == 0)
		t->pos = stuck < t->end ? stuck + 1 : stuck;
	return out;
}

static enum token_kind
sign_kind(char c)
{
	switch (c) {
	case '=':
		return TOKEN_EQUAL;
	case '*':
		return TOKEN_STAR;
	case ',':
		return TOKEN_COMMA;
	case '.':
		return TOKEN_DOT;
	case '(':
		return TOKEN_OPEN;
	case ')':
		return TOKEN_CLOSE;
	default:
		return TOKEN_END; /* a blank, or no token: dropped */
	}
}

struct token
kcql_tokens_next(struct kcql_tokens *t)
{
	while (t->pos < t->end) {
		struct token out;
		char c = t->text[t->pos];

		t->steps++;
		if ((parts(c) & (IN_FIELD | IN_TOPIC)) != 0)
			out = word(t);
		else if (c == '\'')
			out = string(t);
		else if (c == '`')
			out = backticked(t);
		else
			out = (struct token) { sign_kind(c), t->pos, t->pos + 1 };
		if (out.end > out.pos && out.kind != TOKEN_END) {
			t->pos = out.end;
			return out;
		}
		if (out.kind == TOKEN_END)
			t->pos++;
	}
	return (struct token) { TOKEN_END, t->pos, t->pos };
}
