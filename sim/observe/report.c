/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the reports' formats share: the list of them, the options under their
 * names, and what text they can carry.
 */
#include "observe/report.h"

const struct report_format *const report_formats[] = {
	&report_text, &report_json, &report_tap, &report_junit, NULL
};

void
report_options_list(const struct report_options *options,
    struct report_option list[REPORT_NOPTIONS])
{
	const struct report_option filled[REPORT_NOPTIONS] = {
		{ "cpu", options->cpu, 0 },
		{ "abi", options->abi, 0 },
		{ "engine", options->engine, 0 },
		{ "policy", options->policy, 0 },
		{ "quirks", options->quirks, 0 },
		{ "comm", options->comm ? "on" : "off", 0 },
		{ "libnvmm", options->library, 0 },
		{ "inner_calls", options->modelled ? "modelled" : "seen", 0 },
		{ "seed", NULL, options->seed },
		{ "preempt", NULL, options->preempt },
	};
	unsigned i;

	for (i = 0; i < REPORT_NOPTIONS; i++)
		list[i] = filled[i];
}

/* The bytes that a character has after its first, by that; -1: none such. */
static int
continuations(unsigned char first, uint32_t *bits)
{
	if (first < 0x80) {
		*bits = first;
		return 0;
	}
	if (first >= 0xc2 && first < 0xe0) {
		*bits = first & 0x1fU;
		return 1;
	}
	if (first >= 0xe0 && first < 0xf0) {
		*bits = first & 0x0fU;
		return 2;
	}
	if (first >= 0xf0 && first < 0xf5) {
		*bits = first & 0x07U;
		return 3;
	}
	return -1;
}

/* What XML 1.0 and YAML both allow to stand as it is. */
static bool
carried(uint32_t character)
{
	if (character < 0xa0)
		return character == '\n' || character == '\t' ||
		    (character >= ' ' && character < 0x7f);
	return character < 0xd800 ||
	    (character >= 0xe000 && character < 0xfffe) ||
	    (character >= 0x10000 && character < 0x110000);
}

unsigned
report_character(const char *text)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)text;
	uint32_t character;
	int i, n;

	n = continuations(p[0], &character);
	for (i = 1; i <= n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (p[i] & 0x3fU);
	}
	if (n < 0 || character < least[n] || !carried(character))
		return 0;
	return (unsigned)n + 1;
}
