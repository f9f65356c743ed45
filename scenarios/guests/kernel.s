# SPDX-License-Identifier: BSD-2-Clause
# A kernel: paging with SMEP and SMAP, an IDT, a TSS with a stack for double
# faults, and a program in user mode that makes system calls, touches memory
# that it has not got yet, and does what it must not.  It prints what happens.

	.intel_syntax noprefix
	.include "modes.inc"

	.equ	LEVEL4, 0x10000
	.equ	LEVEL3, 0x11000
	.equ	LEVEL2, 0x12000
	.equ	CODE_TABLE, 0x13000
	.equ	DEMAND_TABLE, 0x14000
	.equ	IDT, 0x15000
	.equ	TSS, 0x16000
	.equ	CPU_DATA, 0x17000	# GS: kernel stack, user stack
	.equ	CODE_FRAME, 0x30000
	.equ	FRAMES, 0x40000		# free ones, from here on
	.equ	KERNEL_STACK, 0x90000
	.equ	FAULT_STACK, 0x8f000

	.equ	CODE, 0x400000		# the program
	.equ	DEMAND, 0x800000	# its memory, given when it is touched
	.equ	DEMAND_END, 0x810000	# and its stack

	.equ	KERNEL_CS, 0x08
	.equ	KERNEL_DS, 0x10
	.equ	USER_BASE, 0x18		# SYSRET: SS is 8 behind, CS 16
	.equ	STAR_HIGH, USER_BASE << 16 | KERNEL_CS
	.equ	TR, 0x30

	.equ	CR4_SMEP, 0x100000
	.equ	CR4_SMAP, 0x200000
	.equ	MSR_STAR, 0xc0000081
	.equ	MSR_LSTAR, 0xc0000082
	.equ	MSR_SFMASK, 0xc0000084
	.equ	MSR_KERNELGSBASE, 0xc0000102

	# What an exception leaves on the stack, behind the saved registers.
	.equ	SAVED, 7 * 8
	.equ	FRAME_VECTOR, SAVED
	.equ	FRAME_ERROR, SAVED + 8
	.equ	FRAME_RIP, SAVED + 16

.macro GATE vector, handler, attributes, ist=0
	mov	eax, offset \handler
	mov	[IDT + \vector * 16], ax
	mov	word ptr [IDT + \vector * 16 + 2], KERNEL_CS
	mov	word ptr [IDT + \vector * 16 + 4], \attributes << 8 | \ist
	shr	eax, 16
	mov	[IDT + \vector * 16 + 6], ax
.endm

.macro SET_MSR number, low, high
	mov	ecx, \number
	mov	eax, offset \low
	mov	edx, \high
	wrmsr
.endm

.macro SAY text
	mov	esi, offset \text
	call	print64
.endm

	ENTER_PROTECTED main
main:
	mov	dword ptr [LEVEL4], LEVEL3 | PTE_P | PTE_W | PTE_U
	mov	dword ptr [LEVEL3], LEVEL2 | PTE_P | PTE_W | PTE_U
	mov	dword ptr [LEVEL2], PTE_P | PTE_W | PTE_PS | PTE_G
	mov	dword ptr [LEVEL2 + 2 * 8], CODE_TABLE | PTE_P | PTE_W | PTE_U
	mov	dword ptr [LEVEL2 + 4 * 8], DEMAND_TABLE | PTE_P | PTE_W | PTE_U
	mov	dword ptr [CODE_TABLE], CODE_FRAME | PTE_P | PTE_U
	ENTER_LONG main64, LEVEL4

main64:
	lgdt	[gdtr]
	push	KERNEL_CS
	push	offset reloaded
	retfq
reloaded:
	mov	eax, KERNEL_DS
	mov	ss, eax
	mov	rax, cr4
	or	eax, CR4_SMEP | CR4_SMAP
	mov	cr4, rax

	GATE	3, breakpoint, 0xee
	GATE	6, undefined, 0x8e
	GATE	8, double_fault, 0x8e, 1
	GATE	13, protection, 0x8e
	GATE	14, page_fault, 0x8e
	lidt	[idtr]
	mov	dword ptr [TSS + 4], KERNEL_STACK
	mov	dword ptr [TSS + 0x24], FAULT_STACK
	mov	eax, TR
	ltr	ax

	SET_MSR	MSR_STAR, 0, STAR_HIGH
	SET_MSR	MSR_LSTAR, system_call, 0
	SET_MSR	MSR_SFMASK, 0x40700, 0	# AC, DF, IF, TF
	SET_MSR	MSR_KERNELGSBASE, CPU_DATA, 0
	mov	dword ptr [CPU_DATA], KERNEL_STACK

	mov	esi, offset program
	mov	edi, CODE_FRAME
	mov	ecx, offset PROGRAM_SIZE
	rep movsb
	SAY	starting
	mov	ecx, CODE
	mov	r11d, 2
	mov	esp, DEMAND_END
	sysretq

# --- system calls: RAX 0 writes the string at RSI, 1 is the end ---

system_call:
	swapgs
	mov	gs:[8], rsp
	mov	rsp, gs:[0]
	push	gs:[8]
	push	rcx
	push	r11
	test	eax, eax
	jnz	ended
	stac
	call	print64
	clac
	pop	r11
	pop	rcx
	pop	rsp
	swapgs
	sysretq

