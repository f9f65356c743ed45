/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions of which the interpreter, or its decoder, was once wrong.
 * Each is tried with many registers before the random ones.
 */
#include "native.h"

static const struct found found[] = {
	{ "CMPXCHG keeps the upper half of a register that differs",
	    TRIAL_64, 4, { 0x47, 0x0F, 0xB1, 0xC5 } },
	{ "POPAD reads upwards", TRIAL_32, 1, { 0x61 } },
	{ "POPA reads upwards", TRIAL_32, 2, { 0x66, 0x61 } },
	{ "ENTER with 16-bit operands keeps the rest of RBP",
	    TRIAL_64, 5, { 0x66, 0xC8, 0x9E, 0x0F, 0xC0 } },
	{ "ENTER with 32-bit operands takes all of ESP on a 16-bit stack",
	    TRIAL_16, 5, { 0x66, 0xC8, 0xEB, 0x0D, 0x25 } },
	{ "SIB without a base has none with REX.B and 67",
	    TRIAL_64, 9, { 0x67, 0x45, 0x8A, 0x3C, 0x15, 0x00, 0x02, 0x01,
	    0x40 } },
	{ "SIB without base and index has none with REX.B and 67",
	    TRIAL_64, 9, { 0x67, 0x45, 0x8A, 0x3C, 0x25, 0x00, 0x02, 0x01,
	    0x40 } },
	{ "F3 REX.B 90 is XCHG", TRIAL_64, 3, { 0xF3, 0x49, 0x90 } },
	{ "EMMS makes TOP 0 under registers that stay", TRIAL_64, 2,
	    { 0x0F, 0x77 } },
	{ "FNINIT makes TOP 0 under registers that stay", TRIAL_64, 2,
	    { 0xDB, 0xE3 } },
};

const struct found *
found_get(size_t i)
{
	return i < sizeof(found) / sizeof(found[0]) ? &found[i] : NULL;
}
