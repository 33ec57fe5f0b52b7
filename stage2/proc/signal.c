/*
 * Signals: what is pending, what is blocked, what is to be done.
 *
 * The main idea: everything about the signals of a process is under one spinlock, proc->lock, so a
 * sender sees masks, actions and threads at one moment and decides at once: the signal is dropped,
 * or kills the process, or waits at the thread or the process while a thread that can take it is
 * woken.
 *
 * Not here: delivery (deliver.c), who may signal whom and by which number (kill.c).
 */
#include "proc/signal.h"

#include "abi/errno.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/exit.h"
#include "proc/posix_timer.h"
#include "proc/proc.h"
#include "proc/signalfd.h"
#include "proc/stop.h"

static struct slab_cache info_cache = SLAB_CACHE("siginfo", struct queued_info);

#define SIGNALS_STOP                                                                               \
	(signal_bit(SIGSTOP) | signal_bit(SIGTSTP) | signal_bit(SIGTTIN) | signal_bit(SIGTTOU))

enum signal_default signal_default_action(int signal)
{
	switch (signal) {
	case SIGCHLD:
	case SIGURG:
	case SIGWINCH:
		return SIGNAL_IGNORE;
	case SIGCONT:
		return SIGNAL_CONTINUE;
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
		return SIGNAL_STOP;
	case SIGQUIT:
	case SIGILL:
	case SIGTRAP:
	case SIGABRT:
	case SIGBUS:
	case SIGFPE:
	case SIGSEGV:
	case SIGXCPU:
	case SIGXFSZ:
	case SIGSYS:
		return SIGNAL_CORE;
	default:
		return SIGNAL_TERMINATE;
	}
}

/* ---- queues --------------------------------------------------------------------------------- */

void signal_queue_init(struct signal_queue *queue)
{
	queue->set = 0;
	list_init(&queue->infos);
	queue->count = 0;
}

struct queued_info *queued_info_create(void)
{
	struct queued_info *entry = slab_alloc(&info_cache);

	if (entry) {
		list_init(&entry->link);
		entry->timer = NULL;
	}
	return entry;
}

void queued_info_free(struct queued_info *entry)
{
	slab_free(&info_cache, entry);
}

static void queue_put(struct signal_queue *queue, struct queued_info *entry)
{
	list_add_tail(&entry->link, &queue->infos);
	queue->count++;
	queue->set |= signal_bit(entry->info.si_signo);
}

/* It has been taken (info: by somebody who wants to know) or forgotten (NULL). */
static void entry_leave(struct signal_queue *queue, struct queued_info *entry, struct siginfo *info)
{
	list_del(&entry->link);
	queue->count--;
	if (info)
		*info = entry->info;
	if (entry->timer)
		posix_timer_taken_locked(entry->timer, info);
	else
		queued_info_free(entry);
}

static void queue_remove(struct signal_queue *queue, sigset_t set)
{
	struct queued_info *entry, *next;

	queue->set &= ~set;
	list_for_each_safe(entry, next, &queue->infos, link) {
		if (signal_bit(entry->info.si_signo) & set)
			entry_leave(queue, entry, NULL);
	}
}

void signal_queue_flush(struct signal_queue *queue)
{
	queue_remove(queue, ~0ull);
}

/* A standard signal is pending once, a real-time signal as often as it was sent, up to a limit for
 * each queue (on Linux: for each user). */
static int queue_add(struct signal_queue *queue, const struct siginfo *info, uint64_t limit)
{
	struct queued_info *entry = NULL;

	if (info->si_signo < SIGRTMIN && (queue->set & signal_bit(info->si_signo)))
		return 0;
	if (info->si_signo < SIGRTMIN || queue->count < limit)
		entry = queued_info_create();
	if (!entry && info->si_signo >= SIGRTMIN && info->si_code != SI_USER)
		return -EAGAIN;
	queue->set |= signal_bit(info->si_signo);
	if (entry) {
		entry->info = *info;
		queue_put(queue, entry);
	}
	return 0;
}

