/*
 * Internal topics, by calls that wait: for a helper thread or a command, never for a
 * loop.  Each call has a handle of its own, so that nothing is shared with a task.
 */
#include "kafka/topic_reader.h"

#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "kafka/codes.h"
#include "kafka/props.h"

#define STEP_MS 100    /* between two looks at *cancel */
#define ASK_MIN_MS 100 /* of a call that cannot be interrupted */
#define ASK_MAX_MS 900
#define ADMIN_TIMEOUT_MS 10000
#define LATE_US (10 * 1000 * 1000) /* KRaft publishes a new topic so late */
#define OPEN_TRANSACTION_US (10 * 1000 * 1000)

struct session {
	rd_kafka_t *rk;
	const atomic_bool *cancel;
	int64_t until_us; /* 0: no limit */
	const char *bootstrap;
	int code; /* of the last failed attempt to reach a broker */
	char text[200];
};

static void
on_error(rd_kafka_t *rk, int code, const char *text, void *opaque)
{
	struct session *s = opaque;

	(void)rk;
	if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
		return;
	s->code = code;
	snprintf(s->text, sizeof(s->text), "%s", text);
}

static void
on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
	(void)rk;
	log_debug(NULL, "librdkafka: %s; facility=%s level=%d", text, facility, level);
}

static int
session_open(struct session *s, const struct config *props, enum props_client client,
    const atomic_bool *cancel, int64_t timeout_ms, struct err *err)
{
	char why[256];
	struct props_conf made;

	memset(s, 0, sizeof(*s));
	if (props_conf_make(props, client, NULL, NULL, &made, err) < 0)
		return -1;
	rd_kafka_conf_t *conf = rd_kafka_conf_dup(made.conf);
	rd_kafka_conf_set(conf, "log.queue", "false", NULL, 0);
	rd_kafka_conf_set(conf, "statistics.interval.ms", "0", NULL, 0);
	rd_kafka_conf_set_opaque(conf, s);
	rd_kafka_conf_set_error_cb(conf, on_error);
	rd_kafka_conf_set_log_cb(conf, on_log);
	s->rk = rd_kafka_new(
	    client == PROPS_READER ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, conf, why,
	    sizeof(why));
	if (s->rk == NULL) {
		rd_kafka_conf_destroy(conf);
		props_conf_fini(&made);
		return props_conf_explain(err, why);
	}
	props_conf_fini(&made);
	s->cancel = cancel;
	s->until_us = timeout_ms > 0 ? clock_mono_us() + timeout_ms * 1000 : 0;
	s->bootstrap = config_get(props, "bootstrap.servers");
	return 0;
}

