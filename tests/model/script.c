/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The writer of Lua scenarios.  Every function does nothing without a
 * script, so that playing needs no second way.
 */
#include "script.h"

#include <inttypes.h>
#include <string.h>

static const char *
cpu_name(const struct script *script, unsigned cpu)
{
	if (!script->several)
		return "cpu";
	return cpu == 0 ? "cpu0" : "cpu1";
}

void
script_begin(struct script *script, const char *name,
    const struct sequence *sequence)
{
	unsigned cpu, i;

	script->several = false;
	for (i = 0; i < sequence->nsteps; i++)
		script->several |= sequence->steps[i].cpu !=
		    sequence->steps[0].cpu;
	fprintf(script->file, "test(\"%s\", function(t)\n", name);
	fprintf(script->file, "\tlocal vm = t:machine()\n");
	for (cpu = 0; cpu < (script->several ? SEQUENCE_CPUS : 1U); cpu++)
		fprintf(script->file, "\tlocal %s = vm:vcpu(%u)\n",
		    cpu_name(script, cpu), cpu);
}

void
script_end(struct script *script)
{
	fprintf(script->file, "end)\n");
}

static void
components_print(FILE *file, uint64_t components)
{
	const char *separator = "";
	unsigned c;

	for (c = 0; c < SIM_NCOMPONENT; c++) {
		if ((components & SIM_BIT(c)) == 0)
			continue;
		fprintf(file, "%s%s", separator, sim_components[c].name);
		separator = "|";
	}
}

void
script_get(struct script *script, unsigned cpu, uint64_t components)
{
	if (script == NULL)
		return;
	fprintf(script->file, "\t%s:get(\"", cpu_name(script, cpu));
	components_print(script->file, components);
	fprintf(script->file, "\")\n");
}

/* A register as a field: by its name if Lua takes that for one. */
static void
register_print(FILE *file, const char *view, const char *name)
{
	if (strchr(name, '.') != NULL)
		fprintf(file, "%s[\"%s\"]", view, name);
	else
		fprintf(file, "%s.%s", view, name);
}

void
script_set(struct script *script, const struct step *step)
{
	const struct step_write *write;
	unsigned i;

	if (script == NULL)
		return;
	for (i = 0; i < step->nwrites; i++) {
		write = &step->writes[i];
		if ((step->components & SIM_BIT(write->row->component)) == 0)
			continue;
		fprintf(script->file, "\t%s.",
		    cpu_name(script, step->cpu));
		register_print(script->file, "state", write->row->name);
		fprintf(script->file, " = %#" PRIx64 "\n", write->value);
	}
	fprintf(script->file, "\t%s:set(\"", cpu_name(script, step->cpu));
	components_print(script->file, step->components);
	fprintf(script->file, "\")\n");
}

void
script_inject(struct script *script, const struct step *step)
{
	if (script == NULL)
		return;
	fprintf(script->file, "\t%s:inject { type = \"%s\", vector = %u",
	    cpu_name(script, step->cpu),
	    step->event.type == SIM_EVENT_EXCP ? "excp" : "intr",
	    step->event.vector);
	if (step->event.error != 0)
		fprintf(script->file, ", error = %" PRIu64,
		    step->event.error);
	fprintf(script->file, " }\n");
}

static void
wish_print(FILE *file, const struct wish *wish)
{
	static const char *const names[NWISH] = {
		[WISH_OUT] = "out", [WISH_IN] = "inp",
		[WISH_WRITE] = "write", [WISH_READ] = "read",
		[WISH_HLT] = "hlt", [WISH_CPUID] = "cpuid",
		[WISH_RDMSR] = "rdmsr", [WISH_WRMSR] = "wrmsr",
		[WISH_SHUTDOWN] = "shutdown", [WISH_INVD] = "invd",
		[WISH_STI] = "sti", [WISH_CLI] = "cli", [WISH_NOP] = "nop",
	};

	fprintf(file, "guest.%s", names[wish->kind]);
	switch (wish->kind) {
	case WISH_OUT:
	case WISH_IN:
		fprintf(file, " { port = %#x, size = %u", wish->port,
		    wish->size);
		break;
	case WISH_WRITE:
	case WISH_READ:
		fprintf(file, " { gpa = %#" PRIx64 ", size = %u",
		    wish->address, wish->size);
		break;
	case WISH_CPUID:
		fprintf(file, " { leaf = %#x", wish->leaf);
		break;
	case WISH_RDMSR:
	case WISH_WRMSR:
		fprintf(file, " { msr = %#x", wish->msr);
		break;
	default:
		fprintf(file, "()");
		return;
	}
	if (wish->kind == WISH_OUT || wish->kind == WISH_WRITE ||
	    wish->kind == WISH_WRMSR)
		fprintf(file, ", value = %#" PRIx64, wish->value);
	fprintf(file, " }");
}

