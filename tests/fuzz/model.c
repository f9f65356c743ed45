/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which machines and VCPUs there must be, from the results of calls alone;
 * and what the kernel shows of them through control.h.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fuzz.h"

void
fuzz_wrong(struct fuzz *fuzz, const char *what, const char *fmt, ...)
{
	va_list ap;

	if (fuzz->wrong != NULL)
		return;
	fuzz->wrong = what;
	va_start(ap, fmt);
	vsnprintf(fuzz->detail, sizeof(fuzz->detail), fmt, ap);
	va_end(ap);
}

static void
machine_forget(struct fuzz_model *model, uint32_t machid)
{
	model->owner[machid] = OWNER_NONE;
	model->nvcpus[machid] = 0;
	memset(model->vcpu[machid], 0, sizeof(model->vcpu[machid]));
}

void
fuzz_model_close(struct fuzz *fuzz, uint32_t owner)
{
	uint32_t machid;

	for (machid = 0; machid < MAX_MACHINES; machid++) {
		if (fuzz->model.owner[machid] == owner)
			machine_forget(&fuzz->model, machid);
	}
}

static uint32_t
lowest_free(const struct fuzz_model *model)
{
	uint32_t machid = 0;

	while (machid < MAX_MACHINES && model->owner[machid] != OWNER_NONE)
		machid++;
	return machid;
}

/*
 * A creation that could not tell its machid has created all the same: only
 * then is there a machine where the lowest free one should be.
 */
static void
machine_created(struct fuzz *fuzz, const struct fuzz_file *file,
    const uint8_t *arg, int error)
{
	uint32_t machid, wanted = lowest_free(&fuzz->model);

	memcpy(&machid, arg, sizeof(machid));
	if (error == 0 && machid != wanted)
		fuzz_wrong(fuzz, "MACHINE_CREATE did not take the lowest",
		    "%u, not %u", machid, wanted);
	if (error == ENOBUFS && wanted != MAX_MACHINES)
		fuzz_wrong(fuzz, "ENOBUFS, but there is room", "%u", wanted);
	if (wanted == MAX_MACHINES || (error != 0 && error != EFAULT))
		return;
	if (sim_host_raise(fuzz->sim, wanted, 0, SIM_HOST_NOTHING, 0) == 0)
		fuzz->model.owner[wanted] = file->owner;
	else if (error == 0)
		fuzz_wrong(fuzz, "a machine just created is not there", "%u",
		    wanted);
}

bool
fuzz_may_use(const struct fuzz *fuzz, const struct fuzz_file *file,
    uint32_t machid)
{
	return machid < MAX_MACHINES &&
	    fuzz->model.owner[machid] != OWNER_NONE &&
	    (file->owner == OWNER_ROOT ||
	    file->owner == fuzz->model.owner[machid]);
}

static void
check_lookup(struct fuzz *fuzz, const struct fuzz_file *file,
    enum sim_ioctl_index ioctl, const struct sim_vcpu_arg *arg, int error)
{
	bool allowed = fuzz_may_use(fuzz, file, arg->machid), vcpu;

	if (error == 0 && !allowed)
		fuzz_wrong(fuzz, "an ioctl worked on a machine it cannot have",
		    "%s, machine %u", sim_ioctl_names[ioctl].name,
		    arg->machid);
	if (error == EPERM && (allowed || arg->machid >= MAX_MACHINES ||
	    fuzz->model.owner[arg->machid] == OWNER_NONE))
		fuzz_wrong(fuzz, "EPERM without a foreign machine", "%u",
		    arg->machid);
	if (ioctl < SIM_VCPU_CREATE || ioctl > SIM_VCPU_RUN || !allowed)
		return;
	vcpu = arg->cpuid < MAX_VCPUS &&
	    fuzz->model.vcpu[arg->machid][arg->cpuid];
	if ((error == 0 && vcpu == (ioctl == SIM_VCPU_CREATE)) ||
	    (error == EBUSY && !vcpu) || (error == ENOENT && vcpu))
		fuzz_wrong(fuzz, "an ioctl and the VCPU it is about disagree",
		    "%s, machine %u, VCPU %u: error %d",
		    sim_ioctl_names[ioctl].name, arg->machid, arg->cpuid,
		    error);
}

/*
 * v3's VCPU_CREATE that could not tell where the page is has created the
 * VCPU all the same.
 */
static bool
vcpu_created(struct fuzz *fuzz, const struct sim_vcpu_arg *named, int error)
{
	struct sim_state state;

	return error == 0 || (error == EFAULT &&
	    named->machid < MAX_MACHINES && named->cpuid < MAX_VCPUS &&
	    sim_peek_state(fuzz->sim, named->machid, named->cpuid, &state) ==
	    0);
}

