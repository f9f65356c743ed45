/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that says at a port that it has come to its endless loop, which
 * only its VMM can end.
 */
#ifndef TESTS_VMM_LOOP_H
#define TESTS_VMM_LOOP_H

#include <stdint.h>

#define LOOP_PORT	0x80
#define LOOP_GPA	0x1002	/* where it loops */
#define LOOP_HLT_GPA	0x1004

static const uint8_t loop_guest[] = {
	0xe6, LOOP_PORT,		/*	out LOOP_PORT, al */
	0xeb, 0xfe,			/* loop: jmp loop */
	0xf4,				/*	hlt */
};

#endif /* TESTS_VMM_LOOP_H */
