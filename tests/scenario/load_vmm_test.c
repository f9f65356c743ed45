/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replaying a load: a good one on both back ends, and what is found when
 * values change on their way or the driver goes away.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <nvmm.h>

#include "backend/backend.h"
#include "fixture.h"
#include "kernel/control.h"
#include "observe/call.h"
#include "scenario/encode.h"
#include "scenario/load.h"
#include "transport/library.h"
#include "transport/transport.h"

static const struct load_access record[] = {
	{ false, true, 1, 0x3f8, 0x41 },
	{ false, false, 2, 0x1f0, 0xbeef },
	{ true, true, 4, 0xfee00000, 0x12345678 },
	{ true, false, 4, 0xfee00020, 0x00bada55 },
	{ false, false, 4, 0xcfc, 0x12378086 },
};
#define NRECORD	NELEM(record)
#define ROUNDS	40	/* long enough for ticks to meet interrupts off */
#define NLOAD	(NRECORD * ROUNDS)

static struct {
	struct load_access accesses[NLOAD];
	struct load load;
	struct load_plan plan;
	struct load_result result;
	struct sim *sim;
	int fd;				/* the library's */
	/* What happens in between: */
	unsigned calls, close_at;	/* the driver goes away */
	enum sim_call_index change_after;
	unsigned change;		/* this access's record changes */
	bool changed;
} fx;

/* Not in an assist: the machine goes too, and its code is needed there. */
static void
enter(void *arg, void **local, const struct sim_call_event *event)
{
	(void)arg;
	(void)local;
	if (event->depth > 0 || event->call == SIM_CALL_ASSIST_IO ||
	    event->call == SIM_CALL_ASSIST_MEM)
		return;
	if (++fx.calls == fx.close_at)
		(void)close(fx.fd);
}

static void
leave(void *arg, void **local, const struct sim_call_event *event)
{
	(void)arg;
	(void)local;
	if (fx.changed || event->call != fx.change_after ||
	    event->depth != 0)
		return;
	if (fx.change-- > 0)
		return;
	fx.accesses[fx.result.accesses -
	    (fx.change_after == SIM_CALL_VCPU_RUN ? 0 : 1)].value ^= 0x5;
	fx.changed = true;
}

static const struct sim_call_observer observer = {
	.enter = enter,
	.leave = leave,
};

static void
prepare(void)
{
	size_t i;

	memset(&fx, 0, sizeof(fx));
	for (i = 0; i < NLOAD; i++)
		fx.accesses[i] = record[i % NRECORD];
	fx.load.accesses = fx.accesses;
	fx.load.n = NLOAD;
	fx.plan.load = &fx.load;
	fx.plan.timer_every = 7;
	fx.plan.timer_vector = 0x20;
	fx.change_after = SIM_NCALL;
}

/* On a fresh kernel; the result of load_replay_vmm(). */
static int
replay(const struct sim_backend *backend)
{
	/* A machine whose driver is gone cannot be freed: kept in sight. */
	static struct nvmm_machine machines[128];
	static unsigned nmachines;
	const struct sim_config config = { .backend = backend };
	struct nvmm_machine *mach = &machines[nmachines++ % 128];
	struct nvmm_vcpu vcpu;
	char why[512] = "";
	void *code;
	int result;

	ck_assert_msg(library_load(library_path(), why, sizeof(why)) == 0,
	    "%s", why);
	ck_assert_int_eq(sim_create(&config, &fx.sim), 0);
	transport_attach(fx.sim, NULL, NULL);
	/* The library's descriptor will be the first that is free. */
	fx.fd = open("/dev/null", O_RDONLY);
	ck_assert_int_ge(fx.fd, 0);
	ck_assert_int_eq(close(fx.fd), 0);
	ck_assert_int_eq(nvmm_init(), 0);
	ck_assert_int_eq(nvmm_machine_create(mach), 0);
	ck_assert_int_eq(nvmm_vcpu_create(mach, 0, &vcpu), 0);
	ck_assert_int_eq(sim_harness_page(fx.sim, mach->machid, HARNESS_GPA,
	    &code), 0);
	transport_attach(fx.sim, &observer, NULL);
	result = load_replay_vmm(fx.sim, mach, &vcpu, code, &fx.plan,
	    &fx.result);
	transport_attach(fx.sim, NULL, NULL);
	(void)nvmm_vcpu_destroy(mach, &vcpu);
	(void)nvmm_machine_destroy(mach);
	transport_detach();
	sim_destroy(fx.sim);
	return result;
}

