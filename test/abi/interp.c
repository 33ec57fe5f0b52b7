/*
 * PT_INTERP: what execve says of each interpreter that is none, and what one that is gets to know
 * of the program. The programs are written here, byte by byte.
 */
#include "show.h"

#include <elf.h>
#include <sys/auxv.h>
#include <sys/wait.h>

extern char **environ;

/* A position-independent program of one page that asks for `interp`, of which `bytes` count. */
static void write_program(const char *path, const char *interp, size_t bytes)
{
	struct {
		Elf64_Ehdr header;
		Elf64_Phdr segments[2];
		char interp[256];
	} file = {
		.header = { .e_type = ET_DYN,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_entry = 0x123,
			.e_phoff = sizeof(Elf64_Ehdr),
			.e_ehsize = sizeof(Elf64_Ehdr),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 2 },
		.segments = { { .p_type = PT_LOAD,
				      .p_flags = PF_R,
				      .p_filesz = sizeof(file),
				      .p_memsz = sizeof(file),
				      .p_align = 4096 },
			{ .p_type = PT_INTERP,
				.p_offset = sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr),
				.p_filesz = bytes } },
	};
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0700);

	memcpy(file.header.e_ident, ELFMAG, SELFMAG);
	file.header.e_ident[EI_CLASS] = ELFCLASS64;
	file.header.e_ident[EI_DATA] = ELFDATA2LSB;
	file.header.e_ident[EI_VERSION] = EV_CURRENT;
	strcpy(file.interp, interp);
	write(fd, &file, sizeof(file));
	close(fd);
}

static void try_bytes(const char *interp, size_t bytes)
{
	char *argv[] = { "name", "interpreter", NULL };
	int status;
	pid_t pid;

	write_program("program", interp, bytes);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		execve("./program", argv, argv + 2);
		printf("%s, %d bytes: %s\n", interp, (int)bytes, strerror(errno));
		fflush(stdout);
		_exit(1);
	}
	waitpid(pid, &status, 0);
	printf("status %#x\n", status);
}

static void try(const char *interp)
{
	try_bytes(interp, strlen(interp) + 1);
}

static void write_file(const char *path, const void *data, size_t bytes, int mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0700);

	write(fd, data, bytes);
	close(fd);
	chmod(path, mode);
}

/* As the interpreter: static, at fixed addresses. */
static int report(void)
{
	const Elf64_Phdr *segments = (const void *)getauxval(AT_PHDR);

	printf("AT_PHNUM %lu, AT_PHENT %lu, type of the second %d\n", getauxval(AT_PHNUM),
		getauxval(AT_PHENT), (int)segments[1].p_type);
	printf("AT_ENTRY %#lx, from the program's start %#lx\n", getauxval(AT_ENTRY) & 0xfff,
		getauxval(AT_ENTRY) - ((unsigned long)segments - sizeof(Elf64_Ehdr)));
	printf("AT_BASE %#lx, AT_EXECFN %s\n", getauxval(AT_BASE), (char *)getauxval(AT_EXECFN));
	return 3;
}

int main(int argc, char **argv)
{
	static char head[4096];
	char self[256];
	int fd;

	if (argc > 1 && !strcmp(argv[1], "interpreter")) {
		fflush(stdout);
		return report();
	}
	snprintf(self, sizeof(self), "%s", (char *)getauxval(AT_EXECFN));
	fd = open(self, O_RDONLY);
	read(fd, head, sizeof(head));
	close(fd);
	write_file("text",
		"hello, this is not a program, but it is longer than an ELF header is, yes\n", 75,
		0700);
	write_file("short", head, 63, 0700);
	write_file("header", head, 64, 0700);
	write_file("not-executable", head, 4096, 0600);
	head[18] = 40;
	write_file("arm", head, 4096, 0700);
	mkdir("dir", 0700);
	try("/not/there");
	try("./text/below");
	try("./text");
	try("./short");
	try("./header");
	try("./not-executable");
	try("./arm");
	try("./dir");
	try_bytes("./text", 6);
	try_bytes("./text", 1);
	try_bytes("./text", 0);
	try_bytes("", 2);
	try_bytes(self, 5000);
	try(self);
	return 0;
}
