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
	uint8_t type;       /* enum json_type */
	uint32_t n;         /* children of an array or object */
	struct str text;    /* STRING: unescaped; number: as written */
	struct str name;    /* in an object: the member's name, unescaped */
	struct json *child; /* first */
	struct json *next;  /* sibling */
};

enum json_flags {
	JSON_JACKSON =
	    1, /* leading zeros, a BOM, and text behind the value are accepted */
	JSON_TRAILING = 2, /* text behind the value is accepted (json_parse's *used) */
};

#define JSON_MAX_DEPTH 1000  /* StreamReadConstraints of Jackson 2.16 */
#define JSON_MAX_NUMBER 1000 /* characters */

/*
 * Reads the first value of `text` into mem.  Texts without escapes borrow from
 * `text`.  Empty or blank input gives *root NULL.  Errors are ERR_RECORD with
 * the offset.  Bounded: depth, memory (at most 48 bytes per byte of input), linear
 * time, no recursion.  used (may be NULL): bytes read.
 */
int json_parse(struct arena *mem, struct str text, unsigned flags, struct json **root,
    size_t *used, struct err *err);

/* The last member of that name, or NULL. */
const struct json *json_member(const struct json *object, struct str name);

/* Texts as Jackson 2.16 writes them: \u00XX in capitals, two escapes above U+FFFF. */
void json_write_string(struct buf *out, struct str s);
void json_write_base64(struct buf *out, struct str bytes); /* quoted */

#endif