static void
session_close(struct session *s)
{
	rd_kafka_destroy_flags(s->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

/* -1 with ERR_RETRY when the caller gave up or the time is over. */
static int
session_go_on(struct session *s, struct err *err)
{
	if (s->cancel != NULL && atomic_load(s->cancel))
		return err_set(err, ERR_RETRY, "given up");
	if (s->until_us == 0 || clock_mono_us() < s->until_us)
		return 0;
	if (s->code == 0)
		return err_set(err, ERR_RETRY, "no answer from Kafka at %s in time",
		    s->bootstrap != NULL ? s->bootstrap : "(no bootstrap.servers)");
	return codes_explain_away(err, s->code, s->text);
}

/* ---- admin calls ---- */

/* Waits for the one answer of a call; NULL: err says why. */
static rd_kafka_event_t *
wait_answer(struct session *s, rd_kafka_queue_t *queue, struct err *err)
{
	for (;;) {
		rd_kafka_event_t *event = rd_kafka_queue_poll(queue, STEP_MS);

		if (event != NULL)
			return event;
		rd_kafka_poll(s->rk, 0);
		if (session_go_on(s, err) < 0)
			return NULL;
	}
}

static rd_kafka_AdminOptions_t *
admin_options(struct session *s, rd_kafka_admin_op_t op)
{
	rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(s->rk, op);

	rd_kafka_AdminOptions_set_request_timeout(options, ADMIN_TIMEOUT_MS, NULL, 0);
	return options;
}

static rd_kafka_resp_err_t
create_result(rd_kafka_event_t *event)
{
	rd_kafka_resp_err_t code = rd_kafka_event_error(event);
	size_t n;

	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		return code;
	const rd_kafka_topic_result_t **topics = rd_kafka_CreateTopics_result_topics(
	    rd_kafka_event_CreateTopics_result(event), &n);
	return n > 0 ? rd_kafka_topic_result_error(topics[0])
	             : RD_KAFKA_RESP_ERR__BAD_MSG;
}

/* Kafka's answer in *code; -1: there is none. */
static int
create(struct session *s, const struct internal_topic *t, rd_kafka_resp_err_t *code,
    struct err *err)
{
	char why[128];
	rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(
	    t->name, t->partitions, t->replication_factor, why, sizeof(why));

	if (topic == NULL)
		return err_set(err, ERR_CONFIG, "topic %s: %s", t->name, why);
	rd_kafka_NewTopic_set_config(topic, "cleanup.policy", "compact");

	rd_kafka_queue_t *queue = rd_kafka_queue_new(s->rk);
	rd_kafka_AdminOptions_t *options = admin_options(
	    s, RD_KAFKA_ADMIN_OP_CREATETOPICS);
	rd_kafka_CreateTopics(s->rk, &topic, 1, options, queue);
	rd_kafka_event_t *event = wait_answer(s, queue, err);
	if (event != NULL) {
		*code = create_result(event);
		rd_kafka_event_destroy(event);
	}
	rd_kafka_AdminOptions_destroy(options);
	rd_kafka_NewTopic_destroy(topic);
	rd_kafka_queue_destroy(queue);
	return event != NULL ? 0 : -1;
}

static rd_kafka_resp_err_t
describe_result(rd_kafka_event_t *event, char *policy, size_t size)
{
	rd_kafka_resp_err_t code = rd_kafka_event_error(event);
	size_t n;

	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		return code;
	const rd_kafka_ConfigResource_t *
	    *resources = rd_kafka_DescribeConfigs_result_resources(
		rd_kafka_event_DescribeConfigs_result(event), &n);
	if (n == 0)
		return RD_KAFKA_RESP_ERR__BAD_MSG;
	code = rd_kafka_ConfigResource_error(resources[0]);
	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		return code;
	const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(
	    resources[0], &n);
	for (size_t i = 0; i < n; i++) {
		const char *value = rd_kafka_ConfigEntry_value(entries[i]);

		if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), "cleanup.policy") == 0)
			snprintf(policy, size, "%s", value != NULL ? value : "");
	}
	return RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* As create; policy gets the topic's cleanup.policy. */
static int
describe(struct session *s, const char *name, char *policy, size_t size,
    rd_kafka_resp_err_t *code, struct err *err)
{
	rd_kafka_ConfigResource_t *resource = rd_kafka_ConfigResource_new(
	    RD_KAFKA_RESOURCE_TOPIC, name);
	rd_kafka_queue_t *queue = rd_kafka_queue_new(s->rk);
	rd_kafka_AdminOptions_t *options = admin_options(
	    s, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);

	policy[0] = '\0';
	rd_kafka_DescribeConfigs(s->rk, &resource, 1, options, queue);
	rd_kafka_event_t *event = wait_answer(s, queue, err);
	if (event != NULL) {
		*code = describe_result(event, policy, size);
		rd_kafka_event_destroy(event);
	}
	rd_kafka_AdminOptions_destroy(options);
	rd_kafka_ConfigResource_destroy(resource);
	rd_kafka_queue_destroy(queue);
	return event != NULL ? 0 : -1;
}

/* ---- make and check ---- */

