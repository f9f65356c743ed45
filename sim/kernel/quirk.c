/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of quirks.
 */
#include "kernel/quirk.h"

const struct sim_quirk_row sim_quirks[] = {
	{ "v2-exit-overwritten", SIM_QUIRK_EXIT_OVERWRITTEN,
	    "a reason not to run that arises during an exit replaces it" },
	{ "v2-lost-stop", SIM_QUIRK_LOST_STOP,
	    "a stop that meets another reason, or comes late, is lost" },
	{ "gpa-unmap-top", SIM_QUIRK_GPA_UNMAP_TOP,
	    "GPA_UNMAP of a range that ends at max_ram is EINVAL" },
	{ "hva-map-inside", SIM_QUIRK_HVA_MAP_INSIDE,
	    "HVA_MAP inside a host mapping succeeds and replaces memory" },
	{ "reset-mxcsr-0", SIM_QUIRK_RESET_MXCSR_0,
	    "a new VCPU has MXCSR 0, since the reset state's mask is 0" },
};

const unsigned sim_nquirks = sizeof(sim_quirks) / sizeof(sim_quirks[0]);
