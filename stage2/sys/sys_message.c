/*
 * Messages through sockets: send(2), recv(2) and their relatives.
 *
 * All of them are one message with more or less around it: sendto and recvfrom have bytes and an
 * address, sendmsg and recvmsg pieces and control data as well, sendmmsg and recvmmsg many of
 * those.
 */
#include "abi/uio.h"
#include "core/clock.h"
#include "sys/control.h"
#include "sys/sockets.h"
#include "sys/sys.h"

/* ---- sending --------------------------------------------------------------------------------- */

/* message->rights, if there are any, go in any case. */
static long message_send(struct file *file, struct socket_message *message)
{
	struct socket *socket = socket_of(file);
	long result;

	message->flags |= socket_file_flags(file);
	if (message->address)
		sys_address_find(socket, message->address);
	result = socket->ops->send(socket, message);
	if (unlikely(message->rights))
		rights_destroy(message->rights);
	return sys_write_result(result);
}

long sys_sendto(int fd, uptr_t buf, size_t bytes, uint32_t flags, uptr_t to, int to_bytes)
{
	struct socket_address address = { .bytes = 0 };
	struct iter iter;
	struct socket_message message = { .iter = &iter, .flags = flags };
	struct socket *socket;
	struct fd_ref ref;
	long result;

	bytes = min(bytes, SYS_TRANSFER_MAX);
	if (!user_range_ok(buf, bytes))
		return -EFAULT;
	result = sys_socket_borrow(fd, &ref, &socket);
	if (result)
		return result;
	iter_user(&iter, buf, bytes);
	if (to)
		result = sys_address_get(&address, to, to_bytes);
	if (address.bytes)
		message.address = &address;
	if (!result)
		result = message_send(ref.file, &message);
	sys_address_put(&address);
	fd_return(ref);
	return result;
}

/* The name in a message header is cut to what an address can have. */
static int header_address(const struct msghdr *header, struct socket_address *address)
{
	if (!header->msg_name)
		return 0;
	return sys_address_get(
		address, header->msg_name, min(header->msg_namelen, SOCKADDR_BYTES_MAX));
}

static long header_send(struct file *file, const struct msghdr *header, uint32_t flags)
{
	struct socket_address address = { .bytes = 0 };
	struct sys_pieces pieces;
	struct iter iter;
	struct socket_message message = { .iter = &iter, .flags = flags };
	long result = header_address(header, &address);

	if (result)
		return result;
	if (header->msg_iovlen > UIO_MAXIOV)
		return -EMSGSIZE;
	result = sys_pieces_get(&pieces, header->msg_iov, header->msg_iovlen, &iter);
	if (result)
		return result;
	if (address.bytes)
		message.address = &address;
	if (header->msg_controllen)
		result = sys_control_fetch(header->msg_control, header->msg_controllen, &message);
	if (!result)
		result = message_send(file, &message);
	sys_address_put(&address);
	sys_pieces_put(&pieces);
	return result;
}

static long message_send_from(struct file *file, uptr_t user_header, uint32_t flags)
{
	struct msghdr header;

	if (get_user(&header, user_header))
		return -EFAULT;
	return header_send(file, &header, flags);
}

long sys_sendmsg(int fd, uptr_t header, uint32_t flags)
{
	struct socket *socket;
	struct fd_ref ref;
	long result;

	if (flags & MSG_CMSG_COMPAT)
		return -EINVAL;
	result = sys_socket_borrow(fd, &ref, &socket);
	if (result)
		return result;
	result = message_send_from(ref.file, header, flags);
	fd_return(ref);
	return result;
}

/* The length of one of many messages, where it was moved. */
static long length_store(uptr_t header, long result)
{
	uint32_t bytes = (uint32_t)result;

	if (result < 0)
		return result;
	return put_user(header + offsetof(struct mmsghdr, msg_len), &bytes);
}

long sys_sendmmsg(int fd, uptr_t headers, uint32_t count, uint32_t flags)
{
	struct socket *socket;
	struct fd_ref ref;
	uint32_t done;
	long result;

	if (flags & MSG_CMSG_COMPAT)
		return -EINVAL;
	result = sys_socket_borrow(fd, &ref, &socket);
	if (result)
		return result;
	for (done = 0; done < min(count, (uint32_t)UIO_MAXIOV); done++) {
		uptr_t header = headers + done * sizeof(struct mmsghdr);

		result = length_store(header, message_send_from(ref.file, header, flags));
		if (result)
			break;
	}
	fd_return(ref);
	return done ? (long)done : result;
}

/* ---- receiving ------------------------------------------------------------------------------- */

static long message_receive(struct file *file, struct socket_message *message)
{
	struct socket *socket = socket_of(file);

	message->flags |= socket_file_flags(file);
	return sys_restartable(socket->ops->receive(socket, message));
}

