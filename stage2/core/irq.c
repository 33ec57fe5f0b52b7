/*
 * The interrupt table: vectors, the lines behind them, and their handlers.
 *
 * A handler list is read by on_irq without a lock and changed only by irq_request_* and
 * irq_release, under the table's lock: an entry is complete before it is linked in, and its `next`
 * stays valid after it was taken out, until no CPU can be reading it (vector->running is 0).
 *
 * Records come from a fixed table, because drivers register before there is a heap.
 */
#include "core/irq.h"
#include "abi/errno.h"
#include "arch/cpu.h"
#include "arch/trap.h"
#include "core/log.h"
#include "core/random.h"
#include "core/spinlock.h"
#include "core/tlb.h"
#include "lib/assert.h"

#define IRQ_MAX       128
#define UNCLAIMED_MAX 10000 /* in a row: then the line is masked */
#define NO_GSI        UINT32_MAX

struct irq {
	struct irq *next;     /* [a] handlers of one vector */
	irq_handler *handler; /* [I] NULL: this record is free */
	void *data;           /* [I] */
	const char *name;     /* [I] */
	unsigned vector;      /* [I] */
	uint64_t count;       /* [a] */
};

struct vector {
	struct irq *handlers;     /* [a] NULL: the vector is free */
	uint32_t gsi;             /* [lock] NO_GSI: message-signalled */
	enum irq_trigger trigger; /* [lock] */
	uint32_t running;         /* [a] CPUs inside its handlers */
	uint32_t unclaimed;       /* [a] interrupts in a row that nobody wanted */
};

static struct {
	struct spinlock lock;
	struct irq irqs[IRQ_MAX];
	struct vector vectors[TRAP_IRQ_LAST + 1];
} table = { .lock = SPINLOCK_INIT("irq", RANK_IRQ) };

static struct irq *irq_take_locked(void)
{
	spin_assert_held(&table.lock);
	for (unsigned i = 0; i < IRQ_MAX; i++)
		if (!table.irqs[i].handler)
			return &table.irqs[i];
	return NULL;
}

static unsigned vector_take_locked(void)
{
	spin_assert_held(&table.lock);
	for (unsigned v = TRAP_IRQ_FIRST; v <= TRAP_IRQ_LAST; v++)
		if (!table.vectors[v].handlers)
			return v;
	return 0;
}

static unsigned vector_of_gsi_locked(unsigned gsi)
{
	spin_assert_held(&table.lock);
	for (unsigned v = TRAP_IRQ_FIRST; v <= TRAP_IRQ_LAST; v++)
		if (table.vectors[v].handlers && table.vectors[v].gsi == gsi)
			return v;
	return 0;
}

static void irq_link_locked(
	struct irq *irq, unsigned vector, const char *name, irq_handler *handler, void *data)
{
	spin_assert_held(&table.lock);
	irq->handler = handler;
	irq->data = data;
	irq->name = name;
	irq->vector = vector;
	irq->count = 0;
	table.vectors[vector].unclaimed = 0;
	irq->next = table.vectors[vector].handlers;
	__atomic_store_n(&table.vectors[vector].handlers, irq, __ATOMIC_RELEASE);
}

static int request_line_locked(unsigned gsi, enum irq_trigger trigger, const char *name,
	irq_handler *handler, void *data, struct irq **result)
{
	struct irq *irq = irq_take_locked();
	if (!irq)
		return -ENOMEM;
	unsigned v = vector_of_gsi_locked(gsi);
	if (v) {
		if (table.vectors[v].trigger != trigger)
			return -EBUSY;
	} else {
		v = vector_take_locked();
		if (!v)
			return -ENOSPC;
		int err = ioapic_route(gsi, v, trigger, cpu_get(0)->apic_id);
		if (err)
			return err;
		table.vectors[v].gsi = gsi;
		table.vectors[v].trigger = trigger;
	}
	irq_link_locked(irq, v, name, handler, data);
	ioapic_mask(gsi, false);
	*result = irq;
	return 0;
}

int irq_request_line(unsigned gsi, enum irq_trigger trigger, const char *name, irq_handler *handler,
	void *data, struct irq **irq)
{
	uint64_t flags = spin_lock_irqsave(&table.lock);
	int err = request_line_locked(gsi, trigger, name, handler, data, irq);
	spin_unlock_irqrestore(&table.lock, flags);
	return err;
}

