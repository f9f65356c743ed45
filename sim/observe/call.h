/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls of libnvmm functions, as the transport sees them at the library's
 * boundary, and the table through which it tells somebody.
 */
#ifndef SIM_OBSERVE_CALL_H
#define SIM_OBSERVE_CALL_H

#include <stdbool.h>
#include <stdint.h>

enum sim_call_index {
	SIM_CALL_ASSIST_IO, SIM_CALL_ASSIST_MEM, SIM_CALL_CAPABILITY,
	SIM_CALL_CTL, SIM_CALL_GPA_MAP, SIM_CALL_GPA_TO_HVA,
	SIM_CALL_GPA_UNMAP, SIM_CALL_GVA_TO_GPA, SIM_CALL_HVA_MAP,
	SIM_CALL_HVA_UNMAP, SIM_CALL_INIT, SIM_CALL_MACHINE_CONFIGURE,
	SIM_CALL_MACHINE_CREATE, SIM_CALL_MACHINE_DESTROY,
	SIM_CALL_ROOT_INIT, SIM_CALL_VCPU_CONFIGURE, SIM_CALL_VCPU_CREATE,
	SIM_CALL_VCPU_DESTROY, SIM_CALL_VCPU_DUMP, SIM_CALL_VCPU_GETSTATE,
	SIM_CALL_VCPU_INJECT, SIM_CALL_VCPU_RUN, SIM_CALL_VCPU_SETSTATE,
	SIM_CALL_VCPU_STOP,
	SIM_NCALL
};

#define SIM_CALL_ARGS	5

struct sim_call_row {
	const char *name;
	/*
	 * A letter per argument that a trace shows: m machid, c cpuid,
	 * f state flags, x hex, s size, p protection, d decimal.
	 */
	const char *args;
	/* A library of another generation, or a port, may lack it. */
	bool optional;
	/* Without a comm page each such call is an ioctl. */
	bool per_call;
	/*
	 * The components that the function is documented to get before it
	 * does anything, and to set when it succeeds.
	 */
	uint64_t inner_getstate, inner_setstate;
};
extern const struct sim_call_row sim_calls[SIM_NCALL];

/*
 * Functions, a bit each by sim_call_index, whose own calls of getstate and
 * setstate go past everybody: the library is linked or compiled so.
 */
struct sim_hidden_calls {
	uint32_t getstate, setstate;
};

/* A call: what is known when it starts, and then what came of it. */
struct sim_call_event {
	enum sim_call_index call;
	unsigned depth;			/* 0: called by the VMM */
	const uint64_t *args;		/* SIM_CALL_ARGS of them */
	int result;
	int error;			/* errno, if result is -1 */
	unsigned ioctls;		/* its own, without inner calls' */
	unsigned inner;			/* calls that it made, and we saw */
};

/*
 * Called in the calling thread.  *local is the thread's, NULL at first, for
 * the observer's use as long as it stays attached.
 */
struct sim_call_observer {
	void (*enter)(void *arg, void **local,
	    const struct sim_call_event *event);
	void (*leave)(void *arg, void **local,
	    const struct sim_call_event *event);
};

#endif /* SIM_OBSERVE_CALL_H */
