#ifndef KCQL_KCQL_PATH_H
#define KCQL_KCQL_PATH_H

#include "kcql/kcql_read.h"

/* Paths to fields and to properties of the message, and what they stand for. */

enum kcql_path_kind {
	KCQL_PATH_COLUMN,  /* after SELECT: may end in `.*` */
	KCQL_PATH_IGNORED, /* after IGNORE: as a column, but _key and _header are names */
	KCQL_PATH_FIELD,   /* in WITHTAG and WITHTIMESTAMP */
	KCQL_PATH_KEY,     /* in WITHKEY: a number alone is a name */
};

/*
 * path = segment , { "." , segment } , [ "." , "*" ] ;
 *
 * Reads it and keeps its pieces, for kcql_path_meaning: where a tag's `=` follows, the
 * path is plain text and means nothing.
 */
bool kcql_path_read(
    struct kcql_read *, enum kcql_path_kind, struct kcql_expect, struct kcql_path *out);

/* What the path read last leads to: fills in from, level and the segments. */
bool kcql_path_meaning(struct kcql_read *, enum kcql_path_kind, struct kcql_path *out);

/* An item of WITHKEY with its meaning; here quotes say whether dots split. */
bool kcql_path_key(struct kcql_read *, struct kcql_expect, struct kcql_path *out);

/* segment = bare-segment | quoted ;  Not empty; not a number, unless `digits`. */
bool kcql_path_segment(
    struct kcql_read *, struct kcql_expect, bool digits, struct kcql_piece *out);

/* Name of the field that a column without alias makes. */
struct kcql_text kcql_path_output(struct kcql_memory *, const struct kcql_path *);

#endif
