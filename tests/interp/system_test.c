/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Control and debug registers, privileged odds and ends, and fast calls
 * between user and kernel.
 */
#include "guest.h"

#define GP(code)	.end = FAULTS, .vector = 13, .error = code
#define UD		.end = FAULTS, .vector = 6
#define CR_STOP(which, what)						\
	.end = STOPS, .stop = { .kind = SIM_STOP_CR_WRITE,		\
	    .u.cr = { .number = which, .value = what } }

/* The guest's CR0 is PE (not in real mode), ET and NE; its CR4 OSFXSR. */
#define CR0_PROT	0x31
#define WITH_CR4(bits)	CR(CR4, 0x200 | (bits))
#define CR4_DE		0x8
#define CR4_UMIP	0x800
#define CR4_FSGSBASE	0x10000
#define CR4_OSXSAVE	0x40000

static const struct row controls[] = {
	{ "MOV from CR0", PROT, 0, BYTES(0x0F, 0x20, 0xC0),
	    .out = { R(RAX, CR0_PROT) } },
	{ "MOV from CR2: 64 bits", LONG, 0, BYTES(0x0F, 0x20, 0xD0),
	    .in = { CR(CR2, 0x123456789ABCDEF0) },
	    .out = { R(RAX, 0x123456789ABCDEF0) } },
	{ "MOV from CR3", PROT, 0, BYTES(0x0F, 0x20, 0xD9),
	    .in = { CR(CR3, 0x5000) }, .out = { R(RCX, 0x5000) } },
	{ "MOV from CR4", PROT, 0, BYTES(0x0F, 0x20, 0xE0),
	    .out = { R(RAX, 0x200) } },
	{ "MOV from CR8", LONG, 0, BYTES(0x44, 0x0F, 0x20, 0xC0),
	    .in = { CR(CR8, 5) }, .out = { R(RAX, 5) } },
	{ "MOV from CR1", PROT, 0, BYTES(0x0F, 0x20, 0xC8), UD },
	{ "MOV to CR5", PROT, 0, BYTES(0x0F, 0x22, 0xE8), UD },
	{ "MOV from CR0 in user mode", PROT, 3, BYTES(0x0F, 0x20, 0xC0),
	    GP(0) },
	{ "MOV to CR3 in user mode", LONG, 3, BYTES(0x0F, 0x22, 0xD8), GP(0) },
	{ "MOV to CR0", PROT, 0, BYTES(0x0F, 0x22, 0xC0),
	    .in = { R(RAX, 0x33) }, CR_STOP(0, 0x33) },
	{ "MOV to CR3", LONG, 0, BYTES(0x0F, 0x22, 0xD8),
	    .in = { R(RAX, 0x123456000) }, CR_STOP(3, 0x123456000) },
	{ "MOV to CR4", PROT, 0, BYTES(0x0F, 0x22, 0xE1),
	    .in = { R(RCX, 0x600) }, CR_STOP(4, 0x600) },
	{ "MOV to CR8", LONG, 0, BYTES(0x44, 0x0F, 0x22, 0xC0),
	    .in = { R(RAX, 9) }, CR_STOP(8, 9) },
	{ "CLTS", PROT, 0, BYTES(0x0F, 0x06), .in = { CR(CR0, 0x39) },
	    CR_STOP(0, 0x31) },
	{ "CLTS in user mode", PROT, 3, BYTES(0x0F, 0x06), GP(0) },
	{ "LMSW does not clear PE", PROT, 0, BYTES(0x0F, 0x01, 0xF0),
	    .in = { R(RAX, 0xFFE0) }, CR_STOP(0, 0x31) },
	{ "LMSW sets four bits", REAL, 0, BYTES(0x0F, 0x01, 0xF0),
	    .in = { R(RAX, 0xFFFF) }, CR_STOP(0, 0x3F) },
	{ "LMSW clears three", PROT, 0, BYTES(0x0F, 0x01, 0xF0),
	    .in = { R(RAX, 1), CR(CR0, 0x3F) }, CR_STOP(0, 0x31) },
	{ "LMSW from a hole", PROT, 0, BYTES(0x0F, 0x01, 0x33),
	    .in = { R(RBX, HOLE) }, HOLE_STOP(READ, HOLE, 2) },
	{ "LMSW in user mode", PROT, 3, BYTES(0x0F, 0x01, 0xF0), GP(0) },
	{ "SMSW to memory: 16 bits", PROT, 3, BYTES(0x0F, 0x01, 0x23),
	    .in = { R(RBX, DATA), M(4, DATA, 0xFFFFFFFF) },
	    .out = { M(2, DATA, CR0_PROT) } },
	{ "SMSW to a register of 16 bits", PROT, 0,
	    BYTES(0x66, 0x0F, 0x01, 0xE0), .in = { R(RAX, 0x12345678) },
	    .out = { R(RAX, 0x12340031) } },
	{ "SMSW of the kernel under UMIP", LONG, 0,
	    BYTES(0x48, 0x0F, 0x01, 0xE0), .in = { WITH_CR4(CR4_UMIP) },
	    .out = { R(RAX, CR0_PROT) } },
	{ "SMSW under UMIP", PROT, 3, BYTES(0x0F, 0x01, 0xE0),
	    .in = { WITH_CR4(CR4_UMIP) }, GP(0) },
};

