#ifndef IO_SPLICE_H
#define IO_SPLICE_H
/*
 * Moving bytes from file to file without the program's memory: splice(2), tee(2), sendfile(2),
 * copy_file_range(2). The access modes of both files have been checked.
 *
 * pos NULL: the file's own position. All return what was moved, 0 at the end of what there is, or
 * -errno if that is nothing, -EPIPE among them; all may sleep.
 */
#include <stdbool.h>
#include <stdint.h>

#include "io/file.h"

struct pipe;

/* From a pipe as much as is in it; waits for the first byte. */
ssize_t splice_from_pipe(
	struct pipe *from, struct file *to, uint64_t *pos, size_t bytes, bool waits);
/* Into a pipe as much as there is room for now; waits for some. */
ssize_t splice_to_pipe(struct file *from, uint64_t *pos, struct pipe *to, size_t bytes, bool waits);
/* From pipe to pipe, both at once as the two above; the bytes stay where they were if `stay`. */
ssize_t splice_pipes(struct pipe *from, struct pipe *to, size_t bytes, bool stay, bool waits);
/* From a file with a position to any. */
ssize_t splice_files(
	struct file *from, uint64_t *from_pos, struct file *to, uint64_t *to_pos, size_t bytes);

#endif
