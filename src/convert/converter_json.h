#ifndef CONVERT_CONVERTER_JSON_H
#define CONVERT_CONVERTER_JSON_H

#include "base/buf.h"
#include "convert/converter.h"

/* The two halves of JsonConverter; for converter_json*.c only. */

struct json_cache { /* schema -> its text; schemas that are `shared` only */
	const struct schema **keys;
	struct str *texts;
	uint32_t n, cap; /* cap: power of two; 0 until the first entry */
};

struct json_state {
	bool schemas_enable;
	int32_t cache_size;
	const char *decimal_format;
	bool replace_null_with_default;
	bool numeric; /* decimal.format */
	struct buf out;
	struct json_cache cache;
};

int converter_json_read(struct converter *c, struct arena *mem, struct str topic,
    struct str in, struct datum *out, struct err *err);

#endif
