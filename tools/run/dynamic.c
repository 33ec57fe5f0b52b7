/*
 * dynamic: reads what an ELF file asks of the dynamic linker.
 *
 * Idea: the file is mapped, and whatever a number in it points at is looked up by a function that
 * knows where the file ends. Sections are not needed: as for the linker itself, PT_DYNAMIC leads to
 * all (System V gABI, chapter 5, "Dynamic Section").
 */
#include "dynamic.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"

struct elf_file {
	const char *data;
	uint64_t bytes;
	const Elf64_Phdr *segments;
	unsigned count;
};

/* The string at an offset of the file, as a copy; NULL where the file ends before it does. */
static char *string_copy(const struct elf_file *file, uint64_t offset)
{
	if (offset >= file->bytes || !memchr(file->data + offset, 0, file->bytes - offset))
		return NULL;
	return must_strdup(file->data + offset);
}

/* The offset of what is loaded at `address`; the file's end where that is nothing. */
static uint64_t address_offset(const struct elf_file *file, uint64_t address)
{
	for (unsigned i = 0; i < file->count; i++) {
		const Elf64_Phdr *segment = &file->segments[i];

		if (segment->p_type == PT_LOAD && address >= segment->p_vaddr &&
			address - segment->p_vaddr < segment->p_filesz)
			return segment->p_offset + (address - segment->p_vaddr);
	}
	return file->bytes;
}

static const Elf64_Phdr *segment_find(const struct elf_file *file, uint32_t type)
{
	for (unsigned i = 0; i < file->count; i++) {
		const Elf64_Phdr *segment = &file->segments[i];

		if (segment->p_type == type && segment->p_offset <= file->bytes &&
			segment->p_filesz <= file->bytes - segment->p_offset)
			return segment;
	}
	return NULL;
}

static void entries_read(const struct elf_file *file, const Elf64_Dyn *entries, size_t count,
	uint64_t strings, struct dynamic *dynamic)
{
	for (size_t i = 0; i < count && entries[i].d_tag != DT_NULL; i++) {
		char *text = string_copy(file, strings + entries[i].d_un.d_val);

		if (text && entries[i].d_tag == DT_NEEDED)
			strings_add(&dynamic->needed, text);
		else if (entries[i].d_tag == DT_SONAME)
			dynamic->soname = text;
		else if (entries[i].d_tag == DT_RPATH)
			dynamic->rpath = text;
		else if (entries[i].d_tag == DT_RUNPATH)
			dynamic->runpath = text;
	}
}

static void section_read(const struct elf_file *file, struct dynamic *dynamic)
{
	const Elf64_Phdr *segment = segment_find(file, PT_DYNAMIC);
	size_t count = segment ? segment->p_filesz / sizeof(Elf64_Dyn) : 0;
	const Elf64_Dyn *entries = segment ? (const void *)(file->data + segment->p_offset) : NULL;

	for (size_t i = 0; i < count && entries[i].d_tag != DT_NULL; i++)
		if (entries[i].d_tag == DT_STRTAB)
			entries_read(file, entries, count,
				address_offset(file, entries[i].d_un.d_ptr), dynamic);
}

static int file_read(struct elf_file *file, struct dynamic *dynamic)
{
	const Elf64_Ehdr *elf = (const void *)file->data;
	const Elf64_Phdr *interp;

	if (memcmp(elf->e_ident, ELFMAG, SELFMAG) || elf->e_ident[EI_CLASS] != ELFCLASS64 ||
		elf->e_machine != EM_X86_64 || elf->e_phentsize != sizeof(Elf64_Phdr) ||
		elf->e_phoff > file->bytes ||
		file->bytes - elf->e_phoff < elf->e_phnum * sizeof(Elf64_Phdr))
		return -1;
	file->segments = (const void *)(file->data + elf->e_phoff);
	file->count = elf->e_phnum;
	interp = segment_find(file, PT_INTERP);
	if (interp)
		dynamic->interp = string_copy(file, interp->p_offset);
	section_read(file, dynamic);
	return 0;
}

int dynamic_read(const char *path, struct dynamic *dynamic)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), result = -1;
	struct elf_file file = { 0 };
	struct stat st;

	*dynamic = (struct dynamic){ 0 };
	if (fd < 0)
		return -1;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size >= (off_t)sizeof(Elf64_Ehdr)) {
		file.bytes = st.st_size;
		file.data = mmap(NULL, file.bytes, PROT_READ, MAP_PRIVATE, fd, 0);
		if (file.data != MAP_FAILED) {
			result = file_read(&file, dynamic);
			munmap((void *)file.data, file.bytes);
		}
	}
	close(fd);
	return result;
}
