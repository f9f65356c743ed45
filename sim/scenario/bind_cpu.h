/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The parts of the class "cpu": bind_cpu.c calls and configures, cpu_view.c
 * looks at registers and exits, cpu_assist.c has what calls back into Lua.
 */
#ifndef SIM_SCENARIO_BIND_CPU_H
#define SIM_SCENARIO_BIND_CPU_H

#include "scenario/private.h"

#define CPU_CLASS	"cpu"

/* The argument, alive; else a Lua error. */
struct scn_cpu *cpu_check(lua_State *lua, int index);

/* cpu:run() */
int cpu_run(lua_State *lua);

/* A Lua error if it runs, in a thread: looking at it would wait. */
void cpu_check_idle(lua_State *lua, const struct scn_cpu *cpu);

/* cpu_view.c: fields, and the classes behind state, truth and exit. */
void bind_cpu_views(lua_State *lua);
int cpu_get(lua_State *lua);
int cpu_events(lua_State *lua);
int cpu_dump(lua_State *lua);
void cpu_push_exit(lua_State *lua, const struct nvmm_vcpu_exit *exit);
void cpu_push_reason(lua_State *lua, const struct nvmm_vcpu_exit *exit);
bool cpu_exit_npc(const struct nvmm_vcpu_exit *exit, uint64_t *npc);
/* The register whose name is at index; else a Lua error. */
const struct sim_register_row *cpu_register(lua_State *lua, int index);

/* cpu_assist.c */
int cpu_assist_io(lua_State *lua);
int cpu_assist_mem(lua_State *lua);

#endif /* SIM_SCENARIO_BIND_CPU_H */
