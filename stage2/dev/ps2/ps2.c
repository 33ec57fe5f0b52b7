/*
 * The keyboard controller (Intel 8042; IBM PC/AT Technical Reference, 1984; as every chipset has
 * one).
 *
 * The controller translates to scan code set 1, as it does from power on. It is not tested and the
 * keyboard not reset: either takes up to a second, and the BIOS has done it. Nothing waits for the
 * keyboard: its answers come as interrupts, like its keys.
 *
 * Not here: the second port (a mouse), other layouts.
 */
#include "dev/ps2/ps2.h"

#include "abi/errno.h"
#include "core/clock.h"
#include "core/irq.h"
#include "core/spinlock.h"
#include "dev/ps2/keys.h"
#include "dev/region.h"
#include "dev/vga/vga.h"

#define DATA_PORT    0x60
#define STATUS_PORT  0x64 /* written: commands */
#define KEYBOARD_IRQ 1

#define STATUS_OUTPUT 0x01 /* a byte is to be read */
#define STATUS_INPUT  0x02 /* the controller has not taken what was written */
#define STATUS_SECOND 0x20 /* the byte is the mouse's */
#define STATUS_NONE   0xff /* nobody drives the bus */

#define COMMAND_READ_CONFIG     0x20
#define COMMAND_WRITE_CONFIG    0x60
#define COMMAND_SECOND_OFF      0xa7
#define COMMAND_FIRST_OFF       0xad
#define COMMAND_FIRST_ON        0xae
#define CONFIG_FIRST_INTERRUPT  0x01
#define CONFIG_SECOND_INTERRUPT 0x02
#define CONFIG_FIRST_CLOCK_OFF  0x10
#define CONFIG_TRANSLATE        0x40

#define KEYBOARD_LEDS   0xed /* command; the LEDs follow when it is acknowledged */
#define KEYBOARD_ENABLE 0xf4
#define KEYBOARD_ACK    0xfa

#define LEDS_UNKNOWN 0xff
#define WAIT_NS      (10 * NS_PER_MS) /* a controller answers in some microseconds */
#define FLUSH_MAX    32

static struct {
	struct region data, status; /* [I] */
	struct irq *irq;            /* [I] */
	struct spinlock lock;       /* RANK_UART */
	struct keys keys;           /* [lock] */
	uint8_t leds;               /* [lock] as the keyboard shows them, or was told last */
	bool telling;               /* [lock] KEYBOARD_LEDS was sent */
} ps2 = { .lock = SPINLOCK_INIT("ps2", RANK_UART), .leds = LEDS_UNKNOWN };

static uint8_t status_get(void)
{
	return region_read8(&ps2.status, 0);
}

/* Wait until these bits of the status are as wanted. -ENODEV. */
static int status_wait(uint8_t bits, uint8_t wanted)
{
	uint64_t until_ns = clock_ns() + WAIT_NS;

	while ((status_get() & bits) != wanted)
		if (clock_ns() > until_ns)
			return -ENODEV;
	return 0;
}

static int command(uint8_t byte)
{
	int err = status_wait(STATUS_INPUT, 0);

	if (!err)
		region_write8(&ps2.status, 0, byte);
	return err;
}

static int data_write(uint8_t byte)
{
	int err = status_wait(STATUS_INPUT, 0);

	if (!err)
		region_write8(&ps2.data, 0, byte);
	return err;
}

static int data_read(uint8_t *byte)
{
	int err = status_wait(STATUS_OUTPUT, STATUS_OUTPUT);

	if (!err)
		*byte = region_read8(&ps2.data, 0);
	return err;
}

/* ---- keys ----------------------------------------------------------------------------------- */

/* To the keyboard, if the controller takes it at once: it is no matter if it does not. */
static void keyboard_send_locked(uint8_t byte)
{
	if (!(status_get() & STATUS_INPUT))
		region_write8(&ps2.data, 0, byte);
}

/* The LEDs are told in two bytes, the second when the first is acknowledged. */
static void leds_tell_locked(bool acknowledged)
{
	if (ps2.telling && acknowledged) {
		ps2.telling = false;
		keyboard_send_locked(ps2.leds);
	} else if (!ps2.telling && ps2.leds != ps2.keys.leds) {
		ps2.telling = true;
		ps2.leds = ps2.keys.leds;
		keyboard_send_locked(KEYBOARD_LEDS);
	}
}

/* A byte of the keyboard's: what it types. */
static size_t byte_take_locked(uint8_t byte, bool application, char text[KEYS_TEXT_BYTES])
{
	size_t bytes = 0;

	if (byte != KEYBOARD_ACK)
		bytes = keys_take(&ps2.keys, byte, application, text);
	leds_tell_locked(byte == KEYBOARD_ACK);
	return bytes;
}

/* A byte that the controller has, if it is the keyboard's. */
static void byte_serve(uint8_t status)
{
	char text[KEYS_TEXT_BYTES];
	bool application = vga_wants_application_keys();
	uint64_t flags = spin_lock_irqsave(&ps2.lock);
	uint8_t byte = region_read8(&ps2.data, 0);
	size_t bytes = 0;

	if (!(status & STATUS_SECOND))
		bytes = byte_take_locked(byte, application, text);
	spin_unlock_irqrestore(&ps2.lock, flags);
	if (bytes > 0)
		vga_type(text, bytes);
}

static bool ps2_interrupt(void *data)
{
	bool ours = false;
	uint8_t status;

	for (int i = 0; i < FLUSH_MAX && ((status = status_get()) & STATUS_OUTPUT); i++) {
		ours = true;
		byte_serve(status);
	}
	return ours;
}

/* ---- start ---------------------------------------------------------------------------------- */

/* What was typed before is thrown away. */
static int output_flush(void)
{
	for (int i = 0; i < FLUSH_MAX; i++) {
		if (!(status_get() & STATUS_OUTPUT))
			return 0;
		(void)region_read8(&ps2.data, 0);
	}
	return -ENODEV;
}

/* Both ports are off while the controller is asked, so that no key is taken for an answer. */
static int controller_init(void)
{
	uint8_t config;
	int err = status_get() == STATUS_NONE ? -ENODEV : command(COMMAND_FIRST_OFF);

	if (!err)
		err = command(COMMAND_SECOND_OFF);
	if (!err)
		err = output_flush();
	if (!err)
		err = command(COMMAND_READ_CONFIG);
	if (!err)
		err = data_read(&config);
	if (err)
		return err;
	config |= CONFIG_FIRST_INTERRUPT | CONFIG_TRANSLATE;
	config &= (uint8_t) ~(CONFIG_FIRST_CLOCK_OFF | CONFIG_SECOND_INTERRUPT);
	err = command(COMMAND_WRITE_CONFIG);
	if (!err)
		err = data_write(config);
	return err ? err : command(COMMAND_FIRST_ON);
}

int ps2_init(void)
{
	int err = region_claim_ports("keyboard", DATA_PORT, 1, &ps2.data);

	if (!err)
		err = region_claim_ports("keyboard", STATUS_PORT, 1, &ps2.status);
	if (!err)
		err = controller_init();
	if (!err)
		err = irq_request_isa(KEYBOARD_IRQ, "keyboard", ps2_interrupt, NULL, &ps2.irq);
	if (err)
		goto release_ports;
	err = data_write(KEYBOARD_ENABLE);
	if (err)
		goto release_irq;
	(void)ps2_interrupt(NULL); /* what came before is told only once */
	return 0;

release_irq:
	irq_release(ps2.irq);
release_ports:
	region_release(&ps2.status);
	region_release(&ps2.data);
	return err;
}
