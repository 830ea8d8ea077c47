/* Config providers; the first table is what ConfigTransformer of kafka-clients 3.9.1
 * with FileConfigProvider, DirectoryConfigProvider and EnvVarConfigProvider made. */
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
#include "config/config.h"

static char dir[] = "/tmp/headrace-resolve-XXXXXX";
static struct config *config, *worker;
static struct problems *problems;
static struct buf out;

/* "DIR" becomes the folder with the files, and back. */
static char *
with_dir(const char *text, const char *from, const char *to)
{
	struct buf b = { 0 };

	while (*text != '\0') {
		if (strncmp(text, from, strlen(from)) == 0) {
			buf_add_c(&b, to);
			text += strlen(from);
		} else {
			buf_add_byte(&b, (uint8_t)*text++);
		}
	}
	buf_add_byte(&b, '\0');
	return b.p;
}

static void
begin(void)
{
	config_free(config);
	config_free(worker);
	problems_free(problems);
	config = config_new();
	worker = config_new();
	problems = problems_new();
}

static void
set(struct config *c, const char *key, const char *value)
{
	char *real = with_dir(value, "DIR", dir);

	config_set(c, key, real);
	free(real);
}

static void
resolve(const char *key, const char *value)
{
	config_free(config);
	problems_free(problems);
	config = config_new();
	problems = problems_new();
	set(config, key, value);
	config_resolve(config, worker, problems);
}

static const char *
result(const char *key)
{
	char *text = with_dir(config_get(config, key), dir, "DIR");

	buf_reset(&out);
	buf_add_c(&out, text);
	free(text);
	return buf_cstr(&out);
}

static const char *
printed(void)
{
	struct buf all = { 0 };

	problems_print(problems, &all);
	char *text = with_dir(buf_cstr(&all), dir, "DIR");
	buf_reset(&out);
	buf_add_c(&out, text);
	free(text);
	buf_fini(&all);
	return buf_cstr(&out);
}

static void
declare_as_in_kafka(void)
{
	set(worker, "config.providers", "file, dir,env");
	set(worker, "config.providers.file.class",
	    "org.apache.kafka.common.config.provider.FileConfigProvider");
	set(worker, "config.providers.dir.class",
	    "org.apache.kafka.common.config.provider.DirectoryConfigProvider");
	set(worker, "config.providers.env.class",
	    "org.apache.kafka.common.config.provider.EnvVarConfigProvider");
	set(worker, "config.providers.env.param.allowlist.pattern", "HR_.*");
}

static const struct {
	const char *value, *want; /* want NULL: Kafka throws */
} rows[] = {
	{ "${file:DIR/f.properties:k}", "2 = x" },
	{ "x${file:DIR/f.properties:user}y", "xu y" },
	{ "${file:DIR/f.properties:none}", "${file:DIR/f.properties:none}" },
	{ "${file::k}", "${file::k}" },
	{ "${file:k}", "${file:k}" },
	{ "${file:DIR/f.properties:a:b}", "colon" },
	{ "${file:DIR/f.properties:empty}|", "|" },
	{ "${env:HR_A}", "aa" },
	{ "${env:HR_B}", "b ${env:HR_A}" },
	{ "${env:X_HR_A}", "${env:X_HR_A}" },
	{ "${env:HR_NONE}", "${env:HR_NONE}" },
	{ "${env::HR_A}", "aa" },
	{ "${nope:a:b}${env:HR_A}", "${nope:a:b}aa" },
	{ "${nope:a}x${nope:b}y", "${nope:a}x${nope:b}y" },
	{ "${x}", "${x}" },
	{ "${x ${env:HR_A}", "${x ${env:HR_A}" },
	{ "${x}${env:HR_A}}", "${x}aa}" },
	{ "$${env:HR_A}", "$aa" },
	{ "${env:HR_A", "${env:HR_A" },
	{ "${}", "${}" },
	{ "${:}", "${:}" },
	{ "${env:HR_A}${env:HR_A}", "aaaa" },
	{ "a${env:HR_A}b${env:HR_A}c", "aaabaac" },
	{ "${dir:DIR:one}|", "line\n|" },
	{ "${dir:DIR:none}|", "${dir:DIR:none}|" },
	{ "${dir:DIR:../x}|", "${dir:DIR:../x}|" },
	{ "${env:\nHR_A}", "${env:\nHR_A}" },
	{ "{env:HR_A}", "{env:HR_A}" },
	{ "${ env:HR_A}", "${ env:HR_A}" },
	{ "${env: HR_A}", "${env: HR_A}" },
	{ "${dir:one}", "${dir:one}" },
	{ "${file:DIR/nofile:k}", NULL },
	{ "${env:p:HR_A}", NULL },
};

