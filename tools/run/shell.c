/*
 * shell: the root of a machine that a person works in.
 *
 * Idea: a floor under the layers, laid last. Each thing is put only where nothing is, so a layer
 * needs to bring no more than it wants to change, and a whole Debian stays one.
 */
#include "shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"
#include "needs.h"

#define BUSYBOX "/bin/busybox"

static void put_dirs(struct tree *tree)
{
	static const char *const dirs[] = { "home", "mnt", "run", "sbin", "usr/bin", "usr/lib",
		"usr/sbin", "var/log", "var/spool" };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		if (!tree_find(tree, dirs[i]))
			tree_put(tree, dirs[i], S_IFDIR | 0755);
	if (!tree_find(tree, "var/tmp"))
		tree_put(tree, "var/tmp", S_IFDIR | 01777);
}

static void put_link(struct tree *tree, const char *path, const char *target)
{
	if (!tree_find(tree, path))
		tree_put_data(tree, path, S_IFLNK | 0777, target, strlen(target));
}

static void put_text(struct tree *tree, const char *path, char *text)
{
	if (!tree_find(tree, path))
		tree_put_data(tree, path, S_IFREG | 0644, text, strlen(text));
}

static void put_userland(struct tree *tree, const struct build *build)
{
	static const char *const programs[] = { "/sbin/init", "/bin/hello", "/bin/ps", "/bin/free",
		"/bin/dmesg", "/bin/lspci", "/bin/sysinfo" };

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		char *built =
			must_printf("%s/userland/%s", build->common, strrchr(programs[i], '/') + 1);
		struct program program;

		if (tree_find(tree, programs[i]))
			continue;
		program_look(built, &program);
		tree_put_file(tree, programs[i], S_IFREG | 0755, built, program.bytes);
	}
}

/* Is there one along PATH? Else Debian's is installed. */
static void busybox_find(const struct build *build, struct program *program)
{
	char *install = must_printf("command -v busybox > /dev/null || '%s/bin/deps' --if-missing "
				    "run >&2",
		build->top);

	if (system(install))
		die(STATUS_FAILED, "there is no busybox, the shell of a machine without PROGRAM");
	free(install);
	program_find("busybox", program);
	program->machine_path = BUSYBOX;
}

/* A link for each name that this busybox goes by. */
static void put_applets(struct tree *tree, const struct program *busybox)
{
	char *command = must_printf("'%s' --list-full", busybox->host_path);
	FILE *list = popen(command, "re");
	char *line = NULL;
	size_t room = 0;

	while (list && getline(&line, &room, list) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (strchr(line, '/'))
			put_link(tree, line, BUSYBOX);
	}
	if (!list || pclose(list) || !tree_find(tree, "bin/sh"))
		die(STATUS_FAILED, "%s: cannot be asked for its applets", busybox->host_path);
	free(line);
	free(command);
}

/* On a disk nobody knows what will be at the serial port. */
static char *inittab(const struct options *options)
{
	const char *term = getenv("TERM");

	if (options->image || !term || !*term || strpbrk(term, " \t\n#"))
		term = "vt220";
	return must_printf(
		"# terminal  TERM  at its end  program; init.c of Cor's userland says more\n"
		"ttyS0  %s  %s  -/bin/sh\n"
		"tty1  linux  again  -/bin/sh\n",
		term, options->image ? "again" : "off");
}

/* Not every shell knows what busybox's (and bash) put for \u, \h and \w in a prompt. */
static char *profile(int foreign)
{
	return must_printf("export PS1='%s '\n"
			   "umask 022\n"
			   "[ -t 0 ] && sysinfo -1\n",
		foreign ? "$PWD#" : "\\u@\\h:\\w\\$");
}

void shell_put(struct tree *tree, const struct build *build, const struct options *options)
{
	struct program busybox;
	int has_init = tree_find(tree, "sbin/init") != NULL;
	int has_shell = tree_find(tree, "bin/sh") != NULL;

	put_dirs(tree);
	if (!has_init)
		tree_put_data(tree, "etc/inittab", S_IFREG | 0644, inittab(options),
			strlen(inittab(options)));
	put_userland(tree, build);
	put_text(tree, "etc/profile", profile(has_shell));
	put_text(tree, "etc/shells", "/bin/sh\n");
	put_link(tree, "etc/mtab", "/proc/mounts");
	if (has_shell)
		return;
	busybox_find(build, &busybox);
	needs_put(tree, options, &busybox, "");
	put_applets(tree, &busybox);
}
