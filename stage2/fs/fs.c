/*
 * The files room as a whole: setting up, writing everything back, giving memory back.
 */
#include "fs/fs.h"

#include "fs/dev/block.h"
#include "fs/page_cache.h"
#include "fs/superblock.h"
#include "fs/tmpfs/tmpfs.h"
#include "fs/writeback.h"

void fs_init(void)
{
	dentry_init();
	page_cache_init_all();
	writeback_init();
	mount_init_all();
	tmpfs_init();
}

static void sync_mount(struct mount *mount, void *data)
{
	if (mount->sb->ops->sync)
		mount->sb->ops->sync(mount->sb);
}

void fs_sync(void)
{
	mount_for_each(sync_mount, NULL);
	block_sync_all();
}

void fs_drop_pages(void)
{
	page_cache_shrink(UINT64_MAX);
}

void fs_drop_names(void)
{
	dentry_shrink(UINT64_MAX);
}
