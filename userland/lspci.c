/*
 * lspci: what is on the PCI bus, from /sys/bus/pci/devices: place, class, vendor and device.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICES "/sys/bus/pci/devices"

/* Base class and subclass (PCI Code and ID Assignment Specification 1.11). */
static const struct {
	unsigned class;
	const char *name;
} classes[] = {
	{ 0x00ff, "unclassified" },
	{ 0x0100, "SCSI controller" },
	{ 0x0101, "IDE controller" },
	{ 0x0106, "SATA controller" },
	{ 0x0107, "SAS controller" },
	{ 0x0108, "NVMe controller" },
	{ 0x0180, "storage controller" },
	{ 0x0200, "Ethernet controller" },
	{ 0x0280, "network controller" },
	{ 0x0300, "VGA controller" },
	{ 0x0302, "3D controller" },
	{ 0x0380, "display controller" },
	{ 0x0401, "audio device" },
	{ 0x0403, "audio device" },
	{ 0x0500, "memory" },
	{ 0x0600, "host bridge" },
	{ 0x0601, "ISA bridge" },
	{ 0x0604, "PCI bridge" },
	{ 0x0680, "bridge" },
	{ 0x0700, "serial controller" },
	{ 0x0780, "communication controller" },
	{ 0x0880, "system peripheral" },
	{ 0x0c03, "USB controller" },
	{ 0x0c05, "SMBus" },
	{ 0x1000, "encryption controller" },
};

static const char *class_name(unsigned class)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (classes[i].class == class)
			return classes[i].name;
	return "device";
}

/* A file of a device: a number in hexadecimal. */
static unsigned attribute(const char *device, const char *name)
{
	char path[512], text[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), DEVICES "/%s/%s", device, name);
	file = fopen(path, "r");
	if (file) {
		(void)!fgets(text, sizeof(text), file);
		fclose(file);
	}
	return strtoul(text, NULL, 16);
}

static int is_device(const struct dirent *entry)
{
	return *entry->d_name != '.';
}

int main(void)
{
	struct dirent **devices;
	int count = scandir(DEVICES, &devices, is_device, alphasort);

	if (count < 0) {
		perror("lspci: " DEVICES);
		return 1;
	}
	for (int i = 0; i < count; i++) {
		const char *name = devices[i]->d_name;
		unsigned class = attribute(name, "class") >> 8;

		/* Without the domain, which is 0. */
		printf("%s %04x %04x:%04x %s\n", strncmp(name, "0000:", 5) ? name : name + 5, class,
			attribute(name, "vendor"), attribute(name, "device"), class_name(class));
	}
	return 0;
}
