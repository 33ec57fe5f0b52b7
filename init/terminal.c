/*
 * terminal: a pty for the job, and the carrying of its bytes.
 *
 * The main idea: one loop waits for whatever comes: typed bytes from the in port, shown ones from
 * the pty, sizes from the control port, and SIGCHLD, which is let through only while it waits, so
 * that no end of a child is missed.
 */
#include "terminal.h"

#include "abi/errno.h"
#include "abi/fcntl.h"
#include "abi/ioctls.h"
#include "abi/poll.h"
#include "abi/signal.h"
#include "abi/wait.h"
#include "sys.h"

enum { CHUNK_BYTES = 4096, LINE_BYTES = 64, MASK_BYTES = 8 };

static char typed[CHUNK_BYTES]; /* from typed_at on: not yet taken by the pty */

static struct {
	int master;
	long typed_at, typed_end; /* in typed */
	char line[LINE_BYTES];    /* from the control port */
	long line_bytes;
} state = { .master = -1 };

static void resize(unsigned rows, unsigned columns)
{
	struct winsize size = { .ws_row = (uint16_t)rows, .ws_col = (uint16_t)columns };

	sys3(ioctl, state.master, TIOCSWINSZ, &size);
}

static void child_mask(int how)
{
	uint64_t mask = 1ull << (SIGCHLD - 1);

	sys4(rt_sigprocmask, how, &mask, 0, MASK_BYTES);
}

int terminal_create(const struct job *job)
{
	const struct sigaction action = { .handler = (uint64_t)signal_nothing,
		.flags = SA_RESTORER,
		.restorer = (uint64_t)signal_return };
	int unlocked = 0;
	long fd = sys2(open, "/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return (int)fd;
	state.master = (int)fd;
	resize(job->rows, job->columns);
	sys3(ioctl, fd, TIOCSPTLCK, &unlocked);
	child_mask(SIG_BLOCK);
	sys4(rt_sigaction, SIGCHLD, &action, 0, MASK_BYTES);
	return (int)sys3(ioctl, fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

void terminal_take(int terminal)
{
	sys1(setsid, 0);
	sys3(ioctl, terminal, TIOCSCTTY, 0);
	child_mask(SIG_UNBLOCK);
}

/* What the pty shows, to the out port. Returns whether there may be more. */
static int show(int out)
{
	char shown[CHUNK_BYTES];
	long n = sys3(read, state.master, shown, sizeof(shown));

	if (n > 0)
		write_all(out, shown, (size_t)n);
	return n > 0 || n == -EINTR;
}

static void type_pending(void)
{
	long n =
		sys3(write, state.master, typed + state.typed_at, state.typed_end - state.typed_at);

	if (n > 0)
		state.typed_at += n;
}

/* Bytes for the pty. Returns whether the port goes on. */
static int type(int in)
{
	long n = sys3(read, in, typed, sizeof(typed));

	state.typed_at = 0;
	state.typed_end = n > 0 ? n : 0;
	type_pending();
	return n > 0 || n == -EINTR || n == -EAGAIN;
}

static const char *number(const char *text, unsigned *value)
{
	for (*value = 0; *text >= '0' && *text <= '9'; text++)
		*value = *value * 10 + (unsigned)(*text - '0');
	return text;
}

/* "winsize ROWS COLUMNS" is all that is said to us before the end. */
static void listen(int control)
{
	static const char word[] = "winsize ";
	unsigned rows, columns;
	char c;

	if (sys3(read, control, &c, 1) != 1)
		return;
	if (c != '\n') {
		if (state.line_bytes < LINE_BYTES - 1)
			state.line[state.line_bytes++] = c;
		return;
	}
	state.line[state.line_bytes] = '\0';
	state.line_bytes = 0;
	for (unsigned i = 0; i < sizeof(word) - 1; i++)
		if (state.line[i] != word[i])
			return;
	number(number(state.line + sizeof(word) - 1, &rows) + 1, &columns);
	resize(rows, columns);
}

/* As process 1 we are everybody's parent. True once `pid` has ended. */
static int reap(long pid, int *status)
{
	long ended;

	while ((ended = sys4(wait4, -1, status, WNOHANG, 0)) > 0)
		if (ended == pid)
			return 1;
	return 0;
}

int terminal_carry(long pid, int in, int out, int control)
{
	uint64_t none = 0;
	int status = 0;

	while (!reap(pid, &status)) {
		int pending = state.typed_at < state.typed_end;
		struct pollfd polls[] = {
			{ .fd = state.master, .events = POLLIN | (pending ? POLLOUT : 0) },
			{ .fd = control, .events = POLLIN },
			{ .fd = pending ? -1 : in, .events = POLLIN },
		};

		if (sys6(ppoll, polls, 3, 0, &none, MASK_BYTES, 0) <= 0)
			continue;
		if (polls[0].revents & POLLIN)
			show(out);
		if (polls[0].revents & POLLOUT)
			type_pending();
		if (polls[1].revents & POLLIN)
			listen(control);
		if (polls[2].revents && !type(in))
			in = -1;
	}
	while (show(out))
		;
	return status;
}
