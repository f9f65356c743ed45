/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host: a signal's return loads all registers, the instruction is
 * single-stepped, and the signal it ends with has all registers again.  So
 * no assembly is needed, and whatever it does is caught.
 */
#include "native.h"

/* Their shadows are where stray 32-bit addresses must find nothing. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED	1
#else
#define SANITIZED	0
#endif

#if !defined(__x86_64__) || !defined(__linux__) || SANITIZED

const char *
host_start(struct memory *memory)
{
	(void)memory;
	return SANITIZED ? "a sanitizer has the low addresses" :
	    "the host is no x86-64 Linux";
}

void
host_run(const struct trial *trial, struct outcome *outcome)
{
	(void)trial;
	outcome->strange = "not run";
}

uint32_t
host_mxcsr_mask(void)
{
	return 0xFFFF;
}

#else

#include <asm/ldt.h>
#include <asm/prctl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "engine/interp/interp.h"

#define VECTOR_DB	1
#define VECTOR_BP	3

/* Of the XSAVE header behind the FXSAVE area: x87 and SSE are there. */
#define XSTATE_BV	512

static const int registers[] = {
	[SIM_GPR_RAX] = REG_RAX, [SIM_GPR_RCX] = REG_RCX,
	[SIM_GPR_RDX] = REG_RDX, [SIM_GPR_RBX] = REG_RBX,
	[SIM_GPR_RSP] = REG_RSP, [SIM_GPR_RBP] = REG_RBP,
	[SIM_GPR_RSI] = REG_RSI, [SIM_GPR_RDI] = REG_RDI,
	[SIM_GPR_R8] = REG_R8, [SIM_GPR_R9] = REG_R9,
	[SIM_GPR_R10] = REG_R10, [SIM_GPR_R11] = REG_R11,
	[SIM_GPR_R12] = REG_R12, [SIM_GPR_R13] = REG_R13,
	[SIM_GPR_R14] = REG_R14, [SIM_GPR_R15] = REG_R15,
	[SIM_GPR_RIP] = REG_RIP, [SIM_GPR_RFLAGS] = REG_EFL,
};

/* What is under way, and where to go on afterwards. */
static const struct trial *current;
static struct outcome *result;
static gregset_t home;
static uint8_t home_fpu[SIM_FPU_SIZE];
static _Alignas(16) uint8_t signal_stack[65536];

/*
 * POPF may have set AC, which C code does not bear, and NT and ID, which a
 * signal's return leaves as they are.
 */
static inline void
flags_ordinary(void)
{
	__asm__ volatile("pushfq; andl $0xFFDBBFFF, (%%rsp); popfq" :::
	    "memory", "cc");
}

static void
fpu_load(ucontext_t *context, const uint8_t *fpu)
{
	uint8_t *area = (uint8_t *)context->uc_mcontext.fpregs;
	uint64_t present;

	/* Behind what FXSAVE writes is the kernel's. */
	memcpy(area, fpu, 416);
	memcpy(&present, area + XSTATE_BV, sizeof(present));
	present |= 3;
	memcpy(area + XSTATE_BV, &present, sizeof(present));
}

/* A signal's return loads CS and SS, and leaves DS and ES as they are. */
static void
segments_load(const struct trial_segments *from, greg_t *packed)
{
	uint64_t others = (uint64_t)*packed & 0x0000FFFFFFFF0000ULL;

	*packed = (greg_t)(others | from->cs.selector |
	    (uint64_t)from->ss.selector << 48);
	__asm__ volatile("mov %0, %%ds; mov %1, %%es" ::
	    "r"((uint32_t)from->ds.selector),
	    "r"((uint32_t)from->es.selector));
}

static void
depart(int number, siginfo_t *info, void *data)
{
	ucontext_t *context = data;
	greg_t *gregs = context->uc_mcontext.gregs;
	size_t i;

	(void)number;
	(void)info;
	memcpy(home, gregs, sizeof(home));
	memcpy(home_fpu, context->uc_mcontext.fpregs, sizeof(home_fpu));
	for (i = 0; i < SIM_NGPR; i++)
		gregs[registers[i]] = (greg_t)current->gprs[i];
	/* A repeated one would be stepped at each turn: INT3 is behind it. */
	if (!trial_repeats(current))
		gregs[REG_EFL] |= (greg_t)INTERP_TF;
	segments_load(&trial_segments[current->mode], &gregs[REG_CSGSFS]);
	fpu_load(context, current->fpu);
}

