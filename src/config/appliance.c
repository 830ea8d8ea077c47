/*
 * The door for headrace.conf: from libconfig's settings to the flat maps that Kafka
 * Connect's users know.  Knows the shape of the file (worker, connectors) and
 * kcql_file, no other option.
 */
#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/mem.h"
#include "config/conf_text.h"
#include "config/doors.h"

#define CONNECTORS_MAX 1000
#define KCQL_MAX ((size_t)8 << 20)

struct load {
	struct appliance *a;
	struct conf_text *text;
	struct problems *problems;
};

/* ---- places and problems ---- */

static struct config_entry
entry_at(const struct load *l, const config_setting_t *s)
{
	struct config_entry e = { .written = config_setting_name(s),
		.underscores = true };

	conf_text_place(l->text, (int)s->line, &e.file, &e.line);
	return e;
}

static void __attribute__((format(printf, 3, 4)))
fault(const struct load *l, const config_setting_t *s, const char *fmt, ...)
{
	struct config_entry e = entry_at(l, s);
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	problems_add(l->problems, PROBLEM_ERROR, &e, "%s", text);
}

/* ---- values ---- */

/* "connect_mqtt_hosts" is connect.mqtt.hosts, "mqtt_server__uris" mqtt.server_uris. */
static void
key_of(const char *name, struct buf *key)
{
	buf_reset(key);
	for (; *name != '\0'; name++) {
		if (name[0] == '_' && name[1] == '_') {
			buf_add_byte(key, '_');
			name++;
		} else {
			buf_add_byte(key, (uint8_t)(*name == '_' ? '.' : *name));
		}
	}
}

static bool
add_scalar(const config_setting_t *s, struct buf *out)
{
	char number[32];

	switch (config_setting_type(s)) {
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		buf_printf(out, "%lld", config_setting_get_int64(s));
		return true;
	case CONFIG_TYPE_FLOAT:
		conf_text_number(config_setting_get_float(s), number);
		buf_add_c(out, number);
		return true;
	case CONFIG_TYPE_BOOL:
		buf_add_c(out, config_setting_get_bool(s) ? "true" : "false");
		return true;
	case CONFIG_TYPE_STRING:
		buf_add_c(out, config_setting_get_string(s));
		return true;
	default:
		return false;
	}
}

/* Returns what is wrong, or NULL. */
static const char *
add_list(const config_setting_t *s, struct buf *out)
{
	for (int i = 0; i < config_setting_length(s); i++) {
		if (i > 0)
			buf_add_byte(out, ',');
		size_t from = out->n;
		if (!add_scalar(config_setting_get_elem(s, (unsigned)i), out))
			return "a list here holds texts, numbers and truth values only";
		if (strchr(buf_cstr(out) + from, ',') != NULL)
			return "an item of a list cannot hold a comma; write the whole "
			       "list as one text";
	}
	return NULL;
}

static const char *
value_of(const config_setting_t *s, struct buf *value)
{
	const char *wrong = NULL;

	buf_reset(value);
	if (config_setting_is_group(s))
		return "must be a text, a number, true, false or a list; a name like "
		       "transforms.a.type is written transforms_a_type";
	if (config_setting_is_aggregate(s))
		wrong = add_list(s, value);
	else
		add_scalar(s, value);
	if (wrong == NULL && !str_is_utf8(buf_str(value)))
		wrong = "\\x escapes must give UTF-8";
	if (wrong == NULL && value->n > CONFIG_VALUE_MAX)
		wrong = "the value is longer than 1 MiB";
	return wrong;
}

/* ---- settings ---- */

static void
put(const struct load *l, struct config *c, const config_setting_t *s,
    const struct config_entry *e)
{
	const struct config_entry *old = config_find(c, e->key);

	if (old == NULL) {
		config_put(c, e);
		return;
	}
	struct config_entry at = entry_at(l, s);
	if (at.written == NULL) /* an item of a list */
		at.written = e->key;
	problems_add(l->problems, PROBLEM_ERROR, &at,
	    "is the same option as %s in line %d", old->written, old->line);
}

