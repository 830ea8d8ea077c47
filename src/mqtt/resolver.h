#ifndef MQTT_RESOLVER_H
#define MQTT_RESOLVER_H

#include <netdb.h>

#include "base/err.h"
#include "base/loop.h"

/*
 * Looks up a host name without blocking the loop: getaddrinfo blocks, so a thread of
 * its own does it, hands back the result and touches nothing else.
 */
struct resolver;

/*
 * addresses is a list of getaddrinfo, which the owner now frees by freeaddrinfo; NULL:
 * none, err says why (ERR_RETRY).  The resolver is gone when this is called.
 */
typedef void resolver_done(void *arg, struct addrinfo *addresses, const struct err *err);

/* NULL: no thread or descriptor was to be had.  done is called from the loop. */
struct resolver *resolver_start(struct loop *, const char *host, const char *port,
    resolver_done *done, void *arg, struct err *err);

/* done is not called any more; the thread ends when it can. */
void resolver_cancel(struct resolver *);

#endif
