/*
 * Any bytes as a KCQL configuration, in both modes.  What is refused has a place in the
 * text and a message; what is accepted comes back the same from its canonical text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kcql/kcql.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static unsigned
converter(void *arg, const char *name)
{
	(void)arg;
	return name == NULL ? KCQL_CONVERTER_KNOWN : (unsigned)name[0] & 7u;
}

static bool
regex(void *arg, struct kcql_text pattern, char *why, size_t size)
{
	(void)arg;
	require(size > 0);
	why[0] = '\0';
	return pattern.len % 2 == 0;
}

static void
check_error(const struct kcql_error *e, size_t size)
{
	const char *caret = strrchr(e->message, '^');

	require(e->code != NULL && e->at.line >= 1 && e->at.column >= 1);
	require(e->at.line <= size + 1 && e->at.column <= size + 1);
	require(strncmp(e->message, "Invalid syntax. SQL:", 20) == 0);
	require(caret != NULL && caret[1] == '\0');
}

/* "statements" of the JSON text: up to the warnings, which a canonical text may not
 * have. */
static size_t
statements_len(const char *json)
{
	const char *end = strstr(json, "],\"warnings\":[");

	require(end != NULL);
	return (size_t)(end - json);
}

static void
check_round_trip(struct kcql *k)
{
	struct kcql_text text = kcql_text(k), text_again;
	struct kcql *again = kcql_parse(text.ptr, text.len, 0);
	const char *json = kcql_json(k), *again_json;

	require(again->error == NULL);
	again_json = kcql_json(again);
	require(statements_len(json) == statements_len(again_json));
	require(memcmp(json, again_json, statements_len(json)) == 0);
	text_again = kcql_text(again);
	require(text.len == text_again.len);
	require(memcmp(text.ptr, text_again.ptr, text.len) == 0);
	kcql_free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct kcql_world world = { converter, regex, NULL };

	for (unsigned flags = 0; flags <= KCQL_STRICT_LENSES; flags++) {
		struct kcql *k = kcql_parse((const char *)data, size, flags);

		kcql_bind(k, &world);
		require(k->error == NULL || k->n_statements == 0);
		if (k->error != NULL)
			check_error(k->error, size);
		else if (flags == 0)
			check_round_trip(k);
		(void)kcql_text(k);
		(void)kcql_json(k);
		kcql_free(k);
	}
	return 0;
}
