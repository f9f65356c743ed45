/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel, machine and VCPU that the tests of the driver work on.
 */
#include "fixture.h"

#include <sys/mman.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* A caller may not look at state that is not cached; tests do. */
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#else
#define VALGRIND_MAKE_MEM_DEFINED(address, size)			\
	((void)(address), (void)(size))
#endif

struct fixture fx;

static bool
feed_next(void *arg, const struct sim_state *state, struct sim_intent *intent)
{
	(void)arg;
	if (fx.in_guest != NULL)
		fx.in_guest();
	if (fx.next == fx.nintents)
		return false;
	*intent = fx.intents[fx.next++];
	intent->stop.npc = state->gprs[SIM_GPR_RIP] + intent->stop.length;
	return true;
}

static void
feed_delivered(void *arg, const struct sim_event *event)
{
	(void)arg;
	if (fx.ndelivered < NELEM(fx.delivered))
		fx.delivered[fx.ndelivered] = *event;
	fx.ndelivered++;
}

static enum sim_spin
feed_spins(void *arg)
{
	(void)arg;
	if (fx.spins == 0)
		return SIM_SPIN_OVER;
	fx.spins--;
	return SIM_SPIN_ON;
}

static const struct sim_feed feed = {
	.next = feed_next,
	.delivered = feed_delivered,
	.spins = feed_spins,
};

struct sim_file *
open_file(int flags)
{
	struct sim_file *file = NULL;

	ck_assert_int_eq(sim_open(fx.sim, flags | O_CLOEXEC, &file), 0);
	return file;
}

uint32_t
machine_create(struct sim_file *file)
{
	uint32_t machid = UINT32_MAX;

	ck_assert_int_eq(ioc_as(file, SIM_MACHINE_CREATE, &machid), 0);
	return machid;
}

void
vcpu_create(uint32_t machid, uint32_t cpuid)
{
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_CREATE, machid, cpuid), 0);
}

void
feed_vcpu(uint32_t machid, uint32_t cpuid)
{
	ck_assert_int_eq(sim_feed_set(fx.sim, machid, cpuid, &feed, NULL), 0);
}

void
vcpu_fresh(void)
{
	ck_assert_int_eq(ioc_vcpu(SIM_VCPU_DESTROY, fx.machid, 0), 0);
	vcpu_create(fx.machid, 0);
	feed_vcpu(fx.machid, 0);
	fx.nintents = fx.next = fx.ndelivered = 0;
}

void
machine_fresh(void)
{
	void *addr;

	fx.machid = machine_create(fx.file);
	vcpu_create(fx.machid, 0);
	feed_vcpu(fx.machid, 0);
	ck_assert_int_eq(sim_mmap(fx.file, NULL, SIM_COMM_PAGE_SIZE,
	    PROT_READ | PROT_WRITE, MAP_SHARED, (int64_t)fx.machid << 20,
	    &addr), 0);
	fx.page = addr;
	fx.state = (struct sim_state *)(void *)(fx.page + SIM_COMM_STATE);
}

void
start_with(const struct sim_config *config)
{
	ck_assert_int_eq(sim_create(config, &fx.sim), 0);
	fx.file = open_file(O_RDONLY);
	machine_fresh();
}

void
start(const struct sim_backend *backend)
{
	const struct sim_config config = { .backend = backend };

	start_with(&config);
}

void
start_loop(int i)
{
	start(sim_backends[i]);
}

static void
fixture_setup(void)
{
	memset(&fx, 0, sizeof(fx));
}

/* Whatever the test did: without machines the kernel has nothing. */
static void
fixture_teardown(void)
{
	uint64_t bytes, objects;
	struct sim_file *root;
	uint32_t machid;

	if (fx.sim == NULL)
		return;
	root = open_file(O_WRONLY);
	for (machid = 0; machid < 128; machid++)
		(void)ioc_as(root, SIM_MACHINE_DESTROY, &machid);
	if (fx.page != NULL)
		(void)sim_munmap(fx.sim, fx.page, SIM_COMM_PAGE_SIZE);
	sim_usage(fx.sim, &bytes, &objects);
	ck_assert_uint_eq(objects, 0);
	ck_assert_uint_eq(bytes, 0);
	sim_destroy(fx.sim);
	fx.sim = NULL;
}

