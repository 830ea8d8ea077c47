/* headrace.conf: shape, names, values, includes, and what libconfig cannot be given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/mem.h"
#include "config/doors.h"

static char dir[] = "/tmp/headrace-appliance-XXXXXX";
static struct appliance *appliance;
static struct problems *problems;
static struct buf out;

static void
put_file(const char *name, const char *text, size_t n)
{
	char path[256];
	struct err err;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (io_write_file(path, text, n, &err) != 0)
		fail_msg("%s", err.msg);
}

static void
load_bytes(const char *text, size_t n)
{
	char path[256];

	appliance_free(appliance);
	problems_free(problems);
	problems = problems_new();
	put_file("headrace.conf", text, n);
	snprintf(path, sizeof(path), "%s/headrace.conf", dir);
	appliance = appliance_load(path, problems);
}

static void
load(const char *text)
{
	load_bytes(text, strlen(text));
}

/* Without the folder, so that tests can compare. */
static const char *
printed(void)
{
	struct buf all = { 0 };
	size_t n = strlen(dir) + 1;

	buf_reset(&out);
	problems_print(problems, &all);
	for (const char *p = buf_cstr(&all); *p != '\0';) {
		if (strncmp(p, dir, n - 1) == 0 && p[n - 1] == '/')
			p += n;
		else
			buf_add_byte(&out, (uint8_t)*p++);
	}
	buf_fini(&all);
	return buf_cstr(&out);
}

static const char *
settings(const struct config *c)
{
	const struct config_entry *e;

	buf_reset(&out);
	for (size_t i = 0; (e = config_each(c, &i)) != NULL;)
		buf_printf(&out, "[%s|%s]", e->key, e->value);
	return buf_cstr(&out);
}

static void
reads_the_example_of_the_manual(void **state)
{
	static const char kcql[] =
	    "-- site.kcql\n"
	    "INSERT INTO temperatures SELECT * FROM site/+/temperature "
	    "WITHCONVERTER=`bytes`;\n"
	    "INSERT INTO alarms SELECT code, text AS message FROM site/+/alarm/# "
	    "WITHCONVERTER=`json`\n"
	    "  WITHKEY(code);\n";
	const struct config_entry *e;

	(void)state;
	put_file("site.kcql", kcql, strlen(kcql));
	load("# headrace.conf: one connector, two routes\n"
	     "worker = {\n"
	     "  state_dir = \"/var/lib/headrace\";\n"
	     "  rest = \"unix:/run/headrace/rest.sock,127.0.0.1:8083\";\n"
	     "  bootstrap_servers = \"kafka.example:9093\";\n"
	     "  security_protocol = \"SSL\";\n"
	     "};\n"
	     "connectors = ( {\n"
	     "  name = \"site\";\n"
	     "  connector_class = \"headrace.MqttSource\";\n"
	     "  connect_mqtt_hosts = \"tcp://localhost:1883\";\n"
	     "  connect_mqtt_service_quality = 1;\n"
	     "  kcql_file = \"site.kcql\";\n"
	     "  headrace_durability = \"spill\";\n"
	     "} );\n");
	assert_string_equal(printed(), "");
	assert_string_equal(settings(appliance->worker),
	    "[state.dir|/var/lib/headrace]"
	    "[rest|unix:/run/headrace/rest.sock,127.0.0.1:8083]"
	    "[bootstrap.servers|kafka.example:9093][security.protocol|SSL]");
	assert_int_equal(appliance->n_connectors, 1);
	const struct config *c = appliance->connectors[0];
	assert_int_equal(config_count(c), 6);
	assert_string_equal(config_get(c, "name"), "site");
	assert_string_equal(config_get(c, "connector.class"), "headrace.MqttSource");
	assert_string_equal(config_get(c, "connect.mqtt.hosts"), "tcp://localhost:1883");
	assert_string_equal(config_get(c, "connect.mqtt.service.quality"), "1");
	assert_string_equal(config_get(c, "headrace.durability"), "spill");
	assert_string_equal(config_get(c, "connect.mqtt.kcql"), kcql);

	e = config_find(c, "connect.mqtt.hosts");
	assert_string_equal(e->written, "connect_mqtt_hosts");
	assert_true(e->underscores);
	assert_int_equal(e->line, 11);
	assert_true(str_ends(str_of(e->file), "/headrace.conf"));
	e = config_find(c, "connect.mqtt.kcql");
	assert_true(e->whole_file);
	assert_int_equal(e->line, 1);
	assert_true(str_ends(str_of(e->file), "/site.kcql"));
	assert_int_equal(config_place(c)->line, 8);
	assert_int_equal(config_place(appliance->worker)->line, 2);
}

