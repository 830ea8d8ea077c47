#ifndef CONVERT_CONVERTER_H
#define CONVERT_CONVERTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/str.h"
#include "config/config.h"
#include "config/opt.h"
#include "data/value.h"

/*
 * Kafka-side converters (key.converter, value.converter, header.converter): a datum
 * becomes bytes and back, as org.apache.kafka.connect.storage.Converter and
 * HeaderConverter.  One instance per use and task; nothing is shared.
 */

enum converter_use { CONVERTER_KEY, CONVERTER_VALUE, CONVERTER_HEADER };

struct converter;

struct converter_class {
	const char *name; /* Java class */
	bool header_only; /* SimpleHeaderConverter */
	const char *doc;
	const struct opt *options; /* into state; NULL: none */
	size_t state_size;         /* zeroed memory for the state */
	/* init (may be NULL): after the options were read into state. */
	int (*init)(struct converter *c, struct err *err);
	void (*fini)(struct converter *c); /* may be NULL */
	/* out->p NULL: null; else out lives in mem or borrows from d.  ERR_RECORD; or
	 * ERR_RETRY: waits for something else (a schema registry), see converter_env. */
	int (*write)(struct converter *c, struct arena *mem, struct str topic,
	    const struct datum *d, struct str *out, struct err *err);
	/* in.p NULL: null; *out lives in mem or borrows from in. */
	int (*read)(struct converter *c, struct arena *mem, struct str topic,
	    struct str in, struct datum *out, struct err *err);
};

/* By Java class name, or its simple name with or without "Converter"; NULL: unknown.
 * header_only classes are found for CONVERTER_HEADER only. */
const struct converter_class *converter_find(struct str name, enum converter_use use);
/* All of them, NULL at the end. */
const struct converter_class *const *converter_classes(void);

/* What an instance may use of its task.  Borrowed until converter_close. */
struct converter_env {
	/* For what has to wait (schema registry).  NULL: calls block instead. */
	struct loop *loop;
	/* After ERR_RETRY of write or read: worth trying again.  Runs in the loop. */
	void (*ready)(void *arg);
	void *arg;
	const struct log_ctx *log; /* may be NULL */
};

struct converter {
	const struct converter_class *class;
	void *state;
	struct arena *mem; /* of the instance */
	enum converter_use use;
	struct converter_env env;
};

/*
 * cfg: the options without prefix ("schemas.enable").  Faults of options go to problems
 * with the bare names; NULL then, as with err (ERR_CONFIG).  env may be NULL.
 */
struct converter *converter_open(const struct converter_class *class,
    enum converter_use use, const struct config *cfg, const struct converter_env *env,
    struct problems *problems, struct err *err);
void converter_close(struct converter *);

static inline int
converter_write(struct converter *c, struct arena *mem, struct str topic,
    const struct datum *d, struct str *out, struct err *err)
{
	return c->class->write(c, mem, topic, d, out, err);
}

static inline int
converter_read(struct converter *c, struct arena *mem, struct str topic, struct str in,
    struct datum *out, struct err *err)
{
	return c->class->read(c, mem, topic, in, out, err);
}

#endif
