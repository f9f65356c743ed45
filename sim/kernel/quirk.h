/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Oddities of real kernels.  All on by default; each can be switched off by
 * its name, to see what a kernel without it would do.
 */
#ifndef SIM_KERNEL_QUIRK_H
#define SIM_KERNEL_QUIRK_H

#include <stddef.h>
#include <stdint.h>

#define SIM_QUIRK_EXIT_OVERWRITTEN	0x01U
#define SIM_QUIRK_LOST_STOP		0x02U
#define SIM_QUIRK_GPA_UNMAP_TOP		0x04U
#define SIM_QUIRK_HVA_MAP_INSIDE	0x08U
#define SIM_QUIRK_RESET_MXCSR_0		0x10U

struct sim_quirk_row {
	const char *name;
	uint32_t bit;
	const char *summary;
};
extern const struct sim_quirk_row sim_quirks[];
extern const unsigned sim_nquirks;

/*
 * A list of quirks that are on: "all", "none", or names with commas between.
 * *off becomes those that are off.  The first part of the list that is no
 * quirk, with its length, or NULL.
 */
const char *sim_quirks_parse(const char *list, uint32_t *off, size_t *length);

/* The same the other way: the list of those that are not in off. */
void sim_quirks_format(uint32_t off, char *list, size_t size);

#endif /* SIM_KERNEL_QUIRK_H */