static void
keeps_places_in_kcql_files_with_blank_lines(void **state)
{
	static const char text[] = "\xef\xbb\xbf\r\n \n\tINSERT\nINTO\n";
	const struct config_entry *e;

	(void)state;
	put_file("a.kcql", text, sizeof(text) - 1);
	load("connectors = ( { name = \"a\"; kcql_file = \"a.kcql\"; } );");
	e = config_find(appliance->connectors[0], "connect.mqtt.kcql");
	assert_string_equal(e->value, "INSERT\nINTO\n");
	assert_int_equal(e->line, 3);
	problems_add_in(problems, PROBLEM_ERROR, e, 2, 1, "odd");
	assert_string_equal(printed(), "a.kcql:4:1: error: connect.mqtt.kcql: odd\n");
}

static void
makes_texts_of_names_and_values(void **state)
{
	static const struct {
		const char *setting, *want; /* want NULL: refused */
	} rows[] = {
		{ "a_b_c = \"x\"", "[a.b.c|x]" },
		{ "mqtt_server__uris = \"x\"", "[mqtt.server_uris|x]" },
		{ "a___b = \"x\"", "[a_.b|x]" },
		{ "message__processor__class = \"x\"", "[message_processor_class|x]" },
		{ "with-dash_x = \"x\"", "[with-dash.x|x]" },
		{ "aB : \"x\"", "[aB|x]" },
		{ "a = 0", "[a|0]" },
		{ "a = -7", "[a|-7]" },
		{ "a = 2147483647", "[a|2147483647]" },
		{ "a = 5000000000L", "[a|5000000000]" },
		{ "a = -9223372036854775808L", "[a|-9223372036854775808]" },
		{ "a = 1.5", "[a|1.5]" },
		{ "a = 0.8", "[a|0.8]" },
		{ "a = 1.0", "[a|1.0]" },
		{ "a = -0.1", "[a|-0.1]" },
		{ "a = true", "[a|true]" },
		{ "a = FALSE", "[a|false]" },
		{ "a = \"x\" \"y\"", "[a|xy]" },
		{ "a = \"x\n y\"", "[a|x\n y]" },
		{ "a = \"\\\\d\\\"\\n\\r\\t\\f\\x41\"", "[a|\\d\"\n\r\t\fA]" },
		{ "a = \"\xc3\xa9\"", "[a|\xc3\xa9]" },
		{ "a = \"\\xc3\\xa9\"", "[a|\xc3\xa9]" },
		{ "a = \"# // /* @include \\\" 007\"", "[a|# // /* @include \" 007]" },
		{ "a = \"\"", "[a|]" },
		{ "a = [ \"x\", \"y\" ]", "[a|x,y]" },
		{ "a = ( \"x\", 1, true, 0.5 )", "[a|x,1,true,0.5]" },
		{ "a = [ ]", "[a|]" },
		{ "a = [ \"\", \"x\", \"\" ]", "[a|,x,]" },
		{ "properties = [ \"a$b=1\", \"c_d : x\\ty\" ]", "[a$b|1][c_d|x\ty]" },
		{ "properties = ( \"a=1\nb=2\" )", "[a|1][b|2]" },
		{ "a = 1, b = 2", "[a|1][b|2]" },
		{ "a = 5000000000", NULL },
		{ "a = 2147483648", NULL },
		{ "a = -2147483649", NULL },
		{ "a = 9223372036854775808L", NULL },
		{ "a = 007", NULL },
		{ "a = +5", NULL },
		{ "a = -0", NULL },
		{ "a = 0x10", NULL },
		{ "a = 5LL", NULL },
		{ "a = 1.10", NULL },
		{ "a = 1e3", NULL },
		{ "a = .5", NULL },
		{ "a = 1e999", NULL },
		{ "a = 30s", NULL },
		{ "a = 127.0.0.1", NULL },
		{ "a = \"\\d\"", NULL },
		{ "a = \"\\u00e9\"", NULL },
		{ "a = \"\\x00\"", NULL },
		{ "a = \"\\x4\"", NULL },
		{ "a = \"\\xe9\"", NULL },
		{ "a = \"\xe9\"", NULL },
		{ "a = [ \"x,y\" ]", NULL },
		{ "a = ( ( 1 ) )", NULL },
		{ "a = { b = 1; }", NULL },
		{ "properties = [ 1 ]", NULL },
		{ "properties = [ \"a=\\\\u12\" ]", NULL },
		{ "a_b = 1; properties = [ \"a.b=1\" ]", NULL },
		{ "a = 1; a = 2", NULL },
		{ "a.b = 1", NULL },
		{ "a = yes", NULL },
		{ "a", NULL },
	};
	struct buf text = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		buf_reset(&text);
		buf_printf(&text, "worker = { %s; };", rows[i].setting);
		load(buf_cstr(&text));
		if ((rows[i].want == NULL) !=
		    (problems_count(problems, PROBLEM_ERROR) > 0))
			fail_msg("%s: %s", rows[i].setting, printed());
		if (rows[i].want != NULL &&
		    strcmp(settings(appliance->worker), rows[i].want) != 0)
			fail_msg("%s: %s", rows[i].setting, out.p);
	}
	buf_fini(&text);
}

