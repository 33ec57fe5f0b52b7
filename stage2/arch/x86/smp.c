/*
 * Starting the other CPUs (SDM 3A 8.4): INIT, start-up IPI, and a page of real-mode code below 1
 * MiB.
 *
 * While they start they run on page tables of their own, which also map the trampoline where it
 * lies; the kernel's tables never do.
 *
 * A new CPU waits to be told to go on. So one that is given up holds nothing when it is stopped,
 * and nobody meets a CPU at work that is not in the table of CPUs.
 */
#include "abi/errno.h"
#include "arch/cpu.h"
#include "arch/interrupt.h"
#include "arch/machine.h"
#include "arch/mmu.h"
#include "arch/x86/acpi.h"
#include "arch/x86/ioapic.h"
#include "arch/x86/x86.h"
#include "lib/string.h"

struct trampoline_data {
	uint64_t root, efer, stack, cpu, entry;
};

/* What the memory of one CPU holds. */
struct cpu_area {
	struct cpu cpu;
	struct cpu_tables tables;
	void (*entry)(struct cpu *cpu);
	uint32_t arrived; /* [a] by the new CPU: it is set up and waits */
	uint32_t go;      /* [a] by the other: it is registered and may take locks */
};

unsigned cpu_possible(void)
{
	unsigned count = acpi_info()->cpu_count;
	return count ? count : 1;
}

size_t cpu_area_bytes(void)
{
	return sizeof(struct cpu_area);
}

/* First C code of a new CPU: on its own stack, GS not yet set. */
__attribute__((no_stack_protector)) static void cpu_arrive(struct cpu_area *area)
{
	struct cpu *cpu = &area->cpu;
	descriptors_load(cpu, &area->tables);
	cpu_init_control();
	fpu_init_cpu();
	mmu_switch(mmu_kernel_root());
	interrupt_init_cpu();
	__atomic_store_n(&area->arrived, 1, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&area->go, __ATOMIC_ACQUIRE))
		cpu_relax();
	area->entry(cpu);
	cpu_stop();
}

/* The number-th CPU of the MADT that is not the one we run on. */
static int find_apic_id(unsigned number, uint32_t *apic_id)
{
	const struct acpi_info *acpi = acpi_info();
	uint32_t own = cpu_get(0)->apic_id;
	unsigned seen = 0;
	for (unsigned i = 0; i < acpi->cpu_count; i++) {
		if (acpi->cpu_apic_ids[i] == own)
			continue;
		if (++seen == number) {
			*apic_id = acpi->cpu_apic_ids[i];
			return *apic_id < 255 ? 0 : -ENODEV; /* more needs x2APIC */
		}
	}
	return -ENODEV;
}

static void wait_ns(uint64_t ns)
{
	const struct reference_clock *clock = reference_clock();
	uint64_t ticks = ns * clock->hz / 1000000000 + 1, start = clock->read();
	while (((clock->read() - start) & clock->mask) < ticks)
		cpu_relax();
}

static bool wait_arrived(const struct cpu_area *area, unsigned ms)
{
	for (unsigned i = 0; i < ms * 10; i++) {
		if (__atomic_load_n(&area->arrived, __ATOMIC_ACQUIRE))
			return true;
		wait_ns(100000);
	}
	return false;
}

static void free_tables(struct page_source *source, paddr_t root)
{
	struct pte *slot;

	if (!mmu_slot(root, AP_TRAMPOLINE_PADDR, NULL, &slot) && slot)
		slot->value = 0;
	mmu_free_tables(root, 0, USER_END, 0, USER_END, source);
	mmu_root_destroy(root, source);
}

/* Kernel tables plus the trampoline's page at its physical address. */
static int make_tables(struct page_source *source, paddr_t *root)
{
	int err = mmu_root_create(source, root);
	if (err)
		return err;
	err = mmu_map(*root, AP_TRAMPOLINE_PADDR, AP_TRAMPOLINE_PADDR, PAGE_SIZE,
		MMU_READ | MMU_EXEC, false, source);
	if (err)
		free_tables(source, *root);
	return err;
}

int cpu_start(unsigned number, void *memory, void *stack_top, void (*entry)(struct cpu *cpu),
	struct page_source *source)
{
	struct cpu_area *area = memory;
	uint32_t apic_id;
	int err = find_apic_id(number, &apic_id);
	if (err)
		return err;
	paddr_t root;
	err = make_tables(source, &root);
	if (err)
		return err;
	if (root >> 32) {
		err = -ENOMEM; /* real mode loads 32 bits of CR3 */
		goto out_free_tables;
	}

	memset(area, 0, sizeof(*area));
	area->entry = entry;
	area->cpu.id = cpu_count();
	area->cpu.apic_id = apic_id;
	area->cpu.preempt_count = 1;
	area->cpu.stack_canary = this_cpu()->stack_canary * 0x9e3779b97f4a7c15ull + number;

	uint8_t *page = phys_to_virt(AP_TRAMPOLINE_PADDR);
	memcpy(page, trampoline_start, (size_t)(trampoline_end - trampoline_start));
	struct trampoline_data data = {
		.root = root,
		.efer = x86_read_msr(MSR_EFER) & ~BIT(10), /* LMA is the CPU's to set */
		.stack = (uint64_t)stack_top,
		.cpu = (uint64_t)area,
		.entry = (uint64_t)cpu_arrive,
	};
	memcpy(page + (trampoline_data - trampoline_start), &data, sizeof(data));

	apic_send_init(apic_id);
	wait_ns(10000000);
	apic_send_startup(apic_id, AP_TRAMPOLINE_PADDR >> PAGE_SHIFT);
	if (!wait_arrived(area, 10)) {
		apic_send_startup(apic_id, AP_TRAMPOLINE_PADDR >> PAGE_SHIFT);
		if (!wait_arrived(area, 90)) {
			apic_send_init(
				apic_id); /* it must not wake up later in memory given back */
			err = -ETIMEDOUT;
			goto out_free_tables;
		}
	}
	cpu_register(&area->cpu);
	__atomic_store_n(&area->go, 1, __ATOMIC_RELEASE);

out_free_tables:
	free_tables(source, root);
	return err;
}
