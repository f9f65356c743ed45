# SPDX-License-Identifier: BSD-2-Clause
# Real mode: a line to the serial port, a byte at a time and by REP OUTSB.

	.intel_syntax noprefix
	.code16

	.equ	SERIAL, 0x3f8

	xor	ax, ax
	mov	ds, ax
	mov	dx, SERIAL
	cld
	mov	si, offset hello
next:
	lodsb
	test	al, al
	jz	string
	out	dx, al
	jmp	next
string:
	mov	cx, offset AGAIN_SIZE
	mov	si, offset again
	rep outsb
	hlt

hello:	.asciz	"hello from real mode\n"
again:	.ascii	"and by REP OUTSB\n"
	.equ	AGAIN_SIZE, . - again
