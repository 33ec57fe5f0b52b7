/*
 * PCI functions: devices/pci0000:00, and bus/pci, which leads to them. They lie side by side, on
 * whichever bus they are. A key's object is the function's index, and 1; a driver's is that of the
 * first function that it has.
 */
#include "abi/errno.h"
#include "dev/pci_info.h"
#include "lib/format.h"
#include "lib/string.h"
#include "sysfs/files.h"

#define CONFIG_BYTES  256
#define CONFIG_PUBLIC 64 /* what everybody sees of it */
#define BARS          6
#define PLACE         "devices/pci0000:00/"

/* Configuration space (PCI Local Bus Specification 3.0, 6.1). */
#define REVISION     0x08
#define HEADER_TYPE  0x0c /* bits 16 to 22 */
#define BAR0         0x10
#define SUBSYSTEM_ID 0x2c
#define IRQ_LINE     0x3c

#define BAR_IO       0x1u
#define BAR_64       0x4u
#define BAR_PREFETCH 0x8u

/* linux/ioport.h */
#define RESOURCE_IO       0x100u
#define RESOURCE_MEM      0x200u
#define RESOURCE_PREFETCH 0x2000u
#define RESOURCE_64       0x100000u

static unsigned index_of(const struct synth_key *key)
{
	return (unsigned)key->object - 1;
}

static uint32_t config(const struct synth_key *key, unsigned at)
{
	return pci_info_config(index_of(key), at);
}

static struct pci_info info_of(const struct synth_key *key)
{
	struct pci_info info = { 0 };

	(void)pci_info(index_of(key), &info); /* a function that was there stays */
	return info;
}

static bool is_bridge(const struct synth_key *key)
{
	return (config(key, HEADER_TYPE) >> 16 & 0x7f) != 0;
}

static uint32_t subsystem_id(const struct synth_key *key)
{
	return is_bridge(key) ? 0 : config(key, SUBSYSTEM_ID);
}

static void place_print(char *name, const struct pci_info *info)
{
	snprintf(name, sizeof(((struct synth_child *)0)->name), "0000:%02x:%02x.%u", info->bus,
		info->slot, info->function);
}

/* ---- what is told of a function ------------------------------------------------------------- */

SYSFS_VALUE(vendor_read, "0x%04x", info_of(key).vendor)
SYSFS_VALUE(device_read, "0x%04x", info_of(key).device)
SYSFS_VALUE(class_read, "0x%06x", info_of(key).class_code)
SYSFS_VALUE(revision_read, "0x%02x", config(key, REVISION) & 0xff)
SYSFS_VALUE(subsystem_vendor_read, "0x%04x", subsystem_id(key) & 0xffff)
SYSFS_VALUE(subsystem_device_read, "0x%04x", subsystem_id(key) >> 16)
SYSFS_VALUE(irq_read, "%u", config(key, IRQ_LINE) & 0xff)
SYSFS_VALUE(numa_node_read, "%d", -1)

static ssize_t config_read_at(const struct synth_key *key, struct iter *iter, uint64_t *pos)
{
	uint32_t words[CONFIG_BYTES / 4];
	size_t end = cred_may(on_caller_wanted(NULL), CAP_SYS_ADMIN) ? CONFIG_BYTES : CONFIG_PUBLIC;
	ssize_t copied;

	if (*pos >= end)
		return 0;
	for (unsigned at = 0; at < end; at += 4)
		words[at / 4] = config(key, at);
	copied = iter_write(iter, (char *)words + *pos, min(end - (size_t)*pos, iter->remaining));
	if (copied > 0)
		*pos += (uint64_t)copied;
	return copied;
}

/* One line for each BAR, and one for a ROM: first and last address, and what it is. How large they
 * are is not known: to find out would take them from their drivers for a moment. */
static int resource_read(const struct synth_key *key, struct synth_text *text)
{
	unsigned bars = is_bridge(key) ? 2 : BARS;

	for (unsigned i = 0; i <= BARS; i++) {
		uint32_t bar = i < bars ? config(key, BAR0 + 4 * i) : 0, flags = 0;
		uint64_t base = bar & (bar & BAR_IO ? ~3u : ~15u);
		bool wide = base && !(bar & BAR_IO) && (bar & BAR_64);

		if (base)
			flags = (bar & BAR_IO ? RESOURCE_IO : RESOURCE_MEM) |
			        (!(bar & BAR_IO) && (bar & BAR_PREFETCH) ? RESOURCE_PREFETCH : 0) |
			        (wide ? RESOURCE_64 : 0);
		if (wide)
			base |= (uint64_t)config(key, BAR0 + 4 * (i + 1)) << 32;
		synth_print(text, "0x%016lx 0x%016lx 0x%016x\n", base, base, flags);
		if (wide) {
			synth_print(text, "0x%016x 0x%016x 0x%016x\n", 0, 0, 0);
			i++;
		}
	}
	return 0;
}

