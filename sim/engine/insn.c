/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of whole instructions (Intel SDM vol. 2, AMD APM vol. 3).  Those
 * with an operand in memory have it at [BX] in 16-bit code, [RDI] elsewhere.
 */
#include "engine/insn.h"

/* Vectors of #UD and #GP. */
#define UD	6
#define GP	13

const struct sim_insn_row sim_insns[SIM_NINSN] = {
	[SIM_INSN_INVD] = { "invd", GP, 2, { 0x0F, 0x08 } },
	[SIM_INSN_WBINVD] = { "wbinvd", GP, 2, { 0x0F, 0x09 } },
	[SIM_INSN_INVLPG] = { "invlpg", GP, 3, { 0x0F, 0x01, 0x3F } },
	[SIM_INSN_RDTSC] = { "rdtsc", 0, 2, { 0x0F, 0x31 } },
	[SIM_INSN_PAUSE] = { "pause", 0, 2, { 0xF3, 0x90 } },
	[SIM_INSN_RDTSCP] = { "rdtscp", 0, 3, { 0x0F, 0x01, 0xF9 } },
	[SIM_INSN_RDPMC] = { "rdpmc", GP, 2, { 0x0F, 0x33 } },
	[SIM_INSN_RSM] = { "rsm", 0, 2, { 0x0F, 0xAA } },
	[SIM_INSN_MONITOR] = { "monitor", UD, 3, { 0x0F, 0x01, 0xC8 } },
	[SIM_INSN_MWAIT] = { "mwait", UD, 3, { 0x0F, 0x01, 0xC9 } },
	[SIM_INSN_XSETBV] = { "xsetbv", 0, 3, { 0x0F, 0x01, 0xD1 } },
	[SIM_INSN_GETSEC] = { "getsec", 0, 2, { 0x0F, 0x37 } },
	[SIM_INSN_INVPCID] = { "invpcid", GP, 5,
	    { 0x66, 0x0F, 0x38, 0x82, 0x07 } },
	[SIM_INSN_VMRUN] = { "vmrun", GP, 3, { 0x0F, 0x01, 0xD8 } },
	[SIM_INSN_VMMCALL] = { "vmmcall", 0, 3, { 0x0F, 0x01, 0xD9 } },
	[SIM_INSN_VMLOAD] = { "vmload", GP, 3, { 0x0F, 0x01, 0xDA } },
	[SIM_INSN_VMSAVE] = { "vmsave", GP, 3, { 0x0F, 0x01, 0xDB } },
	[SIM_INSN_STGI] = { "stgi", GP, 3, { 0x0F, 0x01, 0xDC } },
	[SIM_INSN_CLGI] = { "clgi", GP, 3, { 0x0F, 0x01, 0xDD } },
	[SIM_INSN_SKINIT] = { "skinit", GP, 3, { 0x0F, 0x01, 0xDE } },
	[SIM_INSN_INVLPGA] = { "invlpga", GP, 3, { 0x0F, 0x01, 0xDF } },
	[SIM_INSN_RDPRU] = { "rdpru", 0, 3, { 0x0F, 0x01, 0xFD } },
	[SIM_INSN_INVLPGB] = { "invlpgb", GP, 3, { 0x0F, 0x01, 0xFE } },
	[SIM_INSN_TLBSYNC] = { "tlbsync", GP, 3, { 0x0F, 0x01, 0xFF } },
	[SIM_INSN_MCOMMIT] = { "mcommit", 0, 4,
	    { 0xF3, 0x0F, 0x01, 0xFA } },
	[SIM_INSN_VMCALL] = { "vmcall", 0, 3, { 0x0F, 0x01, 0xC1 } },
	[SIM_INSN_VMLAUNCH] = { "vmlaunch", 0, 3, { 0x0F, 0x01, 0xC2 } },
	[SIM_INSN_VMRESUME] = { "vmresume", 0, 3, { 0x0F, 0x01, 0xC3 } },
	[SIM_INSN_VMXOFF] = { "vmxoff", 0, 3, { 0x0F, 0x01, 0xC4 } },
	[SIM_INSN_VMFUNC] = { "vmfunc", 0, 3, { 0x0F, 0x01, 0xD4 } },
	[SIM_INSN_VMREAD] = { "vmread", 0, 3, { 0x0F, 0x78, 0xC3 } },
	[SIM_INSN_VMWRITE] = { "vmwrite", 0, 3, { 0x0F, 0x79, 0xC3 } },
	[SIM_INSN_VMPTRLD] = { "vmptrld", 0, 3, { 0x0F, 0xC7, 0x37 } },
	[SIM_INSN_VMPTRST] = { "vmptrst", 0, 3, { 0x0F, 0xC7, 0x3F } },
	[SIM_INSN_VMCLEAR] = { "vmclear", 0, 4,
	    { 0x66, 0x0F, 0xC7, 0x37 } },
	[SIM_INSN_VMXON] = { "vmxon", 0, 4, { 0xF3, 0x0F, 0xC7, 0x37 } },
	[SIM_INSN_INVEPT] = { "invept", 0, 5,
	    { 0x66, 0x0F, 0x38, 0x80, 0x07 } },
	[SIM_INSN_INVVPID] = { "invvpid", 0, 5,
	    { 0x66, 0x0F, 0x38, 0x81, 0x07 } },
};
