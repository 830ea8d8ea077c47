#ifndef CONVERT_PAYLOAD_JSON4S_H
#define CONVERT_PAYLOAD_JSON4S_H

#include "base/arena.h"
#include "base/err.h"
#include "data/json.h"

/*
 * Reads JSON as the native parser of json4s 4.0.7 does, which Lenses' converters use:
 * commas mean nothing, the last root wins, what is not closed is not there.  text is
 * UTF-8.  *root NULL: nothing was read (JNothing).  ERR_RECORD.
 */
int payload_json4s_parse(
    struct arena *mem, struct str text, struct json **root, struct err *err);

#endif
