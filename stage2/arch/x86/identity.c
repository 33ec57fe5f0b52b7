/*
 * What the CPU calls itself and what it can do, by the names that Linux gives (cpufeatures.h), for
 * programs that read /proc/cpuinfo. What needs the kernel's help (XSAVE) and does not get it is
 * left out.
 */
#include "arch/cpu.h"
#include "arch/x86/x86.h"
#include "lib/string.h"

/* A word of CPUID's answers. */
enum word { LEAF1_EDX, LEAF1_ECX, LEAF7_EBX, LEAF7_ECX, EXTENDED_EDX, EXTENDED_ECX, WORDS };

/* SDM 2A, CPUID; AMD APM 3, appendix E. NULL: reserved, or has no name there. */
static const char *const flags[WORDS][32] = {
	[LEAF1_EDX] = { "fpu", "vme", "de", "pse", "tsc", "msr", "pae", "mce", "cx8", "apic", NULL,
		"sep", "mtrr", "pge", "mca", "cmov", "pat", "pse36", "pn", "clflush", NULL, "dts",
		"acpi", "mmx", "fxsr", "sse", "sse2", "ss", "ht", "tm", "ia64", "pbe" },
	[LEAF1_ECX] = { "pni", "pclmulqdq", "dtes64", "monitor", "ds_cpl", "vmx", "smx", "est",
		"tm2", "ssse3", "cid", "sdbg", "fma", "cx16", "xtpr", "pdcm", NULL, "pcid", "dca",
		"sse4_1", "sse4_2", "x2apic", "movbe", "popcnt", "tsc_deadline_timer", "aes",
		"xsave", NULL, "avx", "f16c", "rdrand", "hypervisor" },
	[LEAF7_EBX] = { "fsgsbase", "tsc_adjust", "sgx", "bmi1", "hle", "avx2", NULL, "smep",
		"bmi2", "erms", "invpcid", "rtm", "cqm", NULL, "mpx", "rdt_a", "avx512f",
		"avx512dq", "rdseed", "adx", "smap", "avx512ifma", NULL, "clflushopt", "clwb",
		"intel_pt", "avx512pf", "avx512er", "avx512cd", "sha_ni", "avx512bw", "avx512vl" },
	[LEAF7_ECX] = { NULL, "avx512vbmi", "umip", [8] = "gfni", "vaes", "vpclmulqdq",
		"avx512_vnni", "avx512_bitalg", [14] = "avx512_vpopcntdq", [22] = "rdpid" },
	[EXTENDED_EDX] = { [11] = "syscall",
		[20] = "nx",
		[22] = "mmxext",
		[25] = "fxsr_opt",
		"pdpe1gb",
		"rdtscp",
		[29] = "lm",
		"3dnowext",
		"3dnow" },
	[EXTENDED_ECX] = { "lahf_lm", "cmp_legacy", "svm", "extapic", "cr8_legacy", "abm", "sse4a",
		"misalignsse", "3dnowprefetch", "osvw", [11] = "xop", [16] = "fma4", [21] = "tbm" },
};
_Static_assert(CPU_FLAGS_MAX == WORDS * 32, "one for each bit");

/* What works on registers that only XSAVE keeps. */
#define LEAF1_ECX_XSAVE    (BIT(12) | BIT(26) | BIT(28) | BIT(29))
#define LEAF7_EBX_XSAVE    (BIT(5) | BIT(16) | BIT(17) | BIT(21) | 0xfc000000ul)
#define LEAF7_ECX_XSAVE    (BIT(1) | BIT(9) | BIT(10) | BIT(11) | BIT(12) | BIT(14))
#define EXTENDED_ECX_XSAVE (BIT(11) | BIT(16))

static uint32_t word_read(enum word word)
{
	bool leaf7 = x86_cpuid(0, 0).eax >= 7, extended = x86_cpuid(0x80000000, 0).eax > 0x80000000;
	bool kept = x86_features.xsave;

	switch (word) {
	case LEAF1_EDX:
		return x86_cpuid(1, 0).edx;
	case LEAF1_ECX:
		return x86_cpuid(1, 0).ecx & ~(kept ? 0 : LEAF1_ECX_XSAVE);
	case LEAF7_EBX:
		return leaf7 ? x86_cpuid(7, 0).ebx & ~(kept ? 0 : LEAF7_EBX_XSAVE) : 0;
	case LEAF7_ECX:
		return leaf7 ? x86_cpuid(7, 0).ecx & ~(kept ? 0 : LEAF7_ECX_XSAVE) : 0;
	case EXTENDED_EDX:
		return extended ? x86_cpuid(0x80000001, 0).edx : 0;
	default:
		return extended ? x86_cpuid(0x80000001, 0).ecx & ~(kept ? 0 : EXTENDED_ECX_XSAVE)
		                : 0;
	}
}

const char *cpu_flag(unsigned index)
{
	const char *name = flags[index / 32][index % 32];

	return name && (word_read((enum word)(index / 32)) & BIT(index % 32)) ? name : NULL;
}

/* SDM 2A, CPUID.01H:EAX: the extended fields count for family 15 (and the model also for 6). */
void cpu_identify(struct cpu_identity *identity)
{
	struct cpuid vendor = x86_cpuid(0, 0);
	uint32_t version = x86_cpuid(1, 0).eax;

	memset(identity, 0, sizeof(*identity));
	memcpy(identity->vendor, &vendor.ebx, 4);
	memcpy(identity->vendor + 4, &vendor.edx, 4);
	memcpy(identity->vendor + 8, &vendor.ecx, 4);
	identity->stepping = version & 15;
	identity->model = version >> 4 & 15;
	identity->family = version >> 8 & 15;
	if (identity->family == 6 || identity->family == 15)
		identity->model |= (version >> 16 & 15) << 4;
	if (identity->family == 15)
		identity->family += version >> 20 & 255;
}
