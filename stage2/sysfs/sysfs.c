/*
 * /sys itself: the table of its root, lists, and mounting it.
 *
 * The tree below devices/ has the things; all else are links to them, by kind (class/, block/), by
 * bus, by number (dev/). A list is asked anew each time: names are not cached.
 */
#include "sysfs/sysfs.h"

#include "abi/errno.h"
#include "abi/statfs.h"
#include "fs/root.h"
#include "lib/string.h"
#include "sysfs/files.h"

int sysfs_list_lookup(sysfs_at *at, const struct synth_entry *entry, const struct synth_key *dir,
	const char *name, struct synth_child *child)
{
	char found[sizeof(child->name)];

	for (unsigned i = 0; at(dir, i, found, &child->key); i++) {
		if (strcmp(found, name) == 0) {
			child->entry = entry;
			return 0;
		}
	}
	return -ENOENT;
}

int sysfs_list_next(sysfs_at *at, const struct synth_entry *entry, const struct synth_key *dir,
	uint64_t position, struct synth_child *child)
{
	*child = (struct synth_child){ .entry = entry, .position = position };
	if (position > UINT32_MAX || !at(dir, (unsigned)position, child->name, &child->key))
		return -ENOENT;
	return 0;
}

static const struct synth_entry bus_entries[] = {
	DIR_ENTRY("pci", pci_bus_entries),
	{ .name = NULL },
};

static const struct synth_entry class_entries[] = {
	SYSFS_LIST_ENTRY("block", block_class_links),
	{ .name = NULL },
};

static const struct synth_entry dev_entries[] = {
	SYSFS_LIST_ENTRY("block", block_number_links),
	{ .name = NULL },
};

static const struct synth_entry virtual_entries[] = {
	SYSFS_LIST_ENTRY("block", block_disks),
	{ .name = NULL },
};

static const struct synth_entry devices_entries[] = {
	SYSFS_LIST_ENTRY("pci0000:00", pci_functions),
	DIR_ENTRY("system", system_entries),
	DIR_ENTRY("virtual", virtual_entries),
	{ .name = NULL },
};

/* Pages are of one size. */
SYSFS_VALUE(huge_read, "%s", "always madvise [never]")

static const struct synth_entry huge_entries[] = {
	FILE_ENTRY("enabled", 0444, huge_read),
	{ .name = NULL },
};
static const struct synth_entry mm_entries[] = {
	DIR_ENTRY("transparent_hugepage", huge_entries),
	{ .name = NULL },
};
static const struct synth_entry kernel_entries[] = {
	DIR_ENTRY("mm", mm_entries),
	{ .name = NULL },
};

static const struct synth_entry root_entries[] = {
	SYSFS_LIST_ENTRY("block", block_links),
	DIR_ENTRY("bus", bus_entries),
	DIR_ENTRY("class", class_entries),
	DIR_ENTRY("dev", dev_entries),
	DIR_ENTRY("devices", devices_entries),
	DIR_ENTRY("kernel", kernel_entries),
	{ .name = NULL },
};

static const struct synth_fs sysfs = {
	.name = "sysfs",
	.magic = SYSFS_MAGIC,
	.root = {
		.name = "sysfs",
		.mode = S_IFDIR | 0555,
		.children = root_entries,
	},
};

/* [I] with a use of ours: it never ends */
static struct superblock *the_one;

/* As on Linux there is one, however often it is mounted. */
static int sysfs_instance(uint32_t flags, char *options, struct superblock **sb)
{
	if (options[0])
		return -EINVAL;
	superblock_use(the_one);
	*sb = the_one;
	return 0;
}

int sysfs_mount(void)
{
	static struct fs_type type = { .name = "sysfs", .instance = sysfs_instance };
	int err = synth_create(&sysfs, &the_one);

	if (err)
		return err;
	fs_type_add(&type);
	superblock_use(the_one);
	return root_mount_upon("sys", the_one, "sysfs");
}
