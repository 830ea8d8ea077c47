/*
 * For SAN=thread: ThreadSanitizer does not know C11's threads, which librdkafka uses: it
 * crashes in a thread of thrd_create and sees no order in mtx_lock.  Here they are again,
 * made of POSIX's, which it knows; glibc's types are the same underneath.
 */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNDER_TSAN
#endif
#endif
#if defined(__SANITIZE_THREAD__) || defined(UNDER_TSAN)

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

#include "base/mem.h"

/* Its reference counts are atomic, but it is not compiled to show that. */
const char *__tsan_default_suppressions(void);

const char *
__tsan_default_suppressions(void)
{
	return "race:librdkafka.so\n";
}

struct start {
	thrd_start_t run;
	void *arg;
};

static void *
run(void *arg)
{
	struct start s = *(struct start *)arg;

	free(arg);
	return (void *)(intptr_t)s.run(s.arg);
}

int
thrd_create(thrd_t *thread, thrd_start_t f, void *arg)
{
	struct start *s = mem_alloc(sizeof(*s));

	*s = (struct start) { f, arg };
	if (pthread_create(thread, NULL, run, s) == 0)
		return thrd_success;
	free(s);
	return thrd_error;
}

int
thrd_join(thrd_t thread, int *result)
{
	void *value;

	if (pthread_join(thread, &value) != 0)
		return thrd_error;
	if (result != NULL)
		*result = (int)(intptr_t)value;
	return thrd_success;
}

static pthread_mutex_t *
mutex(mtx_t *m)
{
	return (pthread_mutex_t *)(void *)m;
}

static pthread_cond_t *
cond(cnd_t *c)
{
	return (pthread_cond_t *)(void *)c;
}

static int
result_of(int error)
{
	switch (error) {
	case 0:
		return thrd_success;
	case EBUSY:
		return thrd_busy;
	case ETIMEDOUT:
		return thrd_timedout;
	default:
		return thrd_error;
	}
}

int
mtx_init(mtx_t *m, int type)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	if ((type & mtx_recursive) != 0)
		pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	int error = pthread_mutex_init(mutex(m), &attr);
	pthread_mutexattr_destroy(&attr);
	return result_of(error);
}

int
mtx_lock(mtx_t *m)
{
	return result_of(pthread_mutex_lock(mutex(m)));
}

int
mtx_trylock(mtx_t *m)
{
	return result_of(pthread_mutex_trylock(mutex(m)));
}

int
mtx_unlock(mtx_t *m)
{
	return result_of(pthread_mutex_unlock(mutex(m)));
}

void
mtx_destroy(mtx_t *m)
{
	pthread_mutex_destroy(mutex(m));
}

int
cnd_init(cnd_t *c)
{
	return result_of(pthread_cond_init(cond(c), NULL));
}

int
cnd_signal(cnd_t *c)
{
	return result_of(pthread_cond_signal(cond(c)));
}

int
cnd_broadcast(cnd_t *c)
{
	return result_of(pthread_cond_broadcast(cond(c)));
}

int
cnd_wait(cnd_t *c, mtx_t *m)
{
	return result_of(pthread_cond_wait(cond(c), mutex(m)));
}

int
cnd_timedwait(cnd_t *restrict c, mtx_t *restrict m, const struct timespec *restrict until)
{
	return result_of(pthread_cond_timedwait(cond(c), mutex(m), until));
}

void
cnd_destroy(cnd_t *c)
{
	pthread_cond_destroy(cond(c));
}

#endif
