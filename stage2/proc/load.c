/*
 * Loading ELF programs.
 *
 * The main idea: the plan (elf.h) was checked, so what remains is mapping: each segment's part of
 * the file as a private mapping, the rest of it as anonymous memory, and zeros between the two in
 * the page they share. A position-independent program is put at a random place, as a whole.
 *
 * An interpreter (PT_INTERP) would be loaded here as a second plan at a second base, and entered
 * instead of the program: not in this version, so such a program is refused.
 */
#include "proc/load.h"

#include "abi/errno.h"
#include "abi/mman.h"
#include "abi/stat.h"
#include "arch/memory_map.h"
#include "core/log.h"
#include "core/random.h"
#include "io/file.h"
#include "mm/slab.h"
#include "proc/elf.h"
#include "sched/thread.h"
#include "vm/aspace.h"

/* Where Linux puts a PIE program: two thirds of the way up, and up to 2^28 pages above. */
#define PIE_BASE        0x555555554000ul
#define PIE_RANDOM_BITS 28

struct image {
	struct elf_header header;
	struct elf_plan plan;
};

/* Reads and checks all headers. */
static int image_read(struct file *file, struct image *image)
{
	struct elf_segment *segments;
	struct elf_layout layout;
	struct stat stat;
	int err;

	err = file_stat(file, &stat);
	if (err == 0)
		err = file_read_exact(file, 0, &image->header, sizeof(image->header));
	if (err == 0)
		err = elf_read_header(
			&image->header, sizeof(image->header), (uint64_t)stat.st_size, &layout);
	if (err)
		return err;
	segments = kmalloc(layout.segments_bytes);
	if (!segments)
		return -ENOMEM;
	err = file_read_exact(file, layout.segments_offset, segments, layout.segments_bytes);
	if (err == 0)
		err = elf_make_plan(&image->header, segments, (uint64_t)stat.st_size, &image->plan);
	kfree(segments);
	return err;
}

static uptr_t image_choose_base(const struct elf_plan *plan)
{
	uint64_t random = random_u64() & (BIT(PIE_RANDOM_BITS) - 1);

	if (plan->fixed)
		return 0;
	return ALIGN_DOWN(PIE_BASE + random * PAGE_SIZE, plan->align) -
	       ALIGN_DOWN(plan->start, plan->align);
}

static uint32_t prot_from_flags(uint32_t flags)
{
	return (flags & PF_R ? PROT_READ : 0) | (flags & PF_W ? PROT_WRITE : 0) |
	       (flags & PF_X ? PROT_EXEC : 0);
}

static int map_exactly(struct aspace *aspace, struct vm_map_args *args)
{
	uptr_t address;

	args->max_prot = PROT_READ | PROT_WRITE | PROT_EXEC;
	args->flags |= MAP_PRIVATE | MAP_FIXED;
	return aspace_map(aspace, args, &address);
}

/* The part of a load that lies in the file; *end: where it ends, page-aligned. */
static int map_file_part(struct aspace *aspace, struct pager *pager, const struct elf_load *load,
	uptr_t vaddr, uptr_t *end)
{
	uint64_t before = vaddr % PAGE_SIZE;
	struct vm_map_args args = {
		.address = vaddr - before,
		.bytes = ALIGN_UP(before + load->file_bytes, PAGE_SIZE),
		.prot = prot_from_flags(load->flags),
		.pager = pager,
		.offset = load->file_offset - before,
	};
	uint64_t tail = args.bytes - before - load->file_bytes;
	int err;

	*end = ALIGN_DOWN(vaddr, PAGE_SIZE);
	if (load->file_bytes == 0)
		return 0;
	*end = args.address + args.bytes;
	err = map_exactly(aspace, &args);
	/* What follows in the page is the file's next bytes: the program expects zeros in its bss.
	 * A segment it cannot write has none. */
	if (err == 0 && tail && (load->flags & PF_W) && load->memory_bytes > load->file_bytes)
		err = aspace_zero(aspace, vaddr + load->file_bytes, tail);
	return err;
}

static int map_load(
	struct aspace *aspace, struct pager *pager, const struct elf_load *load, uptr_t base)
{
	uptr_t vaddr = base + load->vaddr, file_end;
	uptr_t end = ALIGN_UP(vaddr + load->memory_bytes, PAGE_SIZE);
	struct vm_map_args args = { .prot = prot_from_flags(load->flags), .flags = MAP_ANONYMOUS };
	int err;

	err = map_file_part(aspace, pager, load, vaddr, &file_end);
	if (err || end <= file_end)
		return err;
	args.address = file_end;
	args.bytes = end - file_end;
	return map_exactly(aspace, &args);
}

static void note_ranges(struct aspace *aspace, const struct elf_load *load, uptr_t base)
{
	uptr_t start = base + load->vaddr, end = start + load->file_bytes;

	if (load->flags & PF_X) {
		aspace->code_start = start;
		aspace->code_end = end;
	} else if (load->flags & PF_W) {
		aspace->data_start = start;
		aspace->data_end = end;
	}
}

static int map_image(struct program *program, const struct elf_plan *plan)
{
	uptr_t base = image_choose_base(plan);
	struct pager *pager;
	int err;

	err = file_pager(program->file, &pager);
	if (err)
		return err;
	for (uint32_t i = 0; i < plan->count && err == 0; i++) {
		err = map_load(program->aspace, pager, &plan->load[i], base);
		note_ranges(program->aspace, &plan->load[i], base);
	}
	pager->ops->put(pager);
	if (err)
		return err;
	aspace_set_brk(program->aspace, base + plan->end);
	program->entry = base + plan->entry;
	program->segments = plan->segments ? base + plan->segments : 0;
	program->segment_count = plan->segment_count;
	return 0;
}

static int map_stack(struct program *program, bool executable)
{
	uptr_t top;
	int err;

	program->aspace->stack_limit_bytes = program->stack_limit_bytes;
	err = aspace_add_stack(program->aspace, &top);
	if (err == 0 && executable)
		err = aspace_protect(program->aspace, top - PAGE_SIZE, PAGE_SIZE,
			PROT_READ | PROT_WRITE | PROT_EXEC | PROT_GROWSDOWN);
	return err ? err : program_build_stack(program, top);
}

static int program_load_image(struct program *program, struct image *image)
{
	int err;

	err = image_read(program->file, image);
	if (err)
		return err;
	if (image->plan.interp_bytes) {
		log_info("%s: dynamically linked: not in this version", program->path->pages[0]);
		return -ELIBACC;
	}
	err = aspace_create(&program->aspace);
	if (err)
		return err;
	err = map_image(program, &image->plan);
	if (err == 0)
		err = map_stack(program, image->plan.stack_exec);
	if (err)
		aspace_put(program->aspace);
	return err;
}

int program_load(struct program *program)
{
	struct image *image = kmalloc(sizeof(*image));
	int err;

	if (!image)
		return -ENOMEM;
	err = program_load_image(program, image);
	kfree(image);
	return err;
}
