/*
 * The directories of processes and threads: /proc/PID, /proc/PID/task/TID, /proc/self.
 */
#include "abi/errno.h"
#include "fs/fs.h"
#include "lib/format.h"
#include "lib/string.h"
#include "procfs/files.h"
#include "procfs/subject.h"

/* ---- places: exe, cwd, root ----------------------------------------------------------------- */

/* Takes over the references of the path. */
static int place_print(struct path *place, struct synth_text *text)
{
	char *room = synth_room(text, PATH_MAX);
	ssize_t bytes = room ? fs_path_text(proc_current()->fs, place, room, PATH_MAX) : 0;

	path_put(place);
	if (bytes < 0)
		return (int)bytes;
	if (bytes > 0)
		synth_wrote(text, (size_t)bytes - 1); /* without its NUL */
	return 0;
}

static int exe_follow(const struct synth_key *key, struct path *place)
{
	struct proc *proc;
	struct file *file;
	int err = subject_get(key, &proc);

	if (err)
		return -ENOENT;
	file = subject_exe(proc);
	proc_put(proc);
	if (!file || !file->dentry) {
		if (file)
			file_put(file);
		return -ENOENT;
	}
	*place = (struct path){ .mount = file->mount, .dentry = file->dentry };
	path_get(place);
	file_put(file);
	return 0;
}

static int context_follow(const struct synth_key *key, struct path *place,
	void (*which)(struct fs_context *context, struct path *path))
{
	struct fs_context *context;
	struct proc *proc;

	if (subject_get(key, &proc))
		return -ENOENT;
	context = subject_fs(proc);
	proc_put(proc);
	if (!context)
		return -ENOENT;
	which(context, place);
	fs_context_put(context);
	return 0;
}

static int cwd_follow(const struct synth_key *key, struct path *place)
{
	return context_follow(key, place, fs_context_cwd);
}

static int root_follow(const struct synth_key *key, struct path *place)
{
	return context_follow(key, place, fs_context_root);
}

static int exe_read(const struct synth_key *key, struct synth_text *text)
{
	struct path place;
	int err = exe_follow(key, &place);

	return err ? err : place_print(&place, text);
}

static int cwd_read(const struct synth_key *key, struct synth_text *text)
{
	struct path place;
	int err = cwd_follow(key, &place);

	return err ? err : place_print(&place, text);
}

static int root_read(const struct synth_key *key, struct synth_text *text)
{
	struct path place;
	int err = root_follow(key, &place);

	return err ? err : place_print(&place, text);
}

/* ---- what is the same of all ---------------------------------------------------------------- */

/* Where in the kernel it sleeps is not told. */
static int wchan_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(text, "0");
	return 0;
}

/* Who has logged in is not audited. */
static int nobody_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(text, "%u", UINT32_MAX);
	return 0;
}

/* ---- threads -------------------------------------------------------------------------------- */

/* What a thread shows as its process does. */
#define SHARED_ENTRIES                                                                             \
	FILE_ENTRY("status", 0444, status_read), FILE_ENTRY("stat", 0444, stat_read),              \
		FILE_ENTRY("statm", 0444, statm_read), FILE_ENTRY("cmdline", 0444, cmdline_read),  \
		FILE_ENTRY("limits", 0444, limits_read), FILE_ENTRY("mounts", 0444, mounts_read),  \
		FILE_ENTRY("mountinfo", 0444, mountinfo_read),                                     \
		PRIVATE_ENTRY("mountstats", 0400, mountstats), PRIVATE_ENTRY("maps", 0444, maps),  \
		PRIVATE_ENTRY("smaps", 0444, smaps),                                               \
		PRIVATE_ENTRY("smaps_rollup", 0444, smaps_rollup),                                 \
		PRIVATE_ENTRY("environ", 0400, environ), PRIVATE_ENTRY("auxv", 0400, auxv),        \
		FILE_ENTRY("wchan", 0444, wchan_read), FILE_ENTRY("loginuid", 0444, nobody_read),  \
		FILE_ENTRY("sessionid", 0444, nobody_read),                                        \
		FILE_ENTRY("oom_score", 0444, oom_score_read),                                     \
		{                                                                                  \
			.name = "oom_score_adj",                                                   \
			.mode = S_IFREG | 0644,                                                    \
			.read = oom_score_adj_read,                                                \
			.write = oom_score_adj_write,                                              \
		},                                                                                 \
		{                                                                                  \
			.name = "mem",                                                             \
			.mode = S_IFREG | 0600,                                                    \
			.permit = subject_permit,                                                  \
			.read_at = mem_read_at,                                                    \
			.write_at = mem_write_at,                                                  \
		},                                                                                 \
		PLACE_ENTRY("exe", exe), PLACE_ENTRY("cwd", cwd), PLACE_ENTRY("root", root),       \
		{                                                                                  \
			.name = "comm",                                                            \
			.mode = S_IFREG | 0644,                                                    \
			.read = comm_read,                                                         \
			.write = comm_write,                                                       \
		},                                                                                 \
		{                                                                                  \
			.name = "fd",                                                              \
			.mode = S_IFDIR | 0500,                                                    \
			.permit = subject_permit,                                                  \
			.generated = &descriptor_children,                                         \
		},                                                                                 \
	{                                                                                          \
		.name = "fdinfo", .mode = S_IFDIR | 0555, .permit = subject_permit,                \
		.generated = &descriptor_info_children,                                            \
	}

