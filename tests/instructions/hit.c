/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * For callgrind: N getstates that hit, or N calls of an empty function.  One
 * hit's cost is the slope over N, compared with the empty function's.  The
 * comm page is made by hand: a hit needs no kernel.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nvmm.h>

typedef int getstate(struct nvmm_machine *, struct nvmm_vcpu *, uint64_t);

static int __attribute__((__noinline__))
empty(struct nvmm_machine *mach, struct nvmm_vcpu *vcpu, uint64_t flags)
{
	__asm__ volatile("" : : "r"(mach), "r"(vcpu), "r"(flags));
	return 0;
}

int
main(int argc, char **argv)
{
	static struct nvmm_comm_page comm = {
		.state_cached = NVMM_X64_STATE_ALL,
	};
	struct nvmm_comm_page *pages[1] = { &comm };
	struct nvmm_machine mach = { .machid = 0, .pages = pages };
	struct nvmm_vcpu vcpu = { .cpuid = 0 };
	getstate *volatile function = empty;
	unsigned long i, n;
	void *library;

	if (argc != 4) {
		fprintf(stderr, "usage: hit hit|empty COUNT LIBRARY\n");
		return EXIT_FAILURE;
	}
	library = dlopen(argv[3], RTLD_NOW);
	if (library == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		return EXIT_FAILURE;
	}
	if (strcmp(argv[1], "hit") == 0)
		*(void **)&function = dlsym(library, "nvmm_vcpu_getstate");
	n = strtoul(argv[2], NULL, 10);
	for (i = 0; i < n; i++) {
		if (function(&mach, &vcpu, NVMM_X64_STATE_GPRS) != 0)
			return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
