/*
 * The statement as Lenses' MQTT source reads it (stream-reactor 11.7.2,
 * ConnectorParser.g4 and Kcql.java), which is not as it was meant: names are glued from
 * several words, clauses stand in one order, and where the statement seems complete
 * the rest is left unread.  Used with KCQL_STRICT_LENSES, and to warn where the two
 * readings part.
 *
 * The order of the rules here is that of Lenses' grammar.  A rule returns false where
 * Lenses refuses the statement, be it by a syntax error or by an exception.
 */
#include "kcql/kcql_lenses.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kcql/kcql_print.h"
#include "kcql/kcql_tokens.h"
#include "kcql/kcql_words.h"

struct reader {
	struct kcql_scan *s; /* for places only */
	struct kcql_memory *m;
	struct kcql_fault *fault;
	struct kcql_tokens tokens;
	struct token now, next; /* two tokens of lookahead */
	struct kcql_statement *st;
	struct kcql_column *columns, *key_columns, *header_columns, *ignored;
	struct kcql_extra *extra;
	/* Kcql.java's nestedFieldsBuffer, with its habit of keeping parents. */
	struct kcql_text *nested;
	size_t n_nested, most_nested;
	struct seen *seen;
	size_t n_seen;
};

/* A column without parents: two equal ones are an error. */
struct seen {
	struct kcql_text name;
	enum kcql_from from;
	bool value_list; /* in `fields`, not in key_fields or header_fields */
	size_t index;
};

/*
 * Faults and tokens.
 */

static bool
refuse_at(struct reader *r, const char *code, struct token t, const char *what)
{
	const char
	    *found = kcql_fault_excerpt(r->m, r->s->text + t.pos, t.end - t.pos, 60).ptr;

	r->fault->code = code;
	r->fault->pos = t.pos;
	r->fault->end = t.end;
	r->fault->what = kcql_memory_printf(r->m, "Lenses refuses this: %s%s%s%s", what,
	    *found ? " '" : "", found, *found ? "'" : "");
	return false;
}

static bool
unexpected(struct reader *r)
{
	return refuse_at(r, "syntax", r->now,
	    r->now.kind == TOKEN_END ? "unexpected end" : "unexpected");
}

static void
step(struct reader *r)
{
	r->now = r->next;
	r->next = kcql_tokens_next(&r->tokens);
}

static bool
at(const struct reader *r, enum token_kind kind)
{
	return r->now.kind == kind;
}

static bool
take(struct reader *r, enum token_kind kind)
{
	if (!at(r, kind))
		return unexpected(r);
	step(r);
	return true;
}

static struct kcql_text
token_text(struct reader *r, struct token t)
{
	return kcql_memory_text(r->m, r->s->text + t.pos, t.end - t.pos);
}

/* Sets of kinds, for the rules that take one of several tokens. */
#define KIND(k) (1u << (k))
#define FIELD KIND(TOKEN_FIELD)
#define TOPICNAME KIND(TOKEN_TOPICNAME)
#define DOT KIND(TOKEN_DOT)
#define INT KIND(TOKEN_INT)
#define STRING KIND(TOKEN_STRING)

static bool
in(const struct reader *r, unsigned kinds)
{
	return r->now.kind < TOKEN_KEYWORD && (KIND(r->now.kind) & kinds) != 0;
}

static bool
one(struct reader *r, unsigned kinds, struct kcql_text *out)
{
	if (!in(r, kinds))
		return unexpected(r);
	*out = token_text(r, r->now);
	step(r);
	return true;
}

/* ( kind | kind ... )+ : the tokens glued together, blanks and all else lost. */
static bool
glued(struct reader *r, unsigned kinds, struct kcql_text *out)
{
	struct kcql_buf b = { 0 };

	if (!in(r, kinds))
		return unexpected(r);
	for (; in(r, kinds); step(r))
		kcql_memory_put(&b, r->s->text + r->now.pos, r->now.end - r->now.pos);
	*out = kcql_memory_text(r->m, b.ptr, b.len);
	kcql_memory_buf_free(&b);
	return true;
}

/* FIELD | ( DOT | TOPICNAME )+ | others */
static bool
field_or_glued(struct reader *r, unsigned others, struct kcql_text *out)
{
	if (in(r, DOT | TOPICNAME))
		return glued(r, DOT | TOPICNAME, out);
	return one(r, FIELD | others, out);
}

/* ( FIELD | DOT )+ | ( DOT | TOPICNAME )+ : the first that is no dot decides. */
static bool
fields_or_topics(struct reader *r, struct kcql_text *out)
{
	struct kcql_tokens ahead = r->tokens;
	struct token t = r->now;

	if (t.kind == TOKEN_DOT)
		t = r->next;
	while (t.kind == TOKEN_DOT)
		t = kcql_tokens_next(&ahead);
	return glued(r, t.kind == TOKEN_TOPICNAME ? DOT | TOPICNAME : FIELD | DOT, out);
}

static bool
strip(struct kcql_text *t, char quote)
{
	if (t->len == 0 || t->ptr[0] != quote || t->ptr[t->len - 1] != quote)
		return true;
	if (t->len == 1)
		return false; /* StringIndexOutOfBoundsException */
	t->ptr++;
	t->len -= 2;
	return true;
}