static void
resolves_as_kafka_does(void **state)
{
	(void)state;
	begin();
	declare_as_in_kafka();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		resolve("k", rows[i].value);
		size_t errors = problems_count(problems, PROBLEM_ERROR);
		const char *want = rows[i].want != NULL ? rows[i].want : rows[i].value;
		if ((rows[i].want == NULL) != (errors > 0))
			fail_msg("%s: %s", rows[i].value, printed());
		if (strcmp(result("k"), want) != 0)
			fail_msg("%s: %s", rows[i].value, out.p);
		bool changed = strcmp(want, rows[i].value) != 0;
		assert_int_equal(config_find(config, "k")->secret, changed);
	}
}

static void
says_what_is_not_there(void **state)
{
	static const struct {
		const char *value;
		bool declared;
		const char *want;
	} absent[] = {
		{ "${env:HR_NONE}", false,
		    "error: k: the environment variable HR_NONE is not set; the text "
		    "stays as "
		    "it is\n" },
		{ "${env:HR_NONE}", true,
		    "warning: k: the environment variable HR_NONE is not set; the text "
		    "stays "
		    "as it is\n" },
		{ "${env:X_HR_A}", true,
		    "warning: k: allowlist.pattern does not allow the variable X_HR_A; "
		    "the "
		    "text stays as it is\n" },
		{ "${env:p:HR_A}", false,
		    "error: k: Path is not supported for EnvVarConfigProvider, invalid "
		    "value "
		    "'p'\n" },
		{ "${file:DIR/f.properties:none}", false,
		    "error: k: no property \"none\" in DIR/f.properties; the text stays "
		    "as it "
		    "is\n" },
		{ "${file:DIR/f.properties:none}", true,
		    "warning: k: no property \"none\" in DIR/f.properties; the text "
		    "stays as "
		    "it is\n" },
		{ "${file:DIR/nofile:x}", true,
		    "error: k: Could not read properties from file: DIR/nofile: no such "
		    "file, "
		    "or no right to it\n" },
		{ "${file:DIR:x}", false,
		    "error: k: Could not read properties from file: DIR: not a regular "
		    "file\n" },
		{ "${file:k}", false,
		    "error: k: a path is missing: ${file:/path/of.properties:k}; the "
		    "text "
		    "stays as it is\n" },
		{ "${file:/proc/self/environ:x}", false,
		    "error: k: Could not read properties from file: /proc/self/environ: "
		    "providers may not read it; see allowed.paths\n" },
		{ "${dir:DIR:none}", false,
		    "error: k: no file \"none\" in DIR; the text stays as it is\n" },
		{ "${dir:DIR:sub}", false, "error: k: DIR/sub: not a regular file\n" },
		{ "${dir:DIR:bytes}", false,
		    "error: k: DIR/bytes: not a text in UTF-8\n" },
		{ "${dir:DIR:zero}", false, "error: k: DIR/zero: not a text in UTF-8\n" },
		{ "${dir:DIR:../f}", false,
		    "error: k: \"../f\" is not the name of a file in DIR; the text stays "
		    "as it "
		    "is\n" },
		{ "${vault:a:b}", false,
		    "warning: k: no config provider \"vault\"; the text stays as it "
		    "is\n" },
		{ "${credential:x:y}", false,
		    "error: k: credentials have no path: ${credential:y}\n" },
		{ "${credential:y}", false,
		    "error: k: no credential \"y\": the service manager has given none "
		    "(LoadCredential=); the text stays as it is\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(absent); i++) {
		begin();
		if (absent[i].declared)
			declare_as_in_kafka();
		resolve("k", absent[i].value);
		if (strcmp(printed(), absent[i].want) != 0)
			fail_msg("%s: %s", absent[i].value, printed());
	}
}

static void
needs_no_declaration_for_the_built_in_ones(void **state)
{
	(void)state;
	begin();
	resolve("k", "${env:X_HR_A} ${file:DIR/f.properties:user} ${dir:DIR:one}");
	assert_string_equal(result("k"), "no u  line\n");
	assert_string_equal(printed(), "");
}

static void
reads_credentials_of_the_service_manager(void **state)
{
	(void)state;
	begin();
	setenv("CREDENTIALS_DIRECTORY", dir, 1);
	resolve("k", "${credential:one}|${credential:crlf}|${credential:bare}");
	assert_string_equal(result("k"), "line|x\n|bare");
	assert_string_equal(printed(), "");
	resolve("k", "${credential:none}");
	assert_string_equal(
	    printed(), "error: k: no file \"none\" in DIR; the text stays as it is\n");
	unsetenv("CREDENTIALS_DIRECTORY");
}

static void
honours_allowed_paths(void **state)
{
	static const struct {
		const char *allowed, *value;
		bool found;
	} paths[] = {
		{ "DIR", "${file:DIR/f.properties:k}", true },
		{ "DIR/", "${file:DIR/f.properties:k}", true },
		{ "/", "${file:DIR/f.properties:k}", true },
		{ "DIR/f.properties", "${file:DIR/f.properties:k}", true },
		{ "/usr, DIR", "${file:DIR/f.properties:k}", true },
		{ "", "${file:DIR/f.properties:k}", true },
		{ "/usr", "${file:DIR/f.properties:k}", false },
		{ "DIR/f", "${file:DIR/f.properties:k}", false },
		{ "DIR/sub", "${file:DIR/sub/../f.properties:k}", false },
		{ "DIR/sub", "${file:DIR/sub/link:k}", false },
		{ "DIR/sub", "${dir:DIR:one}", false },
		{ "DIR", "${dir:DIR:one}", true },
	};

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(paths); i++) {
		const char *allowed = paths[i / 2].allowed, *value = paths[i / 2].value;
		begin();
		if (i % 2 == 0) {
			set(worker, "allowed.paths", allowed);
		} else {
			declare_as_in_kafka();
			set(worker, "config.providers.file.param.allowed.paths", allowed);
			set(worker, "config.providers.dir.param.allowed.paths", allowed);
		}
		resolve("k", value);
		if (paths[i / 2].found != (problems_count(problems, PROBLEM_ERROR) == 0))
			fail_msg("%s, %s: %s", allowed, value, printed());
	}
}

