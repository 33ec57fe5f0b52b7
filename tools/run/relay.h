#ifndef RUN_RELAY_H
#define RUN_RELAY_H
/*
 * Between the descriptors of bin/run and the ports of the machine.
 */
#include <stdint.h>
#include <sys/types.h>

struct relay {
	pid_t qemu;
	/* Our ends of socket pairs; the relay closes them. Without a job only log and control are
	 * used. */
	int in, out, err, control, log;
	const unsigned char *end_mark; /* JOB_END_MARK_BYTES: what init writes behind the output */
	unsigned closed;    /* JOB_CLOSED() bits: our own descriptors that are not open */
	int has_job;        /* else our terminal is the machine's serial port */
	int has_terminal;   /* ours is the program's or the machine's: it is raw meanwhile, and its
	                       size   goes to init */
	int job_may_stay;   /* a reader that goes does not end the job by itself: see docs/run.md */
	int64_t timeout_ms; /* 0: none */
	int log_file;       /* gets the log too; -1: none */
	int qemu_messages;  /* a file: what QEMU itself has said */
	const char *program;
};

/*
 * Runs until the machine has ended, and returns what bin/run exits with: the program's status, or
 * 124, 125, 126, 127, 130 as in --help. QEMU is gone then. Says on stderr what went wrong. Blocks
 * the signals that it watches.
 */
int relay_run(struct relay *relay);

#endif
