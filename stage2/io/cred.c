/*
 * Credentials: who acts. A struct cred that more than one holder can see never changes; who wants
 * other ids copies it, changes the copy, and puts that in its place. So reading one takes no lock.
 *
 * Capabilities are not kept: root may do what a capability would allow, nobody else may.
 */
#include "io/cred.h"

#include "abi/errno.h"
#include "lib/assert.h"
#include "mm/slab.h"

static struct slab_cache cred_cache = SLAB_CACHE("cred", struct cred);
static struct cred root_cred = { .refs = 1 };

struct cred *cred_root(void)
{
	return &root_cred;
}

int cred_copy(const struct cred *from, struct cred **copy)
{
	struct cred *cred = slab_alloc(&cred_cache);

	if (!cred)
		return -ENOMEM;
	*cred = *from;
	cred->refs = 1;
	*copy = cred;
	return 0;
}

void cred_get(struct cred *cred)
{
	__atomic_add_fetch(&cred->refs, 1, __ATOMIC_RELAXED);
}

void cred_put(struct cred *cred)
{
	if (__atomic_sub_fetch(&cred->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	assert(cred != &root_cred);
	slab_free(&cred_cache, cred);
}

bool cred_in_group(const struct cred *cred, uint32_t gid)
{
	if (cred->fsgid == gid)
		return true;
	for (uint32_t i = 0; i < cred->group_count; i++)
		if (cred->groups[i] == gid)
			return true;
	return false;
}
