/* Notes faults under the names and places that the user wrote. */
#include "kafka/translate.h"

#include <stdarg.h>
#include <stdio.h>

static void
add(struct translate *t, enum problem_level level, const struct config_entry *e,
    const char *text)
{
	if (t->problems != NULL)
		problems_add(t->problems, level, e, "%s", text);
	if (level == PROBLEM_WARNING) {
		if (t->problems == NULL)
			log_debug(
			    t->ctx, "%s: %s", e != NULL ? e->written : "Kafka", text);
		return;
	}
	if (!t->failed) {
		err_set(t->err, ERR_CONFIG, "%s", text);
		if (e != NULL)
			err_context(t->err, "%s", e->written);
	}
	t->failed = true;
}

void
translate_error(struct translate *t, const struct config_entry *e, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	add(t, PROBLEM_ERROR, e, text);
}

void
translate_warn(struct translate *t, const struct config_entry *e, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	add(t, PROBLEM_WARNING, e, text);
}

void
translate_set(struct translate *t, const struct config_entry *e, const char *name,
    const char *value)
{
	char why[256];

	if (rd_kafka_conf_set(t->conf, name, value, why, sizeof(why)) == RD_KAFKA_CONF_OK)
		return;
	if (e != NULL && e->secret)
		translate_error(t, e, "is refused as %s", name);
	else
		translate_error(t, e, "%s", why);
}

const char *
translate_trimmed(struct translate *t, const struct config_entry *e)
{
	struct str s = str_trim(str_of(e->value));

	return arena_str(t->mem, s).p;
}
