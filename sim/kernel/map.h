/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest-physical memory as an engine sees it: an immutable picture of the
 * machine's mappings, valid while the engine runs.
 */
#ifndef SIM_KERNEL_MAP_H
#define SIM_KERNEL_MAP_H

#include <stddef.h>
#include <stdint.h>

struct sim_map;

/* Rights, as mmap(2) has them. */
#define SIM_PROT_READ	1
#define SIM_PROT_WRITE	2
#define SIM_PROT_EXEC	4

/*
 * The kernel's address of guest memory at gpa, and in *size how many bytes
 * are contiguous from there.  NULL: no mapping there, or not with all rights
 * of prot.
 */
void *sim_map_access(const struct sim_map *map, uint64_t gpa, int prot,
    size_t *size);

/*
 * A number that is another one for each picture of the same machine; 0: the
 * empty one.
 */
uint64_t sim_map_generation(const struct sim_map *map);

/* The engine wrote size bytes at gpa: who else sees them learns of it. */
void sim_map_written(const struct sim_map *map, uint64_t gpa, size_t size);

#endif /* SIM_KERNEL_MAP_H */
