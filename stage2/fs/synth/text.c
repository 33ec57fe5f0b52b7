/*
 * Growing text. It doubles when it is full, so that a text of any length is copied about once.
 */
#include <stdarg.h>

#include "fs/synth/synth.h"
#include "lib/format.h"
#include "lib/string.h"
#include "mm/slab.h"

#define TEXT_FIRST_BYTES 1024
#define TEXT_MAX_BYTES   (4u << 20) /* what kmalloc gives */

char *synth_room(struct synth_text *text, size_t bytes)
{
	size_t size = text->size ? text->size : TEXT_FIRST_BYTES;
	char *buf;

	if (text->size - text->bytes >= bytes)
		return text->buf + text->bytes;
	while (size - text->bytes < bytes && size < TEXT_MAX_BYTES)
		size *= 2;
	buf = size - text->bytes < bytes ? NULL : kmalloc(size);
	if (!buf) {
		text->failed = true;
		return NULL;
	}
	if (text->bytes)
		memcpy(buf, text->buf, text->bytes);
	kfree(text->buf);
	text->buf = buf;
	text->size = size;
	return buf + text->bytes;
}

void synth_wrote(struct synth_text *text, size_t bytes)
{
	text->bytes += bytes;
}

void synth_write(struct synth_text *text, const void *data, size_t bytes)
{
	char *to = synth_room(text, bytes);

	if (to) {
		memcpy(to, data, bytes);
		synth_wrote(text, bytes);
	}
}

void synth_print(struct synth_text *text, const char *format, ...)
{
	va_list args;
	int bytes;
	char *to;

	va_start(args, format);
	bytes = vsnprintf(NULL, 0, format, args);
	va_end(args);
	to = synth_room(text, (size_t)bytes + 1);
	if (!to)
		return;
	va_start(args, format);
	vsnprintf(to, (size_t)bytes + 1, format, args);
	va_end(args);
	synth_wrote(text, (size_t)bytes);
}
