/*
 * proc/elf.h: a good program, and one damaged in each way that matters.
 *
 * links: stage2/proc/elf.c
 */
#include "abi/errno.h"
#include "arch/memory_map.h"
#include "host.h"
#include "proc/elf.h"

#define FILE_BYTES 0x5000

struct file {
	struct elf_header header;
	struct elf_segment segments[4];
	struct elf_plan plan;
};

/* Text, data with bss, a stack note and a TLS segment, as the linker lays them out. */
static struct file good(uint16_t type, uint64_t base)
{
	struct file file = {
		.header = { .e_type = type,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_entry = base + 0x1080,
			.e_phoff = sizeof(struct elf_header),
			.e_ehsize = sizeof(struct elf_header),
			.e_phentsize = sizeof(struct elf_segment),
			.e_phnum = 4 },
		.segments = { { PT_LOAD, PF_R | PF_X, 0, base, 0, 0x2000, 0x2000, 0x1000 },
			{ PT_LOAD, PF_R | PF_W, 0x2f00, base + 0x3f00, 0, 0x200, 0x5000, 0x1000 },
			{ PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 0, 0, 16 },
			{ PT_TLS, PF_R, 0x2f00, base + 0x3f00, 0, 16, 32, 8 } },
	};

	memcpy(file.header.e_ident, ELF_MAGIC, 4);
	file.header.e_ident[EI_CLASS] = ELFCLASS64;
	file.header.e_ident[EI_DATA] = ELFDATA2LSB;
	file.header.e_ident[EI_VERSION] = EV_CURRENT;
	return file;
}

static int read_header(const struct file *file)
{
	struct elf_layout layout;

	return elf_read_header(&file->header, sizeof(file->header), FILE_BYTES, &layout);
}

static int make_plan(struct file *file)
{
	return elf_make_plan(&file->header, file->segments, FILE_BYTES, &file->plan);
}

static void good_exec(void **state)
{
	struct file file = good(ET_EXEC, 0x400000);
	struct elf_layout layout;

	assert_int_equal(elf_read_header(&file.header, 64, FILE_BYTES, &layout), 0);
	assert_int_equal(layout.segments_offset, 64);
	assert_int_equal(layout.segments_bytes, 4 * 56);
	assert_int_equal(make_plan(&file), 0);
	assert_true(file.plan.fixed);
	assert_false(file.plan.stack_exec);
	assert_int_equal(file.plan.entry, 0x401080);
	assert_int_equal(file.plan.start, 0x400000);
	assert_int_equal(file.plan.end, 0x409000);
	assert_int_equal(file.plan.segments, 0x400040);
	assert_int_equal(file.plan.count, 2);
	assert_int_equal(file.plan.load[1].vaddr, 0x403f00);
	assert_int_equal(file.plan.load[1].file_bytes, 0x200);
	assert_int_equal(file.plan.load[1].memory_bytes, 0x5000);
	assert_int_equal(file.plan.load[1].flags, PF_R | PF_W);
}

static void good_pie(void **state)
{
	struct file file = good(ET_DYN, 0);

	file.segments[0].p_align = 0x200000;
	file.segments[2].p_flags |= PF_X;
	assert_int_equal(make_plan(&file), 0);
	assert_false(file.plan.fixed);
	assert_true(file.plan.stack_exec);
	assert_int_equal(file.plan.start, 0);
	assert_int_equal(file.plan.align, 0x200000);
	assert_int_equal(file.plan.interp_bytes, 0);
}

static void interpreter(void **state)
{
	struct file file = good(ET_DYN, 0);

	file.segments[3] = (struct elf_segment){ .p_type = PT_INTERP, .p_offset = 0x300 };
	file.segments[3].p_filesz = 28;
	assert_int_equal(make_plan(&file), 0);
	assert_int_equal(file.plan.interp_offset, 0x300);
	assert_int_equal(file.plan.interp_bytes, 28);
	file.segments[3].p_filesz = 1;
	assert_int_equal(make_plan(&file), -ENOEXEC);
	file.segments[3].p_filesz = FILE_BYTES;
	assert_int_equal(make_plan(&file), -ENOEXEC);
	file.segments[3].p_filesz = 28;
	file.segments[3].p_offset = FILE_BYTES - 27;
	assert_int_equal(make_plan(&file), -ENOEXEC);
	file.segments[3].p_offset = UINT64_MAX;
	assert_int_equal(make_plan(&file), -ENOEXEC);
}

static void first_interpreter_counts(void **state)
{
	struct file file = good(ET_DYN, 0);

	file.segments[2] = (struct elf_segment){ .p_type = PT_INTERP, .p_offset = 0x300 };
	file.segments[3] = (struct elf_segment){ .p_type = PT_INTERP, .p_offset = UINT64_MAX };
	file.segments[2].p_filesz = 28;
	assert_int_equal(make_plan(&file), 0);
	assert_int_equal(file.plan.interp_offset, 0x300);
	assert_int_equal(elf_check_interp("/lib/ld.so", sizeof("/lib/ld.so")), 0);
	assert_int_equal(elf_check_interp("/lib/ld.so", sizeof("/lib/ld.so") - 1), -ENOEXEC);
	assert_int_equal(elf_check_interp("", 1), -ENOEXEC);
}

