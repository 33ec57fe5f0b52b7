#ifndef SYS_SHUTDOWN_H
#define SYS_SHUTDOWN_H
/*
 * The end of the machine, as reboot(2) brings it about.
 */

/* main: the last thing before power-off or reset: devices come to rest, the log's last bytes leave.
 * May sleep. */
void on_shutdown(void);

#endif
