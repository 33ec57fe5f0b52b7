/*
 * Sockets: making, naming, connecting them, and their options. Messages are in sys_message.c.
 */
#include "sys/sockets.h"

#include "abi/socket.h"
#include "fs/vnode.h"
#include "sys/sys.h"

/* ---- arguments ------------------------------------------------------------------------------- */

int sys_socket_borrow(int fd, struct fd_ref *ref, struct socket **socket)
{
	bool opened;

	*ref = fd_borrow(proc_current()->files, fd);
	if (!ref->file)
		return -EBADF;
	*socket = socket_of(ref->file);
	if (likely(*socket))
		return 0;
	opened = !(ref->file->flags & O_PATH);
	fd_return(*ref);
	return opened ? -ENOTSOCK : -EBADF;
}

int sys_address_get(struct socket_address *address, uptr_t from, int bytes)
{
	address->bytes = 0;
	address->family = AF_UNSPEC;
	address->node = NULL;
	address->node_error = 0;
	address->made = NULL;
	if (bytes < 0 || bytes > SOCKADDR_BYTES_MAX)
		return -EINVAL;
	if (copy_from_user(address->data, from, (size_t)bytes))
		return -EFAULT;
	address->bytes = (uint32_t)bytes;
	return 0;
}

void sys_address_find(const struct socket *socket, struct socket_address *address)
{
	const char *path = socket_address_path(socket, address);
	struct fs_call call = sys_call_here();

	if (path)
		address->node_error = fs_socket_find(&call, path, &address->node);
}

void sys_address_put(struct socket_address *address)
{
	if (address->made)
		file_put(address->made);
	else if (address->node)
		vnode_put(address->node);
}

int sys_address_store(const struct socket_address *address, uptr_t to, uptr_t to_bytes)
{
	int room;

	if (get_user(&room, to_bytes))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	if (copy_to_user(to, address->data, min((uint32_t)room, address->bytes)))
		return -EFAULT;
	return put_user(to_bytes, &address->bytes);
}

/* ---- making ---------------------------------------------------------------------------------- */

/* Splits socket(2)'s type into type and flags. -EINVAL. */
static int type_split(int *type, uint32_t *flags)
{
	*flags = (uint32_t)*type & ~SOCK_TYPE_MASK;
	*type = (int)((uint32_t)*type & SOCK_TYPE_MASK);
	return *flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK) ? -EINVAL : 0;
}

/* An open file of a new socket, whose reference it takes over in any case. */
static int socket_file(struct socket *socket, uint32_t flags, struct file **file)
{
	int err = socket_open(socket, flags & SOCK_NONBLOCK, cred_current(), file);

	if (err)
		socket->ops->close(socket);
	return err;
}

static int socket_file_new(int family, int type, int protocol, uint32_t flags, struct file **file)
{
	struct socket *socket;
	int err = socket_create(family, type, protocol, &socket);

	return err ? err : socket_file(socket, flags, file);
}

long sys_socket(int family, int type, int protocol)
{
	struct file *file;
	uint32_t flags;
	int err = type_split(&type, &flags);

	if (!err)
		err = socket_file_new(family, type, protocol, flags, &file);
	return err ? err : sys_install(file, flags & SOCK_CLOEXEC);
}

/* Two files, connected with each other. */
static int pair_new(int family, int type, int protocol, uint32_t flags, struct file *files[2])
{
	struct socket *one;
	int err = socket_file_new(family, type, protocol, flags, &files[0]);

	if (err)
		return err;
	err = socket_file_new(family, type, protocol, flags, &files[1]);
	if (err)
		goto put_first;
	one = socket_of(files[0]);
	err = one->ops->pair ? one->ops->pair(one, socket_of(files[1])) : -EOPNOTSUPP;
	if (!err)
		return 0;
	file_put(files[1]);
put_first:
	file_put(files[0]);
	return err;
}

/* The program learns the numbers before there is anything behind them. */
long sys_socketpair(int family, int type, int protocol, uptr_t user_fds)
{
	struct fdtable *table = proc_current()->files;
	uint64_t limit = proc_limit(proc_current(), RLIMIT_NOFILE);
	struct file *files[2];
	int fds[2], err;
	uint32_t flags;

	err = type_split(&type, &flags);
	if (err)
		return err;
	err = fd_reserve(table, limit, &fds[0]);
	if (err)
		return err;
	err = fd_reserve(table, limit, &fds[1]);
	if (err)
		goto unreserve_first;
	err = copy_to_user(user_fds, fds, sizeof(fds));
	if (!err)
		err = pair_new(family, type, protocol, flags, files);
	if (err)
		goto unreserve_both;
	fd_fill(table, fds[0], files[0], flags & SOCK_CLOEXEC);
	fd_fill(table, fds[1], files[1], flags & SOCK_CLOEXEC);
	return 0;
unreserve_both:
	fd_unreserve(table, fds[1]);
unreserve_first:
	fd_unreserve(table, fds[0]);
	return err;
}

/* ---- names ----------------------------------------------------------------------------------- */

/* A path is made before the socket gets it, and taken away where it does not. */
static int bind_address(struct socket *socket, struct socket_address *address)
{
	const char *path = socket_address_path(socket, address);
	struct fs_call call = sys_call_here();
	int err = 0;

	if (path)
		err = fs_socket_make(&call, path, READ_ONCE(socket->kept.mode), &address->made);
	if (err)
		return err == -EEXIST ? -EADDRINUSE : err;
	if (path)
		address->node = address->made->vnode;
	err = socket->ops->bind ? socket->ops->bind(socket, address) : -EOPNOTSUPP;
	if (err && path)
		(void)fs_unlink(&call, path, 0);
	return err;
}

