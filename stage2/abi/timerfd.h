#ifndef ABI_TIMERFD_H
#define ABI_TIMERFD_H
/*
 * timerfd_create(2), as Linux has it.
 */
#include "abi/fcntl.h"

#define TFD_CLOEXEC             O_CLOEXEC
#define TFD_NONBLOCK            O_NONBLOCK
#define TFD_TIMER_ABSTIME       1
#define TFD_TIMER_CANCEL_ON_SET 2

#endif
