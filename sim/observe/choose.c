/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of back ends, generations, engines, policies and quirks.
 */
#include "observe/choose.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "backend/backend.h"
#include "engine/engine.h"
#include "kernel/abi/abi.h"
#include "kernel/policy.h"
#include "kernel/quirk.h"
#include "observe/policy_file.h"

int
choose_backend(const char *name, const struct sim_backend **backend,
    char *why, size_t size)
{
	unsigned i;

	for (i = 0; sim_backends[i] != NULL; i++) {
		if (strcmp(sim_backends[i]->name, name) == 0) {
			*backend = sim_backends[i];
			return 0;
		}
	}
	snprintf(why, size, "--cpu is svm or vmx, not '%s'", name);
	return -1;
}

int
choose_abi(const char *name, const struct sim_abi **abi, char *why,
    size_t size)
{
	const struct sim_abi *found = sim_abi_find(name);

	if (found != NULL || strcmp(name, "auto") == 0) {
		*abi = found;
		return 0;
	}
	snprintf(why, size, "--abi is auto, v1, v2 or v3, not '%s'", name);
	return -1;
}

int
choose_engine(const char *name, const struct sim_engine **engine,
    char *why, size_t size)
{
	const char *reason;
	unsigned i;

	for (i = 0; sim_engines[i] != NULL; i++) {
		if (strcmp(sim_engines[i]->name, name) != 0)
			continue;
		reason = sim_engines[i]->unavailable();
		if (reason != NULL) {
			snprintf(why, size, "engine %s does not work here: "
			    "%s", name, reason);
			return -1;
		}
		*engine = sim_engines[i];
		return 0;
	}
	snprintf(why, size, "there is no engine '%s'; `nvmm-sim info' lists "
	    "them", name);
	return -1;
}

int
choose_policy(const char *name, struct sim_policy *policy, char *why,
    size_t size)
{
	const struct sim_policy *found = sim_policy_find(name);

	if (found != NULL) {
		*policy = *found;
		return 0;
	}
	if (strchr(name, '/') != NULL || access(name, F_OK) == 0)
		return policy_file_read(name, policy, why, size);
	snprintf(why, size, "there is no policy '%s', and no file of that "
	    "name; `nvmm-sim info' lists policies", name);
	return -1;
}

int
choose_quirks(const char *list, uint32_t *off, char *why, size_t size)
{
	const char *bad;
	size_t length;

	bad = sim_quirks_parse(list, off, &length);
	if (bad == NULL)
		return 0;
	snprintf(why, size, "there is no quirk '%.*s'; `nvmm-sim info' lists "
	    "them", (int)length, bad);
	return -1;
}
