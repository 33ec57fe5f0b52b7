/*
 * Instructions that are not for programs. Those that Linux and Cor may answer differently are only
 * tried: the kernel is still there afterwards, and so are interrupts and segments.
 */
#include "show.h"

#include <signal.h>
#include <sys/wait.h>

static unsigned char *code; /* a page for an instruction and what ends the child */

static int try_bytes(const char *bytes, size_t count, long rax)
{
	static const unsigned char exit_0[] = { 0x31, 0xff, 0xb8, 60, 0, 0, 0, 0x0f, 0x05 };
	int status = 0;

	memcpy(code, bytes, count);
	memcpy(code + count, exit_0, sizeof(exit_0));
	pid_t pid = fork();
	if (pid == 0)
		__asm__ volatile(
			"jmp *%0"
			:
			: "r"(code), "a"(rax), "b"(code), "c"(0x10), "d"(0x3f8), "S"(0), "D"(0));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		puts("no child");
	return status;
}

static void show_bytes(const char *name, const char *bytes, size_t count)
{
	int status = try_bytes(bytes, count, 0);

	printf("%s: %s\n", name, WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "allowed");
	fflush(stdout);
}
#define SHOW_BYTES(name, bytes) show_bytes(name, bytes, sizeof(bytes) - 1)

/* Each vector by INT n, with a harmless call's number. 0x14 is Cor's way in, 0x80 Linux's old one.
 */
static void try_vectors(void)
{
	for (int vector = 0; vector < 256; vector++) {
		char bytes[2] = { (char)0xcd, (char)vector };
		int status = try_bytes(bytes, 2, SYS_getpid);

		if (vector != 3 && vector != 4 && vector != 0x14 && vector != 0x80 &&
			!(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV))
			printf("int %d: status %#x\n", vector, status);
	}
	puts("every vector tried");
}

/* Each selector of a small table, with each privilege level, as code, as stack and as data. */
static void try_selectors(void)
{
	for (unsigned selector = 0; selector < 128; selector++) {
		char jump[] =
			"\x68\0\0\0\0\x48\x8d\x05\x05\0\0\0\x50\x48\xcb\x90\x90\x90"; /* retfq */
		char load[] = "\x66\xb8\0\0\x8e\xe8"; /* mov ax, imm16; mov gs, ax */

		memcpy(jump + 1, &selector, 2);
		memcpy(load + 2, &selector, 2);
		try_bytes(jump, sizeof(jump) - 1, 0);
		try_bytes(load, sizeof(load) - 1, 0);
		load[5] = (char)0xd8; /* ds */
		try_bytes(load, sizeof(load) - 1, 0);
		load[5] = (char)0xd0; /* ss */
		try_bytes(load, sizeof(load) - 1, 0);
	}
	puts("every selector tried");
}

int main(void)
{
	code = mmap(
		NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	fflush(stdout);
	SHOW_BYTES("nothing", "\x90");
	SHOW_BYTES("hlt", "\xf4");
	SHOW_BYTES("cli", "\xfa");
	SHOW_BYTES("sti", "\xfb");
	SHOW_BYTES("in", "\xec");
	SHOW_BYTES("out", "\xee");
	SHOW_BYTES("rdmsr", "\x0f\x32");
	SHOW_BYTES("wrmsr", "\x0f\x30");
	SHOW_BYTES("mov cr0", "\x0f\x20\xc0");
	SHOW_BYTES("mov to cr3", "\x0f\x22\xd8");
	SHOW_BYTES("mov dr7", "\x0f\x21\xf8");
	SHOW_BYTES("clts", "\x0f\x06");
	SHOW_BYTES("invlpg", "\x0f\x01\x3b");
	SHOW_BYTES("wbinvd", "\x0f\x09");
	SHOW_BYTES("lgdt", "\x0f\x01\x13");
	SHOW_BYTES("lidt", "\x0f\x01\x1b");
	SHOW_BYTES("ltr", "\x0f\x00\xd9");
	SHOW_BYTES("lldt", "\x0f\x00\xd1");
	SHOW_BYTES("swapgs", "\x0f\x01\xf8");
	SHOW_BYTES("sysretq", "\x48\x0f\x07");
	SHOW_BYTES("popf with all flags", "\x68\xff\xff\xff\x7f\x58\x25\xff\xfe\xff\xff\x50\x9d");
	SHOW_BYTES("int3", "\xcc");
	SHOW_BYTES("ud2", "\x0f\x0b");
	SHOW_BYTES("mov ss, then syscall", "\x8c\xd0\x8e\xd0\x0f\x05");
	SHOW_BYTES("gs 0, then a call", "\x31\xc0\x8e\xe8\xb8\x27\0\0\0\x0f\x05");
	try_bytes("\x0f\x34", 2, 0);                  /* sysenter */
	try_bytes("\x0f\x05", 2, -1);                 /* syscall -1 */
	try_bytes("\xf3\x48\x0f\xae\xdb", 5, 0);      /* wrgsbase */
	try_bytes("\x8c\xd0\x8e\xd0\xcd\x14", 6, 39); /* mov ss, then int 0x14 */
	try_bytes("\x8c\xd0\x8e\xd0\xcc", 5, 0);      /* mov ss, then int3 */
	try_bytes("\x0f\x01\x03", 3, 0);              /* sgdt */
	try_bytes("\x0f\x01\xd0", 3, 0);              /* xgetbv */
	try_bytes("\x6a\x00\x6a\x00\x68\x02\x02\x00\x00\x6a\x08\x53\x48\xcf", 14, 0); /* iretq */
	try_bytes("\x6a\x00\x6a\x00\x68\x02\x02\x00\x00\x6a\x10\x53\x48\xcf", 14, 0);
	try_vectors();
	try_selectors();
	SHOW(getpid() > 0);
	return 0;
}
