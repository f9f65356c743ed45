/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Options that several commands have: each takes its value as it was given.
 * 0, or -1 after a complaint.
 */
#ifndef SIM_CLI_OPTION_SET_H
#define SIM_CLI_OPTION_SET_H

struct run_options;

int option_set_cpu(struct run_options *options, const char *value);
int option_set_abi(struct run_options *options, const char *value);
int option_set_engine(struct run_options *options, const char *value);
int option_set_policy(struct run_options *options, const char *value);
int option_set_quirks(struct run_options *options, const char *value);
int option_set_comm(struct run_options *options, const char *value);
int option_set_format(struct run_options *options, const char *value);
int option_set_libnvmm(struct run_options *options, const char *value);
int option_set_libnvmm_off(struct run_options *options, const char *value);
int option_set_output(struct run_options *options, const char *value);
int option_set_filter(struct run_options *options, const char *value);
int option_set_trace(struct run_options *options, const char *value);
int option_set_list(struct run_options *options, const char *value);
int option_set_fail_fast(struct run_options *options, const char *value);
int option_set_seed(struct run_options *options, const char *value);
int option_set_jobs(struct run_options *options, const char *value);
int option_set_timeout(struct run_options *options, const char *value);
int option_set_preempt(struct run_options *options, const char *value);

#endif /* SIM_CLI_OPTION_SET_H */
