/*
 * Files.  Each system call passes fails() first, which is where tests make a disk
 * full or broken at any step.  Durable here means: after return 0 a power cut
 * does not undo it.
 */
#include "base/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/* For tests only; atomic because helper threads write files too. */
static atomic_uint calls_to_failure;
static atomic_int failure_errnum;

void
io_fail(unsigned nth, int errnum)
{
	atomic_store(&failure_errnum, errnum);
	atomic_store(&calls_to_failure, nth);
}

static bool
fails(void)
{
	if (atomic_load_explicit(&calls_to_failure, memory_order_relaxed) == 0 ||
	    atomic_fetch_sub(&calls_to_failure, 1) != 1)
		return false;
	errno = atomic_load(&failure_errnum);
	return true;
}

static enum err_kind
kind_of(int errnum)
{
	switch (errnum) {
	case ENOSPC:
	case EDQUOT:
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case EAGAIN:
	case EBUSY:
		return ERR_RETRY;
	case EIO:
		return ERR_FATAL;
	default:
		return ERR_CONFIG;
	}
}

/* "<path>: cannot <verb>: <reason>"; right after the call that failed. */
static int
failed(struct err *err, const char *path, const char *verb)
{
	int errnum = errno;

	return err_errno(err, kind_of(errnum), errnum, "%s: cannot %s", path, verb);
}

/* ---- system calls that tests can make fail ---- */

static int
open_file(const char *path, int flags)
{
	if (fails())
		return -1;
	return open(path, flags | O_CLOEXEC, 0600);
}

static ssize_t
read_some(int fd, void *p, size_t n)
{
	ssize_t got;

	if (fails())
		return -1;
	do
		got = read(fd, p, n);
	while (got < 0 && errno == EINTR);
	return got;
}

static int
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = fails() ? -1 : write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

static int
sync_file(int fd)
{
	return fails() ? -1 : fsync(fd);
}

static int
close_file(int fd)
{
	bool failing = fails();
	int errnum = errno;
	int rc = close(fd);

	if (!failing)
		return rc;
	errno = errnum;
	return -1;
}

static int
rename_file(const char *from, const char *to)
{
	return fails() ? -1 : rename(from, to);
}

static int
make_dir(const char *path)
{
	return fails() ? -1 : mkdir(path, 0700);
}

/* ---- reading ---- */

bool
io_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

static int
read_all(int fd, const char *path, size_t max_bytes, struct buf *out, struct err *err)
{
	enum { PIECE = 16 * 1024 };

	for (;;) {
		buf_reserve(out, PIECE);
		ssize_t n = read_some(fd, out->p + out->n, PIECE);
		if (n < 0)
			return failed(err, path, "read");
		if (n == 0)
			return 0;
		out->n += (size_t)n;
		if (out->n > max_bytes)
			return err_set(err, ERR_CONFIG,
			    "%s: larger than %zu bytes, the limit here", path, max_bytes);
	}
}

int
io_read_file(const char *path, size_t max_bytes, struct buf *out, struct err *err)
{
	int fd = open_file(path, O_RDONLY);
	int rc;

	buf_reset(out);
	if (fd < 0)
		return failed(err, path, "open");
	rc = read_all(fd, path, max_bytes, out, err);
	close(fd);
	if (rc < 0)
		buf_reset(out);
	return rc;
}

/* ---- writing ---- */

/* The directory that holds path; free it. */
static char *
parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return mem_strdup(".");
	return mem_strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

/* Makes names in the directory durable. */
static int
sync_names(int fd, const char *dir, struct err *err)
{
	/* EINVAL: a file system that has nothing to sync there. */
	if (sync_file(fd) < 0 && errno != EINVAL)
		return failed(err, dir, "sync");
	return 0;
}

static int
open_dir(const char *path, struct err *err)
{
	int fd = open_file(path, O_RDONLY | O_DIRECTORY);

	return fd < 0 ? failed(err, path, "open") : fd;
}

/* A new file, not what somebody may have left or linked there. */
static int
create_file(const char *path)
{
	int fd = open_file(path, O_WRONLY | O_CREAT | O_EXCL);

	if (fd >= 0 || errno != EEXIST)
		return fd;
	unlink(path);
	return open_file(path, O_WRONLY | O_CREAT | O_EXCL);
}

static int
write_new(const char *path, const void *p, size_t n, struct err *err)
{
	int fd = create_file(path);
	int rc = 0;

	if (fd < 0)
		return failed(err, path, "create");
	if (write_all(fd, p, n) < 0)
		rc = failed(err, path, "write");
	else if (sync_file(fd) < 0)
		rc = failed(err, path, "sync");
	if (rc < 0)
		close(fd);
	else if (close_file(fd) < 0)
		rc = failed(err, path, "close");
	return rc;
}

int
io_write_file(const char *path, const void *p, size_t n, struct err *err)
{
	struct buf tmp = { 0 };
	char *dir = parent_of(path);
	int dir_fd = open_dir(dir, err); /* now: after the rename it must not fail */
	int rc = -1;

	if (dir_fd < 0)
		goto out;
	buf_printf(&tmp, "%s.tmp", path);
	rc = write_new(buf_cstr(&tmp), p, n, err);
	if (rc == 0 && rename_file(buf_cstr(&tmp), path) < 0)
		rc = failed(err, path, "replace");
	if (rc < 0) {
		unlink(buf_cstr(&tmp));
		goto out;
	}
	rc = sync_names(dir_fd, dir, err);
	if (rc < 0)
		err_context(err, "%s: replaced, but not safe from a power cut", path);
out:
	if (dir_fd >= 0)
		close(dir_fd);
	buf_fini(&tmp);
	free(dir);
	return rc;
}

static bool
is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int
make_one(const char *path, struct err *err)
{
	char *parent;
	int fd, rc = -1;

	if (make_dir(path) < 0) {
		int errnum = errno;

		/* The reason may be another one than that it is there (read-only). */
		if (is_dir(path))
			return 0;
		errno = errnum == EEXIST ? ENOTDIR : errnum;
		return failed(err, path, "make this directory");
	}
	parent = parent_of(path);
	fd = open_dir(parent, err);
	if (fd >= 0) {
		rc = sync_names(fd, parent, err);
		close(fd);
	}
	free(parent);
	return rc;
}

int
io_mkdirs(const char *path, struct err *err)
{
	char *part = mem_strdup(path);
	size_t n = strlen(part);
	int rc = 0;

	while (n > 1 && part[n - 1] == '/')
		part[--n] = '\0';
	for (char *p = part + 1; rc == 0 && n > 0 && *p != '\0'; p++) {
		if (*p != '/' || p[-1] == '/')
			continue;
		*p = '\0';
		rc = make_one(part, err);
		*p = '/';
	}
	if (rc == 0)
		rc = make_one(part, err);
	free(part);
	return rc;
}
