/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A VMM that does the same things properly.  It writes a component without
 * asking for it, but all of it, and leaves the flags of hva_map to libnvmm.
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stage.h"

/* From malloc(), so that what nobody writes there is known to be unwritten. */
static void
map_memory(struct stage *stage, int fd)
{
	struct nvmm_ioc_hva_map *args = malloc(sizeof(*args));
	void *memory;

	memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (args == NULL || memory == MAP_FAILED)
		exit(2);
	args->machid = stage->mach.machid;
	args->hva = (uintptr_t)memory;
	args->size = 4096;
	if (ioctl(fd, NVMM_IOC_HVA_MAP, args) == -1)
		exit(2);
	free(args);
	munmap(memory, 4096);
}

int
main(int argc, char **argv)
{
	struct stage stage;
	int fd;

	stage_open(&stage, argc, argv);
	fd = open("/dev/nvmm", O_WRONLY | O_CLOEXEC);
	if (fd == -1)
		return 2;
	map_memory(&stage, fd);
	close(fd);

	stage_run(&stage);
	(void)nvmm_vcpu_getstate(&stage.mach, &stage.vcpu,
	    NVMM_X64_STATE_GPRS);
	stage.vcpu.state->gprs[NVMM_X64_GPR_RBX] = 1;
	memset(stage.vcpu.state->drs, 0, sizeof(stage.vcpu.state->drs));
	(void)nvmm_vcpu_setstate(&stage.mach, &stage.vcpu,
	    NVMM_X64_STATE_GPRS | NVMM_X64_STATE_DRS);
	stage_run(&stage);
	stage_close(&stage);
	return 0;
}
