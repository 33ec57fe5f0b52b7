/* Shared memory of System V. */
#define _GNU_SOURCE
#include "ipc.h"

#include <sys/shm.h>

#ifndef SHM_STAT_ANY
#define SHM_STAT_ANY 15
#endif

#define KEY  0x5111
#define PAGE 4096

static void show_stat(int id)
{
	struct shmid_ds st;

	if (SHOW(shmctl(id, IPC_STAT, &st)))
		return;
	printf("  key %#x mode %o size %lu attached %lu made by %s, last %s; a %s d %s c %s; uid "
	       "%d gid "
	       "%d cuid %d cgid %d\n",
		st.shm_perm.__key, st.shm_perm.mode, (unsigned long)st.shm_segsz,
		(unsigned long)st.shm_nattch, st.shm_cpid == getpid() ? "me" : "another",
		st.shm_lpid == 0          ? "nobody"
		: st.shm_lpid == getpid() ? "me"
					  : "another",
		is_now(st.shm_atime), is_now(st.shm_dtime), is_now(st.shm_ctime), st.shm_perm.uid,
		st.shm_perm.gid, st.shm_perm.cuid, st.shm_perm.cgid);
}

static void getting(void)
{
	int id;

	puts("-- get");
	SHOW(shmget(KEY, PAGE, 0600));
	id = MAKE(shmget(KEY, 5000, IPC_CREAT | 0640));
	show_stat(id);
	printf("again the same: %d\n", shmget(KEY, 0, 0) == id);
	printf("smaller: %d\n", shmget(KEY, 100, 0600) == id);
	SHOW(shmget(KEY, 5001, 0600));
	SHOW(shmget(KEY, 8192, 0600));
	SHOW(shmget(KEY, 5000, IPC_CREAT | IPC_EXCL | 0600));
	printf("excl alone: %d\n", shmget(KEY, 0, IPC_EXCL) == id);
	SHOW(shmget(KEY + 1, 0, IPC_CREAT | 0600));
	SHOW(shmget(IPC_PRIVATE, 0, 0600));
	SHOW(shmget(IPC_PRIVATE, -1, 0600));
	SHOW(shmget(IPC_PRIVATE, 1ul << 62, 0600));
	SHOW(shmctl(id, IPC_RMID, NULL));
	SHOW(shmctl(id, IPC_RMID, NULL));
	SHOW(shmctl(-1, IPC_RMID, NULL));
	SHOW(shmget(KEY, 0, 0));
	SHOW(shmctl(id, 99, NULL));
	SHOW(shmctl(id, -1, NULL));
	/* The place may be used again: the old identifier is another. */
	for (int i = 0; i < 200; i++) {
		int other = shmget(IPC_PRIVATE, PAGE, 0600);

		if (other == id)
			puts("an identifier came back");
		shmctl(other, IPC_RMID, NULL);
	}
}

static void map_line(void *address)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[256], start[32];

	snprintf(start, sizeof(start), "%lx-", (unsigned long)address);
	while (fgets(line, sizeof(line), maps))
		if (strncmp(line, start, strlen(start)) == 0)
			printf("  %.4s %s", strchr(line, ' ') + 1, strstr(line, "/SYSV"));
	fclose(maps);
}

static void child_writes(int id)
{
	char *map = shmat(id, NULL, 0);

	strcpy(map, "from the child");
	SHOW(shmdt(map));
}

static void attaching(void)
{
	int id = MAKE(shmget(KEY, 3 * PAGE + 1, IPC_CREAT | 0600));
	char *a, *b, *fixed;

	puts("-- attach");
	a = SHOW_MAP(shmat(id, NULL, 0));
	show_stat(id);
	map_line(a);
	printf("zeros: %d %d\n", a[0], a[4 * PAGE - 1]);
	b = SHOW_MAP(shmat(id, NULL, SHM_RDONLY));
	map_line(b);
	strcpy(a, "hello");
	printf("%s\n", b);
	show_access("read-only", b);
	SHOW(mprotect(b, PAGE, PROT_READ | PROT_WRITE));
	in_child(child_writes, id, 0, 0);
	printf("%s\n", b);
	show_stat(id);
	SHOW(shmdt(b));
	SHOW(shmdt(b));
	SHOW(shmdt(a + PAGE));
	SHOW(shmdt(a + 1));
	show_stat(id);
	/* At a place. */
	fixed = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	SHOW_MAP(shmat(id, fixed, 0));
	SHOW_MAP(shmat(id, fixed + 1, 0));
	SHOW_MAP(shmat(id, fixed + 1, SHM_RND));
	SHOW_MAP(shmat(id, NULL, SHM_REMAP));
	SHOW_MAP(shmat(id, (void *)1, SHM_REMAP | SHM_RND));
	printf("there: %d\n", shmat(id, fixed + 1, SHM_REMAP | SHM_RND) == fixed);
	printf("%s\n", fixed);
	munmap(fixed + 8 * PAGE, 8 * PAGE);
	printf("there: %d\n", shmat(id, fixed + 8 * PAGE + 5, SHM_RND) == fixed + 8 * PAGE);
	SHOW_MAP(shmat(id, fixed + 9 * PAGE, 0));
	show_stat(id);
	/* In pieces: all that is left goes. */
	SHOW(munmap(fixed + 9 * PAGE, PAGE));
	show_stat(id);
	SHOW(shmdt(fixed + 8 * PAGE));
	SHOW(shmdt(fixed + 8 * PAGE));
	printf("gone: %d %d\n", can_read(fixed + 8 * PAGE), can_read(fixed + 10 * PAGE));
	/* The first page has gone: as if it were there. */
	SHOW(munmap(fixed, PAGE));
	SHOW(shmdt(fixed + PAGE));
	SHOW(shmdt(fixed));
	SHOW(shmdt(fixed + 4 * PAGE));
	show_stat(id);
	printf("%s\n", a);
	/* Moved: it is found where it is now. */
	b = mremap(a, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, fixed + 8 * PAGE);
	printf("moved: %d %s\n", b == fixed + 8 * PAGE, b);
	SHOW(shmdt(a));
	SHOW(shmdt(b));
	SHOW(shmctl(id, IPC_RMID, NULL));
	SHOW_MAP(shmat(id, NULL, 0));
	SHOW_MAP(shmat(-1, NULL, 0));
}

