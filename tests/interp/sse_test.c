/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * XMM and MMX registers, and the x87 unit's state.
 */
#include "guest.h"

#define XMM0(low, high)	X(0, 0, low), X(0, 1, high)
#define XMM1(low, high)	X(1, 0, low), X(1, 1, high)
#define AT_DATA(low, high)	M(8, DATA, low), M(8, DATA + 8, high)

#define A0	0x0706050403020100
#define A1	0x0F0E0D0C0B0A0908
#define B0	0x1716151413121110
#define B1	0x1F1E1D1C1B1A1918
#define M1	0x8000000000000000

#define TS	0x39		/* CR0 with TS, and with EM */
#define EM	0x35

static const struct row moves[] = {
	{ "MOVAPS from memory", LONG, 0, BYTES(0x0F, 0x28, 0x03),
	    .in = { R(RBX, DATA), AT_DATA(A0, A1) }, .out = { XMM0(A0, A1) }
	},
	{ "MOVAPS to memory", LONG, 0, BYTES(0x0F, 0x29, 0x0B),
	    .in = { R(RBX, DATA), XMM1(A0, A1) }, .out = { AT_DATA(A0, A1) }
	},
	{ "MOVAPS that is not aligned", LONG, 0, BYTES(0x0F, 0x28, 0x03),
	    .in = { R(RBX, DATA + 8) }, .end = FAULTS, .vector = 13 },
	{ "MOVUPS need not be aligned", LONG, 0, BYTES(0x0F, 0x10, 0x43, 1),
	    .in = { R(RBX, DATA - 1), AT_DATA(A0, A1) },
	    .out = { XMM0(A0, A1) } },
	{ "MOVDQU half in a hole", LONG, 0, BYTES(0xF3, 0x0F, 0x7F, 0x03),
	    .in = { R(RBX, HOLE - 8) }, HOLE_STOP(WRITE, HOLE, 8) },
	{ "MOVDQA between registers", LONG, 0,
	    BYTES(0x66, 0x44, 0x0F, 0x6F, 0xC1), .in = { XMM1(A0, A1) },
	    .out = { X(8, 0, A0), X(8, 1, A1) } },
	{ "MOVNTDQ", LONG, 0, BYTES(0x66, 0x0F, 0xE7, 0x03),
	    .in = { R(RBX, DATA), XMM0(A0, A1) },
	    .out = { AT_DATA(A0, A1) } },
	{ "MOVD from a register", LONG, 0, BYTES(0x66, 0x0F, 0x6E, 0xC0),
	    .in = { R(RAX, 0x1122334455667788) },
	    .out = { XMM0(0x55667788, 0) } },
	{ "MOVQ from a register", LONG, 0,
	    BYTES(0x66, 0x48, 0x0F, 0x6E, 0xC0), .in = { R(RAX, A0) },
	    .out = { XMM0(A0, 0) } },
	{ "MOVD to a register", LONG, 0, BYTES(0x66, 0x0F, 0x7E, 0xC0),
	    .in = { XMM0(A0, A1), R(RAX, -1ULL) },
	    .out = { R(RAX, 0x03020100) } },
	{ "MOVQ between registers clears the high half", LONG, 0,
	    BYTES(0xF3, 0x0F, 0x7E, 0xC1), .in = { XMM1(A0, A1) },
	    .out = { XMM0(A0, 0) } },
	{ "MOVQ to memory", LONG, 0, BYTES(0x66, 0x0F, 0xD6, 0x03),
	    .in = { R(RBX, DATA), XMM0(A0, A1) },
	    .out = { M(8, DATA, A0) } },
	{ "MOVSS from memory clears", LONG, 0, BYTES(0xF3, 0x0F, 0x10, 0x03),
	    .in = { R(RBX, DATA), AT_DATA(A0, A1) },
	    .out = { XMM0(0x03020100, 0) } },
	{ "MOVSS between registers does not", LONG, 0,
	    BYTES(0xF3, 0x0F, 0x10, 0xC1), .in = { XMM0(B0, B1),
	    XMM1(A0, A1) }, .out = { XMM0(0x1716151403020100, B1) } },
	{ "MOVSD to memory", LONG, 0, BYTES(0xF2, 0x0F, 0x11, 0x03),
	    .in = { R(RBX, DATA), XMM0(A0, A1) },
	    .out = { M(8, DATA, A0) } },
	{ "MOVSD between registers", LONG, 0, BYTES(0xF2, 0x0F, 0x10, 0xC1),
	    .in = { XMM0(B0, B1), XMM1(A0, A1) }, .out = { XMM0(A0, B1) } },
	{ "MOVLPS from memory", LONG, 0, BYTES(0x0F, 0x12, 0x03),
	    .in = { R(RBX, DATA), XMM0(B0, B1), AT_DATA(A0, A1) },
	    .out = { XMM0(A0, B1) } },
	{ "MOVHPD from memory", LONG, 0, BYTES(0x66, 0x0F, 0x16, 0x03),
	    .in = { R(RBX, DATA), XMM0(B0, B1), AT_DATA(A0, A1) },
	    .out = { XMM0(B0, A0) } },
	{ "MOVHPS to memory", LONG, 0, BYTES(0x0F, 0x17, 0x03),
	    .in = { R(RBX, DATA), XMM0(A0, A1) },
	    .out = { M(8, DATA, A1) } },
	{ "MOVHLPS", LONG, 0, BYTES(0x0F, 0x12, 0xC1),
	    .in = { XMM0(B0, B1), XMM1(A0, A1) }, .out = { XMM0(A1, B1) } },
	{ "MOVLHPS", LONG, 0, BYTES(0x0F, 0x16, 0xC1),
	    .in = { XMM0(B0, B1), XMM1(A0, A1) }, .out = { XMM0(B0, A0) } },
	{ "MASKMOVDQU", LONG, 0, BYTES(0x66, 0x0F, 0xF7, 0xC1),
	    .in = { R(RDI, DATA), XMM0(A0, A1), XMM1(0xFF00000000000080,
	    0x0000007F00000080), AT_DATA(-1ULL, -1ULL) },
	    .out = { AT_DATA(0x07FFFFFFFFFFFF00, 0xFFFFFFFFFFFFFF08) } },
	{ "MOVDQ2Q", LONG, 0, BYTES(0xF2, 0x0F, 0xD6, 0xC1),
	    .in = { XMM1(A0, A1) }, .out = { MM(0, A0), FX(2, 40, 0xFFFF),
	    FX(1, 4, 0xFF) } },
	/* TOP is 7, so that MM2 is ST(3) before and ST(2) after it. */
	{ "MOVQ of MMX makes TOP 0", LONG, 0, BYTES(0x0F, 0x7F, 0x13),
	    .in = { R(RBX, DATA), FX(2, 2, 0x3800), ST(0x11), MM(3, A0)
	    },
	    .out = { M(8, DATA, A0), FX(2, 2, 0), FX(1, 4, 0xFF), ST(0x11),
	    MM(2, A0) } },
};

