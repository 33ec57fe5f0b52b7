#ifndef RUN_ARCHIVE_H
#define RUN_ARCHIVE_H
/*
 * Writes a tree as a root archive: cpio "newc", as abi/image.h describes it.
 */
#include <stdint.h>

#include "tree.h"

/*
 * Writes the archive of `tree` to `fd` from its current position on, which counts as the archive's
 * start; with `index`, its first member is the index that Cor's kernel reads. Returns its length in
 * bytes, a multiple of 512. Ends the program with a message where a file cannot be read, has
 * changed meanwhile, or is too large for the format (4 GiB).
 */
uint64_t archive_write(struct tree *tree, int fd, int index);

#endif
