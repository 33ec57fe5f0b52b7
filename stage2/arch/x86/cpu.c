/*
 * The processor: identification, control registers, and the table of per-CPU records.
 *
 * Features are looked up once, on the boot CPU; every CPU is then set up the same. What a CPU lacks
 * is not used, and nothing else asks CPUID.
 */
#include "arch/cpu.h"
#include "arch/machine.h"
#include "arch/mmu.h"
#include "arch/x86/x86.h"
#include "lib/assert.h"
#include "lib/format.h"
#include "lib/string.h"

struct x86_features x86_features;

static struct cpu boot_cpu;
static struct cpu_tables boot_tables;
static struct cpu *cpus[CPU_MAX]; /* written while one CPU runs */
static unsigned cpus_found;

static char name[49];
static char features_text[96];

unsigned cpu_count(void)
{
	return cpus_found;
}

struct cpu *cpu_get(unsigned id)
{
	assert(id < cpus_found);
	return cpus[id];
}

void cpu_register(struct cpu *cpu)
{
	assert(cpus_found < CPU_MAX);
	cpu->id = cpus_found;
	cpus[cpus_found++] = cpu;
}

/* Runs with GS still 0, so it must not carry a canary itself. */
__attribute__((no_stack_protector)) void cpu_init_early(void)
{
	descriptors_init_idt();
	boot_cpu.preempt_count = 1;
	boot_cpu.stack_canary = 0x9e3779b97f4a7c15ull * (cpu_tsc() | 1);
	descriptors_load(&boot_cpu, &boot_tables);
	cpu_register(&boot_cpu);
}

static void read_name(void)
{
	if (x86_cpuid(0x80000000, 0).eax < 0x80000004) {
		strlcpy(name, "unnamed", sizeof(name));
		return;
	}
	for (uint32_t i = 0; i < 3; i++) {
		struct cpuid part = x86_cpuid(0x80000002 + i, 0);
		memcpy(name + i * 16, &part, 16);
	}
	size_t blanks = 0;
	while (name[blanks] == ' ')
		blanks++;
	memmove(name, name + blanks, sizeof(name) - blanks);
}

/* Is there XSAVE that can be turned on? QEMU's emulator (7.2, helper_write_crn) takes CR4.OSXSAVE
 * for a reserved bit where the CPU model has no XSAVEOPT (Opteron_G4, G5), and then never goes on.
 */
static bool xsave_works(const struct cpuid *basic, uint32_t max_leaf)
{
	bool emulated = basic->ecx & BIT(31);
	if (!(basic->ecx & BIT(26)))
		return false;
	return !emulated || (max_leaf >= 0xd && x86_cpuid(0xd, 1).eax != 0);
}

static void read_features(void)
{
	struct x86_features *f = &x86_features;
	uint32_t max = x86_cpuid(0, 0).eax;
	struct cpuid basic = x86_cpuid(1, 0);
	struct cpuid more = max >= 7 ? x86_cpuid(7, 0) : (struct cpuid){ 0 };
	struct cpuid extended = x86_cpuid(0x80000001, 0);

	f->global_pages = basic.edx & BIT(13);
	f->xsave = xsave_works(&basic, max);
	f->rdrand = basic.ecx & BIT(30);
	f->smep = more.ebx & BIT(7);
	f->smap = more.ebx & BIT(20);
	f->umip = more.ecx & BIT(2);
	f->nx = extended.edx & BIT(20);
	f->gigabyte_pages = extended.edx & BIT(26);
	pte_features.nx = f->nx ? PTE_NX : 0;
	pte_features.allowed =
		MMU_READ | MMU_WRITE | MMU_USER | MMU_UNCACHED | (f->global_pages ? MMU_GLOBAL : 0);
	snprintf(features_text, sizeof(features_text), "%s%s%s%s%s%s%s%s", f->nx ? "nx " : "",
		f->smep ? "smep " : "", f->smap ? "smap " : "", f->umip ? "umip " : "",
		f->xsave ? "xsave " : "fxsave ", f->rdrand ? "rdrand " : "",
		f->gigabyte_pages ? "pdpe1gb " : "", f->global_pages ? "pge" : "");
}

