/*
 * The grammar of KCQL as recursive descent: each function reads the rule that stands
 * over it, in the notation of README.md, and returns false when the text does not
 * follow it.  The first fault ends the reading.
 *
 * What can be checked only on a whole statement is in kcql_check.c.
 */
#include "kcql/kcql_grammar.h"

#include <stdint.h>
#include <string.h>

#include "kcql/kcql_check.h"
#include "kcql/kcql_path.h"
#include "kcql/kcql_words.h"

KCQL_EXPECT(a_mode, "INSERT", "UPSERT");
KCQL_EXPECT(the_into, "INTO");
KCQL_EXPECT(the_select, "SELECT");
KCQL_EXPECT(a_target, "the name of a Kafka topic");
KCQL_EXPECT(a_source, "an MQTT topic filter");
KCQL_EXPECT(a_column, "a column");
KCQL_EXPECT(an_alias, "an alias");
KCQL_EXPECT(after_column, ",", "AS", "FROM");
KCQL_EXPECT(after_alias, ",", "FROM");
KCQL_EXPECT(a_field, "a field");
KCQL_EXPECT(a_tag, "a field or a header name");
KCQL_EXPECT(a_header, "a header name");
KCQL_EXPECT(a_value, "a value");
KCQL_EXPECT(after_tag, "=", "AS", ",", ")");
KCQL_EXPECT(after_item, ",", ")");
KCQL_EXPECT(a_timestamp, "a field or sys_time()");
KCQL_EXPECT(a_unit, "a unit");
KCQL_EXPECT(a_class, "a class name");
KCQL_EXPECT(a_delimiter, "a delimiter");
KCQL_EXPECT(a_regex, "a regular expression");
KCQL_EXPECT(a_property, "a property", ")");
KCQL_EXPECT(the_equal, "=");
KCQL_EXPECT(an_open, "(");
KCQL_EXPECT(a_close, ")");

/* name = bare-word | quoted ; */
static bool
name(struct kcql_read *p, struct kcql_expect expect, struct kcql_text *out)
{
	static const char *const reserved[] = { "INSERT", "UPSERT", "INTO", "SELECT",
		"FROM", "insert", "upsert", "into", "select", "from" };
	struct kcql_piece piece;

	if (!kcql_read_value(p, expect, &piece) ||
	    !kcql_read_not_empty(p, &piece, expect.item[0]))
		return false;
	for (size_t i = 0;
	     piece.quote == '\0' && i < sizeof(reserved) / sizeof(reserved[0]); i++)
		if (strcmp(piece.text.ptr, reserved[i]) == 0)
			return kcql_read_fail(p, "reserved_word", piece.pos,
			    piece.pos + piece.text.len,
			    "%s is missing before %s; a name that is spelled so needs "
			    "quotes: `%s`",
			    expect.item[0], piece.text.ptr, piece.text.ptr);
	*out = piece.text;
	return true;
}

/*
 * The list of columns.
 */

/* A bare FROM or from is no column and no alias. */
static bool
from_follows(struct kcql_read *p)
{
	size_t len = kcql_scan_word(p->s, ".*") - p->s->pos;
	const char *w = p->s->text + p->s->pos;

	return len == 4 && (memcmp(w, "FROM", 4) == 0 || memcmp(w, "from", 4) == 0);
}

static bool
text_constant(struct kcql_read *p)
{
	struct kcql_piece t;

	return kcql_read_quoted(p, &t) &&
	       kcql_read_fail(p, "unsupported_expression", t.pos, p->last_end,
		   "a text cannot be selected; a field that is called so needs "
		   "backticks: `%s`; WITHTAG(name = value) makes a constant header",
		   kcql_read_show(p, t.pos + 1, p->last_end - 1));
}

static bool
function_call(struct kcql_read *p, size_t begin)
{
	const char *name = kcql_read_show(p, begin, p->last_end);

	if (kcql_words_clause(name, strlen(name)) >= 0)
		return kcql_read_fail(p, "unsupported_expression", begin, p->last_end,
		    "a column is missing before %s; remove the comma", name);
	return kcql_read_fail(p, "unsupported_expression", begin, p->last_end,
	    "%s(...) is a function, and KCQL has none; transforms compute fields", name);
}

