#ifndef DATA_MESSAGE_H
#define DATA_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "data/value.h"

/*
 * An MQTT message as a task sees it.  topic and payload borrow from the read
 * block: until the handler of the batch returns.
 */
struct message {
	struct str topic;
	struct str payload;
	int64_t received_ms; /* clock_wall_ms at the read */
	uint32_t slot;       /* the source's ring entry: source_hold, source_release */
	uint16_t id;         /* packet identifier; 0 at QoS 0 */
	uint8_t qos;         /* 0 to 2, as received */
	bool retain, dup;
};

/* What of a message can go into a record: the words behind `_.` in KCQL. */
enum message_part {
	MESSAGE_VALUE,       /* its converted payload, or a path in it */
	MESSAGE_TOPIC,       /* STRING */
	MESSAGE_TOPIC_LEVEL, /* STRING; a topic may lack it */
	MESSAGE_TIMESTAMP,   /* INT64: received_ms */
	MESSAGE_QOS,         /* INT32 */
	MESSAGE_ID,          /* INT32 */
	MESSAGE_RETAINED,    /* BOOLEAN */
	MESSAGE_DUP,         /* BOOLEAN */
};

/* The schema of a part; not of MESSAGE_VALUE. */
const struct schema *message_part_schema(enum message_part);
/* The part; false: the topic has no such level (counted from 1).  Borrows from m. */
bool message_part(
    const struct message *m, enum message_part, uint32_t level, struct datum *out);

#endif
