/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the programs of tests/exec share.  A program is a set of behaviours;
 * it shows the one that is named on its command line, prints "ok", and exits
 * with 0.  "list" lists them, for the suite that runs them.  They are compiled as any program would be: with libnvmm's headers
 * and nothing of the simulator's.
 */
#ifndef TESTS_EXEC_CHECK_H
#define TESTS_EXEC_CHECK_H

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <nvmm.h>
#include <dev/nvmm/nvmm_ioctl.h>

#define CHECK(what)							\
	do {								\
		if (!(what)) {						\
			printf("%s:%d: not: %s (errno %d, %s)\n",	\
			    __FILE__, __LINE__, #what, errno,		\
			    strerror(errno));				\
			fflush(stdout);					\
			exit(1);					\
		}							\
	} while (0)

#define FAILS(call, error)	CHECK((errno = 0, (call) == -1) &&	\
				    errno == (error))

struct behaviour {
	const char *name;
	void (*show)(void);
	/* "tells": one line is told about it; "apart": a test of its own. */
	const char *kind;
};
#define B(name)		{ #name, name, "" }
#define TELLS(name)	{ #name, name, " tells" }
#define APART(name)	{ #name, name, " apart" }

/* The rest of the command line, for what wants some. */
extern char **arguments;

/* In a page that ends at 4 GiB; the processor starts at START in it. */
#define PAGE	4096U
#define START	0xff0U
#define TOP	0xfffff000ULL

struct guest {
	struct nvmm_machine machine;
	struct nvmm_vcpu vcpu;
	uint8_t *page;
};

/* jmp to itself */
#define ENDLESS		"\xeb\xfe"
/* mov $'A', %al; out %al, $0xe9; hlt */
#define HELLO		"\xb0\x41\xe6\xe9\xf4"

#define guest_make(guest, code)	guest_code(guest, code, sizeof(code) - 1)
void guest_code(struct guest *guest, const void *code, size_t size);

/* An owner of machines, who also may operate those of others. */
int device_open(int flags);
uint32_t machine_of(int fd);
/* Whether the machine is there, as a root owner sees it. */
bool is_there(uint32_t machid);

#endif /* TESTS_EXEC_CHECK_H */
