/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The instructions that a back end decides about as a whole, without looking
 * at operands: their names and encodings.
 */
#ifndef SIM_ENGINE_INSN_H
#define SIM_ENGINE_INSN_H

#include <stdint.h>

enum sim_insn {
	SIM_INSN_INVD, SIM_INSN_WBINVD, SIM_INSN_INVLPG, SIM_INSN_RDTSC,
	SIM_INSN_PAUSE, SIM_INSN_RDTSCP, SIM_INSN_RDPMC, SIM_INSN_RSM,
	SIM_INSN_MONITOR, SIM_INSN_MWAIT, SIM_INSN_XSETBV, SIM_INSN_GETSEC,
	SIM_INSN_INVPCID, SIM_INSN_VMRUN, SIM_INSN_VMMCALL, SIM_INSN_VMLOAD,
	SIM_INSN_VMSAVE, SIM_INSN_STGI, SIM_INSN_CLGI, SIM_INSN_SKINIT,
	SIM_INSN_INVLPGA, SIM_INSN_RDPRU, SIM_INSN_INVLPGB, SIM_INSN_TLBSYNC,
	SIM_INSN_MCOMMIT, SIM_INSN_VMCALL, SIM_INSN_VMLAUNCH,
	SIM_INSN_VMRESUME, SIM_INSN_VMXOFF, SIM_INSN_VMFUNC, SIM_INSN_VMREAD,
	SIM_INSN_VMWRITE, SIM_INSN_VMPTRLD, SIM_INSN_VMPTRST,
	SIM_INSN_VMCLEAR, SIM_INSN_VMXON, SIM_INSN_INVEPT, SIM_INSN_INVVPID,
	SIM_NINSN
};

#define SIM_INSN_BYTES	5

struct sim_insn_row {
	const char *name;	/* lower case, as scenarios say it */
	uint8_t user_fault;	/* vector raised at CPL > 0; 0: none */
	uint8_t length;
	uint8_t bytes[SIM_INSN_BYTES];	/* the same in all modes */
};
extern const struct sim_insn_row sim_insns[SIM_NINSN];

#endif /* SIM_ENGINE_INSN_H */
