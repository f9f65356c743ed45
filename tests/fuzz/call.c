/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random ioctls and other calls, and what each may answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fuzz.h"
#include "kernel/errors.h"

/*
 * Which ioctl a command is in any generation; *bsd is it in BSD's encoding,
 * *others whether a generation does not have it.
 */
static enum sim_ioctl_index
command_find(uint32_t command, uint32_t *bsd, bool *others)
{
	enum sim_ioctl_index index, found = SIM_IOCTL_UNKNOWN;
	unsigned i, n = 0;

	for (i = 0; sim_abis[i] != NULL; i++) {
		index = sim_abi_ioctl(sim_abis[i], command);
		if (index == SIM_IOCTL_UNKNOWN)
			continue;
		found = index;
		*bsd = sim_abis[i]->command[index];
		n++;
	}
	*others = n < i;
	return found;
}

static enum sim_ioctl_index
random_ioctl(struct fuzz *fuzz)
{
	static const enum sim_ioctl_index often[] = {
		SIM_VCPU_CREATE, SIM_VCPU_RUN, SIM_VCPU_RUN, SIM_VCPU_RUN,
		SIM_VCPU_GETSTATE, SIM_VCPU_SETSTATE, SIM_VCPU_INJECT,
		SIM_GPA_MAP, SIM_HVA_MAP,
	};
	unsigned n = sizeof(often) / sizeof(often[0]);
	enum sim_ioctl_index index;

	if (fuzz_below(fuzz, 100) < fuzz->creates)
		return SIM_MACHINE_CREATE;
	if (fuzz_once_in(fuzz, 2))
		return often[fuzz_below(fuzz, n)];
	index = (enum sim_ioctl_index)fuzz_below(fuzz, SIM_NIOCTL);
	/* What exists must have a life first. */
	if (index == SIM_MACHINE_DESTROY && !fuzz_once_in(fuzz, 8))
		index = SIM_VCPU_RUN;
	return index;
}

static unsigned
number_of_abis(void)
{
	unsigned n = 0;

	while (sim_abis[n] != NULL)
		n++;
	return n;
}

static uint32_t
linux_encoding(uint32_t command)
{
	uint32_t direction = command >> 30;

	direction = (direction & 1) << 1 | direction >> 1;
	return (command & 0x3fffffff) | direction << 30;
}

/* What an ioctl is called, or almost. */
static unsigned long
random_command(struct fuzz *fuzz)
{
	const struct sim_abi *abi = fuzz->abi;
	unsigned long command;

	if (abi == NULL || fuzz_once_in(fuzz, 8))
		abi = sim_abis[fuzz_below(fuzz, number_of_abis())];
	command = abi->command[random_ioctl(fuzz)];
	if (fuzz_once_in(fuzz, 4))
		command = linux_encoding((uint32_t)command);
	if (fuzz_once_in(fuzz, 4) && command >> 31)
		command |= 0xffffffff00000000UL;
	switch (fuzz_below(fuzz, 64)) {
	case 0:
		return fuzz_random(fuzz);
	case 1:
		return command ^ 1UL << fuzz_below(fuzz, 32);
	case 2:
		return command + fuzz_below(fuzz, 32);
	case 3:
		return fuzz_edge(fuzz);
	default:
		return command;
	}
}

static void
check_error(struct fuzz *fuzz, const struct fuzz_file *file,
    enum sim_ioctl_index index, bool others, int error)
{
	const char *name = index == SIM_IOCTL_UNKNOWN ? "an unknown ioctl" :
	    sim_ioctl_names[index].name;

	if (error == 0 && index != SIM_IOCTL_UNKNOWN)
		return;
	if (sim_error_documented(index, error))
		return;
	if (others && sim_error_documented(SIM_IOCTL_UNKNOWN, error))
		return;
	if (file->closed && index == SIM_MACHINE_CREATE && error == EBADF)
		return;
	fuzz_wrong(fuzz, "an error that is not documented", "%s: %d", name,
	    error);
}

