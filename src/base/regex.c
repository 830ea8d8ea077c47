/*
 * Compiling and matching with PCRE2, whose header only this file includes.  What the
 * patterns mean is regex_translate.c's; this one knows limits, memory and Java's
 * replacement texts.  Without just-in-time compilation: hardened services forbid it,
 * and a pattern must not behave differently where it is allowed.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/regex.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/regex_translate.h"

#define DEPTH_LIMIT 1000    /* nested backtracking */
#define HEAP_LIMIT_KIB 1024 /* of one match */

struct regex {
	pcre2_code *whole; /* NULL: not asked for */
	pcre2_code *find;
	pcre2_match_data *data; /* also the memory of the last match, used again */
	pcre2_match_context *limits;
	uint32_t n_groups;
	size_t n_names;
	struct regex_name *names; /* their texts lie in `pattern` */
	char *pattern;
};

static int
fault_of(int code, struct str pattern, size_t at, struct err *err)
{
	PCRE2_UCHAR text[160];
	size_t index = regex_translate_index(pattern, at);

	if (code == PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH)
		return err_set(err, ERR_CONFIG,
		    "A look-behind without a fixed length at index %zu is not supported",
		    index);
	if (pcre2_get_error_message(code, text, sizeof(text)) < 0)
		text[0] = '\0';
	return err_set(err, ERR_CONFIG, "%s at index %zu", (const char *)text, index);
}

static pcre2_code *
compile(struct str pattern, struct str translated, uint32_t options, struct err *err)
{
	pcre2_compile_context *ctx = pcre2_compile_context_create(NULL);
	int code = 0;
	size_t at = 0;

	pcre2_set_newline(ctx, PCRE2_NEWLINE_ANY);
	pcre2_set_bsr(ctx, PCRE2_BSR_UNICODE);
	pcre2_set_parens_nest_limit(ctx, REGEX_MAX_GROUPS);
	pcre2_code *c = pcre2_compile((PCRE2_SPTR)(translated.n > 0 ? translated.p : ""),
	    translated.n, options | PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &at, ctx);
	pcre2_compile_context_free(ctx);
	if (c == NULL)
		(void)fault_of(code, pattern, at, err);
	return c;
}

static int
compile_uses(
    struct regex *re, struct str pattern, struct str out, unsigned uses, struct err *err)
{
	if (uses & REGEX_WHOLE) {
		re->whole = compile(
		    pattern, out, PCRE2_ANCHORED | PCRE2_ENDANCHORED, err);
		if (re->whole == NULL)
			return -1;
	}
	if (uses & REGEX_FIND) {
		re->find = compile(pattern, out, 0, err);
		if (re->find == NULL)
			return -1;
	}
	return 0;
}

