/*
 * /proc/sys: settings. Numbers are read and written as text.
 */
#include "abi/errno.h"
#include "core/random.h"
#include "core/spinlock.h"
#include "fs/fs.h"
#include "fs/inotify.h"
#include "fs/writeback.h"
#include "ipc/msg.h"
#include "ipc/sem.h"
#include "ipc/shm.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "mm/slab.h"
#include "net/unix/unix.h"
#include "proc/pid.h"
#include "proc/uts.h"
#include "procfs/files.h"
#include "sched/work.h"

int number_from_text(const char *text, uint64_t *number)
{
	char digits[24];
	size_t bytes = 0;

	while (*text == ' ' || *text == '\t')
		text++;
	while (text[bytes] >= '0' && text[bytes] <= '9' && bytes < sizeof(digits) - 1)
		bytes++;
	if (bytes == 0 || strchr(" \t\n", text[bytes]) == NULL)
		return -EINVAL;
	memcpy(digits, text, bytes);
	digits[bytes] = '\0';
	return parse_u64(digits, number);
}

/* ---- vm ------------------------------------------------------------------------------------- */

#define DROP_PAGES 1
#define DROP_NAMES 2

static int drop_caches_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(text, "0\n");
	return 0;
}

/* As on Linux 1 is pages of files, 2 names, 3 both. Here 3 is also all else that the kernel keeps
 * to be quick: what is counted as used afterwards is used. */
static int drop_caches_write(const struct synth_key *key, const char *text, size_t bytes)
{
	uint64_t what;

	if (number_from_text(text, &what) || what < DROP_PAGES || what > (DROP_PAGES | DROP_NAMES))
		return -EINVAL;
	unix_garbage_look();
	work_flush();
	if (what & DROP_NAMES)
		fs_drop_names();
	if (what & DROP_PAGES)
		fs_drop_pages();
	kstack_drain();
	slab_drain();
	frame_drain();
	return 0;
}

/* Memory is promised freely, but for what could never be kept: mode 0. */
static int overcommit_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(text, "0\n");
	return 0;
}

/* Settings of writing files back. */
#define WRITEBACK_FILE(what, setting)                                                              \
	static int what##_read(const struct synth_key *key, struct synth_text *text)               \
	{                                                                                          \
		synth_print(text, "%lu\n", writeback_setting(setting));                            \
		return 0;                                                                          \
	}                                                                                          \
	static int what##_write(const struct synth_key *key, const char *text, size_t bytes)       \
	{                                                                                          \
		uint64_t value;                                                                    \
                                                                                                   \
		if (number_from_text(text, &value))                                                \
			return -EINVAL;                                                            \
		return writeback_set(setting, value);                                              \
	}
WRITEBACK_FILE(background_ratio, WRITEBACK_BACKGROUND)
WRITEBACK_FILE(dirty_ratio, WRITEBACK_LIMIT)
WRITEBACK_FILE(dirty_expire, WRITEBACK_EXPIRE)

#define SETTING_ENTRY(entry_name, what)                                                            \
	{                                                                                          \
		.name = (entry_name), .mode = S_IFREG | 0644, .read = what##_read,                 \
		.write = what##_write                                                              \
	}

static const struct synth_entry vm_entries[] = {
	SETTING_ENTRY("dirty_background_ratio", background_ratio),
	SETTING_ENTRY("dirty_expire_centisecs", dirty_expire),
	SETTING_ENTRY("dirty_ratio", dirty_ratio),
	{
		.name = "drop_caches",
		.mode = S_IFREG | 0644,
		.read = drop_caches_read,
		.write = drop_caches_write,
	},
	FILE_ENTRY("overcommit_memory", 0444, overcommit_read),
	{ .name = NULL },
};

/* ---- fs ------------------------------------------------------------------------------------- */

/* No limit but memory. */
static int file_max_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(text, "%ld\n", INT64_MAX);
	return 0;
}

