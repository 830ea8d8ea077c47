/*
 * Any bytes as a .properties file: what comes out is UTF-8 without zero bytes and
 * within the limits, and written down again it reads as the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "config/doors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
write_text(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < ' ')
			buf_printf(out, "\\u%04x", (unsigned)*s);
		else if (strchr(" =:#!\\", *s) != NULL)
			buf_printf(out, "\\%c", *s);
		else
			buf_add_byte(out, (uint8_t)*s);
	}
}

static void
check_same(const struct config *a, const struct config *b)
{
	const struct config_entry *e;

	require(config_count(a) == config_count(b));
	for (size_t i = 0; (e = config_each(a, &i)) != NULL;) {
		const char *value = config_get(b, e->key);
		require(value != NULL && strcmp(value, e->value) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config *c = config_new(), *again = config_new();
	struct problems *problems = problems_new(), *none = problems_new();
	struct buf text = { 0 };
	const struct config_entry *e;
	int lines = 1;

	buf_add_c(&text, "#\n"); /* or a U+FEFF in front would be a mark */
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n' || data[i] == '\r';
	properties_parse((struct str) { (const char *)data, size }, "f", c, problems);
	for (size_t i = 0; (e = config_each(c, &i)) != NULL;) {
		require(str_is_utf8(str_of(e->key)) && str_is_utf8(str_of(e->value)));
		require(strlen(e->key) <= CONFIG_KEY_MAX);
		require(strlen(e->value) <= CONFIG_VALUE_MAX);
		require(e->line >= 1 && e->line <= lines);
		write_text(&text, e->key);
		buf_add_byte(&text, '=');
		write_text(&text, e->value);
		buf_add_byte(&text, '\n');
	}
	properties_parse(buf_str(&text), NULL, again, none);
	require(problems_count(none, PROBLEM_ERROR) == 0);
	check_same(c, again);

	buf_reset(&text);
	problems_print(problems, &text);
	require(str_is_utf8(buf_str(&text)));
	buf_fini(&text);
	config_free(c);
	config_free(again);
	problems_free(problems);
	problems_free(none);
	return 0;
}
