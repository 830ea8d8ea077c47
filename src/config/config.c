/*
 * The flat map from key to value that every door fills and every part reads.  It
 * knows texts and where they were written; it must not know options or formats.
 */
#include "config/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"

struct config {
	struct map *entries;
	struct config_entry *place; /* key and value are "" */
};

static char *
pack(char **end, const char *s)
{
	if (s == NULL)
		return NULL;

	char *copy = *end;
	size_t n = strlen(s) + 1;
	memcpy(copy, s, n);
	*end += n;
	return copy;
}

static size_t
packed(const char *s)
{
	return s == NULL ? 0 : strlen(s) + 1;
}

/* The entry and its texts lie in one piece of memory. */
static struct config_entry *
entry_copy(const struct config_entry *e)
{
	const char *written = e->written != NULL ? e->written : e->key;
	size_t n = packed(e->key) + packed(e->value) + packed(written) + packed(e->file);
	struct config_entry *copy = mem_alloc(sizeof(*copy) + n);
	char *end = (char *)(copy + 1);

	*copy = *e;
	copy->key = pack(&end, e->key);
	copy->value = pack(&end, e->value);
	copy->written = pack(&end, written);
	copy->file = pack(&end, e->file);
	return copy;
}

static void
entry_free(struct config_entry *e)
{
	if (e == NULL)
		return;
	if (e->value != NULL && (e->secret || config_key_is_secret(e->key)))
		explicit_bzero((char *)(uintptr_t)e->value, strlen(e->value));
	free(e);
}

struct config *
config_new(void)
{
	struct config *c = mem_zalloc(sizeof(*c));

	c->entries = map_new();
	config_set_place(c, NULL, 0);
	return c;
}

void
config_free(struct config *c)
{
	if (c == NULL)
		return;

	struct str key;
	void *e;
	for (size_t i = 0; map_each(c->entries, &i, &key, &e);)
		entry_free(e);
	map_free(c->entries);
	entry_free(c->place);
	free(c);
}

void
config_put(struct config *c, const struct config_entry *e)
{
	struct config_entry *copy = entry_copy(
	    e); /* before e, which may be the old one */

	entry_free(map_put(c->entries, str_of(copy->key), copy));
}

void
config_set(struct config *c, const char *key, const char *value)
{
	config_put(c, &(struct config_entry) { .key = key, .value = value });
}

const char *
config_get(const struct config *c, const char *key)
{
	const struct config_entry *e = config_find(c, key);

	return e == NULL ? NULL : e->value;
}

const struct config_entry *
config_find(const struct config *c, const char *key)
{
	return map_get(c->entries, str_of(key));
}

const struct config_entry *
config_each(const struct config *c, size_t *i)
{
	struct str key;
	void *e;

	return map_each(c->entries, i, &key, &e) ? e : NULL;
}

size_t
config_count(const struct config *c)
{
	return map_count(c->entries);
}

void
config_copy(struct config *to, const struct config *from, const char *prefix)
{
	size_t n = strlen(prefix);
	const struct config_entry *e;

	for (size_t i = 0; (e = config_each(from, &i)) != NULL;) {
		if (strncmp(e->key, prefix, n) != 0 || e->key[n] == '\0')
			continue;
		struct config_entry copy = *e;
		copy.key += n;
		config_put(to, &copy);
	}
}

void
config_set_place(struct config *c, const char *file, int line)
{
	struct config_entry place = {
		.key = "", .value = "", .file = file, .line = line
	};

	entry_free(c->place);
	c->place = entry_copy(&place);
}

const struct config_entry *
config_place(const struct config *c)
{
	return c->place;
}

bool
config_key_is_secret(const char *key)
{
	static const char *const words[] = { "password", "secret", "token", "credential",
		"jaas" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcasestr(key, words[i]) != NULL)
			return true;
	return false;
}

const char *
config_shown(const struct config_entry *e)
{
	return e->secret || config_key_is_secret(e->key) ? "[hidden]" : e->value;
}

void
config_spell(const struct config_entry *e, const char *name, struct buf *out)
{
	for (; *name != '\0'; name++) {
		if (e->underscores && *name == '_')
			buf_add_c(out, "__");
		else
			buf_add_byte(
			    out, (uint8_t)(e->underscores && *name == '.' ? '_' : *name));
	}
}
