/*
 * The chain of a connector: which transforms in which order, under which predicates.
 * Knows wiring and errors; must not know what any transform does.
 *
 * Connect finds faults in three steps, each with texts of its own: classes, options,
 * and what a plugin says when it configures itself.  Validation reports the first two;
 * a start fails with the first fault of the first step that has one.
 */
#include "smt/smt.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "smt/smt_instance.h"

struct wiring_options {
	const char *predicate;
	bool negate; /* for its validation: what counts is read without trimming */
};

const struct opt smt_wiring_options[] = {
	{ .name = "negate",
	    OPT_BOOLEAN(struct wiring_options, negate),
	    .def = "false",
	    .importance = OPT_MEDIUM,
	    .doc = "Apply the transform where the predicate is false." },
	{ .name = "predicate",
	    OPT_STRING(struct wiring_options, predicate),
	    .importance = OPT_MEDIUM,
	    .doc = "Alias of a predicate; the transform applies where it is true." },
	{ 0 }
};

/* An alias of `transforms` or `predicates` and what it stands for. */
struct part {
	const char *alias;
	const char *prefix; /* "transforms.a." */
	struct smt_instance in;
	bool usable; /* its class was found */
	struct wiring_options options;
};

struct parts {
	enum smt_kind kind;
	const char *key; /* "transforms", "predicates" */
	struct part *list;
	size_t n;
};

struct step {
	const char *alias;
	struct smt_instance smt;
	const char *predicate_alias;
	const struct smt_instance *predicate; /* NULL: none */
	bool negate;
};

struct smt_chain {
	struct arena *mem;
	struct step *steps;
	size_t n, cap;
	struct smt_instance **predicates; /* that belong to the chain */
	size_t n_predicates;
	struct smt_place place;
};

/* ---- reading a configuration ---- */

struct list_of_aliases {
	struct opt_list aliases;
};

static int
check_duplicates(const struct opt *o, const void *field, struct err *err)
{
	const struct opt_list *l = field;
	struct buf shown = { 0 };
	bool twice = false;

	for (size_t i = 0; i < l->n; i++)
		for (size_t k = 0; k < i; k++)
			twice |= strcmp(l->items[i], l->items[k]) == 0;
	if (!twice)
		return 0;
	for (size_t i = 0; i < l->n; i++)
		buf_printf(&shown, "%s%s", i > 0 ? ", " : "", l->items[i]);
	err_set(err, ERR_CONFIG,
	    "Invalid value [%s] for configuration %s: Duplicate alias provided.",
	    buf_cstr(&shown), o->name);
	buf_fini(&shown);
	return -1;
}

static struct part *
find_part(const struct parts *ps, const char *alias)
{
	for (size_t i = 0; i < ps->n; i++)
		if (strcmp(ps->list[i].alias, alias) == 0)
			return &ps->list[i];
	return NULL;
}

static void
read_aliases(struct parts *ps, const struct config *cfg, struct arena *mem,
    struct problems *problems)
{
	const struct opt table[] = { { .name = ps->key,
					 OPT_LIST(struct list_of_aliases, aliases),
					 .def = "",
					 .check = check_duplicates },
		{ 0 } };
	struct list_of_aliases l;

	opt_apply_embedded(table, cfg, "", &l, mem, problems);
	ps->list = arena_zalloc(mem, (l.aliases.n + 1) * sizeof(*ps->list));
	for (size_t i = 0; i < l.aliases.n; i++) {
		if (find_part(ps, l.aliases.items[i]) != NULL)
			continue;
		struct part *p = &ps->list[ps->n++];
		p->alias = l.aliases.items[i];
		p->prefix = arena_printf(mem, "%s.%s.", ps->key, p->alias);
	}
}

/* An entry for problems on a key, whether it is there or not. */
static struct config_entry
place_of(const struct config *cfg, const char *key)
{
	const struct config_entry *e = config_find(cfg, key);
	struct config_entry place = e != NULL ? *e : *config_place(cfg);

	place.key = key;
	if (e == NULL)
		place.written = key;
	return place;
}

