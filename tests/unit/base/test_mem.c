/* Allocation that cannot fail. */
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void
gives_memory_also_of_no_bytes(void **state)
{
	void *p[] = { mem_alloc(0), mem_zalloc(0), mem_realloc(NULL, 0), mem_strdup(""),
		mem_strndup(NULL, 0), mem_realloc(mem_alloc(8), 0) };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(p); i++) {
		assert_non_null(p[i]);
		free(p[i]);
	}
}

static void
copies_text(void **state)
{
	char *a = mem_strdup("abc"), *b = mem_strndup("abc", 2),
	     *c = mem_strndup("a\0b", 3);

	(void)state;
	assert_string_equal(a, "abc");
	assert_string_equal(b, "ab");
	assert_memory_equal(c, "a\0b", 4);
	free(a);
	free(b);
	free(c);
}

static void
zeroes_and_aligns(void **state)
{
	static const char zeroes[4096];
	char *p = mem_zalloc(sizeof(zeroes));
	void *aligned = mem_alloc_aligned(64, 128);

	(void)state;
	assert_memory_equal(p, zeroes, sizeof(zeroes));
	assert_int_equal((uintptr_t)aligned % 64, 0);
	free(p);
	free(aligned);
}

static void
ends_the_process_when_out_of_memory(void **state)
{
	volatile size_t too_much = SIZE_MAX / 2;
	char said[4096];
	int fds[2], status;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		const struct rlimit no_core = { 0, 0 };

		setrlimit(RLIMIT_CORE, &no_core);
		signal(SIGABRT, SIG_DFL); /* cmocka catches it */
		dup2(fds[1], STDERR_FILENO);
		mem_alloc(too_much);
		_exit(0);
	}
	close(fds[1]);
	ssize_t n = read(fds[0], said, sizeof(said) - 1);
	close(fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_true(n > 0); /* a sanitizer says it in its own words */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_memory_also_of_no_bytes),
		cmocka_unit_test(copies_text),
		cmocka_unit_test(zeroes_and_aligns),
		cmocka_unit_test(ends_the_process_when_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
