/*
 * proc/elf.h on any bytes: a plan that comes out lies in the user half and in the file.
 *
 * links: stage2/proc/elf.c
 */
#include "arch/memory_map.h"
#include "proc/elf.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void check(bool condition)
{
	if (!condition)
		abort();
}

static void check_plan(const struct elf_plan *plan, uint64_t file_bytes)
{
	uint64_t end;

	check(plan->count > 0 && plan->count <= ELF_LOADS_MAX);
	for (uint32_t i = 0; i < plan->count; i++) {
		const struct elf_load *load = &plan->load[i];

		check(load->memory_bytes > 0 && load->file_bytes <= load->memory_bytes);
		check(load->file_offset <= file_bytes);
		check(load->file_bytes <= file_bytes - load->file_offset);
		check(load->vaddr >= plan->start);
		check(load->vaddr < USER_END && load->memory_bytes <= USER_END - load->vaddr);
		end = ALIGN_UP(load->vaddr + load->memory_bytes, PAGE_SIZE);
		check(end <= plan->end);
	}
	check(plan->entry < USER_END && plan->segments < USER_END);
	check(plan->interp_offset <= file_bytes);
	check(plan->interp_bytes <= file_bytes - plan->interp_offset);
	check(is_power_of_2(plan->align) && plan->align >= PAGE_SIZE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct elf_layout layout;
	struct elf_header header;
	struct elf_segment *segments;
	struct elf_plan plan;

	if (elf_read_header(data, bytes, bytes, &layout) != 0)
		return 0;
	/* Copies of exactly the size that exec reads, so that ASan sees a step beyond them. */
	memcpy(&header, data, sizeof(header));
	segments = malloc(layout.segments_bytes);
	memcpy(segments, data + layout.segments_offset, layout.segments_bytes);
	if (elf_make_plan(&header, segments, bytes, &plan) == 0)
		check_plan(&plan, bytes);
	free(segments);
	return 0;
}
