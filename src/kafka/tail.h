#ifndef KAFKA_TAIL_H
#define KAFKA_TAIL_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/*
 * Follows topics from their beginning, as a user's consumer would: for `headrace demo`.
 * No group, no commits.  Thread: one.
 */
struct tail;

struct tail_record {
	const char *topic;
	int partition;
	long long offset;
	struct str key, value; /* p NULL: null */
};

struct tail *tail_open(const char *bootstrap, const char *const *topics, size_t n,
    int partitions, struct err *err);
/* Hands what has come within timeout_ms to `record`; returns how many. */
size_t tail_poll(struct tail *, int timeout_ms,
    void (*record)(void *arg, const struct tail_record *), void *arg);
void tail_close(struct tail *);

#endif
