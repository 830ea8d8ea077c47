/*
 * The canonical text of a statement parses to the same statement, and is its own
 * canonical text.  Over statements made at random from names that are hard to spell.
 */
#include "kcql/tests/world.h"

#define STATEMENTS 20000

/*
 * Statements at random.  The seed is fixed: a failure prints the text.
 */

struct maker {
	uint64_t random;
	char text[4096];
	size_t n;
};

static size_t
below(struct maker *g, size_t n)
{
	g->random ^= g->random << 13;
	g->random ^= g->random >> 7;
	g->random ^= g->random << 17;
	return (size_t)(g->random % n);
}

static void
put(struct maker *g, const char *s)
{
	size_t len = strlen(s);

	if (g->n + len < sizeof(g->text)) {
		memcpy(g->text + g->n, s, len);
		g->n += len;
	}
}

static void
put_any(struct maker *g, const char *const *list, size_t n)
{
	put(g, list[below(g, n)]);
}
#define PUT_ANY(g, ...)                                   \
	put_any(g, (const char *const[]) { __VA_ARGS__ }, \
	    LEN(((const char *const[]) { __VA_ARGS__ })))

static void
put_blank(struct maker *g)
{
	PUT_ANY(g, " ", " ", " ", "\t", "\n", "  ", " -- a comment; 'with' things\n",
	    " \xc2\xa0");
}

static void
put_gap(struct maker *g)
{
	PUT_ANY(g, "", "", " ", "\n ");
}

/* In a quote that can hold it, or perhaps not. */
static void
put_quoted(struct maker *g, const char *s)
{
	const char *quote = (const char *const[]) { "`", "\"", "'" }[below(g, 3)];

	put(g, quote);
	put(g, s);
	put(g, quote);
}

static const char *const hard[] = { "a b", "it's", "say \"x\"", "a`b", "a.b", "a.b.",
	"--x", "--", "1", "1.2", "*", "a*", "$", "x,y", "f(x)", "a=b", ";", "FROM",
	"from", "as", "withkey", "LIMIT", "_", "_.topic", "_value", "_key", "caf\xc3\xa9",
	"\xe6\xb8\xa9", " ", ".", "..", "a\nb", "a\tb", "-", "\xe2\x80\x9cq\xe2\x80\x9d",
	"sys_time", "\x01" };

static void
put_hard(struct maker *g)
{
	put_quoted(g, hard[below(g, LEN(hard))]);
}

static void
put_segment(struct maker *g)
{
	if (below(g, 4) == 0)
		put_hard(g);
	else
		PUT_ANY(g, "a", "b", "code", "x1", "1x", "temp-c", "A", "caf\xc3\xa9",
		    "ttl", "$id", "@v", "--c", "From", "a|b", "{x}", "12", "_id", "key");
}

static void
put_path(struct maker *g)
{
	size_t n = below(g, 3);

	if (below(g, 6) == 0) {
		PUT_ANY(g, "_.topic", "_.TOPIC.2", "_ . qos", "_.id", "_.retained",
		    "_.dup", "_.timestamp", "_value", "_value.a", "_value.a.b");
		return;
	}
	put_segment(g);
	for (size_t i = 0; i < n; i++) {
		PUT_ANY(g, ".", ".", " . ");
		put_segment(g);
	}
}

static void
put_column(struct maker *g, bool alias)
{
	put_path(g);
	if (below(g, 8) == 0) {
		put(g, ".*");
	} else if (alias && below(g, 3) == 0) {
		PUT_ANY(g, " AS ", " as\n", " As ");
		put_segment(g);
	}
}

static void
put_columns(struct maker *g, bool alias)
{
	size_t n = 1 + below(g, 4);

	if (alias && below(g, 3) == 0) {
		put(g, "*");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		PUT_ANY(g, "", " ");
		put_column(g, alias);
		put(g, i + 1 < n ? "," : "");
	}
}

static void
put_name(struct maker *g)
{
	if (below(g, 3) == 0)
		put_hard(g);
	else
		PUT_ANY(g, "t", "site/+/temp/#", "$share/g/a/+", "raw_$", "a.1.b", "123",
		    "x--y", "batch", "a*b", "caf\xc3\xa9/+", "/a/b", "v1.0/x", "a|b",
		    "Select");
}

static void
put_list(struct maker *g, void (*item)(struct maker *))
{
	size_t n = 1 + below(g, 3);

	put_gap(g);
	put(g, "(");
	for (size_t i = 0; i < n; i++) {
		put_gap(g);
		item(g);
		put_gap(g);
		put(g, i + 1 < n ? "," : ")");
	}
}

static void
put_value(struct maker *g)
{
	put_gap(g);
	put(g, "=");
	put_gap(g);
	if (below(g, 2) == 0)
		put_hard(g);
	else
		PUT_ANY(
		    g, "json", "a.b.C", "'-'", "`^a/(b|c)$`", "\"x\"", "-", ".", "a:b");
}

