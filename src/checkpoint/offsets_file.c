/*
 * The offsets of all tasks of a standalone worker: in memory, and in one file that is
 * replaced as a whole with each change (FileOffsetBackingStore of Kafka 3.9).
 */
#include "checkpoint/offsets_file.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/map.h"
#include "base/mem.h"
#include "checkpoint/checkpoint_text.h"
#include "checkpoint/java_hashmap.h"

#define MAX_BYTES (16 * 1024 * 1024)

struct value { /* in the map, by key */
	size_t n;
	bool is_null;
	char bytes[];
};

struct offsets_file {
	pthread_mutex_t lock; /* also held while the file is written */
	char *path;
	struct map *values;
};

static struct value *
value_new(struct str s)
{
	struct value *v = mem_alloc(sizeof(*v) + s.n);

	v->n = s.n;
	v->is_null = s.p == NULL;
	if (s.n > 0)
		memcpy(v->bytes, s.p, s.n);
	return v;
}

static int
load(struct offsets_file *f, struct err *err)
{
	struct buf bytes = { 0 };
	struct java_hashmap_pair *pairs = NULL;
	size_t n = 0;
	int r = -1;

	if (!io_exists(f->path))
		return 0;
	if (io_read_file(f->path, MAX_BYTES, &bytes, err) < 0)
		goto out;
	if (bytes.n > 0 && java_hashmap_read(buf_str(&bytes), &pairs, &n, err) < 0) {
		err_context(err, "%s is no offsets file of a standalone worker", f->path);
		goto out;
	}
	for (size_t i = 0; i < n; i++)
		free(map_put(f->values, pairs[i].key, value_new(pairs[i].value)));
	r = 0;
out:
	free(pairs);
	buf_fini(&bytes);
	return r;
}

struct offsets_file *
offsets_file_open(const char *path, struct err *err)
{
	struct offsets_file *f = mem_zalloc(sizeof(*f));

	pthread_mutex_init(&f->lock, NULL);
	f->path = mem_strdup(path);
	f->values = map_new();
	if (load(f, err) < 0) {
		offsets_file_close(f);
		return NULL;
	}
	return f;
}

void
offsets_file_close(struct offsets_file *f)
{
	struct str key;
	void *value;

	if (f == NULL)
		return;
	for (size_t i = 0; map_each(f->values, &i, &key, &value);)
		free(value);
	map_free(f->values);
	free(f->path);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

/* The value under the key as it is spelled, else under one that means the same. */
static const struct value *
find(const struct offsets_file *f, struct str key, struct str *spelled)
{
	const struct value *v = map_get(f->values, key);
	void *each;

	*spelled = key;
	if (v != NULL && !v->is_null)
		return v;
	for (size_t i = 0; map_each(f->values, &i, spelled, &each);) {
		v = each;
		if (!v->is_null && checkpoint_key_equal(key, *spelled))
			return v;
	}
	return NULL;
}

bool
offsets_file_find(
    struct offsets_file *f, struct str key, struct buf *stored_key, struct buf *value)
{
	struct str spelled;

	buf_reset(stored_key);
	buf_reset(value);
	pthread_mutex_lock(&f->lock);
	const struct value *v = find(f, key, &spelled);
	if (v != NULL) {
		buf_add_str(stored_key, spelled);
		buf_add(value, v->bytes, v->n);
	}
	pthread_mutex_unlock(&f->lock);
	return v != NULL;
}

static int
save(const struct offsets_file *f, struct err *err)
{
	struct java_hashmap_pair *pairs = mem_alloc(
	    map_count(f->values) * sizeof(*pairs));
	struct buf bytes = { 0 };
	struct str key;
	void *value;
	size_t n = 0;

	for (size_t i = 0; map_each(f->values, &i, &key, &value); n++) {
		const struct value *v = value;

		pairs[n].key = key;
		pairs[n].value = (struct str) { v->is_null ? NULL : v->bytes, v->n };
	}
	java_hashmap_write(pairs, n, &bytes);
	int r = io_write_file(f->path, bytes.p, bytes.n, err);
	free(pairs);
	buf_fini(&bytes);
	return r;
}

int
offsets_file_put(
    struct offsets_file *f, struct str key, struct str value, struct err *err)
{
	pthread_mutex_lock(&f->lock);
	free(map_put(f->values, key, value_new(value)));
	int r = save(f, err);
	pthread_mutex_unlock(&f->lock);
	return r;
}