static const struct row debugs[] = {
	{ "MOV to DR0: 64 bits", LONG, 0, BYTES(0x0F, 0x23, 0xC0),
	    .in = { R(RAX, 0x123456789A) }, .out = { DR(DR0, 0x123456789A) } },
	{ "MOV from DR3", PROT, 0, BYTES(0x0F, 0x21, 0xD8),
	    .in = { DR(DR3, 0x5678) }, .out = { R(RAX, 0x5678) } },
	{ "MOV to DR6: fixed bits", PROT, 0, BYTES(0x0F, 0x23, 0xF0),
	    .in = { R(RAX, 0) }, .out = { DR(DR6, 0xFFFF0FF0) } },
	{ "MOV to DR6: all bits", PROT, 0, BYTES(0x0F, 0x23, 0xF0),
	    .in = { R(RAX, 0xFFFFFFFF) }, .out = { DR(DR6, 0xFFFFEFFF) } },
	{ "MOV to DR7: fixed bits", PROT, 0, BYTES(0x0F, 0x23, 0xF8),
	    .in = { R(RAX, 0xDB00) }, .out = { DR(DR7, 0x700) } },
	{ "MOV to DR6 of more than 32 bits", LONG, 0, BYTES(0x0F, 0x23, 0xF0),
	    .in = { R(RAX, 1ULL << 32) }, GP(0) },
	{ "MOV to DR7 of more than 32 bits", LONG, 0, BYTES(0x0F, 0x23, 0xF8),
	    .in = { R(RAX, 1ULL << 63) }, GP(0) },
	{ "DR4 is DR6", PROT, 0, BYTES(0x0F, 0x21, 0xE0),
	    .in = { DR(DR6, 0xFFFF0FF1) }, .out = { R(RAX, 0xFFFF0FF1) } },
	{ "DR5 is DR7", PROT, 0, BYTES(0x0F, 0x23, 0xE8),
	    .in = { R(RAX, 0) }, .out = { DR(DR7, 0x400) } },
	{ "DR4 under CR4.DE", PROT, 0, BYTES(0x0F, 0x21, 0xE0),
	    .in = { WITH_CR4(CR4_DE) }, UD },
	{ "DR7 under CR4.DE", PROT, 0, BYTES(0x0F, 0x21, 0xF8),
	    .in = { WITH_CR4(CR4_DE), DR(DR7, 0x400) },
	    .out = { R(RAX, 0x400) } },
	{ "DR8", LONG, 0, BYTES(0x44, 0x0F, 0x21, 0xC0), UD },
	{ "MOV from DR0 in user mode", PROT, 3, BYTES(0x0F, 0x21, 0xC0),
	    GP(0) },
	{ "DR7.GD", PROT, 0, BYTES(0x0F, 0x21, 0xC0),
	    .in = { DR(DR7, 0x2400), DR(DR6, 0xFFFF0FF0) },
	    .out = { DR(DR7, 0x400), DR(DR6, 0xFFFF2FF0) },
	    .end = FAULTS, .vector = 1 },
};

