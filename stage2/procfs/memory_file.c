/*
 * /proc/PID/mem: the memory of a process as a file. Who has it open is asked with each access
 * whether it still may: the process may have become another program.
 */
#include "abi/errno.h"
#include "arch/memory_map.h"
#include "mm/slab.h"
#include "procfs/files.h"
#include "procfs/subject.h"
#include "vm/aspace.h"
#include "vm/iter.h"

/* Copies a part of a page between the process and buf; then, or before, between buf and the iter.
 */
typedef ssize_t part_fn(
	struct aspace *aspace, struct iter *iter, uint64_t pos, char *buf, size_t bytes);

static ssize_t part_read(
	struct aspace *aspace, struct iter *iter, uint64_t pos, char *buf, size_t bytes)
{
	if (aspace_read(aspace, pos, buf, bytes))
		return -EIO;
	return iter_write(iter, buf, bytes);
}

static ssize_t part_write(
	struct aspace *aspace, struct iter *iter, uint64_t pos, char *buf, size_t bytes)
{
	ssize_t got = iter_read(iter, buf, bytes);

	if (got > 0 && aspace_poke(aspace, pos, buf, (size_t)got))
		return -EIO;
	return got;
}

static ssize_t parts_do(struct aspace *aspace, struct iter *iter, uint64_t *pos, part_fn *fn)
{
	char *buf = kmalloc(PAGE_SIZE);
	ssize_t done = 0, part = 0;

	if (!buf)
		return -ENOMEM;
	while (iter->remaining > 0) {
		size_t bytes = min(iter->remaining, (size_t)(PAGE_SIZE - *pos % PAGE_SIZE));

		part = *pos < USER_END ? fn(aspace, iter, *pos, buf, bytes) : -EIO;
		if (part <= 0)
			break;
		*pos += (uint64_t)part;
		done += part;
	}
	kfree(buf);
	return done ? done : part;
}

/* A process that has ended has nothing: the end. */
static ssize_t mem_do(const struct synth_key *key, struct iter *iter, uint64_t *pos, part_fn *fn)
{
	struct aspace *aspace;
	ssize_t done;
	int err = space_get(key, &aspace);

	if (err || !aspace)
		return err == -ESRCH ? 0 : err;
	/* Asked afterwards: what it becomes from now on has other memory. */
	err = subject_permit(key);
	done = err ? err : parts_do(aspace, iter, pos, fn);
	aspace_put(aspace);
	return done;
}

ssize_t mem_read_at(const struct synth_key *key, struct iter *iter, uint64_t *pos)
{
	return mem_do(key, iter, pos, part_read);
}

ssize_t mem_write_at(const struct synth_key *key, struct iter *iter, uint64_t *pos)
{
	return mem_do(key, iter, pos, part_write);
}
