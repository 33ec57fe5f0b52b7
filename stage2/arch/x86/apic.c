/*
 * The local APIC (SDM 3A chapter 10): acknowledging interrupts, interrupts between CPUs, the
 * one-shot timer of each CPU. The older 8259 pair is masked and its vectors moved out of the way.
 */
#include "abi/errno.h"
#include "arch/cpu.h"
#include "arch/interrupt.h"
#include "arch/io.h"
#include "arch/memory_map.h"
#include "arch/trap.h"
#include "arch/x86/acpi.h"
#include "arch/x86/ioapic.h"
#include "arch/x86/mmio.h"
#include "arch/x86/x86.h"

#define APIC_DEFAULT_PADDR 0xfee00000
#define APIC_BASE_ENABLE   BIT(11)

enum apic_register {
	APIC_TASK_PRIORITY = 0x80,
	APIC_EOI = 0xb0,
	APIC_SPURIOUS = 0xf0,
	APIC_COMMAND_LOW = 0x300,
	APIC_COMMAND_HIGH = 0x310,
	APIC_LVT_TIMER = 0x320,
	APIC_LVT_LINT0 = 0x350,
	APIC_LVT_LINT1 = 0x360,
	APIC_LVT_ERROR = 0x370,
	APIC_TIMER_INITIAL = 0x380,
	APIC_TIMER_CURRENT = 0x390,
	APIC_TIMER_DIVIDE = 0x3e0,
};

#define SPURIOUS_ENABLE    BIT(8)
#define LVT_MASKED         BIT(16)
#define LVT_NMI            (4u << 8)
#define COMMAND_PENDING    BIT(12)
#define COMMAND_ASSERT     BIT(14)
#define COMMAND_NMI        (4u << 8)
#define COMMAND_INIT       (5u << 8)
#define COMMAND_STARTUP    (6u << 8)
#define COMMAND_ALL_OTHERS (3u << 18)
#define DIVIDE_BY_16       3

static volatile uint8_t *apic; /* the same address on every CPU, each CPU's own registers */

static inline uint32_t apic_read(enum apic_register reg)
{
	return mmio_read32(apic + reg);
}

static inline void apic_write(enum apic_register reg, uint32_t value)
{
	mmio_write32(apic + reg, value);
}

/* Vectors 0xf8 to 0xff are unused but for the spurious one: a stray 8259 interrupt does no harm. */
static void mask_8259(void)
{
	static const uint8_t master[] = { 0x11, 0xf8, 0x04, 0x01 };
	static const uint8_t slave[] = { 0x11, 0xf8, 0x02, 0x01 };
	for (unsigned i = 0; i < ARRAY_SIZE(master); i++) {
		io_out8(i == 0 ? 0x20 : 0x21, master[i]);
		io_out8(i == 0 ? 0xa0 : 0xa1, slave[i]);
	}
	io_out8(0x21, 0xff);
	io_out8(0xa1, 0xff);
}

void interrupt_init_cpu(void)
{
	x86_write_msr(MSR_APIC_BASE, x86_read_msr(MSR_APIC_BASE) | APIC_BASE_ENABLE);
	apic_write(APIC_SPURIOUS, SPURIOUS_ENABLE | TRAP_SPURIOUS);
	apic_write(APIC_TASK_PRIORITY, 0);
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
	apic_write(APIC_LVT_LINT1, LVT_NMI);
	apic_write(APIC_LVT_ERROR, LVT_MASKED);
	apic_write(APIC_TIMER_DIVIDE, DIVIDE_BY_16);
	apic_write(APIC_LVT_TIMER, TRAP_TIMER); /* one-shot */
}

int interrupt_init(void)
{
	if (!(x86_cpuid(1, 0).edx & BIT(9)))
		return -ENODEV;
	paddr_t paddr = acpi_info()->lapic_paddr;
	apic = arch_map_mmio(paddr ? paddr : APIC_DEFAULT_PADDR, PAGE_SIZE);
	if (!apic)
		return -ENOMEM;
	if (!acpi_info()->has_madt || acpi_info()->has_8259)
		mask_8259();
	interrupt_init_cpu();
	return ioapic_init();
}

void interrupt_ack(void)
{
	apic_write(APIC_EOI, 0);
}

static void send_command(uint32_t apic_id, uint32_t command)
{
	uint64_t flags = irq_save(); /* the two halves belong together */
	while (apic_read(APIC_COMMAND_LOW) & COMMAND_PENDING)
		cpu_relax();
	apic_write(APIC_COMMAND_HIGH, apic_id << 24);
	apic_write(APIC_COMMAND_LOW, command);
	irq_restore(flags);
}

void ipi_send(uint32_t apic_id, unsigned vector)
{
	send_command(apic_id, COMMAND_ASSERT | vector);
}

void nmi_send_others(void)
{
	send_command(0, COMMAND_ALL_OTHERS | COMMAND_ASSERT | COMMAND_NMI);
}

void apic_send_init(uint32_t apic_id)
{
	send_command(apic_id, COMMAND_ASSERT | COMMAND_INIT);
}

void apic_send_startup(uint32_t apic_id, unsigned page)
{
	send_command(apic_id, COMMAND_ASSERT | COMMAND_STARTUP | page);
}

/* SDM 3A 10.11: address FEEx_xxxx names the CPU, data the vector; edge-triggered, fixed. */
struct msi_message msi_compose(unsigned vector, uint32_t apic_id)
{
	return (struct msi_message){ .address = 0xfee00000ull | apic_id << 12, .data = vector };
}

void local_timer_arm(uint32_t ticks)
{
	apic_write(APIC_TIMER_INITIAL, ticks);
}

uint32_t local_timer_count(void)
{
	return apic_read(APIC_TIMER_CURRENT);
}
