#ifndef ABI_CAPABILITY_H
#define ABI_CAPABILITY_H
/*
 * capget(2), capset(2) (uapi/linux/capability.h); personality(2) (uapi/linux/personality.h).
 */
#include <stdint.h>

#define CAPABILITY_VERSION_1 0x19980330u
#define CAPABILITY_VERSION_2 0x20071026u
#define CAPABILITY_VERSION_3 0x20080522u

/* Those that something here asks for. */
#define CAP_CHOWN           0
#define CAP_DAC_OVERRIDE    1
#define CAP_DAC_READ_SEARCH 2
#define CAP_FOWNER          3
#define CAP_FSETID          4
#define CAP_KILL            5
#define CAP_SETGID          6
#define CAP_SETUID          7
#define CAP_SETPCAP         8
#define CAP_LINUX_IMMUTABLE 9
#define CAP_NET_ADMIN       12
#define CAP_IPC_LOCK        14
#define CAP_IPC_OWNER       15
#define CAP_SYS_CHROOT      18
#define CAP_SYS_PTRACE      19
#define CAP_SYS_ADMIN       21
#define CAP_SYS_BOOT        22
#define CAP_SYS_NICE        23
#define CAP_SYS_RESOURCE    24
#define CAP_SYS_TIME        25
#define CAP_SYS_TTY_CONFIG  26
#define CAP_MKNOD           27
#define CAP_MAC_OVERRIDE    32
#define CAP_SYSLOG          34
#define CAP_WAKE_ALARM      35
#define CAP_LAST            40 /* of Linux 6.1 */
#define CAP_ALL             ((1ull << (CAP_LAST + 1)) - 1)
#define CAP_BIT(capability) (1ull << (capability))

/* Each with a lock beside it, one bit up (uapi/linux/securebits.h). */
#define SECBIT_NOROOT               0x01u
#define SECBIT_NO_SETUID_FIXUP      0x04u
#define SECBIT_KEEP_CAPS            0x10u
#define SECBIT_KEEP_CAPS_LOCKED     0x20u
#define SECBIT_NO_CAP_AMBIENT_RAISE 0x40u
#define SECBITS                     0x55u
#define SECBITS_LOCKS               (SECBITS << 1)

struct cap_header {
	uint32_t version;
	int32_t pid;
};

/* One word of each set; versions 2 and 3 have two. */
struct cap_data {
	uint32_t effective, permitted, inheritable;
};

#define PER_LINUX32       0x0008u
#define ADDR_NO_RANDOMIZE 0x0040000u
#define PERSONA_ASK       0xffffffffu

#endif
