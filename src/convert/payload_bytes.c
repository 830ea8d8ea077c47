/*
 * BytesConverter: the payload as it is.  The record borrows it from the read block.
 */
#include "convert/payload_key.h"

static int
convert(struct payload *p, const struct message *m, struct record *r, struct err *err)
{
	r->value.schema = schema_primitive(SCHEMA_BYTES, false);
	r->value.value = m->payload.n == SIZE_MAX ? value_null()
	                                          : value_bytes(m->payload);
	return payload_key_set(p, m, r, err);
}

const struct payload_class payload_bytes = {
	.name = "BytesConverter",
	.short_name = "bytes",
	.doc = "The payload as bytes, unchanged; an empty one stays empty.",
	.convert = convert,
};