/* Element by element: XMM0 with XMM1. */
#define PAIR(name, code, a0, a1, b0, b1, c0, c1)			\
	{ name, LONG, 0, BYTES(0x66, 0x0F, code, 0xC1),			\
	    .in = { XMM0(a0, a1), XMM1(b0, b1) }, .out = { XMM0(c0, c1) } }

static const struct row integers[] = {
	PAIR("PADDB", 0xFC, 0xFF01, 1, 0x02FF, 2, 0x0100, 3),
	PAIR("PADDQ", 0xD4, -1ULL, 1, 2, 2, 1, 3),
	PAIR("PADDSB", 0xEC, 0x7F80, 1, 0x01FF, 2, 0x7F80, 3),
	PAIR("PADDUSW", 0xDD, 0xFFFF0001, 1, 0x00020002, 2, 0xFFFF0003, 3),
	PAIR("PSUBD", 0xFA, 0, 1, 1, 2, 0xFFFFFFFF, 0xFFFFFFFF),
	PAIR("PSUBUSB", 0xD8, 0x0510, 1, 0x1005, 2, 0x000B, 0),
	PAIR("PSUBSW", 0xE9, 0x8000, 1, 1, 2, 0x8000, 0xFFFF),
	PAIR("PMULLW", 0xD5, 0x0100FFFF, 3, 0x01000002, 4, 0x0000FFFE, 12),
	PAIR("PMULHW", 0xE5, 0x8000FFFF, 0, 0x80000002, 0, 0x4000FFFF, 0),
	PAIR("PMULHUW", 0xE4, 0x8000FFFF, 0, 0x80000002, 0, 0x40000001, 0),
	PAIR("PMULUDQ", 0xF4, 0x1FFFFFFFF, 2, 0x2FFFFFFFF, 3,
	    0xFFFFFFFE00000001, 6),
	PAIR("PMADDWD", 0xF5, 0x8000800000020003, 0, 0x8000800000040005, 0,
	    0x8000000000000017, 0),
	PAIR("PSADBW", 0xF6, 0x0A05, 0xFF, 0x050A, 0, 10, 0xFF),
	PAIR("PAVGB", 0xE0, 0xFF01, 0, 0xFE02, 0, 0xFF02, 0),
	PAIR("PMINUB", 0xDA, 0xFF01, 5, 0x7F02, 6, 0x7F01, 5),
	PAIR("PMAXSW", 0xEE, 0xFFFF0001, 5, 0x00010000, 6, 0x00010001, 6),
	PAIR("PCMPEQW", 0x75, 0x00010002, 0, 0x00010003, 0,
	    0xFFFFFFFFFFFF0000, -1ULL),
	PAIR("PCMPGTB", 0x64, 0x01FF, 0, 0xFF01, 0, 0xFF00, 0),
	PAIR("PANDN", 0xDF, 0xF0F0, 0, 0xFFFF, A1, 0x0F0F, A1),
	PAIR("PXOR", 0xEF, A0, A1, B0, B1, 0x1010101010101010,
	    0x1010101010101010),
	PAIR("PSLLW", 0xF1, 0x8001000180018001, 1, 4, -1ULL,
	    0x0010001000100010, 0x10),
	PAIR("PSRAD by much", 0xE2, 0x800000007FFFFFFF, M1, 1ULL << 40, 0,
	    0xFFFFFFFF00000000, 0xFFFFFFFF00000000),
	PAIR("PSRLQ by 64", 0xD3, A0, A1, 64, 0, 0, 0),
	PAIR("PACKSSWB", 0x63, 0x007F0080FF80FF7F, 0x0001000200030004,
	    0x7FFF80000000FFFF, 0, 0x010203047F7F8080,
	    0x000000007F8000FF),
	PAIR("PACKUSWB", 0x67, 0x00FF01000001FFFF, 0, 0x7FFF800000000001, 0,
	    0x00000000FFFF0100, 0x00000000FF000001),
	PAIR("PUNPCKLBW", 0x60, A0, A1, B0, B1, 0x1303120211011000,
	    0x1707160615051404),
	PAIR("PUNPCKHQDQ", 0x6D, A0, A1, B0, B1, A1, B1),
	PAIR("UNPCKHPD", 0x15, A0, A1, B0, B1, A1, B1),
	{ "PSLLDQ", LONG, 0, BYTES(0x66, 0x0F, 0x73, 0xF8, 3),
	    .in = { XMM0(A0, A1) },
	    .out = { XMM0(0x0403020100000000, 0x0C0B0A0908070605) } },
	{ "PSRLDQ by too much", LONG, 0, BYTES(0x66, 0x0F, 0x73, 0xD8, 16),
	    .in = { XMM0(A0, A1) }, .out = { XMM0(0, 0) } },
	{ "PSRLD by an immediate", LONG, 0, BYTES(0x66, 0x0F, 0x72, 0xD0, 4),
	    .in = { XMM0(0x80000000F0000000, 0) },
	    .out = { XMM0(0x080000000F000000, 0) } },
	{ "PSHUFD", LONG, 0, BYTES(0x66, 0x0F, 0x70, 0xC1, 0x1B),
	    .in = { XMM1(A0, A1) },
	    .out = { XMM0(0x0B0A09080F0E0D0C, 0x0302010007060504) } },
	{ "PSHUFLW", LONG, 0, BYTES(0xF2, 0x0F, 0x70, 0xC1, 0x1B),
	    .in = { XMM1(A0, A1) }, .out = { XMM0(0x0100030205040706, A1) } },
	{ "PSHUFHW", LONG, 0, BYTES(0xF3, 0x0F, 0x70, 0xC1, 0x00),
	    .in = { XMM1(A0, A1) }, .out = { XMM0(A0, 0x0908090809080908) } },
	{ "SHUFPS", LONG, 0, BYTES(0x0F, 0xC6, 0xC1, 0x4E),
	    .in = { XMM0(A0, A1), XMM1(B0, B1) }, .out = { XMM0(A1, B0) } },
	{ "SHUFPD", LONG, 0, BYTES(0x66, 0x0F, 0xC6, 0xC1, 0x01),
	    .in = { XMM0(A0, A1), XMM1(B0, B1) }, .out = { XMM0(A1, B0) } },
	{ "PMOVMSKB", LONG, 0, BYTES(0x66, 0x0F, 0xD7, 0xC0),
	    .in = { XMM0(0x80, 0x8000000000000000) },
	    .out = { R(RAX, 0x8001) } },
	{ "MOVMSKPS", LONG, 0, BYTES(0x0F, 0x50, 0xC0),
	    .in = { XMM0(0x80000000, 0x8000000000000000) },
	    .out = { R(RAX, 9) } },
	{ "PEXTRW", LONG, 0, BYTES(0x66, 0x0F, 0xC5, 0xC0, 0x0D),
	    .in = { XMM0(A0, A1) }, .out = { R(RAX, 0x0B0A) } },
	{ "PINSRW from memory", LONG, 0, BYTES(0x66, 0x0F, 0xC4, 0x03, 1),
	    .in = { R(RBX, DATA), M(4, DATA, 0xABCDEF01), XMM0(0, 0) },
	    .out = { XMM0(0xEF010000, 0) } },
	{ "PADDD from memory", LONG, 0, BYTES(0x66, 0x0F, 0xFE, 0x03),
	    .in = { R(RBX, DATA), AT_DATA(1, 2), XMM0(3, 4) },
	    .out = { XMM0(4, 6) } },
	{ "PADDD that is not aligned", LONG, 0, BYTES(0x66, 0x0F, 0xFE, 0x03),
	    .in = { R(RBX, DATA + 1) }, .end = FAULTS, .vector = 13 },
	{ "PADDW of MMX", LONG, 0, BYTES(0x0F, 0xFD, 0xC1), .in = {
	    MM(0, 0xFFFF0001), MM(1, 0x00010002) }, .out = { MM(0, 3),
	    FX(2, 40, 0xFFFF), FX(1, 4, 0xFF) } },
	{ "PUNPCKLBW of MMX reads 4 bytes", LONG, 0, BYTES(0x0F, 0x60, 0x03),
	    .in = { R(RBX, HOLE - 4), M(4, HOLE - 4, 0x04030201), MM(0, 0) },
	    .out = { MM(0, 0x0400030002000100), FX(2, 40, 0xFFFF),
	    FX(1, 4, 0xFF) } },
	{ "CMPPS is arithmetic", LONG, 0, BYTES(0x0F, 0xC2, 0xC1, 0),
	    .end = FAULTS, .vector = 6 },
	{ "XORPS without OSFXSR", LONG, 0, BYTES(0x0F, 0x57, 0xC0),
	    .in = { CR(CR4, 0) }, .end = FAULTS, .vector = 6 },
	{ "XORPS with CR0.EM", PROT, 0, BYTES(0x0F, 0x57, 0xC0),
	    .in = { CR(CR0, EM) }, .end = FAULTS, .vector = 6 },
	{ "XORPS with CR0.TS", PROT, 0, BYTES(0x0F, 0x57, 0xC0),
	    .in = { CR(CR0, TS) }, .end = FAULTS, .vector = 7 },
	{ "XORPS in real mode", REAL, 0, BYTES(0x0F, 0x57, 0xC0),
	    .out = { XMM0(0, 0) } },
};

