/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows that KVM may end otherwise, and why it does.  Seen with a KVM of
 * software only, which emulates all but 64-bit user code; on others many of
 * these rows agree, and are counted as agreed.  What KVM does was seen, not
 * looked up in its source.  That the row is right is our reading of the
 * manuals, from knowledge of them and not page by page:
 *
 *   gates, IRET, the TSS's stacks	SDM vol. 3, "Privilege levels" and
 *	"Program control transfer"; vol. 2, CALL, JMP, INT, IRET
 *   error codes and EXT, double faults, shutdown	vol. 3, chapter on
 *	interrupt and exception handling
 *   RF, traps, breakpoints, what MOV SS holds off	vol. 3, chapter on
 *	debugging; "Masking exceptions when switching stacks"
 *   limits, a null SS, the end of the space	vol. 3, chapter on protection
 *   SYSCALL, SYSRET, SYSENTER	vol. 2, and APM vol. 2 and 3, which differ:
 *	the row is AMD's where they do
 *   STR, LTR, SWAPGS, FXSAVE, VERR and the like, MOVBE	vol. 2
 *   page tables, what is marked, SMAP	vol. 3, chapter on paging
 */
#include "oracle.h"

#include <string.h>

/* In user mode KVM answers #UD for what its emulator lacks. */
#define NO_GATES	"its emulator has no call gates"
#define NO_INT		"its emulator has no INT of protected mode"
#define NO_IRET		"its emulator has no IRET of protected mode"
#define NO_LOOKS	"its emulator has no VERR, VERW, LAR, LSL and ARPL"
#define HOST_BITS	"the host's CR4 and EFER hold there"
#define LEAVES		"the interpreter leaves that to the kernel"
#define NO_BREAKS	"its emulator sees no breakpoints on data"
#define NO_MOVBE	"its emulator takes MOVBE for absent"
#define NO_LIMIT	"it delivers without a look at limits"
#define NO_RF		"it leaves RF to who injects an event"
#define NO_EXT		"it leaves EXT out of error codes of deliveries"
#define ORDER		"of two words at a hole it tells the later one"
#define MASK		"the host's MXCSR_MASK has more bits"
#define FIRST_LEVEL	"processors may look at it with CR3, and not later"
#define VMM		"NVMM leaves before RCX and memory are looked at"

