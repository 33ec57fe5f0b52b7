#ifndef FS_SYNTH_H
#define FS_SYNTH_H
/*
 * File systems of generated files: nothing is stored, each file's text is written when it is read.
 *
 * The contents are tables of struct synth_entry. A directory has the children that its entry names,
 * and those that it makes up when it is asked. Nodes come with a look-up and go with their last
 * user; no name is cached, so what a name stands for may change at any time.
 *
 * What a node tells of is its key: numbers that only the contents understand. A node holds no
 * reference to that object, so each operation looks whether it is still there.
 */
#include <stddef.h>
#include <stdint.h>

#include "fs/mount.h"
#include "fs/superblock.h"
#include "fs/vnode.h"
#include "lib/compiler.h"

/* Text that grows as it is written. What does not fit for want of memory is left out, and the read
 * that wanted it gets -ENOMEM. Fields are for text.c and synth.c. */
struct synth_text {
	char *buf;
	size_t bytes, size;
	bool failed;
};
__printf(2, 3) void synth_print(struct synth_text *text, const char *format, ...);
void synth_write(struct synth_text *text, const void *data, size_t bytes);
/* Room for `bytes` more to write to directly, then synth_wrote; NULL: no memory. */
char *synth_room(struct synth_text *text, size_t bytes);
void synth_wrote(struct synth_text *text, size_t bytes);

struct synth_key {
	uint64_t object; /* 0: none, the system as a whole */
	uint64_t stamp;  /* tells objects of one number apart */
	uint64_t part;   /* of the object */
};

struct synth_entry;

/* A child that was made up. */
struct synth_child {
	const struct synth_entry *entry; /* what it is; its name does not count */
	struct synth_key key;
	uint32_t mode;     /* permission bits, where they are the child's own; 0: the entry's */
	uint64_t position; /* order in listings: at least that asked for */
	char name[24];
};

/* How a directory makes up children. Both may sleep; the directory's lock is held. */
struct synth_children {
	/* Fills entry and key. -ENOENT. */
	int (*lookup)(const struct synth_key *dir, const char *name, struct synth_child *child);
	/* The first child whose position is not below `position`. -ENOENT: there is none. */
	int (*next)(const struct synth_key *dir, uint64_t position, struct synth_child *child);
};

/*
 * One name. Operations may sleep; a missing one gives the error named. They are called with no lock
 * held but the file's own (RANK_VNODE).
 */
struct synth_entry {
	const char *name; /* NULL: the end of a table */
	uint32_t mode;    /* type and permission bits */
	bool strict;      /* which hold for root, too */
	/* The whole text of a file, or a link's target. Missing: -EINVAL. */
	int (*read)(const struct synth_key *key, struct synth_text *text);
	/* All that one write(2) wrote, at most SYNTH_WRITE_MAX bytes, NUL-terminated. Missing: -EIO
	 * of the system's files, -EINVAL of an object's, as on Linux. */
	int (*write)(const struct synth_key *key, const char *text, size_t bytes);
	/* A file that is no text: what lies at *pos, which is moved on; 0: the end. */
	ssize_t (*read_at)(const struct synth_key *key, struct iter *iter, uint64_t *pos);
	ssize_t (*write_at)(const struct synth_key *key, struct iter *iter, uint64_t *pos);
	/* May the running thread open it, follow it, read it (a link), look for names in it?
	 * Besides the permission bits. Missing: yes. */
	int (*permit)(const struct synth_key *key);
	/* The place that a link leads to, whatever its text says; references for the caller. */
	int (*follow)(const struct synth_key *key, struct path *path);
	/* Where follow gives -ENXIO: the file that has no place; a reference for the caller. */
	int (*nameless)(const struct synth_key *key, struct file **file);
	const struct synth_entry *children;
	const struct synth_children *generated;
};

/* Rows of a table of struct synth_entry. */
#define FILE_ENTRY(entry_name, permissions, read_fn)                                               \
	{                                                                                          \
		.name = (entry_name), .mode = S_IFREG | (permissions), .read = (read_fn)           \
	}
#define LINK_ENTRY(entry_name, read_fn)                                                            \
	{                                                                                          \
		.name = (entry_name), .mode = S_IFLNK | 0777, .read = (read_fn)                    \
	}
#define DIR_ENTRY(entry_name, table)                                                               \
	{                                                                                          \
		.name = (entry_name), .mode = S_IFDIR | 0555, .children = (table)                  \
	}

#define SYNTH_WRITE_MAX 4096

struct synth_fs {
	const char *name; /* "proc", for /proc/mounts */
	uint64_t magic;   /* for statfs */
	struct synth_entry root;
	/* Who owns a node of an object; left alone (root) where it has gone. */
	void (*owner)(const struct synth_key *key, uint32_t mode, uint32_t *uid, uint32_t *gid);
};

/* The key of an open file, if it is one of `entry`; else NULL. */
const struct synth_key *synth_file_key(const struct file *file, const struct synth_entry *entry);

/* An instance, ready to be mounted; refs and uses 1. fs lives for ever. -ENOMEM. */
__must_check int synth_create(const struct synth_fs *fs, struct superblock **sb);

#endif
