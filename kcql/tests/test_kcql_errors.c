/* What is refused, with which code, where, and what the message tells to do. */
#include "kcql/tests/world.h"

struct row {
	const char *text, *code;
	unsigned line, column;
	const char *says; /* a part of the message */
};

/* Statements as a new user writes them: each message must be enough to mend it. */
static const struct row first_steps[] = {
	{ "INSERT INTO alarms SELECT * FROM site/+/alarm WHERE level > 3",
	    "trailing_text", 1, 47,
	    "KCQL has no conditions; WITHREGEX selects topics, a Filter transform" },
	{ "SELECT * FROM site/#", "missing_target", 1, 1, "write INSERT INTO <topic>" },
	{ "INSERT INTO my alarms SELECT * FROM a", "syntax", 1, 16,
	    "unexpected 'alarms' (a name with a blank needs backticks), expected "
	    "SELECT" },
	{ "INSERT INTO t SELECT * FROM my topic", "trailing_text", 1, 32,
	    "(a name with a blank needs backticks)" },
	{ "INSERT INTO t SELECT * FROM a WITHCONVERTOR=`json`", "trailing_text", 1, 31,
	    "(did you mean WITHCONVERTER?)" },
	{ "INSERT INTO t SELECT * FORM a", "syntax", 1, 24, "(did you mean FROM?)" },
	{ "INSRT INTO t SELECT * FROM a", "syntax", 1, 1, "(did you mean INSERT?)" },
	{ "INSERT INTO t SELECT * FROM \xe2\x80\x9c"
	  "a\xe2\x80\x9d",
	    "illegal_character", 1, 29,
	    "\xe2\x80\x9c does not quote; write ` or ' or \"" },
	{ "INSERT INTO t SELECT count(*) FROM a", "unsupported_expression", 1, 22,
	    "count(...) is a function, and KCQL has none; transforms" },
	{ "INSERT INTO t SELECT 'x' AS y FROM a", "unsupported_expression", 1, 22,
	    "needs backticks: `x`; WITHTAG(name = value)" },
	{ "INSERT INTO t SELECT * FROM a BATCH = 500", "sink_only_clause", 1, 31,
	    "remove it, and use the connector's settings" },
	{ "INSERT INTO t SELECT * FROM a AUTOCREATE", "sink_only_clause", 1, 31,
	    "topic.creation.*" },
	{ "INSERT INTO t SELECT * FROM a PK b", "sink_only_clause", 1, 31,
	    "WITHKEY(...)" },
	{ "UPSERT PK b INTO t SELECT * FROM a", "sink_only_clause", 1, 8,
	    "WITHKEY(...)" },
	{ "INSERT INTO t SELECT * FROM a WITHTARGET=x", "sink_only_clause", 1, 31,
	    "write $ in the target" },
	{ "INSERT INTO t SELECT * FROM a WITHFORMAT json", "foreign_clause", 1, 31,
	    "value.converter" },
	{ "INSERT INTO t SELECT * FROM a SAMPLE 10", "retired_clause", 1, 31,
	    "remove it" },
	{ "INSERT INTO t SELECT * FROM a, b", "trailing_text", 1, 30,
	    "write one statement" },
	{ "INSERT INTO t SELECT * FROM a\nINSERT INTO u SELECT * FROM b", "trailing_text",
	    2, 1, "put ';' between statements" },
	{ "INSERT INTO t SELECT * FROM a // all", "trailing_text", 1, 31,
	    "a comment begins with --" },
	{ "INSERT INTO t SELECT a.x, b.x FROM c", "duplicate_field", 1, 27, "with AS" },
	{ "INSERT INTO t SELECT b, WITHKEY(c)", "unsupported_expression", 1, 25,
	    "a column is missing before WITHKEY; remove the comma" },
	{ "INSERT INTO t SELECT * FROM a WITHTIMESTAMP b TIMESTAMPUNIT=ms", "bad_unit", 1,
	    61, "ms is no unit; write NANOSECONDS, MICROSECONDS, MILLISECONDS" },
	{ "INSERT INTO t SELECT _.offset FROM a", "sink_only_field", 1, 22,
	    "_.timestamp" },
	{ "INSERT INTO t SELECT _.client FROM a", "bad_metadata", 1, 22, "topic.N" },
};

