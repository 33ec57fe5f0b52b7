/*
 * options: reads the command line of bin/run and bin/image.
 *
 * Idea: one table of options with the place each value goes to. What belongs to a later version
 * is in the table too, so that it is refused by name and never ignored.
 */
#include "options.h"

#include <cpuid.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"

static const char run_help[] =
	"bin/run [options] [PROGRAM [ARG...]]\n"
	"\n"
	"Boots Cor in QEMU. With PROGRAM, an x86-64 Linux program or a script, which a --root has "
	"or "
	"else\n"
	"this host, the machine is for that one job: stdin, stdout and stderr are the program's, "
	"and "
	"when\n"
	"it ends, so does the machine. Without PROGRAM the machine has a shell, busybox's: at a "
	"terminal\n"
	"with job control (Ctrl-A X leaves), else it reads commands from stdin.\n"
	"\n"
	"  -m MIB              memory (256)\n"
	"  -smp N              CPUs (1)\n"
	"  -e NAME=VALUE       a variable in the program's environment; may be repeated\n"
	"  --root DIR|TAR      laid over the machine's root; may be repeated, later ones win\n"
	"  --disk FILE[,ro]    a disk: /dev/vdb, vdc ... in their order; may be repeated\n"
	"  --kernel cor|linux  linux: the same machine under Debian's kernel, to compare\n"
	"  --append TEXT       words for the kernel's command line\n"
	"  --accel auto|tcg|kvm\n"
	"  --timeout SECONDS   end the machine after that time, with status 124\n"
	"  --log FILE          the kernel's log goes there (it is shown when the kernel fails)\n"
	"  --boot-times        say on stderr where the time of the boot went\n"
	"  --gdb               wait for gdb on port 1234 before the first instruction\n"
	"  --qemu \"ARGS\"       more arguments for QEMU, split at blanks\n"
	"\n"
	"Exit status: the program's or the shell's; 128 + N where signal N ended it; 124 after "
	"--timeout; 125 "
	"where\n"
	"Cor or this tool failed; 126 where PROGRAM cannot be started, 127 where it is not there; "
	"130\n"
	"on Ctrl-C.\n"
	"In the environment: DEBUG=1 takes the kernel with its checks, CC=clang that compiler's;\n"
	"with DEBUG=1, SCHED_SEED=N has it switch threads at points drawn from that number.\n";

static const char image_help[] =
	"bin/image [options] -o disk.img [PROGRAM [ARG...]]\n"
	"\n"
	"Writes the machine that bin/run boots as a raw disk image: for dd to a USB stick, or for "
	"a\n"
	"hypervisor. The console is the serial port and the screen, PROGRAM's streams are the\n"
	"console, and when it ends the machine goes off. Without PROGRAM there is a shell on "
	"each.\n"
	"\n"
	"  -o FILE             the image\n"
	"  -e NAME=VALUE       a variable in the program's environment; may be repeated\n"
	"  --root DIR|TAR      laid over the machine's root; may be repeated, later ones win\n"
	"  --append TEXT       words for the kernel's command line\n";

void strings_add(struct strings *list, const char *text)
{
	list->items = must_realloc(list->items, (list->count + 2) * sizeof(*list->items));
	list->items[list->count++] = must_strdup(text);
	list->items[list->count] = NULL;
}

static long number(const char *option, const char *text, long least, long most)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || end == text || *end || value < least || value > most)
		die(STATUS_FAILED, "%s %s: a number from %ld to %ld is wanted", option, text, least,
			most);
	return value;
}

static int64_t milliseconds(const char *option, const char *text)
{
	char *end;
	double seconds = strtod(text, &end);

	if (end == text || *end || !(seconds > 0 && seconds < 1e9))
		die(STATUS_FAILED, "%s %s: seconds are wanted, more than 0", option, text);
	return seconds < 0.001 ? 1 : (int64_t)(seconds * 1000);
}

/* A later -e of the same name replaces an earlier one. */
static void add_env(struct strings *env, const char *text)
{
	const char *equals = strchr(text, '=');

	if (!equals || equals == text)
		die(STATUS_FAILED, "-e %s: NAME=VALUE is wanted", text);
	for (size_t i = 0; i < env->count; i++) {
		if (!strncmp(env->items[i], text, equals - text + 1)) {
			env->items[i] = must_strdup(text);
			return;
		}
	}
	strings_add(env, text);
}

enum { CPUID_VMX = 1 << 5, CPUID_SVM = 1 << 2 }; /* leaves 1 and 0x80000001, in ECX */

/* KVM only where the CPU's own flags promise it: /dev/kvm alone promises nothing. */
static const char *choose_accel(const char *wish)
{
	unsigned a, b, c = 0, d;
	int capable = __get_cpuid(1, &a, &b, &c, &d) && (c & CPUID_VMX);

	if (!strcmp(wish, "tcg"))
		return wish;
	if (!capable)
		capable = __get_cpuid(0x80000001, &a, &b, &c, &d) && (c & CPUID_SVM);
	if (capable && !access("/dev/kvm", R_OK | W_OK))
		return "kvm";
	if (!strcmp(wish, "kvm"))
		die(STATUS_FAILED, "--accel kvm: %s",
			!capable ? "this processor shows neither VMX nor SVM; leave it to auto"
				 : "/dev/kvm cannot be opened: are you in the group kvm?");
	return "tcg";
}

