/*
 * Out of memory: which process must go.
 *
 * A program needs a page and there is none, even after everything that can be had again was taken
 * back. Then the process with the most memory, page tables too, is killed, not the one that came
 * last: as on Linux each has its share of all memory in thousandths, moved by what
 * /proc/PID/oom_score_adj says.
 *
 * The one that was chosen may need a while to end, perhaps even a lock that the running thread
 * holds. So its private memory is taken from it at once (aspace_reap). What else it has comes back
 * when it ends, piece by piece: that is waited for, but not for ever, and the same goes for any
 * process that is about to end anyway, and for what deferred work is to destroy.
 */
#include "core/clock.h"
#include "core/log.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "proc/exit.h"
#include "proc/proc.h"
#include "sched/mutex.h"
#include "vm/fault.h"

#define WAIT_NS   (2 * NS_PER_SEC)
#define STEP_NS   NS_PER_MS
#define SCORE_MAX 1000
#define TRIES     3

/* One process is chosen at a time. */
static struct mutex choosing = MUTEX_INIT(choosing, "oom", RANK_OOM);

struct choice {
	struct proc *proc;     /* reference held; NULL: none */
	struct aspace *aspace; /* reference held */
	int64_t score;
};

/* Of the process, with a reference; NULL: it has none, or none that is worth taking. */
static struct aspace *aspace_of(struct proc *proc)
{
	struct aspace *aspace;

	proc_lock(proc);
	aspace = proc->aspace;
	if (aspace && !READ_ONCE(aspace->reaped))
		aspace_get(aspace);
	else
		aspace = NULL;
	proc_unlock(proc);
	return aspace;
}

static int64_t score(const struct proc *proc, const struct aspace *aspace)
{
	int64_t adjust = READ_ONCE(proc->oom_score_adj);

	if (adjust == OOM_SCORE_ADJ_MIN)
		return INT64_MIN;
	return (int64_t)aspace_footprint(aspace) + adjust * (int64_t)(frame_total() / SCORE_MAX);
}

/* As Linux shows it. */
unsigned proc_oom_score(struct proc *proc)
{
	struct aspace *aspace = aspace_of(proc);
	int64_t points;

	if (!aspace)
		return 0;
	points = score(proc, aspace);
	aspace_put_later(aspace);
	if (points == INT64_MIN)
		return 0;
	points = (SCORE_MAX + points * SCORE_MAX / (int64_t)frame_total()) * 2 / 3;
	return (unsigned)max(points, (int64_t)0);
}

static void choice_put(struct choice *choice)
{
	if (!choice->proc)
		return;
	aspace_put_later(choice->aspace);
	proc_put(choice->proc);
}

static int consider(struct proc *proc, void *data)
{
	struct choice *best = data, other = { .proc = proc, .aspace = aspace_of(proc) };
	struct proc *init = proc_init_process();

	if (!other.aspace)
		return 0;
	other.score = score(proc, other.aspace);
	/* Not process 1, and not its child of a vfork. */
	if (other.score == INT64_MIN || other.aspace == READ_ONCE(init->aspace) ||
		(best->proc && other.score <= best->score)) {
		aspace_put_later(other.aspace);
		return 0;
	}
	choice_put(best);
	proc_get(proc);
	*best = other;
	return 0;
}

/* Whoever uses the address space ends. */
static int kill_user(struct proc *proc, void *data)
{
	proc_lock(proc);
	if (proc->aspace == data)
		proc_start_exit_locked(proc, SIGKILL);
	proc_unlock(proc);
	return 0;
}

static void choice_log(const struct choice *choice)
{
	struct proc *proc = choice->proc;
	struct uthread *first;
	char name[sizeof(proc->name)] = "";

	proc_lock(proc);
	first = list_first(&proc->threads, struct uthread, link);
	if (first)
		strlcpy(name, first->thread->name, sizeof(name));
	proc_unlock(proc);
	log_warn("%s[%u]: killed: out of memory; it had %lu KiB", name, proc_number(proc),
		aspace_footprint(choice->aspace) * (PAGE_SIZE / 1024));
}

static bool memory_is_there(void)
{
	struct frame *frame;

	if (frame_alloc(0, FRAME_ANON, &frame))
		return false;
	frame_put(frame);
	return true;
}

/* Somebody is about to end, and was not waited for too long yet: until when? */
static int find_ending(struct proc *proc, void *data)
{
	uint64_t *deadline_ns = data, now_ns = clock_ns();

	if (proc == proc_current() || proc->state != PROC_ALIVE || !READ_ONCE(proc->exiting))
		return 0;
	if (proc->oom_deadline_ns == 0)
		proc->oom_deadline_ns = now_ns + WAIT_NS;
	if (now_ns >= proc->oom_deadline_ns)
		return 0;
	*deadline_ns = proc->oom_deadline_ns;
	return 1;
}

/* Is memory on its way back? It is waited for. False: there is none on its way, time is up, or the
 * running process is to end. */
static bool memory_comes(void)
{
	uint64_t deadline_ns = 0;

	if (!pid_for_each_proc(find_ending, &deadline_ns) && aspace_any_going())
		deadline_ns = clock_ns() + WAIT_NS;
	do
		if (clock_ns() >= deadline_ns || sleep_until(WAIT_KILLABLE, clock_ns() + STEP_NS))
			return false;
	while (!memory_is_there());
	return true;
}

/* True: there is memory now, or soon. False: it was the running process. */
static bool choice_take(const struct choice *choice)
{
	choice_log(choice);
	(void)pid_for_each_proc(kill_user, choice->aspace);
	if (choice->aspace == thread_current()->aspace)
		return false;
	(void)aspace_reap(choice->aspace);
	return true;
}

/* Kill the process with the most memory; the running one, where all others may not be. */
static bool choose_and_take(void)
{
	struct choice choice = { .proc = NULL };
	bool again;

	(void)pid_for_each_proc(consider, &choice);
	if (!choice.proc) {
		(void)kill_user(proc_current(), thread_current()->aspace);
		return false;
	}
	again = choice_take(&choice);
	choice_put(&choice);
	return again;
}

/* One of a few tries finds memory that was freed just then; where more are wanted, what is free is
 * not what is needed. But who did not run while somebody ended has not tried for what that left. */
static bool has_tried_enough(struct oom_tries *tries)
{
	uint64_t ended = aspaces_ended();

	if (tries->ended != ended)
		*tries = (struct oom_tries){ .ended = ended };
	return tries->count++ >= TRIES;
}

bool on_oom(struct oom_tries *tries)
{
	bool again = true;

	if (thread_has_work(thread_current(), THREAD_WORK_KILL))
		return false;
	mutex_lock(&choosing);
	/* Who was chosen while it waited, for its turn or for memory, chooses nobody. */
	if ((has_tried_enough(tries) || !memory_is_there()) && !memory_comes())
		again = !thread_has_work(thread_current(), THREAD_WORK_KILL) && choose_and_take();
	mutex_unlock(&choosing);
	return again;
}
