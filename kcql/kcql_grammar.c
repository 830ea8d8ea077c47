/*
 * The grammar of KCQL as recursive descent: each function reads the rule that stands
 * over it, in the notation of README.md, and returns false when the text does not
 * follow it.  The first fault ends the reading.
 *
 * Words are taken from the text as the rules ask for them, because what ends a word
 * depends on the rule: `a.b*` is one topic filter but two segments and a star, and
 * the name `batch` is no keyword where a name is needed.
 *
 * What can be checked only on a whole statement is in kcql_check.c.
 */
#include "kcql/kcql_grammar.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "kcql/kcql_check.h"
#include "kcql/kcql_spell.h"
#include "kcql/kcql_words.h"

#define MAX_LEVEL 65535u /* an MQTT topic has at most 65,535 bytes */

/* What could stand at a place. */
struct expect {
	const char *const *item;
	size_t n;
};
#define EXPECT(name, ...)                                          \
	static const char *const name##_items[] = { __VA_ARGS__ }; \
	static const struct expect name = { name##_items,          \
		sizeof(name##_items) / sizeof(name##_items[0]) }

EXPECT(a_mode, "INSERT", "UPSERT");
EXPECT(the_into, "INTO");
EXPECT(the_select, "SELECT");
EXPECT(a_target, "the name of a Kafka topic");
EXPECT(a_source, "an MQTT topic filter");
EXPECT(a_column, "a column");
EXPECT(an_alias, "an alias");
EXPECT(after_column, ",", "AS", "FROM");
EXPECT(after_alias, ",", "FROM");
EXPECT(a_name, "a name");
EXPECT(a_field, "a field");
EXPECT(a_tag, "a field or a header name");
EXPECT(a_header, "a header name");
EXPECT(a_value, "a value");
EXPECT(after_tag, "=", "AS", ",", ")");
EXPECT(after_item, ",", ")");
EXPECT(a_timestamp, "a field or sys_time()");
EXPECT(a_unit, "a unit");
EXPECT(a_class, "a class name");
EXPECT(a_delimiter, "a delimiter");
EXPECT(a_regex, "a regular expression");
EXPECT(a_property, "a property", ")");
EXPECT(the_equal, "=");
EXPECT(an_open, "(");
EXPECT(a_close, ")");

struct parser {
	struct kcql_scan *s;
	struct kcql_memory *m;
	struct kcql_fault *fault;
	struct kcql_statement *st; /* being read */
	size_t begin;              /* where it begins */
	/* The name read last: only a keyword or punctuation may touch its end. */
	size_t last_end;
	bool last_quoted;
	/* Pieces of the path being read; the room is kept. */
	struct kcql_piece *piece;
	size_t n_pieces, most_pieces;
};

/*
 * Faults.
 */

static bool
fail_to(struct parser *p, const char *code, size_t pos, size_t end, struct expect expect,
    struct kcql_text what)
{
	*p->fault = (struct kcql_fault) {
		.code = code,
		.statement = p->begin,
		.pos = pos,
		.end = end,
		.expected = expect.item,
		.n_expected = expect.n,
		.what = what,
	};
	return false;
}

__attribute__((format(printf, 5, 6))) static bool
fail(struct parser *p, const char *code, size_t pos, size_t end, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return fail_to(p, code, pos, end, (struct expect) { NULL, 0 },
	    kcql_memory_text(p->m, text, strlen(text)));
}

/* The text from begin to end for a message that goes through fail(). */
static const char *
show(struct parser *p, size_t begin, size_t end)
{
	return kcql_fault_excerpt(p->m, p->s->text + begin, end - begin, 60).ptr;
}

static bool
illegal(struct parser *p, size_t pos)
{
	const unsigned char *c = (const unsigned char *)p->s->text + pos;
	size_t bytes;

	if (pos >= p->s->len)
		return fail(p, "illegal_character", pos, pos,
		    "byte 0x%02X is not UTF-8; save the text as UTF-8", *c);
	(void)kcql_scan_class(p->s, pos, &bytes);
	if (bytes == 3)
		return fail(p, "illegal_character", pos, pos + bytes,
		    "the typographic quote %.3s is no quote; write ` ' or \" instead", c);
	return fail(p, "illegal_character", pos, pos + bytes,
	    "the control character U+%04X may stand within quotes only",
	    bytes == 1 ? c[0] : c[1]);
}

/* Where the token at pos ends. */
static size_t
token_end(struct parser *p, size_t pos)
{
	size_t bytes, stuck, end;
	size_t saved = p->s->pos;

	switch (kcql_scan_class(p->s, pos, &bytes)) {
	case SCAN_WORD:
		p->s->pos = pos;
		end = kcql_scan_word(p->s, "");
		p->s->pos = saved;
		return end;
	case SCAN_QUOTE:
		p->s->pos = pos;
		end = kcql_scan_quote(p->s, &stuck);
		p->s->pos = saved;
		return end == SIZE_MAX ? stuck : end + 1;
	case SCAN_END:
		return pos;
	default:
		return pos + bytes;
	}
}

/* Not what was expected: `code`, or why the text cannot stand there at all. */
static bool
unexpected(struct parser *p, const char *code, struct expect expect, const char *advice)
{
	size_t pos = p->s->pos, end = token_end(p, pos), bytes;
	enum scan_class c = kcql_scan_class(p->s, pos, &bytes);
	const char *found = show(p, pos, end);

	if (c == SCAN_ILLEGAL)
		return illegal(p, pos);
	if (pos == p->last_end && (c == SCAN_QUOTE || (c == SCAN_WORD && p->last_quoted)))
		return fail(p, "mixed_quoting", pos, end,
		    "%s touches the name before it; quote the whole name once, or put a "
		    "blank between two names",
		    found);
	if (c == SCAN_END)
		return fail_to(p, code, pos, end, expect,
		    kcql_memory_printf(p->m, "unexpected end of the text"));
	return fail_to(p, code, pos, end, expect,
	    kcql_memory_printf(p->m, "unexpected '%s'%s%s%s", found, *advice ? " (" : "",
		advice, *advice ? ")" : ""));
}

/*
 * Tokens.
 */

static bool
at(struct parser *p, char c)
{
	return kcql_scan_at(p->s, c);
}

static void
advance(struct parser *p, size_t pos)
{
	p->s->pos = pos;
	kcql_scan_skip(p->s);
}

static struct kcql_place
here(struct parser *p)
{
	return kcql_scan_place(p->s, p->s->pos);
}

static bool
punctuation(struct parser *p, char c, struct expect expect)
{
	if (!at(p, c))
		return unexpected(p, "syntax", expect, "");
	advance(p, p->s->pos + 1);
	return true;
}

/* If the keyword stands here: reads it. */
static bool
keyword(struct parser *p, const char *word)
{
	size_t end = kcql_scan_word(p->s, "*");

	if (!kcql_words_equal(p->s->text + p->s->pos, end - p->s->pos, word))
		return false;
	advance(p, end);
	return true;
}

static bool
need(struct parser *p, const char *word, struct expect expect)
{
	const char *near;
	size_t end;

	if (keyword(p, word))
		return true;
	end = kcql_scan_word(p->s, "*");
	near = kcql_fault_nearest(
	    p->s->text + p->s->pos, end - p->s->pos, (const char *const[]) { word }, 1);
	return unexpected(p, "syntax", expect,
	    near == NULL ? "" : kcql_memory_printf(p->m, "did you mean %s?", near).ptr);
}

/* quoted = "`" , text , "`" | "'" , text , "'" | '"' , text , '"' ; */
static bool
quoted(struct parser *p, struct kcql_piece *out)
{
	size_t open = p->s->pos, stuck, close = kcql_scan_quote(p->s, &stuck);
	char quote = p->s->text[open];

	if (close == SIZE_MAX && stuck == p->s->len && p->s->cut)
		return illegal(p, stuck);
	if (close == SIZE_MAX)
		return fail(p, "unterminated_quote", open, stuck,
		    "the quote that begins here has no closing %c%s", quote,
		    quote == '`' ? "" : " on its line");
	*out = (struct kcql_piece) {
		.text = kcql_memory_text(p->m, p->s->text + open + 1, close - open - 1),
		.quote = quote,
		.pos = open,
	};
	p->last_end = close + 1;
	p->last_quoted = true;
	advance(p, close + 1);
	return true;
}

/* A bare word up to a stop character, or a quoted text, which may be empty. */
static bool
word(struct parser *p, const char *stops, struct expect expect, struct kcql_piece *out)
{
	size_t begin = p->s->pos, end, bytes;

	if (kcql_scan_class(p->s, begin, &bytes) == SCAN_QUOTE)
		return quoted(p, out);
	end = kcql_scan_word(p->s, stops);
	if (end == begin)
		return unexpected(p, "syntax", expect, "");
	if (kcql_scan_class(p->s, end, &bytes) == SCAN_ILLEGAL)
		return illegal(p, end);
	*out = (struct kcql_piece) {
		.text = kcql_memory_text(p->m, p->s->text + begin, end - begin),
		.pos = begin,
	};
	p->last_end = end;
	p->last_quoted = false;
	advance(p, end);
	return true;
}

/* value = bare-word | quoted ; */
static bool
value(struct parser *p, struct expect expect, struct kcql_piece *out)
{
	return word(p, "", expect, out);
}

static bool
not_empty(struct parser *p, const struct kcql_piece *piece, const char *what)
{
	if (piece->text.len > 0)
		return true;
	return fail(p, "empty_name", piece->pos, piece->pos + 2,
	    "the quotes are empty; write %s between them", what);
}

/* name = bare-word | quoted ; */
static bool
name(struct parser *p, struct expect expect, struct kcql_text *out)
{
	static const char *const reserved[] = { "INSERT", "UPSERT", "INTO", "SELECT",
		"FROM", "insert", "upsert", "into", "select", "from" };
	struct kcql_piece piece;

	if (!value(p, expect, &piece) || !not_empty(p, &piece, expect.item[0]))
		return false;
	for (size_t i = 0;
	     piece.quote == '\0' && i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(piece.text.ptr, reserved[i]) == 0)
			return fail(p, "reserved_word", piece.pos,
			    piece.pos + piece.text.len,
			    "%s is missing before %s; a name that is spelled so needs "
			    "quotes: "
			    "`%s`",
			    expect.item[0], piece.text.ptr, piece.text.ptr);
	*out = piece.text;
	return true;
}

/*
 * Paths.
 */

enum path_kind { PATH_COLUMN, PATH_FIELD, PATH_KEY };

static bool
digits_only(struct kcql_text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.ptr[i] < '0' || t.ptr[i] > '9')
			return false;
	return t.len > 0;
}

static bool
is_bare(const struct kcql_piece *piece, const char *text)
{
	return piece->quote == '\0' && strcmp(piece->text.ptr, text) == 0;
}

/* segment = bare-segment | quoted ; */
static bool
segment(struct parser *p, struct expect expect, bool digits, struct kcql_piece *out)
{
	if (!word(p, ".*", expect, out) || !not_empty(p, out, "a name"))
		return false;
	if (digits || out->quote != '\0' || !digits_only(out->text))
		return true;
	return fail(p, "number_as_name", out->pos, out->pos + out->text.len,
	    "a number is no name; a field that is called so needs quotes: `%s`",
	    show(p, out->pos, out->pos + out->text.len));
}

static void
keep_piece(struct parser *p, const struct kcql_piece *piece)
{
	if (p->n_pieces == p->most_pieces) {
		p->piece = kcql_memory_grow(
		    p->m, p->piece, p->n_pieces, sizeof(*p->piece));
		p->most_pieces++;
	}
	p->piece[p->n_pieces++] = *piece;
}

/* `_` and `.` in front: what follows names a property of the message. */
static bool
is_metadata(const struct parser *p)
{
	return p->n_pieces > 0 && is_bare(&p->piece[0], "_");
}

static bool
sink_only_field(struct parser *p, size_t pos, size_t end)
{
	return fail(p, "sink_only_field", pos, end,
	    "%s is part of a Kafka record; an MQTT message has _.topic, _.timestamp, "
	    "_.qos, "
	    "_.id, _.retained and _.dup (a field that is called so needs quotes)",
	    show(p, pos, end));
}

static bool
bad_metadata(struct parser *p, size_t pos, size_t end)
{
	return fail(p, "bad_metadata", pos, end,
	    "after _. may follow topic, topic.N (its N-th level, from 1), timestamp, "
	    "qos, id, "
	    "retained or dup");
}

static bool
topic_level(const struct kcql_piece *piece, unsigned *out)
{
	unsigned n = 0;

	if (piece->quote != '\0' || !digits_only(piece->text))
		return false;
	for (size_t i = 0; i < piece->text.len; i++) {
		n = 10 * n + (unsigned)(piece->text.ptr[i] - '0');
		if (n > MAX_LEVEL)
			return false;
	}
	*out = n;
	return n >= 1;
}

static const struct {
	const char *word;
	enum kcql_from from;
} metadata_words[] = {
	{ "topic", KCQL_TOPIC },
	{ "timestamp", KCQL_TIMESTAMP },
	{ "qos", KCQL_QOS },
	{ "id", KCQL_ID },
	{ "retained", KCQL_RETAINED },
	{ "dup", KCQL_DUP },
	{ "key", KCQL_KEY },
	{ "partition", KCQL_PARTITION },
	{ "offset", KCQL_OFFSET },
};

/* metadata = "_" , "." , word , [ "." , number ] ;  The pieces are read already. */
static bool
metadata(struct parser *p, size_t end, struct kcql_path *out)
{
	size_t pos = p->piece[0].pos, i = 0;
	size_t n = sizeof(metadata_words) / sizeof(metadata_words[0]);

	if (p->n_pieces < 2)
		return bad_metadata(p, pos, end);
	while (i < n && !kcql_words_equal(p->piece[1].text.ptr, p->piece[1].text.len,
			    metadata_words[i].word))
		i++;
	if (i == n)
		return bad_metadata(p, pos, end);
	out->from = metadata_words[i].from;
	if (out->from >= KCQL_KEY)
		return sink_only_field(p, pos, end);
	if (out->all || p->n_pieces > 3 ||
	    (p->n_pieces == 3 &&
		(out->from != KCQL_TOPIC || !topic_level(&p->piece[2], &out->level))))
		return bad_metadata(p, pos, end);
	return true;
}

/* segment , { "." , segment } , [ "." , "*" ], the latter in a column only. */
static bool
pieces(struct parser *p, enum path_kind kind, struct expect expect, struct kcql_path *out)
{
	struct kcql_piece piece;
	size_t bytes;

	p->n_pieces = 0;
	if (!segment(p, expect, kind == PATH_KEY, &piece))
		return false;
	keep_piece(p, &piece);
	while (at(p, '.')) {
		advance(p, p->s->pos + 1);
		if (kind == PATH_COLUMN && at(p, '*')) {
			advance(p, p->s->pos + 1);
			out->all = true;
			return true;
		}
		enum scan_class c = kcql_scan_class(p->s, p->s->pos, &bytes);
		bool name_follows = c == SCAN_QUOTE ||
		                    (c == SCAN_WORD && !at(p, '.') && !at(p, '*'));
		if (is_metadata(p) && !name_follows && c != SCAN_ILLEGAL)
			return metadata(p, p->s->pos, out) &&
			       bad_metadata(p, p->piece[0].pos, p->s->pos);
		if (!segment(p, a_name, kind == PATH_KEY || is_metadata(p), &piece))
			return false;
		keep_piece(p, &piece);
	}
	return true;
}

static struct kcql_text
keep(struct parser *p, struct kcql_buf *b)
{
	struct kcql_text t = kcql_memory_text(p->m, b->ptr, b->len);

	kcql_memory_buf_free(b);
	return t;
}

/* The path in one piece, as messages and JSON show it. */
static struct kcql_text
path_text(struct parser *p, bool all, bool key)
{
	struct kcql_buf b = { 0 };

	if (p->n_pieces == 1 && !all && !key)
		return p->piece[0].text;
	for (size_t i = 0; i < p->n_pieces; i++) {
		struct kcql_text t = p->piece[i].text;
		bool whole = key && p->piece[i].quote == '"' &&
		             memchr(t.ptr, '.', t.len) != NULL;

		kcql_memory_puts(&b, i > 0 ? "." : "");
		kcql_memory_puts(&b, whole ? "\"" : "");
		kcql_memory_putt(&b, t);
		kcql_memory_puts(&b, whole ? "\"" : "");
	}
	kcql_memory_puts(&b, all ? ".*" : "");
	return keep(p, &b);
}

static struct kcql_text
path_canon(struct parser *p, bool all, bool key)
{
	struct kcql_buf b = { 0 };

	if (p->n_pieces == 1 && !all && p->piece[0].quote == '\0' &&
	    p->piece[0].text.ptr[0] != '-')
		return p->piece[0].text;
	for (size_t i = 0; i < p->n_pieces; i++) {
		kcql_memory_puts(&b, i > 0 ? "." : "");
		kcql_spell_segment(&b, &p->piece[i], key);
	}
	kcql_memory_puts(&b, all ? ".*" : "");
	return keep(p, &b);
}

/* Where the pieces lead in the converted value. */
static void
path_segments(struct parser *p, struct kcql_path *out)
{
	size_t skip = is_bare(&p->piece[0], "_value");
	struct kcql_text *t = kcql_memory_alloc(p->m, p->n_pieces * sizeof(*t));

	out->of_value = skip > 0;
	out->n_segments = p->n_pieces - skip;
	for (size_t i = 0; i < out->n_segments; i++)
		t[i] = p->piece[i + skip].text;
	out->segment = t;
}

/*
 * path = segment , { "." , segment } ;
 *
 * Metadata is left for path_meaning(), because to the left of a tag's `=` it is
 * plain text.
 */
static bool
path(struct parser *p, enum path_kind kind, struct expect expect, struct kcql_path *out)
{
	*out = (struct kcql_path) { .at = here(p) };
	if (!pieces(p, kind, expect, out))
		return false;
	out->text = path_text(p, out->all, false);
	out->canon = path_canon(p, out->all, false);
	return true;
}

/* What the path just read stands for. */
static bool
path_meaning(struct parser *p, enum path_kind kind, struct kcql_path *out)
{
	const struct kcql_piece *first = &p->piece[0];
	bool longer = p->n_pieces > 1 || out->all;

	if (is_bare(first, "_") && longer)
		return metadata(p, p->last_end, out);
	if (kind == PATH_COLUMN &&
	    (is_bare(first, "_key") || (is_bare(first, "_header") && longer)))
		return sink_only_field(p, first->pos, first->pos + first->text.len);
	path_segments(p, out);
	return true;
}

/*
 * The list of columns.
 */

static struct kcql_text
output_name(struct parser *p, const struct kcql_column *c)
{
	const struct kcql_path *path = &c->path;

	if (c->alias.ptr != NULL)
		return c->alias;
	if (path->all)
		return (struct kcql_text) { "*", 1 };
	if (path->level > 0)
		return kcql_memory_printf(p->m, "topic_%u", path->level);
	if (path->from != KCQL_VALUE) {
		const char *w = metadata_words[path->from - KCQL_TOPIC].word;
		return (struct kcql_text) { w, strlen(w) };
	}
	if (path->n_segments == 0)
		return (struct kcql_text) { "_value", 6 };
	return path->segment[path->n_segments - 1];
}

static bool
from_is_missing_column(struct parser *p)
{
	size_t end = kcql_scan_word(p->s, ".*");
	const char *w = p->s->text + p->s->pos;

	return end - p->s->pos == 4 &&
	       (memcmp(w, "FROM", 4) == 0 || memcmp(w, "from", 4) == 0);
}

/* path , [ "." , "*" ] */
static bool
column_path(struct parser *p, struct kcql_path *out)
{
	size_t begin = p->s->pos;
	struct kcql_piece constant;

	if (from_is_missing_column(p))
		return unexpected(p, "syntax", a_column, "");
	if (at(p, '\''))
		return quoted(p, &constant) &&
		       fail(p, "unsupported_expression", begin, p->last_end,
			   "a text constant cannot be selected; a field that is called "
			   "so "
			   "needs backticks: `%s`, a constant header is WITHTAG(name = "
			   "value)",
			   show(p, begin + 1, p->last_end - 1));
	if (!path(p, PATH_COLUMN, a_column, out))
		return false;
	if (at(p, '('))
		return fail(p, "unsupported_expression", begin, p->s->pos,
		    "%s(...) is a function, and KCQL has none; a transform can compute "
		    "fields",
		    show(p, begin, p->last_end));
	return path_meaning(p, PATH_COLUMN, out);
}

static bool
star_alias(struct parser *p, size_t begin)
{
	return fail(p, "star_alias", begin, p->s->pos,
	    "* stands for several fields and cannot have one alias; name the fields");
}

/* "AS" , segment */
static bool
alias(struct parser *p, struct kcql_column *out)
{
	struct kcql_piece piece;

	if (from_is_missing_column(p))
		return unexpected(p, "syntax", an_alias, "");
	if (!segment(p, an_alias, false, &piece))
		return false;
	out->alias = piece.text;
	return true;
}

/* column = "*" | path , [ "." , "*" ] , [ "AS" , segment ] ; */
static bool
column(struct parser *p, struct kcql_column *out)
{
	size_t begin = p->s->pos;

	*out = (struct kcql_column) { .path.at = here(p) };
	if (at(p, '*')) {
		advance(p, begin + 1);
		out->path.all = true;
		out->path.text = out->path.canon = (struct kcql_text) { "*", 1 };
	} else if (!column_path(p, &out->path)) {
		return false;
	}
	if (keyword(p, "AS")) {
		if (out->path.all)
			return star_alias(p, begin);
		if (!alias(p, out))
			return false;
	}
	out->name = output_name(p, out);
	return true;
}

/* columns = column , { "," , column } ; */
static bool
columns(struct parser *p)
{
	struct kcql_statement *st = p->st;
	struct kcql_column c, *list = NULL;

	do {
		if (!column(p, &c))
			return false;
		list = kcql_memory_grow(p->m, list, st->n_columns, sizeof(*list));
		list[st->n_columns++] = c;
	} while (at(p, ',') && punctuation(p, ',', a_column));
	st->columns = list;
	st->all_columns = st->n_columns == 1 && c.path.all && c.path.n_segments == 0 &&
	                  !c.path.of_value;
	return need(p, "FROM", c.alias.ptr == NULL ? after_column : after_alias);
}

/*
 * The clauses.
 */

/* ignore = "IGNORE" , path , [ "." , "*" ] , { "," , path , [ "." , "*" ] } ; */
static bool
ignore(struct parser *p)
{
	struct kcql_statement *st = p->st;
	struct kcql_column c, *list = NULL;

	do {
		size_t begin = p->s->pos;

		c = (struct kcql_column) { .path.at = here(p) };
		if (!column_path(p, &c.path))
			return false;
		if (keyword(p, "AS"))
			return fail(p, "alias_in_ignore", begin, p->s->pos,
			    "a field that is left out needs no alias; rename fields in "
			    "the list "
			    "after SELECT");
		c.name = output_name(p, &c);
		list = kcql_memory_grow(p->m, list, st->n_ignored, sizeof(*list));
		list[st->n_ignored++] = c;
	} while (at(p, ',') && punctuation(p, ',', a_column));
	st->ignored = list;
	return true;
}

/* structure = "WITHSTRUCTURE" ; */
static bool
structure(struct parser *p)
{
	p->st->structure = true;
	return true;
}

/* timestamp = "WITHTIMESTAMP" , ( "sys_time" , "(" , ")" | path ) ; */
static bool
timestamp(struct parser *p)
{
	struct kcql_path *out = &p->st->timestamp;

	if (!path(p, PATH_FIELD, a_timestamp, out))
		return false;
	if (at(p, '(') && p->n_pieces == 1 && p->piece[0].quote == '\0' &&
	    kcql_words_equal(out->text.ptr, out->text.len, "sys_time")) {
		out->from = KCQL_TIMESTAMP;
		out->text = out->canon = (struct kcql_text) { "sys_time()", 10 };
		p->st->receive_time = true;
		return punctuation(p, '(', an_open) && punctuation(p, ')', a_close);
	}
	if (!path_meaning(p, PATH_FIELD, out))
		return false;
	p->st->receive_time = out->from == KCQL_TIMESTAMP;
	return true;
}

/* unit = "TIMESTAMPUNIT" , "=" , value ; */
static bool
unit(struct parser *p)
{
	struct kcql_piece piece;
	int i;

	if (!punctuation(p, '=', the_equal) || !value(p, a_unit, &piece))
		return false;
	i = kcql_words_unit(piece.text.ptr, piece.text.len);
	if (i < 0)
		return fail(p, "bad_unit", piece.pos, p->last_end,
		    "%s is no unit; write NANOSECONDS, MICROSECONDS, MILLISECONDS, "
		    "SECONDS, "
		    "MINUTES, HOURS or DAYS",
		    show(p, piece.pos, p->last_end));
	p->st->unit = (enum kcql_unit)i;
	return true;
}

/* tag = path , [ "=" , value | "AS" , value ] ; */
static bool
tag(struct parser *p, struct kcql_tag *out)
{
	struct kcql_piece piece;

	*out = (struct kcql_tag) { .kind = KCQL_TAG_DEFAULT };
	if (!path(p, PATH_FIELD, a_tag, &out->path))
		return false;
	out->header = out->path.text;
	if (at(p, '=')) {
		advance(p, p->s->pos + 1);
		out->kind = KCQL_TAG_CONSTANT;
		if (!value(p, a_value, &piece))
			return false;
		out->value = piece.text;
		return true;
	}
	if (!path_meaning(p, PATH_FIELD, &out->path))
		return false;
	if (!keyword(p, "AS"))
		return true;
	out->kind = KCQL_TAG_ALIAS;
	if (!value(p, a_header, &piece) || !not_empty(p, &piece, "a header name"))
		return false;
	out->header = piece.text;
	return true;
}

/* tags = "WITHTAG" , "(" , tag , { "," , tag } , ")" ; */
static bool
tags(struct parser *p)
{
	struct kcql_statement *st = p->st;
	struct kcql_tag t, *list = NULL;

	if (!punctuation(p, '(', an_open))
		return false;
	do {
		if (!tag(p, &t))
			return false;
		list = kcql_memory_grow(p->m, list, st->n_tags, sizeof(*list));
		list[st->n_tags++] = t;
	} while (at(p, ',') && punctuation(p, ',', a_tag));
	st->tags = list;
	return punctuation(p, ')', t.kind == KCQL_TAG_DEFAULT ? after_tag : after_item);
}

/* converter = "WITHCONVERTER" , "=" , value ; */
static bool
converter(struct parser *p)
{
	struct kcql_piece piece;

	if (!punctuation(p, '=', the_equal) || !value(p, a_class, &piece) ||
	    !not_empty(p, &piece, "the name of a converter"))
		return false;
	p->st->converter = piece.text;
	return true;
}

/*
 * Fields that a piece of a key names: in ` or ' it is split at its dots, trailing empty
 * parts dropped, as Lenses does when it runs; in " it is not.
 */
static bool
split_key(
    struct parser *p, const struct kcql_piece *piece, struct kcql_text **list, size_t *n)
{
	const char *s = piece->text.ptr, *end = s + piece->text.len, *dot;
	bool split = piece->quote == '`' || piece->quote == '\'';

	while (split && end > s && end[-1] == '.')
		end--;
	if (end == s)
		return fail(p, "empty_name", piece->pos, piece->pos + piece->text.len + 2,
		    "there is no name between the dots; write a field");
	for (; s <= end; s = dot + 1) {
		dot = split ? memchr(s, '.', (size_t)(end - s)) : NULL;
		if (dot == NULL)
			dot = end;
		*list = kcql_memory_grow(p->m, *list, *n, sizeof(**list));
		(*list)[(*n)++] = kcql_memory_text(p->m, s, (size_t)(dot - s));
	}
	return true;
}

/* path ; here quotes are no part of a name but of its meaning. */
static bool
key_item(struct parser *p, struct kcql_path *out)
{
	struct kcql_text *list = NULL;

	*out = (struct kcql_path) { .at = here(p) };
	if (!pieces(p, PATH_KEY, a_field, out))
		return false;
	out->text = path_text(p, false, true);
	out->canon = path_canon(p, false, true);
	if (is_metadata(p) && p->n_pieces > 1)
		return metadata(p, p->last_end, out);
	out->of_value = is_bare(&p->piece[0], "_value");
	for (size_t i = out->of_value; i < p->n_pieces; i++)
		if (!split_key(p, &p->piece[i], &list, &out->n_segments))
			return false;
	out->segment = list;
	return true;
}

/* key = "WITHKEY" , "(" , path , { "," , path } , ")" ; */
static bool
key(struct parser *p)
{
	struct kcql_statement *st = p->st;
	struct kcql_path item, *list = NULL;

	if (!punctuation(p, '(', an_open))
		return false;
	do {
		if (!key_item(p, &item))
			return false;
		list = kcql_memory_grow(p->m, list, st->n_keys, sizeof(*list));
		list[st->n_keys++] = item;
	} while (at(p, ',') && punctuation(p, ',', a_field));
	st->keys = list;
	return punctuation(p, ')', after_item);
}

/* delimiter = "KEYDELIMITER" , "=" , value ; */
static bool
delimiter(struct parser *p)
{
	struct kcql_piece piece;

	if (!punctuation(p, '=', the_equal) || !value(p, a_delimiter, &piece))
		return false;
	if (piece.text.len == 0)
		return fail(p, "bad_delimiter", piece.pos, p->last_end,
		    "the delimiter is empty; write one or more characters, like '-'");
	p->st->key_delimiter = piece.text;
	return true;
}

/* regex = "WITHREGEX" , "=" , value ; */
static bool
regex(struct parser *p)
{
	struct kcql_piece piece;

	if (!punctuation(p, '=', the_equal) || !value(p, a_regex, &piece) ||
	    !not_empty(p, &piece, "a regular expression"))
		return false;
	p->st->regex = piece.text;
	return true;
}

/* properties = "PROPERTIES" , "(" , [ property , { "," , property } ] , ")" ;
 * There is no property yet that a source knows, so the first one is a fault. */
static bool
properties(struct parser *p)
{
	struct kcql_piece piece;

	if (!punctuation(p, '(', an_open))
		return false;
	if (at(p, ')'))
		return punctuation(p, ')', a_close);
	if (!value(p, a_property, &piece))
		return false;
	return fail(p, "unknown_property", piece.pos, p->last_end,
	    "the MQTT source knows no property, so not %s; remove it",
	    show(p, piece.pos, p->last_end));
}

static bool (*const clause_rules[KCQL_CLAUSES])(struct parser *) = {
	[KCQL_IGNORE] = ignore,
	[KCQL_WITHSTRUCTURE] = structure,
	[KCQL_WITHTIMESTAMP] = timestamp,
	[KCQL_TIMESTAMPUNIT] = unit,
	[KCQL_WITHTAG] = tags,
	[KCQL_WITHCONVERTER] = converter,
	[KCQL_WITHKEY] = key,
	[KCQL_KEYDELIMITER] = delimiter,
	[KCQL_WITHREGEX] = regex,
	[KCQL_PROPERTIES] = properties,
};

/* What is left to write at the end of a statement. */
static struct expect
what_may_follow(struct parser *p)
{
	const char **item = kcql_memory_alloc(p->m, (KCQL_CLAUSES + 1) * sizeof(*item));
	size_t n = 0;

	for (int i = 0; i < KCQL_CLAUSES; i++)
		if (p->st->clause[i].line == 0)
			item[n++] = kcql_words_clauses[i];
	item[n++] = ";";
	return (struct expect) { item, n };
}

static bool
trailing_text(struct parser *p)
{
	size_t end = kcql_scan_word(p->s, "*"), len = end - p->s->pos;
	const char *w = p->s->text + p->s->pos;
	struct expect expect = what_may_follow(p);
	const char *advice = kcql_words_sql(w, len);
	const char *near = NULL;

	if (advice == NULL)
		near = kcql_fault_nearest(w, len, expect.item, expect.n);
	if (near != NULL)
		advice = kcql_memory_printf(p->m, "did you mean %s?", near).ptr;
	return unexpected(p, "trailing_text", expect, advice == NULL ? "" : advice);
}

static bool
foreign_clause(struct parser *p, const struct kcql_foreign_clause *f, size_t end)
{
	static const struct {
		const char *code, *what;
	} kinds[] = {
		[KCQL_SINK_ONLY] = { "sink_only_clause",
		    "is a clause of sink connectors and has no meaning for an MQTT "
		    "source" },
		[KCQL_FOREIGN] = { "foreign_clause",
		    "is a clause of other connectors and has no meaning for an MQTT "
		    "source" },
		[KCQL_RETIRED] = { "retired_clause",
		    "is a clause of old KCQL versions that no MQTT source ever used" },
	};

	return fail(p, kinds[f->kind].code, p->s->pos, end, "%s %s; %s%sremove it",
	    f->word, kinds[f->kind].what, f->instead != NULL ? f->instead : "",
	    f->instead != NULL ? ", and " : "");
}

/* clause = ignore | structure | timestamp | ... ; each at most once, in any order */
static bool
clause(struct parser *p)
{
	size_t end = kcql_scan_word(p->s, "*"), len = end - p->s->pos;
	const char *w = p->s->text + p->s->pos;
	const struct kcql_foreign_clause *f;
	int i = kcql_words_clause(w, len);

	if (i >= 0 && p->st->clause[i].line > 0)
		return fail(p, "duplicate_clause", p->s->pos, end,
		    "%s stands here for the second time (the first is at line %u column "
		    "%u); "
		    "keep one of them",
		    kcql_words_clauses[i], p->st->clause[i].line,
		    p->st->clause[i].column);
	if (i >= 0) {
		p->st->clause[i] = here(p);
		advance(p, end);
		return clause_rules[i](p);
	}
	f = kcql_words_foreign(w, len);
	return f != NULL ? foreign_clause(p, f, end) : trailing_text(p);
}

static bool
at_end(struct parser *p)
{
	return at(p, ';') || (p->s->pos == p->s->len && !p->s->cut);
}

static bool
clauses(struct parser *p)
{
	while (!at_end(p))
		if (!clause(p))
			return false;
	return true;
}

/*
 * Statements.
 */

/* mode = "INSERT" | "UPSERT" ; */
static bool
mode(struct parser *p)
{
	size_t pos = p->s->pos, end;

	if (keyword(p, "SELECT"))
		return fail(p, "missing_target", pos, pos + 6,
		    "the Kafka topic is missing; write INSERT INTO <topic> before "
		    "SELECT");
	if (keyword(p, "INSERT")) {
		p->st->mode = KCQL_INSERT;
		return true;
	}
	if (!need(p, "UPSERT", a_mode))
		return false;
	p->st->mode = KCQL_UPSERT;
	end = kcql_scan_word(p->s, "*");
	if (kcql_words_equal(p->s->text + p->s->pos, end - p->s->pos, "PK"))
		return foreign_clause(p, kcql_words_foreign("PK", 2), end);
	return true;
}

static bool
target(struct parser *p)
{
	p->st->target_at = here(p);
	return name(p, a_target, &p->st->target);
}

static bool
source(struct parser *p)
{
	p->st->source_at = here(p);
	return name(p, a_source, &p->st->source);
}

static bool
columns_differ(struct parser *p)
{
	size_t i = kcql_check_duplicate(p->m, p->st, &p->s->steps);
	const struct kcql_column *c = &p->st->columns[i];

	if (i == p->st->n_columns)
		return true;
	*p->fault = (struct kcql_fault) {
		.code = "duplicate_field",
		.statement = p->begin,
		.what = kcql_memory_printf(p->m,
		    c->path.all ? "%s is selected twice; keep one of them"
				: "another column makes a field %s already; give one of "
				  "them another name with AS",
		    c->path.all ? c->path.text.ptr : c->name.ptr),
	};
	p->fault->pos = kcql_scan_find(p->s, c->path.at);
	p->fault->end = token_end(p, p->fault->pos);
	return false;
}

/* statement = mode , "INTO" , name , "SELECT" , columns , "FROM" , name , { clause } ; */
static bool
statement(struct parser *p, struct kcql_statement *out)
{
	*out = (struct kcql_statement) {
		.unit = KCQL_MILLISECONDS,
		.key_delimiter = { ".", 1 },
		.at = here(p),
	};
	p->st = out;
	return mode(p) && need(p, "INTO", the_into) && target(p) &&
	       need(p, "SELECT", the_select) && columns(p) && source(p) && clauses(p) &&
	       columns_differ(p);
}

/* configuration = { ";" } , statement , { ";" , [ statement ] } ; */
bool
kcql_grammar_parse(struct kcql_scan *s, struct kcql_memory *m, struct kcql_list *out,
    struct kcql_fault *fault)
{
	struct parser p = { .s = s, .m = m, .fault = fault, .last_end = SIZE_MAX };
	struct kcql_statement st;

	*out = (struct kcql_list) { NULL, 0 };
	for (;;) {
		p.begin = s->pos;
		kcql_scan_skip(s);
		if (at(&p, ';')) {
			s->pos++;
			continue;
		}
		if (at_end(&p))
			break;
		if (!statement(&p, &st))
			return false;
		out->statement = kcql_memory_grow(
		    m, out->statement, out->n, sizeof(*out->statement));
		out->statement[out->n++] = st;
	}
	if (out->n == 0)
		return fail(&p, "no_statement", s->pos, s->pos,
		    "there is no statement; write INSERT INTO <Kafka topic> SELECT * "
		    "FROM "
		    "<MQTT topic filter>");
	return true;
}
