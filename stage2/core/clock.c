/*
 * The clock: nanoseconds from the TSC by a multiplication.
 *
 *	ns = ns_base + ((tsc - tsc_base) * mult >> 32)
 *
 * The rate is measured from pairs of readings (TSC, reference clock): the first when the reference
 * is there, the second some boot work later, a third after a longer span. A new rate starts from
 *the time shown at that moment, so the clock never steps. Until the first measurement the rate is
 *taken as faster than any CPU's: time then runs too slowly, and only ever jumps ahead.
 *
 * The reference wraps (the PIT after 55 ms). The third reading may come after many wraps; what the
 * clock has counted meanwhile says how many.
 *
 * The numbers that make a time of a TSC reading lie in a page of their own, which programs may read
 * (abi/vdso.h). They change under a sequence count; readers retry and take no lock.
 */
#include "core/clock.h"
#include "abi/vdso.h"
#include "arch/cpu.h"
#include "arch/interrupt.h"
#include "arch/machine.h"
#include "core/log.h"
#include "lib/compiler.h"

#define FIRST_GUESS_HZ 16000000000ull
#define MEASURE_MIN_NS 50000ull          /* shorter spans say too little */
#define RATE_MAX_NS    (16 * NS_PER_SEC) /* longer spans overflow mul_div */

struct reading {
	uint64_t tsc, reference;
	uint32_t local; /* local timer: counts down */
};

static struct {
	uint64_t tsc_hz, local_hz;
	struct reading first;  /* [I] after clock_init */
	int64_t tai_offset_ns; /* [a] */
} rates;

/* Until clock_init it stands at 0. */
static union {
	struct vdso_clock now;
	uint8_t bytes[PAGE_SIZE];
} page __aligned(PAGE_SIZE);

static struct vdso_clock *const clock = &page.now;

static uint64_t scale(uint64_t value, uint64_t mult)
{
	return (uint64_t)((unsigned __int128)value * mult >> 32);
}

