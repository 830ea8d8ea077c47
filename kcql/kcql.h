#ifndef KCQL_KCQL_H
#define KCQL_KCQL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * KCQL for MQTT sources: a text like
 *
 *     INSERT INTO alarms SELECT code, text AS message FROM site/+/alarm/#
 *         WITHCONVERTER=`json` WITHKEY(code);
 *
 * becomes statements, or one error that says what is wrong, where, and what to
 * write instead.  Nothing that is written gets lost: what cannot be honoured is an
 * error.  README.md beside this file has the grammar and a tour.
 *
 * The library stands alone (libc only), has no state of its own, and reads any
 * bytes: time is linear in the length, memory too, recursion is none.  Out of
 * memory ends the process.  Thread: any, but one result belongs to one thread.
 */

/* Bytes of UTF-8 with a NUL behind them (and perhaps within: look at len).
 * ptr NULL: absent; "" is a text. */
struct kcql_text {
	const char *ptr;
	size_t len;
};

/* Where something stands in the whole text: both from 1, the column counts code
 * points.  Line 0: it is not written. */
struct kcql_place {
	unsigned line, column;
};

enum kcql_mode {
	KCQL_INSERT,
	KCQL_UPSERT,
	KCQL_NO_MODE, /* strict only: "SELECT ..." and "UPSERT PK x INTO ..." */
};

/* What a path starts from. */
enum kcql_from {
	KCQL_VALUE,     /* the converted value */
	KCQL_TOPIC,     /* _.topic: STRING; with a level: that level of it */
	KCQL_TIMESTAMP, /* _.timestamp: INT64, ms since 1970, of receipt */
	KCQL_QOS,       /* _.qos: INT32, 0-2 */
	KCQL_ID,        /* _.id: INT32, packet id; 0 at QoS 0 */
	KCQL_RETAINED,  /* _.retained: BOOLEAN */
	KCQL_DUP,       /* _.dup: BOOLEAN */
	KCQL_KEY, /* this and the next ones: strict only, an MQTT message has none */
	KCQL_PARTITION,
	KCQL_OFFSET,
};

struct kcql_path {
	enum kcql_from from;
	unsigned level; /* KCQL_TOPIC: 1 is the first level; 0: the whole topic */
	/* KCQL_VALUE: field names from the root of the value inwards; none of
	 * them: the value itself (`_value`). */
	const struct kcql_text *segment;
	size_t n_segments;
	bool all;               /* `*` at the end: all fields of what the path leads to */
	bool of_value;          /* written with `_value` in front, which is no segment */
	struct kcql_text text;  /* in one piece, for messages: a.b, _.topic.2, "a.b".c */
	struct kcql_text canon; /* as the canonical text spells it */
	struct kcql_place at;
};

struct kcql_column {
	struct kcql_path path;
	struct kcql_text alias; /* absent without AS */
	/* Name of the field that is made: the alias, else the last segment, else
	 * "topic", "topic_2", "qos"...; "*" when path.all. */
	struct kcql_text name;
};

enum kcql_tag_kind {
	KCQL_TAG_DEFAULT,  /* p:      header named by the path text holds the field */
	KCQL_TAG_ALIAS,    /* p AS h: header h holds the field */
	KCQL_TAG_CONSTANT, /* h = v:  header h holds the text v */
};

struct kcql_tag {
	enum kcql_tag_kind kind;
	struct kcql_path path;   /* of a constant only at, text and canon count */
	struct kcql_text header; /* name of the Kafka header */
	struct kcql_text value;  /* the constant, may be empty; absent otherwise */
};

enum kcql_unit {
	KCQL_NANOSECONDS,
	KCQL_MICROSECONDS,
	KCQL_MILLISECONDS, /* the default */
	KCQL_SECONDS,
	KCQL_MINUTES,
	KCQL_HOURS,
	KCQL_DAYS,
};

/* The clauses behind the source name; statement.clause tells which are written. */
enum kcql_clause {
	KCQL_IGNORE,
	KCQL_WITHSTRUCTURE,
	KCQL_WITHTIMESTAMP,
	KCQL_TIMESTAMPUNIT,
	KCQL_WITHTAG,
	KCQL_WITHCONVERTER,
	KCQL_WITHKEY,
	KCQL_KEYDELIMITER,
	KCQL_WITHREGEX,
	KCQL_PROPERTIES,
	KCQL_CLAUSES, /* how many */
};

/* A property that only Lenses' other connectors know (strict mode): name and value
 * as JSON, e.g. "limit" and "10". */
struct kcql_extra {
	const char *name;
	struct kcql_text json;
};

