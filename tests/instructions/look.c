/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * COUNT look-ups of guest memory among AREAS mappings, without a driver: the
 * ioctls of the library end here and succeed.  usage: look COUNT AREAS LIBRARY
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include <nvmm.h>

typedef int machine_create(struct nvmm_machine *);
typedef int gpa_map(struct nvmm_machine *, uintptr_t, gpaddr_t, size_t, int);
typedef int gpa_to_hva(struct nvmm_machine *, gpaddr_t, uintptr_t *,
    nvmm_prot_t *);

#define STEP	UINT64_C(0x2000)

int
ioctl(int fd, unsigned long request, ...)
{
	(void)fd;
	(void)request;
	return 0;
}

static void *
function(void *library, const char *name)
{
	void *found = dlsym(library, name);

	if (found == NULL) {
		fprintf(stderr, "%s\n", dlerror());
		exit(EXIT_FAILURE);
	}
	return found;
}

int
main(int argc, char **argv)
{
	unsigned long i, count, areas;
	struct nvmm_machine mach;
	machine_create *create;
	gpa_to_hva *look;
	gpa_map *map;
	nvmm_prot_t prot;
	uintptr_t hva;
	void *library;

	if (argc != 4 || (library = dlopen(argv[3], RTLD_NOW)) == NULL) {
		fprintf(stderr, "usage: look COUNT AREAS LIBRARY\n");
		return EXIT_FAILURE;
	}
	count = strtoul(argv[1], NULL, 10);
	areas = strtoul(argv[2], NULL, 10);
	*(void **)&create = function(library, "nvmm_machine_create");
	*(void **)&map = function(library, "nvmm_gpa_map");
	*(void **)&look = function(library, "nvmm_gpa_to_hva");
	if (create(&mach) == -1)
		return EXIT_FAILURE;
	for (i = 0; i < areas; i++) {
		if (map(&mach, 0x10000, i * STEP, STEP / 2, PROT_READ) == -1)
			return EXIT_FAILURE;
	}
	for (i = 0; i < count; i++) {
		if (look(&mach, i % areas * STEP, &hva, &prot) == -1)
			return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
