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
 * The log and a terminal share the ring. A terminal gets only its first TX_WINDOW bytes, so that
 * what it has written can still be stopped or thrown away where it waits. A line of the log goes in
 * whole, and begins at the start of a line of the screen: where the terminal's last byte was no
 * newline, one is put in between.
 *
 * Before uart_init, and in a panic, everything is polled. Line discipline is not here: bytes are
 * raw, but for the log's newlines. What comes with a parity error is taken as it is.
 */
#include "dev/uart/uart.h"

#include "abi/errno.h"
#include "core/irq.h"
#include "core/log.h"
#include "core/spinlock.h"
#include "dev/line.h"
#include "dev/region.h"
#include "lib/ring.h"

#define COM1_PORT  0x3f8
#define COM1_IRQ   4
#define UART_PORTS 8
#define FIFO_BYTES 16
#define TX_BYTES   8192
#define TX_WINDOW  256 /* 22 ms at full speed */
#define RX_BYTES   4096
#define SPEED_MAX  115200

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
#define IER_LINE     0x04 /* a break has come */
#define IER_MODEM    0x08
#define IER_INPUT    (IER_RECEIVE | IER_LINE)
#define IIR_NONE     0x01
#define FCR_ENABLE   0x01
#define FCR_RESET    0x06
#define FCR_LEVEL_8  0x80
#define LCR_8N1      0x03
#define LCR_STOP_2   0x04
#define LCR_PARITY   0x08
#define LCR_EVEN     0x10
#define LCR_BREAK    0x40
#define LCR_DLAB     0x80
#define MCR_DTR      0x01
#define MCR_RTS      0x02
#define MCR_OUT2     0x08 /* lets the interrupt through to the bus */
#define LSR_DATA     0x01
#define LSR_BREAK    0x10 /* gone once it is read; a NUL is among the data */
#define LSR_THRE     0x20 /* transmit FIFO empty */
#define LSR_TEMT     0x40 /* and the last bit has left */
#define MSR_CTS      0x10
#define MSR_DSR      0x20
#define MSR_RI       0x40
#define MSR_DCD      0x80

/* 16 bytes take 1.4 ms to leave; a look at the chip takes some 1 µs. An emulated chip may stand
 * still for a hundred times as long while its host is busy, and then go on. */
#define POLLS_PER_FIFO 500000

/* The rings' bytes: not in the struct, whose other members are initialised: the image would carry
 * them. */
static uint8_t tx_bytes[TX_BYTES], rx_bytes[RX_BYTES]; /* [uart.lock] */

static struct {
	struct region ports; /* [I] bytes 0: no port */
	struct irq *irq;     /* [I] NULL: polled */
	struct spinlock lock;
	struct ring tx, rx;      /* [lock] */
	uint8_t ier, lcr, mcr;   /* [lock] as last written */
	struct line_settings is; /* [lock] */
	bool stuck;              /* [lock] the chip has not moved for long: do not wait for it */
	bool mid_line;           /* [lock] the terminal's last byte was no newline */
	bool wanted;             /* [lock] the terminal has more to write */
	bool break_come;         /* [lock] and was not told yet */
	bool break_nul;          /* [lock] its NUL is still to be read */
} uart = {
	.lock = SPINLOCK_INIT("uart", RANK_UART),
	.tx = { .data = tx_bytes, .bytes = TX_BYTES },
	.rx = { .data = rx_bytes, .bytes = RX_BYTES },
};

static struct line uart_line;

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

static void uart_set_mcr_locked(uint8_t mcr)
{
	if (mcr == uart.mcr)
		return;
	uart.mcr = mcr;
	uart_set(UART_MCR, mcr);
}

/* The only way to read the line status: it shows a break only once. */
static uint8_t uart_status_locked(void)
{
	uint8_t status = uart_get(UART_LSR);

	if (status & LSR_BREAK)
		uart.break_come = uart.break_nul = true;
	return status;
}

/* ---- sending -------------------------------------------------------------------------------- */

