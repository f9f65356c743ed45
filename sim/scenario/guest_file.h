/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What VCPUs of a program that is not a scenario are to do: a Lua file that
 * says vcpu(machid, cpuid):will(intents).
 */
#ifndef SIM_SCENARIO_GUEST_FILE_H
#define SIM_SCENARIO_GUEST_FILE_H

#include <stddef.h>
#include <stdint.h>

struct guest_file;
struct sim;

/* 0, or -1 with one line in why (size bytes).  The caller frees it. */
int guest_file_load(const char *path, struct guest_file **filep, char *why,
    size_t size);
void guest_file_free(struct guest_file *file);

/*
 * A VCPU has been created: from its first run on it does what the file says,
 * and then halts for ever.  NULL, or one line that says why it cannot; a
 * VCPU that the file does not name is left alone.  Any thread.
 */
const char *guest_file_created(struct guest_file *file, struct sim *sim,
    uint32_t machid, uint32_t cpuid);

#endif /* SIM_SCENARIO_GUEST_FILE_H */