int irq_request_isa(
	unsigned number, const char *name, irq_handler *handler, void *data, struct irq **irq)
{
	unsigned gsi;
	enum irq_trigger trigger;
	ioapic_isa(number, &gsi, &trigger);
	return irq_request_line(gsi, trigger, name, handler, data, irq);
}

int irq_request_msi(const char *name, irq_handler *handler, void *data, struct msi_message *message,
	struct irq **result)
{
	int err = 0;
	uint64_t flags = spin_lock_irqsave(&table.lock);
	struct irq *irq = irq_take_locked();
	unsigned v = vector_take_locked();
	if (!irq)
		err = -ENOMEM;
	else if (!v)
		err = -ENOSPC;
	if (!err) {
		table.vectors[v].gsi = NO_GSI;
		irq_link_locked(irq, v, name, handler, data);
		*message = msi_compose(v, cpu_get(0)->apic_id);
		*result = irq;
	}
	spin_unlock_irqrestore(&table.lock, flags);
	return err;
}

void irq_release(struct irq *irq)
{
	assert_may_sleep();
	struct vector *vector = &table.vectors[irq->vector];
	uint64_t flags = spin_lock_irqsave(&table.lock);
	struct irq **link = &vector->handlers;
	while (*link != irq)
		link = &(*link)->next;
	__atomic_store_n(link, irq->next, __ATOMIC_SEQ_CST);
	if (!vector->handlers && vector->gsi != NO_GSI)
		ioapic_mask(vector->gsi, true);
	spin_unlock_irqrestore(&table.lock, flags);

	while (__atomic_load_n(&vector->running, __ATOMIC_SEQ_CST))
		cpu_relax();
	flags = spin_lock_irqsave(&table.lock);
	irq->handler = NULL;
	spin_unlock_irqrestore(&table.lock, flags);
}

/* A level-triggered line that nobody quietens would interrupt for ever. */
static void unclaimed(struct vector *vector, unsigned number)
{
	if (__atomic_add_fetch(&vector->unclaimed, 1, __ATOMIC_RELAXED) != UNCLAIMED_MAX)
		return;
	uint64_t flags = spin_lock_irqsave(&table.lock);
	if (vector->gsi != NO_GSI)
		ioapic_mask(vector->gsi, true);
	spin_unlock_irqrestore(&table.lock, flags);
	log_error("irq: vector %u: %u interrupts that no handler claims; masked", number,
		UNCLAIMED_MAX);
}

void on_irq(unsigned number)
{
	if (number > TRAP_IRQ_LAST)
		return;
	lock_trace_irq_enter();
	struct vector *vector = &table.vectors[number];
	bool claimed = false;
	__atomic_fetch_add(&vector->running, 1, __ATOMIC_SEQ_CST);
	struct irq *irq = __atomic_load_n(&vector->handlers, __ATOMIC_SEQ_CST);
	for (; irq; irq = irq->next) {
		if (irq->handler(irq->data)) {
			__atomic_fetch_add(&irq->count, 1, __ATOMIC_RELAXED);
			claimed = true;
		}
	}
	__atomic_fetch_sub(&vector->running, 1, __ATOMIC_RELEASE);
	if (claimed)
		vector->unclaimed = 0;
	else
		unclaimed(vector, number);
	random_add_event(number);
	lock_trace_irq_exit();
}

void on_ipi(unsigned vector)
{
	switch (vector) {
	case TRAP_IPI_TLB:
		tlb_ipi();
		break;
	case TRAP_IPI_STOP:
		cpu_stop();
	default:
		break;
	}
}

bool irq_info(unsigned index, unsigned *vector, const char **name, uint64_t *count)
{
	bool found = false;
	uint64_t flags = spin_lock_irqsave(&table.lock);
	for (unsigned i = 0; i < IRQ_MAX && !found; i++) {
		struct irq *irq = &table.irqs[i];
		if (!irq->handler || index-- > 0)
			continue;
		*vector = irq->vector;
		*name = irq->name;
		*count = irq->count;
		found = true;
	}
	spin_unlock_irqrestore(&table.lock, flags);
	return found;
}
