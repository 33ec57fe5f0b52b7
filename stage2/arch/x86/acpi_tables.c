/*
 * Reading ACPI tables: bytes in, struct acpi_info out. Nothing in them is believed: each table's
 * length and checksum are checked before its fields are read, and each field is read only if the
 * table is long enough to have it. AML is not interpreted: \_S5_ is found by its bytes.
 *
 * Section numbers are those of ACPI 6.4.
 *
 * The searches ask thousands of times: with __builtin_memcmp that is one comparison each.
 */
#include "abi/errno.h"
#include "arch/x86/acpi.h"
#include "lib/string.h"

#define HEADER_BYTES     36 /* 5.2.6 */
#define TABLE_BYTES_MAX  0x400000
#define ROOT_ENTRIES_MAX 256

#define SPACE_PORTS 1

struct reader {
	acpi_map *map;
	void *data;
	struct acpi_info *info;
	const char *bad;
};

/* A checked table. */
struct table {
	const uint8_t *bytes;
	uint32_t length;
};

/* Field at `at`, little-endian; 0 where the table is too short to have it. */
static uint64_t table_field(const struct table *table, size_t at, size_t bytes)
{
	uint64_t value = 0;

	if (at + bytes > table->length)
		return 0;
	memcpy(&value, table->bytes + at, bytes);
	return value;
}

static struct acpi_register table_register(const struct table *table, size_t at)
{
	return (struct acpi_register){
		.space = (uint8_t)table_field(table, at, 1),
		.bits = (uint8_t)table_field(table, at + 1, 1),
		.address = table_field(table, at + 4, 8),
	};
}

static bool sum_is_zero(const uint8_t *bytes, size_t count)
{
	uint8_t sum = 0;

	while (count-- > 0)
		sum = (uint8_t)(sum + *bytes++);
	return sum == 0;
}

/* The table at `paddr` if its length and checksum are good, and the signature is the one wanted. */
static bool table_open(struct reader *reader, paddr_t paddr, const char *signature,
	const char *name, struct table *table)
{
	const uint8_t *header = reader->map(reader->data, paddr, HEADER_BYTES);

	if (!header || memcmp(header, signature, 4) != 0)
		return false;
	*table = (struct table){ .bytes = header, .length = HEADER_BYTES };
	table->length = (uint32_t)table_field(table, 4, 4);
	if (table->length >= HEADER_BYTES && table->length <= TABLE_BYTES_MAX)
		table->bytes = reader->map(reader->data, paddr, table->length);
	else
		table->bytes = NULL;
	if (table->bytes && sum_is_zero(table->bytes, table->length))
		return true;
	reader->bad = name;
	return false;
}

/* ---- MADT ----------------------------------------------------------------------------------- */

#define LAPIC_ENABLED 1u

static void madt_add_cpu(struct acpi_info *info, uint32_t apic_id, uint32_t flags)
{
	if (!(flags & LAPIC_ENABLED) || info->cpu_count == CPU_MAX)
		return;
	for (unsigned i = 0; i < info->cpu_count; i++)
		if (info->cpu_apic_ids[i] == apic_id)
			return;
	info->cpu_apic_ids[info->cpu_count++] = apic_id;
}

/* MPS INTI flags (table 5.26); an ISA line that "conforms" is edge-triggered, active high. */
static enum irq_trigger madt_trigger(uint16_t flags)
{
	bool low = (flags & 3) == 3;
	bool level = (flags >> 2 & 3) == 3;

	if (!level)
		return IRQ_EDGE_HIGH;
	return low ? IRQ_LEVEL_LOW : IRQ_LEVEL_HIGH;
}

static void madt_add_ioapic(struct acpi_info *info, const struct table *entry)
{
	if (info->ioapic_count == ACPI_IOAPIC_MAX)
		return;
	info->ioapics[info->ioapic_count++] = (struct acpi_ioapic){
		.id = (uint32_t)table_field(entry, 2, 1),
		.paddr = table_field(entry, 4, 4),
		.gsi_base = (uint32_t)table_field(entry, 8, 4),
	};
}

static void madt_add_override(struct acpi_info *info, const struct table *entry)
{
	uint8_t irq = (uint8_t)table_field(entry, 3, 1);

	if (info->override_count == ACPI_OVERRIDE_MAX || irq >= 16)
		return;
	info->overrides[info->override_count++] = (struct acpi_override){
		.irq = irq,
		.gsi = (uint32_t)table_field(entry, 4, 4),
		.trigger = madt_trigger((uint16_t)table_field(entry, 8, 2)),
	};
}

