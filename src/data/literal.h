#ifndef DATA_LITERAL_H
#define DATA_LITERAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "data/value.h"

/*
 * The texts of org.apache.kafka.connect.data.Values 3.9 (spec 8): what
 * SimpleHeaderConverter reads and writes, and InsertHeader's value.literal.
 */

/* Values.parseString of valid UTF-8.  Never fails: what is nothing else is a STRING. */
struct datum literal_parse(struct arena *mem, struct str text);

/* Values.convertToString; v not null. */
void literal_print(struct buf *out, struct value v);

#endif
