/* execve: what the new program gets, what it keeps, and each way in which it cannot be started. */
#include "show.h"

#include <signal.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static int run(const char *path, char *const argv[], char *const envp[])
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		execve(path, argv, envp);
		_exit(errno);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void try(const char *path)
{
	char *argv[] = { "name", NULL };
	int error = run(path, argv, argv + 1);

	printf("%s: %s\n", path, strerror(error));
}

static void write_file(const char *path, const char *text, size_t bytes, int mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0700);

	write(fd, text, bytes);
	close(fd);
	chmod(path, mode);
}

/* What the started program says of itself. */
static int report(int argc, char **argv)
{
	struct sigaction action;
	char name[16];
	sigset_t mask;

	for (int i = 0; i < argc; i++)
		printf("argv[%d] = \"%s\"\n", i, argv[i]);
	for (char **e = environ; *e; e++)
		printf("env \"%s\"\n", *e);
	printf("fd 10 %d, fd 11 %d\n", fcntl(10, F_GETFD), fcntl(11, F_GETFD));
	sigaction(SIGUSR1, NULL, &action);
	printf("SIGUSR1 default: %d\n", action.sa_handler == SIG_DFL);
	sigaction(SIGUSR2, NULL, &action);
	printf("SIGUSR2 ignored: %d\n", action.sa_handler == SIG_IGN);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	printf("SIGTERM blocked: %d\n", sigismember(&mask, SIGTERM));
	prctl(PR_GET_NAME, name);
	printf("name \"%s\", execfn %d\n", name, !strcmp((char *)getauxval(AT_EXECFN), argv[0]));
	return 5;
}

static void on_signal(int number)
{
}

static void inheritance(const char *self)
{
	char *argv[] = { (char *)self, "report", "two words", "", "line\nbreak", NULL };
	char *envp[] = { "A=1", "EMPTY=", "no equals sign", NULL };
	sigset_t mask;
	int null = open("/dev/null", O_RDWR);

	dup2(null, 10);
	dup3(null, 11, O_CLOEXEC);
	signal(SIGUSR1, on_signal);
	signal(SIGUSR2, SIG_IGN);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	printf("status %d\n", run(self, argv, envp));
	sigprocmask(SIG_UNBLOCK, &mask, NULL);
}

static void scripts(const char *self)
{
	char text[300], *argv[] = { "ignored", "last", NULL };

	snprintf(text, sizeof(text), "#! %s report one argument \nrest", self);
	write_file("script", text, strlen(text), 0700);
	printf("status %d\n", run("./script", argv, argv + 2));
	snprintf(text, sizeof(text), "#!./script\n");
	write_file("script2", text, strlen(text), 0700);
	write_file("loop", "#!./loop\n", 9, 0700);
	write_file("empty-line", "#!  \n", 5, 0700);
	write_file("no-interpreter", "#!/not/there\n", 13, 0700);
	try("./loop");
	try("./empty-line");
	try("./no-interpreter");
}

static void too_big(const char *self)
{
	static char *argv[20000], big[131072 + 10];

	memset(big, 'x', sizeof(big) - 1);
	argv[0] = (char *)self;
	argv[1] = big;
	printf("a string of 128 KiB: %s\n", strerror(run(self, argv, argv + 2)));
	big[131072 - 1] = 0;
	argv[1] = "count";
	argv[2] = big;
	printf("one less: %d\n", run(self, argv, argv + 3));
	big[1000] = 0;
	for (int i = 2; i < 1500; i++)
		argv[i] = big;
	printf("1.5 MB: %d\n", run(self, argv, argv + 1500));
	for (int i = 2; i < 19999; i++)
		argv[i] = big;
	printf("20 MB: %s\n", strerror(run(self, argv, argv + 19999)));
}

/* A quarter of the stack's limit is for the path, the strings and a pointer to each string: an
 * environment of `more` bytes than that is. */
static int start_with_env(const char *self, int more)
{
	static char text[131072], rest[131072];
	char *argv[] = { (char *)self, "count", NULL }, *envp[] = { text, rest, NULL };
	size_t bytes = (256 << 10) + more - 4 * sizeof(char *) - 2 * (strlen(self) + 1) -
	               sizeof("count") - sizeof(text);

	memset(text, 't', sizeof(text) - 1);
	memset(rest, 'r', bytes - 1);
	rest[bytes - 1] = 0;
	return run(self, argv, envp);
}

static void limit(const char *self)
{
	struct rlimit old, stack;

	getrlimit(RLIMIT_STACK, &old);
	stack = (struct rlimit){ 1 << 20, old.rlim_max };
	setrlimit(RLIMIT_STACK, &stack);
	printf("all that may be: %d\n", start_with_env(self, 0));
	printf("a byte more: %s\n", strerror(start_with_env(self, 1)));
	setrlimit(RLIMIT_STACK, &old);
}

/* What a timer has sent goes with it; what else is pending stays. */
static int pending(void)
{
	sigset_t set;

	sigpending(&set);
	return sigismember(&set, SIGUSR1) * 10 + sigismember(&set, SIGUSR2);
}

static void timer(const char *self)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec soon = { .it_value.tv_nsec = 1 };
	sigset_t set;
	timer_t id;
	pid_t pid;
	int status = -1;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		signal(SIGUSR2, SIG_DFL);
		sigemptyset(&set);
		sigaddset(&set, SIGUSR1);
		sigaddset(&set, SIGUSR2);
		sigprocmask(SIG_BLOCK, &set, NULL);
		timer_create(CLOCK_MONOTONIC, &event, &id);
		timer_settime(id, 0, &soon, NULL);
		raise(SIGUSR2);
		while (pending() != 11)
			usleep(1000);
		execl(self, self, "pending", NULL);
		_exit(99);
	}
	waitpid(pid, &status, 0);
	printf("pending after exec: %02d\n", WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
	char self[256], head[64];
	int fd;

	if (argc > 1 && !strcmp(argv[1], "report"))
		return report(argc, argv);
	if (argc > 1 && !strcmp(argv[1], "report one argument"))
		return report(argc, argv);
	if (argc > 1 && !strcmp(argv[1], "count"))
		return argc & 0x7f;
	if (argc > 1 && !strcmp(argv[1], "pending"))
		return pending();
	snprintf(self, sizeof(self), "%s", (char *)getauxval(AT_EXECFN));
	inheritance(self);
	scripts(self);
	too_big(self);
	limit(self);
	timer(self);

	fd = open(self, O_RDONLY);
	read(fd, head, sizeof(head));
	write_file("text", "hello\n", 6, 0700);
	write_file("empty", "", 0, 0700);
	write_file("cut", head, 63, 0700);
	write_file("not-executable", head, 64, 0600);
	head[18] = 40;
	write_file("arm", head, 64, 0700);
	mkdir("dir", 0700);
	symlink("symlink", "symlink");
	try("./text");
	try("./empty");
	try("./cut");
	try("./not-executable");
	try("./arm");
	try("./dir");
	try("./symlink");
	try("./missing");
	try("./text/below");
	try("");
	SHOW(execve((char *)8, argv, environ));
	SHOW(execve(self, (char **)8, environ));
	SHOW(execve(self, argv, (char **)8));
	return 0;
}
