/* Records: headers and the text of a record. */
#include "data/record.h"

#include <string.h>

#include "base/buf.h"

void
record_add_header(struct record *r, struct str key, struct datum d)
{
	struct header *headers;

	if (r->n_headers == r->cap_headers) {
		r->cap_headers = r->cap_headers > 0 ? 2 * r->cap_headers : 8;
		headers = arena_alloc(r->mem, r->cap_headers * sizeof(*headers));
		if (r->n_headers > 0)
			memcpy(headers, r->headers, r->n_headers * sizeof(*headers));
		r->headers = headers;
	}
	r->headers[r->n_headers++] = (struct header) { key, d };
}

const struct header *
record_last_header(const struct record *r, struct str key)
{
	for (uint32_t i = r->n_headers; i > 0; i--) {
		if (str_eq(r->headers[i - 1].key, key))
			return &r->headers[i - 1];
	}
	return NULL;
}

static void
print_schema(struct buf *out, const struct schema *s)
{
	if (s == NULL)
		buf_add_c(out, "null");
	else
		schema_print(out, s);
}

struct str
record_text(const struct record *r)
{
	struct buf b = { 0 };
	struct str text;

	buf_add_c(&b, "ConnectRecord{topic='");
	buf_add_str(&b, r->topic.p != NULL ? r->topic : STR("null"));
	if (r->has_partition)
		buf_printf(&b, "', kafkaPartition=%d, keySchema=", r->partition);
	else
		buf_add_c(&b, "', kafkaPartition=null, keySchema=");
	print_schema(&b, r->key.schema);
	buf_add_c(&b, ", valueSchema=");
	print_schema(&b, r->value.schema);
	if (r->has_timestamp)
		buf_printf(&b, ", timestamp=%lld}", (long long)r->timestamp_ms);
	else
		buf_add_c(&b, ", timestamp=null}");
	text = arena_str(r->mem, buf_str(&b));
	buf_fini(&b);
	return text;
}
