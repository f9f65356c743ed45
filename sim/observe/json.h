/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the reports in JSON share.  *incomplete becomes true when memory is
 * out; a NULL object comes from that, too.
 */
#ifndef SIM_OBSERVE_JSON_H
#define SIM_OBSERVE_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>

#include "observe/session.h"

/* Takes over value. */
void json_set(bool *incomplete, json_t *object, const char *key,
    json_t *value);
void json_put(bool *incomplete, json_t *object, const char *key,
    int64_t value);

/* What the kernel alone counts: by ioctl, by exit, by component. */
void json_put_stats(bool *incomplete, json_t *object,
    const struct sim_stats *stats);

/* All counts, in the order that every report has them. */
void json_put_counts(bool *incomplete, json_t *object,
    const struct observe_counts *counts);

/* Names come from files and need not be UTF-8. */
json_t *json_text(const char *text);

#endif /* SIM_OBSERVE_JSON_H */
