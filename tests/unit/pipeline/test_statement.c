/* What a statement makes of a message, up to the transforms (kcql.md section 6). */
#include "pipeline/statement.h"

#include <string.h>

#include "base/mem.h"
#include "data_check.h"

struct row {
	const char *kcql; /* behind INSERT INTO t SELECT */
	const char *topic, *payload;
	const char *out; /* a record without its topic, or "<kind>: <message>..." */
};

static const struct task_options plain = {
	.connector = "c",
	.class_name = "headrace.MqttSource",
};

static void
run(const struct task_options *opts, const struct kcql_statement *k,
    const struct row *row, struct arena *mem, struct buf *out)
{
	const struct log_ctx log = { .connector = "c" };
	const struct message m = {
		.topic = str_of(row->topic),
		.payload = str_of(row->payload),
		.received_ms = 1700000000123,
		.qos = 1,
		.id = 7,
		.retain = true,
	};
	struct err err = { 0 };
	struct statement *s = statement_open(opts, k, &log, &err);
	struct record r;

	buf_reset(out);
	record_init(&r, mem);
	for (int turn = 0; turn < 2 && s != NULL; turn++) {
		record_init(&r, mem);
		if (statement_apply(s, &m, &r, &err) != 0)
			break;
	}
	if (err.kind != ERR_NONE)
		buf_printf(out, "%s: %s", err_kind_name(err.kind), err.msg);
	else
		data_check_print_record(out, &r);
	statement_close(s);
}

static void
check(const struct task_options *opts, const struct row *row)
{
	struct arena *mem = arena_new(4096);
	const char *text = arena_printf(mem, "INSERT INTO t SELECT %s", row->kcql);
	struct kcql *k = kcql_parse(
	    text, strlen(text), opts->strict_lenses ? KCQL_STRICT_LENSES : 0);
	size_t n = strlen(row->out);
	bool begins = n > 3 && strcmp(row->out + n - 3, "...") == 0;
	struct buf out = { 0 };

	if (k->error != NULL)
		fail_msg("%s", k->error->message);
	run(opts, k->statement, row, mem, &out);
	if (begins ? strncmp(buf_cstr(&out), row->out, n - 3) != 0
		   : strcmp(buf_cstr(&out), row->out) != 0)
		fail_msg("%s\n  topic    %s\n  payload  %s\n  expected %s\n  got      %s",
		    row->kcql, row->topic, row->payload, row->out, buf_cstr(&out));
	buf_fini(&out);
	kcql_free(k);
	arena_free(mem);
}

static void
check_rows(const struct task_options *opts, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check(opts, &rows[i]);
}

#define MSGKEY                                                               \
	"key=struct:io.lenses.streamreactor.common.converters.MsgKey(topic:" \
	"string,id:string) "
#define JSON " WITHCONVERTER=`json`"
#define TEXT " WITHCONVERTER=`json-text`"
#define K(text) "key=string " text " "

static void
converts_with_the_key_of_the_converter(void **state)
{
	static const struct row rows[] = {
		{ "* FROM a/b", "a/b", "xyz",
		    MSGKEY "{topic=a/b, id=7} value=bytes eHl6" },
		{ "* FROM a/b WITHCONVERTER=`bytes`", "a/b", "",
		    MSGKEY "{topic=a/b, id=7} value=bytes " },
		{ "* FROM a/b" JSON, "a/b", "{\"t\":1}",
		    MSGKEY "{topic=a/b, id=7} value=struct:a_b(t:int64?) {t=1}" },
		{ "* FROM a/b WITHCONVERTER=`json-optnull`", "a/b",
		    "{\"t\":1,\"u\":null}",
		    MSGKEY "{topic=a/b, id=7} "
			   "value=struct:a_b(t:int64,u:string?) {t=1, u=null}" },
		{ "* FROM a/b" TEXT, "a/b", "{\"t\":1}", "key=a/b.7 value={\"t\":1}" },
		{ "* FROM a/b" JSON, "a/b", "{\"t\":", "record: ..." },
		{ "* FROM a/b WITHCONVERTER=`org.x.Own`", "a/b", "",
		    "config: WITHCONVERTER: there is no converter org.x.Own ..." },
	};

	(void)state;
	check_rows(&plain, rows, ARRAY_LEN(rows));
}

