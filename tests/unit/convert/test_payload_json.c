/* JSON payloads: default rules, Lenses' rules, kept schemas, keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "convert/convert.h"

struct bench {
	struct payload *p;
	struct converter *out;
	struct arena *mem;
	struct message m;
	struct record r;
	struct err err;
	char text[2048];
};

static void
setup(struct bench *b, const struct payload_spec *spec)
{
	struct problems *problems = problems_new();
	struct config *cfg = config_new();

	b->p = payload_open(spec, &b->err);
	assert_non_null(b->p);
	b->out = converter_open(converter_find(STR("JsonConverter"), CONVERTER_VALUE),
	    CONVERTER_VALUE, cfg, NULL, problems, &b->err);
	assert_non_null(b->out);
	b->mem = arena_new(1024);
	b->m = (struct message) { .topic = STR("a/b"), .id = 7 };
	config_free(cfg);
	problems_free(problems);
}

static void
teardown(struct bench *b)
{
	converter_close(b->out);
	payload_close(b->p);
	arena_free(b->mem);
}

/* What becomes of a payload: schema and value as JSON, or the error. */
static const char *
convert(struct bench *b, struct str payload)
{
	struct str bytes;

	arena_reset(b->mem);
	b->m.payload = payload;
	record_init(&b->r, b->mem);
	if (payload_convert(b->p, &b->m, &b->r, &b->err) != 0)
		return b->err.msg;
	if (payload.n > 200)
		return "(long)";
	if (converter_write(b->out, b->mem, STR("t"), &b->r.value, &bytes, &b->err) != 0)
		return b->err.msg;
	assert_true(bytes.n < sizeof(b->text));
	memcpy(b->text, bytes.p, bytes.n);
	b->text[bytes.n] = '\0';
	return b->text;
}

#define OBJECT(fields, payload)                                \
	"{\"schema\":{\"type\":\"struct\",\"fields\":[" fields \
	"],\"optional\":false,\"name\":\"a_b\"},\"payload\":" payload "}"
#define LEAF(type, optional, name) \
	"{\"type\":\"" type "\",\"optional\":" optional ",\"field\":\"" name "\"}"
#define ARRAY(type, optional)                                         \
	"{\"schema\":{\"type\":\"array\",\"items\":{\"type\":\"" type \
	"\",\"optional\":" optional "},\"optional\":true},\"payload\":"

static const struct row {
	const char *class, *payload, *result;
} rows[] = {
	{ "json", "{\"a\":1,\"b\":1.5,\"c\":\"x\",\"d\":true,\"e\":null}",
	    OBJECT(LEAF("int64", "true", "a") "," LEAF("double", "true", "b") "," LEAF(
		       "string", "true", "c") "," LEAF("boolean", "true",
		       "d") "," LEAF("string", "true", "e"),
		"{\"a\":1,\"b\":1.5,\"c\":\"x\",\"d\":true,\"e\":null}") },
	{ "json-optnull", "{\"a\":1,\"e\":null}",
	    OBJECT(LEAF("int64", "false", "a") "," LEAF("string", "true", "e"),
		"{\"a\":1,\"e\":null}") },
	{ "json", "{}", OBJECT("", "{}") },
	{ "json", " [1,null,3] ", ARRAY("int64", "true") "[1,null,3]}" },
	{ "json", "[]", ARRAY("string", "true") "[]}" },
	{ "json", "[1,2.5]", ARRAY("double", "true") "[1.0,2.5]}" },
	{ "json", "[null,1,2.5]", ARRAY("double", "true") "[null,1.0,2.5]}" },
	{ "json-optnull", "[1,2.5]", ARRAY("double", "false") "[1.0,2.5]}" },
	{ "json", "{\"z\":-0.0}", OBJECT(LEAF("double", "true", "z"), "{\"z\":0.0}") },
	{ "json", "{\"z\":9223372036854775807}",
	    OBJECT(LEAF("int64", "true", "z"), "{\"z\":9223372036854775807}") },
	{ "json", "{\"z\":9223372036854775808}",
	    "integer of \"z\" beyond 64 bits: 9223372036854775808" },
	{ "json", "{\"z\":1E400}", "number of \"z\" beyond a double: 1E400" },
	{ "json", "{\"z\":[1,\"a\"]}",
	    "array \"z\": element 1 is STRING, other than the first, which is INT64" },
	{ "json", "[{\"a\":1},{\"b\":1}]",
	    "array \"a/b\": element 1 is STRUCT, other than the first, which is STRUCT" },
	{ "json-optnull", "[1,null]",
	    "array \"a/b\": element 1 is null, other than the first, which is INT64" },
	{ "json", "", "not JSON: the payload is empty" },
	{ "json", "{\"a\":1",
	    "not JSON: it ends at offset 6 where ',' or '}' should follow" },
	{ "json", "{\"a\":1 \"b\":2}",
	    "not JSON: '\"' at offset 7 where ',' or '}' should be" },
	{ "json", "{\"a\":1}{}", "not JSON: '{' at offset 7 where the end should be" },
	{ "json", "{\"a\":+1}", "not JSON: '+' at offset 5 where a value should be" },
	{ "json", "{\"a\":007}", "not JSON: number with a leading zero at offset 5" },
	{ "json", "{\"a\":1.}", "not JSON: '}' at offset 7 where a digit should be" },
	{ "json", "{\"a\":\"\\x\"}",
	    "not JSON: unknown escape or half of a surrogate pair at offset 6" },
	{ "json", "{\"a\":\"\t\"}", "not JSON: control character in a text at offset 6" },
	{ "json", "{\"a\":\"\xff\"}", "not JSON: text that is not UTF-8 at offset 6" },
	{ "json", "5", "the payload is a bare JSON value; an object or array is needed" },
	{ "json", "{\"a\":1,\"a\":2}",
	    "Cannot create field because of field name duplication a" },
	{ "json", "{\"\":1}", "fieldName cannot be null." },
	{ "json-text", "{\"a\":1}", "{\"schema\":null,\"payload\":\"{\\\"a\\\":1}\"}" },
	{ "json-text", "5", "{\"schema\":null,\"payload\":\"5\"}" },
	{ "json-text", "{} x", "not JSON: 'x' at offset 3 where the end should be" },
	{ "json-text", " ", "not JSON: the payload is empty" },
};

