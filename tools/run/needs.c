/*
 * needs: from a program to everything that must be in the machine for it to start.
 *
 * Idea: the kernel follows "#!" lines in the machine; the same is done here with the host's files,
 * each put where the line before says it is.
 */
#include "needs.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"
#include "libraries.h"

enum {
	LINE_BYTES = 256, /* of a script that the kernel looks at, as Linux */
	SCRIPTS_MAX = 5,  /* one that starts another, as Linux */
};

struct needs {
	struct library_search search;
	const char *path; /* the machine's PATH */
};

static void put_program(
	struct needs *needs, const char *host_path, const char *machine_path, int depth);

/* Takes the next word off a line; NULL: no more. */
static char *next_word(char **line)
{
	char *word = *line + strspn(*line, " \t");

	*line = word + strcspn(word, " \t");
	if (**line)
		*(*line)++ = '\0';
	return *word ? word : NULL;
}

/* Is `name` in a folder of the machine's PATH already? */
static int is_in_layers(const struct needs *needs, const char *name)
{
	const char *at = needs->path, *end;

	for (; *at; at = *end ? end + 1 : end) {
		end = at + strcspn(at, ":");
		if (tree_find(
			    needs->search.tree, must_printf("%.*s/%s", (int)(end - at), at, name)))
			return 1;
	}
	return 0;
}

/* Is the folder of `file` one of the machine's PATH? */
static int is_on_path(const struct needs *needs, const char *file)
{
	size_t length = strrchr(file, '/') - file;
	const char *at = needs->path, *end;

	for (; *at; at = *end ? end + 1 : end) {
		end = at + strcspn(at, ":");
		if ((size_t)(end - at) == length && !memcmp(at, file, length))
			return 1;
	}
	return 0;
}

/* What env(1) is to start: the first word that is neither an option nor a variable. */
static void put_for_env(struct needs *needs, char *arguments, int depth)
{
	char *word = next_word(&arguments);
	const char *found;

	while (word && (*word == '-' || strchr(word, '=')))
		word = next_word(&arguments);
	if (!word)
		return;
	if (strchr(word, '/')) {
		put_program(needs, word, word, depth);
		return;
	}
	if (is_in_layers(needs, word))
		return;
	found = program_find_along_path(word);
	put_program(needs, found,
		is_on_path(needs, found) ? found : must_printf("/usr/bin/%s", word), depth);
}

/* The first line of a script, without "#!"; NULL: it is none. */
static char *script_line(const char *host_path)
{
	int fd = open(host_path, O_RDONLY | O_CLOEXEC);
	char *line = must_alloc(LINE_BYTES + 1);
	ssize_t bytes = fd < 0 ? 0 : read(fd, line, LINE_BYTES);

	if (fd >= 0)
		close(fd);
	if (bytes < 2 || memcmp(line, "#!", 2))
		return NULL;
	line[strcspn(line, "\n")] = '\0';
	return line + 2;
}

static void put_needs(
	struct needs *needs, const char *host_path, const char *machine_path, int depth)
{
	char *line = script_line(host_path), *interpreter;
	const char *name;

	if (!line) {
		libraries_put(&needs->search, host_path, machine_path);
		return;
	}
	interpreter = next_word(&line);
	if (!interpreter)
		die(STATUS_NOT_STARTED, "%s: a script whose first line names no interpreter",
			host_path);
	if (depth == SCRIPTS_MAX)
		die(STATUS_NOT_STARTED, "%s: too many scripts, one started by another", host_path);
	put_program(needs, interpreter, interpreter, depth + 1);
	name = strrchr(interpreter, '/');
	if (name && !strcmp(name, "/env"))
		put_for_env(needs, line, depth + 1);
}

/* An interpreter, where no layer has one. */
static void put_program(
	struct needs *needs, const char *host_path, const char *machine_path, int depth)
{
	struct program program;

	if (tree_find(needs->search.tree, machine_path))
		return;
	program_look(host_path, &program);
	tree_put_file(needs->search.tree, machine_path, program.mode, host_path, program.bytes);
	put_needs(needs, host_path, machine_path, depth);
}

static const char *library_path(const struct strings *env)
{
	static const char name[] = "LD_LIBRARY_PATH=";

	for (size_t i = 0; i < env->count; i++)
		if (!strncmp(env->items[i], name, strlen(name)))
			return env->items[i] + strlen(name);
	return NULL;
}

void needs_put(struct tree *tree, const struct options *options, const struct program *program,
	const char *path)
{
	struct needs needs = {
		.search = { .tree = tree, .library_path = library_path(&options->env) },
		.path = path,
	};

	tree_put_file(
		tree, program->machine_path, program->mode, program->host_path, program->bytes);
	put_needs(&needs, program->host_path, program->machine_path, 0);
}
