/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An ABI generation: the numbers and layouts in which callers speak to the
 * driver.  One table each, v1.c to v3.c.  Written from the interface's
 * facts, independently of the headers in lib/, which a test compares.
 */
#ifndef SIM_KERNEL_ABI_ABI_H
#define SIM_KERNEL_ABI_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The ioctls; the driver's table has a row for each. */
enum sim_ioctl_index {
	SIM_CAPABILITY, SIM_MACHINE_CREATE, SIM_MACHINE_DESTROY,
	SIM_MACHINE_CONFIGURE, SIM_VCPU_CREATE, SIM_VCPU_DESTROY,
	SIM_VCPU_CONFIGURE, SIM_VCPU_SETSTATE, SIM_VCPU_GETSTATE,
	SIM_VCPU_INJECT, SIM_VCPU_RUN, SIM_GPA_MAP, SIM_GPA_UNMAP,
	SIM_HVA_MAP, SIM_HVA_UNMAP, SIM_CTL,
	SIM_NIOCTL,
	SIM_IOCTL_UNKNOWN = SIM_NIOCTL
};

/* BSD's encoding of a command. */
#define SIM_IOC_OUT		0x40000000U
#define SIM_IOC_IN		0x80000000U
#define SIM_IOC_SIZE(command)	(((command) >> 16) & 0x1fffU)
#define SIM_IOC_NR(command)	((command) & 0xffU)

/* Offsets in the comm page that all generations share. */
#define SIM_COMM_WANTED		0
#define SIM_COMM_CACHED		8
#define SIM_COMM_COMMIT		16
#define SIM_COMM_STATE		32
#define SIM_COMM_EVENT_COMMIT	1040
#define SIM_COMM_EVENT		1048
#define SIM_COMM_PAGE_SIZE	4096

/* An exit record, the same in all generations: 64 bytes. */
struct sim_exit_record {
	uint64_t reason;
	union {
		uint64_t words[4];
		struct {
			int32_t prot;
			uint64_t gpa;
			uint8_t inst_len;
			uint8_t inst_bytes[15];
		} mem;
		struct {
			uint8_t in;
			uint16_t port;
			int8_t seg;
			uint8_t address_size;
			uint8_t operand_size;
			uint8_t rep;
			uint8_t str;
			uint64_t npc;
		} io;
		struct {
			uint32_t msr;
			uint64_t npc;
		} rdmsr;
		struct {
			uint32_t msr;
			uint64_t val;
			uint64_t npc;
		} wrmsr;
		struct {
			uint64_t npc;
		} insn;
		struct {
			uint64_t hwcode;
		} inv;
	} u;
	uint64_t rflags;
	uint64_t cr8;
	uint64_t intr;		/* SIM_INTR_* */
};

/* An event as it stands in the comm page: 16 bytes. */
struct sim_event_record {
	uint32_t type;
	uint8_t vector;
	uint64_t error;
};
#define SIM_EVENT_EXCP		0
#define SIM_EVENT_INTR		1

/* Arguments of the ioctls, as far as all generations agree on them. */
struct sim_vcpu_arg {
	uint32_t machid;
	uint32_t cpuid;
};

/* VCPU_CREATE; only v3 has the last member, which is out. */
struct sim_vcpu_create_arg {
	uint32_t machid;
	uint32_t cpuid;
	uint64_t comm;
};

struct sim_run_arg {
	uint32_t machid;
	uint32_t cpuid;
	struct sim_exit_record exit;
};

struct sim_machine_configure_arg {
	uint32_t machid;
	uint64_t op;
	uint64_t conf;
};

struct sim_vcpu_configure_arg {
	uint32_t machid;
	uint32_t cpuid;
	uint64_t op;
	uint64_t conf;
};

struct sim_gpa_map_arg {
	uint32_t machid;
	uint64_t hva;
	uint64_t gpa;
	uint64_t size;
	int32_t prot;
};

struct sim_gpa_unmap_arg {
	uint32_t machid;
	uint64_t gpa;
	uint64_t size;
};

struct sim_hva_arg {		/* HVA_MAP and HVA_UNMAP; flags ignored */
	uint32_t machid;
	uint64_t hva;
	uint64_t size;
	int32_t flags;
};

struct sim_ctl_arg {
	int32_t op;
	uint64_t data;
	uint64_t size;
};

struct sim_mach_info {
	uint32_t machid;
	uint32_t nvcpus;
	uint64_t nram;
	int32_t pid;
	uint64_t time;
};

#define SIM_CTL_MACH_INFO	0