static void
vcpu_changed(struct fuzz_model *model, const struct sim_vcpu_arg *named,
    bool exists)
{
	bool *vcpu = &model->vcpu[named->machid][named->cpuid];

	if (*vcpu != exists)
		model->nvcpus[named->machid] += exists ? 1 : -1U;
	*vcpu = exists;
}

void
fuzz_model_ioctl(struct fuzz *fuzz, const struct fuzz_file *file,
    enum sim_ioctl_index ioctl, const uint8_t *arg, int error)
{
	struct sim_vcpu_arg named;

	if (ioctl == SIM_MACHINE_CREATE)
		machine_created(fuzz, file, arg, error);
	if (ioctl == SIM_CAPABILITY || ioctl == SIM_MACHINE_CREATE ||
	    ioctl == SIM_CTL || ioctl >= SIM_NIOCTL)
		return;
	memcpy(&named, arg, sizeof(named));
	check_lookup(fuzz, file, ioctl, &named, error);
	if (fuzz->wrong != NULL)
		return;
	if (ioctl == SIM_VCPU_CREATE && vcpu_created(fuzz, &named, error))
		vcpu_changed(&fuzz->model, &named, true);
	if (ioctl == SIM_VCPU_DESTROY && error == 0)
		vcpu_changed(&fuzz->model, &named, false);
	if (ioctl == SIM_MACHINE_DESTROY && error == 0)
		machine_forget(&fuzz->model, named.machid);
}

static void
check_machine(struct fuzz *fuzz, uint32_t machid)
{
	const struct fuzz_model *model = &fuzz->model;
	struct sim_state state;
	uint32_t cpuid;
	unsigned n = 0;

	for (cpuid = 0; cpuid < MAX_VCPUS; cpuid++)
		n += sim_peek_state(fuzz->sim, machid, cpuid, &state) == 0;
	if (n != model->nvcpus[machid])
		fuzz_wrong(fuzz, "the number of VCPUs is wrong",
		    "machine %u: %u, not %u", machid, n,
		    model->nvcpus[machid]);
	if ((sim_host_raise(fuzz->sim, machid, 0, SIM_HOST_NOTHING, 0) == 0) !=
	    (model->owner[machid] != OWNER_NONE))
		fuzz_wrong(fuzz, "a machine is there or not, wrongly", "%u",
		    machid);
}

static void
check_counts(struct fuzz *fuzz)
{
	uint64_t ioctls = 0, exits = 0;
	struct sim_stats stats;
	unsigned i;

	sim_stats_read(fuzz->sim, &stats);
	for (i = 0; i <= SIM_NIOCTL; i++)
		ioctls += stats.ioctls[i];
	for (i = 0; i < SIM_NEXIT; i++)
		exits += stats.exits[i];
	if (ioctls != fuzz->nioctls || exits < fuzz->nruns ||
	    exits > fuzz->nruns + fuzz->nruns_unsure ||
	    stats.other[SIM_OTHER_OPEN] != fuzz->nopens ||
	    stats.other[SIM_OTHER_MMAP] != fuzz->nmmaps)
		fuzz_wrong(fuzz, "the counters are wrong", "ioctls %llu of "
		    "%llu, exits %llu of %llu, opens %llu of %llu, mmaps "
		    "%llu of %llu", (unsigned long long)ioctls,
		    (unsigned long long)fuzz->nioctls,
		    (unsigned long long)exits,
		    (unsigned long long)fuzz->nruns,
		    (unsigned long long)stats.other[SIM_OTHER_OPEN],
		    (unsigned long long)fuzz->nopens,
		    (unsigned long long)stats.other[SIM_OTHER_MMAP],
		    (unsigned long long)fuzz->nmmaps);
}

void
fuzz_invariants(struct fuzz *fuzz)
{
	uint64_t bytes, objects, vcpus = 0;
	uint32_t machid;

	for (machid = 0; machid < MAX_MACHINES; machid++) {
		vcpus += fuzz->model.nvcpus[machid];
		check_machine(fuzz, machid);
	}
	check_counts(fuzz);
	sim_usage(fuzz->sim, &bytes, &objects);
	if ((bytes == 0) != (objects == 0) || objects < vcpus)
		fuzz_wrong(fuzz, "the accounting is wrong",
		    "%llu bytes in %llu objects for %llu VCPUs",
		    (unsigned long long)bytes, (unsigned long long)objects,
		    (unsigned long long)vcpus);
}
