/* Option tables against Kafka's ConfigDef (kafka-clients 3.9.1 on JDK 17). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "config/opt.h"

struct state {
	const char *text;
	const char *password;
	int32_t number;
	int64_t big;
	bool flag;
	struct opt_list list;
	int64_t size;
};

static int
not_empty(const char *value, struct err *err)
{
	if (value[0] == '\0')
		return err_set(err, ERR_CONFIG, "String must be non-empty");
	return 0;
}

static int
tells_the_value(const char *value, struct err *err)
{
	return err_set(err, ERR_CONFIG, "cannot use %s here", value);
}

static const char *const a_or_b[] = { "a", "b", NULL };

/* The row's field decides how the value is printed. */
static const struct opt text[] = { { .name = "y", OPT_STRING(struct state, text) },
	{ 0 } };
static const struct opt password[] = {
	{ .name = "y", OPT_PASSWORD(struct state, password) }, { 0 }
};
static const struct opt number[] = { { .name = "y", OPT_INT(struct state, number) },
	{ 0 } };
static const struct opt big[] = { { .name = "y", OPT_LONG(struct state, big) }, { 0 } };
static const struct opt flag[] = { { .name = "y", OPT_BOOLEAN(struct state, flag) },
	{ 0 } };
static const struct opt list[] = { { .name = "y", OPT_LIST(struct state, list) }, { 0 } };
static const struct opt size[] = { { .name = "y", OPT_BYTES(struct state, size) },
	{ 0 } };
static const struct opt zero_to_2[] = {
	{ .name = "y", OPT_INT(struct state, number), .min = 0, .max = 2 }, { 0 }
};
static const struct opt from_1[] = {
	{ .name = "y", OPT_LONG(struct state, big), .min = 1 }, { 0 }
};
static const struct opt choice[] = {
	{ .name = "y", OPT_STRING(struct state, text), .values = a_or_b }, { 0 }
};
static const struct opt any_case[] = { { .name = "y",
					   OPT_STRING(struct state, text),
					   .values = a_or_b,
					   .any_case = true },
	{ 0 } };
static const struct opt choices[] = {
	{ .name = "y", OPT_LIST(struct state, list), .values = a_or_b }, { 0 }
};
static const struct opt filled[] = {
	{ .name = "y", OPT_STRING(struct state, text), .validate = not_empty }, { 0 }
};
static const struct opt milliseconds[] = {
	{ .name = "y", OPT_INT(struct state, number), .unit = "ms" }, { 0 }
};
static const struct opt seconds[] = {
	{ .name = "y", OPT_LONG(struct state, big), .unit = "s" }, { 0 }
};
static const struct opt window_bytes[] = {
	{ .name = "y", OPT_LONG(struct state, big), .unit = "bytes", .max = 1 << 20 },
	{ 0 }
};
static const struct opt hidden[] = { { .name = "y",
					 OPT_PASSWORD(struct state, password),
					 .validate = tells_the_value },
	{ 0 } };

static void
print_value(const struct opt *table, const struct state *s, struct buf *out)
{
	switch (table->type) {
	case OPT_T_STRING:
		buf_printf(out, "[%s]", s->text);
		break;
	case OPT_T_PASSWORD:
		buf_printf(out, "[%s]", s->password);
		break;
	case OPT_T_INT:
		buf_printf(out, "%" PRId32, s->number);
		break;
	case OPT_T_LONG:
		buf_printf(out, "%" PRId64, s->big);
		break;
	case OPT_T_BYTES:
		buf_printf(out, "%" PRId64, s->size);
		break;
	case OPT_T_BOOLEAN:
		buf_add_c(out, s->flag ? "true" : "false");
		break;
	case OPT_T_LIST:
		for (size_t i = 0; i < s->list.n; i++)
			buf_printf(out, "[%s]", s->list.items[i]);
		break;
	}
}

#define NOT_INT "for configuration y: Not a number of type INT"
#define NOT_LONG "for configuration y: Not a number of type LONG"
#define NOT_BOOLEAN "for configuration y: Expected value to be either true or false"
#define NOT_SIZE                                                                       \
	"for configuration y: Expected a number of bytes, such as 16777216, 16MiB or " \
	"64kB"

