/* The places where brokers are, as users write them. */
#include "mqtt/host.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/mem.h"
#include "base/str.h"

static int
bad(const char *uri, struct err *err, const char *why)
{
	return err_set(err, ERR_CONFIG, "MQTT host \"%s\": %s", uri, why);
}

static int
parse_unix(struct host *h, const char *uri, const char *path, struct err *err)
{
	if (path[0] != '/' && path[0] != '@')
		return bad(uri, err, "a unix socket is unix:///path or unix://@name");
	if (path[1] == '\0' ||
	    strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return bad(uri, err, "the path of a socket has 2 to 107 bytes");
	h->is_unix = true;
	h->uri = mem_strdup(uri);
	h->name = mem_strdup(path);
	h->address = mem_strdup(path);
	return 0;
}

static int
parse_port(struct host *h, struct str port)
{
	int64_t number;

	if (!str_to_i64(port, 1, 65535, &number))
		return -1;
	snprintf(h->port, sizeof(h->port), "%u", (unsigned)number);
	return 0;
}

/* "host", "host:port", "[v6]", "[v6]:port" */
static int
parse_tcp(struct host *h, const char *uri, struct str rest, struct err *err)
{
	struct str name = rest, port = STR("1883");
	const char *colon = memchr(rest.p, ':', rest.n);

	if (rest.n > 0 && rest.p[0] == '[') {
		const char *close = memchr(rest.p, ']', rest.n);
		if (close == NULL)
			return bad(uri, err, "']' is missing");
		name = (struct str) { rest.p + 1, (size_t)(close - rest.p) - 1 };
		colon = close + 1 < rest.p + rest.n ? close + 1 : NULL;
	} else if (colon != NULL) {
		name.n = (size_t)(colon - rest.p);
	}
	if (colon != NULL)
		port = (struct str) { colon + 1, (size_t)(rest.p + rest.n - colon) - 1 };
	if (name.n == 0)
		return bad(uri, err, "the host name is missing");
	if ((colon != NULL && *colon != ':') || parse_port(h, port) < 0)
		return bad(uri, err, "the port is a number from 1 to 65535");
	h->uri = mem_strndup(uri, (size_t)(rest.p + rest.n - uri));
	h->address = mem_strndup(name.p, name.n);
	h->name = mem_alloc(name.n + sizeof(h->port) + sizeof("[]:"));
	sprintf(h->name, memchr(name.p, ':', name.n) != NULL ? "[%s]:%s" : "%s:%s",
	    h->address, h->port);
	return 0;
}

int
host_parse(struct host *h, const char *uri, struct err *err)
{
	struct str rest = str_of(uri);
	const char *mark = strstr(uri, "://");

	*h = (struct host) { 0 };
	if (mark == NULL)
		return bad(uri, err, "write tcp://host:port or unix:///path");
	struct str scheme = { uri, (size_t)(mark - uri) };
	rest.p = mark + 3;
	rest.n -= scheme.n + 3;
	if (str_eq_c(scheme, "unix"))
		return parse_unix(h, uri, rest.p, err);
	if (rest.n > 0 && rest.p[rest.n - 1] == '/')
		rest.n--;
	if (str_ieq_c(scheme, "tcp") || str_ieq_c(scheme, "mqtt"))
		return parse_tcp(h, uri, rest, err);
	if (str_ieq_c(scheme, "ssl") || str_ieq_c(scheme, "mqtts"))
		return bad(uri, err, "TLS is not built in yet; use tcp:// or unix://");
	if (str_ieq_c(scheme, "ws") || str_ieq_c(scheme, "wss"))
		return bad(
		    uri, err, "WebSocket is not built in yet; use tcp:// or unix://");
	return bad(uri, err, "unknown scheme; known are tcp and unix");
}

void
host_fini(struct host *h)
{
	free(h->uri);
	free(h->name);
	free(h->address);
	*h = (struct host) { 0 };
}
