#ifndef PS2_KEYS_H
#define PS2_KEYS_H
/*
 * From scan codes to what a terminal is typed: a US keyboard, as Linux's console has it. Pure.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEYS_TEXT_BYTES 8

/* LEDs, as the keyboard's command EDh has them. */
#define KEYS_LED_NUM  0x02
#define KEYS_LED_CAPS 0x04

struct keys {
	unsigned held;  /* which of shift, ctrl and alt, left and right */
	uint8_t leds;   /* KEYS_LED_: num lock and caps lock are on */
	uint8_t prefix; /* E0h has come */
	uint8_t skip;   /* bytes of a sequence that means nothing */
};

/* A byte of scan code set 1. What it types goes to `text`: how many bytes, 0 for none. application:
 * the program wants the arrows as ESC O A. */
size_t keys_take(struct keys *keys, uint8_t code, bool application, char text[KEYS_TEXT_BYTES]);

#endif
