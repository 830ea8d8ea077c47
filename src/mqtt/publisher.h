#ifndef MQTT_PUBLISHER_H
#define MQTT_PUBLISHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Publishes by paho.mqtt.c (MQTTAsync): demo data, status topics, later the sink.
 * Reconnects by itself.  Thread: any; its own threads are the library's.
 */
struct publisher;

struct publisher_options {
	const char *uri; /* "tcp://host:port" */
	const char *client_id;
	const char *user, *password; /* NULL: none */
	int max_inflight;            /* messages without PUBACK; 1,000 */
};

struct publisher *publisher_open(const struct publisher_options *, struct err *err);
/* Blocks while max_inflight messages are under way; -1 ERR_RETRY: not connected. */
int publisher_send(struct publisher *, const char *topic, const void *payload, size_t n,
    int qos, bool retain, struct err *err);
/* Messages handed over, and those the broker has confirmed (QoS 0: sent). */
uint64_t publisher_sent(const struct publisher *);
uint64_t publisher_confirmed(const struct publisher *);
/* Waits until all are confirmed; -1 ERR_RETRY when timeout_ms is over. */
int publisher_drain(struct publisher *, int timeout_ms, struct err *err);
void publisher_close(struct publisher *);

#endif