/* start: set by the first fault only, with the text that a start has for it. */
static void
read_class(struct part *p, enum smt_kind kind, const struct config *cfg,
    struct arena *mem, struct problems *problems, struct err *start)
{
	const char *key = arena_printf(mem, "%stype", p->prefix);
	const char *type = config_get(cfg, key);
	struct config_entry place = place_of(cfg, key);
	struct err why;

	if (type == NULL) {
		problems_add(problems, PROBLEM_ERROR, &place,
		    "Missing required configuration \"%s\" which has no default value.",
		    key);
		err_set(&why, ERR_CONFIG,
		    "Invalid value null for configuration %s: Not a %s", key,
		    kind == SMT_TRANSFORM ? "Transformation" : "Predicate");
	} else if (smt_instance_find(&p->in, kind, key, type, mem, &why) == 0) {
		p->usable = true;
		return;
	} else {
		problems_add(problems, PROBLEM_ERROR, &place, "%s", why.msg);
	}
	if (start->kind == ERR_NONE)
		*start = why;
}

static void
read_options(struct part *p, enum smt_kind kind, const struct config *cfg,
    struct arena *mem, struct problems *problems)
{
	bool transform = kind == SMT_TRANSFORM;
	const char *negate = arena_printf(mem, "%snegate", p->prefix);
	const char *predicate = arena_printf(mem, "%spredicate", p->prefix);

	if (!p->usable)
		return;
	if (transform && config_find(cfg, negate) != NULL &&
	    config_find(cfg, predicate) == NULL) {
		struct config_entry place = place_of(
		    cfg, arena_printf(mem, "%stype", p->prefix));
		problems_add(problems, PROBLEM_ERROR, &place,
		    "Config '%s' was provided but there is no config '%s' defining a "
		    "predicate to be negated.",
		    negate, predicate);
	}
	smt_instance_read(&p->in, cfg, p->prefix, transform ? smt_wiring_options : NULL,
	    &p->options, mem, problems);
}

struct wiring {
	struct parts transforms, predicates;
	struct err start; /* kind ERR_NONE: no fault of classes */
};

static void
read_wiring(struct wiring *w, const struct config *cfg, struct arena *mem,
    struct problems *problems)
{
	struct parts *both[] = { &w->transforms, &w->predicates };

	*w = (struct wiring) {
		.transforms = { .kind = SMT_TRANSFORM, .key = "transforms" },
		.predicates = { .kind = SMT_PREDICATE, .key = "predicates" },
	};
	for (size_t i = 0; i < ARRAY_LEN(both); i++)
		read_aliases(both[i], cfg, mem, problems);
	for (size_t i = 0; i < ARRAY_LEN(both); i++)
		for (size_t k = 0; k < both[i]->n; k++) {
			struct part *p = &both[i]->list[k];
			read_class(p, both[i]->kind, cfg, mem, problems, &w->start);
			read_options(p, both[i]->kind, cfg, mem, problems);
		}
}

/* ---- validation ---- */

/* What Connect says only at the start, or never. */
static void
warn_of(struct part *p, const struct wiring *w, const struct config *cfg,
    struct arena *mem, struct problems *problems)
{
	struct config_entry place = place_of(cfg, arena_printf(mem, "%stype", p->prefix));
	const char *alias_key = arena_printf(mem, "%spredicate", p->prefix);
	const char *alias = config_get(cfg, alias_key);
	struct err why = { 0 };

