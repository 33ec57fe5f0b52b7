/*
 * The files room as a whole: setting up, writing everything back, giving memory back.
 */
#include "fs/fs.h"

#include "fs/page_cache.h"
#include "fs/superblock.h"
#include "mm/slab.h"

void fs_init(void)
{
	dentry_init();
	page_cache_init_all();
}

void fs_sync(void)
{
	struct mount *mount;

	for (unsigned i = 0; (mount = mount_at(i)) != NULL; i++) {
		if (mount->sb->ops->sync)
			mount->sb->ops->sync(mount->sb);
		mount_put(mount);
	}
}

uint64_t fs_drop_caches(void)
{
	uint64_t freed;

	dentry_shrink(UINT64_MAX);
	freed = page_cache_shrink(UINT64_MAX);
	return freed + slab_drain();
}