/* want: the value, or the message if it begins with "Invalid". */
static const struct {
	const struct opt *table;
	const char *value, *want;
} rows[] = {
	/* what ConfigDef said */
	{ number, "1", "1" },
	{ number, " 2 ", "2" },
	{ number, "+3", "3" },
	{ number, "-4", "-4" },
	{ number, "007", "7" },
	{ number, "2147483647", "2147483647" },
	{ number, "-2147483648", "-2147483648" },
	{ number,
	    "\x01"
	    "5\x01",
	    "5" },
	{ number, "", "Invalid value  " NOT_INT },
	{ number, "x", "Invalid value x " NOT_INT },
	{ number, " x ", "Invalid value  x  " NOT_INT },
	{ number, "2147483648", "Invalid value 2147483648 " NOT_INT },
	{ number, "-2147483649", "Invalid value -2147483649 " NOT_INT },
	{ number, "1.0", "Invalid value 1.0 " NOT_INT },
	{ number, "0x10", "Invalid value 0x10 " NOT_INT },
	{ number, "1_000", "Invalid value 1_000 " NOT_INT },
	{ number, "- 1", "Invalid value - 1 " NOT_INT },
	{ number, "+", "Invalid value + " NOT_INT },
	{ number, "1L", "Invalid value 1L " NOT_INT },
	{ number, "1s", "Invalid value 1s " NOT_INT },
	{ big, "9223372036854775807", "9223372036854775807" },
	{ big, "-9223372036854775808", "-9223372036854775808" },
	{ big, "9223372036854775808", "Invalid value 9223372036854775808 " NOT_LONG },
	{ big, "1e3", "Invalid value 1e3 " NOT_LONG },
	{ flag, "true", "true" },
	{ flag, " TRUE ", "true" },
	{ flag, "False", "false" },
	{ flag, "yes", "Invalid value yes " NOT_BOOLEAN },
	{ flag, "", "Invalid value  " NOT_BOOLEAN },
	{ list, "a,b", "[a][b]" },
	{ list, " a , b ", "[a][b]" },
	{ list, "a,,b", "[a][][b]" },
	{ list, ",", "[][]" },
	{ list, "a,", "[a][]" },
	{ list, ",a", "[][a]" },
	{ list, " ", "" },
	{ list, "", "" },
	{ list, "a b , c\t,\nd", "[a b][c][d]" },
	{ text, " a ", "[a]" },
	{ text, "", "[]" },
	{ password, " p ", "[p]" },
	{ zero_to_2, "0", "0" },
	{ zero_to_2, "2", "2" },
	{ zero_to_2, "-1",
	    "Invalid value -1 for configuration y: Value must be at least 0" },
	{ zero_to_2, " 7 ",
	    "Invalid value 7 for configuration y: Value must be no more than 2" },
	{ from_1, "1", "1" },
	{ from_1, "0", "Invalid value 0 for configuration y: Value must be at least 1" },
	{ choice, " a", "[a]" },
	{ choice, "c",
	    "Invalid value c for configuration y: String must be one of: a, b" },
	{ choice, " A ",
	    "Invalid value A for configuration y: String must be one of: a, b" },
	{ any_case, "A", "[a]" },
	{ any_case, "c",
	    "Invalid value c for configuration y: String must be one of (case "
	    "insensitive): "
	    "A, B" },
	{ choices, "a,b", "[a][b]" },
	{ choices, "", "" },
	{ choices, "a,c",
	    "Invalid value c for configuration y: String must be one of: a, b" },
	{ filled, " x", "[x]" },
	{ filled, " ", "Invalid value  for configuration y: String must be non-empty" },
	/* headrace's own */
	{ milliseconds, "1500", "1500" },
	{ milliseconds, "30s", "30000" },
	{ milliseconds, "5 min", "300000" },
	{ milliseconds, "2H", "7200000" },
	{ milliseconds, "500ms", "500" },
	{ milliseconds, "-1", "-1" },
	{ milliseconds, "-1s", "Invalid value -1s " NOT_INT },
	{ milliseconds, "30x", "Invalid value 30x " NOT_INT },
	{ milliseconds, "1s2", "Invalid value 1s2 " NOT_INT },
	{ milliseconds, "s", "Invalid value s " NOT_INT },
	{ milliseconds, "25d", "Invalid value 25d " NOT_INT },
	{ seconds, "90", "90" },
	{ seconds, "1d", "86400" },
	{ seconds, "2000ms", "2" },
	{ seconds, "500ms", "Invalid value 500ms " NOT_LONG },
	{ seconds, "9223372036854775807d",
	    "Invalid value 9223372036854775807d " NOT_LONG },
	{ window_bytes, "64kB", "64000" },
	{ window_bytes, "2MiB",
	    "Invalid value 2097152 for configuration y: Value must be no more than "
	    "1048576" },
	{ size, "16777216", "16777216" },
	{ size, "16MiB", "16777216" },
	{ size, "1 GiB", "1073741824" },
	{ size, "5gib", "5368709120" },
	{ size, "2TiB", "2199023255552" },
	{ size, "64kB", "64000" },
	{ size, "3TB", "3000000000000" },
	{ size, "7B", "7" },
	{ size, "16M", "Invalid value 16M " NOT_SIZE },
	{ size, "1.5GiB", "Invalid value 1.5GiB " NOT_SIZE },
	{ size, "9999999TiB", "Invalid value 9999999TiB " NOT_SIZE },
	{ size, "", "Invalid value  " NOT_SIZE },
	{ hidden, "geheim", "Invalid value [hidden] for configuration y" },
};

