#ifndef CORE_LOCK_RANK_H
#define CORE_LOCK_RANK_H
/*
 * The order of all locks: a thread takes them only in ascending rank. Two locks of one rank are
 * never held together, unless LOCKING.md says in which order. DEBUG=1 asserts it. stage2/LOCKING.md
 * says what each guards.
 *
 * Sleeping locks come first: a spinlock may be taken under them, never the other way round.
 */
enum lock_rank {
	/* mutexes, outermost first */
	RANK_FS_RENAME = 1, /* fs: a rename that moves directories, one a file system */
	RANK_FILE_POS,      /* io: position of an open file */
	RANK_VNODE_DIR,     /* fs: a directory; parent before child, else by address */
	RANK_VNODE,         /* fs: a file's size and attributes */
	RANK_MOUNTS,        /* fs: the mount table */
	RANK_PROC_TREE,     /* proc: process table, parent and child links; /proc reads it */
	RANK_EPOLL_LINKS,   /* io: which sets a file is in */
	RANK_EPOLL,         /* io: the files of one set */
	RANK_PIPE,          /* io: bytes and ends of a pipe */
	RANK_GARBAGE,       /* net: sockets that messages refer to */
	RANK_SOCKET,        /* net: one socket; two of AF_UNIX by address */
	RANK_IPC_TABLE,     /* ipc: the objects of one kind */
	RANK_IPC_OBJECT,    /* ipc: one of them */
	RANK_OOM,           /* proc: which process must go for want of memory */
	RANK_WRITEBACK,     /* fs: memory for writing pages where there is no other */
	RANK_ASPACE,        /* vm: areas of an address space */
	RANK_PAGE_CACHE,    /* vm: pages of an anonymous object */
	RANK_FS_DEVICE,     /* fs: a format's own structures */
	RANK_DEVICE,        /* dev: configuration of a device */
	RANK_KMAP,          /* mm: kernel mappings: never sleeps under it for memory */

	RANK_SPIN,            /* from here on: spinlocks */
	RANK_TTY = RANK_SPIN, /* tty, chr: buffers of a character device */
	RANK_SIGNAL,          /* proc: pending signals of a process */
	RANK_REFS,            /* small tables: name cache, vnode hash, pid hash */
	RANK_INOTIFY,         /* fs: events and watches of one inotify; all watches */
	RANK_LRU,             /* fs: clean pages that reclaim may drop */
	RANK_FUTEX,           /* vm: a bucket of waiting futexes */
	RANK_BLK_QUEUE,       /* dev: request queue of a block device */
	RANK_VIRTQUEUE,       /* dev: one virtqueue */
	RANK_SLAB_LIST,       /* mm: the list of slab caches */
	RANK_SLAB,            /* mm: one slab cache */
	RANK_KSTACK,          /* mm: address space of kernel stacks and MMIO */
	RANK_FRAMES,          /* mm: buddy lists */
	RANK_WORK,            /* sched: deferred work list */
	RANK_WAIT_OUTER,      /* net: a wait queue whose entries wake others */
	RANK_WAIT,            /* sched: one wait queue */
	RANK_EPOLL_READY,     /* io: what is ready in one set; under a wait queue */
	RANK_EPOLL_WAIT,      /* io: the wait queue of a set */
	RANK_RUN_QUEUE,       /* sched: a CPU's run queue */
	RANK_TIMERS,          /* sched: a CPU's timer queue */
	RANK_TLB,             /* core: the shootdown in progress */
	RANK_IRQ,             /* core: IRQ table and interrupt controllers */
	RANK_RANDOM,          /* core: generator state */
	RANK_LOG,             /* core: log ring and sinks */
	RANK_UART,            /* dev: serial port, below the log because it is a sink */
	RANK_COUNT
};

#endif
