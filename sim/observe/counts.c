/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sums and differences of counts.
 */
#include "observe/session.h"

_Static_assert(sizeof(struct observe_counts) % sizeof(uint64_t) == 0,
    "counters only");
#define NCOUNTERS	(sizeof(struct observe_counts) / sizeof(uint64_t))

static uint64_t
sum(const uint64_t *counters, unsigned n)
{
	uint64_t result = 0;
	unsigned i;

	for (i = 0; i < n; i++)
		result += counters[i];
	return result;
}

uint64_t
observe_calls(const struct observe_counts *counts)
{
	return sum(counts->calls, SIM_NCALL);
}

uint64_t
observe_ioctls(const struct observe_counts *counts)
{
	return sum(counts->kernel.ioctls, SIM_NIOCTL + 1);
}

uint64_t
observe_exits(const struct observe_counts *counts)
{
	uint64_t result = 0;
	unsigned i;

	for (i = 0; i < SIM_NEXIT; i++) {
		if (sim_exits[i].counts)
			result += counts->kernel.exits[i];
	}
	return result;
}

uint64_t
observe_other(const struct observe_counts *counts)
{
	return sum(counts->kernel.other, SIM_NOTHER);
}

uint64_t
observe_bytes(const struct observe_counts *counts)
{
	return sum(&counts->kernel.bytes[0][0], SIM_NCAUSE * SIM_NCOMPONENT);
}

void
observe_counts_add(struct observe_counts *to,
    const struct observe_counts *from)
{
	const uint64_t *src = (const uint64_t *)from;
	uint64_t *dst = (uint64_t *)to;
	size_t i;

	for (i = 0; i < NCOUNTERS; i++)
		dst[i] += src[i];
}

void
observe_counts_sub(struct observe_counts *to,
    const struct observe_counts *from)
{
	const uint64_t *src = (const uint64_t *)from;
	uint64_t *dst = (uint64_t *)to;
	size_t i;

	for (i = 0; i < NCOUNTERS; i++)
		dst[i] -= src[i];
}

static int64_t
calls(const struct observe_counts *counts)
{
	return (int64_t)observe_calls(counts);
}

static int64_t
ioctls(const struct observe_counts *counts)
{
	return (int64_t)observe_ioctls(counts);
}

static int64_t
baseline(const struct observe_counts *counts)
{
	return (int64_t)counts->baseline;
}

static int64_t
avoided(const struct observe_counts *counts)
{
	return baseline(counts) - ioctls(counts);
}

static int64_t
hits(const struct observe_counts *counts)
{
	return (int64_t)counts->hits;
}

static int64_t
misses(const struct observe_counts *counts)
{
	return (int64_t)counts->misses;
}

static int64_t
exits(const struct observe_counts *counts)
{
	return (int64_t)observe_exits(counts);
}

static int64_t
handled(const struct observe_counts *counts)
{
	return (int64_t)counts->kernel.handled;
}

static int64_t
other(const struct observe_counts *counts)
{
	return (int64_t)observe_other(counts);
}

static int64_t
bytes(const struct observe_counts *counts)
{
	return (int64_t)observe_bytes(counts);
}

static int64_t
modelled(const struct observe_counts *counts)
{
	return (int64_t)counts->modelled;
}

const struct observe_figure observe_figures[OBSERVE_NFIGURES] = {
	{ "calls", calls }, { "ioctls", ioctls }, { "baseline", baseline },
	{ "avoided", avoided }, { "hits", hits }, { "misses", misses },
	{ "exits", exits }, { "handled", handled }, { "other", other },
	{ "bytes", bytes }, { "modelled", modelled },
};