TCase *
fixture_tcase(const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, fixture_setup, fixture_teardown);
	tcase_set_timeout(tcase, 60);	/* only what hangs gets there */
	return tcase;
}

int
ioc_as(struct sim_file *file, enum sim_ioctl_index index, void *arg)
{
	return sim_ioctl(file, sim_abi_v2.command[index], arg);
}

int
ioc(enum sim_ioctl_index index, void *arg)
{
	return ioc_as(fx.file, index, arg);
}

int
ioc_vcpu(enum sim_ioctl_index index, uint32_t machid, uint32_t cpuid)
{
	struct sim_vcpu_arg arg = { .machid = machid, .cpuid = cpuid };

	return ioc(index, &arg);
}

void
transfer(enum sim_ioctl_index index, uint64_t components)
{
	word_set(SIM_COMM_WANTED, components);
	ck_assert_int_eq(ioc_vcpu(index, fx.machid, 0), 0);
}

int
run(void)
{
	memset(&fx.run, 0, sizeof(fx.run));
	fx.run.machid = fx.machid;
	return ioc(SIM_VCPU_RUN, &fx.run);
}

void
run_expect(enum sim_exit_index wanted)
{
	enum sim_exit_index seen;

	ck_assert_int_eq(run(), 0);
	seen = sim_exit_find(fx.run.exit.reason);
	ck_assert_msg(seen == wanted, "exit %s, not %s",
	    seen < SIM_NEXIT ? sim_exits[seen].name : "unknown",
	    sim_exits[wanted].name);
}

uint64_t
word(size_t offset)
{
	uint64_t value;

	memcpy(&value, fx.page + offset, sizeof(value));
	return value;
}

void
word_set(size_t offset, uint64_t value)
{
	memcpy(fx.page + offset, &value, sizeof(value));
}

void
stop_set(int32_t value)
{
	/* From another thread than the VCPU's, too. */
	__atomic_store_n((int32_t *)(void *)(fx.page + COMM_STOP), value,
	    __ATOMIC_RELAXED);
}

int32_t
stop_get(void)
{
	int32_t value;

	memcpy(&value, fx.page + COMM_STOP, sizeof(value));
	return value;
}

void
event_set(uint32_t type, uint8_t vector, uint64_t error)
{
	const struct sim_event_record event = {
		.type = type, .vector = vector, .error = error,
	};

	memcpy(fx.page + SIM_COMM_EVENT, &event, sizeof(event));
	fx.page[SIM_COMM_EVENT_COMMIT] = 1;
}

void
flags_expect(const char *name, uint64_t wanted, uint64_t cached,
    uint64_t commit)
{
	ck_assert_msg(word(SIM_COMM_WANTED) == wanted &&
	    word(SIM_COMM_CACHED) == cached &&
	    word(SIM_COMM_COMMIT) == commit,
	    "%s: wanted %#llx cached %#llx commit %#llx, not %#llx %#llx %#llx",
	    name, (unsigned long long)word(SIM_COMM_WANTED),
	    (unsigned long long)word(SIM_COMM_CACHED),
	    (unsigned long long)word(SIM_COMM_COMMIT),
	    (unsigned long long)wanted, (unsigned long long)cached,
	    (unsigned long long)commit);
}

bool
component_same(const struct sim_state *a, const struct sim_state *b,
    enum sim_component component)
{
	const struct sim_component_row *row = &sim_components[component];

	return memcmp((const uint8_t *)a + row->offset,
	    (const uint8_t *)b + row->offset, row->size) == 0;
}

void
state_scribble(uint8_t seed)
{
	uint8_t *bytes = (uint8_t *)fx.state;
	size_t i;

	for (i = 0; i < sizeof(*fx.state); i++)
		bytes[i] = (uint8_t)(seed + i * 7);
}

