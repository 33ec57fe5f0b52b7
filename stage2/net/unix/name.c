/*
 * Names of sockets, and the table of all of them.
 *
 * A name is a path, whose node is what counts (sys looks paths up; here a node is only something to
 * compare), or bytes behind a NUL ("abstract"), which with the type of the socket are all there is.
 * One table serves both and /proc: a bound socket stands in the bucket of its name, another in any.
 * The table holds no references: a socket takes itself out when its file goes.
 */
#include "net/unix/name.h"

#include "abi/errno.h"
#include "core/random.h"
#include "core/spinlock.h"
#include "lib/assert.h"
#include "lib/format.h"
#include "lib/hash.h"
#include "lib/string.h"
#include "mm/slab.h"

#define BUCKETS        256
#define ADDRESS_EMPTY  offsetof(struct sockaddr_un, sun_path) /* a family and no name */
#define AUTOBIND_NAMES (1u << 20)                             /* five hexadecimal digits */

struct bucket {
	struct spinlock lock;     /* RANK_REFS */
	struct list_head sockets; /* [lock] struct unix_socket.table_link */
};

static struct {
	struct bucket buckets[BUCKETS];
	struct hash_key key;     /* [I] */
	uint32_t next_automatic; /* [a] */
} table;

static struct slab_cache name_cache = SLAB_CACHE("unix-name", struct unix_name);

void unix_init(void)
{
	for (unsigned i = 0; i < BUCKETS; i++) {
		spin_init(&table.buckets[i].lock, "unix-table", RANK_REFS);
		list_init(&table.buckets[i].sockets);
	}
	random_bytes(&table.key, sizeof(table.key));
	table.next_automatic = (uint32_t)random_u64();
}

/* ---- names ----------------------------------------------------------------------------------- */

void unix_name_get(struct unix_name *name)
{
	__atomic_add_fetch(&name->refs, 1, __ATOMIC_RELAXED);
}

void unix_name_put(struct unix_name *name)
{
	if (__atomic_sub_fetch(&name->refs, 1, __ATOMIC_ACQ_REL))
		return;
	if (name->address.made)
		file_put(name->address.made);
	slab_free(&name_cache, name);
}

const char *unix_address_path(struct socket_address *address)
{
	if (unix_address_check(address) || address->un.sun_path[0] == '\0')
		return NULL;
	address->data[address->bytes] = '\0';
	return address->un.sun_path;
}

int unix_address_check(const struct socket_address *address)
{
	if (address->bytes <= ADDRESS_EMPTY || address->bytes > sizeof(struct sockaddr_un))
		return -EINVAL;
	return address->family == AF_UNIX ? 0 : -EINVAL;
}

static uint64_t address_hash(const struct socket_address *address, int type)
{
	if (address->node)
		return hash_u64((uint64_t)address->node);
	return hash_bytes(&table.key, (uint64_t)type, address->data, address->bytes);
}

static int name_create(const struct socket_address *address, int type, struct unix_name **result)
{
	struct unix_name *name = slab_zalloc(&name_cache);

	if (!name)
		return -ENOMEM;
	name->refs = 1;
	name->address.bytes = address->bytes;
	memcpy(name->address.data, address->data, address->bytes);
	name->address.node = address->node;
	name->address.made = address->made;
	if (address->made) {
		/* With its NUL, and nothing behind it. */
		name->address.bytes =
			(uint32_t)(strlen(address->data + ADDRESS_EMPTY) + ADDRESS_EMPTY + 1);
		file_get(address->made);
	}
	name->hash = address_hash(address, type);
	*result = name;
	return 0;
}

static bool address_same(const struct socket_address *a, const struct socket_address *b)
{
	if (a->node || b->node)
		return a->node == b->node;
	return a->bytes == b->bytes && memcmp(a->data, b->data, a->bytes) == 0;
}

/* ---- the table ------------------------------------------------------------------------------- */

static struct bucket *bucket_of(uint64_t hash)
{
	return &table.buckets[hash % BUCKETS];
}

/* An abstract name is a name for one type; a node is it for all. */
static struct unix_socket *find_locked(
	struct bucket *bucket, const struct socket_address *address, int type)
{
	struct unix_socket *socket;

	spin_assert_held(&bucket->lock);
	list_for_each(socket, &bucket->sockets, table_link) {
		/* An accepted socket has its listener's name, and is not found by it. */
		if (!socket->name || socket->name->hash != socket->bucket)
			continue;
		if (!address->node && socket->socket.type != type)
			continue;
		if (address_same(&socket->name->address, address))
			return socket;
	}
	return NULL;
}

/* Into the bucket of `hash`; name NULL: without one. -EADDRINUSE. */
static int table_enter(struct unix_socket *self, uint64_t hash, struct unix_name *name)
{
	struct bucket *bucket = bucket_of(hash);
	int err = 0;

	spin_lock(&bucket->lock);
	if (name && find_locked(bucket, &name->address, self->socket.type)) {
		err = -EADDRINUSE;
	} else {
		if (name)
			__atomic_store_n(&self->name, name, __ATOMIC_RELEASE);
		self->bucket = hash;
		list_add(&self->table_link, &bucket->sockets);
	}
	spin_unlock(&bucket->lock);
	return err;
}

