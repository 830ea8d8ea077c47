/* Parts of an MQTT message as values. */
#include "data/message.h"

#include "base/topic.h"

const struct schema *
message_part_schema(enum message_part part)
{
	static const enum schema_type types[] = {
		[MESSAGE_TOPIC] = SCHEMA_STRING,
		[MESSAGE_TOPIC_LEVEL] = SCHEMA_STRING,
		[MESSAGE_TIMESTAMP] = SCHEMA_INT64,
		[MESSAGE_QOS] = SCHEMA_INT32,
		[MESSAGE_ID] = SCHEMA_INT32,
		[MESSAGE_RETAINED] = SCHEMA_BOOLEAN,
		[MESSAGE_DUP] = SCHEMA_BOOLEAN,
	};

	return schema_primitive(types[part], false);
}

bool
message_part(
    const struct message *m, enum message_part part, uint32_t level, struct datum *out)
{
	struct str text = m->topic;

	out->schema = message_part_schema(part);
	switch (part) {
	case MESSAGE_TOPIC_LEVEL:
		if (!topic_level(m->topic, level, &text))
			return false;
		out->value = value_string(text);
		return true;
	case MESSAGE_TIMESTAMP:
		out->value = value_int64(m->received_ms);
		return true;
	case MESSAGE_QOS:
		out->value = value_int(VALUE_INT32, m->qos);
		return true;
	case MESSAGE_ID:
		out->value = value_int(VALUE_INT32, m->id);
		return true;
	case MESSAGE_RETAINED:
		out->value = value_boolean(m->retain);
		return true;
	case MESSAGE_DUP:
		out->value = value_boolean(m->dup);
		return true;
	default:
		out->value = value_string(text);
		return true;
	}
}