/* Configuration of a VCPU. */
#define SIM_VCPU_CONF_CPUID	200
#define SIM_VCPU_CONF_TPR	201

struct sim_conf_cpuid {
	uint32_t action;	/* bit 0: mask, bit 1: exit */
	uint32_t leaf;
	uint32_t set[4];	/* eax, ebx, ecx, edx */
	uint32_t del[4];
};
#define SIM_CONF_CPUID_MASK	0x1U
#define SIM_CONF_CPUID_EXIT	0x2U

struct sim_conf_tpr {
	uint32_t flags;		/* bit 0: exit_changed */
};

/* What CAPABILITY tells, before a generation lays it out. */
struct sim_capability {
	uint64_t vcpu_conf_support;
	uint64_t xcr0_mask;
	uint32_t mxcsr_mask;
	uint32_t conf_cpuid_maxops;
};
#define SIM_CAP_CONF_CPUID	0x1ULL
#define SIM_CAP_CONF_TPR	0x2ULL

/* The largest argument of any generation: v3's CAPABILITY. */
#define SIM_ARG_MAX		112

/*
 * How the driver of a generation behaves where they differ: NVMM-FACTS
 * sections 2, 3 and 6.
 */
struct sim_abi {
	const char *name;
	const char *where;	/* the systems that have it */
	uint32_t version;	/* NVMM_KERN_VERSION */
	uint32_t max_machines;
	uint32_t max_vcpus;
	uint64_t max_ram;
	uint32_t command[SIM_NIOCTL];
	int32_t comm_stop;	/* offset of the stop word; -1: none */
	/* VCPU_CREATE maps the comm page; the device itself has no mmap. */
	bool comm_by_create;
	/* A reason not to run ends the loop after an exit, which stays. */
	bool keeps_exit;
	/* The event in the page is looked for before each entry. */
	bool event_each_entry;
	/* The TSC runs on while the VCPU does not. */
	bool tsc_live;

	/* Fills the argument of CAPABILITY, command[SIM_CAPABILITY] long. */
	void (*capability)(const struct sim_abi *abi,
	    const struct sim_capability *cap, void *arg);
};

extern const struct sim_abi sim_abi_v1, sim_abi_v2, sim_abi_v3;

/* NULL-terminated; the first is what a descriptor is until it is known. */
extern const struct sim_abi *const sim_abis[];

/*
 * Which ioctl a command is in this generation, or SIM_IOCTL_UNKNOWN.
 * Accepts Linux's encoding of the same ioctl too; looks at 32 bits only,
 * because callers sign-extend.
 */
enum sim_ioctl_index sim_abi_ioctl(const struct sim_abi *abi,
    unsigned long command);

/*
 * The generation that a command gives away by its size: CAPABILITY and
 * VCPU_CREATE do, between v2 and v3; NULL: it may be of any.
 */
const struct sim_abi *sim_abi_guess(unsigned long command);

/* The generation called name ("v1"), or NULL. */
const struct sim_abi *sim_abi_find(const char *name);

/* The capability of v1 and v2, which have the same layout. */
void sim_abi_capability(const struct sim_abi *abi,
    const struct sim_capability *cap, void *arg);

/* The commands that are the same in all generations. */
#define SIM_ABI_COMMANDS						\
	[SIM_MACHINE_CREATE] = 0xc0044e01,				\
	[SIM_MACHINE_DESTROY] = 0x80044e02,				\
	[SIM_MACHINE_CONFIGURE] = 0x80184e03,				\
	[SIM_VCPU_DESTROY] = 0x80084e05,				\
	[SIM_VCPU_CONFIGURE] = 0x80184e06,				\
	[SIM_VCPU_SETSTATE] = 0x80084e07,				\
	[SIM_VCPU_GETSTATE] = 0x80084e08,				\
	[SIM_VCPU_INJECT] = 0x80084e09,					\
	[SIM_VCPU_RUN] = 0xc0484e0a,					\
	[SIM_GPA_MAP] = 0x80284e0b,					\
	[SIM_GPA_UNMAP] = 0x80184e0c,					\
	[SIM_HVA_MAP] = 0x80204e0d,					\
	[SIM_HVA_UNMAP] = 0x80204e0e,					\
	[SIM_CTL] = 0x80184e14

/* mmap offset of a comm page: machid in bits 27-20, cpuid in bits 19-12. */
#define SIM_COMM_OFF_MACHID(offset)	((uint32_t)((offset) >> 20) & 0xffU)
#define SIM_COMM_OFF_CPUID(offset)	((uint32_t)((offset) >> 12) & 0xffU)

#endif /* SIM_KERNEL_ABI_ABI_H */