/* A number of 32 bits that lies in a variable, for root to change. */
#define NUMBER(what, variable) NUMBER_UP_TO(what, variable, INT32_MAX)
#define NUMBER_UP_TO(what, variable, most)                                                         \
	static int what##_read(const struct synth_key *key, struct synth_text *text)               \
	{                                                                                          \
		synth_print(text, "%u\n", READ_ONCE(variable));                                    \
		return 0;                                                                          \
	}                                                                                          \
	static int what##_write(const struct synth_key *key, const char *text, size_t bytes)       \
	{                                                                                          \
		uint64_t number;                                                                   \
                                                                                                   \
		if (number_from_text(text, &number) || number > (most))                            \
			return -EINVAL;                                                            \
		WRITE_ONCE(variable, (uint32_t)number);                                            \
		return 0;                                                                          \
	}
#define NUMBER_ENTRY(entry_name, what)                                                             \
	{                                                                                          \
		.name = (entry_name), .mode = S_IFREG | 0644, .read = what##_read,                 \
		.write = what##_write                                                              \
	}

NUMBER(queued_events, inotify_limits.queued_events)
NUMBER(instances, inotify_limits.instances)
NUMBER(watches, inotify_limits.watches)

static const struct synth_entry inotify_entries[] = {
	NUMBER_ENTRY("max_queued_events", queued_events),
	NUMBER_ENTRY("max_user_instances", instances),
	NUMBER_ENTRY("max_user_watches", watches),
	{ .name = NULL },
};

static const struct synth_entry fs_entries[] = {
	FILE_ENTRY("file-max", 0444, file_max_read),
	DIR_ENTRY("inotify", inotify_entries),
	{ .name = NULL },
};

/* ---- kernel/random -------------------------------------------------------------------------- */

/* A version 4 UUID (RFC 4122, 4.4). */
static void uuid_make(uint8_t uuid[16])
{
	random_bytes(uuid, 16);
	uuid[6] = (uuid[6] & 0x0f) | 0x40;
	uuid[8] = (uuid[8] & 0x3f) | 0x80;
}

static void uuid_print(struct synth_text *text, const uint8_t uuid[16])
{
	for (unsigned i = 0; i < 16; i++)
		synth_print(
			text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", uuid[i]);
	synth_print(text, "\n");
}

static int uuid_read(const struct synth_key *key, struct synth_text *text)
{
	uint8_t uuid[16];

	uuid_make(uuid);
	uuid_print(text, uuid);
	return 0;
}

/* Made when it is first asked for; the same until the machine ends. */
static struct {
	struct spinlock lock;
	bool made;        /* [lock] */
	uint8_t uuid[16]; /* [lock] */
} boot_id = { .lock = SPINLOCK_INIT("boot_id", RANK_REFS) };

static int boot_id_read(const struct synth_key *key, struct synth_text *text)
{
	uint8_t uuid[16];

	spin_lock(&boot_id.lock);
	if (!boot_id.made)
		uuid_make(boot_id.uuid);
	boot_id.made = true;
	memcpy(uuid, boot_id.uuid, sizeof(uuid));
	spin_unlock(&boot_id.lock);
	uuid_print(text, uuid);
	return 0;
}

static int entropy_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(text, "%d\n", random_ready() ? 256 : 0);
	return 0;
}

static const struct synth_entry random_entries[] = {
	FILE_ENTRY("boot_id", 0444, boot_id_read),
	FILE_ENTRY("entropy_avail", 0444, entropy_read),
	FILE_ENTRY("uuid", 0444, uuid_read),
	{ .name = NULL },
};

/* ---- kernel: System V IPC ------------------------------------------------------------------- */

#define BIG_NUMBER(what, variable)                                                                 \
	static int what##_read(const struct synth_key *key, struct synth_text *text)               \
	{                                                                                          \
		synth_print(text, "%lu\n", READ_ONCE(variable));                                   \
		return 0;                                                                          \
	}                                                                                          \
	static int what##_write(const struct synth_key *key, const char *text, size_t bytes)       \
	{                                                                                          \
		uint64_t number;                                                                   \
                                                                                                   \
		if (number_from_text(text, &number))                                               \
			return -EINVAL;                                                            \
		WRITE_ONCE(variable, number);                                                      \
		return 0;                                                                          \
	}

BIG_NUMBER(shmmax, shm_limits.bytes)
BIG_NUMBER(shmall, shm_limits.pages)
NUMBER_UP_TO(shmmni, shm_limits.segments, IPC_OBJECTS_MAX)
NUMBER_UP_TO(msgmni, msg_limits.queues, IPC_OBJECTS_MAX)
NUMBER(msgmax, msg_limits.message_bytes)
NUMBER(msgmnb, msg_limits.queue_bytes)