	if (smt_instance_begin(&p->in, mem, &why) < 0) {
		problems_add(problems, PROBLEM_WARNING, &place,
		    "the connector will fail to start: %s", why.msg);
	} else if (p->in.smt != NULL && p->in.smt->warn != NULL) {
		const char *name = p->in.smt->warn(p->in.state, &why);
		if (name != NULL) {
			struct config_entry at = place_of(
			    cfg, arena_printf(mem, "%s%s", p->prefix, name));
			problems_add(problems, PROBLEM_WARNING, &at, "%s", why.msg);
		}
	}
	smt_instance_end(&p->in);
	if (p->in.smt != NULL && alias != NULL &&
	    find_part(&w->predicates, alias) == NULL) {
		struct config_entry at = place_of(cfg, alias_key);
		problems_add(problems, PROBLEM_WARNING, &at,
		    "the connector will fail to start: predicates does not list %s",
		    alias);
	}
}

void
smt_chain_validate(const struct config *cfg, struct problems *problems)
{
	struct arena *mem = arena_new(4096);
	size_t before = problems_count(problems, PROBLEM_ERROR);
	struct wiring w;

	read_wiring(&w, cfg, mem, problems);
	if (problems_count(problems, PROBLEM_ERROR) == before) {
		for (size_t i = 0; i < w.transforms.n; i++)
			warn_of(&w.transforms.list[i], &w, cfg, mem, problems);
		for (size_t i = 0; i < w.predicates.n; i++)
			warn_of(&w.predicates.list[i], &w, cfg, mem, problems);
	}
	arena_free(mem);
}

/* ---- making a chain ---- */

struct smt_chain *
smt_chain_new(void)
{
	struct smt_chain *c = mem_zalloc(sizeof(*c));

	c->mem = arena_new(4096);
	return c;
}

void
smt_chain_close(struct smt_chain *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n; i++)
		smt_instance_end(&c->steps[i].smt);
	for (size_t i = 0; i < c->n_predicates; i++)
		smt_instance_end(c->predicates[i]);
	free(c->steps);
	free(c->predicates);
	arena_free(c->mem);
	free(c);
}

static struct step *
add_step(struct smt_chain *c)
{
	if (c->n == c->cap) {
		c->cap = c->cap > 0 ? 2 * c->cap : 4;
		c->steps = mem_realloc(c->steps, c->cap * sizeof(*c->steps));
	}
	c->steps[c->n] = (struct step) { 0 };
	return &c->steps[c->n++];
}

/* A predicate that lives and ends with the chain. */
static struct smt_instance *
add_predicate(struct smt_chain *c, const struct smt_instance *in)
{
	struct smt_instance *kept = arena_alloc(c->mem, sizeof(*kept));

	*kept = *in;
	c->predicates = mem_realloc(
	    c->predicates, (c->n_predicates + 1) * sizeof(*c->predicates));
	c->predicates[c->n_predicates++] = kept;
	return kept;
}

/* As ConnectException prints its cause. */
static int
self_fault(struct err *err)
{
	struct err why = *err;

	return err_set(err, ERR_CONFIG,
	    "org.apache.kafka.common.config.ConfigException: %s", why.msg);
}

static int
open_step(struct smt_chain *c, const struct part *p, const struct wiring *w,
    const struct config *cfg, struct err *err)
{
	struct step *s = add_step(c);
	const char *alias = config_get(
	    cfg, arena_printf(c->mem, "%spredicate", p->prefix));
	const char *negate = config_get(cfg, arena_printf(c->mem, "%snegate", p->prefix));

	s->alias = p->alias;
	s->smt = p->in;
	if (smt_instance_begin(&s->smt, c->mem, err) < 0)
		return self_fault(err);
	if (alias == NULL)
		return 0;
	const struct part *pred = find_part(&w->predicates, alias);
	if (pred == NULL) {
		err_set(
		    err, ERR_CONFIG, "Unknown configuration 'predicates.%s.type'", alias);
		return self_fault(err);
	}
	struct smt_instance *in = add_predicate(c, &pred->in);
	s->predicate = in;
	s->predicate_alias = pred->alias;
	s->negate = negate != NULL && strcasecmp(negate, "true") == 0;
	return smt_instance_begin(in, c->mem, err) < 0 ? self_fault(err) : 0;
}

