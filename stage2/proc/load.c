/*
 * Loading ELF programs.
 *
 * The main idea: the plan (elf.h) was checked, so what remains is mapping: each segment's part of
 * the file as a private mapping, the rest of it as anonymous memory, and zeros between the two in
 * the page they share. A position-independent program is put at a random place, as a whole.
 *
 * An interpreter (PT_INTERP: the dynamic linker) is a second plan at a second base, among the
 * mappings, and is entered instead of the program. It finds the program by AT_PHDR and AT_ENTRY,
 * and itself by AT_BASE. Both files are read and checked before either is mapped.
 *
 * Not here: libraries. The interpreter maps them, as any program maps files.
 */
#include "proc/load.h"

#include "abi/errno.h"
#include "abi/mman.h"
#include "abi/stat.h"
#include "arch/memory_map.h"
#include "core/random.h"
#include "io/file.h"
#include "mm/slab.h"
#include "proc/elf.h"
#include "proc/vdso.h"
#include "sched/thread.h"
#include "vm/aspace.h"

/* Where Linux puts a PIE program: two thirds of the way up, and up to 2^28 pages above. */
#define PIE_BASE        0x555555554000ul
#define PIE_RANDOM_BITS 28

struct image {
	struct file *file;
	struct elf_header header;
	struct elf_plan plan;
};

/* interp.file is NULL where there is none; else a reference of ours. */
struct images {
	struct image program, interp;
};

/* What segments are mapped from. */
struct mapped {
	struct file *file;
	struct pager *pager;
};

