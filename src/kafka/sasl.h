#ifndef KAFKA_SASL_H
#define KAFKA_SASL_H

struct translate;

/* `sasl.mechanism` and `sasl.jaas.config` (specification kafka.md, section 2.5). */
void sasl_translate(struct translate *);

#endif
