/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What both back ends do alike, for svm.c and vmx.c only.
 */
#ifndef SIM_BACKEND_COMMON_H
#define SIM_BACKEND_COMMON_H

#include "backend/backend.h"

/* XCR0 and MXCSR become what this processor can hold. */
void sim_backend_normalize(struct sim_state *state, uint64_t components,
    const struct sim_cpu_model *model);

/* The I/O exit of a processor that reports the segment. */
void sim_backend_exit_io(const struct sim_stop *stop,
    struct sim_exit_record *exit);

/* A MEMORY exit without instruction bytes. */
void sim_backend_exit_memory(const struct sim_stop *stop,
    struct sim_exit_record *exit);

/* Rows of MSRs that never exit on either. */
#define SIM_MSRS_PASSED							\
	{ 0x00000174, SIM_MSR_PASS, "sysenter_cs" },			\
	{ 0x00000175, SIM_MSR_PASS, "sysenter_esp" },			\
	{ 0x00000176, SIM_MSR_PASS, "sysenter_eip" },			\
	{ 0xc0000081, SIM_MSR_PASS, "star" },				\
	{ 0xc0000082, SIM_MSR_PASS, "lstar" },				\
	{ 0xc0000083, SIM_MSR_PASS, "cstar" },				\
	{ 0xc0000084, SIM_MSR_PASS, "sfmask" },				\
	{ 0xc0000100, SIM_MSR_PASS, "fs.base" },			\
	{ 0xc0000101, SIM_MSR_PASS, "gs.base" },			\
	{ 0xc0000102, SIM_MSR_PASS, "kernelgsbase" },			\
	{ 0x00000010, SIM_MSR_TSC_WRITE, NULL }

#endif /* SIM_BACKEND_COMMON_H */