/* Kcql.unescape: one pair of backticks, then one pair of single quotes. */
static bool
unescape(struct reader *r, struct kcql_text *t)
{
	if (!strip(t, '`') || !strip(t, '\''))
		return refuse_at(r, "syntax", r->now, "a name of one quote, before");
	*t = kcql_memory_text(r->m, t->ptr, t->len);
	return true;
}

/*
 * Properties that only other connectors have.
 */

static void
extra(struct reader *r, const char *name, struct kcql_text json)
{
	r->extra = kcql_memory_grow(r->m, r->extra, r->st->n_extra, sizeof(*r->extra));
	r->extra[r->st->n_extra++] = (struct kcql_extra) { name, json };
	r->st->extra = r->extra;
}

static void
extra_buf(struct reader *r, const char *name, struct kcql_buf *json)
{
	extra(r, name, kcql_memory_text(r->m, json->ptr, json->len));
	kcql_memory_buf_free(json);
}

static void
extra_string(struct reader *r, const char *name, struct kcql_text t)
{
	struct kcql_buf b = { 0 };

	kcql_print_string(&b, t);
	extra_buf(r, name, &b);
}

static void
extra_true(struct reader *r, const char *name)
{
	extra(r, name, (struct kcql_text) { "true", 4 });
}

/* INT, from 1 to most. */
static bool
number(struct reader *r, const char *name, unsigned long most)
{
	struct token t = r->now;
	struct kcql_text text;
	unsigned long n = 0;

	if (!one(r, INT, &text))
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned long digit = (unsigned long)(text.ptr[i] - '0');

		if (n > (most - digit) / 10)
			return refuse_at(r, "syntax", t, "the number is too large:");
		n = 10 * n + digit;
	}
	if (n == 0)
		return refuse_at(r, "syntax", t, "the number must not be");
	extra(r, name, kcql_memory_printf(r->m, "%lu", n));
	return true;
}

/*
 * Columns.
 */

static void
nest(struct reader *r, struct kcql_text t)
{
	if (r->n_nested == r->most_nested) {
		r->nested = kcql_memory_grow(
		    r->m, r->nested, r->n_nested, sizeof(*r->nested));
		r->most_nested++;
	}
	r->nested[r->n_nested++] = t;
}

static bool
is(struct kcql_text t, const char *word)
{
	return strlen(word) == t.len && memcmp(t.ptr, word, t.len) == 0;
}

static bool
is_any_case(struct kcql_text t, const char *word)
{
	return kcql_words_equal(t.ptr, t.len, word);
}

static void
set_path(struct reader *r, struct kcql_column *c, const struct kcql_text *parent,
    size_t n, struct kcql_text name)
{
	struct kcql_text *segment = kcql_memory_alloc(r->m, (n + 1) * sizeof(*segment));
	struct kcql_buf b = { 0 };

	c->path.all = is(name, "*");
	c->path.segment = segment;
	c->path.n_segments = n + !c->path.all;
	for (size_t i = 0; i < n; i++) {
		segment[i] = parent[i];
		kcql_memory_putt(&b, parent[i]);
		kcql_memory_puts(&b, ".");
	}
	segment[n] = name;
	kcql_memory_putt(&b, name);
	c->path.text = c->path.canon = kcql_memory_text(r->m, b.ptr, b.len);
	kcql_memory_buf_free(&b);
}