/* TopicAdmin.verifyTopicCleanupPolicyOnlyCompact; the end may not fit into err. */
static int
check_policy(const struct internal_topic *t, const char *policy, struct err *err)
{
	if (policy[0] == '\0' || strcmp(policy, "compact") == 0)
		return 0;

	static const char text[] =
	    "Topic '%s' supplied via the '%s' property is required to have "
	    "'cleanup.policy=compact' to guarantee consistency and durability of %s, but "
	    "found the topic currently has 'cleanup.policy=%s'. Continuing would likely "
	    "result in eventually losing %s and problems restarting this Connect cluster "
	    "in "
	    "the future. Change the '%s' property in the Connect worker configurations "
	    "to "
	    "use a topic with 'cleanup.policy=compact'.";
	log_error(
	    NULL, text, t->name, t->setting, t->purpose, policy, t->purpose, t->setting);
	return err_set(err, ERR_CONFIG, text, t->name, t->setting, t->purpose, policy,
	    t->purpose, t->setting);
}

static bool
is_denied(rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
	       code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
}

/* Waits a little and says whether to try again. */
static int
later(struct session *s, rd_kafka_resp_err_t code, struct err *err)
{
	if (codes_class(code) != CODES_AWAY)
		return codes_explain(err, code, NULL, NULL);
	rd_kafka_poll(s->rk, STEP_MS);
	return session_go_on(s, err);
}

