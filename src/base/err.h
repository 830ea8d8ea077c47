#ifndef BASE_ERR_H
#define BASE_ERR_H

/*
 * Errors are values: what can fail returns -1 (or NULL) and fills the caller's
 * struct err.  The kind is for code, the message for people: what, where, and
 * what to do.
 */

enum err_kind {
	ERR_NONE,
	ERR_RETRY,  /* try the same again later: the peer or the network is away */
	ERR_RECORD, /* this one record is bad: errors.tolerance decides */
	ERR_CONFIG, /* the user must change something */
	ERR_FATAL,  /* the task is FAILED */
	ERR_BUG,    /* our mistake */
};

struct err {
	enum err_kind kind;
	char msg[248]; /* NUL-terminated, cut when too long */
};

/* Sets kind and message; always returns -1, so that it can end a function.  err->msg
 * itself may be among the arguments.  A text that is too long is cut between
 * characters. */
int err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "<context>: " in front of the message and keeps the kind; returns -1. */
int err_context(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* As err_set, with ": <strerror(errnum)>" behind the text; returns -1. */
int err_errno(struct err *err, enum err_kind kind, int errnum, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* "retry", "record", "config", "fatal", "bug"; "none". */
const char *err_kind_name(enum err_kind kind);

#endif
