#ifndef IO_FILE_H
#define IO_FILE_H
/*
 * Open files: what a descriptor stands for. Everything that can be read, written, polled or mapped
 * is a struct file with operations; no code asks what kind it is.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/fcntl.h"
#include "abi/poll.h"
#include "io/cred.h"
#include "lib/compiler.h"
#include "lib/types.h"
#include "sched/mutex.h"
#include "sched/wait.h"
#include "vm/iter.h"
#include "vm/pager.h"

struct file;
struct stat;            /* abi/stat.h */
struct kept_attributes; /* io/kept.h */
struct dir_sink;
struct file_info;
struct poll_table;

/* Results of operations besides errno, which sys turns into what programs know. */
#define EINTR_FINAL  515 /* -EINTR, and the call is not made again */
#define EPIPE_SILENT 516 /* -EPIPE without SIGPIPE */
#define EFBIG_SIGNAL 517 /* -EFBIG with SIGXFSZ */

/*
 * Operations; a missing one gives the error named. All may sleep; none is called with a lock held,
 * except that file->pos_lock is held where *pos is &file->pos.
 */
struct file_ops {
	/* What /proc/PID/fd says of a file that is in no file system: "anon_inode:" and this. */
	const char *name;
	/* Bytes, 0 at the end, -errno. *pos: where; the operation moves it on. Missing: -EINVAL. */
	ssize_t (*read)(struct file *file, struct iter *iter, uint64_t *pos);
	ssize_t (*write)(struct file *file, struct iter *iter, uint64_t *pos);
	/* lseek(2): the new position. Missing: -ESPIPE. */
	int64_t (*seek)(struct file *file, int64_t offset, int whence);
	/* Missing: -ENOTTY. arg: a user address or a number. */
	long (*ioctl)(struct file *file, unsigned request, uint64_t arg);
	/* POLLIN ... that hold now; enters the file's wait queues into table if it is not NULL.
	 * Missing: always ready for both. */
	uint32_t (*poll)(struct file *file, struct poll_table *table);
	/* The object to map, with a reference for the caller; NULL: zeros, for each mapping its
	 * own. Missing: -ENODEV. */
	int (*pager)(struct file *file, struct pager **pager);
	/* Emit entries from *pos on until the sink is full: 0 or -errno. Missing: -ENOTDIR. */
	int (*readdir)(struct file *file, struct dir_sink *sink);
	int (*stat)(struct file *file, struct stat *stat);
	/* Without a vnode: what stat says that can be changed. Missing: nothing can. */
	struct kept_attributes *(*kept)(struct file *file);
	int (*truncate)(struct file *file, uint64_t bytes); /* Missing: -EINVAL. */
	int (*sync)(struct file *file, bool data_only);     /* Missing: -EINVAL. */
	/* sync_file_range(2) of pages [first, last]. Missing: -ESPIPE. */
	int (*start_sync)(struct file *file, uint64_t first, uint64_t last, unsigned flags);
	/* fallocate(2), of a mode that there can be. Missing: -ENODEV. */
	int (*allocate)(struct file *file, int mode, uint64_t offset, uint64_t bytes);
	/* The lines of /proc/PID/fdinfo that such files alone have. Missing: none. */
	void (*info)(struct file *file, struct file_info *info);
	/* Open again what has no name that it could be opened by (/proc/PID/fd), flags as open(2).
	 * Missing: -ENXIO. */
	int (*reopen)(struct file *file, uint32_t flags, struct cred *cred, struct file **again);
	/* The last reference has gone. Missing: nothing to do. */
	void (*release)(struct file *file);
};

struct file {
	const struct file_ops *ops; /* [I] */
	uint32_t refs;              /* [a] */
	uint32_t flags;             /* [a] O_* status flags and access mode */
	struct mutex pos_lock;      /* RANK_FILE_POS */
	uint64_t pos;               /* [pos_lock] */
	struct cred *cred;          /* [I] who opened it; reference held */
	void *data;                 /* [I] the operations' own */
	struct vnode *vnode;        /* [I] fs: what was opened; NULL for pipes, sockets ... */
	struct dentry *dentry;      /* [I] fs: by which name; for /proc/PID/fd and the *at calls */
	struct list_head watches;   /* [epoll links] sets that it is in */
	struct mount *mount;        /* [I] fs: and through which mount */
	uint32_t mark; /* [a] what is no news to it: errors of writing (fs), writers of a FIFO */
	uint8_t holds; /* [I] fs: what its last reference gives up */
	struct file *closing_next; /* own: of the thread that closes it */
	const uint32_t *events;    /* [I] where its object keeps what polls say; FILE_ASK: ask it */
};

