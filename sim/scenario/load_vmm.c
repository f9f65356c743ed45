/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VMM that runs the guest which made a recorded load, in the way of real
 * ones (NVMM-FACTS section 8): window logic, a timer, assists, devices.
 *
 * Both sides check: the devices, that each access is the recorded one; the
 * guest, that it got the recorded value.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <nvmm.h>

#include "kernel/control.h"
#include "scenario/encode.h"
#include "scenario/load.h"

/* CPUID leaf 1, EDX: machine check, memory types, machine check registers. */
#define CPUID_1_EDX_MCE		(1U << 7)
#define CPUID_1_EDX_MTRR	(1U << 12)
#define CPUID_1_EDX_MCA		(1U << 14)

/* What a VMM sets and gets of a VCPU as a whole: all but INTR. */
#define STATE_SYNC	(NVMM_X64_STATE_ALL & ~NVMM_X64_STATE_INTR)

/*
 * The guest keeps interrupts off for so many accesses, then on for as many.
 * Not a divisor of the timer's period: some ticks meet them on, some off.
 */
#define INTERRUPTS_TOGGLE	56

struct vmm {
	struct nvmm_vcpu *vcpu;
	struct nvmm_machine *mach;
	const struct load_plan *plan;
	struct load_result *result;
	uint8_t *code;
	uint64_t total;			/* accesses, all repeats together */
	/* The guest's side. */
	uint64_t issued;		/* accesses the guest has begun */
	uint64_t judged;		/* whose outcome it has looked at */
	size_t guest_at;		/* where in the load it is */
	const struct load_access *begun;	/* the one it has begun last */
	/* The VMM's side. */
	size_t device_at;		/* where in the load the devices are */
	unsigned ticks;			/* of the timer, to be injected */
	bool int_shadow, int_window, nmi_window;
	uint64_t rflags;
};

/*
 * libnvmm's callbacks get the machine and the VCPU: the VMM's structure is
 * found by the VCPU it contains.
 */
struct load_vcpu {
	struct nvmm_vcpu vcpu;		/* first */
	struct vmm *vmm;
};

static void
wrong(struct vmm *vmm, const char *who, const struct load_access *access,
    uint64_t seen)
{
	if (vmm->result->why[0] != '\0')
		return;
	snprintf(vmm->result->why, sizeof(vmm->result->why), "access %llu: "
	    "the %s saw 0x%llx, the record says %s %s 0x%llx, size %u, value "
	    "0x%llx", (unsigned long long)vmm->result->accesses, who,
	    (unsigned long long)seen, access->mmio ? "mmio" : "port",
	    access->write ? "write" : "read",
	    (unsigned long long)access->address, access->size,
	    (unsigned long long)access->value);
}

/* The next place in a load that is played again and again. */
static size_t
next_at(const struct vmm *vmm, size_t at)
{
	return at + 1 < vmm->plan->load->n ? at + 1 : 0;
}

/* --- the guest --- */

static uint64_t
size_mask(unsigned size)
{
	return size == 8 ? ~0ULL : (1ULL << (size * 8)) - 1;
}

static void
guest_check(struct vmm *vmm, const struct sim_state *state)
{
	const struct load_access *access;
	uint64_t seen;

	if (vmm->judged == vmm->issued)
		return;
	vmm->judged = vmm->issued;
	access = vmm->begun;
	seen = state->gprs[SIM_GPR_RAX] & size_mask(access->size);
	if (access->write)
		return;
	if (seen == access->value)
		vmm->result->checked++;
	else
		wrong(vmm, "guest", access, seen);
}

/* The next access of the record, as a wish. */
static void
guest_access(struct vmm *vmm, struct wish *wish)
{
	const struct load_access *access =
	    &vmm->plan->load->accesses[vmm->guest_at];

	if (access->mmio)
		wish->kind = access->write ? WISH_WRITE : WISH_READ;
	else
		wish->kind = access->write ? WISH_OUT : WISH_IN;
	wish->size = access->size;
	wish->port = (uint16_t)access->address;
	wish->address = access->address;
	wish->value = access->value;
	vmm->begun = access;
	vmm->guest_at = next_at(vmm, vmm->guest_at);
}

static bool
guest_next(void *arg, const struct sim_state *state, struct sim_intent *intent)
{
	struct vmm *vmm = arg;
	bool interrupts = vmm->issued / INTERRUPTS_TOGGLE % 2 == 1;
	struct wish wish = { .kind = WISH_HLT, .size = 1 };

	guest_check(vmm, state);
	if (vmm->issued < vmm->total) {
		guest_access(vmm, &wish);
		vmm->issued++;
	} else
		interrupts = true;	/* and waits for them in HLT */
	if (interrupts)
		wish.flags_set = SIM_RFLAGS_IF;
	else
		wish.flags_clear = SIM_RFLAGS_IF;
	return wish_encode(&wish, state, vmm->code, intent) == NULL;
}

static void
guest_delivered(void *arg, const struct sim_event *event)
{
	struct vmm *vmm = arg;

	if (event->interrupt && event->vector == vmm->plan->timer_vector)
		vmm->result->interrupts++;
}

