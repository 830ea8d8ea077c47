/*
 * The state of the direct engine: made from checked options, and freed.
 */
#include "mqtt/direct.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/topic.h"
#include "base/trie.h"

enum {
	TEXT_MAX = 65535, /* of a text in a packet */
	HOSTS_MAX = 256,
	FILTERS_MAX = 65535,
	WINDOW_MESSAGES_MAX = 1 << 24,
	PACKET_MAX = 256 * 1024 * 1024,
};

static int
check_text(const char *what, const char *text, struct err *err)
{
	if (text == NULL)
		return 0;
	if (strlen(text) > TEXT_MAX)
		return err_set(
		    err, ERR_CONFIG, "the MQTT %s is longer than 65,535 bytes", what);
	if (!str_is_utf8(str_of(text)))
		return err_set(err, ERR_CONFIG, "the MQTT %s is not UTF-8", what);
	return 0;
}

static int
check_login(const struct source_options *opt, struct err *err)
{
	if (opt->client_id == NULL || opt->client_id[0] == '\0')
		return err_set(err, ERR_CONFIG, "the MQTT client id is empty");
	if (check_text("client id", opt->client_id, err) < 0 ||
	    check_text("user name", opt->user, err) < 0)
		return -1;
	if (opt->password != NULL && strlen(opt->password) > TEXT_MAX)
		return err_set(
		    err, ERR_CONFIG, "the MQTT password is longer than 65,535 bytes");
	if (opt->password != NULL && opt->user == NULL)
		return err_set(
		    err, ERR_CONFIG, "MQTT 3.1.1 takes no password without a user name");
	return 0;
}

static int
check_numbers(const struct source_options *opt, struct err *err)
{
	const struct {
		const char *what;
		int64_t value, min, max;
	} rows[] = {
		{ "number of MQTT hosts", (int64_t)opt->n_hosts, 1, HOSTS_MAX },
		{ "number of MQTT filters", (int64_t)opt->n_filters, 1, FILTERS_MAX },
		{ "QoS", opt->qos, 0, 2 },
		{ "keep-alive in seconds", opt->keep_alive_s, 0, 65535 },
		{ "connect timeout in ms", opt->connect_timeout_ms, 1, INT32_MAX },
		{ "back-off in ms", opt->back_off_ms, 1, opt->back_off_max_ms },
		{ "linger in ms", opt->linger_ms, 0, 60000 },
		{ "window in messages", (int64_t)opt->window_messages, 1,
		    WINDOW_MESSAGES_MAX },
		{ "window in bytes", (int64_t)opt->window_bytes, 1, INT64_MAX },
		{ "largest packet in bytes", (int64_t)opt->max_packet_bytes, 1,
		    PACKET_MAX },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].value < rows[i].min || rows[i].value > rows[i].max)
			return err_set(err, ERR_CONFIG,
			    "the %s is %lld; possible is %lld to %lld", rows[i].what,
			    (long long)rows[i].value, (long long)rows[i].min,
			    (long long)rows[i].max);
	}
	return 0;
}

static int
check_filters(const struct source_options *opt, struct err *err)
{
	for (size_t i = 0; i < opt->n_filters; i++) {
		if (topic_filter_check(str_of(opt->filters[i]), err) < 0)
			return -1;
	}
	return 0;
}

static int
parse_hosts(struct source *s, const struct source_options *opt, struct err *err)
{
	s->hosts = mem_zalloc(opt->n_hosts * sizeof(*s->hosts));
	for (size_t i = 0; i < opt->n_hosts; i++) {
		if (host_parse(&s->hosts[i], opt->hosts[i], err) < 0)
			return -1;
		s->opt.n_hosts = i + 1;
	}
	return 0;
}

static char *
copy(const char *text)
{
	return text != NULL ? mem_strdup(text) : NULL;
}

/* Does a subscription to `wide` bring all that one to `narrow` would, and alike? */
static bool
covers(struct str wide, struct str narrow)
{
	return str_eq(topic_filter_group(wide), topic_filter_group(narrow)) &&
	       topic_filter_covers(topic_filter_inner(wide), topic_filter_inner(narrow));
}

/*
 * Without filters that others cover: a broker would send their messages twice, or with
 * the QoS of either (specification, finding 7).  Of equal ones the first stays.
 */
static bool
is_covered(struct trie *trie, const struct source_options *opt, size_t i)
{
	struct str filter = str_of(opt->filters[i]);
	/* What covers a filter also matches it as if it were a topic. */
	struct trie_match match = trie_find(trie, topic_filter_inner(filter));

	for (size_t k = 0; k < match.n; k++) {
		size_t other = match.numbers[k];
		struct str wide = str_of(opt->filters[other]);
		if (other != i && covers(wide, filter) &&
		    (other < i || !covers(filter, wide)))
			return true;
	}
	return false;
}

static void
choose_filters(struct source *s, const struct source_options *opt)
{
	struct trie *trie = trie_new();

	for (size_t i = 0; i < opt->n_filters; i++)
		trie_add(trie, topic_filter_inner(str_of(opt->filters[i])), (uint32_t)i);
	s->filters = mem_alloc(opt->n_filters * sizeof(*s->filters));
	for (size_t i = 0; i < opt->n_filters; i++) {
		if (!is_covered(trie, opt, i))
			s->filters[s->n_filters++] = str_of(copy(opt->filters[i]));
	}
	trie_free(trie);
}

static void
copy_options(struct source *s, const struct source_options *opt)
{
	size_t n_hosts = s->opt.n_hosts;

	s->opt = *opt;
	s->opt.n_hosts = n_hosts;
	s->opt.hosts = NULL; /* s->hosts and s->filters instead */
	s->opt.filters = NULL;
	s->opt.client_id = copy(opt->client_id);
	s->opt.user = copy(opt->user);
	s->opt.password = copy(opt->password);
	s->opt.state_dir = copy(opt->state_dir);
}

void
direct_free(struct source *s)
{
	for (size_t i = 0; i < s->opt.n_hosts; i++)
		host_fini(&s->hosts[i]);
	for (size_t i = 0; i < s->n_filters; i++)
		free((char *)s->filters[i].p);
	free(s->hosts);
	free(s->filters);
	free((char *)s->opt.client_id);
	free((char *)s->opt.user);
	free((char *)s->opt.password);
	free((char *)s->opt.state_dir);
	window_free(s->window);
	dial_free(s->dial);
	buf_fini(&s->out);
	free(s->requests);
	mqtt_session_fini(&s->session);
	free(s->block);
	free(s->batch);
	free(s);
}

struct source *
direct_new(struct loop *loop, const struct log_ctx *log, const struct source_options *opt,
    const struct source_events *ev, struct err *err)
{
	struct source *s;

	if (check_numbers(opt, err) < 0 || check_login(opt, err) < 0 ||
	    check_filters(opt, err) < 0)
		return NULL;
	s = mem_zalloc(sizeof(*s));
	if (parse_hosts(s, opt, err) < 0) {
		direct_free(s);
		return NULL;
	}
	copy_options(s, opt);
	choose_filters(s, opt);
	s->loop = loop;
	s->log = log;
	s->ev = *ev;
	s->window = window_new(opt->window_messages, opt->window_bytes);
	return s;
}

void
direct_enter(struct source *s)
{
	s->depth++;
}

void
direct_leave(struct source *s)
{
	if (--s->depth == 0 && s->closing)
		direct_free(s);
}