static void
put_tag(struct maker *g)
{
	put_path(g);
	switch (below(g, 3)) {
	case 0:
		put_value(g);
		break;
	case 1:
		put(g, " AS ");
		put_name(g);
		break;
	default:
		break;
	}
}

static void
put_key(struct maker *g)
{
	if (below(g, 4) == 0)
		put_quoted(g, "a.b");
	else
		put_path(g);
}

static void
put_clause(struct maker *g, size_t which)
{
	put_blank(g);
	switch (which) {
	case 0:
		put(g, "IGNORE ");
		put_columns(g, false);
		break;
	case 1:
		put(g, "WithStructure");
		break;
	case 2:
		put(g, "WITHTIMESTAMP ");
		if (below(g, 2) == 0)
			PUT_ANY(g, "sys_time()", "SYS_TIME ( )");
		else
			put_path(g);
		break;
	case 3:
		put(g, "TIMESTAMPUNIT=");
		PUT_ANY(g, "SECONDS", "milliseconds", "'Days'", "nanoseconds");
		break;
	case 4:
		put(g, "withtag");
		put_list(g, put_tag);
		break;
	case 5:
		put(g, "WITHCONVERTER");
		put_value(g);
		break;
	case 6:
		put(g, "WITHKEY");
		put_list(g, put_key);
		break;
	case 7:
		put(g, "KEYDELIMITER");
		put_value(g);
		break;
	case 8:
		put(g, "WITHREGEX");
		put_value(g);
		break;
	default:
		put(g, "PROPERTIES()");
		break;
	}
}

static void
put_statement(struct maker *g)
{
	size_t clauses[10], n = below(g, 5);

	PUT_ANY(g, "INSERT INTO", "insert\ninto", "UPSERT INTO", "Insert Into");
	put_blank(g);
	put_name(g);
	PUT_ANY(g, " SELECT ", " select\n", " Select ");
	put_columns(g, true);
	PUT_ANY(g, " FROM ", " from ", "\nFrom\t");
	put_name(g);
	for (size_t i = 0; i < LEN(clauses); i++)
		clauses[i] = i;
	for (size_t i = 0; i < n; i++) {
		size_t j = i + below(g, LEN(clauses) - i), which = clauses[j];

		clauses[j] = clauses[i];
		put_clause(g, which);
	}
}

/*
 * Equal statements: everything but the places.
 */

static const char *broken; /* what differs, for the message */

static bool
same(bool equal, const char *what)
{
	if (!equal)
		broken = what;
	return equal;
}

static bool
same_text(struct kcql_text a, struct kcql_text b, const char *what)
{
	bool equal = (a.ptr == NULL) == (b.ptr == NULL) && a.len == b.len &&
	             (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);

	return same(equal, what);
}

static bool
same_path(const struct kcql_path *a, const struct kcql_path *b)
{
	if (!same(a->from == b->from && a->level == b->level && a->all == b->all &&
		      a->of_value == b->of_value && a->n_segments == b->n_segments,
		"path"))
		return false;
	for (size_t i = 0; i < a->n_segments; i++)
		if (!same_text(a->segment[i], b->segment[i], "segment"))
			return false;
	return same_text(a->text, b->text, "path text") &&
	       same_text(a->canon, b->canon, "canonical path");
}

static bool
same_columns(const struct kcql_column *a, const struct kcql_column *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!same_path(&a[i].path, &b[i].path) ||
		    !same_text(a[i].alias, b[i].alias, "alias") ||
		    !same_text(a[i].name, b[i].name, "output name"))
			return false;
	return true;
}

static bool
same_tags(const struct kcql_statement *a, const struct kcql_statement *b)
{
	for (size_t i = 0; i < a->n_tags; i++) {
		const struct kcql_tag *x = &a->tags[i], *y = &b->tags[i];

		if (!same(x->kind == y->kind, "kind of tag") ||
		    !same_path(&x->path, &y->path) ||
		    !same_text(x->header, y->header, "header") ||
		    !same_text(x->value, y->value, "constant"))
			return false;
	}
	return true;
}

static bool
same_keys(const struct kcql_statement *a, const struct kcql_statement *b)
{
	for (size_t i = 0; i < a->n_keys; i++)
		if (!same_path(&a->keys[i], &b->keys[i]))
			return false;
	return true;
}

