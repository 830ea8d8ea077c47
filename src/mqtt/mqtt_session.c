/* Subscriptions of a persistent session as text; see mqtt_session.h. */
#include "mqtt/mqtt_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/topic.h"

static const char first_line[] = "headrace session 1";

void
mqtt_session_init(struct mqtt_session *ses, const char *host, const char *client)
{
	*ses = (struct mqtt_session) {
		.host = mem_strdup(host),
		.client = mem_strdup(client),
		.filters = map_new(),
	};
}

void
mqtt_session_fini(struct mqtt_session *ses)
{
	struct str filter;
	void *value;

	for (size_t i = 0;
	     ses->filters != NULL && map_each(ses->filters, &i, &filter, &value);)
		free(value);
	map_free(ses->filters);
	free(ses->host);
	free(ses->client);
	*ses = (struct mqtt_session) { 0 };
}

void
mqtt_session_add(
    struct mqtt_session *ses, struct str filter, uint8_t qos, int64_t granted_s)
{
	struct mqtt_session_filter *f = mem_alloc(sizeof(*f));

	*f = (struct mqtt_session_filter) { .granted_s = granted_s, .qos = qos };
	free(map_put(ses->filters, filter, f));
}

const struct mqtt_session_filter *
mqtt_session_find(const struct mqtt_session *ses, struct str filter)
{
	return ses->filters != NULL ? map_get(ses->filters, filter) : NULL;
}

/* ---- text ---- */

static bool
is_written_plain(char c)
{
	return (unsigned char)c >= ' ' && c != 0x7f && c != '%';
}

static void
put_text(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (is_written_plain(text.p[i]))
			buf_add_byte(out, (uint8_t)text.p[i]);
		else
			buf_printf(out, "%%%02X", (unsigned char)text.p[i]);
	}
	buf_add_byte(out, '\n');
}

void
mqtt_session_format(const struct mqtt_session *ses, struct buf *out)
{
	struct str filter;
	void *value;

	buf_printf(out, "%s\nhost ", first_line);
	put_text(out, str_of(ses->host));
	buf_add_c(out, "client ");
	put_text(out, str_of(ses->client));
	for (size_t i = 0; map_each(ses->filters, &i, &filter, &value);) {
		const struct mqtt_session_filter *f = value;
		buf_printf(out, "filter %lld %u ", (long long)f->granted_s, f->qos);
		put_text(out, filter);
	}
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The text as it was before put_text, or NULL. */
static char *
get_text(struct str s)
{
	char *text = mem_alloc(s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		int value = (unsigned char)s.p[i];
		if (!is_written_plain(s.p[i])) {
			int high = i + 2 < s.n ? hex_digit(s.p[i + 1]) : -1;
			int low = i + 2 < s.n ? hex_digit(s.p[i + 2]) : -1;
			value = s.p[i] == '%' && high >= 0 && low >= 0 ? high * 16 + low
			                                               : 0;
			i += 2;
		}
		if (value == 0) {
			free(text);
			return NULL;
		}
		text[n++] = (char)value;
	}
	text[n] = '\0';
	return text;
}

static bool
parse_filter(struct mqtt_session *ses, struct str rest)
{
	struct str granted, qos;
	struct err ignored;
	int64_t granted_s, qos_value;

	if (!str_next(&rest, ' ', &granted) || !str_next(&rest, ' ', &qos) ||
	    !str_to_i64(granted, 0, INT64_MAX, &granted_s) ||
	    !str_to_i64(qos, 0, 2, &qos_value))
		return false;
	char *filter = get_text(rest);
	if (filter == NULL)
		return false;
	bool good = topic_filter_check(str_of(filter), &ignored) == 0;
	if (good)
		mqtt_session_add(ses, str_of(filter), (uint8_t)qos_value, granted_s);
	free(filter);
	return good;
}

static bool
parse_named(char **text, struct str rest)
{
	if (*text != NULL)
		return false;
	*text = get_text(rest);
	return *text != NULL;
}

static bool
parse_line(struct mqtt_session *ses, struct str line)
{
	struct str word;

	if (!str_next(&line, ' ', &word))
		return false;
	if (str_eq_c(word, "host"))
		return parse_named(&ses->host, line);
	if (str_eq_c(word, "client"))
		return parse_named(&ses->client, line);
	return str_eq_c(word, "filter") && parse_filter(ses, line);
}

int
mqtt_session_parse(struct mqtt_session *ses, struct str text, struct err *err)
{
	struct str line;
	int number = 1;

	*ses = (struct mqtt_session) { 0 };
	if (!str_next(&text, '\n', &line) || !str_eq_c(line, first_line))
		return err_set(err, ERR_RECORD, "line 1 is not \"%s\"", first_line);
	ses->filters = map_new();
	while (str_next(&text, '\n', &line)) {
		number++;
		if (!parse_line(ses, line)) {
			mqtt_session_fini(ses);
			return err_set(err, ERR_RECORD, "line %d is broken", number);
		}
	}
	if (ses->host != NULL && ses->client != NULL)
		return 0;
	mqtt_session_fini(ses);
	return err_set(err, ERR_RECORD, "host or client is missing");
}
