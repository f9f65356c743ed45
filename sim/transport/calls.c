/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libnvmm's functions, under their own names: each call is told to the
 * observer and passed on to the library under test.
 */
#include <errno.h>
#include <string.h>

#include <nvmm.h>

#include "transport/functions.h"
#include "transport/private.h"

/*
 * Calls that a handler or a callback has left by a jump never end; their
 * frames were below ours.  A handler's own stack may lie anywhere, so what it
 * has interrupted is not judged by addresses until the handler is left.
 */
static void
frames_drop(struct transport_thread *thread, uintptr_t address)
{
	if (address < thread->low || address >= thread->high)
		thread->floor = 0;
	while (thread->depth > thread->floor &&
	    thread->frames[thread->depth - 1].address <= address)
		thread->depth--;
	/* Nobody calls so deep: dead ones above us have piled up. */
	if (thread->depth == TRANSPORT_DEPTH)
		thread->depth = thread->floor = 0;
}

static struct transport_frame *
frame_push(struct transport_thread *thread, uintptr_t address,
    enum sim_call_index call, const uint64_t *args)
{
	struct transport_frame *frame;

	frames_drop(thread, address);
	frame = &thread->frames[thread->depth];
	*frame = (struct transport_frame){
		.address = address,
		.ioctls_before = thread->ioctls,
		.event = {
			.call = call,
			.args = args,
			.depth = thread->depth,
		},
	};
	if (thread->depth > thread->floor)
		frame[-1].event.inner++;
	thread->depth++;
	return frame;
}

/* The frame at address, with its ioctls counted; NULL: it was dropped. */
static struct transport_frame *
frame_pop(struct transport_thread *thread, uintptr_t address)
{
	struct transport_frame *frame;
	unsigned long ioctls;
	unsigned depth = thread->depth;

	while (depth > 0 && thread->frames[depth - 1].address != address)
		depth--;
	if (depth == 0)
		return NULL;
	thread->depth = depth - 1;
	frame = &thread->frames[depth - 1];
	ioctls = thread->ioctls - frame->ioctls_before;
	frame->event.ioctls = (unsigned)(ioctls - frame->ioctls_inner);
	if (thread->depth > 0)
		frame[-1].ioctls_inner += ioctls;
	return frame;
}

static void
enter(uintptr_t address, enum sim_call_index call, const uint64_t *args)
{
	struct transport_thread *thread = &transport_thread;
	struct transport_frame *frame;

	(void)transport_orphaned();
	transport_enter();
	frame = frame_push(thread, address, call, args);
	/* Who initializes the library opens the device, and is counted. */
	if (transport.observer == NULL && transport.start != NULL)
		(void)transport.start();
	if (transport.observer != NULL) {
		if (thread->generation != transport.generation) {
			thread->generation = transport.generation;
			thread->local = NULL;
		}
		transport.observer->enter(transport.observer_arg,
		    &thread->local, &frame->event);
	}
	transport_leave();
}

static int
leave(uintptr_t address, int result)
{
	struct transport_thread *thread = &transport_thread;
	struct transport_frame *frame;
	int saved = errno;

	transport_enter();
	frame = frame_pop(thread, address);
	if (frame != NULL && transport.observer != NULL) {
		frame->event.result = result;
		frame->event.error = result == -1 ? saved : 0;
		transport.observer->leave(transport.observer_arg,
		    &thread->local, &frame->event);
	}
	transport_leave();
	errno = saved;
	return result;
}

/*
 * One wrapper: its index, name, parameters, arguments to pass on, and those
 * that the observer gets to see.
 */
#define WRAP(index, name, params, passed, ...)				\
int									\
name params								\
{									\
	const uint64_t args[SIM_CALL_ARGS] = { __VA_ARGS__ };		\
	uintptr_t address = (uintptr_t)__builtin_frame_address(0);	\
									\
	enter(address, index, args);					\
	return leave(address, ((int (*) params)transport_function_get(	\
	    index, __builtin_return_address(0))) passed);		\
}

WRAP(SIM_CALL_INIT, nvmm_init, (void), (), 0)
WRAP(SIM_CALL_ROOT_INIT, nvmm_root_init, (void), (), 0)
WRAP(SIM_CALL_CAPABILITY, nvmm_capability, (struct nvmm_capability *cap),
    (cap), 0)
WRAP(SIM_CALL_CTL, nvmm_ctl, (int op, void *data, size_t size),
    (op, data, size), (uint64_t)op)
WRAP(SIM_CALL_MACHINE_CREATE, nvmm_machine_create,
    (struct nvmm_machine *mach), (mach), 0)
WRAP(SIM_CALL_MACHINE_DESTROY, nvmm_machine_destroy,
    (struct nvmm_machine *mach), (mach), mach->machid)
