/* sasl.jaas.config against what Kafka 3.9.1 (JDK 17) makes of the same texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "kafka/jaas.h"

struct row {
	const char *text;
	const char *want; /* module|option=value..., by name; NULL: an error */
};

static const struct row rows[] = {
	{ "a.b.PlainLoginModule required username=\"u\" password=\"p\";",
	    "a.b.PlainLoginModule|password=p|username=u" },
	{ "a.b.PlainLoginModule required username=u password=p ;",
	    "a.b.PlainLoginModule|password=p|username=u" },
	{ "a.b.PlainLoginModule REQUIRED username='u' password='p\"q';",
	    "a.b.PlainLoginModule|password=p\"q|username=u" },
	{ "a.b.PlainLoginModule required username = \"u\" password= \"p\" ;",
	    "a.b.PlainLoginModule|password=p|username=u" },
	{ "a.b.PlainLoginModule required\n  username=\"u\"\n  password=\"p\";\n",
	    "a.b.PlainLoginModule|password=p|username=u" },
	{ "a.b.PlainLoginModule required // comment\n username=\"u\" /* c */ "
	  "password=\"p\";",
	    "a.b.PlainLoginModule|password=p|username=u" },
	{ "a.b.PlainLoginModule required username=\"u\" password=\"p\"", NULL },
	{ "a.b.PlainLoginModule username=\"u\" password=\"p\";", NULL },
	{ "a.b.PlainLoginModule needed username=\"u\" password=\"p\";", NULL },
	{ "a.b.PlainLoginModule required username=\"u\" password=\"p\"; "
	  "a.b.PlainLoginModule required;",
	    NULL },
	{ "", NULL },
	{ "", NULL },
	{ "   ", NULL },
	{ "a.b.PlainLoginModule required username= password=\"p\";", NULL },
	{ "a.b.PlainLoginModule required username=u password=1abc;", NULL },
	{ "a.b.PlainLoginModule required username=u password=a1-b_c$d.e;",
	    "a.b.PlainLoginModule|password=a1-b_c$d.e|username=u" },
	{ "a.b.PlainLoginModule required username=u@d password=p;", NULL },
	{ "a.b.PlainLoginModule required username=\"u\" username=\"v\" password=\"\";",
	    "a.b.PlainLoginModule|password=|username=v" },
	{ "a.b.PlainLoginModule required username=\"a\\nb\\tc\\101\\u0041\\\"\\\\\\x\" "
	  "password='\\'';",
	    "a.b.PlainLoginModule|password='|username=a\nb\tcAu0041\"\\x" },
	{ "a.b.PlainLoginModule required username=\"\\1012\\477\\377\" "
	  "password=\"\\a\\b\\f\\r\\v\";",
	    "a.b.PlainLoginModule|password=\007\010\014\r\013|username=A2'7\303\277" },
	{ "a.b.PlainLoginModule required "
	  "username=\"\303\274\342\202\254\360\237\230\200\" "
	  "password=\303\274\342\202\254x;",
	    "a.b.PlainLoginModule|password=\303\274\342\202\254x|username="
	    "\303\274\342\202\254\360\237\230\200" },
	{ "a.b.PlainLoginModule required username=\"u\n password=\"p\";",
	    "a.b.PlainLoginModule|password=p|username=u" },
	{ "a.b.PlainLoginModule required username=\"u", NULL },
	{ "a.b.PlainLoginModule;", NULL },
	{ "a.b.PlainLoginModule", NULL },
	{ "a.b.PlainLoginModule required", NULL },
	{ "a.b.PlainLoginModule required;", "a.b.PlainLoginModule" },
	{ "\"a.b.PlainLoginModule\" \"required\" \"username\"=\"u\";",
	    "a.b.PlainLoginModule|username=u" },
	{ "a.b.PlainLoginModule requisite x=y;", "a.b.PlainLoginModule|x=y" },
	{ "a.b.PlainLoginModule sufficient x=y;", "a.b.PlainLoginModule|x=y" },
	{ "a.b.PlainLoginModule Optional x=y;", "a.b.PlainLoginModule|x=y" },
	{ "a.b.PlainLoginModule required username=/x password=p;", NULL },
	{ "a.b.PlainLoginModule required username=u/ password=p;\npassword=q;",
	    "a.b.PlainLoginModule|password=q|username=u" },
	{ "a.b.PlainLoginModule required username=-x;", NULL },
	{ "a.b.PlainLoginModule required username=.x;", NULL },
	{ "a.b.PlainLoginModule required username=_x $y=$;",
	    "a.b.PlainLoginModule|$y=$|username=_x" },
	{ "a.b.PlainLoginModule required user-name.1=u;",
	    "a.b.PlainLoginModule|user-name.1=u" },
	{ "a.b.PlainLoginModule required username=u,password=p;", NULL },
	{ "a.b.PlainLoginModule required =u;", NULL },
	{ "1.b required;", NULL },
	{ "; required;", NULL },
	{ "a.b required x=\"y\" /* open ;", NULL },
	{ "a.b required x=\"y\";; ", NULL },
	{ "a.b required x=\"y\"; // end", "a.b|x=y" },
	{ "a.b required x=a=b;", NULL },
	{ "a.b required x=\"a\"b=\"c\";", "a.b|b=c|x=a" },
	{ "a.b required\tx=\"\t\"\ry=z;", "a.b|x=\t|y=z" },
	{ "a.b required x=\303\251;", "a.b|x=\303\251" },
	{ "a.b required \303\251=\"1\";", "a.b|\303\251=1" },
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
print(const struct jaas *j, struct buf *out)
{
	const char *names[64];
	size_t n = 0;

	buf_add_c(out, j->module);
	for (size_t i = 0; i < j->n_options; i++)
		names[n++] = j->options[i].name;
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || strcmp(names[i], names[i - 1]) != 0)
			buf_printf(out, "|%s=%s", names[i], jaas_get(j, names[i]));
}

static void
reads_what_java_reads(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct arena *mem = arena_new(1024);
		struct buf out = { 0 };
		struct jaas j;
		struct err err = { 0 };

		int r = jaas_parse(rows[i].text, mem, &j, &err);
		if (r == 0)
			print(&j, &out);
		if ((r == 0) != (rows[i].want != NULL) ||
		    (r < 0 && err.kind != ERR_CONFIG) ||
		    (r == 0 && strcmp(buf_cstr(&out), rows[i].want) != 0))
			fail_msg(
			    "%s: %d %s %s", rows[i].text, r, buf_cstr(&out), err.msg);
		buf_fini(&out);
		arena_free(mem);
	}
}

/* What stands where a name should may be the rest of a password without quotes. */
static void
shows_no_secret(void **state)
{
	static const char *const texts[] = {
		"a.b required username=u password=12hunter2;",
		"a.b required username=u password=abc hunter2;",
		"a.b required username=u password=abc@hunter2;",
		"a.b required username=u password=abc hunter2 ;",
		"hunter2 hunter2;",
		"a.b hunter2 password=p;",
		"a.b required password=\"p\"; hunter2",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct arena *mem = arena_new(1024);
		struct jaas j;
		struct err err = { 0 };

		assert_int_equal(jaas_parse(texts[i], mem, &j, &err), -1);
		if (strstr(err.msg, "hunter2") != NULL)
			fail_msg("%s: %s", texts[i], err.msg);
		arena_free(mem);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_java_reads),
		cmocka_unit_test(shows_no_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
