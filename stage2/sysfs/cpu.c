/*
 * CPUs and memory: devices/system. Each CPU stands for itself: a socket with one core. All memory
 * is one node.
 */
#include "arch/cpu.h"
#include "abi/errno.h"
#include "arch/memory_map.h"
#include "lib/format.h"
#include "mm/frame.h"
#include "sysfs/files.h"

/* ---- sets of CPUs --------------------------------------------------------------------------- */

typedef bool cpu_test(unsigned id);

static bool is_online(unsigned id)
{
	return READ_ONCE(cpu_get(id)->online);
}

static bool is_offline(unsigned id)
{
	return !is_online(id);
}

static bool is_there(unsigned id)
{
	return true;
}

/* "0-3,5" */
static int list_print(struct synth_text *text, cpu_test *test)
{
	const char *comma = "";
	unsigned id = 0, end;

	for (; id < cpu_count(); id = end + 1) {
		for (end = id; end < cpu_count() && test(end); end++)
			;
		if (end == id)
			continue;
		synth_print(text, end - id > 1 ? "%s%u-%u" : "%s%u", comma, id, end - 1);
		comma = ",";
	}
	synth_print(text, "\n");
	return 0;
}

#define CPU_LIST(what, test)                                                                       \
	static int what(const struct synth_key *key, struct synth_text *text)                      \
	{                                                                                          \
		return list_print(text, test);                                                     \
	}
CPU_LIST(online_read, is_online)
CPU_LIST(offline_read, is_offline)
CPU_LIST(possible_read, is_there)

/* Hexadecimal, words of 32 bits with commas between them: the CPU of the key, or those online. */
static int mask_read(const struct synth_key *key, struct synth_text *text)
{
	unsigned words = DIV_ROUND_UP(cpu_count(), 32), digits = DIV_ROUND_UP(cpu_count() % 32, 4);

	for (unsigned word = words; word-- > 0; digits = 8) {
		uint32_t mask = 0;

		for (unsigned id = word * 32; id < cpu_count() && id < (word + 1) * 32; id++)
			if (key->object ? key->object - 1 == id : is_online(id))
				mask |= 1u << id % 32;
		synth_print(text, word ? "%0*x," : "%0*x\n", (int)(digits ? digits : 8), mask);
	}
	return 0;
}

/* ---- one CPU -------------------------------------------------------------------------------- */

static unsigned cpu_of(const struct synth_key *key)
{
	return (unsigned)key->object - 1;
}

SYSFS_VALUE(package_read, "%u", cpu_of(key))
SYSFS_VALUE(cpu_list_read, "%u", cpu_of(key))
SYSFS_VALUE(core_read, "%d", 0)
SYSFS_VALUE(cpu_online_read, "%d", is_online(cpu_of(key)))

static const struct synth_entry topology_entries[] = {
	FILE_ENTRY("core_cpus", 0444, mask_read),
	FILE_ENTRY("core_cpus_list", 0444, cpu_list_read),
	FILE_ENTRY("core_id", 0444, core_read),
	FILE_ENTRY("core_siblings", 0444, mask_read),
	FILE_ENTRY("core_siblings_list", 0444, cpu_list_read),
	FILE_ENTRY("package_cpus", 0444, mask_read),
	FILE_ENTRY("package_cpus_list", 0444, cpu_list_read),
	FILE_ENTRY("physical_package_id", 0444, package_read),
	FILE_ENTRY("thread_siblings", 0444, mask_read),
	FILE_ENTRY("thread_siblings_list", 0444, cpu_list_read),
	{ .name = NULL },
};

static const struct synth_entry cpu_entries[] = {
	FILE_ENTRY("online", 0444, cpu_online_read),
	DIR_ENTRY("topology", topology_entries),
	{ .name = NULL },
};
static const struct synth_entry cpu_directory = DIR_ENTRY("cpuN", cpu_entries);

static bool cpu_at(const struct synth_key *dir, unsigned index, char *name, struct synth_key *key)
{
	if (index >= cpu_count())
		return false;
	snprintf(name, sizeof(((struct synth_child *)0)->name), "cpu%u", index);
	*key = (struct synth_key){ .object = index + 1 };
	return true;
}
SYSFS_LIST(cpus, cpu_at, &cpu_directory)
static const struct synth_children cpus = SYSFS_CHILDREN(cpus);

SYSFS_VALUE(kernel_max_read, "%d", CPU_MAX - 1)

static const struct synth_entry all_cpus_entries[] = {
	FILE_ENTRY("kernel_max", 0444, kernel_max_read),
	FILE_ENTRY("offline", 0444, offline_read),
	FILE_ENTRY("online", 0444, online_read),
	FILE_ENTRY("possible", 0444, possible_read),
	FILE_ENTRY("present", 0444, possible_read),
	{ .name = NULL },
};

/* ---- memory --------------------------------------------------------------------------------- */

SYSFS_VALUE(node_list_read, "%d", 0)
SYSFS_VALUE(distance_read, "%d", 10)

static int node_meminfo_read(const struct synth_key *key, struct synth_text *text)
{
	const uint64_t kib = PAGE_SIZE / 1024;
	uint64_t total = frame_total(), free = frame_free_count();

	synth_print(text, "Node 0 MemTotal:       %8lu kB\nNode 0 MemFree:        %8lu kB\n",
		total * kib, free * kib);
	synth_print(text, "Node 0 MemUsed:        %8lu kB\n", (total - free) * kib);
	return 0;
}

static const struct synth_entry node_entries[] = {
	FILE_ENTRY("cpulist", 0444, online_read),
	FILE_ENTRY("cpumap", 0444, mask_read),
	FILE_ENTRY("distance", 0444, distance_read),
	FILE_ENTRY("meminfo", 0444, node_meminfo_read),
	{ .name = NULL },
};

static const struct synth_entry all_nodes_entries[] = {
	FILE_ENTRY("has_cpu", 0444, node_list_read),
	FILE_ENTRY("has_memory", 0444, node_list_read),
	DIR_ENTRY("node0", node_entries),
	FILE_ENTRY("online", 0444, node_list_read),
	FILE_ENTRY("possible", 0444, node_list_read),
	{ .name = NULL },
};

const struct synth_entry system_entries[] = {
	{
		.name = "cpu",
		.mode = S_IFDIR | 0555,
		.children = all_cpus_entries,
		.generated = &cpus,
	},
	DIR_ENTRY("node", all_nodes_entries),
	{ .name = NULL },
};
