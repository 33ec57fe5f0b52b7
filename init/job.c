/*
 * job: the machine's one job, from its file in the archive to its end on the control port.
 *
 * abi/job.h is the protocol. The program is a child that shares our memory until it has called
 * execve, so that its errno of a failed start is simply a variable here.
 */
#include "abi/job.h"

#include "abi/errno.h"
#include "abi/fcntl.h"
#include "abi/mman.h"
#include "abi/signal.h"
#include "abi/wait.h"
#include "init.h"
#include "sys.h"
#include "terminal.h"

enum {
	STACK_BYTES = 16384,
	PORT_WAIT_MS = 10000,
	POINTERS_BYTES = 8, /* of an argv or envp entry */
};

/* Not in the struct, which is initialised: the image would carry it. */
static char child_stack[STACK_BYTES] __attribute__((aligned(16)));

static struct {
	struct job *job;
	char *program;
	char **argv, **envp;
	int in, out, err, control; /* -1: not there */
	int terminal;
	long start_error;
} state = { .in = -1, .out = -1, .err = -1, .control = -1, .terminal = -1 };

static void *memory(size_t bytes)
{
	long address =
		sys6(mmap, 0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return address < 0 && address > -4096 ? NULL : (void *)address;
}

/* Points argv and envp at the strings behind the job. Returns 0, or -EINVAL on a damaged file. */
static int job_parse(struct job *job, char **pointers, size_t bytes)
{
	char *at = (char *)(job + 1), *end = (char *)job + bytes;
	uint64_t count = 1ull + job->argc + job->envc;

	if (bytes < sizeof(*job) || !text_equal(job->magic, JOB_MAGIC) || at == end || end[-1])
		return -EINVAL;
	state.argv = pointers;
	state.envp = pointers + job->argc + 1;
	for (uint64_t i = 0; i < count; i++, at += text_length(at) + 1) {
		if (at >= end)
			return -EINVAL;
		if (i == 0)
			state.program = at;
		else if (i <= job->argc)
			state.argv[i - 1] = at;
		else
			state.envp[i - 1 - job->argc] = at;
	}
	state.job = job;
	return 0;
}

/* Reads JOB_FILE. Returns 0, or -errno. */
static int job_load(void)
{
	long fd = sys3(open, JOB_FILE, O_RDONLY | O_CLOEXEC, 0), bytes, got = 0, n;
	char *job, *pointers;

	if (fd < 0)
		return fd;
	bytes = sys3(lseek, fd, 0, SEEK_END);
	sys3(lseek, fd, 0, SEEK_SET);
	if (bytes <= 0)
		return -EINVAL;
	job = memory(bytes);
	/* No more pointers than bytes, and the two NULLs. */
	pointers = memory((bytes + 2) * POINTERS_BYTES);
	if (!job || !pointers)
		return -ENOMEM;
	while ((n = sys3(read, fd, job + got, bytes - got)) > 0)
		got += n;
	sys1(close, fd);
	sys1(unlink, JOB_FILE);
	return job_parse((struct job *)job, (char **)pointers, got);
}

/* The device appears when its driver has found it. */
static int port_open(int number, unsigned flags)
{
	char path[32] = "/dev/vport0p";

	text_add_number(path, sizeof(path), number);
	for (int ms = 0; ms < PORT_WAIT_MS; ms++) {
		long fd = sys3(open, path, flags | O_CLOEXEC, 0);

		if (fd >= 0)
			return fd;
		pause_1ms();
	}
	say("no port", number);
	return -1;
}

static void ports_open(void)
{
	unsigned flags = state.job->flags;

	if (flags & JOB_CONSOLE) {
		state.in = state.out = state.err = CONSOLE_FD;
		return;
	}
	state.control = port_open(JOB_PORT_CONTROL, O_RDWR);
	if (!(flags & JOB_CLOSED(0)))
		state.in = port_open(JOB_PORT_IN, O_RDONLY);
	if (!(flags & JOB_CLOSED(1)))
		state.out = port_open(JOB_PORT_OUT, O_WRONLY);
	if (!(flags & JOB_CLOSED(2)))
		state.err = port_open(JOB_PORT_ERR, O_WRONLY);
}

/* Makes descriptor `to` of the program; without a stream it has none. */
static void give(int from, int to)
{
	if (from < 0)
		sys1(close, to);
	else if (from != to)
		sys3(dup3, from, to, 0);
}

static void child(void *argument)
{
	int console = state.in == CONSOLE_FD;
	int terminal = state.terminal;
	unsigned flags = state.job->flags;

	if (terminal >= 0 || console)
		terminal_take(console ? CONSOLE_FD : terminal);
	give(flags & JOB_TERMINAL(0) ? terminal : state.in, 0);
	give(flags & JOB_TERMINAL(1) ? terminal : state.out, 1);
	if (!console)
		give(flags & JOB_TERMINAL(2) ? terminal : state.err, 2);
	state.start_error = -sys3(execve, state.program, state.argv, state.envp);
	sys1(exit, 127);
}

/* Waits for `pid`, and for whatever else ends meanwhile: as process 1 we are everybody's parent. */
static int wait_for(long pid)
{
	int status = 0;

	for (;;) {
		long ended = sys4(wait4, -1, &status, 0, 0);

		if (ended == pid || (ended < 0 && ended != -EINTR))
			return status;
	}
}

/* The end mark, behind all output. The program may have left its port non-blocking. */
static void mark_end(int fd)
{
	if (fd < 0)
		return;
	sys3(fcntl, fd, F_SETFL, 0);
	write_all(fd, state.job->end_mark, JOB_END_MARK_BYTES);
}

static void report(const char *what, int number)
{
	char line[32] = "", answer[1];
	long n;

	text_add(line, sizeof(line), what);
	text_add(line, sizeof(line), " ");
	text_add_number(line, sizeof(line), number);
	text_add(line, sizeof(line), "\n");
	write_all(state.control, line, text_length(line));
	/* A size may come before it. */
	do
		n = sys3(read, state.control, answer, 1);
	while (n == -EINTR || (n == 1 && answer[0] != 'b'));
}

void job_run(void)
{
	const struct sigaction ignore = { .handler = SIG_IGN };
	long error = job_load(), pid;
	int status = 0;

	if (error == -ENOENT)
		return;
	if (error) {
		say("the job file is damaged:", error);
		power_off();
	}
	if (state.job->flags & JOB_INIT) {
		error = sys3(execve, state.program, state.argv, state.envp);
		say("/sbin/init cannot be started: errno", -error);
		power_off();
	}
	ports_open();
	if (state.job->flags & JOB_TERMINAL(0))
		state.terminal = terminal_create(state.job);
	pid = spawn(child, NULL, child_stack + STACK_BYTES);
	if (pid > 0 && state.terminal >= 0) {
		sys1(close, state.terminal);
		status = terminal_carry(pid, state.in, state.out, state.control);
	} else if (pid > 0)
		status = wait_for(pid);
	else
		state.start_error = -pid;
	if (state.job->flags & JOB_CONSOLE) {
		if (state.start_error)
			say("the program cannot be started: errno", state.start_error);
		power_off();
	}
	sys4(rt_sigaction, SIGPIPE, &ignore, 0, 8);
	mark_end(state.out);
	mark_end(state.err);
	if (state.start_error)
		report("error", state.start_error);
	else if (WIFEXITED(status))
		report("exit", WEXITSTATUS(status));
	else
		report("signal", WTERMSIG(status));
	power_off();
}
