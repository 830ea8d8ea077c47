/* From a Java login module to librdkafka's user and password. */
#include "kafka/sasl.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "kafka/jaas.h"
#include "kafka/translate.h"

struct login {
	const struct config_entry *e; /* sasl.jaas.config */
	struct jaas jaas;
	const char *mechanism; /* upper case as written, "GSSAPI" when unset */
};

struct module {
	const char *class;      /* its end */
	const char *mechanisms; /* " PLAIN " */
	void (*apply)(struct translate *, const struct login *);
};

static void
user_and_password(struct translate *t, const struct login *l)
{
	const char *user = jaas_get(&l->jaas, "username");
	const char *password = jaas_get(&l->jaas, "password");
	const char *token = jaas_get(&l->jaas, "tokenauth");

	if (token != NULL && strcasecmp(token, "true") == 0)
		translate_error(
		    t, l->e, "delegation tokens (tokenauth=true) are not supported");
	if (user == NULL || password == NULL) {
		translate_error(t, l->e, "the login module needs username and password");
		return;
	}
	translate_set(t, l->e, "sasl.username", user);
	translate_set(t, l->e, "sasl.password", password);
}

/* kinit would be run through a shell; the Kerberos library finds the key table itself. */
static void
kerberos(struct translate *t, const struct login *l)
{
	const char *table = jaas_get(&l->jaas, "keyTab");
	const char *principal = jaas_get(&l->jaas, "principal");
	const char *service = jaas_get(&l->jaas, "serviceName");

	if (principal != NULL)
		translate_set(t, l->e, "sasl.kerberos.principal", principal);
	if (service != NULL && config_get(t->props, "sasl.kerberos.service.name") == NULL)
		translate_set(t, l->e, "sasl.kerberos.service.name", service);
	if (table != NULL && getenv("KRB5_CLIENT_KTNAME") == NULL)
		translate_error(t, l->e,
		    "start headrace with KRB5_CLIENT_KTNAME=%s in its environment: that "
		    "is how "
		    "the Kerberos library takes keyTab",
		    table);
}

static void
oauth(struct translate *t, const struct login *l)
{
	translate_error(
	    t, l->e, "OAUTHBEARER is not supported yet; use PLAIN or SCRAM over TLS");
}

static const struct module modules[] = {
	{ "PlainLoginModule", " PLAIN ", user_and_password },
	{ "ScramLoginModule", " SCRAM-SHA-256 SCRAM-SHA-512 ", user_and_password },
	{ "OAuthBearerLoginModule", " OAUTHBEARER ", oauth },
	{ "Krb5LoginModule", " GSSAPI ", kerberos },
};

static void
apply_module(struct translate *t, const struct login *l, bool mechanism_written)
{
	for (size_t i = 0; i < ARRAY_LEN(modules); i++) {
		if (!str_ends(str_of(l->jaas.module), modules[i].class))
			continue;
		if (strstr(modules[i].mechanisms,
			arena_printf(t->mem, " %s ", l->mechanism)) != NULL)
			modules[i].apply(t, l);
		else
			translate_error(t, l->e,
			    "%s does not go with sasl.mechanism=%s%s; it is for:%s",
			    modules[i].class, l->mechanism,
			    mechanism_written ? "" : " (which is the default)",
			    modules[i].mechanisms);
		return;
	}
	translate_error(t, l->e,
	    "the login module is not known; there are PlainLoginModule, ScramLoginModule "
	    "and "
	    "Krb5LoginModule");
}

static const char *
upper(struct translate *t, const struct config_entry *e)
{
	char *s = arena_strdup(t->mem, translate_trimmed(t, e));

	for (char *p = s; *p != '\0'; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	return s;
}

static bool
is_sasl(struct translate *t)
{
	const struct config_entry *e = config_find(t->props, "security.protocol");

	return e != NULL && strncmp(upper(t, e), "SASL", strlen("SASL")) == 0;
}

static const struct config_entry *
mechanism_entry(const struct config *props)
{
	const struct config_entry *e = config_find(props, "sasl.mechanism");

	return e != NULL ? e : config_find(props, "sasl.mechanisms");
}

/* Without a login module librdkafka neither connects nor says why. */
static void
check_without_module(
    struct translate *t, const struct config_entry *e, const char *mechanism)
{
	if (strcmp(mechanism, "GSSAPI") == 0)
		return;
	if (strcmp(mechanism, "OAUTHBEARER") == 0)
		translate_error(t, e,
		    "OAUTHBEARER is not supported yet; use PLAIN or SCRAM over TLS");
	else if (config_get(t->props, "sasl.username") == NULL ||
		 config_get(t->props, "sasl.password") == NULL)
		translate_error(
		    t, e, "sasl.jaas.config with username and password is missing");
}

void
sasl_translate(struct translate *t)
{
	const struct config_entry *e = mechanism_entry(t->props);
	struct login l = { .e = config_find(t->props, "sasl.jaas.config") };
	struct err err;

	if (!is_sasl(t)) {
		if (l.e != NULL)
			translate_warn(t, l.e,
			    "has no effect without security.protocol=SASL_SSL or "
			    "SASL_PLAINTEXT");
		return;
	}
	l.mechanism = e != NULL ? upper(t, e) : "GSSAPI";
	translate_set(t, e, "sasl.mechanism", l.mechanism);
	if (strcmp(l.mechanism, "GSSAPI") == 0) /* never kinit, never a shell */
		translate_set(t, e, "sasl.kerberos.min.time.before.relogin", "0");
	if (l.e == NULL)
		check_without_module(t, e, l.mechanism);
	else if (jaas_parse(l.e->value, t->mem, &l.jaas, &err) < 0)
		translate_error(t, l.e, "%s", err.msg);
	else
		apply_module(t, &l, e != NULL);
}
