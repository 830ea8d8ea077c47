/* The flat map with places. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "config/config.h"

static void
keeps_order_and_replaces_in_place(void **state)
{
	struct config *c = config_new();
	const struct config_entry *e;
	const char *const want[] = { "b", "2", "a", "3" };
	size_t n = 0;

	(void)state;
	config_set(c, "b", "1");
	config_set(c, "a", "3");
	config_put(c, &(struct config_entry) { .key = "b", .value = "2", .line = 7 });
	assert_int_equal(config_count(c), 2);
	for (size_t i = 0; (e = config_each(c, &i)) != NULL; n += 2) {
		assert_string_equal(e->key, want[n]);
		assert_string_equal(e->value, want[n + 1]);
	}
	assert_int_equal(n, 4);
	assert_int_equal(config_find(c, "b")->line, 7);
	assert_string_equal(config_get(c, "a"), "3");
	assert_null(config_get(c, "c"));
	config_free(c);
	config_free(NULL);
}

static void
puts_an_entry_of_its_own(void **state)
{
	struct config *c = config_new();

	(void)state;
	config_set(c, "a", "1");
	config_put(c, config_find(c, "a"));
	assert_string_equal(config_get(c, "a"), "1");
	config_free(c);
}

static void
copies_what_has_the_prefix(void **state)
{
	struct config *from = config_new(), *to = config_new();
	const struct config_entry e = { .key = "producer.acks",
		.value = "all",
		.written = "producer_acks",
		.file = "f",
		.line = 3,
		.underscores = true };

	(void)state;
	config_put(from, &e);
	config_set(from, "producer.", "x");
	config_set(from, "producerx", "x");
	config_set(to, "acks", "1");
	config_copy(to, from, "producer.");
	assert_int_equal(config_count(to), 1);
	assert_string_equal(config_get(to, "acks"), "all");
	assert_string_equal(config_find(to, "acks")->written, "producer_acks");
	assert_string_equal(config_find(to, "acks")->file, "f");
	assert_int_equal(config_find(to, "acks")->line, 3);
	assert_true(config_find(to, "acks")->underscores);
	config_copy(to, from, "");
	assert_int_equal(config_count(to), 4);
	config_free(from);
	config_free(to);
}

static void
knows_where_it_was_written(void **state)
{
	struct config *c = config_new();

	(void)state;
	assert_null(config_place(c)->file);
	config_set_place(c, "f", 12);
	assert_string_equal(config_place(c)->file, "f");
	assert_int_equal(config_place(c)->line, 12);
	config_free(c);
}

static void
hides_secrets(void **state)
{
	static const struct {
		const char *key;
		bool secret, hidden;
	} rows[] = {
		{ "connect.mqtt.hosts", false, false },
		{ "connect.mqtt.hosts", true, true },
		{ "connect.mqtt.password", false, true },
		{ "ssl.key.Password", false, true },
		{ "producer.override.sasl.jaas.config", false, true },
		{ "client.secret", false, true },
		{ "x.accessToken", false, true },
		{ "basic.auth.credentials.source", false, true },
		{ "topic", false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct config_entry e = {
			.key = rows[i].key, .value = "v", .secret = rows[i].secret
		};
		assert_string_equal(config_shown(&e), rows[i].hidden ? "[hidden]" : "v");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_order_and_replaces_in_place),
		cmocka_unit_test(puts_an_entry_of_its_own),
		cmocka_unit_test(copies_what_has_the_prefix),
		cmocka_unit_test(knows_where_it_was_written),
		cmocka_unit_test(hides_secrets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
