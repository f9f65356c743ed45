/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The errors of the driver, as NVMM-FACTS section 5 has them, and ENOMEM
 * where this kernel allocates.
 */
#include "kernel/errors.h"

#include <errno.h>

#define NROWS(table)	((unsigned)(sizeof(table) / sizeof((table)[0])))

/* Checks that many ioctls begin with. */
#define ARGUMENT(ioctl)							\
	{ ioctl, EFAULT, "the argument cannot be read" }
#define ARGUMENT_OUT(ioctl)						\
	{ ioctl, EFAULT, "the argument cannot be written" }
#define MACHINE(ioctl)							\
	{ ioctl, EINVAL, "machid is beyond the last machine" },		\
	{ ioctl, ENOENT, "there is no machine machid" },		\
	{ ioctl, EPERM, "the machine is another owner's" }
#define VCPU(ioctl)							\
	MACHINE(ioctl),							\
	{ ioctl, EINVAL, "cpuid is beyond the last VCPU" },		\
	{ ioctl, ENOENT, "the machine has no VCPU cpuid" }
#define GPA_RANGE(ioctl)						\
	{ ioctl, EINVAL, "size is 0, or the range wraps around" },	\
	{ ioctl, EINVAL, "gpa or size is not aligned to a page" },	\
	{ ioctl, EINVAL, "gpa or the range's end is beyond max_ram" }
#define EVENT(ioctl)							\
	{ ioctl, EINVAL, "the event is of no type, or an exception "	\
	    "with vector 0, 2, 3 or above 31" }

