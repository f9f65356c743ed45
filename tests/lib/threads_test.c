/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads in one machine: VCPUs look memory up while another thread maps and
 * unmaps, and are asked to stop.  ThreadSanitizer judges what these do.
 */
#include <sys/mman.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>

#include "fixture.h"
#include "internal.h"

#define ROUNDS		300
#define LOOKERS		2
#define CHANGING	40	/* areas that come and go */
#define STAYING		0x200000000	/* gpa of one that stays */
#define BASE		0x300000000	/* gpa of the first that changes */
#define HVA(gpa)	((uintptr_t)(gpa) + 0x10000000)

static bool done;
static unsigned wrong;		/* answers that no order of events gives */
static unsigned seen, unseen;	/* look-ups of changing areas */

static gpaddr_t
changing(unsigned i)
{
	return BASE + i * UINT64_C(0x3000);
}

static void
count(unsigned *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/* 0 or the errno; a wrong address is counted. */
static int
look(gpaddr_t gpa)
{
	uintptr_t hva;
	nvmm_prot_t prot;

	if (nvmm_gpa_to_hva(&fx.mach, gpa, &hva, &prot) == -1)
		return errno;
	if (hva != HVA(gpa) || prot != NVMM_PROT_READ)
		count(&wrong);
	return 0;
}

static void *
looker(void *arg)
{
	unsigned i;

	(void)arg;
	while (!__atomic_load_n(&done, __ATOMIC_RELAXED)) {
		if (look(STAYING + 0x123) != 0)
			count(&wrong);
		for (i = 0; i < CHANGING; i++) {
			switch (look(changing(i) + 0x456)) {
			case 0:
				count(&seen);
				break;
			case ENOENT:
				count(&unseen);
				break;
			default:
				count(&wrong);
			}
			/* Between two areas there is never one. */
			if (look(changing(i) + 0x1000) != ENOENT)
				count(&wrong);
		}
		sched_yield();
	}
	return NULL;
}

/* Up and down, so that the record grows and its elements move. */
static void
map_and_unmap(void)
{
	unsigned i;

	for (i = 0; i < CHANGING; i++)
		ck_assert_int_eq(nvmm_gpa_map(&fx.mach, HVA(changing(i)),
		    changing(i), 0x1000, PROT_READ), 0);
	sched_yield();
	for (i = 0; i < CHANGING; i++)
		ck_assert_int_eq(nvmm_gpa_unmap(&fx.mach, HVA(changing(i)),
		    changing(i), 0x1000), 0);
	sched_yield();
}

START_TEST(look_ups_are_right_while_another_thread_maps)
{
	pthread_t threads[LOOKERS];
	unsigned i;

	ck_assert_int_eq(nvmm_gpa_map(&fx.mach, HVA(STAYING), STAYING, 0x1000,
	    PROT_READ), 0);
	for (i = 0; i < LOOKERS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, looker,
		    NULL), 0);
	for (i = 0; i < fixture_count(ROUNDS) || (i < 100 * ROUNDS &&
	    (__atomic_load_n(&seen, __ATOMIC_RELAXED) == 0 ||
	    __atomic_load_n(&unseen, __ATOMIC_RELAXED) == 0)); i++)
		map_and_unmap();
	__atomic_store_n(&done, true, __ATOMIC_RELAXED);
	for (i = 0; i < LOOKERS; i++)
		(void)pthread_join(threads[i], NULL);
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_gt(seen, 0);
	ck_assert_uint_gt(unseen, 0);
}
END_TEST

static void *
mapper(void *arg)
{
	unsigned i;

	(void)arg;
	for (i = 0; i < fixture_count(ROUNDS / 3); i++)
		map_and_unmap();
	__atomic_store_n(&done, true, __ATOMIC_RELAXED);
	return NULL;
}

START_TEST(assists_are_right_while_another_thread_maps)
{
	struct nvmm_x86_exit_io *io = &fx.vcpu.exit->u.io;
	pthread_t thread;

	fixture_long_mode();
	fx.vcpu.exit->reason = NVMM_VCPU_EXIT_IO;
	io->in = io->str = true;
	io->seg = NVMM_X64_SEG_ES;
	io->address_size = 8;
	io->operand_size = 4;
	ck_assert_int_eq(pthread_create(&thread, NULL, mapper, NULL), 0);
	do {
		fx.nio = 0;
		fx.gprs[NVMM_X64_GPR_RDI] = 0x20FFE;
		ck_assert_int_eq(nvmm_assist_io(&fx.mach, &fx.vcpu), 0);
		ck_assert_uint_eq(peek(0x20FFE, 4), fx.io[0].value);
		sched_yield();
	} while (!__atomic_load_n(&done, __ATOMIC_RELAXED));
	(void)pthread_join(thread, NULL);
}
END_TEST

/* The library's lock must not be held while the VMM's code runs. */
static void
mapping_callback(struct nvmm_io *io)
{
	(void)io;
	map_and_unmap();
}

START_TEST(a_callback_may_map_memory)
{
	fx.vcpu.exit->reason = NVMM_VCPU_EXIT_IO;
	fx.vcpu.exit->u.io.operand_size = 1;
	fx.vcpu.cbs.io = mapping_callback;
	ck_assert_int_eq(nvmm_assist_io(&fx.mach, &fx.vcpu), 0);
	ck_assert_uint_eq(fx.nioctls, 2 * CHANGING);
}
END_TEST

#if NVMM_ABI == 2
/* As a driver does: looks at the word until it is set. */
static int
run_until_stopped(void)
{
	unsigned patience = 1000000;

	while (__atomic_load_n(&fx.comm->stop, __ATOMIC_RELAXED) == 0) {
		if (patience-- == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		sched_yield();
	}
	__atomic_store_n(&fx.comm->stop, 0, __ATOMIC_RELAXED);
	return 0;
}

static void *
stopper(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&done, __ATOMIC_RELAXED)) {
		if (nvmm_vcpu_stop(&fx.vcpu) == -1)
			count(&wrong);
		sched_yield();
	}
	return NULL;
}

START_TEST(another_thread_stops_a_running_vcpu)
{
	pthread_t thread;
	unsigned i;

	fx.vcpu.stop = &fx.comm->stop;
	fx.run = run_until_stopped;
	fx.exit_reason = NVMM_VCPU_EXIT_STOPPED;
	ck_assert_int_eq(pthread_create(&thread, NULL, stopper, NULL), 0);
	for (i = 0; i < fixture_count(ROUNDS); i++) {
		ck_assert_int_eq(nvmm_vcpu_run(&fx.mach, &fx.vcpu), 0);
		ck_assert_uint_eq(fx.vcpu.exit->reason,
		    NVMM_VCPU_EXIT_STOPPED);
	}
	__atomic_store_n(&done, true, __ATOMIC_RELAXED);
	(void)pthread_join(thread, NULL);
	ck_assert_uint_eq(wrong, 0);
}
END_TEST
#endif

static void
begin(void)
{
	done = false;
	wrong = seen = unseen = 0;
}

Suite *
threads_suite(void)
{
	Suite *suite = suite_create("threads");
	TCase *tc = fixture_tcase("threads");

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, begin, NULL);
	tcase_add_test(tc, look_ups_are_right_while_another_thread_maps);
	tcase_add_test(tc, assists_are_right_while_another_thread_maps);
	tcase_add_test(tc, a_callback_may_map_memory);
#if NVMM_ABI == 2
	tcase_add_test(tc, another_thread_stops_a_running_vcpu);
#endif
	return suite;
}
