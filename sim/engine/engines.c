/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engines there are.
 */
#include "engine/engine.h"

const struct sim_engine *const sim_engines[] = {
	&sim_engine_script, &sim_engine_interp, NULL
};
