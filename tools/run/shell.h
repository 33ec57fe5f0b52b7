#ifndef RUN_SHELL_H
#define RUN_SHELL_H
/*
 * The machine without a PROGRAM: what is in its root so that a person can work there.
 */
#include "machine.h"
#include "tree.h"

/* Where bin/run listens to init: a port of abi/job.h. */
#define SHELL_CONTROL "/dev/vport0p4"

/*
 * Puts the programs of userland/, busybox with its applets, and what they look for in /etc; layers
 * are in the tree already, and what they have stays. A root that brings its own /bin/sh gets no
 * busybox. Ends this tool with a message where something is missing on the host.
 */
void shell_put(struct tree *tree, const struct build *build, const struct options *options);

#endif
