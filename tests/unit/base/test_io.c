/* Files: at every step that fails the old one stays. */
#include "base/io.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"

static char dir[] = "/tmp/headrace-test-io-XXXXXX";

/* A path in the directory of this run; four of them at a time. */
static const char *
in_dir(const char *name)
{
	static char paths[4][256];
	static unsigned next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	return path;
}

static int
begin(void **state)
{
	(void)state;
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	return mkdtemp(dir) == NULL ? -1 : 0;
}

static int
end(void **state)
{
	char command[300];

	(void)state;
	io_fail(0, 0);
	snprintf(command, sizeof(command), "chmod -R u+rwx %s; rm -rf %s", dir, dir);
	return system(command);
}

static void
write_text(const char *name, const char *text)
{
	struct err err;

	if (io_write_file(in_dir(name), text, strlen(text), &err) < 0)
		fail_msg("%s", err.msg);
}

static void
expect_text(const char *name, const char *text)
{
	struct buf b = { 0 };
	struct err err;

	if (io_read_file(in_dir(name), 1000, &b, &err) < 0)
		fail_msg("%s", err.msg);
	assert_string_equal(buf_cstr(&b), text);
	buf_fini(&b);
}

/* ---- writing ---- */

static void
replaces_a_file(void **state)
{
	struct stat st;

	(void)state;
	write_text("f", "old and long");
	expect_text("f", "old and long");
	chmod(in_dir("f"), 0644);
	write_text("f", "new");
	expect_text("f", "new");
	write_text("f", "");
	expect_text("f", "");
	assert_int_equal(stat(in_dir("f"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_false(io_exists(in_dir("f.tmp")));
}

static void
writes_beside_a_left_over(void **state)
{
	struct stat st;

	(void)state;
	write_text("other", "other");
	assert_int_equal(symlink(in_dir("other"), in_dir("f.tmp")), 0);
	write_text("f", "new");
	expect_text("f", "new");
	expect_text("other", "other");
	assert_int_equal(lstat(in_dir("f"), &st), 0);
	assert_true(S_ISREG(st.st_mode));
}

static void
writes_in_the_working_directory(void **state)
{
	char before[4096];
	struct err err;

	(void)state;
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(dir), 0);
	int rc = io_write_file("f", "x", 1, &err);
	assert_int_equal(chdir(before), 0);
	assert_int_equal(rc, 0);
	expect_text("f", "x");
}

static bool
file_is(const char *name, const char *text)
{
	struct buf b = { 0 };
	struct err err;
	bool is = io_read_file(in_dir(name), 1000, &b, &err) == 0 &&
	          str_eq_c(buf_str(&b), text);

	buf_fini(&b);
	return is;
}

/* Steps: open the directory, create, write, sync, close, rename, sync the directory. */
static void
keeps_the_old_file_at_every_failure(void **state)
{
	enum { STEPS = 7 };
	static const struct {
		int errnum;
		enum err_kind kind;
	} failures[] = {
		{ ENOSPC, ERR_RETRY },
		{ EDQUOT, ERR_RETRY },
		{ EMFILE, ERR_RETRY },
		{ EIO, ERR_FATAL },
		{ EROFS, ERR_CONFIG },
		{ EACCES, ERR_CONFIG },
	};

	(void)state;
	for (unsigned step = 1; step <= STEPS + 1; step++) {
		for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
			struct err err = { .kind = ERR_NONE, .msg = "" };

			write_text("f", "old");
			io_fail(step, failures[i].errnum);
			int rc = io_write_file(in_dir("f"), "new", 3, &err);
			io_fail(0, 0);
			bool fails = step <= STEPS, replaced = step >= STEPS;
			if (rc != (fails ? -1 : 0) ||
			    !file_is("f", replaced ? "new" : "old") ||
			    io_exists(in_dir("f.tmp")))
				fail_msg("step %u, %s: %d, %s", step,
				    strerror(failures[i].errnum), rc, err.msg);
			if (!fails)
				continue;
			assert_int_equal(err.kind, failures[i].kind);
			assert_non_null(strstr(err.msg, strerror(failures[i].errnum)));
			assert_memory_equal(err.msg, dir, strlen(dir));
			assert_true((strstr(err.msg, "not safe from a power cut") !=
					NULL) == replaced);
		}
	}
}

static void
makes_no_file_where_none_was(void **state)
{
	struct err err;

	(void)state;
	for (unsigned step = 1; step <= 6; step++) {
		io_fail(step, ENOSPC);
		assert_int_equal(io_write_file(in_dir("f"), "new", 3, &err), -1);
		io_fail(0, 0);
		assert_false(io_exists(in_dir("f")));
		assert_false(io_exists(in_dir("f.tmp")));
	}
}

static void
goes_on_after_interrupted_and_unsyncable(void **state)
{
	struct err err;

	(void)state;
	io_fail(3, EINTR); /* of the write */
	assert_int_equal(io_write_file(in_dir("f"), "new", 3, &err), 0);
	expect_text("f", "new");
	io_fail(7, EINVAL); /* of a directory that has no sync */
	assert_int_equal(io_write_file(in_dir("f"), "newer", 5, &err), 0);
	expect_text("f", "newer");
	io_fail(0, 0);
}

static void
says_what_cannot_be_written(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(io_write_file(in_dir("no/f"), "x", 1, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.msg, "/no: cannot open: No such file or directory"));
	write_text("f", "old");
	assert_int_equal(io_write_file(in_dir("f/g"), "x", 1, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_int_equal(mkdir(in_dir("d"), 0700), 0);
	assert_int_equal(io_write_file(in_dir("d"), "x", 1, &err), -1);
	assert_non_null(strstr(err.msg, "/d: cannot replace: Is a directory"));
	assert_false(io_exists(in_dir("d.tmp")));
}

/* ---- reading ---- */

static void
reads_up_to_the_limit(void **state)
{
	enum { SIZE = 100000 };
	char *text = mem_alloc(SIZE);
	struct buf b = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < SIZE; i++)
		text[i] = (char)(i * 7);
	assert_int_equal(io_write_file(in_dir("f"), text, SIZE, &err), 0);
	buf_add_c(&b, "what was there before");
	assert_int_equal(io_read_file(in_dir("f"), SIZE, &b, &err), 0);
	assert_int_equal(b.n, SIZE);
	assert_memory_equal(b.p, text, SIZE);
	assert_int_equal(io_read_file(in_dir("f"), SIZE - 1, &b, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.msg, "/f: larger than 99999 bytes"));
	assert_int_equal(b.n, 0);
	buf_fini(&b);
	free(text);
}

/* /dev/zero has no size and no end. */
static void
does_not_trust_the_size(void **state)
{
	struct buf b = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(io_read_file("/dev/zero", 50000, &b, &err), -1);
	assert_true(b.cap < 200000);
	assert_int_equal(io_read_file("/proc/self/status", 100000, &b, &err), 0);
	assert_true(b.n > 0);
	buf_fini(&b);
}

static void
says_why_it_cannot_read(void **state)
{
	struct buf b = { 0 };
	struct err err;

	(void)state;
	buf_add_c(&b, "x");
	assert_int_equal(io_read_file(in_dir("none"), 10, &b, &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(strstr(err.msg, "/none: cannot open: No such file or directory"));
	assert_int_equal(b.n, 0);
	assert_int_equal(io_read_file(dir, 10, &b, &err), -1);
	assert_non_null(strstr(err.msg, "cannot read: Is a directory"));
	write_text("f", "text");
	for (unsigned step = 1; step <= 3; step++) { /* open, read, read to the end */
		io_fail(step, EIO);
		assert_int_equal(io_read_file(in_dir("f"), 10, &b, &err), -1);
		assert_int_equal(err.kind, ERR_FATAL);
		assert_int_equal(b.n, 0);
	}
	io_fail(0, 0);
	buf_fini(&b);
}

static void
tells_what_exists(void **state)
{
	(void)state;
	write_text("f", "");
	assert_true(io_exists(in_dir("f")));
	assert_true(io_exists(dir));
	assert_false(io_exists(in_dir("none")));
	assert_false(io_exists(in_dir("f/none")));
	assert_int_equal(symlink("nowhere", in_dir("link")), 0);
	assert_true(io_exists(in_dir("link")));
}

/* ---- directories ---- */

static void
makes_missing_parents(void **state)
{
	struct stat st;
	struct err err;

	(void)state;
	assert_int_equal(io_mkdirs(in_dir("a/b//c/"), &err), 0);
	assert_int_equal(stat(in_dir("a/b/c"), &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(io_mkdirs(in_dir("a/b//c/"), &err), 0);
	assert_int_equal(io_mkdirs("/", &err), 0);
	assert_int_equal(symlink("a", in_dir("link")), 0);
	assert_int_equal(io_mkdirs(in_dir("link/b/d"), &err), 0);
	assert_true(io_exists(in_dir("a/b/d")));
}

static void
says_why_it_cannot_make_a_directory(void **state)
{
	struct err err;

	(void)state;
	write_text("f", "");
	assert_int_equal(io_mkdirs(in_dir("f"), &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_non_null(
	    strstr(err.msg, "/f: cannot make this directory: Not a directory"));
	assert_int_equal(io_mkdirs(in_dir("f/g"), &err), -1);
	assert_int_equal(io_mkdirs("", &err), -1);
	assert_int_equal(err.kind, ERR_CONFIG);
	io_fail(1 + 2, ENOSPC); /* "/" is passed over; "/tmp" and dir are there */
	assert_int_equal(io_mkdirs(in_dir("new"), &err), -1);
	assert_int_equal(err.kind, ERR_RETRY);
	io_fail(5, EIO); /* mkdir three times, open, sync of the parent */
	assert_int_equal(io_mkdirs(in_dir("new"), &err), -1);
	assert_int_equal(err.kind, ERR_FATAL);
	assert_non_null(strstr(err.msg, "cannot sync"));
	io_fail(0, 0);
	assert_int_equal(io_mkdirs(in_dir("new"), &err), 0);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(replaces_a_file),
		TEST(writes_beside_a_left_over),
		TEST(writes_in_the_working_directory),
		TEST(keeps_the_old_file_at_every_failure),
		TEST(makes_no_file_where_none_was),
		TEST(goes_on_after_interrupted_and_unsyncable),
		TEST(says_what_cannot_be_written),
		TEST(reads_up_to_the_limit),
		TEST(does_not_trust_the_size),
		TEST(says_why_it_cannot_read),
		TEST(tells_what_exists),
		TEST(makes_missing_parents),
		TEST(says_why_it_cannot_make_a_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