static const struct row others[] = {
	{ "INVLPG", PROT, 0, BYTES(0x0F, 0x01, 0x3B) },
	{ "INVLPG in user mode", PROT, 3, BYTES(0x0F, 0x01, 0x3B), GP(0) },
	{ "XGETBV", LONG, 3, BYTES(0x0F, 0x01, 0xD0),
	    .in = { WITH_CR4(CR4_OSXSAVE), R(RCX, 1ULL << 32),
	    CR(XCR0, 0x200000007) }, .out = { R(RAX, 7), R(RDX, 2) } },
	{ "XGETBV without OSXSAVE", PROT, 0, BYTES(0x0F, 0x01, 0xD0),
	    .in = { R(RCX, 0) }, UD },
	{ "XGETBV of no register", PROT, 0, BYTES(0x0F, 0x01, 0xD0),
	    .in = { WITH_CR4(CR4_OSXSAVE), R(RCX, 5) }, GP(0) },
	{ "STAC", PROT, 0, BYTES(0x0F, 0x01, 0xCB),
	    .out = { R(RFLAGS, 0x40002) } },
	{ "CLAC", LONG, 0, BYTES(0x0F, 0x01, 0xCA),
	    .in = { R(RFLAGS, 0x40203) }, .out = { R(RFLAGS, 0x203) } },
	{ "STAC in user mode", LONG, 3, BYTES(0x0F, 0x01, 0xCB), UD },
	{ "CLAC in user mode", PROT, 3, BYTES(0x0F, 0x01, 0xCA), UD },
	{ "RDFSBASE", LONG, 3, BYTES(0xF3, 0x48, 0x0F, 0xAE, 0xC0),
	    .in = { WITH_CR4(CR4_FSGSBASE), BASE(FS, 0xFFFF800012345678) },
	    .out = { R(RAX, 0xFFFF800012345678) } },
	{ "RDGSBASE of 32 bits", LONG, 3, BYTES(0xF3, 0x0F, 0xAE, 0xC8),
	    .in = { WITH_CR4(CR4_FSGSBASE), BASE(GS, 0xFFFF800012345678) },
	    .out = { R(RAX, 0x12345678) } },
	{ "WRFSBASE of 32 bits", LONG, 3, BYTES(0xF3, 0x0F, 0xAE, 0xD0),
	    .in = { WITH_CR4(CR4_FSGSBASE), R(RAX, 0xFFFF800012345678) },
	    .out = { BASE(FS, 0x12345678) } },
	{ "WRGSBASE", LONG, 3, BYTES(0xF3, 0x48, 0x0F, 0xAE, 0xD8),
	    .in = { WITH_CR4(CR4_FSGSBASE), R(RAX, 0xFFFF800012345678) },
	    .out = { BASE(GS, 0xFFFF800012345678) } },
	{ "WRGSBASE of no canonical address", LONG, 0,
	    BYTES(0xF3, 0x48, 0x0F, 0xAE, 0xD8),
	    .in = { WITH_CR4(CR4_FSGSBASE), R(RAX, 1ULL << 50) }, GP(0) },
	{ "RDFSBASE without FSGSBASE", LONG, 0,
	    BYTES(0xF3, 0x48, 0x0F, 0xAE, 0xC0), UD },
	{ "WRFSBASE without FSGSBASE", LONG, 0,
	    BYTES(0xF3, 0x48, 0x0F, 0xAE, 0xD0), UD },
	{ "RDFSBASE outside 64-bit mode", PROT, 0,
	    BYTES(0xF3, 0x0F, 0xAE, 0xC0),
	    .in = { WITH_CR4(CR4_FSGSBASE) }, UD },
	{ "SWAPGS", LONG, 0, BYTES(0x0F, 0x01, 0xF8),
	    .in = { BASE(GS, 0x1234), MSR(KERNELGSBASE, 0x5678) },
	    .out = { BASE(GS, 0x5678), MSR(KERNELGSBASE, 0x1234) } },
	{ "SWAPGS in user mode", LONG, 3, BYTES(0x0F, 0x01, 0xF8), GP(0) },
	{ "SWAPGS outside 64-bit mode", PROT, 0, BYTES(0x0F, 0x01, 0xF8),
	    UD },
};

