/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of quirks.
 */
#include "kernel/quirk.h"

#include <stdio.h>
#include <string.h>

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

static uint32_t
bit_find(const char *name, size_t length)
{
	unsigned i;

	for (i = 0; i < sim_nquirks; i++) {
		if (strlen(sim_quirks[i].name) == length &&
		    strncmp(sim_quirks[i].name, name, length) == 0)
			return sim_quirks[i].bit;
	}
	return 0;
}

const char *
sim_quirks_parse(const char *list, uint32_t *off, size_t *length)
{
	uint32_t bit;

	*off = ~0U;
	if (strcmp(list, "none") == 0)
		return NULL;
	if (strcmp(list, "all") == 0) {
		*off = 0;
		return NULL;
	}
	do {
		*length = strcspn(list, ",");
		bit = bit_find(list, *length);
		if (bit == 0)
			return list;
		*off &= ~bit;
		list += *length;
	} while (*list++ == ',');
	return NULL;
}

void
sim_quirks_format(uint32_t off, char *list, size_t size)
{
	size_t length = 0;
	unsigned i, on = 0;

	for (i = 0; i < sim_nquirks && length < size; i++) {
		if (off & sim_quirks[i].bit)
			continue;
		length += (size_t)snprintf(list + length, size - length,
		    "%s%s", on++ > 0 ? "," : "", sim_quirks[i].name);
	}
	if (on == 0 || on == sim_nquirks)
		snprintf(list, size, "%s", on == 0 ? "none" : "all");
}
