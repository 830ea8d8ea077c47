#ifndef DATA_MESSAGE_H
#define DATA_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

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

#endif
