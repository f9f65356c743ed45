/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Machines and host memory, as scenarios have them.
 */
#include <sys/mman.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/control.h"
#include "kernel/map.h"
#include "scenario/private.h"

#define PAGES_CLASS	"pages"

/* Between two pages objects, so that none touches another. */
#define HVA_GAP		0x200000UL

static struct scn_vm *
check_vm(lua_State *lua, int index)
{
	return value_object(lua, index, VM_CLASS);
}

static struct scn_pages *
check_pages(lua_State *lua, int index)
{
	return value_object(lua, index, PAGES_CLASS);
}

/* --- host memory --- */

/* An object for memory that is there; the scenario's end unmaps it. */
struct scn_pages *
bind_pages_push(lua_State *lua, void *address, size_t size)
{
	struct scn *scn = scn_of(lua);
	struct scn_pages *pages = calloc(1, sizeof(*pages));

	if (pages == NULL) {
		munmap(address, size);
		luaL_error(lua, "out of memory");
	}
	pages->size = size;
	pages->hva = address;
	pages->next = scn->pages;
	scn->pages = pages;
	value_push_object(lua, PAGES_CLASS, pages);
	return pages;
}

static struct scn_pages *
pages_create(lua_State *lua, size_t size)
{
	struct scn *scn = scn_of(lua);
	void *hva;

	hva = mmap((void *)scn->next_hva, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (hva == MAP_FAILED)
		luaL_error(lua, "no host memory of %I bytes",
		    (LUAI_UACINT)size);
	scn->next_hva += (size + HVA_GAP) & ~(HVA_GAP - 1);
	return bind_pages_push(lua, hva, size);
}

int
bind_pages_create(lua_State *lua)
{
	lua_Integer size = luaL_checkinteger(lua, 2);

	luaL_argcheck(lua, size > 0, 2, "a size above 0");
	pages_create(lua, (size_t)size);
	return 1;
}

static size_t
check_range(lua_State *lua, const struct scn_pages *pages, lua_Integer length)
{
	lua_Integer offset = luaL_checkinteger(lua, 2);

	if (pages->gone)
		luaL_error(lua, "these pages have been unmapped");
	luaL_argcheck(lua, offset >= 0 && length >= 0 &&
	    (size_t)offset <= pages->size &&
	    (size_t)length <= pages->size - (size_t)offset, 2,
	    "outside these pages");
	return (size_t)offset;
}

static int
pages_read(lua_State *lua)
{
	const struct scn_pages *pages = check_pages(lua, 1);
	lua_Integer length = luaL_checkinteger(lua, 3);
	size_t offset = check_range(lua, pages, length);

	lua_pushlstring(lua, (const char *)pages->hva + offset,
	    (size_t)length);
	return 1;
}

static int
pages_write(lua_State *lua)
{
	const struct scn_pages *pages = check_pages(lua, 1);
	size_t length, offset;
	const char *bytes = luaL_checklstring(lua, 3, &length);

	offset = check_range(lua, pages, (lua_Integer)length);
	memcpy((char *)pages->hva + offset, bytes, length);
	return 0;
}

static int
pages_unmap(lua_State *lua)
{
	struct scn_pages *pages = check_pages(lua, 1);

	if (pages->gone)
		return luaL_error(lua, "these pages have been unmapped");
	pages->gone = true;
	scn_check(lua, "munmap", munmap(pages->hva, pages->size));
	return 0;
}

static int
pages_get(lua_State *lua)
{
	const struct scn_pages *pages = check_pages(lua, 1);
	const char *field = luaL_checkstring(lua, 2);

	if (strcmp(field, "hva") == 0)
		lua_pushinteger(lua, (lua_Integer)(uintptr_t)pages->hva);
	else if (strcmp(field, "size") == 0)
		lua_pushinteger(lua, (lua_Integer)pages->size);
	else
		return luaL_error(lua, "pages have no field '%s'", field);
	return 1;
}

/* --- machines --- */

int
bind_vm_create(lua_State *lua, struct scn *scn)
{
	struct scn_vm *vm;
	int error;

	scn_setup_begin(scn);
	vm = calloc(1, sizeof(*vm));
	if (vm == NULL)
		return luaL_error(lua, "out of memory");
	vm->scn = scn;
	vm->next = scn->vms;
	scn->vms = vm;
	scn_check(lua, "nvmm_machine_create",
	    nvmm_machine_create(&vm->mach));
	vm->alive = true;
	error = sim_harness_page(scn->sim, vm->mach.machid, HARNESS_GPA,
	    &vm->code);
	if (error)
		return luaL_error(lua, "no page for the guest's code: %s",
		    strerror(error));
	scn_setup_end(scn);
	value_push_object(lua, VM_CLASS, vm);
	return 1;
}

static int
vm_vcpu(lua_State *lua)
{
	struct scn_vm *vm = check_vm(lua, 1);
	uint32_t cpuid = (uint32_t)luaL_optinteger(lua, 2, 0);

	return bind_cpu_create(lua, vm, cpuid);
}

static int
vm_destroy(lua_State *lua)
{
	struct scn_vm *vm = check_vm(lua, 1);
	struct scn_cpu *cpu;

	scn_check(lua, "nvmm_machine_destroy",
	    nvmm_machine_destroy(&vm->mach));
	vm->alive = false;
	for (cpu = vm->cpus; cpu != NULL; cpu = cpu->next)
		cpu->alive = false;
	return 0;
}

struct gpa_arguments {
	uintptr_t hva;
	uint64_t gpa, size;
};

/* { pages =, offset =, gpa =, size = } and whatever else fields allow. */
static void
gpa_arguments(lua_State *lua, const char *what, const char *const fields[],
    struct gpa_arguments *args)
{
	const struct scn_pages *pages;
	void **place;
	uint64_t offset;

	value_check_fields(lua, 2, what, fields);
	lua_getfield(lua, 2, "pages");
	place = luaL_testudata(lua, -1, PAGES_CLASS);
	if (place == NULL)
		luaL_error(lua, "field 'pages' must be pages");
	pages = *place;
	lua_pop(lua, 1);
	offset = value_field(lua, 2, "offset", 0, false);
	args->hva = (uintptr_t)pages->hva + offset;
	args->gpa = value_field(lua, 2, "gpa", 0, true);
	args->size = value_field(lua, 2, "size", pages->size - offset, false);
}

static int
prot_argument(lua_State *lua)
{
	int prot = SIM_PROT_READ | SIM_PROT_WRITE | SIM_PROT_EXEC;

	lua_getfield(lua, 2, "prot");
	if (!lua_isnil(lua, -1))
		prot = value_prot(lua, -1);
	lua_pop(lua, 1);
	return prot;
}

/* The guest's code lives there; the kernel would take the page away. */
static void
check_harness(lua_State *lua, uint64_t gpa, uint64_t size)
{
	if (gpa <= HARNESS_GPA && size > HARNESS_GPA - gpa)
		luaL_error(lua, "the page at 0xfffff000 holds the guest's "
		    "code; map memory elsewhere");
}

/* vm:ram { gpa =, size =, prot = }: memory for the guest in one go. */
static int
vm_ram(lua_State *lua)
{
	static const char *const fields[] = { "gpa", "size", "prot", NULL };
	struct scn_vm *vm = check_vm(lua, 1);
	struct scn_pages *pages;
	uint64_t gpa, size;
	int prot;

	value_check_fields(lua, 2, "ram", fields);
	gpa = value_field(lua, 2, "gpa", 0, true);
	size = value_field(lua, 2, "size", 0x1000, false);
	prot = prot_argument(lua);
	check_harness(lua, gpa, size);
	scn_setup_begin(vm->scn);
	pages = pages_create(lua, size);
	scn_check(lua, "nvmm_hva_map",
	    nvmm_hva_map(&vm->mach, (uintptr_t)pages->hva, size));
	scn_check(lua, "nvmm_gpa_map",
	    nvmm_gpa_map(&vm->mach, (uintptr_t)pages->hva, gpa, size, prot));
	scn_setup_end(vm->scn);
	return 1;
}

/* pages, and of these offset (0) and size (to the end). */
static uintptr_t
hva_arguments(lua_State *lua, size_t *size)
{
	const struct scn_pages *pages = check_pages(lua, 2);
	lua_Integer offset = luaL_optinteger(lua, 3, 0);

	*size = (size_t)luaL_optinteger(lua, 4,
	    (lua_Integer)pages->size - offset);
	return (uintptr_t)pages->hva + (uintptr_t)offset;
}

static int
vm_hva_map(lua_State *lua)
{
	struct scn_vm *vm = check_vm(lua, 1);
	size_t size;
	uintptr_t hva = hva_arguments(lua, &size);

	scn_check(lua, "nvmm_hva_map", nvmm_hva_map(&vm->mach, hva, size));
	return 0;
}

static int
vm_hva_unmap(lua_State *lua)
{
	struct scn_vm *vm = check_vm(lua, 1);
	size_t size;
	uintptr_t hva = hva_arguments(lua, &size);

	scn_check(lua, "nvmm_hva_unmap",
	    nvmm_hva_unmap(&vm->mach, hva, size));
	check_pages(lua, 2)->gone = true;
	return 0;
}

static int
vm_gpa_map(lua_State *lua)
{
	static const char *const fields[] = {
		"pages", "offset", "gpa", "size", "prot", NULL
	};
	struct scn_vm *vm = check_vm(lua, 1);
	struct gpa_arguments args;

	gpa_arguments(lua, "gpa_map", fields, &args);
	check_harness(lua, args.gpa, args.size);
	scn_check(lua, "nvmm_gpa_map", nvmm_gpa_map(&vm->mach, args.hva,
	    args.gpa, args.size, prot_argument(lua)));
	return 0;
}

static int
vm_gpa_unmap(lua_State *lua)
{
	static const char *const fields[] = {
		"pages", "offset", "gpa", "size", NULL
	};
	struct scn_vm *vm = check_vm(lua, 1);
	struct gpa_arguments args;

	gpa_arguments(lua, "gpa_unmap", fields, &args);
	scn_check(lua, "nvmm_gpa_unmap", nvmm_gpa_unmap(&vm->mach, args.hva,
	    args.gpa, args.size));
	return 0;
}

/* The library's own look-up: hva, protection. */
static int
vm_gpa_to_hva(lua_State *lua)
{
	struct scn_vm *vm = check_vm(lua, 1);
	gpaddr_t gpa = (gpaddr_t)luaL_checkinteger(lua, 2);
	nvmm_prot_t prot;
	uintptr_t hva;

	scn_check(lua, "nvmm_gpa_to_hva",
	    nvmm_gpa_to_hva(&vm->mach, gpa, &hva, &prot));
	lua_pushinteger(lua, (lua_Integer)hva);
	value_push_prot(lua, prot);
	return 2;
}

/* What the driver tells about the machine: { vcpus =, ram = }. */
static int
vm_info(lua_State *lua)
{
	struct scn_vm *vm = check_vm(lua, 1);
	struct nvmm_ctl_mach_info info;

	memset(&info, 0, sizeof(info));
	info.machid = vm->mach.machid;
	scn_check(lua, "nvmm_ctl",
	    nvmm_ctl(NVMM_CTL_MACH_INFO, &info, sizeof(info)));
	lua_newtable(lua);
	lua_pushinteger(lua, info.nvcpus);
	lua_setfield(lua, -2, "vcpus");
	lua_pushinteger(lua, (lua_Integer)info.nram);
	lua_setfield(lua, -2, "ram");
	return 1;
}

static int
vm_configure(lua_State *lua)
{
	struct scn_vm *vm = check_vm(lua, 1);
	uint64_t op = (uint64_t)luaL_checkinteger(lua, 2);

	scn_check(lua, "nvmm_machine_configure",
	    nvmm_machine_configure(&vm->mach, op, NULL));
	return 0;
}

static int
vm_get(lua_State *lua)
{
	const struct scn_vm *vm = check_vm(lua, 1);
	const char *field = luaL_checkstring(lua, 2);

	if (strcmp(field, "id") != 0)
		return luaL_error(lua, "a machine has no field '%s'", field);
	lua_pushinteger(lua, vm->mach.machid);
	return 1;
}

void
bind_vm(lua_State *lua)
{
	static const luaL_Reg vm_methods[] = {
		{ "vcpu", vm_vcpu }, { "destroy", vm_destroy },
		{ "ram", vm_ram }, { "hva_map", vm_hva_map },
		{ "hva_unmap", vm_hva_unmap }, { "gpa_map", vm_gpa_map },
		{ "gpa_unmap", vm_gpa_unmap },
		{ "gpa_to_hva", vm_gpa_to_hva }, { "info", vm_info },
		{ "configure", vm_configure }, { "program", vm_program },
		{ "run_together", vm_run_together }, { NULL, NULL },
	};
	static const luaL_Reg pages_methods[] = {
		{ "read", pages_read }, { "write", pages_write },
		{ "unmap", pages_unmap }, { NULL, NULL },
	};

	value_class(lua, VM_CLASS, vm_methods, vm_get, NULL);
	value_class(lua, PAGES_CLASS, pages_methods, pages_get, NULL);
}
