/*
 * The line discipline, after Linux's n_tty and POSIX chapter 11 (General Terminal Interface).
 *
 * The main idea: input is one ring. In canonical mode the bytes up to canon_head belong to whole
 * lines, whose last bytes are marked; those behind are the line that is being typed, and can be
 * erased. An end of file is a marked byte that is never read. Without canonical mode all bytes can
 * be read, and the marks mean nothing.
 *
 * Not here: ECHOPRT, parity marks, upper case terminals.
 */
#include "tty/ldisc.h"

#include "lib/string.h"

#define TAB_COLUMNS 8
#define EOF_BYTE    '\0' /* stands, marked, for an end of file */

static bool has_iflag(const struct ldisc *ldisc, uint32_t flag)
{
	return ldisc->termios.c_iflag & flag;
}

static bool has_oflag(const struct ldisc *ldisc, uint32_t flag)
{
	return ldisc->termios.c_oflag & flag;
}

static bool has_lflag(const struct ldisc *ldisc, uint32_t flag)
{
	return ldisc->termios.c_lflag & flag;
}

/* Is c this special character? One set to NUL is switched off. */
static bool is_special(const struct ldisc *ldisc, unsigned which, uint8_t c)
{
	return c != '\0' && ldisc->termios.c_cc[which] == c;
}

static bool is_control(uint8_t c)
{
	return c < 0x20 || c == 0x7f;
}

/* Of a character of UTF-8, but not its first byte. */
static bool is_continuation(const struct ldisc *ldisc, uint8_t c)
{
	return has_iflag(ldisc, IUTF8) && (c & 0xc0) == 0x80;
}

static bool is_word(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_' || c >= 0xc0;
}

void ldisc_init(struct ldisc *ldisc, void *in, void *out)
{
	*ldisc = (struct ldisc){
		.termios = {
			.c_iflag = ICRNL | IXON,
			.c_oflag = OPOST | ONLCR,
			.c_cflag = B38400 | CS8 | CREAD,
			.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
			.c_cc = {
				[VINTR] = 3, [VQUIT] = 28, [VERASE] = 127, [VKILL] = 21, [VEOF] = 4,
				[VMIN] = 1, [VSTART] = 17, [VSTOP] = 19, [VSUSP] = 26,
				[VREPRINT] = 18, [VDISCARD] = 15, [VWERASE] = 23, [VLNEXT] = 22,
			},
			.c_ispeed = 38400,
			.c_ospeed = 38400,
		},
		.in = in,
	};
	ring_init(&ldisc->out, out, LDISC_BYTES);
}

/* ---- output --------------------------------------------------------------------------------- */

static void out_byte(struct ldisc *ldisc, uint8_t c)
{
	ring_write(&ldisc->out, &c, 1);
}

static void out_newline(struct ldisc *ldisc)
{
	if (has_oflag(ldisc, ONLRET))
		ldisc->column = 0;
	if (has_oflag(ldisc, ONLCR)) {
		ldisc->column = 0;
		out_byte(ldisc, '\r');
	}
	ldisc->canon_column = ldisc->column;
	out_byte(ldisc, '\n');
}

static void out_return(struct ldisc *ldisc)
{
	if (has_oflag(ldisc, ONOCR) && ldisc->column == 0)
		return;
	if (has_oflag(ldisc, OCRNL)) {
		if (has_oflag(ldisc, ONLRET))
			ldisc->column = ldisc->canon_column = 0;
		out_byte(ldisc, '\n');
		return;
	}
	ldisc->column = ldisc->canon_column = 0;
	out_byte(ldisc, '\r');
}

static void out_tab(struct ldisc *ldisc)
{
	unsigned blanks = TAB_COLUMNS - ldisc->column % TAB_COLUMNS;

	ldisc->column += blanks;
	if (!(has_oflag(ldisc, TABDLY) && (ldisc->termios.c_oflag & TABDLY) == XTABS)) {
		out_byte(ldisc, '\t');
		return;
	}
	while (blanks-- > 0)
		out_byte(ldisc, ' ');
}

/* One byte, as the output flags want it. False: there may not be enough room for what it becomes.
 */
