/*
 * The config providers: values that do not stand in the configuration itself, most
 * of them secrets.  Knows where they lie, not what they are for; no value ever gets
 * into a message.
 */
#include "config/provider.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/regex.h"
#include "config/doors.h"

#define FILE_MAX ((size_t)8 << 20)
#define SHOWN 100 /* bytes of a path or key in a message */

struct provider {
	const struct kind *kind; /* NULL: a class that is not ours */
	bool declared;
	char **allowed; /* without links; NULL at the end; NULL: any path */
	struct regex *allowlist;
};

struct provider_set {
	struct map *by_name; /* struct provider */
	struct map *files;   /* struct config by path */
	char *state_dir;     /* without links; NULL: unknown */
	struct buf value;
};

struct query {
	struct provider_set *set;
	const struct provider *provider;
	const char *path; /* "" if there is none */
	const char *key;
	struct problems *problems;
	struct str *value;
};

struct kind {
	const char *name; /* without declaration */
	const char *classes[4];
	const char *param; /* the one it has */
	enum provider_result (*get)(const struct query *, struct err *err);
};

static enum provider_result __attribute__((format(printf, 2, 3)))
absent(struct err *err, const char *fmt, ...)
{
	char text[sizeof(err->msg)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(err, ERR_CONFIG, "%s", text);
	return PROVIDER_ABSENT;
}

/* ---- which files may be read ---- */

static bool
lies_below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(path, folder, n) == 0 &&
	       (path[n] == '/' || path[n] == '\0' || (n == 1 && folder[0] == '/'));
}

static bool
may_read(const struct query *q, const char *real)
{
	char *const *allowed = q->provider->allowed;

	if (lies_below(real, "/proc") || lies_below(real, "/sys"))
		return false;
	if (q->set->state_dir != NULL && lies_below(real, q->set->state_dir))
		return false;
	if (allowed == NULL)
		return true;
	for (; *allowed != NULL; allowed++)
		if (lies_below(real, *allowed))
			return true;
	return false;
}

/* 0 and the file without links, or why it is not for us. */
static int
check_file(const struct query *q, const char *path, char real[PATH_MAX], struct err *err)
{
	struct stat st;

	if (realpath(path, real) == NULL)
		return err_set(err, ERR_CONFIG, "%.*s: no such file, or no right to it",
		    SHOWN, path);
	if (!may_read(q, real))
		return err_set(err, ERR_CONFIG,
		    "%.*s: providers may not read it; see allowed.paths", SHOWN, path);
	if (stat(real, &st) != 0 || !S_ISREG(st.st_mode))
		return err_set(err, ERR_CONFIG, "%.*s: not a regular file", SHOWN, path);
	return 0;
}

/* ---- file ---- */

static void
forget_file(struct config *c)
{
	const struct config_entry *e;

	/* Marked, so that config_free wipes them. */
	for (size_t i = 0; c != NULL && (e = config_each(c, &i)) != NULL;) {
		struct config_entry copy = *e;
		copy.secret = true;
		config_put(c, &copy);
	}
	config_free(c);
}

static struct config *
properties_of(const struct query *q, struct err *err)
{
	char real[PATH_MAX];
	struct buf text = { 0 };
	struct config *c = map_get(q->set->files, str_of(q->path));

	if (c != NULL)
		return c;
	if (check_file(q, q->path, real, err) != 0 ||
	    io_read_file(real, FILE_MAX, &text, err) != 0) {
		err_context(err, "Could not read properties from file");
		return NULL;
	}
	c = config_new();
	properties_parse(buf_str(&text), q->path, c, q->problems);
	map_put(q->set->files, str_of(q->path), c);
	explicit_bzero(text.p, text.cap);
	buf_fini(&text);
	return c;
}

static enum provider_result
get_property(const struct query *q, struct err *err)
{
	if (q->path[0] == '\0')
		return absent(err, "a path is missing: ${file:/path/of.properties:%.*s}",
		    SHOWN, q->key);

	const struct config *c = properties_of(q, err);
	if (c == NULL)
		return PROVIDER_FAILED;
	const char *value = config_get(c, q->key);
	if (value == NULL)
		return absent(
		    err, "no property \"%.*s\" in %.*s", SHOWN, q->key, SHOWN, q->path);
	*q->value = str_of(value);
	return PROVIDER_FOUND;
}

/* ---- dir, credential ---- */

