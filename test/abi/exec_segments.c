/* Programs whose segments lie oddly: the same page twice, in another order, one over another. */
#include "show.h"

#include <elf.h>
#include <sys/wait.h>

#define PAGE 0x1000
#define BASE 0x400000ul
#define CODE 0x200 /* places in the file */
#define DATA 0x380

static unsigned char file[2 * PAGE];

/* Leaves with what lies at `address`. */
static void put_code(uint32_t address)
{
	static const unsigned char code[] = { 0x8b, 0x3c, 0x25, 0, 0, 0, 0, /* mov edi, [address] */
		0xb8, SYS_exit, 0, 0, 0, 0x0f, 0x05 };

	memcpy(file + CODE, code, sizeof(code));
	memcpy(file + CODE + 3, &address, sizeof(address));
	*(int *)(file + DATA) = 42;
}

static Elf64_Phdr segment(uint64_t address, uint64_t offset, uint64_t bytes, uint32_t flags)
{
	return (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_flags = flags,
		.p_offset = offset,
		.p_vaddr = address,
		.p_paddr = address,
		.p_filesz = bytes,
		.p_memsz = bytes,
		.p_align = PAGE,
	};
}

static void try(const char *what, Elf64_Phdr first, Elf64_Phdr second)
{
	Elf64_Ehdr header = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			EV_CURRENT },
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_entry = BASE + CODE,
		.e_phoff = sizeof(header),
		.e_ehsize = sizeof(header),
		.e_phentsize = sizeof(first),
		.e_phnum = 2,
	};
	int fd = open("odd", O_WRONLY | O_CREAT | O_TRUNC, 0700), status = -1;
	pid_t pid;

	memcpy(file, &header, sizeof(header));
	memcpy(file + sizeof(header), &first, sizeof(first));
	memcpy(file + sizeof(header) + sizeof(first), &second, sizeof(second));
	write(fd, file, sizeof(file));
	close(fd);
	pid = fork();
	if (pid == 0) {
		execl("odd", "odd", NULL);
		_exit(errno);
	}
	waitpid(pid, &status, 0);
	printf("%s: %x\n", what, status);
	fflush(stdout);
}

int main(void)
{
	Elf64_Phdr text = segment(BASE, 0, 0x300, PF_R | PF_X), data;
	uint32_t all = PF_R | PF_W | PF_X;

	put_code(BASE + DATA);
	data = segment(BASE + DATA, DATA, 16, all);
	try("the same page", text, data);
	data.p_memsz = 0x2000;
	try("the same page, zeros behind it", text, data);
	data = segment(BASE, 0, 0x400, all);
	try("one over the other", text, data);
	try("the other way round", data, text);
	put_code(BASE + PAGE + DATA);
	data = segment(BASE + PAGE + DATA, DATA, 16, PF_R | PF_W);
	try("ascending", text, data);
	try("descending", data, text);
	return 0;
}
