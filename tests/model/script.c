/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The writer of Lua scenarios: what the VMM does.
 */
#include "script.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

const char *
script_cpu_name(const struct script *script, unsigned cpu)
{
	static const char *const names[SEQUENCE_CPUS] = {
		"cpu0", "cpu1", "cpu2", "cpu3",
	};

	return script->used & (script->used - 1) ? names[cpu] : "cpu";
}

const char *
script_machine_name(const struct script *script, unsigned cpu)
{
	static const char *const names[SEQUENCE_MACHINES] = { "vm0", "vm1" };
	unsigned i, used = 0;

	for (i = 0; i < SEQUENCE_CPUS; i++) {
		if (script->used & 1U << i)
			used |= 1U << sequence_cpus[i].machine;
	}
	return used == 3 ? names[sequence_cpus[cpu].machine] : "vm";
}

/* What decides about the outcome and is not on the command line. */
static void
options_print(const struct script *script)
{
	const struct model_setup *setup = script->setup;

	fprintf(script->file, "{ cpu = \"%s\"", setup->backend->name);
	if (setup_policy_built_in(setup))
		fprintf(script->file, ", policy = \"%s\"",
		    setup->policy.name);
	if (setup->quirks_off != 0) {
		fprintf(script->file, ", quirks = \"");
		setup_quirks_print(setup, script->file);
		fprintf(script->file, "\"");
	}
	fprintf(script->file, " }");
}

/* A machine, before its first VCPU; ram is its memory, if any is mapped. */
static void
machine_print(const struct script *script, unsigned cpu, bool maps)
{
	const char *name = script_machine_name(script, cpu);

	fprintf(script->file, "\tlocal %s = t:machine()\n", name);
	if (maps)
		fprintf(script->file, "\tlocal ram_%s = t:pages(%#x)\n"
		    "\t%s:hva_map(ram_%s)\n", name, MODEL_MEMORY, name, name);
}

static uint32_t
cpuid_of(const struct script *script, unsigned cpu)
{
	uint32_t cpuid = sequence_cpus[cpu].cpuid;

	return cpuid != SEQUENCE_LAST ? cpuid :
	    script->setup->abi->max_vcpus - 1;
}

void
script_begin(struct script *script, const char *name,
    const struct sequence *sequence)
{
	unsigned i, machines = 0, machine;
	bool maps = false;

	script->used = sequence_used(sequence);
	for (i = 0; i < sequence->nsteps; i++)
		maps |= sequence->steps[i].kind == STEP_MAP ||
		    sequence->steps[i].kind == STEP_UNMAP;
	fprintf(script->file, "test(\"%s\", ", name);
	options_print(script);
	fprintf(script->file, ", function(t)\n");
	for (i = 0; i < SEQUENCE_CPUS; i++) {
		if ((script->used & 1U << i) == 0)
			continue;
		machine = 1U << sequence_cpus[i].machine;
		if ((machines & machine) == 0)
			machine_print(script, i, maps);
		machines |= machine;
		fprintf(script->file, "\tlocal %s = %s:vcpu(%u)\n",
		    script_cpu_name(script, i),
		    script_machine_name(script, i), cpuid_of(script, i));
	}
}

void
script_end(struct script *script)
{
	fprintf(script->file, "end)\n");
}

/* A call that fails, if there is an error: a line around it. */
static void __attribute__((format(printf, 3, 4)))
line(const struct script *script, int error, const char *format, ...)
{
	static const struct {
		int error;
		const char *name;
	} names[] = {
		{ EIO, "EIO" }, { EINTR, "EINTR" }, { ENOMEM, "ENOMEM" },
		{ EAGAIN, "EAGAIN" }, { EINVAL, "EINVAL" },
		{ EBUSY, "EBUSY" }, { ESRCH, "ESRCH" }, { EFAULT, "EFAULT" },
	};
	const char *name = NULL;
	va_list arguments;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].error == error)
			name = names[i].name;
	}
	fprintf(script->file, "\t");
	if (name != NULL)
		fprintf(script->file, "t:fails(\"%s\", function() ", name);
	va_start(arguments, format);
	vfprintf(script->file, format, arguments);
	va_end(arguments);
	fprintf(script->file, "%s\n", name != NULL ? " end)" : "");
}