static void queue_take(struct signal_queue *queue, int signal, struct siginfo *info)
{
	struct queued_info *entry, *next, *found = NULL;
	bool more = false;

	list_for_each_safe(entry, next, &queue->infos, link) {
		if (entry->info.si_signo != signal)
			continue;
		more = found;
		if (found)
			break;
		found = entry;
	}
	if (!more)
		queue->set &= ~signal_bit(signal);
	if (found)
		entry_leave(queue, found, info);
	else
		*info = (struct siginfo){ .si_signo = signal, .si_code = SI_USER };
}

/* The signal of the set to deliver first; 0: the set is empty. Faults come before what others sent:
 * the handler's frame must show the fault. */
static int signal_first(sigset_t set)
{
	if (set & SIGNALS_FAULT)
		set &= SIGNALS_FAULT;
	return set ? __builtin_ctzll(set) + 1 : 0;
}

/* ---- sending -------------------------------------------------------------------------------- */

static uint64_t signal_handler_locked(const struct proc *proc, int signal)
{
	return proc_action(proc, signal)->handler;
}

static bool signal_is_fatal_locked(const struct proc *proc, int signal)
{
	enum signal_default action = signal_default_action(signal);

	return signal_handler_locked(proc, signal) == SIG_DFL && !proc->is_init &&
	       (action == SIGNAL_TERMINATE || action == SIGNAL_CORE);
}

/* Sending it changes nothing. One that is blocked is kept: its action may change before it is
 * taken. */
static bool signal_has_no_effect_locked(
	const struct proc *proc, const struct uthread *target, int signal)
{
	uint64_t handler = signal_handler_locked(proc, signal);
	enum signal_default action = signal_default_action(signal);

	if ((target->blocked | target->waited) & signal_bit(signal))
		return false;
	if (proc->is_init && handler == SIG_DFL)
		return true;
	if (handler == SIG_IGN)
		return true;
	return handler == SIG_DFL && (action == SIGNAL_IGNORE || action == SIGNAL_CONTINUE);
}

/* A process that is stopped takes nothing but SIGKILL: the rest waits until it goes on. A thread
 * that has ended takes nothing at all. */
static bool uthread_wants(const struct uthread *uthread, int signal)
{
	if (uthread->ended || (uthread->proc->stopped && signal != SIGKILL))
		return false;
	return !(uthread->blocked & ~uthread->waited & signal_bit(signal));
}

/* The thread that is to take a signal of its process; NULL: all block it. As on Linux the first,
 * unless another signal may be on its way to it: it might block this one before it comes to it. */
static struct uthread *signal_choose_thread_locked(struct proc *proc, int signal)
{
	struct uthread *uthread, *busy = NULL;

	list_for_each(uthread, &proc->threads, link) {
		if (!uthread_wants(uthread, signal))
			continue;
		if (!thread_has_work(uthread->thread, THREAD_WORK_SIGNAL))
			return uthread;
		busy = busy ? busy : uthread;
	}
	return busy;
}

void signal_retarget_locked(struct proc *proc, const struct uthread *self, sigset_t set)
{
	struct uthread *uthread;

	spin_assert_held(&proc->lock);
	set &= proc->pending.set;
	if (likely(!set))
		return;
	list_for_each(uthread, &proc->threads, link) {
		sigset_t refused = uthread->blocked & ~uthread->waited;

		if (uthread == self || uthread->ended || !(set & ~refused))
			continue;
		thread_set_work(uthread->thread, THREAD_WORK_SIGNAL);
		set &= refused;
	}
}

static void signal_remove_locked(struct proc *proc, sigset_t set)
{
	struct uthread *uthread;

	queue_remove(&proc->pending, set);
	list_for_each(uthread, &proc->threads, link)
		queue_remove(&uthread->pending, set);
}

/* Stopping and continuing undo each other, whatever is blocked or ignored. (SIGKILL ends a stop
 * when it takes effect: proc_start_exit_locked.) */
static void signal_apply_stop_rules_locked(struct proc *proc, int signal)
{
	if (SIGNALS_STOP & signal_bit(signal))
		signal_remove_locked(proc, signal_bit(SIGCONT));
	if (signal != SIGCONT)
		return;
	signal_remove_locked(proc, SIGNALS_STOP);
	proc_end_stop_locked(proc, true);
}

/* A signal is about to be sent, to a thread or (NULL) to the process: the queue that it belongs in;
 * NULL: it has no effect. */
static struct signal_queue *signal_begin_locked(
	struct proc *proc, struct uthread *target, int signal)
{
	struct uthread *taker = target ? target : list_first(&proc->threads, struct uthread, link);

