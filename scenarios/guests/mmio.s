# SPDX-License-Identifier: BSD-2-Clause
# Long mode: uses a memory-mapped device in every way that a driver may.  Each
# round's result is printed; the device is the VMM's.

	.intel_syntax noprefix
	.include "modes.inc"

	.equ	LEVEL4, 0x10000
	.equ	LEVEL3, 0x11000
	.equ	BUFFER, 0x20000
	.equ	DEVICE, 0xfed00000

	ENTER_PROTECTED main
main:
	mov	dword ptr [LEVEL4], LEVEL3 | PTE_P | PTE_W
	mov	dword ptr [LEVEL3], PTE_P | PTE_W | PTE_PS
	mov	dword ptr [LEVEL3 + 24], 0xc0000000 | PTE_P | PTE_W | PTE_PS
	ENTER_LONG main64, LEVEL4

main64:
	mov	r12d, DEVICE

	# Stores of each size, from registers and immediates.
	movabs	rax, 0x8877665544332211
	mov	[r12], al
	mov	[r12 + 2], ax
	mov	[r12 + 4], eax
	mov	[r12 + 8], rax
	mov	byte ptr [r12 + 1], 0x5a
	mov	dword ptr [r12 + 16], 0x01020304
	mov	qword ptr [r12 + 24], -2

	# Loads of each size; the upper parts as they must be.
	mov	rax, -1
	mov	al, [r12]
	mov	r8, rax
	mov	rax, -1
	mov	ax, [r12 + 2]
	add	r8, rax
	mov	rax, -1
	mov	eax, [r12 + 4]
	add	r8, rax
	add	r8, [r12 + 8]
	movzx	eax, byte ptr [r12 + 1]
	add	r8, rax
	movzx	eax, word ptr [r12 + 24]
	add	r8, rax
	movsx	rax, byte ptr [r12 + 15]
	add	r8, rax
	movsxd	rax, dword ptr [r12 + 12]
	add	r8, rax
	call	report

	# Read, modify, write.
	xor	r8d, r8d
	or	dword ptr [r12 + 16], 0x80
	and	dword ptr [r12 + 16], -3
	xor	byte ptr [r12 + 16], 1
	add	word ptr [r12 + 18], 7
	sub	qword ptr [r12 + 24], 1
	test	byte ptr [r12 + 16], 0x80
	setnz	r8b
	cmp	qword ptr [r12 + 24], -3
	sete	al
	movzx	eax, al
	lea	r8, [r8 + rax * 2]
	mov	eax, 0x1234
	xchg	[r12 + 20], eax
	add	r8, rax
	xchg	[r12 + 20], eax
	shl	rax, 8
	add	r8, rax
	mov	eax, [r12 + 16]
	add	r8, rax
	call	report

	# Strings: fill the device, copy out of it, and into it again.
	lea	rdi, [r12 + 0x100]
	mov	eax, 0xa5a5a5a5
	mov	ecx, 4
	rep stosd
	lea	rsi, [r12 + 0x100]
	mov	edi, BUFFER
	mov	ecx, 16
	rep movsb
	add	dword ptr [BUFFER + 4], 1
	mov	esi, BUFFER
	lea	rdi, [r12 + 0x200]
	mov	ecx, 2
	rep movsq
	# Backwards within the device.
	std
	lea	rsi, [r12 + 0x206]
	lea	rdi, [r12 + 0x306]
	mov	ecx, 4
	rep movsw
	cld
	mov	r8, [r12 + 0x300]
	lea	rsi, [r12 + 0x304]
	lodsd
	add	r8, rax
	call	report
	hlt

# Prints R8.
report:	mov	rax, r8
	shr	rax, 32
	call	print_hex64
	mov	eax, r8d
	jmp	print_hex64

	PRINT64
