/* What transforms share: the order of Java's maps, schemas that are made once. */
#include "smt_check.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "smt/smt_rules.h"

/* As JDK 17 iterates over a HashMap into which the texts were put in this order. */
static const struct {
	const char *texts, *order;
} rows[] = {
	{ "seq unit ok", "unit ok seq" },
	{ "seq tags a b", "a b seq tags" },
	{ "c b a", "a b c" },
	{ "Aa BB AaAa BBBB", "Aa BB AaAa BBBB" }, /* equal hashes in pairs */
	{ "f1 f2 f3 f4 f5 f6 f7 f8 f9 f10 f11 f12 f13",
	    "f10 f12 f11 f13 f1 f2 f3 f4 f5 f6 f7 f8 f9" },
	{ "\xc3\xa9 \xf0\x9f\x98\x80 x temp hum",
	    "hum temp \xf0\x9f\x98\x80 x \xc3\xa9" },
};

static void
orders_as_a_hash_map(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str rest = str_of(rows[i].texts), texts[16];
		size_t n = 0, order[16];
		struct buf out = { 0 };

		while (str_next(&rest, ' ', &texts[n]))
			n++;
		smt_hash_order(texts, n, order);
		for (size_t k = 0; k < n; k++)
			buf_printf(
			    &out, "%s%.*s", k > 0 ? " " : "", STR_ARG(texts[order[k]]));
		if (strcmp(buf_cstr(&out), rows[i].order) != 0)
			fail_msg("%s: %s", rows[i].texts, out.p);
		buf_fini(&out);
	}
}

static int made;

static const struct schema *
make_optional(
    const void *state, struct arena *mem, const struct schema *from, struct err *err)
{
	(void)state;
	made++;
	if (from->type == SCHEMA_BYTES) {
		err_set(err, ERR_RECORD, "no bytes");
		return NULL;
	}
	struct schema *s = schema_copy(mem, from);
	s->optional = true;
	return s;
}

static void
makes_a_schema_once_for_each_shared_one(void **state)
{
	struct arena *mem = arena_new(4096), *own = arena_new(4096);
	struct smt_cache *c = smt_cache_new(own);
	const struct schema *in = schema_primitive(SCHEMA_INT8, false);
	const struct schema *local = schema_new(mem, SCHEMA_INT8);
	struct err err;

	(void)state;
	made = 0;
	const struct schema *a = smt_cached(c, NULL, make_optional, mem, in, &err);
	assert_true(a->shared && a->optional);
	assert_ptr_equal(smt_cached(c, NULL, make_optional, mem, in, &err), a);
	assert_int_equal(made, 2); /* once to see that it can be made */

	const struct schema *b = smt_cached(c, NULL, make_optional, mem, local, &err);
	assert_false(b->shared);
	assert_ptr_not_equal(smt_cached(c, NULL, make_optional, mem, local, &err), b);
	assert_int_equal(made, 4);

	in = schema_primitive(SCHEMA_BYTES, false);
	assert_null(smt_cached(c, NULL, make_optional, mem, in, &err));
	assert_string_equal(err.msg, "no bytes");
	assert_int_equal(c->n, 1);
	arena_free(own);
	arena_free(mem);
}

static void
keeps_a_bounded_number_of_schemas(void **state)
{
	struct arena *mem = arena_new(4096), *own = arena_new(4096);
	struct smt_cache *c = smt_cache_new(own);
	struct err err;

	(void)state;
	for (int i = 0; i < 2 * SMT_CACHE_SIZE; i++) {
		struct schema *in = schema_new(mem, SCHEMA_INT8);
		in->shared = true;
		const struct schema *s = smt_cached(
		    c, NULL, make_optional, mem, in, &err);
		assert_int_equal(s->shared, i < SMT_CACHE_SIZE);
	}
	assert_int_equal(c->n, SMT_CACHE_SIZE);
	arena_free(own);
	arena_free(mem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_as_a_hash_map),
		cmocka_unit_test(makes_a_schema_once_for_each_shared_one),
		cmocka_unit_test(keeps_a_bounded_number_of_schemas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
