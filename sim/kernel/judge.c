/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests to memcheck.  Where its header is missing nobody can run under
 * it either, and they are nothing.
 */
#include "kernel/judge.h"

#if defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#endif
#endif

#ifndef VALGRIND_CHECK_MEM_IS_DEFINED
#define VALGRIND_CHECK_MEM_IS_DEFINED(address, size)			\
	((void)(address), (void)(size))
#define VALGRIND_MAKE_MEM_DEFINED(address, size)			\
	((void)(address), (void)(size))
#define VALGRIND_MAKE_MEM_UNDEFINED(address, size)			\
	((void)(address), (void)(size))
#define RUNNING_ON_VALGRIND	0
#endif

#include "kernel/kernel.h"

#define FIELDS	5

struct field {
	uint8_t offset, size;	/* bytes; size 0: no more */
};

#define FIELD(type, member)						\
	{ offsetof(struct type, member),				\
	    sizeof(((struct type *)0)->member) }
#define VCPU	FIELD(sim_vcpu_arg, machid), FIELD(sim_vcpu_arg, cpuid)

/*
 * What goes in.  Flags of HVA_MAP and HVA_UNMAP are not judged: libnvmm has
 * always left them uninitialized.
 */
static const struct field fields[SIM_NIOCTL][FIELDS] = {
	[SIM_MACHINE_DESTROY] = { { 0, sizeof(uint32_t) } },
	[SIM_MACHINE_CONFIGURE] = {
		FIELD(sim_machine_configure_arg, machid),
		FIELD(sim_machine_configure_arg, op),
	},
	[SIM_VCPU_CREATE] = { VCPU },
	[SIM_VCPU_DESTROY] = { VCPU },
	[SIM_VCPU_CONFIGURE] = {
		VCPU, FIELD(sim_vcpu_configure_arg, op),
		FIELD(sim_vcpu_configure_arg, conf),
	},
	[SIM_VCPU_SETSTATE] = { VCPU },
	[SIM_VCPU_GETSTATE] = { VCPU },
	[SIM_VCPU_INJECT] = { VCPU },
	[SIM_VCPU_RUN] = { VCPU },
	[SIM_GPA_MAP] = {
		FIELD(sim_gpa_map_arg, machid), FIELD(sim_gpa_map_arg, hva),
		FIELD(sim_gpa_map_arg, gpa), FIELD(sim_gpa_map_arg, size),
		FIELD(sim_gpa_map_arg, prot),
	},
	[SIM_GPA_UNMAP] = {
		FIELD(sim_gpa_unmap_arg, machid),
		FIELD(sim_gpa_unmap_arg, gpa),
		FIELD(sim_gpa_unmap_arg, size),
	},
	[SIM_HVA_MAP] = {
		FIELD(sim_hva_arg, machid), FIELD(sim_hva_arg, hva),
		FIELD(sim_hva_arg, size),
	},
	[SIM_HVA_UNMAP] = {
		FIELD(sim_hva_arg, machid), FIELD(sim_hva_arg, hva),
		FIELD(sim_hva_arg, size),
	},
	[SIM_CTL] = {
		FIELD(sim_ctl_arg, op), FIELD(sim_ctl_arg, data),
		FIELD(sim_ctl_arg, size),
	},
};

bool
sim_judging(void)
{
	return RUNNING_ON_VALGRIND;
}

void
sim_judge_read(uint64_t caller, size_t size)
{
	(void)VALGRIND_CHECK_MEM_IS_DEFINED((void *)(uintptr_t)caller, size);
}

void
sim_judge_argument(enum sim_ioctl_index index, uint64_t caller)
{
	const struct field *field = fields[index];
	unsigned i;

	for (i = 0; i < FIELDS && field[i].size != 0; i++)
		sim_judge_read(caller + field[i].offset, field[i].size);
}

/* The caller's address of a place in the page, or NULL. */
static uint8_t *
place(const struct sim_vcpu *vcpu, size_t offset)
{
	uint8_t *page = atomic_load_explicit(
	    &vcpu->machine->views[vcpu->cpuid], memory_order_relaxed);

	return page != NULL ? page + offset : NULL;
}

void
sim_judge_page_read(const struct sim_vcpu *vcpu, size_t offset, size_t size)
{
	const uint8_t *address = place(vcpu, offset);

	if (address != NULL)
		(void)VALGRIND_CHECK_MEM_IS_DEFINED(address, size);
}

void
sim_judge_page_written(const struct sim_vcpu *vcpu, size_t offset,
    size_t size)
{
	const uint8_t *address = place(vcpu, offset);

	if (address != NULL)
		(void)VALGRIND_MAKE_MEM_DEFINED(address, size);
}

void
sim_judge_page_void(const struct sim_vcpu *vcpu, size_t offset, size_t size)
{
	const uint8_t *address = place(vcpu, offset);

	if (address != NULL)
		(void)VALGRIND_MAKE_MEM_UNDEFINED(address, size);
}

void
sim_judge_memory_written(uint64_t hva, size_t size)
{
	(void)VALGRIND_MAKE_MEM_DEFINED((void *)(uintptr_t)hva, size);
}
