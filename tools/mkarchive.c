/*
 * mkarchive: builds a root archive from layers, as bin/run does, for tests and for the curious.
 *
 *   mkarchive -o FILE [--no-index] [--bare] [--root DIR|TAR]...
 *
 * --no-index leaves out Cor's index (what Linux gets), --bare the skeleton of /dev, /etc and so on.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "run/archive.h"
#include "run/die.h"
#include "run/tree.h"

int main(int argc, char **argv)
{
	struct tree *tree = tree_create();
	const char *output = NULL;
	int index = 1, bare = 0, fd;

	die_name = "mkarchive";
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--bare"))
			bare = 1;
	if (!bare)
		tree_lay_skeleton(tree);
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--no-index"))
			index = 0;
		else if (!strcmp(argv[i], "-o") && argv[i + 1])
			output = argv[++i];
		else if (!strcmp(argv[i], "--root") && argv[i + 1])
			tree_lay(tree, argv[++i]);
		else if (strcmp(argv[i], "--bare"))
			die(2, "usage: mkarchive -o FILE [--no-index] [--bare] [--root "
			       "DIR|TAR]...");
	}
	if (!output)
		die(2, "usage: mkarchive -o FILE [--no-index] [--bare] [--root DIR|TAR]...");
	fd = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		die(STATUS_FAILED, "%s: %s", output, strerror(errno));
	archive_write(tree, fd, index);
	if (close(fd) < 0)
		die(STATUS_FAILED, "%s: %s", output, strerror(errno));
	return 0;
}
