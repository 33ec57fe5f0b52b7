/*
 * /dev/console: what is written goes to the serial port and to the screen, what is read comes from
 * the serial port. A terminal's line discipline is not here, but for newlines: "\n" goes out as
 * "\r\n", and "\r" comes in as "\n". Without a serial port, reading is at its end at once.
 */
#include "dev/console.h"

#include "abi/errno.h"
#include "dev/chr.h"
#include "dev/vga/vga.h"

#define CHUNK_BYTES 256

/* The serial port, NULL where there is none. [I] after console_init */
static struct chr_device *serial;

static ssize_t console_read(struct chr_device *chr, void *buf, size_t bytes, bool nonblock)
{
	char *text = buf;
	ssize_t done;

	if (!serial)
		return 0;
	done = serial->ops->read(serial, buf, bytes, nonblock);
	for (ssize_t i = 0; i < done; i++)
		if (text[i] == '\r')
			text[i] = '\n';
	return done;
}

/* Expand newlines of text to at most CHUNK_BYTES in chunk; *taken is how much of text that was. */
static size_t newlines_expand(const char *text, size_t bytes, char *chunk, size_t *taken)
{
	size_t made = 0, i = 0;

	for (; i < bytes && made + 2 <= CHUNK_BYTES; i++) {
		if (text[i] == '\n')
			chunk[made++] = '\r';
		chunk[made++] = text[i];
	}
	*taken = i;
	return made;
}

/* How many bytes of text lie wholly in the first `sent` bytes of their expansion. */
static size_t newlines_covered(const char *text, size_t sent)
{
	size_t i = 0;

	for (;; i++) {
		size_t makes = text[i] == '\n' ? 2 : 1;

		if (makes > sent)
			return i;
		sent -= makes;
	}
}

static ssize_t console_write(struct chr_device *chr, const void *buf, size_t bytes, bool nonblock)
{
	const char *text = buf;
	size_t done = 0;

	while (done < bytes) {
		char chunk[CHUNK_BYTES];
		size_t taken;
		size_t made = newlines_expand(text + done, bytes - done, chunk, &taken);

		if (serial) {
			ssize_t sent = serial->ops->write(serial, chunk, made, nonblock);

			if (sent < 0)
				return done > 0 ? (ssize_t)done : sent;
			if ((size_t)sent < made) {
				taken = newlines_covered(text + done, (size_t)sent);
				vga_write(text + done, taken);
				return done + taken > 0 ? (ssize_t)(done + taken) : -EAGAIN;
			}
		}
		vga_write(text + done, taken);
		done += taken;
	}
	return (ssize_t)done;
}

static uint32_t console_poll(struct chr_device *chr)
{
	return serial ? serial->ops->poll(serial) : POLLIN | POLLOUT;
}

static int console_drain(struct chr_device *chr)
{
	return serial ? serial->ops->drain(serial) : 0;
}

static const struct chr_ops console_ops = {
	.read = console_read,
	.write = console_write,
	.poll = console_poll,
	.drain = console_drain,
};

static struct chr_device console = {
	.name = "console",
	.rdev = CHR_RDEV(CHR_MAJOR_CON, 1),
	.ops = &console_ops,
};

void console_init(void)
{
	serial = chr_find("ttyS0");
	if (serial) {
		console.readers = serial->readers;
		console.writers = serial->writers;
	}
	chr_register(&console);
}
