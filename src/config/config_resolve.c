/*
 * Puts the values of ${provider:path:key} in.  What counts as a variable follows
 * Kafka's ConfigTransformer (3.9) to the letter: its regular expression
 *
 *     \$\{([^}]*?):(([^}]*?):)?([^}]*?)\}
 *
 * begins at a "${", ends at the first "}" and cuts what lies between at the first and
 * at the second ':'.  Results are not looked at again.
 */
#include <string.h>

#include "base/buf.h"
#include "config/config.h"
#include "config/provider.h"

struct variable {
	struct str all; /* with "${" and "}" */
	struct str provider, path, key;
};

/* The next variable at or behind *at, which is moved behind it. */
static bool
next_variable(struct str value, size_t *at, struct variable *v)
{
	for (; *at + 1 < value.n; (*at)++) {
		const char *begin = value.p + *at;
		if (begin[0] != '$' || begin[1] != '{')
			continue;

		const char *end = memchr(begin, '}', value.n - *at);
		if (end == NULL)
			return false;
		struct str inner = { begin + 2, (size_t)(end - begin) - 2 };
		if (inner.n == 0 || memchr(inner.p, ':', inner.n) == NULL)
			continue;

		v->all = (struct str) { begin, (size_t)(end - begin) + 1 };
		str_next(&inner, ':', &v->provider);
		const char *colon = inner.n == 0 ? NULL : memchr(inner.p, ':', inner.n);
		v->path = (struct str) { inner.p, 0 };
		if (colon != NULL)
			str_next(&inner, ':', &v->path);
		v->key = (struct str) { end - inner.n, inner.n };
		*at += v->all.n;
		return true;
	}
	return false;
}

/* The name of an unknown provider may be a part of a password that only looks so. */
static void
report_unknown(
    const struct config_entry *e, struct str provider, struct problems *problems)
{
	if (config_key_is_secret(e->key))
		problems_add(problems, PROBLEM_WARNING, e,
		    "refers to a config provider that is not there; the text stays as it "
		    "is");
	else
		problems_add(problems, PROBLEM_WARNING, e,
		    "no config provider \"%.*s\"; the text stays as it is",
		    provider.n > 100 ? 100 : (int)provider.n, provider.p);
}

/* Adds the variable's value to out; false after a problem. */
static bool
resolve_one(struct provider_set *set, const struct config_entry *e,
    const struct variable *v, struct buf *out, struct problems *problems)
{
	struct provider_value value = { 0 };
	struct err err = { 0 };

	switch (provider_get(set, v->provider, v->path, v->key, problems, &value, &err)) {
	case PROVIDER_FOUND:
		buf_add_str(out, value.text);
		return true;
	case PROVIDER_UNKNOWN:
		report_unknown(e, v->provider, problems);
		return false;
	case PROVIDER_ABSENT:
		problems_add(problems, value.declared ? PROBLEM_WARNING : PROBLEM_ERROR,
		    e, "%s; the text stays as it is", err.msg);
		return false;
	case PROVIDER_FAILED:
		break;
	}
	problems_add(problems, PROBLEM_ERROR, e, "%s", err.msg);
	return false;
}

static void
resolve_entry(struct provider_set *set, struct config *c, const struct config_entry *e,
    struct buf *out, struct problems *problems)
{
	struct str value = str_of(e->value); /* NULL, over REST, is an empty one */
	size_t at = 0, done = 0;
	bool changed = false;
	struct variable v;

	buf_reset(out);
	while (next_variable(value, &at, &v)) {
		buf_add(out, value.p + done, (size_t)(v.all.p - value.p) - done);
		done = at;
		if (resolve_one(set, e, &v, out, problems))
			changed = true;
		else
			buf_add_str(out, v.all);
		if (out->n > value.n + CONFIG_VALUE_MAX) {
			problems_add(problems, PROBLEM_ERROR, e,
			    "with its variables the value is longer than 1 MiB");
			return;
		}
	}
	if (!changed)
		return;
	buf_add(out, value.p + done, value.n - done);

	struct config_entry resolved = *e;
	resolved.value = buf_cstr(out);
	resolved.secret = true;
	config_put(c, &resolved);
}

void
config_resolve(struct config *c, const struct config *worker, struct problems *problems)
{
	/* Said once, for the worker, not again for each of its connectors. */
	struct provider_set *set = provider_set_new(
	    worker, c == worker ? problems : NULL);
	const struct config_entry *e;
	struct buf out = { 0 };

	for (size_t i = 0; (e = config_each(c, &i)) != NULL;)
		resolve_entry(set, c, e, &out, problems);
	provider_set_free(set);
	if (out.p != NULL)
		explicit_bzero(out.p, out.cap);
	buf_fini(&out);
}
