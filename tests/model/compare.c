/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Comparing what the VMM sees with the model.
 */
#include "compare.h"

#include <stdio.h>
#include <string.h>

static bool
differs(struct player *player, const char *what, uint64_t expected,
    uint64_t seen)
{
	snprintf(player->failure.what, sizeof(player->failure.what), "%s",
	    what);
	player->failure.expected = expected;
	player->failure.seen = seen;
	return false;
}

bool
compare_result(struct player *player, const char *call, int seen, int wanted)
{
	char what[64];

	if (seen == wanted)
		return true;
	snprintf(what, sizeof(what), "errno of %s", call);
	return differs(player, what, (uint64_t)wanted, (uint64_t)seen);
}

bool
compare_ioctls(struct player *player)
{
	char what[64];
	unsigned i;

	for (i = 0; i <= SIM_NIOCTL; i++) {
		if (player->ioctls[i] == player->wanted[i])
			continue;
		script_expect_ioctls(player->script, player->wanted);
		player->failure.ioctls = true;
		snprintf(what, sizeof(what), "ioctls %s", i < SIM_NIOCTL ?
		    sim_ioctl_names[i].name : "that there are not");
		return differs(player, what, player->wanted[i],
		    player->ioctls[i]);
	}
	return true;
}

static unsigned
index_of(const struct player *player, const struct player_cpu *cpu)
{
	return (unsigned)(cpu - player->cpus);
}

/* A register that is not as wanted: named if it has a name. */
static bool
register_differs(struct player *player, unsigned cpu, const char *view,
    unsigned component, const struct sim_state *wanted,
    const struct sim_state *seen)
{
	const struct sim_component_row *part = &sim_components[component];
	const struct sim_register_row *row;
	uint64_t a, b;
	char what[64];
	size_t i;

	for (i = 0; (row = sim_register_row(i)) != NULL; i++) {
		if (row->component != component)
			continue;
		a = sim_register_get(wanted, row);
		b = sim_register_get(seen, row);
		if (a == b)
			continue;
		snprintf(what, sizeof(what), "%s.%s", view, row->name);
		script_expect(player->script, cpu, what, a);
		return differs(player, what, a, b);
	}
	for (i = part->offset; i < part->offset + part->size - 1U; i++) {
		if (((const uint8_t *)wanted)[i] != ((const uint8_t *)seen)[i])
			break;
	}
	snprintf(what, sizeof(what), "%s: byte %zu of %s", view,
	    i - part->offset, part->name);
	return differs(player, what, ((const uint8_t *)wanted)[i],
	    ((const uint8_t *)seen)[i]);
}

static bool
compare_state(struct player *player, unsigned cpu, const char *view,
    uint64_t components, const struct sim_state *wanted,
    const struct sim_state *seen)
{
	const struct sim_component_row *row;
	unsigned c;

	for (c = 0; c < SIM_NCOMPONENT; c++) {
		row = &sim_components[c];
		if ((components & SIM_BIT(c)) && memcmp(
		    (const uint8_t *)wanted + row->offset,
		    (const uint8_t *)seen + row->offset, row->size) != 0)
			return register_differs(player, cpu, view, c, wanted,
			    seen);
	}
	return true;
}

bool
compare_view(struct player *player, const struct player_cpu *cpu,
    uint64_t components)
{
	struct sim_state wanted;

	model_view(&cpu->model, &wanted);
	return compare_state(player, index_of(player, cpu), "state",
	    components, &wanted,
	    (const struct sim_state *)(const void *)cpu->vcpu.state);
}

bool
compare_truth(struct player *player)
{
	const struct player_cpu *cpu;
	struct sim_state seen;
	unsigned i;

	for (i = 0; i < SEQUENCE_CPUS; i++) {
		cpu = &player->cpus[i];
		if (!cpu->exists)
			continue;
		if (sim_peek_state(player->sim, cpu->machine->mach.machid,
		    cpu->cpuid, &seen) != 0)
			return differs(player, "VCPUs", 1, 0);
		if (!compare_state(player, i, "truth", SIM_STATE_ALL,
		    &cpu->model.truth, &seen))
			return false;
	}
	return true;
}

bool
compare_memory_content(struct player *player, unsigned cpu)
{
	const struct player_machine *machine = player->cpus[cpu].machine;
	const uint8_t *wanted = machine->model.memory;
	size_t i;

	if (memcmp(wanted, machine->memory, MODEL_MEMORY) == 0)
		return true;
	for (i = 0; wanted[i] == machine->memory[i]; i++)
		continue;
	script_expect_byte(player->script, cpu, i, wanted[i]);
	return differs(player, "guest memory", wanted[i], machine->memory[i]);
}

/* A number; of an exit's it is written down as an expectation. */
static bool
same(struct player *player, const char *what, uint64_t wanted, uint64_t seen)
{
	if (seen == wanted)
		return true;
	if (strncmp(what, "exit.", 5) == 0)
		script_expect(player->script, player->failure.cpu, what,
		    wanted);
	return differs(player, what, wanted, seen);
}

static bool
compare_io(struct player *player, const struct sim_exit_record *wanted,
    const struct sim_exit_record *seen)
{
	if (wanted->u.io.in != seen->u.io.in)
		script_expect_flag(player->script, player->failure.cpu,
		    "exit.input", wanted->u.io.in);
	return same(player, "input of the exit", wanted->u.io.in,
	    seen->u.io.in) &&
	    same(player, "exit.port", wanted->u.io.port,
	    seen->u.io.port) &&
	    same(player, "exit.operand_size", wanted->u.io.operand_size,
	    seen->u.io.operand_size) &&
	    same(player, "exit.npc", wanted->u.io.npc, seen->u.io.npc);
}

