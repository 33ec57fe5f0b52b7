/*
 * Descriptor tables: an array of files and two bitmaps, `open` and `cloexec`.
 *
 * The one idea: only who shares a table needs its lock. While a table has one reference, the
 * running thread is the only one that can change it, so look-up is a load, and for the time of a
 * call the table's reference to the file is as good as one's own. A table with several holders
 * takes its spinlock for a few instructions. A holder that appears (CLONE_FILES) is made by the
 * thread itself; one that only looks (procfs) makes no change.
 *
 * Files are put, which may sleep, after the lock is left.
 */
#include "io/fdtable.h"

#include "abi/errno.h"
#include "core/spinlock.h"
#include "io/lock.h"
#include "lib/bitmap.h"
#include "lib/string.h"
#include "mm/slab.h"

static struct slab_cache fdtable_cache = SLAB_CACHE("fdtable", struct fdtable);

int fdtable_create(struct fdtable **table)
{
	struct fdtable *t = slab_zalloc(&fdtable_cache);

	if (!t)
		return -ENOMEM;
	t->refs = 1;
	spin_init(&t->lock, "fdtable", RANK_REFS);
	t->capacity = FD_INLINE;
	t->files = t->inline_files;
	t->open = &t->inline_open;
	t->cloexec = &t->inline_cloexec;
	*table = t;
	return 0;
}

static __noinline int grow(struct fdtable *table, size_t needed)
{
	size_t capacity = table->capacity;
	size_t words;
	struct file **files;

	while (capacity < needed)
		capacity *= 2;
	words = capacity / 64;
	files = kzalloc(capacity * sizeof(*files) + 2 * words * sizeof(uint64_t));
	if (!files)
		return -ENOMEM;
	memcpy(files, table->files, table->capacity * sizeof(*files));
	memcpy(files + capacity, table->open, table->capacity / 8);
	memcpy(files + capacity + words, table->cloexec, table->capacity / 8);
	if (table->files != table->inline_files)
		kfree(table->files);
	table->files = files;
	table->open = (uint64_t *)(files + capacity);
	table->cloexec = table->open + words;
	table->capacity = capacity;
	return 0;
}

/* Room for descriptors below `needed`. The lock is held, or nobody else knows the table. -ENOMEM.
 */
static inline int fdtable_grow(struct fdtable *table, size_t needed)
{
	return likely(needed <= table->capacity) ? 0 : grow(table, needed);
}

/* Each descriptor that is open or reserved; most tables have few of them. */
#define for_each_taken(fd, table)                                                                  \
	for (size_t word_ = 0, fd; word_ < (table)->capacity / 64; word_++)                        \
		for (uint64_t left_ = (table)->open[word_];                                        \
			left_ && (fd = 64 * word_ + (size_t)__builtin_ctzll(left_), true);         \
			left_ &= left_ - 1)

/* Numbers that other threads of `from` have reserved stay free. */
static void fdtable_copy_files(struct fdtable *to, const struct fdtable *from)
{
	for_each_taken(fd, from)
	{
		struct file *file = from->files[fd];

		if (!file)
			continue;
		file_get(file);
		to->files[fd] = file;
		bitmap_set(to->open, fd);
	}
	memcpy(to->cloexec, from->cloexec, from->capacity / 8);
}

int fdtable_copy(struct fdtable *from, struct fdtable **copy)
{
	struct fdtable *to;
	int err = fdtable_create(&to);

	if (err)
		return err;
	spin_lock(&from->lock);
	err = fdtable_grow(to, from->capacity);
	if (!err)
		fdtable_copy_files(to, from);
	spin_unlock(&from->lock);
	if (err) {
		fdtable_put(to);
		return err;
	}
	*copy = to;
	return 0;
}

/* A descriptor was closed. The table's record locks on the file go with it, unless it was only a
 * place. */
static void fd_drop(struct fdtable *table, struct file *file)
{
	if (!(file->flags & O_PATH))
		lock_release_records(file, table);
	file_put(file);
}

void fdtable_get(struct fdtable *table)
{
	__atomic_add_fetch(&table->refs, 1, __ATOMIC_RELAXED);
}

