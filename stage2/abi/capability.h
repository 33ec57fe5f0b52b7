#ifndef ABI_CAPABILITY_H
#define ABI_CAPABILITY_H
/*
 * capget(2), capset(2) (uapi/linux/capability.h); personality(2) (uapi/linux/personality.h).
 */
#include <stdint.h>

#define CAPABILITY_VERSION_1 0x19980330u
#define CAPABILITY_VERSION_2 0x20071026u
#define CAPABILITY_VERSION_3 0x20080522u

#define CAP_LAST 40 /* of Linux 6.1 */
#define CAP_ALL  ((1ull << (CAP_LAST + 1)) - 1)

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
