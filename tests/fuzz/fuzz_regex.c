/*
 * Three lines: a Java pattern, a replacement, a text (it may hold more lines).  What is
 * refused has a kind and a message; what is compiled ends within its limits; a whole
 * match is also found; a replacement that passes its check fails on no text, and makes
 * UTF-8 of UTF-8.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
check_refusal(struct str pattern, const struct err *err)
{
	require(err->kind == ERR_CONFIG && err->msg[0] != '\0');
	if (str_is_utf8(pattern) && pattern.n <= REGEX_MAX_PATTERN)
		require(strstr(err->msg, " at index ") != NULL);
}

/* It must not depend on what else the object is for. */
static int
match_alone(struct str pattern, struct str text)
{
	struct err err = { 0 };
	struct regex *re = regex_new(pattern, REGEX_WHOLE, &err);
	int rc;

	require(re != NULL);
	rc = regex_matches(re, text, &err);
	regex_free(re);
	return rc;
}

static void
check_use(
    const struct regex *re, struct str pattern, struct str replacement, struct str text)
{
	struct arena *mem = arena_new(1024);
	struct err err = { 0 }, bad = { 0 };
	struct str out = { 0 };
	bool good = regex_replacement_check(re, replacement, &bad) == 0;
	int whole = regex_matches(re, text, &err);

	require(good || (bad.kind == ERR_CONFIG && bad.msg[0] != '\0'));
	require(whole >= 0 || err.kind == ERR_RECORD);
	require(whole <= 0 || str_is_utf8(text));
	require(match_alone(pattern, text) == whole);

	err = (struct err) { 0 };
	int found = regex_replace_first(re, mem, text, replacement, &out, &err);
	require(found >= 0 || (err.kind == ERR_RECORD && err.msg[0] != '\0'));
	require(whole <= 0 || found != 0);
	require(found != 0 || str_eq(out, text));
	require(found <= 0 || good);
	if (found > 0 && str_is_utf8(replacement))
		require(str_is_utf8(out));
	arena_free(mem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size }, pattern = { 0 },
		   replacement = { 0 };
	struct err err = { 0 };

	(void)str_next(&text, '\n', &pattern);
	(void)str_next(&text, '\n', &replacement);
	struct regex *re = regex_new(pattern, REGEX_WHOLE | REGEX_FIND, &err);
	if (re == NULL)
		check_refusal(pattern, &err);
	else
		check_use(re, pattern, replacement, text);
	regex_free(re);
	return 0;
}
