/*
 * Where the ACPI tables lie: the root pointer comes with boot_info or is searched for in the BIOS
 * areas; tables are read through the direct map, and only where the firmware's memory map lists
 * something, so a wild pointer in a table is an absent table. The reading is in acpi_tables.c.
 */
#include "arch/x86/acpi.h"

#include "abi/errno.h"
#include "arch/machine.h"
#include "arch/memory_map.h"
#include "arch/mmu.h"
#include "lib/string.h"

#define EBDA_SEGMENT_PADDR 0x40e /* BIOS data area: real-mode segment of the extended one */
#define EBDA_SEARCH_BYTES  1024  /* ACPI 6.4, 5.2.5.1 */
#define BIOS_AREA_PADDR    0xe0000
#define BIOS_AREA_BYTES    0x20000

static struct acpi_info machine;

const struct acpi_info *acpi_info(void)
{
	return &machine;
}

static const uint8_t *map_memory(void *data, paddr_t paddr, size_t bytes)
{
	const struct boot_info *info = data;

	if (paddr == 0 || paddr + bytes < paddr)
		return NULL;
	if (paddr + bytes <= LOW_MEMORY_END)
		return phys_to_virt(paddr);
	for (uint32_t i = 0; i < info->mem_count; i++) {
		const struct boot_mem *mem = &info->mem[i];

		if (mem->type != BOOT_MEM_BAD && paddr >= mem->base && bytes <= mem->bytes &&
			paddr - mem->base <= mem->bytes - bytes)
			return phys_to_virt(paddr);
	}
	return NULL;
}

/* The root pointer's address, 0 if there is none. */
static paddr_t find_rsdp(void)
{
	uint16_t segment;
	paddr_t ebda;
	int at;

	memcpy(&segment, phys_to_virt(EBDA_SEGMENT_PADDR), sizeof(segment));
	ebda = (paddr_t)segment << 4;
	if (ebda >= 0x10000 && ebda + EBDA_SEARCH_BYTES <= 0xa0000) {
		at = acpi_find_rsdp(phys_to_virt(ebda), EBDA_SEARCH_BYTES);
		if (at >= 0)
			return ebda + (paddr_t)at;
	}
	at = acpi_find_rsdp(phys_to_virt(BIOS_AREA_PADDR), BIOS_AREA_BYTES);
	return at >= 0 ? BIOS_AREA_PADDR + (paddr_t)at : 0;
}

int acpi_init(const struct boot_info *info, const char **bad)
{
	paddr_t rsdp = info->rsdp ? info->rsdp : find_rsdp();

	*bad = NULL;
	if (rsdp == 0)
		return -ENODEV;
	return acpi_read_tables(map_memory, (void *)info, rsdp, &machine, bad);
}
