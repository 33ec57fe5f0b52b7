/*
 * The list of lines. It is filled at boot and never changes afterwards.
 */
#include "dev/line.h"

#include "lib/assert.h"
#include "lib/compiler.h"

#define LINES_MAX 2 /* the serial port, the screen */

static struct line *lines[LINES_MAX]; /* [I] once programs run */
static unsigned count;                /* [I] the same */

void line_register(struct line *line)
{
	assert(count < LINES_MAX);
	lines[count++] = line;
}

void line_notify(struct line *line)
{
	if (READ_ONCE(line->work.fn))
		work_queue(&line->work);
}

struct line *line_at(unsigned index)
{
	return index < count ? lines[index] : NULL;
}
