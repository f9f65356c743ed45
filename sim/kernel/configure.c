/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VCPU_CONFIGURE: CPUID leaves and TPR exits.
 */
#include <errno.h>
#include <string.h>

#include "kernel/judge.h"
#include "kernel/kernel.h"

/* Index of the leaf's entry, or the number of entries. */
static unsigned
conf_find(const struct sim_vcpu *vcpu, uint32_t leaf)
{
	unsigned i;

	for (i = 0; i < vcpu->ncpuid_confs; i++) {
		if (vcpu->cpuid_confs[i].leaf == leaf)
			break;
	}
	return i;
}

static void
conf_remove(struct sim_vcpu *vcpu, uint32_t leaf)
{
	unsigned i = conf_find(vcpu, leaf);

	if (i == vcpu->ncpuid_confs)
		return;
	vcpu->ncpuid_confs--;
	vcpu->cpuid_confs[i] = vcpu->cpuid_confs[vcpu->ncpuid_confs];
}

static int
configure_cpuid(struct sim_vcpu *vcpu, const void *conf)
{
	const struct sim_conf_cpuid *cpuid = conf;
	const uint32_t both = SIM_CONF_CPUID_MASK | SIM_CONF_CPUID_EXIT;
	unsigned i;

	if ((cpuid->action & both) == both)
		return EINVAL;
	for (i = 0; i < 4 && (cpuid->action & SIM_CONF_CPUID_MASK); i++) {
		if (cpuid->set[i] & cpuid->del[i])
			return EINVAL;
	}
	if ((cpuid->action & both) == 0) {
		conf_remove(vcpu, cpuid->leaf);
		return 0;
	}
	i = conf_find(vcpu, cpuid->leaf);
	if (i == SIM_MAX_CPUID_CONFS)
		return ENOBUFS;
	vcpu->cpuid_confs[i] = *cpuid;
	if (i == vcpu->ncpuid_confs)
		vcpu->ncpuid_confs++;
	return 0;
}

static int
configure_tpr(struct sim_vcpu *vcpu, const void *conf)
{
	const struct sim_conf_tpr *tpr = conf;

	if ((vcpu->sim->backend->vcpu_conf_support & SIM_CAP_CONF_TPR) == 0)
		return EINVAL;
	vcpu->tpr_exit_changed = tpr->flags & 1;
	return 0;
}

struct conf_row {
	uint64_t op;
	size_t size;
	size_t judged;		/* bytes that have a meaning in any case */
	int (*configure)(struct sim_vcpu *vcpu, const void *conf);
};

static const struct conf_row confs[] = {
	{ SIM_VCPU_CONF_CPUID, sizeof(struct sim_conf_cpuid),
	    offsetof(struct sim_conf_cpuid, set), configure_cpuid },
	{ SIM_VCPU_CONF_TPR, sizeof(struct sim_conf_tpr),
	    sizeof(struct sim_conf_tpr), configure_tpr },
};

int
sim_do_vcpu_configure(struct sim_call *call)
{
	const struct sim_vcpu_configure_arg *arg = call->arg;
	const struct conf_row *row = NULL;
	struct sim_conf_cpuid conf;	/* the largest */
	struct sim_slot *slot;
	unsigned i;
	int error;

	for (i = 0; i < sizeof(confs) / sizeof(confs[0]); i++) {
		if (confs[i].op == arg->op)
			row = &confs[i];
	}
	if (row == NULL)
		return EINVAL;

	error = sim_vcpu_get(call->file, arg->machid, arg->cpuid, &slot);
	if (error)
		return error;
	error = sim_copyin(arg->conf, &conf, row->size);
	if (error == 0) {
		sim_judge_read(arg->conf, row->judged);
		error = row->configure(slot->vcpu, &conf);
	}
	sim_slot_put(slot);
	return error;
}
