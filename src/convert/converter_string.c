/*
 * StringConverter: Java's text of a value, whatever its schema.
 *
 * Bytes have no text in Java (the address of the array is written).  Here bytes as
 * the whole value pass as they are when they are UTF-8; else, and inside containers,
 * they are an error.
 */
#include "convert/converter.h"

#include "data/charset.h"

struct string_state {
	const char *encoding;
	const char *key_serializer, *value_serializer;
	const char *key_deserializer, *value_deserializer;
	enum charset write, read;
	struct buf text, encoded; /* scratch */
};

static const struct opt options[] = {
	{ .name = "converter.encoding",
	    OPT_STRING(struct string_state, encoding),
	    .def = "UTF-8",
	    .importance = OPT_HIGH,
	    .doc = "The name of the Java character set to use for encoding strings as "
		   "byte arrays." },
	{ .name = "key.serializer.encoding",
	    OPT_STRING(struct string_state, key_serializer),
	    .importance = OPT_LOW,
	    .doc = "Character set of keys that are written." },
	{ .name = "value.serializer.encoding",
	    OPT_STRING(struct string_state, value_serializer),
	    .importance = OPT_LOW,
	    .doc = "Character set of values and headers that are written." },
	{ .name = "key.deserializer.encoding",
	    OPT_STRING(struct string_state, key_deserializer),
	    .importance = OPT_LOW,
	    .doc = "Character set of keys that are read." },
	{ .name = "value.deserializer.encoding",
	    OPT_STRING(struct string_state, value_deserializer),
	    .importance = OPT_LOW,
	    .doc = "Character set of values and headers that are read." },
	{ 0 },
};

static int
find(const char *own, const char *common, enum charset *out, struct err *err)
{
	const char *name = own != NULL ? own : common;

	if (charset_find(str_of(name), out))
		return 0;
	return err_set(err, ERR_CONFIG, "Unsupported encoding %s", name);
}

static int
init(struct converter *c, struct err *err)
{
	struct string_state *s = c->state;
	const bool key = c->use == CONVERTER_KEY;

	if (find(key ? s->key_serializer : s->value_serializer, s->encoding, &s->write,
		err))
		return -1;
	return find(key ? s->key_deserializer : s->value_deserializer, s->encoding,
	    &s->read, err);
}

static void
fini(struct converter *c)
{
	struct string_state *s = c->state;

	buf_fini(&s->text);
	buf_fini(&s->encoded);
}

/* Does a value hold bytes below its top? */
static bool
holds_bytes(struct value v)
{
	bool found = v.kind == VALUE_BYTES;

	for (uint32_t i = 0; !found && v.kind >= VALUE_ARRAY && i < v.n; i++) {
		switch (v.kind) {
		case VALUE_ARRAY:
			found = holds_bytes(v.items[i]);
			break;
		case VALUE_STRUCT:
			found = holds_bytes(v.st->slots[i]);
			break;
		default:
			found = holds_bytes(v.entries[i].key) ||
			        holds_bytes(v.entries[i].value);
			break;
		}
	}
	return found;
}

static int
write(struct converter *c, struct arena *mem, struct str topic, const struct datum *d,
    struct str *out, struct err *err)
{
	struct string_state *s = c->state;
	struct str text;

	(void)topic;
	if (value_is_null(d->value)) {
		*out = (struct str) { NULL, 0 };
		return 0;
	}
	if (d->value.kind == VALUE_STRING || d->value.kind == VALUE_BYTES) {
		text = value_str(d->value);
		if (d->value.kind == VALUE_BYTES && !str_is_utf8(text))
			return err_set(err, ERR_RECORD,
			    "StringConverter: bytes that are no UTF-8 text; use "
			    "org.apache.kafka.connect.converters.ByteArrayConverter");
	} else {
		if (holds_bytes(d->value))
			return err_set(err, ERR_RECORD,
			    "StringConverter: bytes inside a %s have no text",
			    value_class(d->value));
		buf_reset(&s->text);
		value_print(&s->text, d->value);
		text = buf_str(&s->text);
		if (s->write == CHARSET_UTF_8)
			text = arena_str(mem, text);
	}
	if (s->write != CHARSET_UTF_8) {
		buf_reset(&s->encoded);
		charset_encode(&s->encoded, s->write, text);
		text = arena_str(mem, buf_str(&s->encoded));
	}
	*out = text;
	return 0;
}

static int
read(struct converter *c, struct arena *mem, struct str topic, struct str in,
    struct datum *out, struct err *err)
{
	const struct string_state *s = c->state;

	(void)topic;
	(void)err;
	out->schema = schema_primitive(SCHEMA_STRING, true);
	out->value = in.p != NULL ? value_string(charset_decode(mem, s->read, in))
	                          : value_null();
	return 0;
}

const struct converter_class converter_string = {
	.name = "org.apache.kafka.connect.storage.StringConverter",
	.doc = "Java's text of a value; the schema is not looked at.",
	.options = options,
	.state_size = sizeof(struct string_state),
	.init = init,
	.fini = fini,
	.write = write,
	.read = read,
};
