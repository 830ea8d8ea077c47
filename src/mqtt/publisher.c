/*
 * Publishing by paho.mqtt.c (specification, section 14).  A message is kept until the
 * broker has confirmed it: with a clean session paho fails what was under way when
 * the connection ends, which here means "send again".
 *
 * paho calls back from its own threads: those only move messages between the lists,
 * under the lock, and wake who waits.
 */
#include "mqtt/publisher.h"

#include <MQTTAsync.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "mqtt/codec.h"

#define SECOND_US ((int64_t)1000 * 1000)

enum { KEEP_ALIVE_S = 60, RECONNECT_MAX_S = 60, DISCONNECT_MS = 1000 };

struct outgoing {
	struct publisher *publisher;
	struct outgoing *next, **place; /* in one of the two lists */
	char *topic;
	void *payload;
	int n;
	int qos;
	bool retain;
};

struct publisher {
	MQTTAsync client;
	char *uri, *user, *password;
	int max_inflight;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Under the lock: */
	struct outgoing *under_way; /* paho has them */
	struct outgoing *to_resend; /* paho has given them back */
	int n_under_way;
	uint64_t sent, confirmed;
	bool connected;
	bool may_connect; /* no attempt is under way, and paho makes none by itself */
	int64_t attempt_us;
	int last_code; /* why the last attempt failed */
};

/* ---- lists, under the lock ---- */

static void
list_add(struct outgoing **list, struct outgoing *o)
{
	o->next = *list;
	o->place = list;
	if (o->next != NULL)
		o->next->place = &o->next;
	*list = o;
}

static void
list_remove(struct outgoing *o)
{
	*o->place = o->next;
	if (o->next != NULL)
		o->next->place = o->place;
}

static void
outgoing_free(struct outgoing *o)
{
	free(o->topic);
	free(o->payload);
	free(o);
}

static void
free_list(struct outgoing **list)
{
	while (*list != NULL) {
		struct outgoing *o = *list;
		list_remove(o);
		outgoing_free(o);
	}
}

/* ---- what paho calls, in its threads ---- */

static void
on_confirmed(void *context, MQTTAsync_successData *data)
{
	struct outgoing *o = context;
	struct publisher *p = o->publisher;

	(void)data;
	pthread_mutex_lock(&p->lock);
	list_remove(o);
	p->n_under_way--;
	p->confirmed++;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
	outgoing_free(o);
}

