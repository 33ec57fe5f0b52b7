/*
 * machine: from options and a program to a running QEMU.
 *
 * Idea: nothing has a name in the file system. Archive and image are in memory, the ports are
 * socket pairs; QEMU finds them by descriptor number. Thus nothing is left behind, however we
 * end; and when we are killed, the kernel kills QEMU (PR_SET_PDEATHSIG).
 *
 * The two kernels differ in two places only: machine_archive() adds what Linux needs, and
 * add_boot() says what is booted.
 */
#include "machine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../image.h"
#include "abi/job.h"
#include "archive.h"
#include "die.h"
#include "needs.h"
#include "shell.h"
#include "tree.h"

/* ---- the archive ----------------------------------------------------------------------------- */

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static const char *const default_env[] = {
	"PATH=" DEFAULT_PATH,
	"HOME=/root",
};

static int env_has(const struct strings *env, const char *text)
{
	size_t name = strchr(text, '=') - text + 1;

	for (size_t i = 0; i < env->count; i++)
		if (!strncmp(env->items[i], text, name))
			return 1;
	return 0;
}

const char *machine_path(const struct options *options)
{
	static const char name[] = "PATH=";

	for (size_t i = 0; i < options->env.count; i++)
		if (!strncmp(options->env.items[i], name, strlen(name)))
			return options->env.items[i] + strlen(name);
	return DEFAULT_PATH;
}

/* The strings of a job file, one behind another. */
struct job_file {
	struct job *job;
	size_t bytes;
};

static void job_add(struct job_file *file, const char *text)
{
	size_t n = strlen(text) + 1;

	file->job = must_realloc(file->job, file->bytes + n);
	memcpy((char *)file->job + file->bytes, text, n);
	file->bytes += n;
	file->job->strings_bytes += n;
}

static void job_add_env(struct job_file *file, const char *text)
{
	job_add(file, text);
	file->job->envc++;
}

static void put_job(struct tree *tree, const struct options *options, const struct job_terms *terms)
{
	struct job_file file = { .job = must_alloc(sizeof(struct job)),
		.bytes = sizeof(struct job) };

	memcpy(file.job->magic, JOB_MAGIC, sizeof(file.job->magic));
	memcpy(file.job->end_mark, terms->end_mark, JOB_END_MARK_BYTES);
	file.job->flags = terms->flags;
	file.job->rows = terms->rows;
	file.job->columns = terms->columns;
	job_add(&file, terms->path);
	for (char **argument = terms->argv; *argument; argument++, file.job->argc++)
		job_add(&file, *argument);
	for (size_t i = 0; i < sizeof(default_env) / sizeof(*default_env); i++)
		if (!env_has(&options->env, default_env[i]))
			job_add_env(&file, default_env[i]);
	if ((terms->flags & JOB_TERMINAL(0)) && getenv("TERM") && !env_has(&options->env, "TERM="))
		job_add_env(&file, must_printf("TERM=%s", getenv("TERM")));
	if ((terms->flags & JOB_INIT) && !options->image)
		job_add_env(&file, "CONTROL=" SHELL_CONTROL);
	for (size_t i = 0; i < options->env.count; i++)
		job_add_env(&file, options->env.items[i]);
	tree_put_data(tree, JOB_FILE, S_IFREG | 0400, file.job, file.bytes);
}

/* Where bin/deps --oracle puts Debian's kernel and its modules. */
static const char *oracle_dir(void)
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (cache && *cache)
		return must_printf("%s/cor/oracle", cache);
	return must_printf("%s/.cache/cor/oracle", home ? home : "/root");
}

static void oracle_fetch(const struct build *build)
{
	char *kernel = must_printf("%s/vmlinuz", oracle_dir());
	char *command = must_printf("'%s/bin/deps' --oracle >&2", build->top);

	if (access(kernel, R_OK) && system(command))
		die(STATUS_FAILED, "--kernel linux: there is no kernel to boot");
	free(command);
	free(kernel);
}

/* Our init, and the modules that it loads: /lib/modules/cor/0.ko, 1.ko ... in that order. */
static void put_oracle(struct tree *tree, const struct build *build)
{
	struct stat st;
	char *init = must_printf("%s/init/init.elf", build->kind);

	if (stat(init, &st))
		die(STATUS_FAILED, "%s: %s", init, strerror(errno));
	tree_put_file(tree, "init", S_IFREG | 0755, init, st.st_size);
	for (int i = 0;; i++) {
		char *module = must_printf("%s/%d.ko", oracle_dir(), i);

		if (stat(module, &st))
			break;
		tree_put_file(tree, must_printf("lib/modules/cor/%d.ko", i), S_IFREG | 0600, module,
			st.st_size);
	}
}

