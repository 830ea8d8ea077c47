#ifndef CONVERT_PAYLOAD_KEY_H
#define CONVERT_PAYLOAD_KEY_H

#include "convert/payload.h"

/* Keys of records, for the payload converters only. */

/* Makes what the instance needs for its keys. */
void payload_key_init(struct payload *p);

/* The source name of Lenses: the MQTT topic, or the filter in its Avro mode. */
struct str payload_key_source(const struct payload *p, const struct message *m);

/* The key of a statement without WITHKEY: MsgKey {topic,id} or the topic. */
void payload_key_default(struct payload *p, const struct message *m, struct record *r);

/*
 * The key from WITHKEY over r->value; without WITHKEY the default.  A value that is no
 * struct has no fields: with strict_lenses the default key, else an error.
 */
int payload_key_set(
    struct payload *p, const struct message *m, struct record *r, struct err *err);

/* Does any WITHKEY item come from the payload's fields? */
bool payload_key_needs_fields(const struct payload *p);

/* Appends the text of an item that is not MESSAGE_VALUE; -1: a topic level that the
 * topic lacks. */
int payload_key_add_meta(const struct payload_path *path, const struct message *m,
    struct buf *out, struct err *err);

/* payload_class.field for values that are structs. */
int payload_key_field(struct payload *p, const struct message *m, const struct record *r,
    const struct payload_path *path, struct datum *out, struct err *err);

/* r->key = STRING of p->text; schemaless on request. */
void payload_key_from_text(struct payload *p, struct record *r, bool schemaless);

#endif