static struct config *config;
static struct problems *problems;
static struct arena *mem;
static struct state state;
static struct buf out;

static void
begin(const char *key, const char *value)
{
	config_free(config);
	problems_free(problems);
	config = config_new();
	problems = problems_new();
	arena_reset(mem);
	if (key != NULL)
		config_set(config, key, value);
}

static const char *
printed(void)
{
	buf_reset(&out);
	problems_print(problems, &out);
	return buf_cstr(&out);
}

static void
converts_as_configdef_does(void **unused)
{
	size_t i = 0;

	(void)unused;
	for (const char *problem; i < ARRAY_LEN(rows); i++) {
		const struct problem *p;
		size_t at = 0;

		begin("y", rows[i].value);
		opt_apply(rows[i].table, config, &state, mem, problems);
		buf_reset(&out);
		p = problems_each(problems, &at);
		problem = p == NULL ? NULL : p->text;
		if (problem == NULL)
			print_value(rows[i].table, &state, &out);
		else
			buf_add_c(&out, problem);
		if (strcmp(buf_cstr(&out), rows[i].want) != 0)
			fail_msg("row %zu, \"%s\": %s", i, rows[i].value, out.p);
	}
}

static const struct opt several[] = {
	{ .name = "file", OPT_STRING(struct state, text), .required = true },
	{ .name = "number", OPT_INT(struct state, number), .def = "7", .max = 9 },
	{ .name = "big", OPT_LONG(struct state, big), .def = "1min", .unit = "ms" },
	{ .name = "flag", OPT_BOOLEAN(struct state, flag), .def = "true" },
	{ .name = "list", OPT_LIST(struct state, list), .def = "x,y" },
	{ .name = "size", OPT_BYTES(struct state, size), .def = "1MiB" },
	{ .name = "password", OPT_PASSWORD(struct state, password) },
	{ 0 },
};

static void
fills_in_defaults(void **unused)
{
	(void)unused;
	memset(&state, 0xff, sizeof(state));
	begin("file", "f");
	opt_apply(several, config, &state, mem, problems);
	assert_string_equal(printed(), "");
	assert_string_equal(state.text, "f");
	assert_int_equal(state.number, 7);
	assert_int_equal(state.big, 60000);
	assert_true(state.flag);
	assert_int_equal(state.list.n, 2);
	assert_string_equal(state.list.items[1], "y");
	assert_int_equal(state.size, 1 << 20);
	assert_null(state.password);
}

static void
reports_every_fault_and_keeps_the_default(void **unused)
{
	(void)unused;
	begin("number", "10");
	config_set(config, "flag", "maybe");
	config_set(config, "password", "geheim");
	config_put(config, &(struct config_entry) { .key = "size",
			       .value = "huge",
			       .written = "headrace_size",
			       .file = "headrace.conf",
			       .line = 12 });
	config_set_place(config, "headrace.conf", 3);
	opt_apply(several, config, &state, mem, problems);
	assert_string_equal(printed(),
	    "error: Invalid value 10 for configuration number: Value must be no more "
	    "than 9\n"
	    "error: Invalid value maybe for configuration flag: Expected value to be "
	    "either "
	    "true or false\n"
	    "headrace.conf:3: error: Missing required configuration \"file\" which has "
	    "no "
	    "default value.\n"
	    "headrace.conf:12: error: headrace_size: Invalid value huge for "
	    "configuration "
	    "size: Expected a number of bytes, such as 16777216, 16MiB or 64kB\n");
	assert_null(state.text);
	assert_int_equal(state.number, 7);
	assert_true(state.flag);
	assert_int_equal(state.size, 1 << 20);
	assert_string_equal(state.password, "geheim");
}