static bool out_processed(struct ldisc *ldisc, uint8_t c)
{
	if (ring_free(&ldisc->out) < TAB_COLUMNS)
		return false;
	if (!has_oflag(ldisc, OPOST)) {
		out_byte(ldisc, c);
		return true;
	}
	switch (c) {
	case '\n':
		out_newline(ldisc);
		return true;
	case '\r':
		out_return(ldisc);
		return true;
	case '\t':
		out_tab(ldisc);
		return true;
	case '\b':
		if (ldisc->column > 0)
			ldisc->column--;
		break;
	default:
		if (!is_control(c) && !is_continuation(ldisc, c))
			ldisc->column++;
	}
	out_byte(ldisc, c);
	return true;
}

/* The writer waits until output goes on. */
static bool writer_stopped(const struct ldisc *ldisc)
{
	return ldisc->stopped && !ldisc->holds;
}

bool ldisc_can_output(const struct ldisc *ldisc)
{
	return !writer_stopped(ldisc) && ring_free(&ldisc->out) >= TAB_COLUMNS;
}

size_t ldisc_output(struct ldisc *ldisc, const void *buf, size_t bytes)
{
	const uint8_t *text = buf;
	size_t done = 0;

	if (writer_stopped(ldisc))
		return 0;
	while (done < bytes && out_processed(ldisc, text[done]))
		done++;
	return done;
}

size_t ldisc_to_send(const struct ldisc *ldisc, uint8_t **at)
{
	size_t bytes = ring_read_span(&ldisc->out, at);

	if (!ldisc->stopped)
		return bytes;
	return ldisc->holds ? 0 : min(bytes, ldisc->out_stop - ldisc->out.tail);
}

void ldisc_sent(struct ldisc *ldisc, size_t bytes)
{
	ring_consume(&ldisc->out, bytes);
}

void ldisc_stop(struct ldisc *ldisc)
{
	if (ldisc->stopped)
		return;
	ldisc->stopped = true;
	ldisc->out_stop = ldisc->out.head;
	ldisc->status = (ldisc->status & ~TIOCPKT_START) | TIOCPKT_STOP;
}

void ldisc_start(struct ldisc *ldisc)
{
	if (!ldisc->stopped)
		return;
	ldisc->stopped = false;
	ldisc->status = (ldisc->status & ~TIOCPKT_STOP) | TIOCPKT_START;
}

void ldisc_flush_output(struct ldisc *ldisc)
{
	ldisc->status |= TIOCPKT_FLUSHWRITE;
	if (ldisc->holds)
		ldisc_drop_output(ldisc);
}

void ldisc_drop_output(struct ldisc *ldisc)
{
	ldisc->out.tail = ldisc->out.head;
	ldisc->out_stop = ldisc->out.head;
}

/* ---- echo ----------------------------------------------------------------------------------- */

static void echo_text(struct ldisc *ldisc, const char *text)
{
	while (*text)
		(void)out_processed(ldisc, (uint8_t)*text++);
}

/* A control character is shown as ^X. */
static void echo(struct ldisc *ldisc, uint8_t c)
{
	if (has_lflag(ldisc, ECHOCTL) && is_control(c) && c != '\t') {
		char text[] = { '^', (char)(c ^ 0x40), '\0' };

		echo_text(ldisc, text);
	} else {
		(void)out_processed(ldisc, c);
	}
}

/* What is typed now begins the line. */
static void echo_input(struct ldisc *ldisc, uint8_t c)
{
	if (ldisc->head == ldisc->canon_head)
		ldisc->canon_column = ldisc->column;
	echo(ldisc, c);
}

/* ---- the input ring ------------------------------------------------------------------------- */

static uint8_t *in_at(const struct ldisc *ldisc, uint32_t count)
{
	return &ldisc->in[count % LDISC_BYTES];
}

static void in_put(struct ldisc *ldisc, uint8_t c)
{
	*in_at(ldisc, ldisc->head) = c;
	bitmap_clear(ldisc->marks, ldisc->head % LDISC_BYTES);
	ldisc->head++;
}

static void in_end_line(struct ldisc *ldisc, uint8_t c)
{
	in_put(ldisc, c);
	bitmap_set(ldisc->marks, (ldisc->head - 1) % LDISC_BYTES);
	ldisc->canon_head = ldisc->head;
}

/* Not one line can be read, and there is no room: only then is input thrown away. */
static bool line_overflows(const struct ldisc *ldisc)
{
	return has_lflag(ldisc, ICANON) && ldisc->canon_head == ldisc->tail;
}

