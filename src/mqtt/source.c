/*
 * The door to MQTT: what the owner of a session may ask for.  The engine behind it is in
 * direct*.c; nothing here knows packets or sockets.
 */
#include "mqtt/source.h"

#include "mqtt/direct.h"

struct source *
source_open(struct loop *loop, const struct log_ctx *log,
    const struct source_options *opt, const struct source_events *ev, struct err *err)
{
	struct source *s = direct_new(loop, log, opt, ev, err);

	if (s != NULL)
		direct_link_start(s);
	return s;
}

void
source_hold(struct source *s, uint32_t slot)
{
	window_hold(s->window, slot);
}

void
source_release(struct source *s, uint32_t slot)
{
	window_release(s->window, slot);
}

void
source_flush(struct source *s)
{
	direct_enter(s);
	if (direct_write_acks(s))
		direct_read_update(s);
	direct_leave(s);
}

void
source_pause(struct source *s, bool pause)
{
	s->owner_paused = pause;
	direct_read_update(s);
}

size_t
source_window(const struct source *s)
{
	return window_messages(s->window);
}

struct source_stats
source_stats(const struct source *s)
{
	struct source_stats stats = s->stats;

	stats.acknowledged = window_acknowledged(s->window);
	stats.window_messages = window_messages(s->window);
	stats.window_bytes = window_bytes(s->window);
	stats.connected = s->phase == DIRECT_UP && s->subscribed;
	stats.paused = s->window_paused || s->owner_paused;
	return stats;
}

const char *
source_broker(const struct source *s)
{
	return s->stats.connects > 0 ? s->hosts[s->broker].name : "";
}

void
source_stop_reading(struct source *s)
{
	s->reading_stopped = true;
	direct_read_update(s);
}

void
source_stop(struct source *s)
{
	direct_enter(s);
	direct_link_disconnect(s);
	direct_leave(s);
}

void
source_close(struct source *s)
{
	if (s == NULL)
		return;
	direct_link_close(s);
	s->closing = true;
	if (s->depth == 0)
		direct_free(s);
}
