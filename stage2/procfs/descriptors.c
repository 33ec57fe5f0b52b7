/*
 * /proc/PID/fd: a link for each open descriptor. Following one opens the same file again, by its
 * vnode; what has no name in any directory, such as a pipe, by its own way to be opened. And
 * /proc/PID/fdinfo: how each is open, to which a file that is in no file system adds lines.
 */
#include "abi/errno.h"
#include "abi/stat.h"
#include "fs/fs.h"
#include "lib/format.h"
#include "procfs/files.h"
#include "procfs/subject.h"

static int file_of(const struct synth_key *key, struct file **file)
{
	struct proc *proc;

	if (subject_get(key, &proc))
		return -ENOENT;
	*file = subject_file(proc, (int)key->part);
	proc_put(proc);
	return *file ? 0 : -ENOENT;
}

/* What has no path, as Linux names it. */
static void nameless_print(struct file *file, struct synth_text *text)
{
	struct stat stat;

	if (file->ops->name)
		synth_print(text, "anon_inode:%s", file->ops->name);
	else if (file_stat(file, &stat))
		synth_print(text, "anon_inode:[file]");
	else if (S_ISFIFO(stat.st_mode))
		synth_print(text, "pipe:[%lu]", stat.st_ino);
	else if (S_ISSOCK(stat.st_mode))
		synth_print(text, "socket:[%lu]", stat.st_ino);
	else
		synth_print(text, "anon_inode:[file]");
}

static int descriptor_read(const struct synth_key *key, struct synth_text *text)
{
	ssize_t bytes = 0;
	struct file *file;
	char *room;
	int err = file_of(key, &file);

	if (err)
		return err;
	room = synth_room(text, PATH_MAX);
	if (!file->dentry)
		nameless_print(file, text);
	else if (room)
		bytes = fs_file_path(proc_current()->fs, file, room, PATH_MAX);
	file_put(file);
	if (bytes > 0)
		synth_wrote(text, (size_t)bytes - 1); /* without its NUL */
	return bytes < 0 ? (int)bytes : 0;
}

static int descriptor_follow(const struct synth_key *key, struct path *place)
{
	struct file *file;
	int err = file_of(key, &file);

	if (err)
		return err;
	err = file->dentry ? 0 : -ENXIO;
	if (!err) {
		*place = (struct path){ .mount = file->mount, .dentry = file->dentry };
		path_get(place);
	}
	file_put(file);
	return err;
}

static const struct synth_entry descriptor_link = {
	.name = "FD",
	.mode = S_IFLNK | 0700,
	.read = descriptor_read,
	.permit = subject_permit,
	.follow = descriptor_follow,
	.nameless = file_of,
};

/* ---- fdinfo --------------------------------------------------------------------------------- */

struct info_to_text {
	struct file_info info;
	struct synth_text *text;
};

static void info_write(struct file_info *info, const char *text, size_t bytes)
{
	synth_write(container_of(info, struct info_to_text, info)->text, text, bytes);
}

static bool closes_on_exec(const struct synth_key *key)
{
	bool cloexec = false;
	struct proc *proc;

	if (subject_get(key, &proc))
		return false;
	proc_lock(proc);
	if (proc->files && fd_get_cloexec(proc->files, (int)key->part, &cloexec))
		cloexec = false;
	proc_unlock(proc);
	proc_put(proc);
	return cloexec;
}

static int info_read(const struct synth_key *key, struct synth_text *text)
{
	struct info_to_text to = { .info.write = info_write, .text = text };
	struct stat stat = { 0 };
	struct file *file;
	int err = file_of(key, &file);

	if (err)
		return err;
	(void)file_stat(file, &stat);
	synth_print(text, "pos:\t%lu\nflags:\t0%o\nmnt_id:\t%u\nino:\t%lu\n", READ_ONCE(file->pos),
		READ_ONCE(file->flags) | (closes_on_exec(key) ? O_CLOEXEC : 0),
		file->mount ? file->mount->id : 0, stat.st_ino);
	if (file->ops->info)
		file->ops->info(file, &to.info);
	file_put(file);
	return 0;
}

static const struct synth_entry info_file = {
	.name = "FD",
	.mode = S_IFREG | 0444,
	.read = info_read,
	.permit = subject_permit,
};

/* ---- both ----------------------------------------------------------------------------------- */

/* A link's permission bits say how the file is open. */
static int descriptor_child(const struct synth_entry *entry, const struct synth_key *dir, int fd,
	struct synth_child *child)
{
	struct file *file;

	*child = (struct synth_child){ .entry = entry, .key = *dir, .position = (uint64_t)fd };
	child->key.part = (uint64_t)fd;
	if (file_of(&child->key, &file))
		return -ENOENT;
	if (S_ISLNK(entry->mode)) {
		child->mode = (file_readable(file) ? 0500u : 0) | (file_writable(file) ? 0300u : 0);
		child->mode = child->mode ? child->mode : 0100;
	}
	file_put(file);
	snprintf(child->name, sizeof(child->name), "%d", fd);
	return 0;
}

static int children_lookup(const struct synth_entry *entry, const struct synth_key *dir,
	const char *name, struct synth_child *child)
{
	uint64_t fd;

	if (number_from_text(name, &fd) || fd > INT32_MAX || (name[0] == '0' && name[1]))
		return -ENOENT;
	return descriptor_child(entry, dir, (int)fd, child);
}

static int children_next(const struct synth_entry *entry, const struct synth_key *dir,
	uint64_t position, struct synth_child *child)
{
	struct proc *proc;
	int fd;

	if (position > INT32_MAX || subject_get(dir, &proc))
		return -ENOENT;
	fd = (int)position;
	do {
		fd = subject_next_fd(proc, fd);
	} while (fd >= 0 && descriptor_child(entry, dir, fd, child) && fd++ < INT32_MAX);
	proc_put(proc);
	return fd < 0 ? -ENOENT : 0;
}

#define CHILDREN(what, entry)                                                                      \
	static int what##_lookup(                                                                  \
		const struct synth_key *dir, const char *name, struct synth_child *child)          \
	{                                                                                          \
		return children_lookup(entry, dir, name, child);                                   \
	}                                                                                          \
	static int what##_next(                                                                    \
		const struct synth_key *dir, uint64_t position, struct synth_child *child)         \
	{                                                                                          \
		return children_next(entry, dir, position, child);                                 \
	}                                                                                          \
	const struct synth_children what##_children = {                                            \
		.lookup = what##_lookup,                                                           \
		.next = what##_next,                                                               \
	};
CHILDREN(descriptor, &descriptor_link)
CHILDREN(descriptor_info, &info_file)