/* 1: made or there, 0: try again, -1. */
static int
make(struct session *s, const struct internal_topic *t, struct err *err)
{
	rd_kafka_resp_err_t code;

	if (create(s, t, &code, err) < 0)
		return -1;
	if (code == RD_KAFKA_RESP_ERR_NO_ERROR ||
	    code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
		return 1;
	if (is_denied(code))
		return err_set(err, ERR_CONFIG,
		    "topic '%s' (%s) does not exist and this client may not create it; "
		    "create "
		    "it with cleanup.policy=compact and %d partitions, or grant the ACL "
		    "CREATE",
		    t->name, t->setting, (int)t->partitions);
	if (codes_class(code) != CODES_AWAY)
		return err_set(err, ERR_CONFIG,
		    "topic '%s' (%s) cannot be created: %s (%s)", t->name, t->setting,
		    rd_kafka_err2str(code), rd_kafka_err2name(code));
	return later(s, code, err);
}

/* The rights to describe are missing: all that can be done is to try to make it. */
static int
unchecked(struct session *s, const struct internal_topic *t, rd_kafka_resp_err_t why,
    struct err *err)
{
	log_warn(NULL,
	    "the cleanup.policy of topic '%s' cannot be checked; make sure that it is "
	    "'compact'; reason=\"%s\"",
	    t->name, rd_kafka_err2str(why));
	rd_kafka_resp_err_t code;
	do {
		if (create(s, t, &code, err) < 0)
			return -1;
		if (codes_class(code) != CODES_AWAY)
			return 0; /* also when denied: reading it will tell */
	} while (later(s, code, err) == 0);
	return -1;
}

/* 1: the embedded Kafka (mock.h), which has no admin calls and compacts nothing; -1. */
static int
is_embedded(struct session *s, struct err *err)
{
	char *id;

	while ((id = rd_kafka_clusterid(s->rk, STEP_MS)) == NULL) {
		rd_kafka_poll(s->rk, 0);
		if (session_go_on(s, err) < 0)
			return -1;
	}
	int embedded = strncmp(id, "mockCluster", strlen("mockCluster")) == 0;
	rd_kafka_mem_free(s->rk, id);
	return embedded;
}

static int
ensure(struct session *s, const struct internal_topic *t, struct err *err)
{
	int64_t late_until_us = 0; /* set once the topic is made */

	for (;;) {
		char policy[64];
		rd_kafka_resp_err_t code;

		if (describe(s, t->name, policy, sizeof(policy), &code, err) < 0)
			return -1;
		if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
			return check_policy(t, policy, err);
		if (is_denied(code))
			return unchecked(s, t, code, err);
		if (code != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
			if (later(s, code, err) < 0)
				return -1;
			continue;
		}
		if (late_until_us != 0) {
			if (clock_mono_us() > late_until_us)
				return err_set(err, ERR_RETRY,
				    "topic '%s' was made but Kafka does not know it yet",
				    t->name);
			rd_kafka_poll(s->rk, STEP_MS);
			if (session_go_on(s, err) < 0)
				return -1;
			continue;
		}
		int made = make(s, t, err);
		if (made < 0)
			return -1;
		if (made > 0)
			late_until_us = clock_mono_us() + LATE_US;
	}
}

int
topic_reader_ensure(const struct config *props, const struct internal_topic *t,
    const atomic_bool *cancel, int64_t timeout_ms, struct err *err)
{
	struct session s;

	if (session_open(&s, props, PROPS_ADMIN, cancel, timeout_ms, err) < 0)
		return -1;
	int r = is_embedded(&s, err);
	if (r == 0)
		r = ensure(&s, t, err);
	session_close(&s);
	return r < 0 ? -1 : 0;
}

/* ---- metadata ---- */

/* Asks until there is an answer.  rkt NULL: all topics, which creates none. */
static int
metadata(struct session *s, rd_kafka_topic_t *rkt, const struct rd_kafka_metadata **md,
    struct err *err)
{
	for (int wait_ms = ASK_MIN_MS;;
	     wait_ms = wait_ms * 2 > ASK_MAX_MS ? ASK_MAX_MS : wait_ms * 2) {
		rd_kafka_resp_err_t code = rd_kafka_metadata(
		    s->rk, rkt == NULL, rkt, md, wait_ms);

		if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
			return 0;
		rd_kafka_poll(s->rk, 0);
		if (codes_class(code) != CODES_AWAY)
			return codes_explain(err, code, NULL, NULL);
		if (session_go_on(s, err) < 0)
			return -1;
	}
}

static int
not_readable(const char *topic, struct err *err)
{
	return err_set(err, ERR_CONFIG,
	    "topic %s: the user of this client needs the ACLs DESCRIBE and READ on it",
	    topic);
}

/* How many partitions; a topic just made may be unknown for a while. */
static int
partitions_of(struct session *s, const char *topic, int *n, struct err *err)
{
	rd_kafka_topic_t *rkt = rd_kafka_topic_new(s->rk, topic, NULL);
	int64_t late_until_us = clock_mono_us() + LATE_US;
	int r = -1;

	if (rkt == NULL)
		return codes_explain(err, rd_kafka_last_error(), topic, NULL);
	for (;;) {
		const struct rd_kafka_metadata *md;

		if (metadata(s, rkt, &md, err) < 0)
			break;
		rd_kafka_resp_err_t code = md->topic_cnt == 1
		                               ? md->topics[0].err
		                               : RD_KAFKA_RESP_ERR__BAD_MSG;
		*n = md->topic_cnt == 1 ? md->topics[0].partition_cnt : 0;
		rd_kafka_metadata_destroy(md);
		if (code == RD_KAFKA_RESP_ERR_NO_ERROR && *n > 0) {
			r = 0;
			break;
		}
		bool late = code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART &&
		            clock_mono_us() < late_until_us;
		if (!late && codes_class(code) != CODES_AWAY) {
			if (is_denied(code))
				not_readable(topic, err);
			else
				codes_explain(err, code, topic, NULL);
			err->kind = ERR_CONFIG;
			break;
		}
		rd_kafka_poll(s->rk, STEP_MS);
		if (session_go_on(s, err) < 0)
			break;
	}
	rd_kafka_topic_destroy(rkt);
	return r;
}

int
topic_reader_probe(const struct config *props, const char *topic, bool *exists,
    int64_t timeout_ms, struct err *err)
{
	struct session s;
	const struct rd_kafka_metadata *md;

	if (session_open(&s, props, PROPS_ADMIN, NULL, timeout_ms, err) < 0)
		return -1;
	if (metadata(&s, NULL, &md, err) < 0) {
		session_close(&s);
		return -1;
	}
	if (exists != NULL)
		*exists = false;
	for (int i = 0; exists != NULL && i < md->topic_cnt; i++)
		if (strcmp(md->topics[i].topic, topic) == 0)
			*exists = true;
	rd_kafka_metadata_destroy(md);
	session_close(&s);
	return 0;
}

/* ---- read ---- */

struct reading {
	struct session s;
	const char *topic;
	int n; /* partitions */
	int n_at_end;
	int64_t *ends; /* by partition: offset of the end, -1 before */
	void (*record)(void *arg, int32_t partition, int64_t offset, struct str key,
	    struct str value);
	void *arg;
};

static void
assign_all(struct reading *r)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(r->n);

	for (int i = 0; i < r->n; i++) {
		rd_kafka_topic_partition_list_add(list, r->topic, i)
		    ->offset = RD_KAFKA_OFFSET_BEGINNING;
		r->ends[i] = -1;
	}
	rd_kafka_assign(r->s.rk, list);
	rd_kafka_topic_partition_list_destroy(list);
}