static void
check_place(struct fuzz *fuzz, const struct fuzz_place *place,
    enum sim_ioctl_index index, uint32_t command, int error)
{
	if (error != 0 || index == SIM_IOCTL_UNKNOWN)
		return;
	if ((!place->readable && (command & SIM_IOC_IN)) ||
	    (!place->writable && (command & SIM_IOC_OUT)))
		fuzz_wrong(fuzz, "an ioctl worked without its argument", "%s",
		    sim_ioctl_names[index].name);
}

static void
host_mapping_changed(struct fuzz *fuzz, const struct sim_hva_arg *arg,
    bool mapped)
{
	const struct fuzz_range range = {
		.machid = arg->machid, .hva = arg->hva, .size = arg->size,
	};

	fuzz_views_forget(fuzz, arg->hva, arg->size);
	if (mapped)
		fuzz->ranges[fuzz_below(fuzz, NRANGES)] = range;
	else
		fuzz_arena_reserve(fuzz, arg->hva, arg->size);
}

static void
machine_told(struct fuzz *fuzz, const struct sim_ctl_arg *arg)
{
	const struct fuzz_model *model = &fuzz->model;
	struct sim_mach_info info;

	memcpy(&info, (const void *)(uintptr_t)arg->data, sizeof(info));
	if (info.machid >= MAX_MACHINES ||
	    model->owner[info.machid] == OWNER_NONE ||
	    model->nvcpus[info.machid] != info.nvcpus)
		fuzz_wrong(fuzz, "MACH_INFO is wrong",
		    "machine %u, %u VCPUs", info.machid, info.nvcpus);
}

/* What the caller must do, or look at, after an ioctl that worked. */
static void
after_success(struct fuzz *fuzz, enum sim_ioctl_index index,
    const uint8_t *arg, size_t size)
{
	struct sim_run_arg run;
	struct sim_hva_arg hva;
	struct sim_ctl_arg ctl;
	uintptr_t page;

	switch (index) {
	case SIM_VCPU_CREATE:
		memcpy(&run, arg, sizeof(struct sim_vcpu_arg));
		fuzz_guest(fuzz, run.machid, run.cpuid);
		if (size > sizeof(struct sim_vcpu_arg)) {
			memcpy(&page, arg + sizeof(struct sim_vcpu_arg),
			    sizeof(page));
			fuzz_view_add(fuzz, (void *)page, true);
		}
		break;
	case SIM_VCPU_RUN:
		memcpy(&run, arg, sizeof(run));
		fuzz->nruns++;
		if (sim_exit_find(run.exit.reason) == SIM_NEXIT)
			fuzz_wrong(fuzz, "an exit that does not exist",
			    "%#llx", (unsigned long long)run.exit.reason);
		break;
	case SIM_HVA_MAP: case SIM_HVA_UNMAP:
		memcpy(&hva, arg, sizeof(hva));
		host_mapping_changed(fuzz, &hva, index == SIM_HVA_MAP);
		break;
	case SIM_CTL:
		memcpy(&ctl, arg, sizeof(ctl));
		machine_told(fuzz, &ctl);
		break;
	default:
		break;
	}
}

/* Any file; most of the time one that may use the machine. */
static struct fuzz_file *
random_file(struct fuzz *fuzz, uint32_t machid)
{
	unsigned i = (unsigned)fuzz_below(fuzz, NFILES), n;

	if (fuzz_once_in(fuzz, 8))
		return &fuzz->files[i];
	for (n = 0; n < NFILES; n++) {
		if (fuzz_may_use(fuzz, &fuzz->files[i], machid))
			break;
		i = (i + 1) % NFILES;
	}
	return &fuzz->files[i];
}

