/*
 * machine: what bin/run and bin/image are made of.
 *
 *   machine run|image TOP KIND [options] [PROGRAM [ARG...]]
 *
 * TOP is the source tree, KIND the folder of TOP/build that holds the kernel. One program does it
 * all (options, checks, archive, relay), because bin/run of a small program is to take no longer
 * than its boot.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "abi/job.h"
#include "boot_times.h"
#include "die.h"
#include "machine.h"
#include "streams.h"
#include "terminal.h"

/* Descriptors 0 to 2 that are not open: filled with /dev/null, so that nothing else gets there. */
static unsigned closed_descriptors(void)
{
	unsigned closed = 0;

	for (int fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		closed |= JOB_CLOSED(fd);
		if (open("/dev/null", O_RDWR | O_CLOEXEC) != fd)
			die(STATUS_FAILED, "/dev/null: %s", strerror(errno));
	}
	return closed;
}

static int open_log(const char *path)
{
	int fd;

	if (!path)
		return -1;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		die(STATUS_FAILED, "--log %s: %s", path, strerror(errno));
	return fd;
}

/* The root's own program where it has one of that name, else the host's. */
static struct program *program_choose(struct tree *tree, const struct options *options)
{
	struct program *program = must_alloc(sizeof(*program));
	const char *name = options->program[0];

	if (program_find_in_root(tree, machine_path(options), name, program))
		program_find(name, program);
	return program;
}

/* What the machine is to start: PROGRAM; without one, at a terminal, init, which starts shells on
 * the machine's consoles; else a shell that reads our stdin. */
static void job_choose(
	const struct options *options, const struct program *program, struct job_terms *terms)
{
	static char *init[] = { "/sbin/init", NULL }, *shell[] = { "sh", NULL };

	if (program) {
		terms->path = program->machine_path;
		terms->argv = options->program;
		terms->flags |= options->image ? JOB_CONSOLE : terminal_flags();
	} else if (options->image || isatty(0)) {
		terms->path = init[0];
		terms->argv = init;
		terms->flags |= JOB_INIT;
	} else {
		terms->path = "/bin/sh";
		terms->argv = shell;
	}
}

static int run(struct tree *tree, const struct build *build, const struct options *options,
	const struct program *program, struct job_terms *terms)
{
	struct relay relay = {
		.end_mark = terms->end_mark,
		.closed = terms->flags,
		.has_terminal = terms->flags & (JOB_TERMINAL(0) | JOB_INIT),
		.has_job = !(terms->flags & JOB_INIT),
		.job_may_stay = !options->linux_kernel,
		.timeout_ms = options->timeout_ms,
		.log_file = open_log(options->log),
		.program = terms->argv[0],
	};
	int status, archive;

	if (relay.has_terminal)
		terminal_size(&terms->rows, &terms->columns);
	if (getrandom(terms->end_mark, JOB_END_MARK_BYTES, 0) != JOB_END_MARK_BYTES)
		die(STATUS_FAILED, "getrandom: %s", strerror(errno));
	archive = machine_archive(tree, build, options, program, terms);
	if (options->gdb)
		fprintf(stderr, "%s: gdb %s/cor.elf -ex 'target remote :1234'\n", die_name,
			build->kind);
	machine_start(build, options, archive, &relay);
	status = relay_run(&relay);
	if (options->boot_times)
		boot_times_print(stream_log_text());
	return status;
}

int main(int argc, char **argv)
{
	struct options options = { .image = argc > 1 && !strcmp(argv[1], "image") };
	struct job_terms terms = { .flags = closed_descriptors() };
	struct program *program = NULL;
	struct build build;
	struct tree *tree;

	if (argc < 4)
		die(STATUS_FAILED, "usage: machine run|image TOP KIND [ARG...]");
	die_name = options.image ? "bin/image" : "bin/run";
	program_invocation_short_name = (char *)die_name; /* for warn(3) */
	build = (struct build){ .top = argv[2],
		.common = must_printf("%s/build", argv[2]),
		.kind = must_printf("%s/build/%s", argv[2], argv[3]) };
	options_read(&options, argv + 4);
	tree = machine_layers(&options);
	if (options.program)
		program = program_choose(tree, &options);
	job_choose(&options, program, &terms);
	if (options.image) {
		machine_image(
			&build, &options, machine_archive(tree, &build, &options, program, &terms));
		return 0;
	}
	return run(tree, &build, &options, program, &terms);
}