size_t ldisc_room(const struct ldisc *ldisc)
{
	size_t used = ldisc->head - ldisc->tail;

	if (used < LDISC_BYTES - 1)
		return LDISC_BYTES - 1 - used;
	return line_overflows(ldisc) ? 1 : 0;
}

void ldisc_flush_input(struct ldisc *ldisc)
{
	ldisc->status |= TIOCPKT_FLUSHREAD;
	ldisc->tail = ldisc->canon_head = ldisc->head;
	ldisc->lnext = false;
}

/* Ctrl-S and Ctrl-Q are flow control. */
static bool has_usual_flow(const struct ldisc *ldisc)
{
	return has_iflag(ldisc, IXON) && is_special(ldisc, VSTOP, 19) &&
	       is_special(ldisc, VSTART, 17);
}

void ldisc_set_termios(struct ldisc *ldisc, const struct termios2 *termios)
{
	uint32_t changed = ldisc->termios.c_lflag ^ termios->c_lflag;
	bool had_flow = has_usual_flow(ldisc);

	ldisc->termios = *termios;
	if (has_usual_flow(ldisc) != had_flow) {
		ldisc->status &= (uint8_t) ~(TIOCPKT_DOSTOP | TIOCPKT_NOSTOP);
		ldisc->status |= had_flow ? TIOCPKT_NOSTOP : TIOCPKT_DOSTOP;
	}
	if (!has_iflag(ldisc, IXON))
		ldisc_start(ldisc);
	if (!(changed & ICANON))
		return;
	memset(ldisc->marks, 0, sizeof(ldisc->marks));
	ldisc->lnext = false;
	ldisc->canon_head = ldisc->tail;
	if (has_lflag(ldisc, ICANON) && ldisc->head != ldisc->tail) {
		bitmap_set(ldisc->marks, (ldisc->head - 1) % LDISC_BYTES);
		ldisc->canon_head = ldisc->head;
	}
}

/* ---- erasing -------------------------------------------------------------------------------- */

/* Back to the column where the tab at `head` was typed. */
static void echo_erase_tab(struct ldisc *ldisc)
{
	unsigned columns = 0, back;
	uint32_t at = ldisc->head;
	bool after_tab = false;

	while (at != ldisc->canon_head && !after_tab) {
		uint8_t c = *in_at(ldisc, --at);

		if (c == '\t')
			after_tab = true;
		else if (is_control(c))
			columns += has_lflag(ldisc, ECHOCTL) ? 2 : 0;
		else if (!is_continuation(ldisc, c))
			columns++;
	}
	if (!after_tab)
		columns += ldisc->canon_column;
	for (back = TAB_COLUMNS - columns % TAB_COLUMNS; back > 0; back--)
		echo_text(ldisc, "\b");
}

static void echo_erase(struct ldisc *ldisc, uint8_t c)
{
	if (c == '\t') {
		echo_erase_tab(ldisc);
		return;
	}
	if (is_control(c) && has_lflag(ldisc, ECHOCTL))
		echo_text(ldisc, "\b \b");
	if (!is_control(c) || has_lflag(ldisc, ECHOCTL))
		echo_text(ldisc, "\b \b");
}

/* Where the last character of the typed line begins; head: there is none. */
static uint32_t last_character(const struct ldisc *ldisc)
{
	uint32_t at = ldisc->head;

	while (at != ldisc->canon_head) {
		if (!is_continuation(ldisc, *in_at(ldisc, --at)))
			return at;
	}
	return ldisc->head; /* continuations of nothing stay */
}

static void erase_character(struct ldisc *ldisc)
{
	uint32_t at = last_character(ldisc);

	if (at == ldisc->head)
		return;
	ldisc->head = at;
	if (!has_lflag(ldisc, ECHO))
		return;
	if (has_lflag(ldisc, ECHOE))
		echo_erase(ldisc, *in_at(ldisc, at));
	else
		echo(ldisc, ldisc->termios.c_cc[VERASE]);
}

static void erase_word(struct ldisc *ldisc)
{
	bool in_word = false;
	uint32_t at;

	while ((at = last_character(ldisc)) != ldisc->head) {
		uint8_t c = *in_at(ldisc, at);

		if (!is_word(c) && in_word)
			break;
		in_word |= is_word(c);
		ldisc->head = at;
		if (has_lflag(ldisc, ECHO))
			echo_erase(ldisc, c);
	}
}

