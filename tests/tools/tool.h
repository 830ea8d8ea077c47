#ifndef TOOL_H
#define TOOL_H

/*
 * What the tests' tools share.  They are programs of one file each, for tests and
 * benchmarks only: they print one JSON object and leave at the first mistake.
 *
 * A payload tells who it is:
 *
 *     0        8        16
 *     | number | time   | filler: byte i is (uint8_t)(number * 31 + i) |
 *
 * number: u64, counts from --first; time: u64, CLOCK_REALTIME in ns when it was made.
 * Little-endian as the machine.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TOOL_PAYLOAD_MIN 16

__attribute__((noreturn, format(printf, 1, 2))) static inline void
tool_die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static inline uint64_t
tool_wall_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static inline uint64_t
tool_mono_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static inline void
tool_payload_make(uint8_t *p, size_t n, uint64_t number, uint64_t time_ns)
{
	memcpy(p, &number, 8);
	memcpy(p + 8, &time_ns, 8);
	for (size_t i = TOOL_PAYLOAD_MIN; i < n; i++)
		p[i] = (uint8_t)(number * 31 + i);
}

static inline uint64_t
tool_payload_number(const uint8_t *p)
{
	uint64_t number;

	memcpy(&number, p, 8);
	return number;
}

static inline uint64_t
tool_payload_time_ns(const uint8_t *p)
{
	uint64_t time_ns;

	memcpy(&time_ns, p + 8, 8);
	return time_ns;
}

static inline bool
tool_payload_good(const uint8_t *p, size_t n)
{
	uint64_t number = tool_payload_number(p);

	for (size_t i = TOOL_PAYLOAD_MIN; i < n; i++)
		if (p[i] != (uint8_t)(number * 31 + i))
			return false;
	return true;
}

/* One option, `--name value`; a switch has no value. */
struct tool_option {
	const char *name;
	uint64_t *number;
	const char **text;
	bool *on;
	const char **list; /* may come several times; room for 16, NULL at the end */
};

static inline const struct tool_option *
tool_option_find(const struct tool_option *table, const char *name)
{
	for (; table->name; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

static inline void
tool_option_set(const struct tool_option *o, const char *value)
{
	char *end;
	size_t i = 0;

	if (o->number) {
		*o->number = strtoull(value, &end, 10);
		if (value[0] < '0' || value[0] > '9' || *end != '\0')
			tool_die("--%s: %s is not a number", o->name, value);
	} else if (o->text) {
		*o->text = value;
	} else {
		while (o->list[i])
			i++;
		if (i == 16)
			tool_die("--%s: too many", o->name);
		o->list[i] = value;
	}
}

/* Index of the first argument that is no option.  The table ends without a name. */
static inline int
tool_options(int argc, char **argv, const struct tool_option *table)
{
	int i;

	for (i = 1; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
		const struct tool_option *o = tool_option_find(table, argv[i] + 2);
		if (!o) {
			fprintf(
			    stderr, "%s: unknown option %s; it has", argv[0], argv[i]);
			for (; table->name; table++)
				fprintf(stderr, " --%s", table->name);
			tool_die("%s", "");
		}
		if (o->on)
			*o->on = true;
		else if (++i < argc)
			tool_option_set(o, argv[i]);
		else
			tool_die("%s: --%s needs a value", argv[0], o->name);
	}
	return i;
}

#endif
