/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the driver's own definitions (sim/kernel) say beside what the public
 * headers of one generation say.  Compiled once for each NVMM_ABI.
 */
#ifndef TESTS_LAYOUT_LAYOUT_H
#define TESTS_LAYOUT_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

struct layout_row {
	const char *name;
	uint64_t kernel;
	uint64_t header;
};

#define SIZE_OF(type, field)	sizeof(((struct type *)NULL)->field)
/* A field of a struct: where it begins and how long it is. */
#define FIELD(kernel, kfield, header, hfield)				\
	{ "offset of " #header "." #hfield,				\
	    offsetof(struct kernel, kfield),				\
	    offsetof(struct header, hfield) },				\
	{ "size of " #header "." #hfield,				\
	    SIZE_OF(kernel, kfield), SIZE_OF(header, hfield) }
#define SAME(kernel, header, field)	FIELD(kernel, field, header, field)
#define STRUCT(kernel, header)						\
	{ "size of struct " #header, sizeof(struct kernel),		\
	    sizeof(struct header) }
#define VALUE(kernel, header)						\
	{ #header, (uint64_t)(kernel), (uint64_t)(header) }
#define NROWS(rows)	(sizeof(rows) / sizeof((rows)[0]))

/* Print each row that differs; how many there are. */
unsigned layout_differences(const struct layout_row *rows, size_t n);

/* Each: how many differences it found and printed. */
unsigned layout_state(void);
unsigned layout_exits(void);
unsigned layout_arguments(void);
unsigned layout_constants(void);
unsigned layout_generation(void);

#endif /* TESTS_LAYOUT_LAYOUT_H */
