/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest memory in tests: the ioctls as functions, and a guest that reads and
 * writes.
 */
#ifndef TESTS_KERNEL_MEMORY_H
#define TESTS_KERNEL_MEMORY_H

#include "fixture.h"
#include "kernel/map.h"

#define PAGE		4096ULL
#define MEMORY_HVA	0x10000000ULL	/* for calls that map nothing there */
#define RWX		(SIM_PROT_READ | SIM_PROT_WRITE | SIM_PROT_EXEC)

/* Memory of the caller, in pages; lives as long as the test. */
uint64_t memory_new(unsigned pages);

/* The ioctls, on the fixture's machine: errno values. */
int hva_map(uint64_t hva, uint64_t size);
int hva_unmap(uint64_t hva, uint64_t size);
int gpa_map(uint64_t hva, uint64_t gpa, uint64_t size, int prot);
int gpa_unmap(uint64_t gpa, uint64_t size);

/*
 * Whether the guest's access to the byte succeeds; else it is a MEMORY
 * exit, which is checked, and the guest goes on without it.
 */
bool guest_can(enum sim_access access, uint64_t gpa);
/* A byte, where the guest can. */
uint8_t guest_read(uint64_t gpa);
void guest_write(uint64_t gpa, uint8_t value);

#endif /* TESTS_KERNEL_MEMORY_H */