static const struct row rules[] = {
	/* Tokens. */
	{ "INSERT INTO `t", "unterminated_quote", 1, 13, "closing `" },
	{ "INSERT INTO 't\n' SELECT", "unterminated_quote", 1, 13,
	    "closing ' on its line" },
	{ "INSERT INTO \"t\r\" SELECT", "unterminated_quote", 1, 13, "closing \"" },
	{ "INSERT INTO t`u` SELECT", "mixed_quoting", 1, 14, "`u` touches" },
	{ "INSERT INTO `t`u SELECT", "mixed_quoting", 1, 16, "u touches" },
	{ "INSERT INTO `t`'u' SELECT", "mixed_quoting", 1, 16, "touches" },
	{ "INSERT INTO t SELECT `a`b FROM c", "mixed_quoting", 1, 25, "touches" },
	{ "INSERT INTO t SELECT a AS `b`c FROM d", "mixed_quoting", 1, 30, "touches" },
	{ "INSERT INTO t SELECT * FROM a WITHKEY(`b`c)", "mixed_quoting", 1, 42,
	    "touches" },
	{ "INSERT INTO t SELECT * FROM a WITHKEY(b'c')", "mixed_quoting", 1, 40,
	    "touches" },
	{ "INSERT INTO t SELECT * FROM a WITHTAG(b='c'd)", "mixed_quoting", 1, 44,
	    "touches" },
	{ "INSERT INTO t SELECT * FROM `a`--b", "mixed_quoting", 1, 32, "touches" },
	{ "INSERT INTO '' SELECT", "empty_name", 1, 13, "the name of a Kafka topic" },
	{ "INSERT INTO t SELECT `` FROM a", "empty_name", 1, 22, "a name" },
	{ "INSERT INTO t SELECT a.\"\" FROM a", "empty_name", 1, 24, "a name" },
	{ "INSERT INTO t SELECT a AS '' FROM a", "empty_name", 1, 27, "a name" },
	{ "INSERT INTO t SELECT * FROM a WITHTAG(b AS '')", "empty_name", 1, 44,
	    "header" },
	{ "INSERT INTO t SELECT * FROM a WITHKEY('..')", "empty_name", 1, 39, "dots" },
	{ "INSERT INTO t SELECT * FROM a WITHREGEX=``", "empty_name", 1, 41,
	    "expression" },
	{ "INSERT INTO t\x07 SELECT * FROM a", "illegal_character", 1, 14, "U+0007" },
	{ "INSERT INTO t SELECT * FROM \xc2\x85"
	  "a\xc2\x9f",
	    "illegal_character", 1, 31, "U+009F" },
	{ "INSERT INTO t SELECT * FROM a\xff", "illegal_character", 1, 30, "byte 0xFF" },
	{ "INSERT INTO t SELECT * FROM `\xc3\xa9\xc3`", "illegal_character", 1, 31,
	    "0xC3" },
	{ "INSERT INTO t SELECT * FROM a -- \xed\xa0\x80", "illegal_character", 1, 34,
	    "0xED" },
	{ "INSERT INTO t SELECT * FROM a garb\x07"
	  "age",
	    "trailing_text", 1, 31, "unexpected" },
	/* Names that are words. */
	{ "INSERT INTO insert SELECT * FROM a", "reserved_word", 1, 13, "`insert`" },
	{ "INSERT INTO t SELECT * FROM INTO", "reserved_word", 1, 29, "`INTO`" },
	{ "INSERT INTO t SELECT FROM FROM a", "syntax", 1, 22, "expected a column" },
	{ "INSERT INTO t SELECT from FROM a", "syntax", 1, 22, "expected a column" },
	{ "INSERT INTO t SELECT a AS FROM b", "syntax", 1, 27, "expected an alias" },
	/* Columns. */
	{ "INSERT INTO t SELECT a AS 1 FROM b", "number_as_name", 1, 27, "`1`" },
	{ "INSERT INTO t SELECT * FROM b IGNORE a.2", "number_as_name", 1, 40, "`2`" },
	{ "INSERT INTO t SELECT * FROM b WITHTAG(3)", "number_as_name", 1, 39, "`3`" },
	{ "INSERT INTO t SELECT * FROM b WITHKEY(5, 6.a)", "number_as_name", 1, 42,
	    "`6`" },
	{ "INSERT INTO t SELECT * FROM b WITHKEY(a.7)", "number_as_name", 1, 41, "`7`" },
	{ "INSERT INTO t SELECT * FROM b WITHTIMESTAMP 4", "number_as_name", 1, 45,
	    "`4`" },
	{ "INSERT INTO t SELECT a AS b.c FROM d", "syntax", 1, 28,
	    "expected ',' or FROM" },
	{ "INSERT INTO t SELECT a. FROM d e", "syntax", 1, 30,
	    "expected ',', AS or FROM" },
	{ "INSERT INTO t SELECT a.,b FROM d", "syntax", 1, 24, "expected a name" },
	{ "INSERT INTO t SELECT .a FROM d", "syntax", 1, 22, "expected a column" },
	{ "INSERT INTO t SELECT f (a) FROM d", "unsupported_expression", 1, 22,
	    "f(...)" },
	{ "INSERT INTO t SELECT 'a FROM d", "unterminated_quote", 1, 22, "closing '" },
	{ "INSERT INTO t SELECT a, b AS a FROM d", "duplicate_field", 1, 25, "field a" },
	{ "INSERT INTO t SELECT _.topic, topic FROM d", "duplicate_field", 1, 31,
	    "topic" },
	{ "INSERT INTO t SELECT _.topic.2 AS x, y AS x FROM d", "duplicate_field", 1, 38,
	    "x" },
	{ "INSERT INTO t SELECT a.*, b, a.* FROM d", "duplicate_field", 1, 30, "a.*" },
	{ "INSERT INTO t SELECT a.b, c, a.b FROM d WITHSTRUCTURE", "duplicate_field", 1,
	    30, "field b" },
	{ "INSERT INTO t SELECT x, _value.x FROM d", "duplicate_field", 1, 25,
	    "field x" },
	{ "INSERT INTO t\nSELECT a,\n a FROM d WITHKEY(", "syntax", 3, 19, "a field" },
	/* Metadata. */
	{ "INSERT INTO t SELECT _.topic.0 FROM d", "bad_metadata", 1, 22, "from 1" },
	{ "INSERT INTO t SELECT _.topic.65536 FROM d", "bad_metadata", 1, 22, "_.topic" },
	{ "INSERT INTO t SELECT _.topic.x FROM d", "bad_metadata", 1, 22, "_.topic" },
	{ "INSERT INTO t SELECT _.topic.1.2 FROM d", "bad_metadata", 1, 22, "_.topic" },
	{ "INSERT INTO t SELECT _.qos.1 FROM d", "bad_metadata", 1, 22, "_.qos" },
	{ "INSERT INTO t SELECT _.* FROM d", "bad_metadata", 1, 22, "_.*" },
	{ "INSERT INTO t SELECT a, _. , b FROM d", "bad_metadata", 1, 25, "_." },
	{ "INSERT INTO t SELECT * FROM d WITHKEY(_.topic.*)", "bad_metadata", 1, 39,
	    "_." },
	{ "INSERT INTO t SELECT * FROM d WITHTAG(_.Partition)", "sink_only_field", 1, 39,
	    "" },
	{ "INSERT INTO t SELECT * FROM d WITHTAG(_.x AS y)", "bad_metadata", 1, 39,
	    "_.x" },
	{ "INSERT INTO t SELECT * FROM d WITHTIMESTAMP _.key.a", "sink_only_field", 1, 45,
	    "" },
	{ "INSERT INTO t SELECT a, _header.x FROM d", "sink_only_field", 1, 25,
	    "_header" },
	/* Clauses. */
	{ "INSERT INTO t SELECT * FROM a withkey(b) IGNORE c WithKey(d)",
	    "duplicate_clause", 1, 51, "line 1 column 31" },
	{ "INSERT INTO t SELECT * FROM a IGNORE a.*, *", "syntax", 1, 43, "a column" },
	{ "INSERT INTO t SELECT * FROM a IGNORE b c", "trailing_text", 1, 40,
	    "expected" },
	{ "INSERT INTO t SELECT * FROM a WITHTIMESTAMP sys_time(x)", "syntax", 1, 54,
	    "')'" },
	{ "INSERT INTO t SELECT * FROM a WITHTIMESTAMP now()", "trailing_text", 1, 48,
	    "'('" },
	{ "INSERT INTO t SELECT * FROM a WITHKEY(b.*)", "syntax", 1, 41, "a name" },
	{ "INSERT INTO t SELECT * FROM a WITHTAG(b=)", "syntax", 1, 41, "a value" },
	{ "INSERT INTO t SELECT * FROM a WITHTAG(b AS )", "syntax", 1, 44,
	    "a header name" },
	{ "INSERT INTO t SELECT * FROM a WITHTAG(b=c AS d)", "syntax", 1, 43,
	    "',' or ')'" },
	{ "INSERT INTO t SELECT * FROM a KEYDELIMITER=", "syntax", 1, 44, "a delimiter" },
	{ "INSERT INTO t SELECT * FROM a PROPERTIES(,)", "syntax", 1, 42, "or ')'" },
	{ "INSERT INTO t SELECT * FROM a PROPERTIES(", "syntax", 1, 42, "a property" },
	{ "INSERT INTO t SELECT * FROM a WITHSTRUCTURE()", "trailing_text", 1, 44,
	    "'('" },
	/* Several statements. */
	{ "", "no_statement", 1, 1, "there is no statement" },
	{ " -- nothing\n ; ", "no_statement", 2, 4, "there is no statement" },
	{ "INSERT INTO t SELECT * FROM a;\n\n INSERT INTO t", "syntax", 3, 15, "SELECT" },
	{ "INSERT INTO t SELECT * FROM \xc3\xa9\xe6\xb8\xa9 x", "trailing_text", 1, 32,
	    "" },
};

