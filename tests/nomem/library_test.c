/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libnvmm, on the kernel and its transport: what fails below it comes out of
 * its functions as errno, and what it had begun is undone.
 */
#include <sys/mman.h>
#include <errno.h>
#include <string.h>

#include <nvmm.h>

#include "engine/engine.h"
#include "internal.h"
#include "kernel/abi/abi.h"
#include "kernel/control.h"
#include "nomem.h"
#include "transport/transport.h"

#define PAGE		4096UL
#define NAREAS		20	/* the library's table grows twice */

static struct {
	struct sim *sim;
	struct nvmm_machine mach;
	struct nvmm_vcpu vcpu;
	uint8_t *memory;
	unsigned nareas;
} vmm;

/* What a call that failed says. */
static int
said(int result)
{
	return result == -1 ? errno : 0;
}

static bool
guest_next(void *arg, const struct sim_state *state,
    struct sim_intent *intent)
{
	(void)arg;
	memset(intent, 0, sizeof(*intent));
	intent->stop.kind = SIM_STOP_IO;
	intent->stop.length = 1;
	intent->stop.bytes[0] = 0xEE;
	intent->stop.npc = state->gprs[SIM_GPR_RIP] + 1;
	intent->stop.u.io.seg = SIM_SEG_DS;
	intent->stop.u.io.address_size = 2;
	intent->stop.u.io.operand_size = 1;
	return true;
}

static void
guest_delivered(void *arg, const struct sim_event *event)
{
	(void)arg;
	(void)event;
}

static const struct sim_feed feed = {
	.next = guest_next, .delivered = guest_delivered,
};

static void
io_callback(struct nvmm_io *io)
{
	(void)io;
}

static int
library_init(void)
{
	return said(nvmm_init());
}

static int
capability(void)
{
	struct nvmm_capability cap;

	return said(nvmm_capability(&cap));
}

static int
machine_create(void)
{
	return said(nvmm_machine_create(&vmm.mach));
}

static int
vcpu_create(void)
{
	return said(nvmm_vcpu_create(&vmm.mach, 0, &vmm.vcpu));
}

static int
configure(void)
{
	struct nvmm_assist_callbacks callbacks = { .io = io_callback };

	WITHOUT_FAULTS(ck_assert_int_eq(sim_feed_set(vmm.sim,
	    vmm.mach.machid, 0, &feed, NULL), 0));
	return said(nvmm_vcpu_configure(&vmm.mach, &vmm.vcpu,
	    NVMM_VCPU_CONF_CALLBACKS, &callbacks));
}

static int
hva_map(void)
{
	return said(nvmm_hva_map(&vmm.mach, (uintptr_t)vmm.memory,
	    NAREAS * PAGE));
}

/* The next area, with a hole before it; a failed one is tried again. */
static int
gpa_map(void)
{
	int error = 0;

	while (error == 0 && vmm.nareas < NAREAS) {
		error = said(nvmm_gpa_map(&vmm.mach, (uintptr_t)vmm.memory +
		    vmm.nareas * PAGE, vmm.nareas * 2 * PAGE, PAGE,
		    PROT_READ | PROT_WRITE));
		if (error == 0)
			vmm.nareas++;
	}
	return error;
}

/* One area and its look-up: what can fail has failed there. */
static int
gpa_map_one(void)
{
	int error = said(nvmm_gpa_map(&vmm.mach, (uintptr_t)vmm.memory,
	    1UL << 30, PAGE, PROT_READ));
	nvmm_prot_t prot;
	uintptr_t hva;

	WITHOUT_FAULTS(ck_assert_int_eq(nvmm_gpa_to_hva(&vmm.mach, 1UL << 30,
	    &hva, &prot), error == 0 ? 0 : -1));
	return error;
}

static int
gpa_unmap_one(void)
{
	int error = said(nvmm_gpa_unmap(&vmm.mach, (uintptr_t)vmm.memory,
	    1UL << 30, PAGE));
	nvmm_prot_t prot;
	uintptr_t hva;

	/* What could not be unmapped is still there. */
	WITHOUT_FAULTS(ck_assert_int_eq(nvmm_gpa_to_hva(&vmm.mach, 1UL << 30,
	    &hva, &prot), error == 0 ? -1 : 0));
	return error;
}

static int
run(void)
{
	return said(nvmm_vcpu_run(&vmm.mach, &vmm.vcpu));
}

static int
assist_io(void)
{
	return said(nvmm_assist_io(&vmm.mach, &vmm.vcpu));
}

static int
getstate(void)
{
	return said(nvmm_vcpu_getstate(&vmm.mach, &vmm.vcpu,
	    NVMM_X64_STATE_ALL));
}

