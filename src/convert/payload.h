#ifndef CONVERT_PAYLOAD_H
#define CONVERT_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/str.h"
#include "config/config.h"
#include "data/message.h"
#include "data/record.h"

/*
 * MQTT-side converters (WITHCONVERTER of KCQL; Lenses' source converters): an MQTT
 * message becomes key and value of a record.  One instance per statement; it
 * knows the statement's key paths as plain structs and nothing of KCQL.
 */

/* A WITHKEY item, a tag, a timestamp: where a value comes from. */
struct payload_path {
	enum message_part part;
	const struct str *names; /* MESSAGE_VALUE: from the root down */
	size_t n;                /* 0: the converted value itself */
	uint32_t level;          /* MESSAGE_TOPIC_LEVEL: from 1 */
	struct str text;         /* as the user wrote it, for messages: "a.b" */
};

struct payload;

/* A registry entry.  What is needed before a task exists: for KCQL's bind checks. */
struct payload_class {
	const char *name;       /* simple class name: "JsonSimpleConverter" */
	const char *short_name; /* "json"; NULL: none */
	bool has_fields;        /* columns and IGNORE work */
	bool has_key_fields;    /* WITHKEY, tags and timestamp from fields work */
	const char *warning;    /* to be logged at start; NULL: none */
	const char *doc;
	size_t state_size; /* zeroed memory for `state` */
	/* All may be NULL but convert. */
	int (*init)(struct payload *p, struct err *err);
	void (*fini)(struct payload *p);
	int (*convert)(struct payload *p, const struct message *m, struct record *r,
	    struct err *err);
	int (*field)(struct payload *p, const struct message *m, const struct record *r,
	    const struct payload_path *path, struct datum *out, struct err *err);
};

/*
 * By class name in any of the packages io.lenses.streamreactor.connect.converters.source
 * and com.datamountaineer.streamreactor.connect.converters.source, by the bare class
 * name, or by the short name; case matters.  Empty: BytesConverter.  NULL: unknown.
 */
const struct payload_class *payload_find(struct str name);
/* All of them, NULL at the end. */
const struct payload_class *const *payload_classes(void);

/* The key of a statement without WITHKEY. */
enum payload_key {
	PAYLOAD_KEY_LENSES, /* the converter's own: MsgKey {topic,id}, or a text */
	PAYLOAD_KEY_TOPIC,  /* required STRING: the MQTT topic (headrace.key=topic) */
};

/* How to make an instance.  All is borrowed until payload_close. */
struct payload_spec {
	const struct payload_class *class;
	const struct payload_path *keys; /* WITHKEY, in order */
	size_t n_keys;
	struct str delimiter; /* KEYDELIMITER; p NULL: "." */
	struct str filter;    /* the statement's topic filter, inner form */
	enum payload_key key;
	bool old_package;            /* MsgKey in com.datamountaineer... */
	bool strict_lenses;          /* headrace.strict.lenses */
	const struct config *config; /* of the connector; may be NULL */
	const struct log_ctx *log;   /* may be NULL */
};

struct payload_stats {
	uint64_t converted, failed;
	uint64_t departed; /* by default other than Lenses: table of connectors.md 3.3 */
};

struct payload {
	const struct payload_class *class;
	struct payload_spec spec;
	void *state;
	struct arena *mem; /* of the instance: schemas, texts */
	struct buf text;   /* scratch, kept between messages */
	const struct schema *key_schema;
	/* Of every value it makes, when that is known at the start; NULL: it depends on
	 * the payload.  Set by init. */
	const struct schema *value_schema;
	bool source_is_filter; /* Lenses' Avro mode: the filter stands for the topic */
	struct payload_stats stats;
};

/* ERR_CONFIG with Lenses' text where it has one. */
struct payload *payload_open(const struct payload_spec *spec, struct err *err);
void payload_close(struct payload *);

/* A payload that is null, not empty: MQTT has none, Lenses' interface (and the vectors
 * recorded from it) does. */
#define PAYLOAD_NULL ((struct str) { NULL, SIZE_MAX })

/*
 * Fills r->key and r->value from m; r->mem and r->topic are set before.  Texts and
 * bytes borrow from m.  Errors are ERR_RECORD; key and value are then undefined.
 */
static inline int
payload_convert(
    struct payload *p, const struct message *m, struct record *r, struct err *err)
{
	return p->class->convert(p, m, r, err);
}

/*
 * The value at a path, with its schema, in what payload_convert made of m (before any
 * change of r->value): for tags and timestamps.  1 found, 0 absent or null, -1
 * ERR_RECORD (array or primitive on the way, payload unreadable).
 */
int payload_field(struct payload *p, const struct message *m, const struct record *r,
    const struct payload_path *path, struct datum *out, struct err *err);

#endif
