/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Oddities of real kernels.  All on by default; each can be switched off by
 * its name, to see what a kernel without it would do.
 */
#ifndef SIM_KERNEL_QUIRK_H
#define SIM_KERNEL_QUIRK_H

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

#endif /* SIM_KERNEL_QUIRK_H */
