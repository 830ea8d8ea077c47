/* Keys and values of the offsets topic as text, byte for byte as Kafka Connect 3.9
 * (Jackson) writes them; read as any JSON that means the same. */
#include "checkpoint/checkpoint_text.h"

#include <inttypes.h>
#include <jansson.h>

static void
add_json_string(struct buf *out, const char *s)
{
	static const char *const short_form[] = {
		['"'] = "\\\"",
		['\\'] = "\\\\",
		['\b'] = "\\b",
		['\t'] = "\\t",
		['\n'] = "\\n",
		['\f'] = "\\f",
		['\r'] = "\\r",
	};

	buf_add_byte(out, '"');
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if (c <= '\\' && short_form[c] != NULL)
			buf_add_c(out, short_form[c]);
		else if (c < ' ')
			buf_printf(out, "\\u%04X", c);
		else
			buf_add_byte(out, c);
	}
	buf_add_byte(out, '"');
}

/* The members stand in the order of java.util.HashMap. */
void
checkpoint_format_key(const struct checkpoint_key *key, struct buf *out)
{
	buf_add_byte(out, '[');
	add_json_string(out, key->connector);
	buf_add_c(out, ",{\"client\":");
	add_json_string(out, key->client);
	buf_add_c(out, ",\"broker\":");
	add_json_string(out, key->broker);
	buf_add_c(out, "}]");
}

void
checkpoint_format_value(const struct checkpoint_value *v, struct buf *out)
{
	buf_printf(out, "{\"messages\":%" PRIu64 "}", v->messages);
}

static json_t *
parse(struct str text, json_error_t *why)
{
	return json_loadb(
	    text.p != NULL ? text.p : "", text.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, why);
}

int
checkpoint_parse_value(struct str text, struct checkpoint_value *out, struct err *err)
{
	json_error_t why;
	json_t *value = parse(text, &why);
	int r = -1;

	if (value == NULL)
		return err_set(err, ERR_RECORD, "no JSON: %s", why.text);
	const json_t *messages = json_object_get(value, "messages");
	if (!json_is_object(value))
		err_set(err, ERR_RECORD, "no JSON object");
	else if (!json_is_integer(messages) || json_integer_value(messages) < 0)
		err_set(err, ERR_RECORD, "\"messages\" is no count");
	else {
		out->messages = (uint64_t)json_integer_value(messages);
		r = 0;
	}
	json_decref(value);
	return r;
}

bool
checkpoint_text_is_null(struct str text)
{
	return text.p == NULL || str_eq_c(str_trim(text), "null");
}

static bool
is_key(const json_t *key)
{
	return json_is_array(key) && json_array_size(key) == 2 &&
	       json_is_string(json_array_get(key, 0)) &&
	       json_is_object(json_array_get(key, 1));
}

enum checkpoint_match
checkpoint_text_match(struct str ours, struct str text)
{
	json_error_t why;

	if (str_eq(ours, text))
		return CHECKPOINT_SAME;
	json_t *a = parse(ours, &why), *b = parse(text, &why);
	enum checkpoint_match match = CHECKPOINT_OTHER;
	if (!is_key(b))
		match = CHECKPOINT_BROKEN;
	else if (json_equal(a, b))
		match = CHECKPOINT_EQUAL;
	json_decref(a);
	json_decref(b);
	return match;
}

bool
checkpoint_key_equal(struct str a_json, struct str b_json)
{
	enum checkpoint_match match = checkpoint_text_match(a_json, b_json);

	return match == CHECKPOINT_SAME || match == CHECKPOINT_EQUAL;
}
