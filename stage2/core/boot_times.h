#ifndef CORE_BOOT_TIMES_H
#define CORE_BOOT_TIMES_H
/*
 * Where the time from the boot sector to the first program went: a stamp at the end of each stage.
 */
#include "arch/boot_info.h"

void boot_times_init(const struct boot_info *info);
/* The stage that ends now is called `stage` (a literal). */
void boot_stamp(const char *stage);
/* One log line: "boot-times: sector=0 loader=... ... " in nanoseconds since the boot sector's first
 * instruction. */
void boot_times_log(void);

#endif
