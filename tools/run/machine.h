#ifndef RUN_MACHINE_H
#define RUN_MACHINE_H
/*
 * Builds what a machine boots from, and starts QEMU on it.
 */
#include "options.h"
#include "program.h"
#include "relay.h"

/* Where the build put things. */
struct build {
	const char *top;    /* of the source tree */
	const char *common; /* TOP/build */
	const char *kind;   /* TOP/build/KIND: one kind of kernel */
};

/* What is in the job file, but for the environment. */
struct job_terms {
	const char *path; /* of the program, in the machine */
	char **argv;
	unsigned flags;
	unsigned char end_mark[16];
	uint16_t rows, columns; /* of the terminal */
};

/* The machine's root without what a program needs: the skeleton and the layers of --root. */
struct tree *machine_layers(const struct options *options);

/* PATH in the machine. */
const char *machine_path(const struct options *options);

/* Puts all the rest into `tree`, and returns a descriptor of the root archive, in memory. `program`
 * NULL: the root is the shell's. */
int machine_archive(struct tree *tree, const struct build *build, const struct options *options,
	const struct program *program, const struct job_terms *terms);

/* Writes the disk image of bin/image: kernel and archive, which its loader puts in memory. Ends the
 * program where that fails. */
void machine_image(const struct build *build, const struct options *options, int archive);

/* Starts QEMU; fills the ports, qemu and qemu_messages of `relay`. */
void machine_start(
	const struct build *build, const struct options *options, int archive, struct relay *relay);

#endif
