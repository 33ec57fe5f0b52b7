/*
 * /proc/net: what the network has.
 */
#include "net/unix/unix.h"
#include "procfs/files.h"

#define LISTENS 0x10000u /* __SO_ACCEPTCON */

/* enum socket_state of Linux: unconnected, connecting, connected, disconnecting. */
static unsigned state_of(const struct unix_info *info)
{
	if (info->has_file)
		return info->connected ? 3 : 1;
	return info->connected ? 2 : 4;
}

static void unix_line(const struct unix_info *info, void *text)
{
	const char *name = info->name->un.sun_path;
	size_t bytes = info->name->bytes;

	synth_print(text, "%016x: %08X %08X %08X %04X %02X %5lu", 0, info->refs, 0,
		info->listens ? LISTENS : 0, info->type, state_of(info),
		info->has_file ? info->ino : 0);
	if (bytes > sizeof(info->name->family)) {
		bytes -= sizeof(info->name->family);
		if (name[0])
			bytes--; /* a path's NUL */
		synth_write(text, " ", 1);
		for (size_t i = 0; i < bytes; i++)
			synth_write(text, name[i] ? &name[i] : "@", 1);
	}
	synth_write(text, "\n", 1);
}

static int unix_read(const struct synth_key *key, struct synth_text *text)
{
	synth_print(text, "Num       RefCount Protocol Flags    Type St Inode Path\n");
	unix_for_each(unix_line, text);
	return 0;
}

const struct synth_entry net_entries[] = {
	FILE_ENTRY("unix", 0444, unix_read),
	{ .name = NULL },
};
