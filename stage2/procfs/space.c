/*
 * A process's address space: maps, and what exec put into it (cmdline, environ, auxv). A process
 * that has ended has none, and shows empty files.
 */
#include "abi/errno.h"
#include "abi/mman.h"
#include "abi/stat.h"
#include "arch/memory_map.h"
#include "fs/fs.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "procfs/files.h"
#include "procfs/subject.h"

int space_get(const struct synth_key *key, struct aspace **aspace)
{
	struct proc *proc;
	int err = subject_get(key, &proc);

	if (err)
		return err;
	*aspace = subject_aspace(proc);
	proc_put(proc);
	return 0;
}

/* ---- strings of exec ------------------------------------------------------------------------ */

/* The program's memory as it is there now; ends where the program could not read on. */
static void memory_print(struct aspace *aspace, uptr_t start, uptr_t end, struct synth_text *text)
{
	while (start < end) {
		size_t part = min((size_t)(PAGE_SIZE - start % PAGE_SIZE), (size_t)(end - start));
		char *room = synth_room(text, part);

		if (!room || aspace_read(aspace, start, room, part))
			return;
		synth_wrote(text, part);
		start += part;
	}
}

/* A program that has written over the end of its arguments shows them as far as the next NUL, which
 * may be in its environment: so it sets its title. */
int cmdline_read(const struct synth_key *key, struct synth_text *text)
{
	struct aspace *aspace;
	size_t args;
	int err = space_get(key, &aspace);

	if (err || !aspace)
		return err;
	memory_print(aspace, aspace->args_start, aspace->args_end, text);
	args = text->bytes;
	if (args > 0 && text->buf[args - 1] != '\0') {
		memory_print(aspace, aspace->env_start, aspace->env_end, text);
		text->bytes = strnlen(text->buf, text->bytes);
	}
	aspace_put(aspace);
	return 0;
}

int environ_read(const struct synth_key *key, struct synth_text *text)
{
	struct aspace *aspace;
	int err = space_get(key, &aspace);

	if (err || !aspace)
		return err;
	memory_print(aspace, aspace->env_start, aspace->env_end, text);
	aspace_put(aspace);
	return 0;
}

int auxv_read(const struct synth_key *key, struct synth_text *text)
{
	struct aspace *aspace;
	int err = space_get(key, &aspace);

	if (err || !aspace)
		return err;
	memory_print(aspace, aspace->auxv_start, aspace->auxv_end, text);
	aspace_put(aspace);
	return 0;
}

/* ---- maps ----------------------------------------------------------------------------------- */

struct map_line {
	uint32_t rdev;
	uint64_t ino, offset;
	const char *name;
};

/* What stands behind the area; the name is put into `path` if it has to be made. */
static struct map_line area_describe(const struct vm_area *area, char *path)
{
	struct map_line line = { .name = area->name ? area->name : "" };

	if (!area->pager || area->name)
		return line;
	path[0] = '\0';
	area->pager->ops->describe(area->pager, &line.rdev, &line.ino, path, PATH_MAX);
	line.offset = area->pager_index << PAGE_SHIFT;
	line.name = path;
	if (area->file && fs_file_path(proc_current()->fs, area->file, path, PATH_MAX) < 0)
		path[0] = '\0';
	return line;
}

void area_print(const struct vm_area *area, char *path, struct synth_text *text)
{
	struct map_line line = area_describe(area, path);
	size_t before = text->bytes;

	synth_print(text, "%08lx-%08lx %c%c%c%c %08lx %02x:%02x %lu ", area->start, area->end,
		area->prot & PROT_READ ? 'r' : '-', area->prot & PROT_WRITE ? 'w' : '-',
		area->prot & PROT_EXEC ? 'x' : '-', area->flags & MAP_SHARED ? 's' : 'p',
		line.offset, rdev_major(line.rdev), rdev_minor(line.rdev), line.ino);
	if (line.name[0]) {
		while (text->bytes - before < NAME_COLUMN && !text->failed)
			synth_print(text, " ");
		synth_print(text, "%s", line.name);
	}
	synth_print(text, "\n");
}

int maps_read(const struct synth_key *key, struct synth_text *text)
{
	struct aspace *aspace;
	struct vm_area *area;
	char *path;
	int err = space_get(key, &aspace);

	if (err || !aspace)
		return err;
	path = kmalloc(PATH_MAX);
	if (path) {
		mutex_lock(&aspace->lock);
		for (area = areas_first(&aspace->areas); area; area = areas_next(area))
			area_print(area, path, text);
		mutex_unlock(&aspace->lock);
		kfree(path);
	}
	aspace_put(aspace);
	return path ? 0 : -ENOMEM;
}

/* ---- sizes ---------------------------------------------------------------------------------- */

static void area_count(
	const struct vm_area *area, const struct aspace *aspace, struct space_sizes *sizes)
{
	uint64_t pages = (area->end - area->start) >> PAGE_SHIFT;
	bool private = !(area->flags & MAP_SHARED);

	if (area->flags & MAP_LOCKED)
		sizes->locked += pages;
	if (area->flags & MAP_GROWSDOWN)
		sizes->stack += pages;
	else if (private && (area->prot & PROT_WRITE))
		sizes->data += pages;
	else if ((area->prot & PROT_EXEC) && area->pager && aspace->code_start < area->end &&
		 area->start < aspace->code_end)
		sizes->code += pages;
	else if ((area->prot & PROT_EXEC) && area->pager)
		sizes->libraries += pages;
}

int space_sizes(struct proc *proc, struct space_sizes *sizes)
{
	struct aspace *aspace = subject_aspace(proc);
	struct vm_area *area;

	*sizes = (struct space_sizes){ .total = 0 };
	if (!aspace)
		return -ESRCH;
	mutex_lock(&aspace->lock);
	sizes->total = aspace->areas.bytes >> PAGE_SHIFT;
	sizes->resident = aspace->resident_pages;
	sizes->anonymous = aspace->anon_pages;
	sizes->resident_peak = aspace->resident_peak;
	for (area = areas_first(&aspace->areas); area; area = areas_next(area))
		area_count(area, aspace, sizes);
	mutex_unlock(&aspace->lock);
	aspace_put(aspace);
	return 0;
}

int statm_read(const struct synth_key *key, struct synth_text *text)
{
	struct space_sizes sizes;
	struct proc *proc;
	int err = subject_get(key, &proc);

	if (err)
		return err;
	(void)space_sizes(proc, &sizes);
	proc_put(proc);
	synth_print(text, "%lu %lu %lu %lu 0 %lu 0\n", sizes.total, sizes.resident,
		sizes.resident - sizes.anonymous, sizes.code, sizes.data + sizes.stack);
	return 0;
}