	spin_assert_held(&proc->lock);
	if (!taker || proc->exiting)
		return NULL;
	signal_apply_stop_rules_locked(proc, signal);
	if (signal_has_no_effect_locked(proc, taker, signal))
		return NULL;
	return target ? &target->pending : &proc->pending;
}

/* It is in its queue: who takes it is woken, or it kills. */
static void signal_notify_locked(struct proc *proc, struct uthread *target, int signal)
{
	struct uthread *taker = target;

	signalfd_notify_locked(proc);
	if (!target)
		taker = signal_choose_thread_locked(proc, signal);
	else if (!uthread_wants(target, signal))
		taker = NULL;
	if (!taker)
		return;
	if (signal_is_fatal_locked(proc, signal) && !(taker->waited & signal_bit(signal)))
		proc_start_exit_locked(proc, signal);
	else
		thread_set_work(taker->thread, THREAD_WORK_SIGNAL);
}

int signal_send_locked(struct proc *proc, struct uthread *target, const struct siginfo *info)
{
	struct signal_queue *queue = signal_begin_locked(proc, target, info->si_signo);
	int err;

	if (!queue)
		return 0;
	err = queue_add(queue, info, proc->limits[RLIMIT_SIGPENDING].rlim_cur);
	if (err)
		return err;
	signal_notify_locked(proc, target, info->si_signo);
	return 0;
}

bool signal_queue_entry_locked(struct proc *proc, struct uthread *target, struct queued_info *entry)
{
	int signal = entry->info.si_signo;
	struct signal_queue *queue = signal_begin_locked(proc, target, signal);

	if (!queue)
		return false;
	queue_put(queue, entry);
	signal_notify_locked(proc, target, signal);
	return true;
}

int signal_send_proc(struct proc *proc, const struct siginfo *info)
{
	int err = 0;

	if (info->si_signo == 0)
		return 0;
	proc_lock(proc);
	err = signal_send_locked(proc, NULL, info);
	proc_unlock(proc);
	return err;
}

/* It is counted after it was sent: a fork that begins between the two finds it pending. */
int signal_send_member_locked(struct proc *proc, const struct siginfo *info)
{
	int err = signal_send_proc(proc, info);

	if (info->si_signo)
		__atomic_fetch_add(&proc->group_signals, 1, __ATOMIC_RELEASE);
	return err;
}

int signal_send_thread(struct proc *proc, struct uthread *target, const struct siginfo *info)
{
	struct uthread *uthread;
	int err = -ESRCH;

	proc_lock(proc);
	list_for_each(uthread, &proc->threads, link) {
		if (uthread == target) {
			err = info->si_signo ? signal_send_locked(proc, target, info) : 0;
			break;
		}
	}
	proc_unlock(proc);
	return err;
}

void signal_force(const struct siginfo *info)
{
	struct uthread *self = uthread_current();
	struct proc *proc = self->proc;
	sigset_t bit = signal_bit(info->si_signo);

	proc_lock(proc);
	if (proc_action(proc, info->si_signo)->handler == SIG_IGN || (self->blocked & bit))
		proc->acted &= ~bit;
	self->blocked &= ~bit;
	if (proc_action(proc, info->si_signo)->handler == SIG_DFL)
		proc->is_init = false;
	(void)signal_send_locked(proc, self, info);
	proc_unlock(proc);
}

/* ---- masks ---------------------------------------------------------------------------------- */

static void signal_set_mask_locked(struct uthread *self, sigset_t mask)
{
	sigset_t pending = self->pending.set | self->proc->pending.set;
	sigset_t before = self->blocked;

	self->blocked = mask & ~SIGNALS_UNBLOCKABLE;
	signal_retarget_locked(self->proc, self, self->blocked & ~before);
	if (pending & ~self->blocked)
		thread_set_work(self->thread, THREAD_WORK_SIGNAL);
}

sigset_t signal_set_mask(sigset_t mask)
{
	struct uthread *self = uthread_current();
	sigset_t old = self->blocked;

	proc_lock(self->proc);
	signal_set_mask_locked(self, mask);
	proc_unlock(self->proc);
	return old;
}

