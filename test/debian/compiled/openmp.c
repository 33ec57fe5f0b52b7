/* OpenMP: teams of threads, what they share, how they divide their work, and tasks. */
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

enum { TEAM = 4, COUNT = 20000 };

static int items[COUNT];

static int fibonacci(int n)
{
	int a, b;

	if (n < 2)
		return n;
	if (n < 8)
		return fibonacci(n - 1) + fibonacci(n - 2);
#pragma omp task shared(a)
	a = fibonacci(n - 1);
#pragma omp task shared(b)
	b = fibonacci(n - 2);
#pragma omp taskwait
	return a + b;
}

/* Each way to give out the turns of a loop; the sum is the same. */
static void loops(void)
{
	long sums[4] = { 0 };

#pragma omp parallel for schedule(static) reduction(+ : sums[:4])
	for (int i = 0; i < COUNT; i++)
		sums[0] += i;
#pragma omp parallel for schedule(dynamic, 16) reduction(+ : sums[:4])
	for (int i = 0; i < COUNT; i++)
		sums[1] += i;
#pragma omp parallel for schedule(guided) reduction(+ : sums[:4])
	for (int i = 0; i < COUNT; i++)
		sums[2] += i;
#pragma omp parallel for collapse(2) reduction(+ : sums[:4])
	for (int i = 0; i < 100; i++)
		for (int k = 0; k < 200; k++)
			sums[3] += i * 200 + k;
	printf("%ld %ld %ld %ld\n", sums[0], sums[1], sums[2], sums[3]);
#pragma omp parallel for ordered schedule(dynamic)
	for (int i = 0; i < 10; i++) {
#pragma omp ordered
		printf("%d%c", i, i < 9 ? ' ' : '\n');
	}
}

static void sharing(void)
{
	int members = 0, singles = 0, masters = 0, critical = 0, atomic = 0, rounds = 0;
	omp_lock_t lock;

	omp_init_lock(&lock);
#pragma omp parallel
	{
#pragma omp single
		singles++;
#pragma omp master
		masters++;
		for (int i = 0; i < 500; i++) {
#pragma omp critical
			critical++;
#pragma omp atomic
			atomic++;
			omp_set_lock(&lock);
			members++;
			omp_unset_lock(&lock);
		}
		for (int i = 0; i < 50; i++) {
#pragma omp barrier
			if (omp_get_thread_num() == i % TEAM)
				rounds++;
#pragma omp barrier
		}
	}
	omp_destroy_lock(&lock);
	printf("%d %d %d %d %d %d\n", members, singles, masters, critical, atomic, rounds);
}

int main(void)
{
	int result = 0, nested = 0;

	omp_set_dynamic(0);
	omp_set_num_threads(TEAM);
	omp_set_max_active_levels(2);
	loops();
	sharing();
#pragma omp parallel
#pragma omp single
	result = fibonacci(16);
	printf("%d\n", result);
#pragma omp parallel num_threads(2)
#pragma omp parallel num_threads(3) reduction(+ : nested)
	nested += omp_get_num_threads();
	printf("%d %d\n", nested > 0, omp_get_level());
#pragma omp parallel sections
	{
#pragma omp section
		items[0] = 1;
#pragma omp section
		items[1] = 2;
	}
#pragma omp parallel for simd
	for (int i = 2; i < COUNT; i++)
		items[i] = i * 3;
	printf("%d %d %d\n", items[0], items[1], items[COUNT - 1]);
	printf("%d processor, %d threads\n", omp_get_num_procs(), omp_get_max_threads());
	return 3;
}
