/*
 * The system as a whole: its name, its size, random numbers, and its end.
 */
#include "abi/capability.h"
#include "abi/random.h"
#include "abi/reboot.h"
#include "arch/machine.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/random.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "proc/uts.h"
#include "sched/load.h"
#include "sys/shutdown.h"
#include "sys/sys.h"

long sys_uname(uptr_t address)
{
	struct utsname name;

	uts_get(&name);
	if (READ_ONCE(proc_current()->persona) & PER_LINUX32)
		strlcpy(name.machine, "i686", sizeof(name.machine));
	return put_user(address, &name);
}

/* A new name from the program's memory, padded with zeros. */
static int name_take(char name[UTSNAME_BYTES], uptr_t address, int bytes)
{
	if (!cred_may(cred_current(), CAP_SYS_ADMIN))
		return -EPERM;
	if (bytes < 0 || bytes >= UTSNAME_BYTES)
		return -EINVAL;
	memset(name, 0, UTSNAME_BYTES);
	return copy_from_user(name, address, (size_t)bytes) ? -EFAULT : 0;
}

long sys_sethostname(uptr_t address, int bytes)
{
	char name[UTSNAME_BYTES];
	int err = name_take(name, address, bytes);

	if (!err)
		uts_set_node(name);
	return err;
}

long sys_setdomainname(uptr_t address, int bytes)
{
	char name[UTSNAME_BYTES];
	int err = name_take(name, address, bytes);

	if (!err)
		uts_set_domain(name);
	return err;
}

static int count_one(struct proc *proc, void *data)
{
	(*(uint16_t *)data)++;
	return 0;
}

long sys_sysinfo(uptr_t address)
{
	struct sysinfo info = {
		.uptime = (int64_t)(clock_ns() / NS_PER_SEC),
		.totalram = frame_total() * PAGE_SIZE,
		.freeram = frame_free_count() * PAGE_SIZE,
		.mem_unit = 1,
	};

	load_averages(info.loads);
	for (unsigned i = 0; i < 3; i++)
		info.loads[i] *= 65536 / LOAD_ONE;
	pid_for_each_proc(count_one, &info.procs);
	return put_user(address, &info);
}

/* ---- random numbers ------------------------------------------------------------------------- */

/* Until the generator has been seeded: interrupts do that in a while where nothing else does. */
static int random_wait(uint32_t flags)
{
	while (!random_ready() && !(flags & GRND_INSECURE)) {
		if (flags & GRND_NONBLOCK)
			return -EAGAIN;
		if (sleep_until(WAIT_INTERRUPTIBLE, clock_ns() + NS_PER_MS))
			return -ERESTARTSYS;
	}
	return 0;
}

long sys_getrandom(uptr_t buf, size_t count, uint32_t flags)
{
	uint8_t bytes[256];
	size_t done = 0;
	int err;

	if (flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE) ||
		(flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	err = random_wait(flags);
	if (err)
		return err;
	count = min(count, SYS_TRANSFER_MAX);
	while (done < count) {
		size_t part = min(count - done, sizeof(bytes));
		size_t copied;

		random_bytes(bytes, part);
		copied = copy_to_user_partial(buf + done, bytes, part);
		done += copied;
		if (copied < part)
			break;
		if (thread_has_work(thread_current(), THREAD_WORK_KILL))
			break;
	}
	return done || count == 0 ? (long)done : -EFAULT;
}

/* ---- the end -------------------------------------------------------------------------------- */

static long machine_end(uint32_t command)
{
	fs_sync();
	log_info("%s", command == LINUX_REBOOT_CMD_RESTART ? "restarting" : "power off");
	on_shutdown();
	if (command == LINUX_REBOOT_CMD_RESTART)
		machine_reset();
	if (command == LINUX_REBOOT_CMD_POWER_OFF)
		machine_off();
	cpu_stop();
}

long sys_reboot(uint32_t magic1, uint32_t magic2, uint32_t command, uptr_t arg)
{
	if (!cred_may(cred_current(), CAP_SYS_BOOT))
		return -EPERM;
	if (magic1 != LINUX_REBOOT_MAGIC1 ||
		(magic2 != LINUX_REBOOT_MAGIC2 && magic2 != LINUX_REBOOT_MAGIC2A &&
			magic2 != LINUX_REBOOT_MAGIC2B && magic2 != LINUX_REBOOT_MAGIC2C))
		return -EINVAL;
	switch (command) {
	case LINUX_REBOOT_CMD_RESTART:
	case LINUX_REBOOT_CMD_HALT:
	case LINUX_REBOOT_CMD_POWER_OFF:
		return machine_end(command);
	case LINUX_REBOOT_CMD_CAD_ON:
	case LINUX_REBOOT_CMD_CAD_OFF:
		return 0;
	default:
		return -EINVAL;
	}
}
