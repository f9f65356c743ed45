/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest memory in tests.
 */
#include "memory.h"

#include <sys/mman.h>

uint64_t
memory_new(unsigned pages)
{
	void *addr = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(addr, MAP_FAILED);
	return (uintptr_t)addr;
}

int
hva_map(uint64_t hva, uint64_t size)
{
	struct sim_hva_arg arg = {
		.machid = fx.machid, .hva = hva, .size = size,
	};

	return ioc(SIM_HVA_MAP, &arg);
}

int
hva_unmap(uint64_t hva, uint64_t size)
{
	struct sim_hva_arg arg = {
		.machid = fx.machid, .hva = hva, .size = size,
	};

	return ioc(SIM_HVA_UNMAP, &arg);
}

int
gpa_map(uint64_t hva, uint64_t gpa, uint64_t size, int prot)
{
	struct sim_gpa_map_arg arg = {
		.machid = fx.machid, .hva = hva, .gpa = gpa, .size = size,
		.prot = prot,
	};

	return ioc(SIM_GPA_MAP, &arg);
}

int
gpa_unmap(uint64_t gpa, uint64_t size)
{
	struct sim_gpa_unmap_arg arg = {
		.machid = fx.machid, .gpa = gpa, .size = size,
	};

	return ioc(SIM_GPA_UNMAP, &arg);
}

bool
guest_can(enum sim_access access, uint64_t gpa)
{
	const uint64_t *words = fx.run.exit.u.words;

	will_access(access, gpa, 1);
	will(SIM_STOP_HLT, 1);
	ck_assert_int_eq(run(), 0);
	if (fx.run.exit.reason == sim_exits[SIM_EXIT_HALTED].reason)
		return true;
	expect_hex("reason", fx.run.exit.reason,
	    sim_exits[SIM_EXIT_MEMORY].reason);
	expect_hex("gpa", words[1], gpa);
	/* Past the access, as if the VMM had carried it out. */
	reg_set("rip", truth_of("rip") + 2);
	run_expect(SIM_EXIT_HALTED);
	return false;
}

uint8_t
guest_read(uint64_t gpa)
{
	ck_assert(guest_can(SIM_ACCESS_READ, gpa));
	return (uint8_t)truth_of("rax");
}

void
guest_write(uint64_t gpa, uint8_t value)
{
	reg_set("rax", value);
	ck_assert(guest_can(SIM_ACCESS_WRITE, gpa));
}