static const char *one_of(const char *option, const char *value, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(value, *words))
			return *words;
	die(STATUS_FAILED, "%s %s: not a value it can have (--help lists them)", option, value);
}

enum { RUN = 1, IMAGE = 2 };

static const struct option {
	const char *name;
	int takes_value;
	int commands; /* that have it; 0: of a later version */
} option_table[] = {
	{ "--help", 0, RUN | IMAGE },
	{ "-h", 0, RUN | IMAGE },
	{ "-o", 1, IMAGE },
	{ "-m", 1, RUN },
	{ "-smp", 1, RUN },
	{ "-e", 1, RUN | IMAGE },
	{ "--root", 1, RUN | IMAGE },
	{ "--kernel", 1, RUN },
	{ "--append", 1, RUN | IMAGE },
	{ "--accel", 1, RUN },
	{ "--timeout", 1, RUN },
	{ "--log", 1, RUN },
	{ "--boot-times", 0, RUN },
	{ "--gdb", 0, RUN },
	{ "--qemu", 1, RUN },
	{ "--disk", 1, RUN },
	{ "-p", 1, 0 },
};

/* Values longer than these a machine of QEMU cannot have. */
enum { MEMORY_MAX_MIB = 1 << 20, CPUS_MAX = 255 };

static void apply(struct options *options, const char *name, const char *value)
{
	static const char *const kernels[] = { "cor", "linux", NULL };
	static const char *const accels[] = { "auto", "tcg", "kvm", NULL };

	if (!strcmp(name, "--help") || !strcmp(name, "-h")) {
		fputs(options->image ? image_help : run_help, stdout);
		exit(fflush(stdout) ? STATUS_FAILED : 0);
	} else if (!strcmp(name, "-o")) {
		options->output = value;
	} else if (!strcmp(name, "-m")) {
		options->memory_mib = number(name, value, 1, MEMORY_MAX_MIB);
	} else if (!strcmp(name, "-smp")) {
		options->cpus = number(name, value, 1, CPUS_MAX);
	} else if (!strcmp(name, "-e")) {
		add_env(&options->env, value);
	} else if (!strcmp(name, "--root")) {
		strings_add(&options->roots, value);
	} else if (!strcmp(name, "--disk")) {
		strings_add(&options->disks, value);
	} else if (!strcmp(name, "--kernel")) {
		options->linux_kernel = !strcmp(one_of(name, value, kernels), "linux");
	} else if (!strcmp(name, "--append")) {
		options->append = value;
	} else if (!strcmp(name, "--accel")) {
		options->accel = one_of(name, value, accels);
	} else if (!strcmp(name, "--timeout")) {
		options->timeout_ms = milliseconds(name, value);
	} else if (!strcmp(name, "--log")) {
		options->log = value;
	} else if (!strcmp(name, "--boot-times")) {
		options->boot_times = 1;
	} else if (!strcmp(name, "--gdb")) {
		options->gdb = 1;
	} else if (!strcmp(name, "--qemu")) {
		options->qemu = value;
	}
}

static const struct option *find(const struct options *options, const char *name)
{
	const struct option *option = option_table;
	size_t count = sizeof(option_table) / sizeof(*option_table);

	while (count && strcmp(option->name, name))
		option++, count--;
	if (!count || (option->commands && !(option->commands & (options->image ? IMAGE : RUN))))
		die(STATUS_FAILED, "%s: there is no such option (--help lists them)", name);
	if (!option->commands)
		die(STATUS_FAILED, "%s: not in this version", name);
	return option;
}

void options_read(struct options *options, char **argv)
{
	options->memory_mib = 256;
	options->cpus = 1;
	options->append = "";
	options->accel = "auto";
	for (; *argv && **argv == '-'; argv++) {
		const struct option *option;
		char *equals = !strncmp(*argv, "--", 2) ? strchr(*argv, '=') : NULL;
		const char *value = NULL;

		if (!strcmp(*argv, "--")) {
			argv++;
			break;
		}
		if (equals)
			*equals = '\0';
		option = find(options, *argv);
		if (option->takes_value)
			value = equals ? equals + 1 : *++argv;
		else if (equals)
			die(STATUS_FAILED, "%s takes no value", option->name);
		if (option->takes_value && !value)
			die(STATUS_FAILED, "%s: its value is missing", option->name);
		apply(options, option->name, value);
	}
	options->accel = choose_accel(options->accel);
	if (*argv)
		options->program = argv;
	if (options->image && !options->output)
		die(STATUS_FAILED, "where to? -o FILE is missing");
}
