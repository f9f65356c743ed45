# SPDX-License-Identifier: BSD-2-Clause
# Real mode: programs the PICs and the timer, counts five ticks asleep and five
# at work, and ends with interrupts off.

	.intel_syntax noprefix
	.code16

	.equ	SERIAL, 0x3f8
	.equ	PIC1, 0x20
	.equ	PIC2, 0xa0
	.equ	PIT, 0x40
	.equ	VECTOR, 0x20

	cli
	xor	ax, ax
	mov	ds, ax
	mov	ss, ax
	mov	sp, 0x7c00
	mov	word ptr [VECTOR * 4], offset tick
	mov	word ptr [VECTOR * 4 + 2], ax

	# ICW1 to ICW4 of both; only the timer is not masked.
	mov	al, 0x11
	out	PIC1, al
	out	PIC2, al
	mov	al, VECTOR
	out	PIC1 + 1, al
	mov	al, VECTOR + 8
	out	PIC2 + 1, al
	mov	al, 4
	out	PIC1 + 1, al
	mov	al, 2
	out	PIC2 + 1, al
	mov	al, 1
	out	PIC1 + 1, al
	out	PIC2 + 1, al
	mov	al, 0xfe
	out	PIC1 + 1, al

	# Channel 0, rate generator, every 11932 cycles: 100 Hz.
	mov	al, 0x34
	out	PIT + 3, al
	mov	ax, 11932
	out	PIT, al
	mov	al, ah
	out	PIT, al

asleep:
	sti
	hlt
	cli
	cmp	byte ptr [ticks], 5
	jb	asleep

	sti
at_work:
	inc	dword ptr [work]
	cmp	byte ptr [ticks], 10
	jb	at_work
	cli
	hlt

tick:
	push	ax
	push	dx
	inc	byte ptr [ticks]
	mov	al, [ticks]
	add	al, 'a' - 1
	mov	dx, SERIAL
	out	dx, al
	mov	al, 0x20		# end of interrupt
	out	PIC1, al
	pop	dx
	pop	ax
	iret

	.balign	4
ticks:	.byte	0
	.balign	4
work:	.long	0
