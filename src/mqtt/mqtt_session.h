#ifndef MQTT_SESSION_H
#define MQTT_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"

/*
 * The subscriptions that a broker keeps for us in a persistent session, and the file
 * that remembers them over our restarts: with MQTT 3.1.1 each SUBSCRIBE brings all
 * retained messages again, so what the session has is better not subscribed twice
 * (specification, section 6).
 *
 *	headrace session 1
 *	host tcp://localhost:1883
 *	client site
 *	filter 1764100000 1 site/+/temperature
 *
 * A filter has the time of its SUBACK (seconds since 1970) and its QoS.  In texts "%"
 * and control characters are written as %XX.
 */
struct mqtt_session {
	char *host, *client; /* NULL: no session is known */
	struct map *filters; /* text -> struct mqtt_session_filter */
};

struct mqtt_session_filter {
	int64_t granted_s;
	uint8_t qos;
};

void mqtt_session_init(
    struct mqtt_session *, const char *host, const char *client); /* copies; no filters */
void mqtt_session_fini(struct mqtt_session *);
void mqtt_session_add(
    struct mqtt_session *, struct str filter, uint8_t qos, int64_t granted_s);
/* NULL: it has no such filter. */
const struct mqtt_session_filter *mqtt_session_find(
    const struct mqtt_session *, struct str filter);

void mqtt_session_format(const struct mqtt_session *, struct buf *out); /* appends */
/* -1 ERR_RECORD: not one of ours, or broken (which line, why); nothing to free then. */
int mqtt_session_parse(struct mqtt_session *, struct str text, struct err *err);

#endif
