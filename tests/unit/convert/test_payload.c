/* MQTT-side converters: the registry, BytesConverter, keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "convert/convert.h"

static const struct message message = { .topic = { "site/a/t", 8 },
	.payload = { "21.5", 4 },
	.received_ms = 1566570894346,
	.id = 7,
	.qos = 1,
	.dup = true };

static void
finds_all_names(void **state)
{
	static const char *const names[] = { "", "bytes", "BytesConverter",
		"io.lenses.streamreactor.connect.converters.source.BytesConverter",
		"com.datamountaineer.streamreactor.connect.converters.source."
		"BytesConverter" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		assert_string_equal(
		    payload_find(str_of(names[i]))->name, "BytesConverter");
	assert_null(payload_find(STR("Bytes")));
	assert_null(payload_find(STR("bytesconverter")));
	assert_null(payload_find(STR("x.BytesConverter")));
	assert_null(
	    payload_find(STR("io.lenses.streamreactor.connect.converters.source.bytes")));
}

static void
bytes_borrow_the_payload(void **state)
{
	struct err err;
	struct payload_spec spec = { .class = payload_find(STR("bytes")) };
	struct payload *p = payload_open(&spec, &err);
	struct converter *out;
	struct problems *problems = problems_new();
	struct config *cfg = config_new();
	struct arena *mem = arena_new(4096);
	struct record r;
	struct str bytes;

	(void)state;
	out = converter_open(converter_find(STR("ByteArrayConverter"), CONVERTER_VALUE),
	    CONVERTER_VALUE, cfg, NULL, problems, &err);
	assert_non_null(out);
	record_init(&r, mem);
	assert_int_equal(payload_convert(p, &message, &r, &err), 0);
	assert_int_equal(converter_write(out, mem, STR("t"), &r.value, &bytes, &err), 0);
	assert_ptr_equal(bytes.p, message.payload.p);
	assert_int_equal(bytes.n, 4);
	converter_close(out);
	payload_close(p);
	arena_free(mem);
	config_free(cfg);
	problems_free(problems);
}

/* The key of a record as text. */
static const char *
key_of(const struct payload_spec *spec, char text[128])
{
	struct err err;
	struct payload *p = payload_open(spec, &err);
	struct arena *mem = arena_new(1024);
	struct record r;
	struct str s;

	assert_non_null(p);
	record_init(&r, mem);
	if (payload_convert(p, &message, &r, &err) != 0)
		strcpy(text, err.msg);
	else {
		s = value_text(mem, r.key.value);
		memcpy(text, s.p, s.n);
		text[s.n] = '\0';
	}
	payload_close(p);
	arena_free(mem);
	return text;
}

static void
makes_default_keys(void **state)
{
	struct payload_spec spec = { .class = payload_find(STR("bytes")) };
	char text[128];

	(void)state;
	assert_string_equal(key_of(&spec, text), "Struct{topic=site/a/t,id=7}");
	spec.key = PAYLOAD_KEY_TOPIC;
	assert_string_equal(key_of(&spec, text), "site/a/t");
}

static void
names_msg_key_after_the_package(void **state)
{
	struct payload_spec spec = { .class = payload_find(STR("bytes")) };
	struct err err;
	struct payload *p;

	(void)state;
	p = payload_open(&spec, &err);
	assert_true(str_eq_c(
	    p->key_schema->name, "io.lenses.streamreactor.common.converters.MsgKey"));
	payload_close(p);
	spec.old_package = true;
	p = payload_open(&spec, &err);
	assert_true(str_eq_c(p->key_schema->name,
	    "com.datamountaineer.streamreactor.common.converters.MsgKey"));
	payload_close(p);
}

static void
joins_metadata_keys(void **state)
{
	static const struct payload_path all[] = {
		{ .part = MESSAGE_TOPIC },
		{ .part = MESSAGE_TOPIC_LEVEL, .level = 1 },
		{ .part = MESSAGE_TOPIC_LEVEL, .level = 3 },
		{ .part = MESSAGE_TIMESTAMP },
		{ .part = MESSAGE_QOS },
		{ .part = MESSAGE_ID },
		{ .part = MESSAGE_RETAINED },
		{ .part = MESSAGE_DUP },
	};
	static const struct payload_path missing = { .part = MESSAGE_TOPIC_LEVEL,
		.level = 4 };
	struct payload_spec spec = { .class = payload_find(STR("bytes")),
		.keys = all,
		.n_keys = ARRAY_LEN(all),
		.delimiter = STR("|") };
	char text[128];

	(void)state;
	assert_string_equal(
	    key_of(&spec, text), "site/a/t|site|t|1566570894346|1|7|false|true");
	spec.keys = &missing;
	spec.n_keys = 1;
	assert_string_equal(key_of(&spec, text), "topic site/a/t has no level 4");
}

static void
refuses_field_keys_of_bytes_but_in_strict_mode(void **state)
{
	static const struct str name = { "a", 1 };
	static const struct payload_path field = {
		.part = MESSAGE_VALUE, .names = &name, .n = 1, .text = { "a", 1 }
	};
	struct payload_spec spec = {
		.class = payload_find(STR("bytes")), .keys = &field, .n_keys = 1
	};
	struct err err;
	char text[128];

	(void)state;
	assert_null(payload_open(&spec, &err));
	assert_int_equal(err.kind, ERR_CONFIG);
	spec.strict_lenses = true; /* Lenses ignores them */
	assert_string_equal(key_of(&spec, text), "Struct{topic=site/a/t,id=7}");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_all_names),
		cmocka_unit_test(bytes_borrow_the_payload),
		cmocka_unit_test(makes_default_keys),
		cmocka_unit_test(names_msg_key_after_the_package),
		cmocka_unit_test(joins_metadata_keys),
		cmocka_unit_test(refuses_field_keys_of_bytes_but_in_strict_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