START_TEST(a_load_replays_and_both_sides_agree)
{
	prepare();
	ck_assert_msg(replay(sim_backends[_i]) == 0, "%s", fx.result.why);
	ck_assert_uint_eq(fx.result.accesses, NLOAD);
	ck_assert_uint_eq(fx.result.checked, 3 * ROUNDS);
	ck_assert_uint_eq(fx.result.interrupts, NLOAD / 7);
}
END_TEST

/* Again and again, without a seam: ticks and checks go on. */
START_TEST(a_load_is_played_as_often_as_asked)
{
	prepare();
	fx.plan.repeat = 3;
	ck_assert_msg(replay(sim_backends[_i]) == 0, "%s", fx.result.why);
	ck_assert_uint_eq(fx.result.accesses, 3 * NLOAD);
	ck_assert_uint_eq(fx.result.checked, 3 * 3 * ROUNDS);
	ck_assert_uint_eq(fx.result.interrupts, 3 * NLOAD / 7);
}
END_TEST

START_TEST(without_a_timer_no_interrupt_comes)
{
	prepare();
	fx.plan.timer_every = 0;
	ck_assert_msg(replay(sim_backends[_i]) == 0, "%s", fx.result.why);
	ck_assert_uint_eq(fx.result.accesses, NLOAD);
	ck_assert_uint_eq(fx.result.interrupts, 0);
}
END_TEST

/* The record changes between the guest and the device, or on the way back. */
static const struct {
	const char *name;
	enum sim_call_index after;
	unsigned call;		/* of these */
	const char *why;
} changes[] = {
	{ "a port is written", SIM_CALL_VCPU_RUN, 0,
	    "access 0: the device saw 0x41, the record says port write 0x3f8, "
	    "size 1, value 0x44" },
	{ "memory is written", SIM_CALL_VCPU_RUN, 2,
	    "access 2: the device saw 0x12345678, the record says mmio write "
	    "0xfee00000, size 4, value 0x1234567d" },
	{ "a port is read", SIM_CALL_ASSIST_IO, 1,
	    "access 2: the guest saw 0xbeef, the record says port read 0x1f0, "
	    "size 2, value 0xbeea" },
	{ "memory is read", SIM_CALL_ASSIST_MEM, 1,
	    "access 4: the guest saw 0xbada55, the record says mmio read "
	    "0xfee00020, size 4, value 0xbada50" },
};

START_TEST(a_value_that_changes_is_found)
{
	prepare();
	fx.plan.timer_every = 0;
	fx.change_after = changes[_i].after;
	fx.change = changes[_i].call;
	ck_assert_int_eq(replay(&sim_backend_svm), -1);
	ck_assert_msg(fx.changed, "%s: not changed", changes[_i].name);
	expect_text(changes[_i].name, fx.result.why, changes[_i].why);
}
END_TEST

/* The guest does not make it, so the next one comes in its place. */
START_TEST(an_access_that_no_guest_can_make_is_missed)
{
	prepare();
	fx.accesses[2].size = 8;
	ck_assert_int_eq(replay(&sim_backend_svm), -1);
	expect_text("8 bytes", fx.result.why,
	    "access 2: the device saw 0xfee00020, the record says mmio write "
	    "0xfee00000, size 8");
}
END_TEST

/* Each call in turn is the first that finds no driver. */
START_TEST(a_driver_that_goes_away_ends_it)
{
	unsigned failed = 0;

	for (unsigned at = 1; at < 60; at++) {
		prepare();
		fx.load.n = 15;
		fx.close_at = at;
		if (replay(sim_backends[_i]) == 0)
			continue;	/* that call needed no driver */
		failed++;
		ck_assert_str_ne(fx.result.why, "");
		ck_assert_uint_lt(fx.result.accesses, 16);
	}
	ck_assert_uint_gt(failed, 20);
}
END_TEST

Suite *
load_vmm_suite(void)
{
	Suite *suite = suite_create("load replay");
	TCase *tcase = fixture_tcase("load replay");

	tcase_add_loop_test(tcase, a_load_replays_and_both_sides_agree, 0, 2);
	tcase_add_loop_test(tcase, a_load_is_played_as_often_as_asked, 0, 2);
	tcase_add_loop_test(tcase, without_a_timer_no_interrupt_comes, 0, 2);
	tcase_add_loop_test(tcase, a_value_that_changes_is_found, 0,
	    NELEM(changes));
	tcase_add_test(tcase, an_access_that_no_guest_can_make_is_missed);
	tcase_add_loop_test(tcase, a_driver_that_goes_away_ends_it, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}