static const struct {
	const char *row, *why;
} known[] = {
	{ "JMP through a gate does not go inwards", NO_GATES },
	{ "a gate inwards copies parameters", NO_GATES },
	{ "a gate of 16 bits inwards", NO_GATES },
	{ "a gate of 64 bits inwards", NO_GATES },
	{ "a gate of 64 bits to other code", NO_GATES },
	{ "a gate for inner callers", NO_GATES },
	{ "the TSS names a null stack", NO_GATES },
	{ "the TSS names a stack of another CPL", NO_GATES },
	{ "the TSS names an absent stack", NO_GATES },
	{ "IRET at CPL 3 changes neither IF nor IOPL", NO_IRET },
	{ "IRET of 64 bits outwards",
	    "it leaves data segments of the inner ring loaded" },
	{ "IRET of 64 bits to no canonical address",
	    "it faults behind the IRET, not before" },
	{ "CALL beyond the stack's limit: no handler has a stack", NO_LIMIT },
	{ "PUSH beyond SS's limit", NO_LIMIT },
	{ "a short IDT ends in shutdown", NO_LIMIT },
	{ "CALL with a stack in a hole", ORDER },
	{ "PUSHAD into a hole changes nothing", ORDER },
	{ "INT of real mode", "its emulator steps INT, which clears TF" },
	{ "INT of a privileged gate", NO_INT },
	{ "INT of a gate for users", NO_INT },
	{ "an error code is pushed last", NO_RF },
	{ "a fault sets RF in its frame", NO_RF },
	{ "an interrupt without a gate: EXT",
	    "it looks whether a gate is present before what it is" },
	{ "a gate to null", NO_EXT },
	{ "no canonical IST", NO_EXT },
	{ "#UD and then #GP is #GP", "it makes that a double fault" },
	{ "the stack of the TSS is in a hole",
	    "a delivery to a hole is a shutdown there" },
	{ "SS null in 64-bit code", "a null SS keeps its attributes there" },
	{ "a word around the end of the space",
	    "processors may wrap there or fault" },
	{ "a load of SS holds the trap off",
	    "its emulator traps behind MOV SS too" },
	{ "a store hits a breakpoint on writes", NO_BREAKS },
	{ "a load hits a breakpoint on accesses", NO_BREAKS },
	{ "four bytes are watched as one", NO_BREAKS },
	{ "a step that hits tells both", NO_BREAKS },
	{ "MOVBE from memory", NO_MOVBE },
	{ "MOVBE of 16 bits to memory", NO_MOVBE },
	{ "REP OUTSB with a segment", VMM },
	{ "REP INSD of nothing: the VMM finds out", VMM },
	{ "OUT of a user with IOPL 3",
	    "its user mode has no IOPL, only the TSS's map" },
	{ "FXSAVE", MASK },
	{ "FXSAVE outside 64-bit code has eight XMM registers", MASK },
	{ "SMSW of the kernel under UMIP", "long mode has paging there" },
	{ "MOV to DR7: fixed bits", "it keeps RTM of some processors" },
	{ "XGETBV", "XCR0 is the host's there" },
	{ "RDFSBASE without FSGSBASE", HOST_BITS },
	{ "WRFSBASE without FSGSBASE", HOST_BITS },
	{ "SYSCALL without EFER.SCE", HOST_BITS },
	{ "SYSRET without EFER.SCE", HOST_BITS },
	{ "SYSCALL", "it leaves CS and SS of user mode" },
	{ "SYSRET to compatibility mode", "it takes all of RCX" },
	{ "SYSRET of legacy mode sets IF", "it takes flags from R11 there" },
	{ "SYSRET to no canonical address",
	    "Intel's fault before it, AMD's behind it" },
	{ "SYSENTER of long mode", "AMD's have none there" },
	{ "SWAPGS outside 64-bit mode", "its emulator passes over it" },
	{ "STR to memory: 16 bits", "its emulator writes 32" },
	{ "LTR of 16 bits in long mode", "its emulator takes it" },
	{ "VERR of absent data", NO_LOOKS },
	{ "VERR of the kernel's data from user mode", NO_LOOKS },
	{ "VERR of conforming code", NO_LOOKS },
	{ "VERW of the kernel's data from user mode", NO_LOOKS },
	{ "LAR of conforming code", NO_LOOKS },
	{ "LAR of the kernel's from user mode", NO_LOOKS },
	{ "ARPL of memory", NO_LOOKS },
	{ "CMPXCHG16B of a hole", "it tells the read, which comes first" },
	{ "FXSAVE of 64-bit mode", MASK },
	{ "FXSAVE across pages", MASK },
	{ "FXSAVE beyond DS", "its emulator stores fewer bytes than 512" },
	{ "FXSAVE that is not aligned",
	    "its emulator does not ask for alignment" },
	{ "long mode, 1 GiB", "its processor has no pages of that size" },
	{ "SMAP with AC, the system", "it clears AC for handlers" },
	{ "a table in a hole", "it takes a table in a hole for absent" },
	{ "PAE, PS in its first level is reserved", FIRST_LEVEL },
	{ "PAE, W in its first level is reserved", FIRST_LEVEL },
};

const char *
known_reason(const struct row *row)
{

	if (row->end == STOPS && row->stop.kind != SIM_STOP_IO &&
	    row->stop.kind != SIM_STOP_MEMORY &&
	    row->stop.kind != SIM_STOP_SHUTDOWN)
		return LEAVES;
	return known_name_reason(row->name);
}

const char *
known_name_reason(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].row, name) == 0)
			return known[i].why;
	return NULL;
}

const char *
known_row(size_t i)
{
	return i < sizeof(known) / sizeof(known[0]) ? known[i].row : NULL;
}
