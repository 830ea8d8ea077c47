/*
 * Java's StreamTokenizer with the settings of JaasConfig, and the grammar above it.
 * Words begin with a letter, '_', '$' or a character from U+00A0 on, and go on with
 * these, digits, '.' and '-'.  What begins like a number is a number, and so no value.
 */
#include "kafka/jaas.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"

#define MAX_OPTIONS 64
#define MAX_BYTES (64 * 1024)

enum token {
	TOKEN_END,
	TOKEN_TEXT,  /* a word or a quoted text */
	TOKEN_OTHER, /* a single character, or a number */
};

struct lexer {
	const char *at;
	enum token token;
	char other; /* TOKEN_OTHER; '0' for a number */
	bool has_nul;
	struct buf text;
};

static bool
is_digit(char c)
{
	return (c >= '0' && c <= '9') || c == '.' || c == '-';
}

/* The byte at p begins a character that words may hold. */
static bool
is_letter(const char *p)
{
	unsigned char c = (unsigned char)p[0];

	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$')
		return true;
	/* U+0080 to U+009F, in UTF-8 c2 80 to c2 9f, are no letters. */
	return c >= 0x80 && !(c == 0xc2 && (unsigned char)p[1] < 0xa0);
}

static void
skip_line(struct lexer *l)
{
	l->at += strcspn(l->at, "\n\r");
}

static void
skip_blanks_and_comments(struct lexer *l)
{
	for (;;) {
		while (*l->at != '\0' && (unsigned char)*l->at <= ' ')
			l->at++;
		if (l->at[0] != '/')
			return;
		if (l->at[1] != '*') {
			skip_line(l);
			continue;
		}
		const char *end = strstr(l->at + 2, "*/");
		l->at = end != NULL ? end + 2 : l->at + strlen(l->at);
	}
}

static void
add_char(struct buf *out, unsigned c)
{
	if (c < 0x80) {
		buf_add_byte(out, (uint8_t)c);
		return;
	}
	buf_add_byte(out, (uint8_t)(0xc0 | c >> 6));
	buf_add_byte(out, (uint8_t)(0x80 | (c & 0x3f)));
}

/* Three digits only up to \377. */
static void
read_octal(struct lexer *l)
{
	int most = *l->at <= '3' ? 3 : 2;
	unsigned c = 0;

	for (int n = 0; n < most && *l->at >= '0' && *l->at <= '7'; n++)
		c = c * 8 + (unsigned)(*l->at++ - '0');
	if (c == 0)
		l->has_nul = true;
	add_char(&l->text, c);
}

static void
read_escape(struct lexer *l)
{
	static const char from[] = "abfnrtv", to[] = "\a\b\f\n\r\t\v";
	char c = *l->at;

	if (c == '\0')
		return;
	if (c >= '0' && c <= '7') {
		read_octal(l);
		return;
	}
	const char *known = strchr(from, c);
	buf_add_byte(&l->text, (uint8_t)(known != NULL ? to[known - from] : c));
	l->at++;
}

/* Ends at the quote or, as in Java, at the end of the line. */
static void
read_quoted(struct lexer *l)
{
	char quote = *l->at++;

	while (*l->at != '\0' && *l->at != quote && *l->at != '\n' && *l->at != '\r') {
		if (*l->at != '\\') {
			buf_add_byte(&l->text, (uint8_t)*l->at++);
			continue;
		}
		l->at++;
		read_escape(l);
	}
	if (*l->at == quote)
		l->at++;
}

static void
next(struct lexer *l)
{
	skip_blanks_and_comments(l);
	buf_reset(&l->text);
	if (*l->at == '\0') {
		l->token = TOKEN_END;
	} else if (*l->at == '"' || *l->at == '\'') {
		l->token = TOKEN_TEXT;
		read_quoted(l);
	} else if (is_digit(*l->at)) {
		l->token = TOKEN_OTHER;
		l->other = '0';
		while (is_digit(*l->at))
			l->at++;
	} else if (is_letter(l->at)) {
		l->token = TOKEN_TEXT;
		while (is_letter(l->at) || is_digit(*l->at) || (*l->at & 0xc0) == 0x80)
			buf_add_byte(&l->text, (uint8_t)*l->at++);
	} else {
		l->token = TOKEN_OTHER;
		l->other = *l->at++;
	}
}