/* Field.from of a name below `_`. */
static bool
metadata(struct reader *r, struct kcql_column *c, const struct kcql_text *parent,
    size_t n, struct kcql_text name)
{
	static const struct {
		const char *word;
		enum kcql_from from;
	} words[] = {
		{ "topic", KCQL_TOPIC },
		{ "offset", KCQL_OFFSET },
		{ "timestamp", KCQL_TIMESTAMP },
		{ "partition", KCQL_PARTITION },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (is_any_case(name, words[i].word)) {
			c->path.from = words[i].from;
			c->name = (struct kcql_text) { words[i].word,
				strlen(words[i].word) };
			set_path(r, c, parent, n, c->name);
			c->path.n_segments = 0;
			return true;
		}
	if (n < 2 || !is_any_case(parent[1], "key"))
		return refuse_at(r, "bad_metadata", r->now, "a name below _, before");
	if (n == 2 && c->alias.ptr != NULL && is(name, "*"))
		return refuse_at(r, "star_alias", r->now, "an alias of *, before");
	c->path.from = KCQL_KEY;
	c->name = name;
	set_path(r, c, parent + 2, n - 2, name);
	return true;
}

/* Field.from: a column out of the names before it, the last of them its own. */
static bool
field_from(struct reader *r, const struct kcql_text *parent, size_t n,
    struct kcql_text name, struct kcql_text alias, struct kcql_column *out)
{
	*out = (struct kcql_column) {
		.path.at = kcql_scan_place(r->s, r->now.pos),
		.alias = alias,
	};
	if (n > 0 && is(parent[0], "_")) {
		if (!metadata(r, out, parent, n, name))
			return false;
	} else {
		out->name = name;
		set_path(r, out, parent, n, name);
	}
	if (alias.ptr != NULL)
		out->name = alias;
	return true;
}

static void
remember(
    struct reader *r, const struct kcql_column *c, struct kcql_text name, bool value_list)
{
	bool has_parents = c->path.n_segments > (c->path.all ? 0u : 1u);
	bool is_call = name.len > 0 && name.ptr[name.len - 1] == ')' &&
	               memchr(name.ptr, '(', name.len) != NULL;

	if (has_parents || is_call) /* `now()` may be selected twice */
		return;
	if (c->path.from != KCQL_VALUE && c->path.from != KCQL_KEY)
		name = (struct kcql_text) { "", 0 };
	r->seen = kcql_memory_grow(r->m, r->seen, r->n_seen, sizeof(*r->seen));
	r->seen[r->n_seen] = (struct seen) { name, c->path.from, value_list, r->n_seen };
	r->n_seen++;
}

static void
append(
    struct reader *r, struct kcql_column **list, size_t *n, const struct kcql_column *c)
{
	*list = kcql_memory_grow(r->m, *list, *n, sizeof(**list));
	(*list)[(*n)++] = *c;
}

static bool
starts_with_segment(const struct reader *r, struct kcql_text name, const char *word)
{
	size_t len = strlen(word);
	struct kcql_text first = r->n_nested > 0 ? r->nested[0] : name;

	if (is(first, word))
		return true;
	return first.len > len && memcmp(first.ptr, word, len) == 0 &&
	       first.ptr[len] == '.';
}

/* exitColumn_name: the names in `nested` become a column, and the parents stay. */
static bool
column_exit(struct reader *r, struct kcql_text alias, bool ignored)
{
	struct kcql_statement *st = r->st;
	struct kcql_column c;
	struct kcql_text name;
	bool key, header;

	if (r->n_nested == 0)
		return true;
	name = r->nested[--r->n_nested];
	if (!field_from(r, r->nested, r->n_nested, name, alias, &c))
		return false;
	if (ignored) {
		append(r, &r->ignored, &st->n_ignored, &c);
		return true;
	}
	key = c.path.from == KCQL_VALUE && starts_with_segment(r, name, "_key");
	header = c.path.from == KCQL_VALUE && r->n_nested > 0 &&
	         starts_with_segment(r, name, "_header");
	if (!key && !header) {
		append(r, &r->columns, &st->n_columns, &c);
		remember(r, &c, name, true);
		return true;
	}
	if (r->n_nested > 0)
		memmove(r->nested, r->nested + 1, --r->n_nested * sizeof(*r->nested));
	if (!field_from(r, r->nested, r->n_nested, name, alias, &c))
		return false;
	if (key)
		append(r, &r->key_columns, &st->n_key_columns, &c);
	else
		append(r, &r->header_columns, &st->n_header_columns, &c);
	remember(r, &c, name, false);
	return true;
}

/*
 * column : ( FIELD | TOPICNAME ) ( DOT ( FIELD | TOPICNAME ) )* ( DOT ASTERISK )?
 *        | STRING ;
 * The words come before the quoted names, whatever was written; a string vanishes.
 */
static bool
column(struct reader *r)
{
	struct kcql_text *topic = NULL, t;
	size_t n = 0;
	bool star = false;

	if (at(r, TOKEN_STRING)) {
		step(r);
		return true;
	}
	for (;;) {
		bool is_field = at(r, TOKEN_FIELD);

		if (!one(r, FIELD | TOPICNAME, &t))
			return false;
		if (is_field) {
			nest(r, t);
		} else if (unescape(r, &t)) {
			topic = kcql_memory_grow(r->m, topic, n, sizeof(*topic));
			topic[n++] = t;
		} else {
			return false;
		}
		if (!at(r, TOKEN_DOT))
			break;
		step(r);
		star = at(r, TOKEN_STAR);
		if (star) {
			step(r);
			break;
		}
	}
	for (size_t i = 0; i < n; i++)
		nest(r, topic[i]);
	if (star)
		nest(r, (struct kcql_text) { "*", 1 });
	return true;
}

/* ( AS ( FIELD | STRING ) )?  The alias keeps its quotes. */
static bool
alias(struct reader *r, struct kcql_text *out)
{
	*out = (struct kcql_text) { NULL, 0 };
	if (!at(r, TOKEN_AS))
		return true;
	step(r);
	return one(r, FIELD | STRING, out);
}

static void
star_column(struct reader *r)
{
	struct kcql_column c = { .path.at = kcql_scan_place(r->s, r->now.pos) };
	struct kcql_text star = { "*", 1 };

	set_path(r, &c, NULL, 0, star);
	c.name = star;
	append(r, &r->columns, &r->st->n_columns, &c);
	remember(r, &c, star, true);
	step(r);
}

/*
 * column_name : column ( AS alias )? | function ( AS alias )? | ASTERISK ;
 * column_list : column_name ( COMMA column_name )* ;
 * A function vanishes, but its arguments are columns; so the lists nest, which is
 * read here without recursion.  A star in IGNORE joins the selected columns.
 */
static bool
column_list(struct reader *r, bool ignored)
{
	struct kcql_text as;
	size_t depth = 0;

	for (;;) {
		r->n_nested = 0;
		if (at(r, TOKEN_FIELD) && r->next.kind == TOKEN_OPEN) {
			step(r);
			step(r);
			depth++;
			if (!at(r, TOKEN_CLOSE))
				continue;
		} else if (at(r, TOKEN_STAR)) {
			star_column(r);
		} else if (!column(r) || !alias(r, &as) || !column_exit(r, as, ignored)) {
			return false;
		}
		for (; depth > 0 && at(r, TOKEN_CLOSE); depth--) {
			step(r);
			if (!alias(r, &as) || !column_exit(r, as, ignored))
				return false;
		}
		if (!at(r, TOKEN_COMMA))
			break;
		step(r);
	}
	return depth == 0 || unexpected(r);
}

static int
compare_seen(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;
	size_t len = x->name.len < y->name.len ? x->name.len : y->name.len;
	int d = memcmp(x->name.ptr, y->name.ptr, len);

	if (d == 0)
		d = (x->name.len > y->name.len) - (x->name.len < y->name.len);
	if (d == 0)
		d = (int)x->from - (int)y->from;
	return d != 0 ? d : (x->index > y->index) - (x->index < y->index);
}

/* Kcql.fieldExists, for all columns at once: none may follow one of the same name and
 * kind in `fields`. */
static bool
columns_differ(struct reader *r)
{
	bool selected = false;

	if (r->n_seen > 1)
		qsort(r->seen, r->n_seen, sizeof(*r->seen), compare_seen);
	for (size_t i = 0; i < r->n_seen; i++) {
		const struct seen *s = &r->seen[i];

		if (i == 0 || !kcql_text_equal(s->name, s[-1].name) ||
		    s->from != s[-1].from)
			selected = false;
		if (selected)
			return refuse_at(r, "duplicate_field", (struct token) { 0 },
			    kcql_memory_printf(r->m, "field %s is selected twice",
				kcql_fault_excerpt(r->m, s->name.ptr, s->name.len, 60)
				    .ptr)
				.ptr);
		selected = selected || s->value_list;
	}
	return true;
}

/*
 * Clauses of the MQTT source.
 */

static bool
ignore(struct reader *r)
{
	return column_list(r, true);
}

static bool
structure(struct reader *r)
{
	r->st->structure = true;
	return true;
}

/* FIELD | SYS_TIME */
static bool
timestamp(struct reader *r)
{
	struct kcql_path *p = &r->st->timestamp;

	p->at = kcql_scan_place(r->s, r->now.pos);
	if (at(r, TOKEN_SYS_TIME)) {
		step(r);
		p->from = KCQL_TIMESTAMP;
		p->text = (struct kcql_text) { "sys_time()", 10 };
		r->st->receive_time = true;
	} else if (!one(r, FIELD, &p->text)) {
		return false;
	}
	p->canon = p->text;
	if (!r->st->receive_time) {
		p->segment = &p->text;
		p->n_segments = 1;
	}
	return true;
}

static bool
timestamp_unit(struct reader *r)
{
	struct token t;
	struct kcql_text text;
	int i;

	if (!take(r, TOKEN_EQUAL))
		return false;
	t = r->now;
	if (!one(r, FIELD, &text))
		return false;
	i = kcql_words_unit(text.ptr, text.len);
	if (i < 0)
		return refuse_at(r, "bad_unit", t, "no unit:");
	r->st->unit = (enum kcql_unit)i;
	return true;
}

static bool
match(struct kcql_text t, size_t pos, struct kcql_text what)
{
	return t.len - pos >= what.len && memcmp(t.ptr + pos, what.ptr, what.len) == 0;
}

/*
 * exitTag_definition: the kind of a tag is what its text begins with after all its
 * names are deleted from it, so `WITHTAG(a AS a)` is none.
 */
static bool
tag_kind(struct kcql_text text, struct kcql_text key, enum kcql_tag_kind *out)
{
	char left[2] = { 0 };
	size_t n = 0;

	for (size_t pos = 0; pos < text.len && n < 2; pos++) {
		while (pos < text.len && match(text, pos, key))
			pos += key.len;
		if (pos < text.len)
			left[n++] = kcql_lower(text.ptr[pos]);
	}
	*out = left[0] == '=' ? KCQL_TAG_CONSTANT : KCQL_TAG_ALIAS;
	return left[0] == '=' || (left[0] == 'a' && left[1] == 's');
}

/* tag_key ( EQUAL tag_value | AS tag_value )? */
static bool
tag(struct reader *r, struct kcql_tag *out)
{
	struct token t = r->now;
	struct kcql_text text;
	struct kcql_buf b = { 0 };
	bool good;

	*out = (struct kcql_tag) { .path.at = kcql_scan_place(r->s, t.pos) };
	if (!fields_or_topics(r, &out->path.text))
		return false;
	text = out->path.text;
	if (text.ptr[text.len - 1] == '.')
		return refuse_at(r, "syntax", t, "a tag that ends with '.':");
	out->path.canon = out->header = text;
	if (!at(r, TOKEN_EQUAL) && !at(r, TOKEN_AS))
		return true;
	kcql_memory_putt(&b, text);
	kcql_memory_putt(&b, token_text(r, r->now));
	step(r);
	if (!field_or_glued(r, INT, &out->value)) {
		kcql_memory_buf_free(&b);
		return false;
	}
	kcql_memory_putt(&b, out->value);
	good = tag_kind((struct kcql_text) { b.ptr, b.len }, text, &out->kind);
	kcql_memory_buf_free(&b);
	if (!good)
		return refuse_at(r, "syntax", t, "a tag whose name is found in AS:");
	if (out->kind == KCQL_TAG_ALIAS)
		out->header = out->value;
	return true;
}

static bool
tags(struct reader *r)
{
	struct kcql_statement *st = r->st;
	struct kcql_tag t, *list = NULL;

	if (!take(r, TOKEN_OPEN))
		return false;
	for (;; step(r)) {
		if (!tag(r, &t))
			return false;
		list = kcql_memory_grow(r->m, list, st->n_tags, sizeof(*list));
		list[st->n_tags++] = t;
		if (!at(r, TOKEN_COMMA))
			break;
	}
	st->tags = list;
	return take(r, TOKEN_CLOSE);
}

static bool
equal_topicname(struct reader *r, struct kcql_text *out)
{
	return take(r, TOKEN_EQUAL) && one(r, TOPICNAME, out) && unescape(r, out);
}

static bool
converter(struct reader *r)
{
	return equal_topicname(r, &r->st->converter);
}

static bool
regex(struct reader *r)
{
	return equal_topicname(r, &r->st->regex);
}

/* The text of a key is split at its dots when it is used. */
static void
set_key(struct reader *r, struct kcql_path *p)
{
	const char *s = p->text.ptr, *end = s + p->text.len, *dot;
	struct kcql_text *list = NULL;

	while (end > s && end[-1] == '.')
		end--;
	for (; s <= end; s = dot + 1) {
		dot = memchr(s, '.', (size_t)(end - s));
		if (dot == NULL)
			dot = end;
		list = kcql_memory_grow(r->m, list, p->n_segments, sizeof(*list));
		list[p->n_segments++] = kcql_memory_text(r->m, s, (size_t)(dot - s));
	}
	p->segment = list;
	p->canon = p->text;
}

static bool
key(struct reader *r)
{
	struct kcql_statement *st = r->st;
	struct kcql_path *list = NULL;

	if (!take(r, TOKEN_OPEN))
		return false;
	for (;; step(r)) {
		struct kcql_path p = { .at = kcql_scan_place(r->s, r->now.pos) };

		if (!one(r, FIELD | TOPICNAME | INT, &p.text) || !unescape(r, &p.text))
			return false;
		set_key(r, &p);
		list = kcql_memory_grow(r->m, list, st->n_keys, sizeof(*list));
		list[st->n_keys++] = p;
		if (!at(r, TOKEN_COMMA))
			break;
	}
	st->keys = list;
	return take(r, TOKEN_CLOSE);
}

/* '=' and one character in single quotes, which must not be a backtick. */
static bool
key_delimiter(struct reader *r)
{
	struct token t;
	struct kcql_text text;

	if (!take(r, TOKEN_EQUAL))
		return false;
	t = r->now;
	if (!one(r, KIND(TOKEN_DELIMITER), &text))
		return false;
	if (text.ptr[1] == '`')
		return refuse_at(r, "bad_delimiter", t, "the delimiter");
	r->st->key_delimiter = kcql_memory_text(r->m, text.ptr + 1, 1);
	return true;
}

/*
 * Clauses that the MQTT source reads and ignores.
 */

static bool
autocreate(struct reader *r)
{
	extra_true(r, "autocreate");
	return true;
}

static bool
autoevolve(struct reader *r)
{
	extra_true(r, "autoevolve");
	return true;
}

static bool
unwrap(struct reader *r)
{
	extra_true(r, "unwrap");
	return true;
}

static bool
nopartition(struct reader *r)
{
	extra_string(r, "partitions", (struct kcql_text) { "none", 4 });
	return true;
}

/* column ( COMMA column )* : a constant or a star crashes. */
static bool
primary_key(struct reader *r)
{
	struct kcql_statement keys = { .source = { "", 0 } };
	struct kcql_column c, *list = NULL;
	struct kcql_buf b = { 0 };
	const struct kcql_text no_alias = { NULL, 0 };

	for (;; step(r)) {
		r->n_nested = 0;
		if (!column(r))
			return false;
		if (r->n_nested == 0)
			return refuse_at(r, "syntax", r->now, "no name of a key, before");
		r->n_nested--;
		if (!field_from(
			r, r->nested, r->n_nested, r->nested[r->n_nested], no_alias, &c))
			return false;
		append(r, &list, &keys.n_columns, &c);
		if (!at(r, TOKEN_COMMA))
			break;
	}
	keys.columns = list;
	kcql_print_fields(&b, &keys);
	extra_buf(r, "pk", &b);
	return true;
}

static bool
with_target(struct reader *r)
{
	struct kcql_text t;

	if (!take(r, TOKEN_EQUAL) || !fields_or_topics(r, &t))
		return false;
	extra_string(r, "with_target", t);
	return true;
}

static bool
batch(struct reader *r)
{
	return take(r, TOKEN_EQUAL) && number(r, "batch", INT32_MAX);
}

static bool
ttl(struct reader *r)
{
	return take(r, TOKEN_EQUAL) && number(r, "ttl", INT64_MAX);
}

static bool
limit(struct reader *r)
{
	return number(r, "limit", INT32_MAX);
}

/* A list of pairs or names, sorted to find equal ones. */
struct pair {
	struct kcql_text name, value;
	size_t index;
};

static int
compare_folded(struct kcql_text a, struct kcql_text b)
{
	size_t len = a.len < b.len ? a.len : b.len;

	for (size_t i = 0; i < len; i++) {
		char x = kcql_lower(a.ptr[i]), y = kcql_lower(b.ptr[i]);

		if (x != y)
			return (unsigned char)x < (unsigned char)y ? -1 : 1;
	}
	return (a.len > b.len) - (a.len < b.len);
}

static int
compare_pairs_folded(const void *a, const void *b)
{
	return compare_folded(
	    ((const struct pair *)a)->name, ((const struct pair *)b)->name);
}

static bool
names_differ(struct reader *r, const struct pair *list, size_t n)
{
	struct pair *sorted = kcql_memory_alloc(r->m, (n + 1) * sizeof(*sorted));

	if (n == 0)
		return true;
	memcpy(sorted, list, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), compare_pairs_folded);
	for (size_t i = 1; i < n; i++)
		if (compare_pairs_folded(&sorted[i - 1], &sorted[i]) == 0)
			return refuse_at(
			    r, "syntax", r->now, "a name that stands twice, before");
	return true;
}

