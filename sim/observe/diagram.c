/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The diagram of reports: VMM, libnvmm, comm page and kernel, and how often
 * which way was taken.  The numbers of the ways of a getstate are those of
 * its authors: a hit goes 0, 1, 5, 6, a miss 0 to 6.  A library without comm
 * page has nothing to hit or miss: each of its ways leads to the kernel.
 */
#include "observe/report.h"

static unsigned long long
bytes_of(const struct observe_counts *counts, enum sim_cause cause)
{
	unsigned long long bytes = 0;
	unsigned i;

	for (i = 0; i < SIM_NCOMPONENT; i++)
		bytes += counts->kernel.bytes[cause][i];
	return bytes;
}

static void
with_page(FILE *out, const struct observe_counts *counts)
{
	const uint64_t *ioctls = counts->kernel.ioctls;
	unsigned long long gets = counts->calls[SIM_CALL_VCPU_GETSTATE];
	unsigned long long hits = counts->hits, misses = counts->misses;
	unsigned long long sets = counts->calls[SIM_CALL_VCPU_SETSTATE];
	unsigned long long injects = counts->calls[SIM_CALL_VCPU_INJECT];
	unsigned long long runs = ioctls[SIM_VCPU_RUN];

	fprintf(out,
"   VMM                libnvmm                comm page               kernel\n"
"    |                    |                       |                      |\n"
"    |-0 getstate ------->|                       |                      |  %llu\n"
"    |                    |-1 cached? ----------->|                      |  %llu\n"
"    |                    |<-5 yes: a hit --------|                      |  %llu\n"
"    |                    |<-2 no: a miss --------|                      |  %llu\n"
"    |                    |-3 ioctl: fetch ------------------------------>|  %llu\n"
"    |                    |                       |<-4 fill -------------|  %llu bytes\n"
"    |<-6 the state ------|                       |                      |\n"
"    |-- setstate ------->|-- commit later ------>|                      |  %llu\n"
"    |-- inject --------->|-- event later ------->|                      |  %llu\n"
"    |-- run ------------>|-- ioctl: run -------------------------------->|  %llu\n"
"    |                    |                       |-- commit ----------->|  %llu bytes\n"
"    |                    |                       |<-- speculate --------|  %llu bytes\n"
"\n",
	    gets, gets, hits, misses,
	    (unsigned long long)ioctls[SIM_VCPU_GETSTATE],
	    bytes_of(counts, SIM_WANTED), sets, injects, runs,
	    bytes_of(counts, SIM_COMMIT), bytes_of(counts, SIM_SPECULATIVE));
	fprintf(out, "%llu ioctls instead of %llu without a comm page: "
	    "%lld avoided, in %llu exits.\n",
	    (unsigned long long)observe_ioctls(counts),
	    (unsigned long long)counts->baseline,
	    (long long)counts->baseline - (long long)observe_ioctls(counts),
	    (unsigned long long)observe_exits(counts));
}

static void
without_page(FILE *out, const struct observe_counts *counts)
{
	const uint64_t *ioctls = counts->kernel.ioctls;

	fprintf(out,
"   VMM                libnvmm                                       kernel\n"
"    |                    |                                              |\n"
"    |-- getstate ------->|-- ioctl: get ------------------------------->|  %llu\n"
"    |-- setstate ------->|-- ioctl: set ------------------------------->|  %llu\n"
"    |                    |<- state, got or set ------------------------>|  %llu bytes\n"
"    |-- inject --------->|-- ioctl: inject ---------------------------->|  %llu\n"
"    |-- run ------------>|-- ioctl: run ------------------------------->|  %llu\n"
"\n",
	    (unsigned long long)ioctls[SIM_VCPU_GETSTATE],
	    (unsigned long long)ioctls[SIM_VCPU_SETSTATE],
	    bytes_of(counts, SIM_WANTED),
	    (unsigned long long)ioctls[SIM_VCPU_INJECT],
	    (unsigned long long)ioctls[SIM_VCPU_RUN]);
	fprintf(out, "%llu ioctls, measured without a comm page, in %llu "
	    "exits.\n", (unsigned long long)observe_ioctls(counts),
	    (unsigned long long)observe_exits(counts));
}

void
report_diagram(FILE *out, const struct observe_counts *counts, bool comm)
{
	if (comm)
		with_page(out, counts);
	else
		without_page(out, counts);
}
