/*
 * Starting the application processors, and a self test with them: per-CPU data, a thread switch on
 * each, wake-ups between CPUs and the TLB shootdown all work before anybody relies on them. Then
 * they are parked.
 */
#include "sched/cpus.h"
#include "abi/errno.h"
#include "arch/interrupt.h"
#include "arch/machine.h"
#include "arch/trap.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/tlb.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "mm/slab.h"
#include "sched/sched_internal.h"
#include "sched/wait.h"

#define TEST_TIMEOUT_NS (500 * NS_PER_MS)

/* What one CPU does in the test, in a kernel thread on it. */
struct cpu_test {
	struct wait_queue step;
	volatile uint64_t *page; /* mapped, then mapped elsewhere: the CPU must see both */
	uint64_t seen[2];        /* [a] */
	uint32_t phase;          /* [a] 1: read the first time; 2: mapping changed; 3: read again */
	uint32_t cpu_id;         /* [a] CPU that the thread found itself on */
};

static void cpu_main(struct cpu *cpu)
{
	sched_run_idle();
}

static int cpu_bring_up(unsigned number)
{
	struct frame *area;
	unsigned order = 0;
	while (((size_t)PAGE_SIZE << order) < cpu_area_bytes())
		order++;
	int err = frame_alloc(order, FRAME_STACK, &area);
	if (err)
		return err;
	void *stack_top;
	err = kstack_alloc(&stack_top);
	if (err)
		goto out_free_area;
	err = cpu_start(number, frame_virt(area), stack_top, cpu_main, frame_table_source());
	if (err)
		goto out_free_stack;
	return 0;

out_free_stack:
	kstack_free(stack_top);
out_free_area:
	frame_put(area);
	return err;
}

static void phase_set(struct cpu_test *test, uint32_t phase)
{
	__atomic_store_n(&test->phase, phase, __ATOMIC_RELEASE);
	wait_wake_all(&test->step, 0);
}

static int phase_wait(struct cpu_test *test, uint32_t phase)
{
	return wait_event(&test->step, WAIT_UNINTERRUPTIBLE, clock_ns() + TEST_TIMEOUT_NS,
		__atomic_load_n(&test->phase, __ATOMIC_ACQUIRE) >= phase);
}

static void test_thread(void *data)
{
	struct cpu_test *test = data;
	test->cpu_id = this_cpu()->id;
	test->seen[0] = *test->page;
	phase_set(test, 1);
	if (phase_wait(test, 2) == 0) {
		test->seen[1] = *test->page;
		phase_set(test, 3);
	}
	frame_drain(); /* its CPU will be parked: what it keeps would be lost */
}

/* Map the page at another frame, as a kernel mapping that changes, and flush it everywhere. */
static int test_remap(struct cpu_test *test, struct frame *other)
{
	struct pte *slot;
	int err = mmu_slot(mmu_kernel_root(), (uint64_t)test->page, NULL, &slot);
	if (err || !slot)
		return -EFAULT;
	*slot = pte_make(frame_paddr(other), MMU_READ | MMU_WRITE | MMU_GLOBAL);
	tlb_flush_kernel((uint64_t)test->page, PAGE_SIZE);
	return 0;
}

static int test_run(struct cpu_test *test, unsigned id, struct frame *other)
{
	struct thread *thread;
	int err = thread_create("cpu-test", test_thread, test, false, &thread);
	if (err)
		return err;
	thread->cpu = id;
	thread_get(thread);
	thread_run(thread);

	err = phase_wait(test, 1);
	if (!err)
		err = test_remap(test, other);
	phase_set(test, 2);
	if (!err)
		err = phase_wait(test, 3);
	if (!err && (test->cpu_id != id || test->seen[0] != 1 || test->seen[1] != 2))
		err = -EIO;
	/* The thread is through with `test` once it is dead. */
	while (READ_ONCE(thread->state) != THREAD_DEAD)
		(void)sleep_until(WAIT_UNINTERRUPTIBLE, clock_ns() + NS_PER_MS / 10);
	thread_put(thread);
	return err;
}

/* It has a run queue then, and takes part in shootdowns. */
static int wait_online(unsigned id)
{
	uint64_t deadline_ns = clock_ns() + TEST_TIMEOUT_NS;
	while (!__atomic_load_n(&cpu_get(id)->online, __ATOMIC_ACQUIRE)) {
		if (clock_ns() > deadline_ns)
			return -ETIMEDOUT;
		(void)sleep_until(WAIT_UNINTERRUPTIBLE, clock_ns() + NS_PER_MS / 10);
	}
	return 0;
}

static int cpu_test(unsigned id)
{
	struct cpu_test test = { .step = WAIT_QUEUE_INIT(test.step) };
	struct frame *first, *other;
	volatile void *page;

	int err = wait_online(id);
	if (!err)
		err = frame_alloc_zeroed(FRAME_STACK, &first);
	if (err)
		return err;
	err = frame_alloc_zeroed(FRAME_STACK, &other);
	if (err)
		goto out_put_first;
	*(uint64_t *)frame_virt(first) = 1;
	*(uint64_t *)frame_virt(other) = 2;
	err = kmap_device(frame_paddr(first), PAGE_SIZE, &page);
	if (err)
		goto out_put_other;
	test.page = page;
	err = test_run(&test, id, other);
	kunmap_device(page, PAGE_SIZE);

out_put_other:
	frame_put(other);
out_put_first:
	frame_put(first);
	return err;
}

void cpus_start(void)
{
	unsigned possible = min(cpu_possible(), (unsigned)CPU_MAX);
	for (unsigned number = 1; number < possible; number++) {
		int err = cpu_bring_up(number);
		unsigned id = cpu_count() - 1;
		if (!err)
			err = cpu_test(id);
		if (err)
			log_error("cpu %u: does not work: error %d", number, err);
		else
			log_info("cpu %u: started; threads, wake-ups and TLB shootdown work", id);
	}
}

void cpus_park(void)
{
	for (unsigned id = 1; id < cpu_count(); id++) {
		WRITE_ONCE(cpu_get(id)->online, 0);
		ipi_send(cpu_get(id)->apic_id, TRAP_IPI_STOP);
	}
	if (cpu_count() > 1)
		log_info("%u CPUs parked: this version runs programs on one", cpu_count() - 1);
}
