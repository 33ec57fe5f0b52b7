/*
 * libraries: a program's libraries, as ld.so(8) finds them.
 *
 * Idea: breadth first over the names in DT_NEEDED, as the linker goes, each name once. Folders are
 * pairs (folders.h), so the same search that finds a file here says where it goes there. What a
 * layer has in such a place counts as found and is not looked into: its system is complete, or
 * the linker will say what is missing.
 *
 * Not here: what a program opens by dlopen(3), which nothing in its file tells, and hwcaps folders,
 * which hold second versions of libraries.
 */
#include "libraries.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "die.h"
#include "dynamic.h"
#include "folders.h"

/* A program or library whose needs are to be looked for. */
struct object {
	const struct object *loader; /* what needed it first; NULL: the program */
	struct origin origin;
	struct dynamic dynamic;
};

struct closure {
	const struct library_search *search;
	const char *program;
	int musl;
	struct folders system;
	struct object **objects; /* in the order of loading */
	size_t count;
	struct strings known; /* names that have been looked for */
};

static const char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	return slash == path ? "/" : must_printf("%.*s", (int)(slash - path), path);
}

static int is_known(const struct closure *closure, const char *name)
{
	for (size_t i = 0; i < closure->known.count; i++)
		if (!strcmp(closure->known.items[i], name))
			return 1;
	return 0;
}

/* musl's linker is its libc and has all of these in it (ldso/dynlink.c, load_library). */
static int is_in_musl(const char *name)
{
	static const char *const parts[] = { "c.", "pthread.", "rt.", "m.", "dl.", "util.",
		"xnet." };

	if (strncmp(name, "lib", 3))
		return 0;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (!strncmp(name + 3, parts[i], strlen(parts[i])))
			return 1;
	return 0;
}

/* A copy of the host's file, where no layer has one. */
static void put_file(struct tree *tree, const char *host_path, const char *machine_path)
{
	struct stat st;

	if (!tree_find(tree, machine_path) && !stat(host_path, &st))
		tree_put_file(
			tree, machine_path, S_IFREG | (st.st_mode & 0777), host_path, st.st_size);
}

static void object_add(struct closure *closure, const struct object *loader,
	const struct dynamic *dynamic, const char *host_folder, const char *machine_path)
{
	struct object *object = must_alloc(sizeof(*object));

	*object = (struct object){
		.loader = loader,
		.origin = { .host = host_folder, .machine = folder_of(machine_path) },
		.dynamic = *dynamic,
	};
	closure->objects =
		must_realloc(closure->objects, (closure->count + 1) * sizeof(*closure->objects));
	closure->objects[closure->count++] = object;
	if (dynamic->soname)
		strings_add(&closure->known, dynamic->soname);
}

/* Takes the library if it is at this place, in a layer or on the host. */
static int try_file(struct closure *closure, const struct object *loader, const char *host_path,
	const char *machine_path)
{
	struct tree *tree = closure->search->tree;
	struct dynamic dynamic;

	if (tree_find(tree, machine_path))
		return 1;
	if (dynamic_read(host_path, &dynamic))
		return 0;
	put_file(tree, host_path, machine_path);
	object_add(closure, loader, &dynamic, folder_of(host_path), machine_path);
	return 1;
}

static int try_folders(struct closure *closure, const struct object *loader,
	const struct folders *folders, const char *name)
{
	for (size_t i = 0; i < folders->count; i++) {
		const struct folder *folder = &folders->items[i];

		if (try_file(closure, loader, must_printf("%s/%s", folder->host, name),
			    must_printf("%s/%s", folder->machine, name)))
			return 1;
	}
	return 0;
}

static void add_list(struct folders *folders, const char *list, const struct origin *origin)
{
	if (list && *list)
		folders_add_list(folders, list, origin);
}

/* The host's own LD_LIBRARY_PATH is not the machine's: what it finds goes to the linker's folder.
 */
static void add_library_path(
	struct folders *folders, const struct closure *closure, const struct origin *origin)
{
	struct folders here = { 0 };

	if (closure->search->library_path) {
		add_list(folders, closure->search->library_path, origin);
		return;
	}
	add_list(&here, getenv("LD_LIBRARY_PATH"), origin);
	for (size_t i = 0; i < here.count; i++)
		folders_add(folders, here.items[i].host, folders_home(closure->musl));
}

/* ld.so(8): DT_RPATH of the object and of those that led to it, LD_LIBRARY_PATH, DT_RUNPATH of the
 * object alone, the linker's own. DT_RPATH counts only where there is no DT_RUNPATH. */
static struct folders search_order(const struct closure *closure, const struct object *object)
{
	const struct object *program = closure->objects[0];
	struct folders folders = { 0 };

	for (const struct object *at = object; at && !object->dynamic.runpath; at = at->loader)
		if (!at->dynamic.runpath)
			add_list(&folders, at->dynamic.rpath, &at->origin);
	add_library_path(&folders, closure, &program->origin);
	add_list(&folders, object->dynamic.runpath, &object->origin);
	for (size_t i = 0; i < closure->system.count; i++)
		folders_add(
			&folders, closure->system.items[i].host, closure->system.items[i].machine);
	return folders;
}

static int find(struct closure *closure, const struct object *object, const char *name)
{
	struct folder file;
	struct folders folders;

	if (strchr(name, '/'))
		return !folder_expand(name, &object->origin, &file) &&
		       try_file(closure, object, file.host, file.machine);
	folders = search_order(closure, object);
	return try_folders(closure, object, &folders, name);
}

static void find_needs(struct closure *closure, const struct object *object)
{
	for (size_t i = 0; i < object->dynamic.needed.count; i++) {
		const char *name = object->dynamic.needed.items[i];

		if (is_known(closure, name) || (closure->musl && is_in_musl(name)))
			continue;
		strings_add(&closure->known, name);
		if (!find(closure, object, name))
			die(STATUS_NOT_FOUND,
				"%s: needs the library %s, which is not on this host (give its "
				"folder in LD_LIBRARY_PATH, or lay it with --root)",
				closure->program, name);
	}
}

void libraries_put(
	const struct library_search *search, const char *host_path, const char *machine_path)
{
	struct closure closure = { .search = search, .program = host_path };
	char *real = realpath(host_path, NULL);
	const char *interp;
	struct dynamic dynamic;
	struct stat st;

	if (!real || dynamic_read(real, &dynamic) || !dynamic.interp)
		return;
	interp = dynamic.interp;
	if (stat(interp, &st) && !tree_find(search->tree, interp))
		die(STATUS_NOT_FOUND, "%s: its dynamic linker %s is not on this host", host_path,
			interp);
	put_file(search->tree, interp, interp);
	closure.musl = !!strstr(interp, "/ld-musl-");
	if (closure.musl)
		put_file(search->tree, MUSL_PATH_FILE, MUSL_PATH_FILE);
	else
		strings_add(
			&closure.known, strrchr(interp, '/') ? strrchr(interp, '/') + 1 : interp);
	folders_add_system(&closure.system, closure.musl);
	object_add(&closure, NULL, &dynamic, folder_of(real), machine_path);
	for (size_t i = 0; i < closure.count; i++)
		find_needs(&closure, closure.objects[i]);
}
