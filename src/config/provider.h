#ifndef CONFIG_PROVIDER_H
#define CONFIG_PROVIDER_H

#include "base/err.h"
#include "base/str.h"
#include "config/config.h"

/*
 * Where the values of ${provider:path:key} come from, as Kafka's config providers
 * (org.apache.kafka.common.config.provider, 3.9) give them:
 *
 *     file        property `key` of the .properties file `path`
 *     dir         content of the file `key` in the folder `path`
 *     env         environment variable `key`; no path
 *     credential  content of the file `key` in $CREDENTIALS_DIRECTORY (systemd),
 *                 without the line end at its end; no path.  headrace's own
 *
 * These names need no declaration; config.providers of the worker adds names or
 * replaces these, with Kafka's classes only.  Files must be regular, lie below the
 * declaration's param.allowed.paths (without declaration: the worker's allowed.paths)
 * if there are any, and never below /proc, /sys or the worker's state.dir; links are
 * followed before that is decided.
 */
struct provider_set;

enum provider_result {
	PROVIDER_FAILED = -1, /* *err says why */
	PROVIDER_FOUND,
	PROVIDER_ABSENT,  /* *err says what; `declared` below decides how bad it is */
	PROVIDER_UNKNOWN, /* no provider of that name, or its class is not ours */
};

struct provider_value {
	struct str text; /* borrowed, until the next get */
	bool declared;   /* in config.providers: Connect leaves what is absent alone */
};

/* Faults of declarations go to problems (NULL: to nobody). */
struct provider_set *provider_set_new(const struct config *worker, struct problems *);
void provider_set_free(struct provider_set *);
/* Files are read once and kept while the set lives; faults inside a .properties
 * file go to problems then. */
enum provider_result provider_get(struct provider_set *, struct str name, struct str path,
    struct str key, struct problems *, struct provider_value *, struct err *err);

#endif
