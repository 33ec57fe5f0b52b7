/*
 * Who must go where there is no memory: oom_score, oom_score_adj.
 */
#include "abi/errno.h"
#include "procfs/files.h"
#include "procfs/subject.h"

#define ADJ_MAX 1000

int oom_score_read(const struct synth_key *key, struct synth_text *text)
{
	struct proc *proc;
	int err = subject_get(key, &proc);

	if (err)
		return err;
	synth_print(text, "%u\n", proc_oom_score(proc));
	proc_put(proc);
	return 0;
}

int oom_score_adj_read(const struct synth_key *key, struct synth_text *text)
{
	struct proc *proc;
	int err = subject_get(key, &proc);

	if (err)
		return err;
	synth_print(text, "%d\n", READ_ONCE(proc->oom_score_adj));
	proc_put(proc);
	return 0;
}

int oom_score_adj_write(const struct synth_key *key, const char *text, size_t bytes)
{
	bool negative = text[0] == '-', may_lower = cred_may(cred_current(), CAP_SYS_RESOURCE);
	struct proc *proc;
	uint64_t number;
	int adjust, err;

	if (number_from_text(text + negative, &number) || number > ADJ_MAX)
		return -EINVAL;
	adjust = negative ? -(int)number : (int)number;
	err = subject_get(key, &proc);
	if (err)
		return err;
	if (!may_lower && adjust < READ_ONCE(proc->oom_score_adj_min)) {
		err = -EACCES;
	} else {
		WRITE_ONCE(proc->oom_score_adj, adjust);
		if (may_lower)
			WRITE_ONCE(proc->oom_score_adj_min, adjust);
	}
	proc_put(proc);
	return err;
}