static void
take_properties_text(const struct load *l, struct config *c, const config_setting_t *s)
{
	struct config_entry at = entry_at(l, s);
	struct config *lines = config_new();
	struct problems *wrong = problems_new();
	const struct config_entry *e;
	const struct problem *p;

	properties_parse(str_of(config_setting_get_string(s)), at.file, lines, wrong);
	for (size_t i = 0; (e = config_each(lines, &i)) != NULL;) {
		struct config_entry copy = *e;
		copy.line = at.line;
		put(l, c, s, &copy);
	}
	for (size_t i = 0; (p = problems_each(wrong, &i)) != NULL;)
		problems_add_at(l->problems, p->level, at.file, at.line, "%s", p->text);
	config_free(lines);
	problems_free(wrong);
}

/* properties = [ "key=value", ... ]: for names that libconfig cannot spell. */
static void
take_properties(const struct load *l, struct config *c, const config_setting_t *list)
{
	for (int i = 0; i < config_setting_length(list); i++) {
		const config_setting_t *s = config_setting_get_elem(list, (unsigned)i);
		if (config_setting_type(s) == CONFIG_TYPE_STRING)
			take_properties_text(l, c, s);
		else
			fault(l, list, "must be a list of texts: [ \"key=value\", ... ]");
	}
}

/* What stands behind a byte order mark and blank lines, and its line: options are
 * trimmed, and places inside must stay right. */
static const char *
first_text(const char *text, int *line)
{
	if (str_starts(str_of(text), "\xef\xbb\xbf"))
		text += 3;
	for (*line = 1; *text != '\0' && strchr(" \t\r\n", *text) != NULL; text++)
		*line += *text == '\n';
	return text;
}

static void
take_kcql_file(const struct load *l, struct config *c, const config_setting_t *s)
{
	struct config_entry at = entry_at(l, s);
	const char *name = config_setting_get_string(s), *slash = strrchr(at.file, '/');
	struct buf path = { 0 }, text = { 0 };
	struct err err;

	if (name == NULL || name[0] == '\0') {
		fault(l, s, "must be the name of a file");
		return;
	}
	if (name[0] != '/' && slash != NULL)
		buf_add(&path, at.file, (size_t)(slash - at.file) + 1);
	buf_add_c(&path, name);
	if (io_read_file(buf_cstr(&path), KCQL_MAX, &text, &err) != 0) {
		fault(l, s, "%s", err.msg);
	} else if (text.n > 0 && memchr(text.p, '\0', text.n) != NULL) {
		fault(l, s, "%s holds a zero byte", path.p);
	} else {
		struct config_entry e = {
			.key = "connect.mqtt.kcql", .file = path.p, .whole_file = true
		};
		e.value = first_text(buf_cstr(&text), &e.line);
		put(l, c, s, &e);
	}
	buf_fini(&path);
	buf_fini(&text);
}

static void
take_setting(const struct load *l, struct config *c, const config_setting_t *s)
{
	struct buf key = { 0 }, value = { 0 };
	const char *wrong;

	key_of(config_setting_name(s), &key);
	if (key.n > CONFIG_KEY_MAX)
		wrong = "the name is longer than 255 bytes";
	else
		wrong = value_of(s, &value);
	if (wrong != NULL) {
		fault(l, s, "%s", wrong);
	} else {
		struct config_entry e = entry_at(l, s);
		e.key = buf_cstr(&key);
		e.value = buf_cstr(&value);
		put(l, c, s, &e);
	}
	if (value.n > 0)
		explicit_bzero(value.p, value.n);
	buf_fini(&key);
	buf_fini(&value);
}

static void
take_group(const struct load *l, struct config *c, const config_setting_t *group)
{
	struct config_entry at = entry_at(l, group);

	config_set_place(c, at.file, at.line);
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *s = config_setting_get_elem(group, (unsigned)i);
		const char *name = config_setting_name(s);

		if (strcmp(name, "properties") == 0 &&
		    (config_setting_is_list(s) || config_setting_is_array(s)))
			take_properties(l, c, s);
		else if (strcmp(name, "kcql_file") == 0 && c != l->a->worker)
			take_kcql_file(l, c, s);
		else
			take_setting(l, c, s);
	}
}

