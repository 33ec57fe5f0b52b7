/* Capabilities: what may be given up and taken back, what goes with ids, what a program begins
 * with. */
#include "caps.h"

#include <sys/auxv.h>

static void show_sets(const char *when)
{
	char line[128];
	FILE *status = fopen("/proc/self/status", "r");

	printf("%s:", when);
	while (fgets(line, sizeof(line), status)) {
		if (strncmp(line, "Cap", 3) == 0)
			printf(" %.3s %llx", line + 3, strtoull(line + 7, NULL, 16));
	}
	printf(", securebits %x, %s, uid %d %d\n", prctl(PR_GET_SECUREBITS),
		prctl(PR_GET_DUMPABLE) ? "open" : "hidden", getuid(), geteuid());
	fclose(status);
	fflush(stdout);
}

/* In a process of its own. */
static void apart(const char *what, void (*act)(void))
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		act();
		show_sets(what);
		_exit(0);
	}
	show_end(what, pid);
}

static void give_up(void)
{
	struct caps own = caps_get();
	uint64_t chown_less = own.permitted & ~BIT(CAP_CHOWN);

	SHOW(caps_set(0, own.permitted, 0));
	show_sets("nothing in effect");
	SHOW(caps_set(own.permitted, own.permitted, 0));
	SHOW(caps_set(own.permitted, chown_less, 0));
	SHOW(caps_set(chown_less, chown_less, 0));
	SHOW(caps_set(chown_less, own.permitted, 0));
	SHOW(caps_set(chown_less, chown_less, own.permitted)); /* with CAP_SETPCAP: of the bounds */
	SHOW(prctl(PR_CAPBSET_DROP, CAP_KILL));
	SHOW(prctl(PR_CAPBSET_READ, CAP_KILL));
	SHOW(caps_set(chown_less, chown_less, own.permitted)); /* had it before */
	SHOW(caps_set(chown_less, chown_less, 0));
	SHOW(caps_set(chown_less, chown_less, BIT(CAP_KILL)));
	SHOW(caps_set(0, chown_less, 0)); /* without: of the permitted */
	SHOW(caps_set(0, chown_less, BIT(CAP_CHOWN)));
	SHOW(caps_set(0, chown_less, BIT(CAP_FOWNER)));
	SHOW(prctl(PR_CAPBSET_DROP, CAP_CHOWN));
	SHOW(prctl(PR_CAPBSET_DROP, 99));
	SHOW(prctl(PR_SET_SECUREBITS, SECBIT_NOROOT));
	SHOW(caps_set(0, 0, 0));
	SHOW(caps_set(0, 0, ~0ull)); /* unknown bits are not asked about, the others are */
	SHOW(caps_set(~0ull << 41, 0, 0));
}

static void bits(void)
{
	SHOW(prctl(PR_CAPBSET_DROP, 41));
	SHOW(prctl(PR_CAPBSET_READ, 41));
	SHOW(prctl(PR_SET_KEEPCAPS, 2));
	SHOW(prctl(PR_SET_KEEPCAPS, 1));
	SHOW(prctl(PR_GET_KEEPCAPS));
	SHOW(prctl(PR_GET_SECUREBITS));
	SHOW(prctl(PR_SET_SECUREBITS, 0x100));
	SHOW(prctl(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS_LOCKED));
	SHOW(prctl(PR_GET_KEEPCAPS));
	SHOW(prctl(PR_SET_KEEPCAPS, 1));
	SHOW(prctl(PR_SET_KEEPCAPS, 0));
	SHOW(prctl(PR_SET_SECUREBITS, 0));
	SHOW(prctl(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS_LOCKED | SECBIT_KEEP_CAPS));
	SHOW(prctl(
		PR_SET_SECUREBITS, SECBIT_KEEP_CAPS_LOCKED | SECBIT_NOROOT | SECBIT_NOROOT_LOCKED));
	SHOW(prctl(PR_SET_SECUREBITS, SECBIT_KEEP_CAPS_LOCKED | SECBIT_NOROOT));
}

static void ambient(void)
{
	struct caps own = caps_get();

	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0));
	SHOW(caps_set(own.effective, own.permitted, BIT(CAP_KILL) | BIT(CAP_CHOWN)));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL, 0, 0));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, CAP_CHOWN, 0, 0));
	show_sets("one raised");
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0));
	SHOW(caps_set(own.effective, own.permitted, BIT(CAP_CHOWN)));
	show_sets("one no longer inheritable");
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0));
	SHOW(prctl(PR_SET_SECUREBITS, SECBIT_NO_CAP_AMBIENT_RAISE));
	SHOW(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0));
}

static void leave_root(void)
{
	SHOW(setresuid(1000, 1000, 1000));
}

