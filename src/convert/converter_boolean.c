/*
 * BooleanConverter: one byte, 0 or 1.
 */
#include "convert/converter.h"

static int
write(struct converter *c, struct arena *mem, struct str topic, const struct datum *d,
    struct str *out, struct err *err)
{
	(void)c;
	(void)mem;
	(void)topic;
	*out = (struct str) { NULL, 0 };
	if (d->schema != NULL && d->schema->type != SCHEMA_BOOLEAN)
		return err_set(err, ERR_RECORD,
		    "Invalid schema type for BooleanConverter: %s",
		    schema_type_name(d->schema));
	if (value_is_null(d->value))
		return 0;
	if (d->value.kind != VALUE_BOOLEAN)
		return err_set(err, ERR_RECORD,
		    "BooleanConverter is not compatible with objects of type class %s",
		    value_class(d->value));
	*out = d->value.b ? STR("\1") : STR("\0");
	return 0;
}

static int
read(struct converter *c, struct arena *mem, struct str topic, struct str in,
    struct datum *out, struct err *err)
{
	(void)c;
	(void)mem;
	(void)topic;
	out->schema = schema_primitive(SCHEMA_BOOLEAN, true);
	out->value = value_null();
	if (in.p == NULL)
		return 0;
	if (in.n != 1 || (unsigned char)in.p[0] > 1)
		return err_set(err, ERR_RECORD, "Failed to deserialize boolean: ");
	out->value = value_boolean(in.p[0] == 1);
	return 0;
}

const struct converter_class converter_boolean = {
	.name = "org.apache.kafka.connect.converters.BooleanConverter",
	.doc = "Booleans as one byte, 0 or 1.",
	.write = write,
	.read = read,
};