/* path , [ "." , "*" ] */
static bool
column_path(struct kcql_read *p, enum kcql_path_kind kind, struct kcql_path *out)
{
	size_t begin = p->s->pos;

	if (from_follows(p))
		return kcql_read_unexpected(p, "syntax", a_column, "");
	if (kcql_read_at(p, '\''))
		return text_constant(p);
	if (!kcql_path_read(p, kind, a_column, out))
		return false;
	if (kcql_read_at(p, '('))
		return function_call(p, begin);
	return kcql_path_meaning(p, kind, out);
}

static bool
star_alias(struct kcql_read *p, size_t begin)
{
	return kcql_read_fail(p, "star_alias", begin, p->s->pos,
	    "* stands for several fields and cannot have one alias; name the fields");
}

/* "AS" , segment */
static bool
alias(struct kcql_read *p, struct kcql_column *out)
{
	struct kcql_piece piece;

	if (from_follows(p))
		return kcql_read_unexpected(p, "syntax", an_alias, "");
	if (!kcql_path_segment(p, an_alias, false, &piece))
		return false;
	out->alias = piece.text;
	return true;
}

/* column = "*" | path , [ "." , "*" ] , [ "AS" , segment ] ; */
static bool
column(struct kcql_read *p, struct kcql_column *out)
{
	size_t begin = p->s->pos;

	*out = (struct kcql_column) { .path.at = kcql_read_here(p) };
	if (kcql_read_at(p, '*')) {
		kcql_read_advance(p, begin + 1);
		out->path.all = true;
		out->path.text = out->path.canon = (struct kcql_text) { "*", 1 };
	} else if (!column_path(p, KCQL_PATH_COLUMN, &out->path)) {
		return false;
	}
	if (kcql_read_keyword(p, "AS")) {
		if (out->path.all)
			return star_alias(p, begin);
		if (!alias(p, out))
			return false;
	}
	out->name = out->alias.ptr != NULL ? out->alias
	                                   : kcql_path_output(p->m, &out->path);
	return true;
}

/* columns = column , { "," , column } ; */
static bool
columns(struct kcql_read *p)
{
	struct kcql_statement *st = p->st;
	struct kcql_column c, *list = NULL;

	do {
		if (!column(p, &c))
			return false;
		list = kcql_memory_grow(p->m, list, st->n_columns, sizeof(*list));
		list[st->n_columns++] = c;
	} while (kcql_read_at(p, ',') && kcql_read_sign(p, ',', a_column));
	st->columns = list;
	st->all_columns = st->n_columns == 1 && c.path.all && c.path.n_segments == 0 &&
	                  !c.path.of_value;
	return kcql_read_need(
	    p, "FROM", c.alias.ptr == NULL ? after_column : after_alias);
}

/*
 * The clauses.
 */

/* ignore = "IGNORE" , path , [ "." , "*" ] , { "," , path , [ "." , "*" ] } ; */
static bool
ignore(struct kcql_read *p)
{
	struct kcql_statement *st = p->st;
	struct kcql_column c, *list = NULL;

	do {
		size_t begin = p->s->pos;

		c = (struct kcql_column) { .path.at = kcql_read_here(p) };
		if (!column_path(p, KCQL_PATH_IGNORED, &c.path))
			return false;
		if (kcql_read_keyword(p, "AS"))
			return kcql_read_fail(p, "alias_in_ignore", begin, p->s->pos,
			    "a field that is left out needs no alias; rename fields "
			    "after SELECT");
		c.name = kcql_path_output(p->m, &c.path);
		list = kcql_memory_grow(p->m, list, st->n_ignored, sizeof(*list));
		list[st->n_ignored++] = c;
	} while (kcql_read_at(p, ',') && kcql_read_sign(p, ',', a_column));
	st->ignored = list;
	return true;
}

/* structure = "WITHSTRUCTURE" ; */
static bool
structure(struct kcql_read *p)
{
	p->st->structure = true;
	return true;
}