static bool uart_can_send_locked(void)
{
	if (!(uart_status_locked() & LSR_THRE))
		return false;
	return !uart.is.flow || (uart_get(UART_MSR) & MSR_CTS);
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
	if (uart.mid_line) {
		uart.mid_line = false;
		uart_text_locked("\n", 1);
	}
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
	while (ring_free(&uart.rx) > 0 && (uart_status_locked() & LSR_DATA)) {
		uint8_t byte = uart_get(UART_DATA);

		if (byte == 0 && uart.break_nul)
			uart.break_nul = false;
		else
			ring_write(&uart.rx, &byte, 1);
	}
	if (ring_free(&uart.rx) > 0)
		return;
	uart_set_ier_locked(uart.ier & (uint8_t)~IER_INPUT);
	uart_set_mcr_locked(uart.mcr & (uint8_t)~MCR_RTS);
}

/* There is room again. */
static void uart_receive_on_locked(void)
{
	if (uart.ier & IER_RECEIVE)
		return;
	uart_set_mcr_locked(uart.mcr | MCR_RTS);
	uart_set_ier_locked(uart.ier | IER_INPUT);
}

static bool uart_interrupt(void *data)
{
	bool ours = false, tell = false;
	uint64_t flags = spin_lock_irqsave(&uart.lock);

	/* Reading the identification also clears a transmit interrupt; more than a few rounds would
	 * be a broken chip. */
	for (int i = 0; i < 8 && !(uart_get(UART_IIR) & IIR_NONE); i++) {
		ours = true;
		uart_receive_locked();
		if (uart.ier & IER_MODEM) {
			(void)uart_get(UART_MSR);
			tell = true;
		}
		uart_pump_locked();
	}
	if (uart.wanted && ring_used(&uart.tx) <= TX_WINDOW / 2) {
		uart.wanted = false;
		tell = true;
	}
	tell |= ring_used(&uart.rx) > 0 || uart.break_come;
	spin_unlock_irqrestore(&uart.lock, flags);
	if (ours && tell)
		line_notify(&uart_line);
	return ours;
}

/* ---- the line ------------------------------------------------------------------------------- */

static size_t uart_line_write(struct line *line, const void *buf, size_t bytes)
{
	const char *text = buf;
	uint64_t flags = spin_lock_irqsave(&uart.lock);
	size_t done = 0, used;
	bool broke;

	while (done < bytes && (used = ring_used(&uart.tx)) < TX_WINDOW) {
		done += ring_write(&uart.tx, text + done, min(bytes - done, TX_WINDOW - used));
		uart_pump_locked();
	}
	if (done > 0)
		uart.mid_line = text[done - 1] != '\n';
	uart.wanted = done < bytes;
	broke = uart.break_come;
	spin_unlock_irqrestore(&uart.lock, flags);
	if (broke) /* seen here, so that no interrupt will tell */
		line_notify(line);
	return done;
}

static size_t uart_line_read(struct line *line, void *buf, size_t bytes)
{
	uint64_t flags = spin_lock_irqsave(&uart.lock);
	size_t done = ring_read(&uart.rx, buf, bytes);

	if (done > 0)
		uart_receive_on_locked();
	spin_unlock_irqrestore(&uart.lock, flags);
	return done;
}

static bool uart_line_is_sending(struct line *line)
{
	uint64_t flags = spin_lock_irqsave(&uart.lock);
	bool is = ring_used(&uart.tx) > 0 || !(uart_status_locked() & LSR_TEMT);

	spin_unlock_irqrestore(&uart.lock, flags);
	return is;
}

static void uart_set_line_locked(uint32_t divisor, uint8_t lcr)
{
	uart_set(UART_LCR, lcr | LCR_DLAB);
	uart_set(UART_DIVISOR_LOW, (uint8_t)divisor);
	uart_set(UART_DIVISOR_HIGH, (uint8_t)(divisor >> 8));
	uart_set(UART_LCR, lcr);
	uart.lcr = lcr;
}