static void
hides_values_of_providers(void **unused)
{
	(void)unused;
	begin(NULL, NULL);
	config_put(config, &(struct config_entry) {
			       .key = "number", .value = "geheim", .secret = true });
	config_set(config, "file", "f");
	opt_apply(several, config, &state, mem, problems);
	assert_string_equal(printed(), "error: Invalid value [hidden] for configuration "
				       "number: Not a number of type INT\n");
}

static void
cuts_long_values(void **unused)
{
	struct buf value = { 0 };

	(void)unused;
	for (int i = 0; i < 100000; i++)
		buf_add_c(&value, "\xe2\x82\xac");
	begin("y", buf_cstr(&value));
	opt_apply(number, config, &state, mem, problems);
	assert_true(strlen(printed()) < 300);
	assert_true(str_is_utf8(buf_str(&out)));
	assert_true(str_ends(buf_str(&out), "... " NOT_INT "\n"));
	buf_fini(&value);
}

static void
honours_old_names(void **unused)
{
	static const struct opt table[] = {
		{ .name = "connect.mqtt.username",
		    OPT_STRING(struct state, text),
		    .old_name = "connect.mqtt.user" },
		{ 0 },
	};

	(void)unused;
	begin("connect.mqtt.user", "old");
	opt_apply(table, config, &state, mem, problems);
	assert_string_equal(state.text, "old");
	assert_string_equal(printed(),
	    "warning: connect.mqtt.user: is an old name of "
	    "connect.mqtt.username; it still works, please use the "
	    "new one\n");
	begin("connect.mqtt.user", "old");
	config_set(config, "connect.mqtt.username", "new");
	opt_apply(table, config, &state, mem, problems);
	assert_string_equal(state.text, "new");
	assert_string_equal(printed(),
	    "warning: connect.mqtt.user: is an old name of "
	    "connect.mqtt.username, which is set too and wins\n");
}

static void
says_what_has_no_effect(void **unused)
{
	static const struct opt table[] = {
		{ .name = "plugin.path", .ignored = "headrace loads no plugins" }, { 0 }
	};

	(void)unused;
	memset(&state, 0xff, sizeof(state));
	begin("plugin.path", "/opt");
	opt_apply(table, config, &state, mem, problems);
	assert_string_equal(printed(),
	    "warning: plugin.path: has no effect: headrace loads no plugins\n");
	assert_int_equal(state.size, -1);
}

static void
takes_null_as_absent(void **unused)
{
	(void)unused;
	begin("number", NULL);
	config_set(config, "file", NULL);
	opt_apply(several, config, &state, mem, problems);
	assert_int_equal(state.number, 7);
	assert_string_equal(printed(),
	    "error: Missing required configuration \"file\" which "
	    "has no default value.\n");
}

static const struct opt known[] = {
	{ .name = "connect.mqtt.hosts", OPT_STRING(struct state, text) },
	{ .name = "headrace.durability", OPT_STRING(struct state, text) },
	{ .name = "mqtt.server_uris",
	    OPT_STRING(struct state, text),
	    .old_name = "mqtt.old" },
	{ 0 },
};

static void
reports_unknown_keys_with_the_nearest_name(void **unused)
{
	static const struct opt *const tables[] = { several, known, NULL };
	static const char *const prefixes[] = { "producer.", "transforms.", NULL };
	static const struct {
		const char *key;
		bool underscores;
		const char *want;
	} unknown[] = {
		{ "connect.mqtt.hosts", false, "" },
		{ "mqtt.old", false, "" },
		{ "producer.acks", false, "" },
		{ "transforms.a.b", false, "" },
		{ "connect.mqtt.host", false,
		    "warning: connect.mqtt.host: unknown option, ignored; did you mean "
		    "connect.mqtt.hosts?\n" },
		{ "connect.mqtt.host", true,
		    "warning: connect.mqtt.host: unknown option, ignored; did you mean "
		    "connect_mqtt_hosts?\n" },
		{ "mqtt.server.uris", true,
		    "warning: mqtt.server.uris: unknown option, ignored; did you mean "
		    "mqtt_server__uris?\n" },
		{ "headrace.durabilty", false,
		    "error: headrace.durabilty: unknown option; did you mean "
		    "headrace.durability?\n" },
		{ "quite.different", false,
		    "warning: quite.different: unknown option, ignored\n" },
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(unknown); i++) {
		begin(NULL, NULL);
		config_put(config, &(struct config_entry) { .key = unknown[i].key,
				       .value = "v",
				       .underscores = unknown[i].underscores });
		opt_unknown(config, tables, prefixes, PROBLEM_WARNING, problems);
		if (strcmp(printed(), unknown[i].want) != 0)
			fail_msg("%s: %s", unknown[i].key, printed());
	}
	begin("nosuch", "v");
	opt_unknown(config, tables, NULL, PROBLEM_ERROR, problems);
	assert_string_equal(printed(), "error: nosuch: unknown option\n");
}

