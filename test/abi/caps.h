#ifndef ABI_CAPS_H
#define ABI_CAPS_H
/*
 * Capabilities by the bare calls: there is no libcap, nor linux/capability.h. A set is a word of 64
 * bits.
 */
#include "show.h"

#include <sys/prctl.h>

enum {
	CAP_CHOWN = 0,
	CAP_DAC_OVERRIDE = 1,
	CAP_DAC_READ_SEARCH = 2,
	CAP_FOWNER = 3,
	CAP_FSETID = 4,
	CAP_KILL = 5,
	CAP_SETGID = 6,
	CAP_SETUID = 7,
	CAP_SETPCAP = 8,
	CAP_NET_ADMIN = 12,
	CAP_IPC_LOCK = 14,
	CAP_IPC_OWNER = 15,
	CAP_SYS_RAWIO = 17,
	CAP_SYS_CHROOT = 18,
	CAP_SYS_PTRACE = 19,
	CAP_SYS_ADMIN = 21,
	CAP_SYS_BOOT = 22,
	CAP_SYS_NICE = 23,
	CAP_SYS_RESOURCE = 24,
	CAP_SYS_TIME = 25,
	CAP_SYS_TTY_CONFIG = 26,
	CAP_MKNOD = 27,
	CAP_SYSLOG = 34,
	CAP_WAKE_ALARM = 35,
};

enum {
	SECBIT_NOROOT = 1,
	SECBIT_NOROOT_LOCKED = 2,
	SECBIT_NO_SETUID_FIXUP = 4,
	SECBIT_KEEP_CAPS = 16,
	SECBIT_KEEP_CAPS_LOCKED = 32,
	SECBIT_NO_CAP_AMBIENT_RAISE = 64,
};

#define BIT(capability) (1ull << (capability))

struct cap_header {
	uint32_t version;
	int pid;
};
struct cap_data {
	uint32_t effective, permitted, inheritable;
};

struct caps {
	uint64_t effective, permitted, inheritable;
};

static inline struct caps caps_get(void)
{
	struct cap_header header = { 0x20080522, 0 };
	struct cap_data data[2] = { 0 };

	syscall(SYS_capget, &header, data);
	return (struct caps){
		.effective = data[0].effective | (uint64_t)data[1].effective << 32,
		.permitted = data[0].permitted | (uint64_t)data[1].permitted << 32,
		.inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32,
	};
}

static inline int caps_set(uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
	struct cap_header header = { 0x20080522, 0 };
	struct cap_data data[2];

	for (int i = 0; i < 2; i++)
		data[i] = (struct cap_data){ (uint32_t)(effective >> (32 * i)),
			(uint32_t)(permitted >> (32 * i)), (uint32_t)(inheritable >> (32 * i)) };
	return (int)syscall(SYS_capset, &header, data);
}

#endif