/* Reads and checks all headers. */
static int image_read(struct image *image)
{
	struct file *file = image->file;
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

/* For a program. */
static uptr_t image_choose_base(const struct elf_plan *plan, bool fixed_layout)
{
	uint64_t random = fixed_layout ? 0 : random_u64() & (BIT(PIE_RANDOM_BITS) - 1);

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
static int map_file_part(struct aspace *aspace, const struct mapped *object,
	const struct elf_load *load, uptr_t vaddr, uptr_t *end)
{
	uint64_t before = vaddr % PAGE_SIZE;
	struct vm_map_args args = {
		.address = vaddr - before,
		.bytes = ALIGN_UP(before + load->file_bytes, PAGE_SIZE),
		.prot = prot_from_flags(load->flags),
		.pager = object->pager,
		.file = object->file,
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

static int map_load(struct aspace *aspace, const struct mapped *object, const struct elf_load *load,
	uptr_t base)
{
	uptr_t vaddr = base + load->vaddr, file_end;
	uptr_t end = ALIGN_UP(vaddr + load->memory_bytes, PAGE_SIZE);
	struct vm_map_args args = { .prot = prot_from_flags(load->flags), .flags = MAP_ANONYMOUS };
	int err;

	err = map_file_part(aspace, object, load, vaddr, &file_end);
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

static int map_image(struct aspace *aspace, const struct image *image, uptr_t base)
{
	const struct elf_plan *plan = &image->plan;
	struct mapped object = { .file = image->file };
	int err;

	err = file_pager(image->file, &object.pager);
	if (err)
		return err;
	for (uint32_t i = 0; i < plan->count && err == 0; i++)
		err = map_load(aspace, &object, &plan->load[i], base);
	object.pager->ops->put(object.pager);
	return err;
}

static int map_program(struct program *program, const struct image *image)
{
	const struct elf_plan *plan = &image->plan;
	uptr_t base = image_choose_base(plan, program->fixed_layout);
	int err;

	err = map_image(program->aspace, image, base);
	if (err)
		return err;
	for (uint32_t i = 0; i < plan->count; i++)
		note_ranges(program->aspace, &plan->load[i], base);
	aspace_set_brk(program->aspace, base + plan->end);
	program->start = program->entry = base + plan->entry;
	program->segments = plan->segments ? base + plan->segments : 0;
	program->segment_count = plan->segment_count;
	return 0;
}

/* ---- the interpreter ------------------------------------------------------------------------ */

/* Open the file that PT_INTERP names, as the caller of exec. */
static int interp_open(
	const struct program *program, const struct elf_plan *plan, struct file **file)
{
	char *path = kmalloc(plan->interp_bytes);
	int err;

	if (!path)
		return -ENOMEM;
	err = file_read_exact(program->file, plan->interp_offset, path, plan->interp_bytes);
	if (err == 0)
		err = elf_check_interp(path, plan->interp_bytes);
	if (err == 0)
		/* As on Linux, an empty path is the working directory, which is refused. */
		err = fs_open_exec(&program->call, *path ? path : ".", 0, file);
	kfree(path);
	return err;
}

/* As Linux: a file too short for a header could not be read, any other fault makes a bad library.
 * What an interpreter says of an interpreter of its own counts for nothing. */
static int interp_read(struct image *image)
{
	struct stat stat;
	int err;

	err = file_stat(image->file, &stat);
	if (err == 0 && (uint64_t)stat.st_size < sizeof(image->header))
		err = -EIO;
	if (err == 0)
		err = image_read(image);
	return err == -ENOEXEC ? -ELIBBAD : err;
}

/* Where the interpreter's addresses begin: where there is room for it among the mappings, or, if
 * its addresses are final, 0. -ELIBBAD: the program is there. */
static int interp_choose_base(struct aspace *aspace, const struct elf_plan *plan, uptr_t *base)
{
	uptr_t start = ALIGN_DOWN(plan->start, plan->fixed ? PAGE_SIZE : plan->align), room;
	struct vm_map_args args = {
		.address = plan->fixed ? start : 0,
		.bytes = plan->end - start + (plan->fixed ? 0 : plan->align - PAGE_SIZE),
		.max_prot = PROT_READ | PROT_WRITE | PROT_EXEC,
		.flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
		         (plan->fixed ? MAP_FIXED_NOREPLACE : 0),
	};
	int err;

	err = aspace_map(aspace, &args, &room);
	if (err)
		return err == -EEXIST ? -ELIBBAD : err;
	*base = plan->fixed ? 0 : ALIGN_UP(room, plan->align) - start;
	/* Nobody else maps in this address space: the room stays free. */
	return aspace_unmap(aspace, room, args.bytes);
}

static int map_interp(struct program *program, const struct image *image)
{
	uptr_t base;
	int err;

	err = interp_choose_base(program->aspace, &image->plan, &base);
	if (err == 0)
		err = map_image(program->aspace, image, base);
	if (err)
		return err;
	program->start = base + image->plan.entry;
	program->interp_base = base;
	return 0;
}

/* ---- all of it ------------------------------------------------------------------------------ */

/* And the vDSO. */
static int map_stack(struct program *program, bool executable)
{
	uptr_t top;
	int err;

	err = aspace_add_stack(program->aspace, &top);
	if (err == 0 && executable)
		err = aspace_protect(program->aspace, top - PAGE_SIZE, PAGE_SIZE,
			PROT_READ | PROT_WRITE | PROT_EXEC | PROT_GROWSDOWN);
	if (err == 0)
		err = vdso_map(program->aspace, top, &program->vdso);
	return err ? err : program_build_stack(program, top);
}

/* Read and check both files. */
static int images_read(const struct program *program, struct images *images)
{
	int err;

	err = image_read(&images->program);
	if (err || !images->program.plan.interp_bytes)
		return err;
	err = interp_open(program, &images->program.plan, &images->interp.file);
	return err ? err : interp_read(&images->interp);
}

static int images_map(struct program *program, const struct images *images)
{
	int err;

	err = aspace_create(&program->aspace, program->fixed_layout);
	if (err)
		return err;
	program->aspace->stack_limit_bytes = program->stack_limit_bytes;
	program->aspace->data_limit_bytes = program->data_limit_bytes;
	program->aspace->size_limit_bytes = program->size_limit_bytes;
	err = map_program(program, &images->program);
	if (err == 0 && images->interp.file)
		err = map_interp(program, &images->interp);
	if (err == 0)
		err = map_stack(program, images->program.plan.stack_exec);
	if (err)
		aspace_put(program->aspace);
	return err;
}

int program_load(struct program *program)
{
	struct images *images = kmalloc(sizeof(*images));
	int err;

	if (!images)
		return -ENOMEM;
	images->program.file = program->file;
	images->interp.file = NULL;
	err = images_read(program, images);
	if (err == 0)
		err = images_map(program, images);
	if (images->interp.file) {
		fs_exec_loaded(images->interp.file);
		file_put(images->interp.file);
	}
	kfree(images);
	return err;
}
