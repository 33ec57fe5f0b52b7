/*
 * Where the ACPI tables lie: the root pointer comes with boot_info or is searched for in the BIOS
 * areas; tables are read through the direct map, and only where it has pages (memory, and what the
 * firmware's memory map names as tables), so a wild pointer in a table is an absent table. The
 * reading is in acpi_tables.c.
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

static bool page_is_mapped(paddr_t page)
{
	struct pte *slot;
	int err = mmu_slot(mmu_kernel_root(), DIRECT_MAP_BASE + page, NULL, &slot);

	return err == -EEXIST || (!err && slot && pte_present(*slot));
}

static const uint8_t *map_memory(void *data, paddr_t paddr, size_t bytes)
{
	if (paddr == 0 || paddr >= DIRECT_MAP_BYTES)
		return NULL;
	for (paddr_t page = ALIGN_DOWN(paddr, (paddr_t)PAGE_SIZE); page < paddr + bytes;
		page += PAGE_SIZE)
		if (!page_is_mapped(page))
			return NULL;
	return phys_to_virt(paddr);
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
	return acpi_read_tables(map_memory, NULL, rsdp, &machine, bad);
}
