/*
 * The statement as Lenses' MQTT source reads it (stream-reactor 11.7.2,
 * ConnectorParser.g4 and Kcql.java), which is not as it was meant: names are glued from
 * several words, clauses stand in one order, and where the statement seems complete
 * the rest is left unread.  Used with KCQL_STRICT_LENSES, and to warn where the two
 * readings part.
 *
 * The order of the rules is that of Lenses' grammar.  A rule returns false where Lenses
 * refuses the statement, be it by a syntax error or by an exception.
 */
#include "kcql/kcql_lenses.h"

#include <string.h>

#include "kcql/kcql_antlr.h"
#include "kcql/kcql_ignored.h"
#include "kcql/kcql_lenses_columns.h"
#include "kcql/kcql_words.h"

/*
 * Clauses of the MQTT source.
 */

static bool
ignore(struct kcql_antlr *r)
{
	return kcql_lenses_columns_read(r, true);
}

static bool
structure(struct kcql_antlr *r)
{
	r->st->structure = true;
	return true;
}

/* FIELD | SYS_TIME */
static bool
timestamp(struct kcql_antlr *r)
{
	struct kcql_path *p = &r->st->timestamp;
	struct kcql_text *segment;

	p->at = kcql_scan_place(r->s, r->now.pos);
	if (kcql_antlr_at(r, TOKEN_SYS_TIME)) {
		kcql_antlr_step(r);
		p->from = KCQL_TIMESTAMP;
		p->text = p->canon = (struct kcql_text) { "sys_time()", 10 };
		r->st->receive_time = true;
		return true;
	}
	segment = kcql_memory_alloc(r->m, sizeof(*segment));
	if (!kcql_antlr_one(r, ANTLR(FIELD), segment))
		return false;
	p->text = p->canon = *segment;
	p->segment = segment;
	p->n_segments = 1;
	return true;
}

