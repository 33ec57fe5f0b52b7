#ifndef SYSFS_FILES_H
#define SYSFS_FILES_H
/*
 * The tables of /sys's parts, for the table of the root; and what they share.
 */
#include <stdbool.h>
#include <stdint.h>

#include "fs/synth/synth.h"
#include "lib/compiler.h"

typedef int sysfs_read(const struct synth_key *key, struct synth_text *text);

/* The index-th of what a directory lists: its name (as long as one of a child) and its key. False
 * past the end. */
typedef bool sysfs_at(
	const struct synth_key *dir, unsigned index, char *name, struct synth_key *key);
/* Children that are such a list, all of them `entry`s, for struct synth_children. */
int sysfs_list_lookup(sysfs_at *at, const struct synth_entry *entry, const struct synth_key *dir,
	const char *name, struct synth_child *child);
int sysfs_list_next(sysfs_at *at, const struct synth_entry *entry, const struct synth_key *dir,
	uint64_t position, struct synth_child *child);

#define SYSFS_LIST(what, at_fn, entry)                                                             \
	static int what##_lookup(                                                                  \
		const struct synth_key *dir, const char *name, struct synth_child *child)          \
	{                                                                                          \
		return sysfs_list_lookup(at_fn, entry, dir, name, child);                          \
	}                                                                                          \
	static int what##_next(                                                                    \
		const struct synth_key *dir, uint64_t position, struct synth_child *child)         \
	{                                                                                          \
		return sysfs_list_next(at_fn, entry, dir, position, child);                        \
	}
#define SYSFS_CHILDREN(what)                                                                       \
	{                                                                                          \
		.lookup = what##_lookup, .next = what##_next                                       \
	}

#define SYSFS_LIST_ENTRY(entry_name, list)                                                         \
	{                                                                                          \
		.name = (entry_name), .mode = S_IFDIR | 0555, .generated = &(list)                 \
	}

/* A file that is one value. */
#define SYSFS_VALUE(what, format, value)                                                           \
	static int what(const struct synth_key *key, struct synth_text *text)                      \
	{                                                                                          \
		synth_print(text, format "\n", value);                                             \
		return 0;                                                                          \
	}

/* cpu.c: devices/system/cpu and node */
extern const struct synth_entry system_entries[];
/* block.c: block, class/block, dev/block, devices/virtual/block */
extern const struct synth_children block_links, block_class_links, block_number_links, block_disks;
/* pci.c: bus/pci, devices/pci0000:00 */
extern const struct synth_entry pci_bus_entries[];
extern const struct synth_children pci_functions;

#endif