struct kcql_statement {
	enum kcql_mode mode;
	struct kcql_text target; /* Kafka topic, `$` in it stands for the MQTT topic; */
				 /* absent in strict mode for a bare SELECT */
	struct kcql_text source; /* MQTT topic filter */
	const struct kcql_column *columns;
	size_t n_columns;
	const struct kcql_column *ignored;
	size_t n_ignored;
	const struct kcql_tag *tags;
	size_t n_tags;
	const struct kcql_path *keys; /* WITHKEY; none: the converter's default key */
	size_t n_keys;
	struct kcql_text key_delimiter; /* "." by default */
	struct kcql_text converter;     /* absent: BytesConverter */
	struct kcql_text regex;         /* absent: FROM decides */
	bool all_columns;               /* the column list is `*` alone */
	bool structure;                 /* nested columns keep their parents */
	bool receive_time;              /* WITHTIMESTAMP sys_time() or _.timestamp */
	struct kcql_path timestamp;     /* else the field, if at.line is not 0 */
	enum kcql_unit unit;            /* of the timestamp */

	struct kcql_place at; /* first keyword */
	struct kcql_place target_at, source_at;
	struct kcql_place clause[KCQL_CLAUSES]; /* keyword; line 0: not written */

	/* Strict mode only: columns beginning with _key and _header, and clauses
	 * that the MQTT source parses and ignores. */
	const struct kcql_column *key_columns;
	size_t n_key_columns;
	const struct kcql_column *header_columns;
	size_t n_header_columns;
	const struct kcql_extra *extra;
	size_t n_extra;
};

struct kcql_error {
	const char *code; /* "trailing_text", ...; one of the codes in README.md */
	struct kcql_place at;
	struct kcql_text found; /* the offending text, cut when long; empty at the end */
	const char *const *expected; /* what could stand there; n may be 0 */
	size_t n_expected;
	/* All of it for people: a first line that begins with "Invalid syntax. SQL:",
	 * the source line, and a caret under the column. */
	const char *message;
};

/* A warning, or an error that shows only after parsing (kcql_bind). */
struct kcql_notice {
	const char *code; /* "lenses_differs:source,with_key", "bad_filter", ... */
	size_t statement; /* index */
	struct kcql_place at;
	const char *message; /* one line: what and what to do */
};

struct kcql_memory;

/* All that came out of one text; everything in it lives until kcql_free. */
struct kcql {
	const struct kcql_error *error;         /* NULL: the text is good */
	const struct kcql_statement *statement; /* none when there is an error */
	size_t n_statements;
	const struct kcql_notice *warning;
	size_t n_warnings;
	const struct kcql_notice *bind; /* filled by kcql_bind */
	size_t n_bind;
	bool strict;
	struct kcql_memory *memory; /* private */
};

/* Exactly as Lenses 11.7.2 reads it, traps included; no warnings. */
#define KCQL_STRICT_LENSES 1u

/* A longer text is refused (too_long). */
#define KCQL_MAX_BYTES ((size_t)16 << 20)

/* Reads a whole connect.mqtt.kcql value, which is only borrowed.  Never NULL. */
struct kcql *kcql_parse(const char *text, size_t len, unsigned flags);
void kcql_free(struct kcql *);

/* What a converter can do for the clauses; 0: there is no such converter. */
#define KCQL_CONVERTER_KNOWN 1u
#define KCQL_CONVERTER_FIELDS 2u /* fields for WITHKEY, WITHTAG, WITHTIMESTAMP */
#define KCQL_CONVERTER_STRUCT 4u /* a struct to select from: columns and IGNORE */

/* The world outside, as far as the checks after parsing need it. */
struct kcql_world {
	/* Flags of this converter; name NULL: the default one.  NULL: no checks. */
	unsigned (*converter)(void *arg, const char *name);
	/* Can this expression be compiled?  If not: why, at most size bytes with
	 * the NUL.  NULL: no check. */
	bool (*regex)(void *arg, struct kcql_text pattern, char *why, size_t size);
	void *arg;
};

/*
 * Finds what only shows together with the world: bad_topic_name, bad_filter,
 * unknown_converter, bad_regex, key_needs_fields, columns_need_fields.  Sets bind
 * and n_bind; all problems of all statements, not only the first.  In strict mode
 * the last two are left out: Lenses ignores those clauses.
 */
void kcql_bind(struct kcql *, const struct kcql_world *);

/* Canonical text: parses to the same statements, one a line, `;` between them.
 * Empty when there is an error.  Lives until kcql_free. */
struct kcql_text kcql_text(struct kcql *);
/* The same of one statement, without `;`. */
struct kcql_text kcql_statement_text(struct kcql *, const struct kcql_statement *);

/*
 * One JSON object without line ends: {"statements":[...],"warnings":[...],"bind":
 * [...]}, the last two each code once, or {"error":{"code","line","column",
 * "expected","message"}}.  Property names are Lenses'; defaults are left out.
 * Lives until kcql_free.
 */
const char *kcql_json(struct kcql *);

/* "WITHKEY" of KCQL_WITHKEY; "SECONDS" of KCQL_SECONDS. */
const char *kcql_clause_name(enum kcql_clause);
const char *kcql_unit_name(enum kcql_unit);

#endif
