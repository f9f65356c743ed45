/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver, called directly, in the generation that this is built for.
 */
#include <sys/mman.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "engine/engine.h"
#include "kernel/abi/abi.h"
#include "kernel/control.h"
#include "kernel/driver.h"
#include "kernel/errors.h"
#include "nomem.h"

#define PAGE		4096UL
#define HVA_PAGES	4

static struct {
	const struct sim_abi *abi;
	struct sim *sim;
	struct sim_file *file;
	uint32_t machid;
	void *comm;
	uint8_t *memory;
} vmm;

static int
ioc(enum sim_ioctl_index index, void *arg)
{
	int error = sim_ioctl(vmm.file, vmm.abi->command[index], arg);

	WITHOUT_FAULTS(ck_assert_msg(error == 0 ||
	    sim_error_documented(index, error), "%s: %d is not documented",
	    sim_ioctl_names[index].name, error));
	return error;
}

static int
ioc_vcpu(enum sim_ioctl_index index)
{
	struct sim_vcpu_arg arg = { .machid = vmm.machid };

	return ioc(index, &arg);
}

static int
kernel_create(void)
{
	const struct sim_config config = { .abi = vmm.abi };

	return sim_create(&config, &vmm.sim);
}

static int
device_open(void)
{
	return sim_open(vmm.sim, O_RDWR | O_CLOEXEC, &vmm.file);
}

static int
machine_create(void)
{
	return ioc(SIM_MACHINE_CREATE, &vmm.machid);
}

static int
vcpu_create(void)
{
	struct sim_vcpu_create_arg arg = { .machid = vmm.machid };
	int error = ioc(SIM_VCPU_CREATE, &arg);

	if (error == 0 && vmm.abi->comm_by_create)
		vmm.comm = (void *)(uintptr_t)arg.comm;
	return error;
}

static int
comm_map(void)
{
	if (vmm.abi->comm_by_create)
		return 0;
	return sim_mmap(vmm.file, NULL, PAGE, PROT_READ | PROT_WRITE,
	    MAP_SHARED, (int64_t)vmm.machid << 20, &vmm.comm);
}

static int
hva_map(void)
{
	struct sim_hva_arg arg = {
		.machid = vmm.machid, .hva = (uintptr_t)vmm.memory,
		.size = HVA_PAGES * PAGE,
	};

	return ioc(SIM_HVA_MAP, &arg);
}

static int
gpa_map(void)
{
	struct sim_gpa_map_arg arg = {
		.machid = vmm.machid, .hva = (uintptr_t)vmm.memory,
		.size = HVA_PAGES * PAGE, .prot = PROT_READ | PROT_WRITE,
	};

	return ioc(SIM_GPA_MAP, &arg);
}

/* The page in the middle: what was one mapping becomes two. */
static int
gpa_unmap(void)
{
	struct sim_gpa_unmap_arg arg = {
		.machid = vmm.machid, .gpa = PAGE, .size = PAGE,
	};

	return ioc(SIM_GPA_UNMAP, &arg);
}

static int
harness_page(void)
{
	void *page;

	return sim_harness_page(vmm.sim, vmm.machid, 1UL << 30, &page);
}

static int
configure(void)
{
	struct sim_conf_cpuid conf = { .action = SIM_CONF_CPUID_EXIT };
	struct sim_vcpu_configure_arg arg = {
		.machid = vmm.machid, .op = SIM_VCPU_CONF_CPUID,
		.conf = (uintptr_t)&conf,
	};

	return ioc(SIM_VCPU_CONFIGURE, &arg);
}

static int
run(void)
{
	struct sim_run_arg arg = { .machid = vmm.machid };

	return ioc(SIM_VCPU_RUN, &arg);
}

static int
getstate(void)
{
	((uint64_t *)vmm.comm)[0] = SIM_STATE_ALL;
	return ioc_vcpu(SIM_VCPU_GETSTATE);
}

