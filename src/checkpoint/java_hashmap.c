/* Reader and writer of one Java class.  The input may be hostile: every length is
 * checked against what is left, and memory grows only with what was read. */
#include "checkpoint/java_hashmap.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define TC_NULL 0x70
#define TC_REFERENCE 0x71
#define TC_CLASSDESC 0x72
#define TC_ARRAY 0x75
#define TC_ENDBLOCKDATA 0x78
#define FIRST_ARRAY \
	0x7e0003 /* handles 0 to 2: HashMap's class, the map, byte[]'s class */

static const char head[] =
    "\xac\xed\0\5sr\0\x11java.util.HashMap\5\7\xda\xc1\xc3\x16\x60\xd1"
    "\3\0\2F\0\nloadFactorI\0\tthresholdxp";
static const char array_class[] = "r\0\2[B\xac\xf3\x17\xf8\6\10T\xe0\2\0\0xp";
static const char array_class_again[] = "q\0\x7e\0\2";

struct reader {
	struct str in;
	size_t at;
	struct str *arrays; /* by handle */
	size_t n_arrays, cap_arrays;
	struct err *err;
};

static int
wrong(const struct reader *r, const char *what)
{
	return err_set(r->err, ERR_CONFIG, "%s at offset %zu", what, r->at);
}

static bool
skip(struct reader *r, const char *bytes, size_t n)
{
	if (r->in.n - r->at < n || memcmp(r->in.p + r->at, bytes, n) != 0)
		return false;
	r->at += n;
	return true;
}

static int
read_byte(struct reader *r, unsigned *out)
{
	if (r->at == r->in.n)
		return wrong(r, "the file ends");
	*out = (unsigned char)r->in.p[r->at++];
	return 0;
}

static int
read_u32(struct reader *r, uint32_t *out)
{
	if (r->in.n - r->at < 4)
		return wrong(r, "the file ends");
	*out = 0;
	for (int i = 0; i < 4; i++)
		*out = *out << 8 | (unsigned char)r->in.p[r->at++];
	return 0;
}

static void
remember(struct reader *r, struct str array)
{
	if (r->n_arrays == r->cap_arrays) {
		r->cap_arrays = r->cap_arrays == 0 ? 64 : 2 * r->cap_arrays;
		r->arrays = mem_realloc(r->arrays, r->cap_arrays * sizeof(*r->arrays));
	}
	r->arrays[r->n_arrays++] = array;
}

static int
read_new_array(struct reader *r, struct str *out)
{
	uint32_t n = 0;

	if (!skip(r, r->n_arrays == 0 ? array_class : array_class_again,
		r->n_arrays == 0 ? sizeof(array_class) - 1
				 : sizeof(array_class_again) - 1))
		return wrong(r, "no byte[]");
	if (read_u32(r, &n) < 0)
		return -1;
	if (n > INT32_MAX || n > r->in.n - r->at)
		return wrong(r, "a byte[] longer than the file");
	*out = (struct str) { r->in.p + r->at, n };
	r->at += n;
	remember(r, *out);
	return 0;
}

static int
read_array(struct reader *r, struct str *out)
{
	unsigned tag = 0;
	uint32_t handle = 0;

	if (read_byte(r, &tag) < 0)
		return -1;
	switch (tag) {
	case TC_NULL:
		*out = (struct str) { NULL, 0 };
		return 0;
	case TC_ARRAY:
		return read_new_array(r, out);
	case TC_REFERENCE:
		if (read_u32(r, &handle) < 0)
			return -1;
		if (handle < FIRST_ARRAY || handle - FIRST_ARRAY >= r->n_arrays)
			return wrong(r, "a reference to nothing");
		*out = r->arrays[handle - FIRST_ARRAY];
		return 0;
	default:
		r->at--;
		return wrong(r, "neither a byte[] nor null");
	}
}

static int
read_head(struct reader *r, uint32_t *pairs)
{
	uint32_t ignored;

	if (!skip(r, head, sizeof(head) - 1))
		return wrong(r, "no serialized java.util.HashMap");
	if (read_u32(r, &ignored) < 0 ||
	    read_u32(r, &ignored) < 0) /* load factor, threshold */
		return -1;
	if (!skip(r, "w\10", 2))
		return wrong(r, "no block of 8 bytes");
	if (read_u32(r, &ignored) < 0 || read_u32(r, pairs) < 0) /* buckets */
		return -1;
	/* The shortest pair is two nulls. */
	if (*pairs > INT32_MAX || *pairs > (r->in.n - r->at) / 2)
		return wrong(r, "more pairs than the file can hold");
	return 0;
}

static int
read_pairs(struct reader *r, uint32_t count, struct java_hashmap_pair **pairs, size_t *n)
{
	size_t cap = 0;
	unsigned end = 0;

	while (*n < count) {
		if (*n == cap) {
			cap = cap == 0 ? 32 : 2 * cap;
			*pairs = mem_realloc(*pairs, cap * sizeof(**pairs));
		}
		struct java_hashmap_pair *pair = &(*pairs)[*n];
		if (read_array(r, &pair->key) < 0 || read_array(r, &pair->value) < 0)
			return -1;
		++*n;
	}
	if (read_byte(r, &end) < 0)
		return -1;
	if (end != TC_ENDBLOCKDATA || r->at != r->in.n) {
		r->at--;
		return wrong(r, "no end of the map");
	}
	return 0;
}

int
java_hashmap_read(
    struct str bytes, struct java_hashmap_pair **pairs, size_t *n, struct err *err)
{
	struct reader r = { .in = bytes, .err = err };
	uint32_t count = 0;

	*pairs = NULL;
	*n = 0;
	int result = read_head(&r, &count);
	if (result == 0)
		result = read_pairs(&r, count, pairs, n);
	if (result < 0) {
		free(*pairs);
		*pairs = NULL;
		*n = 0;
	}
	free(r.arrays);
	return result;
}

static void
add_u32(struct buf *out, size_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_add_byte(out, (uint8_t)(v >> shift));
}

static void
add_array(struct buf *out, struct str s, bool *first)
{
	if (s.p == NULL) {
		buf_add_byte(out, TC_NULL);
		return;
	}
	buf_add_byte(out, TC_ARRAY);
	if (*first)
		buf_add(out, array_class, sizeof(array_class) - 1);
	else
		buf_add(out, array_class_again, sizeof(array_class_again) - 1);
	*first = false;
	add_u32(out, s.n);
	buf_add(out, s.p, s.n);
}

void
java_hashmap_write(const struct java_hashmap_pair *pairs, size_t n, struct buf *out)
{
	size_t buckets = 16;
	bool first = true;

	while (n > buckets / 4 * 3)
		buckets *= 2;
	buf_add(out, head, sizeof(head) - 1);
	buf_add(out, "\x3f\x40\0\0", 4);
	add_u32(out, n > 0 ? buckets / 4 * 3 : 0);
	buf_add(out, "w\10", 2);
	add_u32(out, buckets);
	add_u32(out, n);
	for (size_t i = 0; i < n; i++) {
		add_array(out, pairs[i].key, &first);
		add_array(out, pairs[i].value, &first);
	}
	buf_add_byte(out, TC_ENDBLOCKDATA);
}