/* timestamp = "WITHTIMESTAMP" , ( "sys_time" , "(" , ")" | path ) ; */
static bool
timestamp(struct kcql_read *p)
{
	struct kcql_path *out = &p->st->timestamp;

	if (!kcql_path_read(p, KCQL_PATH_FIELD, a_timestamp, out))
		return false;
	if (kcql_read_at(p, '(') && p->n_pieces == 1 && p->piece[0].quote == '\0' &&
	    kcql_words_equal(out->text.ptr, out->text.len, "sys_time")) {
		out->from = KCQL_TIMESTAMP;
		out->text = out->canon = (struct kcql_text) { "sys_time()", 10 };
		p->st->receive_time = true;
		return kcql_read_sign(p, '(', an_open) && kcql_read_sign(p, ')', a_close);
	}
	if (!kcql_path_meaning(p, KCQL_PATH_FIELD, out))
		return false;
	p->st->receive_time = out->from == KCQL_TIMESTAMP;
	return true;
}

/* unit = "TIMESTAMPUNIT" , "=" , value ; */
static bool
unit(struct kcql_read *p)
{
	struct kcql_piece piece;
	int i;

	if (!kcql_read_sign(p, '=', the_equal) || !kcql_read_value(p, a_unit, &piece))
		return false;
	i = kcql_words_unit(piece.text.ptr, piece.text.len);
	if (i < 0)
		return kcql_read_fail(p, "bad_unit", piece.pos, p->last_end,
		    "%s is no unit; write NANOSECONDS, MICROSECONDS, MILLISECONDS, "
		    "SECONDS, MINUTES, HOURS or DAYS",
		    kcql_read_show(p, piece.pos, p->last_end));
	p->st->unit = (enum kcql_unit)i;
	return true;
}

/* tag = path , [ "=" , value | "AS" , value ] ; */
static bool
tag(struct kcql_read *p, struct kcql_tag *out)
{
	struct kcql_piece piece;

	*out = (struct kcql_tag) { .kind = KCQL_TAG_DEFAULT };
	if (!kcql_path_read(p, KCQL_PATH_FIELD, a_tag, &out->path))
		return false;
	out->header = out->path.text;
	if (kcql_read_at(p, '=')) {
		kcql_read_advance(p, p->s->pos + 1);
		out->kind = KCQL_TAG_CONSTANT;
		if (!kcql_read_value(p, a_value, &piece))
			return false;
		out->value = piece.text;
		return true;
	}
	if (!kcql_path_meaning(p, KCQL_PATH_FIELD, &out->path))
		return false;
	if (!kcql_read_keyword(p, "AS"))
		return true;
	out->kind = KCQL_TAG_ALIAS;
	if (!kcql_read_value(p, a_header, &piece) ||
	    !kcql_read_not_empty(p, &piece, "a header name"))
		return false;
	out->header = piece.text;
	return true;
}

/* tags = "WITHTAG" , "(" , tag , { "," , tag } , ")" ; */
static bool
tags(struct kcql_read *p)
{
	struct kcql_statement *st = p->st;
	struct kcql_tag t, *list = NULL;

	if (!kcql_read_sign(p, '(', an_open))
		return false;
	do {
		if (!tag(p, &t))
			return false;
		list = kcql_memory_grow(p->m, list, st->n_tags, sizeof(*list));
		list[st->n_tags++] = t;
	} while (kcql_read_at(p, ',') && kcql_read_sign(p, ',', a_tag));
	st->tags = list;
	return kcql_read_sign(
	    p, ')', t.kind == KCQL_TAG_DEFAULT ? after_tag : after_item);
}

/* converter = "WITHCONVERTER" , "=" , value ; */
static bool
converter(struct kcql_read *p)
{
	struct kcql_piece piece;

	if (!kcql_read_sign(p, '=', the_equal) || !kcql_read_value(p, a_class, &piece) ||
	    !kcql_read_not_empty(p, &piece, "the name of a converter"))
		return false;
	p->st->converter = piece.text;
	return true;
}

/* key = "WITHKEY" , "(" , path , { "," , path } , ")" ; */
static bool
key(struct kcql_read *p)
{
	struct kcql_statement *st = p->st;
	struct kcql_path item, *list = NULL;

	if (!kcql_read_sign(p, '(', an_open))
		return false;
	do {
		if (!kcql_path_key(p, a_field, &item))
			return false;
		list = kcql_memory_grow(p->m, list, st->n_keys, sizeof(*list));
		list[st->n_keys++] = item;
	} while (kcql_read_at(p, ',') && kcql_read_sign(p, ',', a_field));
	st->keys = list;
	return kcql_read_sign(p, ')', after_item);
}

