# SPDX-License-Identifier: BSD-2-Clause
# Long mode: prints what CPUID says, and what each MSR of a list holds or that
# it faults, as a kernel that looks around.

	.intel_syntax noprefix
	.include "modes.inc"

	.equ	LEVEL4, 0x10000
	.equ	LEVEL3, 0x11000
	.equ	IDT, 0x12000
	.equ	VECTOR_GP, 13

	ENTER_PROTECTED main
main:
	mov	dword ptr [LEVEL4], LEVEL3 | PTE_P | PTE_W
	mov	dword ptr [LEVEL3], PTE_P | PTE_W | PTE_PS
	ENTER_LONG main64, LEVEL4

main64:
	# A gate for #GP: its handler goes on where R15 says.
	mov	eax, offset faulted
	mov	[IDT + VECTOR_GP * 16], ax
	mov	word ptr [IDT + VECTOR_GP * 16 + 2], SELECTOR_CODE64
	mov	word ptr [IDT + VECTOR_GP * 16 + 4], 0x8e00
	shr	eax, 16
	mov	[IDT + VECTOR_GP * 16 + 6], ax
	lidt	[idtr]

	mov	r12d, offset leaves
next_leaf:
	mov	eax, [r12]
	mov	ecx, [r12 + 4]
	cmp	eax, -1
	je	msrs
	mov	r14d, eax
	cpuid
	mov	r8d, eax
	mov	r9d, ebx
	mov	r10d, ecx
	mov	r11d, edx
	mov	eax, r14d
	call	hex64
	mov	esi, offset colon
	call	print64
	mov	eax, r8d
	call	cell
	mov	eax, r9d
	call	cell
	mov	eax, r10d
	call	cell
	mov	eax, r11d
	call	print_hex64
	add	r12, 8
	jmp	next_leaf

msrs:	mov	r12d, offset numbers
next_msr:
	mov	ecx, [r12]
	jecxz	done
	mov	eax, ecx
	call	hex64
	mov	esi, offset colon
	call	print64
	mov	r15d, offset no_msr
	mov	ecx, [r12]
	rdmsr
	mov	r8d, eax
	mov	eax, edx
	call	cell
	mov	eax, r8d
	call	print_hex64
	jmp	after_msr
no_msr:	mov	esi, offset fault
	call	print64
after_msr:
	add	r12, 4
	jmp	next_msr
done:	hlt

faulted:
	add	rsp, 8			# the error code
	mov	[rsp], r15
	iretq

# EAX as digits, and a blank.
cell:	call	hex64
	mov	al, ' '
	out	dx, al
	ret

	PRINT64

idtr:	.word	256 * 16 - 1
	.quad	IDT
leaves:	.long	0, 0, 1, 0, 2, 0, 4, 0, 7, 0, 0xb, 1, 0xd, 0, 0xd, 1
	.long	0x40000000, 0, 0x7fffffff, 0
	.long	0x80000000, 0, 0x80000001, 0, 0x80000002, 0, 0x80000003, 0
	.long	0x80000007, 0, 0x80000008, 0, -1, 0
numbers:
	.long	0x10, 0x1b, 0x8b, 0x10a, 0x174, 0x1a0, 0x277, 0x2ff
	.long	0xc0000080, 0xc0000081, 0xc0000082, 0xc0000100, 0xc0000102
	.long	0xc001001f, 0xdeadbeef, 0
colon:	.asciz	": "
fault:	.asciz	"#GP\n"
