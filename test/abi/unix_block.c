/* Who waits at AF_UNIX sockets, and what ends it. */
#include "sockets.h"

#include <signal.h>

static char big[1000000], out[1000000];

static void handler(int signal)
{
}

static void set_handler(int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	sigaction(SIGUSR1, &action, NULL);
}

/* The child runs act(fd) once this process sleeps. */
static pid_t later(void (*act)(int), int fd)
{
	pid_t parent = getpid(), child = fork();

	if (child == 0) {
		until_asleep(parent);
		act(fd);
		_exit(0);
	}
	return child;
}

static void act_write(int fd)
{
	write(fd, "x", 1);
}

static void act_signal(int unused)
{
	kill(getppid(), SIGUSR1);
}

/* A signal, and then what ends the wait that has begun again. */
static void act_signal_write(int fd)
{
	pid_t parent = getppid();

	kill(parent, SIGUSR1);
	usleep(20000);
	until_asleep(parent);
	write(fd, "x", 1);
}

static void act_shut(int fd)
{
	shutdown(fd, SHUT_RDWR);
}

static void act_drain(int fd)
{
	long total = 0;

	while (total < 800000)
		total += read(fd, out, sizeof(out));
	_exit(total == 800000 ? 0 : 1);
}

static void act_read_some(int fd)
{
	long total = 0;

	while (total < 250000)
		total += read(fd, out, 50000);
	_exit(0);
}

static void act_receive(int fd)
{
	recv(fd, out, sizeof(out), 0);
}

static void reading(int type)
{
	int fds[2];

	socketpair(AF_UNIX, type, 0, fds);
	later(act_write, fds[1]);
	SHOW(read(fds[0], out, 10));
	wait(NULL);
	set_handler(0);
	later(act_signal, 0);
	SHOW(read(fds[0], out, 10));
	wait(NULL);
	set_handler(SA_RESTART);
	later(act_signal_write, fds[1]);
	SHOW(read(fds[0], out, 10));
	wait(NULL);
	/* With a time limit a call is not made again. */
	setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){ 20, 0 },
		sizeof(struct timeval));
	later(act_signal, 0);
	SHOW(read(fds[0], out, 10));
	wait(NULL);
	later(act_shut, fds[1]);
	SHOW(read(fds[0], out, 10));
	wait(NULL);
	close(fds[0]);
	close(fds[1]);
}

static void writing(void)
{
	int fds[2], status;

	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 7 + i / 256);
	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	later(act_drain, fds[1]);
	SHOW(write(fds[0], big, 800000));
	wait(&status);
	SHOW(status);
	/* Everything that is wanted, though it comes in pieces. */
	if (fork() == 0) {
		for (int i = 0; i < 80; i++)
			write(fds[0], big + i * 10000, 10000);
		_exit(0);
	}
	SHOW(recv(fds[1], out, 800000, MSG_WAITALL));
	SHOW(memcmp(out, big, 800000));
	wait(NULL);
	/* Interrupted, it says how much went. */
	set_handler(0);
	later(act_signal, 0);
	SHOW(write(fds[0], big, sizeof(big)) < (long)sizeof(big));
	wait(NULL);
	later(act_signal, 0);
	SHOW(write(fds[0], big, 1));
	wait(NULL);
	later(act_shut, fds[1]);
	signal(SIGPIPE, SIG_IGN);
	SHOW(write(fds[0], big, 1));
	wait(NULL);
	close(fds[0]);
	close(fds[1]);
	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	setsockopt(fds[0], SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){ 0, 20000 },
		sizeof(struct timeval));
	SHOW(write(fds[0], big, sizeof(big)) < (long)sizeof(big));
	SHOW(write(fds[0], big, 1));
	close(fds[0]);
	close(fds[1]);
}

static void packets(void)
{
	int fds[2], n = 0;

	socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds);
	while (send(fds[0], big, 50000, MSG_DONTWAIT) == 50000)
		n++;
	SHOW(n > 2 && n < 6);
	later(act_read_some, fds[1]);
	SHOW(send(fds[0], big, 50000, 0));
	wait(NULL);
	close(fds[0]);
	close(fds[1]);
}

/* A full queue holds back who is not connected both ways. */
static void queues(void)
{
	int a = socket(AF_UNIX, SOCK_DGRAM, 0), b = socket(AF_UNIX, SOCK_DGRAM, 0);

	bind_to(a, "@a");
	while (send_to(b, "@a", "x", 1, MSG_DONTWAIT) == 1)
		;
	later(act_receive, a);
	SHOW(send_to(b, "@a", "x", 1, 0));
	wait(NULL);
	set_handler(0);
	later(act_signal, 0);
	SHOW(send_to(b, "@a", "x", 1, 0));
	wait(NULL);
	setsockopt(
		b, SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){ 0, 20000 }, sizeof(struct timeval));
	SHOW(send_to(b, "@a", "x", 1, 0));
	close(a);
	close(b);
}

static void act_accept(int fd)
{
	close(accept(fd, NULL, NULL));
}

static void act_connect(int unused)
{
	connect_to(socket(AF_UNIX, SOCK_STREAM, 0), "@block");
}

static void connecting(void)
{
	int l = listener(SOCK_STREAM, "@block", 1), c[4];

	later(act_connect, 0);
	close(SHOW(accept(l, NULL, NULL)));
	wait(NULL);
	set_handler(0);
	later(act_signal, 0);
	SHOW(accept(l, NULL, NULL));
	wait(NULL);
	setsockopt(
		l, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){ 0, 20000 }, sizeof(struct timeval));
	SHOW(accept(l, NULL, NULL));
	later(act_shut, l);
	setsockopt(l, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){ 0, 0 }, sizeof(struct timeval));
	SHOW(accept(l, NULL, NULL));
	wait(NULL);
	close(l);
	/* A backlog of 1 lets two wait. */
	l = listener(SOCK_STREAM, "@block", 1);
	for (int i = 0; i < 4; i++) {
		c[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		SHOW(connect_to(c[i], "@block"));
	}
	fcntl(c[2], F_SETFL, 0);
	later(act_accept, l);
	SHOW(connect_to(c[2], "@block"));
	wait(NULL);
	fcntl(c[3], F_SETFL, 0);
	later(act_signal, 0);
	SHOW(connect_to(c[3], "@block"));
	wait(NULL);
	setsockopt(c[3], SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){ 0, 20000 },
		sizeof(struct timeval));
	SHOW(connect_to(c[3], "@block"));
	SHOW(listen(l, 2));
	SHOW(connect_to(c[3], "@block"));
	for (int i = 0; i < 4; i++)
		close(c[i]);
	close(l);
}

/* What happens to the file while somebody waits at it changes nothing for him. */
static void act_close_peer(int fd)
{
	write(fd, "1", 1);
}

static void shared_ends(void)
{
	int fds[2];
	pid_t child;

	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	child = later(act_close_peer, fds[1]);
	SHOW(read(fds[0], out, 1));
	waitpid(child, NULL, 0);
	child = fork();
	if (child == 0) {
		close(fds[1]);
		_exit(read(fds[0], out, 1));
	}
	until_asleep(child);
	/* The child still has this end. */
	close(fds[0]);
	SHOW(write(fds[1], "x", 1));
	close(fds[1]);
	wait_for(child);
}

int main(void)
{
	reading(SOCK_STREAM);
	reading(SOCK_DGRAM);
	reading(SOCK_SEQPACKET);
	writing();
	packets();
	queues();
	connecting();
	shared_ends();
	return 0;
}
