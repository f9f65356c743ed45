/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The comm page.  One memory object holds the pages of all VCPUs that a
 * machine can have; the kernel maps it once, callers page by page.
 *
 * The VMM writes there whenever it likes.  So everything is read once, word
 * by word through relaxed atomics, and judged only after that.  Flags are
 * not judged at all: bits without a component do nothing.
 */
#include "kernel/comm.h"

#include <sys/mman.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "kernel/driver.h"
#include "kernel/judge.h"

#define COMM_SIZE	((size_t)SIM_MAX_VCPUS * SIM_COMM_PAGE_SIZE)

int
sim_comm_create(struct sim_machine *machine)
{
	void *addr;

	machine->comm_fd = memfd_create("nvmm-sim comm",
	    MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (machine->comm_fd == -1)
		return ENOMEM;
	if (ftruncate(machine->comm_fd, (off_t)COMM_SIZE) == -1)
		goto fail;
	/* Callers hold mappings; none may lose its page under its feet. */
	if (fcntl(machine->comm_fd, F_ADD_SEALS, F_SEAL_SHRINK) == -1)
		goto fail;
	addr = mmap(NULL, COMM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
	    machine->comm_fd, 0);
	if (addr == MAP_FAILED)
		goto fail;
	machine->comm = addr;
	return 0;
fail:
	close(machine->comm_fd);
	machine->comm_fd = -1;
	return ENOMEM;
}

void
sim_comm_destroy(struct sim_machine *machine)
{
	if (machine->comm_fd == -1)
		return;
	if (!SIM_COMM_ONE_ADDRESS)
		munmap(machine->comm, COMM_SIZE);
	close(machine->comm_fd);
	machine->comm = NULL;
	machine->comm_fd = -1;
}

uint8_t *
sim_comm_page(const struct sim_machine *machine, uint32_t cpuid)
{
	return machine->comm + (size_t)cpuid * SIM_COMM_PAGE_SIZE;
}

static uint64_t
load64(const struct sim_vcpu *vcpu, size_t offset)
{
	const _Atomic uint64_t *word =
	    (const _Atomic uint64_t *)(const void *)(vcpu->comm + offset);

	return atomic_load_explicit(word, memory_order_relaxed);
}

static void
store64(struct sim_vcpu *vcpu, size_t offset, uint64_t value)
{
	_Atomic uint64_t *word = (_Atomic uint64_t *)(void *)
	    (vcpu->comm + offset);

	atomic_store_explicit(word, value, memory_order_relaxed);
}

static void
store8(struct sim_vcpu *vcpu, size_t offset, uint8_t value)
{
	_Atomic uint8_t *byte = (_Atomic uint8_t *)(vcpu->comm + offset);

	atomic_store_explicit(byte, value, memory_order_relaxed);
}

static uint8_t
load8(const struct sim_vcpu *vcpu, size_t offset)
{
	const _Atomic uint8_t *byte =
	    (const _Atomic uint8_t *)(vcpu->comm + offset);

	return atomic_load_explicit(byte, memory_order_relaxed);
}

static void
count_bytes(struct sim_vcpu *vcpu, enum sim_cause cause, unsigned component,
    uint64_t size)
{
	if (cause != SIM_UNCOUNTED)
		sim_count(&vcpu->stats.bytes[cause][component], size);
}

/*
 * Word by word: whoever writes there meanwhile, no word is torn.  The page
 * and what is copied do not overlap, which the compiler wants to hear.
 */
static void
words_out(_Atomic uint64_t *restrict page, const uint64_t *restrict words,
    size_t size)
{
	size_t i;

	for (i = 0; i < size / sizeof(*words); i++)
		atomic_store_explicit(&page[i], words[i],
		    memory_order_relaxed);
}

static void
words_in(uint64_t *restrict words, const _Atomic uint64_t *restrict page,
    size_t size)
{
	size_t i;

	for (i = 0; i < size / sizeof(*words); i++)
		words[i] = atomic_load_explicit(&page[i],
		    memory_order_relaxed);
}

static _Atomic uint64_t *
page_words(const struct sim_vcpu *vcpu, size_t offset)
{
	return (_Atomic uint64_t *)(void *)(vcpu->comm + SIM_COMM_STATE +
	    offset);
}

/* A clock that runs shows another time whenever it is looked at. */
static void
tsc_look(struct sim_vcpu *vcpu, uint64_t components)
{
	if ((components & SIM_BIT(SIM_MSRS)) == 0 || !vcpu->abi->tsc_live)
		return;
	vcpu->state.msrs[SIM_MSR_TSC] += SIM_TSC_PER_LOOK;
	vcpu->tsc_reported = vcpu->state.msrs[SIM_MSR_TSC];
}

/*
 * A VMM that writes back what it read, or nothing, does not mean to stop
 * the clock.
 */
static void
tsc_install(struct sim_vcpu *vcpu, uint64_t before)
{
	uint64_t *tsc = &vcpu->state.msrs[SIM_MSR_TSC];

	if (*tsc == 0 || *tsc == vcpu->tsc_reported)
		*tsc = before;
}

/* Components from the VCPU to the page. */
static void
state_out(struct sim_vcpu *vcpu, const struct sim_state *state,
    uint64_t components, enum sim_cause cause)
{
	const struct sim_component_row *row;
	unsigned i;

	for (i = 0; i < SIM_NCOMPONENT; i++) {
		if ((components & SIM_BIT(i)) == 0)
			continue;
		row = &sim_components[i];
		words_out(page_words(vcpu, row->offset),
		    (const uint64_t *)state + row->offset / 8, row->size);
		if (vcpu->sim->judging)
			sim_judge_page_written(vcpu,
			    SIM_COMM_STATE + row->offset, row->size);
		count_bytes(vcpu, cause, i, row->size);
	}
}

/* The same from the page to the VCPU, as far as hardware can hold it. */
static void
state_in(struct sim_vcpu *vcpu, uint64_t components, enum sim_cause cause)
{
	uint64_t pending = vcpu->state.intr & SIM_INTR_EVT_PENDING;
	uint64_t tsc = vcpu->state.msrs[SIM_MSR_TSC];
	const struct sim_component_row *row;
	unsigned i;

	for (i = 0; i < SIM_NCOMPONENT; i++) {
		if ((components & SIM_BIT(i)) == 0)
			continue;
		row = &sim_components[i];
		if (vcpu->sim->judging && cause != SIM_UNCOUNTED)
			sim_judge_page_read(vcpu,
			    SIM_COMM_STATE + row->offset, row->size);
		words_in((uint64_t *)&vcpu->state + row->offset / 8,
		    page_words(vcpu, row->offset), row->size);
		count_bytes(vcpu, cause, i, row->size);
	}
	if (components & SIM_BIT(SIM_INTR)) {
		vcpu->state.intr &= SIM_INTR_SHADOW | SIM_INTR_INT_WINDOW |
		    SIM_INTR_NMI_WINDOW;
		vcpu->state.intr |= pending;
	}
	if ((components & SIM_BIT(SIM_MSRS)) && vcpu->abi->tsc_live)
		tsc_install(vcpu, tsc);
	vcpu->sim->backend->normalize(&vcpu->state, components);
}

void
sim_comm_reset(struct sim_vcpu *vcpu, const struct sim_state *state)
{
	size_t offset;

	for (offset = 0; offset < SIM_COMM_PAGE_SIZE; offset += 8)
		store64(vcpu, offset, 0);
	sim_judge_page_written(vcpu, 0, SIM_COMM_PAGE_SIZE);
	if (vcpu->abi->tsc_live)
		vcpu->state.msrs[SIM_MSR_TSC] = SIM_TSC_AT_CREATION;
	state_out(vcpu, state, SIM_STATE_ALL, SIM_UNCOUNTED);
	state_in(vcpu, SIM_STATE_ALL, SIM_UNCOUNTED);
	store64(vcpu, SIM_COMM_CACHED, SIM_STATE_ALL);
}

void
sim_comm_fetch(struct sim_vcpu *vcpu)
{
	uint64_t wanted = load64(vcpu, SIM_COMM_WANTED);

	tsc_look(vcpu, wanted);
	state_out(vcpu, &vcpu->state, wanted, SIM_WANTED);
	store64(vcpu, SIM_COMM_CACHED, load64(vcpu, SIM_COMM_CACHED) | wanted);
	store64(vcpu, SIM_COMM_WANTED, 0);
}

void
sim_comm_install(struct sim_vcpu *vcpu)
{
	uint64_t wanted = load64(vcpu, SIM_COMM_WANTED);

	state_in(vcpu, wanted, SIM_WANTED);
	store64(vcpu, SIM_COMM_CACHED, load64(vcpu, SIM_COMM_CACHED) | wanted);
	store64(vcpu, SIM_COMM_WANTED, 0);
}

void
sim_comm_commit(struct sim_vcpu *vcpu)
{
	uint64_t commit = load64(vcpu, SIM_COMM_COMMIT);

	if (commit != 0) {
		state_in(vcpu, commit, SIM_COMMIT);
		store64(vcpu, SIM_COMM_COMMIT, 0);
	}
	store64(vcpu, SIM_COMM_CACHED, 0);
	if (vcpu->sim->judging)
		sim_judge_page_void(vcpu, SIM_COMM_STATE,
		    sizeof(vcpu->state));
}

void
sim_comm_speculate(struct sim_vcpu *vcpu, uint64_t components)
{
	if (components == 0)
		return;
	tsc_look(vcpu, components);
	state_out(vcpu, &vcpu->state, components, SIM_SPECULATIVE);
	store64(vcpu, SIM_COMM_CACHED,
	    load64(vcpu, SIM_COMM_CACHED) | components);
}

/* Type and vector; an error code need not be there. */
static void
event_judge(const struct sim_vcpu *vcpu)
{
	sim_judge_page_read(vcpu, SIM_COMM_EVENT +
	    offsetof(struct sim_event_record, type), sizeof(uint32_t));
	sim_judge_page_read(vcpu, SIM_COMM_EVENT +
	    offsetof(struct sim_event_record, vector), sizeof(uint8_t));
}

void
sim_comm_event(const struct sim_vcpu *vcpu, struct sim_event_record *event)
{
	uint64_t words[2];

	_Static_assert(sizeof(words) == sizeof(*event), "event record");
	if (vcpu->sim->judging)
		event_judge(vcpu);
	words[0] = load64(vcpu, SIM_COMM_EVENT);
	words[1] = load64(vcpu, SIM_COMM_EVENT + 8);
	memcpy(event, words, sizeof(*event));
}

void
sim_comm_event_set(struct sim_vcpu *vcpu, const struct sim_event_record *event)
{
	uint64_t words[2];

	memcpy(words, event, sizeof(words));
	store64(vcpu, SIM_COMM_EVENT, words[0]);
	store64(vcpu, SIM_COMM_EVENT + 8, words[1]);
	if (vcpu->sim->judging)
		sim_judge_page_written(vcpu, SIM_COMM_EVENT, sizeof(words));
}

bool
sim_comm_take_event(struct sim_vcpu *vcpu)
{
	if (load8(vcpu, SIM_COMM_EVENT_COMMIT) == 0)
		return false;
	store8(vcpu, SIM_COMM_EVENT_COMMIT, 0);
	return true;
}

static _Atomic int *
stop_word(const struct sim_vcpu *vcpu)
{
	int32_t offset = vcpu->abi->comm_stop;

	if (offset < 0)
		return NULL;
	return (_Atomic int *)(void *)(vcpu->comm + offset);
}

bool
sim_comm_stopped(const struct sim_vcpu *vcpu)
{
	const _Atomic int *stop = stop_word(vcpu);

	return stop != NULL &&
	    atomic_load_explicit(stop, memory_order_relaxed) != 0;
}

void
sim_comm_clear_stop(struct sim_vcpu *vcpu)
{
	_Atomic int *stop = stop_word(vcpu);

	if (stop != NULL)
		atomic_store_explicit(stop, 0, memory_order_relaxed);
}

void
sim_comm_flags(const struct sim_vcpu *vcpu, struct sim_comm_flags *flags)
{
	flags->wanted = load64(vcpu, SIM_COMM_WANTED);
	flags->cached = load64(vcpu, SIM_COMM_CACHED);
	flags->commit = load64(vcpu, SIM_COMM_COMMIT);
}

void
sim_comm_flags_set(struct sim_vcpu *vcpu, const struct sim_comm_flags *flags)
{
	store64(vcpu, SIM_COMM_WANTED, flags->wanted);
	store64(vcpu, SIM_COMM_CACHED, flags->cached);
	store64(vcpu, SIM_COMM_COMMIT, flags->commit);
}
