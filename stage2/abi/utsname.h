#ifndef ABI_UTSNAME_H
#define ABI_UTSNAME_H
/*
 * uname(2) (uapi/linux/utsname.h, struct new_utsname) and sysinfo(2).
 */
#include <stdint.h>

#define UTSNAME_BYTES 65

struct utsname {
	char sysname[UTSNAME_BYTES];
	char nodename[UTSNAME_BYTES];
	char release[UTSNAME_BYTES];
	char version[UTSNAME_BYTES];
	char machine[UTSNAME_BYTES];
	char domainname[UTSNAME_BYTES];
};
_Static_assert(sizeof(struct utsname) == 390, "as Linux");

struct sysinfo {
	int64_t uptime; /* seconds */
	uint64_t loads[3];
	uint64_t totalram, freeram, sharedram, bufferram; /* in units of mem_unit bytes */
	uint64_t totalswap, freeswap;
	uint16_t procs;
	uint16_t pad;
	uint32_t pad2;
	uint64_t totalhigh, freehigh;
	uint32_t mem_unit;
	uint32_t pad3;
};
_Static_assert(sizeof(struct sysinfo) == 112, "as Linux");

#endif
