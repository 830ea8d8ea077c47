#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/*
 * The one room behind all doors: a flat map of text to text, as Kafka Connect
 * calls a connector configuration, where each value knows where it was written.
 */
struct config;

struct config_entry {
	const char *key;     /* as Kafka Connect spells it: "connect.mqtt.hosts" */
	const char *value;   /* variables resolved */
	const char *written; /* the key as the user wrote it, for messages */
	const char *file;    /* NULL: command line or built in */
	int line;            /* 0: unknown */
	bool secret;         /* value came from a provider or a PASSWORD option */
	bool underscores; /* `written` has '_' for '.' and "__" for '_' (headrace.conf) */
	bool whole_file;  /* value is the text of `file` from its first byte on */
};

struct config *config_new(void);
void config_free(struct config *);
/* Copies all texts; replaces an existing key.  e->written NULL means e->key. */
void config_put(struct config *, const struct config_entry *e);
void config_set(struct config *, const char *key, const char *value); /* no place */
const char *config_get(const struct config *, const char *key); /* NULL when absent */
const struct config_entry *config_find(const struct config *, const char *key);
/* In order of insertion: for (size_t i = 0; (e = config_each(c, &i)) != NULL;) */
const struct config_entry *config_each(const struct config *, size_t *i);
size_t config_count(const struct config *);
/* Copies the entries whose key begins with prefix, without the prefix, into
 * `to`; later copies win.  Places and `written` stay. */
void config_copy(struct config *to, const struct config *from, const char *prefix);
/* Where the configuration as a whole was written, for what is missing in it. */
void config_set_place(struct config *, const char *file, int line);
/* An entry that has only file and line; borrowed, never NULL. */
const struct config_entry *config_place(const struct config *);
/*
 * The value as it may be shown: "[hidden]" for secrets and for keys that hold
 * "password", "secret", "token", "credential" or "jaas" in any letter case.
 */
const char *config_shown(const struct config_entry *e);
/* As config_shown decides it, by the key alone. */
bool config_key_is_secret(const char *key);

/* Adds a name of Kafka Connect's spelling to out as e's door would spell it:
 * connect_mqtt_hosts if e->underscores, else as it is. */
void config_spell(const struct config_entry *e, const char *name, struct buf *out);

/* Most that a key and a value may have, in bytes. */
#define CONFIG_KEY_MAX 255
#define CONFIG_VALUE_MAX ((size_t)1 << 20)

/*
 * What is wrong in a configuration: all of it, not only the first.  The first 500
 * of each level are kept, the others counted.
 */
struct problems;
enum problem_level { PROBLEM_ERROR, PROBLEM_WARNING };

struct problem {
	enum problem_level level;
	const char *file;    /* NULL: none */
	int line, column;    /* from 1; 0: unknown */
	const char *key;     /* as Kafka Connect spells it; NULL: none */
	const char *written; /* as the user did; NULL: none */
	const char *text;    /* may hold line ends */
};

struct problems *problems_new(void);
void problems_free(struct problems *);
/* e (may be NULL) gives file, line and key.  Never put a secret into the text. */
void problems_add(struct problems *, enum problem_level, const struct config_entry *e,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The same with a place in a file, for the doors. */
void problems_add_at(struct problems *, enum problem_level, const char *file, int line,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* The same with a place inside the value of e (line and column from 1, as the KCQL
 * parser gives them); e->whole_file makes it a place in e->file. */
void problems_add_in(struct problems *, enum problem_level, const struct config_entry *e,
    int line, int column, const char *fmt, ...) __attribute__((format(printf, 6, 7)));
size_t problems_count(const struct problems *, enum problem_level);
/* In the order they were added: for (size_t i = 0; (p = problems_each(ps, &i));) */
const struct problem *problems_each(const struct problems *, size_t *i);
/*
 * "file:line: error: key: text" per problem, in order of file and line; parts that
 * are unknown, and a key that the text names anyway, are left out.  Further lines of
 * a text are indented; control characters are printed as \xNN.
 */
void problems_print(const struct problems *, struct buf *out);

/*
 * Resolves ${provider:[path:]key} in all values by the providers that `worker`
 * declares (config.providers, config.providers.<p>.class, .param.<x>) and the
 * built-in ones `env` and `file`, which need no declaration.  One pass; an unknown
 * provider or key leaves the text as it is (Kafka Connect does) and is reported
 * as a warning; for the built-in ones as an error.
 */
void config_resolve(struct config *, const struct config *worker, struct problems *);

#endif