static void
reports_all_faults_with_their_places(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "worker = {\n a = 1\n b = ;\n};",
		    "headrace.conf:3: error: syntax error: in this line, or something is "
		    "missing before it (= ; , or a quote)\n" },
		{ "worker = {\n a = 1;\n a = 2;\n};",
		    "headrace.conf:3: error: duplicate setting name\n" },
		{ "worker = {\n a = \"x;\n};\n",
		    "headrace.conf:2: error: this text has no closing quote (\")\n" },
		{ "worker = {\n a = 1;\n /* x\n};\n",
		    "headrace.conf:3: error: this comment has no end (*/)\n" },
		{ "\nworker = {\n a = 1;\n", "headrace.conf:2: error: the bracket opened "
					     "here is not closed with '}'\n" },
		{ "worker = {\n a = ( 1 };\n",
		    "headrace.conf:2: error: this '}' closes nothing that is open\n" },
		{ "worker = {};\n};\n",
		    "headrace.conf:2: error: this '}' closes nothing that is open\n" },
		{ "worker = {\n a = 007;\n b = \"\\q\";\n c = { d = 1; };\n"
		  " d = [ \"x,y\" ];\n};\nworkers = 1;\nfoo = 2;",
		    "headrace.conf:2: error: this number would be read as another one; "
		    "write "
		    "it in quotes\n"
		    "headrace.conf:3: error: a backslash in a text is written twice "
		    "(\\\\)\n"
		    "headrace.conf:4: error: c: must be a text, a number, true, false or "
		    "a "
		    "list; a name like transforms.a.type is written transforms_a_type\n"
		    "headrace.conf:5: error: d: an item of a list cannot hold a comma; "
		    "write "
		    "the whole list as one text\n"
		    "headrace.conf:7: error: workers: unknown; the file has worker = { "
		    "... } "
		    "and connectors = ( { ... } ), did you mean worker?\n"
		    "headrace.conf:8: error: foo: unknown; the file has worker = { ... } "
		    "and "
		    "connectors = ( { ... } )\n" },
		{ "worker = 1;\nconnectors = { name = \"a\"; };\nconnectors_b = ( 1 );",
		    "headrace.conf:1: error: worker: must be a group of settings: worker "
		    "= "
		    "{ ... };\n"
		    "headrace.conf:2: error: connectors: must be a list of groups: "
		    "connectors = ( { ... }, { ... } );\n"
		    "headrace.conf:3: error: a connector is a group of settings: { ... "
		    "}\n" },
		{ "connectors = ( { name = \"a\"; },\n { name = \"b\"; },\n"
		  " { name = \"a\"; },\n { x = 1; }, { name = \"\"; } );",
		    "headrace.conf:3: error: name: another connector is called \"a\" "
		    "already (headrace.conf:1)\n"
		    "headrace.conf:4: error: a connector needs a name: name = \"site\";\n"
		    "headrace.conf:4: error: a connector needs a name: name = "
		    "\"site\";\n" },
		{ "connectors = ( {\n name = \"a\";\n kcql_file = \"no.kcql\";\n} );",
		    "headrace.conf:3: error: kcql_file: no.kcql: cannot open: No such "
		    "file or "
		    "directory\n" },
		{ "connectors = ( {\n name = \"a\";\n kcql_file = 1;\n} );",
		    "headrace.conf:3: error: kcql_file: must be the name of a file\n" },
		{ "connectors = ( {\n name = \"a\";\n connect_mqtt_kcql = \"x\";\n "
		  "kcql_file = "
		  "\"a.kcql\";\n} );",
		    "headrace.conf:4: error: kcql_file: is the same option as "
		    "connect_mqtt_kcql in line 3\n" },
		{ "worker = {\n a_b = 1;\n properties = [\n \"a.b=1\",\n \"c\" ];\n};",
		    "headrace.conf:4: error: a.b: is the same option as a_b in "
		    "line "
		    "2\n" },
		{ "a = @include \"x\"\n", "headrace.conf:1: error: write @include "
					  "\"file\" at the beginning of a "
					  "line of its own\n" },
		{ "@include x\n", "headrace.conf:1: error: write @include \"file\" at "
				  "the beginning of a "
				  "line of its own\n" },
		{ "worker = { a = \"x\" $ }",
		    "headrace.conf:1: error: syntax error: in this "
		    "line, or something is missing before it (= ; , "
		    "or a quote)\n" },
	};

	(void)state;
	put_file("a.kcql", "x", 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		load(rows[i].text);
		if (strcmp(printed(), rows[i].want) != 0)
			fail_msg("%s: %s", rows[i].text, printed());
	}
}