static void erase_line(struct ldisc *ldisc)
{
	const uint32_t visible = ECHOK | ECHOKE | ECHOE;
	uint32_t at;

	if (ldisc->head == ldisc->canon_head)
		return;
	if (!has_lflag(ldisc, ECHO) || (ldisc->termios.c_lflag & visible) != visible) {
		ldisc->head = ldisc->canon_head;
		if (!has_lflag(ldisc, ECHO))
			return;
		echo(ldisc, ldisc->termios.c_cc[VKILL]);
		if (has_lflag(ldisc, ECHOK))
			echo_text(ldisc, "\n");
		return;
	}
	while ((at = last_character(ldisc)) != ldisc->head) {
		ldisc->head = at;
		echo_erase(ldisc, *in_at(ldisc, at));
	}
}

static void reprint(struct ldisc *ldisc)
{
	echo(ldisc, ldisc->termios.c_cc[VREPRINT]);
	echo_text(ldisc, "\n");
	for (uint32_t at = ldisc->canon_head; at != ldisc->head; at++)
		echo(ldisc, *in_at(ldisc, at));
}

/* ---- input ---------------------------------------------------------------------------------- */

/* Flow control by the one who types. True: the byte was that, and no more. */
static bool input_flow(struct ldisc *ldisc, uint8_t c)
{
	if (!has_iflag(ldisc, IXON))
		return false;
	if (is_special(ldisc, VSTART, c)) {
		ldisc_start(ldisc);
		return true;
	}
	if (is_special(ldisc, VSTOP, c)) {
		ldisc_stop(ldisc);
		return true;
	}
	if (has_iflag(ldisc, IXANY))
		ldisc_start(ldisc);
	return false;
}

static unsigned signal_of(const struct ldisc *ldisc, uint8_t c)
{
	if (!has_lflag(ldisc, ISIG))
		return 0;
	if (is_special(ldisc, VINTR, c))
		return LDISC_INTR;
	if (is_special(ldisc, VQUIT, c))
		return LDISC_QUIT;
	return is_special(ldisc, VSUSP, c) ? LDISC_SUSP : 0;
}

/* Echo of what came together with the signal has not arrived anywhere. */
static void flush_for_signal(struct ldisc *ldisc, size_t echo_start)
{
	if (has_lflag(ldisc, NOFLSH))
		return;
	ldisc_flush_input(ldisc);
	ldisc_flush_output(ldisc);
	if (!ldisc->holds)
		ldisc->out.head = echo_start;
}

static void input_signal(struct ldisc *ldisc, uint8_t c)
{
	flush_for_signal(ldisc, ldisc->echo_start);
	if (has_iflag(ldisc, IXON))
		ldisc_start(ldisc);
	if (has_lflag(ldisc, ECHO))
		echo(ldisc, c);
}

/* Editing of the typed line. True: the byte was that. */
static bool input_edit(struct ldisc *ldisc, uint8_t c)
{
	bool extended = has_lflag(ldisc, IEXTEN);

	if (is_special(ldisc, VERASE, c)) {
		erase_character(ldisc);
	} else if (is_special(ldisc, VKILL, c)) {
		erase_line(ldisc);
	} else if (extended && is_special(ldisc, VWERASE, c)) {
		erase_word(ldisc);
	} else if (extended && is_special(ldisc, VLNEXT, c)) {
		ldisc->lnext = true;
		if (has_lflag(ldisc, ECHO) && has_lflag(ldisc, ECHOCTL))
			echo_text(ldisc, "^\b");
	} else if (extended && has_lflag(ldisc, ECHO) && is_special(ldisc, VREPRINT, c)) {
		reprint(ldisc);
	} else {
		return false;
	}
	return true;
}

/* The end of a line. True: the byte was that. */
static bool input_line_end(struct ldisc *ldisc, uint8_t c)
{
	if (c == '\n') {
		if (has_lflag(ldisc, ECHO) || has_lflag(ldisc, ECHONL))
			echo_text(ldisc, "\n");
		in_end_line(ldisc, c);
	} else if (is_special(ldisc, VEOF, c)) {
		in_end_line(ldisc, EOF_BYTE);
	} else if (is_special(ldisc, VEOL, c) ||
		   (has_lflag(ldisc, IEXTEN) && is_special(ldisc, VEOL2, c))) {
		if (has_lflag(ldisc, ECHO))
			echo_input(ldisc, c);
		in_end_line(ldisc, c);
	} else {
		return false;
	}
	return true;
}

