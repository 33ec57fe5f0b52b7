#ifndef CORE_IRQ_H
#define CORE_IRQ_H
/*
 * The system-wide table of interrupt lines and their handlers.
 *
 * A handler runs with interrupts off, on the CPU that took the interrupt; it acknowledges its
 * device and wakes somebody, no more. Lines may be shared: each handler says whether it was its
 * device. A line that nobody claims for a long time is masked, and that is said.
 */
#include <stdbool.h>
#include <stdint.h>

#include "arch/interrupt.h"
#include "lib/compiler.h"

struct irq; /* one registered handler */

/* True if the interrupt was this device's. Must not sleep; may take spinlocks (irqsave form). */
typedef bool irq_handler(void *data);

/* Register for global interrupt `gsi` (shared with others of the same trigger) and unmask it.
 * -ENOMEM, -EBUSY (trigger differs), -ENODEV (no such line), -ENOSPC (no vector left). */
__must_check int irq_request_line(unsigned gsi, enum irq_trigger trigger, const char *name,
	irq_handler *handler, void *data, struct irq **irq);

/* The same for ISA interrupt 0..15. */
__must_check int irq_request_isa(
	unsigned number, const char *name, irq_handler *handler, void *data, struct irq **irq);

/* A vector of its own for a message-signalled interrupt; the driver writes *message to its device.
 * -ENOMEM, -ENOSPC. */
__must_check int irq_request_msi(const char *name, irq_handler *handler, void *data,
	struct msi_message *message, struct irq **irq);

/* Unregister. When it returns the handler is not running on any CPU and never will. May be called
 * from threads only. */
void irq_release(struct irq *irq);

/* For /proc/interrupts: the index-th registered handler. False past the end. */
bool irq_info(unsigned index, unsigned *vector, const char **name, uint64_t *count);

#endif
