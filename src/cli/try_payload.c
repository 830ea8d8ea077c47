/* Cases of `headrace try --jsonl` for MQTT-side converters: Lenses' behaviour. */
#include "cli/tagged.h"
#include "cli/try_case.h"
#include "convert/payload.h"
#include "data/base64.h"
#include "data/number.h"

/* "a.b." -> a, b: cut at each dot, empty parts at the end dropped. */
static struct payload_path
read_path(struct arena *mem, struct str text)
{
	struct payload_path path = { .part = MESSAGE_VALUE };
	struct str *names = arena_alloc(mem, (text.n + 1) * sizeof(*names));
	size_t from = 0, used = 0;
	struct buf joined = { 0 };

	for (size_t i = 0; i <= text.n; i++) {
		if (i < text.n && text.p[i] != '.')
			continue;
		names[path.n++] = (struct str) { text.p + from, i - from };
		if (i > from)
			used = path.n;
		from = i + 1;
	}
	/* "" is one empty name, "." none */
	path.n = used > 0 ? used : text.n == 0 ? 1 : 0;
	path.names = names;
	for (size_t i = 0; i < path.n; i++) {
		buf_add_c(&joined, i > 0 ? "." : "");
		buf_add_str(&joined, names[i]);
	}
	path.text = arena_str(mem, buf_str(&joined));
	buf_fini(&joined);
	return path;
}

static void
read_keys(const struct try_case *c, struct payload_spec *spec)
{
	const struct json *list = try_member(c, "keys");
	struct payload_path *keys;

	if (list == NULL || list->type != JSON_ARRAY)
		return;
	keys = arena_alloc(c->mem, list->n * sizeof(*keys));
	for (const struct json *k = json_first(list); k != NULL; k = k->next)
		keys[spec->n_keys++] = read_path(c->mem, json_text(k));
	spec->keys = keys;
}

static int
read_message(const struct try_case *c, struct message *m, struct err *err)
{
	const struct json *text = try_member(c, "text"), *bytes = try_member(c, "bytes");

	*m = (struct message) { .topic = try_text(c, "source", ""),
		.payload = PAYLOAD_NULL,
		.id = (uint16_t)number_low_i64(try_text(c, "messageId", "0"), NULL) };
	if (text != NULL)
		m->payload = json_text(text);
	else if (bytes != NULL && !base64_decode(c->mem, json_text(bytes), &m->payload))
		return err_set(err, ERR_CONFIG, "bytes: not base64");
	return 0;
}

static void
run(const struct try_case *c, struct payload *p, const struct message *m)
{
	struct record r;
	struct err why;

	record_init(&r, c->mem);
	r.topic = try_text(c, "topic", "topic");
	if (payload_convert(p, m, &r, &why) != 0) {
		try_print_error(c, "convert", why.msg);
		return;
	}
	buf_add_c(c->out, "{\"record\":{");
	tagged_print_record(c->out, &r);
	buf_add_c(c->out, "},\"sourcePartition\":{\"topic\":");
	json_write_string(c->out, m->topic);
	buf_add_c(c->out, "},\"sourceOffset\":null}");
}

int
try_payload(const struct try_case *c, struct err *err)
{
	const struct str name = try_text(c, "mqttConverter", "");
	const struct json *strict = json_member(c->json, STR("strict"));
	struct payload_spec spec = { .class = payload_find(name),
		.strict_lenses = strict == NULL || strict->type != JSON_FALSE };
	struct config *cfg;
	struct payload *p;
	struct message m;
	struct err why;

	if (spec.class == NULL)
		return err_set(err, ERR_CONFIG, "unknown converter %.*s", STR_ARG(name));
	if (read_message(c, &m, err) != 0)
		return -1;
	spec.filter = m.topic;
	spec.delimiter = try_text(c, "delimiter", ".");
	read_keys(c, &spec);
	cfg = try_config(try_member(c, "config"));
	spec.config = cfg;
	p = payload_open(&spec, &why);
	if (p == NULL)
		try_print_error(c, "config", why.msg);
	else
		run(c, p, &m);
	payload_close(p);
	config_free(cfg);
	return 0;
}
