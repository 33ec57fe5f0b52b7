/*
 * Reading ELF files.
 *
 * The main idea: every number in the file is hostile. Each is checked once, here, against the
 * file's size and the user half of the address space, and what comes out is a plan that exec can
 * carry out without looking at the file's headers again.
 *
 * Stricter than Linux in one thing: a segment that ends behind the end of the file is refused,
 * where Linux would start the program and kill it at the first touch of the missing part.
 *
 * Not here: sections, symbols, relocations. A static-PIE program relocates itself, and the
 * interpreter does it for all others.
 */
#include "proc/elf.h"

#include "abi/errno.h"
#include "arch/memory_map.h"
#include "lib/string.h"

/* A larger alignment is not kept: the program would have to be very odd to need it. */
#define BASE_ALIGN_MAX 0x40000000ul

static bool header_ok(const struct elf_header *header)
{
	return memcmp(header->e_ident, ELF_MAGIC, 4) == 0 &&
	       header->e_ident[EI_CLASS] == ELFCLASS64 && header->e_ident[EI_DATA] == ELFDATA2LSB &&
	       header->e_machine == EM_X86_64 &&
	       (header->e_type == ET_EXEC || header->e_type == ET_DYN) &&
	       header->e_phentsize == sizeof(struct elf_segment);
}

int elf_read_header(const void *data, size_t bytes, uint64_t file_bytes, struct elf_layout *layout)
{
	struct elf_header header;
	uint64_t segments_bytes;

	if (bytes < sizeof(header))
		return -ENOEXEC;
	memcpy(&header, data, sizeof(header));
	if (!header_ok(&header))
		return -ENOEXEC;
	segments_bytes = (uint64_t)header.e_phnum * sizeof(struct elf_segment);
	if (segments_bytes == 0 || segments_bytes > ELF_SEGMENTS_BYTES_MAX)
		return -ENOEXEC;
	if (header.e_phoff > file_bytes || segments_bytes > file_bytes - header.e_phoff)
		return -ENOEXEC;
	*layout = (struct elf_layout){
		.segments_offset = header.e_phoff,
		.segments_bytes = segments_bytes,
	};
	return 0;
}

/* The segment's numbers make sense by themselves. */
static bool load_ok(const struct elf_segment *segment, uint64_t file_bytes)
{
	return segment->p_filesz <= segment->p_memsz && segment->p_offset <= file_bytes &&
	       segment->p_filesz <= file_bytes - segment->p_offset && segment->p_vaddr < USER_END &&
	       segment->p_memsz <= USER_END - segment->p_vaddr &&
	       (segment->p_filesz == 0 || (segment->p_vaddr - segment->p_offset) % PAGE_SIZE == 0);
}

static int plan_add_load(
	struct elf_plan *plan, const struct elf_segment *segment, uint64_t file_bytes)
{
	uint64_t start;

	if (segment->p_memsz == 0)
		return 0;
	if (!load_ok(segment, file_bytes) || plan->count == ELF_LOADS_MAX)
		return -ENOEXEC;
	if (plan->fixed && segment->p_vaddr < USER_BASE)
		return -ENOEXEC;
	start = ALIGN_DOWN(segment->p_vaddr, PAGE_SIZE);
	plan->start = plan->count == 0 ? start : min(plan->start, start);
	plan->end = max(plan->end, ALIGN_UP(segment->p_vaddr + segment->p_memsz, PAGE_SIZE));
	if (is_power_of_2(segment->p_align) && segment->p_align <= BASE_ALIGN_MAX)
		plan->align = max(plan->align, segment->p_align);
	plan->load[plan->count++] = (struct elf_load){
		.vaddr = segment->p_vaddr,
		.file_offset = segment->p_offset,
		.file_bytes = segment->p_filesz,
		.memory_bytes = segment->p_memsz,
		.flags = segment->p_flags & (PF_R | PF_W | PF_X),
	};
	return 0;
}

static int plan_add_segment(
	struct elf_plan *plan, const struct elf_segment *segment, uint64_t file_bytes)
{
	switch (segment->p_type) {
	case PT_LOAD:
		return plan_add_load(plan, segment, file_bytes);
	case PT_INTERP:
		if (plan->interp_bytes)
			return 0; /* as on Linux: the first one counts */
		if (segment->p_offset > file_bytes || segment->p_filesz < 2 ||
			segment->p_filesz > PAGE_SIZE ||
			segment->p_filesz > file_bytes - segment->p_offset)
			return -ENOEXEC;
		plan->interp_offset = segment->p_offset;
		plan->interp_bytes = segment->p_filesz;
		return 0;
	case PT_GNU_STACK:
		plan->stack_exec = segment->p_flags & PF_X;
		return 0;
	default:
		return 0;
	}
}

/* The address that offset `offset` of the file is loaded at; 0: none. */
static uint64_t plan_find_offset(const struct elf_plan *plan, uint64_t offset, uint64_t bytes)
{
	for (uint32_t i = 0; i < plan->count; i++) {
		const struct elf_load *load = &plan->load[i];

		if (offset >= load->file_offset && bytes <= load->file_bytes &&
			offset - load->file_offset <= load->file_bytes - bytes)
			return offset - load->file_offset + load->vaddr;
	}
	return 0;
}

static bool entry_ok(const struct elf_plan *plan, uint64_t entry)
{
	return entry < USER_END && (!plan->fixed || entry >= USER_BASE);
}

int elf_make_plan(const struct elf_header *header, const struct elf_segment *segments,
	uint64_t file_bytes, struct elf_plan *plan)
{
	*plan = (struct elf_plan){
		.fixed = header->e_type == ET_EXEC,
		.entry = header->e_entry,
		.align = PAGE_SIZE,
		.segment_count = header->e_phnum,
	};
	for (uint32_t i = 0; i < header->e_phnum; i++) {
		int err = plan_add_segment(plan, &segments[i], file_bytes);

		if (err)
			return err;
	}
	if (plan->count == 0 || !entry_ok(plan, plan->entry))
		return -ENOEXEC;
	plan->segments = plan_find_offset(
		plan, header->e_phoff, (uint64_t)header->e_phnum * sizeof(struct elf_segment));
	return 0;
}

int elf_check_interp(const char *path, size_t bytes)
{
	return bytes >= 2 && path[bytes - 1] == 0 ? 0 : -ENOEXEC;
}