long sys_recvfrom(int fd, uptr_t buf, size_t bytes, uint32_t flags, uptr_t from, uptr_t from_bytes)
{
	struct socket_address address = { .bytes = 0 };
	struct iter iter;
	struct socket_message message = { .iter = &iter, .flags = flags };
	struct socket *socket;
	struct fd_ref ref;
	long result;

	bytes = min(bytes, SYS_TRANSFER_MAX);
	if (!user_range_ok(buf, bytes))
		return -EFAULT;
	result = sys_socket_borrow(fd, &ref, &socket);
	if (result)
		return result;
	iter_user(&iter, buf, bytes);
	if (from)
		message.address = &address;
	result = message_receive(ref.file, &message);
	if (unlikely(message.rights))
		rights_destroy(message.rights);
	if (from && result >= 0 && sys_address_store(&address, from, from_bytes))
		result = -EFAULT;
	fd_return(ref);
	return result;
}

/* What the program learns of a message besides its bytes. */
static int header_store(
	uptr_t user_header, const struct msghdr *header, struct socket_message *message)
{
	uint64_t control_bytes =
		sys_control_store(header->msg_control, header->msg_controllen, message);
	uint32_t flags = message->result | (message->flags & MSG_CMSG_CLOEXEC);
	int err = 0;

	if (message->address)
		err = sys_address_store(message->address, header->msg_name,
			user_header + offsetof(struct msghdr, msg_namelen));
	if (!err)
		err = put_user(user_header + offsetof(struct msghdr, msg_flags), &flags);
	if (!err)
		err = put_user(
			user_header + offsetof(struct msghdr, msg_controllen), &control_bytes);
	return err;
}

static long header_receive(
	struct file *file, uptr_t user_header, const struct msghdr *header, uint32_t flags)
{
	struct socket_address address = { .bytes = 0 };
	struct sys_pieces pieces;
	struct iter iter;
	struct socket_message message = { .iter = &iter, .flags = flags };
	long result, err;

	if (header->msg_name && header->msg_namelen < 0)
		return -EINVAL;
	if (header->msg_iovlen > UIO_MAXIOV)
		return -EMSGSIZE;
	result = sys_pieces_get(&pieces, header->msg_iov, header->msg_iovlen, &iter);
	if (result)
		return result;
	if (header->msg_name)
		message.address = &address;
	result = message_receive(file, &message);
	if (result >= 0) {
		err = header_store(user_header, header, &message);
		if (err)
			result = err;
	}
	rights_destroy(message.rights);
	sys_pieces_put(&pieces);
	return result;
}

static long message_receive_to(struct file *file, uptr_t user_header, uint32_t flags)
{
	struct msghdr header;

	if (get_user(&header, user_header))
		return -EFAULT;
	return header_receive(file, user_header, &header, flags);
}

long sys_recvmsg(int fd, uptr_t header, uint32_t flags)
{
	struct socket *socket;
	struct fd_ref ref;
	long result;

	if (flags & MSG_CMSG_COMPAT)
		return -EINVAL;
	result = sys_socket_borrow(fd, &ref, &socket);
	if (result)
		return result;
	result = message_receive_to(ref.file, header, flags);
	fd_return(ref);
	return result;
}

/* Until `count` messages, the deadline (looked at after each), or an error; with MSG_WAITFORONE
 * only the first is waited for. */
static long receive_many(
	struct file *file, uptr_t headers, uint32_t count, uint32_t flags, uint64_t deadline_ns)
{
	struct socket *socket = socket_of(file);
	long result = socket_take_error(socket);
	uint32_t done = 0;

	if (result)
		return result;
	while (done < count) {
		uptr_t header = headers + done * sizeof(struct mmsghdr);

		result = length_store(
			header, message_receive_to(file, header, flags & ~MSG_WAITFORONE));
		if (result)
			break;
		done++;
		if (flags & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
		if (deadline_ns != WAIT_FOREVER && clock_ns() >= deadline_ns)
			break;
	}
	/* What comes after messages is for the next call. */
	if (done && result && result != -EAGAIN && result != -ERESTARTSYS)
		WRITE_ONCE(socket->error, (uint32_t)-result);
	return done ? (long)done : result;
}

long sys_recvmmsg(int fd, uptr_t headers, uint32_t count, uint32_t flags, uptr_t timeout)
{
	uint64_t deadline_ns = WAIT_FOREVER, now_ns;
	struct socket *socket;
	struct fd_ref ref;
	long result;
	int64_t ns;

	if (flags & MSG_CMSG_COMPAT)
		return -EINVAL;
	if (timeout) {
		result = sys_get_time(timeout, &ns);
		if (result)
			return result;
		deadline_ns = clock_ns() + (uint64_t)ns;
	}
	result = sys_socket_borrow(fd, &ref, &socket);
	if (result)
		return result;
	result = receive_many(ref.file, headers, count, flags, deadline_ns);
	fd_return(ref);
	now_ns = clock_ns();
	if (timeout && result > 0 &&
		sys_put_time(timeout, (int64_t)(max(deadline_ns, now_ns) - now_ns)))
		return -EFAULT;
	return result;
}