void signal_set_mask_until_return(sigset_t mask)
{
	struct uthread *self = uthread_current();

	self->saved_blocked = signal_set_mask(mask);
	self->restore_blocked = true;
}

void signal_restore_mask(void)
{
	struct uthread *self = uthread_current();

	if (self->restore_blocked) {
		self->restore_blocked = false;
		signal_set_mask(self->saved_blocked);
	}
}

sigset_t signal_pending(void)
{
	struct uthread *self = uthread_current();
	sigset_t set;

	proc_lock(self->proc);
	set = (self->pending.set | self->proc->pending.set) & self->blocked;
	proc_unlock(self->proc);
	return set;
}

/* ---- actions -------------------------------------------------------------------------------- */

#define SA_KNOWN                                                                                   \
	(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_RESTORER | SA_ONSTACK | SA_RESTART |        \
		SA_NODEFER | SA_RESETHAND)

int signal_set_action(int signal, const struct sigaction *change, struct sigaction *previous)
{
	struct proc *proc = proc_current();
	struct sigaction *action;

	if (!signal_valid(signal) || (change && (SIGNALS_UNBLOCKABLE & signal_bit(signal))))
		return -EINVAL;
	action = &proc->actions[signal - 1];
	proc_lock(proc);
	if (previous)
		*previous = *proc_action(proc, signal);
	if (change) {
		proc->acted |= signal_bit(signal);
		*action = *change;
		action->flags &= SA_KNOWN;
		action->mask &= ~SIGNALS_UNBLOCKABLE;
		/* POSIX: what is pending and now ignored is forgotten, blocked or not. */
		if (change->handler == SIG_IGN ||
			(change->handler == SIG_DFL &&
				(signal_default_action(signal) == SIGNAL_IGNORE ||
					signal_default_action(signal) == SIGNAL_CONTINUE)))
			signal_remove_locked(proc, signal_bit(signal));
	}
	proc_unlock(proc);
	return 0;
}

void signal_copy_actions(struct proc *to, const struct proc *from)
{
	to->acted = from->acted;
	for (sigset_t left = from->acted; left; left &= left - 1)
		to->actions[__builtin_ctzll(left)] = from->actions[__builtin_ctzll(left)];
}

void signal_clear_handlers(struct proc *proc)
{
	for (sigset_t left = proc->acted; left; left &= left - 1) {
		int signal = __builtin_ctzll(left) + 1;

		if (proc->actions[signal - 1].handler == SIG_IGN)
			proc->actions[signal - 1] = (struct sigaction){ .handler = SIG_IGN };
		else
			proc->acted &= ~signal_bit(signal);
	}
}

/* What timers have sent, which are gone. */
static void queue_remove_timers(struct signal_queue *queue)
{
	struct queued_info *entry, *next;
	sigset_t removed = 0, kept = 0;

	list_for_each_safe(entry, next, &queue->infos, link) {
		if (entry->info.si_code != SI_TIMER) {
			kept |= signal_bit(entry->info.si_signo);
			continue;
		}
		removed |= signal_bit(entry->info.si_signo);
		entry_leave(queue, entry, NULL);
	}
	queue->set &= ~removed | kept;
}

void signal_exec(struct proc *proc)
{
	struct uthread *self = uthread_current();

	proc_lock(proc);
	signal_clear_handlers(proc);
	queue_remove_timers(&proc->pending);
	queue_remove_timers(&self->pending);
	proc_unlock(proc);
	self->altstack = (struct sigaltstack){ .ss_flags = SS_DISABLE };
}

/* ---- taking --------------------------------------------------------------------------------- */

/* Take the first signal of the set that is pending; 0: none is. */
static int signal_take_locked(struct uthread *self, sigset_t set, struct siginfo *info)
{
	struct signal_queue *queue = &self->pending;

	if (!(queue->set & set))
		queue = &self->proc->pending;
	if (!(queue->set & set))
		return 0;
	queue_take(queue, signal_first(queue->set & set), info);
	if (queue != &self->pending && info->si_signo == SIGALRM)
		interval_timer_alarm_taken_locked(self->proc);
	return info->si_signo;
}

