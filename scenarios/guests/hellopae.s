# SPDX-License-Identifier: BSD-2-Clause
# 32-bit paging and PAE paging, one after the other.  Under each, the text is
# read through a second address of its page.

	.intel_syntax noprefix
	.include "modes.inc"

	.equ	DIRECTORY, 0x10000	# 32-bit: 4 MiB pages
	.equ	POINTERS, 0x11000	# PAE: four pointers
	.equ	MIDDLE, 0x12000		# PAE: 2 MiB pages, and one table
	.equ	TABLE, 0x13000		# PAE: 4 KiB pages

	.equ	LARGE, 0x40000000	# under 32-bit paging
	.equ	SMALL, 0x00200000	# under PAE

	ENTER_PROTECTED main
main:
	# Two 4 MiB pages, both of them at 0.
	mov	dword ptr [DIRECTORY], PTE_P | PTE_W | PTE_PS
	mov	dword ptr [DIRECTORY + (LARGE >> 20)], PTE_P | PTE_PS
	mov	eax, CR4_PSE
	mov	cr4, eax
	mov	eax, DIRECTORY
	mov	cr3, eax
	mov	eax, cr0
	or	eax, CR0_PG
	mov	cr0, eax
	mov	esi, offset hello + LARGE
	call	print32
	test	dword ptr [DIRECTORY + (LARGE >> 20)], PTE_A
	jz	failed

	# Off again, and PAE: its pointers are loaded with CR3.
	mov	eax, cr0
	and	eax, ~CR0_PG
	mov	cr0, eax
	mov	dword ptr [POINTERS], MIDDLE | PTE_P
	mov	dword ptr [MIDDLE], PTE_P | PTE_W | PTE_PS
	mov	dword ptr [MIDDLE + 8], TABLE | PTE_P | PTE_W
	mov	eax, offset hellopae
	and	eax, ~0xfff
	or	eax, PTE_P
	mov	[TABLE], eax
	mov	eax, CR4_PAE
	mov	cr4, eax
	mov	eax, POINTERS
	mov	cr3, eax
	mov	eax, cr0
	or	eax, CR0_PG
	mov	cr0, eax
	mov	esi, offset hellopae
	and	esi, 0xfff
	add	esi, SMALL
	call	print32
	test	dword ptr [TABLE], PTE_A
	jz	failed
	test	dword ptr [TABLE], PTE_D
	jnz	failed
	mov	esi, offset bits
	call	print32
	hlt
failed:
	mov	esi, offset wrong
	call	print32
	hlt

	PRINT32

	.balign	256			# not across a page
hello:	.asciz	"hello through a page of 4 MiB\n"
hellopae:
	.asciz	"hello through PAE and a page of 4 KiB\n"
bits:	.asciz	"accessed, and not dirty\n"
wrong:	.asciz	"accessed and dirty are wrong\n"
