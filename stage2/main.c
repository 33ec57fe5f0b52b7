/*
 * The order of boot, one call a line: the table of contents of the kernel. boot/enter.asm calls
 * kernel_main in long mode, on a stack of its own, with interrupts off.
 */
#include "arch/boot_info.h"
#include "arch/cpu.h"
#include "arch/interrupt.h"
#include "arch/machine.h"
#include "core/boot_times.h"
#include "core/clock.h"
#include "core/cmdline.h"
#include "core/log.h"
#include "core/panic.h"
#include "core/random.h"
#include "core/spinlock.h"
#include "dev/drivers.h"
#include "fs/fs.h"
#include "fs/root.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "net/unix/unix.h"
#include "proc/exec.h"
#include "proc/init_image.h"
#include "procfs/procfs.h"
#include "sched/cpus.h"
#include "sched/thread.h"
#include "sched/timer.h"
#include "sched/work.h"
#include "sys/shutdown.h"
#include "sysfs/sysfs.h"
#include "tty/tty.h"

#define REFINE_CLOCK_NS (200 * NS_PER_MS)

__noreturn void kernel_main(const struct boot_info *info);

static void take_options(void)
{
	static const char *const levels[] = {
		[LOG_ERROR] = "error",
		[LOG_WARN] = "warn",
		[LOG_INFO] = "info",
		[LOG_DEBUG] = "debug",
	};
	char value[24];
	uint64_t number;

	if (cmdline_get("log", value, sizeof(value)))
		for (unsigned level = LOG_ERROR; level <= LOG_DEBUG; level++)
			if (levels[level] && strcmp(value, levels[level]) == 0)
				log_set_level((enum log_level)level);
	if (cmdline_get("panic", value, sizeof(value)) && strcmp(value, "off") == 0)
		panic_set_off(true);
	if (cmdline_get("sched_seed", value, sizeof(value)) && parse_u64(value, &number) == 0)
		spin_set_preempt_seed(number);
}

/* What the kernel cannot do without: says so and stops. */
static void need(int err, const char *what)
{
	if (err)
		panic("%s: error %d", what, -err);
}

static void log_machine(const char *bad_table)
{
	uint64_t counts[FRAME_OWNERS];
	frame_counts(counts);
	log_info("Cor on %s", cpu_name());
	log_info("cpu features: %s", cpu_features());
	log_info("memory: %lu KiB, %lu KiB free; kernel image %lu KiB", frame_total() * 4,
		frame_free_count() * 4, counts[FRAME_IMAGE] * 4);
	log_info("power off by: %s", machine_off_means());
	if (bad_table)
		log_warn("acpi: table %.4s is damaged and was not used", bad_table);
}

static void refine_clock(struct timer *timer)
{
	clock_refine();
}

static int mount_root(const struct boot_info *info)
{
	struct blk_device *disk;
	uint64_t offset, bytes;

	if (info->archive_bytes)
		return root_mount_archive_memory(info->archive, info->archive_bytes);
	if (info->source == BOOT_SOURCE_DISK) {
		int err = boot_disk_find(info->image_id, &disk, &offset, &bytes);
		if (!err && bytes)
			return root_mount_archive_disk(disk, offset, bytes);
	}
	return root_mount_empty();
}

/* Init turns the machine off by itself; it must not just end. */
static void init_ended(int wait_status)
{
	panic("process 1 has ended, wait status %#x", wait_status);
}

/* Init has started another program: what it was all for. */
static void program_started(void)
{
	boot_stamp("init");
	boot_times_log();
}

void on_shutdown(void)
{
	line_tty_shutdown();
	drivers_shutdown();
}

/* The second half of boot, in a thread: it may sleep. */
static void boot_thread(void *data)
{
	static struct timer refine = { .fn = refine_clock };
	const struct boot_info *info = data;

	drivers_init();
	boot_stamp("drivers");
	cpus_start();
	cpus_park();
	boot_stamp("cpus");
	fs_init();
	unix_init();
	int err = mount_root(info);
	if (err) {
		log_error("root: cannot be mounted: error %d; going on with an empty one", -err);
		need(root_mount_empty(), "an empty root");
	}
	err = procfs_mount();
	if (err)
		log_error("/proc: cannot be mounted: error %d", -err);
	err = sysfs_mount();
	if (err)
		log_error("/sys: cannot be mounted: error %d", -err);
	need(tty_init_all(), "terminals");
	boot_stamp("root");
	drivers_settle();
	boot_stamp("ports");
	timer_start(&refine, clock_ns() + REFINE_CLOCK_NS);
	proc_set_on_first_program(program_started);
	need(proc_start_init(init_image, init_image_bytes, init_ended), "process 1");
	boot_stamp("process-1");
	boot_times_log();
}

void kernel_main(const struct boot_info *info)
{
	const char *bad_table = NULL;

	cpu_init_early();
	boot_times_init(info);
	cmdline_init(info->cmdline);
	take_options();
	cpu_init();
	drivers_init_early();
	need(frame_init(info), "memory");
	int acpi_err = acpi_init(info, &bad_table);
	if (acpi_err)
		log_warn("acpi: no tables: error %d", -acpi_err);
	need(reference_clock_init(), "a reference clock");
	need(interrupt_init(), "the local APIC");
	clock_init();
	random_init();
	clock_calibrate();
	need(sched_init(), "the scheduler");
	need(work_init(), "deferred work");
	irq_enable();
	log_machine(bad_table);
	boot_stamp("core");
	need(thread_start("boot", boot_thread, (void *)info, NULL), "the boot thread");
	thread_exit();
}
