/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every name that BSD sources need on Linux, with its value, for the flavour
 * that this is compiled as.  A name that the other flavour alone has must be
 * free: portable sources define such names themselves.
 */
#include <sys/param.h>
#include <sys/queue.h>
#include <sys/bitops.h>
#include <sys/ioccom.h>
#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __NetBSD__
#include <x86/specialreg.h>
#include <machine/pte.h>
#else
#include <machine/pmap.h>
#include <machine/specialreg.h>
#endif
#include <machine/psl.h>
#include <machine/segments.h>
#include <machine/vmparam.h>

/* A value, and that it is one for the preprocessor as well. */
#define IS(name, value)							\
	CTASSERT(name == (value));					\
	enum { name##_is_a_constant = (int)((name) & 0x7f) }

IS(PSL_C, 1);
IS(PSL_PF, 4);
IS(PSL_AF, 0x10);
IS(PSL_Z, 0x40);
IS(PSL_N, 0x80);
IS(PSL_T, 0x100);
IS(PSL_I, 0x200);
IS(PSL_D, 0x400);
IS(PSL_V, 0x800);

IS(CR0_PE, 1);
IS(CR0_MP, 2);
IS(CR0_EM, 4);
IS(CR0_TS, 8);
IS(CR0_ET, 0x10);
IS(CR0_NE, 0x20);
IS(CR0_WP, 0x10000);
IS(CR0_AM, 0x40000);
IS(CR0_NW, 0x20000000);
IS(CR0_CD, 0x40000000);
IS(CR0_PG, 0x80000000);
CTASSERT(CR0_PG > 0);

IS(CR4_PSE, 0x10);
IS(CR4_PAE, 0x20);
IS(CR4_PGE, 0x80);
IS(CR4_OSFXSR, 0x200);
IS(CR4_OSXMMEXCPT, 0x400);

IS(EFER_SCE, 1);
IS(EFER_LME, 0x100);
IS(EFER_LMA, 0x400);
IS(EFER_NXE, 0x800);

IS(SDT_MEMRWA, 19);
IS(SDT_MEMERA, 27);
IS(SDT_SYSLDT, 2);

CTASSERT(sizeof(pt_entry_t) == 8 && (pt_entry_t)-1 > 0);
IS(PAGE_SIZE, 4096);
CTASSERT(roundup(1, PAGE_SIZE) == 4096);
CTASSERT(roundup(13, 5) == 15);

#ifdef __NetBSD__
IS(PSL_MBO, 2);
IS(GCODE_SEL, 1);
IS(GDATA_SEL, 2);
IS(SEL_KPL, 0);
CTASSERT(GSEL(GCODE_SEL, SEL_KPL) == 8);
CTASSERT(GSEL(GDATA_SEL, 3) == 0x13);
IS(SDT_SYS386BSY, 11);
IS(PTE_P, 1);
IS(PTE_W, 2);
#if defined(PSL_RESERVED_DEFAULT) || defined(SDT_SYSBSY) || \
    defined(X86_PG_V) || defined(X86_PG_RW) || defined(LIST_FOREACH_MUTABLE)
#error "DragonFly's names in NetBSD's flavour"
#endif
#else
IS(PSL_RESERVED_DEFAULT, 2);
IS(SDT_SYSBSY, 11);
IS(X86_PG_V, 1);
IS(X86_PG_RW, 2);
#if defined(PSL_MBO) || defined(SDT_SYS386BSY) || defined(PTE_P) || \
    defined(PTE_W) || defined(GSEL)
#error "NetBSD's names in DragonFly's flavour"
#endif
#ifndef LIST_FOREACH_MUTABLE
#error "LIST_FOREACH_MUTABLE is missing"
#endif
#endif

#ifndef LIST_FOREACH_SAFE
#error "LIST_FOREACH_SAFE is missing"
#endif

IS(EPROGMISMATCH, 75);
IS(MAP_FILE, 0);
CTASSERT(MAP_ANON != 0 && O_CLOEXEC != 0 && sizeof(u_int) == 4);

/* Bits 0, 31, 32 and 63; fields in either order of their ends. */
CTASSERT(__BIT(0) == 1 && __BIT(31) == 0x80000000UL);
CTASSERT(__BIT(32) == 0x100000000UL && __BIT(63) == 0x8000000000000000UL);
CTASSERT(__BITS(4, 7) == 0xf0 && __BITS(7, 4) == 0xf0);
CTASSERT(__BITS(3, 3) == 8 && __BITS(0, 63) == UINT64_MAX);
CTASSERT(__BITS(12, 51) == 0x000ffffffffff000UL);
CTASSERT(__BIT64(40) == 0x10000000000UL);
CTASSERT(__BITS64(63, 32) == 0xffffffff00000000UL);
CTASSERT(__SHIFTIN(5, __BITS(4, 7)) == 0x50);
CTASSERT(__SHIFTOUT(0xabcd, __BITS(8, 11)) == 0xb);
CTASSERT(__SHIFTOUT(UINT64_MAX, __BIT(63)) == 1);
CTASSERT(__SHIFTOUT_MASK(__BITS(8, 11)) == 0xf);

/* What gcc's stddef.h asks machine/ansi.h for. */
CTASSERT(sizeof(size_t) == 8 && sizeof(ptrdiff_t) == 8 && sizeof(wchar_t) == 4);

/* BSD's encoding, not Linux's. */
struct nine {
	char bytes[9];
};
CTASSERT(_IO('N', 1) == 0x20004e01);
CTASSERT(_IOR('N', 0, struct nine) == 0x40094e00);
CTASSERT(_IOW('N', 2, struct nine) == 0x80094e02);
CTASSERT(_IOWR('N', 255, struct nine) == 0xc0094eff);

static const int three[] __unused = { 1, 2, 3 };
CTASSERT(__arraycount(three) == 3);

struct wide {
	char first;
	char second __aligned(16);
};
CTASSERT(offsetof(struct wide, second) == 16);

int
main(int argc, char **argv __unused)
{
	if (__predict_true(argc != 0) && !__predict_false(argc == 0))
		return 0;
	__unreachable();
}