static void
finds_rows_and_names_types_as_connect_does(void **unused)
{
	(void)unused;
	assert_ptr_equal(opt_find(known, "mqtt.server_uris"), &known[2]);
	assert_ptr_equal(opt_find(known, "mqtt.old"), &known[2]);
	assert_null(opt_find(known, "mqtt"));
	assert_string_equal(opt_type_name(OPT_T_BOOLEAN), "BOOLEAN");
	assert_string_equal(opt_type_name(OPT_T_BYTES), "STRING");
	assert_string_equal(opt_importance_name(OPT_MEDIUM), "MEDIUM");
}

static const struct opt documented[] = {
	{ .name = "connect.mqtt.hosts",
	    OPT_STRING(struct state, text),
	    .required = true,
	    .group = "MQTT",
	    .doc = "The brokers, as a list of URIs between commas. The first that "
		   "answers is "
		   "used; when it goes away the next one is tried." },
	{ .name = "connect.mqtt.service.quality",
	    OPT_INT(struct state, number),
	    .def = "1",
	    .min = 0,
	    .max = 2,
	    .importance = OPT_MEDIUM,
	    .group = "MQTT",
	    .old_name = "qos",
	    .doc = "Quality of service." },
	{ .name = "errors.tolerance",
	    OPT_STRING(struct state, text),
	    .def = "a",
	    .values = a_or_b,
	    .importance = OPT_LOW,
	    .group = "Errors",
	    .doc = "a|b" },
	{ .name = "size",
	    OPT_BYTES(struct state, size),
	    .def = "",
	    .min = 1,
	    .unit = "bytes",
	    .doc = "d" },
	{ .name = "plugin.path", .ignored = "no plugins", .group = "Errors" },
	{ 0 },
};

static void
describes_a_table(void **unused)
{
	(void)unused;
	buf_reset(&out);
	opt_describe(documented, false, &out);
	assert_string_equal(buf_cstr(&out),
	    "MQTT:\n\n"
	    "connect.mqtt.hosts\n"
	    "    string, required, high\n"
	    "    The brokers, as a list of URIs between commas. The first that answers "
	    "is\n"
	    "    used; when it goes away the next one is tried.\n"
	    "connect.mqtt.service.quality\n"
	    "    int, default 1, valid: 0 to 2, medium\n"
	    "    Quality of service. Old name: qos.\n"
	    "\nErrors:\n\n"
	    "errors.tolerance\n"
	    "    string, default a, valid: a, b, low\n"
	    "    a|b\n"
	    "plugin.path\n"
	    "    string, none, high\n"
	    "    Has no effect: no plugins.\n"
	    "\n"
	    "size\n"
	    "    size (bytes), default empty, valid: at least 1, high\n"
	    "    d\n");
	buf_reset(&out);
	opt_describe(documented, true, &out);
	assert_string_equal(buf_cstr(&out),
	    "### MQTT\n\n"
	    "| name | type | default | valid | importance | meaning |\n"
	    "|---|---|---|---|---|---|\n"
	    "| `connect.mqtt.hosts` | string | required |  | high | The brokers, as a "
	    "list of "
	    "URIs between commas. The first that answers is used; when it goes away the "
	    "next "
	    "one is tried. |\n"
	    "| `connect.mqtt.service.quality` | int | 1 | 0 to 2 | medium | Quality of "
	    "service. Old name: qos. |\n"
	    "\n### Errors\n\n"
	    "| name | type | default | valid | importance | meaning |\n"
	    "|---|---|---|---|---|---|\n"
	    "| `errors.tolerance` | string | a | a, b | low | a\\|b |\n"
	    "| `plugin.path` | string | none |  | high | Has no effect: no plugins. |\n"
	    "\n"
	    "| name | type | default | valid | importance | meaning |\n"
	    "|---|---|---|---|---|---|\n"
	    "| `size` | size (bytes) | empty | at least 1 | high | d |\n");
}

static int
set_up(void **unused)
{
	(void)unused;
	mem = arena_new(1024);
	return 0;
}

