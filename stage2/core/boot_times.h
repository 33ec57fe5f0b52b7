#ifndef CORE_BOOT_TIMES_H
#define CORE_BOOT_TIMES_H
/*
 * Where the time from reset to the first program went: a stamp at the end of each stage.
 */
#include "arch/boot_info.h"

void boot_times_init(const struct boot_info *info);
/* The stage that ends now is called `stage` (a literal). */
void boot_stamp(const char *stage);
/* One log line: "boot-times: bios=... sector=... ...": when each stage ended, in nanoseconds since
 * reset. */
void boot_times_log(void);

#endif
