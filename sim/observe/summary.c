/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program has cost: as text and as JSON.
 */
#include "observe/summary.h"

#include <string.h>

#include "observe/json.h"
#include "observe/report.h"

static void
put_exits(FILE *out, const struct sim_stats *stats)
{
	const char *before = "exits: ";
	unsigned i;

	for (i = 0; i < SIM_NEXIT; i++) {
		if (stats->exits[i] == 0)
			continue;
		fprintf(out, "%s%s %llu", before, sim_exits[i].name,
		    (unsigned long long)stats->exits[i]);
		before = ", ";
	}
	if (stats->handled > 0)
		fprintf(out, "; the kernel handled %llu more itself",
		    (unsigned long long)stats->handled);
	if (strcmp(before, ", ") == 0)
		fputc('\n', out);
}

void
summary_text(FILE *out, const struct summary *summary)
{
	const struct observe_counts *counts = &summary->counts;
	uint64_t calls = observe_calls(counts);

	fprintf(out, "\nnvmm-sim exec: %s (pid %lld): %s, abi %s, engine %s, "
	    "policy %s\n", summary->program, summary->pid, summary->cpu,
	    summary->abi, summary->engine, summary->policy);
	put_exits(out, &counts->kernel);
	if (calls == 0) {
		fprintf(out, "%llu ioctls, in %llu exits.  libnvmm's calls "
		    "cannot be seen: the program has it\nlinked in, or is "
		    "its own.\n",
		    (unsigned long long)observe_ioctls(counts),
		    (unsigned long long)observe_exits(counts));
		return;
	}
	fputc('\n', out);
	report_diagram(out, counts, true);
	if (counts->modelled > 0)
		fprintf(out, "%llu inner calls are modelled: this library "
		    "calls its own functions directly.\n",
		    (unsigned long long)counts->modelled);
}

bool
summary_json(FILE *out, const struct summary *summary)
{
	json_t *root = json_object(), *options = json_object();
	bool bad = false;

	json_set(&bad, options, "cpu", json_text(summary->cpu));
	json_set(&bad, options, "abi", json_text(summary->abi));
	json_set(&bad, options, "engine", json_text(summary->engine));
	json_set(&bad, options, "policy", json_text(summary->policy));
	json_set(&bad, options, "quirks", json_text(summary->quirks));
	json_put(&bad, options, "preempt", (int64_t)summary->preempt);
	json_set(&bad, root, "schema", json_text(SUMMARY_SCHEMA));
	json_set(&bad, root, "program", json_text(summary->program));
	json_put(&bad, root, "pid", summary->pid);
	json_set(&bad, root, "options", options);
	json_put_counts(&bad, root, &summary->counts);
	if (json_dumpf(root, out, JSON_INDENT(2)) != 0 && !ferror(out))
		bad = true;
	fputc('\n', out);
	json_decref(root);
	return !bad;
}
