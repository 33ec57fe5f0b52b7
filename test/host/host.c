/*
 * What the kernel's lower rooms expect of core, for tests on the host: a failed assert prints and
 * aborts, unless the test expects it; no allocation fails on purpose. And repeatable random
 * numbers.
 */
#include "host.h"
#include "core/fail.h"
#include "lib/assert.h"
#include "lib/hash.h"

#include <stdlib.h>

bool host_assert_expected;
jmp_buf host_assert_jump;

static uint64_t random_state = 1;

void assert_fail(const char *expression, const char *file, int line)
{
	if (host_assert_expected) {
		host_assert_expected = false;
		longjmp(host_assert_jump, 1);
	}
	fprintf(stderr, "%s:%d: assert(%s) failed\n", file, line, expression);
	abort();
}

bool fail_now(void)
{
	return false;
}

void host_random_seed(uint64_t seed)
{
	random_state = seed;
}

uint64_t host_random(void)
{
	return hash_u64(random_state += 0x9e3779b97f4a7c15ull);
}

uint64_t host_random_below(uint64_t limit)
{
	return host_random() % limit;
}
