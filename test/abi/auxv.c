/* What the kernel puts on a new program's stack. */
#include "show.h"

#include <elf.h>
#include <sys/auxv.h>

extern char **environ;

/* Entries whose value is the same on every kernel; of the others only that they are there. */
static const struct {
	unsigned long type;
	const char *name;
	int same;
} entries[] = {
	{ AT_PHDR, "PHDR", 0 },
	{ AT_PHENT, "PHENT", 1 },
	{ AT_PHNUM, "PHNUM", 1 },
	{ AT_PAGESZ, "PAGESZ", 1 },
	{ AT_BASE, "BASE", 1 },
	{ AT_FLAGS, "FLAGS", 1 },
	{ AT_ENTRY, "ENTRY", 0 },
	{ AT_UID, "UID", 1 },
	{ AT_EUID, "EUID", 1 },
	{ AT_GID, "GID", 1 },
	{ AT_EGID, "EGID", 1 },
	{ AT_SECURE, "SECURE", 1 },
	{ AT_RANDOM, "RANDOM", 0 },
	{ AT_HWCAP, "HWCAP", 1 },
	{ AT_CLKTCK, "CLKTCK", 1 },
	{ AT_PLATFORM, "PLATFORM", 0 },
	{ AT_EXECFN, "EXECFN", 0 },
	{ AT_MINSIGSTKSZ, "MINSIGSTKSZ", 0 },
};

int main(int argc, char **argv)
{
	const unsigned char *random = (void *)getauxval(AT_RANDOM);
	const Elf64_Phdr *headers = (void *)getauxval(AT_PHDR);
	char **at = environ;
	int zeros = 0;

	SHOW(argc);
	for (int i = 0; i <= argc; i++)
		puts(argv[i] ? argv[i] : "NULL");
	for (; *at; at++)
		puts(*at);
	SHOW(environ == argv + argc + 1);
	for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++) {
		errno = 0;
		unsigned long value = getauxval(entries[i].type);

		if (errno)
			printf("%s is missing\n", entries[i].name);
		else if (entries[i].same)
			printf("%s = %#lx\n", entries[i].name, value);
		else
			printf("%s is %s\n", entries[i].name, value ? "set" : "0");
	}
	puts((char *)getauxval(AT_PLATFORM));
	puts((char *)getauxval(AT_EXECFN));
	for (int i = 0; i < 16; i++)
		zeros += !random[i];
	SHOW(zeros < 4);
	SHOW(headers[0].p_type != PT_NULL);
	SHOW((((long)argv - 8) & 15) == 0);
	/* Strings lie above the vector, the program's name at the top. */
	SHOW((char *)getauxval(AT_EXECFN) > argv[0] && argv[0] > (char *)argv);
	return 0;
}
