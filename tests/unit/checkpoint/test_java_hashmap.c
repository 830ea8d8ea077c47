/* Java's serialized HashMap: files that JDK 17 wrote, and broken ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "checkpoint/java_hashmap.h"

/* HashMap of n pairs ["site-<i>",{...}]; values of every fourth i are one and the same
 * byte[], those of the next are null, the others {"messages":<i>}. */
#define VECTOR "tests/vectors/offsets/java-%d"

static void
load(int n, struct buf *out)
{
	char path[64];
	struct err err;

	snprintf(path, sizeof(path), VECTOR, n);
	if (io_read_file(path, 1 << 20, out, &err) < 0)
		fail_msg("%s", err.msg);
}

static void
check_pair(const struct java_hashmap_pair *pair, bool *seen)
{
	int i = -1;
	char want[64];

	assert_int_equal(sscanf(pair->key.p, "[\"site-%d\",", &i), 1);
	assert_false(seen[i]);
	seen[i] = true;
	snprintf(want, sizeof(want),
	    "[\"site-%d\",{\"client\":\"edge-1\",\"broker\":"
	    "\"localhost:1883\"}]",
	    i);
	assert_true(str_eq_c(pair->key, want));
	snprintf(want, sizeof(want), "{\"messages\":%d}", i % 4 == 0 ? 1 : i);
	if (i % 4 == 1)
		assert_null(pair->value.p);
	else
		assert_true(str_eq_c(pair->value, want));
}

static const int sizes[] = { 0, 1, 5, 13 };

static void
reads_what_java_wrote(void **state)
{
	(void)state;
	for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
		struct buf file = { 0 };
		struct java_hashmap_pair *pairs;
		bool seen[16] = { 0 };
		size_t n;
		struct err err;

		load(sizes[s], &file);
		if (java_hashmap_read(buf_str(&file), &pairs, &n, &err) < 0)
			fail_msg("%d: %s", sizes[s], err.msg);
		assert_int_equal(n, sizes[s]);
		for (size_t i = 0; i < n; i++)
			check_pair(&pairs[i], seen);
		free(pairs);
		buf_fini(&file);
	}
}

/* The last of the sizes has values that are one object for Java and two for us. */
static void
writes_what_java_writes(void **state)
{
	(void)state;
	for (size_t s = 0; s < ARRAY_LEN(sizes); s++) {
		struct buf file = { 0 }, again = { 0 }, third = { 0 };
		struct java_hashmap_pair *pairs, *pairs_again;
		size_t n, n_again;
		struct err err;

		load(sizes[s], &file);
		assert_int_equal(java_hashmap_read(buf_str(&file), &pairs, &n, &err), 0);
		java_hashmap_write(pairs, n, &again);
		if (sizes[s] <= 1) {
			assert_int_equal(again.n, file.n);
			assert_memory_equal(again.p, file.p, file.n);
		}
		if (java_hashmap_read(buf_str(&again), &pairs_again, &n_again, &err) < 0)
			fail_msg("%d: %s", sizes[s], err.msg);
		assert_int_equal(n_again, n);
		java_hashmap_write(pairs_again, n_again, &third);
		assert_int_equal(third.n, again.n);
		assert_memory_equal(third.p, again.p, again.n);
		free(pairs);
		free(pairs_again);
		buf_fini(&file);
		buf_fini(&again);
		buf_fini(&third);
	}
}

static void
grows_its_buckets_as_java_does(void **state)
{
	/* pairs, threshold, buckets: HashMap.resize */
	static const uint8_t rows[][3] = { { 0, 0, 16 }, { 1, 12, 16 }, { 12, 12, 16 },
		{ 13, 24, 32 }, { 24, 24, 32 }, { 25, 48, 64 }, { 49, 96, 128 } };
	struct java_hashmap_pair pairs[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		pairs[i] = (struct java_hashmap_pair) { STR("k"), STR("v") };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf out = { 0 };

		java_hashmap_write(pairs, rows[i][0], &out);
		assert_int_equal(out.p[0x46], rows[i][1]);
		assert_int_equal((uint8_t)out.p[0x4c], rows[i][2]);
		buf_fini(&out);
	}
}

static void
refuses_every_torn_file(void **state)
{
	struct buf file = { 0 };

	(void)state;
	load(5, &file);
	for (size_t n = 0; n < file.n; n++) {
		struct java_hashmap_pair *pairs;
		size_t n_pairs;
		struct err err;
		char *copy = mem_alloc(
		    n); /* so that a sanitizer sees what is read behind it */

		memcpy(copy, file.p, n);
		if (java_hashmap_read((struct str) { copy, n }, &pairs, &n_pairs, &err) ==
		    0)
			fail_msg("%zu bytes of %zu", n, file.n);
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_null(pairs);
		free(copy);
	}
	buf_fini(&file);
}

struct damage_row {
	size_t at; /* in java-1 */
	const char *bytes;
	size_t n;
	const char *says;
};

#define AT_COUNT 0x4d
#define AT_ARRAY 0x51

static const struct damage_row damage_rows[] = {
	{ 0, "\0", 1, "no serialized java.util.HashMap at offset 0" },
	{ 0x10, "X", 1, "no serialized java.util.HashMap" },
	{ 0x47, "z", 1, "no block" },
	{ AT_COUNT, "\x7f\xff\xff\xff", 4, "more pairs than the file can hold" },
	{ AT_COUNT, "\xff\xff\xff\xff", 4, "more pairs than the file can hold" },
	{ AT_COUNT, "\0\0\0\2", 4, "neither a byte[] nor null" },
	{ AT_COUNT, "\0\0\0\0", 4, "no end of the map" },
	{ AT_ARRAY, "t", 1, "neither a byte[] nor null at offset 81" },
	{ AT_ARRAY, "q\0\x7e\0\3", 5, "a reference to nothing" },
	{ AT_ARRAY, "q\xff\xff\xff\xff", 5, "a reference to nothing" },
	{ AT_ARRAY + 5, "X", 1, "no byte[]" },
	{ AT_ARRAY + 19, "\x7f\xff\xff\xff", 4, "a byte[] longer than the file" },
	{ AT_ARRAY + 19, "\xff\xff\xff\xff", 4, "a byte[] longer than the file" },
};

static void
says_where_a_file_is_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(damage_rows); i++) {
		const struct damage_row *row = &damage_rows[i];
		struct buf file = { 0 };
		struct java_hashmap_pair *pairs;
		size_t n;
		struct err err = { 0 };

		load(1, &file);
		memcpy(file.p + row->at, row->bytes, row->n);
		if (java_hashmap_read(buf_str(&file), &pairs, &n, &err) == 0 ||
		    strstr(err.msg, row->says) == NULL)
			fail_msg("row %zu: not \"%s\" but \"%s\"", i, row->says, err.msg);
		buf_fini(&file);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_java_wrote),
		cmocka_unit_test(writes_what_java_writes),
		cmocka_unit_test(grows_its_buckets_as_java_does),
		cmocka_unit_test(refuses_every_torn_file),
		cmocka_unit_test(says_where_a_file_is_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
