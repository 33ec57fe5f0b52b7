/*
 * Options of sockets: getsockopt(2), setsockopt(2) at the level SOL_SOCKET, which is the same for
 * all families. Families have no levels of their own yet.
 */
#include "abi/errno.h"
#include "abi/time.h"
#include "core/clock.h"
#include "net/socket.h"
#include "vm/uaccess.h"

/* As on Linux: what is asked for counts twice, within limits that only CAP_NET_ADMIN may leave. */
#define BUFFER_ASK_MAX    212992u
#define SEND_BYTES_MIN    4608u
#define RECEIVE_BYTES_MIN 2304u

#define SECONDS_MAX (INT64_MAX / (int64_t)NS_PER_SEC / 2)

/* The option's switch; 0: it is none. */
static uint32_t switch_of(int name)
{
	switch (name) {
	case SO_DEBUG:
		return SOCKET_DEBUG;
	case SO_REUSEADDR:
		return SOCKET_REUSEADDR;
	case SO_DONTROUTE:
		return SOCKET_DONTROUTE;
	case SO_BROADCAST:
		return SOCKET_BROADCAST;
	case SO_KEEPALIVE:
		return SOCKET_KEEPALIVE;
	case SO_OOBINLINE:
		return SOCKET_OOBINLINE;
	case SO_REUSEPORT:
		return SOCKET_REUSEPORT;
	case SO_PASSCRED:
		return SOCKET_PASSCRED;
	default:
		return 0;
	}
}

/* ---- asking ---------------------------------------------------------------------------------- */

static int value_store(
	uptr_t value, uptr_t value_bytes, uint32_t room, const void *from, uint32_t bytes)
{
	bytes = min(bytes, room);
	if (copy_to_user(value, from, bytes))
		return -EFAULT;
	return put_user(value_bytes, &bytes);
}

static struct timeval timeval_of(uint64_t wait_ns)
{
	if (wait_ns == WAIT_FOREVER)
		return (struct timeval){ 0, 0 };
	return (struct timeval){
		.tv_sec = (int64_t)(wait_ns / NS_PER_SEC),
		.tv_usec = (int64_t)(wait_ns % NS_PER_SEC / NS_PER_US),
	};
}