WRAP(SIM_CALL_MACHINE_CONFIGURE, nvmm_machine_configure,
    (struct nvmm_machine *mach, uint64_t op, void *conf), (mach, op, conf),
    mach->machid, op)
WRAP(SIM_CALL_VCPU_CREATE, nvmm_vcpu_create,
    (struct nvmm_machine *mach, nvmm_cpuid_t cpuid, struct nvmm_vcpu *vcpu),
    (mach, cpuid, vcpu), mach->machid, cpuid)
WRAP(SIM_CALL_VCPU_DESTROY, nvmm_vcpu_destroy,
    (struct nvmm_machine *mach, struct nvmm_vcpu *vcpu), (mach, vcpu),
    mach->machid, vcpu->cpuid)
WRAP(SIM_CALL_VCPU_CONFIGURE, nvmm_vcpu_configure,
    (struct nvmm_machine *mach, struct nvmm_vcpu *vcpu, uint64_t op,
    void *conf), (mach, vcpu, op, conf), mach->machid, vcpu->cpuid, op)
WRAP(SIM_CALL_VCPU_SETSTATE, nvmm_vcpu_setstate,
    (struct nvmm_machine *mach, struct nvmm_vcpu *vcpu, uint64_t flags),
    (mach, vcpu, flags), mach->machid, vcpu->cpuid, flags)
WRAP(SIM_CALL_VCPU_GETSTATE, nvmm_vcpu_getstate,
    (struct nvmm_machine *mach, struct nvmm_vcpu *vcpu, uint64_t flags),
    (mach, vcpu, flags), mach->machid, vcpu->cpuid, flags)
WRAP(SIM_CALL_VCPU_INJECT, nvmm_vcpu_inject,
    (struct nvmm_machine *mach, struct nvmm_vcpu *vcpu), (mach, vcpu),
    mach->machid, vcpu->cpuid)
WRAP(SIM_CALL_VCPU_RUN, nvmm_vcpu_run,
    (struct nvmm_machine *mach, struct nvmm_vcpu *vcpu), (mach, vcpu),
    mach->machid, vcpu->cpuid)
WRAP(SIM_CALL_VCPU_STOP, nvmm_vcpu_stop, (struct nvmm_vcpu *vcpu), (vcpu),
    vcpu->cpuid)
WRAP(SIM_CALL_VCPU_DUMP, nvmm_vcpu_dump,
    (struct nvmm_machine *mach, struct nvmm_vcpu *vcpu), (mach, vcpu),
    mach->machid, vcpu->cpuid)
WRAP(SIM_CALL_GPA_MAP, nvmm_gpa_map,
    (struct nvmm_machine *mach, uintptr_t hva, gpaddr_t gpa, size_t size,
    int prot), (mach, hva, gpa, size, prot),
    mach->machid, hva, gpa, size, (uint64_t)prot)
WRAP(SIM_CALL_GPA_UNMAP, nvmm_gpa_unmap,
    (struct nvmm_machine *mach, uintptr_t hva, gpaddr_t gpa, size_t size),
    (mach, hva, gpa, size), mach->machid, hva, gpa, size)
WRAP(SIM_CALL_HVA_MAP, nvmm_hva_map,
    (struct nvmm_machine *mach, uintptr_t hva, size_t size),
    (mach, hva, size), mach->machid, hva, size)
WRAP(SIM_CALL_HVA_UNMAP, nvmm_hva_unmap,
    (struct nvmm_machine *mach, uintptr_t hva, size_t size),
    (mach, hva, size), mach->machid, hva, size)
WRAP(SIM_CALL_GVA_TO_GPA, nvmm_gva_to_gpa,
    (struct nvmm_machine *mach, struct nvmm_vcpu *vcpu, gvaddr_t gva,
    gpaddr_t *gpa, nvmm_prot_t *prot), (mach, vcpu, gva, gpa, prot),
    mach->machid, vcpu->cpuid, gva)
WRAP(SIM_CALL_GPA_TO_HVA, nvmm_gpa_to_hva,
    (struct nvmm_machine *mach, gpaddr_t gpa, uintptr_t *hva,
    nvmm_prot_t *prot), (mach, gpa, hva, prot), mach->machid, gpa)
WRAP(SIM_CALL_ASSIST_IO, nvmm_assist_io,
    (struct nvmm_machine *mach, struct nvmm_vcpu *vcpu), (mach, vcpu),
    mach->machid, vcpu->cpuid)
WRAP(SIM_CALL_ASSIST_MEM, nvmm_assist_mem,
    (struct nvmm_machine *mach, struct nvmm_vcpu *vcpu), (mach, vcpu),
    mach->machid, vcpu->cpuid)
