#ifndef TOOLS_IMAGE_H
#define TOOLS_IMAGE_H
/*
 * Writing a disk image that boots: boot sector, header, loader, kernel, root archive. The format
 * is in stage2/abi/image.h.
 */
#include <stdbool.h>

struct image_spec {
	const char *sector;  /* file: the boot sector, 512 bytes */
	const char *loader;  /* file: the loader, LOADER_SECTORS long */
	const char *kernel;  /* file: the kernel as ELF; NULL: an image without one */
	const char *archive; /* file: the root archive; NULL: none */
	bool load_archive;   /* the loader is to read the archive to memory */
	const char *cmdline; /* for the kernel; NULL: none */
};

/* Writes the image to the file `path`, which is replaced as a whole or not at all. Returns 0, or -1
 * with the reason on stderr. Where the file system can, the image shares the archive's blocks. */
int image_write(const char *path, const struct image_spec *spec);

/* The same to an open, empty file. */
int image_write_fd(int fd, const struct image_spec *spec);

#endif
