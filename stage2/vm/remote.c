/*
 * The memory of an address space that need not be loaded: exec fills the new program's stack, a
 * debugger reads its child's.
 *
 * Main idea: bring the page in as a fault of the program's own would, then use the direct map, all
 * under the aspace's lock, page by page.
 */
#include "abi/errno.h"
#include "arch/trap.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "vm/aspace.h"
#include "vm/fault.h"
#include "vm/pages.h"

/* Do something with `bytes` of the program's page, at `page`, and of `buf`. */
typedef void part_fn(void *page, void *buf, size_t bytes);

static void part_read(void *page, void *buf, size_t bytes)
{
	memcpy(buf, page, bytes);
}

static void part_write(void *page, void *buf, size_t bytes)
{
	memcpy(page, buf, bytes);
}

static void part_zero(void *page, void *buf, size_t bytes)
{
	memset(page, 0, bytes);
}

/* A range within one page. A write through the direct map sets no dirty bit, so a write fault must
 * have told the object (get_page for_write); it is told again when that mapping goes. */
static int page_do(struct aspace *aspace, uptr_t address, void *buf, size_t bytes, unsigned access,
	part_fn *fn)
{
	struct pte *slot;
	int verdict;

	do {
		mutex_lock(&aspace->lock);
		verdict = aspace_fault_locked(aspace, address, access);
		if (verdict == FAULT_OK && pages_slot(aspace, address, &slot) == 0)
			fn((char *)phys_to_virt(pte_paddr(*slot)) + address % PAGE_SIZE, buf,
				bytes);
		mutex_unlock(&aspace->lock);
	} while (verdict == FAULT_NO_MEMORY && frame_reclaim(1) > 0);
	if (verdict == FAULT_OK)
		return 0;
	return verdict == FAULT_NO_MEMORY ? -ENOMEM : -EFAULT;
}

static int pages_do(struct aspace *aspace, uptr_t address, char *buf, size_t bytes, unsigned access,
	part_fn *fn)
{
	for (size_t done = 0, part; done < bytes; done += part) {
		part = min(bytes - done, (size_t)(PAGE_SIZE - (address + done) % PAGE_SIZE));
		int err =
			page_do(aspace, address + done, buf ? buf + done : NULL, part, access, fn);
		if (err < 0)
			return err;
	}
	return 0;
}

int aspace_read(struct aspace *aspace, uptr_t src, void *dst, size_t bytes)
{
	return pages_do(aspace, src, dst, bytes, 0, part_read);
}

int aspace_write(struct aspace *aspace, uptr_t dst, const void *src, size_t bytes)
{
	return pages_do(aspace, dst, (char *)src, bytes, FAULT_WRITE, part_write);
}

int aspace_poke(struct aspace *aspace, uptr_t dst, const void *src, size_t bytes)
{
	return pages_do(aspace, dst, (char *)src, bytes, FAULT_WRITE | FAULT_FORCE, part_write);
}

int aspace_zero(struct aspace *aspace, uptr_t dst, size_t bytes)
{
	return pages_do(aspace, dst, NULL, bytes, FAULT_WRITE, part_zero);
}