static bool
is_other(const struct lexer *l, char c)
{
	return l->token == TOKEN_OTHER && l->other == c;
}

static int
wrong(struct err *err, const char *what)
{
	return err_set(err, ERR_CONFIG, "%s", what);
}

static int
read_flag(struct lexer *l, struct err *err)
{
	static const char *const flags[] = { "required", "requisite", "sufficient",
		"optional" };

	next(l);
	if (l->token == TOKEN_END)
		return wrong(
		    err, "Login module control flag not specified in JAAS config");
	if (l->token != TOKEN_TEXT)
		return wrong(
		    err, "Login module control flag is not available in the JAAS config");
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (strcasecmp(buf_cstr(&l->text), flags[i]) == 0)
			return 0;
	return wrong(err,
	    "Invalid login module control flag in JAAS config; it is one of "
	    "required, requisite, sufficient, optional");
}

/* A part of a password that is not quoted may stand where a name should. */
static const char *
shown(const char *name)
{
	static const char *const known[] = { "username", "password", "tokenauth",
		"keyTab", "principal", "clientId", "clientSecret", "scope", "serviceName",
		"useKeyTab", "storeKey", "sasl.oauthbearer.token.endpoint.url" };

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (name != NULL && strcmp(name, known[i]) == 0)
			return known[i];
	return NULL;
}

static int
no_value(const char *name, struct err *err)
{
	name = shown(name);
	return err_set(err, ERR_CONFIG,
	    "Value not specified for %s%s%s in JAAS config; values with other characters "
	    "than "
	    "letters, digits, '.', '-', '_', '$', or that begin with a digit, go in "
	    "quotes",
	    name != NULL ? "key '" : "an option", name != NULL ? name : "",
	    name != NULL ? "'" : "");
}

static int
read_option(struct lexer *l, struct arena *mem, struct jaas_option *o, struct err *err)
{
	o->name = l->token == TOKEN_TEXT ? arena_strdup(mem, buf_cstr(&l->text)) : NULL;
	next(l);
	if (!is_other(l, '='))
		return no_value(o->name, err);
	next(l);
	if (l->token != TOKEN_TEXT)
		return no_value(o->name, err);
	o->value = arena_strdup(mem, buf_cstr(&l->text));
	return 0;
}

static int
read_module(struct lexer *l, struct arena *mem, struct jaas *out, struct err *err)
{
	struct jaas_option *options = arena_alloc(mem, MAX_OPTIONS * sizeof(*options));

	if (l->token != TOKEN_TEXT)
		return wrong(err, "Login module not specified in JAAS config");
	out->module = arena_strdup(mem, buf_cstr(&l->text));
	out->options = options;
	out->n_options = 0;
	if (read_flag(l, err) < 0)
		return -1;
	for (next(l); l->token != TOKEN_END && !is_other(l, ';'); next(l)) {
		if (out->n_options == MAX_OPTIONS)
			return wrong(err, "more than 64 options in JAAS config");
		if (read_option(l, mem, &options[out->n_options], err) < 0)
			return -1;
		if (options[out->n_options].name != NULL)
			out->n_options++;
	}
	if (l->token == TOKEN_END)
		return wrong(err, "JAAS config entry not terminated by semi-colon");
	return 0;
}

int
jaas_parse(const char *text, struct arena *mem, struct jaas *out, struct err *err)
{
	struct lexer l = { .at = text };
	int r = -1;

	if (strnlen(text, MAX_BYTES) == MAX_BYTES)
		return wrong(err, "JAAS config longer than 64 KiB");
	next(&l);
	if (l.token == TOKEN_END) {
		wrong(err, "Login module not specified in JAAS config");
		goto out;
	}
	if (read_module(&l, mem, out, err) < 0)
		goto out;
	next(&l);
	if (l.token != TOKEN_END) {
		wrong(err,
		    "JAAS config property contains several login modules, should be 1 "
		    "module");
		goto out;
	}
	if (l.has_nul) {
		wrong(err, "U+0000 in JAAS config");
		goto out;
	}
	r = 0;
out:
	buf_fini(&l.text);
	return r;
}

const char *
jaas_get(const struct jaas *j, const char *name)
{
	for (size_t i = j->n_options; i-- > 0;)
		if (strcmp(j->options[i].name, name) == 0)
			return j->options[i].value;
	return NULL;
}
