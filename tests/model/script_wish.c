/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a guest does, in Lua.
 */
#include <inttypes.h>

#include "script.h"

static const char *const names[NWISH] = {
	[WISH_OUT] = "out", [WISH_IN] = "inp", [WISH_WRITE] = "write",
	[WISH_READ] = "read", [WISH_FETCH] = "fetch", [WISH_HLT] = "hlt",
	[WISH_CPUID] = "cpuid", [WISH_RDMSR] = "rdmsr",
	[WISH_WRMSR] = "wrmsr", [WISH_SHUTDOWN] = "shutdown",
	[WISH_STI] = "sti", [WISH_CLI] = "cli",
	[WISH_NOP] = "nop", [WISH_MOV_CR] = "mov_cr", [WISH_INIT] = "init",
	[WISH_TASK_SWITCH] = "task_switch", [WISH_IRET] = "iret",
	[WISH_STACK] = "stack",
	[WISH_SPIN] = "spin",
};

static const char *
fields_print(FILE *file, const struct wish *wish)
{
	switch (wish->kind) {
	case WISH_OUT:
	case WISH_IN:
		fprintf(file, "port = %#x, size = %u", wish->port,
		    wish->size);
		return ", ";
	case WISH_WRITE:
	case WISH_READ:
		fprintf(file, "gpa = %#" PRIx64 ", size = %u%s",
		    wish->address, wish->size,
		    wish->first_touch ? ", first_touch = true" : "");
		return ", ";
	case WISH_FETCH:
	case WISH_STACK:
		fprintf(file, "gpa = %#" PRIx64, wish->address);
		return ", ";
	case WISH_MOV_CR:
		fprintf(file, "cr = %u", wish->cr);
		return ", ";
	case WISH_CPUID:
		fprintf(file, "leaf = %#x, subleaf = %u", wish->leaf,
		    wish->subleaf);
		return ", ";
	case WISH_RDMSR:
	case WISH_WRMSR:
		fprintf(file, "msr = %#x", wish->msr);
		return ", ";
	default:
		return "";
	}
}

static void
wish_print(FILE *file, const struct wish *wish)
{
	static const char *const modes[] = {
		"real", "protected", "long", "user",
	};
	const char *separator;

	if (wish->kind == WISH_MODE) {
		fprintf(file, "guest.mode \"%s\"", modes[wish->mode]);
		return;
	}
	if (wish->kind == WISH_INSN && !wish->has_xcr) {
		fprintf(file, "guest.insn \"%s\"",
		    sim_insns[wish->insn].name);
		return;
	}
	if (wish->kind == WISH_INSN) {
		fprintf(file, "guest.xsetbv { xcr = %u, value = %#" PRIx64
		    " }", wish->xcr, wish->value);
		return;
	}
	fprintf(file, "guest.%s { ", names[wish->kind]);
	separator = fields_print(file, wish);
	if (wish->kind == WISH_OUT || wish->kind == WISH_WRITE ||
	    wish->kind == WISH_WRMSR || wish->kind == WISH_MOV_CR) {
		fprintf(file, "%svalue = %#" PRIx64, separator, wish->value);
		separator = ", ";
	}
	if (wish->flags_set != 0)
		fprintf(file, "%sinterrupts = true", separator);
	else if (wish->flags_clear != 0)
		fprintf(file, "%sinterrupts = false", separator);
	fprintf(file, " }");
}

/* What follows a wish that spins. */
static void
action_print(FILE *file, const char *cpu, const struct model_action *action)
{
	fprintf(file, ":meanwhile(function()\n");
	if (action->inject)
		fprintf(file, "\t\t%s:inject { type = %" PRIu32
		    ", vector = %u, error = %#" PRIx64 " }\n", cpu,
		    action->event.type, action->event.vector,
		    action->event.error);
	fprintf(file, "\t\t%s:host(\"%s\", %u)\n\tend)", cpu,
	    script_host_names[action->reason], action->looks);
}

void
script_wishes(struct script *script, const struct step *step, unsigned extras)
{
	const struct wish *wish;
	unsigned i;

	if (script == NULL)
		return;
	for (i = 0; i < step->nwishes + extras; i++) {
		wish = i < step->nwishes ? &step->wishes[i] :
		    &model_last_wish;
		fprintf(script->file, "\t%s:will(",
		    script_cpu_name(script, step->cpu));
		wish_print(script->file, wish);
		fprintf(script->file, ")");
		if (wish->kind == WISH_SPIN && step->action.armed)
			action_print(script->file,
			    script_cpu_name(script, step->cpu),
			    &step->action);
		fprintf(script->file, "\n");
	}
}