static bool
compare_memory(struct player *player, const struct sim_exit_record *wanted,
    const struct sim_exit_record *seen)
{
	uint8_t i, n = wanted->u.mem.inst_len;

	if (!same(player, "exit.gpa", wanted->u.mem.gpa,
	    seen->u.mem.gpa) ||
	    !same(player, "access of the exit", (uint64_t)wanted->u.mem.prot,
	    (uint64_t)seen->u.mem.prot) ||
	    !same(player, "exit.inst_len", n, seen->u.mem.inst_len))
		return false;
	for (i = 0; i < n; i++) {
		if (!same(player, "bytes of the exit",
		    wanted->u.mem.inst_bytes[i], seen->u.mem.inst_bytes[i]))
			return false;
	}
	return true;
}

/*
 * What the exit's reason fills; the rest of the union may be left over from
 * an MSR that the kernel handled before.
 */
static bool
compare_part(struct player *player, const struct sim_exit_record *wanted,
    const struct sim_exit_record *seen)
{
	switch (sim_exit_find(wanted->reason)) {
	case SIM_EXIT_IO:
		return compare_io(player, wanted, seen);
	case SIM_EXIT_MEMORY:
		return compare_memory(player, wanted, seen);
	case SIM_EXIT_RDMSR:
		return same(player, "exit.msr", wanted->u.rdmsr.msr,
		    seen->u.rdmsr.msr) &&
		    same(player, "exit.npc", wanted->u.rdmsr.npc,
		    seen->u.rdmsr.npc);
	case SIM_EXIT_WRMSR:
		return same(player, "exit.msr", wanted->u.wrmsr.msr,
		    seen->u.wrmsr.msr) &&
		    same(player, "exit.val", wanted->u.wrmsr.val,
		    seen->u.wrmsr.val) &&
		    same(player, "exit.npc", wanted->u.wrmsr.npc,
		    seen->u.wrmsr.npc);
	case SIM_EXIT_MONITOR:
	case SIM_EXIT_MWAIT:
	case SIM_EXIT_CPUID:
		return same(player, "exit.npc", wanted->u.insn.npc,
		    seen->u.insn.npc);
	case SIM_EXIT_INVALID:
		return same(player, "exit.hwcode",
		    wanted->u.inv.hwcode, seen->u.inv.hwcode);
	default:
		return true;
	}
}

/* The flags of an exit's state, which Lua has as booleans. */
static bool
compare_intr(struct player *player, uint64_t wanted, uint64_t seen)
{
	static const char *const names[] = {
		"exit.int_shadow", "exit.int_window_exiting",
		"exit.nmi_window_exiting", "exit.evt_pending",
	};
	unsigned i;

	for (i = 0; i < 4; i++) {
		if (((wanted ^ seen) >> i & 1) == 0)
			continue;
		script_expect_flag(player->script, player->failure.cpu,
		    names[i], wanted >> i & 1);
		return differs(player, names[i], wanted >> i & 1,
		    seen >> i & 1);
	}
	return same(player, "exitstate's other bits", wanted, seen);
}

bool
compare_exit(struct player *player, const struct player_cpu *cpu)
{
	const struct sim_exit_record *wanted = &cpu->model.exit;
	struct sim_exit_record seen;

	_Static_assert(sizeof(seen) == sizeof(*cpu->vcpu.exit), "exit");
	memcpy(&seen, cpu->vcpu.exit, sizeof(seen));
	/* The script has the reason already. */
	return same(player, "reason of the exit", wanted->reason,
	    seen.reason) &&
	    same(player, "exit.rflags", wanted->rflags, seen.rflags) &&
	    same(player, "exit.cr8", wanted->cr8, seen.cr8) &&
	    compare_intr(player, wanted->intr, seen.intr) &&
	    compare_part(player, wanted, &seen);
}

static uint64_t
event_word(const struct sim_event *event)
{
	return (uint64_t)event->interrupt << 63 |
	    (uint64_t)event->has_error << 62 |
	    (uint64_t)event->vector << 32 | event->error;
}

bool
compare_events(struct player *player, const struct player_cpu *cpu)
{
	uint64_t wanted, seen;
	unsigned i;

	if (cpu->ndelivered != cpu->model.ndelivered) {
		script_expect_events(player->script, player->failure.cpu,
		    cpu->model.total);
		return differs(player, "events delivered",
		    cpu->model.ndelivered, cpu->ndelivered);
	}
	for (i = 0; i < cpu->ndelivered && i < MODEL_EVENTS; i++) {
		wanted = event_word(&cpu->model.delivered[i]);
		seen = event_word(&cpu->delivered[i]);
		if (seen != wanted)
			return differs(player, "event delivered", wanted,
			    seen);
	}
	return true;
}

static bool
compare_access(struct player *player, const struct model_access *seen,
    const struct model_access *wanted)
{
	return same(player, "the callback's port or gpa", wanted->where,
	    seen->where) &&
	    same(player, "the callback's size", wanted->size, seen->size) &&
	    same(player, "the callback's direction", wanted->write,
	    seen->write) &&
	    same(player, "the callback's data", wanted->value, seen->value);
}

bool
compare_accesses(struct player *player, const struct player_cpu *cpu,
    const struct model_assist *wanted)
{
	unsigned i;

	if (!same(player, "calls of the callback", wanted->naccesses,
	    cpu->naccesses))
		return false;
	for (i = 0; i < wanted->naccesses; i++) {
		if (!compare_access(player, &cpu->accesses[i],
		    &wanted->accesses[i]))
			return false;
	}
	return true;
}
