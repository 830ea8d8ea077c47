/* Column lists and IGNORE on values of any schema (kcql.md 6.5 and 6.6). */
#include "route/select.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "data_check.h"

struct row {
	const char *kcql; /* behind INSERT INTO t SELECT */
	const char *schema, *in;
	const char *out; /* "<schema> <value>", or "record: <message>" */
};

static struct kcql *
parse(struct arena *mem, const char *text)
{
	const char *all = arena_printf(mem, "INSERT INTO t SELECT %s", text);
	struct kcql *k = kcql_parse(all, strlen(all), 0);

	if (k->error != NULL)
		fail_msg("%s", k->error->message);
	return k;
}

/* As a converter marks what lives as long as the task. */
static void
share(const struct schema *s)
{
	((struct schema *)s)->shared = true;
	for (uint32_t i = 0; i < s->n_fields; i++)
		share(s->fields[i].schema);
}

static const char *
apply(struct select *sel, struct arena *mem, const char *topic, struct datum in)
{
	const struct message m = {
		.topic = str_of(topic),
		.received_ms = 1700000000123,
		.qos = 2,
		.id = 65535,
		.retain = true,
	};
	struct buf out = { 0 };
	struct record r;
	struct err err = { 0 };
	const char *text;

	record_init(&r, mem);
	r.value = in;
	if (sel != NULL && select_apply(sel, &m, &r, &err) != 0) {
		buf_printf(&out, "%s: %s", err_kind_name(err.kind), err.msg);
	} else {
		data_check_print(&out, &r.value);
		if (r.value.value.kind == VALUE_STRUCT &&
		    value_struct_check(r.value.value, &err) != 0)
			buf_printf(&out, ", which is not valid: %s", err.msg);
	}
	text = arena_str(mem, buf_str(&out)).p;
	buf_fini(&out);
	return text;
}

/* Once with a schema of the message alone, then twice with one that is kept. */
static void
check(const char *topic, const struct row *row)
{
	struct arena *mem = arena_new(4096);
	struct kcql *k = parse(mem, row->kcql);
	struct select *sel = select_new(k->statement);
	struct datum in = { NULL, value_null() };

	if (row->schema != NULL)
		in.schema = data_check_schema(mem, row->schema);
	in.value = data_check_value(mem, row->in, in.schema);
	for (int turn = 0; turn < 3; turn++) {
		const char *out = apply(sel, mem, topic, in);
		if (strcmp(out, row->out) != 0)
			fail_msg("%s\n  of       %s %s\n  turn     %d\n  expected %s\n  "
				 "got      %s",
			    row->kcql, row->schema, row->in, turn, row->out, out);
		if (in.schema != NULL)
			share(in.schema);
	}
	select_free(sel);
	kcql_free(k);
	arena_free(mem);
}

static void
check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check("a/b", &rows[i]);
}

#define AB "struct:S(a:int32,b:string?)"
#define AB_IN "{\"a\":1,\"b\":\"x\"}"
#define DEEP "struct:S(n:struct:N(x:int32,y:int64,z:struct:Z(p:int32,q:int32)),a:int32)"
#define DEEP_IN "{\"n\":{\"x\":1,\"y\":2,\"z\":{\"p\":3,\"q\":4}},\"a\":5}"
#define NULLS "struct:S(n:struct:N(x:int32,s:struct:T(t:string))?,a:int32)"
#define NULLS_IN "{\"n\":null,\"a\":5}"