/* delimiter = "KEYDELIMITER" , "=" , value ; */
static bool
delimiter(struct kcql_read *p)
{
	struct kcql_piece piece;

	if (!kcql_read_sign(p, '=', the_equal) ||
	    !kcql_read_value(p, a_delimiter, &piece))
		return false;
	if (piece.text.len == 0)
		return kcql_read_fail(p, "bad_delimiter", piece.pos, p->last_end,
		    "the delimiter is empty; write one or more characters, like '-'");
	p->st->key_delimiter = piece.text;
	return true;
}

/* regex = "WITHREGEX" , "=" , value ; */
static bool
regex(struct kcql_read *p)
{
	struct kcql_piece piece;

	if (!kcql_read_sign(p, '=', the_equal) || !kcql_read_value(p, a_regex, &piece) ||
	    !kcql_read_not_empty(p, &piece, "a regular expression"))
		return false;
	p->st->regex = piece.text;
	return true;
}

/* properties = "PROPERTIES" , "(" , [ property , { "," , property } ] , ")" ;
 * There is no property yet that a source knows, so the first one is a fault. */
static bool
properties(struct kcql_read *p)
{
	struct kcql_piece piece;

	if (!kcql_read_sign(p, '(', an_open))
		return false;
	if (kcql_read_at(p, ')'))
		return kcql_read_sign(p, ')', a_close);
	if (!kcql_read_value(p, a_property, &piece))
		return false;
	return kcql_read_fail(p, "unknown_property", piece.pos, p->last_end,
	    "the MQTT source knows no property, so not %s; remove it",
	    kcql_read_show(p, piece.pos, p->last_end));
}

