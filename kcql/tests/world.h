#ifndef KCQL_TESTS_WORLD_H
#define KCQL_TESTS_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kcql/kcql.h"

/* The world outside as headrace has it: Lenses' converters, and regular expressions
 * of which one is known to be bad. */

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

#define WORLD_ALL (KCQL_CONVERTER_KNOWN | KCQL_CONVERTER_FIELDS | KCQL_CONVERTER_STRUCT)
#define WORLD_KEYS (KCQL_CONVERTER_KNOWN | KCQL_CONVERTER_FIELDS)

static inline unsigned
world_converter(void *arg, const char *name)
{
	static const char *const packages[] = {
		"io.lenses.streamreactor.connect.converters.source.",
		"com.datamountaineer.streamreactor.connect.converters.source.",
	};
	static const struct {
		const char *name;
		unsigned flags;
	} converters[] = {
		{ "BytesConverter", KCQL_CONVERTER_KNOWN },
		{ "JsonSimpleConverter", WORLD_ALL },
		{ "JsonOptNullConverter", WORLD_ALL },
		{ "JsonConverterWithSchemaEvolution", WORLD_ALL },
		{ "JsonPassThroughConverter", WORLD_KEYS },
		{ "AvroConverter", WORLD_ALL },
		{ "bytes", KCQL_CONVERTER_KNOWN },
		{ "json", WORLD_ALL },
		{ "json-optnull", WORLD_ALL },
		{ "json-text", WORLD_KEYS },
		{ "avro", WORLD_ALL },
	};

	(void)arg;
	if (name == NULL)
		return KCQL_CONVERTER_KNOWN;
	for (size_t i = 0; i < LEN(packages); i++)
		if (strncmp(name, packages[i], strlen(packages[i])) == 0)
			name += strlen(packages[i]);
	for (size_t i = 0; i < LEN(converters); i++)
		if (strcmp(name, converters[i].name) == 0)
			return converters[i].flags;
	return 0;
}

static inline bool
world_regex(void *arg, struct kcql_text pattern, char *why, size_t size)
{
	(void)arg;
	snprintf(why, size, "missing terminating ]");
	return strcmp(pattern.ptr, "[") != 0;
}

static const struct kcql_world world = { world_converter, world_regex, NULL };

static inline struct kcql *
world_parse(const char *text, unsigned flags)
{
	struct kcql *k = kcql_parse(text, strlen(text), flags);

	kcql_bind(k, &world);
	return k;
}

/* As world_parse; fails with the message if the text is refused. */
static inline struct kcql *
world_accept(const char *text, unsigned flags)
{
	struct kcql *k = world_parse(text, flags);

	if (k->error != NULL)
		fail_msg("%s", k->error->message);
	return k;
}

#endif
