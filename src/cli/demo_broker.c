/* Starts and stops a Mosquitto process for the demo. */
#include "cli/demo_broker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/mem.h"

#define START_US (INT64_C(5000) * 1000)

struct demo_broker {
	pid_t pid;
	int port;
	char *conf;
};

static const char *const places[] = { "/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto",
	"/usr/bin/mosquitto", "/usr/local/bin/mosquitto" };

static const char *
find_program(struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	err_set(err, ERR_CONFIG,
	    "the demo needs the MQTT broker Mosquitto: sudo apt-get install mosquitto");
	return NULL;
}

static int
loopback_socket(struct sockaddr_in *a, int port)
{
	memset(a, 0, sizeof(*a));
	a->sin_family = AF_INET;
	a->sin_port = htons((uint16_t)port);
	a->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* A port that was free a moment ago; 0 when there is none. */
static int
free_port(void)
{
	struct sockaddr_in a;
	socklen_t n = sizeof(a);
	int fd = loopback_socket(&a, 0), port = 0;

	if (fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 &&
	    getsockname(fd, (struct sockaddr *)&a, &n) == 0)
		port = ntohs(a.sin_port);
	if (fd >= 0)
		close(fd);
	return port;
}

static int
write_conf(struct demo_broker *b, const char *dir, struct err *err)
{
	struct buf text = { 0 };
	int result;

	b->conf = mem_alloc(strlen(dir) + 32);
	sprintf(b->conf, "%s/mosquitto.conf", dir);
	/* No limits: while Kafka is away the broker has to queue. */
	buf_printf(&text,
	    "listener %d 127.0.0.1\nallow_anonymous true\npersistence false\n"
	    "max_inflight_messages 0\nmax_queued_messages 0\nlog_dest none\n%s",
	    b->port, geteuid() == 0 ? "user root\n" : "");
	result = io_write_file(b->conf, text.p, text.n, err);
	buf_fini(&text);
	return result;
}

static void
run_child(const char *program, const char *conf)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0); /* Ctrl-C is the demo's to handle */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	int null = open("/dev/null", O_RDWR);
	if (null >= 0) {
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
	}
	execl(program, program, "-c", conf, (char *)NULL);
	_exit(127);
}

static bool
answers(int port)
{
	struct sockaddr_in a;
	int fd = loopback_socket(&a, port);
	bool yes = fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0;

	if (fd >= 0)
		close(fd);
	return yes;
}

static int
wait_until_up(struct demo_broker *b, struct err *err)
{
	int64_t deadline = clock_mono_us() + START_US;

	while (clock_mono_us() < deadline) {
		if (answers(b->port))
			return 0;
		if (waitpid(b->pid, NULL, WNOHANG) == b->pid) {
			b->pid = -1;
			break;
		}
		poll(NULL, 0, 5);
	}
	return err_set(
	    err, ERR_FATAL, "mosquitto did not start; try: mosquitto -c %s", b->conf);
}

struct demo_broker *
demo_broker_start(const char *dir, struct err *err)
{
	const char *program = find_program(err);
	struct demo_broker *b;

	if (program == NULL)
		return NULL;
	b = mem_zalloc(sizeof(*b));
	b->pid = -1;
	b->port = free_port();
	if (write_conf(b, dir, err) != 0)
		goto fault;
	b->pid = fork();
	if (b->pid == 0)
		run_child(program, b->conf);
	if (b->pid < 0) {
		err_errno(err, ERR_FATAL, errno, "fork");
		goto fault;
	}
	if (wait_until_up(b, err) == 0)
		return b;
fault:
	demo_broker_stop(b);
	return NULL;
}

int
demo_broker_port(const struct demo_broker *b)
{
	return b->port;
}

void
demo_broker_stop(struct demo_broker *b)
{
	if (b == NULL)
		return;
	if (b->pid > 0) {
		kill(b->pid, SIGTERM);
		waitpid(b->pid, NULL, 0);
	}
	if (b->conf != NULL)
		unlink(b->conf);
	free(b->conf);
	free(b);
}