static int
on_message(struct reading *r, const rd_kafka_message_t *m, struct err *err)
{
	switch (m->err) {
	case RD_KAFKA_RESP_ERR_NO_ERROR:
		r->record(r->arg, m->partition, m->offset,
		    (struct str) { m->key, m->key_len },
		    (struct str) { m->payload, m->len });
		return 0;
	case RD_KAFKA_RESP_ERR__PARTITION_EOF:
		if (r->ends[m->partition] < 0)
			r->n_at_end++;
		r->ends[m->partition] = m->offset;
		return 0;
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
		return not_readable(r->topic, err);
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED: /* no group is used */
	default:
		on_error(r->s.rk, m->err, rd_kafka_message_errstr(m), &r->s);
		return 0;
	}
}

/* A partition whose readable end lies before its end: a transaction is open there. */
static int
find_held_back(const struct reading *r)
{
	for (int i = 0; i < r->n; i++) {
		int64_t low, high;

		if (rd_kafka_get_watermark_offsets(r->s.rk, r->topic, i, &low, &high) ==
			0 &&
		    high > r->ends[i])
			return i;
	}
	return -1;
}

static int
read_to_end(struct reading *r, struct err *err)
{
	int64_t held_until_us = 0;

	for (;;) {
		rd_kafka_message_t *m = rd_kafka_consumer_poll(r->s.rk, STEP_MS);

		if (m != NULL) {
			int bad = on_message(r, m, err);

			rd_kafka_message_destroy(m);
			if (bad < 0)
				return -1;
		}
		if (r->n_at_end == r->n) {
			int held = find_held_back(r);

			if (held < 0)
				return 0;
			if (held_until_us == 0)
				held_until_us = clock_mono_us() + OPEN_TRANSACTION_US;
			if (clock_mono_us() > held_until_us) {
				log_warn(NULL,
				    "records at the end of topic %s are not read: a "
				    "transaction of another program is open there; "
				    "partition=%d",
				    r->topic, held);
				return 0;
			}
		}
		if (session_go_on(&r->s, err) < 0)
			return -1;
	}
}

int
topic_reader_read(const struct config *props, const char *topic,
    void (*record)(
	void *arg, int32_t partition, int64_t offset, struct str key, struct str value),
    void *arg, const atomic_bool *cancel, int64_t timeout_ms, struct err *err)
{
	struct reading r = { .topic = topic, .record = record, .arg = arg };
	int result = -1;

	if (session_open(&r.s, props, PROPS_READER, cancel, timeout_ms, err) < 0)
		return -1;
	rd_kafka_poll_set_consumer(r.s.rk);
	if (partitions_of(&r.s, topic, &r.n, err) == 0) {
		r.ends = mem_alloc((size_t)r.n * sizeof(*r.ends));
		assign_all(&r);
		result = read_to_end(&r, err);
	}
	free(r.ends);
	session_close(&r.s);
	return result;
}
