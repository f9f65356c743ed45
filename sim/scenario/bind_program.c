/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests that execute: their programs, and where a VCPU begins.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"
#include "kernel/control.h"
#include "scenario/bind_cpu.h"

/* Below 1 MiB and then some: it goes to where real mode reaches. */
#define PROGRAM_MAX	0x100000UL
#define PAGE		4096UL

/* Without one, sets a Lua error. */
static size_t
program_read(lua_State *lua, const char *name, uint8_t *bytes)
{
	const char *folder = scn_of(lua)->options->programs;
	char path[PATH_MAX];
	size_t size;
	FILE *file;

	if (strchr(name, '/') != NULL)
		luaL_error(lua, "a program has a name, not a path: '%s'",
		    name);
	snprintf(path, sizeof(path), "%s/%s.bin",
	    folder != NULL ? folder : ".", name);
	file = fopen(path, "re");
	if (file == NULL)
		luaL_error(lua, "there is no program '%s': %s: %s; `make "
		    "products' builds those of scenarios/guests", name, path,
		    strerror(errno));
	size = fread(bytes, 1, PROGRAM_MAX, file);
	fclose(file);
	if (size == 0 || size == PROGRAM_MAX)
		luaL_error(lua, "%s is empty or too large for a program",
		    path);
	return size;
}

/* The program may lie across several mappings. */
static void
program_copy(lua_State *lua, struct scn_vm *vm, uint64_t gpa,
    const uint8_t *bytes, size_t size)
{
	nvmm_prot_t prot;
	uintptr_t hva;
	size_t n;

	for (; size > 0; gpa += n, bytes += n, size -= n) {
		n = PAGE - gpa % PAGE;
		if (n > size)
			n = size;
		if (nvmm_gpa_to_hva(&vm->mach, gpa & ~(PAGE - 1), &hva,
		    &prot) != 0)
			luaL_error(lua, "the machine has no RAM at %p, where "
			    "the program is to be: say vm:ram before",
			    (void *)(uintptr_t)gpa);
		memcpy((uint8_t *)hva + gpa % PAGE, bytes, n);
	}
}

/* vm:program { name =, gpa = }; returns its size. */
int
vm_program(lua_State *lua)
{
	static const char *const fields[] = { "name", "gpa", NULL };
	struct scn_vm *vm = value_object(lua, 1, VM_CLASS);
	uint8_t *bytes;
	uint64_t gpa;
	size_t size;

	value_check_fields(lua, 2, "program", fields);
	gpa = value_field(lua, 2, "gpa", 0, true);
	lua_getfield(lua, 2, "name");
	bytes = lua_newuserdatauv(lua, PROGRAM_MAX, 0);
	size = program_read(lua, luaL_checkstring(lua, -2), bytes);
	scn_setup_begin(vm->scn);
	program_copy(lua, vm, gpa, bytes, size);
	scn_setup_end(vm->scn);
	lua_pushinteger(lua, (lua_Integer)size);
	return 1;
}

/* As after a jump in real mode: CS has the 64 KiB that at is in. */
static void
boot_at(lua_State *lua, struct scn_cpu *cpu, uint64_t at)
{
	const uint64_t flags = NVMM_X64_STATE_SEGS | NVMM_X64_STATE_GPRS;
	struct nvmm_machine *mach = &cpu->vm->mach;
	struct nvmm_x64_state_seg *cs;

	if (at > 0xFFFFF)
		luaL_error(lua, "real mode reaches 1 MiB: set cs.base and rip "
		    "yourself, and say cpu:boot()");
	scn_setup_begin(cpu->vm->scn);
	scn_check(lua, "nvmm_vcpu_getstate",
	    nvmm_vcpu_getstate(mach, &cpu->vcpu, flags));
	cs = &cpu->vcpu.state->segs[NVMM_X64_SEG_CS];
	cs->base = at & 0xF0000;
	cs->selector = (uint16_t)(cs->base >> 4);
	cpu->vcpu.state->gprs[NVMM_X64_GPR_RIP] = at & 0xFFFF;
	scn_check(lua, "nvmm_vcpu_setstate",
	    nvmm_vcpu_setstate(mach, &cpu->vcpu, flags));
	scn_setup_end(cpu->vm->scn);
}

/* cpu:boot { at = }, or cpu:boot() from where its registers are. */
int
cpu_boot(lua_State *lua)
{
	static const char *const fields[] = { "at", NULL };
	struct scn_cpu *cpu = cpu_check(lua, 1);
	struct scn *scn = cpu->vm->scn;

	if (!scn->engine->executes)
		return luaL_error(lua, "engine %s does not execute guest "
		    "memory; say test(name, { engine = \"interp\" }, ...), or "
		    "nvmm-sim run --engine interp", scn->engine->name);
	cpu_check_idle(lua, cpu);
	if (!lua_isnoneornil(lua, 2)) {
		value_check_fields(lua, 2, "boot", fields);
		boot_at(lua, cpu, value_field(lua, 2, "at", 0, true));
	}
	(void)sim_feed_set(scn->sim, cpu->vm->mach.machid, cpu->vcpu.cpuid,
	    NULL, NULL);
	cpu->free = true;
	lua_settop(lua, 1);
	return 1;
}
