/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loop over faults, and what must hold at each of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel/control.h"
#include "nomem.h"

#define FAULTS_MAX	1000	/* a life that meets so many never ends */

/* What the process holds: the kernel's objects, mappings, descriptors. */
struct holdings {
	uint64_t bytes, objects;
	unsigned mappings, descriptors;
};

/* Mappings of memory files: the driver has no other. */
static unsigned
mappings(void)
{
	static char maps[1 << 20];
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	size_t have = 0;
	unsigned found = 0;
	const char *at;
	ssize_t n;

	ck_assert_int_ne(fd, -1);
	while ((n = read(fd, maps + have, sizeof(maps) - 1 - have)) > 0)
		have += (size_t)n;
	close(fd);
	maps[have] = '\0';
	for (at = maps; (at = strstr(at, "/memfd:")) != NULL; at++)
		found++;
	return found;
}

static unsigned
descriptors(void)
{
	unsigned n = 0;
	int fd;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD, 0) != -1;
	return n;
}

static struct holdings
holdings(struct sim *sim)
{
	struct holdings result = { 0 };

	if (sim != NULL)
		sim_usage(sim, &result.bytes, &result.objects);
	result.mappings = mappings();
	result.descriptors = descriptors();
	return result;
}

static void
same(const char *name, unsigned fault, const struct holdings *seen,
    const struct holdings *wanted)
{
	ck_assert_msg(seen->bytes == wanted->bytes &&
	    seen->objects == wanted->objects, "%s, fault %u: %llu bytes in "
	    "%llu objects, not %llu in %llu", name, fault,
	    (unsigned long long)seen->bytes,
	    (unsigned long long)seen->objects,
	    (unsigned long long)wanted->bytes,
	    (unsigned long long)wanted->objects);
	ck_assert_msg(seen->mappings == wanted->mappings,
	    "%s, fault %u: %u mappings, not %u", name, fault, seen->mappings,
	    wanted->mappings);
	ck_assert_msg(seen->descriptors == wanted->descriptors,
	    "%s, fault %u: %u descriptors, not %u", name, fault,
	    seen->descriptors, wanted->descriptors);
}

/* The step, with faults if they are armed; after that there are none. */
static void
step_live(const struct life *life, const struct step *step, unsigned first,
    bool *armed, bool always, unsigned *left)
{
	struct holdings before = holdings(life->kernel()), after;
	int error;

	if (*armed)
		faults_arm(*left, always);
	error = step->run();
	faults_disarm();
	if (!*armed || faults_met() == 0) {
		ck_assert_msg(error == 0, "%s, before fault %u: error %d",
		    step->name, first, error);
		return;
	}
	*armed = false;
	if (error == 0)
		return;		/* it could do without */
	ck_assert_msg(error == ENOMEM, "%s, fault %u: error %d (%s)",
	    step->name, first, error, strerror(error));
	after = holdings(life->kernel());
	same(step->name, first, &after, &before);
	error = step->run();
	ck_assert_msg(error == 0, "%s, after fault %u: error %d (%s)",
	    step->name, first, error, strerror(error));
}

/* One life; whether it met the fault. */
static bool
live(const struct life *life, unsigned first, bool always)
{
	struct holdings before, after;
	const struct step *step;
	unsigned left = first, calls;
	bool armed = true;

	before = holdings(NULL);
	life->begin();
	for (step = life->steps; step->name != NULL; step++) {
		step_live(life, step, first, &armed, always, &left);
		calls = faults_calls();
		if (armed)
			left -= calls;
	}
	life->end();
	after = holdings(NULL);
	same("the end", first, &after, &before);
	return !armed;
}

void
life_with_faults(const struct life *life, bool always)
{
	unsigned fault = 0;

	while (live(life, fault, always)) {
		fault++;
		ck_assert_uint_lt(fault, FAULTS_MAX);
	}
	/* Fewer would mean that the linker wrapped nothing. */
	ck_assert_uint_gt(fault, 10);
	printf("# %u faults, %s\n", fault, always ? "from then on" : "once");
}
