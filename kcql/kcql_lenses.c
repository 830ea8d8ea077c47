/* Lenses' reading.  Not written yet: refuses every text. */
#include "kcql/kcql_lenses.h"

bool
kcql_lenses_parse(struct kcql_scan *s, struct kcql_memory *m, struct kcql_list *out,
    struct kcql_fault *fault)
{
	(void)s;
	(void)m;
	*out = (struct kcql_list){ NULL, 0 };
	*fault = (struct kcql_fault){ .code = "syntax", .what = { "not yet", 7 } };
	return false;
}
