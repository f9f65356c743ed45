# SPDX-License-Identifier: BSD-2-Clause
# Protected mode on four processors, which the VMM starts here all alike but
# for EDI, the processor's number.  Each adds to shared counters in several
# ways; number 0 waits for the others and prints what has come of it.

	.intel_syntax noprefix
	.include "modes.inc"

	.equ	ROUNDS, 5000

	ENTER_PROTECTED main
main:
	# A ticket, and a stack by it.
	mov	eax, 1
	lock xadd [tickets], eax
	shl	eax, 12
	lea	esp, [eax + 0x21000]

	# By LOCK alone.
	mov	ecx, ROUNDS
1:	mov	eax, 1
	lock xadd [added], eax
	lock inc dword ptr [incremented]
	loop	1b

	# By CMPXCHG, until it fits.
	mov	ecx, ROUNDS
2:	mov	eax, [exchanged]
3:	lea	edx, [eax + 3]
	lock cmpxchg [exchanged], edx
	jne	3b
	loop	2b

	# Under a lock, plainly.
	mov	ecx, ROUNDS
4:	call	acquire
	mov	eax, [plain]
	inc	eax
	mov	[plain], eax
	sub	dword ptr [plain + 4], 1
	call	release
	loop	4b

	# LOCK BTS on bits of everybody: each may win each bit once.
	mov	ecx, 1024
5:	dec	ecx
	lock bts [bits], ecx
	jc	6f
	lock inc dword ptr [won]
6:	test	ecx, ecx
	jnz	5b

	lock inc dword ptr [finished]
	test	edi, edi
	jnz	done

7:	pause
	cmp	dword ptr [finished], 4
	jb	7b
	mov	esi, offset names
	mov	ebx, offset results
8:	call	print32
	mov	eax, [ebx]
	call	number
	mov	al, '\n'
	out	dx, al
	add	ebx, 4
	cmp	byte ptr [esi], 0
	jne	8b
done:	hlt

acquire:
	mov	al, 1
	xchg	[spin], al
	test	al, al
	jz	2f
1:	pause
	cmp	byte ptr [spin], 0
	jne	1b
	jmp	acquire
2:	ret

release:
	mov	byte ptr [spin], 0
	ret

# EAX in decimal.
number:
	mov	ecx, 10
	xor	edx, edx
	div	ecx
	push	edx
	test	eax, eax
	jz	1f
	call	number
1:	pop	eax
	add	al, '0'
	mov	edx, SERIAL
	out	dx, al
	ret

	PRINT32

names:	.asciz	"tickets "
	.asciz	"by XADD "
	.asciz	"by INC "
	.asciz	"by CMPXCHG "
	.asciz	"under the lock "
	.asciz	"minus "
	.asciz	"bits won "
	.byte	0

	.balign	64
results:
tickets:	.long	0
added:	.long	0
incremented:
	.long	0
exchanged:
	.long	0
plain:	.long	0, 0
won:	.long	0
finished:
	.long	0
spin:	.byte	0
	.balign	4
bits:	.skip	128