/* One name: any row of fields, quoted fields and dots, or a string. */
static bool
partition_name(struct reader *r, struct kcql_text *out)
{
	const unsigned kinds = KIND(TOKEN_ESCAPED_FIELD) | FIELD | DOT;
	struct kcql_text t;
	size_t begin = r->now.pos;

	if (at(r, TOKEN_STRING))
		return one(r, STRING, out);
	if (!glued(r, kinds, out))
		return false;
	if (!at(r, TOKEN_STAR) || out->ptr[out->len - 1] != '.' || begin == r->now.pos)
		return true;
	t = *out;
	*out = kcql_memory_printf(r->m, "%s*", t.ptr);
	step(r);
	return true;
}

static bool
partition_by(struct reader *r)
{
	struct pair p = { 0 }, *list = NULL;
	struct kcql_buf b = { 0 };
	size_t n = 0;

	for (;; step(r)) {
		if (!partition_name(r, &p.name))
			return false;
		list = kcql_memory_grow(r->m, list, n, sizeof(*list));
		list[n++] = p;
		if (!at(r, TOKEN_COMMA))
			break;
	}
	if (!names_differ(r, list, n))
		return false;
	for (size_t i = 0; i < n; i++) {
		kcql_memory_puts(&b, i > 0 ? "," : "[");
		kcql_print_string(&b, list[i].name);
	}
	kcql_memory_puts(&b, "]");
	extra_buf(r, "partition_by", &b);
	return true;
}