/* The first error among problems. */
static void
first_error(const struct problems *problems, struct err *err)
{
	const struct problem *p;

	for (size_t i = 0; (p = problems_each(problems, &i)) != NULL;)
		if (p->level == PROBLEM_ERROR) {
			err_set(err, ERR_CONFIG, "%s", p->text);
			return;
		}
}

static int
open_all(struct smt_chain *c, const struct config *cfg, struct problems *problems,
    struct err *err)
{
	struct wiring w;

	read_wiring(&w, cfg, c->mem, problems);
	if (w.start.kind != ERR_NONE) {
		*err = w.start;
		return -1;
	}
	if (problems_count(problems, PROBLEM_ERROR) > 0) {
		first_error(problems, err);
		return -1;
	}
	for (size_t i = 0; i < w.transforms.n; i++)
		if (open_step(c, &w.transforms.list[i], &w, cfg, err) < 0)
			return -1;
	return 0;
}

struct smt_chain *
smt_chain_open(const struct config *cfg, struct err *err)
{
	struct smt_chain *c = smt_chain_new();
	struct problems *problems = problems_new();
	int rc = open_all(c, cfg, problems, err);

	problems_free(problems);
	if (rc == 0)
		return c;
	smt_chain_close(c);
	return NULL;
}

static int
configure(struct smt_chain *c, struct smt_instance *in, enum smt_kind kind,
    const char *class_name, const struct config *options, struct err *err)
{
	struct problems *problems = problems_new();
	int rc = smt_instance_find(in, kind, "type", class_name, c->mem, err);

	if (rc == 0) {
		smt_instance_read_plain(in, options, c->mem, problems);
		if (problems_count(problems, PROBLEM_ERROR) > 0) {
			first_error(problems, err);
			rc = -1;
		}
	}
	problems_free(problems);
	return rc < 0 ? -1 : smt_instance_begin(in, c->mem, err);
}

int
smt_chain_add(struct smt_chain *c, const char *class_name, const struct config *options,
    const char *predicate, const struct config *predicate_options, bool negate,
    struct err *err)
{
	struct step *s = add_step(c);
	struct smt_instance none = { 0 };

	s->alias = class_name;
	if (configure(c, &s->smt, SMT_TRANSFORM, class_name, options, err) < 0)
		return -1;
	if (predicate == NULL)
		return 0;
	struct smt_instance *in = add_predicate(c, &none);
	s->predicate = in;
	s->predicate_alias = predicate;
	s->negate = negate;
	return configure(c, in, SMT_PREDICATE, predicate, predicate_options, err);
}

/* ---- running ---- */

size_t
smt_chain_count(const struct smt_chain *c)
{
	return c->n;
}

const struct smt_place *
smt_chain_place(const struct smt_chain *c)
{
	return &c->place;
}

/* 1: the transform applies; 0: it does not; -1. */
static int
applies(
    struct smt_chain *c, const struct step *s, const struct record *r, struct err *err)
{
	if (s->predicate == NULL)
		return 1;
	c->place = (struct smt_place) { s->predicate_alias, s->predicate->class_name,
		true };
	int rc = s->predicate->predicate->test(s->predicate->state, r, err);
	return rc < 0 ? -1 : (rc != 0) != s->negate;
}

static int
apply_step(struct smt_chain *c, const struct step *s, struct record *r, struct err *err)
{
	const struct smt_instance *in = &s->smt;
	struct datum *side = in->side == SMT_KEY     ? &r->key
	                     : in->side == SMT_VALUE ? &r->value
	                                             : NULL;
	int rc = applies(c, s, r, err);

	if (rc <= 0)
		return rc;
	c->place = (struct smt_place) { s->alias, in->class_name, false };
	return in->smt->apply(in->state, r, side, err);
}

int
smt_chain_apply(struct smt_chain *c, struct record *r, struct err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		int rc = apply_step(c, &c->steps[i], r, err);
		if (rc != 0)
			return rc;
	}
	return 0;
}
