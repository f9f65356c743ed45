/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the programs of tests/exec share.
 */
#include "check.h"

char **arguments;

extern const struct behaviour behaviours[];

static int
list(void)
{
	const struct behaviour *b;

	for (b = behaviours; b->name != NULL; b++)
		printf("%s%s\n", b->name, b->kind);
	return 0;
}

int
main(int argc, char **argv)
{
	const struct behaviour *b;

	arguments = argv + 2;
	if (argc > 1 && strcmp(argv[1], "list") == 0)
		return list();
	for (b = behaviours; argc > 1 && b->name != NULL; b++) {
		if (strcmp(b->name, argv[1]) != 0)
			continue;
		b->show();
		puts("ok");
		return 0;
	}
	printf("no behaviour '%s'\n", argc > 1 ? argv[1] : "");
	return 1;
}

void
guest_code(struct guest *guest, const void *code, size_t size)
{
	struct nvmm_machine *machine = &guest->machine;

	guest->page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(guest->page != MAP_FAILED);
	CHECK(nvmm_init() == 0);
	CHECK(nvmm_machine_create(machine) == 0);
	CHECK(nvmm_hva_map(machine, (uintptr_t)guest->page, PAGE) == 0);
	memcpy(guest->page + START, code, size);
	CHECK(nvmm_gpa_map(machine, (uintptr_t)guest->page, TOP, PAGE,
	    PROT_READ | PROT_WRITE | PROT_EXEC) == 0);
	CHECK(nvmm_vcpu_create(machine, 0, &guest->vcpu) == 0);
}

int
device_open(int flags)
{
	int fd = open("/dev/nvmm", flags | O_CLOEXEC);

	CHECK(fd != -1);
	return fd;
}

uint32_t
machine_of(int fd)
{
	struct nvmm_ioc_machine_create args = { .machid = 99 };

	CHECK(ioctl(fd, NVMM_IOC_MACHINE_CREATE, &args) == 0);
	return args.machid;
}

bool
is_there(uint32_t machid)
{
	struct nvmm_ctl_mach_info info = { .machid = machid };
	struct nvmm_ioc_ctl args = {
		.op = NVMM_CTL_MACH_INFO,
		.data = &info,
		.size = sizeof(info),
	};
	int fd = device_open(O_WRONLY), result;

	result = ioctl(fd, NVMM_IOC_CTL, &args);
	CHECK(result == 0 || errno == ENOENT);
	CHECK(close(fd) == 0);
	return result == 0;
}
