#ifndef ABI_SCHED_H
#define ABI_SCHED_H
/*
 * clone(2)'s flags, the low byte of which is the signal the parent gets at the end; clone3(2),
 * sched_setscheduler(2) (uapi/linux/sched.h, uapi/linux/sched/types.h).
 */
#include <stdint.h>

#define CSIGNAL              0x000000ffu
#define CLONE_VM             0x00000100u
#define CLONE_FS             0x00000200u
#define CLONE_FILES          0x00000400u
#define CLONE_SIGHAND        0x00000800u
#define CLONE_PIDFD          0x00001000u
#define CLONE_PTRACE         0x00002000u
#define CLONE_VFORK          0x00004000u
#define CLONE_PARENT         0x00008000u
#define CLONE_THREAD         0x00010000u
#define CLONE_NEWNS          0x00020000u
#define CLONE_SYSVSEM        0x00040000u
#define CLONE_SETTLS         0x00080000u
#define CLONE_PARENT_SETTID  0x00100000u
#define CLONE_CHILD_CLEARTID 0x00200000u
#define CLONE_DETACHED       0x00400000u
#define CLONE_UNTRACED       0x00800000u
#define CLONE_CHILD_SETTID   0x01000000u
#define CLONE_IO             0x80000000u
#define CLONE_CLEAR_SIGHAND  0x100000000ull /* clone3 alone */

/* clone3(2): the first version of its argument, and the largest. */
#define CLONE_ARGS_BYTES_MIN 64
struct clone3_args {
	uint64_t flags;
	uint64_t pidfd, child_tid, parent_tid; /* addresses */
	uint64_t exit_signal;
	uint64_t stack, stack_bytes; /* the lowest address */
	uint64_t tls;
	uint64_t set_tid, set_tid_count;
	uint64_t cgroup;
};
_Static_assert(sizeof(struct clone3_args) == 88, "as Linux");

/* Scheduling policies. */
#define SCHED_OTHER         0
#define SCHED_FIFO          1
#define SCHED_RR            2
#define SCHED_BATCH         3
#define SCHED_IDLE          5
#define SCHED_DEADLINE      6
#define SCHED_RESET_ON_FORK 0x40000000

struct sched_attr {
	uint32_t size;
	uint32_t policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};
_Static_assert(sizeof(struct sched_attr) == 56, "as Linux");
#define SCHED_ATTR_BYTES_MIN 48

#endif