static bool
format(struct reader *r)
{
	static const char *const names[] = { "AVRO", "PROTOBUF", "TEXT", "BINARY", "JSON",
		"OBJECT", "MAP" };
	struct token t = r->now;
	struct kcql_text text;

	if (!one(r, FIELD, &text))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (is_any_case(text, names[i])) {
			extra_string(r, "format",
			    (struct kcql_text) { names[i], strlen(names[i]) });
			return true;
		}
	return refuse_at(r, "syntax", t, "no format:");
}

static void
put_pairs(struct kcql_buf *out, const struct pair *list, size_t n)
{
	kcql_memory_puts(out, "{");
	for (size_t i = 0; i < n; i++) {
		kcql_memory_puts(out, i > 0 ? "," : "");
		kcql_print_string(out, list[i].name);
		kcql_memory_puts(out, ":");
		kcql_print_string(out, list[i].value);
	}
	kcql_memory_puts(out, "}");
}

/* LEFT_PARAN tuple ( COMMA tuple )* RIGHT_PARAN */
static bool
store_parameters(struct reader *r, struct pair **list, size_t *n)
{
	struct pair p = { 0 };

	do {
		step(r);
		if (!field_or_glued(r, 0, &p.name) || !take(r, TOKEN_EQUAL) ||
		    !field_or_glued(r, INT, &p.value))
			return false;
		*list = kcql_memory_grow(r->m, *list, *n, sizeof(**list));
		(*list)[(*n)++] = p;
	} while (at(r, TOKEN_COMMA));
	return take(r, TOKEN_CLOSE);
}

