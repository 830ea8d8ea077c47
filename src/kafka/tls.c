/*
 * Stores of certificates and keys (specification kafka.md, section 2.4).  librdkafka
 * takes each kind of store by another door, and the truststore's PKCS12 only
 * through the password of the key; the order of the calls matters.
 */
#include "kafka/tls.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "kafka/translate.h"

#define MAX_BYTES (4 * 1024 * 1024)
#define SENDS_CHAINS 0x02080000 /* librdkafka 2.8.0, #4894 */

enum store_kind { STORE_PEM, STORE_PKCS12, STORE_JKS, STORE_UNKNOWN };

static enum store_kind
kind_of(struct str bytes)
{
	struct str text = str_trim(bytes);

	if (bytes.n >= 4 && memcmp(bytes.p, "\xfe\xed\xfe\xed", 4) == 0)
		return STORE_JKS;
	if (memmem(text.p, text.n, "-----BEGIN", strlen("-----BEGIN")) != NULL)
		return STORE_PEM;
	if (bytes.n > 0 && bytes.p[0] == '\x30')
		return STORE_PKCS12;
	return STORE_UNKNOWN;
}

/* Reads the file and tells its kind; false: a fault was noted. */
static bool
load(struct translate *t, const struct config_entry *e, struct buf *out,
    enum store_kind *kind)
{
	struct err err;
	const char *path = translate_trimmed(t, e);

	if (io_read_file(path, MAX_BYTES, out, &err) < 0) {
		translate_error(t, e, "%s", err.msg);
		return false;
	}
	*kind = kind_of(buf_str(out));
	switch (*kind) {
	case STORE_JKS:
		translate_error(t, e,
		    "%s is a Java keystore (JKS), which OpenSSL can't read; convert it: "
		    "keytool "
		    "-importkeystore -srckeystore %s -destkeystore %s.p12 -deststoretype "
		    "PKCS12",
		    path, path, path);
		return false;
	case STORE_UNKNOWN:
		translate_error(t, e, "%s is neither PEM nor PKCS12", path);
		return false;
	default:
		return true;
	}
}

static const char *
value_of(const struct translate *t, const char *key)
{
	const char *value = config_get(t->props, key);

	return value != NULL ? value : "";
}

static void
pkcs12_truststore(struct translate *t, const struct config_entry *e, struct str bytes)
{
	char why[256];

	translate_set(t, config_find(t->props, "ssl.truststore.password"),
	    "ssl.key.password", value_of(t, "ssl.truststore.password"));
	if (rd_kafka_conf_set_ssl_cert(t->conf, RD_KAFKA_CERT_CA,
		RD_KAFKA_CERT_ENC_PKCS12, bytes.p, bytes.n, why,
		sizeof(why)) != RD_KAFKA_CONF_OK)
		translate_error(t, e,
		    "%s cannot be read: %s; is ssl.truststore.password right?  A store "
		    "made by "
		    "Java 8 is converted with `openssl pkcs12 -legacy -in %s -nokeys "
		    "-out ca.pem`",
		    e->value, why, e->value);
}

static void
truststore(struct translate *t)
{
	const struct config_entry *e = config_find(
	    t->props, "ssl.truststore.certificates");
	struct buf bytes = { 0 };
	enum store_kind kind;

	if (e != NULL)
		translate_set(t, e, "ssl.ca.pem", e->value);
	e = config_find(t->props, "ssl.truststore.location");
	if (e != NULL && load(t, e, &bytes, &kind)) {
		if (kind == STORE_PEM)
			translate_set(t, e, "ssl.ca.location", translate_trimmed(t, e));
		else
			pkcs12_truststore(t, e, buf_str(&bytes));
	}
	buf_fini(&bytes);
}

static void
keystore_file(struct translate *t, const struct config_entry *e)
{
	struct buf bytes = { 0 };
	enum store_kind kind;
	const char *path = translate_trimmed(t, e);

	if (!load(t, e, &bytes, &kind))
		goto out;
	if (kind == STORE_PEM) {
		translate_set(t, e, "ssl.certificate.location", path);
		translate_set(t, e, "ssl.key.location", path);
		goto out;
	}
	translate_set(t, e, "ssl.keystore.location", path);
	translate_set(t, config_find(t->props, "ssl.keystore.password"),
	    "ssl.keystore.password", value_of(t, "ssl.keystore.password"));
	if (rd_kafka_version() < SENDS_CHAINS)
		translate_warn(t, e,
		    "this librdkafka (%s) sends no intermediate certificates of a PKCS12 "
		    "store; "
		    "if the broker knows the root alone, make a PEM file of it: openssl "
		    "pkcs12 "
		    "-in %s -nodes -out client.pem",
		    rd_kafka_version_str(), path);
out:
	buf_fini(&bytes);
}

static size_t
count_certificates(const char *pem)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	size_t n = 0;

	while ((pem = strstr(pem, begin)) != NULL) {
		pem += sizeof(begin) - 1;
		n++;
	}
	return n;
}

/* In a file that never touches a disk: the chain of a text is not sent. */
static void
chain_as_file(struct translate *t, const struct config_entry *e)
{
	size_t n = strlen(e->value);

	t->chain_fd = memfd_create("headrace-certificate-chain", MFD_CLOEXEC);
	if (t->chain_fd < 0 || write(t->chain_fd, e->value, n) != (ssize_t)n) {
		translate_error(t, e, "the chain cannot be handed to librdkafka");
		return;
	}
	translate_set(t, e, "ssl.certificate.location",
	    arena_printf(t->mem, "/proc/self/fd/%d", t->chain_fd));
}

static void
keystore_texts(struct translate *t)
{
	const struct config_entry *chain = config_find(
	    t->props, "ssl.keystore.certificate.chain");
	const struct config_entry *key = config_find(t->props, "ssl.keystore.key");

	if (chain == NULL && key == NULL)
		return;
	if (chain == NULL || key == NULL) {
		translate_error(t, chain != NULL ? chain : key,
		    "ssl.keystore.certificate.chain and ssl.keystore.key come together");
		return;
	}
	if (count_certificates(chain->value) > 1 && rd_kafka_version() < SENDS_CHAINS)
		chain_as_file(t, chain);
	else
		translate_set(t, chain, "ssl.certificate.pem", chain->value);
	translate_set(t, key, "ssl.key.pem", key->value);
}

void
tls_translate(struct translate *t)
{
	const struct config_entry *store = config_find(t->props, "ssl.keystore.location");
	const struct config_entry *password = config_find(t->props, "ssl.key.password");

	truststore(t);
	if (password != NULL || config_find(t->props, "ssl.truststore.password") != NULL)
		translate_set(
		    t, password, "ssl.key.password", value_of(t, "ssl.key.password"));
	if (store != NULL)
		keystore_file(t, store);
	else
		keystore_texts(t);
}
