#ifndef KAFKA_TLS_H
#define KAFKA_TLS_H

struct translate;

/* Java's key stores and trust stores (`ssl.truststore.*`, `ssl.keystore.*`): PEM files
 * and texts and PKCS12; the first bytes decide, not `ssl.*store.type`. */
void tls_translate(struct translate *);

#endif
