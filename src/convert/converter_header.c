/*
 * SimpleHeaderConverter: headers as text that tells its type (data/literal.h).
 */
#include "convert/converter.h"

#include "data/charset.h"
#include "data/literal.h"

struct header_state {
	struct buf text; /* scratch */
};

static int
write(struct converter *c, struct arena *mem, struct str topic, const struct datum *d,
    struct str *out, struct err *err)
{
	struct header_state *s = c->state;

	(void)topic;
	(void)err;
	*out = (struct str) { NULL, 0 };
	if (value_is_null(d->value))
		return 0;
	if (d->value.kind == VALUE_STRING) {
		*out = value_str(d->value);
		return 0;
	}
	buf_reset(&s->text);
	literal_print(&s->text, d->value);
	*out = arena_str(mem, buf_str(&s->text));
	return 0;
}

static int
read(struct converter *c, struct arena *mem, struct str topic, struct str in,
    struct datum *out, struct err *err)
{
	(void)c;
	(void)topic;
	(void)err;
	*out = (struct datum) { NULL, value_null() };
	if (in.p != NULL)
		*out = literal_parse(mem, charset_decode(mem, CHARSET_UTF_8, in));
	return 0;
}

static void
fini(struct converter *c)
{
	struct header_state *s = c->state;

	buf_fini(&s->text);
}

static const struct opt options[] = {
	{ .name = "converter.type",
	    .importance = OPT_LOW,
	    .ignored = "the use of the converter decides",
	    .doc = "Key, value or header; set by the runtime." },
	{ 0 },
};

const struct converter_class converter_header = {
	.name = "org.apache.kafka.connect.storage.SimpleHeaderConverter",
	.header_only = true,
	.doc = "Text from which numbers, dates, lists and maps are read back.",
	.options = options,
	.state_size = sizeof(struct header_state),
	.fini = fini,
	.write = write,
	.read = read,
};