static void
never_reads_the_state_folder(void **state)
{
	(void)state;
	begin();
	set(worker, "state.dir", "DIR");
	resolve("k", "${file:DIR/f.properties:k}");
	assert_int_equal(problems_count(problems, PROBLEM_ERROR), 1);
	assert_string_equal(result("k"), "${file:DIR/f.properties:k}");
}

static void
reports_faults_of_declarations_once(void **state)
{
	(void)state;
	begin();
	set(worker, "config.providers", "a,b,c,d,e,a");
	set(worker, "config.providers.a.class", "com.example.VaultConfigProvider");
	set(worker, "config.providers.c.class", "FileConfigProvider");
	set(worker, "config.providers.c.param.allowed.paths", "relative,/nonexistent");
	set(worker, "config.providers.d.class", "EnvVarConfigProvider");
	set(worker, "config.providers.d.param.allowlist.pattern", "(");
	set(worker, "config.providers.e.class", "io.strimzi.kafka.EnvVarConfigProvider");
	set(worker, "k", "${e:HR_A}");
	set(worker, "connect.mqtt.password", "${a:geheim}${d:HR_A}");
	config_resolve(worker, worker, problems);
	assert_non_null(strstr(printed(),
	    "error: config.providers.a.class: headrace cannot load Java classes; it has "
	    "FileConfigProvider, DirectoryConfigProvider and EnvVarConfigProvider of "
	    "Kafka\n"));
	assert_non_null(strstr(
	    out.p, "error: config.providers: config.providers.b.class is missing\n"));
	assert_non_null(
	    strstr(out.p, "error: config.providers.c.param.allowed.paths: Path "
			  "relative is not absolute\n"));
	assert_non_null(
	    strstr(out.p, "error: config.providers.c.param.allowed.paths: Path "
			  "/nonexistent does not exist\n"));
	assert_non_null(
	    strstr(out.p, "error: config.providers.d.param.allowlist.pattern: "));
	assert_non_null(
	    strstr(out.p, "warning: connect.mqtt.password: refers to a config "
			  "provider that is not there; the text stays as it is\n"));
	assert_null(strstr(out.p, "geheim"));
	assert_string_equal(config_get(worker, "k"), "aa");
	assert_true(config_find(worker, "k")->secret);

	resolve("x", "plain");
	assert_string_equal(printed(), "");
	/* What may read nothing after a fault reads nothing. */
	resolve("x", "${c:DIR/f.properties:k}");
	assert_int_equal(problems_count(problems, PROBLEM_ERROR), 1);
}

