/*
 * More of them: mounts upon mounts, room in files, disks, what the kernel tells.
 */
#ifndef RESOLVE_IN_ROOT
#define RESOLVE_IN_ROOT 0x10
#endif

static int mounts(void)
{
	int err = 0;

	if (mkdir("/tmp/mnt", 0700))
		return -errno;
	if (mount("tmpfs", "/tmp/mnt", "tmpfs", 0, "size=1m")) {
		err = -errno;
	} else {
		if (mkdir("/tmp/mnt/dir", 0700))
			err = -errno;
		if (umount("/tmp/mnt"))
			umount2("/tmp/mnt", MNT_DETACH);
	}
	rmdir("/tmp/mnt");
	return err;
}

/* Of the mount at /tmp/mnt: copies of it and of what lies upon it; moved, with other flags. */
static int bind_all(void)
{
	if (mkdir("/tmp/mnt/a", 0700) || mkdir("/tmp/mnt/b", 0700) || mkdir("/tmp/mnt/c", 0700) ||
		mount("tmpfs", "/tmp/mnt/a", "tmpfs", 0, NULL) ||
		mount("proc", "/tmp/mnt/b", "proc", 0, NULL) ||
		mount("/tmp/mnt", "/tmp/mnt/c", NULL, MS_BIND | MS_REC, NULL) ||
		mount("/tmp/mnt/a", "/tmp/mnt/c/c", NULL, MS_MOVE, NULL) ||
		mount(NULL, "/tmp/mnt/c", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) ||
		mount(NULL, "/tmp/mnt", NULL, MS_REMOUNT, "size=2m"))
		return -errno;
	return 0;
}

static int binds(void)
{
	int err = 0;

	if (mkdir("/tmp/mnt", 0700))
		return -errno;
	if (mount("tmpfs", "/tmp/mnt", "tmpfs", 0, "size=1m")) {
		err = -errno;
	} else {
		err = bind_all();
		umount2("/tmp/mnt", MNT_DETACH);
	}
	rmdir("/tmp/mnt");
	return err;
}

/* A file without a name, with holes and room, which gets a name. */
static int use_room(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_start = 5, .l_len = 5 };
	char path[64], *map;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fallocate(fd, 0, 0, 20 * 4096) || pwrite(fd, "text", 4, 5 * 4096) != 4 ||
		fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 100, 9 * 4096) ||
		lseek(fd, 0, SEEK_DATA) < 0 || fcntl(fd, F_OFD_SETLK, &lock))
		return -errno;
	lock.l_type = F_UNLCK;
	lock.l_start = 7;
	lock.l_len = 1;
	if (fcntl(fd, F_OFD_SETLK, &lock) ||
		linkat(AT_FDCWD, path, AT_FDCWD, "/tmp/named", AT_SYMLINK_FOLLOW))
		return -errno;
	map = mmap(NULL, 20 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	map[3 * 4096] = 1;
	munmap(map, 20 * 4096);
	return 0;
}

static int rooms(void)
{
	struct {
		uint64_t flags, mode, resolve;
	} how = { .flags = O_RDONLY, .resolve = RESOLVE_IN_ROOT };
	int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600), err, dir;

	if (fd < 0)
		return -errno;
	err = use_room(fd);
	close(fd);
	dir = open("/tmp", O_RDONLY | O_DIRECTORY);
	if (dir < 0)
		err = -errno;
	fd = (int)syscall(SYS_openat2, dir, "/../named", &how, sizeof(how));
	if (fd < 0 && !err)
		err = -errno;
	close(fd);
	close(dir);
	unlink("/tmp/named");
	return err;
}

/* Through the page cache, a mapping, and past both. What an error of writing says comes once. */
static int use_disk(int fd, int direct)
{
	static char block[8192] __attribute__((aligned(4096)));
	char *map;
	int err = 0;

	if (pwrite(fd, block, 8192, 4096) != 8192 || pread(fd, block, 100, 1 << 20) != 100 ||
		pwrite(direct, block, 4096, 2 << 20) != 4096 || fsync(fd))
		return -errno;
	map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4096);
	if (map == MAP_FAILED)
		return -errno;
	map[5000] = 1;
	if (msync(map, 8192, MS_SYNC))
		err = -errno;
	munmap(map, 8192);
	return err;
}

static int disks(void)
{
	int fd = open("/dev/vdb", O_RDWR), direct = open("/dev/vdb", O_RDWR | O_DIRECT), err;

	err = fd < 0 || direct < 0 ? -errno : use_disk(fd, direct);
	close(fd);
	close(direct);
	return err;
}

/* Files that the kernel writes when they are read. */
static int told(void)
{
	static const char *const files[] = { "/proc/self/smaps", "/proc/self/smaps_rollup",
		"/proc/self/mountinfo", "/proc/meminfo", "/proc/vmstat", "/proc/self/oom_score",
		"/sys/block/vda/uevent", "/sys/devices/system/cpu/possible",
		"/sys/bus/pci/devices/0000:00:02.0/config", "/sys/class/block/vda/queue/../stat" };
	static char buf[4096];

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		int fd = open(files[i], O_RDONLY);
		ssize_t bytes = fd < 0 ? -1 : read(fd, buf, sizeof(buf));
		int err = -errno;

		close(fd);
		if (bytes < 0)
			return err;
	}
	return 0;
}
