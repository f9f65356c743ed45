/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VMM that has run once asks for no memory any more: the interpreter's
 * guest writes to and reads from a port and a device's memory for ever, the
 * assists carry that out, and nobody allocates or maps.
 */
#include <sys/mman.h>
#include <limits.h>
#include <string.h>

#include <nvmm.h>

#include "backend/backend.h"
#include "engine/engine.h"
#include "internal.h"
#include "kernel/abi/abi.h"
#include "kernel/control.h"
#include "nomem.h"
#include "transport/transport.h"

#define PAGE		4096UL
#define RAM		0xF0000UL	/* up to where BIOS code ends */
#define DEVICE		0x8000UL
#define EXITS		20000U

/*
 * In real mode: plain accesses, two of one instruction, strings.
 *
 *	mov ax, 0x0800; mov ds, ax; mov es, ax; mov dx, 0x3f8
 * 1:	mov al, [0x10]; add [0x20], ax; movsb; out dx, al; in ax, dx
 *	mov si, 0; mov di, 0x100; mov cx, 4; rep stosw; jmp 1b
 */
static const uint8_t code[] = {
	0xB8, 0x00, 0x08, 0x8E, 0xD8, 0x8E, 0xC0, 0xBA, 0xF8, 0x03,
	0xA0, 0x10, 0x00, 0x01, 0x06, 0x20, 0x00, 0xA4, 0xEE, 0xED,
	0xBE, 0x00, 0x00, 0xBF, 0x00, 0x01, 0xB9, 0x04, 0x00, 0xF3, 0xAB,
	0xEB, 0xE9,
};

/* What there is at the reset vector: JMP FAR F000:0000. */
static const uint8_t reset[] = { 0xEA, 0x00, 0x00, 0x00, 0xF0 };

static struct {
	struct sim *sim;
	struct nvmm_machine mach;
	struct nvmm_vcpu vcpu;
	uint8_t *memory;
	uint8_t device[PAGE];
	unsigned ports, devices;	/* accesses served */
} vmm;

static void
io_callback(struct nvmm_io *io)
{
	if (io->in)
		memset(io->data, 0x5A, io->size);
	vmm.ports++;
}

static void
mem_callback(struct nvmm_mem *mem)
{
	uint8_t *at = &vmm.device[mem->gpa % (PAGE - 16)];

	if (mem->write)
		memcpy(at, mem->data, mem->size);
	else
		memcpy(mem->data, at, mem->size);
	vmm.devices++;
}

static void
begin(const struct sim_backend *backend)
{
	const struct sim_config config = {
		.abi = NVMM_ABI == 1 ? &sim_abi_v1 : NVMM_ABI == 2 ?
		    &sim_abi_v2 : &sim_abi_v3,
		.engine = &sim_engine_interp, .backend = backend,
	};
	struct nvmm_assist_callbacks callbacks = {
		.io = io_callback, .mem = mem_callback,
	};
	uintptr_t hva;

	memset(&vmm, 0, sizeof(vmm));
	ck_assert_int_eq(sim_create(&config, &vmm.sim), 0);
	transport_attach(vmm.sim, NULL, NULL);
	ck_assert_int_eq(nvmm_init(), 0);
	ck_assert_int_eq(nvmm_machine_create(&vmm.mach), 0);
	ck_assert_int_eq(nvmm_vcpu_create(&vmm.mach, 0, &vmm.vcpu), 0);
	ck_assert_int_eq(nvmm_vcpu_configure(&vmm.mach, &vmm.vcpu,
	    NVMM_VCPU_CONF_CALLBACKS, &callbacks), 0);
	vmm.memory = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(vmm.memory, MAP_FAILED);
	hva = (uintptr_t)vmm.memory;
	ck_assert_int_eq(nvmm_hva_map(&vmm.mach, hva, 16 * PAGE), 0);
	memcpy(vmm.memory, code, sizeof(code));
	memcpy(vmm.memory + 0xFFF0, reset, sizeof(reset));
	ck_assert_int_eq(nvmm_gpa_map(&vmm.mach, hva, RAM, 16 * PAGE,
	    PROT_READ | PROT_EXEC), 0);
	ck_assert_int_eq(nvmm_gpa_map(&vmm.mach, hva, 0xFFFF0000, 16 * PAGE,
	    PROT_READ | PROT_EXEC), 0);
}

static void
end(void)
{
	ck_assert_int_eq(nvmm_vcpu_destroy(&vmm.mach, &vmm.vcpu), 0);
	ck_assert_int_eq(nvmm_machine_destroy(&vmm.mach), 0);
	transport_detach();
	libnvmm_device.fd = -1;
	sim_destroy(vmm.sim);
	munmap(vmm.memory, 16 * PAGE);
}

/* NULL, or what should not be. */
static const char *
exits_serve(unsigned exits)
{
	unsigned i;

	for (i = 0; i < exits; i++) {
		if (nvmm_vcpu_run(&vmm.mach, &vmm.vcpu) != 0)
			return "a run fails";
		switch (vmm.vcpu.exit->reason) {
		case NVMM_VCPU_EXIT_IO:
			if (nvmm_assist_io(&vmm.mach, &vmm.vcpu) != 0)
				return "the I/O assist fails";
			break;
		case NVMM_VCPU_EXIT_MEMORY:
			if (nvmm_assist_mem(&vmm.mach, &vmm.vcpu) != 0)
				return "the Mem assist fails";
			break;
		case NVMM_VCPU_EXIT_NONE:
			break;
		default:
			return "another exit";
		}
	}
	return NULL;
}

START_TEST(after_the_first_turn_nobody_allocates)
{
	const char *wrong;
	unsigned calls;

	begin(_i == 0 ? &sim_backend_svm : &sim_backend_vmx);
	wrong = exits_serve(16);
	ck_assert_msg(wrong == NULL, "at first: %s", wrong);
	vmm.ports = vmm.devices = 0;
	/* None of them fails; they are counted. */
	faults_arm(UINT_MAX, false);
	wrong = exits_serve(EXITS);
	calls = faults_calls();
	faults_disarm();
	ck_assert_msg(wrong == NULL, "later: %s", wrong);
	ck_assert_uint_gt(vmm.ports, EXITS / 10);
	ck_assert_uint_gt(vmm.devices, EXITS / 2);
	ck_assert_msg(calls == 0, "%u allocations in %u exits", calls, EXITS);
	end();
}
END_TEST

Suite *
steady_suite(void)
{
	Suite *suite = suite_create("steady");
	TCase *tcase = tcase_create("memory");

	tcase_add_loop_test(tcase, after_the_first_turn_nobody_allocates, 0,
	    2);
	suite_add_tcase(suite, tcase);
	return suite;
}
