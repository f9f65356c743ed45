/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The modes that trials run in.  Segments that Linux has by itself are flat;
 * the others are put into an LDT, and have bases, limits, a direction.  Real
 * mode and virtual 8086 mode are not among them: a kernel of 64 bits cannot
 * enter either (SDM vol. 3: long mode has no virtual 8086 mode).
 */
#include "native.h"

#include "engine/interp/interp.h"

/* S, P, DPL 3, accessed. */
#define USER	(SIM_ATTRIB_S | SIM_ATTRIB_P | SIM_ATTRIB_DPL)
#define CODE_X	(USER | 0xB)
#define DATA_W	(USER | 0x3)
#define DOWN_W	(USER | 0x7)
#define FLAT	SIM_ATTRIB_G
#define WIDE	SIM_ATTRIB_DEF

/* Of the LDT, by their index there. */
#define LOCAL(i)	((i) << 3 | 7)

#define FLAT_DATA	{ 0x2B, DATA_W | FLAT | WIDE, 0xFFFFFFFF, 0 }
/* The whole arena; and upwards from a page in it, at an offset of a page. */
#define ARENA_DATA	{ LOCAL(1), DATA_W, ARENA_SIZE - 1, ARENA }
#define ARENA_DOWN	{ LOCAL(2), DOWN_W, PAGE - 1, ARENA }

const struct trial_segments trial_segments[TRIAL_NMODES] = {
	[TRIAL_64] = {
		.name = "64", .bits = 64,
		.cs = { 0x33, CODE_X | FLAT | SIM_ATTRIB_L, 0xFFFFFFFF, 0 },
		.ss = FLAT_DATA, .ds = FLAT_DATA, .es = FLAT_DATA,
	},
	[TRIAL_32] = {
		.name = "32", .bits = 32,
		.cs = { 0x23, CODE_X | FLAT | WIDE, 0xFFFFFFFF, 0 },
		.ss = FLAT_DATA, .ds = FLAT_DATA, .es = FLAT_DATA,
	},
	[TRIAL_32_LOCAL] = {
		.name = "32-local", .bits = 32,
		.cs = { LOCAL(3), CODE_X | WIDE, CODE_SIZE - 1, CODE },
		.ss = { LOCAL(4), DATA_W | WIDE, ARENA_SIZE - 1, ARENA },
		.ds = ARENA_DATA, .es = ARENA_DOWN,
	},
	[TRIAL_16] = {
		.name = "16", .bits = 16,
		.cs = { LOCAL(0), CODE_X, CODE_SIZE - 1, CODE },
		.ss = { LOCAL(5), DATA_W, 0xFFFF, ARENA },
		.ds = ARENA_DATA, .es = ARENA_DOWN,
	},
};
