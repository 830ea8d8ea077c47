#ifndef ROUTE_ROUTE_H
#define ROUTE_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "kcql/kcql.h"

/*
 * From an MQTT topic to the KCQL statements that take it, and from a statement and a
 * topic to the name of the Kafka topic.  Knows topics and statements, no
 * messages and no records.
 */
struct route;

/*
 * Borrows the statements until route_free; their filters are well-formed (kcql_bind).
 * strict: as Lenses does it, the first statement that matches takes a message alone,
 * and of several with one source there is only the last (kcql.md 7.3).  ERR_CONFIG: an
 * expression of WITHREGEX.
 */
struct route *route_new(
    const struct kcql_statement *statements, size_t n, bool strict, struct err *err);
void route_free(struct route *);

/*
 * What to subscribe: each filter once, and none that another one of the same share
 * group covers (spec: mqtt.md section 6).  NUL-terminated; borrowed until route_free.
 */
const char *const *route_filters(const struct route *, size_t *n);

struct route_match {
	const uint32_t *statements; /* indices, ascending */
	size_t n;
};

/*
 * What takes this topic; borrowed until the next call.  O(levels + matches +
 * expressions), a look-up for a known topic.  ERR_RECORD: an expression of WITHREGEX gave
 * up on it, so nobody knows.
 */
int route_find(
    struct route *, struct str topic, struct route_match *out, struct err *err);

/* May a Kafka topic be called so?  1 to 249 of a-z A-Z 0-9 . _ -, and not "." or "..". */
bool route_name_legal(struct str name);

/* Does the target of a statement depend on the MQTT topic? */
bool route_target_varies(const struct kcql_statement *);

/*
 * The Kafka topic: the target with each `$` replaced by the sanitised MQTT topic
 * (kcql.md 7.1; strict: only where `$` is the whole target).  ERR_RECORD: the result
 * is empty, ".", ".." or longer than 249 bytes.  Sets *changed when a character
 * other than '/' had to be replaced.
 */
int route_target(const struct kcql_statement *, struct str topic, bool strict,
    struct buf *out, bool *changed, struct err *err);

#endif