/* The content of the file `key` in a folder; q->path is for messages. */
static enum provider_result
get_content(const struct query *q, const char *folder, struct err *err)
{
	struct buf path = { 0 };
	char real[PATH_MAX];
	enum provider_result result = PROVIDER_FAILED;

	if (q->key[0] == '\0' || q->key[0] == '.' || strchr(q->key, '/') != NULL)
		return absent(err, "\"%.*s\" is not the name of a file in %.*s", SHOWN,
		    q->key, SHOWN, folder);
	buf_printf(&path, "%s/%s", folder, q->key);
	if (!io_exists(buf_cstr(&path)))
		result = absent(
		    err, "no file \"%.*s\" in %.*s", SHOWN, q->key, SHOWN, folder);
	else if (check_file(q, path.p, real, err) == 0 &&
		 io_read_file(real, CONFIG_VALUE_MAX, &q->set->value, err) == 0)
		result = PROVIDER_FOUND;
	buf_fini(&path);
	if (result != PROVIDER_FOUND)
		return result;

	*q->value = buf_str(&q->set->value);
	if ((q->value->n > 0 && memchr(q->value->p, '\0', q->value->n) != NULL) ||
	    !str_is_utf8(*q->value)) {
		err_set(err, ERR_CONFIG, "%.*s/%.*s: not a text in UTF-8", SHOWN, folder,
		    SHOWN, q->key);
		return PROVIDER_FAILED;
	}
	return PROVIDER_FOUND;
}

static enum provider_result
get_file(const struct query *q, struct err *err)
{
	if (q->path[0] == '\0')
		return absent(
		    err, "a path is missing: ${dir:/path/of/folder:%.*s}", SHOWN, q->key);
	return get_content(q, q->path, err);
}

static enum provider_result
get_credential(const struct query *q, struct err *err)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	struct str *v = q->value;

	if (q->path[0] != '\0') {
		err_set(err, ERR_CONFIG, "credentials have no path: ${credential:%.*s}",
		    SHOWN, q->key);
		return PROVIDER_FAILED;
	}
	if (folder == NULL || folder[0] == '\0')
		return absent(err,
		    "no credential \"%.*s\": the service manager has given "
		    "none (LoadCredential=)",
		    SHOWN, q->key);

	enum provider_result result = get_content(q, folder, err);
	if (result == PROVIDER_FOUND && v->n > 0 && v->p[v->n - 1] == '\n')
		v->n -= v->n > 1 && v->p[v->n - 2] == '\r' ? 2 : 1;
	return result;
}

/* ---- env ---- */

static enum provider_result
get_variable(const struct query *q, struct err *err)
{
	const struct regex *allowlist = q->provider->allowlist;

	if (q->path[0] != '\0') {
		err_set(err, ERR_CONFIG,
		    "Path is not supported for EnvVarConfigProvider, invalid value "
		    "'%.*s'",
		    SHOWN, q->path);
		return PROVIDER_FAILED;
	}
	if (allowlist != NULL && regex_matches(allowlist, str_of(q->key), err) != 1)
		return absent(err, "allowlist.pattern does not allow the variable %.*s",
		    SHOWN, q->key);
	const char *value = getenv(q->key);
	if (value == NULL)
		return absent(
		    err, "the environment variable %.*s is not set", SHOWN, q->key);
	*q->value = str_of(value);
	if (str_is_utf8(*q->value))
		return PROVIDER_FOUND;
	err_set(err, ERR_CONFIG, "the environment variable %.*s is not a text in UTF-8",
	    SHOWN, q->key);
	return PROVIDER_FAILED;
}

/* ---- declarations ---- */

#define KAFKA_PACKAGE "org.apache.kafka.common.config.provider."

static const struct kind kinds[] = {
	{ "file", { KAFKA_PACKAGE "FileConfigProvider", "FileConfigProvider" },
	    "allowed.paths", get_property },
	{ "dir", { KAFKA_PACKAGE "DirectoryConfigProvider", "DirectoryConfigProvider" },
	    "allowed.paths", get_file },
	{ "env",
	    { KAFKA_PACKAGE "EnvVarConfigProvider", "EnvVarConfigProvider",
		"io.strimzi.kafka.EnvVarConfigProvider" },
	    "allowlist.pattern", get_variable },
	{ "credential", { "headrace.CredentialConfigProvider" }, NULL, get_credential },
};

static const struct kind *
kind_of(const char *class)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		for (size_t j = 0; kinds[i].classes[j] != NULL; j++)
			if (strcmp(class, kinds[i].classes[j]) == 0)
				return &kinds[i];
	return NULL;
}

/* "/a,/b" without links.  A path that is not there allows nothing, and is reported. */
static char **
paths_of(const struct config_entry *e, struct problems *problems)
{
	struct str rest = str_of(e->value), item;
	char **paths = NULL, *path, *real;
	size_t n = 0;

	while (str_next(&rest, ',', &item)) {
		item = str_trim(item);
		path = mem_strndup(item.p, item.n);
		real = path[0] == '/' ? realpath(path, NULL) : NULL;
		if (real != NULL) {
			paths = mem_realloc(paths, (n + 2) * sizeof(*paths));
			paths[n++] = real;
		} else {
			problems_add(problems, PROBLEM_ERROR, e, "Path %.*s %s", SHOWN,
			    path, path[0] == '/' ? "does not exist" : "is not absolute");
		}
		free(path);
	}
	if (paths == NULL)
		paths = mem_realloc(NULL, sizeof(*paths));
	paths[n] = NULL;
	return paths;
}

