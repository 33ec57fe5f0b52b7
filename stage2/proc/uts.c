/*
 * The names of the system. Programs ask which Linux this behaves like, so it says one, and who it
 * is behind that.
 */
#include "proc/uts.h"

#include "core/spinlock.h"
#include "lib/string.h"

static struct {
	struct spinlock lock;
	struct utsname name; /* [lock] nodename and domainname; the rest never changes */
} uts = {
	.lock = SPINLOCK_INIT("uts", RANK_REFS),
	.name = {
		.sysname = "Linux",
		.nodename = "(none)",
		.release = "6.1.0-cor",
		.version = "Cor",
		.machine = "x86_64",
		.domainname = "(none)",
	},
};

void uts_get(struct utsname *name)
{
	spin_lock(&uts.lock);
	*name = uts.name;
	spin_unlock(&uts.lock);
}

static void uts_set(char to[UTSNAME_BYTES], const char from[UTSNAME_BYTES])
{
	spin_lock(&uts.lock);
	memcpy(to, from, UTSNAME_BYTES);
	spin_unlock(&uts.lock);
}

void uts_set_node(const char name[UTSNAME_BYTES])
{
	uts_set(uts.name.nodename, name);
}

void uts_set_domain(const char name[UTSNAME_BYTES])
{
	uts_set(uts.name.domainname, name);
}