static void
call_ioctl(struct fuzz *fuzz)
{
	struct fuzz_file *file;
	unsigned long command = random_command(fuzz);
	_Alignas(16) uint8_t arg[SIM_ARG_MAX], stack[2 * SIM_ARG_MAX];
	_Alignas(16) uint8_t pointed[2 * SIM_ARG_MAX];
	struct fuzz_place place;
	enum sim_ioctl_index index;
	uint32_t bsd = 0, machid;
	size_t size;
	bool others;
	int error;

	index = command_find((uint32_t)command, &bsd, &others);
	size = index == SIM_IOCTL_UNKNOWN ? SIM_ARG_MAX :
	    SIM_IOC_SIZE(bsd);
	fuzz_argument(fuzz, index, arg, pointed);
	memcpy(&machid, arg, sizeof(machid));
	file = random_file(fuzz, machid);
	place = fuzz_place(fuzz, stack, size);
	if (place.writable)
		memcpy(place.addr, arg, size);
	else if (place.readable)
		memcpy(arg, place.addr, size);
	fuzz->budget = (unsigned)fuzz_below(fuzz, 6);

	error = sim_ioctl(file->file, command, place.addr);
	fuzz->nioctls++;	/* also on a closed file: it arrived */
	if (place.writable && (bsd & SIM_IOC_OUT))
		memcpy(arg, place.addr, size);
	check_error(fuzz, file, index, others, error);
	check_place(fuzz, &place, index, bsd, error);
	fuzz_model_ioctl(fuzz, file, index, arg, error);
	if (index == SIM_VCPU_RUN && error == EFAULT && place.readable)
		fuzz->nruns_unsure++;
	if (error == 0 && fuzz->wrong == NULL)
		after_success(fuzz, index, arg, size);
}

int
fuzz_open(struct fuzz *fuzz, unsigned i, int flags)
{
	struct fuzz_file *file = &fuzz->files[i];
	int error;

	fuzz->nopens++;
	error = sim_open(fuzz->sim, flags, &file->file);
	if (error)
		return error;
	file->closed = false;
	file->owner = (flags & O_ACCMODE) == O_WRONLY ? OWNER_ROOT :
	    ++fuzz->next_owner;
	return 0;
}

static void
call_open_or_close(struct fuzz *fuzz)
{
	static const int flags[] = {
		O_RDONLY, O_RDWR, O_WRONLY, O_ACCMODE, O_RDWR | O_NONBLOCK,
	};
	unsigned i = (unsigned)fuzz_below(fuzz, NFILES);
	struct fuzz_file *file = &fuzz->files[i];
	int cloexec = fuzz_once_in(fuzz, 8) ? 0 : O_CLOEXEC, error;

	if (!file->closed) {
		sim_close(file->file);
		file->closed = true;
		fuzz_model_close(fuzz, file->owner);
		return;
	}
	error = fuzz_open(fuzz, i, cloexec |
	    flags[fuzz_below(fuzz, sizeof(flags) / sizeof(flags[0]))]);
	if (error != (cloexec ? 0 : EINVAL))
		fuzz_wrong(fuzz, "open", "error %d", error);
}

/* What happens to a VCPU from outside: the host, or a tool. */
static void
call_control(struct fuzz *fuzz)
{
	uint32_t machid = (uint32_t)fuzz_below(fuzz, MAX_MACHINES + 1);
	uint32_t cpuid = (uint32_t)fuzz_below(fuzz, 4);
	struct sim_comm_flags flags;
	void *page;

	fuzz_bytes(fuzz, &flags, sizeof(flags));
	(void)sim_poke_flags(fuzz->sim, machid, cpuid, &flags);
	(void)sim_host_raise(fuzz->sim, machid, cpuid,
	    (enum sim_host_reason)fuzz_below(fuzz, SIM_HOST_MISCONFIGURATION + 1),
	    (unsigned)fuzz_below(fuzz, 4));
	if (fuzz_once_in(fuzz, 8))
		(void)sim_harness_page(fuzz->sim, machid,
		    fuzz_below(fuzz, 128) * PAGE, &page);
}

void
fuzz_call(struct fuzz *fuzz)
{
	uint64_t which = fuzz_below(fuzz, 1000);

	if (which < 40)
		fuzz_call_mmap(fuzz);
	else if (which < 80)
		fuzz_call_munmap(fuzz);
	else if (which < 83)
		call_open_or_close(fuzz);
	else if (which < 100)
		call_control(fuzz);
	else {
		if (which < 400)
			fuzz_scribble(fuzz);
		call_ioctl(fuzz);
	}
}