static const struct sim_feed guest_feed = {
	.next = guest_next,
	.delivered = guest_delivered,
};

/* --- the devices --- */

static void
device_access(struct vmm *vmm, bool mmio, bool write, uint64_t address,
    uint8_t *data, size_t size)
{
	const struct load_access *access =
	    &vmm->plan->load->accesses[vmm->device_at];
	uint64_t value = 0;

	if (vmm->result->accesses >= vmm->total)
		return;
	if (access->mmio != mmio || access->write != write ||
	    access->address != address || access->size != size) {
		wrong(vmm, "device", access, address);
		return;		/* and size may be anything */
	}
	if (write) {
		memcpy(&value, data, size);
		if (value != access->value)
			wrong(vmm, "device", access, value);
	} else
		memcpy(data, &access->value, size);
	vmm->result->accesses++;
	vmm->device_at = next_at(vmm, vmm->device_at);
	if (vmm->plan->timer_every != 0 &&
	    vmm->result->accesses % vmm->plan->timer_every == 0)
		vmm->ticks++;
}

static void
io_callback(struct nvmm_io *io)
{
	struct vmm *vmm = ((struct load_vcpu *)io->vcpu)->vmm;

	device_access(vmm, false, !io->in, io->port, io->data, io->size);
}

static void
mem_callback(struct nvmm_mem *mem)
{
	struct vmm *vmm = ((struct load_vcpu *)mem->vcpu)->vmm;
	uint64_t offset = mem->gpa - HARNESS_GPA;

	/* The library fetches the guest's code where it knows of no RAM. */
	if (!mem->write && mem->gpa >= HARNESS_GPA && offset < 4096 &&
	    mem->size <= 4096 - offset) {
		memcpy(mem->data, vmm->code + offset, mem->size);
		return;
	}
	device_access(vmm, true, mem->write, mem->gpa, mem->data, mem->size);
}

/* --- the VMM --- */

/*
 * What can be configured of a VCPU.  The library may be of another generation
 * than our headers: v3's capability is longer, and the rest follows later.
 */
static int
conf_support(uint64_t *support)
{
	const size_t later = sizeof(uint64_t);
	union {
		struct nvmm_capability cap;
		uint8_t bytes[SIM_ARG_MAX];
	} u;
	size_t at = offsetof(struct nvmm_capability, arch.vcpu_conf_support);

	if (nvmm_capability(&u.cap) == -1)
		return -1;
	if (u.cap.version >= 3)
		at += later;
	memcpy(support, u.bytes + at, sizeof(*support));
	return 0;
}

static int
configure(struct vmm *vmm)
{
	struct nvmm_assist_callbacks callbacks = {
		.io = io_callback,
		.mem = mem_callback,
	};
	struct nvmm_vcpu_conf_cpuid cpuid;
	struct nvmm_vcpu_conf_tpr tpr;
	uint64_t support;

	if (conf_support(&support) == -1 ||
	    nvmm_vcpu_configure(vmm->mach, vmm->vcpu,
	    NVMM_VCPU_CONF_CALLBACKS, &callbacks) == -1)
		return -1;
	memset(&cpuid, 0, sizeof(cpuid));
	cpuid.mask = 1;
	cpuid.leaf = 1;
	cpuid.u.mask.set.edx = CPUID_1_EDX_MCE | CPUID_1_EDX_MTRR |
	    CPUID_1_EDX_MCA;
	if (nvmm_vcpu_configure(vmm->mach, vmm->vcpu, NVMM_VCPU_CONF_CPUID,
	    &cpuid) == -1)
		return -1;
	if ((support & NVMM_CAP_ARCH_VCPU_CONF_TPR) == 0)
		return 0;
	memset(&tpr, 0, sizeof(tpr));
	tpr.exit_changed = 1;
	return nvmm_vcpu_configure(vmm->mach, vmm->vcpu, NVMM_VCPU_CONF_TPR,
	    &tpr);
}

static void
flat_segment(struct nvmm_x64_state_seg *seg, uint16_t selector, unsigned type)
{
	memset(seg, 0, sizeof(*seg));
	seg->selector = selector;
	seg->attrib.type = type & 0xf;
	seg->attrib.s = 1;
	seg->attrib.p = 1;
	seg->attrib.def = 1;
	seg->attrib.g = 1;
	seg->limit = 0xFFFFFFFF;
}

/* Starts the guest in flat 32-bit code, as after a reset and a boot loader. */
static int
reset(struct vmm *vmm)
{
	struct nvmm_vcpu_state *state = vmm->vcpu->state;
	unsigned i;

	if (nvmm_vcpu_getstate(vmm->mach, vmm->vcpu, STATE_SYNC) == -1)
		return -1;
	flat_segment(&state->segs[NVMM_X64_SEG_CS], 0x8, 11);
	for (i = NVMM_X64_SEG_ES; i <= NVMM_X64_SEG_GS; i++) {
		if (i != NVMM_X64_SEG_CS)
			flat_segment(&state->segs[i], 0x10, 3);
	}
	state->crs[NVMM_X64_CR_CR0] |= SIM_CR0_PE;
	state->gprs[NVMM_X64_GPR_RIP] = HARNESS_GPA;
	vmm->rflags = state->gprs[NVMM_X64_GPR_RFLAGS];
	return nvmm_vcpu_setstate(vmm->mach, vmm->vcpu, STATE_SYNC);
}

