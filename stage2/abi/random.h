#ifndef ABI_RANDOM_H
#define ABI_RANDOM_H
/*
 * getrandom(2) (uapi/linux/random.h).
 */
#define GRND_NONBLOCK 1
#define GRND_RANDOM   2
#define GRND_INSECURE 4

#endif