static void removed_while_attached(void)
{
	int id = MAKE(shmget(KEY, PAGE, IPC_CREAT | 0600)), other, pid, ends[2];
	char *a, byte;

	puts("-- removed while attached");
	a = shmat(id, NULL, 0);
	SHOW(shmctl(id, IPC_RMID, NULL));
	show_stat(id);
	SHOW(shmget(KEY, 0, 0));
	other = MAKE(shmget(KEY, PAGE, IPC_CREAT | 0600));
	strcpy(a, "still there");
	printf("another: %d\n", other != id);
	printf("by identifier: %s\n", (char *)shmat(id, NULL, 0));
	map_line(a);
	SHOW(shmctl(id, IPC_RMID, NULL));
	pipe(ends);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		read(ends[0], &byte, 1);
		printf("the child: %s\n", a);
		show_stat(id);
		SHOW(shmdt(a));
		fflush(stdout);
		_exit(0);
	}
	show_stat(id);
	SHOW(shmdt(a));
	show_stat(id);
	write(ends[1], "x", 1);
	join(pid);
	show_stat(id);
	SHOW(shmctl(other, IPC_RMID, NULL));
}

static void by_others(int id)
{
	struct shmid_ds st;

	SHOW_MAP(shmat(id, NULL, 0));
	printf("to read: %d\n", shmat(id, NULL, SHM_RDONLY) != MAP_FAILED);
	SHOW(shmget(KEY, 0, 0));
	printf("get 0400: %d, 0600: %d\n", shmget(KEY, 0, 0400) >= 0, shmget(KEY, 0, 0600) >= 0);
	SHOW(shmctl(id, IPC_STAT, &st));
	SHOW(shmctl(id, IPC_RMID, NULL));
	SHOW(shmctl(id, SHM_LOCK, NULL));
	SHOW(shmctl(id, SHM_UNLOCK, NULL));
	st.shm_perm.mode = 0777;
	SHOW(shmctl(id, IPC_SET, &st));
}

static void rights(void)
{
	int id = shmget(KEY, PAGE, IPC_CREAT | 0640);
	struct shmid_ds st;

	puts("-- rights");
	/* The result of a get without bits is the identifier. */
	shmctl(id, IPC_STAT, &st);
	st.shm_perm.uid = 1000;
	st.shm_perm.gid = 100;
	st.shm_perm.mode = 07640;
	SHOW(shmctl(id, IPC_SET, &st));
	show_stat(id);
	puts("another:");
	shmctl(id, IPC_STAT, &st);
	in_child(by_others, id, 2000, 2000);
	puts("the group:");
	in_child(by_others, id, 2000, 100);
	st.shm_perm.uid = -1;
	SHOW(shmctl(id, IPC_SET, &st));
	SHOW(shmctl(id, IPC_SET, (void *)8));
	SHOW(shmctl(id, IPC_STAT, (void *)8));
	SHOW(shmctl(id, SHM_LOCK, NULL));
	show_stat(id);
	SHOW(shmctl(id, SHM_UNLOCK, NULL));
	show_stat(id);
	SHOW(shmctl(id, IPC_RMID, NULL));
}

static void infos(void)
{
	int ids[3], index, highest, found = 0;
	struct shm_info info, after;
	struct shmid_ds st;
	struct shminfo limits;

	puts("-- info");
	highest = shmctl(0, SHM_INFO, (void *)&info);
	for (int i = 0; i < 3; i++)
		ids[i] = shmget(IPC_PRIVATE, 2 * PAGE, 0600);
	*(char *)shmat(ids[0], NULL, 0) = 1;
	highest = shmctl(0, SHM_INFO, (void *)&after);
	printf("ids %d pages %lu present %lu\n", after.used_ids - info.used_ids,
		after.shm_tot - info.shm_tot, after.shm_rss - info.shm_rss);
	for (index = 0; index <= highest; index++) {
		int id = shmctl(index, SHM_STAT, &st);

		for (int i = 0; i < 3; i++)
			found += id == ids[i];
		if (id >= 0 && shmctl(index, SHM_STAT_ANY, &st) != id)
			puts("SHM_STAT_ANY finds another");
	}
	printf("found %d\n", found);
	SHOW(shmctl(highest + 1, SHM_STAT, &st));
	printf("IPC_INFO: %d\n", shmctl(0, IPC_INFO, (void *)&limits) == highest);
	printf("max %lu min %lu mni %lu seg %lu all %lu\n", limits.shmmax, limits.shmmin,
		limits.shmmni, limits.shmseg, limits.shmall);
	show_proc("/proc/sysvipc/shm", ids[1]);
	for (int i = 0; i < 3; i++)
		shmctl(ids[i], IPC_RMID, NULL);
	show_file("/proc/sys/kernel/shmmax");
	show_file("/proc/sys/kernel/shmall");
	show_file("/proc/sys/kernel/shmmni");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	getting();
	attaching();
	removed_while_attached();
	rights();
	infos();
	return 0;
}