static void
never_prints_a_value(void **state)
{
	(void)state;
	load("worker = {\n a = \"geheim\\q\\u0041\";\n b = [ \"geheim,\" ];\n"
	     " c = 1234567890123;\n d = { e = \"geheim\"; };\n"
	     " properties = [ \"x=geheim\\\\u1\" ];\n};\ngeheim = \"geheim\"; $");
	assert_null(strstr(printed(), "\"geheim"));
	assert_null(strstr(printed(), "geheim\\"));
	assert_null(strstr(printed(), "1234567890123"));
	load("worker = { connect_mqtt_password = \"geheim\" $ };");
	assert_null(strstr(printed(), "geheim"));
}

#define INCLUDE(text) put_file("part.conf", text, strlen(text))

static void
includes_files(void **state)
{
	(void)state;
	INCLUDE("b = 2;\n# @include \"nothing\"\nc = 3");
	load("worker = {\n a = 1;\n\t@include \"part.conf\" // why\n d = 4;\n};\n");
	assert_string_equal(printed(), "");
	assert_string_equal(settings(appliance->worker), "[a|1][b|2][c|3][d|4]");
	assert_int_equal(config_find(appliance->worker, "a")->line, 2);
	assert_int_equal(config_find(appliance->worker, "b")->line, 1);
	assert_int_equal(config_find(appliance->worker, "c")->line, 3);
	assert_true(
	    str_ends(str_of(config_find(appliance->worker, "c")->file), "/part.conf"));
	assert_int_equal(config_find(appliance->worker, "d")->line, 4);
	assert_true(str_ends(
	    str_of(config_find(appliance->worker, "d")->file), "/headrace.conf"));
}

