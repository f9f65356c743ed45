/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VMM as nvmm-sim's is documented to be, in arithmetic: what it gets and
 * sets around each exit, and what that costs.
 */
#include "generations_model.h"

#define BIT(component)	(1U << (component))
#define ASSIST		(BIT(SEGS) | BIT(GPRS) | BIT(CRS) | BIT(MSRS))
#define ALL		(BIT(NCOMPONENTS) - 1)

#define TIMER_EVERY	400
/* The guest has interrupts off for so many accesses, then on. */
#define TOGGLE		56

const char *const component_names[NCOMPONENTS] = {
	"segs", "gprs", "crs", "drs", "msrs", "intr", "fpu",
};

/* ABI sizes: 10 segments of 16, 18 registers of 8, and so on. */
static const long long sizes[NCOMPONENTS] = {
	10 * 16, 18 * 8, 6 * 8, 6 * 8, 11 * 8, 8, 512,
};

/* A VCPU between library and kernel. */
struct machine {
	struct cost *cost;
	enum generation generation;
	unsigned cached, commit;	/* the page's, where there is one */
};

static void
moved(struct machine *m, unsigned flags, enum cause cause)
{
	unsigned i;

	for (i = 0; i < NCOMPONENTS; i++) {
		if (flags & BIT(i))
			m->cost->bytes[i][cause] += sizes[i];
	}
}

/* Who has no state in place copies what the call names, each time. */
static void
copied(struct machine *m, unsigned flags)
{
	unsigned i;

	for (i = 0; m->generation != INPLACE && i < NCOMPONENTS; i++) {
		if (flags & BIT(i))
			m->cost->copied += sizes[i];
	}
}

static void
get(struct machine *m, unsigned flags)
{
	unsigned missing = m->generation == NOCOMM ? flags :
	    flags & ~m->cached;

	copied(m, flags);
	if (missing == 0)
		return;
	m->cost->getstates++;
	moved(m, missing, WANTED);
	m->cached |= missing;
}

static void
set(struct machine *m, unsigned flags)
{
	copied(m, flags);
	if (m->generation == NOCOMM) {
		m->cost->setstates++;
		moved(m, flags, WANTED);
		return;
	}
	m->commit |= flags;
	m->cached |= flags;
}

/* A run to an exit of which the kernel knows what will be wanted. */
static void
run(struct machine *m, unsigned speculative)
{
	m->cost->runs++;
	moved(m, m->commit, COMMIT);
	m->commit = m->cached = 0;
	if (m->generation == NOCOMM)
		return;		/* nowhere to cache it */
	moved(m, speculative, SPECULATIVE);
	m->cached = speculative;
}

/* The guest's IF at its access of this number; HLT comes with IF. */
static bool
interrupts_on(long long access, long long accesses)
{
	return access >= accesses || access / TOGGLE % 2 == 1;
}

/*
 * A tick waits.  The VMM knows IF from the last exit: it injects, or asks for
 * the window, which opens before an instruction with IF.  The injection goes
 * with the run that follows.
 */
static void
tick(struct machine *m, bool on, long long *window)
{
	if (!on && !*window) {
		get(m, BIT(INTR));
		set(m, BIT(INTR));
		*window = 1;
	} else if (on && m->generation != INPLACE)
		m->cost->injects++;
}

static void
assist(struct machine *m)
{
	get(m, ASSIST);
	set(m, BIT(GPRS));
}

static void
play(struct machine *m, long long accesses)
{
	long long done = 0, ticks = 0, window = 0;
	bool on = false;

	for (;;) {
		if (ticks > 0) {
			tick(m, on, &window);
			ticks -= on;
		}
		if (window && interrupts_on(done, accesses)) {
			run(m, 0);
			m->cost->int_readies++;
			window = 0;
			on = true;
			continue;
		}
		on = interrupts_on(done, accesses);
		if (done == accesses) {
			run(m, 0);
			m->cost->halts++;
			if (ticks == 0)
				return;
			continue;
		}
		run(m, ASSIST);
		m->cost->accesses++;
		assist(m);
		done++;
		ticks += done % TIMER_EVERY == 0;
	}
}

void
cost_add(struct cost *cost, enum generation generation, bool vmx,
    long long accesses)
{
	/* A new VCPU's page has all of its state. */
	struct machine m = {
		.cost = cost, .generation = generation, .cached = ALL,
	};

	/* Capability; CPUID, and the TPR where it can be configured. */
	cost->asked++;
	cost->configures += vmx ? 2 : 1;
	get(&m, ALL & ~BIT(INTR));
	set(&m, ALL & ~BIT(INTR));
	play(&m, accesses);
}