static void table_leave(struct unix_socket *self)
{
	struct bucket *bucket = bucket_of(self->bucket);

	spin_lock(&bucket->lock);
	list_del(&self->table_link);
	spin_unlock(&bucket->lock);
}

static uint64_t unnamed_hash(const struct unix_socket *self)
{
	return hash_u64(self->socket.ino);
}

void unix_table_add(struct unix_socket *self)
{
	int err = table_enter(self, unnamed_hash(self), NULL);

	assert(!err);
}

void unix_table_remove(struct unix_socket *self)
{
	table_leave(self);
}

int unix_find(const struct unix_socket *self, const struct socket_address *address,
	struct unix_socket **found)
{
	int type = self->socket.type;
	struct unix_socket *socket;
	struct bucket *bucket;

	if (unix_address_check(address))
		return -EINVAL;
	if (address->un.sun_path[0] && !address->node)
		return address->node_error;
	bucket = bucket_of(address_hash(address, type));
	spin_lock(&bucket->lock);
	socket = find_locked(bucket, address, type);
	if (socket)
		unix_get(socket);
	spin_unlock(&bucket->lock);
	if (!socket)
		return -ECONNREFUSED;
	if (socket->socket.type != type) {
		unix_put(socket);
		return -EPROTOTYPE;
	}
	*found = socket;
	return 0;
}

/* ---- bind(2) --------------------------------------------------------------------------------- */

/* Give it the name, whose reference is taken over on success. -EINVAL: it has one. */
static int bind_locked(struct unix_socket *self, struct unix_name *name)
{
	int err;

	if (self->name)
		return -EINVAL;
	table_leave(self);
	err = table_enter(self, name->hash, name);
	if (err)
		unix_table_add(self);
	return err;
}

int unix_bind(struct socket *socket, const struct socket_address *address)
{
	struct unix_socket *self = unix_of(socket);
	struct unix_name *name;
	int err;

	if (address->bytes == ADDRESS_EMPTY && address->family == AF_UNIX)
		return unix_autobind(self);
	err = unix_address_check(address);
	if (!err)
		err = name_create(address, socket->type, &name);
	if (err)
		return err;
	mutex_lock(&self->lock);
	err = bind_locked(self, name);
	mutex_unlock(&self->lock);
	if (err)
		unix_name_put(name);
	return err;
}

static int autobind_locked(struct unix_socket *self)
{
	struct socket_address address = { .bytes = ADDRESS_EMPTY + 6, .family = AF_UNIX };
	struct unix_name *name;
	int err;

	for (uint32_t tries = 0; tries < AUTOBIND_NAMES; tries++) {
		uint32_t number = __atomic_add_fetch(&table.next_automatic, 1, __ATOMIC_RELAXED);

		snprintf(address.un.sun_path + 1, 6, "%05x", number % AUTOBIND_NAMES);
		err = name_create(&address, self->socket.type, &name);
		if (err)
			return err;
		err = bind_locked(self, name);
		if (!err)
			return 0;
		unix_name_put(name);
		if (err != -EADDRINUSE)
			return err;
	}
	return -ENOSPC;
}

int unix_autobind(struct unix_socket *self)
{
	int err = 0;

	mutex_lock(&self->lock);
	if (!self->name)
		err = autobind_locked(self);
	mutex_unlock(&self->lock);
	return err;
}

int unix_autobind_passcred(struct unix_socket *self)
{
	if (!unix_switch(self, SOCKET_PASSCRED) || READ_ONCE(self->name))
		return 0;
	return unix_autobind(self);
}

/* ---- asking for names ------------------------------------------------------------------------ */

void unix_name_copy(const struct unix_socket *from, struct socket_address *to)
{
	const struct unix_name *name = __atomic_load_n(&from->name, __ATOMIC_ACQUIRE);

	if (!to || !name)
		return;
	to->bytes = name->address.bytes;
	memcpy(to->data, name->address.data, name->address.bytes);
}

int unix_name_of(struct socket *socket, bool peer, struct socket_address *address)
{
	struct unix_socket *self = unix_of(socket);
	int err = 0;

	address->bytes = ADDRESS_EMPTY;
	address->family = AF_UNIX;
	mutex_lock(&self->lock);
	if (!peer)
		unix_name_copy(self, address);
	else if (self->peer)
		unix_name_copy(self->peer, address);
	else
		err = -ENOTCONN;
	mutex_unlock(&self->lock);
	return err;
}

void unix_for_each(void (*fn)(const struct unix_info *info, void *data), void *data)
{
	static const struct socket_address none;
	struct unix_socket *socket;

	for (unsigned i = 0; i < BUCKETS; i++) {
		spin_lock(&table.buckets[i].lock);
		list_for_each(socket, &table.buckets[i].sockets, table_link) {
			const struct unix_info info = {
				.refs = READ_ONCE(socket->socket.refs),
				.listens = READ_ONCE(socket->socket.listens),
				.connected = READ_ONCE(socket->state) == UNIX_CONNECTED,
				.has_file = !READ_ONCE(socket->embryo),
				.type = socket->socket.type,
				.ino = socket->socket.ino,
				.name = socket->name ? &socket->name->address : &none,
			};

			fn(&info, data);
		}
		spin_unlock(&table.buckets[i].lock);
	}
}
