#ifndef CONVERT_CONVERT_H
#define CONVERT_CONVERT_H

/*
 * The two converter stages: MQTT message -> record, and record -> Kafka's bytes (and
 * back).  A converter is one file and one line of its table.
 */
#include "convert/converter.h"
#include "convert/payload.h"

#endif