static void
includes_patterns_in_order_of_names(void **state)
{
	char path[256];
	static const char one[] = "connectors_one = ( {\n name = \"one\";\n kcql_file = "
				  "\"k\";\n} );";
	static const char two[] = "connectors_two = ( { name = \"two\"; } );";

	(void)state;
	snprintf(path, sizeof(path), "%s/conf.d", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	load("@include \"conf.d/*.conf\"\n");
	assert_string_equal(printed(), "");
	put_file("conf.d/2.conf", two, strlen(two));
	put_file("conf.d/1.conf", one, strlen(one));
	put_file("conf.d/0.conf.dpkg-dist", "$", 1);
	put_file("conf.d/k", "INSERT", 6);
	load("@include \"conf.d/*.conf\"\nworker = { a = 1; };");
	assert_string_equal(printed(), "");
	assert_int_equal(appliance->n_connectors, 2);
	assert_string_equal(config_get(appliance->connectors[0], "name"), "one");
	assert_string_equal(
	    config_get(appliance->connectors[0], "connect.mqtt.kcql"), "INSERT");
	assert_string_equal(config_get(appliance->connectors[1], "name"), "two");
	assert_int_equal(config_find(appliance->worker, "a")->line, 2);
}

static void
reports_faults_in_included_files(void **state)
{
	(void)state;
	INCLUDE("\na = ;\n");
	load("worker = {\n@include \"part.conf\"\n};\n");
	assert_non_null(strstr(printed(), "part.conf:2: error: syntax error"));
	INCLUDE("a = 1; }; worker = {\n");
	load("worker = {\n@include \"part.conf\"\n};\n");
	assert_string_equal(
	    printed(), "part.conf:1: error: this '}' closes nothing that is open\n");
	load("worker = {\n@include \"no.conf\"\n b = \"\\q\";\n};\n@include "
	     "\"neither.conf\"\n");
	assert_string_equal(printed(),
	    "headrace.conf:2: error: no.conf: cannot open: No such file or directory\n"
	    "headrace.conf:3: error: a backslash in a text is written twice (\\\\)\n"
	    "headrace.conf:5: error: neither.conf: cannot open: No such file or "
	    "directory\n");
	/* With libconfig 1.5 this ended the process. */
	load("worker = {\n@include \"conf.d\"\n};\n");
	assert_non_null(strstr(printed(), "headrace.conf:2: error: conf.d: cannot"));
}

static void
bounds_includes(void **state)
{
	struct buf text = { 0 };

	(void)state;
	INCLUDE("\n@include \"part.conf\"\n@include \"part.conf\"\n");
	load("@include \"part.conf\"\n");
	assert_string_equal(printed(),
	    "part.conf:2: error: @include is nested more than 10 "
	    "deep; does a file include itself?\n");
	INCLUDE("");
	for (int i = 0; i < 1001; i++)
		buf_add_c(&text, "@include \"part.conf\"\n");
	load(buf_cstr(&text));
	assert_string_equal(
	    printed(), "headrace.conf:1000: error: more than 1,000 files are included\n");
	buf_fini(&text);
}

static void
bounds_depth_size_and_number(void **state)
{
	struct buf text = { 0 };

	(void)state;
	buf_add_c(&text, "worker = { a = ");
	for (int i = 0; i < 100000; i++)
		buf_add_byte(&text, '(');
	load(buf_cstr(&text));
	assert_string_equal(
	    printed(), "headrace.conf:1: error: brackets are nested more than 32 deep\n");

	buf_reset(&text);
	for (int i = 0; i < 50001; i++)
		buf_printf(&text, "a%d = 1;\n", i);
	load(buf_cstr(&text));
	assert_string_equal(
	    printed(), "headrace.conf: error: more than 50,000 settings\n");

	buf_reset(&text);
	buf_add_c(&text, "#");
	for (int i = 0; i < 8 << 20; i++)
		buf_add_byte(&text, 'x');
	load(buf_cstr(&text));
	assert_int_equal(problems_count(problems, PROBLEM_ERROR), 1);
	buf_fini(&text);
}

static void
refuses_what_is_no_text(void **state)
{
	static const char zero[] = "worker = {};\nconn\0ectors = ();";

	(void)state;
	load_bytes(zero, sizeof(zero) - 1);
	assert_string_equal(
	    printed(), "headrace.conf:2: error: the line holds a zero byte\n");
	load("worker = {};\n# caf\xe9\n");
	assert_string_equal(printed(),
	    "headrace.conf:2: error: the line is not UTF-8; convert "
	    "the file (iconv -f latin1 -t utf8)\n");
	put_file("zero.kcql", "a\0b", 3);
	load("connectors = ( { name = \"a\"; kcql_file = \"zero.kcql\"; } );");
	assert_string_equal(printed(),
	    "headrace.conf:1: error: kcql_file: zero.kcql holds a zero byte\n");
	load("\xef\xbb\xbf"
	     "worker = { a = 1; };\r\n");
	assert_string_equal(printed(), "");
	assert_string_equal(settings(appliance->worker), "[a|1]");
}

static void
survives_a_missing_file_and_an_empty_one(void **state)
{
	struct problems *ps = problems_new();
	struct appliance *a = appliance_load("/nonexistent/headrace.conf", ps);

	(void)state;
	assert_int_equal(problems_count(ps, PROBLEM_ERROR), 1);
	assert_int_equal(config_count(a->worker), 0);
	appliance_free(a);
	problems_free(ps);
	load("");
	assert_string_equal(printed(), "");
	assert_int_equal(appliance->n_connectors, 0);
	appliance_free(NULL);
}

/* Run from the root of the tree, as tests/run does. */
static void
reads_the_shipped_examples(void **state)
{
	static const char *const files[] = { "config/worker.properties",
		"config/connect-mqtt-source.properties" };

	(void)state;
	appliance_free(appliance);
	problems_free(problems);
	problems = problems_new();
	appliance = appliance_load("config/headrace.conf", problems);
	assert_string_equal(printed(), "");
	assert_int_equal(appliance->n_connectors, 1);
	assert_non_null(config_get(appliance->connectors[0], "connect.mqtt.kcql"));
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct config *c = config_new();
		assert_int_equal(properties_load(files[i], c, problems), 0);
		assert_string_equal(printed(), "");
		config_free(c);
	}
}