static void
check_row(const struct row *r)
{
	struct kcql *k = kcql_parse(r->text, strlen(r->text), 0);
	const struct kcql_error *e = k->error;

	if (e == NULL)
		fail_msg("%s\nis accepted", r->text);
	if (strcmp(e->code, r->code) != 0 || e->at.line != r->line ||
	    e->at.column != r->column || strstr(e->message, r->says) == NULL)
		fail_msg("%s\nwant %s at %u:%u with \"%s\"\ngot  %s at %u:%u\n%s",
		    r->text, r->code, r->line, r->column, r->says, e->code, e->at.line,
		    e->at.column, e->message);
	kcql_free(k);
}

static void
tells_beginners_what_to_write(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(first_steps); i++)
		check_row(&first_steps[i]);
}

static void
refuses_what_it_cannot_honour(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(rules); i++)
		check_row(&rules[i]);
}

/* First line as Lenses begins it, the source line, and the caret under the column. */
static const struct {
	const char *text, *message;
} forms[] = {
	{ "INSERT INTO t SELECT * FROM a WITHKEY b;INSERT INTO u SELECT * FROM c",
	    "Invalid syntax. SQL:INSERT INTO t SELECT * FROM a WITHKEY b . Error message:"
	    "syntax at line 1 column 39: unexpected 'b', expected '('\n"
	    "INSERT INTO t SELECT * FROM a WITHKEY b;INSERT INTO u SELECT * FROM c\n"
	    "                                      ^" },
	{ "INSERT INTO t\n\tSELECT\t*\tFORM a",
	    "Invalid syntax. SQL:INSERT INTO t \tSELECT\t*\tFORM a . Error message:"
	    "syntax at line 2 column 11: unexpected 'FORM' (did you mean FROM?), "
	    "expected "
	    "',', AS or FROM\n"
	    "\tSELECT\t*\tFORM a\n"
	    "\t      \t \t^" },
	{ ";\n;",
	    "Invalid syntax. SQL: . Error message:no_statement at line 2 column 2: there "
	    "is no statement; write INSERT INTO <Kafka topic> SELECT * FROM <MQTT topic "
	    "filter>\n;\n ^" },
	{ "INSERT INTO `a;b` SELECT 1 FROM c;",
	    "Invalid syntax. SQL:INSERT INTO `a;b` SELECT 1 FROM c . Error message:"
	    "number_as_name at line 1 column 26: a number is no name; a field that is "
	    "called "
	    "so needs quotes: `1`\n"
	    "INSERT INTO `a;b` SELECT 1 FROM c;\n"
	    "                         ^" },
};

