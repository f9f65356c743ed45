/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A kernel with one machine and one VCPU, reached as a caller reaches it:
 * raw ioctls and a mapped comm page.  The guest does what it is told with
 * will*().  When a test ends, every machine is destroyed and nothing may be
 * left allocated.
 */
#ifndef TESTS_KERNEL_FIXTURE_H
#define TESTS_KERNEL_FIXTURE_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/backend.h"
#include "engine/engine.h"
#include "kernel/abi/abi.h"
#include "kernel/control.h"
#include "kernel/driver.h"

#define NELEM(table)	(sizeof(table) / sizeof((table)[0]))

/* Components by their bits, and what the assists want. */
#define SEGS		SIM_BIT(SIM_SEGS)
#define GPRS		SIM_BIT(SIM_GPRS)
#define CRS		SIM_BIT(SIM_CRS)
#define DRS		SIM_BIT(SIM_DRS)
#define MSRS		SIM_BIT(SIM_MSRS)
#define INTR		SIM_BIT(SIM_INTR)
#define FPU		SIM_BIT(SIM_FPU)
#define ALL		SIM_STATE_ALL
#define ASSIST		(GPRS | SEGS | CRS | MSRS)

#define RUN_QUIRKS	(SIM_QUIRK_EXIT_OVERWRITTEN | SIM_QUIRK_LOST_STOP)
#define COMM_STOP	1064	/* v2's stop word */
#define MAX_RAM		(128ULL << 30)
#define INTENTS_MAX	64

struct fixture {
	struct sim *sim;
	struct sim_file *file;
	uint32_t machid;
	uint8_t *page;			/* the comm page, as mapped */
	struct sim_state *state;	/* in it */
	struct sim_run_arg run;		/* of the last run() */
	struct sim_intent intents[INTENTS_MAX];
	unsigned nintents, next;	/* next: those the guest has begun */
	unsigned spins;			/* what a spinning guest has left */
	/* Called in the guest, before an intent; NULL: not. */
	void (*in_guest)(void);
	struct sim_event delivered[16];
	unsigned ndelivered;
};

/* The one of the running test. */
extern struct fixture fx;

/* A test case whose tests begin with one of the three below. */
TCase *fixture_tcase(const char *name);
void start(const struct sim_backend *backend);
void start_with(const struct sim_config *config);
/* sim_backends[i], for loop tests over both. */
#define NBACKENDS	2
void start_loop(int i);

/* ioctl(2) with BSD's encoding: an errno value. */
int ioc(enum sim_ioctl_index index, void *arg);
int ioc_as(struct sim_file *file, enum sim_ioctl_index index, void *arg);
/* An ioctl whose argument is (machine, VCPU). */
int ioc_vcpu(enum sim_ioctl_index index, uint32_t machid, uint32_t cpuid);
/* GETSTATE or SETSTATE of these components of VCPU 0; it may not fail. */
void transfer(enum sim_ioctl_index index, uint64_t components);
/* VCPU_RUN of VCPU 0 with an exit of zeros, as libnvmm does. */
int run(void);
/* The same; it may not fail and must end with this exit. */
void run_expect(enum sim_exit_index wanted);
/* Another open of the device, which must succeed. */
struct sim_file *open_file(int flags);
/* Machines and VCPUs, which must succeed. */
uint32_t machine_create(struct sim_file *file);
void vcpu_create(uint32_t machid, uint32_t cpuid);
/* From here on the fixture is about a new machine with a new VCPU. */
void machine_fresh(void);
/* VCPU 0 as new, and nothing wished or delivered yet. */
void vcpu_fresh(void);
/* The VCPU gets its intents from here, as VCPU 0 does at the start. */
void feed_vcpu(uint32_t machid, uint32_t cpuid);

/* Words of the mapped comm page. */
uint64_t word(size_t offset);
void word_set(size_t offset, uint64_t value);
void stop_set(int32_t value);
int32_t stop_get(void);
void event_set(uint32_t type, uint8_t vector, uint64_t error);
void flags_expect(const char *name, uint64_t wanted, uint64_t cached,
    uint64_t commit);
/* Whether a component is the same in both. */
bool component_same(const struct sim_state *a, const struct sim_state *b,
    enum sim_component component);
/* Fills the page's state with bytes that no register has by itself. */
void state_scribble(uint8_t seed);

/* The VCPU's registers. */
struct sim_state truth(void);
uint64_t truth_of(const char *reg);
/* What stands in the page, cached or not. */
const struct sim_state *page_state(void);
uint64_t page_of(const char *reg);
void page_set(const char *reg, uint64_t value);
/* Writes and commits a register, through SETSTATE. */
void reg_set(const char *reg, uint64_t value);

/* What the guest does next; the stop may be changed until it runs. */
struct sim_intent *will(enum sim_stop_kind kind, uint8_t length);
void will_io(bool in, uint16_t port, uint8_t size);
void will_access(enum sim_access access, uint64_t gpa, uint8_t size);
void will_rdmsr(uint32_t number);
void will_wrmsr(uint32_t number, uint64_t value);
void will_cpuid(uint32_t leaf, uint32_t subleaf);
void will_cr(unsigned number, uint64_t value);
void will_insn(enum sim_insn insn);
void will_step(uint64_t set, uint64_t clear, bool shadow);

#define expect_hex(name, seen, wanted)					\
	ck_assert_msg((uint64_t)(seen) == (uint64_t)(wanted),		\
	    "%s: %#llx, not %#llx", (name),				\
	    (unsigned long long)(seen), (unsigned long long)(wanted))
#define expect_error(name, seen, wanted)				\
	ck_assert_msg((seen) == (wanted), "%s: %d (%s), not %d (%s)",	\
	    (name), (seen), strerror(seen), (wanted), strerror(wanted))

Suite *errors_suite(void);
Suite *ioctl_suite(void);
Suite *pointer_suite(void);
Suite *comm_suite(void);
Suite *normalize_suite(void);
Suite *run_suite(void);
Suite *exit_suite(void);
Suite *msr_suite(void);
Suite *cpuid_suite(void);
Suite *event_suite(void);
Suite *abi_suite(void);
Suite *cr_suite(void);
Suite *insn_suite(void);
Suite *window_suite(void);
Suite *fault_suite(void);
Suite *hva_suite(void);
Suite *gpa_suite(void);
Suite *owner_suite(void);
Suite *view_suite(void);
Suite *hostile_suite(void);
Suite *account_suite(void);
Suite *control_suite(void);
Suite *thread_suite(void);
Suite *transport_suite(void);
Suite *library_suite(void);
Suite *duplicate_suite(void);

#endif /* TESTS_KERNEL_FIXTURE_H */
