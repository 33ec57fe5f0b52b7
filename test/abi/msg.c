/* Message queues of System V. */
#define _GNU_SOURCE
#include "ipc.h"

#include <signal.h>
#include <sys/msg.h>

#ifndef MSG_STAT_ANY
#define MSG_STAT_ANY 13
#endif
#ifndef MSG_COPY
#define MSG_COPY 040000
#endif

#define KEY 0x3511

struct text {
	long type;
	char text[20000];
};

static int queue_id; /* for children */

static void show_stat(int id)
{
	struct msqid_ds st;

	if (SHOW(msgctl(id, IPC_STAT, &st)))
		return;
	printf("  key %#x mode %o bytes %lu messages %lu most %lu s %s r %s c %s, sent by %s, got "
	       "by "
	       "%s; uid %d gid %d\n",
		st.msg_perm.__key, st.msg_perm.mode, (unsigned long)st.msg_cbytes,
		(unsigned long)st.msg_qnum, (unsigned long)st.msg_qbytes, is_now(st.msg_stime),
		is_now(st.msg_rtime), is_now(st.msg_ctime),
		st.msg_lspid == 0          ? "nobody"
		: st.msg_lspid == getpid() ? "me"
					   : "another",
		st.msg_lrpid == 0          ? "nobody"
		: st.msg_lrpid == getpid() ? "me"
					   : "another",
		st.msg_perm.uid, st.msg_perm.gid);
}

static int send(int id, long type, const char *text, int flags)
{
	static struct text message;

	message.type = type;
	strcpy(message.text, text);
	return msgsnd(id, &message, strlen(text) + 1, flags);
}

static void receive(int id, size_t bytes, long type, int flags)
{
	static struct text message;
	ssize_t n;

	memset(&message, 0, 32);
	n = msgrcv(id, &message, bytes, type, flags);
	if (n < 0)
		printf("  receive %zu %ld %#x: %s\n", bytes, type, flags, strerror(errno));
	else
		printf("  receive %zu %ld %#x: %zd of %ld \"%.*s\"\n", bytes, type, flags, n,
			message.type, (int)n, message.text);
}

static void getting(void)
{
	int id;

	puts("-- get");
	SHOW(msgget(KEY, 0600));
	id = MAKE(msgget(KEY, IPC_CREAT | 0640));
	show_stat(id);
	printf("the same: %d %d\n", msgget(KEY, 0) == id, msgget(KEY, IPC_CREAT | 0600) == id);
	SHOW(msgget(KEY, IPC_CREAT | IPC_EXCL));
	SHOW(msgctl(id, IPC_RMID, NULL));
	SHOW(msgctl(id, IPC_RMID, NULL));
	SHOW(msgctl(-1, IPC_RMID, NULL));
	SHOW(msgctl(id, 99, NULL));
	SHOW(send(id, 1, "x", 0));
	receive(id, 10, 0, 0);
}

static void order(void)
{
	int id = msgget(IPC_PRIVATE, 0600);

	puts("-- order");
	SHOW(send(id, 3, "three", 0));
	SHOW(send(id, 1, "one", 0));
	SHOW(send(id, 2, "two", 0));
	SHOW(send(id, 1, "one again", 0));
	SHOW(send(id, 3, "three again", 0));
	show_stat(id);
	receive(id, 100, 4, IPC_NOWAIT);
	receive(id, 100, 2, IPC_NOWAIT);
	receive(id, 100, -2, IPC_NOWAIT);
	receive(id, 100, 3, MSG_EXCEPT | IPC_NOWAIT);
	receive(id, 100, 3, MSG_EXCEPT | IPC_NOWAIT);
	receive(id, 100, -2, IPC_NOWAIT);
	receive(id, 100, (-9223372036854775807l - 1), IPC_NOWAIT);
	receive(id, 5, 0, IPC_NOWAIT);
	receive(id, 5, 0, IPC_NOWAIT | MSG_NOERROR);
	receive(id, 5, 0, IPC_NOWAIT);
	show_stat(id);
	/* Copies, by number. */
	SHOW(send(id, 7, "first", 0));
	SHOW(send(id, 8, "second", 0));
	receive(id, 100, 1, MSG_COPY | IPC_NOWAIT);
	receive(id, 100, 0, MSG_COPY | IPC_NOWAIT);
	receive(id, 3, 0, MSG_COPY | IPC_NOWAIT);
	receive(id, 3, 0, MSG_COPY | IPC_NOWAIT | MSG_NOERROR);
	receive(id, 100, 2, MSG_COPY | IPC_NOWAIT);
	receive(id, 100, -1, MSG_COPY | IPC_NOWAIT);
	receive(id, 100, 0, MSG_COPY);
	receive(id, 100, 0, MSG_COPY | IPC_NOWAIT | MSG_EXCEPT);
	show_stat(id);
	SHOW(msgctl(id, IPC_RMID, NULL));
}

