/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Recorded loads: the device accesses of a real guest, in order.
 *
 * The file is text, one access a line, tab-separated: space (pio or mmio),
 * r or w, address and then size (bytes) and value, address and value in hex,
 * device region.  Lines that start with # are comments.  Text, or text
 * compressed by xz.
 */
#ifndef SIM_SCENARIO_LOAD_H
#define SIM_SCENARIO_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct load_access {
	bool mmio;
	bool write;
	uint8_t size;		/* bytes: 1, 2, 4 */
	uint64_t address;	/* port or gpa */
	uint64_t value;
};

struct load {
	struct load_access *accesses;	/* owned */
	size_t n;
};

/*
 * At least one access.  0, or -1 with one line in why (size bytes): the file
 * cannot be read or unpacked, a line is no access, there is none.
 */
int load_read(const char *path, struct load *load, char *why, size_t size);
void load_free(struct load *load);

/* How to replay it. */
struct load_plan {
	const struct load *load;
	unsigned timer_every;	/* accesses; 0: no timer */
	uint8_t timer_vector;
	uint64_t repeat;	/* times that it is played in a row; 0: once */
};

/* What came of it. */
struct load_result {
	uint64_t accesses;	/* that the VMM's devices saw */
	uint64_t checked;	/* values that the guest got back right */
	uint64_t interrupts;	/* that the guest took */
	char why[256];		/* what went wrong, if something did */
};

struct nvmm_machine;
struct nvmm_vcpu;
struct sim;

/*
 * Replays a load on a VCPU of a fresh machine, as a VMM would run the guest
 * that made it.  code is the machine's harness page.  0, or -1 with why.
 */
int load_replay_vmm(struct sim *sim, struct nvmm_machine *mach,
    struct nvmm_vcpu *vcpu, uint8_t *code, const struct load_plan *plan,
    struct load_result *result);

#endif /* SIM_SCENARIO_LOAD_H */