static void
keeps_places_and_order(void **state)
{
	const struct config_entry *e;
	size_t i = 0;

	(void)state;
	begin();
	config_put(config, &(struct config_entry) { .key = "a.b",
			       .value = "${env:HR_A}",
			       .written = "a_b",
			       .file = "f",
			       .line = 3,
			       .underscores = true });
	config_set(config, "null", NULL);
	config_set(config, "c", "${env:HR_A}!");
	config_resolve(config, worker, problems);
	e = config_each(config, &i);
	assert_string_equal(e->value, "aa");
	assert_string_equal(e->written, "a_b");
	assert_string_equal(e->file, "f");
	assert_int_equal(e->line, 3);
	assert_true(e->underscores);
	assert_null(config_each(config, &i)->value);
	assert_string_equal(config_each(config, &i)->value, "aa!");
}

static void
bounds_what_comes_out(void **state)
{
	struct buf value = { 0 };

	(void)state;
	begin();
	for (int i = 0; i < 20; i++)
		buf_add_c(&value, "${dir:DIR:large}");
	resolve("k", buf_cstr(&value));
	assert_string_equal(
	    printed(), "error: k: with its variables the value is longer than 1 MiB\n");
	assert_string_equal(result("k"), value.p);
	buf_fini(&value);
}

static void
reports_faults_of_a_secrets_file(void **state)
{
	(void)state;
	begin();
	resolve("k", "${file:DIR/bad.properties:a}");
	assert_string_equal(result("k"), "1");
	assert_non_null(strstr(printed(), "DIR/bad.properties:2: error: Malformed"));
	assert_null(strstr(out.p, "geheim"));
}

static void
put_file(const char *name, const char *text, size_t n)
{
	char path[256];
	struct err err;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (io_write_file(path, text, n, &err) != 0)
		fail_msg("%s", err.msg);
}

static int
set_up(void **state)
{
	static const char properties[] =
	    "k:2 = x\nuser = u \npw=se\\u0063ret\nempty=\na\\:b=colon\n";
	static char large[100000];
	char path[256];

	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	memset(large, 'x', sizeof(large));
	put_file("f.properties", properties, sizeof(properties) - 1);
	put_file("bad.properties", "a=1\nb=geheim\\u1\n", 16);
	put_file("one", "line\n", 5);
	put_file("crlf", "x\n\r\n", 4);
	put_file("bare", "bare", 4);
	put_file("bytes", "\xe9", 1);
	put_file("zero", "a\0b", 3);
	put_file("large", large, sizeof(large));
	snprintf(path, sizeof(path), "%s/sub", dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/f", dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/sub/link", dir);
	if (symlink("../f.properties", path) != 0)
		return -1;
	setenv("HR_A", "aa", 1);
	setenv("HR_B", "b ${env:HR_A}", 1);
	setenv("X_HR_A", "no", 1);
	unsetenv("HR_NONE");
	unsetenv("CREDENTIALS_DIRECTORY");
	return 0;
}

static int
clean_up(void **state)
{
	static const char *const names[] = { "f.properties", "bad.properties", "one",
		"crlf", "bare", "bytes", "zero", "large", "sub/link", "sub", "f", "" };
	char path[256];

	(void)state;
	config_free(config);
	config_free(worker);
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
		cmocka_unit_test(resolves_as_kafka_does),
		cmocka_unit_test(says_what_is_not_there),
		cmocka_unit_test(needs_no_declaration_for_the_built_in_ones),
		cmocka_unit_test(reads_credentials_of_the_service_manager),
		cmocka_unit_test(honours_allowed_paths),
		cmocka_unit_test(never_reads_the_state_folder),
		cmocka_unit_test(reports_faults_of_declarations_once),
		cmocka_unit_test(keeps_places_and_order),
		cmocka_unit_test(bounds_what_comes_out),
		cmocka_unit_test(reports_faults_of_a_secrets_file),
	};

	return cmocka_run_group_tests(tests, set_up, clean_up);
}
