#ifndef ABI_KLOG_H
#define ABI_KLOG_H
/*
 * Actions of syslog(2), which libc calls klogctl.
 */
#define SYSLOG_CLOSE         0
#define SYSLOG_OPEN          1
#define SYSLOG_READ          2
#define SYSLOG_READ_ALL      3
#define SYSLOG_READ_CLEAR    4
#define SYSLOG_CLEAR         5
#define SYSLOG_CONSOLE_OFF   6
#define SYSLOG_CONSOLE_ON    7
#define SYSLOG_CONSOLE_LEVEL 8
#define SYSLOG_SIZE_UNREAD   9
#define SYSLOG_SIZE_BUFFER   10

#endif
