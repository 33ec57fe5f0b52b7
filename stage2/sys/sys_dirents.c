/*
 * The entries of directories: getdents64(2), and getdents(2), which differs in where the type is.
 */
#include "abi/dirent.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "sys/sys.h"

/* Entries are gathered in a kernel buffer and copied out together: user memory is not touched while
 * the directory is locked. */
struct dents {
	struct dir_sink sink;
	char *buf;
	size_t bytes, size;
	bool full, old;
};

/* The largest entry, of either kind. */
#define ENTRY_BYTES(name_bytes) ALIGN_UP(DIRENT64_NAME_OFFSET + (name_bytes) + 1, 8)

static bool dents_emit(struct dir_sink *sink, const char *name, size_t name_bytes, uint64_t ino,
	uint8_t type, uint64_t next_pos)
{
	struct dents *dents = container_of(sink, struct dents, sink);
	size_t bytes = ENTRY_BYTES(name_bytes);
	struct dirent64 *entry = (struct dirent64 *)(dents->buf + dents->bytes);

	if (bytes > dents->size - dents->bytes) {
		dents->full = true;
		return false;
	}
	memset(entry, 0, bytes);
	entry->d_ino = ino;
	entry->d_off = (int64_t)next_pos;
	entry->d_reclen = (uint16_t)bytes;
	if (dents->old) {
		memcpy((char *)entry + DIRENT_NAME_OFFSET, name, name_bytes);
		((uint8_t *)entry)[bytes - 1] = type;
	} else {
		entry->d_type = type;
		memcpy(entry->d_name, name, name_bytes);
	}
	dents->bytes += bytes;
	return true;
}

/* What the program did not get comes again. */
static void dents_give_back(struct file *file, uint64_t pos)
{
	mutex_lock(&file->pos_lock);
	file->pos = pos;
	mutex_unlock(&file->pos_lock);
}

static long dents_read(struct file *file, uptr_t buf, size_t size, bool old)
{
	struct dents dents = { .sink = { .emit = dents_emit }, .old = old };
	uint64_t pos = READ_ONCE(file->pos);
	long result;

	dents.size = min(size, (size_t)(8 * PAGE_SIZE));
	dents.buf = kmalloc(max(dents.size, (size_t)8));
	if (!dents.buf)
		return -ENOMEM;
	result = file_readdir(file, &dents.sink);
	if (dents.bytes > 0)
		result = copy_to_user(buf, dents.buf, dents.bytes);
	else if (result == 0 && dents.full)
		result = -EINVAL; /* not even one entry fits */
	if (result && dents.bytes > 0)
		dents_give_back(file, pos);
	kfree(dents.buf);
	return result ? result : (long)dents.bytes;
}

static long dents_read_fd(int fd, uptr_t buf, uint32_t size, bool old)
{
	struct file *file;
	long result;

	result = sys_file(fd, &file);
	if (result)
		return result;
	result = dents_read(file, buf, size, old);
	file_put(file);
	return result;
}

long sys_getdents64(int fd, uptr_t buf, uint32_t size)
{
	return dents_read_fd(fd, buf, size, false);
}

long sys_getdents(int fd, uptr_t buf, uint32_t size)
{
	return dents_read_fd(fd, buf, size, true);
}