static int sem_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(text, "%u\t%u\t%u\t%u\n", READ_ONCE(sem_limits.per_set),
		READ_ONCE(sem_limits.total), READ_ONCE(sem_limits.per_call),
		READ_ONCE(sem_limits.sets));
	return 0;
}

static const char *skip(const char *text, bool blanks)
{
	while (*text && (strchr(" \t\n", *text) != NULL) == blanks)
		text++;
	return text;
}

/* The first of the four, or as many as there are. */
static int sem_write(const struct synth_key *key, const char *text, size_t bytes)
{
	uint32_t *const places[] = { &sem_limits.per_set, &sem_limits.total, &sem_limits.per_call,
		&sem_limits.sets };
	static const uint32_t most[] = { INT32_MAX, INT32_MAX, INT32_MAX, IPC_OBJECTS_MAX };
	uint64_t numbers[ARRAY_SIZE(places)];
	size_t count = 0;

	for (text = skip(text, true); *text && count < ARRAY_SIZE(places); count++) {
		if (number_from_text(text, &numbers[count]) || numbers[count] > most[count])
			return -EINVAL;
		text = skip(skip(text, false), true);
	}
	for (size_t i = 0; i < count; i++)
		WRITE_ONCE(*places[i], (uint32_t)numbers[i]);
	return 0;
}

/* ---- kernel --------------------------------------------------------------------------------- */

static int uts_print(struct synth_text *text, size_t field)
{
	struct utsname name;

	uts_get(&name);
	synth_print(text, "%s\n", (const char *)&name + field);
	return 0;
}

#define UTS_READ(what, field)                                                                      \
	static int what##_read(const struct synth_key *key, struct synth_text *text)               \
	{                                                                                          \
		return uts_print(text, offsetof(struct utsname, field));                           \
	}
UTS_READ(ostype, sysname)
UTS_READ(osrelease, release)
UTS_READ(osversion, version)
UTS_READ(hostname, nodename)
UTS_READ(domainname, domainname)

/* The first line of what was written, padded with zeros; cut, as on Linux. */
static void name_from_text(char name[UTSNAME_BYTES], const char *text)
{
	const char *end = strchr(text, '\n');
	size_t bytes = end ? (size_t)(end - text) : strlen(text);

	memset(name, 0, UTSNAME_BYTES);
	memcpy(name, text, min(bytes, (size_t)UTSNAME_BYTES - 1));
}

static int hostname_write(const struct synth_key *key, const char *text, size_t bytes)
{
	char name[UTSNAME_BYTES];

	name_from_text(name, text);
	uts_set_node(name);
	return 0;
}

static int domainname_write(const struct synth_key *key, const char *text, size_t bytes)
{
	char name[UTSNAME_BYTES];

	name_from_text(name, text);
	uts_set_domain(name);
	return 0;
}

static int pid_max_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(text, "%d\n", PID_MAX);
	return 0;
}

static const struct synth_entry kernel_entries[] = {
	{
		.name = "domainname",
		.mode = S_IFREG | 0644,
		.read = domainname_read,
		.write = domainname_write,
	},
	{
		.name = "hostname",
		.mode = S_IFREG | 0644,
		.read = hostname_read,
		.write = hostname_write,
	},
	NUMBER_ENTRY("msgmax", msgmax),
	NUMBER_ENTRY("msgmnb", msgmnb),
	NUMBER_ENTRY("msgmni", msgmni),
	FILE_ENTRY("osrelease", 0444, osrelease_read),
	FILE_ENTRY("ostype", 0444, ostype_read),
	FILE_ENTRY("pid_max", 0444, pid_max_read),
	DIR_ENTRY("random", random_entries),
	NUMBER_ENTRY("sem", sem),
	NUMBER_ENTRY("shmall", shmall),
	NUMBER_ENTRY("shmmax", shmmax),
	NUMBER_ENTRY("shmmni", shmmni),
	FILE_ENTRY("version", 0444, osversion_read),
	{ .name = NULL },
};

const struct synth_entry sysctl_entries[] = {
	DIR_ENTRY("fs", fs_entries),
	DIR_ENTRY("kernel", kernel_entries),
	DIR_ENTRY("vm", vm_entries),
	{ .name = NULL },
};