static int
clean_up(void **unused)
{
	(void)unused;
	config_free(config);
	problems_free(problems);
	arena_free(mem);
	buf_fini(&out);
	return 0;
}

static int
not_empty_list(const struct opt *o, const void *field, struct err *err)
{
	const struct opt_list *l = field;

	if (l->n > 0)
		return 0;
	return err_set(err, ERR_CONFIG,
	    "Invalid value %s for configuration %s: Empty list",
	    l->items == NULL ? "null" : "[]", o->name);
}

static const struct opt needed_list[] = { { .name = "y",
					      OPT_LIST(struct state, list),
					      .required = true,
					      .check = not_empty_list },
	{ 0 } };
static const struct opt needed_choice[] = { { .name = "y",
						OPT_STRING(struct state, text),
						.required = true,
						.values = a_or_b },
	{ 0 } };

#define MISSING                                            \
	"p.a.y: Missing required configuration \"p.a.y\" " \
	"which has no default value.\n"

/* key "p.a.y" or absent; value NULL: Java's null. */
static const struct {
	const struct opt *table;
	const char *key, *value, *want;
} embedded_rows[] = {
	{ number, "p.a.y", "x",
	    "p.a.y: Invalid value x for configuration p.a.y: Not a number of type "
	    "INT\n" },
	{ flag, "p.a.y", "x",
	    "p.a.y: Invalid value x for configuration p.a.y: Expected value to be either "
	    "true or false\n" },
	{ choice, "p.a.y", "c",
	    "p.a.y: Invalid value c for configuration y: String must be one of: a, b\n" },
	{ needed_list, "p.a.y", " a ", "" },
	{ needed_list, "p.a.y", " ",
	    "p.a.y: Invalid value [] for configuration y: Empty list\n" },
	{ needed_list, "p.a.y", NULL,
	    "p.a.y: Invalid value null for configuration y: Empty list\n" },
	{ needed_list, "y", "a",
	    MISSING "p.a.y: Invalid value null for configuration y: Empty list\n" },
	{ needed_choice, "y", "a",
	    MISSING "p.a.y: Invalid value null for configuration y: String must be one "
		    "of: a, b\n" },
	{ filled, "p.a.y", NULL, "" },
};

struct may_be_null {
	int32_t n;
	bool given;
};

static void
tells_whether_a_value_was_given(void **unused)
{
	static const struct opt table[] = { { .name = "y",
						OPT_INT(struct may_be_null, n),
						OPT_GIVEN(struct may_be_null, given) },
		{ 0 } };
	static const struct {
		const char *key, *value;
		bool given;
	} cases[] = { { "y", "0", true }, { "y", "x", false }, { "z", "1", false } };
	struct may_be_null m;

	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		begin(cases[i].key, cases[i].value);
		opt_apply(table, config, &m, mem, problems);
		assert_int_equal(m.given, cases[i].given);
		opt_apply_embedded(table, config, "", &m, mem, problems);
		assert_int_equal(m.given, cases[i].given);
	}
}

static void
names_embedded_keys_as_connect(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_LEN(embedded_rows); i++) {
		const struct problem *p;

		begin(embedded_rows[i].key, embedded_rows[i].value);
		opt_apply_embedded(
		    embedded_rows[i].table, config, "p.a.", &state, mem, problems);
		buf_reset(&out);
		for (size_t k = 0; (p = problems_each(problems, &k)) != NULL;)
			buf_printf(&out, "%s: %s\n", p->key, p->text);
		if (strcmp(buf_cstr(&out), embedded_rows[i].want) != 0)
			fail_msg("row %zu: %s", i, out.p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(converts_as_configdef_does),
		cmocka_unit_test(fills_in_defaults),
		cmocka_unit_test(reports_every_fault_and_keeps_the_default),
		cmocka_unit_test(hides_values_of_providers),
		cmocka_unit_test(cuts_long_values),
		cmocka_unit_test(takes_null_as_absent),
		cmocka_unit_test(honours_old_names),
		cmocka_unit_test(says_what_has_no_effect),
		cmocka_unit_test(reports_unknown_keys_with_the_nearest_name),
		cmocka_unit_test(finds_rows_and_names_types_as_connect_does),
		cmocka_unit_test(describes_a_table),
		cmocka_unit_test(names_embedded_keys_as_connect),
		cmocka_unit_test(tells_whether_a_value_was_given),
	};

	return cmocka_run_group_tests(tests, set_up, clean_up);
}
