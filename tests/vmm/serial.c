/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VMM with a serial port: the guest waits until its transmitter is empty,
 * prints a text through it character by character, and halts.
 */
#include <sys/cdefs.h>
__RCSID("$NetBSD$");

#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "vmm.h"

#define COM1		0x3f8
#define COM1_LSR	(COM1 + 5)
#define LSR_TXRDY	0x20

static const uint8_t guest[] = {
	0xbe, 0x1a, 0x10,		/*	mov si, text */
	0xac,				/* next: lodsb */
	0x84, 0xc0,			/*	test al, al */
	0x74, 0x11,			/*	jz done */
	0x88, 0xc4,			/*	mov ah, al */
	0xba, 0xfd, 0x03,		/*	mov dx, COM1_LSR */
	0xec,				/* wait: in al, dx */
	0xa8, LSR_TXRDY,		/*	test al, LSR_TXRDY */
	0x74, 0xfb,			/*	jz wait */
	0xb2, 0xf8,			/*	mov dl, COM1 & 0xff */
	0x88, 0xe0,			/*	mov al, ah */
	0xee,				/*	out dx, al */
	0xeb, 0xea,			/*	jmp next */
	0xf4,				/* done: hlt */
	'H', 'e', 'l', 'l', 'o', ',', ' ', 'N', 'V', 'M', 'M', '!', '\n', 0
};

static unsigned printed;

static void
serial_io(struct nvmm_io *io)
{
	static bool busy;

	if (io->size != 1)
		errx(EXIT_FAILURE, "%zu bytes at port %#x", io->size,
		    io->port);
	if (io->port == COM1_LSR && io->in) {
		busy = !busy;	/* as a slow line is, now and then */
		*io->data = busy ? 0 : LSR_TXRDY;
	} else if (io->port == COM1 && !io->in) {
		putchar(*io->data);
		printed++;
	} else {
		errx(EXIT_FAILURE, "nothing at port %#x", io->port);
	}
}

int
main(void)
{
	static const struct nvmm_assist_callbacks callbacks = {
		.io = serial_io,
	};
	struct nvmm_machine mach;
	struct nvmm_vcpu vcpu;
	bool halted = false;

	machine_start(&mach, guest, sizeof(guest));
	vcpu_start(&mach, 0, &vcpu, &callbacks);
	while (!halted) {
		CALL(nvmm_vcpu_run(&mach, &vcpu));
		switch (vcpu.exit->reason) {
		case NVMM_VCPU_EXIT_NONE:
			break;
		case NVMM_VCPU_EXIT_IO:
			CALL(nvmm_assist_io(&mach, &vcpu));
			break;
		case NVMM_VCPU_EXIT_HALTED:
			halted = true;
			break;
		default:
			exit_unexpected(&vcpu);
		}
	}
	CALL(nvmm_vcpu_destroy(&mach, &vcpu));
	machine_end(&mach);
	printf("serial: halted after %u characters\n", printed);
	return EXIT_SUCCESS;
}