/* Single step and INT3 are ends, all else are faults. */
static void
arrive(int number, siginfo_t *info, void *data)
{
	ucontext_t *context = data;
	greg_t *gregs = context->uc_mcontext.gregs;
	size_t i;

	flags_ordinary();
	(void)number;
	(void)info;
	for (i = 0; i < SIM_NGPR; i++)
		result->gprs[i] = (uint64_t)gregs[registers[i]];
	/* Its upper half is what the kernel's return left there. */
	if (trial_segments[current->mode].bits == 16)
		result->gprs[SIM_GPR_RSP] &= 0xFFFFFFFF;
	memcpy(result->fpu, context->uc_mcontext.fpregs, 416);
	result->vector = (int)gregs[REG_TRAPNO];
	result->error = (uint32_t)gregs[REG_ERR];
	result->address = (uint64_t)gregs[REG_CR2];
	if (result->vector == VECTOR_BP && trial_repeats(current))
		result->gprs[SIM_GPR_RIP]--;
	else if (result->vector != VECTOR_DB)
		goto out;
	result->vector = -1;
	result->error = 0;
out:
	memcpy(gregs, home, sizeof(home));
	fpu_load(context, home_fpu);
}

/* Two views of the same memory: the one at a fixed address, for guests. */
static uint8_t *
area_make(uint64_t address, size_t size, int prot)
{
	int fd = memfd_create("native", 0);
	void *fixed, *view;

	if (fd < 0 || ftruncate(fd, (off_t)size) != 0)
		return NULL;
	fixed = mmap((void *)(uintptr_t)address, size, prot,
	    MAP_SHARED | MAP_FIXED_NOREPLACE | MAP_POPULATE, fd, 0);
	view = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (fixed != (void *)(uintptr_t)address || view == MAP_FAILED)
		return NULL;
	return view;
}

static bool
arena_protect(void)
{
	static const char rights[] = ARENA_RIGHTS;
	unsigned i;
	int prot;

	for (i = 0; i < ARENA_PAGES; i++) {
		prot = rights[i] == 'w' ? PROT_READ | PROT_WRITE :
		    rights[i] == 'r' ? PROT_READ : PROT_NONE;
		if (mprotect((void *)(uintptr_t)(ARENA + i * PAGE), PAGE,
		    prot) != 0)
			return false;
	}
	return true;
}

static bool
signals_take(void)
{
	static const int ends[] = {
		SIGTRAP, SIGSEGV, SIGBUS, SIGILL, SIGFPE
	};
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_ONSTACK };
	const stack_t stack = {
		.ss_sp = signal_stack, .ss_size = sizeof(signal_stack),
	};
	size_t i;

	if (sigaltstack(&stack, NULL) != 0)
		return false;
	action.sa_sigaction = arrive;
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (sigaction(ends[i], &action, NULL) != 0)
			return false;
	}
	action.sa_sigaction = depart;
	return sigaction(SIGUSR1, &action, NULL) == 0;
}

/* Into the LDT, if that is where the selector points. */
static bool
ldt_add(const struct sim_seg *seg)
{
	unsigned type = seg->attrib & SIM_ATTRIB_TYPE;
	struct user_desc entry = {
		.entry_number = seg->selector >> 3,
		.base_addr = (unsigned)seg->base, .limit = seg->limit,
		.seg_32bit = (seg->attrib & SIM_ATTRIB_DEF) != 0,
		.contents = type & 8 ? MODIFY_LDT_CONTENTS_CODE :
		    type & 4 ? MODIFY_LDT_CONTENTS_STACK :
		    MODIFY_LDT_CONTENTS_DATA,
	};

	return (seg->selector & 4) == 0 ||
	    syscall(SYS_modify_ldt, 1, &entry, sizeof(entry)) == 0;
}

static bool
ldt_make(void)
{
	const struct trial_segments *mode;

	for (mode = trial_segments; mode < trial_segments + TRIAL_NMODES;
	    mode++) {
		if (!ldt_add(&mode->cs) || !ldt_add(&mode->ss) ||
		    !ldt_add(&mode->ds) || !ldt_add(&mode->es))
			return false;
	}
	return true;
}

const char *
host_start(struct memory *memory)
{
	/* Stray 32-bit addresses shall not find this program. */
	if ((uintptr_t)signal_stack >> 32 == 0)
		return "the program is below 4 GiB";
	memory->host = area_make(ARENA, ARENA_SIZE, PROT_READ | PROT_WRITE);
	memory->code = area_make(CODE, CODE_SIZE, PROT_READ | PROT_EXEC);
	if (memory->host == NULL || memory->code == NULL || !arena_protect())
		return "fixed addresses are not to be had";
	if (!signals_take())
		return "signals are not to be had";
	if (syscall(SYS_arch_prctl, ARCH_SET_GS, GS_BASE) != 0)
		return "GS is not to be had";
	if (!ldt_make())
		return "an LDT is not to be had";
	return NULL;
}

uint32_t
host_mxcsr_mask(void)
{
	static _Alignas(16) uint8_t area[SIM_FPU_SIZE];
	uint32_t mask;

	__asm__ volatile("fxsave %0" : "=m"(area));
	memcpy(&mask, area + SIM_FPU_MXCSR_MASK, sizeof(mask));
	return mask != 0 ? mask : 0xFFBF;
}

void
host_run(const struct trial *trial, struct outcome *outcome)
{
	memset(outcome, 0, sizeof(*outcome));
	current = trial;
	result = outcome;
	if (syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1) != 0)
		outcome->strange = "no signal can be sent";
}

#endif
