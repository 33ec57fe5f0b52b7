/*
 * The system as a whole: version, times, CPUs, devices, the log.
 */
#include "abi/time.h"
#include "arch/cpu.h"
#include "core/clock.h"
#include "core/cmdline.h"
#include "core/irq.h"
#include "core/log.h"
#include "dev/blk.h"
#include "dev/chr.h"
#include "dev/region.h"
#include "fs/dev/device.h"
#include "fs/superblock.h"
#include "lib/string.h"
#include "proc/proc.h"
#include "proc/uts.h"
#include "procfs/files.h"
#include "sched/load.h"
#include "sched/thread.h"

#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

/* ---- names ---------------------------------------------------------------------------------- */

int version_read(const struct synth_key *key, struct synth_text *text)
{
	struct utsname name;

	uts_get(&name);
	synth_print(text, "%s version %s (" COMPILER ") %s\n", name.sysname, name.release,
		name.version);
	return 0;
}

int cmdline_of_kernel_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(text, "%s\n", cmdline_text());
	return 0;
}

int filesystems_read(const struct synth_key *key, struct synth_text *text)
{
	const struct fs_type *type;

	for (unsigned i = 0; (type = fs_type_at(i)) != NULL; i++)
		synth_print(text, "%s\t%s\n", type->device ? "" : "nodev", type->name);
	return 0;
}

/* There is nowhere to swap to. */
int swaps_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(text, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
	return 0;
}

/* The kernel is of one piece: the file is empty. */
int modules_read(const struct synth_key *key, struct synth_text *text)
{
	return 0;
}

/* The ring's text, as it is now: "<6>[    0.123456] text" lines. The end is the end: no waiting. */
int kmsg_read(const struct synth_key *key, struct synth_text *text)
{
	uint64_t pos = 0;
	char chunk[256];
	size_t bytes;

	while ((bytes = log_read(&pos, chunk, sizeof(chunk))) > 0 && !text->failed)
		synth_write(text, chunk, bytes);
	return 0;
}

/* ---- times ---------------------------------------------------------------------------------- */

static struct {
	struct spinlock lock;
	struct proc_usage told[CPU_MAX]; /* [lock] */
} cpus = { .lock = SPINLOCK_INIT("cpu times", RANK_REFS) };

/* Adds the times of a CPU; nothing if it is parked. */
static void add_cpu(unsigned id, struct proc_usage *busy, uint64_t *idle_ns)
{
	struct run_times times;
	uint64_t idle;

	if (!READ_ONCE(cpu_get(id)->online))
		return;
	cpu_times(id, &times, &idle);
	spin_lock(&cpus.lock);
	usage_divide(&times, &cpus.told[id]);
	usage_add(busy, &cpus.told[id]);
	spin_unlock(&cpus.lock);
	*idle_ns += idle;
}

static void add_all_cpus(struct proc_usage *busy, uint64_t *idle_ns)
{
	for (unsigned id = 0; id < cpu_count(); id++)
		add_cpu(id, busy, idle_ns);
}

static void print_seconds(struct synth_text *text, uint64_t ns)
{
	synth_print(text, "%lu.%02lu", ns / (uint64_t)NS_PER_SEC,
		ns % (uint64_t)NS_PER_SEC / CLOCK_TICK_NS);
}

int uptime_read(const struct synth_key *key, struct synth_text *text)
{
	struct proc_usage busy = { 0 };
	uint64_t idle_ns = 0;

	add_all_cpus(&busy, &idle_ns);
	print_seconds(text, clock_ns());
	synth_print(text, " ");
	print_seconds(text, idle_ns);
	synth_print(text, "\n");
	return 0;
}

int loadavg_read(const struct synth_key *key, struct synth_text *text)
{
	struct thread_counts counts;
	uint64_t averages[3];

	load_averages(averages);
	for (unsigned i = 0; i < 3; i++) {
		uint64_t hundredths = (averages[i] * 100 + LOAD_ONE / 2) / LOAD_ONE;

		synth_print(text, "%lu.%02lu ", hundredths / 100, hundredths % 100);
	}
	threads_count(&counts);
	synth_print(text, "%u/%u %u\n", counts.running, counts.threads, pid_last());
	return 0;
}

static void print_cpu_times(struct synth_text *text, const struct proc_usage *busy, uint64_t idle)
{
	synth_print(text, " %lu 0 %lu %lu 0 0 0 0 0 0\n", busy->user_ns / CLOCK_TICK_NS,
		busy->system_ns / CLOCK_TICK_NS, idle / CLOCK_TICK_NS);
}

/* All that devices have sent, and then handler by handler. */
static void print_interrupts(struct synth_text *text)
{
	uint64_t count, total = 0;
	const char *name;
	unsigned vector;

	for (unsigned i = 0; irq_info(i, &vector, &name, &count); i++)
		total += count;
	synth_print(text, "intr %lu", total);
	for (unsigned i = 0; irq_info(i, &vector, &name, &count); i++)
		synth_print(text, " %lu", count);
	synth_print(text, "\n");
}

