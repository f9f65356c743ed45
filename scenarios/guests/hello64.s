# SPDX-License-Identifier: BSD-2-Clause
# Long mode: the same text through pages of 2 MiB, 4 KiB and 1 GiB.

	.intel_syntax noprefix
	.include "modes.inc"

	.equ	LEVEL4, 0x10000
	.equ	LEVEL3, 0x11000
	.equ	LEVEL2, 0x12000
	.equ	LEVEL1, 0x13000
	.equ	HIGH3, 0x14000		# level 3 of the upper half

	.equ	SMALL, 0x00200000
	.equ	HUGE, 0x40000000

	ENTER_PROTECTED main
main:
	mov	dword ptr [LEVEL4], LEVEL3 | PTE_P | PTE_W
	mov	dword ptr [LEVEL3], LEVEL2 | PTE_P | PTE_W
	mov	dword ptr [LEVEL2], PTE_P | PTE_W | PTE_PS
	# SMALL: the page at 0x7000.
	mov	dword ptr [LEVEL2 + 8], LEVEL1 | PTE_P | PTE_W
	mov	dword ptr [LEVEL1], 0x7000 | PTE_P
	# HUGE, and the last GiB of all: 1 GiB from 0.
	mov	dword ptr [LEVEL3 + 8], PTE_P | PTE_PS
	mov	dword ptr [LEVEL4 + 511 * 8], HIGH3 | PTE_P
	mov	dword ptr [HIGH3 + 511 * 8], PTE_P | PTE_PS
	ENTER_LONG main64, LEVEL4

main64:
	lea	rsi, [rip + hello]
	call	print64
	mov	esi, SMALL - 0x7000 + offset hello
	call	print64
	mov	rsi, HUGE + offset hello
	call	print64
	movabs	rsi, 0xffffffffc0000000 + offset hello
	call	print64

	# Only what was written through is dirty, all was accessed.
	mov	eax, [HIGH3 + 511 * 8]
	and	eax, PTE_A | PTE_D
	call	print_hex64
	hlt

	PRINT64

hello:	.asciz	"hello from long mode\n"