struct tree *machine_layers(const struct options *options)
{
	struct tree *tree = tree_create();

	tree_lay_skeleton(tree);
	for (size_t i = 0; i < options->roots.count; i++)
		tree_lay(tree, options->roots.items[i]);
	return tree;
}

int machine_archive(struct tree *tree, const struct build *build, const struct options *options,
	const struct program *program, const struct job_terms *terms)
{
	int fd = memfd_create("archive", 0);

	if (fd < 0)
		die(STATUS_FAILED, "memfd_create: %s", strerror(errno));
	if (program && program->host_path)
		needs_put(tree, options, program, machine_path(options));
	else if (!program)
		shell_put(tree, build, options);
	put_job(tree, options, terms);
	if (options->linux_kernel) {
		oracle_fetch(build);
		put_oracle(tree, build);
	}
	archive_write(tree, fd, !options->linux_kernel);
	return fd;
}

/* ---- the image ------------------------------------------------------------------------------- */

/* The command line. On a panic Cor turns the machine off, so that its end is seen. Each byte of the
 * log is a system call of QEMU and wakes the relay; where nobody asked for it, only warnings are
 * shown. The kernel keeps all of it, for a panic. */
static char *image_cmdline(const struct options *options)
{
	int log_is_wanted = options->log || options->boot_times || options->gdb;
	const char *seed = getenv("SCHED_SEED");
	char *seeded = seed ? must_printf("sched_seed=%s ", seed) : must_strdup("");

	if (options->image)
		return must_printf("%s%s", seeded, options->append);
	return must_printf(
		"panic=off %s%s%s", log_is_wanted ? "" : "log=warn ", seeded, options->append);
}

/* What the image is made of. */
static struct image_spec image_spec(
	const struct build *build, const struct options *options, int archive)
{
	return (struct image_spec){
		.sector = must_printf("%s/boot/sector.bin", build->common),
		.loader = must_printf("%s/boot/loader.bin", build->common),
		.kernel = must_printf("%s/cor.elf", build->kind),
		.archive = must_printf("/proc/self/fd/%d", archive),
		.load_archive = options->image,
		.cmdline = image_cmdline(options),
	};
}

void machine_image(const struct build *build, const struct options *options, int archive)
{
	struct image_spec spec = image_spec(build, options, archive);

	if (image_write(options->output, &spec))
		exit(STATUS_FAILED);
}

/* An image without a name: returns its descriptor. */
static int image_open(const struct build *build, const struct options *options, int archive)
{
	struct image_spec spec = image_spec(build, options, archive);
	int fd = memfd_create("disk", 0);

	if (fd < 0)
		die(STATUS_FAILED, "memfd_create: %s", strerror(errno));
	if (image_write_fd(fd, &spec))
		exit(STATUS_FAILED);
	return fd;
}

/* ---- QEMU ------------------------------------------------------------------------------------ */

static void add(struct strings *list, const char *option, char *value)
{
	strings_add(list, option);
	if (value)
		strings_add(list, value);
	free(value);
}

/* A socket pair: QEMU's end is a chardev called `id`; returns our end. */
static int add_socket(struct strings *list, const char *id)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		die(STATUS_FAILED, "socketpair: %s", strerror(errno));
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	add(list, "-chardev", must_printf("socket,id=%s,fd=%d", id, ends[1]));
	return ends[0];
}

static int add_port(struct strings *list, const char *id, int number)
{
	int fd = add_socket(list, id);

	add(list, "-device",
		must_printf("virtserialport,chardev=%s,nr=%d,name=cor.%s", id, number, id));
	return fd;
}

static void add_boot(
	struct strings *list, const struct build *build, const struct options *options, int archive)
{
	if (options->linux_kernel) {
		add(list, "-kernel", must_printf("%s/vmlinuz", oracle_dir()));
		add(list, "-initrd", must_printf("/proc/self/fd/%d", archive));
		add(list, "-append",
			must_printf("console=ttyS0 panic=-1 quiet %s", options->append));
		return;
	}
	add(list, "-drive",
		must_printf("if=none,id=disk,format=raw,file=/proc/self/fd/%d",
			image_open(build, options, archive)));
	add(list, "-device", must_strdup("virtio-blk-pci,drive=disk"));
}

