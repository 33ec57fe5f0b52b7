#ifndef VM_ANON_OBJECT_H
#define VM_ANON_OBJECT_H
/*
 * What stands behind MAP_SHARED | MAP_ANONYMOUS: pages that several address spaces see, filled with
 * zeros on first use.
 */
#include <stdint.h>

#include "lib/compiler.h"

struct pager;

/* An object of `npages`, with one reference for the caller, dropped with (*object)->ops->put. It
 * belongs to its references; its frames go with the last one. -ENOMEM. */
__must_check int anon_object_create(uint64_t npages, struct pager **object);

#endif
