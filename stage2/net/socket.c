/*
 * What is common to all sockets: making them, and the operations of their files.
 *
 * The list of families is here: what does not stand in it is not in the kernel.
 */
#include "net/socket.h"

#include "abi/errno.h"
#include "abi/ioctls.h"
#include "abi/stat.h"
#include "io/poll.h"
#include "lib/string.h"
#include "net/unix/unix.h"
#include "vm/uaccess.h"

#define BUFFER_BYTES 212992 /* SO_SNDBUF, SO_RCVBUF of a new socket, as on Linux */

static uint64_t next_ino = 1; /* [a] */

int socket_create(int family, int type, int protocol, struct socket **socket)
{
	if (family < 0 || family >= AF_MAX)
		return -EAFNOSUPPORT;
	if (type < 0 || type >= SOCK_MAX)
		return -EINVAL;
	switch (family) {
	case AF_UNIX:
		return unix_create(type, protocol, socket);
	default:
		return -EAFNOSUPPORT;
	}
}

void socket_init(struct socket *socket, const struct socket_ops *ops, int family, int type)
{
	struct cred *cred = on_caller_wanted(NULL);

	socket->ops = ops;
	socket->family = (uint16_t)family;
	socket->type = (uint16_t)type;
	socket->refs = 1;
	socket->ino = __atomic_fetch_add(&next_ino, 1, __ATOMIC_RELAXED);
	wait_queue_init(&socket->wait);
	socket->send_bytes = socket->receive_bytes = BUFFER_BYTES;
	socket->low_water = 1;
	socket->send_wait_ns = socket->receive_wait_ns = WAIT_FOREVER;
	kept_init(&socket->kept, S_IFSOCK | S_IRWXUGO, cred, 0); /* as on Linux */
}

void socket_get(struct socket *socket)
{
	__atomic_add_fetch(&socket->refs, 1, __ATOMIC_RELAXED);
}

void socket_put(struct socket *socket)
{
	if (__atomic_sub_fetch(&socket->refs, 1, __ATOMIC_ACQ_REL) == 0)
		socket->ops->destroy(socket);
}

int socket_wait_result(int err, uint64_t deadline_ns)
{
	if (err == -ETIMEDOUT)
		return -EAGAIN;
	return err == -EINTR && deadline_ns != WAIT_FOREVER ? -EINTR_FINAL : err;
}

const char *socket_address_path(const struct socket *socket, struct socket_address *address)
{
	if (socket->family != AF_UNIX)
		return NULL;
	return unix_address_path(address);
}

/* ---- the file -------------------------------------------------------------------------------- */

static ssize_t socket_read(struct file *file, struct iter *iter, uint64_t *pos)
{
	struct socket *socket = file->data;
	struct socket_message message = { .iter = iter, .flags = socket_file_flags(file) };
	ssize_t bytes;

	if (iter->remaining == 0)
		return 0;
	bytes = socket->ops->receive(socket, &message);
	if (unlikely(message.rights))
		rights_destroy(message.rights);
	return bytes;
}

static ssize_t socket_write(struct file *file, struct iter *iter, uint64_t *pos)
{
	struct socket *socket = file->data;
	struct socket_message message = { .iter = iter, .flags = socket_file_flags(file) };

	return socket->ops->send(socket, &message);
}

static uint32_t socket_poll(struct file *file, struct poll_table *table)
{
	struct socket *socket = file->data;

	poll_wait(table, &socket->wait);
	return socket->ops->poll(socket, table);
}

static long socket_ioctl(struct file *file, unsigned request, uint64_t arg)
{
	struct socket *socket = file->data;
	long bytes;
	int value;

	if (request != FIONREAD && request != TIOCOUTQ)
		return -ENOTTY;
	bytes = request == FIONREAD ? socket->ops->bytes_in(socket)
	                            : socket->ops->bytes_out(socket);
	if (bytes < 0)
		return bytes;
	value = (int)bytes;
	return put_user(arg, &value);
}

static int socket_stat(struct file *file, struct stat *stat)
{
	const struct socket *socket = file->data;

	*stat = (struct stat){
		.st_ino = socket->ino,
		.st_nlink = 1,
		.st_blksize = PAGE_SIZE,
	};
	kept_stat(&socket->kept, stat);
	return 0;
}

static struct kept_attributes *socket_kept(struct file *file)
{
	struct socket *socket = file->data;

	return &socket->kept;
}

static void socket_release(struct file *file)
{
	struct socket *socket = file->data;

	socket->ops->close(socket);
}

static const struct file_ops socket_file_ops = {
	.read = socket_read,
	.write = socket_write,
	.poll = socket_poll,
	.ioctl = socket_ioctl,
	.stat = socket_stat,
	.kept = socket_kept,
	.release = socket_release,
};

int socket_open(struct socket *socket, uint32_t flags, struct cred *cred, struct file **file)
{
	int err = file_create(&socket_file_ops, O_RDWR | flags, cred, socket, file);

	if (!err)
		socket->file = *file;
	return err;
}

struct socket *socket_of(struct file *file)
{
	return file->ops == &socket_file_ops ? file->data : NULL;
}