/* Their names, in a buffer of the caller's. */
#define COMPONENTS_SIZE	64

static const char *
components_names(char *names, uint64_t components)
{
	const char *separator = "";
	size_t length = 0;
	unsigned c;

	*names = '\0';
	for (c = 0; c < SIM_NCOMPONENT; c++) {
		if ((components & SIM_BIT(c)) == 0)
			continue;
		length += (size_t)snprintf(names + length,
		    COMPONENTS_SIZE - length, "%s%s", separator,
		    sim_components[c].name);
		separator = "|";
	}
	return names;
}

void
script_get(struct script *script, unsigned cpu, uint64_t components,
    int error)
{
	char names[COMPONENTS_SIZE];

	if (script != NULL)
		line(script, error, "%s:get(\"%s\")",
		    script_cpu_name(script, cpu),
		    components_names(names, components));
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
	char names[COMPONENTS_SIZE];
	const char *cpu;
	unsigned i;

	if (script == NULL)
		return;
	cpu = script_cpu_name(script, step->cpu);
	for (i = 0; i < step->nwrites; i++) {
		write = &step->writes[i];
		if ((step->components & SIM_BIT(write->row->component)) == 0)
			continue;
		fprintf(script->file, "\t%s.", cpu);
		register_print(script->file, "state", write->row->name);
		fprintf(script->file, " = %#" PRIx64 "\n", write->value);
	}
	line(script, 0, "%s:set(\"%s\")", cpu,
	    components_names(names, step->components));
}

void
script_inject(struct script *script, const struct step *step)
{
	const struct sim_event_record *event = &step->event;
	char type[16];

	if (script == NULL)
		return;
	if (event->type <= SIM_EVENT_INTR)
		snprintf(type, sizeof(type), "\"%s\"",
		    event->type == SIM_EVENT_EXCP ? "excp" : "intr");
	else
		snprintf(type, sizeof(type), "%" PRIu32, event->type);
	line(script, 0, "%s:inject { type = %s, vector = %u, error = %#"
	    PRIx64 " }", script_cpu_name(script, step->cpu), type,
	    event->vector, event->error);
}

void
script_call(struct script *script, unsigned cpu, const char *call, int error)
{
	if (script != NULL)
		line(script, error, "%s:%s", script_cpu_name(script, cpu),
		    call);
}

void
script_finish(struct script *script, unsigned cpu, uint64_t rip)
{
	if (script != NULL)
		line(script, 0, "%s:set { rip = %#" PRIx64 " }",
		    script_cpu_name(script, cpu), rip);
}

const char *const script_host_names[] = {
	"nothing", "reschedule", "signal", "suspend", "entry_failure",
	"misconfiguration",
};

void
script_host(struct script *script, const struct step *step)
{
	if (script != NULL)
		line(script, 0, "%s:host(\"%s\", %u)",
		    script_cpu_name(script, step->cpu),
		    script_host_names[step->reason],
		    step->looks);
}

static const char *
error_name(int error)
{
	return error == EIO ? "EIO" : error == EINTR ? "EINTR" :
	    error == ENOMEM ? "ENOMEM" : "EAGAIN";
}

void
script_fault(struct script *script, const struct step *step)
{
	if (script != NULL)
		line(script, 0, "t:fail { ioctl = \"%s\", nth = 1, "
		    "errno = \"%s\" }", sim_ioctl_names[step->ioctl].name,
		    error_name(step->error));
}