const struct sim_error_row sim_errors[] = {
	ARGUMENT_OUT(SIM_CAPABILITY),

	ARGUMENT(SIM_MACHINE_CREATE),
	{ SIM_MACHINE_CREATE, ENOBUFS, "all machines exist" },
	{ SIM_MACHINE_CREATE, ENOMEM, "no memory for the machine" },
	ARGUMENT_OUT(SIM_MACHINE_CREATE),

	ARGUMENT(SIM_MACHINE_DESTROY),
	MACHINE(SIM_MACHINE_DESTROY),

	ARGUMENT(SIM_MACHINE_CONFIGURE),
	{ SIM_MACHINE_CONFIGURE, EINVAL, "op is unknown, as every one is" },

	ARGUMENT(SIM_VCPU_CREATE),
	MACHINE(SIM_VCPU_CREATE),
	{ SIM_VCPU_CREATE, EINVAL, "cpuid is beyond the last VCPU" },
	{ SIM_VCPU_CREATE, EBUSY, "the machine has a VCPU cpuid" },
	{ SIM_VCPU_CREATE, ENOMEM, "no memory for the VCPU" },
	{ SIM_VCPU_CREATE, EFAULT, "v3: the argument cannot be written" },

	ARGUMENT(SIM_VCPU_DESTROY),
	VCPU(SIM_VCPU_DESTROY),

	ARGUMENT(SIM_VCPU_CONFIGURE),
	{ SIM_VCPU_CONFIGURE, EINVAL, "op is unknown" },
	VCPU(SIM_VCPU_CONFIGURE),
	{ SIM_VCPU_CONFIGURE, EFAULT, "conf cannot be read" },
	{ SIM_VCPU_CONFIGURE, EINVAL, "TPR: the back end has no TPR exits" },
	{ SIM_VCPU_CONFIGURE, EINVAL, "CPUID: both mask and exit" },
	{ SIM_VCPU_CONFIGURE, EINVAL, "CPUID: a bit is in both set and del" },
	{ SIM_VCPU_CONFIGURE, ENOBUFS, "CPUID: all entries are in use" },

	ARGUMENT(SIM_VCPU_SETSTATE),
	VCPU(SIM_VCPU_SETSTATE),

	ARGUMENT(SIM_VCPU_GETSTATE),
	VCPU(SIM_VCPU_GETSTATE),

	ARGUMENT(SIM_VCPU_INJECT),
	VCPU(SIM_VCPU_INJECT),
	EVENT(SIM_VCPU_INJECT),

	ARGUMENT(SIM_VCPU_RUN),
	VCPU(SIM_VCPU_RUN),
	EVENT(SIM_VCPU_RUN),
	ARGUMENT_OUT(SIM_VCPU_RUN),

	ARGUMENT(SIM_GPA_MAP),
	MACHINE(SIM_GPA_MAP),
	{ SIM_GPA_MAP, EINVAL, "prot has a bit that is not R, W or X" },
	GPA_RANGE(SIM_GPA_MAP),
	{ SIM_GPA_MAP, EINVAL, "hva is 0 or not aligned to a page" },
	{ SIM_GPA_MAP, EINVAL, "the range is not inside one host mapping" },
	{ SIM_GPA_MAP, ENOMEM, "no memory for the mapping" },

	ARGUMENT(SIM_GPA_UNMAP),
	MACHINE(SIM_GPA_UNMAP),
	GPA_RANGE(SIM_GPA_UNMAP),
	{ SIM_GPA_UNMAP, EINVAL, "quirk gpa-unmap-top: the range ends at "
	    "max_ram" },
	{ SIM_GPA_UNMAP, ENOMEM, "no memory for the mappings that remain" },

	ARGUMENT(SIM_HVA_MAP),
	MACHINE(SIM_HVA_MAP),
	{ SIM_HVA_MAP, EINVAL, "hva or size is not aligned to a page" },
	{ SIM_HVA_MAP, EINVAL, "hva is 0" },
	{ SIM_HVA_MAP, EINVAL, "size is 0, or the range wraps around" },
	{ SIM_HVA_MAP, EEXIST, "the range overlaps a host mapping" },
	{ SIM_HVA_MAP, ENOBUFS, "the machine has all its host mappings" },
	{ SIM_HVA_MAP, ENOMEM, "no memory, or none at that address" },

	ARGUMENT(SIM_HVA_UNMAP),
	MACHINE(SIM_HVA_UNMAP),
	{ SIM_HVA_UNMAP, ENOENT, "no host mapping has this hva and size" },

	ARGUMENT(SIM_CTL),
	{ SIM_CTL, EINVAL, "op is unknown" },
	{ SIM_CTL, EINVAL, "size is not that of op's data" },
	{ SIM_CTL, EFAULT, "data cannot be read" },
	MACHINE(SIM_CTL),
	{ SIM_CTL, EFAULT, "data cannot be written" },

	{ SIM_IOCTL_UNKNOWN, EINVAL, "the driver has no such ioctl" },
	{ SIM_IOCTL_UNKNOWN, EINVAL, "the ioctl is of another generation "
	    "than the descriptor" },
};
const unsigned sim_nerrors = NROWS(sim_errors);

const struct sim_errno_row sim_open_errors[] = {
	{ ENXIO, "there is no back end" },
	{ EINVAL, "flags lack O_CLOEXEC" },
	{ ENOMEM, "no memory for the descriptor" },
};
const unsigned sim_nopen_errors = NROWS(sim_open_errors);

const struct sim_errno_row sim_mmap_errors[] = {
	{ ENODEV, "v3: comm pages come from VCPU_CREATE" },
	{ EACCES, "prot has PROT_EXEC" },
	{ EINVAL, "length is not one page" },
	{ EINVAL, "offset is not aligned to a page" },
	{ EINVAL, "the offset's machid is beyond the last machine" },
	{ ENOENT, "there is no machine machid" },
	{ EPERM, "the machine is another owner's" },
	{ ENOMEM, "no memory, or none at that address" },
};
const unsigned sim_nmmap_errors = NROWS(sim_mmap_errors);

bool
sim_error_documented(enum sim_ioctl_index ioctl, int error)
{
	unsigned i;

	for (i = 0; i < sim_nerrors; i++) {
		if (sim_errors[i].ioctl == ioctl &&
		    sim_errors[i].error == error)
			return true;
	}
	return false;
}

bool
sim_mmap_error_documented(int error)
{
	unsigned i;

	for (i = 0; i < sim_nmmap_errors; i++) {
		if (sim_mmap_errors[i].error == error)
			return true;
	}
	return false;
}
