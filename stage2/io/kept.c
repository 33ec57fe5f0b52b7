/* What is kept of a file that is in no file system. */
#include "io/kept.h"

#include "abi/stat.h"
#include "core/clock.h"
#include "lib/compiler.h"

void kept_init(
	struct kept_attributes *kept, uint32_t mode, const struct cred *owner, int64_t now_ns)
{
	*kept = (struct kept_attributes){
		.mode = mode,
		.uid = owner->fsuid,
		.gid = owner->fsgid,
		.atime_ns = now_ns,
		.mtime_ns = now_ns,
		.ctime_ns = now_ns,
	};
}

void kept_change(struct kept_attributes *kept, const struct attributes *change)
{
	if (change->set & ATTR_MODE)
		WRITE_ONCE(kept->mode, (kept->mode & S_IFMT) | (change->mode & S_IALLUGO));
	if (change->set & ATTR_UID)
		WRITE_ONCE(kept->uid, change->uid);
	if (change->set & ATTR_GID)
		WRITE_ONCE(kept->gid, change->gid);
	if (change->set & ATTR_ATIME)
		WRITE_ONCE(kept->atime_ns, change->atime_ns);
	if (change->set & ATTR_MTIME)
		WRITE_ONCE(kept->mtime_ns, change->mtime_ns);
	WRITE_ONCE(kept->ctime_ns, clock_wall_ns());
}

void kept_stat(const struct kept_attributes *kept, struct stat *stat)
{
	stat->st_mode = READ_ONCE(kept->mode);
	stat->st_uid = READ_ONCE(kept->uid);
	stat->st_gid = READ_ONCE(kept->gid);
	time_split(READ_ONCE(kept->atime_ns), &stat->st_atime, &stat->st_atime_nsec);
	time_split(READ_ONCE(kept->mtime_ns), &stat->st_mtime, &stat->st_mtime_nsec);
	time_split(READ_ONCE(kept->ctime_ns), &stat->st_ctime, &stat->st_ctime_nsec);
}

void time_split(int64_t ns, int64_t *sec, uint64_t *nsec)
{
	uint64_t before = unlikely(ns < 0) ? DIV_ROUND_UP(-(uint64_t)ns, NS_PER_SEC) : 0;
	uint64_t after = (uint64_t)ns + before * NS_PER_SEC;

	*sec = (int64_t)(after / NS_PER_SEC - before);
	*nsec = after % NS_PER_SEC;
}
