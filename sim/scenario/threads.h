/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs in threads of their own, so that a scenario can do something
 * meanwhile.  Lua stays in the scenario's thread; all that happens has one
 * order, which is the same in every run.
 */
#ifndef SIM_SCENARIO_THREADS_H
#define SIM_SCENARIO_THREADS_H

#include <pthread.h>
#include <stdbool.h>

struct scn;
struct scn_cpu;

/* Of a scenario. */
struct scn_threads {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t owner;		/* the scenario's own thread */
	struct scn_runner *runners;	/* innermost first */
	unsigned running;		/* those not back from their run */
	unsigned blocking;		/* t:blocks() in progress */
	/*
	 * The scenario waits for a lock: guests that spin may look for a
	 * reason to leave, and all have to.  Until running is 0.
	 */
	bool released;
};

/* A run in a thread, on its starter's stack. */
struct scn_runner {
	struct scn_runner *next;
	struct scn_cpu *cpu;
	pthread_t thread;
	bool spinning;			/* has reached its spin */
	bool returned;			/* from the run */
	bool over;			/* what was to be done meanwhile is */
	bool failed;			/* and ended by an error */
	int result, error;		/* the run's, and errno */
};

void threads_init(struct scn *scn);
void threads_fini(struct scn *scn);

/*
 * Starts a run and waits until its guest spins: true; or until it is back,
 * and then the runner is done.  False with result -1 and error set, too, if
 * there is no thread.
 */
bool threads_start(struct scn *scn, struct scn_runner *runner,
    struct scn_cpu *cpu);
/* Lets the guest go, after failed or not, and waits for the run's end. */
void threads_finish(struct scn *scn, struct scn_runner *runner, bool failed);

/* Whether it is not back yet. */
bool threads_running(struct scn *scn, const struct scn_runner *runner);

/*
 * In the guest's thread: returns when the guest may look for a reason to
 * leave; false: it is to be given up.
 */
bool threads_spin(struct scn *scn, struct scn_runner *runner);

/*
 * In the scenario's thread, after a call that may have waited: if so, all
 * runs that it waited for are back when this returns.
 */
void threads_settle(struct scn *scn);

/*
 * Between begin and end, the first wait of the scenario's thread is ended by
 * a signal for all guests that spin.  end tells whether there was one.
 * begin: 0 or an errno.
 */
struct scn_watch {
	struct scn *scn;
	pthread_t thread;
	bool saw, over;
};
int threads_watch_begin(struct scn *scn, struct scn_watch *watch);
bool threads_watch_end(struct scn_watch *watch);

#endif /* SIM_SCENARIO_THREADS_H */
