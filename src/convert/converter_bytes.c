/*
 * ByteArrayConverter: bytes as they are; nothing is copied.
 */
#include "convert/converter.h"

static int
write(struct converter *c, struct arena *mem, struct str topic, const struct datum *d,
    struct str *out, struct err *err)
{
	(void)c;
	(void)mem;
	(void)topic;
	if (d->schema != NULL && d->schema->type != SCHEMA_BYTES)
		return err_set(err, ERR_RECORD,
		    "Invalid schema type for ByteArrayConverter: %s",
		    schema_type_name(d->schema));
	switch (d->value.kind) {
	case VALUE_BYTES:
		*out = value_str(d->value);
		return 0;
	case VALUE_NULL:
		*out = (struct str) { NULL, 0 };
		return 0;
	default:
		return err_set(err, ERR_RECORD,
		    "ByteArrayConverter is not compatible with objects of type class %s",
		    value_class(d->value));
	}
}

static int
read(struct converter *c, struct arena *mem, struct str topic, struct str in,
    struct datum *out, struct err *err)
{
	(void)c;
	(void)mem;
	(void)topic;
	(void)err;
	out->schema = schema_primitive(SCHEMA_BYTES, true);
	out->value = in.p != NULL ? value_bytes(in) : value_null();
	return 0;
}

const struct converter_class converter_bytes = {
	.name = "org.apache.kafka.connect.converters.ByteArrayConverter",
	.doc = "Bytes as they are; any other value is an error.",
	.write = write,
	.read = read,
};
