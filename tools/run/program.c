/*
 * program: finds the job's file; checks it and those of interpreters.
 *
 * Idea: what cannot be started is said before a machine is booted, in words for a person. The
 * kernel checks all of this again, and more: it trusts no file.
 */
#include "program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"

const char *program_find_along_path(const char *name)
{
	const char *path = getenv("PATH"), *end;

	for (path = path ? path : ""; *path; path = *end ? end + 1 : end) {
		struct stat st;
		char *file;

		end = path + strcspn(path, ":");
		file = must_printf("%.*s/%s", (int)(end - path), path, name);
		if (end > path && !stat(file, &st) && S_ISREG(st.st_mode) && !access(file, X_OK))
			return file;
		free(file);
	}
	die(STATUS_NOT_FOUND, "%s: not found along PATH", name);
}

static void check_head(const char *name, const Elf64_Ehdr *elf, uint64_t bytes)
{
	const unsigned char *head = (const unsigned char *)elf;

	if (bytes < SELFMAG || memcmp(head, ELFMAG, SELFMAG))
		die(STATUS_NOT_STARTED, "%s: not a program (neither an ELF header nor \"#!\")",
			name);
	if (bytes < sizeof(*elf))
		die(STATUS_NOT_STARTED, "%s: truncated (%llu bytes)", name,
			(unsigned long long)bytes);
	if (head[EI_CLASS] != ELFCLASS64 || head[EI_DATA] != ELFDATA2LSB ||
		elf->e_machine != EM_X86_64)
		die(STATUS_NOT_STARTED, "%s: an ELF file for another machine, not for x86-64",
			name);
	if (elf->e_type != ET_EXEC && elf->e_type != ET_DYN)
		die(STATUS_NOT_STARTED, "%s: an ELF file, but not a program", name);
	if (elf->e_phentsize != sizeof(Elf64_Phdr) || !elf->e_phnum)
		die(STATUS_NOT_STARTED, "%s: an ELF file without program headers", name);
}

static void check_segments(const char *name, const Elf64_Ehdr *elf, uint64_t bytes)
{
	const Elf64_Phdr *segment;
	int loadable = 0;

	if (elf->e_phoff > bytes || bytes - elf->e_phoff < elf->e_phnum * sizeof(*segment))
		die(STATUS_NOT_STARTED, "%s: truncated (its program headers are missing)", name);
	segment = (const void *)((const char *)elf + elf->e_phoff);
	for (unsigned i = 0; i < elf->e_phnum; i++, segment++) {
		if (segment->p_type != PT_LOAD)
			continue;
		loadable = 1;
		if (segment->p_offset > bytes || bytes - segment->p_offset < segment->p_filesz)
			die(STATUS_NOT_STARTED,
				"%s: truncated (a segment ends at %llu of %llu bytes)", name,
				(unsigned long long)(segment->p_offset + segment->p_filesz),
				(unsigned long long)bytes);
	}
	if (!loadable)
		die(STATUS_NOT_STARTED, "%s: an ELF file with nothing to load", name);
}

static int is_script(const char *data, uint64_t bytes)
{
	return bytes > 2 && !memcmp(data, "#!", 2);
}

void program_look(const char *path, struct program *program)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const void *data;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		die(errno == ENOENT || errno == ENOTDIR ? STATUS_NOT_FOUND : STATUS_NOT_STARTED,
			"%s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		die(STATUS_NOT_STARTED, "%s: is a directory", path);
	if (!S_ISREG(st.st_mode) || access(path, X_OK))
		die(STATUS_NOT_STARTED, "%s: not executable", path);
	if (st.st_size == 0)
		die(STATUS_NOT_STARTED, "%s: not a program (it is empty)", path);
	data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		die(STATUS_NOT_STARTED, "%s: %s", path, strerror(errno));
	if (!is_script(data, st.st_size)) {
		check_head(path, data, st.st_size);
		check_segments(path, data, st.st_size);
	}
	munmap((void *)data, st.st_size);
	close(fd);
	*program = (struct program){
		.host_path = path,
		.machine_path = must_printf("/bin/%s", basename(path)),
		.bytes = st.st_size,
		.mode = S_IFREG | (st.st_mode & 0777),
	};
}

static int is_program(const struct node *node)
{
	return node && S_ISREG(node->inode->mode) && node->inode->mode & 0111;
}

int program_find_in_root(
	struct tree *tree, const char *path, const char *name, struct program *program)
{
	const char *end;

	*program = (struct program){ 0 };
	if (*name == '/' && is_program(tree_follow(tree, name)))
		program->machine_path = name;
	for (; !strchr(name, '/') && !program->machine_path && *path; path = *end ? end + 1 : end) {
		char *file;

		end = path + strcspn(path, ":");
		file = must_printf("%.*s/%s", (int)(end - path), path, name);
		if (end > path && is_program(tree_follow(tree, file)))
			program->machine_path = file;
	}
	return program->machine_path ? 0 : -1;
}

void program_find(const char *name, struct program *program)
{
	program_look(strchr(name, '/') ? name : program_find_along_path(name), program);
}
