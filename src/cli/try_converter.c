/* Cases of `headrace try --jsonl` for Kafka-side converters. */
#include "cli/tagged.h"
#include "cli/try_case.h"
#include "convert/converter.h"
#include "data/base64.h"

/* "text" or "bytes"; *out null when neither is there. */
static int
read_input(const struct try_case *c, struct str *out, struct err *err)
{
	const struct json *text = try_member(c, "text"), *bytes = try_member(c, "bytes");

	*out = (struct str) { NULL, 0 };
	if (text != NULL)
		*out = json_text(text);
	else if (bytes != NULL && !base64_decode(c->mem, json_text(bytes), out))
		return err_set(err, ERR_CONFIG, "bytes: not base64");
	return 0;
}

static int
run_write(
    const struct try_case *c, struct converter *conv, struct str topic, struct err *err)
{
	struct err why;
	struct datum d;
	struct str out;

	if (tagged_read_schema(c->mem, try_member(c, "schema"), &d.schema, err) != 0 ||
	    tagged_read_value(c->mem, try_member(c, "value"), d.schema, &d.value, err) !=
		0)
		return -1;
	if (converter_write(conv, c->mem, topic, &d, &out, &why) != 0) {
		try_print_error(c, "convert", why.msg);
		return 0;
	}
	buf_add_c(c->out, "{\"bytes\":");
	if (out.p == NULL)
		buf_add_c(c->out, "null");
	else
		json_write_base64(c->out, out);
	buf_add_byte(c->out, '}');
	return 0;
}

static int
run_read(
    const struct try_case *c, struct converter *conv, struct str topic, struct err *err)
{
	struct err why;
	struct datum d;
	struct str in;

	if (read_input(c, &in, err) != 0)
		return -1;
	if (converter_read(conv, c->mem, topic, in, &d, &why) != 0) {
		try_print_error(c, "convert", why.msg);
		return 0;
	}
	buf_add_c(c->out, "{\"schema\":");
	tagged_print_schema(c->out, d.schema);
	buf_add_c(c->out, ",\"value\":");
	tagged_print_value(c->out, d.value, d.schema);
	buf_add_byte(c->out, '}');
	return 0;
}

int
try_converter(const struct try_case *c, struct err *err)
{
	const struct str name = try_text(c, "converter", ""), op = try_text(c, "op", "");
	const struct str topic = try_text(c, "topic", "topic");
	const struct json *key = try_member(c, "isKey");
	const enum converter_use use = str_ends(op, "Header") ? CONVERTER_HEADER
	                               : key != NULL && key->type == JSON_TRUE
	                                   ? CONVERTER_KEY
	                                   : CONVERTER_VALUE;
	const struct converter_class *class = converter_find(name, use);
	struct problems *problems = problems_new();
	struct config *cfg = try_config(try_member(c, "config"));
	struct converter *conv = NULL;
	struct err why = { 0 };
	int rc = -1;

	if (class == NULL) {
		err_set(err, ERR_CONFIG, "unknown converter %.*s", STR_ARG(name));
		goto out;
	}
	conv = converter_open(class, use, cfg, NULL, problems, &why);
	if (conv == NULL) {
		try_print_refusal(c, problems, &why);
		rc = 0;
	} else if (str_starts(op, "from")) {
		rc = run_write(c, conv, topic, err);
	} else {
		rc = run_read(c, conv, topic, err);
	}
out:
	converter_close(conv);
	config_free(cfg);
	problems_free(problems);
	return rc;
}
