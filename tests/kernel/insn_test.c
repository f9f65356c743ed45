/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions that a back end decides about as a whole.
 */
#include <string.h>

#include "fixture.h"

/* NVMM-FACTS section 6, by name. */
static const char *const ud_svm[] = {
	"rdpmc", "rsm", "invlpga", "vmrun", "vmmcall", "vmload", "vmsave",
	"stgi", "clgi", "skinit", "rdtscp", "rdpru", "invlpgb", "invpcid",
	"mcommit", "tlbsync", NULL
};
static const char *const ud_vmx[] = {
	"rdpmc", "rdtscp", "vmcall", "vmclear", "vmlaunch", "vmptrld",
	"vmptrst", "vmread", "vmresume", "vmwrite", "vmxoff", "vmxon",
	"vmfunc", "invept", "invvpid", NULL
};
static const char *const passes[] = {
	"rdtsc", "pause", "invlpg", "wbinvd", NULL
};

static bool
listed(const char *const *names, enum sim_insn insn)
{
	for (; *names != NULL; names++) {
		if (strcmp(*names, sim_insns[insn].name) == 0)
			return true;
	}
	return false;
}

/* How the run of one instruction, and a HLT after it, went. */
static void
settle(enum sim_insn insn)
{
	vcpu_fresh();
	memset(fx.page + SIM_COMM_EVENT, 0, sizeof(struct sim_event_record));
	will_insn(insn);
	will(SIM_STOP_HLT, 1);
	ck_assert_int_eq(run(), 0);
}

START_TEST(privileged_virtualization_is_an_invalid_opcode_by_the_kernel)
{
	const char *const *names = _i == 0 ? ud_svm : ud_vmx;
	struct sim_stats before, after;
	unsigned insn;
	bool kernels;

	start_loop(_i);
	for (insn = 0; insn < SIM_NINSN; insn++) {
		sim_stats_read(fx.sim, &before);
		settle((enum sim_insn)insn);
		sim_stats_read(fx.sim, &after);
		kernels = fx.ndelivered == 1 && fx.delivered[0].vector == 6 &&
		    after.handled == before.handled + 1;
		ck_assert_msg(kernels == listed(names, (enum sim_insn)insn),
		    "%s", sim_insns[insn].name);
		if (!kernels)
			continue;
		/* Built in the page; RIP stays on the instruction. */
		ck_assert_uint_eq(fx.page[SIM_COMM_EVENT + 4], 6);
		expect_hex("rip", truth_of("rip"), 0xFFF1);
	}
}
END_TEST

START_TEST(some_instructions_never_exit)
{
	struct sim_stats stats;
	unsigned insn;

	start_loop(_i);
	for (insn = 0; insn < SIM_NINSN; insn++) {
		if (!listed(passes, (enum sim_insn)insn))
			continue;
		settle((enum sim_insn)insn);
		expect_hex(sim_insns[insn].name, truth_of("rip"),
		    0xFFF1 + sim_insns[insn].length);
		ck_assert_uint_eq(fx.ndelivered, 0);
	}
	sim_stats_read(fx.sim, &stats);
	ck_assert_uint_eq(stats.handled, 0);
}
END_TEST

START_TEST(rdtsc_reads_the_virtual_clock)
{
	start_loop(_i);
	reg_set("tsc", 0x500000000);
	will_insn(SIM_INSN_RDTSC);
	will(SIM_STOP_HLT, 1);
	run_expect(SIM_EXIT_HALTED);
	expect_hex("rax", truth_of("rax"), truth_of("tsc") & 0xffffffff);
	expect_hex("rdx", truth_of("rdx"), 5);
}
END_TEST