#define IN                                                                               \
	"{\"s\":\"x\",\"i\":-5,\"d\":1E-4,\"b\":true,\"n\":null,\"o\":{\"p\":{\"q\":9}}" \
	",\"l\":[1]}"

static void
joins_the_key_from_fields(void **state)
{
	static const struct row rows[] = {
		{ "s FROM t" JSON " WITHKEY(i)", "t", IN,
		    K("-5") "value=struct:t(s:string?) {s=x}" },
		{ "s FROM t" JSON " WITHKEY(s, i, d, b)", "t", IN,
		    K("x.-5.1.0E-4.true") "value=struct:t(s:string?) {s=x}" },
		{ "s FROM t" JSON " WITHKEY(s, o.p.q) KEYDELIMITER='::'", "t", IN,
		    K("x::9") "value=struct:t(s:string?) {s=x}" },
		{ "s FROM t" JSON " WITHKEY(`o.p.q`)", "t", IN,
		    K("9") "value=struct:t(s:string?) {s=x}" },
		{ "s FROM t" JSON " WITHKEY(_.topic, _.topic.2, s, _.qos, _.id, "
		  "_.retained, _.dup, _.timestamp) KEYDELIMITER='|'",
		    "t/u", IN,
		    K("t/u|u|x|1|7|true|false|1700000000123") "value=struct:t_u(s:string?"
							      ") {s=x}" },
		{ "* FROM t WITHKEY(_.topic.1)", "t/u", "raw",
		    K("t") "value=bytes cmF3" },
		{ "* FROM t" TEXT " WITHKEY(s, n, i)", "t", IN, "key=x.-5 value=" IN },
		{ "* FROM t" TEXT " WITHKEY(n)", "t", IN, "key=t.7 value=" IN },
		/* a field that IGNORE takes away, or that no column names, makes a key */
		{ "i FROM t IGNORE s" JSON " WITHKEY(s)", "t", IN,
		    K("x") "value=struct:t(i:int64?) {i=-5}" },
		{ "* FROM t" JSON " WITHKEY(v)", "t", IN,
		    "record: Couldn't find field [v] in the schema..." },
		{ "* FROM t" JSON " WITHKEY(o.v)", "t", IN,
		    "record: Invalid field selection for [o.v]. Can't find field [v]. "
		    "Fields available: [p]..." },
		{ "* FROM t" JSON " WITHKEY(n)", "t", IN,
		    "record: Invalid field selection for [n]. Field [n] is null" },
		{ "* FROM t" JSON " WITHKEY(o)", "t", IN,
		    "record: Invalid field selection for [o]. It doesn't resolve to a "
		    "primitive..." },
		{ "* FROM t" JSON " WITHKEY(l)", "t", IN, "record: ARRAY is not..." },
		{ "* FROM t" JSON " WITHKEY(s.x)", "t", IN, "record: ..." },
		{ "* FROM t" JSON " WITHKEY(n.x)", "t", IN, "record: ..." },
		{ "* FROM t" JSON " WITHKEY(s)", "t", "[1]", "record: ..." },
		{ "* FROM t WITHKEY(_.topic.3)", "t/u", "",
		    "record: topic t/u has no level 3..." },
		{ "* FROM t WITHKEY(s)", "t", IN, "config: ..." },
	};

	(void)state;
	check_rows(&plain, rows, ARRAY_LEN(rows));
}

#define NO_VALUE "value=struct:t() {}"

