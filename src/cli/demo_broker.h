#ifndef CLI_DEMO_BROKER_H
#define CLI_DEMO_BROKER_H

#include "base/err.h"

/* A Mosquitto of our own for `headrace demo`: free port on loopback, files in dir. */
struct demo_broker;

/* ERR_CONFIG: there is no mosquitto; the text says how to get it. */
struct demo_broker *demo_broker_start(const char *dir, struct err *err);
int demo_broker_port(const struct demo_broker *);
void demo_broker_stop(struct demo_broker *);

#endif