static void
on_returned(void *context, MQTTAsync_failureData *data)
{
	struct outgoing *o = context;
	struct publisher *p = o->publisher;

	(void)data;
	pthread_mutex_lock(&p->lock);
	list_remove(o);
	list_add(&p->to_resend, o);
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

static void
set_connected(struct publisher *p, bool connected)
{
	pthread_mutex_lock(&p->lock);
	p->connected = connected;
	if (connected)
		p->last_code = 0;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

static void
on_disconnected(void *context, MQTTAsync_successData *data)
{
	(void)data;
	set_connected(context, false);
}

static void
on_connected(void *context, char *cause)
{
	(void)cause;
	set_connected(context, true);
}

static void
on_connection_lost(void *context, char *cause)
{
	(void)cause;
	set_connected(context, false);
}

/* paho reconnects by itself only after a first success. */
static void
on_connect_failed(void *context, MQTTAsync_failureData *data)
{
	struct publisher *p = context;

	pthread_mutex_lock(&p->lock);
	p->may_connect = true;
	p->last_code = data != NULL ? data->code : 0;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

/* Without this function paho would not take the other callbacks. */
static int
on_message(void *context, char *topic, int n, MQTTAsync_message *m)
{
	(void)context;
	(void)n;
	MQTTAsync_freeMessage(&m);
	MQTTAsync_free(topic);
	return 1;
}

/* ---- connecting ---- */

static int
start_connect(struct publisher *p)
{
	MQTTAsync_connectOptions opt = MQTTAsync_connectOptions_initializer;

	opt.keepAliveInterval = KEEP_ALIVE_S;
	opt.cleansession = 1;
	opt.maxInflight = p->max_inflight;
	opt.MQTTVersion = MQTTVERSION_3_1_1;
	opt.automaticReconnect = 1;
	opt.minRetryInterval = 1;
	opt.maxRetryInterval = RECONNECT_MAX_S;
	opt.username = p->user;
	opt.password = p->password;
	opt.onFailure = on_connect_failed;
	opt.context = p;
	p->attempt_us = clock_mono_us();
	p->may_connect = false;
	return MQTTAsync_connect(p->client, &opt);
}

/* Under the lock, which paho's threads do not hold while they connect. */
static void
connect_again(struct publisher *p)
{
	if (p->connected || !p->may_connect ||
	    clock_mono_us() - p->attempt_us < SECOND_US)
		return;
	if (start_connect(p) != MQTTASYNC_SUCCESS)
		p->may_connect = true;
}

/* last_code is read without the lock: a hint. */
/* code: of the CONNACK that refused the last attempt; 0: none is known. */
static int
not_connected(const struct publisher *p, int code, struct err *err)
{
	if (code >= 1 && code <= 5)
		return err_set(err, ERR_RETRY, "%s refuses the publisher: %s (%d)",
		    p->uri, codec_connack_text(CODEC_V311, (uint8_t)code), code);
	return err_set(err, ERR_RETRY, "the publisher is not connected to %s", p->uri);
}

static void
publisher_free(struct publisher *p)
{
	if (p->client != NULL)
		MQTTAsync_destroy(&p->client);
	free_list(&p->under_way);
	free_list(&p->to_resend);
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->lock);
	free(p->uri);
	free(p->user);
	free(p->password);
	free(p);
}

static int
create_client(struct publisher *p, const char *client_id, struct err *err)
{
	MQTTAsync_createOptions opt = MQTTAsync_createOptions_initializer;
	int rc;

	opt.maxBufferedMessages = p->max_inflight + 1;
	opt.sendWhileDisconnected = 0;
	opt.MQTTVersion = MQTTVERSION_3_1_1;
	rc = MQTTAsync_createWithOptions(
	    &p->client, p->uri, client_id, MQTTCLIENT_PERSISTENCE_NONE, NULL, &opt);
	if (rc != MQTTASYNC_SUCCESS)
		return err_set(err, ERR_CONFIG, "cannot publish to \"%s\": %s", p->uri,
		    MQTTAsync_strerror(rc));
	MQTTAsync_setCallbacks(p->client, p, on_connection_lost, on_message, NULL);
	MQTTAsync_setConnected(p->client, p, on_connected);
	return 0;
}

struct publisher *
publisher_open(const struct publisher_options *opt, struct err *err)
{
	struct publisher *p = mem_zalloc(sizeof(*p));
	pthread_condattr_t monotonic;
	int rc;

	p->uri = mem_strdup(opt->uri);
	p->user = opt->user != NULL ? mem_strdup(opt->user) : NULL;
	p->password = opt->password != NULL ? mem_strdup(opt->password) : NULL;
	p->max_inflight = opt->max_inflight > 0 ? opt->max_inflight : 1000;
	pthread_mutex_init(&p->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&p->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (create_client(p, opt->client_id, err) < 0)
		goto failed;
	rc = start_connect(p);
	if (rc == MQTTASYNC_SUCCESS)
		return p;
	err_set(err, ERR_CONFIG, "cannot publish to \"%s\": %s", p->uri,
	    MQTTAsync_strerror(rc));
failed:
	publisher_free(p);
	return NULL;
}

/* ---- sending ---- */

/* Until at_us or a change; under the lock. */
static void
wait_until(struct publisher *p, int64_t at_us)
{
	const struct timespec at = { at_us / SECOND_US, at_us % SECOND_US * 1000 };

	pthread_cond_timedwait(&p->changed, &p->lock, &at);
}

/*
 * Hands a message to paho; it stands in neither list.  paho may call back before this
 * returns, so it is put down as under way first.
 */
static int
hand_over(struct publisher *p, struct outgoing *o)
{
	MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
	int rc;

	response.onSuccess = on_confirmed;
	response.onFailure = on_returned;
	response.context = o;
	pthread_mutex_lock(&p->lock);
	list_add(&p->under_way, o);
	pthread_mutex_unlock(&p->lock);
	rc = MQTTAsync_send(
	    p->client, o->topic, o->n, o->payload, o->qos, o->retain, &response);
	if (rc != MQTTASYNC_SUCCESS) {
		pthread_mutex_lock(&p->lock);
		list_remove(o);
		pthread_mutex_unlock(&p->lock);
	}
	return rc;
}

/* Gives paho again what it gave back; under the lock, which is let go meanwhile. */
static void
resend(struct publisher *p)
{
	while (p->connected && p->to_resend != NULL) {
		struct outgoing *o = p->to_resend;
		list_remove(o);
		pthread_mutex_unlock(&p->lock);
		int rc = hand_over(p, o);
		pthread_mutex_lock(&p->lock);
		if (rc != MQTTASYNC_SUCCESS) {
			list_add(&p->to_resend, o);
			return;
		}
	}
}

/* Waits for a place among max_inflight; under the lock. */
static int
take_place(struct publisher *p, struct err *err)
{
	for (;;) {
		connect_again(p);
		if (!p->connected)
			return not_connected(p, p->last_code, err);
		resend(p);
		if (p->n_under_way < p->max_inflight) {
			p->n_under_way++;
			p->sent++;
			return 0;
		}
		wait_until(p, clock_mono_us() + SECOND_US);
	}
}

static void
give_place_back(struct publisher *p)
{
	pthread_mutex_lock(&p->lock);
	p->n_under_way--;
	p->sent--;
	pthread_mutex_unlock(&p->lock);
}

static struct outgoing *
outgoing_new(struct publisher *p, const char *topic, const void *payload, size_t n,
    int qos, bool retain)
{
	struct outgoing *o = mem_zalloc(sizeof(*o));

	o->publisher = p;
	o->topic = mem_strdup(topic);
	o->payload = mem_alloc(n);
	if (n > 0)
		memcpy(o->payload, payload, n);
	o->n = (int)n;
	o->qos = qos;
	o->retain = retain;
	return o;
}

int
publisher_send(struct publisher *p, const char *topic, const void *payload, size_t n,
    int qos, bool retain, struct err *err)
{
	struct outgoing *o;
	int rc;

	if (n > INT32_MAX / 2)
		return err_set(err, ERR_RECORD, "a payload of %zu bytes is too large", n);
	pthread_mutex_lock(&p->lock);
	rc = take_place(p, err);
	pthread_mutex_unlock(&p->lock);
	if (rc < 0)
		return -1;
	o = outgoing_new(p, topic, payload, n, qos, retain);
	rc = hand_over(p, o);
	if (rc == MQTTASYNC_SUCCESS)
		return 0;
	give_place_back(p);
	outgoing_free(o);
	/* Connected when take_place looked, and no longer now. */
	if (rc == MQTTASYNC_DISCONNECTED || rc == MQTTASYNC_MAX_BUFFERED_MESSAGES)
		return not_connected(p, 0, err);
	return err_set(err, ERR_RECORD, "cannot publish to topic \"%s\": %s", topic,
	    MQTTAsync_strerror(rc));
}

static uint64_t
count(const struct publisher *p, const uint64_t *counter)
{
	pthread_mutex_t *lock = (pthread_mutex_t *)&p->lock;
	uint64_t n;

	pthread_mutex_lock(lock);
	n = *counter;
	pthread_mutex_unlock(lock);
	return n;
}

uint64_t
publisher_sent(const struct publisher *p)
{
	return count(p, &p->sent);
}

uint64_t
publisher_confirmed(const struct publisher *p)
{
	return count(p, &p->confirmed);
}

int
publisher_drain(struct publisher *p, int timeout_ms, struct err *err)
{
	int64_t end_us = clock_mono_us() + timeout_ms * (int64_t)1000;
	int left;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		connect_again(p);
		resend(p);
		left = p->n_under_way;
		int64_t now_us = clock_mono_us();
		if (left == 0 || now_us >= end_us)
			break;
		wait_until(p, end_us < now_us + SECOND_US ? end_us : now_us + SECOND_US);
	}
	pthread_mutex_unlock(&p->lock);
	if (left == 0)
		return 0;
	return err_set(err, ERR_RETRY, "%s has not confirmed %d message(s) within %d ms",
	    p->uri, left, timeout_ms);
}

/* Says goodbye, so that the broker does not take it for an accident. */
static void
disconnect(struct publisher *p)
{
	MQTTAsync_disconnectOptions opt = MQTTAsync_disconnectOptions_initializer;
	int64_t end_us = clock_mono_us() + DISCONNECT_MS * (int64_t)1000;

	opt.onSuccess = on_disconnected;
	opt.context = p;
	if (MQTTAsync_disconnect(p->client, &opt) != MQTTASYNC_SUCCESS)
		return;
	pthread_mutex_lock(&p->lock);
	while (p->connected && clock_mono_us() < end_us)
		wait_until(p, end_us);
	pthread_mutex_unlock(&p->lock);
}

void
publisher_close(struct publisher *p)
{
	if (p == NULL)
		return;
	disconnect(p);
	publisher_free(p);
}
