/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arguments of ioctls: right often enough to get somewhere, wrong in each
 * field now and then.
 */
#include <string.h>

#include "fuzz.h"

#define GUEST_PAGES	64	/* of a guest's memory that are used much */

/* A machine that exists, if there is any; rather one of the first. */
static uint32_t
existing_machid(struct fuzz *fuzz)
{
	uint32_t machid = (uint32_t)fuzz_below(fuzz,
	    fuzz_once_in(fuzz, 4) ? MAX_MACHINES : 4);
	unsigned i;

	for (i = 0; i < MAX_MACHINES; i++) {
		if (fuzz->model.owner[machid] != OWNER_NONE)
			break;
		machid = (machid + 1) % MAX_MACHINES;
	}
	return machid;
}

static uint32_t
random_machid(struct fuzz *fuzz)
{
	switch (fuzz_below(fuzz, 32)) {
	case 0:
		return (uint32_t)fuzz_edge(fuzz);
	case 1:
		return MAX_MACHINES - 1 + (uint32_t)fuzz_below(fuzz, 2);
	case 2:
		return (uint32_t)fuzz_below(fuzz, MAX_MACHINES);
	default:
		/* The same again makes a history of it. */
		if (fuzz_once_in(fuzz, 4))
			fuzz->last.machid = existing_machid(fuzz);
		return fuzz->last.machid;
	}
}

static uint32_t
random_cpuid(struct fuzz *fuzz)
{
	switch (fuzz_below(fuzz, 32)) {
	case 0:
		return (uint32_t)fuzz_edge(fuzz);
	case 1:
		return (uint32_t)fuzz_below(fuzz, 2 * MAX_VCPUS);
	case 2:
		return MAX_VCPUS / 2 - 1 + (uint32_t)fuzz_below(fuzz, 2);
	default:
		if (fuzz_once_in(fuzz, 4))
			fuzz->last.cpuid = (uint32_t)fuzz_below(fuzz, 4);
		return fuzz->last.cpuid;
	}
}

static uint64_t
random_gpa(struct fuzz *fuzz)
{
	switch (fuzz_below(fuzz, 16)) {
	case 0:
		return fuzz_edge(fuzz);
	case 1:
		return fuzz_random(fuzz) | 1;
	default:
		return fuzz_below(fuzz, GUEST_PAGES) * PAGE;
	}
}

static uint64_t
random_gpa_size(struct fuzz *fuzz)
{
	return fuzz_once_in(fuzz, 8) ? fuzz_edge(fuzz) :
	    (1 + fuzz_below(fuzz, 4)) * PAGE;
}

/* A structure of the caller's that an argument points to. */
static uint64_t
pointed_to(struct fuzz *fuzz, const void *data, size_t size, uint8_t *stack)
{
	struct fuzz_place place = fuzz_place(fuzz, stack, size);

	if (place.writable)
		memcpy(place.addr, data, size);
	return (uintptr_t)place.addr;
}

static void
fill_configure(struct fuzz *fuzz, struct sim_vcpu_configure_arg *arg,
    uint8_t *stack)
{
	struct sim_conf_cpuid conf;

	fuzz_bytes(fuzz, &conf, sizeof(conf));
	conf.action &= fuzz_once_in(fuzz, 8) ? UINT32_MAX : 2;
	conf.leaf &= 0x8000003f;
	if (fuzz_once_in(fuzz, 2)) {
		conf.action = SIM_CONF_CPUID_MASK;
		memset(conf.del, 0, sizeof(conf.del));
	}
	arg->op = fuzz_once_in(fuzz, 8) ? fuzz_edge(fuzz) :
	    SIM_VCPU_CONF_CPUID + fuzz_below(fuzz, 2);
	arg->conf = pointed_to(fuzz, &conf, sizeof(conf), stack);
}

static void
fill_ctl(struct fuzz *fuzz, struct sim_ctl_arg *arg, uint8_t *stack)
{
	struct sim_mach_info info;

	fuzz_bytes(fuzz, &info, sizeof(info));
	info.machid = random_machid(fuzz);
	arg->op = fuzz_once_in(fuzz, 8) ? (int32_t)fuzz_edge(fuzz) :
	    SIM_CTL_MACH_INFO;
	arg->size = fuzz_once_in(fuzz, 8) ? fuzz_edge(fuzz) : sizeof(info);
	arg->data = pointed_to(fuzz, &info, sizeof(info), stack);
}

/* A host mapping of the machine that the caller once made, or none. */
static const struct fuzz_range *
known_range(struct fuzz *fuzz, uint32_t machid)
{
	uint64_t start = fuzz_below(fuzz, NRANGES);
	const struct fuzz_range *range;
	unsigned i;

	for (i = 0; i < NRANGES && !fuzz_once_in(fuzz, 64); i++) {
		range = &fuzz->ranges[(start + i) % NRANGES];
		if (range->machid == machid && range->size != 0)
			return range;
	}
	return NULL;
}

static void
fill_gpa_map(struct fuzz *fuzz, struct sim_gpa_map_arg *map)
{
	const struct fuzz_range *range = known_range(fuzz, map->machid);
	uint64_t page;

	map->hva = fuzz_hva(fuzz);
	map->size = random_gpa_size(fuzz);
	map->gpa = random_gpa(fuzz);
	map->prot &= fuzz_once_in(fuzz, 8) ? -1 : 7;
	if (range == NULL)
		return;
	page = fuzz_below(fuzz, range->size / PAGE);
	map->hva = range->hva + page * PAGE;
	if (!fuzz_once_in(fuzz, 4))
		map->size = (1 + fuzz_below(fuzz, range->size / PAGE -
		    page)) * PAGE;
}

static void
fill_gpa_unmap(struct fuzz *fuzz, struct sim_gpa_unmap_arg *unmap)
{
	unmap->gpa = random_gpa(fuzz);
	unmap->size = random_gpa_size(fuzz);
}

static void
fill_hva(struct fuzz *fuzz, enum sim_ioctl_index ioctl,
    struct sim_hva_arg *arg)
{
	const struct fuzz_range *range = known_range(fuzz, arg->machid);

	arg->hva = fuzz_hva(fuzz);
	arg->size = fuzz_hva_size(fuzz, arg->hva);
	if (ioctl == SIM_HVA_UNMAP && range != NULL) {
		arg->hva = range->hva;
		arg->size = range->size;
	}
}

void
fuzz_argument(struct fuzz *fuzz, enum sim_ioctl_index ioctl, uint8_t *arg,
    uint8_t *stack)
{
	struct sim_vcpu_arg *named = (void *)arg;

	fuzz_bytes(fuzz, arg, SIM_ARG_MAX);
	if (ioctl == SIM_CTL) {	/* names its machine elsewhere */
		fill_ctl(fuzz, (void *)arg, stack);
		return;
	}
	named->machid = random_machid(fuzz);
	if (ioctl >= SIM_VCPU_CREATE && ioctl <= SIM_VCPU_RUN)
		named->cpuid = random_cpuid(fuzz);
	switch (ioctl) {
	case SIM_VCPU_CONFIGURE:
		fill_configure(fuzz, (void *)arg, stack);
		break;
	case SIM_GPA_MAP:
		fill_gpa_map(fuzz, (void *)arg);
		break;
	case SIM_GPA_UNMAP:
		fill_gpa_unmap(fuzz, (void *)arg);
		break;
	case SIM_HVA_MAP: case SIM_HVA_UNMAP:
		fill_hva(fuzz, ioctl, (void *)arg);
		break;
	default:
		break;
	}
}
