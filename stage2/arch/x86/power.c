/*
 * Power off and reset. Each is a list of ways, tried in order until the machine is gone: first what
 * the ACPI tables say, then what is known of emulators and of old PCs. No way reports success: it
 * succeeds by not returning.
 */
#include "arch/cpu.h"
#include "arch/io.h"
#include "arch/machine.h"
#include "arch/mmu.h"
#include "arch/x86/acpi.h"
#include "lib/format.h"

/* PM1 control (ACPI 6.4, 4.8.3.2.1). */
#define PM1_SCI_EN        1u
#define PM1_SLP_TYP(type) ((uint16_t)((type) << 10))
#define PM1_SLP_TYP_MASK  PM1_SLP_TYP(7)
#define PM1_SLP_EN        0x2000u

/* Where emulators have their PM1a control if no table says: QEMU, Bochs and QEMU before 2.0. */
#define QEMU_PM1_CONTROL  0x604
#define BOCHS_PM1_CONTROL 0xb004
#define BOCHS_SHUTDOWN    0x8900 /* takes the letters of "Shutdown" */

/* Reading port 80h takes about 1 µs on a PC. */
static void settle(unsigned microseconds)
{
	while (microseconds-- > 0)
		(void)io_in8(0x80);
}

/* Take the PM registers over from the firmware, where it still has them (4.8.2.5). */
static void acpi_enable(const struct acpi_info *acpi)
{
	if (!acpi->smi_command || !acpi->acpi_enable)
		return;
	if (io_in16(acpi->pm1a_control) & PM1_SCI_EN)
		return;
	io_out8(acpi->smi_command, acpi->acpi_enable);
	for (int i = 0; i < 300 && !(io_in16(acpi->pm1a_control) & PM1_SCI_EN); i++)
		settle(1000);
}

static void pm1_sleep(uint16_t port, uint8_t type)
{
	uint16_t control = io_in16(port) & (uint16_t) ~(PM1_SLP_TYP_MASK | PM1_SLP_EN);

	io_out16(port, (uint16_t)(control | PM1_SLP_TYP(type) | PM1_SLP_EN));
}

static bool acpi_can_sleep(const struct acpi_info *acpi)
{
	return acpi->has_s5 && acpi->pm1a_control;
}

void machine_off(void)
{
	const struct acpi_info *acpi = acpi_info();

	irq_disable();
	if (acpi_can_sleep(acpi)) {
		acpi_enable(acpi);
		pm1_sleep(acpi->pm1a_control, acpi->s5_type_a);
		if (acpi->pm1b_control)
			pm1_sleep(acpi->pm1b_control, acpi->s5_type_b);
		settle(500000);
	}
	io_out16(QEMU_PM1_CONTROL, PM1_SLP_EN);
	io_out16(BOCHS_PM1_CONTROL, PM1_SLP_EN);
	for (const char *letter = "Shutdown"; *letter; letter++)
		io_out8(BOCHS_SHUTDOWN, (uint8_t)*letter);
	settle(100000);
}

const char *machine_off_means(void)
{
	static char means[48];
	const struct acpi_info *acpi = acpi_info();

	if (!acpi_can_sleep(acpi))
		return "ports known of emulators";
	snprintf(means, sizeof(means), "ACPI S5, port %xh", acpi->pm1a_control);
	return means;
}

#define RESET_CONTROL      0xcf9 /* PCI chip sets since PIIX3 */
#define RESET_CONTROL_HARD 0x02
#define RESET_CONTROL_GO   0x06
#define KEYBOARD_STATUS    0x64
#define KEYBOARD_FULL      0x02
#define KEYBOARD_PULSE_CPU 0xfe

static void reset_acpi(const struct acpi_info *acpi)
{
	if (!acpi->reset.address)
		return;
	if (acpi->reset.space == 1 && acpi->reset.address <= 0xffff)
		io_out8((uint16_t)acpi->reset.address, acpi->reset_value);
	settle(50000);
}

static void reset_keyboard_controller(void)
{
	for (int i = 0; i < 10000 && (io_in8(KEYBOARD_STATUS) & KEYBOARD_FULL); i++)
		settle(1);
	io_out8(KEYBOARD_STATUS, KEYBOARD_PULSE_CPU);
	settle(50000);
}

/* Without an IDT the first exception cannot be delivered, nor the double fault: the CPU shuts down,
 * and the board resets it (SDM 3A, 6.15). */
static __noreturn void triple_fault(void)
{
	const struct {
		uint16_t limit;
		uint64_t base;
	} __packed no_idt = { 0, 0 };

	for (;;)
		__asm__ volatile("lidt %0; int3" ::"m"(no_idt));
}

void machine_reset(void)
{
	irq_disable();
	reset_acpi(acpi_info());
	io_out8(RESET_CONTROL, RESET_CONTROL_HARD);
	settle(50);
	io_out8(RESET_CONTROL, RESET_CONTROL_GO);
	settle(50000);
	reset_keyboard_controller();
	triple_fault();
}
