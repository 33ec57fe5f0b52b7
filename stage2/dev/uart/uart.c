/*
 * The serial port (National Semiconductor 16550A at COM1).
 *
 * What is written goes to a ring in memory; uart_pump_locked moves it to the chip, 16 bytes for
 * each look at the line status: under an emulator an access to a port costs more than a hundred
 * instructions. While the chip takes all at once, as emulators do, no interrupt is ever asked for;
 * where it does not, "transmitter empty" interrupts carry on. Received bytes wait in a second ring;
 * when it is full the receive interrupt and RTS go off, so that the sender, or the emulator, holds
 * the rest.
 *
 * Before uart_init, and in a panic, everything is polled. Line discipline is not here: bytes are
 * raw, but for the log's newlines.
 */
#include "dev/uart/uart.h"

#include "abi/errno.h"
#include "core/clock.h"
#include "core/cmdline.h"
#include "core/irq.h"
#include "core/log.h"
#include "core/spinlock.h"
#include "dev/chr.h"
#include "dev/region.h"
#include "lib/ring.h"

#define COM1_PORT  0x3f8
#define COM1_IRQ   4
#define UART_PORTS 8
#define UART_RDEV  CHR_RDEV(CHR_MAJOR_TTY, 64)
#define FIFO_BYTES 16
#define TX_BYTES   8192
#define RX_BYTES   4096
#define DIVISOR    1 /* of 115200 */

/* Registers and their bits (PC16550D data sheet, section 8). */
enum uart_register {
	UART_DATA = 0,
	UART_IER = 1,
	UART_IIR = 2, /* read */
	UART_FCR = 2, /* written */
	UART_LCR = 3,
	UART_MCR = 4,
	UART_LSR = 5,
	UART_MSR = 6,
	UART_SCRATCH = 7,
	UART_DIVISOR_LOW = 0, /* with LCR_DLAB */
	UART_DIVISOR_HIGH = 1,
};
#define IER_RECEIVE  0x01
#define IER_TRANSMIT 0x02
#define IER_MODEM    0x08
#define IIR_NONE     0x01
#define FCR_ENABLE   0x01
#define FCR_RESET    0x06
#define FCR_LEVEL_8  0x80
#define LCR_8N1      0x03
#define LCR_DLAB     0x80
#define MCR_DTR      0x01
#define MCR_RTS      0x02
#define MCR_OUT2     0x08 /* lets the interrupt through to the bus */
#define LSR_DATA     0x01
#define LSR_THRE     0x20 /* transmit FIFO empty */
#define LSR_TEMT     0x40 /* and the last bit has left */
#define MSR_CTS      0x10

/* 16 bytes take 1.4 ms to leave; a look at the chip takes some 1 µs. An emulated chip may stand
 * still for a hundred times as long while its host is busy, and then go on. */
#define POLLS_PER_FIFO 500000

/* The rings' bytes: not in the struct, whose other members are initialised: the image would carry
 * them. */
static uint8_t tx_bytes[TX_BYTES], rx_bytes[RX_BYTES]; /* [uart.lock] */

static struct {
	struct region ports; /* [I] bytes 0: no port */
	struct irq *irq;     /* [I] NULL: polled */
	bool flow;           /* [I] CTS holds us */
	struct spinlock lock;
	struct ring tx, rx; /* [lock] */
	uint8_t ier, mcr;   /* [lock] as last written */
	bool stuck;         /* [lock] the chip has not moved for long: do not wait for it */
} uart = {
	.lock = SPINLOCK_INIT("uart", RANK_UART),
	.tx = { .data = tx_bytes, .bytes = TX_BYTES },
	.rx = { .data = rx_bytes, .bytes = RX_BYTES },
};

static struct chr_device uart_chr;

static uint8_t uart_get(enum uart_register at)
{
	return region_read8(&uart.ports, at);
}

static void uart_set(enum uart_register at, uint8_t value)
{
	region_write8(&uart.ports, at, value);
}

static void uart_set_ier_locked(uint8_t ier)
{
	if (ier == uart.ier)
		return;
	uart.ier = ier;
	uart_set(UART_IER, ier);
}

/* ---- sending -------------------------------------------------------------------------------- */

static bool uart_can_send_locked(void)
{
	if (!(uart_get(UART_LSR) & LSR_THRE))
		return false;
	return !uart.flow || (uart_get(UART_MSR) & MSR_CTS);
}