long sys_bind(int fd, uptr_t user_address, int bytes)
{
	struct socket_address address;
	struct socket *socket;
	struct fd_ref ref;
	int err = sys_socket_borrow(fd, &ref, &socket);

	if (err)
		return err;
	err = sys_address_get(&address, user_address, bytes);
	if (!err)
		err = bind_address(socket, &address);
	sys_address_put(&address);
	fd_return(ref);
	return err;
}

static long name_store(int fd, uptr_t user_address, uptr_t user_bytes, bool peer)
{
	struct socket_address address = { .bytes = 0 };
	struct socket *socket;
	struct fd_ref ref;
	int err = sys_socket_borrow(fd, &ref, &socket);

	if (err)
		return err;
	err = socket->ops->name(socket, peer, &address);
	fd_return(ref);
	return err ? err : sys_address_store(&address, user_address, user_bytes);
}

long sys_getsockname(int fd, uptr_t address, uptr_t bytes)
{
	return name_store(fd, address, bytes, false);
}

long sys_getpeername(int fd, uptr_t address, uptr_t bytes)
{
	return name_store(fd, address, bytes, true);
}

/* ---- connections ----------------------------------------------------------------------------- */

long sys_connect(int fd, uptr_t user_address, int bytes)
{
	struct socket_address address;
	struct socket *socket;
	struct fd_ref ref;
	int err = sys_socket_borrow(fd, &ref, &socket);

	if (err)
		return err;
	err = sys_address_get(&address, user_address, bytes);
	if (!err) {
		sys_address_find(socket, &address);
		err = socket->ops->connect(socket, &address, socket_file_flags(ref.file));
		sys_address_put(&address);
	}
	fd_return(ref);
	return sys_restartable(err);
}

long sys_listen(int fd, int backlog)
{
	struct socket *socket;
	struct fd_ref ref;
	int err = sys_socket_borrow(fd, &ref, &socket);

	if (err)
		return err;
	err = -EOPNOTSUPP;
	if (socket->ops->listen)
		err = socket->ops->listen(socket, min((uint32_t)backlog, (uint32_t)SOMAXCONN));
	fd_return(ref);
	return err;
}

/* The next connection as a file, its peer's name stored where the program wants it. */
static int accept_file(
	struct file *listener, uptr_t address, uptr_t bytes, uint32_t flags, struct file **file)
{
	struct socket *socket = socket_of(listener), *accepted;
	struct socket_address name = { .bytes = 0 };
	int err = -EOPNOTSUPP;

	if (socket->ops->accept)
		err = socket->ops->accept(socket, socket_file_flags(listener), &accepted);
	if (!err)
		err = socket_file(accepted, flags, file);
	if (err || !address)
		return err;
	if (accepted->ops->name(accepted, true, &name))
		err = -ECONNABORTED;
	else
		err = sys_address_store(&name, address, bytes);
	if (err)
		file_put(*file);
	return err;
}

/* There must be a number before a connection is taken that would be lost otherwise. */
long sys_accept4(int fd, uptr_t address, uptr_t bytes, int flags)
{
	struct fdtable *table = proc_current()->files;
	uint64_t limit = proc_limit(proc_current(), RLIMIT_NOFILE);
	struct socket *socket;
	struct fd_ref ref;
	struct file *file;
	int err, accepted_fd;

	if ((uint32_t)flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	err = sys_socket_borrow(fd, &ref, &socket);
	if (err)
		return err;
	err = fd_reserve(table, limit, &accepted_fd);
	if (err)
		goto return_listener;
	err = accept_file(ref.file, address, bytes, (uint32_t)flags, &file);
	if (err)
		fd_unreserve(table, accepted_fd);
	else
		fd_fill(table, accepted_fd, file, (uint32_t)flags & SOCK_CLOEXEC);
return_listener:
	fd_return(ref);
	return err ? sys_restartable(err) : accepted_fd;
}

long sys_accept(int fd, uptr_t address, uptr_t bytes)
{
	return sys_accept4(fd, address, bytes, 0);
}

long sys_shutdown(int fd, int how)
{
	struct socket *socket;
	struct fd_ref ref;
	int err = sys_socket_borrow(fd, &ref, &socket);

	if (err)
		return err;
	err = socket->ops->shutdown(socket, how);
	fd_return(ref);
	return err;
}

/* ---- options --------------------------------------------------------------------------------- */

long sys_getsockopt(int fd, int level, int name, uptr_t value, uptr_t value_bytes)
{
	struct socket *socket;
	struct fd_ref ref;
	int err = sys_socket_borrow(fd, &ref, &socket);

	if (err)
		return err;
	err = socket_get_option(socket, level, name, value, value_bytes);
	fd_return(ref);
	return err;
}

long sys_setsockopt(int fd, int level, int name, uptr_t value, int value_bytes)
{
	struct socket *socket;
	struct fd_ref ref;
	int err;

	if (value_bytes < 0)
		return -EINVAL;
	err = sys_socket_borrow(fd, &ref, &socket);
	if (err)
		return err;
	err = socket_set_option(socket, level, name, value, (uint32_t)value_bytes,
		cred_may(cred_current(), CAP_NET_ADMIN));
	fd_return(ref);
	return err;
}
