/*
 * Option tables as documentation: what the manual, --help and the examples say is what
 * the parser does, because it is made from the same rows.
 */
#include <string.h>

#include "base/mem.h"
#include "config/opt.h"

static void
add_lower(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++)
		buf_add_byte(
		    out, (uint8_t)(*s >= 'A' && *s <= 'Z' ? *s - 'A' + 'a' : *s));
}

static void
add_type(const struct opt *o, struct buf *out)
{
	add_lower(out, o->type == OPT_T_BYTES ? "size" : opt_type_name(o->type));
	if (o->unit != NULL)
		buf_printf(out, " (%s)", o->unit);
}

static void
add_default(const struct opt *o, struct buf *out)
{
	if (o->required)
		buf_add_c(out, "required");
	else if (o->def == NULL)
		buf_add_c(out, "none");
	else
		buf_add_c(out, o->def[0] == '\0' ? "empty" : o->def);
}

static void
add_valid(const struct opt *o, struct buf *out)
{
	for (size_t i = 0; o->values != NULL && o->values[i] != NULL; i++)
		buf_printf(out, "%s%s", i > 0 ? ", " : "", o->values[i]);
	if (o->min == 0 && o->max == 0)
		return;
	if (o->max < o->min)
		buf_printf(out, "at least %lld", (long long)o->min);
	else
		buf_printf(out, "%lld to %lld", (long long)o->min, (long long)o->max);
}

/* The documentation and what follows from other fields of the row. */
static void
add_doc(const struct opt *o, struct buf *out)
{
	buf_add_c(out, o->doc != NULL ? o->doc : "");
	if (o->ignored != NULL)
		buf_printf(
		    out, "%sHas no effect: %s.", out->n > 0 ? " " : "", o->ignored);
	if (o->old_name != NULL)
		buf_printf(out, "%sOld name: %s.", out->n > 0 ? " " : "", o->old_name);
}

static void
add_wrapped(struct buf *out, struct str text)
{
	struct str word;
	size_t column = 0;

	while (str_next(&text, ' ', &word)) {
		if (word.n == 0)
			continue;
		if (column == 0 || column + 1 + word.n > 79) {
			buf_add_c(out, column == 0 ? "    " : "\n    ");
			column = 4;
		} else {
			buf_add_byte(out, ' ');
			column++;
		}
		buf_add_str(out, word);
		column += word.n;
	}
	if (column > 0)
		buf_add_byte(out, '\n');
}

static void
add_cell(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '|')
			buf_add_byte(out, '\\');
		buf_add_byte(out, (uint8_t)(text.p[i] == '\n' ? ' ' : text.p[i]));
	}
	buf_add_c(out, " |");
}

static void
row_as_text(const struct opt *o, struct buf *out)
{
	struct buf part = { 0 };

	buf_printf(out, "%s\n    ", o->name);
	add_type(o, out);
	buf_add_c(out, o->required || o->def == NULL ? ", " : ", default ");
	add_default(o, out);
	add_valid(o, &part);
	if (part.n > 0)
		buf_printf(out, ", valid: %s", buf_cstr(&part));
	buf_add_c(out, ", ");
	add_lower(out, opt_importance_name(o->importance));
	buf_add_c(out, "\n");
	buf_reset(&part);
	add_doc(o, &part);
	add_wrapped(out, buf_str(&part));
	buf_fini(&part);
}

static void
row_as_markdown(const struct opt *o, struct buf *out)
{
	void (*const cells[])(const struct opt *, struct buf *) = { add_type, add_default,
		add_valid, add_doc };
	struct buf part = { 0 };

	buf_printf(out, "| `%s` |", o->name);
	for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
		buf_reset(&part);
		cells[i](o, &part);
		buf_add_byte(out, ' ');
		add_cell(out, buf_str(&part));
		if (cells[i] == add_valid) {
			buf_add_byte(out, ' ');
			add_lower(out, opt_importance_name(o->importance));
			buf_add_c(out, " |");
		}
	}
	buf_add_byte(out, '\n');
	buf_fini(&part);
}

static void
begin_group(const char *group, bool markdown, struct buf *out)
{
	if (out->n > 0)
		buf_add_byte(out, '\n');
	if (group != NULL)
		buf_printf(out, markdown ? "### %s\n\n" : "%s:\n\n", group);
	if (markdown)
		buf_add_c(out,
		    "| name | type | default | valid | importance | meaning |\n"
		    "|---|---|---|---|---|---|\n");
}

static bool
same_group(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
is_first_of_group(const struct opt *table, const struct opt *row)
{
	for (const struct opt *o = table; o != row; o++)
		if (same_group(o->group, row->group))
			return false;
	return true;
}

void
opt_describe(const struct opt *table, bool markdown, struct buf *out)
{
	for (const struct opt *first = table; first->name != NULL; first++) {
		if (!is_first_of_group(table, first))
			continue;
		begin_group(first->group, markdown, out);
		for (const struct opt *o = first; o->name != NULL; o++) {
			if (!same_group(o->group, first->group))
				continue;
			if (markdown)
				row_as_markdown(o, out);
			else
				row_as_text(o, out);
		}
	}
}