static void
makes_a_struct_in_the_order_of_the_columns(void **state)
{
	static const struct row rows[] = {
		{ "* FROM s", AB, AB_IN, AB " {a=1, b=x}" },
		{ "* FROM s", NULL, "[1]", "[1]" },
		{ "b, a FROM s", AB, AB_IN, "struct:S(b:string?,a:int32) {b=x, a=1}" },
		{ "b AS c FROM s", AB, AB_IN, "struct:S(c:string?) {c=x}" },
		{ "a AS b, b AS a FROM s", AB, AB_IN,
		    "struct:S(b:int32,a:string?) {b=1, a=x}" },
		{ "a AS x, a AS y FROM s", AB, AB_IN,
		    "struct:S(x:int32,y:int32) {x=1, y=1}" },
		{ "`a` FROM s", AB, AB_IN, "struct:S(a:int32) {a=1}" },
		{ "A FROM s", AB, AB_IN, "struct:S() {}" }, /* case matters */
		{ "_value.a FROM s", AB, AB_IN, "struct:S(a:int32) {a=1}" },
		{ "_value FROM s", AB, AB_IN,
		    "struct:S(_value:" AB ") {_value={a=1, b=x}}" },
		{ "_value AS v, a FROM s", AB, AB_IN,
		    "struct:S(v:" AB ",a:int32) {v={a=1, b=x}, a=1}" },
		{ "_value.* FROM s", AB, AB_IN, AB " {a=1, b=x}" },
		/* what the value lacks is left out */
		{ "a, c, b.d FROM s", AB, AB_IN, "struct:S(a:int32) {a=1}" },
		{ "c FROM s", AB, AB_IN, "struct:S() {}" },
		{ "a.x, b FROM s", AB, AB_IN, "struct:S(b:string?) {b=x}" },
		{ "c.*, b FROM s", AB, AB_IN, "struct:S(b:string?) {b=x}" },
		{ "b.*, a FROM s", AB, AB_IN, "struct:S(a:int32) {a=1}" },
		/* version, optional and name stay with the value's own */
		{ "a FROM s", "struct(a:int32)?", "{\"a\":1}", "struct(a:int32)? {a=1}" },
		{ "a FROM s", "struct(a:int32=7)", "{\"a\":null}",
		    "struct(a:int32=7) {a=null}" },
		{ "a, b FROM s", "struct(a:[int32],b:Timestamp)", "{\"a\":[1,2],\"b\":5}",
		    "struct(a:[int32],b:Timestamp) {a=[1, 2], b=5}" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void
star_stands_for_what_no_other_column_names(void **state)
{
	static const struct row rows[] = {
		{ "*, a AS x FROM s", AB, AB_IN,
		    "struct:S(b:string?,x:int32) {b=x, x=1}" },
		{ "a AS x, * FROM s", AB, AB_IN,
		    "struct:S(x:int32,b:string?) {x=1, b=x}" },
		{ "a, * FROM s", AB, AB_IN, "struct:S(a:int32,b:string?) {a=1, b=x}" },
		{ "*, b AS x, b AS y FROM s", AB, AB_IN,
		    "struct:S(a:int32,x:string?,y:string?) {a=1, x=x, y=x}" },
		{ "*, c AS x FROM s", AB, AB_IN, AB " {a=1, b=x}" },
		{ "*, _.qos FROM s", AB, AB_IN,
		    "struct:S(a:int32,b:string?,qos:int32) {a=1, b=x, qos=2}" },
		/* a nested path leaves its parent in `*` */
		{ "*, n.x FROM s", "struct(n:struct(x:int32),a:int32)",
		    "{\"n\":{\"x\":1},\"a\":2}",
		    "struct(n:struct(x:int32),a:int32,x:int32) {n={x=1}, a=2, x=1}" },
		{ "n.*, a AS x FROM s", DEEP, DEEP_IN,
		    "record: the column list makes the "
		    "field \"x\" twice; give one of the columns another name with AS" },
		{ "*, a AS b FROM s", "struct(a:int32,b:int32)", "{\"a\":1,\"b\":2}",
		    "record: the column list makes the field \"b\" twice; give one of "
		    "the "
		    "columns another name with AS" },
		{ "*, n.* FROM s", "struct(n:struct(a:int32),a:int32)",
		    "{\"n\":{\"a\":1},\"a\":2}",
		    "record: the column list makes the field \"a\" twice; give one of "
		    "the "
		    "columns another name with AS" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void
lifts_nested_fields_to_the_top(void **state)
{
	static const struct row rows[] = {
		{ "n.x FROM s", DEEP, DEEP_IN, "struct:S(x:int32) {x=1}" },
		{ "n.z.q AS d, a FROM s", DEEP, DEEP_IN,
		    "struct:S(d:int32,a:int32) {d=4, a=5}" },
		{ "n FROM s", "struct(n:struct:N(x:int32))", "{\"n\":{\"x\":1}}",
		    "struct(n:struct:N(x:int32)) {n={x=1}}" },
		{ "n.z.* FROM s", DEEP, DEEP_IN, "struct:S(p:int32,q:int32) {p=3, q=4}" },
		{ "n.*, a FROM s", DEEP, DEEP_IN,
		    "struct:S(x:int32,y:int64,z:struct:Z(p:int32,q:int32),a:int32) "
		    "{x=1, y=2, z={p=3, q=4}, a=5}" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

/* Below a struct that may be null a field may be null, too, and its schema says so. */
static void
reads_null_below_a_null_struct(void **state)
{
	static const struct row rows[] = {
		{ "n.x FROM s", NULLS, NULLS_IN, "struct:S(x:int32?) {x=null}" },
		{ "n.* FROM s", NULLS, NULLS_IN,
		    "struct:S(x:int32?,s:struct:T(t:string)?) {x=null, s=null}" },
		{ "n.s.t, a FROM s", NULLS, NULLS_IN,
		    "struct:S(t:string?,a:int32) {t=null, a=5}" },
		{ "n.x FROM s", NULLS, "{\"n\":{\"x\":1,\"s\":{\"t\":\"v\"}},\"a\":5}",
		    "struct:S(x:int32?) {x=1}" },
		{ "n.s FROM s", NULLS, "{\"n\":{\"x\":1,\"s\":{\"t\":\"v\"}},\"a\":5}",
		    "struct:S(s:struct:T(t:string)?) {s={t=v}}" },
		{ "n.x FROM s WITHSTRUCTURE", NULLS, NULLS_IN,
		    "struct:S(n:struct:N(x:int32)?) {n=null}" },
		{ "a, n.* FROM s WITHSTRUCTURE", NULLS, NULLS_IN,
		    "struct:S(a:int32,n:struct:N(x:int32,s:struct:T(t:string))?) "
		    "{a=5, n=null}" },
		{ "* FROM s IGNORE n.x", NULLS, NULLS_IN,
		    "struct:S(n:struct:N(s:struct:T(t:string))?,a:int32) {n=null, a=5}" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void
keeps_parents_with_structure(void **state)
{
	static const struct row rows[] = {
		{ "n.x AS y FROM s WITHSTRUCTURE", DEEP, DEEP_IN,
		    "struct:S(n:struct:N(y:int32)) {n={y=1}}" },
		/* a parent stands where its first column is */
		{ "n.y, a, n.z.p FROM s WITHSTRUCTURE", DEEP, DEEP_IN,
		    "struct:S(n:struct:N(y:int64,z:struct:Z(p:int32)),a:int32) "
		    "{n={y=2, z={p=3}}, a=5}" },
		{ "a, n.z.q, n.z.p FROM s WITHSTRUCTURE", DEEP, DEEP_IN,
		    "struct:S(a:int32,n:struct:N(z:struct:Z(q:int32,p:int32))) "
		    "{a=5, n={z={q=4, p=3}}}" },
		{ "n.z.* FROM s WITHSTRUCTURE", DEEP, DEEP_IN,
		    "struct:S(n:struct:N(z:struct:Z(p:int32,q:int32))) {n={z={p=3, "
		    "q=4}}}" },
		/* only a `*` of its own leaves out what other columns name */
		{ "n.z.*, n.z.p AS k FROM s WITHSTRUCTURE", DEEP, DEEP_IN,
		    "struct:S(n:struct:N(z:struct:Z(p:int32,q:int32,k:int32))) "
		    "{n={z={p=3, q=4, k=3}}}" },
		{ "n.z.*, n.z.p FROM s WITHSTRUCTURE", DEEP, DEEP_IN,
		    "record: the column list makes the field \"p\" twice; give one of "
		    "the "
		    "columns another name with AS" },
		/* nothing of a parent is there: nor is the parent */
		{ "a, n.v FROM s WITHSTRUCTURE", DEEP, DEEP_IN,
		    "struct:S(a:int32) {a=5}" },
		{ "a, n.z.v FROM s WITHSTRUCTURE", DEEP, DEEP_IN,
		    "struct:S(a:int32) {a=5}" },
		{ "a, v.x FROM s WITHSTRUCTURE", DEEP, DEEP_IN,
		    "struct:S(a:int32) {a=5}" },
		{ "a.x FROM s WITHSTRUCTURE", DEEP, DEEP_IN, "struct:S() {}" },
		{ "n.* FROM s WITHSTRUCTURE", "struct(n:struct:N())", "{\"n\":{}}",
		    "struct(n:struct:N()) {n={}}" },
		/* metadata has no parents */
		{ "_.qos, n.x FROM s WITHSTRUCTURE", DEEP, DEEP_IN,
		    "struct:S(qos:int32,n:struct:N(x:int32)) {qos=2, n={x=1}}" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void
takes_ignored_fields_away_before_the_columns(void **state)
{
	static const struct row rows[] = {
		{ "* FROM s IGNORE a", AB, AB_IN, "struct:S(b:string?) {b=x}" },
		{ "* FROM s IGNORE a, b", AB, AB_IN, "struct:S() {}" },
		{ "* FROM s IGNORE c, a.x, c.*", AB, AB_IN, AB " {a=1, b=x}" },
		{ "* FROM s IGNORE n.z.p, a", DEEP, DEEP_IN,
		    "struct:S(n:struct:N(x:int32,y:int64,z:struct:Z(q:int32))) "
		    "{n={x=1, y=2, z={q=4}}}" },
		{ "* FROM s IGNORE n.*", DEEP, DEEP_IN,
		    "struct:S(n:struct:N(),a:int32) {n={}, a=5}" },
		{ "* FROM s IGNORE n.z.*, n.x", DEEP, DEEP_IN,
		    "struct:S(n:struct:N(y:int64,z:struct:Z()),a:int32) "
		    "{n={y=2, z={}}, a=5}" },
		{ "* FROM s IGNORE n.x, n", DEEP, DEEP_IN, "struct:S(a:int32) {a=5}" },
		{ "* FROM s IGNORE n, n.x", DEEP, DEEP_IN, "struct:S(a:int32) {a=5}" },
		{ "* FROM s IGNORE _value.a", AB, AB_IN, "struct:S(b:string?) {b=x}" },
		{ "n.x, n.y, a FROM s IGNORE n.x", DEEP, DEEP_IN,
		    "struct:S(y:int64,a:int32) {y=2, a=5}" },
		{ "a AS b, b AS a FROM s IGNORE b", AB, AB_IN,
		    "struct:S(b:int32) {b=1}" },
		{ "*, a AS x FROM s IGNORE b", AB, AB_IN, "struct:S(x:int32) {x=1}" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void
reads_what_the_message_tells(void **state)
{
	static const struct row rows[] = {
		{ "_.topic, _.topic.1, _.topic.2 AS t, _.timestamp FROM s", AB, AB_IN,
		    "struct:S(topic:string,topic_1:string,t:string,timestamp:int64) "
		    "{topic=a/b, topic_1=a, t=b, timestamp=1700000000123}" },
		{ "_.qos, _.id, _.retained, _.dup FROM s", AB, AB_IN,
		    "struct:S(qos:int32,id:int32,retained:boolean,dup:boolean) "
		    "{qos=2, id=65535, retained=true, dup=false}" },
		{ "_.topic.3, a FROM s", AB, AB_IN, "struct:S(a:int32) {a=1}" },
		/* IGNORE is about the value alone */
		{ "_.qos, * FROM s IGNORE _.qos, a", "struct(a:int32,b:int32)",
		    "{\"a\":1,\"b\":2}", "struct(qos:int32,b:int32) {qos=2, b=2}" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

/* One plan per schema is kept, but not for topics of another depth. */
static void
tells_topics_of_different_depth_apart(void **state)
{
	static const struct {
		const char *topic, *out;
	} rows[] = {
		{ "a", "struct(a:int32) {a=1}" },
		{ "a/", "struct(topic_2:string,a:int32) {topic_2=, a=1}" },
		{ "a/b/c", "struct(topic_2:string,topic_3:string,a:int32) "
			   "{topic_2=b, topic_3=c, a=1}" },
		{ "/b/c/d/e", "struct(topic_2:string,topic_3:string,a:int32) "
			      "{topic_2=b, topic_3=c, a=1}" },
		{ "a", "struct(a:int32) {a=1}" },
	};
	struct arena *mem = arena_new(4096);
	struct kcql *k = parse(mem, "_.topic.2, _.topic.3, a FROM s");
	struct select *sel = select_new(k->statement);
	struct datum in = { .schema = data_check_schema(mem, "struct(a:int32)") };

	(void)state;
	share(in.schema);
	in.value = data_check_value(mem, "{\"a\":1}", in.schema);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(apply(sel, mem, rows[i].topic, in), rows[i].out);
	select_free(sel);
	kcql_free(k);
	arena_free(mem);
}

static void
needs_a_struct(void **state)
{
#define NEEDS "record: columns and IGNORE need a struct, and the payload is "
	static const struct row rows[] = {
		{ "a FROM s", "int32", "1",
		    NEEDS "INT32; SELECT * without IGNORE takes it" },
		{ "* FROM s IGNORE a", "[int32]", "[1]",
		    NEEDS "ARRAY; SELECT * without IGNORE takes it" },
		{ "a FROM s", NULL, "{\"a\":1}",
		    NEEDS "without schema; SELECT * without IGNORE takes it" },
		{ "a FROM s", "struct(a:int32)?", "null", NEEDS "null" },
		{ "_.qos FROM s", NULL, "null", NEEDS "null" },
	};

	(void)state;
	check_rows(rows, ARRAY_LEN(rows));
}

static void
checks_a_schema_that_is_known_at_the_start(void **state)
{
	static const struct {
		const char *kcql, *schema, *out;
	} rows[] = {
		{ "a, n.z.p, n.*, _.topic.9 FROM s", DEEP, "" },
		{ "* FROM s IGNORE v", DEEP, "" },
		{ "v FROM s", DEEP,
		    "config: SELECT v: the schema S of the payload has no such field" },
		{ "n.v FROM s", DEEP,
		    "config: SELECT n.v: the schema S of the payload has no such field" },
		{ "a.* FROM s", "struct(a:int32)",
		    "config: SELECT a.*: the schema of the payload has no such field" },
		{ "n.*, a AS x FROM s", DEEP,
		    "config: the column list makes the field \"x\" twice; give one of "
		    "the "
		    "columns another name with AS" },
		{ "a FROM s", "int32",
		    "config: columns and IGNORE need a struct, and the payload is INT32; "
		    "SELECT * without IGNORE takes it" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena *mem = arena_new(4096);
		struct kcql *k = parse(mem, rows[i].kcql);
		struct select *sel = select_new(k->statement);
		struct err err = { 0 };
		const char *out = "";
		if (select_check(sel, data_check_schema(mem, rows[i].schema), &err) != 0)
			out = arena_printf(
			    mem, "%s: %s", err_kind_name(err.kind), err.msg);
		if (strcmp(out, rows[i].out) != 0)
			fail_msg("%s: \"%s\" instead of \"%s\"", rows[i].kcql, out,
			    rows[i].out);
		select_free(sel);
		kcql_free(k);
		arena_free(mem);
	}
}

/* More schemas than plans are kept for: each still gets what belongs to it. */
static void
serves_any_number_of_schemas(void **state)
{
	enum { SCHEMAS = 500 };
	static struct datum in[SCHEMAS];
	struct arena *mem = arena_new(4096);
	struct kcql *k = parse(mem, "b AS c FROM s");
	struct select *sel = select_new(k->statement);

	(void)state;
	for (int i = 0; i < SCHEMAS; i++) {
		in[i].schema = data_check_schema(
		    mem, arena_printf(mem, "struct(a%d:int32,b:int32)", i));
		share(in[i].schema);
		in[i].value = data_check_value(
		    mem, arena_printf(mem, "{\"b\":%d}", i), in[i].schema);
	}
	for (int i = 0; i < 2 * SCHEMAS; i++)
		assert_string_equal(apply(sel, mem, "t", in[i % SCHEMAS]),
		    arena_printf(mem, "struct(c:int32) {c=%d}", i % SCHEMAS));
	select_free(sel);
	kcql_free(k);
	arena_free(mem);
}

/* Microseconds for a struct of n optional fields. */
static int64_t
time_of(size_t n)
{
	struct arena *mem = arena_new(4096);
	struct kcql *k = parse(
	    mem, "*, f0 AS g, f1 AS h FROM s IGNORE f2, f3 WITHSTRUCTURE");
	struct select *sel = select_new(k->statement);
	struct field *fields = mem_alloc(n * sizeof(*fields));
	const struct schema *number = schema_primitive(SCHEMA_INT32, true);
	struct message m = { .topic = STR("t") };
	struct err err = { 0 };
	struct record r;
	int64_t from;

	for (size_t i = 0; i < n; i++)
		fields[i] = (struct field) { str_of(arena_printf(mem, "f%zu", i)),
			number };
	record_init(&r, mem);
	r.value.schema = schema_struct(mem, fields, n);
	r.value.value = value_struct_new(mem, r.value.schema);
	from = clock_mono_us();
	assert_int_equal(select_apply(sel, &m, &r, &err), 0);
	from = clock_mono_us() - from;
	assert_int_equal(r.value.schema->n_fields, n - 2);
	free(fields);
	select_free(sel);
	kcql_free(k);
	arena_free(mem);
	return from;
}

/* A square would take 100 times as long for 10 times the fields. */
static void
stays_linear_in_wide_structs(void **state)
{
	int64_t narrow, wide;

	(void)state;
	time_of(20000); /* warm */
	narrow = time_of(20000);
	wide = time_of(200000);
	if (wide > 50 * (narrow + 100))
		fail_msg(
		    "20,000 fields: %ld us, 200,000: %ld us", (long)narrow, (long)wide);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_a_struct_in_the_order_of_the_columns),
		cmocka_unit_test(star_stands_for_what_no_other_column_names),
		cmocka_unit_test(lifts_nested_fields_to_the_top),
		cmocka_unit_test(reads_null_below_a_null_struct),
		cmocka_unit_test(keeps_parents_with_structure),
		cmocka_unit_test(takes_ignored_fields_away_before_the_columns),
		cmocka_unit_test(reads_what_the_message_tells),
		cmocka_unit_test(tells_topics_of_different_depth_apart),
		cmocka_unit_test(needs_a_struct),
		cmocka_unit_test(checks_a_schema_that_is_known_at_the_start),
		cmocka_unit_test(serves_any_number_of_schemas),
		cmocka_unit_test(stays_linear_in_wide_structs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
