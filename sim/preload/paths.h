/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device's paths, which the preload library has to know before there is
 * a kernel.
 */
#ifndef SIM_PRELOAD_PATHS_H
#define SIM_PRELOAD_PATHS_H

/*
 * The values of `device' in the settings, as a NULL-terminated list that
 * stays; NULL: there are none.  settings may be NULL.
 */
const char *const *preload_paths(const char *settings);

#endif /* SIM_PRELOAD_PATHS_H */
