/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of setups.
 */
#include "setup.h"

#include <string.h>

#include "random.h"

enum policy_choice { NETBSD, NONE, ALL, RANDOM_POLICY };
enum quirk_choice { QUIRKS_ON, QUIRKS_OFF, ONE_OFF, RANDOM_QUIRKS };

static const struct variant {
	enum policy_choice policy;
	enum quirk_choice quirks;
	bool preempt;
} variants[] = {
	{ NETBSD, QUIRKS_ON, false },
	{ NONE, QUIRKS_ON, false },
	{ ALL, ONE_OFF, false },
	{ RANDOM_POLICY, QUIRKS_ON, false },
	{ NETBSD, QUIRKS_OFF, false },
	{ RANDOM_POLICY, RANDOM_QUIRKS, false },
	{ NETBSD, QUIRKS_ON, true },
	{ RANDOM_POLICY, RANDOM_QUIRKS, true },
};

#define NVARIANTS	(sizeof(variants) / sizeof(variants[0]))
_Static_assert(NVARIANTS * 2 * 3 == NSETUPS, "back ends, generations");

static void
policy_make(struct random *random, struct sim_policy *policy)
{
	unsigned i;

	memset(policy, 0, sizeof(*policy));
	strcpy(policy->name, "random");
	for (i = 0; i < SIM_NEXIT; i++) {
		policy->speculate[i] = random_next(random) &
		    random_next(random) & SIM_STATE_ALL;
	}
	/* There is nothing to speculate about: no exit has happened. */
	policy->speculate[SIM_EXIT_NONE] = 0;
	policy->speculate[SIM_EXIT_STOPPED] = 0;
}

static uint32_t
quirks_off_make(struct random *random, enum quirk_choice choice)
{
	uint32_t off = 0;
	unsigned i;

	switch (choice) {
	case QUIRKS_ON:
		break;
	case QUIRKS_OFF:
		off = ~0U;
		break;
	case ONE_OFF:
		off = sim_quirks[below(random, sim_nquirks)].bit;
		break;
	case RANDOM_QUIRKS:
		for (i = 0; i < sim_nquirks; i++)
			off |= chance(random, 2) ? sim_quirks[i].bit : 0;
		break;
	}
	return off;
}

void
setup_make(struct model_setup *setup, uint64_t seed, uint64_t epoch,
    unsigned number)
{
	static const char *const policies[] = { "netbsd", "none", "all" };
	static const struct sim_abi *const abis[] = {
		&sim_abi_v2, &sim_abi_v1, &sim_abi_v3,
	};
	const struct variant *variant = &variants[number / 6 % NVARIANTS];
	struct random random = { .state = seed };

	random.state = random_next(&random) ^ (epoch * NSETUPS + number);
	memset(setup, 0, sizeof(*setup));
	setup->backend = number % 2 ? &sim_backend_vmx : &sim_backend_svm;
	setup->abi = abis[number / 2 % 3];
	if (variant->policy == RANDOM_POLICY)
		policy_make(&random, &setup->policy);
	else
		setup->policy = *sim_policy_find(policies[variant->policy]);
	setup->quirks_off = quirks_off_make(&random, variant->quirks);
	/* Small enough for the command line to be readable. */
	if (variant->preempt)
		setup->preempt_seed = 1 + below(&random, 1000000);
}

bool
setup_policy_built_in(const struct model_setup *setup)
{
	return sim_policy_find(setup->policy.name) != NULL;
}

static void
exit_print(FILE *file, const struct model_setup *setup, unsigned index,
    const char *before)
{
	const char *separator = "";
	unsigned c;

	fprintf(file, "%s\n    \"%s\": [", before, sim_exits[index].name);
	for (c = 0; c < SIM_NCOMPONENT; c++) {
		if ((setup->policy.speculate[index] & SIM_BIT(c)) == 0)
			continue;
		fprintf(file, "%s\"%s\"", separator, sim_components[c].name);
		separator = ", ";
	}
	fprintf(file, "]");
}

void
setup_policy_print(const struct model_setup *setup, FILE *file)
{
	const char *before = "";
	unsigned i;

	fprintf(file, "{\n  \"schema\": \"nvmm-sim-policy/1\",\n"
	    "  \"name\": \"%s\",\n  \"exits\": {", setup->policy.name);
	for (i = 0; i < SIM_NEXIT; i++) {
		if (setup->policy.speculate[i] == 0)
			continue;
		exit_print(file, setup, i, before);
		before = ",";
	}
	fprintf(file, "\n  }\n}\n");
}

void
setup_quirks_print(const struct model_setup *setup, FILE *file)
{
	const char *separator = "";
	unsigned i;

	for (i = 0; i < sim_nquirks; i++) {
		if (setup->quirks_off & sim_quirks[i].bit)
			continue;
		fprintf(file, "%s%s", separator, sim_quirks[i].name);
		separator = ",";
	}
	if (*separator == '\0')
		fprintf(file, "none");
}
