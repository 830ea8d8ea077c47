/* The input is a sasl.jaas.config.  Whatever it is: no crash, and what was read has a
 * module, and each of its options can be asked for. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "kafka/jaas.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int holds)
{
	if (!holds)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_strndup((const char *)data, size);
	struct arena *mem = arena_new(1024);
	struct jaas j;
	struct err err = { 0 };

	if (jaas_parse(text, mem, &j, &err) < 0) {
		require(err.kind == ERR_CONFIG && err.msg[0] != '\0');
	} else {
		require(j.module != NULL);
		for (size_t i = 0; i < j.n_options; i++)
			require(j.options[i].value != NULL &&
				jaas_get(&j, j.options[i].name) != NULL);
	}
	arena_free(mem);
	free(text);
	return 0;
}