static int uevent_read(const struct synth_key *key, struct synth_text *text)
{
	struct pci_info info = info_of(key);
	uint32_t subsystem = subsystem_id(key);

	if (info.driver)
		synth_print(text, "DRIVER=%s\n", info.driver);
	synth_print(text,
		"PCI_CLASS=%X\nPCI_ID=%04X:%04X\nPCI_SUBSYS_ID=%04X:%04X\n"
		"PCI_SLOT_NAME=0000:%02x:%02x.%u\n",
		info.class_code, info.vendor, info.device, subsystem & 0xffff, subsystem >> 16,
		info.bus, info.slot, info.function);
	return 0;
}

static int subsystem_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(text, "../../../bus/pci");
	return 0;
}

static const struct synth_entry function_entries[] = {
	FILE_ENTRY("class", 0444, class_read),
	{ .name = "config", .mode = S_IFREG | 0444, .read_at = config_read_at },
	FILE_ENTRY("device", 0444, device_read),
	FILE_ENTRY("irq", 0444, irq_read),
	FILE_ENTRY("numa_node", 0444, numa_node_read),
	FILE_ENTRY("resource", 0444, resource_read),
	FILE_ENTRY("revision", 0444, revision_read),
	LINK_ENTRY("subsystem", subsystem_read),
	FILE_ENTRY("subsystem_device", 0444, subsystem_device_read),
	FILE_ENTRY("subsystem_vendor", 0444, subsystem_vendor_read),
	FILE_ENTRY("uevent", 0444, uevent_read),
	FILE_ENTRY("vendor", 0444, vendor_read),
	{ .name = NULL },
};

/* ---- its driver ----------------------------------------------------------------------------- */

static int driver_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(text, "../../../bus/pci/drivers/%s", info_of(key).driver);
	return 0;
}

static const struct synth_entry driver_link = LINK_ENTRY("driver", driver_read);

static bool driver_of_at(
	const struct synth_key *dir, unsigned index, char *name, struct synth_key *key)
{
	*key = *dir;
	strlcpy(name, "driver", sizeof("driver"));
	return index == 0 && info_of(dir).driver;
}
SYSFS_LIST(driver_of, driver_of_at, &driver_link)
static const struct synth_children driver_of = SYSFS_CHILDREN(driver_of);

static const struct synth_entry function_directory = {
	.name = "function",
	.mode = S_IFDIR | 0555,
	.children = function_entries,
	.generated = &driver_of,
};

/* ---- lists ---------------------------------------------------------------------------------- */

static bool function_at(
	const struct synth_key *dir, unsigned index, char *name, struct synth_key *key)
{
	struct pci_info info;

	if (!pci_info(index, &info))
		return false;
	place_print(name, &info);
	*key = (struct synth_key){ .object = index + 1 };
	return true;
}

SYSFS_LIST(pci_functions, function_at, &function_directory)
const struct synth_children pci_functions = SYSFS_CHILDREN(pci_functions);

static int near_link_read(const struct synth_key *key, struct synth_text *text)
{
	struct pci_info info = info_of(key);
	char name[24];

	place_print(name, &info);
	synth_print(text, "../../../" PLACE "%s", name);
	return 0;
}

static int far_link_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(text, "../");
	return near_link_read(key, text);
}

static const struct synth_entry near_link = LINK_ENTRY("function", near_link_read);
static const struct synth_entry far_link = LINK_ENTRY("function", far_link_read);

static bool has_driver(unsigned index, const char *driver)
{
	struct pci_info info;

	return pci_info(index, &info) && info.driver && strcmp(info.driver, driver) == 0;
}

/* The functions that a driver has. */
static bool driven_at(
	const struct synth_key *dir, unsigned index, char *name, struct synth_key *key)
{
	const char *driver = info_of(dir).driver;
	struct pci_info info;

	for (unsigned i = index_of(dir); driver && pci_info(i, &info); i++)
		if (has_driver(i, driver) && index-- == 0)
			return function_at(dir, i, name, key);
	return false;
}
SYSFS_LIST(driven, driven_at, &far_link)
static const struct synth_children driven = SYSFS_CHILDREN(driven);

/* Each driver once: with the first that it has. */
static bool driver_at(
	const struct synth_key *dir, unsigned index, char *name, struct synth_key *key)
{
	struct pci_info info;

	for (unsigned i = 0; pci_info(i, &info); i++) {
		unsigned before = 0;

		while (info.driver && before < i && !has_driver(before, info.driver))
			before++;
		if (!info.driver || before < i || index-- > 0)
			continue;
		strlcpy(name, info.driver, sizeof(((struct synth_child *)0)->name));
		*key = (struct synth_key){ .object = i + 1 };
		return true;
	}
	return false;
}
static const struct synth_entry driver_directory = SYSFS_LIST_ENTRY("driver", driven);
SYSFS_LIST(drivers, driver_at, &driver_directory)
static const struct synth_children drivers = SYSFS_CHILDREN(drivers);
SYSFS_LIST(function_links, function_at, &near_link)
static const struct synth_children function_links = SYSFS_CHILDREN(function_links);

const struct synth_entry pci_bus_entries[] = {
	SYSFS_LIST_ENTRY("devices", function_links),
	SYSFS_LIST_ENTRY("drivers", drivers),
	{ .name = NULL },
};