static void
makes_a_header_of_each_tag(void **state)
{
	static const struct row rows[] = {
		{ "v FROM t" JSON
		  " WITHTAG(s, i AS num, d, b, site='A 1', empty='', o.p.q) "
		  "WITHKEY(i)",
		    "t", IN,
		    "h:s=string? x h:num=int64? -5 h:d=float64? 1.0E-4 h:b=boolean? true "
		    "h:site=string A 1 h:empty=string  h:o.p.q=int64? 9 " K("-5")
			NO_VALUE },
		{ "v FROM t" JSON " WITHTAG(_.topic, _.topic.2 AS room, _.qos, _.id, "
		  "_.retained, _.dup AS again, _.timestamp) WITHKEY(i)",
		    "t/u", IN,
		    "h:_.topic=string t/u h:room=string u h:_.qos=int32 1 h:_.id=int32 7 "
		    "h:_.retained=boolean true h:again=boolean false "
		    "h:_.timestamp=int64 1700000000123 " K(
			"-5") "value=struct:t_u() {}" },
		/* absent and null make none */
		{ "v FROM t" JSON " WITHTAG(w, n, o.w, n.x, _.topic.2) WITHKEY(i)", "t",
		    IN, K("-5") NO_VALUE },
		{ "v FROM t IGNORE s" JSON " WITHTAG(s) WITHKEY(i)", "t", IN,
		    "h:s=string? x " K("-5") NO_VALUE },
		{ "* FROM t" TEXT " WITHTAG(s, n, i, d, b)", "t", IN,
		    "h:s=string? x h:i=int64? -5 h:d=float64? 1.0E-4 h:b=boolean? true "
		    "key=t.7 value=" IN },
		{ "* FROM t WITHTAG(a='b', _.qos) WITHKEY(_.topic)", "t", "x",
		    "h:a=string b h:_.qos=int32 1 " K("t") "value=bytes eA==" },
		{ "* FROM t" JSON " WITHTAG(o)", "t", IN,
		    "record: WITHTAG(o): a header is made of a boolean, number or text, "
		    "and "
		    "this is STRUCT..." },
		{ "* FROM t" JSON " WITHTAG(l AS h)", "t", IN,
		    "record: WITHTAG(l): ..." },
		{ "* FROM t" JSON " WITHTAG(s.x)", "t", IN,
		    "record: [s.x]: [s] is no object..." },
		{ "* FROM t" JSON " WITHTAG(_value)", "t", "[1]",
		    "record: WITHTAG(_value): ..." },
	};

	(void)state;
	check_rows(&plain, rows, ARRAY_LEN(rows));
}

static void
sets_the_timestamp(void **state)
{
	static const struct row rows[] = {
		{ "v FROM t WITHTIMESTAMP sys_time()" JSON " WITHKEY(i)", "t", IN,
		    "ts=1700000000123 " K("-5") NO_VALUE },
		{ "v FROM t WITHTIMESTAMP _.timestamp" JSON " WITHKEY(i)", "t", IN,
		    "ts=1700000000123 " K("-5") NO_VALUE },
		{ "* FROM t WITHTIMESTAMP sys_time() WITHKEY(_.topic)", "t", "",
		    "ts=1700000000123 " K("t") "value=bytes " },
		{ "v FROM t IGNORE o WITHTIMESTAMP o.p.q TIMESTAMPUNIT=SECONDS" JSON
		  " WITHKEY(i)",
		    "t", IN, "ts=9000 " K("-5") NO_VALUE },
		{ "v FROM t WITHTIMESTAMP d TIMESTAMPUNIT=DAYS" JSON " WITHKEY(i)", "t",
		    IN, "ts=8640 " K("-5") NO_VALUE },
		{ "* FROM t WITHTIMESTAMP at" TEXT, "t",
		    "{\"at\":\"2023-11-14T22:13:20Z\"}",
		    "ts=1700000000000 key=t.7 value={\"at\":\"2023-11-14T22:13:20Z\"}" },
		{ "* FROM t WITHTIMESTAMP i" JSON, "t", IN,
		    "record: WITHTIMESTAMP i: the field holds no time that Kafka "
		    "takes..." },
		{ "* FROM t WITHTIMESTAMP n" JSON, "t", IN,
		    "record: WITHTIMESTAMP n: the field is absent or null..." },
		{ "* FROM t WITHTIMESTAMP w.x" JSON, "t", IN,
		    "record: WITHTIMESTAMP w.x: the field is absent or null..." },
		{ "* FROM t WITHTIMESTAMP s.x" JSON, "t", IN,
		    "record: WITHTIMESTAMP s.x: [s.x]: [s] is no object..." },
	};

	(void)state;
	check_rows(&plain, rows, ARRAY_LEN(rows));
}

