#ifndef RUN_FOLDERS_H
#define RUN_FOLDERS_H
/*
 * Where libraries are looked for: lists of folders, each with its path on the host and the path
 * that it has in the machine.
 */
#include <stddef.h>

struct folder {
	char *host, *machine;
};

struct folders {
	struct folder *items;
	size_t count;
};

/* What stands for ${ORIGIN} in a path: the folder of the file that has the path in it. */
struct origin {
	const char *host, *machine;
};

void folders_add(struct folders *list, const char *host, const char *machine);

/* Adds the folders of a ':'-separated list; an empty one is the working directory ("/" in the
 * machine). $ORIGIN and $LIB are replaced; a folder with another $TOKEN is left out. */
void folders_add_list(struct folders *list, const char *text, const struct origin *origin);
/* The same for one path. Returns 0; -1 where it is left out. */
int folder_expand(const char *text, const struct origin *origin, struct folder *folder);

/*
 * The folders that the linker searches by itself: for glibc those of /etc/ld.so.conf and its own,
 * for musl those of its path file. What the machine's linker would not search has the first of its
 * own for a place there: folders_home().
 */
void folders_add_system(struct folders *list, int musl);
const char *folders_home(int musl);

/* musl's list of folders, which the machine needs too. */
#define MUSL_PATH_FILE "/etc/ld-musl-x86_64.path"

#endif