static bool
timestamp_unit(struct kcql_antlr *r)
{
	struct token t;
	struct kcql_text text;
	int i;

	if (!kcql_antlr_take(r, TOKEN_EQUAL))
		return false;
	t = r->now;
	if (!kcql_antlr_one(r, ANTLR(FIELD), &text))
		return false;
	i = kcql_words_unit(text.ptr, text.len);
	if (i < 0)
		return kcql_antlr_refuse(r, "bad_unit", t, "no unit:");
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
tag(struct kcql_antlr *r, struct kcql_tag *out)
{
	struct token t = r->now;
	struct kcql_text text;
	struct kcql_buf b = { 0 };
	bool good;

	*out = (struct kcql_tag) { .path.at = kcql_scan_place(r->s, t.pos) };
	if (!kcql_antlr_path(r, &out->path.text))
		return false;
	text = out->path.text;
	if (text.ptr[text.len - 1] == '.')
		return kcql_antlr_refuse(r, "syntax", t, "a tag that ends with '.':");
	out->path.canon = out->header = text;
	if (!kcql_antlr_at(r, TOKEN_EQUAL) && !kcql_antlr_at(r, TOKEN_AS))
		return true;
	kcql_memory_putt(&b, text);
	kcql_memory_put(&b, r->s->text + r->now.pos, r->now.end - r->now.pos);
	kcql_antlr_step(r);
	if (!kcql_antlr_value(r, ANTLR(INT), &out->value)) {
		kcql_memory_buf_free(&b);
		return false;
	}
	kcql_memory_putt(&b, out->value);
	good = tag_kind((struct kcql_text) { b.ptr, b.len }, text, &out->kind);
	kcql_memory_buf_free(&b);
	if (!good)
		return kcql_antlr_refuse(
		    r, "syntax", t, "a tag whose name is found in AS:");
	if (out->kind == KCQL_TAG_ALIAS)
		out->header = out->value;
	return true;
}

static bool
tags(struct kcql_antlr *r)
{
	struct kcql_statement *st = r->st;
	struct kcql_tag t, *list = NULL;

	if (!kcql_antlr_take(r, TOKEN_OPEN))
		return false;
	for (;; kcql_antlr_step(r)) {
		if (!tag(r, &t))
			return false;
		list = kcql_memory_grow(r->m, list, st->n_tags, sizeof(*list));
		list[st->n_tags++] = t;
		if (!kcql_antlr_at(r, TOKEN_COMMA))
			break;
	}
	st->tags = list;
	return kcql_antlr_take(r, TOKEN_CLOSE);
}

static bool
equal_topicname(struct kcql_antlr *r, struct kcql_text *out)
{
	return kcql_antlr_take(r, TOKEN_EQUAL) &&
	       kcql_antlr_one(r, ANTLR(TOPICNAME), out) && kcql_antlr_unescape(r, out);
}

static bool
converter(struct kcql_antlr *r)
{
	return equal_topicname(r, &r->st->converter);
}

static bool
regex(struct kcql_antlr *r)
{
	return equal_topicname(r, &r->st->regex);
}

/* The text of a key is split at its dots when it is used. */
static void
set_key(struct kcql_antlr *r, struct kcql_path *p)
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
key(struct kcql_antlr *r)
{
	struct kcql_statement *st = r->st;
	struct kcql_path *list = NULL;

	if (!kcql_antlr_take(r, TOKEN_OPEN))
		return false;
	for (;; kcql_antlr_step(r)) {
		struct kcql_path p = { .at = kcql_scan_place(r->s, r->now.pos) };

		if (!kcql_antlr_one(r, ANTLR_NAME | ANTLR(INT), &p.text) ||
		    !kcql_antlr_unescape(r, &p.text))
			return false;
		set_key(r, &p);
		list = kcql_memory_grow(r->m, list, st->n_keys, sizeof(*list));
		list[st->n_keys++] = p;
		if (!kcql_antlr_at(r, TOKEN_COMMA))
			break;
	}
	st->keys = list;
	return kcql_antlr_take(r, TOKEN_CLOSE);
}

/* '=' and one character in single quotes, which must not be a backtick. */
static bool
key_delimiter(struct kcql_antlr *r)
{
	struct token t;
	struct kcql_text text;

	if (!kcql_antlr_take(r, TOKEN_EQUAL))
		return false;
	t = r->now;
	if (!kcql_antlr_one(r, ANTLR(DELIMITER), &text))
		return false;
	if (text.ptr[1] == '`')
		return kcql_antlr_refuse(r, "bad_delimiter", t, "the delimiter");
	r->st->key_delimiter = kcql_memory_text(r->m, text.ptr + 1, 1);
	return true;
}

/*
 * Statements.
 */

struct rule {
	enum token_kind keyword;
	bool (*read)(struct kcql_antlr *);
	int clause;   /* of headrace, or -1 */
	bool instead; /* of the rule before, not after it */
};

/* insert_from_clause: the clauses in the only order that they may stand in. */
static const struct rule insert_rules[] = {
	{ TOKEN_IGNORE, ignore, KCQL_IGNORE, false },
	{ TOKEN_AUTOCREATE, kcql_ignored_autocreate, -1, false },
	{ TOKEN_WITHSTRUCTURE, structure, KCQL_WITHSTRUCTURE, false },
	{ TOKEN_PK, kcql_lenses_columns_key, -1, false },
	{ TOKEN_WITHTARGET, kcql_ignored_with_target, -1, false },
	{ TOKEN_AUTOEVOLVE, kcql_ignored_autoevolve, -1, false },
	{ TOKEN_BATCH, kcql_ignored_batch, -1, false },
	{ TOKEN_PARTITIONBY, kcql_ignored_partition_by, -1, false },
	{ TOKEN_NOPARTITION, kcql_ignored_nopartition, -1, true },
	{ TOKEN_WITHTIMESTAMP, timestamp, KCQL_WITHTIMESTAMP, false },
	{ TOKEN_TIMESTAMPUNIT, timestamp_unit, KCQL_TIMESTAMPUNIT, false },
	{ TOKEN_WITHFORMAT, kcql_ignored_format, -1, false },
	{ TOKEN_WITHUNWRAP, kcql_ignored_unwrap, -1, false },
	{ TOKEN_STOREAS, kcql_ignored_store_as, -1, false },
	{ TOKEN_WITHTAG, tags, KCQL_WITHTAG, false },
	{ TOKEN_INCREMENTALMODE, kcql_ignored_incremental_mode, -1, false },
	{ TOKEN_WITHTYPE, kcql_ignored_with_type, -1, false },
	{ TOKEN_WITHDOCTYPE, kcql_ignored_doc_type, -1, false },
	{ TOKEN_WITHINDEXSUFFIX, kcql_ignored_index_suffix, -1, false },
	{ TOKEN_TTL, kcql_ignored_ttl, -1, false },
	{ TOKEN_WITHCONVERTER, converter, KCQL_WITHCONVERTER, false },
	{ TOKEN_WITHJMSSELECTOR, kcql_ignored_jms_selector, -1, false },
	{ TOKEN_WITHKEY, key, KCQL_WITHKEY, false },
	{ TOKEN_KEYDELIMITER, key_delimiter, KCQL_KEYDELIMITER, false },
	{ TOKEN_WITHPIPELINE, kcql_ignored_pipeline, -1, false },
	{ TOKEN_WITHSUBSCRIPTION, kcql_ignored_subscription, -1, false },
	{ TOKEN_WITHREGEX, regex, KCQL_WITHREGEX, false },
	{ TOKEN_LIMIT, kcql_ignored_limit, -1, false },
	{ TOKEN_PROPERTIES, kcql_ignored_properties, KCQL_PROPERTIES, false },
};

/* select_clause: those of a statement without INSERT. */
static const struct rule select_rules[] = {
	{ TOKEN_IGNORE, ignore, KCQL_IGNORE, false },
	{ TOKEN_PK, kcql_lenses_columns_key, -1, false },
	{ TOKEN_WITHSTRUCTURE, structure, KCQL_WITHSTRUCTURE, false },
	{ TOKEN_WITHFORMAT, kcql_ignored_format, -1, false },
	{ TOKEN_WITHUNWRAP, kcql_ignored_unwrap, -1, false },
	{ TOKEN_LIMIT, kcql_ignored_limit, -1, false },
	{ TOKEN_STOREAS, kcql_ignored_store_as, -1, false },
	{ TOKEN_WITHTAG, tags, KCQL_WITHTAG, false },
	{ TOKEN_INCREMENTALMODE, kcql_ignored_incremental_mode, -1, false },
	{ TOKEN_WITHDOCTYPE, kcql_ignored_doc_type, -1, false },
	{ TOKEN_WITHINDEXSUFFIX, kcql_ignored_index_suffix, -1, false },
	{ TOKEN_WITHCONVERTER, converter, KCQL_WITHCONVERTER, false },
	{ TOKEN_KEYDELIMITER, key_delimiter, KCQL_KEYDELIMITER, false },
	{ TOKEN_TTL, kcql_ignored_ttl, -1, false },
};

static bool
clauses(struct kcql_antlr *r, const struct rule *rule, size_t n)
{
	bool read = false;

	for (size_t i = 0; i < n; i++) {
		bool taken = rule[i].instead && read;

		read = !taken && kcql_antlr_at(r, rule[i].keyword);
		if (!read)
			continue;
		if (rule[i].clause >= 0)
			r->st->clause[rule[i].clause] = kcql_scan_place(r->s, r->now.pos);
		kcql_antlr_step(r);
		if (!rule[i].read(r))
			return false;
	}
	return true;
}

/* topic_name, table_name : ( FIELD | TOPICNAME | DOT )+ | STRING ; */
static bool
glued_name(struct kcql_antlr *r, struct kcql_text *out, struct kcql_place *at_)
{
	*at_ = kcql_scan_place(r->s, r->now.pos);
	if (kcql_antlr_at(r, TOKEN_STRING))
		return kcql_antlr_one(r, ANTLR(STRING), out) &&
		       kcql_antlr_unescape(r, out);
	return kcql_antlr_glued(r, ANTLR_NAME | ANTLR(DOT), out) &&
	       kcql_antlr_unescape(r, out);
}

/* INSERT INTO name | UPSERT INTO name | UPSERT PK FIELD INTO name */
static bool
write_mode(struct kcql_antlr *r)
{
	struct kcql_text ignored;

	r->st->mode = kcql_antlr_at(r, TOKEN_UPSERT) ? KCQL_UPSERT : KCQL_INSERT;
	kcql_antlr_step(r);
	if (r->st->mode == KCQL_UPSERT && kcql_antlr_at(r, TOKEN_PK)) {
		r->st->mode = KCQL_NO_MODE;
		kcql_antlr_step(r);
		if (!kcql_antlr_one(r, ANTLR(FIELD), &ignored))
			return false;
	}
	return kcql_antlr_take(r, TOKEN_INTO) &&
	       glued_name(r, &r->st->target, &r->st->target_at);
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool
statement(struct kcql_antlr *r)
{
	struct kcql_statement *st = r->st;
	bool insert = kcql_antlr_at(r, TOKEN_INSERT) || kcql_antlr_at(r, TOKEN_UPSERT);

	st->mode = KCQL_NO_MODE;
	if ((insert && !write_mode(r)) || !kcql_antlr_take(r, TOKEN_SELECT) ||
	    !kcql_lenses_columns_read(r, false) || !kcql_antlr_take(r, TOKEN_FROM) ||
	    !glued_name(r, &st->source, &st->source_at))
		return false;
	if (!(insert ? clauses(r, insert_rules, COUNT(insert_rules))
		     : clauses(r, select_rules, COUNT(select_rules))))
		return false;
	return kcql_lenses_columns_differ(r);
}

static bool
read_piece(struct kcql_scan *s, struct kcql_memory *m, size_t begin, size_t end,
    struct kcql_statement *st, struct kcql_fault *fault)
{
	struct kcql_antlr r = {
		.s = s, .m = m, .fault = fault, .st = st, .begin = begin
	};
	bool good;

	r.tokens = (struct kcql_tokens) { .text = s->text, .pos = begin, .end = end };
	kcql_antlr_step(&r);
	kcql_antlr_step(&r);
	*st = (struct kcql_statement) {
		.unit = KCQL_MILLISECONDS,
		.key_delimiter = { ".", 1 },
		.at = kcql_scan_place(s, r.now.pos),
	};
	good = statement(&r);
	s->steps += r.tokens.steps;
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
		struct kcql_antlr r = { .s = s, .m = m, .fault = fault };

		return kcql_antlr_refuse(&r, "illegal_character",
		    (struct token) { 0, s->len, s->len }, "the text is not UTF-8");
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