uint64_t clock_ns(void)
{
	uint32_t before;
	uint64_t ns;
	do {
		before = __atomic_load_n(&clock->sequence, __ATOMIC_ACQUIRE);
		/* The base may be a moment younger: another CPU's, whose TSC is a little ahead. */
		int64_t delta = (int64_t)(cpu_tsc() - clock->tsc_base);
		ns = clock->ns_base + scale((uint64_t)max(delta, (int64_t)0), clock->mult);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while ((before & 1) || before != READ_ONCE(clock->sequence));
	return ns;
}

int64_t clock_from_tsc(uint64_t tsc)
{
	int64_t delta = (int64_t)(tsc - clock->tsc_base);
	if (delta < 0)
		return (int64_t)clock->ns_base - (int64_t)scale((uint64_t)-delta, clock->mult);
	return (int64_t)(clock->ns_base + scale((uint64_t)delta, clock->mult));
}

/* a * b / c without a 128-bit division; (c - 1) * b fits 64 bits for rates and nanoseconds. */
static uint64_t mul_div(uint64_t a, uint64_t b, uint64_t c)
{
	return a / c * b + a % c * b / c;
}

static struct reading take_reading(void)
{
	uint64_t flags = irq_save();
	struct reading now = {
		.reference = reference_clock()->read(),
		.tsc = cpu_tsc(),
		.local = local_timer_count(),
	};
	irq_restore(flags);
	return now;
}

static void set_rate(uint64_t tsc_hz)
{
	uint64_t flags = irq_save();
	uint64_t now = cpu_tsc();
	__atomic_fetch_add(&clock->sequence, 1, __ATOMIC_SEQ_CST);
	clock->ns_base += scale(now - clock->tsc_base, clock->mult);
	clock->tsc_base = now;
	clock->mult = (NS_PER_SEC << 32) / tsc_hz;
	rates.tsc_hz = tsc_hz;
	__atomic_fetch_add(&clock->sequence, 1, __ATOMIC_SEQ_CST);
	irq_restore(flags);
}

void clock_init(void)
{
	clock->tsc_base = cpu_tsc();
	clock->mult = (NS_PER_SEC << 32) / FIRST_GUESS_HZ;
	local_timer_arm(UINT32_MAX); /* more than a minute: a free-running count */
	rates.first = take_reading();
}

/* The time between two readings by the reference clock. */
static uint64_t span_ns(const struct reading *from, const struct reading *to)
{
	const struct reference_clock *ref = reference_clock();
	uint64_t ticks = (to->reference - from->reference) & ref->mask;
	return mul_div(ticks, NS_PER_SEC, ref->hz);
}

/* The same for a span in which the reference may have wrapped: of those it may mean, the one
 * nearest to what the clock has counted. */
static uint64_t long_span_ns(const struct reading *from, const struct reading *to)
{
	const struct reference_clock *ref = reference_clock();
	uint64_t wrap_ns = mul_div(ref->mask + 1, NS_PER_SEC, ref->hz);
	uint64_t counted = scale(to->tsc - from->tsc, clock->mult);
	uint64_t ns = span_ns(from, to);
	if (counted > ns)
		ns += (counted - ns + wrap_ns / 2) / wrap_ns * wrap_ns;
	return ns;
}

static uint64_t rate(uint64_t ticks, uint64_t ns)
{
	for (; ns > RATE_MAX_NS; ns /= 2)
		ticks /= 2;
	return mul_div(ticks, NS_PER_SEC, ns);
}

void clock_calibrate(void)
{
	struct reading now;
	uint64_t ns;
	do {
		now = take_reading();
		ns = span_ns(&rates.first, &now);
	} while (ns < MEASURE_MIN_NS);

	rates.local_hz = rate(rates.first.local - now.local, ns);
	local_timer_arm(0);
	uint64_t told = tsc_hz_told();
	set_rate(told ? told : rate(now.tsc - rates.first.tsc, ns));
	/* Time before was counted too slowly: put the zero back where it was. */
	clock->ns_base = scale(clock->tsc_base - rates.first.tsc, clock->mult);
	log_info("clock: tsc %lu kHz, %s %s, local timer %lu kHz", rates.tsc_hz / 1000,
		told ? "told by the machine; reference" : "measured by", reference_clock()->name,
		rates.local_hz / 1000);
}

void clock_refine(void)
{
	struct reading now = take_reading();
	uint64_t ns = long_span_ns(&rates.first, &now);
	if (tsc_hz_told() || ns < MEASURE_MIN_NS)
		return;
	set_rate(rate(now.tsc - rates.first.tsc, ns));
}

uint64_t clock_tsc_hz(void)
{
	return rates.tsc_hz;
}

uint32_t clock_local_ticks(uint64_t ns)
{
	/* One more than fit: a timer that fires a tick too early costs a second interrupt. */
	uint64_t ticks = mul_div(ns, rates.local_hz, NS_PER_SEC) + 1;
	return (uint32_t)min(ticks, (uint64_t)UINT32_MAX);
}

/* The CMOS clock is read when somebody first asks: it takes dozens of port accesses. */
int64_t clock_wall_ns(void)
{
	if (!__atomic_load_n(&clock->wall_known, __ATOMIC_ACQUIRE)) {
		int64_t seconds = 0;
		if (cmos_read_time(&seconds))
			log_warn("clock: the CMOS clock holds no date; starting from 1970");
		clock_set_wall(max(seconds * (int64_t)NS_PER_SEC, (int64_t)clock_ns()));
	}
	return (int64_t)clock_ns() + READ_ONCE(clock->wall_offset_ns);
}

int64_t clock_tai_offset_ns(void)
{
	return READ_ONCE(rates.tai_offset_ns);
}

void clock_set_tai_offset(int64_t ns)
{
	WRITE_ONCE(rates.tai_offset_ns, ns);
}

uint64_t clock_from_wall(uint64_t wall_ns)
{
	int64_t ns = (int64_t)wall_ns - READ_ONCE(clock->wall_offset_ns);
	return (uint64_t)max(ns, (int64_t)0);
}

void clock_set_wall(int64_t ns)
{
	WRITE_ONCE(clock->wall_offset_ns, ns - (int64_t)clock_ns());
	__atomic_store_n(&clock->wall_known, true, __ATOMIC_RELEASE);
}

const void *clock_page(void)
{
	return &page;
}
