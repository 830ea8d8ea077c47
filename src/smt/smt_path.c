/*
 * Field paths of version 1 and 2 (KIP-821).  A quoted step ends at the first backtick
 * that a dot or the end follows; a backslash in front of it takes that meaning away.
 */
#include "smt/smt_path.h"

#include <string.h>

static int
incomplete(struct str text, size_t at, struct err *err)
{
	size_t index = 0;

	for (size_t i = 0; i < at; i++) /* Java counts characters */
		index += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	return err_set(err, ERR_CONFIG,
	    "Incomplete backtick pair in path: [%.*s], consider adding a backslash "
	    "before "
	    "backtick at position %zu to escape it",
	    STR_ARG(text), index);
}

static size_t
find(struct str text, size_t from, char c)
{
	while (from < text.n && text.p[from] != c)
		from++;
	return from;
}

/* The step whose opening backtick is at *pos; *pos is then behind it and its dot. */
static int
quoted_step(
    struct arena *mem, struct str text, size_t *pos, struct str *step, struct err *err)
{
	size_t open = *pos, from = open + 1, n = 0;
	char *out = arena_alloc(mem, text.n);

	for (size_t i = from;; i++) {
		i = find(text, i, '`');
		if (i == text.n)
			return incomplete(text, open, err);
		bool escaped = text.p[i - 1] == '\\', last = i + 1 == text.n;
		if (last && escaped)
			return incomplete(text, open, err);
		if (!last && text.p[i + 1] != '.')
			continue;
		size_t piece = i - from - escaped;
		memcpy(out + n, text.p + from, piece);
		n += piece;
		if (!escaped) {
			*step = (struct str) { out, n };
			*pos = i + 2;
			return 0;
		}
		from = i; /* the backtick is a character of the step */
	}
}

int
smt_path_parse(
    struct arena *mem, struct str text, bool v2, struct smt_path *path, struct err *err)
{
	struct str *steps = arena_alloc(mem, (text.n + 1) * sizeof(*steps));

	*path = (struct smt_path) { .text = text, .steps = steps };
	if (!v2) {
		steps[path->n++] = text;
		return 0;
	}
	for (size_t pos = 0; pos < text.n;) {
		if (text.p[pos] == '`') {
			if (quoted_step(mem, text, &pos, &steps[path->n], err) < 0)
				return -1;
			path->n++;
			continue;
		}
		size_t dot = find(text, pos, '.');
		steps[path->n++] = (struct str) { text.p + pos, dot - pos };
		pos = dot + 1;
	}
	if (text.n > 0 && text.p[text.n - 1] == '.')
		steps[path->n++] = STR("");
	return 0;
}
