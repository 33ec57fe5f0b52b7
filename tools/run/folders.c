/*
 * folders: where libraries are looked for, as ld.so(8) says, without its cache.
 *
 * Idea: the machine has neither /etc/ld.so.cache nor the host's environment, so its linker
 * searches less than the host's. A folder is therefore a pair: where the library is here, and where
 * the linker will find it there.
 */
#include "folders.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"

enum { INCLUDES_MAX = 8 }; /* of ld.so.conf, one in another */

void folders_add(struct folders *list, const char *host, const char *machine)
{
	list->items = must_realloc(list->items, (list->count + 1) * sizeof(*list->items));
	list->items[list->count++] = (struct folder){ must_strdup(host), must_strdup(machine) };
}

/* ---- tokens ---------------------------------------------------------------------------------- */

/* Debian's linker has these; others have lib64 in the place of lib/x86_64-linux-gnu. */
static int is_multiarch(void)
{
	struct stat st;

	return !stat("/lib/x86_64-linux-gnu", &st);
}

/* The token at `text` ("$NAME" or "${NAME}"): its length if it is `name`, else 0. */
static size_t token_length(const char *text, const char *name)
{
	size_t length = strlen(name);

	if (!strncmp(text + 1, name, length))
		return length + 1;
	if (text[1] == '{' && !strncmp(text + 2, name, length) && text[length + 2] == '}')
		return length + 3;
	return 0;
}

/* A copy of `text` with its tokens replaced; NULL where one is not known. */
static char *tokens_replace(const char *text, const char *origin)
{
	char *done = must_strdup("");

	while (*text) {
		size_t plain = strcspn(text, "$"), length;
		const char *value = origin;

		done = must_printf("%s%.*s", done, (int)plain, text);
		text += plain;
		if (!*text)
			break;
		length = token_length(text, "ORIGIN");
		if (!length) {
			length = token_length(text, "LIB");
			value = is_multiarch() ? "lib/x86_64-linux-gnu" : "lib64";
		}
		if (!length)
			return NULL;
		done = must_printf("%s%s", done, value);
		text += length;
	}
	return done;
}

int folder_expand(const char *text, const struct origin *origin, struct folder *folder)
{
	char *machine = tokens_replace(text, origin->machine);

	folder->host = tokens_replace(*text ? text : ".", origin->host);
	if (!folder->host || !machine)
		return -1;
	folder->machine = *machine == '/' ? machine : must_printf("/%s", machine);
	return 0;
}

void folders_add_list(struct folders *list, const char *text, const struct origin *origin)
{
	const char *end;

	for (;; text = end + 1) {
		struct folder folder;

		end = text + strcspn(text, ":");
		if (!folder_expand(strndup(text, end - text), origin, &folder))
			folders_add(list, folder.host, folder.machine);
		if (!*end)
			return;
	}
}

/* ---- the linker's own ------------------------------------------------------------------------ */

static const char *const *own_folders(int musl)
{
	static const char *const of_musl[] = { "/lib", "/usr/local/lib", "/usr/lib", NULL };
	static const char *const of_debian[] = { "/lib/x86_64-linux-gnu",
		"/usr/lib/x86_64-linux-gnu", "/lib", "/usr/lib", NULL };
	static const char *const of_others[] = { "/lib64", "/usr/lib64", "/lib", "/usr/lib", NULL };

	if (musl)
		return of_musl;
	return is_multiarch() ? of_debian : of_others;
}

static int is_own(const char *path)
{
	for (const char *const *own = own_folders(0); *own; own++)
		if (!strcmp(*own, path))
			return 1;
	return 0;
}

static void conf_read(struct folders *list, const char *path, int depth);

static void conf_include(struct folders *list, const char *conf, const char *pattern, int depth)
{
	char *path = *pattern == '/' ? must_strdup(pattern)
	                             : must_printf("%.*s%s", (int)(strrchr(conf, '/') + 1 - conf),
					       conf, pattern);
	glob_t found;

	if (!glob(path, 0, NULL, &found)) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			conf_read(list, found.gl_pathv[i], depth + 1);
		globfree(&found);
	}
	free(path);
}

/* A file of ldconfig(8): a folder a line, "include PATTERN", '#' begins a comment. */
static void conf_read(struct folders *list, const char *path, int depth)
{
	FILE *file = depth > INCLUDES_MAX ? NULL : fopen(path, "re");
	char *line = NULL, *word, *rest;
	size_t room = 0;

	if (!file)
		return;
	while (getline(&line, &room, file) > 0) {
		line[strcspn(line, "#\n")] = '\0';
		word = strtok_r(line, " \t", &rest);
		if (!word || !strcmp(word, "hwcap"))
			continue;
		if (!strcmp(word, "include")) {
			while ((word = strtok_r(NULL, " \t", &rest)))
				conf_include(list, path, word, depth);
		} else if (*word == '/') {
			folders_add(list, word, is_own(word) ? word : folders_home(0));
		}
	}
	free(line);
	fclose(file);
}

/* musl's file: folders with newlines or colons between. Returns them, with colons; NULL: none. */
static char *musl_path(void)
{
	FILE *file = fopen(MUSL_PATH_FILE, "re");
	char *text = NULL;
	size_t room = 0;

	if (!file)
		return NULL;
	if (getdelim(&text, &room, '\0', file) < 0)
		text = must_strdup("");
	fclose(file);
	for (char *at = text; *at; at++)
		if (*at == '\n')
			*at = ':';
	return text;
}

const char *folders_home(int musl)
{
	char *path = musl ? musl_path() : NULL;

	if (!path || *path != '/')
		return own_folders(musl)[0];
	path[strcspn(path, ":")] = '\0';
	return path;
}

void folders_add_system(struct folders *list, int musl)
{
	char *path = musl ? musl_path() : NULL;

	if (path) {
		for (char *word = strtok(path, ":"); word; word = strtok(NULL, ":"))
			folders_add(list, word, word);
		return;
	}
	if (!musl)
		conf_read(list, "/etc/ld.so.conf", 0);
	for (const char *const *own = own_folders(musl); *own; own++)
		folders_add(list, *own, *own);
}