#define PRIVATE_ENTRY(entry_name, permissions, what)                                               \
	{                                                                                          \
		.name = (entry_name), .mode = S_IFREG | (permissions), .read = what##_read,        \
		.permit = subject_permit                                                           \
	}
#define PLACE_ENTRY(entry_name, what)                                                              \
	{                                                                                          \
		.name = (entry_name), .mode = S_IFLNK | 0777, .read = what##_read,                 \
		.permit = subject_permit, .follow = what##_follow                                  \
	}

static const struct synth_entry thread_entries[] = {
	SHARED_ENTRIES,
	{ .name = NULL },
};
static const struct synth_entry thread_directory = {
	.name = "TID",
	.mode = S_IFDIR | 0555,
	.permit = subject_permit_all,
	.children = thread_entries,
};

/* A number as Linux takes it for a name: no sign, no zero in front. 0: it is none. */
static uint32_t number_of_name(const char *name)
{
	uint64_t number = 0;

	for (const char *at = name; *at; at++) {
		if (*at < '0' || *at > '9' || name[0] == '0' || number > PID_MAX)
			return 0;
		number = number * 10 + (uint64_t)(*at - '0');
	}
	return (uint32_t)number;
}

/* The least number from `tid` on, or with `or_later` unset `tid` alone. */
static void consider(uint64_t number, uint64_t tid, bool or_later, uint64_t *found)
{
	if (number >= tid && number < *found && (or_later || number == tid))
		*found = number;
}

/* The child for thread `tid`, or with `or_later` for the first one that has a number not below it.
 * The first thread's stays until its process has been waited for. */
static int thread_child(
	const struct synth_key *dir, uint64_t tid, bool or_later, struct synth_child *child)
{
	struct uthread *uthread;
	uint64_t found = UINT64_MAX;
	struct proc *proc;

	if (subject_get(dir, &proc))
		return -ENOENT;
	consider(proc_number(proc), tid, or_later, &found);
	proc_lock(proc);
	list_for_each(uthread, &proc->threads, link)
		consider(uthread->tid->number, tid, or_later, &found);
	proc_unlock(proc);
	proc_put(proc);
	if (found == UINT64_MAX)
		return -ENOENT;
	*child = (struct synth_child){ .entry = &thread_directory, .key = *dir, .position = found };
	child->key.part = found;
	snprintf(child->name, sizeof(child->name), "%lu", found);
	return 0;
}

static int thread_lookup(const struct synth_key *dir, const char *name, struct synth_child *child)
{
	return thread_child(dir, number_of_name(name), false, child);
}

static int thread_next(const struct synth_key *dir, uint64_t position, struct synth_child *child)
{
	return thread_child(dir, position, true, child);
}

static const struct synth_children thread_children = { .lookup = thread_lookup,
	.next = thread_next };

/* ---- processes ------------------------------------------------------------------------------ */

static const struct synth_entry process_entries[] = {
	SHARED_ENTRIES,
	{ .name = "task", .mode = S_IFDIR | 0555, .generated = &thread_children },
	{ .name = NULL },
};
static const struct synth_entry process_directory = {
	.name = "PID",
	.mode = S_IFDIR | 0555,
	.permit = subject_permit_all,
	.children = process_entries,
};

int subject_of_directory(const struct file *file, struct proc **proc)
{
	const struct synth_key *key = synth_file_key(file, &process_directory);

	return key ? subject_get(key, proc) : -EBADF;
}

static void process_child(const struct proc *proc, struct synth_child *child)
{
	*child = (struct synth_child){
		.entry = &process_directory,
		.key = subject_key(proc),
		.position = proc_number(proc),
	};
	snprintf(child->name, sizeof(child->name), "%u", proc_number(proc));
}

static int process_lookup(const struct synth_key *dir, const char *name, struct synth_child *child)
{
	struct proc *proc = pid_proc(number_of_name(name));

	if (!proc)
		return -ENOENT;
	process_child(proc, child);
	proc_put(proc);
	return 0;
}

static int process_next(const struct synth_key *dir, uint64_t position, struct synth_child *child)
{
	uint32_t number = position < PID_MAX ? (uint32_t)position : PID_MAX;
	struct proc *proc = pid_next_proc(&number);

	if (!proc)
		return -ENOENT;
	process_child(proc, child);
	proc_put(proc);
	return 0;
}

const struct synth_children process_children = { .lookup = process_lookup, .next = process_next };

int self_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(text, "%u", proc_number(proc_current()));
	return 0;
}

int thread_self_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(
		text, "%u/task/%u", proc_number(proc_current()), uthread_current()->tid->number);
	return 0;
}