/* Injects a tick, or asks to be told when the guest would take one. */
static int
interrupt(struct vmm *vmm)
{
	struct nvmm_vcpu *vcpu = vmm->vcpu;

	if (vmm->ticks == 0)
		return 0;
	if (!vmm->int_window && !vmm->int_shadow &&
	    (vmm->rflags & SIM_RFLAGS_IF)) {
		vcpu->event->type = NVMM_VCPU_EVENT_INTR;
		vcpu->event->vector = vmm->plan->timer_vector;
		vmm->ticks--;
		return nvmm_vcpu_inject(vmm->mach, vcpu);
	}
	if (vmm->int_window)
		return 0;
	if (nvmm_vcpu_getstate(vmm->mach, vcpu, NVMM_X64_STATE_INTR) == -1)
		return -1;
	vcpu->state->intr.int_window_exiting = 1;
	return nvmm_vcpu_setstate(vmm->mach, vcpu, NVMM_X64_STATE_INTR);
}

static void
exitstate_take(struct vmm *vmm)
{
	const struct nvmm_vcpu_exit *exit = vmm->vcpu->exit;

	vmm->rflags = exit->exitstate.rflags;
	vmm->int_shadow = exit->exitstate.int_shadow;
	vmm->int_window = exit->exitstate.int_window_exiting;
	vmm->nmi_window = exit->exitstate.nmi_window_exiting;
}

/* Else the guest would come back with the same access for ever. */
static int
assist(struct vmm *vmm,
    int (*function)(struct nvmm_machine *, struct nvmm_vcpu *))
{
	struct load_result *result = vmm->result;
	uint64_t before = result->accesses;

	if (function(vmm->mach, vmm->vcpu) == -1)
		return -1;
	if (result->accesses == before && result->why[0] == '\0')
		snprintf(result->why, sizeof(result->why), "access %llu: the "
		    "assist succeeded, and no device saw an access",
		    (unsigned long long)before);
	return 0;
}

enum pass { PASS_ON, PASS_OVER, PASS_FAILED };

static enum pass
pass(struct vmm *vmm)
{
	int result = 0;

	if (interrupt(vmm) == -1 ||
	    nvmm_vcpu_run(vmm->mach, vmm->vcpu) == -1)
		return PASS_FAILED;
	exitstate_take(vmm);
	switch (vmm->vcpu->exit->reason) {
	case NVMM_VCPU_EXIT_IO:
		result = assist(vmm, nvmm_assist_io);
		break;
	case NVMM_VCPU_EXIT_MEMORY:
		result = assist(vmm, nvmm_assist_mem);
		break;
	case NVMM_VCPU_EXIT_NONE:
	case NVMM_VCPU_EXIT_INT_READY:
	case NVMM_VCPU_EXIT_NMI_READY:
	case NVMM_VCPU_EXIT_TPR_CHANGED:
		break;
	case NVMM_VCPU_EXIT_HALTED:
		/* An interrupt that waits wakes it up. */
		return vmm->ticks > 0 ? PASS_ON : PASS_OVER;
	default:
		errno = EPROTO;
		return PASS_FAILED;
	}
	return result == -1 || vmm->result->why[0] != '\0' ? PASS_FAILED :
	    PASS_ON;
}

int
load_replay_vmm(struct sim *sim, struct nvmm_machine *mach,
    struct nvmm_vcpu *vcpu, uint8_t *code, const struct load_plan *plan,
    struct load_result *result)
{
	struct load_vcpu own = { .vcpu = *vcpu };
	struct vmm vmm = {
		.vcpu = &own.vcpu, .mach = mach, .plan = plan,
		.result = result, .code = code,
	};
	enum pass state = PASS_FAILED;

	memset(result, 0, sizeof(*result));
	own.vmm = &vmm;
	vmm.total = plan->load->n;
	if (plan->repeat > 1)
		vmm.total *= plan->repeat;
	if (sim_feed_set(sim, mach->machid, vcpu->cpuid, &guest_feed,
	    &vmm) == 0 && configure(&vmm) == 0 && reset(&vmm) == 0) {
		do
			state = pass(&vmm);
		while (state == PASS_ON);
	}
	if (state == PASS_OVER && result->accesses == vmm.total)
		return 0;
	if (result->why[0] == '\0')
		snprintf(result->why, sizeof(result->why), "the guest ended "
		    "after %llu accesses with exit 0x%llx%s%s",
		    (unsigned long long)result->accesses,
		    (unsigned long long)own.vcpu.exit->reason,
		    state == PASS_FAILED ? ": " : "",
		    state == PASS_FAILED ? strerror(errno) : "");
	return -1;
}