/* Move bytes to the chip for as long as it takes them; ask for an interrupt for the rest. */
static void uart_pump_locked(void)
{
	while (ring_used(&uart.tx) > 0 && uart_can_send_locked()) {
		uart.stuck = false;
		for (int i = 0; i < FIFO_BYTES && ring_used(&uart.tx) > 0; i++) {
			uint8_t byte;

			ring_read(&uart.tx, &byte, 1);
			uart_set(UART_DATA, byte);
		}
	}
	if (!uart.irq)
		return;
	if (ring_used(&uart.tx) > 0)
		uart_set_ier_locked(uart.ier | IER_TRANSMIT);
	else
		uart_set_ier_locked(uart.ier & (uint8_t)~IER_TRANSMIT);
}

/* Pump, polled, until at most `left` bytes are in the ring. A chip that does not move for long is
 * given up, until it moves again. */
static void uart_poll_locked(size_t left)
{
	int polls = 0;

	uart_pump_locked();
	while (ring_used(&uart.tx) > left && !uart.stuck) {
		size_t before = ring_used(&uart.tx);

		uart_pump_locked();
		polls = ring_used(&uart.tx) < before ? 0 : polls + 1;
		uart.stuck = polls > POLLS_PER_FIFO;
	}
}

/* Queue text with "\r\n" for each newline; what a stuck chip leaves no room for is lost. */
static void uart_text_locked(const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		if (ring_free(&uart.tx) < 2)
			uart_poll_locked(TX_BYTES / 2);
		if (ring_free(&uart.tx) < 2)
			return;
		if (text[i] == '\n')
			ring_write(&uart.tx, "\r", 1);
		ring_write(&uart.tx, &text[i], 1);
	}
}

static void uart_log(struct log_sink *sink, enum log_level level, const char *text, size_t bytes)
{
	uint64_t flags = spin_lock_irqsave(&uart.lock);

	uart_text_locked(text, bytes);
	if (uart.irq)
		uart_pump_locked();
	else
		uart_poll_locked(0);
	spin_unlock_irqrestore(&uart.lock, flags);
}

/* No lock: the other CPUs are stopped, and who holds it will never let go. */
static void uart_log_panic(struct log_sink *sink, const char *text, size_t bytes)
{
	uart_text_locked(text, bytes);
	uart_poll_locked(0);
	/* The machine may go off next: the chip is to be empty then. */
	for (int polls = 0; polls < POLLS_PER_FIFO && !uart.stuck; polls++)
		if (uart_get(UART_LSR) & LSR_TEMT)
			break;
}

static struct log_sink uart_sink = {
	.name = "serial",
	.max_level = LOG_DEBUG,
	.write = uart_log,
	.write_panic = uart_log_panic,
};

/* ---- receiving ------------------------------------------------------------------------------ */

static void uart_receive_locked(void)
{
	while (ring_free(&uart.rx) > 0 && (uart_get(UART_LSR) & LSR_DATA)) {
		uint8_t byte = uart_get(UART_DATA);

		ring_write(&uart.rx, &byte, 1);
	}
	if (ring_free(&uart.rx) > 0)
		return;
	uart_set_ier_locked(uart.ier & (uint8_t)~IER_RECEIVE);
	uart.mcr &= (uint8_t)~MCR_RTS;
	uart_set(UART_MCR, uart.mcr);
}

/* There is room again. */
static void uart_receive_on_locked(void)
{
	if (uart.ier & IER_RECEIVE)
		return;
	uart.mcr |= MCR_RTS;
	uart_set(UART_MCR, uart.mcr);
	uart_set_ier_locked(uart.ier | IER_RECEIVE);
}

static bool uart_interrupt(void *data)
{
	bool ours = false;
	uint64_t flags = spin_lock_irqsave(&uart.lock);

	/* Reading the identification also clears a transmit interrupt; more than a few rounds would
	 * be a broken chip. */
	for (int i = 0; i < 8 && !(uart_get(UART_IIR) & IIR_NONE); i++) {
		ours = true;
		uart_receive_locked();
		if (uart.flow)
			(void)uart_get(UART_MSR);
		uart_pump_locked();
	}
	spin_unlock_irqrestore(&uart.lock, flags);
	if (ours) {
		wait_wake_all(uart_chr.readers, POLLIN);
		wait_wake_all(uart_chr.writers, POLLOUT);
	}
	return ours;
}

/* ---- ttyS0 ---------------------------------------------------------------------------------- */

static size_t uart_rx_used(void)
{
	uint64_t flags = spin_lock_irqsave(&uart.lock);
	size_t used = ring_used(&uart.rx);

	spin_unlock_irqrestore(&uart.lock, flags);
	return used;
}

static size_t uart_tx_used(void)
{
	uint64_t flags = spin_lock_irqsave(&uart.lock);
	size_t used = ring_used(&uart.tx);

	spin_unlock_irqrestore(&uart.lock, flags);
	return used;
}

