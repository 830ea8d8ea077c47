/*
 * Any bytes as headrace.conf: our scanner and libconfig behind it neither crash nor
 * end the process; values are UTF-8 and places lie inside the file.  '@' is left to
 * the unit test: an @include would read the machine's files.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "config/doors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libconfig 1.5 loses the text that it is reading when it meets a syntax error. */
const char *
__lsan_default_suppressions(void)
{
	return "leak:libconfig.so";
}

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static int
file_of(const uint8_t *data, size_t size)
{
	struct buf text = { 0 };
	int fd = memfd_create("headrace.conf", MFD_CLOEXEC);

	require(fd >= 0);
	for (size_t i = 0; i < size; i++)
		buf_add_byte(&text, data[i] == '@' ? ' ' : data[i]);
	require(size == 0 || write(fd, text.p, size) == (ssize_t)size);
	buf_fini(&text);
	return fd;
}

static void
check(const struct config *c, int lines)
{
	const struct config_entry *e;

	for (size_t i = 0; (e = config_each(c, &i)) != NULL;) {
		require(str_is_utf8(str_of(e->value)));
		require(e->line >= 1 && e->line <= lines);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct problems *problems = problems_new();
	struct buf printed = { 0 };
	char path[64];
	int fd = file_of(data, size), lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	struct appliance *a = appliance_load(path, problems);
	check(a->worker, lines);
	for (size_t i = 0; i < a->n_connectors; i++)
		check(a->connectors[i], lines);
	problems_print(problems, &printed);
	require(str_is_utf8(buf_str(&printed)));
	buf_fini(&printed);
	appliance_free(a);
	problems_free(problems);
	close(fd);
	return 0;
}