static void errors(void)
{
	static struct text message = { .type = 1 };
	int id = msgget(IPC_PRIVATE, 0600);
	struct msqid_ds st;

	puts("-- errors");
	SHOW(send(id, 0, "x", 0));
	SHOW(send(id, -1, "x", 0));
	SHOW(msgsnd(id, &message, 8193, 0));
	SHOW(msgsnd(id, &message, -1, 0));
	SHOW(msgsnd(id, &message, 8192, 0));
	SHOW(msgsnd(id, &message, 8192, 0));
	SHOW(msgsnd(id, &message, 1, IPC_NOWAIT));
	SHOW(msgsnd(id, &message, 0, IPC_NOWAIT));
	SHOW(msgsnd(id, (void *)8, 1, 0));
	show_stat(id);
	SHOW(msgrcv(id, &message, -1, 0, 0));
	SHOW(msgrcv(id, (void *)8, 20000, 0, 0));
	show_stat(id);
	SHOW(msgrcv(id, &message, 20000, 0, 0));
	SHOW(msgrcv(id, &message, 20000, 0, 0));
	SHOW(msgrcv(-1, &message, 1, 0, 0));
	/* Empty messages count, too. */
	SHOW(msgsnd(id, &message, 0, 0));
	show_stat(id);
	msgctl(id, IPC_STAT, &st);
	st.msg_qbytes = 3;
	SHOW(msgctl(id, IPC_SET, &st));
	SHOW(msgsnd(id, &message, 3, IPC_NOWAIT));
	SHOW(msgsnd(id, &message, 0, IPC_NOWAIT));
	SHOW(msgsnd(id, &message, 0, IPC_NOWAIT));
	show_stat(id);
	st.msg_qbytes = 100000;
	SHOW(msgctl(id, IPC_SET, &st));
	SHOW(msgctl(id, IPC_SET, (void *)8));
	SHOW(msgctl(id, IPC_STAT, (void *)8));
	show_stat(id);
	SHOW(msgctl(id, IPC_RMID, NULL));
	/* Large ones come whole. */
	id = msgget(IPC_PRIVATE, 0600);
	for (int i = 0; i < 8192; i++)
		message.text[i] = i * 7 % 251;
	SHOW(msgsnd(id, &message, 8192, 0));
	memset(message.text, 0, sizeof(message.text));
	SHOW(msgrcv(id, &message, 5000, 0, MSG_NOERROR));
	int wrong = 0;

	for (int i = 0; i < 8192; i++)
		wrong += message.text[i] != (char)(i < 5000 ? i * 7 % 251 : 0);
	printf("wrong: %d\n", wrong);
	SHOW(msgctl(id, IPC_RMID, NULL));
}

static void receives(int type)
{
	receive(queue_id, 100, type, 0);
}

static void receives_little(int type)
{
	receive(queue_id, 2, type, 0);
}

static void sends(int bytes)
{
	static struct text message = { .type = 9 };
	int result = msgsnd(queue_id, &message, bytes, 0);

	printf("  sent %d: %s\n", bytes, result ? strerror(errno) : "ok");
}

static void on_signal(int signal)
{
}

static void is_interrupted(int restart)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = restart ? SA_RESTART : 0 };

	sigaction(SIGUSR1, &action, NULL);
	receives(1);
}