int signal_take(struct siginfo *info, struct sigaction *action)
{
	struct uthread *self = uthread_current();
	struct proc *proc = self->proc;
	int signal;

	/* One that comes just now leaves work: we are called again. */
	if (!((READ_ONCE(self->pending.set) | READ_ONCE(proc->pending.set)) & ~self->blocked))
		return 0;
	proc_lock(proc);
	signal = signal_take_locked(self, ~self->blocked, info);
	if (signal) {
		*action = *proc_action(proc, signal);
		if ((action->flags & SA_RESETHAND) && action->handler > SIG_IGN)
			proc->actions[signal - 1].handler = SIG_DFL;
		if (action->handler == SIG_DFL && (SIGNALS_STOP & signal_bit(signal)))
			proc->stop_taken = true;
	}
	proc_unlock(proc);
	return signal;
}

bool signal_take_wanted(sigset_t set, struct siginfo *info)
{
	struct uthread *self = uthread_current();
	int signal;

	proc_lock(self->proc);
	signal = signal_take_locked(self, set, info);
	proc_unlock(self->proc);
	return signal != 0;
}

bool signal_pending_any(sigset_t set)
{
	struct uthread *self = uthread_current();
	bool any;

	proc_lock(self->proc);
	any = (self->pending.set | self->proc->pending.set) & set;
	proc_unlock(self->proc);
	return any;
}

/* Try once; says in `waited` what to be woken for until the next try. */
static int signal_wait_try(struct uthread *self, sigset_t set, struct siginfo *info, bool again)
{
	struct proc *proc = self->proc;
	sigset_t others;
	int signal;

	proc_lock(proc);
	thread_clear_work(self->thread, THREAD_WORK_SIGNAL);
	signal = signal_take_locked(self, set, info);
	self->waited = signal || !again ? 0 : set;
	others = (self->pending.set | proc->pending.set) & ~self->blocked;
	/* While the process is stopped nobody is woken for what comes: it stops with the others. */
	if (others || proc->stopped) {
		self->waited = 0;
		thread_set_work(self->thread, THREAD_WORK_SIGNAL);
		if (!signal && again)
			signal = -EINTR;
	}
	if (!self->waited)
		signal_retarget_locked(proc, self, set & self->blocked);
	proc_unlock(proc);
	return signal;
}

int signal_wait(sigset_t set, uint64_t deadline_ns, struct siginfo *info)
{
	struct uthread *self = uthread_current();
	int result;

	set &= ~SIGNALS_UNBLOCKABLE;
	for (;;) {
		result = signal_wait_try(self, set, info, true);
		if (result)
			return result;
		if (sleep_until(WAIT_INTERRUPTIBLE, deadline_ns) == 0)
			break;
		if (thread_has_work(self->thread, THREAD_WORK_KILL))
			break;
	}
	result = signal_wait_try(self, set, info, false);
	return result ? result : -EAGAIN;
}

/* ---- the alternate stack -------------------------------------------------------------------- */

static bool on_altstack(const struct sigaltstack *stack, uptr_t rsp)
{
	return !((uint32_t)stack->ss_flags & SS_AUTODISARM) && rsp > stack->ss_sp &&
	       rsp - stack->ss_sp <= stack->ss_size;
}

int signal_set_stack(const struct sigaltstack *change, struct sigaltstack *previous, uptr_t rsp)
{
	struct sigaltstack *stack = &uthread_current()->altstack;
	uint32_t flags = change ? (uint32_t)change->ss_flags & ~SS_AUTODISARM : 0;

	if (previous) {
		*previous =
			(struct sigaltstack){ .ss_sp = stack->ss_sp, .ss_size = stack->ss_size };
		previous->ss_flags = (int32_t)((uint32_t)stack->ss_flags & SS_AUTODISARM);
		if (stack->ss_size == 0)
			previous->ss_flags |= SS_DISABLE;
		else if (on_altstack(stack, rsp))
			previous->ss_flags |= SS_ONSTACK;
	}
	if (!change)
		return 0;
	if (on_altstack(stack, rsp))
		return -EPERM;
	if (flags != 0 && flags != SS_ONSTACK && flags != SS_DISABLE)
		return -EINVAL;
	if (flags == SS_DISABLE) {
		*stack = (struct sigaltstack){ .ss_flags = change->ss_flags };
		return 0;
	}
	if (change->ss_size < MINSIGSTKSZ)
		return -ENOMEM;
	*stack = *change;
	stack->pad = 0;
	return 0;
}
