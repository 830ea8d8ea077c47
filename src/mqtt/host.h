#ifndef MQTT_HOST_H
#define MQTT_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* Where a broker is: "tcp://host:port", "tcp://[::1]:1883", "unix:///path". */
struct host {
	char *uri;  /* as given, without a trailing '/' */
	char *name; /* "host:port", or the path */
	bool is_unix;
	char *address; /* host name or number without brackets; or the path */
	char port[6];
};

/* ERR_CONFIG: what it cannot be.  uri is copied. */
int host_parse(struct host *, const char *uri, struct err *err);
void host_fini(struct host *);

#endif
