/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding out what the library under test speaks and shows, by using it.
 */
#include "transport/library.h"

#include <sys/mman.h>
#include <errno.h>
#include <string.h>

#include <nvmm.h>

#include "kernel/abi/abi.h"
#include "kernel/control.h"
#include "transport/transport.h"

struct probe {
	struct library_facts facts;
	void (*told)(void *arg, const struct library_facts *facts);
	void *arg;
	struct sim *sim;
	struct nvmm_machine mach;
	struct nvmm_vcpu vcpu;
	bool getstate, setstate;	/* a call inside another was seen */
};

static void
probe_enter(void *arg, void **local, const struct sim_call_event *event)
{
	struct probe *probe = arg;

	(void)local;
	if (event->depth > 0 && event->call == SIM_CALL_VCPU_GETSTATE)
		probe->getstate = true;
	if (event->depth > 0 && event->call == SIM_CALL_VCPU_SETSTATE)
		probe->setstate = true;
}

static void
probe_leave(void *arg, void **local, const struct sim_call_event *event)
{
	(void)arg;
	(void)local;
	(void)event;
}

/* By the first ioctl that gives its generation away. */
static void
probe_ioctl(void *arg, const struct sim_ioctl_report *report)
{
	const struct sim_abi *abi = sim_abi_guess(report->command);
	struct library_facts *facts = &((struct probe *)arg)->facts;

	if (facts->abi == NULL && report->error == 0)
		facts->abi = abi;
	if (report->ioctl == SIM_IOCTL_UNKNOWN && abi != NULL)
		facts->mismatch = true;
}

static void
tell(const struct probe *probe)
{
	probe->told(probe->arg, &probe->facts);
}

/* --- functions that are documented to call others --- */

static int
use_gva_to_gpa(struct probe *probe)
{
	nvmm_prot_t prot;
	gpaddr_t gpa;

	return nvmm_gva_to_gpa(&probe->mach, &probe->vcpu, 0, &gpa, &prot);
}

static void
io_callback(struct nvmm_io *io)
{
	(void)io;
}

static void
mem_callback(struct nvmm_mem *mem)
{
	(void)mem;
}

/* OUT 0x80, AL: as if the guest had. */
static int
use_assist_io(struct probe *probe)
{
	struct nvmm_vcpu_exit *exit = probe->vcpu.exit;

	memset(exit, 0, sizeof(*exit));
	exit->reason = NVMM_VCPU_EXIT_IO;
	exit->u.io.port = 0x80;
	exit->u.io.operand_size = 1;
	exit->u.io.address_size = 2;
	exit->u.io.npc = 2;
	return nvmm_assist_io(&probe->mach, &probe->vcpu);
}

/* MOV [BX], AL in the mode of the reset state: to where no memory is. */
static int
use_assist_mem(struct probe *probe)
{
	struct nvmm_vcpu_exit *exit = probe->vcpu.exit;

	memset(exit, 0, sizeof(*exit));
	exit->reason = NVMM_VCPU_EXIT_MEMORY;
	exit->u.mem.prot = PROT_WRITE;
	exit->u.mem.inst_len = 2;
	exit->u.mem.inst_bytes[0] = 0x88;
	exit->u.mem.inst_bytes[1] = 0x07;
	return nvmm_assist_mem(&probe->mach, &probe->vcpu);
}

static int
use_dump(struct probe *probe)
{
	return nvmm_vcpu_dump(&probe->mach, &probe->vcpu);
}

static const struct use {
	enum sim_call_index call;
	int (*function)(struct probe *probe);
} uses[] = {
	{ SIM_CALL_GVA_TO_GPA, use_gva_to_gpa },
	{ SIM_CALL_ASSIST_IO, use_assist_io },
	{ SIM_CALL_ASSIST_MEM, use_assist_mem },
	{ SIM_CALL_VCPU_DUMP, use_dump },
};
#define NUSES	(sizeof(uses) / sizeof(uses[0]))

/*
 * Whether the calls inside the function can be seen.  Nothing is cached, so
 * that a getstate is due.  False: it failed, and nothing is known.
 */
static bool
probe_use(struct probe *probe, const struct use *use)
{
	static const struct sim_comm_flags nothing = { 0, 0, 0 };
	const struct sim_call_row *row = &sim_calls[use->call];
	struct sim_hidden_calls *hidden = &probe->facts.hidden;
	uint32_t bit = UINT32_C(1) << use->call;
	int result;

	(void)sim_poke_flags(probe->sim, probe->mach.machid, 0, &nothing);
	probe->getstate = probe->setstate = false;
	result = use->function(probe);
	if (result != 0 && !probe->getstate)
		return false;
	if (!probe->getstate)
		hidden->getstate |= bit;
	if (result == 0 && row->inner_setstate != 0 && !probe->setstate)
		hidden->setstate |= bit;
	return true;
}

static void
probe_uses(struct probe *probe)
{
	struct sim_hidden_calls *hidden = &probe->facts.hidden;
	uint32_t unknown = 0, bit;
	unsigned i;

	for (i = 0; i < NUSES; i++) {
		tell(probe);
		if (!probe_use(probe, &uses[i]))
			unknown |= UINT32_C(1) << uses[i].call;
	}
	for (i = 0; i < NUSES && hidden->getstate != 0; i++) {
		bit = UINT32_C(1) << uses[i].call;
		if ((unknown & bit) == 0)
			continue;
		hidden->getstate |= bit;
		if (sim_calls[uses[i].call].inner_setstate != 0)
			hidden->setstate |= bit;
	}
}

static void
probe_library(struct probe *probe)
{
	struct nvmm_assist_callbacks callbacks = { io_callback, mem_callback };

	tell(probe);
	errno = 0;
	if (nvmm_init() != 0) {
		probe->facts.error = errno;
		if (errno == EPROGMISMATCH || errno == ENOSYS)
			probe->facts.mismatch = true;
		return;
	}
	tell(probe);
	if (nvmm_machine_create(&probe->mach) != 0)
		return;
	if (nvmm_vcpu_create(&probe->mach, 0, &probe->vcpu) == 0 &&
	    nvmm_vcpu_configure(&probe->mach, &probe->vcpu,
	    NVMM_VCPU_CONF_CALLBACKS, &callbacks) == 0)
		probe_uses(probe);
	tell(probe);
	(void)nvmm_machine_destroy(&probe->mach);
}

int
library_probe(const char *path, const struct sim_abi *abi,
    void (*told)(void *arg, const struct library_facts *facts), void *arg,
    char *why, size_t size)
{
	static const struct sim_call_observer calls = {
		.enter = probe_enter,
		.leave = probe_leave,
	};
	static const struct sim_observer ioctls = { .ioctl = probe_ioctl };
	struct probe probe = { .facts = { .abi = abi }, .told = told,
	    .arg = arg };
	const struct sim_config config = {
		.abi = abi,
		.observer = &ioctls,
		.observer_arg = &probe,
	};
	int status = 0;

	probe.facts.error = sim_create(&config, &probe.sim);
	if (probe.facts.error == 0) {
		transport_attach(probe.sim, &calls, &probe);
		status = library_load(path, why, size);
		if (status == 0)
			probe_library(&probe);
		transport_detach();
		sim_destroy(probe.sim);
	}
	tell(&probe);
	return status;
}