/* A speed that the chip does not have changes nothing; no speed at all hangs up. */
static void uart_line_set(struct line *line, struct line_settings *want)
{
	uint64_t flags = spin_lock_irqsave(&uart.lock);
	uint32_t was = uart.is.speed;
	uint8_t lcr = (uint8_t)(want->bits - 5);

	if (want->speed > SPEED_MAX || want->speed == 1) /* the divisor has 16 bits */
		want->speed = was;
	lcr |= want->two_stop_bits ? LCR_STOP_2 : 0;
	lcr |= want->parity ? LCR_PARITY | (want->odd ? 0 : LCR_EVEN) : 0;
	if (want->speed == 0)
		uart_set_mcr_locked(uart.mcr & (uint8_t) ~(MCR_DTR | MCR_RTS));
	else if (was == 0)
		uart_set_mcr_locked(uart.mcr | MCR_DTR | MCR_RTS);
	if (want->speed != 0 && (want->speed != was || lcr != uart.lcr))
		uart_set_line_locked((SPEED_MAX + want->speed / 2) / want->speed, lcr);
	uart_set_ier_locked(
		(uint8_t)((uart.ier & ~IER_MODEM) | (want->flow || want->modem ? IER_MODEM : 0)));
	uart.is = *want;
	uart_pump_locked();
	spin_unlock_irqrestore(&uart.lock, flags);
}

static unsigned uart_line_modem(struct line *line, unsigned mask, unsigned on)
{
	static const struct {
		uint8_t bit;
		unsigned means;
	} outputs[] = { { MCR_DTR, LINE_DTR }, { MCR_RTS, LINE_RTS } },
	  inputs[] = { { MSR_CTS, LINE_CTS }, { MSR_DSR, LINE_DSR }, { MSR_RI, LINE_RI },
		  { MSR_DCD, LINE_DCD } };
	uint64_t flags = spin_lock_irqsave(&uart.lock);
	uint8_t mcr = uart.mcr, msr = uart_get(UART_MSR);
	unsigned state = 0;

	for (size_t i = 0; i < ARRAY_SIZE(outputs); i++) {
		if (mask & outputs[i].means)
			mcr &= (uint8_t)~outputs[i].bit;
		if (mask & on & outputs[i].means)
			mcr |= outputs[i].bit;
		state |= mcr & outputs[i].bit ? outputs[i].means : 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(inputs); i++)
		state |= msr & inputs[i].bit ? inputs[i].means : 0;
	uart_set_mcr_locked(mcr);
	spin_unlock_irqrestore(&uart.lock, flags);
	return state;
}

static void uart_line_set_break(struct line *line, bool on)
{
	uint64_t flags = spin_lock_irqsave(&uart.lock);

	uart.lcr = (uint8_t)(on ? uart.lcr | LCR_BREAK : uart.lcr & ~LCR_BREAK);
	uart_set(UART_LCR, uart.lcr);
	spin_unlock_irqrestore(&uart.lock, flags);
}

static bool uart_line_take_break(struct line *line)
{
	uint64_t flags = spin_lock_irqsave(&uart.lock);
	bool come = uart.break_come;

	uart.break_come = false;
	spin_unlock_irqrestore(&uart.lock, flags);
	return come;
}

static const struct line_ops uart_line_ops = {
	.write = uart_line_write,
	.read = uart_line_read,
	.is_sending = uart_line_is_sending,
	.set = uart_line_set,
	.modem = uart_line_modem,
	.set_break = uart_line_set_break,
	.take_break = uart_line_take_break,
};

static struct line uart_line = {
	.name = "ttyS0",
	.rdev = LINE_RDEV(64),
	.ops = &uart_line_ops,
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
	uart.is = (struct line_settings){ .speed = SPEED_MAX, .bits = 8 };
	uart_set_line_locked(1, LCR_8N1);
	uart_set(UART_FCR, FCR_ENABLE | FCR_RESET | FCR_LEVEL_8);
	uart_set_mcr_locked(MCR_DTR | MCR_RTS | MCR_OUT2);
	log_sink_add(&uart_sink);
	return 0;
}

int uart_init(void)
{
	uint64_t flags;
	int err;

	if (uart.ports.bytes == 0)
		return -ENODEV;
	err = irq_request_isa(COM1_IRQ, "serial", uart_interrupt, NULL, &uart.irq);
	if (err)
		return err;
	line_register(&uart_line);
	flags = spin_lock_irqsave(&uart.lock);
	uart_set_ier_locked(IER_INPUT);
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