/* An option that is a number. -ENOPROTOOPT. */
static int number_get(struct socket *socket, int name, int *number)
{
	uint32_t which = switch_of(name);

	if (which) {
		*number = (READ_ONCE(socket->switches) & which) != 0;
		return 0;
	}
	switch (name) {
	case SO_TYPE:
		*number = socket->type;
		return 0;
	case SO_DOMAIN:
		*number = socket->family;
		return 0;
	case SO_PROTOCOL:
		*number = socket->protocol;
		return 0;
	case SO_ERROR:
		*number = -socket_take_error(socket);
		return 0;
	case SO_SNDBUF:
		*number = (int)READ_ONCE(socket->send_bytes);
		return 0;
	case SO_RCVBUF:
		*number = (int)READ_ONCE(socket->receive_bytes);
		return 0;
	case SO_RCVLOWAT:
		*number = (int)READ_ONCE(socket->low_water);
		return 0;
	case SO_SNDLOWAT:
		*number = 1;
		return 0;
	case SO_ACCEPTCONN:
		*number = READ_ONCE(socket->listens);
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

static int peer_creds_get(struct socket *socket, uptr_t value, uptr_t value_bytes, uint32_t room)
{
	struct ucred creds = { .uid = UINT32_MAX, .gid = UINT32_MAX };
	struct cred *cred = NULL;
	uint32_t pid = 0;

	if (socket->ops->identity)
		socket->ops->identity(socket, &pid, &cred);
	creds.pid = (int)pid;
	if (cred) {
		creds.uid = cred->euid;
		creds.gid = cred->egid;
		cred_put(cred);
	}
	return value_store(value, value_bytes, room, &creds, sizeof(creds));
}

static int peer_groups_get(struct socket *socket, uptr_t value, uptr_t value_bytes, uint32_t room)
{
	struct cred *cred = NULL;
	uint32_t pid, bytes;
	int err;

	if (socket->ops->identity)
		socket->ops->identity(socket, &pid, &cred);
	if (!cred)
		return -ENODATA;
	bytes = cred->group_count * (uint32_t)sizeof(cred->groups[0]);
	if (room < bytes)
		err = put_user(value_bytes, &bytes) ? -EFAULT : -ERANGE;
	else
		err = value_store(value, value_bytes, bytes, cred->groups, bytes);
	cred_put(cred);
	return err;
}

static int peer_name_get(struct socket *socket, uptr_t value, uptr_t value_bytes, uint32_t room)
{
	struct socket_address address = { .bytes = 0 };

	if (socket->ops->name(socket, true, &address))
		return -ENOTCONN;
	if (room > address.bytes)
		return -EINVAL;
	return value_store(value, value_bytes, room, address.data, address.bytes);
}

int socket_get_option(struct socket *socket, int level, int name, uptr_t value, uptr_t value_bytes)
{
	struct timeval time;
	struct linger linger;
	int number, room, err;

	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	if (get_user(&room, value_bytes))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	switch (name) {
	case SO_PEERCRED:
		return peer_creds_get(socket, value, value_bytes, (uint32_t)room);
	case SO_PEERGROUPS:
		return peer_groups_get(socket, value, value_bytes, (uint32_t)room);
	case SO_PEERNAME:
		return peer_name_get(socket, value, value_bytes, (uint32_t)room);
	case SO_LINGER:
		linger = socket->linger;
		return value_store(value, value_bytes, (uint32_t)room, &linger, sizeof(linger));
	case SO_RCVTIMEO:
	case SO_RCVTIMEO_NEW:
		time = timeval_of(READ_ONCE(socket->receive_wait_ns));
		return value_store(value, value_bytes, (uint32_t)room, &time, sizeof(time));
	case SO_SNDTIMEO:
	case SO_SNDTIMEO_NEW:
		time = timeval_of(READ_ONCE(socket->send_wait_ns));
		return value_store(value, value_bytes, (uint32_t)room, &time, sizeof(time));
	default:
		err = number_get(socket, name, &number);
		if (err)
			return err;
		return value_store(value, value_bytes, (uint32_t)room, &number, sizeof(number));
	}
}

/* ---- setting --------------------------------------------------------------------------------- */

/* A time of zero is for ever; a negative one is no time at all. */
static int wait_set(uint64_t *wait_ns, uptr_t value, uint32_t value_bytes)
{
	struct timeval time;
	uint64_t ns = WAIT_FOREVER;

	if (value_bytes < sizeof(time))
		return -EINVAL;
	if (get_user(&time, value))
		return -EFAULT;
	if (time.tv_usec < 0 || time.tv_usec >= 1000000)
		return -EDOM;
	if (time.tv_sec < 0)
		ns = 0;
	else if ((time.tv_sec || time.tv_usec) && time.tv_sec < SECONDS_MAX)
		ns = (uint64_t)time.tv_sec * NS_PER_SEC + (uint64_t)time.tv_usec * NS_PER_US;
	WRITE_ONCE(*wait_ns, ns);
	return 0;
}

static int linger_set(struct socket *socket, uptr_t value, uint32_t value_bytes)
{
	struct linger linger;

	if (value_bytes < sizeof(linger))
		return -EINVAL;
	if (get_user(&linger, value))
		return -EFAULT;
	if (linger.l_onoff)
		socket->linger = (struct linger){ 1, linger.l_linger };
	else
		socket->linger.l_onoff = 0;
	return 0;
}

static int switch_set(struct socket *socket, uint32_t which, bool on, bool admin)
{
	if (which == SOCKET_DEBUG && on && !admin)
		return -EACCES;
	if (on)
		__atomic_fetch_or(&socket->switches, which, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&socket->switches, ~which, __ATOMIC_RELAXED);
	return 0;
}

static int buffer_set(struct socket *socket, int name, int asked, bool admin)
{
	bool force = name == SO_SNDBUFFORCE || name == SO_RCVBUFFORCE;
	uint32_t bytes;

	if (force && !admin)
		return -EPERM;
	if (force)
		bytes = (uint32_t)min(max(asked, 0), INT32_MAX / 2);
	else
		bytes = min((uint32_t)asked, BUFFER_ASK_MAX);
	if (name == SO_SNDBUF || name == SO_SNDBUFFORCE) {
		WRITE_ONCE(socket->send_bytes, max(bytes * 2, SEND_BYTES_MIN));
		wait_wake_all(&socket->wait, 0);
	} else {
		WRITE_ONCE(socket->receive_bytes, max(bytes * 2, RECEIVE_BYTES_MIN));
	}
	return 0;
}

static int number_set(struct socket *socket, int name, int number, bool admin)
{
	uint32_t which = switch_of(name);

	if (which)
		return switch_set(socket, which, number, admin);
	switch (name) {
	case SO_SNDBUF:
	case SO_RCVBUF:
	case SO_SNDBUFFORCE:
	case SO_RCVBUFFORCE:
		return buffer_set(socket, name, number, admin);
	case SO_RCVLOWAT:
		number = number < 0 ? INT32_MAX : max(number, 1);
		WRITE_ONCE(socket->low_water, (uint32_t)number);
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

int socket_set_option(
	struct socket *socket, int level, int name, uptr_t value, uint32_t value_bytes, bool admin)
{
	int number;

	if (level != SOL_SOCKET)
		return -EOPNOTSUPP;
	if (value_bytes < sizeof(number))
		return -EINVAL;
	if (get_user(&number, value))
		return -EFAULT;
	switch (name) {
	case SO_LINGER:
		return linger_set(socket, value, value_bytes);
	case SO_RCVTIMEO:
	case SO_RCVTIMEO_NEW:
		return wait_set(&socket->receive_wait_ns, value, value_bytes);
	case SO_SNDTIMEO:
	case SO_SNDTIMEO_NEW:
		return wait_set(&socket->send_wait_ns, value, value_bytes);
	default:
		return number_set(socket, name, number, admin);
	}
}
