#ifndef PROC_UTS_H
#define PROC_UTS_H
/*
 * The names of the system: uname(2), /proc/sys/kernel. They never sleep.
 */
#include "abi/utsname.h"

void uts_get(struct utsname *name);
void uts_set_node(const char name[UTSNAME_BYTES]);
void uts_set_domain(const char name[UTSNAME_BYTES]);

#endif