static void leave_and_keep(void)
{
	SHOW(prctl(PR_SET_KEEPCAPS, 1));
	SHOW(setresuid(1000, 1000, 1000));
	show_sets("kept");
	SHOW(caps_set(BIT(CAP_SETUID), BIT(CAP_SETUID) | BIT(CAP_KILL), 0));
	SHOW(setresuid(1000, 0, 1000));
	show_sets("root in effect");
	SHOW(setresuid(-1, 1000, -1));
	SHOW(setresuid(0, 0, 0));
}

static void root_for_later(void)
{
	SHOW(setresuid(1000, 1000, 0));
	show_sets("saved");
	SHOW(setresuid(-1, 0, -1));
	show_sets("back");
	SHOW(setresuid(0, 1000, 1000));
	show_sets("real");
	SHOW(setresuid(1000, -1, -1));
}

static void without_fixup(void)
{
	SHOW(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP));
	SHOW(setresuid(1000, 1000, 1000));
}

static void for_files(void)
{
	SHOW(syscall(SYS_setfsuid, 1000));
	show_sets("files as 1000");
	SHOW(syscall(SYS_setfsuid, 0));
}

static void ambient_leaves(void)
{
	struct caps own = caps_get();

	caps_set(own.effective, own.permitted, BIT(CAP_KILL));
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0);
	SHOW(prctl(PR_SET_KEEPCAPS, 1));
	SHOW(setresuid(1000, 1000, 1000));
}

/* ---- programs ---------------------------------------------------------------------------- */

static const char *program = "program";

static void begin(void)
{
	execl(program, program, "begun", NULL);
	perror("exec");
	_exit(9);
}

static void lessen(void)
{
	struct caps own = caps_get();
	uint64_t fewer = own.permitted & ~(BIT(CAP_CHOWN) | BIT(CAP_SETUID));

	caps_set(fewer, fewer, 0);
}

static void root_gains(void)
{
	lessen();
	begin();
}

static void root_gains_not(void)
{
	lessen();
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	begin();
}

static void root_is_bounded(void)
{
	struct caps own = caps_get();

	prctl(PR_CAPBSET_DROP, CAP_CHOWN);
	prctl(PR_CAPBSET_DROP, CAP_KILL);
	caps_set(own.effective, own.permitted, BIT(CAP_KILL));
	begin();
}

static void root_is_nobody(void)
{
	prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_KEEP_CAPS);
	begin();
}

static void real_root(void)
{
	setresuid(0, 1000, 1000);
	begin();
}

static void effective_root(void)
{
	setresuid(1000, 0, 1000);
	begin();
}

static void user_kept(void)
{
	prctl(PR_SET_KEEPCAPS, 1);
	setresuid(1000, 1000, 1000);
	begin();
}

static void user_ambient(void)
{
	prctl(PR_SET_KEEPCAPS, 1);
	setresuid(1000, 1000, 1000);
	caps_set(0, BIT(CAP_KILL) | BIT(CAP_SETUID), BIT(CAP_KILL));
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0);
	begin();
}

static void user_ambient_other(void)
{
	program = "setuid-1001";
	user_ambient();
}

static void user_root(void)
{
	setresuid(1000, 1000, 1000);
	program = "setuid-0";
	begin();
}

static void user_root_not(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	user_root();
}

static void user_root_bounded(void)
{
	prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN);
	user_root();
}

static void root_other(void)
{
	program = "setuid-1001";
	begin();
}

static void make(const char *name, int uid, int mode)
{
	static char bytes[1 << 22];
	int from = open("/proc/self/exe", O_RDONLY), to = open(name, O_WRONLY | O_CREAT, 0700);
	ssize_t size = read(from, bytes, sizeof(bytes));

	if (write(to, bytes, (size_t)size) != size || fchown(to, uid, 0) || fchmod(to, mode))
		perror(name);
	close(from);
	close(to);
}

#define APART(act) apart(#act, act)

int main(int argc, char **argv)
{
	if (argc > 1) {
		printf("secure %lu, ", getauxval(AT_SECURE));
		show_sets(argv[1]);
		return 0;
	}
	umask(0);
	chmod(".", 0755);
	make("program", 0, 0755);
	make("setuid-0", 0, 04755);
	make("setuid-1001", 1001, 04755);
	show_sets("root");
	APART(give_up);
	APART(bits);
	APART(ambient);
	APART(leave_root);
	APART(leave_and_keep);
	APART(root_for_later);
	APART(without_fixup);
	APART(for_files);
	APART(ambient_leaves);
	APART(begin);
	APART(root_gains);
	APART(root_gains_not);
	APART(root_is_bounded);
	APART(root_is_nobody);
	APART(real_root);
	APART(effective_root);
	APART(user_kept);
	APART(user_ambient);
	APART(user_ambient_other);
	APART(user_root);
	APART(user_root_not);
	APART(user_root_bounded);
	APART(root_other);
	return 0;
}