void
script_create(struct script *script, unsigned cpu, uint32_t cpuid, int error)
{
	const char *machine;

	if (script == NULL)
		return;
	machine = script_machine_name(script, cpu);
	if (error)
		line(script, error, "%s:vcpu(%u)", machine, cpuid);
	else
		line(script, error, "%s = %s:vcpu(%u)",
		    script_cpu_name(script, cpu), machine, cpuid);
}

void
script_map(struct script *script, const struct step *step, int error)
{
	const struct model_area *area = &step->area;
	const char *machine;
	char prot[24] = "";

	if (script == NULL)
		return;
	machine = script_machine_name(script, step->cpu);
	if (step->kind == STEP_MAP)
		snprintf(prot, sizeof(prot), ", prot = \"%s%s%s\"",
		    area->prot & 1 ? "r" : "", area->prot & 2 ? "w" : "",
		    area->prot & 4 ? "x" : "");
	line(script, error, "%s:gpa_%s { pages = ram_%s, offset = %#zx, "
	    "size = %#zx, gpa = %#" PRIx64 "%s }", machine,
	    step->kind == STEP_MAP ? "map" : "unmap", machine, area->offset,
	    area->size, area->gpa, prot);
}

static void
leaf_registers(char *text, size_t size, const char *name,
    const uint32_t regs[4])
{
	snprintf(text, size, "%s = { eax = %#x, ebx = %#x, ecx = %#x, "
	    "edx = %#x }", name, regs[0], regs[1], regs[2], regs[3]);
}

void
script_cpuid(struct script *script, const struct step *step, int error)
{
	const struct sim_conf_cpuid *leaf = &step->leaf;
	char set[80], del[80];

	if (script == NULL)
		return;
	leaf_registers(set, sizeof(set), "set", leaf->set);
	leaf_registers(del, sizeof(del), "del", leaf->del);
	line(script, error, "%s:configure_cpuid { leaf = %#x%s%s,\n"
	    "\t    %s,\n\t    %s }", script_cpu_name(script, step->cpu),
	    leaf->leaf,
	    leaf->action & SIM_CONF_CPUID_MASK ? ", mask = true" : "",
	    leaf->action & SIM_CONF_CPUID_EXIT ? ", exit = true" : "",
	    set, del);
}

void
script_expect(struct script *script, unsigned cpu, const char *what,
    uint64_t value)
{
	const char *dot = strchr(what, '.');

	if (script == NULL || dot == NULL)
		return;
	fprintf(script->file, "\tt:expect(%s.", script_cpu_name(script, cpu));
	/* "state.ds.base" is the field "ds.base" of state. */
	fprintf(script->file, "%.*s", (int)(dot - what), what);
	register_print(script->file, "", dot + 1);
	fprintf(script->file, ", %#" PRIx64 ")\n", value);
}

void
script_expect_flag(struct script *script, unsigned cpu, const char *what,
    bool value)
{
	if (script != NULL)
		fprintf(script->file, "\tt:expect(%s.%s, %s)\n",
		    script_cpu_name(script, cpu), what,
		    value ? "true" : "false");
}

void
script_expect_exit(struct script *script, unsigned cpu, uint64_t reason)
{
	if (script == NULL)
		return;
	fprintf(script->file, "\tt:expect(%s.exit.reason, \"%s\")\n",
	    script_cpu_name(script, cpu), sim_exits[sim_exit_find(reason)].name);
}

void
script_expect_events(struct script *script, unsigned cpu, unsigned n)
{
	if (script != NULL)
		fprintf(script->file, "\tt:expect(#%s:events(), %u)\n",
		    script_cpu_name(script, cpu), n);
}

void
script_expect_byte(struct script *script, unsigned cpu, size_t offset,
    uint8_t value)
{
	if (script != NULL)
		fprintf(script->file, "\tt:expect(ram_%s:read(%zu, 1), "
		    "\"\\x%02x\")\n", script_machine_name(script, cpu),
		    offset, value);
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
