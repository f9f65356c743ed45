/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command line's commands and what they share.
 */
#ifndef SIM_CLI_CLI_H
#define SIM_CLI_CLI_H

#include <stddef.h>

#define NVMM_SIM_VERSION	"0.1.0"

/* Exit statuses: all well; something failed; the run itself is broken. */
enum { STATUS_OK = 0, STATUS_FAIL = 1, STATUS_ERROR = 2 };

/* Each gets its own name as argv[0] and returns the exit status. */
int cmd_run(int argc, char **argv);
int cmd_exec(int argc, char **argv);
int cmd_generations(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_info(int argc, char **argv);

/* One line on stderr, "nvmm-sim: ...". */
void complain(const char *format, ...)
    __attribute__((__format__(__printf__, 1, 2)));

/* What --version prints. */
void version(void);

/* How this program was called, for commands that it suggests. */
extern const char *program_name;

/*
 * The path of a file that is built and installed beside this program.
 * False: it does not fit.
 */
int product_path(const char *name, char *path, size_t size);

/* A decimal number between low and high; -1 and a complaint if it is none. */
int parse_number(const char *option, const char *text, unsigned long long low,
    unsigned long long high, unsigned long long *number);

#endif /* SIM_CLI_CLI_H */