static void waiting(void)
{
	struct msqid_ds st;
	int a, b;

	puts("-- waiting");
	queue_id = msgget(IPC_PRIVATE, 0600);
	a = start(receives, 5);
	b = start(receives, -4);
	doze(100);
	SHOW(send(queue_id, 6, "for nobody", 0));
	SHOW_AFTER(send(queue_id, 5, "five", 0), a);
	SHOW_AFTER(send(queue_id, 4, "four", 0), b);
	show_stat(queue_id);
	receive(queue_id, 100, 0, 0);
	/* One that has too little room is told; the message waits for another. */
	a = start(receives_little, 0);
	doze(100);
	SHOW_AFTER(send(queue_id, 1, "long", 0), a);
	receive(queue_id, 100, 0, IPC_NOWAIT);
	/* Senders wait for room. */
	sends(8192);
	sends(8000);
	a = start(sends, 1000);
	doze(100);
	b = start(sends, 100);
	join(b);
	show_stat(queue_id);
	SHOW_AFTER(msgrcv(queue_id, &st, 0, 9, MSG_NOERROR), a);
	show_stat(queue_id);
	msgctl(queue_id, IPC_STAT, &st);
	a = start(sends, 8000);
	doze(100);
	st.msg_qbytes = 20000;
	SHOW_AFTER(msgctl(queue_id, IPC_SET, &st), a);
	/* Signals. */
	a = start(is_interrupted, 0);
	doze(100);
	kill(a, SIGUSR1);
	join(a);
	a = start(is_interrupted, 1);
	doze(100);
	kill(a, SIGUSR1);
	join(a);
	/* Removed, who receives and who sends. */
	a = start(receives, 77);
	doze(100);
	SHOW_AFTER(msgctl(queue_id, IPC_RMID, NULL), a);
	queue_id = msgget(IPC_PRIVATE, 0600);
	sends(8192);
	sends(8192);
	a = start(sends, 8192);
	doze(100);
	SHOW_AFTER(msgctl(queue_id, IPC_RMID, NULL), a);
}

static void by_others(int id)
{
	struct msqid_ds st;

	SHOW(send(id, 1, "x", 0));
	receive(id, 10, 0, IPC_NOWAIT);
	receive(id, 10, 0, IPC_NOWAIT | MSG_COPY);
	SHOW(msgctl(id, IPC_STAT, &st));
	SHOW(msgctl(id, IPC_SET, &st));
	st.msg_qbytes = 20000;
	SHOW(msgctl(id, IPC_SET, &st));
	SHOW(msgctl(id, IPC_RMID, NULL));
}

static void rights(void)
{
	int id = msgget(IPC_PRIVATE, 0640);
	struct msqid_ds st;

	puts("-- rights");
	send(id, 2, "y", 0);
	msgctl(id, IPC_STAT, &st);
	st.msg_perm.uid = 1000;
	st.msg_perm.gid = 100;
	SHOW(msgctl(id, IPC_SET, &st));
	show_stat(id);
	puts("another:");
	in_child(by_others, id, 2000, 2000);
	puts("the group:");
	in_child(by_others, id, 2000, 100);
	puts("the owner:");
	in_child(by_others, id, 1000, 2000);
	show_stat(id);
}

static void infos(void)
{
	int id = msgget(IPC_PRIVATE, 0600), highest, found = 0;
	struct msginfo info, usage, before;
	struct msqid_ds st;

	puts("-- info");
	msgctl(0, MSG_INFO, (void *)&before);
	send(id, 1, "hello", 0);
	highest = msgctl(0, IPC_INFO, (void *)&info);
	printf("pool %d map %d max %d mnb %d mni %d ssz %d tql %d seg %d\n", info.msgpool,
		info.msgmap, info.msgmax, info.msgmnb, info.msgmni, info.msgssz, info.msgtql,
		info.msgseg);
	msgctl(0, MSG_INFO, (void *)&usage);
	printf("messages %d bytes %d\n", usage.msgmap - before.msgmap,
		usage.msgtql - before.msgtql);
	for (int index = 0; index <= highest; index++) {
		found += msgctl(index, MSG_STAT, &st) == id;
		found += msgctl(index, MSG_STAT_ANY, &st) == id;
	}
	printf("found %d\n", found);
	SHOW(msgctl(highest + 1, MSG_STAT, &st));
	show_proc("/proc/sysvipc/msg", id);
	msgctl(id, IPC_RMID, NULL);
	show_file("/proc/sys/kernel/msgmax");
	show_file("/proc/sys/kernel/msgmnb");
	show_file("/proc/sys/kernel/msgmni");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	getting();
	order();
	errors();
	waiting();
	rights();
	infos();
	return 0;
}