static void
points_at_the_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(forms); i++) {
		struct kcql *k = kcql_parse(forms[i].text, strlen(forms[i].text), 0);

		assert_non_null(k->error);
		assert_string_equal(k->error->message, forms[i].message);
		kcql_free(k);
	}
}

/* Of a long statement and a long line only a part is shown, the caret still under
 * its place. */
static void
cuts_what_is_long(void **state)
{
	char text[2000] = "INSERT INTO t SELECT ", *line, *caret;
	struct kcql *k;

	(void)state;
	for (int i = 0; i < 150; i++)
		strcat(text, "columnx, ");
	strcat(text, "1 FROM a");
	k = kcql_parse(text, strlen(text), 0);
	assert_non_null(k->error);
	assert_string_equal(k->error->code, "number_as_name");
	line = strchr(k->error->message, '\n');
	assert_non_null(line);
	assert_true(line - k->error->message < 400);
	caret = strchr(line + 1, '\n');
	assert_non_null(caret);
	assert_true(strncmp(line + 1, "...", 3) == 0 && caret - line < 250);
	assert_int_equal(line[strlen(caret) - 1], '1'); /* the same column as the caret */
	kcql_free(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_beginners_what_to_write),
		cmocka_unit_test(refuses_what_it_cannot_honour),
		cmocka_unit_test(points_at_the_place),
		cmocka_unit_test(cuts_what_is_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