static void input_plain(struct ldisc *ldisc, uint8_t c)
{
	if (has_lflag(ldisc, ECHO)) {
		if (c == '\n')
			echo_text(ldisc, "\n");
		else
			echo_input(ldisc, c);
	}
	in_put(ldisc, c);
}

static void input_byte(struct ldisc *ldisc, uint8_t c, unsigned *signals)
{
	unsigned signal;

	if (has_iflag(ldisc, ISTRIP))
		c &= 0x7f;
	if (ldisc->lnext) {
		ldisc->lnext = false;
		input_plain(ldisc, c);
		return;
	}
	if (input_flow(ldisc, c))
		return;
	signal = signal_of(ldisc, c);
	if (signal) {
		*signals |= signal;
		input_signal(ldisc, c);
		return;
	}
	if (c == '\r' && has_iflag(ldisc, IGNCR))
		return;
	if (c == '\r' && has_iflag(ldisc, ICRNL))
		c = '\n';
	else if (c == '\n' && has_iflag(ldisc, INLCR))
		c = '\r';
	if (has_lflag(ldisc, ICANON) && (input_edit(ldisc, c) || input_line_end(ldisc, c)))
		return;
	input_plain(ldisc, c);
}

size_t ldisc_input(struct ldisc *ldisc, const void *buf, size_t bytes, unsigned *signals)
{
	const uint8_t *text = buf;
	size_t done = 0;

	ldisc->echo_start = ldisc->out.head;
	while (done < bytes && ldisc_room(ldisc) > 0) {
		/* A line without an end: its last byte makes way, so that an end always fits. */
		if (ldisc->head - ldisc->tail >= LDISC_BYTES)
			ldisc->head--;
		input_byte(ldisc, text[done++], signals);
	}
	return done;
}

void ldisc_break(struct ldisc *ldisc, unsigned *signals)
{
	static const uint8_t marked[] = { 0xff, 0, 0 };

	if (has_iflag(ldisc, IGNBRK))
		return;
	if (has_iflag(ldisc, BRKINT)) {
		*signals |= LDISC_INTR;
		flush_for_signal(ldisc, ldisc->out.head);
		return;
	}
	for (size_t i = has_iflag(ldisc, PARMRK) ? 0 : 2; i < sizeof(marked); i++)
		if (ldisc_room(ldisc) > 1)
			in_put(ldisc, marked[i]);
}

/* ---- reading -------------------------------------------------------------------------------- */

bool ldisc_is_readable(const struct ldisc *ldisc, size_t minimum)
{
	if (has_lflag(ldisc, ICANON))
		return ldisc->canon_head != ldisc->tail;
	return ldisc->head - ldisc->tail >= max(minimum, (size_t)1);
}

static bool is_marked(const struct ldisc *ldisc, uint32_t count)
{
	return bitmap_test(ldisc->marks, count % LDISC_BYTES);
}

static bool is_eof_at(const struct ldisc *ldisc, uint32_t count)
{
	return is_marked(ldisc, count) && *in_at(ldisc, count) == EOF_BYTE;
}

static size_t read_line(struct ldisc *ldisc, uint8_t *buf, size_t bytes)
{
	size_t done = 0;

	while (ldisc->tail != ldisc->canon_head) {
		uint32_t at = ldisc->tail;
		bool end = is_marked(ldisc, at);

		/* An end of file right behind the last byte asked for goes with it. */
		if (is_eof_at(ldisc, at)) {
			ldisc->tail++;
			break;
		}
		if (done == bytes)
			break;
		buf[done++] = *in_at(ldisc, at);
		ldisc->tail++;
		if (end)
			break;
	}
	return done;
}

size_t ldisc_read(struct ldisc *ldisc, void *buf, size_t bytes)
{
	uint8_t *to = buf;
	size_t done = 0;

	if (has_lflag(ldisc, ICANON))
		return read_line(ldisc, to, bytes);
	while (done < bytes && ldisc->tail != ldisc->head)
		to[done++] = *in_at(ldisc, ldisc->tail++);
	ldisc->canon_head = ldisc->tail;
	return done;
}

size_t ldisc_input_bytes(const struct ldisc *ldisc)
{
	size_t bytes = 0;

	if (!has_lflag(ldisc, ICANON))
		return ldisc->head - ldisc->tail;
	for (uint32_t at = ldisc->tail; at != ldisc->canon_head; at++)
		bytes += !is_eof_at(ldisc, at);
	return bytes;
}
