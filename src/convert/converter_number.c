/*
 * The number converters: big-endian, of fixed width.  They ignore the schema and
 * want the exact class.
 */
#include <string.h>

#include "convert/converter.h"

/* What differs between them. */
struct kind {
	const char *word; /* in messages */
	uint8_t value;    /* enum value_kind */
	uint8_t schema;   /* enum schema_type */
	uint8_t width;    /* bytes */
};

static uint64_t
bits_of(struct value v)
{
	uint64_t bits = 0;
	uint32_t bits32;

	switch (v.kind) {
	case VALUE_FLOAT32: /* its bits are kept */
		memcpy(&bits32, &v.f32, sizeof(bits32));
		return bits32;
	case VALUE_FLOAT64: /* Double.doubleToLongBits has one NaN */
		if (v.f64 != v.f64)
			return UINT64_C(0x7ff8000000000000);
		memcpy(&bits, &v.f64, sizeof(bits));
		return bits;
	default:
		return (uint64_t)v.i;
	}
}

static struct value
value_of(const struct kind *k, uint64_t bits)
{
	struct value v = { .kind = k->value };
	const uint32_t bits32 = (uint32_t)bits;

	switch (k->value) {
	case VALUE_FLOAT32:
		memcpy(&v.f32, &bits32, sizeof(bits32));
		return v;
	case VALUE_FLOAT64:
		memcpy(&v.f64, &bits, sizeof(bits));
		return v;
	default:
		return value_int((enum value_kind)k->value, (int64_t)bits);
	}
}

static int
write_number(const struct kind *k, struct arena *mem, const struct datum *d,
    struct str *out, struct err *err)
{
	const uint64_t bits = bits_of(d->value);
	char *bytes;

	*out = (struct str) { NULL, 0 };
	if (value_is_null(d->value))
		return 0;
	if (d->value.kind != k->value)
		return err_set(err, ERR_RECORD,
		    "Failed to serialize to %s (was class %s): ", k->word,
		    value_class(d->value));
	bytes = arena_alloc(mem, k->width);
	for (int i = 0; i < k->width; i++)
		bytes[i] = (char)(bits >> (8 * (k->width - 1 - i)));
	*out = (struct str) { bytes, k->width };
	return 0;
}

static int
read_number(const struct kind *k, struct str in, struct datum *out, struct err *err)
{
	uint64_t bits = 0;

	out->schema = schema_primitive((enum schema_type)k->schema, true);
	out->value = value_null();
	if (in.p == NULL)
		return 0;
	if (in.n != k->width)
		return err_set(err, ERR_RECORD, "Failed to deserialize %s: ", k->word);
	for (size_t i = 0; i < in.n; i++)
		bits = bits << 8 | (unsigned char)in.p[i];
	out->value = value_of(k, bits);
	return 0;
}

#define NUMBER(lower, Class, KIND, bytes)                                              \
	static const struct kind lower##_kind = { #lower, VALUE_##KIND, SCHEMA_##KIND, \
		bytes };                                                               \
	static int lower##_write(struct converter *c, struct arena *mem,               \
	    struct str topic, const struct datum *d, struct str *out, struct err *err) \
	{                                                                              \
		(void)c;                                                               \
		(void)topic;                                                           \
		return write_number(&lower##_kind, mem, d, out, err);                  \
	}                                                                              \
	static int lower##_read(struct converter *c, struct arena *mem,                \
	    struct str topic, struct str in, struct datum *out, struct err *err)       \
	{                                                                              \
		(void)c;                                                               \
		(void)mem;                                                             \
		(void)topic;                                                           \
		return read_number(&lower##_kind, in, out, err);                       \
	}                                                                              \
	const struct converter_class converter_number_##lower = {                      \
		.name = "org.apache.kafka.connect.converters." #Class "Converter",     \
		.doc = #Class "s as " #bytes " bytes, big-endian.",                    \
		.write = lower##_write,                                                \
		.read = lower##_read,                                                  \
	};

NUMBER(short, Short, INT16, 2)
NUMBER(integer, Integer, INT32, 4)
NUMBER(long, Long, INT64, 8)
NUMBER(float, Float, FLOAT32, 4)
NUMBER(double, Double, FLOAT64, 8)