/* The gates to user memory are no-ops in the image; where the CPU has SMAP they become STAC and
 * CLAC. Text is still writable: the boot tables are in use. */
static void patch_smap(uint8_t *const *sites)
{
	static const uint8_t clac[3] = { 0x0f, 0x01, 0xca }, stac[3] = { 0x0f, 0x01, 0xcb };
	for (; *sites; sites++) {
		bool opens = (*sites)[2] == 0x01; /* the no-op's displacement says which */
		memcpy(*sites, opens ? stac : clac, 3);
	}
}

void cpu_init_control(void)
{
	const struct x86_features *f = &x86_features;

	x86_write_msr(MSR_EFER, x86_read_msr(MSR_EFER) | EFER_SCE | (f->nx ? EFER_NXE : 0));
	x86_write_cr0((x86_read_cr0() & ~(CR0_EM | CR0_TS)) | CR0_MP | CR0_NE | CR0_WP | CR0_AM);
	x86_write_cr4((x86_read_cr4() & ~CR4_TSD) | CR4_OSFXSR | CR4_OSXMMEXCPT |
		      (f->global_pages ? CR4_PGE : 0) | (f->umip ? CR4_UMIP : 0) |
		      (f->smep ? CR4_SMEP : 0) | (f->smap ? CR4_SMAP : 0) |
		      (f->xsave ? CR4_OSXSAVE : 0));

	x86_write_msr(MSR_STAR,
		(uint64_t)SELECTOR_USER_CODE32 << 48 | (uint64_t)SELECTOR_KERNEL_CODE << 32);
	x86_write_msr(MSR_LSTAR, (uint64_t)syscall_entry);
	x86_write_msr(MSR_SYSENTER_CS, 0); /* SYSENTER is no way in: #GP */
	x86_write_msr(MSR_SFMASK,
		RFLAGS_IF | RFLAGS_TF | RFLAGS_DF | RFLAGS_AC | RFLAGS_NT | RFLAGS_IOPL);
}

void cpu_init(void)
{
	read_name();
	read_features();
	if (x86_features.smap) {
		patch_smap(smap_sites_trap);
		patch_smap(smap_sites_uaccess);
	}
	cpu_init_control();
	fpu_init();
	boot_cpu.apic_id = x86_cpuid(1, 0).ebx >> 24;
	boot_cpu.online = 1;
}

bool cpu_random(uint64_t *value)
{
	if (!x86_features.rdrand)
		return false;
	for (int tries = 0; tries < 10; tries++) { /* SDM 1, 7.3.17: retry ten times */
		uint8_t ok;
		__asm__ volatile("rdrand %0; setc %1" : "=r"(*value), "=qm"(ok)::"cc");
		if (ok)
			return true;
	}
	return false;
}

const char *cpu_name(void)
{
	return name;
}

const char *cpu_features(void)
{
	return features_text;
}

uint32_t cpu_hwcap(void)
{
	return x86_cpuid(1, 0).edx;
}

/* Linux: bit 0 is ring 3 MWAIT, bit 1 FSGSBASE enabled for programs; neither is given. */
uint32_t cpu_hwcap2(void)
{
	return 0;
}

__noreturn void cpu_stop(void)
{
	for (;;)
		__asm__ volatile("cli; hlt" ::: "memory");
}

uint64_t tsc_hz_told(void)
{
	if (x86_cpuid(1, 0).ecx & BIT(31)) { /* a hypervisor: its timing leaf, in kHz */
		if (x86_cpuid(0x40000000, 0).eax >= 0x40000010)
			return x86_cpuid(0x40000010, 0).eax * 1000ull;
		return 0;
	}
	if (x86_cpuid(0, 0).eax < 0x15)
		return 0;
	struct cpuid ratio = x86_cpuid(0x15, 0); /* SDM 3B 19.7.3: crystal Hz * EBX / EAX */
	if (!ratio.eax || !ratio.ebx || !ratio.ecx)
		return 0;
	return (uint64_t)ratio.ecx * ratio.ebx / ratio.eax;
}
