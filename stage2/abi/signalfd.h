#ifndef ABI_SIGNALFD_H
#define ABI_SIGNALFD_H
/*
 * signalfd(2), as Linux has it.
 */
#include <stdint.h>

struct signalfd_siginfo {
	uint32_t ssi_signo;
	int32_t ssi_errno;
	int32_t ssi_code;
	uint32_t ssi_pid;
	uint32_t ssi_uid;
	int32_t ssi_fd;
	uint32_t ssi_tid; /* a timer's number */
	uint32_t ssi_band;
	uint32_t ssi_overrun;
	uint32_t ssi_trapno;
	int32_t ssi_status;
	int32_t ssi_int;
	uint64_t ssi_ptr;
	uint64_t ssi_utime, ssi_stime;
	uint64_t ssi_addr;
	uint8_t pad[48];
};
_Static_assert(sizeof(struct signalfd_siginfo) == 128, "as Linux");

#endif