static bool
same_statement(const struct kcql_statement *a, const struct kcql_statement *b)
{
	for (size_t i = 0; i < KCQL_CLAUSES; i++)
		if (!same((a->clause[i].line > 0) == (b->clause[i].line > 0), "clauses"))
			return false;
	return same(a->mode == b->mode && a->all_columns == b->all_columns &&
			a->structure == b->structure && a->unit == b->unit &&
			a->receive_time == b->receive_time,
		   "flags") &&
	       same(a->n_columns == b->n_columns && a->n_ignored == b->n_ignored &&
			a->n_tags == b->n_tags && a->n_keys == b->n_keys,
		   "counts") &&
	       same_text(a->target, b->target, "target") &&
	       same_text(a->source, b->source, "source") &&
	       same_text(a->converter, b->converter, "converter") &&
	       same_text(a->regex, b->regex, "regex") &&
	       same_text(a->key_delimiter, b->key_delimiter, "delimiter") &&
	       same_path(&a->timestamp, &b->timestamp) &&
	       same_columns(a->columns, b->columns, a->n_columns) &&
	       same_columns(a->ignored, b->ignored, a->n_ignored) && same_tags(a, b) &&
	       same_keys(a, b);
}

/* false: the text is refused, which proves nothing. */
static bool
check_round_trip(const char *text)
{
	struct kcql *k = world_parse(text, 0), *again;
	bool accepted = k->error == NULL;
	struct kcql_text canon, twice;

	if (accepted) {
		canon = kcql_text(k);
		again = kcql_parse(canon.ptr, canon.len, 0);
		if (again->error != NULL)
			fail_msg("%s\nbecame\n%s\nwhich is refused: %s", text, canon.ptr,
			    again->error->message);
		assert_int_equal(k->n_statements, again->n_statements);
		for (size_t i = 0; i < k->n_statements; i++)
			if (!same_statement(&k->statement[i], &again->statement[i]))
				fail_msg("%s\nbecame\n%s\nwith another %s", text,
				    canon.ptr, broken);
		twice = kcql_text(again);
		if (strcmp(canon.ptr, twice.ptr) != 0)
			fail_msg(
			    "%s\nbecame\n%s\nand then\n%s", text, canon.ptr, twice.ptr);
		kcql_free(again);
	}
	kcql_free(k);
	return accepted;
}

static void
comes_back_the_same(void **state)
{
	struct maker g = { .random = UINT64_C(0x9e3779b97f4a7c15) };
	size_t accepted = 0;

	(void)state;
	for (size_t i = 0; i < STATEMENTS; i++) {
		g.n = 0;
		put_statement(&g);
		if (below(&g, 8) == 0) {
			put(&g, "\n;;");
			put_statement(&g);
		}
		g.text[g.n] = '\0';
		accepted += check_round_trip(g.text);
	}
	print_message("%zu of %d statements are accepted\n", accepted, STATEMENTS);
	assert_true(accepted > STATEMENTS / 4);
}

static const struct {
	const char *text, *canon;
} spellings[] = {
	{ "insert into t select * from a", "INSERT INTO t SELECT * FROM a" },
	{ "INSERT INTO 'a b' SELECT * FROM \"x/#\"",
	    "INSERT INTO `a b` SELECT * FROM `x/#`" },
	{ "INSERT INTO `select` SELECT * FROM `a`",
	    "INSERT INTO `select` SELECT * FROM a" },
	{ "INSERT INTO t SELECT \"a`b\", `from` AS 'c' FROM '`'",
	    "INSERT INTO t SELECT \"a`b\", `from` AS c FROM '`'" },
	{ "UPSERT INTO t SELECT a FROM b WITHKEY(`x.y`, 'z', \"p.q\", \"r\") "
	  "withstructure",
	    "UPSERT INTO t SELECT a FROM b WITHSTRUCTURE WITHKEY(`x.y`, z, \"p.q\", r)" },
	{ "INSERT INTO t SELECT a,--b FROM c", "INSERT INTO t SELECT a, `--b` FROM c" },
	{ "INSERT INTO t SELECT * FROM a KEYDELIMITER=, WITHREGEX=x",
	    NULL }, /* a bare comma is no value */
	{ "INSERT INTO t SELECT * FROM a KEYDELIMITER=\"'\" WITHTAG(a=b,c AS d)",
	    "INSERT INTO t SELECT * FROM a WITHTAG(a = 'b', c AS d) KEYDELIMITER=`'`" },
	{ ";;insert into t select * from a;\n;insert into u select * from b;",
	    "INSERT INTO t SELECT * FROM a;\nINSERT INTO u SELECT * FROM b" },
};

static void
spells_names_as_simply_as_is_safe(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(spellings); i++) {
		struct kcql *k = world_parse(spellings[i].text, 0);

		if (spellings[i].canon == NULL)
			assert_non_null(k->error);
		else if (k->error != NULL)
			fail_msg("%s", k->error->message);
		else if (strcmp(kcql_text(k).ptr, spellings[i].canon) != 0)
			fail_msg("%s\nbecame\n%s\nnot\n%s", spellings[i].text,
			    kcql_text(k).ptr, spellings[i].canon);
		kcql_free(k);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back_the_same),
		cmocka_unit_test(spells_names_as_simply_as_is_safe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
