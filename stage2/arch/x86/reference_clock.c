/*
 * Clocks of known rate: HPET, else the ACPI power-management timer, else channel 2 of the PIT. One
 * is chosen at boot. It measures other clocks and is not itself a clock of the kernel: its counter
 * is read raw and wraps (HPET's after 42 s, the timer's after 4.7 s, the PIT's after 55 ms).
 */
#include "abi/errno.h"
#include "arch/io.h"
#include "arch/machine.h"
#include "arch/x86/acpi.h"
#include "arch/x86/mmio.h"

static struct {
	const struct reference_clock *chosen;
	volatile uint8_t *hpet;
} clocks;

/* ---- HPET (IA-PC HPET 1.0a) ----------------------------------------------------------------- */

#define HPET_BYTES           0x400
#define HPET_PERIOD          0x04 /* upper half of the capabilities: femtoseconds a tick, 2.3.4 */
#define HPET_CONFIG          0x10 /* 2.3.5 */
#define HPET_CONFIG_ENABLE   1u
#define HPET_COUNTER         0xf0       /* 2.3.7; 32 bits of it are read in one piece everywhere */
#define HPET_PERIOD_MAX      100000000u /* 2.3.4: at least 10 MHz */
#define FEMTOSECONDS_PER_SEC 1000000000000000ull

static uint64_t hpet_read(void)
{
	return mmio_read32(clocks.hpet + HPET_COUNTER);
}

static struct reference_clock hpet_clock = {
	.name = "HPET",
	.mask = UINT32_MAX,
	.read = hpet_read,
};

static bool hpet_init(void)
{
	uint32_t period;

	if (!acpi_info()->hpet_paddr)
		return false;
	clocks.hpet = arch_map_mmio(acpi_info()->hpet_paddr, HPET_BYTES);
	if (!clocks.hpet)
		return false;
	period = mmio_read32(clocks.hpet + HPET_PERIOD);
	if (period == 0 || period > HPET_PERIOD_MAX)
		return false;
	hpet_clock.hz = FEMTOSECONDS_PER_SEC / period;
	mmio_write32(clocks.hpet + HPET_CONFIG,
		mmio_read32(clocks.hpet + HPET_CONFIG) | HPET_CONFIG_ENABLE);
	return true;
}

/* ---- ACPI power-management timer (ACPI 6.4, 4.8.3.3) ---------------------------------------- */

#define PM_TIMER_HZ 3579545

static uint64_t pm_timer_read(void)
{
	return io_in32(acpi_info()->pm_timer);
}

static struct reference_clock pm_timer_clock = {
	.name = "ACPI PM timer",
	.hz = PM_TIMER_HZ,
	.read = pm_timer_read,
};

/* A port where nothing is answers with all ones for ever; a timer moves within a few reads. */
static bool pm_timer_init(void)
{
	uint64_t first;

	if (!acpi_info()->pm_timer)
		return false;
	pm_timer_clock.mask = acpi_info()->pm_timer_32bit ? 0xffffffff : 0xffffff;
	first = pm_timer_read();
	for (int i = 0; i < 100; i++)
		if (pm_timer_read() != first)
			return true;
	return false;
}

/* ---- PIT, channel 2 (Intel 8254) ------------------------------------------------------------- */

#define PIT_HZ         1193182
#define PIT_CHANNEL_2  0x42
#define PIT_COMMAND    0x43
#define PIT_LATCH_2    0x80
#define PIT_RATE_2     0xb4 /* channel 2, both bytes, mode 2: reload at the end */
#define PORT_B         0x61
#define PORT_B_GATE_2  1u
#define PORT_B_SPEAKER 2u

/* The counter runs down from 65536. */
static uint64_t pit_read(void)
{
	unsigned low, high;

	io_out8(PIT_COMMAND, PIT_LATCH_2);
	low = io_in8(PIT_CHANNEL_2);
	high = io_in8(PIT_CHANNEL_2);
	return (0u - (high << 8 | low)) & 0xffff;
}

static const struct reference_clock pit_clock = {
	.name = "PIT",
	.hz = PIT_HZ,
	.mask = 0xffff,
	.read = pit_read,
};

static bool pit_init(void)
{
	uint64_t first;

	io_out8(PORT_B, (uint8_t)((io_in8(PORT_B) & ~PORT_B_SPEAKER) | PORT_B_GATE_2));
	io_out8(PIT_COMMAND, PIT_RATE_2);
	io_out8(PIT_CHANNEL_2, 0);
	io_out8(PIT_CHANNEL_2, 0);
	first = pit_read();
	for (int i = 0; i < 1000; i++)
		if (pit_read() != first)
			return true;
	return false;
}

/* ---------------------------------------------------------------------------------------------- */

int reference_clock_init(void)
{
	if (hpet_init())
		clocks.chosen = &hpet_clock;
	else if (pm_timer_init())
		clocks.chosen = &pm_timer_clock;
	else if (pit_init())
		clocks.chosen = &pit_clock;
	return clocks.chosen ? 0 : -ENODEV;
}

const struct reference_clock *reference_clock(void)
{
	return clocks.chosen;
}