static void
delete_backticks(struct kcql_text *t, char *to)
{
	size_t n = 0;

	for (size_t i = 0; i < t->len; i++)
		if (t->ptr[i] != '`')
			to[n++] = t->ptr[i];
	*t = (struct kcql_text) { to, n };
}

static bool
store_as(struct reader *r)
{
	struct kcql_text type;
	struct pair *list = NULL;
	struct kcql_buf b = { 0 };
	size_t n = 0;

	if (!field_or_glued(r, 0, &type))
		return false;
	delete_backticks(&type, kcql_memory_alloc(r->m, type.len + 1));
	extra_string(r, "store_as", type);
	while (at(r, TOKEN_OPEN))
		if (!store_parameters(r, &list, &n))
			return false;
	if (!names_differ(r, list, n))
		return false;
	if (n > 0) {
		put_pairs(&b, list, n);
		extra_buf(r, "store_as_parameters", &b);
	}
	return true;
}

static bool
incremental_mode(struct reader *r)
{
	struct kcql_text t;

	if (!take(r, TOKEN_EQUAL) || !one(r, FIELD | TOPICNAME, &t))
		return false;
	extra_string(r, "incremental_mode", t);
	return true;
}

static bool
with_type(struct reader *r)
{
	struct kcql_text t;

	if (!one(r, FIELD, &t))
		return false;
	extra_string(r, "type", t);
	return true;
}

/* '=' kinds, unescaped */
static bool
equal_name(struct reader *r, unsigned kinds, const char *name)
{
	struct kcql_text t;

	if (!take(r, TOKEN_EQUAL) || !one(r, kinds, &t) || !unescape(r, &t))
		return false;
	extra_string(r, name, t);
	return true;
}

static bool
doc_type(struct reader *r)
{
	return equal_name(r, FIELD | TOPICNAME | INT, "doc_type");
}