static int
setstate(void)
{
	return said(nvmm_vcpu_setstate(&vmm.mach, &vmm.vcpu,
	    NVMM_X64_STATE_ALL));
}

static int
gva_to_gpa(void)
{
	nvmm_prot_t prot;
	gpaddr_t gpa;

	return said(nvmm_gva_to_gpa(&vmm.mach, &vmm.vcpu, 0, &gpa, &prot));
}

static int
hva_unmap(void)
{
	return said(nvmm_hva_unmap(&vmm.mach, (uintptr_t)vmm.memory,
	    NAREAS * PAGE));
}

static int
vcpu_destroy(void)
{
	return said(nvmm_vcpu_destroy(&vmm.mach, &vmm.vcpu));
}

static int
machine_destroy(void)
{
	return said(nvmm_machine_destroy(&vmm.mach));
}

static const struct step steps[] = {
	{ "nvmm_init", library_init },
	{ "nvmm_capability", capability },
	{ "nvmm_machine_create", machine_create },
	{ "nvmm_vcpu_create", vcpu_create },
	{ "nvmm_vcpu_configure", configure },
	{ "nvmm_hva_map", hva_map },
	{ "nvmm_gpa_map of one", gpa_map_one },
	{ "nvmm_gpa_unmap of one", gpa_unmap_one },
	{ "nvmm_vcpu_run", run },
	{ "nvmm_assist_io", assist_io },
	{ "nvmm_vcpu_getstate", getstate },
	{ "nvmm_vcpu_setstate", setstate },
	{ "nvmm_gva_to_gpa", gva_to_gpa },
	{ "nvmm_hva_unmap", hva_unmap },
	{ "nvmm_vcpu_destroy", vcpu_destroy },
	{ "nvmm_vcpu_create again", vcpu_create },
	{ "nvmm_machine_destroy", machine_destroy },
	{ NULL, NULL }
};

static void
begin(void)
{
	const struct sim_config config = {
		.abi = NVMM_ABI == 1 ? &sim_abi_v1 : NVMM_ABI == 2 ?
		    &sim_abi_v2 : &sim_abi_v3,
	};

	memset(&vmm, 0, sizeof(vmm));
	vmm.memory = mmap(NULL, NAREAS * PAGE, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(vmm.memory, MAP_FAILED);
	ck_assert_int_eq(sim_create(&config, &vmm.sim), 0);
	transport_attach(vmm.sim, NULL, NULL);
}

static struct sim *
kernel(void)
{
	return vmm.sim;
}

/* The library keeps its descriptor for ever: this kernel's ends here. */
static void
end(void)
{
	uint64_t bytes, objects;

	sim_usage(vmm.sim, &bytes, &objects);
	ck_assert_uint_eq(bytes, 0);
	ck_assert_uint_eq(objects, 0);
	transport_detach();
	libnvmm_device.fd = -1;
	sim_destroy(vmm.sim);
	munmap(vmm.memory, NAREAS * PAGE);
}

START_TEST(each_allocation_of_a_vmms_life_fails_in_turn)
{
	const struct life life = { steps, begin, kernel, end };

	life_with_faults(&life, _i == 1);
}
END_TEST

START_TEST(the_table_of_areas_grows_when_it_can)
{
	struct sim_stats stats;
	unsigned fault, failed = 0;

	for (fault = 0; fault < 3 * NAREAS; fault++) {
		begin();
		ck_assert_int_eq(library_init(), 0);
		ck_assert_int_eq(machine_create(), 0);
		ck_assert_int_eq(hva_map(), 0);
		faults_arm(fault, false);
		if (gpa_map() != 0) {
			failed++;
			faults_disarm();
			ck_assert_int_eq(gpa_map(), 0);
		}
		faults_disarm();
		ck_assert_uint_eq(vmm.nareas, NAREAS);
		sim_stats_read(vmm.sim, &stats);
		ck_assert_uint_ge(stats.ioctls[SIM_GPA_MAP], NAREAS);
		ck_assert_int_eq(machine_destroy(), 0);
		end();
	}
	/* The driver's pictures, and the library's table: at least these. */
	ck_assert_uint_gt(failed, NAREAS);
}
END_TEST

Suite *
library_nomem_suite(void)
{
	Suite *suite = suite_create("library");
	TCase *tcase = tcase_create("memory");

	tcase_add_loop_test(tcase,
	    each_allocation_of_a_vmms_life_fails_in_turn, 0, 2);
	tcase_add_test(tcase, the_table_of_areas_grows_when_it_can);
	suite_add_tcase(suite, tcase);
	return suite;
}
