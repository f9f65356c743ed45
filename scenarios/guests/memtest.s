# SPDX-License-Identifier: BSD-2-Clause
# Long mode: tests memory.  Patterns, walking bits, addresses, and accesses of
# each size over the boundaries of pages and of the VMM's mappings; then a ROM,
# whose writes the VMM sees.  RAM is tested from 2 MiB to 4 MiB.

	.intel_syntax noprefix
	.include "modes.inc"

	.equ	LEVEL4, 0x10000
	.equ	LEVEL3, 0x11000
	.equ	LEVEL2, 0x12000
	.equ	LEVEL1, 0x13000		# 2 MiB of small pages, from 2 MiB

	.equ	FIRST, 0x200000
	.equ	LAST, 0x400000
	.equ	BORDER, 0x300000	# of two mappings
	.equ	ROM, 0x600000

	ENTER_PROTECTED main
main:
	mov	dword ptr [LEVEL4], LEVEL3 | PTE_P | PTE_W
	mov	dword ptr [LEVEL3], LEVEL2 | PTE_P | PTE_W
	mov	dword ptr [LEVEL2], PTE_P | PTE_W | PTE_PS
	mov	dword ptr [LEVEL2 + 8], LEVEL1 | PTE_P | PTE_W
	mov	dword ptr [LEVEL2 + 16], LAST | PTE_P | PTE_W | PTE_PS
	mov	dword ptr [LEVEL2 + 24], ROM | PTE_P | PTE_W | PTE_PS
	mov	edi, LEVEL1
	mov	eax, FIRST | PTE_P | PTE_W
1:	mov	[edi], eax
	add	edi, 8
	add	eax, 0x1000
	cmp	edi, LEVEL1 + 0x1000
	jb	1b
	ENTER_LONG main64, LEVEL4

main64:
	mov	esi, offset patterns
	call	print64
	mov	r8d, offset pattern_list
1:	mov	rax, [r8]
	call	fill
	call	check
	add	r8, 8
	cmp	r8d, offset pattern_end
	jb	1b

	# A one through all bits of a quadword, read back in bytes.
	mov	esi, offset walking
	call	print64
	mov	eax, 1
2:	mov	[FIRST], rax
	xor	edx, edx
	mov	ecx, 7
3:	shl	rdx, 8
	movzx	ebx, byte ptr [FIRST + rcx]
	or	rdx, rbx
	dec	ecx
	jns	3b
	cmp	rdx, rax
	jne	failed
	shl	rax, 1
	jnz	2b

	# Each quadword its own address, written upwards, read downwards.
	mov	esi, offset addresses
	call	print64
	mov	edi, FIRST
4:	mov	[rdi], rdi
	add	edi, 8
	cmp	edi, LAST
	jb	4b
5:	sub	edi, 8
	cmp	[rdi], rdi
	jne	failed
	cmp	edi, FIRST
	ja	5b

	# Over the borders: of two pages, and of two mappings.
	mov	esi, offset borders
	call	print64
	mov	r8d, FIRST + 0x1000
	call	across
	mov	r8d, BORDER
	call	across

	# A copy that overlaps nothing, over the border of the mappings.
	mov	edi, BORDER - 0x1803
	mov	ecx, 0x1000
	mov	al, 0x3c
	rep stosb
	mov	esi, BORDER - 0x1803
	mov	edi, BORDER - 0x7ff
	mov	ecx, 0x1000
	rep movsb
	mov	esi, BORDER - 0x1803
	mov	edi, BORDER - 0x7ff
	mov	ecx, 0x1000
	repe cmpsb
	jne	failed
	cmp	byte ptr [BORDER + 0x800], 0x3c
	jne	failed

	# A ROM may be read.  A write leaves to the VMM, which goes on at R15.
	mov	esi, offset rom
	call	print64
	cmp	dword ptr [ROM], 0x214d4f52	# "ROM!"
	jne	failed
	mov	eax, -1
	mov	r15d, offset 6f
	mov	[ROM], eax
6:	mov	r15d, offset 7f
	lock inc dword ptr [ROM + 0xffc]
7:	mov	r15d, offset 8f
	mov	[ROM - 2], eax		# half of it is nowhere
8:	cmp	dword ptr [ROM], 0x214d4f52
	jne	failed
	mov	esi, offset passed
	jmp	9f
failed:
	mov	esi, offset wrong
9:	call	print64
	hlt

# RAX everywhere, and whether it is there.
fill:	mov	edi, FIRST
	mov	ecx, (LAST - FIRST) / 8
	rep stosq
	ret
check:	mov	edi, FIRST
	mov	ecx, (LAST - FIRST) / 8
	repe scasq
	jne	failed
	ret

# Accesses of 2, 4 and 8 bytes at each place that lies over R8.
across:	mov	ebx, 1
1:	mov	rdi, r8
	sub	rdi, rbx
	movabs	rax, 0x8877665544332211
	mov	qword ptr [r8 - 8], 0
	mov	qword ptr [r8], 0
	mov	[rdi], rax
	cmp	[rdi], rax
	jne	failed
	not	rax
	cmp	ebx, 4
	jae	2f
	mov	[rdi], eax
	cmp	[rdi], eax
	jne	failed
	lock add dword ptr [rdi], 1
	inc	eax
	cmp	[rdi], eax
	jne	failed
2:	cmp	ebx, 1
	jne	3f
	mov	[rdi], ax
	movzx	edx, ah
	cmp	[r8], dl
	jne	failed
	cmp	[r8 - 1], al
	jne	failed
3:	inc	ebx
	cmp	ebx, 8
	jb	1b
	ret

	PRINT64

	.balign	8
pattern_list:
	.quad	0, -1, 0x5555555555555555, 0xaaaaaaaaaaaaaaaa
	.quad	0x0123456789abcdef
pattern_end:
patterns:	.asciz	"patterns\n"
walking:	.asciz	"walking bits\n"
addresses:	.asciz	"addresses\n"
borders:	.asciz	"borders\n"
rom:		.asciz	"ROM\n"
passed:		.asciz	"passed\n"
wrong:		.asciz	"FAILED\n"
