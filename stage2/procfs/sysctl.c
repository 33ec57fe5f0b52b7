/*
 * /proc/sys: settings. Numbers are read and written as text.
 */
#include "procfs/sysctl.h"
#include "abi/capability.h"
#include "core/random.h"
#include "core/spinlock.h"
#include "fs/fs.h"
#include "fs/inotify.h"
#include "io/fdtable.h"
#include "io/pipe.h"
#include "ipc/msg.h"
#include "ipc/sem.h"
#include "ipc/shm.h"
#include "lib/parse.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/pid.h"
#include "proc/proc.h"
#include "proc/uts.h"

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

/* ---- fs ------------------------------------------------------------------------------------- */

/* No limit but memory. */
FIXED(file_max, "%ld", INT64_MAX)
FIXED(nr_open, "%d", FD_LIMIT_MAX)
FIXED(pipe_max, "%d", PIPE_BYTES_MAX)
FIXED(overflow_id, "%d", 65534)

/* As on Linux none of them is open and not used. */
static int file_nr_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(text, "%lu\t0\t%ld\n", files_open(), INT64_MAX);
	return 0;
}

NUMBER_UP_TO(protected_hardlinks, fs_protected_hardlinks, 1)
NUMBER_UP_TO(protected_symlinks, fs_protected_symlinks, 1)

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
	FIXED_ENTRY("file-max", file_max),
	FIXED_ENTRY("file-nr", file_nr),
	DIR_ENTRY("inotify", inotify_entries),
	FIXED_ENTRY("nr_open", nr_open),
	FIXED_ENTRY("overflowgid", overflow_id),
	FIXED_ENTRY("overflowuid", overflow_id),
	FIXED_ENTRY("pipe-max-size", pipe_max),
	NUMBER_ENTRY("protected_hardlinks", protected_hardlinks),
	NUMBER_ENTRY("protected_symlinks", protected_symlinks),
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

FIXED(entropy, "%u", random_ready() ? RANDOM_READY_BITS : 0)
FIXED(pool_bits, "%u", RANDOM_READY_BITS)

static const struct synth_entry random_entries[] = {
	FIXED_ENTRY("boot_id", boot_id),
	FIXED_ENTRY("entropy_avail", entropy),
	FIXED_ENTRY("poolsize", pool_bits),
	FIXED_ENTRY("uuid", uuid),
	{ .name = NULL },
};

/* ---- kernel: System V IPC ------------------------------------------------------------------- */

#define BIG_NUMBER(what, variable)                                                                 \
	FIXED(what, "%lu", READ_ONCE(variable))                                                    \
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

FIXED(pid_max, "%d", PID_MAX)
FIXED(threads_most, "%lu", threads_max())
FIXED(groups_max, "%d", CRED_GROUPS_MAX)
FIXED(cap_last, "%d", CAP_LAST)
FIXED(core_pattern, "%s", "core")
FIXED(randomize, "%d", 2)
FIXED(tainted, "%d", 0)

static const struct synth_entry kernel_entries[] = {
	FIXED_ENTRY("cap_last_cap", cap_last),
	FIXED_ENTRY("core_pattern", core_pattern),
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
	FIXED_ENTRY("ngroups_max", groups_max),
	FIXED_ENTRY("osrelease", osrelease),
	FIXED_ENTRY("ostype", ostype),
	FIXED_ENTRY("overflowgid", overflow_id),
	FIXED_ENTRY("overflowuid", overflow_id),
	FIXED_ENTRY("pid_max", pid_max),
	DIR_ENTRY("random", random_entries),
	FIXED_ENTRY("randomize_va_space", randomize),
	NUMBER_ENTRY("sem", sem),
	NUMBER_ENTRY("shmall", shmall),
	NUMBER_ENTRY("shmmax", shmmax),
	NUMBER_ENTRY("shmmni", shmmni),
	FIXED_ENTRY("tainted", tainted),
	FIXED_ENTRY("threads-max", threads_most),
	FIXED_ENTRY("version", osversion),
	{ .name = NULL },
};

const struct synth_entry sysctl_entries[] = {
	DIR_ENTRY("fs", fs_entries),
	DIR_ENTRY("kernel", kernel_entries),
	DIR_ENTRY("vm", sysctl_vm_entries),
	{ .name = NULL },
};