static bool
index_suffix(struct reader *r)
{
	return equal_name(r, FIELD | TOPICNAME | INT, "index_suffix");
}

static bool
jms_selector(struct reader *r)
{
	return equal_name(r, TOPICNAME, "jms_selector");
}

static bool
subscription(struct reader *r)
{
	return equal_name(r, FIELD, "subscription");
}

static bool
pipeline(struct reader *r)
{
	struct kcql_text t;

	if (!take(r, TOKEN_EQUAL) || !glued(r, FIELD | DOT | TOPICNAME | INT, &t) ||
	    !unescape(r, &t))
		return false;
	extra_string(r, "pipeline", t);
	return true;
}

static int
compare_pairs(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	size_t len = x->name.len < y->name.len ? x->name.len : y->name.len;
	int d = memcmp(x->name.ptr, y->name.ptr, len);

	if (d == 0)
		d = (x->name.len > y->name.len) - (x->name.len < y->name.len);
	return d != 0 ? d : (x->index > y->index) - (x->index < y->index);
}

/* A map: of equal names the last one counts. */
static void
put_map(struct reader *r, struct pair *list, size_t n)
{
	struct kcql_buf b = { 0 };
	size_t kept = 0;

	if (n == 0)
		return;
	qsort(list, n, sizeof(*list), compare_pairs);
	for (size_t i = 0; i < n; i++)
		if (i + 1 == n || !kcql_text_equal(list[i].name, list[i + 1].name))
			list[kept++] = list[i];
	put_pairs(&b, list, kept);
	extra_buf(r, "properties", &b);
}

/* property : property_name EQUAL property_value ; */
static bool
property(struct reader *r, struct pair *out)
{
	if (!field_or_glued(r, STRING, &out->name) || !unescape(r, &out->name) ||
	    !take(r, TOKEN_EQUAL) || !field_or_glued(r, INT | STRING, &out->value) ||
	    !unescape(r, &out->value))
		return false;
	return strip(&out->value, '\'') ||
	       refuse_at(r, "syntax", r->now, "a value of one quote, before");
}

static bool
properties(struct reader *r)
{
	struct pair p, *list = NULL;
	size_t n = 0;

	if (!take(r, TOKEN_OPEN))
		return false;
	for (; !at(r, TOKEN_CLOSE) || n > 0; step(r)) {
		p = (struct pair) { .index = n };
		if (!property(r, &p))
			return false;
		list = kcql_memory_grow(r->m, list, n, sizeof(*list));
		list[n++] = p;
		if (!at(r, TOKEN_COMMA))
			break;
	}
	put_map(r, list, n);
	return take(r, TOKEN_CLOSE);
}

/*
 * Statements.
 */

struct rule {
	enum token_kind keyword;
	bool (*read)(struct reader *);
	int clause; /* of headrace, or -1 */
};

/* insert_from_clause: the clauses in the only order that they may stand in. */
static const struct rule insert_rules[] = {
	{ TOKEN_IGNORE, ignore, KCQL_IGNORE },
	{ TOKEN_AUTOCREATE, autocreate, -1 },
	{ TOKEN_WITHSTRUCTURE, structure, KCQL_WITHSTRUCTURE },
	{ TOKEN_PK, primary_key, -1 },
	{ TOKEN_WITHTARGET, with_target, -1 },
	{ TOKEN_AUTOEVOLVE, autoevolve, -1 },
	{ TOKEN_BATCH, batch, -1 },
	{ TOKEN_PARTITIONBY, partition_by, -1 },
	{ TOKEN_NOPARTITION, nopartition, -1 },
	{ TOKEN_WITHTIMESTAMP, timestamp, KCQL_WITHTIMESTAMP },
	{ TOKEN_TIMESTAMPUNIT, timestamp_unit, KCQL_TIMESTAMPUNIT },
	{ TOKEN_WITHFORMAT, format, -1 },
	{ TOKEN_WITHUNWRAP, unwrap, -1 },
	{ TOKEN_STOREAS, store_as, -1 },
	{ TOKEN_WITHTAG, tags, KCQL_WITHTAG },
	{ TOKEN_INCREMENTALMODE, incremental_mode, -1 },
	{ TOKEN_WITHTYPE, with_type, -1 },
	{ TOKEN_WITHDOCTYPE, doc_type, -1 },
	{ TOKEN_WITHINDEXSUFFIX, index_suffix, -1 },
	{ TOKEN_TTL, ttl, -1 },
	{ TOKEN_WITHCONVERTER, converter, KCQL_WITHCONVERTER },
	{ TOKEN_WITHJMSSELECTOR, jms_selector, -1 },
	{ TOKEN_WITHKEY, key, KCQL_WITHKEY },
	{ TOKEN_KEYDELIMITER, key_delimiter, KCQL_KEYDELIMITER },
	{ TOKEN_WITHPIPELINE, pipeline, -1 },
	{ TOKEN_WITHSUBSCRIPTION, subscription, -1 },
	{ TOKEN_WITHREGEX, regex, KCQL_WITHREGEX },
	{ TOKEN_LIMIT, limit, -1 },
	{ TOKEN_PROPERTIES, properties, KCQL_PROPERTIES },
};

