/*
 * The input is an offsets file.  Whatever it is, reading it does not crash; what was
 * read and written again reads as the same pairs.
 */
#include <stdint.h>
#include <stdlib.h>

#include "checkpoint/java_hashmap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static bool
same(struct str a, struct str b)
{
	return (a.p == NULL) == (b.p == NULL) && str_eq(a, b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct java_hashmap_pair *pairs, *again;
	struct buf out = { 0 };
	size_t n, n_again;
	struct err err;

	if (java_hashmap_read(
		(struct str) { (const char *)data, size }, &pairs, &n, &err) < 0) {
		require(err.kind == ERR_CONFIG && pairs == NULL);
		return 0;
	}
	java_hashmap_write(pairs, n, &out);
	require(java_hashmap_read(buf_str(&out), &again, &n_again, &err) == 0 &&
		n_again == n);
	for (size_t i = 0; i < n; i++)
		require(same(pairs[i].key, again[i].key) &&
			same(pairs[i].value, again[i].value));
	free(pairs);
	free(again);
	buf_fini(&out);
	return 0;
}
