/*
 * PlainConverter, headrace's own and the default of `headrace run`: a record as a person
 * expects it without knowing converters.  Bytes and texts as they are, everything
 * else as JSON without schemas.
 */
#include "convert/converter.h"

#define JSON "org.apache.kafka.connect.json.JsonConverter"

struct plain {
	struct converter *json;
};

static int
init(struct converter *c, struct err *err)
{
	struct plain *s = c->state;
	struct problems *problems = problems_new();
	struct config *cfg = config_new();

	config_set(cfg, "schemas.enable", "false");
	s->json = converter_open(
	    converter_find(STR(JSON), c->use), c->use, cfg, &c->env, problems, err);
	config_free(cfg);
	problems_free(problems);
	return s->json == NULL ? -1 : 0;
}

static void
fini(struct converter *c)
{
	struct plain *s = c->state;

	converter_close(s->json);
}

static int
write(struct converter *c, struct arena *mem, struct str topic, const struct datum *d,
    struct str *out, struct err *err)
{
	const struct plain *s = c->state;

	switch (d->value.kind) {
	case VALUE_BYTES:
	case VALUE_STRING:
		*out = value_str(d->value);
		return 0;
	case VALUE_NULL:
		*out = (struct str) { NULL, 0 };
		return 0;
	default:
		return converter_write(s->json, mem, topic, d, out, err);
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

const struct converter_class converter_plain = {
	.name = "headrace.PlainConverter",
	.doc = "Bytes and texts as they are, everything else as JSON without schemas.",
	.state_size = sizeof(struct plain),
	.init = init,
	.fini = fini,
	.write = write,
	.read = read,
};