static const struct {
	enum sim_insn insn;
	int backend;
	enum sim_exit_index exit;
	uint64_t hwcode;
} exits[] = {
	{ SIM_INSN_MONITOR, 0, SIM_EXIT_MONITOR, 0 },
	{ SIM_INSN_MONITOR, 1, SIM_EXIT_MONITOR, 0 },
	{ SIM_INSN_MWAIT, 0, SIM_EXIT_MWAIT, 0 },
	{ SIM_INSN_MWAIT, 1, SIM_EXIT_MWAIT, 0 },
	{ SIM_INSN_INVD, 0, SIM_EXIT_INVALID, 0x76 },
	{ SIM_INSN_INVD, 1, SIM_EXIT_INVALID, 13 },
	{ SIM_INSN_GETSEC, 1, SIM_EXIT_INVALID, 11 },
};

START_TEST(a_few_are_for_the_vmm)
{
	uint64_t npc = 0xFFF0 + sim_insns[exits[_i].insn].length;

	start_loop(exits[_i].backend);
	will_insn(exits[_i].insn);
	run_expect(exits[_i].exit);
	expect_hex("rip", truth_of("rip"), 0xFFF0);
	flags_expect("nothing is cached", 0, 0, 0);
	if (exits[_i].exit == SIM_EXIT_INVALID)
		expect_hex("hwcode", fx.run.exit.u.inv.hwcode,
		    exits[_i].hwcode);
	else
		expect_hex("npc", fx.run.exit.u.insn.npc, npc);
}
END_TEST

static const struct {
	const char *name;
	enum sim_stop_kind kind;
	int backend;
	uint64_t hwcode;	/* 0: no exit */
} signals[] = {
	{ "INIT", SIM_STOP_INIT, 0, 0x63 },
	{ "INIT", SIM_STOP_INIT, 1, 0 },
	{ "a task switch", SIM_STOP_TASK_SWITCH, 0, 0 },
	{ "a task switch", SIM_STOP_TASK_SWITCH, 1, 9 },
};

START_TEST(init_and_task_switches_are_invalid_where_they_exit)
{
	start_loop(signals[_i].backend);
	will(signals[_i].kind, 2);
	will(SIM_STOP_HLT, 1);
	run_expect(signals[_i].hwcode != 0 ? SIM_EXIT_INVALID :
	    SIM_EXIT_HALTED);
	if (signals[_i].hwcode != 0)
		expect_hex(signals[_i].name, fx.run.exit.u.inv.hwcode,
		    signals[_i].hwcode);
}
END_TEST

static const struct {
	const char *name;
	uint64_t rcx, rax;
	bool osxsave, user;
	unsigned vector;	/* 0: it is done */
} xsetbvs[] = {
	{ "x87 and SSE", 0, 3, true, false, 0 },
	{ "x87", 0, 1, true, false, 0 },
	{ "another register", 1, 1, true, false, 13 },
	{ "another register, high", 1ULL << 32, 1, true, false, 13 },
	{ "no x87", 0, 2, true, false, 13 },
	{ "nothing", 0, 0, true, false, 13 },
	{ "AVX", 0, 7, true, false, 13 },
	{ "above ring 0", 0, 3, true, true, 13 },
	{ "without OSXSAVE", 0, 3, false, false, 6 },
};

START_TEST(xsetbv_is_checked_by_the_kernel)
{
	int row = _i / NBACKENDS;

	start_loop(_i % NBACKENDS);
	reg_set("cr4", xsetbvs[row].osxsave ? SIM_CR4_OSXSAVE : 0);
	reg_set("rcx", xsetbvs[row].rcx);
	reg_set("rax", xsetbvs[row].rax);
	reg_set("rdx", 0);
	if (xsetbvs[row].user) {
		reg_set("cr0", SIM_CR0_PE);
		reg_set("ss.attrib", 0x93 | SIM_ATTRIB_DPL);
		reg_set("rflags", SIM_RFLAGS_IOPL | 2);
	}
	will_insn(SIM_INSN_XSETBV);
	will_io(true, 0x80, 1);
	run_expect(SIM_EXIT_IO);
	ck_assert_msg(fx.ndelivered == (xsetbvs[row].vector != 0), "%s",
	    xsetbvs[row].name);
	ck_assert_uint_eq(fx.delivered[0].vector, xsetbvs[row].vector);
	expect_hex(xsetbvs[row].name, truth_of("xcr0"),
	    xsetbvs[row].vector == 0 ? xsetbvs[row].rax : 1);
}
END_TEST

