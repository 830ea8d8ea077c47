/*
 * How fast is it?  Not a test, run by hand from the top of the tree:
 *
 *     cc -O2 -D_GNU_SOURCE -I. -o /tmp/bench_kcql kcql/tests/bench_kcql.c kcql/kcql*.c
 *     /tmp/bench_kcql
 *
 * Prints statements a second, each parsed, warned about and freed as one text, and what
 * a long list of them takes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kcql/kcql.h"

static const char *const statements[] = {
	"INSERT INTO t SELECT * FROM a",
	"INSERT INTO alarms SELECT code, text AS message FROM site/+/alarm/# "
	"WITHCONVERTER=`json` WITHKEY(code)",
	"INSERT INTO `temperatures` SELECT * FROM `$share/edge/site/+/temperature` "
	"WITHCONVERTER=`io.lenses.streamreactor.connect.converters.source."
	"JsonSimpleConverter` WITHKEY(id, pos.x) KEYDELIMITER='-'",
	"INSERT INTO t SELECT a.b.c AS d, e, _.topic.2 AS room, f.* FROM x/+/y IGNORE "
	"g.h, i "
	"WITHSTRUCTURE WITHTIMESTAMP ts TIMESTAMPUNIT=SECONDS WITHTAG(site = north, line "
	"AS "
	"l) WITHCONVERTER=json WITHREGEX=`x/(a|b)/y`",
};
#define COUNT (sizeof(statements) / sizeof(statements[0]))

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
each(const char *text)
{
	const unsigned rounds = 200000;
	double begin = seconds();

	for (unsigned i = 0; i < rounds; i++) {
		struct kcql *k = kcql_parse(text, strlen(text), 0);

		if (k->error != NULL)
			puts(k->error->message);
		kcql_free(k);
	}
	printf("%9.0f statements/s of %3zu bytes\n", rounds / (seconds() - begin),
	    strlen(text));
}

static void
many(void)
{
	const size_t n = 20000;
	size_t len = 0, room = n * 400;
	char *text = malloc(room);
	double begin;
	struct kcql *k;

	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(
		    text + len, room - len, "%s;\n", statements[i % COUNT]);
	begin = seconds();
	k = kcql_parse(text, len, 0);
	printf("%9.0f statements/s in one text of %zu bytes\n",
	    (double)k->n_statements / (seconds() - begin), len);
	kcql_free(k);
	free(text);
}

int
main(void)
{
	for (size_t i = 0; i < COUNT; i++)
		each(statements[i]);
	many();
	return 0;
}
