/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Written as NetBSD's programs are: the part of a VMM that prepares a guest
 * in long mode.  It needs no driver.  It says where the guest's addresses
 * lead, by the tables that it has built.
 */
#include <sys/cdefs.h>
__COPYRIGHT("@(#) The nvmm-sim project");
__RCSID("$NetBSD$");

#include <sys/param.h>
#include <sys/bitops.h>
#include <sys/mman.h>
#include <sys/queue.h>

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <machine/psl.h>
#include <machine/pte.h>
#include <machine/segments.h>
#include <x86/specialreg.h>

#include <dev/nvmm/nvmm.h>
#include <dev/nvmm/nvmm_ioctl.h>
#include <nvmm.h>

#define PTE_FRAME	__BITS(12, 51)
#define TYPE_BITS	__BITS(0, 3)
#define TYPE_S		__BIT(4)

#define TABLES_GPA	0x10000
#define CODE_GPA	0x200000
#define CODE_GVA	0x400000

struct area {
	LIST_ENTRY(area) next;
	uint8_t *hva;
	gpaddr_t gpa;
	size_t size;
};

static LIST_HEAD(, area) areas = LIST_HEAD_INITIALIZER(areas);

CTASSERT(sizeof(struct nvmm_vcpu_state) == 1008);
CTASSERT(NVMM_KERN_VERSION == 2);
CTASSERT(NVMM_IOC_VCPU_RUN == _IOWR('N', 10, struct nvmm_ioc_vcpu_run));

