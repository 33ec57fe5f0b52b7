#ifndef FS_WRITEBACK_H
#define FS_WRITEBACK_H
/*
 * Writing changed pages to where they are stored: by a thread of the kernel when they are old or
 * many, at once when somebody asks, and when memory is short.
 *
 * Of a cache whose file system cannot write (tmpfs) nothing here ever hears.
 */
#include <stdbool.h>
#include <stdint.h>

#include "fs/page_cache.h"
#include "lib/compiler.h"

/* Once at boot, when there are threads. */
void writeback_init(void);

/* Write what is dirty among pages [first, last], whatever is under way included, and wait for it.
 * What became of it is in cache->errors. What is dirtied meanwhile need not be written. Sleeps;
 * neither an address space's lock nor one of higher rank is held. */
void writeback_range(struct page_cache *cache, uint64_t first, uint64_t last);
/* Only start it, or only wait for what is under way: sync_file_range(2). */
void writeback_start(struct page_cache *cache, uint64_t first, uint64_t last);
void writeback_wait(struct page_cache *cache, uint64_t first, uint64_t last);

/* Before more is dirtied: wait while too much is dirty. -EINTR: the thread is being killed. */
__must_check int writeback_throttle(const struct page_cache *cache);

/* Memory is short: wait until some pages have become clean, and are the first to be dropped. How
 * many; 0: there are none to be. The locks that the caller has do not matter. */
uint64_t writeback_for_memory(void);

/* Pages that are dirty, that are being written. */
uint64_t writeback_dirty_pages(void);
uint64_t writeback_writing_pages(void);

/* Settings of /proc/sys/vm: dirty_background_ratio and dirty_ratio in percent of what memory could
 * be dirty, dirty_expire_centisecs. */
enum writeback_setting {
	WRITEBACK_BACKGROUND,
	WRITEBACK_LIMIT,
	WRITEBACK_EXPIRE,
	WRITEBACK_SETTINGS
};
uint64_t writeback_setting(enum writeback_setting setting);
/* -EINVAL: out of range. */
int writeback_set(enum writeback_setting setting, uint64_t value);

/* For the page cache, under the cache's lock: a page has become DIRTY; a DIRTY one goes away. */
void writeback_dirtied_locked(struct page_cache *cache);
void writeback_dropped_locked(struct page_cache *cache);

#endif
