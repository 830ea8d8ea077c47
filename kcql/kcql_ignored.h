#ifndef KCQL_KCQL_IGNORED_H
#define KCQL_KCQL_IGNORED_H

#include "kcql/kcql_antlr.h"

/* Each reads what follows its keyword and keeps it as an extra property; false: Lenses
 * refuses it. */
bool kcql_ignored_autocreate(struct kcql_antlr *);
bool kcql_ignored_autoevolve(struct kcql_antlr *);
bool kcql_ignored_unwrap(struct kcql_antlr *);
bool kcql_ignored_nopartition(struct kcql_antlr *);
bool kcql_ignored_with_target(struct kcql_antlr *);
bool kcql_ignored_batch(struct kcql_antlr *);
bool kcql_ignored_ttl(struct kcql_antlr *);
bool kcql_ignored_limit(struct kcql_antlr *);
bool kcql_ignored_partition_by(struct kcql_antlr *);
bool kcql_ignored_format(struct kcql_antlr *);
bool kcql_ignored_store_as(struct kcql_antlr *);
bool kcql_ignored_incremental_mode(struct kcql_antlr *);
bool kcql_ignored_with_type(struct kcql_antlr *);
bool kcql_ignored_doc_type(struct kcql_antlr *);
bool kcql_ignored_index_suffix(struct kcql_antlr *);
bool kcql_ignored_jms_selector(struct kcql_antlr *);
bool kcql_ignored_subscription(struct kcql_antlr *);
bool kcql_ignored_pipeline(struct kcql_antlr *);
bool kcql_ignored_properties(struct kcql_antlr *);

#endif