static void
makes_structs_of_json(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct payload_spec spec = { .class = payload_find(
						       str_of(rows[i].class)) };
		struct bench b;
		const char *got;

		setup(&b, &spec);
		/* twice: with a new and a kept schema */
		for (int round = 0; round < 2; round++) {
			got = convert(&b, str_of(rows[i].payload));
			if (strcmp(got, rows[i].result) != 0)
				fail_msg("%s %s\n  expected %s\n  got      %s",
				    rows[i].class, rows[i].payload, rows[i].result, got);
		}
		teardown(&b);
	}
}

static void
counts_departures_from_lenses(void **state)
{
	static const struct {
		const char *payload;
		unsigned departed, failed;
	} cases[] = {
		{ "{\"a\":1}", 0, 0 },
		{ "[]", 1, 0 },       /* Lenses fails, we do not */
		{ "[1,1.5]", 1, 0 },  /* another schema */
		{ "{\"a\":1", 1, 1 }, /* a tombstone there */
		{ "abc", 0, 1 },      /* both fail */
		{ "5", 0, 1 },
	};
	const struct payload_spec spec = { .class = payload_find(STR("json")) };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bench b;

		setup(&b, &spec);
		convert(&b, str_of(cases[i].payload));
		if (b.p->stats.departed != cases[i].departed ||
		    b.p->stats.failed != cases[i].failed)
			fail_msg("%s: departed %u, failed %u", cases[i].payload,
			    (unsigned)b.p->stats.departed, (unsigned)b.p->stats.failed);
		teardown(&b);
	}
}

static void
shares_the_schema_of_equal_objects(void **state)
{
	const struct payload_spec spec = { .class = payload_find(STR("json")) };
	const struct schema *first;
	struct bench b;

	(void)state;
	setup(&b, &spec);
	convert(&b, STR("{\"a\":1,\"o\":{\"x\":[1.5]}}"));
	first = b.r.value.schema;
	assert_true(first->shared);
	convert(&b, STR("{\"a\":2,\"o\":{\"x\":[2.5,3.5]}}"));
	assert_ptr_equal(b.r.value.schema, first);
	convert(&b, STR("{\"a\":\"x\",\"o\":{\"x\":[2.5]}}"));
	assert_ptr_not_equal(b.r.value.schema, first);
	b.m.topic = STR("a/c");
	convert(&b, STR("{\"a\":2,\"o\":{\"x\":[2.5,3.5]}}"));
	assert_ptr_not_equal(b.r.value.schema, first);
	teardown(&b);
}

static void
bounds_the_schemas_it_keeps(void **state)
{
	const struct payload_spec spec = { .class = payload_find(STR("json")) };
	struct bench b;
	char payload[64];

	(void)state;
	setup(&b, &spec);
	for (int i = 0; i < 50000; i++) {
		struct str s = { payload, (size_t)snprintf(payload, sizeof(payload),
					      "{\"field_%d\":1}", i) };

		convert(&b, s);
		assert_int_equal(b.r.value.value.kind, VALUE_STRUCT);
	}
	assert_true(arena_bytes(b.p->mem) < 2 * 1024 * 1024);
	teardown(&b);
}

static void
bears_deep_and_long_payloads(void **state)
{
	const struct payload_spec spec = { .class = payload_find(STR("json")) };
	const size_t n = 10 * 1024 * 1024;
	char *big = mem_alloc(n);
	struct bench b;
	char deep[2 * 1001 + 1];

	(void)state;
	setup(&b, &spec);
	memset(deep, '[', 100);
	deep[100] = '1';
	memset(deep + 101, ']', 100);
	convert(&b, (struct str) { deep, 201 });
	assert_int_equal(b.r.value.value.kind, VALUE_ARRAY);
	memset(deep, '[', 1001);
	memset(deep + 1001, ']', 1001);
	assert_string_equal(convert(&b, (struct str) { deep, 2002 }),
	    "not JSON: more than 1000 levels at offset 1001");

	memset(big, 'x', n);
	memcpy(big, "{\"a\":\"", 6);
	memcpy(big + n - 2, "\"}", 2);
	assert_string_equal(convert(&b, (struct str) { big, n }), "(long)");
	assert_int_equal(value_slot(b.r.value.value, 0).n, n - 8);

	for (size_t i = 0; i < n; i += 2)
		memcpy(big + i, ",1", 2);
	big[0] = '[';
	assert_string_equal(convert(&b, (struct str) { big, n }),
	    "not JSON: more than 1048576 values at offset 2097153");
	free(big);
	teardown(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_structs_of_json),
		cmocka_unit_test(counts_departures_from_lenses),
		cmocka_unit_test(shares_the_schema_of_equal_objects),
		cmocka_unit_test(bounds_the_schemas_it_keeps),
		cmocka_unit_test(bears_deep_and_long_payloads),
	};

	log_setup(LOG_LEVEL_ERROR, LOG_TEXT, false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