#define expect_bad_header(field, value)                                                            \
	do {                                                                                       \
		struct file file_ = good(ET_EXEC, 0x400000);                                       \
		file_.header.field = (value);                                                      \
		assert_int_equal(read_header(&file_), -ENOEXEC);                                   \
	} while (0)

static void bad_headers(void **state)
{
	struct file file = good(ET_EXEC, 0x400000);
	struct elf_layout layout;

	assert_int_equal(read_header(&file), 0);
	for (size_t bytes = 0; bytes < sizeof(file.header); bytes++)
		assert_int_equal(
			elf_read_header(&file.header, bytes, FILE_BYTES, &layout), -ENOEXEC);
	for (int i = 0; i <= EI_DATA; i++)
		expect_bad_header(e_ident[i], 0);
	expect_bad_header(e_machine, 3);
	expect_bad_header(e_machine, 183);
	expect_bad_header(e_type, 1);
	expect_bad_header(e_type, 4);
	expect_bad_header(e_phentsize, 32);
	expect_bad_header(e_phnum, 0);
	expect_bad_header(e_phnum, 0xffff);
	expect_bad_header(e_phoff, FILE_BYTES - 4 * 56 + 1);
	expect_bad_header(e_phoff, UINT64_MAX - 8);
}

#define expect_bad_segment(index, field, value)                                                    \
	do {                                                                                       \
		struct file file_ = good(ET_EXEC, 0x400000);                                       \
		file_.segments[index].field = (value);                                             \
		assert_int_equal(make_plan(&file_), -ENOEXEC);                                     \
	} while (0)

static void bad_segments(void **state)
{
	expect_bad_segment(0, p_memsz, 0x1fff);
	expect_bad_segment(0, p_memsz, UINT64_MAX);
	expect_bad_segment(0, p_filesz, UINT64_MAX);
	expect_bad_segment(0, p_offset, UINT64_MAX - 0xfff);
	expect_bad_segment(0, p_offset, FILE_BYTES - 0x1000);
	expect_bad_segment(0, p_vaddr, 0x400800);
	expect_bad_segment(0, p_vaddr, 0xf000);
	expect_bad_segment(0, p_vaddr, USER_END - 0x1000);
	expect_bad_segment(0, p_vaddr, 0xffffffff80000000);
	expect_bad_segment(1, p_filesz, FILE_BYTES);
}

/* The same page twice, and descending: a later one lies above an earlier one. */
static void any_order(void **state)
{
	struct file file = good(ET_EXEC, 0x400000);

	file.segments[1].p_vaddr = 0x401f00;
	assert_int_equal(make_plan(&file), 0);
	assert_int_equal(file.plan.start, 0x400000);
	file.segments[1].p_vaddr = 0x300f00;
	assert_int_equal(make_plan(&file), 0);
	assert_int_equal(file.plan.start, 0x300000);
	assert_int_equal(file.plan.end, 0x402000);
}

static void bad_entry(void **state)
{
	struct file file = good(ET_EXEC, 0x400000);

	file.header.e_entry = USER_END;
	assert_int_equal(make_plan(&file), -ENOEXEC);
	file.header.e_entry = 0;
	assert_int_equal(make_plan(&file), -ENOEXEC);
}

static void no_loads(void **state)
{
	struct file file = good(ET_EXEC, 0x400000);

	file.segments[0].p_type = file.segments[1].p_type = PT_NOTE;
	assert_int_equal(make_plan(&file), -ENOEXEC);
}

static void too_many_loads(void **state)
{
	static struct elf_segment segments[ELF_LOADS_MAX + 1];
	struct file file = good(ET_DYN, 0);

	for (size_t i = 0; i < ARRAY_SIZE(segments); i++)
		segments[i] = (struct elf_segment){
			.p_type = PT_LOAD, .p_vaddr = i * PAGE_SIZE, .p_memsz = PAGE_SIZE
		};
	file.header.e_phnum = ELF_LOADS_MAX;
	assert_int_equal(elf_make_plan(&file.header, segments, FILE_BYTES, &file.plan), 0);
	file.header.e_phnum++;
	assert_int_equal(elf_make_plan(&file.header, segments, FILE_BYTES, &file.plan), -ENOEXEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_exec),
		cmocka_unit_test(good_pie),
		cmocka_unit_test(interpreter),
		cmocka_unit_test(first_interpreter_counts),
		cmocka_unit_test(bad_headers),
		cmocka_unit_test(bad_segments),
		cmocka_unit_test(any_order),
		cmocka_unit_test(bad_entry),
		cmocka_unit_test(no_loads),
		cmocka_unit_test(too_many_loads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