#define THERE		0x1800U
#define OTHER_STACK	0x3800U
#define NOWHERE_64	(1ULL << 50)	/* not canonical */

#define SCE_LONG	MSR(EFER, 0x501)
#define SCE		MSR(EFER, 1)
/* SYSCALL takes 0x08 and 0x10, SYSRET 0x13, 0x1B and 0x23. */
#define STAR(eip)	MSR(STAR, 0x0013000800000000ULL | (eip))
#define ENTER(cs)							\
	MSR(SYSENTER_CS, cs), MSR(SYSENTER_EIP, THERE),			\
	MSR(SYSENTER_ESP, OTHER_STACK)
#define CS_IS(sel, attrib)	SELECTOR(CS, sel), ATTRIB(CS, attrib)
#define SS_IS(sel, attrib)	SELECTOR(SS, sel), ATTRIB(SS, attrib)

#define SYSCALL		BYTES(0x0F, 0x05)
#define SYSRET		BYTES(0x0F, 0x07)
#define SYSRET_64	BYTES(0x48, 0x0F, 0x07)
#define SYSENTER	BYTES(0x0F, 0x34)
#define SYSEXIT		BYTES(0x0F, 0x35)
#define SYSEXIT_64	BYTES(0x48, 0x0F, 0x35)

static const struct row fast[] = {
	{ "SYSCALL", LONG, 3, SYSCALL,
	    .in = { SCE_LONG, STAR(0), MSR(LSTAR, THERE),
	    MSR(SFMASK, 0x200), R(RFLAGS, 0x246) },
	    .out = { R(RIP, THERE), R(RCX, CODE + 2), R(R11, 0x246),
	    R(RFLAGS, 0x46), CS_IS(0x08, 0xA9B), SS_IS(0x10, 0xC93) } },
	{ "SYSCALL of compatibility mode", LONG, 3, SYSCALL,
	    .in = { SCE_LONG, STAR(0), MSR(CSTAR, THERE), ATTRIB(CS, 0xCFB) },
	    .out = { R(RIP, THERE), R(RCX, CODE + 2), R(R11, 2),
	    CS_IS(0x08, 0xA9B), SS_IS(0x10, 0xC93) } },
	{ "SYSCALL of legacy mode", PROT, 3, SYSCALL,
	    .in = { SCE, STAR(THERE), R(RFLAGS, 0x202) },
	    .out = { R(RIP, THERE), R(RCX, CODE + 2), R(RFLAGS, 2),
	    CS_IS(0x08, 0xC9B), SS_IS(0x10, 0xC93) } },
	{ "SYSCALL without EFER.SCE", LONG, 3, SYSCALL, UD },
	{ "SYSCALL of real mode", REAL, 0, SYSCALL, .in = { SCE }, UD },
	{ "SYSRET to 64-bit code: RF goes", LONG, 0, SYSRET_64,
	    .in = { SCE_LONG, STAR(0), R(RCX, THERE), R(R11, 0x10244) },
	    .out = { R(RIP, THERE), R(RFLAGS, 0x246), CS_IS(0x23, 0xAFB),
	    SS_IS(0x1B, 0xCF3) } },
	{ "SYSRET to compatibility mode", LONG, 0, SYSRET,
	    .in = { SCE_LONG, STAR(0), R(RCX, 0xFFFFFFFF00000000ULL | THERE),
	    R(R11, 0x202) },
	    .out = { R(RIP, THERE), R(RFLAGS, 0x202), CS_IS(0x13, 0xCFB),
	    SS_IS(0x1B, 0xCF3) } },
	{ "SYSRET of legacy mode sets IF", PROT, 0, SYSRET,
	    .in = { SCE, STAR(0), R(RCX, THERE) },
	    .out = { R(RIP, THERE), R(RFLAGS, 0x202), CS_IS(0x13, 0xCFB),
	    SS_IS(0x1B, 0xCF3) } },
	{ "SYSRET without EFER.SCE", LONG, 0, SYSRET_64, UD },
	{ "SYSRET of user mode", LONG, 3, SYSRET_64, .in = { SCE_LONG },
	    GP(0) },
	{ "SYSRET to no canonical address", LONG, 0, SYSRET_64,
	    .in = { SCE_LONG, STAR(0), R(RCX, NOWHERE_64) }, GP(0) },
	{ "SYSENTER", PROT, 3, SYSENTER,
	    .in = { ENTER(0x08), R(RFLAGS, 0x202) },
	    .out = { R(RIP, THERE), R(RSP, OTHER_STACK), R(RFLAGS, 2),
	    CS_IS(0x08, 0xC9B), SS_IS(0x10, 0xC93) } },
	{ "SYSENTER of long mode", LONG, 3, SYSENTER, .in = { ENTER(0x0B) },
	    .out = { R(RIP, THERE), R(RSP, OTHER_STACK), CS_IS(0x08, 0xA9B),
	    SS_IS(0x10, 0xC93) } },
	{ "SYSENTER without a segment", PROT, 3, SYSENTER, .in = { ENTER(3) },
	    GP(0) },
	{ "SYSENTER of real mode", REAL, 0, SYSENTER, .in = { ENTER(8) },
	    GP(0) },
	{ "SYSEXIT", PROT, 0, SYSEXIT,
	    .in = { ENTER(0x08), R(RDX, THERE), R(RCX, OTHER_STACK) },
	    .out = { R(RIP, THERE), R(RSP, OTHER_STACK), CS_IS(0x1B, 0xCFB),
	    SS_IS(0x23, 0xCF3) } },
	{ "SYSEXIT to compatibility mode", LONG, 0, SYSEXIT,
	    .in = { ENTER(0x08), R(RDX, 0xF00000000 | THERE),
	    R(RCX, 0xF00000000 | OTHER_STACK) },
	    .out = { R(RIP, THERE), R(RSP, OTHER_STACK), CS_IS(0x1B, 0xCFB),
	    SS_IS(0x23, 0xCF3) } },
	{ "SYSEXIT to 64-bit code", LONG, 0, SYSEXIT_64,
	    .in = { ENTER(0x08), R(RDX, THERE), R(RCX, OTHER_STACK) },
	    .out = { R(RIP, THERE), R(RSP, OTHER_STACK), CS_IS(0x2B, 0xAFB),
	    SS_IS(0x33, 0xCF3) } },
	{ "SYSEXIT of user mode", PROT, 3, SYSEXIT, .in = { ENTER(8) },
	    GP(0) },
	{ "SYSEXIT without a segment", PROT, 0, SYSEXIT, GP(0) },
	{ "SYSEXIT to no canonical address", LONG, 0, SYSEXIT_64,
	    .in = { ENTER(0x08), R(RDX, NOWHERE_64), R(RCX, OTHER_STACK) },
	    GP(0) },
	{ "SYSEXIT with no canonical stack", LONG, 0, SYSEXIT_64,
	    .in = { ENTER(0x08), R(RDX, THERE), R(RCX, NOWHERE_64) }, GP(0) },
};

const struct row_table system_tables[] = {
	ROW_TABLE(controls), ROW_TABLE(debugs), ROW_TABLE(others),
	ROW_TABLE(fast), { NULL, 0 }
};

START_TEST(control)
{
	row_check(&controls[_i]);
}
END_TEST

START_TEST(debug)
{
	row_check(&debugs[_i]);
}
END_TEST

START_TEST(other)
{
	row_check(&others[_i]);
}
END_TEST

START_TEST(fast_call)
{
	row_check(&fast[_i]);
}
END_TEST

Suite *
system_suite(void)
{
	Suite *suite = suite_create("system registers");
	TCase *tcase = tcase_create("system registers");

	tcase_add_loop_test(tcase, control, 0, ROWS(controls));
	tcase_add_loop_test(tcase, debug, 0, ROWS(debugs));
	tcase_add_loop_test(tcase, other, 0, ROWS(others));
	tcase_add_loop_test(tcase, fast_call, 0, ROWS(fast));
	suite_add_tcase(suite, tcase);
	return suite;
}