struct sim_state
truth(void)
{
	struct sim_state state;

	ck_assert_int_eq(sim_peek_state(fx.sim, fx.machid, 0, &state), 0);
	return state;
}

uint64_t
truth_of(const char *reg)
{
	struct sim_state state = truth();

	ck_assert_ptr_nonnull(sim_register_find(reg));
	return sim_register_get(&state, sim_register_find(reg));
}

const struct sim_state *
page_state(void)
{
	(void)VALGRIND_MAKE_MEM_DEFINED(fx.state, sizeof(*fx.state));
	return fx.state;
}

uint64_t
page_of(const char *reg)
{
	ck_assert_ptr_nonnull(sim_register_find(reg));
	return sim_register_get(page_state(), sim_register_find(reg));
}

void
page_set(const char *reg, uint64_t value)
{
	ck_assert_ptr_nonnull(sim_register_find(reg));
	sim_register_set(fx.state, sim_register_find(reg), value);
}

void
reg_set(const char *reg, uint64_t value)
{
	const struct sim_register_row *row = sim_register_find(reg);

	ck_assert_ptr_nonnull(row);
	transfer(SIM_VCPU_GETSTATE, SIM_BIT(row->component));
	page_set(reg, value);
	transfer(SIM_VCPU_SETSTATE, SIM_BIT(row->component));
}

struct sim_intent *
will(enum sim_stop_kind kind, uint8_t length)
{
	struct sim_intent *intent = &fx.intents[fx.nintents];

	ck_assert_uint_lt(fx.nintents, INTENTS_MAX);
	fx.nintents++;
	memset(intent, 0, sizeof(*intent));
	intent->stop.kind = kind;
	intent->stop.length = length;
	memset(intent->stop.bytes, 0x90, length);
	return intent;
}

void
will_io(bool in, uint16_t port, uint8_t size)
{
	struct sim_intent *intent = will(SIM_STOP_IO, 1);

	intent->stop.u.io.in = in;
	intent->stop.u.io.port = port;
	intent->stop.u.io.seg = SIM_SEG_DS;
	intent->stop.u.io.address_size = 2;
	intent->stop.u.io.operand_size = size;
}

void
will_access(enum sim_access access, uint64_t gpa, uint8_t size)
{
	struct sim_intent *intent = will(SIM_STOP_MEMORY, 2);

	intent->stop.u.mem.access = access;
	intent->stop.u.mem.gpa = gpa;
	intent->stop.u.mem.size = size;
}

void
will_rdmsr(uint32_t number)
{
	will(SIM_STOP_RDMSR, 2)->stop.u.msr.number = number;
}

void
will_wrmsr(uint32_t number, uint64_t value)
{
	struct sim_intent *intent = will(SIM_STOP_WRMSR, 2);

	intent->stop.u.msr.number = number;
	intent->stop.u.msr.value = value;
}

void
will_cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct sim_intent *intent = will(SIM_STOP_CPUID, 2);

	intent->npreloads = 2;
	intent->preloads[0].offset =
	    offsetof(struct sim_state, gprs[SIM_GPR_RAX]);
	intent->preloads[0].value = leaf;
	intent->preloads[1].offset =
	    offsetof(struct sim_state, gprs[SIM_GPR_RCX]);
	intent->preloads[1].value = subleaf;
}

void
will_cr(unsigned number, uint64_t value)
{
	struct sim_intent *intent = will(SIM_STOP_CR_WRITE, 3);

	intent->stop.u.cr.number = (uint8_t)number;
	intent->stop.u.cr.value = value;
}

void
will_insn(enum sim_insn insn)
{
	will(SIM_STOP_INSN, sim_insns[insn].length)->stop.u.insn = insn;
}

void
will_step(uint64_t set, uint64_t clear, bool shadow)
{
	struct sim_intent *intent = will(SIM_STOP_IDLE, 1);

	intent->step = true;
	intent->after.flags_set = set;
	intent->after.flags_clear = clear;
	intent->after.shadow = shadow;
}
