/*
 * The registry of the MQTT-side converters, and what all of them have in common.
 */
#include "convert/payload.h"

#include <stdlib.h>

#include "base/mem.h"
#include "convert/payload_key.h"

#define PAYLOADS(X) X(bytes) X(json) X(json_optnull) X(json_evolution) X(json_text)

#define X(n) extern const struct payload_class payload_##n;
PAYLOADS(X)
#undef X
#define X(n) &payload_##n,
static const struct payload_class *const classes[] = { PAYLOADS(X) NULL };
#undef X

const struct payload_class *const *
payload_classes(void)
{
	return classes;
}

const struct payload_class *
payload_find(struct str name)
{
	static const char *const packages[] = {
		"io.lenses.streamreactor.connect.converters.source.",
		"com.datamountaineer.streamreactor.connect.converters.source.",
	};

	if (name.n == 0)
		return &payload_bytes;
	for (const struct payload_class *const *c = classes; *c != NULL; c++) {
		if ((*c)->short_name != NULL && str_eq_c(name, (*c)->short_name))
			return *c;
	}
	for (size_t i = 0; i < ARRAY_LEN(packages); i++) {
		const size_t n = str_of(packages[i]).n;

		if (str_starts(name, packages[i])) {
			name.p += n;
			name.n -= n;
			break;
		}
	}
	for (const struct payload_class *const *c = classes; *c != NULL; c++) {
		if (str_eq_c(name, (*c)->name))
			return *c;
	}
	return NULL;
}

struct payload *
payload_open(const struct payload_spec *spec, struct err *err)
{
	struct payload *p = mem_zalloc(sizeof(*p));

	p->class = spec->class;
	p->spec = *spec;
	if (p->spec.delimiter.p == NULL)
		p->spec.delimiter = STR(".");
	p->mem = arena_new(1024);
	p->state = mem_zalloc(p->class->state_size);
	payload_key_init(p);
	if (!p->class->has_key_fields && payload_key_needs_fields(p) &&
	    !p->spec.strict_lenses) {
		err_set(err, ERR_CONFIG,
		    "WITHKEY(%.*s) needs fields, which %s does not "
		    "give; use a converter that reads the payload, or _.topic",
		    STR_ARG(p->spec.keys[0].text), p->class->name);
		goto fail;
	}
	if (p->class->init != NULL && p->class->init(p, err) != 0)
		goto fail;
	if (p->class->warning != NULL)
		log_warn(spec->log, "%s: %s", p->class->name, p->class->warning);
	return p;
fail:
	payload_close(p);
	return NULL;
}

void
payload_close(struct payload *p)
{
	if (p == NULL)
		return;
	if (p->class->fini != NULL)
		p->class->fini(p);
	buf_fini(&p->text);
	arena_free(p->mem);
	free(p->state);
	free(p);
}

int
payload_field(struct payload *p, const struct message *m, const struct record *r,
    const struct payload_path *path, struct datum *out, struct err *err)
{
	if (p->class->field != NULL && path->part == MESSAGE_VALUE)
		return p->class->field(p, m, r, path, out, err);
	return payload_key_field(p, m, r, path, out, err);
}
