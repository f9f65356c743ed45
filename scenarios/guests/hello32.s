# SPDX-License-Identifier: BSD-2-Clause
# 32-bit protected mode, entered from real mode as every boot loader does.

	.intel_syntax noprefix
	.include "modes.inc"

	.code16
	ENTER_PROTECTED main

	.code32
main:
	mov	esi, offset hello
	call	print32
	mov	ax, ds
	cmp	ax, SELECTOR_DATA
	jne	1f
	mov	esi, offset loaded
	call	print32
1:	hlt

	PRINT32

hello:	.asciz	"hello from protected mode\n"
loaded:	.asciz	"through segments of my own\n"
