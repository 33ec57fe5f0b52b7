/*
 * A US keyboard: scan code set 1 (IBM PC/AT Technical Reference, 1984), and the bytes that Linux's
 * console sends for each key (terminfo "linux").
 */
#include "dev/ps2/keys.h"

#include "lib/compiler.h"
#include "lib/string.h"

#define RELEASED 0x80 /* in a code: the key was let go */
#define EXTENDED 0xe0 /* the next byte is of a key that the first keyboards had not */
#define PAUSE    0xe1 /* two bytes follow, and again when it is let go */

enum held {
	SHIFT_LEFT = 1,
	SHIFT_RIGHT = 2,
	CTRL_LEFT = 4,
	CTRL_RIGHT = 8,
	ALT_LEFT = 16,
	ALT_RIGHT = 32,
	SHIFT = SHIFT_LEFT | SHIFT_RIGHT,
	CTRL = CTRL_LEFT | CTRL_RIGHT,
	ALT = ALT_LEFT | ALT_RIGHT,
};

enum code {
	CODE_TAB = 0x0f,
	CODE_ENTER = 0x1c,
	CODE_CTRL = 0x1d,
	CODE_SHIFT_LEFT = 0x2a,
	CODE_SLASH = 0x35,
	CODE_SHIFT_RIGHT = 0x36,
	CODE_ALT = 0x38,
	CODE_CAPS = 0x3a,
	CODE_F1 = 0x3b,
	CODE_F10 = 0x44,
	CODE_NUM = 0x45,
	CODE_KEYPAD_7 = 0x47,
	CODE_KEYPAD_DOT = 0x53,
	CODE_F11 = 0x57,
	CODE_F12 = 0x58,
};

/* By code, from 0 on; NUL: types nothing by itself. */
static const char plain[] =
	"\0\0331234567890-=\x7f\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] =
	"\0\033!@#$%^&*()_+\x7f\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";
_Static_assert(sizeof(plain) == sizeof(shifted), "the same keys");

/* The keypad from 7 to the dot: with num lock, and without: a letter or a number for ESC [ ... */
static const char keypad_digits[] = "789-456+1230.";
static const char *const keypad_keys[] = { "1~", "A", "5~", "-", "D", "G", "C", "+", "4~", "B",
	"6~", "2~", "3~" };

/* Function keys from F1 on, and from F13 on, which are F1 ... with shift. */
static const char *const function_keys[] = { "[A", "[B", "[C", "[D", "[E", "17~", "18~", "19~",
	"20~", "21~", "23~", "24~" };
static const char *const shifted_function_keys[] = { "25~", "26~", "28~", "29~", "31~", "32~",
	"33~", "34~" };

static size_t type_byte(const struct keys *keys, char byte, char *text)
{
	size_t bytes = 0;

	if (keys->held & ALT)
		text[bytes++] = '\033';
	text[bytes++] = byte;
	return bytes;
}

static size_t type_sequence(const char *sequence, bool application, char *text)
{
	size_t bytes = strlen(sequence);
	bool arrow = bytes == 1 && *sequence >= 'A' && *sequence <= 'D';

	text[0] = '\033';
	text[1] = application && arrow ? 'O' : '[';
	memcpy(text + 2, sequence, bytes);
	return bytes + 2;
}

/* A letter with Ctrl (VT220, table 3-5). */
static char control(char c)
{
	static const char digits[] = "\0\033\034\035\036\037\x7f"; /* 2 to 8 */

	if (c >= '2' && c <= '8')
		return digits[c - '2'];
	if (c == ' ')
		return '\0';
	if (c == '-' || c == '/')
		return 0x1f;
	if (c == 0x7f)
		return '\b';
	return c >= '@' ? c & 0x1f : c;
}

static size_t type_letter(const struct keys *keys, uint8_t code, char *text)
{
	char c = plain[code];
	bool letter = c >= 'a' && c <= 'z';
	bool shift = keys->held & SHIFT;

	if (c == '\0')
		return 0;
	if (code == CODE_TAB && shift) {
		memcpy(text, "\033\t", 2);
		return 2;
	}
	if (letter && (keys->leds & KEYS_LED_CAPS))
		shift = !shift;
	if (shift)
		c = shifted[code];
	if (keys->held & CTRL)
		c = control(c);
	return type_byte(keys, c, text);
}

static size_t type_function(const struct keys *keys, unsigned number, char *text)
{
	if (!(keys->held & SHIFT))
		return type_sequence(function_keys[number], false, text);
	if (number >= ARRAY_SIZE(shifted_function_keys))
		return 0;
	return type_sequence(shifted_function_keys[number], false, text);
}

/* Keys that type nothing, but change what others do. False: it is none. */
static bool modifier(struct keys *keys, uint8_t code, bool extended, bool pressed)
{
	unsigned bit = 0;

	if (code == CODE_CTRL)
		bit = extended ? CTRL_RIGHT : CTRL_LEFT;
	else if (code == CODE_ALT)
		bit = extended ? ALT_RIGHT : ALT_LEFT;
	else if (code == CODE_SHIFT_LEFT || code == CODE_SHIFT_RIGHT)
		bit = extended ? 0 : code == CODE_SHIFT_LEFT ? SHIFT_LEFT : SHIFT_RIGHT;
	else if (code == CODE_CAPS && pressed)
		keys->leds ^= KEYS_LED_CAPS;
	else if (code == CODE_NUM && pressed && !extended)
		keys->leds ^= KEYS_LED_NUM;
	else
		return false;
	keys->held = pressed ? keys->held | bit : keys->held & ~bit;
	return true;
}

static size_t type_key(
	const struct keys *keys, uint8_t code, bool extended, bool application, char *text)
{
	if (code >= CODE_KEYPAD_7 && code <= CODE_KEYPAD_DOT) {
		char digit = keypad_digits[code - CODE_KEYPAD_7];

		if (!extended && ((keys->leds & KEYS_LED_NUM) || digit == '-' || digit == '+'))
			return type_byte(keys, digit, text);
		return type_sequence(keypad_keys[code - CODE_KEYPAD_7], application, text);
	}
	if (code >= CODE_F1 && code <= CODE_F10)
		return type_function(keys, code - CODE_F1, text);
	if (code == CODE_F11 || code == CODE_F12)
		return type_function(keys, code - CODE_F11 + 10, text);
	if (extended && code == CODE_SLASH)
		return type_byte(keys, '/', text);
	if (extended && code != CODE_ENTER)
		return 0;
	return code < sizeof(plain) - 1 ? type_letter(keys, code, text) : 0;
}

size_t keys_take(struct keys *keys, uint8_t code, bool application, char text[KEYS_TEXT_BYTES])
{
	bool extended = keys->prefix;

	if (keys->skip > 0) {
		keys->skip--;
		return 0;
	}
	keys->prefix = code == EXTENDED;
	if (code == PAUSE)
		keys->skip = 2;
	if (code == EXTENDED || code == PAUSE)
		return 0;
	if (modifier(keys, code & (uint8_t)~RELEASED, extended, !(code & RELEASED)) ||
		code & RELEASED)
		return 0;
	return type_key(keys, code, extended, application, text);
}
