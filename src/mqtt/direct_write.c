/*
 * Packets out.  Acknowledgements leave in one write, after everything else that waits,
 * and are counted as written only as far as the kernel has taken them: one that was
 * not written makes a message recognisable after a reconnect, one that was must not
 * (specification, section 5.2).
 *
 *	out: | sent | other packets | acknowledgements | later packets |
 */
#include "mqtt/direct.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/clock.h"

enum { ACK_RUN = 16384 }; /* acknowledgements in a write: 64 KiB */

void
direct_write_reset(struct source *s)
{
	buf_reset(&s->out);
	s->out_sent = 0;
	s->acks = s->acks_written = 0;
	s->out_blocked = false;
	s->goodbye_said = false;
}

/* How many acknowledgements lie before out_sent, whole. */
static size_t
acks_sent(const struct source *s)
{
	if (s->out_sent <= s->acks_at)
		return 0;
	size_t n = (s->out_sent - s->acks_at) / CODEC_ACK_BYTES;
	return n < s->acks ? n : s->acks;
}

static void
sent(struct source *s, size_t n)
{
	s->out_sent += n;
	if (s->acks > 0) {
		size_t written = acks_sent(s);
		window_acks_written(s->window, written - s->acks_written);
		s->acks_written = written;
	}
	if (s->acks_written == s->acks)
		s->acks = s->acks_written = 0;
	if (s->out_sent == s->out.n) {
		buf_reset(&s->out);
		s->out_sent = 0;
	}
}

static bool
lost(struct source *s, int errnum)
{
	struct err why;

	err_errno(&why, ERR_RETRY, errnum, "cannot write to %s", s->hosts[s->host].uri);
	direct_link_lost(s, &why);
	return false;
}

bool
direct_write_out(struct source *s)
{
	while (s->out_sent < s->out.n) {
		ssize_t n = send(s->fd, s->out.p + s->out_sent, s->out.n - s->out_sent,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			return lost(s, errno);
		bool blocked = n < 0;
		if (blocked != s->out_blocked) {
			s->out_blocked = blocked;
			direct_link_watch(s);
		}
		if (blocked)
			return true;
		s->sent_us = clock_mono_us();
		sent(s, (size_t)n);
	}
	return true;
}

/* Puts acknowledgements that are due behind what waits; none while older ones wait. */
static size_t
put_acks(struct source *s)
{
	size_t n;

	if (s->acks > 0)
		return 0;
	buf_reserve(&s->out, ACK_RUN * CODEC_ACK_BYTES);
	n = window_acks(s->window, (uint8_t *)s->out.p + s->out.n, ACK_RUN);
	s->acks_at = s->out.n;
	s->acks = n;
	s->out.n += n * CODEC_ACK_BYTES;
	return n;
}

bool
direct_write_acks(struct source *s)
{
	bool any = false;
	size_t n;

	if (s->phase == DIRECT_LEAVING)
		return false; /* DISCONNECT was the last word */
	do {
		n = put_acks(s);
		if (s->out.n == 0 || s->out_blocked)
			break;
		if (!direct_write_out(s))
			return false;
		any = true;
	} while (n == ACK_RUN && !s->out_blocked);
	if (any)
		direct_read_acked(s);
	return true;
}

bool
direct_write_last(struct source *s)
{
	while (!s->goodbye_said && !s->out_blocked) {
		bool older = s->acks > 0;
		size_t n = put_acks(s);
		if (!older && n < ACK_RUN) {
			codec_put_disconnect(&s->out);
			s->goodbye_said = true;
		}
		if (!direct_write_out(s))
			return false;
	}
	return s->out_blocked || s->goodbye_said;
}
