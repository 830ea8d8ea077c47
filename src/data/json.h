#ifndef DATA_JSON_H
#define DATA_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/*
 * JSON of payloads: number texts are kept, members keep their order and may repeat,
 * names and texts may hold U+0000.  (Configuration and REST use jansson.)
 */

enum json_type {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_INTEGER, /* number without '.', 'e', 'E' */
	JSON_DECIMAL, /* number with one of them */
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

struct json {
	uint8_t type;    /* enum json_type */
	uint32_t n;      /* children, or bytes at text */
	uint32_t name_n; /* bytes at name */
	union {
		const char *text;   /* STRING: unescaped; number: as written */
		struct json *child; /* ARRAY, OBJECT: the first; n 0: not set */
	};
	const char *name;  /* in an object: the member's name, unescaped */
	struct json *next; /* sibling */
};

enum json_flags {               /* beyond RFC 8259 */
	JSON_LEADING_ZEROS = 1, /* 007; the text keeps them */
	JSON_TRAILING = 2,      /* what follows the first value is not looked at */
	JSON_BOM = 4,           /* a byte order mark in front is skipped */
	JSON_LAX_UTF8 = 8,      /* overlong forms and pairs of surrogates */
	JSON_UNIQUE = 16,       /* of members with one name the last stays, at the place
				   of the first (a Java map) */
};
#define JSON_JACKSON \
	(JSON_LEADING_ZEROS | JSON_TRAILING | JSON_BOM | JSON_LAX_UTF8 | JSON_UNIQUE)

#define JSON_MAX_DEPTH 1000       /* StreamReadConstraints of Jackson 2.16 */
#define JSON_MAX_NUMBER 1000      /* digits; the same */
#define JSON_MAX_VALUES (1 << 20) /* in one document; ours */

/*
 * Reads one value: its nodes into `nodes`, texts that had escapes into `texts` (which
 * may be the same arena); other texts borrow from `text`.  Empty or blank input
 * gives *root NULL.  Errors are ERR_RECORD and name the offset.  Bounded:
 * depth, number of values (40 bytes each), linear time, no recursion.
 */
int json_parse(struct arena *nodes, struct arena *texts, struct str text, unsigned flags,
    struct json **root, struct err *err);

static inline struct str
json_text(const struct json *j)
{
	return (struct str) { j->text, j->n };
}

static inline struct str
json_name(const struct json *j)
{
	return (struct str) { j->name, j->name_n };
}

static inline const struct json *
json_first(const struct json *j)
{
	return j->n > 0 ? j->child : NULL;
}

/* The last member of that name, or NULL; also when `object` is none. */
const struct json *json_member(const struct json *object, struct str name);

/* Texts as Jackson 2.16 writes them: \u00XX in capitals, two escapes above U+FFFF.
 * s is well-formed UTF-8. */
void json_write_string(struct buf *out, struct str s);
void json_write_base64(struct buf *out, struct str bytes); /* quoted */

#endif