# What has been touched, and a last fault on a stack that is none.
ended:
	SAY	ending
	mov	eax, [CODE_TABLE]
	call	bits
	mov	edi, DEMAND_TABLE
1:	mov	eax, [rdi]
	call	bits
	add	edi, 8
	cmp	edi, DEMAND_TABLE + 4 * 8
	jb	1b
	mov	esp, DEMAND_END + 0x1000
	ud2

# Accessed and dirty of the entry EAX.
bits:
	mov	esi, offset untouched
	test	al, PTE_A
	jz	print64
	mov	esi, offset read
	test	al, PTE_D
	jz	print64
	mov	esi, offset written
	jmp	print64

# --- exceptions ---

breakpoint:
	push	0
	push	offset say_breakpoint
	jmp	exception
undefined:
	push	0
	push	offset say_undefined
	jmp	exception
protection:
	push	offset say_protection
	jmp	exception
page_fault:
	push	offset say_page_fault
exception:
	push	rax
	push	rcx
	push	rdx
	push	rbx
	push	rsi
	push	rdi
	push	rbp
	mov	rbp, rsp
	mov	rsi, [rbp + FRAME_VECTOR]
	call	print64
	cmp	qword ptr [rbp + FRAME_VECTOR], offset say_breakpoint
	je	resume
	cmp	qword ptr [rbp + FRAME_VECTOR], offset say_page_fault
	jne	refuse
	mov	rax, cr2
	call	hex64
	SAY	error
	mov	eax, [rbp + FRAME_ERROR]
	call	hex64
	test	byte ptr [rbp + FRAME_ERROR], 1
	jnz	refuse
	mov	rdi, cr2
	sub	rdi, DEMAND
	cmp	rdi, DEMAND_END - DEMAND
	jae	refuse

	# A fresh frame, never to be executed.
	shr	edi, 12
	mov	ebx, [free_frame]
	add	dword ptr [free_frame], 0x1000
	mov	eax, ebx
	or	eax, PTE_P | PTE_W | PTE_U
	mov	[DEMAND_TABLE + rdi * 8], eax
	mov	dword ptr [DEMAND_TABLE + rdi * 8 + 4], 0x80000000
	mov	edi, ebx
	xor	eax, eax
	mov	ecx, 512
	rep stosq
	SAY	given
	jmp	resume

# The program goes on where R15 says.
refuse:
	SAY	refused
	mov	[rbp + FRAME_RIP], r15
resume:
	pop	rbp
	pop	rdi
	pop	rsi
	pop	rbx
	pop	rdx
	pop	rcx
	pop	rax
	add	rsp, 16
	iretq

double_fault:
	SAY	say_double_fault
	cmp	rsp, FAULT_STACK - 6 * 8
	jne	1f
	SAY	own_stack
1:	hlt

	PRINT64

# --- the program, which runs at CODE ---

.macro WRITE text
	lea	rsi, [rip + \text]
	xor	eax, eax
	syscall
.endm

program:
	WRITE	hello
	push	r15			# a first page of stack
	mov	edi, DEMAND
	mov	dword ptr [rdi], 1
	mov	al, [rdi + 0x1000]
	mov	qword ptr [rdi + 0x2ffc], -1	# two pages
	cmp	qword ptr [rdi + 0x2ffc], -1
	jne	wrong
	int3
	lea	r15, [rip + 1f]
	cli
1:	lea	r15, [rip + 2f]
	ud2
2:	lea	r15, [rip + 3f]
	mov	al, [0x7c00]		# the kernel's
3:	lea	r15, [rip + 4f]
	mov	byte ptr [rip + program], 0	# its own code
4:	lea	r15, [rip + 5f]
	jmp	rdi			# its data
5:	lea	r15, [rip + 6f]
	movabs	al, [0x800000000000]	# no address at all
6:	WRITE	bye
wrong:	mov	eax, 1
	syscall

hello:	.asciz	"hello from user mode\n"
bye:	.asciz	"bye\n"
	.equ	PROGRAM_SIZE, . - program

	.balign	8
gdt:	.quad	0
	.quad	0x00af9a000000ffff	# 0x08: kernel, 64-bit code
	.quad	0x00cf92000000ffff	# 0x10: kernel data
	.quad	0x00cffa000000ffff	# 0x18: 32-bit programs
	.quad	0x00cff2000000ffff	# 0x20: program's data
	.quad	0x00affa000000ffff	# 0x28: program, 64-bit code
	.quad	0x0000890160000067, 0	# 0x30: TSS, at 0x16000
gdtr:	.word	gdtr - gdt - 1
	.quad	gdt
idtr:	.word	32 * 16 - 1
	.quad	IDT
free_frame:
	.long	FRAMES

starting:	.asciz	"kernel: starting a program\n"
ending:		.asciz	"kernel: the program has ended\n"
say_breakpoint:	.asciz	"breakpoint\n"
say_undefined:	.asciz	"undefined instruction"
say_protection:	.asciz	"general protection"
say_page_fault:	.asciz	"page fault at "
say_double_fault:
		.asciz	"double fault\n"
own_stack:	.asciz	"on a stack of its own\n"
error:		.asciz	", error "
given:		.asciz	": given\n"
refused:	.asciz	": refused\n"
untouched:	.asciz	"untouched\n"
read:		.asciz	"read\n"
written:	.asciz	"written\n"
