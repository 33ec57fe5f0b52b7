/*
 * Stamps of the TSC at the end of each stage of boot; converted when its rate is known.
 */
#include "core/boot_times.h"
#include "arch/cpu.h"
#include "core/clock.h"
#include "core/log.h"
#include "lib/assert.h"
#include "lib/format.h"

#define STAMPS_MAX 16

static struct {
	unsigned count;
	struct {
		const char *stage;
		uint64_t tsc;
	} stamps[STAMPS_MAX];
} times;

static void stamp(const char *stage, uint64_t tsc)
{
	assert(times.count < STAMPS_MAX);
	times.stamps[times.count].stage = stage;
	times.stamps[times.count++].tsc = tsc;
}

void boot_times_init(const struct boot_info *info)
{
	if (info->source == BOOT_SOURCE_DISK) {
		stamp("bios", info->tsc_sector);
		stamp("sector", info->tsc_loader);
		stamp("loader", info->tsc_loaded);
	}
	stamp("long-mode", info->tsc_long_mode);
}

void boot_stamp(const char *stage)
{
	stamp(stage, cpu_tsc());
}

void boot_times_log(void)
{
	char line[LOG_LINE_BYTES];
	size_t at = 0;
	for (unsigned i = 0; i < times.count; i++) {
		uint64_t ns = (uint64_t)(clock_from_tsc(times.stamps[i].tsc) -
					 clock_from_tsc(0)); /* the TSC counts from reset */
		at += scnprintf(line + at, sizeof(line) - at, " %s=%lu", times.stamps[i].stage, ns);
	}
	log_info("boot-times:%s", line);
}
