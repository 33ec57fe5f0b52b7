/*
 * arch/x86/acpi.h on tables made here: a small physical memory with the tables of a machine like
 * QEMU's, whole and damaged.
 *
 * links: stage2/arch/x86/acpi_tables.c
 */
#include "abi/errno.h"
#include "arch/x86/acpi.h"
#include "host.h"

#define RSDP   0x40
#define RSDT   0x100
#define XSDT   0x200
#define MADT   0x300
#define FADT   0x500
#define DSDT   0x700
#define HPET   0x900
#define MCFG   0xa00
#define MEMORY 0x1000

static uint8_t memory[MEMORY];

static const uint8_t *map(void *data, paddr_t paddr, size_t bytes)
{
	return paddr < MEMORY && bytes <= MEMORY - paddr ? memory + paddr : NULL;
}

static void put(size_t at, uint64_t value, size_t bytes)
{
	memcpy(memory + at, &value, bytes);
}

/* Make the sum of the bytes zero by the byte at `at`. */
static void checksum(size_t start, size_t bytes, size_t at)
{
	uint8_t sum = 0;

	memory[at] = 0;
	for (size_t i = 0; i < bytes; i++)
		sum = (uint8_t)(sum + memory[start + i]);
	memory[at] = (uint8_t)-sum;
}

static void table_end(size_t at, const char *signature, size_t bytes)
{
	memcpy(memory + at, signature, 4);
	put(at + 4, bytes, 4);
	checksum(at, bytes, at + 9);
}

static size_t madt_cpu(size_t at, uint8_t apic_id, uint32_t flags)
{
	memory[at] = 0;
	memory[at + 1] = 8;
	memory[at + 3] = apic_id;
	put(at + 4, flags, 4);
	return at + 8;
}

static size_t madt_override(size_t at, uint8_t irq, uint32_t gsi, uint16_t flags)
{
	memory[at] = 2;
	memory[at + 1] = 10;
	memory[at + 3] = irq;
	put(at + 4, gsi, 4);
	put(at + 8, flags, 2);
	return at + 10;
}

static void madt_make(void)
{
	size_t at = MADT + 44;

	put(MADT + 36, 0xfee00000, 4);
	put(MADT + 40, 1, 4);
	at = madt_cpu(at, 0, 1);
	at = madt_cpu(at, 2, 1);
	at = madt_cpu(at, 9, 0); /* not enabled */
	memory[at] = 1;          /* I/O APIC */
	memory[at + 1] = 12;
	memory[at + 2] = 4;
	put(at + 4, 0xfec00000, 4);
	put(at + 8, 0, 4);
	at = madt_override(at + 12, 0, 2, 0);
	at = madt_override(at, 9, 9, 0x0d);   /* level, high */
	at = madt_override(at, 11, 20, 0x0f); /* level, low */
	table_end(MADT, "APIC", at - MADT);
}

static void fadt_make(void)
{
	put(FADT + 40, DSDT, 4);
	put(FADT + 48, 0xb2, 4);
	memory[FADT + 52] = 0xf1;
	put(FADT + 64, 0x604, 4);
	put(FADT + 76, 0x608, 4);
	memory[FADT + 108] = 0x32;
	put(FADT + 112, 1 << 10 | 1 << 8, 4);
	memory[FADT + 116] = 1;
	memory[FADT + 117] = 8;
	put(FADT + 120, 0xcf9, 8);
	memory[FADT + 128] = 6;
	table_end(FADT, "FACP", 244);
}

/* Some AML, then Name(_S5_, Package(4) { 5, 0, ... }). */
static void dsdt_make(void)
{
	static const uint8_t s5[] = { 0x08, '_', 'S', '5', '_', 0x12, 0x08, 0x04, 0x0a, 0x05, 0x00,
		0x00, 0x00 };

	memcpy(memory + DSDT + 40, "x_S5_y", 6); /* looks like it, and is not */
	memcpy(memory + DSDT + 60, s5, sizeof(s5));
	table_end(DSDT, "DSDT", 100);
}

static void roots_make(void)
{
	static const uint32_t tables[] = { FADT, MADT, HPET, MCFG, 0x7ffff000 /* nowhere */ };

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		put(RSDT + 36 + i * 4, tables[i], 4);
		put(XSDT + 36 + i * 8, tables[i], 8);
	}
	table_end(RSDT, "RSDT", 36 + sizeof(tables));
	table_end(XSDT, "XSDT", 36 + sizeof(tables) * 2);
	memcpy(memory + RSDP, "RSD PTR ", 8);
	memory[RSDP + 15] = 2;
	put(RSDP + 16, RSDT, 4);
	put(RSDP + 20, 36, 4);
	put(RSDP + 24, XSDT, 8);
	checksum(RSDP, 20, RSDP + 8);
	checksum(RSDP, 36, RSDP + 32);
}