/* One entry of the interrupt controller structures (5.2.12.2 and on). */
static void madt_read_entry(struct acpi_info *info, const struct table *entry)
{
	switch (entry->bytes[0]) {
	case 0: /* processor local APIC */
		madt_add_cpu(info, (uint32_t)table_field(entry, 3, 1),
			(uint32_t)table_field(entry, 4, 4));
		break;
	case 1:
		madt_add_ioapic(info, entry);
		break;
	case 2:
		madt_add_override(info, entry);
		break;
	case 5: /* 64-bit address of the local APICs */
		if (table_field(entry, 4, 8))
			info->lapic_paddr = table_field(entry, 4, 8);
		break;
	case 9: /* local x2APIC */
		madt_add_cpu(info, (uint32_t)table_field(entry, 4, 4),
			(uint32_t)table_field(entry, 8, 4));
		break;
	}
}

static void read_madt(struct reader *reader, const struct table *table)
{
	struct acpi_info *info = reader->info;

	info->has_madt = true;
	info->lapic_paddr = table_field(table, 36, 4);
	info->has_8259 = table_field(table, 40, 4) & 1;
	for (uint32_t at = 44; at + 2 <= table->length;) {
		struct table entry = { table->bytes + at, table->bytes[at + 1] };

		if (entry.length < 2 || at + entry.length > table->length)
			break;
		madt_read_entry(info, &entry);
		at += entry.length;
	}
}

/* ---- DSDT: \_S5_ ---------------------------------------------------------------------------- */

/* An AML integer of one byte (20.2.3): ZeroOp, OneOp or BytePrefix. Moves *at on. */
static bool aml_small_integer(const struct table *table, size_t *at, uint8_t *value)
{
	uint8_t op;

	if (*at >= table->length)
		return false;
	op = table->bytes[(*at)++];
	if (op <= 1) {
		*value = op;
		return true;
	}
	if (op != 0x0a || *at >= table->length)
		return false;
	*value = table->bytes[(*at)++];
	return true;
}

/* Name(\_S5_, Package() { a, b, ... }) at `at`, which points at "_S5_". */
static bool dsdt_read_s5(const struct table *table, size_t at, struct acpi_info *info)
{
	bool named =
		at >= 1 &&
		(table->bytes[at - 1] == 0x08 || /* NameOp */
			(at >= 2 && table->bytes[at - 1] == '\\' && table->bytes[at - 2] == 0x08));
	uint8_t a, b;

	at += 4;
	if (!named || at + 3 > table->length || table->bytes[at] != 0x12) /* PackageOp */
		return false;
	at++;
	at += 1 + (table->bytes[at] >> 6); /* PkgLength: its top bits count further bytes */
	at++;                              /* NumElements */
	if (!aml_small_integer(table, &at, &a) || !aml_small_integer(table, &at, &b))
		return false;
	if (a > 7 || b > 7) /* SLP_TYP has three bits (4.8.3.2.1) */
		return false;
	info->has_s5 = true;
	info->s5_type_a = a;
	info->s5_type_b = b;
	return true;
}

static void read_dsdt(struct reader *reader, const struct table *table)
{
	for (size_t at = HEADER_BYTES; at + 4 <= table->length; at++)
		if (__builtin_memcmp(table->bytes + at, "_S5_", 4) == 0 &&
			dsdt_read_s5(table, at, reader->info))
			return;
}

/* ---- FADT, HPET, MCFG ----------------------------------------------------------------------- */

/* A port: from the 64-bit register at `wide` if it is there, else from the old field at `at`. */
static uint16_t fadt_port(const struct table *table, size_t at, size_t wide)
{
	struct acpi_register reg = table_register(table, wide);
	uint64_t port = table_field(table, at, 4);

	if (reg.address && reg.space == SPACE_PORTS)
		port = reg.address;
	return port <= 0xffff ? (uint16_t)port : 0;
}

#define FADT_TMR_VAL_EXT   BIT(8)
#define FADT_RESET_REG_SUP BIT(10)