static void
set_param(struct provider *p, const struct config_entry *e, struct problems *problems)
{
	struct err err;

	if (strcmp(p->kind->param, "allowed.paths") == 0) {
		if (str_trim(str_of(e->value)).n > 0)
			p->allowed = paths_of(e, problems);
		return;
	}
	p->allowlist = regex_new(str_of(e->value), REGEX_WHOLE, &err);
	if (p->allowlist == NULL) {
		problems_add(problems, PROBLEM_ERROR, e, "%s", err.msg);
		p->kind = NULL; /* allows nothing */
	}
}

static void
declare(struct provider_set *set, const char *name, const struct config *worker,
    struct problems *problems)
{
	struct provider *p = mem_zalloc(sizeof(*p));
	struct buf key = { 0 };

	p->declared = true;
	buf_printf(&key, "config.providers.%s.class", name);
	const struct config_entry *class = config_find(worker, buf_cstr(&key));
	if (class != NULL)
		p->kind = kind_of(
		    str_trim(str_of(class->value)).n > 0 ? class->value : "");
	if (class == NULL)
		problems_add(problems, PROBLEM_ERROR,
		    config_find(worker, "config.providers"), "%.*s is missing", SHOWN,
		    key.p);
	else if (p->kind == NULL)
		problems_add(problems, PROBLEM_ERROR, class,
		    "headrace cannot load Java classes; it has FileConfigProvider, "
		    "DirectoryConfigProvider and EnvVarConfigProvider of Kafka");
	if (p->kind != NULL && p->kind->param != NULL) {
		buf_reset(&key);
		buf_printf(&key, "config.providers.%s.param.%s", name, p->kind->param);
		const struct config_entry *param = config_find(worker, buf_cstr(&key));
		if (param != NULL)
			set_param(p, param, problems);
	}
	buf_fini(&key);
	map_put(set->by_name, str_of(name), p);
}

static void
declare_all(
    struct provider_set *set, const struct config *worker, struct problems *problems)
{
	const char *list = config_get(worker, "config.providers");
	struct str rest = str_of(list), item;

	while (str_next(&rest, ',', &item)) {
		item = str_trim(item);
		if (item.n == 0 || map_get(set->by_name, item) != NULL)
			continue;
		char *name = mem_strndup(item.p, item.n);
		declare(set, name, worker, problems);
		free(name);
	}
}

static void
add_built_in(
    struct provider_set *set, const struct config *worker, struct problems *problems)
{
	const struct config_entry *paths = config_find(worker, "allowed.paths");

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (map_get(set->by_name, str_of(kinds[i].name)) != NULL)
			continue;
		struct provider *p = mem_zalloc(sizeof(*p));
		p->kind = &kinds[i];
		if (paths != NULL && kinds[i].param != NULL &&
		    strcmp(kinds[i].param, "allowed.paths") == 0)
			set_param(p, paths, problems);
		map_put(set->by_name, str_of(kinds[i].name), p);
	}
}

struct provider_set *
provider_set_new(const struct config *worker, struct problems *problems)
{
	struct provider_set *set = mem_zalloc(sizeof(*set));
	struct problems *unheard = problems == NULL ? problems_new() : NULL;
	const char *state_dir = config_get(worker, "state.dir");

	set->by_name = map_new();
	set->files = map_new();
	set->state_dir = state_dir == NULL ? NULL : realpath(state_dir, NULL);
	declare_all(set, worker, problems == NULL ? unheard : problems);
	add_built_in(set, worker, problems == NULL ? unheard : problems);
	problems_free(unheard);
	return set;
}

static void
provider_free(struct provider *p)
{
	for (size_t i = 0; p->allowed != NULL && p->allowed[i] != NULL; i++)
		free(p->allowed[i]);
	free(p->allowed);
	regex_free(p->allowlist);
	free(p);
}

void
provider_set_free(struct provider_set *set)
{
	struct str key;
	void *v;

	if (set == NULL)
		return;
	for (size_t i = 0; map_each(set->by_name, &i, &key, &v);)
		provider_free(v);
	for (size_t i = 0; map_each(set->files, &i, &key, &v);)
		forget_file(v);
	map_free(set->by_name);
	map_free(set->files);
	if (set->value.p != NULL)
		explicit_bzero(set->value.p, set->value.cap);
	buf_fini(&set->value);
	free(set->state_dir);
	free(set);
}

enum provider_result
provider_get(struct provider_set *set, struct str name, struct str path, struct str key,
    struct problems *problems, struct provider_value *value, struct err *err)
{
	const struct provider *p = map_get(set->by_name, name);

	if (p == NULL || p->kind == NULL)
		return PROVIDER_UNKNOWN;

	char *path_text = mem_strndup(path.p, path.n),
	     *key_text = mem_strndup(key.p, key.n);
	const struct query q = {
		.set = set,
		.provider = p,
		.path = path_text,
		.key = key_text,
		.problems = problems,
		.value = &value->text,
	};
	value->declared = p->declared;
	enum provider_result result = p->kind->get(&q, err);
	free(path_text);
	free(key_text);
	return result;
}