static int
set_up(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
clean_up(void **state)
{
	static const char *const names[] = { "headrace.conf", "site.kcql", "a.kcql",
		"part.conf", "zero.kcql", "conf.d/1.conf", "conf.d/2.conf",
		"conf.d/0.conf.dpkg-dist", "conf.d/k", "conf.d", "" };
	char path[256];

	(void)state;
	appliance_free(appliance);
	problems_free(problems);
	buf_fini(&out);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		remove(path);
	}
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_example_of_the_manual),
		cmocka_unit_test(keeps_places_in_kcql_files_with_blank_lines),
		cmocka_unit_test(makes_texts_of_names_and_values),
		cmocka_unit_test(reports_all_faults_with_their_places),
		cmocka_unit_test(never_prints_a_value),
		cmocka_unit_test(includes_files),
		cmocka_unit_test(includes_patterns_in_order_of_names),
		cmocka_unit_test(reports_faults_in_included_files),
		cmocka_unit_test(bounds_includes),
		cmocka_unit_test(bounds_depth_size_and_number),
		cmocka_unit_test(refuses_what_is_no_text),
		cmocka_unit_test(reads_the_shipped_examples),
		cmocka_unit_test(survives_a_missing_file_and_an_empty_one),
	};

	return cmocka_run_group_tests(tests, set_up, clean_up);
}