static int memory_make(void **state)
{
	memset(memory, 0, sizeof(memory));
	madt_make();
	fadt_make();
	dsdt_make();
	put(HPET + 44, 0xfed00000, 8);
	table_end(HPET, "HPET", 56);
	put(MCFG + 44, 0xb0000000, 8);
	memory[MCFG + 55] = 0xff;
	table_end(MCFG, "MCFG", 60);
	roots_make();
	return 0;
}

static struct acpi_info info;
static const char *bad;

static void check_whole(void)
{
	assert_int_equal(acpi_read_tables(map, NULL, RSDP, &info, &bad), 0);
	assert_null(bad);
	assert_true(info.has_madt && info.has_fadt && info.has_s5 && info.has_8259);
	assert_int_equal(info.cpu_count, 2);
	assert_int_equal(info.cpu_apic_ids[1], 2);
	assert_int_equal(info.lapic_paddr, 0xfee00000);
	assert_int_equal(info.ioapic_count, 1);
	assert_int_equal(info.ioapics[0].paddr, 0xfec00000);
	assert_int_equal(info.override_count, 3);
	assert_int_equal(info.overrides[0].gsi, 2);
	assert_int_equal(info.overrides[0].trigger, IRQ_EDGE_HIGH);
	assert_int_equal(info.overrides[1].trigger, IRQ_LEVEL_HIGH);
	assert_int_equal(info.overrides[2].trigger, IRQ_LEVEL_LOW);
	assert_int_equal(info.pm1a_control, 0x604);
	assert_int_equal(info.pm_timer, 0x608);
	assert_true(info.pm_timer_32bit);
	assert_int_equal(info.cmos_century, 0x32);
	assert_int_equal(info.reset.address, 0xcf9);
	assert_int_equal(info.reset_value, 6);
	assert_int_equal(info.s5_type_a, 5);
	assert_int_equal(info.s5_type_b, 0);
	assert_int_equal(info.hpet_paddr, 0xfed00000);
	assert_int_equal(info.ecam_paddr, 0xb0000000);
	assert_int_equal(info.ecam_bus_last, 0xff);
}

static void reads_a_machine(void **state)
{
	check_whole();
}

static void falls_back_to_the_rsdt(void **state)
{
	memory[RSDP + 33] ^= 1; /* the extended checksum is wrong */
	check_whole();
	memory[RSDP + 33] ^= 1;
	put(RSDP + 24, 0xfffffffffffff000, 8);
	checksum(RSDP, 36, RSDP + 32);
	check_whole();
}

static void finds_the_root_pointer(void **state)
{
	assert_int_equal(acpi_find_rsdp(memory, sizeof(memory)), RSDP);
	memory[RSDP + 9]++;
	assert_int_equal(acpi_find_rsdp(memory, sizeof(memory)), -ENOENT);
	assert_int_equal(acpi_read_tables(map, NULL, RSDP, &info, &bad), -ENODEV);
}

static void names_a_damaged_table(void **state)
{
	memory[MADT + 50] ^= 4;
	assert_int_equal(acpi_read_tables(map, NULL, RSDP, &info, &bad), 0);
	assert_string_equal(bad, "MADT");
	assert_false(info.has_madt);
	assert_true(info.has_fadt);
}

static void does_not_follow_bad_lengths(void **state)
{
	static const uint32_t lengths[] = { 0, 8, 35, 0x10000, 0xffffffff };

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		put(DSDT + 4, lengths[i], 4);
		assert_int_equal(acpi_read_tables(map, NULL, RSDP, &info, &bad), 0);
		assert_string_equal(bad, "DSDT");
		assert_false(info.has_s5);
	}
}

static void an_entry_of_no_length_ends_the_madt(void **state)
{
	memory[MADT + 44 + 8 + 1] = 0;
	table_end(MADT, "APIC", 44 + 8 + 8);
	assert_int_equal(acpi_read_tables(map, NULL, RSDP, &info, &bad), 0);
	assert_int_equal(info.cpu_count, 1);
}

/* Every bit of every table, one at a time: no crash (ASan watches the edges of `memory`), and a
 * flip in a table means that the table is not used. */
static void survives_every_flipped_bit(void **state)
{
	for (size_t at = 0; at < MEMORY; at++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			memory[at] ^= (uint8_t)(1 << bit);
			(void)!acpi_read_tables(map, NULL, RSDP, &info, &bad);
			assert_true(info.cpu_count <= CPU_MAX);
			memory[at] ^= (uint8_t)(1 << bit);
		}
	}
	check_whole();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(reads_a_machine, memory_make),
		cmocka_unit_test_setup(falls_back_to_the_rsdt, memory_make),
		cmocka_unit_test_setup(finds_the_root_pointer, memory_make),
		cmocka_unit_test_setup(names_a_damaged_table, memory_make),
		cmocka_unit_test_setup(does_not_follow_bad_lengths, memory_make),
		cmocka_unit_test_setup(an_entry_of_no_length_ends_the_madt, memory_make),
		cmocka_unit_test_setup(survives_every_flipped_bit, memory_make),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