static ssize_t uart_chr_read(struct chr_device *chr, void *buf, size_t bytes, bool nonblock)
{
	for (;;) {
		uint64_t flags = spin_lock_irqsave(&uart.lock);
		size_t done = ring_read(&uart.rx, buf, bytes);
		int err;

		uart_receive_on_locked();
		spin_unlock_irqrestore(&uart.lock, flags);
		if (done > 0 || bytes == 0)
			return (ssize_t)done;
		if (nonblock)
			return -EAGAIN;
		err = wait_event(
			chr->readers, WAIT_INTERRUPTIBLE, WAIT_FOREVER, uart_rx_used() > 0);
		if (err)
			return err;
	}
}

static ssize_t uart_chr_write(struct chr_device *chr, const void *buf, size_t bytes, bool nonblock)
{
	size_t done = 0;

	while (done < bytes) {
		uint64_t flags = spin_lock_irqsave(&uart.lock);
		int err;

		done += ring_write(&uart.tx, (const char *)buf + done, bytes - done);
		uart_pump_locked();
		spin_unlock_irqrestore(&uart.lock, flags);
		if (done == bytes)
			break;
		if (nonblock)
			return done ? (ssize_t)done : -EAGAIN;
		err = wait_event(chr->writers, WAIT_INTERRUPTIBLE, WAIT_FOREVER,
			uart_tx_used() <= TX_BYTES / 2);
		if (err)
			return done ? (ssize_t)done : err;
	}
	return (ssize_t)done;
}

static uint32_t uart_chr_poll(struct chr_device *chr)
{
	uint32_t events = 0;

	if (uart_rx_used() > 0)
		events |= POLLIN;
	if (uart_tx_used() < TX_BYTES)
		events |= POLLOUT;
	return events;
}

static int uart_chr_drain(struct chr_device *chr)
{
	int err = wait_event(chr->writers, WAIT_INTERRUPTIBLE, WAIT_FOREVER, uart_tx_used() == 0);

	while (!err && !(uart_get(UART_LSR) & LSR_TEMT))
		err = sleep_until(WAIT_INTERRUPTIBLE, clock_ns() + NS_PER_MS);
	return err;
}

static const struct chr_ops uart_chr_ops = {
	.read = uart_chr_read,
	.write = uart_chr_write,
	.poll = uart_chr_poll,
	.drain = uart_chr_drain,
};

static struct chr_device uart_chr = {
	.name = "ttyS0",
	.rdev = UART_RDEV,
	.ops = &uart_chr_ops,
};

/* ---- start and end -------------------------------------------------------------------------- */

/* The scratch register keeps what is written; where no chip is, the bus reads as ones. */
static bool uart_is_there(void)
{
	uart_set(UART_SCRATCH, 0x5a);
	if (uart_get(UART_SCRATCH) != 0x5a)
		return false;
	uart_set(UART_SCRATCH, 0xa5);
	return uart_get(UART_SCRATCH) == 0xa5;
}

int uart_init_early(void)
{
	int err = region_claim_ports("serial", COM1_PORT, UART_PORTS, &uart.ports);

	if (err)
		return err;
	if (!uart_is_there()) {
		region_release(&uart.ports);
		return -ENODEV;
	}
	uart_set(UART_IER, 0);
	uart_set(UART_LCR, LCR_DLAB);
	uart_set(UART_DIVISOR_LOW, DIVISOR);
	uart_set(UART_DIVISOR_HIGH, DIVISOR >> 8);
	uart_set(UART_LCR, LCR_8N1);
	uart_set(UART_FCR, FCR_ENABLE | FCR_RESET | FCR_LEVEL_8);
	uart.mcr = MCR_DTR | MCR_RTS | MCR_OUT2;
	uart_set(UART_MCR, uart.mcr);
	log_sink_add(&uart_sink);
	return 0;
}

int uart_init(void)
{
	char option[16];
	uint64_t flags;
	int err;

	if (uart.ports.bytes == 0)
		return -ENODEV;
	uart.flow = cmdline_get("serial", option, sizeof(option)) && strcmp(option, "rtscts") == 0;
	err = irq_request_isa(COM1_IRQ, "serial", uart_interrupt, NULL, &uart.irq);
	if (err)
		return err;
	chr_register(&uart_chr);
	flags = spin_lock_irqsave(&uart.lock);
	uart_set_ier_locked(IER_RECEIVE | (uart.flow ? IER_MODEM : 0));
	uart_receive_locked();
	spin_unlock_irqrestore(&uart.lock, flags);
	return 0;
}

void uart_shutdown(void)
{
	uint64_t flags;

	if (uart.ports.bytes == 0)
		return;
	flags = spin_lock_irqsave(&uart.lock);
	uart_poll_locked(0);
	spin_unlock_irqrestore(&uart.lock, flags);
	for (int i = 0; i < POLLS_PER_FIFO && !(uart_get(UART_LSR) & LSR_TEMT); i++)
		cpu_relax();
}