static void read_fadt(struct reader *reader, const struct table *table)
{
	struct acpi_info *info = reader->info;
	uint64_t flags = table_field(table, 112, 4);
	uint64_t smi_command = table_field(table, 48, 4);
	paddr_t dsdt_paddr = table_field(table, 140, 8);
	struct table dsdt;

	info->has_fadt = true;
	info->smi_command = smi_command <= 0xffff ? (uint16_t)smi_command : 0;
	info->acpi_enable = (uint8_t)table_field(table, 52, 1);
	info->pm1a_control = fadt_port(table, 64, 172);
	info->pm1b_control = fadt_port(table, 68, 184);
	info->pm_timer = fadt_port(table, 76, 208);
	info->pm_timer_32bit = flags & FADT_TMR_VAL_EXT;
	info->cmos_century = (uint8_t)table_field(table, 108, 1);
	if (flags & FADT_RESET_REG_SUP) {
		info->reset = table_register(table, 116);
		info->reset_value = (uint8_t)table_field(table, 128, 1);
	}
	if (!dsdt_paddr)
		dsdt_paddr = table_field(table, 40, 4);
	if (table_open(reader, dsdt_paddr, "DSDT", "DSDT", &dsdt))
		read_dsdt(reader, &dsdt);
}

static void read_hpet(struct reader *reader, const struct table *table)
{
	struct acpi_register base = table_register(table, 40);

	if (base.space == 0)
		reader->info->hpet_paddr = base.address;
}

static void read_mcfg(struct reader *reader, const struct table *table)
{
	struct acpi_info *info = reader->info;

	for (uint32_t at = 44; at + 16 <= table->length; at += 16) {
		if (table_field(table, at + 8, 2) != 0) /* another segment */
			continue;
		info->ecam_paddr = table_field(table, at, 8);
		info->ecam_bus_first = (uint8_t)table_field(table, at + 10, 1);
		info->ecam_bus_last = (uint8_t)table_field(table, at + 11, 1);
		return;
	}
}

/* ---- the root ------------------------------------------------------------------------------- */

static const struct {
	const char *signature;
	const char *name;
	void (*read)(struct reader *reader, const struct table *table);
} wanted[] = {
	{ "APIC", "MADT", read_madt },
	{ "FACP", "FADT", read_fadt },
	{ "HPET", "HPET", read_hpet },
	{ "MCFG", "MCFG", read_mcfg },
};

static void read_listed_table(struct reader *reader, paddr_t paddr)
{
	struct table table;

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (table_open(reader, paddr, wanted[i].signature, wanted[i].name, &table))
			wanted[i].read(reader, &table);
}

/* The root table: XSDT with 8-byte entries or RSDT with 4-byte ones (5.2.7, 5.2.8). */
static bool read_root(
	struct reader *reader, paddr_t paddr, const char *signature, unsigned entry_bytes)
{
	struct table root;
	unsigned entries;

	if (!table_open(reader, paddr, signature, signature, &root))
		return false;
	entries = (root.length - HEADER_BYTES) / entry_bytes;
	entries = min(entries, (unsigned)ROOT_ENTRIES_MAX);
	for (unsigned i = 0; i < entries; i++)
		read_listed_table(
			reader, table_field(&root, HEADER_BYTES + i * entry_bytes, entry_bytes));
	return true;
}

#define RSDP_BYTES_1 20 /* ACPI 1.0; the checksum covers these */
#define RSDP_BYTES_2 36

static bool rsdp_is_good(const uint8_t *rsdp)
{
	return __builtin_memcmp(rsdp, "RSD PTR ", 8) == 0 && sum_is_zero(rsdp, RSDP_BYTES_1);
}

int acpi_find_rsdp(const uint8_t *area, size_t bytes)
{
	for (size_t at = 0; at + RSDP_BYTES_1 <= bytes; at += 16)
		if (rsdp_is_good(area + at))
			return (int)at;
	return -ENOENT;
}

int acpi_read_tables(
	acpi_map *map, void *data, paddr_t rsdp, struct acpi_info *info, const char **bad)
{
	struct reader reader = { .map = map, .data = data, .info = info };
	struct table root = { map(data, rsdp, RSDP_BYTES_1), RSDP_BYTES_1 };
	const uint8_t *wide = NULL;
	bool found = false;

	memset(info, 0, sizeof(*info));
	*bad = NULL;
	if (!root.bytes || !rsdp_is_good(root.bytes))
		return -ENODEV;
	if (root.bytes[15] >= 2)
		wide = map(data, rsdp, RSDP_BYTES_2);
	if (wide && sum_is_zero(wide, RSDP_BYTES_2)) {
		struct table rsdp2 = { wide, RSDP_BYTES_2 };

		found = read_root(&reader, table_field(&rsdp2, 24, 8), "XSDT", 8);
	}
	if (!found)
		found = read_root(&reader, table_field(&root, 16, 4), "RSDT", 4);
	*bad = reader.bad;
	return found ? 0 : -ENODEV;
}