void
script_wishes(struct script *script, const struct step *step)
{
	unsigned i;

	if (script == NULL)
		return;
	for (i = 0; i < step->nwishes; i++) {
		fprintf(script->file, "\t%s:will(",
		    cpu_name(script, step->cpu));
		wish_print(script->file, &step->wishes[i]);
		fprintf(script->file, ")\n");
	}
}

void
script_call(struct script *script, unsigned cpu, const char *call, int error)
{
	const char *name;

	if (script == NULL)
		return;
	name = cpu_name(script, cpu);
	/* Only EINVAL: the model knows no other. */
	if (error != 0)
		fprintf(script->file, "\tt:fails(\"EINVAL\", "
		    "function() %s:%s end)\n", name, call);
	else
		fprintf(script->file, "\t%s:%s\n", name, call);
}

void
script_finish(struct script *script, unsigned cpu, uint64_t rip)
{
	const char *name;

	if (script == NULL)
		return;
	name = cpu_name(script, cpu);
	fprintf(script->file, "\t%s:get(\"gprs\")\n", name);
	fprintf(script->file, "\t%s.state.rip = %#" PRIx64 "\n", name, rip);
	fprintf(script->file, "\t%s:set(\"gprs\")\n", name);
}

void
script_host(struct script *script, const struct step *step)
{
	static const char *const names[] = {
		"nothing", "reschedule", "signal", "suspend",
	};

	if (script == NULL)
		return;
	fprintf(script->file, "\t%s:host(\"%s\", %u)\n",
	    cpu_name(script, step->cpu), names[step->reason], step->looks);
}

void
script_expect(struct script *script, unsigned cpu, const char *what,
    uint64_t value)
{
	const char *dot = strchr(what, '.');

	if (script == NULL || dot == NULL)
		return;
	fprintf(script->file, "\tt:expect(%s.", cpu_name(script, cpu));
	/* "state.ds.base" is the field "ds.base" of state. */
	fprintf(script->file, "%.*s", (int)(dot - what), what);
	register_print(script->file, "", dot + 1);
	fprintf(script->file, ", %#" PRIx64 ")\n", value);
}

void
script_expect_exit(struct script *script, unsigned cpu, uint64_t reason)
{
	if (script == NULL)
		return;
	fprintf(script->file, "\tt:expect(%s.exit.reason, \"%s\")\n",
	    cpu_name(script, cpu), sim_exits[sim_exit_find(reason)].name);
}

void
script_expect_events(struct script *script, unsigned cpu, unsigned n)
{
	if (script != NULL)
		fprintf(script->file, "\tt:expect(#%s:events(), %u)\n",
		    cpu_name(script, cpu), n);
}

void
script_mark(struct script *script)
{
	if (script != NULL && script->counts)
		fprintf(script->file, "\tt:mark()\n");
}

void
script_expect_ioctls(struct script *script, const uint64_t *ioctls)
{
	const char *separator = " ";
	unsigned i;

	if (script == NULL)
		return;
	fprintf(script->file, "\tt:ioctls {");
	for (i = 0; i < SIM_NIOCTL; i++) {
		if (ioctls[i] == 0)
			continue;
		fprintf(script->file, "%s%s = %" PRIu64, separator,
		    sim_ioctl_names[i].name, ioctls[i]);
		separator = ", ";
	}
	fprintf(script->file, " }\n");
}