static uint64_t all_switches(void)
{
	uint64_t sum = 0;

	for (unsigned id = 0; id < cpu_count(); id++)
		sum += cpu_switches(id);
	return sum;
}

int stat_of_system_read(const struct synth_key *key, struct synth_text *text)
{
	int64_t boot_ns = clock_wall_ns() - (int64_t)clock_ns();
	struct proc_usage busy = { 0 };
	struct thread_counts counts;
	uint64_t idle_ns = 0;

	add_all_cpus(&busy, &idle_ns);
	synth_print(text, "cpu ");
	print_cpu_times(text, &busy, idle_ns);
	for (unsigned id = 0; id < cpu_count(); id++) {
		if (!READ_ONCE(cpu_get(id)->online))
			continue;
		busy = (struct proc_usage){ 0 };
		idle_ns = 0;
		add_cpu(id, &busy, &idle_ns);
		synth_print(text, "cpu%u", id);
		print_cpu_times(text, &busy, idle_ns);
	}
	print_interrupts(text);
	threads_count(&counts);
	synth_print(text, "ctxt %lu\nbtime %ld\nprocesses %u\nprocs_running %u\nprocs_blocked %u\n",
		all_switches(), boot_ns / (int64_t)NS_PER_SEC, pid_last(), counts.running,
		counts.blocked);
	return 0;
}

/* ---- CPUs ----------------------------------------------------------------------------------- */

static void print_cpu(struct synth_text *text, const struct cpu_identity *identity, unsigned id)
{
	uint64_t khz = clock_tsc_hz() / 1000;

	synth_print(text,
		"processor\t: %u\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n"
		"model name\t: %s\nstepping\t: %u\ncpu MHz\t\t: %lu.%03lu\n",
		id, identity->vendor, identity->family, identity->model, cpu_name(),
		identity->stepping, khz / 1000, khz % 1000);
	synth_print(text,
		"physical id\t: %u\nsiblings\t: 1\ncore id\t\t: 0\ncpu cores\t: 1\n"
		"apicid\t\t: %u\nfpu\t\t: yes\nfpu_exception\t: yes\nwp\t\t: yes\nflags\t\t:",
		id, cpu_get(id)->apic_id);
	for (unsigned i = 0; i < CPU_FLAGS_MAX; i++) {
		const char *name = cpu_flag(i);

		if (name)
			synth_print(text, " %s", name);
	}
	synth_print(text, "\n\n");
}

int cpuinfo_read(const struct synth_key *key, struct synth_text *text)
{
	struct cpu_identity identity;

	cpu_identify(&identity);
	for (unsigned id = 0; id < cpu_count(); id++)
		if (READ_ONCE(cpu_get(id)->online))
			print_cpu(text, &identity, id);
	return 0;
}

int interrupts_read(const struct synth_key *key, struct synth_text *text)
{
	const char *name;
	unsigned vector;
	uint64_t count;

	synth_print(text, "           CPU0\n");
	for (unsigned i = 0; irq_info(i, &vector, &name, &count); i++)
		synth_print(text, "%3u: %10lu   %s\n", vector, count, name);
	return 0;
}

/* ---- devices -------------------------------------------------------------------------------- */

static int regions_print(struct synth_text *text, enum region_kind kind, int digits)
{
	uint64_t base, bytes;
	const char *name;

	for (unsigned i = 0; region_info(kind, i, &name, &base, &bytes); i++)
		synth_print(
			text, "%0*lx-%0*lx : %s\n", digits, base, digits, base + bytes - 1, name);
	return 0;
}

int ioports_read(const struct synth_key *key, struct synth_text *text)
{
	return regions_print(text, REGION_PORTS, 4);
}

int iomem_read(const struct synth_key *key, struct synth_text *text)
{
	return regions_print(text, REGION_MMIO, 8);
}

/* Without the digits at its end, in which the devices of a driver differ. */
static void device_print(struct synth_text *text, uint64_t rdev, const char *name)
{
	int bytes = (int)strlen(name);

	while (bytes > 1 && name[bytes - 1] >= '0' && name[bytes - 1] <= '9')
		bytes--;
	synth_print(text, "%3u %.*s\n", rdev_major(rdev), bytes, name);
}

int devices_read(const struct synth_key *key, struct synth_text *text)
{
	const struct device_class *class;
	const struct chr_device *chr;
	const struct blk_device *disk;
	uint32_t last = 0;

	synth_print(text, "Character devices:\n  1 mem\n");
	for (unsigned i = 0; (class = device_class_at(i)) != NULL; i++)
		device_print(text, class->rdev, class->name);
	for (unsigned i = 0; (chr = chr_at(i)) != NULL; i++) {
		if (rdev_major(chr->rdev) != last)
			device_print(text, chr->rdev, chr->name);
		last = rdev_major(chr->rdev);
	}
	synth_print(text, "\nBlock devices:\n");
	for (unsigned i = 0; (disk = blk_at(i)) != NULL; i++) {
		if (rdev_major(disk->rdev) != last)
			synth_print(text, "%3u %s\n", rdev_major(disk->rdev), disk->driver_name);
		last = rdev_major(disk->rdev);
	}
	return 0;
}
