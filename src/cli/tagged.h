#ifndef CLI_TAGGED_H
#define CLI_TAGGED_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "data/json.h"
#include "data/record.h"
#include "data/value.h"

/*
 * Connect's data as JSON in which every value tells its kind: the encoding of the test
 * vectors (tests/vectors/README.md) and of `headrace try --jsonl`.
 */

/* j NULL or JSON null: no schema. */
int tagged_read_schema(
    struct arena *mem, const struct json *j, const struct schema **out, struct err *err);
/* s: the schema expected here, which structs without one of their own take; or NULL. */
int tagged_read_value(struct arena *mem, const struct json *j, const struct schema *s,
    struct value *out, struct err *err);
/* r->mem is set before; an absent topic is "topic". */
int tagged_read_record(const struct json *j, struct record *r, struct err *err);

void tagged_print_schema(struct buf *out, const struct schema *s);
void tagged_print_value(struct buf *out, struct value v, const struct schema *s);
/* "topic":...,"headers":[...], without braces. */
void tagged_print_record(struct buf *out, const struct record *r);

#endif