static const struct row units[] = {
	{ "FNINIT", LONG, 0, BYTES(0xDB, 0xE3), .in = { FX(8, 0, A0),
	    FX(8, 8, A0), FX(8, 16, A0) }, .out = { FX(8, 0, 0x37F),
	    FX(8, 8, 0), FX(8, 16, 0) } },
	{ "FNSTCW", LONG, 0, BYTES(0xD9, 0x3B), .in = { R(RBX, DATA) },
	    .out = { M(2, DATA, 0x37F) } },
	{ "FLDCW", LONG, 0, BYTES(0xD9, 0x2B), .in = { R(RBX, DATA),
	    M(2, DATA, 0x27F) }, .out = { FX(2, 0, 0x27F) } },
	{ "FLDCW that unmasks a standing exception", LONG, 0,
	    BYTES(0xD9, 0x2B), .in = { R(RBX, DATA), M(2, DATA, 0x37E),
	    FX(2, 2, 1) }, .out = { FX(2, 0, 0x37E), FX(2, 2, 0x8081) } },
	{ "FWAIT tells of it", LONG, 0, BYTES(0x9B), .in = { FX(2, 0, 0x37E),
	    FX(2, 2, 0x8081) }, .end = FAULTS, .vector = 16 },
	{ "FWAIT with MP and TS", LONG, 0, BYTES(0x9B), .in = {
	    CR(CR0, TS | 2) }, .end = FAULTS, .vector = 7 },
	{ "FWAIT with TS alone", LONG, 0, BYTES(0x9B), .in = { CR(CR0, TS) }
	},
	{ "FNCLEX", LONG, 0, BYTES(0xDB, 0xE2), .in = { FX(2, 0, 0x37E),
	    FX(2, 2, 0xB8C1) }, .out = { FX(2, 2, 0x3800) } },
	{ "FNSTSW AX", LONG, 0, BYTES(0xDF, 0xE0), .in = { FX(2, 2, 0x3800),
	    R(RAX, 0x11112222) }, .out = { R(RAX, 0x11113800) } },
	{ "FNSTSW with EM", PROT, 0, BYTES(0xDF, 0xE0),
	    .in = { CR(CR0, EM) }, .end = FAULTS, .vector = 7 },
	{ "FLD1 is arithmetic", LONG, 0, BYTES(0xD9, 0xE8),
	    .end = FAULTS, .vector = 6 },
	{ "EMMS", LONG, 0, BYTES(0x0F, 0x77), .in = { FX(1, 4, 0xFF) },
	    .out = { FX(1, 4, 0) } },
	{ "LDMXCSR", LONG, 0, BYTES(0x0F, 0xAE, 0x13), .in = { R(RBX, DATA),
	    M(4, DATA, 0x9FC0) }, .out = { FX(4, 24, 0x9FC0) } },
	{ "LDMXCSR of a reserved bit", LONG, 0, BYTES(0x0F, 0xAE, 0x13),
	    .in = { R(RBX, DATA), M(4, DATA, 0x11F80) },
	    .end = FAULTS, .vector = 13 },
	{ "LDMXCSR of DAZ where no mask is known", LONG, 0,
	    BYTES(0x0F, 0xAE, 0x13), .in = { R(RBX, DATA),
	    M(4, DATA, 0x1FC0), FX(4, 28, 0) },
	    .out = { FX(4, 24, 0x1FC0) } },
	{ "STMXCSR", LONG, 0, BYTES(0x0F, 0xAE, 0x1B), .in = { R(RBX, DATA) },
	    .out = { M(4, DATA, 0x1F80) } },
	{ "FXSAVE", LONG, 0, BYTES(0x0F, 0xAE, 0x03), .in = { R(RBX, DATA) },
	    .out = { IMAGE(416, DATA) } },
	{ "FXSAVE outside 64-bit code has eight XMM registers", PROT, 0,
	    BYTES(0x0F, 0xAE, 0x03), .in = { R(RBX, DATA) },
	    .out = { IMAGE(288, DATA) } },
	{ "FXRSTOR", LONG, 0, BYTES(0x48, 0x0F, 0xAE, 0x0B), .in = {
	    R(RBX, DATA), X(0, 0, A0), X(15, 1, A1), IMAGE(416, DATA),
	    X(0, 0, B0), X(15, 1, B1), FX(2, 0, 0x27F) }, .out = {
	    X(0, 0, A0), X(15, 1, A1), FX(2, 0, 0x37F) } },
	{ "FXRSTOR touches bytes that it does not load", LONG, 0,
	    BYTES(0x0F, 0xAE, 0x0B), .in = { R(RBX, HOLE - 0x1B0) },
	    HOLE_STOP(READ, HOLE, 16) },
	{ "FXRSTOR of what a control word never has", LONG, 0,
	    BYTES(0x0F, 0xAE, 0x0B), .in = { R(RBX, DATA),
	    IMAGE(416, DATA), M(2, DATA, 0xD7A8) }, .out = {
	    FX(2, 0, 0x1768) } },
	{ "FXRSTOR outside 64-bit code leaves XMM8", PROT, 0,
	    BYTES(0x0F, 0xAE, 0x0B), .in = { R(RBX, DATA), X(7, 0, A0),
	    IMAGE(416, DATA), X(7, 0, B0), X(8, 0, B0) }, .out = {
	    X(7, 0, A0) } },
	{ "FNSTENV masks what it has stored", PROT, 0, BYTES(0xD9, 0x33),
	    .in = { R(RBX, DATA), FX(2, 0, 0x340), FX(2, 2, 0x3800),
	    FX(1, 4, 0x80), MM(0, 0), FX(2, 40, 0), FX(8, 8, 0x812345678),
	    FX(8, 16, 0x1087654321), FX(2, 6, 0x123) }, .out = {
	    M(4, DATA, 0xFFFF0340), M(4, DATA + 4, 0xFFFF3800),
	    M(4, DATA + 8, 0xFFFF7FFF), M(4, DATA + 12, 0x12345678),
	    M(4, DATA + 16, 0x01230008), M(4, DATA + 20, 0x87654321),
	    M(4, DATA + 24, 0xFFFF0010), FX(2, 0, 0x37F) } },
	{ "FXSAVE into a hole changes nothing", LONG, 0,
	    BYTES(0x0F, 0xAE, 0x03), .in = { R(RBX, HOLE - 0x100) },
	    HOLE_STOP(WRITE, HOLE, 32) },
	{ "FXSAVE that is not aligned", LONG, 0, BYTES(0x0F, 0xAE, 0x03),
	    .in = { R(RBX, DATA + 8) }, .end = FAULTS, .vector = 13 },
	{ "FXRSTOR of a reserved bit of MXCSR", LONG, 0,
	    BYTES(0x0F, 0xAE, 0x0B), .in = { R(RBX, DATA),
	    M(4, DATA + 24, 0x10000) }, .end = FAULTS, .vector = 13 },
};

const struct row_table sse_tables[] = {
	ROW_TABLE(moves), ROW_TABLE(integers), ROW_TABLE(units), { NULL, 0 }
};

START_TEST(moves_of_registers_do_what_their_rows_say)
{
	row_check(&moves[_i]);
}
END_TEST

START_TEST(elements_become_what_their_rows_say)
{
	row_check(&integers[_i]);
}
END_TEST

START_TEST(the_units_state_is_what_its_rows_say)
{
	row_check(&units[_i]);
}
END_TEST

Suite *
sse_suite(void)
{
	Suite *suite = suite_create("sse");
	TCase *tcase = tcase_create("rows");

	tcase_add_loop_test(tcase, moves_of_registers_do_what_their_rows_say,
	    0, ROWS(moves));
	tcase_add_loop_test(tcase, elements_become_what_their_rows_say, 0,
	    ROWS(integers));
	tcase_add_loop_test(tcase, the_units_state_is_what_its_rows_say, 0,
	    ROWS(units));
	suite_add_tcase(suite, tcase);
	return suite;
}