static void
area_add(gpaddr_t gpa, size_t size)
{
	struct area *area;

	if ((area = calloc(1, sizeof(*area))) == NULL)
		err(EXIT_FAILURE, "calloc");
	area->size = roundup(size, PAGE_SIZE);
	area->gpa = gpa;
	area->hva = mmap(NULL, area->size, PROT_READ | PROT_WRITE,
	    MAP_ANON | MAP_PRIVATE | MAP_FILE, -1, 0);
	if (area->hva == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	LIST_INSERT_HEAD(&areas, area, next);
}

static void *
area_hva(gpaddr_t gpa)
{
	struct area *area;

	LIST_FOREACH(area, &areas, next) {
		if (gpa >= area->gpa && gpa - area->gpa < area->size)
			return area->hva + (gpa - area->gpa);
	}
	errx(EXIT_FAILURE, "%#jx is no memory", (uintmax_t)gpa);
}

static void
areas_free(void)
{
	struct area *area, *next;

	LIST_FOREACH_SAFE(area, &areas, next, next) {
		LIST_REMOVE(area, next);
		if (munmap(area->hva, area->size) == -1)
			err(EXIT_FAILURE, "munmap");
		free(area);
	}
}

/* Four levels; each missing table is the next free page. */
static void
page_enter(gpaddr_t *free_gpa, gvaddr_t gva, gpaddr_t gpa)
{
	static const uint64_t index[] = {
		__BITS(39, 47), __BITS(30, 38), __BITS(21, 29), __BITS(12, 20),
	};
	pt_entry_t *table = area_hva(TABLES_GPA), *pte = NULL;
	size_t level;

	for (level = 0; level < __arraycount(index); level++) {
		pte = &table[__SHIFTOUT(gva, index[level])];
		if (level == __arraycount(index) - 1)
			break;
		if (__predict_false((*pte & PTE_P) == 0)) {
			*pte = *free_gpa | PTE_P | PTE_W;
			*free_gpa += PAGE_SIZE;
		}
		table = area_hva(*pte & PTE_FRAME);
	}
	*pte = gpa | PTE_P | PTE_W;
}

static gpaddr_t
page_lookup(gvaddr_t gva)
{
	gpaddr_t gpa = TABLES_GPA;
	pt_entry_t *table;
	unsigned shift;

	for (shift = 39; shift >= 12; shift -= 9) {
		table = area_hva(gpa);
		gpa = table[(gva >> shift) & 511];
		if ((gpa & PTE_P) == 0)
			errx(EXIT_FAILURE, "%#jx is not mapped",
			    (uintmax_t)gva);
		gpa &= PTE_FRAME;
	}
	return gpa | (gva & (PAGE_SIZE - 1));
}

static void
segment_set(struct nvmm_x64_state_seg *seg, uint16_t selector, unsigned type)
{
	memset(seg, 0, sizeof(*seg));
	seg->selector = selector;
	seg->attrib.type = __SHIFTOUT(type, TYPE_BITS) & 0xf;
	seg->attrib.s = __SHIFTOUT(type, TYPE_S) & 1;
	seg->attrib.p = 1;
	seg->attrib.g = 1;
	seg->limit = UINT32_MAX;
}

static void
state_init(struct nvmm_vcpu_state *state)
{
	unsigned i;

	memset(state, 0, sizeof(*state));
	for (i = NVMM_X64_SEG_ES; i <= NVMM_X64_SEG_GS; i++)
		segment_set(&state->segs[i], GSEL(GDATA_SEL, SEL_KPL),
		    SDT_MEMRWA);
	segment_set(&state->segs[NVMM_X64_SEG_CS], GSEL(GCODE_SEL, SEL_KPL),
	    SDT_MEMERA);
	state->segs[NVMM_X64_SEG_CS].attrib.l = 1;
	segment_set(&state->segs[NVMM_X64_SEG_LDT], 0, SDT_SYSLDT);
	segment_set(&state->segs[NVMM_X64_SEG_TR], 0, SDT_SYS386BSY);
	state->gprs[NVMM_X64_GPR_RFLAGS] = PSL_MBO | PSL_I;
	state->gprs[NVMM_X64_GPR_RIP] = CODE_GVA;
	state->crs[NVMM_X64_CR_CR0] = CR0_PG | CR0_PE | CR0_NE | CR0_WP |
	    CR0_ET;
	state->crs[NVMM_X64_CR_CR3] = TABLES_GPA;
	state->crs[NVMM_X64_CR_CR4] = CR4_PAE | CR4_PGE | CR4_OSFXSR;
	state->msrs[NVMM_X64_MSR_EFER] = EFER_LME | EFER_LMA | EFER_SCE;
}

static void __dead
usage(void)
{
	fprintf(stderr, "usage: netbsd\n");
	exit(EXIT_FAILURE);
}

/* "type S.TYPE"; the caller frees it. */
static char *
segment_text(const struct nvmm_x64_state_seg *seg)
{
	char *text;

	if (asprintf(&text, "type %d.%d", seg->attrib.s,
	    seg->attrib.type) == -1)
		err(EXIT_FAILURE, "asprintf");
	return text;
}

int
main(int argc, char **argv __unused)
{
	struct nvmm_vcpu_state state;
	gpaddr_t next = TABLES_GPA + PAGE_SIZE;
	char *code, *task;

	if (argc != 1)
		usage();
	area_add(TABLES_GPA, 16 * PAGE_SIZE - 1);
	area_add(CODE_GPA, 1);
	page_enter(&next, CODE_GVA, CODE_GPA);
	page_enter(&next, __BITS(47, 63), TABLES_GPA);
	state_init(&state);
	printf("netbsd: v%d, %#jx is at %#jx, the other end at %#jx\n",
	    NVMM_KERN_VERSION,
	    (uintmax_t)state.gprs[NVMM_X64_GPR_RIP] + 0x123,
	    (uintmax_t)page_lookup(CODE_GVA + 0x123),
	    (uintmax_t)page_lookup(__BITS(47, 63)));
	code = segment_text(&state.segs[NVMM_X64_SEG_CS]);
	task = segment_text(&state.segs[NVMM_X64_SEG_TR]);
	printf("netbsd: code %#x %s, task %s\n",
	    state.segs[NVMM_X64_SEG_CS].selector, code, task);
	free(code);
	free(task);
	areas_free();
	return EXIT_SUCCESS;
}