static void
set_memory(struct regex *re)
{
	re->data = pcre2_match_data_create(re->n_groups + 1, NULL);
	re->limits = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(re->limits, REGEX_MATCH_LIMIT);
	pcre2_set_depth_limit(re->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(re->limits, HEAP_LIMIT_KIB);
}

struct regex *
regex_new(struct str pattern, unsigned uses, struct err *err)
{
	struct regex_translation *t = mem_zalloc(sizeof(*t));
	struct regex *re = mem_zalloc(sizeof(*re));

	re->pattern = mem_strndup(pattern.p, pattern.n);
	pattern.p = re->pattern;
	int rc = regex_translate(pattern, t, err);
	if (rc == 0)
		rc = compile_uses(re, pattern, buf_str(&t->out), uses, err);
	if (rc == 0) {
		re->n_groups = t->n_groups;
		re->n_names = t->n_names;
		re->names = mem_alloc(t->n_names * sizeof(*re->names));
		memcpy(re->names, t->names, t->n_names * sizeof(*re->names));
		set_memory(re);
	} else {
		regex_free(re);
		re = NULL;
	}
	buf_fini(&t->out);
	free(t);
	return re;
}

void
regex_free(struct regex *re)
{
	if (re == NULL)
		return;
	pcre2_code_free(re->whole);
	pcre2_code_free(re->find);
	pcre2_match_data_free(re->data);
	pcre2_match_context_free(re->limits);
	free(re->names);
	free(re->pattern);
	free(re);
}

static int
match(const struct regex *re, const pcre2_code *code, struct str text, struct err *err)
{
	PCRE2_SPTR p = (PCRE2_SPTR)(text.p != NULL ? text.p : "");
	int rc = pcre2_match(code, p, text.n, 0, 0, re->data, re->limits);

	if (rc > 0)
		return 1;
	switch (rc) {
	case PCRE2_ERROR_NOMATCH:
		return 0;
	case PCRE2_ERROR_MATCHLIMIT:
	case PCRE2_ERROR_DEPTHLIMIT:
	case PCRE2_ERROR_HEAPLIMIT:
		return err_set(err, ERR_RECORD,
		    "The regular expression needs too many steps on a text of %zu bytes; "
		    "write it with less to try: %.120s",
		    text.n, re->pattern);
	default:
		return err_set(err, ERR_RECORD,
		    "A text of %zu bytes cannot be matched: it is not UTF-8", text.n);
	}
}

int
regex_matches(const struct regex *re, struct str text, struct err *err)
{
	return match(re, re->whole, text, err);
}

/* A replacement being written: first for its length (out NULL), then for good. */
struct writer {
	const struct regex *re;
	struct str rep;
	size_t pos;
	const size_t *groups; /* offsets of the match in text; NULL: only a check */
	struct str text;
	char *out;
	size_t n;
	struct err *err;
};

static void
put(struct writer *w, const char *p, size_t n)
{
	if (w->out != NULL && n > 0)
		memcpy(w->out + w->n, p, n);
	w->n += n;
}

static void
put_group(struct writer *w, uint32_t group)
{
	if (w->groups == NULL)
		return;
	size_t from = w->groups[2 * group], to = w->groups[2 * group + 1];
	if (from != PCRE2_UNSET && to > from) /* \K is refused, so from <= to */
		put(w, w->text.p + from, to - from);
}

static int
bad(struct writer *w, const char *what)
{
	return err_set(w->err, ERR_RECORD, "Bad replacement '%.*s': %s",
	    (int)(w->rep.n < 100 ? w->rep.n : 100), w->rep.p, what);
}

static bool
name_char(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Behind "${". */
static int
put_named(struct writer *w)
{
	size_t from = w->pos;

	while (w->pos < w->rep.n && name_char(w->rep.p[w->pos]))
		w->pos++;
	struct str name = { w->rep.p + from, w->pos - from };
	if (name.n == 0 || w->pos == w->rep.n || w->rep.p[w->pos] != '}')
		return bad(w, "a named capturing group lacks its '}'");
	w->pos++;
	for (size_t i = 0; i < w->re->n_names; i++)
		if (str_eq(w->re->names[i].name, name)) {
			put_group(w, w->re->names[i].group);
			return 0;
		}
	return err_set(w->err, ERR_RECORD, "No group with name {%.*s}",
	    (int)(name.n < 100 ? name.n : 100), name.p);
}

/* Behind '$': as many digits as still make a group that exists. */
static int
put_reference(struct writer *w)
{
	if (w->pos == w->rep.n)
		return bad(w, "behind '$' there is no group");
	char c = w->rep.p[w->pos++];
	if (c == '{')
		return put_named(w);
	if (c < '0' || c > '9')
		return bad(
		    w, "'$' is not followed by a group; write \\$ for the character");

	uint32_t group = (uint32_t)(c - '0');
	if (group > w->re->n_groups)
		return err_set(w->err, ERR_RECORD, "No group %u", group);
	for (; w->pos < w->rep.n; w->pos++) {
		c = w->rep.p[w->pos];
		if (c < '0' || c > '9')
			break;
		uint32_t more = group * 10 + (uint32_t)(c - '0');
		if (more > w->re->n_groups)
			break;
		group = more;
	}
	put_group(w, group);
	return 0;
}

static int
put_replacement(struct writer *w)
{
	while (w->pos < w->rep.n) {
		char c = w->rep.p[w->pos++];
		if (c == '$') {
			if (put_reference(w) < 0)
				return -1;
			continue;
		}
		if (c == '\\') {
			if (w->pos == w->rep.n)
				return bad(w, "behind '\\' there is no character");
			c = w->rep.p[w->pos++];
		}
		put(w, &c, 1);
	}
	return 0;
}

/* The text with its match replaced. */
static int
put_all(struct writer *w)
{
	w->pos = w->n = 0;
	put(w, w->text.p, w->groups[0]);
	if (put_replacement(w) < 0)
		return -1;
	put(w, w->text.p + w->groups[1], w->text.n - w->groups[1]);
	return 0;
}

int
regex_replace_first(const struct regex *re, struct arena *mem, struct str text,
    struct str replacement, struct str *out, struct err *err)
{
	int rc = match(re, re->find, text, err);

	*out = text;
	if (rc <= 0)
		return rc;

	struct writer w = {
		.re = re,
		.rep = replacement,
		.groups = pcre2_get_ovector_pointer(re->data),
		.text = text,
		.err = err,
	};
	if (put_all(&w) < 0)
		return -1;
	w.out = arena_alloc(mem, w.n + 1);
	(void)put_all(&w);
	w.out[w.n] = '\0';
	*out = (struct str) { w.out, w.n };
	return 1;
}

int
regex_replacement_check(const struct regex *re, struct str replacement, struct err *err)
{
	struct writer w = { .re = re, .rep = replacement, .err = err };

	if (put_replacement(&w) == 0)
		return 0;
	err->kind = ERR_CONFIG;
	return -1;
}