/* A file name in an option of QEMU's: commas stand doubled. */
static char *qemu_name(const char *path, size_t bytes)
{
	char *name = must_alloc(2 * bytes + 1), *to = name;

	for (size_t i = 0; i < bytes; i++) {
		if (path[i] == ',')
			*to++ = ',';
		*to++ = path[i];
	}
	return name;
}

/* Errors of the host are the machine's, which goes on. */
static void add_disk(struct strings *list, size_t number, const char *wish)
{
	size_t bytes = strlen(wish);
	int read_only = bytes > 3 && !strcmp(wish + bytes - 3, ",ro");
	char *path = must_printf("%.*s", (int)(bytes - (read_only ? 3 : 0)), wish);

	if (access(path, read_only ? R_OK : R_OK | W_OK))
		die(STATUS_FAILED, "--disk %s: %s", path, strerror(errno));
	add(list, "-drive",
		must_printf("if=none,id=disk%zu,format=raw,werror=report,rerror=report,"
			    "discard=unmap,readonly=%s,file=%s",
			number, read_only ? "on" : "off", qemu_name(path, strlen(path))));
	add(list, "-device", must_printf("virtio-blk-pci,drive=disk%zu", number));
}

/* Cor is booted from a disk; so that the others have the same names, Linux gets an empty one. */
static void add_disks(struct strings *list, const struct options *options)
{
	if (options->linux_kernel && options->disks.count) {
		add(list, "-blockdev",
			must_strdup("null-co,node-name=disk,size=1048576,read-zeroes=on"));
		add(list, "-device", must_strdup("virtio-blk-pci,drive=disk"));
	}
	for (size_t i = 0; i < options->disks.count; i++)
		add_disk(list, i + 1, options->disks.items[i]);
}

static void add_words(struct strings *list, const char *text)
{
	while (text && *(text += strspn(text, " \t\n"))) {
		size_t len = strcspn(text, " \t\n");

		add(list, must_printf("%.*s", (int)len, text), NULL);
		text += len;
	}
}

static void qemu_exec(struct strings *list, int messages)
{
	sigset_t none;
	int null = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0); /* Ctrl-C is for us alone */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(null, 0);
	dup2(messages, 1);
	dup2(messages, 2);
	execvp(list->items[0], list->items);
	_exit(STATUS_NOT_FOUND);
}

void machine_start(
	const struct build *build, const struct options *options, int archive, struct relay *relay)
{
	struct strings list = { 0 };

	strings_add(&list, "qemu-system-x86_64");
	add_words(&list, "-nodefaults -no-user-config -display none -machine pc");
	if (relay->has_job || options->linux_kernel)
		add_words(&list, "-no-reboot");
	add(&list, "-accel", must_strdup(options->accel));
	add(&list, "-cpu", must_strdup(strcmp(options->accel, "kvm") ? "max" : "host"));
	add(&list, "-m", must_printf("%ld", options->memory_mib));
	add(&list, "-smp", must_printf("%ld", options->cpus));
	relay->log = add_socket(&list, "log");
	add(&list, "-serial", must_strdup("chardev:log"));
	add_boot(&list, build, options, archive);
	add(&list, "-device", must_strdup("virtio-serial-pci,max_ports=5"));
	relay->in = add_port(&list, "in", JOB_PORT_IN);
	relay->out = add_port(&list, "out", JOB_PORT_OUT);
	relay->err = add_port(&list, "err", JOB_PORT_ERR);
	relay->control = add_port(&list, "control", JOB_PORT_CONTROL);
	add(&list, "-device", must_strdup("virtio-rng-pci"));
	add_disks(&list, options); /* Linux numbers the ports by the place of their device */
	if (options->gdb)
		add_words(&list, "-S -gdb tcp:127.0.0.1:1234");
	add_words(&list, options->qemu);

	relay->qemu_messages = memfd_create("qemu", MFD_CLOEXEC);
	relay->qemu = fork();
	if (relay->qemu == 0)
		qemu_exec(&list, relay->qemu_messages);
	if (relay->qemu < 0 || relay->qemu_messages < 0)
		die(STATUS_FAILED, "starting QEMU: %s", strerror(errno));
	/* QEMU's ends of the sockets must be its alone, or its end would not be seen. */
	for (int fd = 3; fd < 64; fd++)
		if (!(fcntl(fd, F_GETFD) & FD_CLOEXEC))
			close(fd);
}