#define FILE_ASK BIT(31)

/* By the access mode alone. O_ACCMODE itself, a mode of Linux's, allows neither. */
static inline bool file_mode_reads(const struct file *file)
{
	return (file->flags + 1) & 1;
}
static inline bool file_mode_writes(const struct file *file)
{
	return (file->flags + 1) & 2;
}

static inline bool file_readable(const struct file *file)
{
	return file_mode_reads(file) && !(file->flags & O_PATH);
}
static inline bool file_writable(const struct file *file)
{
	return file_mode_writes(file) && !(file->flags & O_PATH);
}

/* fs: something was done to a file by what is open, IN_* of abi/inotify.h. Called only while there
 * are watches, for files with a vnode. Does not sleep. */
extern uint32_t file_watches; /* [a] how many watches there are */
void on_file_event(struct file *file, uint32_t event);

/* A file with refs 1; takes a reference to cred. -ENOMEM. */
__must_check int file_create(const struct file_ops *ops, uint32_t flags, struct cred *cred,
	void *data, struct file **file);
/* How many there are. */
uint64_t files_open(void);
void file_get(struct file *file);
/* May sleep. Inside a release operation the file is closed only when that has ended. */
void file_put(struct file *file);

/* Checked entries: access mode, offsets, missing operations. pos NULL: use and move file->pos. */
ssize_t file_read(struct file *file, struct iter *iter, uint64_t *pos);
ssize_t file_write(struct file *file, struct iter *iter, uint64_t *pos);
/* Write behind the end, wherever that is; moves: file->pos is behind it then. */
ssize_t file_append(struct file *file, struct iter *iter, bool moves);
#define FILE_POS_END UINT64_MAX /* what the write operation of a file with a position gets then */
int64_t file_seek(struct file *file, int64_t offset, int whence);
long file_ioctl(struct file *file, unsigned request, uint64_t arg);
/* POLLIN ... that hold now; table: as for the operation. */
uint32_t file_poll_ask(struct file *file, struct poll_table *table);
static inline uint32_t file_poll(struct file *file, struct poll_table *table)
{
	uint32_t events = READ_ONCE(*file->events);

	return likely(!table && !(events & FILE_ASK)) ? events : file_poll_ask(file, table);
}
int file_stat(struct file *file, struct stat *stat);
/* What fstat says of a file that is in no file system. */
void file_stat_anonymous(struct file *file, struct stat *stat);
/* getdents: from the file's position on, until the sink is full. */
int file_readdir(struct file *file, struct dir_sink *sink);
int file_truncate(struct file *file, int64_t bytes);
int file_reopen(struct file *file, uint32_t flags, struct cred *cred, struct file **again);
int file_sync(struct file *file, bool data_only);
/* sync_file_range(2); bytes 0: to the end. */
int file_start_sync(struct file *file, int64_t offset, int64_t bytes, unsigned flags);
/* fallocate(2). */
int file_allocate(struct file *file, int mode, int64_t offset, int64_t bytes);
/* The object to map, with a reference for the caller, or NULL. */
__must_check int file_pager(struct file *file, struct pager **pager);
/* Exactly `bytes` at `pos` into kernel memory: -EIO-like errors, -ENOEXEC if the file is shorter.
 */
__must_check int file_read_exact(struct file *file, uint64_t pos, void *buf, size_t bytes);

/* getdents: one entry. Returns false if it does not fit (the entry is not consumed). */
struct dir_sink {
	bool (*emit)(struct dir_sink *sink, const char *name, size_t name_bytes, uint64_t ino,
		uint8_t type, uint64_t next_pos);
};

/* fdinfo: where lines go. May be printed to under mutexes. */
struct file_info {
	void (*write)(struct file_info *info, const char *text, size_t bytes);
};
__printf(2, 3) void file_info_print(struct file_info *info, const char *format, ...);

#endif