void fdtable_put(struct fdtable *table)
{
	if (__atomic_sub_fetch(&table->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	for_each_taken(fd, table)
	{
		if (table->files[fd])
			fd_drop(table, table->files[fd]);
	}
	if (table->files != table->inline_files)
		kfree(table->files);
	slab_free(&fdtable_cache, table);
}

size_t fdtable_end(struct fdtable *table)
{
	return READ_ONCE(table->capacity) - 1;
}

/* Take fd out. NULL: it is not open (a reserved one stays reserved). Lock held. */
static inline struct file *fd_remove_locked(struct fdtable *table, int fd)
{
	struct file *file;

	spin_assert_held(&table->lock);
	if (fd < 0 || (size_t)fd >= table->capacity)
		return NULL;
	file = table->files[fd];
	if (!file)
		return NULL;
	table->files[fd] = NULL;
	bitmap_clear(table->open, (size_t)fd);
	bitmap_clear(table->cloexec, (size_t)fd);
	return file;
}

static void fd_store_locked(struct fdtable *table, int fd, struct file *file, bool cloexec)
{
	table->files[fd] = file;
	bitmap_set(table->open, (size_t)fd);
	if (cloexec)
		bitmap_set(table->cloexec, (size_t)fd);
}

void fdtable_close_on_exec(struct fdtable *table)
{
	for (size_t fd = 0;; fd++) {
		struct file *file;

		spin_lock(&table->lock);
		fd = bitmap_find_set(table->cloexec, table->capacity, fd);
		file = fd < table->capacity ? fd_remove_locked(table, (int)fd) : NULL;
		spin_unlock(&table->lock);
		if (!file)
			return;
		fd_drop(table, file);
	}
}

int fd_get(struct fdtable *table, int fd, struct file **file)
{
	struct fd_ref ref = fd_borrow(table, fd);

	if (ref.file && !ref.counted)
		file_get(ref.file);
	*file = ref.file;
	return ref.file ? 0 : -EBADF;
}

struct file *fd_look(struct fdtable *table, int fd)
{
	struct file *file = NULL;

	spin_lock(&table->lock);
	if (fd >= 0 && (size_t)fd < table->capacity)
		file = table->files[fd];
	if (file)
		file_get(file);
	spin_unlock(&table->lock);
	return file;
}

int fd_next(struct fdtable *table, int fd)
{
	size_t next;

	spin_lock(&table->lock);
	next = bitmap_find_set(table->open, table->capacity, (size_t)fd);
	if (next >= table->capacity)
		next = SIZE_MAX;
	spin_unlock(&table->lock);
	return next == SIZE_MAX ? -1 : (int)next;
}

bool fds_are_open(struct fdtable *table, const uint64_t *set, size_t words)
{
	bool open = true;

	spin_lock(&table->lock);
	for (size_t i = 0; i < words; i++)
		open = open && !(set[i] & ~(i < table->capacity / 64 ? table->open[i] : 0));
	spin_unlock(&table->lock);
	return open;
}

size_t fdtable_capacity(struct fdtable *table)
{
	return READ_ONCE(table->capacity);
}

/* The lowest free number from `lowest` on becomes taken. -EMFILE, -ENOMEM. */
static __inlined int fd_take_locked(struct fdtable *table, int lowest, uint64_t limit, int *fd)
{
	size_t at = (size_t)lowest;
	int err;

	if (at < table->capacity)
		at = bitmap_find_clear(table->open, table->capacity, at);
	if (at >= limit)
		return -EMFILE;
	err = fdtable_grow(table, at + 1);
	if (err)
		return err;
	bitmap_set(table->open, at);
	*fd = (int)at;
	return 0;
}

int fd_install(
	struct fdtable *table, struct file *file, int lowest, uint64_t limit, bool cloexec, int *fd)
{
	int err;

	*fd = -1;
	spin_lock(&table->lock);
	err = fd_take_locked(table, lowest, limit, fd);
	if (!err)
		fd_store_locked(table, *fd, file, cloexec);
	spin_unlock(&table->lock);
	return err;
}

int fd_reserve(struct fdtable *table, uint64_t limit, int *fd)
{
	int err;

	spin_lock(&table->lock);
	err = fd_take_locked(table, 0, limit, fd);
	spin_unlock(&table->lock);
	return err;
}

void fd_fill(struct fdtable *table, int fd, struct file *file, bool cloexec)
{
	spin_lock(&table->lock);
	fd_store_locked(table, fd, file, cloexec);
	spin_unlock(&table->lock);
}

void fd_unreserve(struct fdtable *table, int fd)
{
	spin_lock(&table->lock);
	bitmap_clear(table->open, (size_t)fd);
	spin_unlock(&table->lock);
}

int fd_install_at(struct fdtable *table, struct file *file, int fd, uint64_t limit, bool cloexec)
{
	struct file *old = NULL;
	int err;

	if (fd < 0 || (uint64_t)fd >= limit)
		return -EBADF;
	spin_lock(&table->lock);
	err = fdtable_grow(table, (size_t)fd + 1);
	if (!err) {
		old = fd_remove_locked(table, fd);
		if (!old && bitmap_test(table->open, (size_t)fd))
			err = -EBUSY;
		else
			fd_store_locked(table, fd, file, cloexec);
	}
	spin_unlock(&table->lock);
	if (old)
		fd_drop(table, old);
	return err;
}

int fd_close(struct fdtable *table, int fd)
{
	struct file *file;

	spin_lock(&table->lock);
	file = fd_remove_locked(table, fd);
	spin_unlock(&table->lock);
	if (!file)
		return -EBADF;
	fd_drop(table, file);
	return 0;
}

int fd_get_cloexec(struct fdtable *table, int fd, bool *cloexec)
{
	int err = -EBADF;

	spin_lock(&table->lock);
	if (fd >= 0 && (size_t)fd < table->capacity && table->files[fd]) {
		*cloexec = bitmap_test(table->cloexec, (size_t)fd);
		err = 0;
	}
	spin_unlock(&table->lock);
	return err;
}

int fd_set_cloexec(struct fdtable *table, int fd, bool cloexec)
{
	int err = -EBADF;

	spin_lock(&table->lock);
	if (fd >= 0 && (size_t)fd < table->capacity && table->files[fd]) {
		if (cloexec)
			bitmap_set(table->cloexec, (size_t)fd);
		else
			bitmap_clear(table->cloexec, (size_t)fd);
		err = 0;
	}
	spin_unlock(&table->lock);
	return err;
}
