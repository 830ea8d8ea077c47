/*
 * Any text with variables: the first line declares providers, the rest is a value.
 * What comes out is UTF-8 if the value was, and no secret gets into a message.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static struct config *
worker_of(struct str line)
{
	struct config *worker = config_new();
	char *text = mem_strndup(line.p, line.n);

	config_set(worker, "config.providers", text);
	config_set(worker, "config.providers.e.class", "EnvVarConfigProvider");
	config_set(worker, "config.providers.e.param.allowlist.pattern", "SECRET|PATH");
	config_set(worker, "config.providers.f.class", "FileConfigProvider");
	config_set(worker, "allowed.paths", "/nonexistent");
	free(text);
	return worker;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = { (const char *)data, size }, line;
	struct problems *problems = problems_new();
	struct config *c = config_new();
	struct buf printed = { 0 };

	setenv("SECRET", "${env:SECRET}geheim", 1);
	if (!str_next(&rest, '\n', &line))
		line = STR("");
	struct config *worker = worker_of(line);
	char *value = mem_strndup(rest.p, rest.n);
	bool is_text = str_is_utf8(str_of(value));
	config_set(c, "k", value);
	config_resolve(c, worker, problems);
	require(!is_text || str_is_utf8(str_of(config_get(c, "k"))));
	require(strstr(value, "${") != NULL || strcmp(config_get(c, "k"), value) == 0);
	problems_print(problems, &printed);
	if (strstr(value, "geheim") == NULL &&
	    memmem(line.p, line.n, "geheim", 6) == NULL)
		require(strstr(buf_cstr(&printed), "geheim") == NULL);
	require(str_is_utf8(buf_str(&printed)));
	buf_fini(&printed);
	free(value);
	problems_free(problems);
	config_free(c);
	config_free(worker);
	return 0;
}
