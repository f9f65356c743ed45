/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Callgrind's output: lines of costs, each function's after its name, and
 * calls with what their callees cost.  That includes what they do elsewhere,
 * in the fake kernel, so sums are made here, of the object's own costs alone.
 */
#include "cli/callgrind.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Functions may call each other; deeper than this they cost nothing. */
#define DEPTH_MAX	32

struct edge {
	struct edge *next;
	struct function *callee;
	uint64_t calls;
};

struct function {
	struct function *next;
	char *name;			/* owned */
	uint64_t calls, cost;		/* its own cost */
	struct edge *edges;		/* to others of the object */
};

struct callgrind {
	const char *object;
	struct function *functions;
	/* Where reading is. */
	bool in_object, callee_in_object, after_calls;
	struct function *function;	/* NULL: another object's */
	char *callee;			/* its name, owned */
	bool lost;
};

struct callgrind *
callgrind_create(const char *path)
{
	struct callgrind *callgrind = calloc(1, sizeof(*callgrind));

	if (callgrind != NULL)
		callgrind->object = path;
	return callgrind;
}

void
callgrind_destroy(struct callgrind *callgrind)
{
	struct function *function;
	struct edge *edge;

	if (callgrind == NULL)
		return;
	while ((function = callgrind->functions) != NULL) {
		callgrind->functions = function->next;
		while ((edge = function->edges) != NULL) {
			function->edges = edge->next;
			free(edge);
		}
		free(function->name);
		free(function);
	}
	free(callgrind->callee);
	free(callgrind);
}

static struct function *
function_find(const struct callgrind *callgrind, const char *name)
{
	struct function *function = callgrind->functions;

	while (function != NULL && strcmp(function->name, name) != 0)
		function = function->next;
	return function;
}

static struct function *
function_get(struct callgrind *callgrind, const char *name)
{
	struct function *function = function_find(callgrind, name);

	if (function != NULL)
		return function;
	function = calloc(1, sizeof(*function));
	if (function != NULL)
		function->name = strdup(name);
	if (function == NULL || function->name == NULL) {
		free(function);
		callgrind->lost = true;
		return NULL;
	}
	function->next = callgrind->functions;
	callgrind->functions = function;
	return function;
}

static void
edge_add(struct callgrind *callgrind, struct function *callee, uint64_t calls)
{
	struct function *function = callgrind->function;
	struct edge *edge = function->edges;

	while (edge != NULL && edge->callee != callee)
		edge = edge->next;
	if (edge == NULL) {
		edge = calloc(1, sizeof(*edge));
		if (edge == NULL) {
			callgrind->lost = true;
			return;
		}
		edge->callee = callee;
		edge->next = function->edges;
		function->edges = edge;
	}
	edge->calls += calls;
}

/* "calls=COUNT WHERE": of the callee that was named before. */
static void
calls_add(struct callgrind *callgrind, const char *text)
{
	uint64_t calls = strtoull(text, NULL, 10);
	struct function *callee;

	callgrind->after_calls = true;
	if (!callgrind->callee_in_object || callgrind->callee == NULL)
		return;
	callee = function_get(callgrind, callgrind->callee);
	/* Who calls itself is at work already. */
	if (callee == NULL || callee == callgrind->function)
		return;
	callee->calls += calls;
	if (callgrind->function != NULL)
		edge_add(callgrind, callee, calls);
}

/* "WHERE COST": the function's own, unless it is that of its calls. */
static void
cost_add(struct callgrind *callgrind, const char *line)
{
	const char *cost = strchr(line, ' ');

	if (callgrind->after_calls)
		callgrind->after_calls = false;
	else if (callgrind->function != NULL && cost != NULL)
		callgrind->function->cost += strtoull(cost, NULL, 10);
}

static bool
begins(const char *line, const char *word, const char **rest)
{
	size_t n = strlen(word);

	*rest = line + n;
	return strncmp(line, word, n) == 0;
}

/* A callee is in its caller's object unless another one is named. */
static void
line_add(struct callgrind *callgrind, const char *line)
{
	const char *rest;

	if (begins(line, "ob=", &rest)) {
		callgrind->in_object = strcmp(rest, callgrind->object) == 0;
		callgrind->callee_in_object = callgrind->in_object;
	} else if (begins(line, "cob=", &rest))
		callgrind->callee_in_object =
		    strcmp(rest, callgrind->object) == 0;
	else if (begins(line, "fn=", &rest))
		callgrind->function = callgrind->in_object ?
		    function_get(callgrind, rest) : NULL;
	else if (begins(line, "cfn=", &rest)) {
		free(callgrind->callee);
		callgrind->callee = strdup(rest);
	} else if (begins(line, "calls=", &rest)) {
		calls_add(callgrind, rest);
		callgrind->callee_in_object = callgrind->in_object;
	} else if (*line >= '0' && *line <= '9')
		cost_add(callgrind, line);
}

int
callgrind_add(struct callgrind *callgrind, const char *path)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;
	int error = 0;

	if (file == NULL)
		return errno;
	callgrind->in_object = callgrind->callee_in_object = false;
	callgrind->after_calls = false;
	callgrind->function = NULL;
	while (getline(&line, &size, file) != -1) {
		line[strcspn(line, "\n")] = '\0';
		line_add(callgrind, line);
	}
	if (ferror(file))
		error = EIO;
	if (callgrind->lost)
		error = ENOMEM;
	free(line);
	fclose(file);
	return error;
}

/* Of one call, on average: its own, and that of what it calls. */
static double
cost_of_call(const struct function *function, unsigned depth)
{
	const struct edge *edge;
	double cost = (double)function->cost;

	if (function->calls == 0 || depth == DEPTH_MAX)
		return 0;
	for (edge = function->edges; edge != NULL; edge = edge->next) {
		cost += (double)edge->calls *
		    cost_of_call(edge->callee, depth + 1);
	}
	return cost / (double)function->calls;
}

void
callgrind_cost(const struct callgrind *callgrind, const char *name,
    uint64_t *calls, uint64_t *cost)
{
	const struct function *function = function_find(callgrind, name);

	*calls = *cost = 0;
	if (function == NULL)
		return;
	*calls = function->calls;
	*cost = (uint64_t)(cost_of_call(function, 0) *
	    (double)function->calls + 0.5);
}
