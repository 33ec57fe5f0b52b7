/*
 * The initial stack, as Linux and the System V ABI (AMD64 supplement, 3.4.1) have it:
 *
 *	top ->		8 zero bytes
 *			the program's path (AT_EXECFN)
 *			environment strings, in order
 *			argument strings, in order
 *			a random gap
 *			"x86_64" (AT_PLATFORM), 16 random bytes (AT_RANDOM)
 *			auxiliary vector, AT_NULL last
 *			NULL, environment pointers before it
 *			NULL, argument pointers before it
 *	stack ->	argument count; 16-aligned
 */
#include "abi/auxv.h"
#include "abi/elf.h"
#include "abi/errno.h"
#include "abi/time.h"
#include "arch/cpu.h"
#include "core/random.h"
#include "io/cred.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "proc/load.h"
#include "proc/sigframe.h"

#define PLATFORM     "x86_64"
#define AUXV_MAX     24
#define GAP_BYTES    8192 /* the random gap is below this */
#define RANDOM_BYTES 16   /* at AT_RANDOM */

/* Where everything above the vectors lies. */
struct stack_strings {
	uptr_t args, env, path, platform, random;
};

static struct stack_strings strings_place(const struct program *program, uptr_t top)
{
	struct stack_strings at;
	uint64_t gap;

	at.path = top - sizeof(uint64_t) - program->path->bytes;
	at.env = at.path - program->env->bytes;
	at.args = at.env - program->args->bytes;
	gap = program->fixed_layout ? 0 : random_u64() % GAP_BYTES;
	at.platform = ALIGN_DOWN(at.args - gap, 16) - sizeof(PLATFORM);
	at.random = ALIGN_DOWN(at.platform - RANDOM_BYTES, 16);
	return at;
}

static int strings_put(const struct program *program, const struct stack_strings *at)
{
	struct aspace *aspace = program->aspace;
	const uint64_t random[2] = { random_u64(), random_u64() };
	int err;

	err = strings_write(program->path, aspace, at->path);
	if (err == 0)
		err = strings_write(program->env, aspace, at->env);
	if (err == 0)
		err = strings_write(program->args, aspace, at->args);
	if (err == 0)
		err = aspace_write(aspace, at->platform, PLATFORM, sizeof(PLATFORM));
	if (err == 0)
		err = aspace_write(aspace, at->random, random, sizeof(random));
	return err;
}

static size_t auxv_make(
	const struct program *program, const struct stack_strings *at, struct auxv auxv[AUXV_MAX])
{
	const struct cred *cred = program->cred;
	size_t n = 0;

	auxv[n++] = (struct auxv){ AT_SYSINFO_EHDR, program->vdso };
	auxv[n++] = (struct auxv){ AT_MINSIGSTKSZ, sigframe_bytes_max() };
	auxv[n++] = (struct auxv){ AT_HWCAP, cpu_hwcap() };
	auxv[n++] = (struct auxv){ AT_PAGESZ, PAGE_SIZE };
	auxv[n++] = (struct auxv){ AT_CLKTCK, CLOCK_TICKS_PER_SEC };
	auxv[n++] = (struct auxv){ AT_PHDR, program->segments };
	auxv[n++] = (struct auxv){ AT_PHENT, sizeof(struct elf_segment) };
	auxv[n++] = (struct auxv){ AT_PHNUM, program->segment_count };
	auxv[n++] = (struct auxv){ AT_BASE, program->interp_base };
	auxv[n++] = (struct auxv){ AT_FLAGS, 0 };
	auxv[n++] = (struct auxv){ AT_ENTRY, program->entry };
	auxv[n++] = (struct auxv){ AT_UID, cred->uid };
	auxv[n++] = (struct auxv){ AT_EUID, cred->euid };
	auxv[n++] = (struct auxv){ AT_GID, cred->gid };
	auxv[n++] = (struct auxv){ AT_EGID, cred->egid };
	auxv[n++] = (struct auxv){ AT_SECURE, program->secure };
	auxv[n++] = (struct auxv){ AT_RANDOM, at->random };
	auxv[n++] = (struct auxv){ AT_HWCAP2, cpu_hwcap2() };
	auxv[n++] = (struct auxv){ AT_EXECFN, at->path };
	auxv[n++] = (struct auxv){ AT_PLATFORM, at->platform };
	auxv[n++] = (struct auxv){ AT_NULL, 0 };
	return n;
}

/* Pointers to the strings of a row that lies at `address`, and a NULL; returns the word behind. */
static uint64_t *pointers_make(uint64_t *word, const struct strings *strings, uptr_t address)
{
	size_t offset = 0;

	for (uint32_t i = 0; i < strings->count; i++) {
		*word++ = address + offset;
		offset += strings_length(strings, offset);
	}
	*word++ = 0;
	return word;
}

static int vectors_put(struct program *program, const struct stack_strings *at)
{
	struct auxv auxv[AUXV_MAX];
	size_t auxv_bytes = auxv_make(program, at, auxv) * sizeof(auxv[0]);
	size_t bytes = (1 + program->args->count + 1 + program->env->count + 1) * 8 + auxv_bytes;
	uint64_t *words = kmalloc(bytes), *word = words;
	int err;

	if (!words)
		return -ENOMEM;
	*word++ = program->args->count;
	word = pointers_make(word, program->args, at->args);
	word = pointers_make(word, program->env, at->env);
	memcpy(word, auxv, auxv_bytes);
	program->stack = ALIGN_DOWN(at->random - bytes, 16);
	program->aspace->stack_start = program->stack;
	program->aspace->auxv_end = program->stack + bytes;
	program->aspace->auxv_start = program->aspace->auxv_end - auxv_bytes;
	err = aspace_write(program->aspace, program->stack, words, bytes);
	kfree(words);
	return err;
}

int program_build_stack(struct program *program, uptr_t top)
{
	struct stack_strings at = strings_place(program, top);
	struct aspace *aspace = program->aspace;
	int err;

	aspace->args_start = at.args;
	aspace->args_end = aspace->env_start = at.env;
	aspace->env_end = at.path;
	err = strings_put(program, &at);
	if (err == 0)
		err = vectors_put(program, &at);
	/* No room on the stack it may have. */
	return err == -EFAULT ? -E2BIG : err;
}