/* ---- the file's shape ---- */

static void
check_name(const struct load *l, const struct config *c, const config_setting_t *group)
{
	const struct config_entry *name = config_find(c, "name");

	if (name == NULL || name->value[0] == '\0') {
		fault(l, group, "a connector needs a name: name = \"site\";");
		return;
	}
	for (size_t i = 0; i < l->a->n_connectors; i++) {
		const struct config_entry *other = config_find(
		    l->a->connectors[i], "name");
		if (other != NULL && strcmp(other->value, name->value) == 0)
			problems_add(l->problems, PROBLEM_ERROR, name,
			    "another connector is called \"%.249s\" already (%s:%d)",
			    name->value, other->file, other->line);
	}
}

static void
take_connectors(const struct load *l, const config_setting_t *list)
{
	struct appliance *a = l->a;

	if (!config_setting_is_list(list)) {
		fault(l, list, "must be a list of groups: %s = ( { ... }, { ... } );",
		    config_setting_name(list));
		return;
	}
	for (int i = 0; i < config_setting_length(list); i++) {
		const config_setting_t *s = config_setting_get_elem(list, (unsigned)i);
		if (!config_setting_is_group(s)) {
			fault(l, s, "a connector is a group of settings: { ... }");
			continue;
		}
		if (a->n_connectors == CONNECTORS_MAX) {
			fault(l, s, "more than 1,000 connectors");
			return;
		}
		struct config *c = config_new();
		take_group(l, c, s);
		check_name(l, c, s);
		a->connectors = mem_realloc(
		    a->connectors, (a->n_connectors + 1) * sizeof(struct config *));
		a->connectors[a->n_connectors++] = c;
	}
}

static void
take_root(const struct load *l, const config_setting_t *root)
{
	static const char *const names[] = { "worker", "connectors" };

	for (int i = 0; i < config_setting_length(root); i++) {
		const config_setting_t *s = config_setting_get_elem(root, (unsigned)i);
		const char *name = config_setting_name(s), *near;

		if (strcmp(name, "connectors") == 0 ||
		    strncmp(name, "connectors_", strlen("connectors_")) == 0) {
			take_connectors(l, s);
		} else if (strcmp(name, "worker") != 0) {
			near = str_nearest(str_of(name), names, ARRAY_LEN(names));
			fault(l, s,
			    "unknown; the file has worker = { ... } and "
			    "connectors = ( { ... } )%s%s%s",
			    near != NULL ? ", did you mean " : "",
			    near != NULL ? near : "", near != NULL ? "?" : "");
		} else if (!config_setting_is_group(s)) {
			fault(l, s, "must be a group of settings: worker = { ... };");
		} else {
			take_group(l, l->a->worker, s);
		}
	}
}

static void
parse(const struct load *l)
{
	config_t conf; /* fresh: 1.7 keeps old settings after a failure */
	const char *file;
	int line;

	config_init(&conf);
	if (config_read_string(&conf, conf_text_cstr(l->text))) {
		take_root(l, config_root_setting(&conf));
	} else {
		conf_text_place(l->text, config_error_line(&conf), &file, &line);
		bool plain = strcmp(config_error_text(&conf), "syntax error") == 0;
		problems_add_at(l->problems, PROBLEM_ERROR, file, line, "%s%s",
		    config_error_text(&conf),
		    plain ? ": in this line, or something is missing before it (= ; , or "
			    "a quote)"
			  : "");
	}
	config_destroy(&conf);
}

struct appliance *
appliance_load(const char *path, struct problems *problems)
{
	struct appliance *a = mem_zalloc(sizeof(*a));
	struct load l = { .a = a, .problems = problems };

	a->worker = config_new();
	config_set_place(a->worker, path, 0);
	l.text = conf_text_load(path, problems);
	if (conf_text_is_whole(l.text))
		parse(&l);
	conf_text_free(l.text);
	return a;
}

void
appliance_free(struct appliance *a)
{
	if (a == NULL)
		return;
	for (size_t i = 0; i < a->n_connectors; i++)
		config_free(a->connectors[i]);
	free(a->connectors);
	config_free(a->worker);
	free(a);
}
