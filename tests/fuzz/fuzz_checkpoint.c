/*
 * The first line of the input is a key of the offsets topic, the rest a value.  Neither
 * crashes; a count that was read survives being written; a key equals itself.
 */
#include <stdint.h>
#include <stdlib.h>

#include "checkpoint/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct checkpoint_key ours = { "site", "edge-1", "localhost:1883" };
	struct str rest = { (const char *)data, size }, key = { 0 };
	struct buf text = { 0 };
	struct checkpoint_value v, again;
	struct err err;

	str_next(&rest, '\n', &key);
	checkpoint_format_key(&ours, &text);
	require(checkpoint_key_equal(key, key));
	if (checkpoint_key_equal(buf_str(&text), key))
		require(checkpoint_key_equal(key, buf_str(&text)));
	buf_reset(&text);
	if (checkpoint_parse_value(rest, &v, &err) == 0) {
		checkpoint_format_value(&v, &text);
		require(checkpoint_parse_value(buf_str(&text), &again, &err) == 0);
		require(again.messages == v.messages);
	} else {
		require(err.kind == ERR_RECORD);
	}
	buf_fini(&text);
	return 0;
}
