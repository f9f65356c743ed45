/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program of somebody else's that uses an installed libnvmm: it says which
 * generation it was compiled for and that it reaches the library.
 */
#include <stdio.h>
#include <string.h>
#include <nvmm.h>

int
main(void)
{
	struct nvmm_capability cap;

	if (nvmm_capability(&cap) != -1)
		return 1;
	printf("consumer: v%d: %s, %d\n", NVMM_KERN_VERSION, strerror(errno),
	    errno == EPROGMISMATCH);
	return 0;
}
