#ifndef MQTT_IDS_H
#define MQTT_IDS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Packet identifiers of messages that have arrived and may arrive again, with the
 * hash by which they are recognised.  { 0 } is an empty set; its size follows what
 * it holds, at most 65,535.
 */
struct ids {
	struct ids_entry *entries; /* open addressing, linear; id 0: free */
	uint32_t size;             /* a power of two, or 0 */
	uint32_t n;                /* at most size / 2 */
};

struct ids_entry {
	uint64_t hash;
	uint32_t conn; /* the connection that PUBREC was written on */
	uint16_t id;   /* not 0 */
	uint8_t qos;
};

/* Puts or replaces. */
void ids_put(struct ids *, const struct ids_entry *);
/* NULL when absent; until the next change.  id may be changed to no other. */
struct ids_entry *ids_find(const struct ids *, uint16_t id);
void ids_remove(struct ids *, uint16_t id);
void ids_clear(struct ids *); /* frees what it holds */

#endif
