/*
 * From a class name and options to a state that works.  The texts about classes are
 * those of Connect's EnrichablePlugin and ConfigDef.
 */
#include "smt/smt_instance.h"

#include <string.h>

#include "base/mem.h"

/* Classes that Connect would find under `type` although they are neither. */
static const char *const others[] = {
	"org.apache.kafka.connect.json.JsonConverter",
	"org.apache.kafka.connect.storage.StringConverter",
	"org.apache.kafka.connect.storage.SimpleHeaderConverter",
	"org.apache.kafka.connect.converters.ByteArrayConverter",
	"org.apache.kafka.connect.converters.BooleanConverter",
	"org.apache.kafka.connect.converters.DoubleConverter",
	"org.apache.kafka.connect.converters.FloatConverter",
	"org.apache.kafka.connect.converters.IntegerConverter",
	"org.apache.kafka.connect.converters.LongConverter",
	"org.apache.kafka.connect.converters.ShortConverter",
	"org.apache.kafka.connect.file.FileStreamSinkConnector",
	"org.apache.kafka.connect.file.FileStreamSourceConnector",
	"java.lang.String",
	"java.lang.Object",
	"java.lang.Integer",
};

static int
not_found(const char *key, const char *type, struct err *err)
{
	return err_set(err, ERR_CONFIG,
	    "Invalid value %s for configuration %s: Class %s could not be found.", type,
	    key, type);
}

static int
wrong_kind(const char *class_name, enum smt_kind kind, struct err *err)
{
	return err_set(err, ERR_CONFIG,
	    "Class class %s does not implement the %s interface", class_name,
	    kind == SMT_TRANSFORM ? "Transformation" : "Predicate");
}

/* The outer class of a pair: "Did you mean X$Value, X$Key?" */
static int
abstract(const struct smt *t, struct err *err)
{
	err_set(err, ERR_CONFIG,
	    "This class is abstract and cannot be created. Did you mean %s$Value, "
	    "%s$Key%s?",
	    t->name, t->name, t->sides & SMT_HEADER ? ", ...$Header" : "");
	return -1;
}

static const struct smt *
find_outer(const char *type)
{
	for (const struct smt *const *t = smt_table; *t != NULL; t++)
		if ((*t)->sides != 0 && strcmp((*t)->name, type) == 0)
			return *t;
	return NULL;
}

static const char *
find_other(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (strcmp(type, others[i]) == 0 ||
		    strcmp(type, strrchr(others[i], '.') + 1) == 0)
			return others[i];
	return NULL;
}

int
smt_instance_find(struct smt_instance *in, enum smt_kind kind, const char *key,
    const char *type, struct arena *mem, struct err *err)
{
	struct str name = str_of(type);

	while (name.n > 0 && (unsigned char)name.p[0] <= ' ')
		name.p++, name.n--;
	while (name.n > 0 && (unsigned char)name.p[name.n - 1] <= ' ')
		name.n--;
	const char *trimmed = arena_str(mem, name).p;
	unsigned side;
	const struct smt *t = smt_find(name, &side), *outer = find_outer(trimmed);
	const struct smt_predicate *p = smt_predicate_find(name);

	*in = (struct smt_instance) { 0 };
	if (t != NULL) {
		const char *full = arena_printf(
		    mem, "%s%s", t->name, smt_side_suffix(side));
		if (kind != SMT_TRANSFORM)
			return wrong_kind(full, kind, err);
		*in = (struct smt_instance) {
			.smt = t, .side = side, .class_name = full
		};
		return 0;
	}
	if (p != NULL) {
		if (kind != SMT_PREDICATE)
			return wrong_kind(p->name, kind, err);
		*in = (struct smt_instance) { .predicate = p, .class_name = p->name };
		return 0;
	}
	if (outer != NULL)
		return kind == SMT_TRANSFORM ? abstract(outer, err)
		                             : wrong_kind(outer->name, kind, err);
	const char *other = find_other(trimmed);
	return other != NULL ? wrong_kind(other, kind, err) : not_found(key, type, err);
}

/* ---- options ---- */

static const struct opt *
options_of(const struct smt_instance *in)
{
	return in->smt != NULL ? in->smt->options : in->predicate->options;
}

static size_t
state_size(const struct smt_instance *in)
{
	return in->smt != NULL ? in->smt->state_size : in->predicate->state_size;
}

static size_t
count(const struct opt *table)
{
	size_t n = 0;

	while (table != NULL && table[n].name != NULL)
		n++;
	return n;
}

/* ConfigDef.compare: required ones first, then by importance, then by name. */
static bool
before(const struct opt *a, const struct opt *b)
{
	if (a->required != b->required)
		return a->required;
	if (a->importance != b->importance)
		return a->importance < b->importance;
	return strcmp(a->name, b->name) < 0;
}

static void
sort(struct opt *rows, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k > 0 && before(&rows[k], &rows[k - 1]); k--) {
			struct opt row = rows[k];
			rows[k] = rows[k - 1];
			rows[k - 1] = row;
		}
}

void
smt_instance_read(struct smt_instance *in, const struct config *cfg, const char *prefix,
    const struct opt *more, void *more_state, struct arena *mem,
    struct problems *problems)
{
	size_t n = count(options_of(in)), n_more = count(more);
	struct opt *rows = arena_zalloc(mem, (n + n_more + 1) * sizeof(*rows));

	in->state = arena_zalloc(mem, state_size(in));
	if (n > 0)
		memcpy(rows, options_of(in), n * sizeof(*rows));
	sort(rows, n);
	opt_apply_embedded(rows, cfg, prefix, in->state, mem, problems);
	opt_apply_embedded(more, cfg, prefix, more_state, mem, problems);
}

void
smt_instance_read_plain(struct smt_instance *in, const struct config *cfg,
    struct arena *mem, struct problems *problems)
{
	in->state = arena_zalloc(mem, state_size(in));
	opt_apply_embedded(options_of(in), cfg, "", in->state, mem, problems);
}

/* ---- life ---- */

int
smt_instance_begin(struct smt_instance *in, struct arena *mem, struct err *err)
{
	in->begun = true;
	if (in->smt != NULL && in->smt->init != NULL)
		return in->smt->init(in->state, mem, in->side, err);
	if (in->predicate != NULL && in->predicate->init != NULL)
		return in->predicate->init(in->state, mem, err);
	return 0;
}

void
smt_instance_end(struct smt_instance *in)
{
	if (!in->begun)
		return;
	in->begun = false;
	if (in->smt != NULL && in->smt->fini != NULL)
		in->smt->fini(in->state);
	if (in->predicate != NULL && in->predicate->fini != NULL)
		in->predicate->fini(in->state);
}
