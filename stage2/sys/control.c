/*
 * Control data of messages: what the program wrote becomes references and ids, and back.
 */
#include "sys/control.h"

#include "mm/slab.h"
#include "proc/pid.h"
#include "sys/sys.h"

#define CONTROL_BYTES_MAX 20480 /* as on Linux */
#define CONTROL_BYTES_FEW 64    /* without asking for memory */

/* ---- sending --------------------------------------------------------------------------------- */

static int rights_fetch(const struct cmsghdr *header, struct socket_rights *rights)
{
	uint64_t count = (header->cmsg_len - sizeof(*header)) / sizeof(int);
	const int *fds = (const int *)(header + 1);

	if (count > SCM_MAX_FD - rights->count)
		return -EINVAL;
	for (uint64_t i = 0; i < count; i++) {
		int err = sys_file(fds[i], &rights->files[rights->count]);

		if (err)
			return err;
		rights->count++;
	}
	return 0;
}

static bool is_one_of(uint32_t id, uint32_t a, uint32_t b, uint32_t c)
{
	return id == a || id == b || id == c;
}

/* Not everybody may say that it is somebody else. */
static int creds_check(const struct ucred *creds)
{
	const struct cred *own = cred_current();
	struct pid *pid;

	if (creds->uid == UINT32_MAX || creds->gid == UINT32_MAX)
		return -EINVAL;
	if ((uint32_t)creds->pid != proc_number(proc_current()) && !cred_may(own, CAP_SYS_ADMIN))
		return -EPERM;
	if (!is_one_of(creds->uid, own->uid, own->euid, own->suid) && !cred_may(own, CAP_SETUID))
		return -EPERM;
	if (!is_one_of(creds->gid, own->gid, own->egid, own->sgid) && !cred_may(own, CAP_SETGID))
		return -EPERM;
	pid = pid_find((uint32_t)creds->pid);
	if (!pid)
		return -ESRCH;
	pid_put(pid);
	return 0;
}

static int creds_fetch(const struct cmsghdr *header, struct socket_message *message)
{
	if (header->cmsg_len != CMSG_LEN(sizeof(message->creds)))
		return -EINVAL;
	message->creds = *(const struct ucred *)(header + 1);
	message->has_creds = true;
	return creds_check(&message->creds);
}

/* Make room for as many as the control data can have. */
static int rights_begin(struct socket_message *message, size_t control_bytes)
{
	const struct cred *own = cred_current();
	struct socket_rights *rights;

	if (message->rights)
		return 0;
	rights = rights_create((uint32_t)min(control_bytes / sizeof(int), (size_t)SCM_MAX_FD));
	if (!rights)
		return -ENOMEM;
	rights->uid = own->uid;
	rights->limit = cred_may_either(own, CAP_SYS_RESOURCE, CAP_SYS_ADMIN)
	                        ? UINT64_MAX
	                        : proc_limit(proc_current(), RLIMIT_NOFILE);
	message->rights = rights;
	return 0;
}

static int control_take(
	const struct cmsghdr *header, size_t control_bytes, struct socket_message *message)
{
	int err;

	if (header->cmsg_level != SOL_SOCKET)
		return 0;
	switch (header->cmsg_type) {
	case SCM_RIGHTS:
		err = rights_begin(message, control_bytes);
		return err ? err : rights_fetch(header, message->rights);
	case SCM_CREDENTIALS:
		return creds_fetch(header, message);
	default:
		return -EINVAL;
	}
}

static int control_parse(const char *control, size_t bytes, struct socket_message *message)
{
	int err = 0;

	for (size_t at = 0; !err && at < bytes && bytes - at >= sizeof(struct cmsghdr);) {
		const struct cmsghdr *header = (const struct cmsghdr *)(control + at);

		if (header->cmsg_len < sizeof(*header) || header->cmsg_len > bytes - at)
			return -EINVAL;
		err = control_take(header, bytes, message);
		at += CMSG_ALIGN(header->cmsg_len);
	}
	return err;
}

int sys_control_fetch(uptr_t from, uint64_t bytes, struct socket_message *message)
{
	char few[CONTROL_BYTES_FEW] __aligned(8), *control = few;
	int err;

	if (bytes > CONTROL_BYTES_MAX)
		return -ENOBUFS;
	if (bytes > sizeof(few))
		control = kmalloc(bytes);
	if (!control)
		return -ENOBUFS;
	err = copy_from_user(control, from, bytes);
	if (!err)
		err = control_parse(control, bytes, message);
	if (control != few)
		kfree(control);
	if (message->rights && (err || message->rights->count == 0)) {
		rights_destroy(message->rights);
		message->rights = NULL;
	}
	return err;
}

/* ---- receiving ------------------------------------------------------------------------------- */

/* What is left of the program's buffer. */
struct control_room {
	uptr_t at;
	uint64_t bytes;
};

static void room_advance(struct control_room *room, uint64_t bytes)
{
	bytes = min(bytes, room->bytes);
	room->at += bytes;
	room->bytes -= bytes;
}

static void creds_store(struct control_room *room, struct socket_message *message)
{
	struct {
		struct cmsghdr header;
		struct ucred creds;
	} out = {
		.header = { CMSG_LEN(sizeof(struct ucred)), SOL_SOCKET, SCM_CREDENTIALS },
		.creds = message->creds,
	};

	if (room->bytes < sizeof(out.header)) {
		message->result |= MSG_CTRUNC;
		return;
	}
	if (room->bytes < out.header.cmsg_len) {
		message->result |= MSG_CTRUNC;
		out.header.cmsg_len = room->bytes;
	}
	if (copy_to_user(room->at, &out, out.header.cmsg_len) == 0)
		room_advance(room, CMSG_SPACE(sizeof(struct ucred)));
}

/* A number for the file, stored at `to`. -EMFILE, -ENOMEM, -EFAULT. */
static int right_install(struct file *file, uptr_t to, bool cloexec)
{
	struct fdtable *table = proc_current()->files;
	int fd, err = fd_reserve(table, proc_limit(proc_current(), RLIMIT_NOFILE), &fd);

	if (err)
		return err;
	err = put_user(to, &fd);
	if (err) {
		fd_unreserve(table, fd);
		return err;
	}
	file_get(file);
	fd_fill(table, fd, file, cloexec);
	return 0;
}

static void rights_store(struct control_room *room, struct socket_message *message)
{
	const struct socket_rights *rights = message->rights;
	struct cmsghdr header = { .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	uptr_t data = room->at + sizeof(header);
	uint32_t count, fit = 0;

	if (room->bytes > sizeof(header))
		fit = (uint32_t)min(
			(room->bytes - sizeof(header)) / sizeof(int), (uint64_t)rights->count);
	for (count = 0; count < fit; count++)
		if (right_install(rights->files[count], data + count * sizeof(int),
			    message->flags & MSG_CMSG_CLOEXEC))
			break;
	header.cmsg_len = CMSG_LEN(count * sizeof(int));
	if (count > 0 && put_user(room->at, &header) == 0)
		room_advance(room, CMSG_SPACE(count * sizeof(int)));
	if (count < rights->count)
		message->result |= MSG_CTRUNC;
}

uint64_t sys_control_store(uptr_t control, uint64_t bytes, struct socket_message *message)
{
	struct control_room room = { control, bytes };

	if (!control) {
		if (message->has_creds || message->rights)
			message->result |= MSG_CTRUNC;
		return 0;
	}
	if (message->has_creds)
		creds_store(&room, message);
	if (message->rights)
		rights_store(&room, message);
	return room.at - control;
}
