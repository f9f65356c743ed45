/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A caller that forgets a field of an ioctl's argument: its cpuid.
 */
#include <sys/ioctl.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "stage.h"

int
main(int argc, char **argv)
{
	struct nvmm_ioc_vcpu_getstate *args = malloc(sizeof(*args));
	struct stage stage;
	int fd;

	stage_open(&stage, argc, argv);
	fd = open("/dev/nvmm", O_WRONLY | O_CLOEXEC);
	if (fd == -1 || args == NULL)
		return 2;
	args->machid = stage.mach.machid;
	(void)ioctl(fd, NVMM_IOC_VCPU_GETSTATE, args);	/* reported */
	close(fd);
	free(args);
	/* The root owner's close has taken nothing that was not his. */
	stage_close(&stage);
	return 0;
}
