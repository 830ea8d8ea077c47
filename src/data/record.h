#ifndef DATA_RECORD_H
#define DATA_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "data/value.h"

/*
 * A record between the stages (ConnectRecord).  A plain struct, made on the stack or
 * in an array of the pipeline; what it points to lies in its arena, in the read
 * block of its batch, or in schemas of the task.
 */

struct header {
	struct str key;
	struct datum datum;
};

struct record {
	struct arena *mem; /* of the batch */
	struct str topic;  /* Kafka topic; p NULL: none */
	struct datum key;
	struct datum value;     /* value.value null: a tombstone */
	int64_t timestamp_ms;   /* when has_timestamp */
	int64_t offset;         /* when is_sink */
	struct header *headers; /* in order, keys may repeat */
	uint32_t n_headers, cap_headers;
	int32_t partition; /* when has_partition */
	bool has_timestamp, has_partition;
	bool is_sink; /* comes from Kafka; else a source record */
};

/* An empty record: nulls everywhere. */
static inline void
record_init(struct record *r, struct arena *mem)
{
	*r = (struct record) { .mem = mem };
}

/* Where all that belongs to a record is allocated. */
static inline struct arena *
record_mem(const struct record *r)
{
	return r->mem;
}

/* Appends; borrows key. */
void record_add_header(struct record *r, struct str key, struct datum d);
/* The last header of that key, or NULL. */
const struct header *record_last_header(const struct record *r, struct str key);
/* Java's toString of SourceRecord, for messages: topic, partition, schemas; no
 * payload. */
struct str record_text(const struct record *r);

#endif
