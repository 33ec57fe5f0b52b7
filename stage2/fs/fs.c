/*
 * The files room as a whole: setting up, writing everything back, giving memory back.
 */
#include "fs/fs.h"

#include "fs/page_cache.h"
#include "fs/superblock.h"

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

void fs_drop_pages(void)
{
	page_cache_shrink(UINT64_MAX);
}

void fs_drop_names(void)
{
	dentry_shrink(UINT64_MAX);
}
