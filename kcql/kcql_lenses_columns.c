/*
 * The columns of a statement as Lenses makes them (exitColumn, exitColumn_name and
 * Field.from of its Kcql.java): names in an order of their own, functions and texts
 * that vanish, metadata below `_`, and `_key` and `_header` in lists of their own.
 */
#include "kcql/kcql_lenses_columns.h"

#include <stdlib.h>
#include <string.h>

#include "kcql/kcql_print.h"
#include "kcql/kcql_words.h"

static void
nest(struct kcql_antlr *r, struct kcql_text t)
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
set_path(struct kcql_antlr *r, struct kcql_column *c, const struct kcql_text *parent,
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
metadata(struct kcql_antlr *r, struct kcql_column *c, const struct kcql_text *parent,
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
		return kcql_antlr_refuse(
		    r, "bad_metadata", r->now, "a name below _, before");
	if (n == 2 && c->alias.ptr != NULL && is(name, "*"))
		return kcql_antlr_refuse(
		    r, "star_alias", r->now, "an alias of *, before");
	c->path.from = KCQL_KEY;
	c->name = name;
	set_path(r, c, parent + 2, n - 2, name);
	return true;
}

/* Field.from: a column out of the names before it, the last of them its own. */
static bool
field_from(struct kcql_antlr *r, const struct kcql_text *parent, size_t n,
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
remember(struct kcql_antlr *r, const struct kcql_column *c, struct kcql_text name,
    bool in_fields)
{
	bool has_parents = c->path.n_segments > (c->path.all ? 0u : 1u);
	bool is_call = name.len > 0 && name.ptr[name.len - 1] == ')' &&
	               memchr(name.ptr, '(', name.len) != NULL;

	if (has_parents || is_call) /* `now()` may be selected twice */
		return;
	if (c->path.from != KCQL_VALUE && c->path.from != KCQL_KEY)
		name = (struct kcql_text) { "", 0 };
	r->seen = kcql_memory_grow(r->m, r->seen, r->n_seen, sizeof(*r->seen));
	r->seen[r->n_seen] = (struct kcql_antlr_seen) { name, c->path.from, in_fields,
		r->n_seen };
	r->n_seen++;
}

static void
append(struct kcql_antlr *r, struct kcql_column **list, size_t *n,
    const struct kcql_column *c)
{
	*list = kcql_memory_grow(r->m, *list, *n, sizeof(**list));
	(*list)[(*n)++] = *c;
}

/* Does the column's text, names with dots between them, begin with `word` and a dot? */
static bool
begins_with(const struct kcql_antlr *r, struct kcql_text name, const char *word)
{
	size_t len = strlen(word);
	struct kcql_text first = r->n_nested > 0 ? r->nested[0] : name;

	if (r->n_nested > 0 && is(first, word))
		return true;
	return first.len > len && memcmp(first.ptr, word, len) == 0 &&
	       first.ptr[len] == '.';
}

/* exitColumn_name: the names in `nested` become a column, and the parents stay. */
static bool
column_exit(struct kcql_antlr *r, struct kcql_text alias, bool ignored)
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
	key = c.path.from == KCQL_VALUE &&
	      (begins_with(r, name, "_key") || (r->n_nested == 0 && is(name, "_key")));
	header = c.path.from == KCQL_VALUE && begins_with(r, name, "_header");
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
column(struct kcql_antlr *r)
{
	struct kcql_text *topic = NULL, t;
	size_t n = 0;
	bool star = false;

	if (kcql_antlr_at(r, TOKEN_STRING)) {
		kcql_antlr_step(r);
		return true;
	}
	for (;;) {
		bool is_field = kcql_antlr_at(r, TOKEN_FIELD);

		if (!kcql_antlr_one(r, ANTLR_NAME, &t))
			return false;
		if (is_field) {
			nest(r, t);
		} else if (kcql_antlr_unescape(r, &t)) {
			topic = kcql_memory_grow(r->m, topic, n, sizeof(*topic));
			topic[n++] = t;
		} else {
			return false;
		}
		if (!kcql_antlr_at(r, TOKEN_DOT))
			break;
		kcql_antlr_step(r);
		star = kcql_antlr_at(r, TOKEN_STAR);
		if (star) {
			kcql_antlr_step(r);
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
alias(struct kcql_antlr *r, struct kcql_text *out)
{
	*out = (struct kcql_text) { NULL, 0 };
	if (!kcql_antlr_at(r, TOKEN_AS))
		return true;
	kcql_antlr_step(r);
	return kcql_antlr_one(r, ANTLR(FIELD) | ANTLR(STRING), out);
}

static void
star_column(struct kcql_antlr *r)
{
	struct kcql_column c = { .path.at = kcql_scan_place(r->s, r->now.pos) };
	struct kcql_text star = { "*", 1 };

	set_path(r, &c, NULL, 0, star);
	c.name = star;
	append(r, &r->columns, &r->st->n_columns, &c);
	remember(r, &c, star, true);
	kcql_antlr_step(r);
}

/*
 * column_name : column ( AS alias )? | function ( AS alias )? | ASTERISK ;
 * column_list : column_name ( COMMA column_name )* ;
 * A function vanishes, but its arguments are columns; so the lists nest, which is
 * read here without recursion.  A star in IGNORE joins the selected columns.
 */
bool
kcql_lenses_columns_read(struct kcql_antlr *r, bool ignored)
{
	struct kcql_text as;
	size_t depth = 0;

	for (;;) {
		r->n_nested = 0;
		if (kcql_antlr_at(r, TOKEN_FIELD) && r->next.kind == TOKEN_OPEN) {
			kcql_antlr_step(r);
			kcql_antlr_step(r);
			depth++;
			if (!kcql_antlr_at(r, TOKEN_CLOSE))
				continue;
		} else if (kcql_antlr_at(r, TOKEN_STAR)) {
			star_column(r);
		} else if (!column(r) || !alias(r, &as) || !column_exit(r, as, ignored)) {
			return false;
		}
		for (; depth > 0 && kcql_antlr_at(r, TOKEN_CLOSE); depth--) {
			kcql_antlr_step(r);
			if (!alias(r, &as) || !column_exit(r, as, ignored))
				return false;
		}
		if (!kcql_antlr_at(r, TOKEN_COMMA))
			break;
		kcql_antlr_step(r);
	}
	return depth == 0 || kcql_antlr_unexpected(r);
}

static int
compare_seen(const void *a, const void *b)
{
	const struct kcql_antlr_seen *x = a, *y = b;
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
bool
kcql_lenses_columns_differ(struct kcql_antlr *r)
{
	bool selected = false;

	if (r->n_seen > 1)
		qsort(r->seen, r->n_seen, sizeof(*r->seen), compare_seen);
	for (size_t i = 0; i < r->n_seen; i++) {
		const struct kcql_antlr_seen *s = &r->seen[i];

		if (i == 0 || !kcql_text_equal(s->name, s[-1].name) ||
		    s->from != s[-1].from)
			selected = false;
		if (selected)
			return kcql_antlr_refuse(r, "duplicate_field",
			    (struct token) { 0 },
			    kcql_memory_printf(r->m, "field %s is selected twice",
				kcql_fault_excerpt(r->m, s->name.ptr, s->name.len, 60)));
		selected = selected || s->selected;
	}
	return true;
}

/* column ( COMMA column )* : a constant or a star crashes. */
bool
kcql_lenses_columns_key(struct kcql_antlr *r)
{
	struct kcql_statement keys = { .source = { "", 0 } };
	struct kcql_column c, *list = NULL;
	struct kcql_buf b = { 0 };
	const struct kcql_text no_alias = { NULL, 0 };

	for (;; kcql_antlr_step(r)) {
		r->n_nested = 0;
		if (!column(r))
			return false;
		if (r->n_nested == 0)
			return kcql_antlr_refuse(
			    r, "syntax", r->now, "no name of a key, before");
		r->n_nested--;
		if (!field_from(
			r, r->nested, r->n_nested, r->nested[r->n_nested], no_alias, &c))
			return false;
		append(r, &list, &keys.n_columns, &c);
		if (!kcql_antlr_at(r, TOKEN_COMMA))
			break;
	}
	keys.columns = list;
	kcql_print_fields(&b, &keys);
	kcql_antlr_extra(r, "pk", &b);
	return true;
}