static void
selects_after_key_tags_and_timestamp(void **state)
{
	static const struct row rows[] = {
		{ "i AS n, o.p.q FROM t IGNORE d" JSON " WITHKEY(s)", "t", IN,
		    K("x") "value=struct:t(n:int64?,q:int64?) {n=-5, q=9}" },
		{ "o.p.q, _.topic.2 AS room FROM t WITHSTRUCTURE" JSON " WITHKEY(s)",
		    "t/u", IN,
		    K("x") "value=struct:t_u(o:struct:o(p:struct:p(q:int64?)),room:"
			   "string) "
			   "{o={p={q=9}}, room=u}" },
		{ "s FROM t" JSON, "t", "[1]",
		    "record: columns and IGNORE need a struct..." },
		{ "* FROM t IGNORE s" JSON, "t", "[1]",
		    "record: columns and IGNORE need a struct..." },
		{ "*, i AS s FROM t" JSON, "t", IN,
		    "record: the column list makes the field \"s\" twice..." },
	};

	(void)state;
	check_rows(&plain, rows, ARRAY_LEN(rows));
}

static void
keeps_keys_of_the_class_that_is_configured(void **state)
{
	static const struct row old = { "* FROM t", "t", "",
		"key=struct:com.datamountaineer.streamreactor.common.converters.MsgKey("
		"topic:string,id:string) {topic=t, id=7} value=bytes " };
	static const struct row by_topic = { "* FROM t", "t/u", "",
		K("t/u") "value=bytes " };
	struct task_options opts = plain;

	(void)state;
	opts.class_name = "com.datamountaineer.streamreactor.connect.mqtt.source."
			  "MqttSourceConnector";
	check(&opts, &old);
	opts = plain;
	opts.key = TASK_KEY_TOPIC;
	check(&opts, &by_topic);
}

/* Lenses' MQTT source reads these clauses and does nothing about them. */
static void
does_as_lenses_in_strict_mode(void **state)
{
	static const struct row rows[] = {
		{ "i AS n FROM t IGNORE s WITHSTRUCTURE WITHTIMESTAMP n "
		  "WITHTAG(s)" JSON " WITHKEY(s)",
		    "t", "{\"s\":\"x\",\"i\":1}",
		    K("x") "value=struct:t(s:string?,i:int64?) {s=x, i=1}" },
		{ "* FROM t WITHKEY(s)", "t", "{\"s\":\"x\"}",
		    MSGKEY "{topic=t, id=7} value=bytes eyJzIjoieCJ9" },
		{ "* FROM t" JSON, "t", " ",
		    MSGKEY "{topic=t, id=7} value=string? null" },
		{ "* FROM t" JSON, "t", "{\"a\":9223372036854775808}",
		    MSGKEY "{topic=t, id=7} value=struct:t(a:int64?) "
			   "{a=-9223372036854775808}" },
	};
	struct task_options opts = plain;

	(void)state;
	opts.strict_lenses = true;
	check_rows(&opts, rows, ARRAY_LEN(rows));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(converts_with_the_key_of_the_converter),
		cmocka_unit_test(joins_the_key_from_fields),
		cmocka_unit_test(makes_a_header_of_each_tag),
		cmocka_unit_test(sets_the_timestamp),
		cmocka_unit_test(selects_after_key_tags_and_timestamp),
		cmocka_unit_test(keeps_keys_of_the_class_that_is_configured),
		cmocka_unit_test(does_as_lenses_in_strict_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