static bool (*const clause_rules[KCQL_CLAUSES])(struct kcql_read *) = {
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
static struct kcql_expect
what_may_follow(struct kcql_read *p)
{
	const char **item = kcql_memory_alloc(p->m, (KCQL_CLAUSES + 1) * sizeof(*item));
	size_t n = 0;

	for (int i = 0; i < KCQL_CLAUSES; i++)
		if (p->st->clause[i].line == 0)
			item[n++] = kcql_words_clauses[i];
	item[n++] = ";";
	return (struct kcql_expect) { item, n };
}

static bool
trailing_text(struct kcql_read *p)
{
	struct kcql_expect expect = what_may_follow(p);

	if (kcql_read_at(p, ',') && expect.n > KCQL_CLAUSES)
		return kcql_read_unexpected(p, "trailing_text", expect,
		    "a statement has one source; write one statement for each");
	return kcql_read_no_keyword(p, "trailing_text", expect);
}

static bool
foreign_clause(struct kcql_read *p, const struct kcql_foreign_clause *f)
{
	static const struct {
		const char *code, *what;
	} kinds[] = {
		[KCQL_SINK_ONLY] = { "sink_only_clause", "is for sink connectors only" },
		[KCQL_FOREIGN] = { "foreign_clause", "is for other connectors" },
		[KCQL_RETIRED] = { "retired_clause", "is gone from KCQL" },
	};
	size_t pos = p->s->pos;

	return kcql_read_fail(p, kinds[f->kind].code, pos, pos + strlen(f->word),
	    "%s %s, an MQTT source has no use for it; remove it%s%s", f->word,
	    kinds[f->kind].what, f->instead != NULL ? ", and " : "",
	    f->instead != NULL ? f->instead : "");
}

static bool
duplicate_clause(struct kcql_read *p, int i)
{
	const char *word = kcql_words_clauses[i];
	struct kcql_place first = p->st->clause[i];

	return kcql_read_fail(p, "duplicate_clause", p->s->pos, p->s->pos + strlen(word),
	    "%s stands here for the second time (the first: line %u column %u); keep one",
	    word, first.line, first.column);
}

/* clause = ignore | structure | timestamp | ... ; each at most once, in any order */
static bool
clause(struct kcql_read *p)
{
	struct kcql_text t = kcql_read_ahead(p);
	int i = kcql_words_clause(t.ptr, t.len);
	const struct kcql_foreign_clause *f;

	if (i < 0) {
		f = kcql_words_foreign(t.ptr, t.len);
		return f != NULL ? foreign_clause(p, f) : trailing_text(p);
	}
	if (p->st->clause[i].line > 0)
		return duplicate_clause(p, i);
	p->st->clause[i] = kcql_read_here(p);
	kcql_read_advance(p, p->s->pos + t.len);
	return clause_rules[i](p);
}

static bool
clauses(struct kcql_read *p)
{
	while (!kcql_read_at_end(p))
		if (!clause(p))
			return false;
	return true;
}

/*
 * Statements.
 */

/* mode = "INSERT" | "UPSERT" ; */
static bool
mode(struct kcql_read *p)
{
	size_t pos = p->s->pos;
	struct kcql_text t;

	if (kcql_read_keyword(p, "SELECT"))
		return kcql_read_fail(p, "missing_target", pos, pos + 6,
		    "the Kafka topic is missing; write INSERT INTO <topic> before "
		    "SELECT");
	if (kcql_read_keyword(p, "INSERT")) {
		p->st->mode = KCQL_INSERT;
		return true;
	}
	if (!kcql_read_need(p, "UPSERT", a_mode))
		return false;
	p->st->mode = KCQL_UPSERT;
	t = kcql_read_ahead(p);
	if (kcql_words_equal(t.ptr, t.len, "PK"))
		return foreign_clause(p, kcql_words_foreign("PK", 2));
	return true;
}

static bool
target(struct kcql_read *p)
{
	p->st->target_at = kcql_read_here(p);
	return name(p, a_target, &p->st->target);
}

static bool
source(struct kcql_read *p)
{
	p->st->source_at = kcql_read_here(p);
	return name(p, a_source, &p->st->source);
}

static bool
columns_differ(struct kcql_read *p)
{
	size_t i = kcql_check_duplicate(p->m, p->st, &p->s->steps), pos;
	const struct kcql_column *c = &p->st->columns[i];

	if (i == p->st->n_columns)
		return true;
	pos = kcql_scan_find(p->s, c->path.at);
	if (c->path.all)
		return kcql_read_fail(p, "duplicate_field", pos,
		    kcql_read_token_end(p, pos), "%s is selected twice; keep one of them",
		    kcql_fault_excerpt(p->m, c->path.text.ptr, c->path.text.len, 60));
	return kcql_read_fail(p, "duplicate_field", pos, kcql_read_token_end(p, pos),
	    "an earlier column makes a field %s too; name one of them with AS",
	    kcql_fault_excerpt(p->m, c->name.ptr, c->name.len, 60));
}

/* statement = mode , "INTO" , name , "SELECT" , columns , "FROM" , name , { clause } ; */
static bool
statement(struct kcql_read *p, struct kcql_statement *out)
{
	*out = (struct kcql_statement) {
		.unit = KCQL_MILLISECONDS,
		.key_delimiter = { ".", 1 },
		.at = kcql_read_here(p),
	};
	p->st = out;
	return mode(p) && kcql_read_need(p, "INTO", the_into) && target(p) &&
	       kcql_read_need(p, "SELECT", the_select) && columns(p) && source(p) &&
	       clauses(p) && columns_differ(p);
}

/* configuration = { ";" } , statement , { ";" , [ statement ] } ; */
bool
kcql_grammar_parse(struct kcql_scan *s, struct kcql_memory *m, struct kcql_list *out,
    struct kcql_fault *fault)
{
	struct kcql_read p = { .s = s, .m = m, .fault = fault, .last_end = SIZE_MAX };
	struct kcql_statement st;

	*out = (struct kcql_list) { NULL, 0 };
	for (;;) {
		p.begin = s->pos;
		kcql_scan_skip(s);
		if (kcql_read_at(&p, ';')) {
			s->pos++;
			continue;
		}
		if (kcql_read_at_end(&p))
			break;
		if (!statement(&p, &st))
			return false;
		out->statement = kcql_memory_grow(
		    m, out->statement, out->n, sizeof(*out->statement));
		out->statement[out->n++] = st;
	}
	if (out->n == 0)
		return kcql_read_fail(&p, "no_statement", s->pos, s->pos,
		    "there is no statement; write INSERT INTO <Kafka topic> SELECT * "
		    "FROM <MQTT topic filter>");
	return true;
}
