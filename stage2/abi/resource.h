#ifndef ABI_RESOURCE_H
#define ABI_RESOURCE_H
/*
 * Resource limits and usage (uapi/linux/resource.h).
 */
#include <stdint.h>

#include "abi/time.h"

enum rlimit_resource {
	RLIMIT_CPU,
	RLIMIT_FSIZE,
	RLIMIT_DATA,
	RLIMIT_STACK,
	RLIMIT_CORE,
	RLIMIT_RSS,
	RLIMIT_NPROC,
	RLIMIT_NOFILE,
	RLIMIT_MEMLOCK,
	RLIMIT_AS,
	RLIMIT_LOCKS,
	RLIMIT_SIGPENDING,
	RLIMIT_MSGQUEUE,
	RLIMIT_NICE,
	RLIMIT_RTPRIO,
	RLIMIT_RTTIME,
	RLIMIT_COUNT
};

#define RLIM_INFINITY UINT64_MAX

struct rlimit {
	uint64_t rlim_cur;
	uint64_t rlim_max;
};

#define RUSAGE_SELF     0
#define RUSAGE_CHILDREN (-1)
#define RUSAGE_THREAD   1

struct rusage {
	struct timeval ru_utime;
	struct timeval ru_stime;
	int64_t ru_maxrss; /* KiB */
	int64_t ru_ixrss, ru_idrss, ru_isrss;
	int64_t ru_minflt, ru_majflt, ru_nswap;
	int64_t ru_inblock, ru_oublock;
	int64_t ru_msgsnd, ru_msgrcv, ru_nsignals;
	int64_t ru_nvcsw, ru_nivcsw;
};
_Static_assert(sizeof(struct rusage) == 144, "as Linux");

/* getpriority(2). */
#define PRIO_PROCESS 0
#define PRIO_PGRP    1
#define PRIO_USER    2

/* ioprio_set(2): a class from this bit on, a level within it in the lowest; between them hints,
 * that may be any (uapi/linux/ioprio.h). */
#define IOPRIO_CLASS_SHIFT 13
#define IOPRIO_CLASS_MASK  7
#define IOPRIO_CLASS_NONE  0
#define IOPRIO_CLASS_RT    1
#define IOPRIO_CLASS_BE    2
#define IOPRIO_CLASS_IDLE  3
#define IOPRIO_LEVEL_MASK  7
#define IOPRIO_MIDDLE      (IOPRIO_CLASS_BE << IOPRIO_CLASS_SHIFT | 4)

#endif
