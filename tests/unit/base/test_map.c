/* The map does what a list that is searched from end to end does. */
#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static int values[1000]; /* only their addresses count */

/* ---- the model: a list in order of insertion ---- */

enum { KEYS = 40 };

struct model {
	struct {
		unsigned key;
		void *value;
	} entries[KEYS];
	size_t n;
};

static size_t
model_find(const struct model *m, unsigned key)
{
	size_t i = 0;

	while (i < m->n && m->entries[i].key != key)
		i++;
	return i;
}

static void *
model_put(struct model *m, unsigned key, void *value)
{
	size_t i = model_find(m, key);
	void *old = i < m->n ? m->entries[i].value : NULL;

	if (i == m->n)
		m->entries[m->n++].key = key;
	m->entries[i].value = value;
	return old;
}

static void *
model_remove(struct model *m, unsigned key)
{
	size_t i = model_find(m, key);
	void *old;

	if (i == m->n)
		return NULL;
	old = m->entries[i].value;
	memmove(
	    &m->entries[i], &m->entries[i + 1], (m->n - i - 1) * sizeof(m->entries[0]));
	m->n--;
	return old;
}

static struct str
key_text(unsigned key, char room[32])
{
	return (struct str) { room, (size_t)sprintf(room, "key number %u", key) };
}

static void
check_equal(const struct map *m, const struct model *model, unsigned step)
{
	struct str key;
	void *value;
	char room[32];
	size_t at = 0;

	assert_int_equal(map_count(m), model->n);
	for (size_t i = 0; map_each(m, &i, &key, &value); at++) {
		if (at >= model->n || value != model->entries[at].value ||
		    !str_eq(key, key_text(model->entries[at].key, room)) ||
		    key.p[key.n] != '\0')
			fail_msg(
			    "step %u: entry %zu is \"%.*s\"", step, at, STR_ARG(key));
	}
	assert_int_equal(at, model->n);
}

static void
behaves_like_a_list(void **state)
{
	uint32_t random = 1;
	struct map *m = map_new();
	struct model model = { .n = 0 };
	char room[32];

	(void)state;
	for (unsigned step = 0; step < 100000; step++) {
		random = random * 1664525 + 1013904223;
		unsigned key = (random >> 8) % KEYS;
		void *value = &values[(random >> 16) % ARRAY_LEN(values)];
		void *got, *want;

		/* Turns between filling up and emptying. */
		if ((random >> 28) < (step / 1000 % 2 ? 12u : 4u)) {
			got = map_put(m, key_text(key, room), value);
			want = model_put(&model, key, value);
		} else {
			got = map_remove(m, key_text(key, room));
			want = model_remove(&model, key);
		}
		if (got != want)
			fail_msg(
			    "step %u, key %u: %p instead of %p", step, key, got, want);
		size_t i = model_find(&model, key);
		want = i < model.n ? model.entries[i].value : NULL;
		assert_ptr_equal(map_get(m, key_text(key, room)), want);
		if (step % 50 == 0)
			check_equal(m, &model, step);
	}
	map_free(m);
	map_free(NULL);
}

static void
takes_any_key(void **state)
{
	static const struct str keys[] = { { NULL, 0 }, { "\0", 1 }, { "\0\0", 2 },
		{ "a", 1 }, { "a\0b", 3 }, { "a\0c", 3 } };
	struct map *m = map_new();

	(void)state;
	assert_null(map_get(m, keys[0]));
	assert_null(map_remove(m, keys[0]));
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		assert_null(map_put(m, keys[i], &values[i]));
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		assert_ptr_equal(map_get(m, keys[i]), &values[i]);
	assert_ptr_equal(map_get(m, STR("")), &values[0]);
	map_free(m);
}

static void
copies_keys_and_keeps_places_when_replacing(void **state)
{
	struct map *m = map_new();
	char text[] = "a";
	struct str key;
	void *value;
	size_t i = 0;

	(void)state;
	map_put(m, str_of(text), &values[0]);
	text[0] = 'b';
	map_put(m, str_of(text), &values[1]);
	text[0] = 'c';
	assert_ptr_equal(map_put(m, STR("a"), &values[2]), &values[0]);
	assert_true(map_each(m, &i, &key, &value));
	assert_true(str_eq_c(key, "a"));
	assert_ptr_equal(value, &values[2]);
	assert_true(map_each(m, &i, &key, &value));
	assert_true(str_eq_c(key, "b"));
	assert_false(map_each(m, &i, &key, &value));
	assert_false(map_each(m, &i, &key, &value));
	map_free(m);
}

static void
lets_a_walk_remove_entries(void **state)
{
	struct map *m = map_new();
	char room[32];
	struct str key;
	void *value;
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		map_put(m, key_text(i, room), &values[i]);
	for (size_t i = 0; map_each(m, &i, &key, &value); n++) {
		assert_ptr_equal(value, &values[n]);
		if (n % 3 != 0)
			assert_ptr_equal(map_remove(m, key_text(n, room)), value);
	}
	assert_int_equal(n, 1000);
	assert_int_equal(map_count(m), 334);
	for (unsigned i = 0; i < 1000; i++)
		assert_ptr_equal(
		    map_get(m, key_text(i, room)), i % 3 == 0 ? &values[i] : NULL);
	map_free(m);
}

/* A queue: what is put is removed soon; the memory must not grow with all that was.
 * With a leak of holes this takes minutes. */
static void
packs_holes(void **state)
{
	struct map *m = map_new();
	char room[32];

	(void)state;
	for (unsigned i = 0; i < 300000; i++) {
		map_put(m, key_text(i, room), &values[i % 1000]);
		if (i >= 10)
			assert_ptr_equal(map_remove(m, key_text(i - 10, room)),
			    &values[(i - 10) % 1000]);
		struct str key;
		void *value;
		size_t at = 0;
		assert_true(map_each(m, &at, &key, &value));
		assert_true(at < 64);
	}
	assert_int_equal(map_count(m), 10);
	map_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(behaves_like_a_list),
		cmocka_unit_test(takes_any_key),
		cmocka_unit_test(copies_keys_and_keeps_places_when_replacing),
		cmocka_unit_test(lets_a_walk_remove_entries),
		cmocka_unit_test(packs_holes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