static const struct {
	const char *name;
	enum sim_stop_kind kind;
	enum sim_insn insn;
	unsigned vector;
} in_user_mode[] = {
	{ "hlt", SIM_STOP_HLT, SIM_INSN_INVD, 13 },
	{ "rdmsr", SIM_STOP_RDMSR, SIM_INSN_INVD, 13 },
	{ "wrmsr", SIM_STOP_WRMSR, SIM_INSN_INVD, 13 },
	{ "mov cr", SIM_STOP_CR_WRITE, SIM_INSN_INVD, 13 },
	{ "invd", SIM_STOP_INSN, SIM_INSN_INVD, 13 },
	{ "monitor", SIM_STOP_INSN, SIM_INSN_MONITOR, 6 },
	{ "mwait", SIM_STOP_INSN, SIM_INSN_MWAIT, 6 },
};

START_TEST(above_ring_0_privileged_instructions_fault_first)
{
	int row = _i / NBACKENDS;
	struct sim_stats stats;

	start_loop(_i % NBACKENDS);
	reg_set("cr0", SIM_CR0_PE);
	reg_set("ss.attrib", 0x93 | SIM_ATTRIB_DPL);
	reg_set("rflags", SIM_RFLAGS_IOPL | 2);
	will(in_user_mode[row].kind, 2)->stop.u.insn =
	    in_user_mode[row].insn;
	will_io(true, 0x80, 1);
	run_expect(SIM_EXIT_IO);
	ck_assert_msg(fx.ndelivered == 1, "%s", in_user_mode[row].name);
	ck_assert_uint_eq(fx.delivered[0].vector, in_user_mode[row].vector);
	sim_stats_read(fx.sim, &stats);
	ck_assert_uint_eq(stats.handled, 0);
}
END_TEST

START_TEST(ports_are_refused_above_iopl)
{
	start_loop(_i);
	reg_set("cr0", SIM_CR0_PE);
	reg_set("ss.attrib", 0x93 | SIM_ATTRIB_DPL);
	reg_set("rflags", 2ULL << SIM_RFLAGS_IOPL_SHIFT | 2);
	will_io(true, 0x80, 1);
	will_access(SIM_ACCESS_READ, 0x1000, 1);
	run_expect(SIM_EXIT_MEMORY);
	ck_assert_uint_eq(fx.ndelivered, 1);
	ck_assert_uint_eq(fx.delivered[0].vector, 13);
}
END_TEST

Suite *
insn_suite(void)
{
	Suite *suite = suite_create("insn");
	TCase *tcase = fixture_tcase("instructions");

	tcase_add_loop_test(tcase,
	    privileged_virtualization_is_an_invalid_opcode_by_the_kernel,
	    0, NBACKENDS);
	tcase_add_loop_test(tcase, some_instructions_never_exit,
	    0, NBACKENDS);
	tcase_add_loop_test(tcase, rdtsc_reads_the_virtual_clock,
	    0, NBACKENDS);
	tcase_add_loop_test(tcase, a_few_are_for_the_vmm, 0, NELEM(exits));
	tcase_add_loop_test(tcase,
	    init_and_task_switches_are_invalid_where_they_exit,
	    0, NELEM(signals));
	tcase_add_loop_test(tcase, xsetbv_is_checked_by_the_kernel,
	    0, NELEM(xsetbvs) * NBACKENDS);
	tcase_add_loop_test(tcase,
	    above_ring_0_privileged_instructions_fault_first,
	    0, NELEM(in_user_mode) * NBACKENDS);
	tcase_add_loop_test(tcase, ports_are_refused_above_iopl,
	    0, NBACKENDS);
	suite_add_tcase(suite, tcase);
	return suite;
}
