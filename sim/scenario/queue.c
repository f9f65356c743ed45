/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a scenario has wished a VCPU to do, waiting to be done.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/private.h"

/* How often a spinning guest looks for a reason to go on. */
#define SPIN_LOOKS	1000

int
scn_queue_push(struct scn_queue *queue, const struct wish *wish)
{
	unsigned i, capacity = queue->capacity ? queue->capacity * 2 : 8;
	struct wish *wishes;

	if (queue->count == queue->capacity) {
		wishes = calloc(capacity, sizeof(*wishes));
		if (wishes == NULL)
			return ENOMEM;
		for (i = 0; i < queue->count; i++)
			wishes[i] = queue->wishes[(queue->head + i) %
			    queue->capacity];
		free(queue->wishes);
		queue->wishes = wishes;
		queue->capacity = capacity;
		queue->head = 0;
	}
	i = (queue->head + queue->count) % queue->capacity;
	queue->wishes[i] = *wish;
	queue->count++;
	return 0;
}

bool
scn_queue_spins(const struct scn_queue *queue)
{
	return queue->count > 0 && queue->wishes[(queue->head +
	    queue->count - 1) % queue->capacity].kind == WISH_SPIN;
}

static bool
queue_next(void *arg, const struct sim_state *state, struct sim_intent *intent)
{
	struct scn_queue *queue = arg;
	const struct wish *wish;

	if (queue->count == 0) {
		queue->starved = true;
		return false;
	}
	wish = &queue->wishes[queue->head];
	queue->spin_run = queue->run;
	queue->why = wish_encode(wish, state, queue->code, intent);
	queue->head = (queue->head + 1) % queue->capacity;
	queue->count--;
	return queue->why == NULL;
}

static void
queue_delivered(void *arg, const struct sim_event *event)
{
	struct scn_queue *queue = arg;
	unsigned capacity = queue->events_capacity;
	struct sim_event *events;

	if (queue->nevents == capacity) {
		capacity = capacity ? capacity * 2 : 8;
		events = realloc(queue->events, capacity * sizeof(*events));
		if (events == NULL) {
			queue->why = "out of memory";
			return;
		}
		queue->events = events;
		queue->events_capacity = capacity;
	}
	queue->events[queue->nevents++] = *event;
}

/*
 * A guest that spins waits for somebody outside.  In the next run it is past
 * that if it has something else to do.
 */
static enum sim_spin
queue_spins(void *arg)
{
	struct scn_queue *queue = arg;

	if (queue->spin_run != queue->run && queue->count > 0)
		return SIM_SPIN_OVER;
	if (queue->runner != NULL && !threads_spin(queue->scn, queue->runner))
		return SIM_SPIN_DEAD;
	if (queue->looks++ < SPIN_LOOKS)
		return SIM_SPIN_ON;
	queue->dead = true;
	return SIM_SPIN_DEAD;
}

const struct sim_feed scn_queue_feed = {
	.next = queue_next,
	.delivered = queue_delivered,
	.spins = queue_spins,
};

void
scn_queue_free(struct scn_queue *queue)
{
	free(queue->wishes);
	free(queue->events);
	memset(queue, 0, sizeof(*queue));
}
