/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine with one VCPU and no kernel: everything is cached in the comm
 * page, ioctls are counted and answered here, devices write a log.
 *
 *	gpa 0          FIXTURE_RAM_SIZE bytes of RAM
 *	FIXTURE_ROM    one page that can be read and executed
 *	elsewhere      the device: the mem callback's 4096 bytes, everywhere
 */
#ifndef TESTS_LIB_FIXTURE_H
#define TESTS_LIB_FIXTURE_H

#include <check.h>

#include <nvmm.h>

#define FIXTURE_RAM_SIZE	0x40000
#define FIXTURE_ROM		0x100000
#define FIXTURE_DEVICE		0xFEE00000
#define FIXTURE_TABLES		0x1000	/* fixture_map()'s, up to 0x10000 */
#define FIXTURE_CODE		0x10000	/* where RIP starts */
#define FIXTURE_COMM_SIZE	0x2000	/* generation 3: two pages */

/* Bits of a page-table entry, for tests that write their own. */
#define PTE_P	UINT64_C(0x001)
#define PTE_W	UINT64_C(0x002)
#define PTE_U	UINT64_C(0x004)
#define PTE_PS	UINT64_C(0x080)
#define PTE_NX	(UINT64_C(1) << 63)
#define PTE_WU	(PTE_P | PTE_W | PTE_U)

/* One call of a callback. */
struct access {
	uint64_t where;		/* gpa or port */
	uint64_t value;		/* its first 8 bytes */
	size_t size;
	bool write;		/* or OUT */
};

struct fixture {
	struct nvmm_machine mach;
	struct nvmm_vcpu vcpu;
	struct nvmm_comm_page *comm;
	struct nvmm_vcpu_state *state;
	uint64_t *gprs;
	uint8_t *ram;
	uint8_t *rom;
	uint8_t device[4096];	/* at gpa % 4096 */
	uint8_t port_next;	/* an IN reads this, this + 1, ... */
	struct access mem[64];	/* calls of the mem callback */
	unsigned nmem;
	struct access io[64];	/* calls of the io callback */
	unsigned nio;
	unsigned nioctls;
	unsigned long request;	/* of the last ioctl */
	int nobjects;		/* machines, VCPUs, mappings of the driver */
	int ioctl_error;	/* errno of every ioctl; 0: success */
	struct nvmm_capability cap;	/* what CAPABILITY answers */
	bool has_device;	/* open(2) of the device succeeds */
	int device_size;	/* bytes of it that can be mapped */
	uint64_t exit_reason;	/* what VCPU_RUN answers */
	int (*run)(void);	/* what it does before; -1: it fails */
	unsigned nopens;
	int open_flags;		/* of the last one */
	uint64_t table_next;
};

/* The one of the running test. */
extern struct fixture fx;

/* A test case whose tests find fx as above, in real mode. */
TCase *fixture_tcase(const char *name);

/* Guest memory, whatever the tables say: little-endian numbers. */
void poke(gpaddr_t gpa, uint64_t value, size_t size);
uint64_t peek(gpaddr_t gpa, size_t size);

/* Add an area; its memory lives as long as the test. */
uint8_t *fixture_area(gpaddr_t gpa, size_t size, nvmm_prot_t prot);

/* 32-bit code, flat, without paging. */
void fixture_protected_mode(void);
/* 64-bit code; RAM, ROM and the device are mapped where they are. */
void fixture_long_mode(void);
/* One page of long mode; flags of every level are P, W, U but the last's. */
void fixture_map(gvaddr_t gva, gpaddr_t gpa, uint64_t flags);

/* How often to repeat: fewer times where TESTS_FEW says that it is slow. */
unsigned fixture_count(unsigned count);

/* Remember the state; then, hold that nothing of it was changed. */
void fixture_snapshot(void);
void fixture_expect_unchanged(const char *name);

Suite *device_suite(void);
Suite *vcpu_suite(void);
Suite *state_suite(void);
Suite *memory_suite(void);
Suite *translate_suite(void);
Suite *assist_io_suite(void);
Suite *assist_io_memory_suite(void);
Suite *assist_io_batch_suite(void);
Suite *assist_mem_suite(void);
Suite *assist_mem_errors_suite(void);
Suite *arithmetic_suite(void);
Suite *instruction_suite(void);
Suite *xmm_suite(void);
Suite *dump_suite(void);
Suite *destroyed_suite(void);
Suite *threads_suite(void);
Suite *fault_suite(void);

#endif /* TESTS_LIB_FIXTURE_H */