/* select_clause: those of a statement without INSERT. */
static const struct rule select_rules[] = {
	{ TOKEN_IGNORE, ignore, KCQL_IGNORE },
	{ TOKEN_PK, primary_key, -1 },
	{ TOKEN_WITHSTRUCTURE, structure, KCQL_WITHSTRUCTURE },
	{ TOKEN_WITHFORMAT, format, -1 },
	{ TOKEN_WITHUNWRAP, unwrap, -1 },
	{ TOKEN_LIMIT, limit, -1 },
	{ TOKEN_STOREAS, store_as, -1 },
	{ TOKEN_WITHTAG, tags, KCQL_WITHTAG },
	{ TOKEN_INCREMENTALMODE, incremental_mode, -1 },
	{ TOKEN_WITHDOCTYPE, doc_type, -1 },
	{ TOKEN_WITHINDEXSUFFIX, index_suffix, -1 },
	{ TOKEN_WITHCONVERTER, converter, KCQL_WITHCONVERTER },
	{ TOKEN_KEYDELIMITER, key_delimiter, KCQL_KEYDELIMITER },
	{ TOKEN_TTL, ttl, -1 },
};

static bool
clauses(struct reader *r, const struct rule *rule, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!at(r, rule[i].keyword))
			continue;
		if (rule[i].clause >= 0)
			r->st->clause[rule[i].clause] = kcql_scan_place(r->s, r->now.pos);
		step(r);
		if (!rule[i].read(r))
			return false;
	}
	return true;
}

/* topic_name, table_name : ( FIELD | TOPICNAME | DOT )+ | STRING ; */
static bool
glued_name(struct reader *r, struct kcql_text *out, struct kcql_place *at_)
{
	*at_ = kcql_scan_place(r->s, r->now.pos);
	if (at(r, TOKEN_STRING))
		return one(r, STRING, out) && unescape(r, out);
	return glued(r, FIELD | TOPICNAME | DOT, out) && unescape(r, out);
}

/* INSERT INTO name | UPSERT INTO name | UPSERT PK FIELD INTO name */
static bool
write_mode(struct reader *r)
{
	struct kcql_text ignored;

	r->st->mode = at(r, TOKEN_UPSERT) ? KCQL_UPSERT : KCQL_INSERT;
	step(r);
	if (r->st->mode == KCQL_UPSERT && at(r, TOKEN_PK)) {
		r->st->mode = KCQL_NO_MODE;
		step(r);
		if (!one(r, FIELD, &ignored))
			return false;
	}
	return take(r, TOKEN_INTO) && glued_name(r, &r->st->target, &r->st->target_at);
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool
statement(struct reader *r)
{
	struct kcql_statement *st = r->st;
	bool insert = at(r, TOKEN_INSERT) || at(r, TOKEN_UPSERT);

	st->mode = KCQL_NO_MODE;
	if ((insert && !write_mode(r)) || !take(r, TOKEN_SELECT) ||
	    !column_list(r, false) || !take(r, TOKEN_FROM) ||
	    !glued_name(r, &st->source, &st->source_at))
		return false;
	if (!(insert ? clauses(r, insert_rules, COUNT(insert_rules))
		     : clauses(r, select_rules, COUNT(select_rules))))
		return false;
	return columns_differ(r);
}

static bool
read_piece(struct kcql_scan *s, struct kcql_memory *m, size_t begin, size_t end,
    struct kcql_statement *st, struct kcql_fault *fault)
{
	struct reader r = { .s = s, .m = m, .fault = fault, .st = st };
	bool good;

	r.tokens = (struct kcql_tokens) { .text = s->text, .pos = begin, .end = end };
	step(&r);
	step(&r);
	*fault = (struct kcql_fault) { .statement = begin };
	*st = (struct kcql_statement) {
		.unit = KCQL_MILLISECONDS,
		.key_delimiter = { ".", 1 },
		.at = kcql_scan_place(s, r.now.pos),
	};
	good = statement(&r);
	s->steps += r.tokens.steps;
	if (!good && fault->pos < begin)
		fault->pos = fault->end = begin;
	st->columns = r.columns;
	st->key_columns = r.key_columns;
	st->header_columns = r.header_columns;
	st->ignored = r.ignored;
	st->all_columns = st->n_columns == 1 && r.columns[0].path.all &&
	                  r.columns[0].path.n_segments == 0 &&
	                  r.columns[0].path.from == KCQL_VALUE;
	return good;
}

/*
 * The configuration is cut at every `;`, also within quotes; empty pieces at the end
 * do not count (Java's String.split).
 */
bool
kcql_lenses_parse(struct kcql_scan *s, struct kcql_memory *m, struct kcql_list *out,
    struct kcql_fault *fault)
{
	size_t begin = 0, end = s->len, cut;
	const char *semicolon;

	*out = (struct kcql_list) { NULL, 0 };
	if (s->cut) {
		*fault = (struct kcql_fault) { .code = "illegal_character",
			.pos = s->len,
			.end = s->len,
			.what = kcql_memory_printf(m, "the text is not UTF-8") };
		return false;
	}
	while (end > 0 && s->text[end - 1] == ';')
		end--;
	if (end == 0 && s->len > 0)
		return true;
	do {
		semicolon = memchr(s->text + begin, ';', end - begin);
		cut = semicolon == NULL ? end : (size_t)(semicolon - s->text);
		out->statement = kcql_memory_grow(
		    m, out->statement, out->n, sizeof(*out->statement));
		if (!read_piece(s, m, begin, cut, &out->statement[out->n], fault))
			return false;
		out->n++;
		begin = cut + 1;
	} while (begin <= end);
	return true;
}