static int
setstate(void)
{
	((uint64_t *)vmm.comm)[0] = SIM_STATE_ALL;
	return ioc_vcpu(SIM_VCPU_SETSTATE);
}

static int
inject(void)
{
	((uint8_t *)vmm.comm)[SIM_COMM_EVENT] = SIM_EVENT_INTR;
	return ioc_vcpu(SIM_VCPU_INJECT);
}

static int
mach_info(void)
{
	struct sim_mach_info info = { .machid = vmm.machid };
	struct sim_ctl_arg arg = {
		.op = SIM_CTL_MACH_INFO, .data = (uintptr_t)&info,
		.size = sizeof(info),
	};

	return ioc(SIM_CTL, &arg);
}

static int
hva_unmap(void)
{
	struct sim_hva_arg arg = {
		.machid = vmm.machid, .hva = (uintptr_t)vmm.memory,
		.size = HVA_PAGES * PAGE,
	};

	return ioc(SIM_HVA_UNMAP, &arg);
}

static int
vcpu_destroy(void)
{
	int error = ioc_vcpu(SIM_VCPU_DESTROY);

	if (error == 0)
		WITHOUT_FAULTS(ck_assert_int_eq(sim_munmap(vmm.sim, vmm.comm,
		    PAGE), 0));
	return error;
}

static int
machine_destroy(void)
{
	return ioc(SIM_MACHINE_DESTROY, &vmm.machid);
}

static const struct step steps[] = {
	{ "sim_create", kernel_create },
	{ "open", device_open },
	{ "MACHINE_CREATE", machine_create },
	{ "VCPU_CREATE", vcpu_create },
	{ "mmap", comm_map },
	{ "HVA_MAP", hva_map },
	{ "GPA_MAP", gpa_map },
	{ "GPA_UNMAP", gpa_unmap },
	{ "GPA_MAP over it", gpa_map },
	{ "a page of the harness's", harness_page },
	{ "VCPU_CONFIGURE", configure },
	{ "VCPU_RUN", run },
	{ "VCPU_GETSTATE", getstate },
	{ "VCPU_SETSTATE", setstate },
	{ "VCPU_INJECT", inject },
	{ "CTL", mach_info },
	{ "HVA_UNMAP", hva_unmap },
	{ "VCPU_DESTROY", vcpu_destroy },
	{ "VCPU_CREATE again", vcpu_create },
	{ "mmap again", comm_map },
	{ "VCPU_DESTROY again", vcpu_destroy },
	{ "MACHINE_DESTROY", machine_destroy },
	{ NULL, NULL }
};

static void
begin(void)
{
	memset(&vmm, 0, sizeof(vmm));
	vmm.abi = NVMM_ABI == 1 ? &sim_abi_v1 : NVMM_ABI == 2 ?
	    &sim_abi_v2 : &sim_abi_v3;
	vmm.memory = mmap(NULL, HVA_PAGES * PAGE, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(vmm.memory, MAP_FAILED);
}

static struct sim *
kernel(void)
{
	return vmm.sim;
}

static void
end(void)
{
	uint64_t bytes, objects;

	sim_usage(vmm.sim, &bytes, &objects);
	ck_assert_uint_eq(bytes, 0);
	ck_assert_uint_eq(objects, 0);
	sim_close(vmm.file);
	sim_destroy(vmm.sim);
	munmap(vmm.memory, HVA_PAGES * PAGE);
}

START_TEST(each_allocation_of_the_kernel_fails_in_turn)
{
	const struct life life = { steps, begin, kernel, end };

	life_with_faults(&life, _i == 1);
}
END_TEST

Suite *
kernel_nomem_suite(void)
{
	Suite *suite = suite_create("kernel");
	TCase *tcase = tcase_create("memory");

	tcase_add_loop_test(tcase,
	    each_allocation_of_the_kernel_fails_in_turn, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}
