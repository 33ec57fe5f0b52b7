/*
 * mkimage: writes a disk image that boots. The command line of tools/image.c, no more.
 */
#include "image.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
	"usage: mkimage -o IMAGE --sector FILE --loader FILE [--kernel ELF] [--archive FILE]\n"
	"               [--load-archive] [--cmdline TEXT]\n"
	"\n"
	"  -o IMAGE         the raw disk image to write\n"
	"  --sector FILE    the boot sector (build/boot/sector.bin)\n"
	"  --loader FILE    the loader (build/boot/loader.bin)\n"
	"  --kernel ELF     the kernel; without it the image says that it has none\n"
	"  --archive FILE   the root archive\n"
	"  --load-archive   the loader reads the archive to memory\n"
	"  --cmdline TEXT   the kernel's command line\n";

enum { SECTOR = 256, LOADER, KERNEL, ARCHIVE, LOAD_ARCHIVE, CMDLINE };

static const struct option options[] = {
	{ "sector", required_argument, NULL, SECTOR },
	{ "loader", required_argument, NULL, LOADER },
	{ "kernel", required_argument, NULL, KERNEL },
	{ "archive", required_argument, NULL, ARCHIVE },
	{ "load-archive", no_argument, NULL, LOAD_ARCHIVE },
	{ "cmdline", required_argument, NULL, CMDLINE },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

int main(int argc, char **argv)
{
	struct image_spec spec = { 0 };
	const char *path = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "ho:", options, NULL)) != -1) {
		switch (option) {
		case 'o':
			path = optarg;
			break;
		case SECTOR:
			spec.sector = optarg;
			break;
		case LOADER:
			spec.loader = optarg;
			break;
		case KERNEL:
			spec.kernel = optarg;
			break;
		case ARCHIVE:
			spec.archive = optarg;
			break;
		case LOAD_ARCHIVE:
			spec.load_archive = true;
			break;
		case CMDLINE:
			spec.cmdline = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (!path || !spec.sector || !spec.loader || optind != argc) {
		fputs(usage, stderr);
		return 2;
	}
	return image_write(path, &spec) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
