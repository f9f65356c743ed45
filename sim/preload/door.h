/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between the preload library, which every program under `nvmm-sim exec'
 * carries and which is small, and the kernel's library, which only a program
 * that opens the device gets.
 */
#ifndef SIM_PRELOAD_DOOR_H
#define SIM_PRELOAD_DOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sim;
struct sim_call_observer;
struct sim_file;

/* The variable of the environment that holds the settings: see settings.h. */
#define PRELOAD_VARIABLE	"NVMM_SIM_EXEC"

/* The kernel's library, beside the preload library, and its one symbol. */
#define PRELOAD_KERNEL_LIBRARY	"libnvmm-sim-kernel.so"
#define PRELOAD_KERNEL_SYMBOL	nvmm_sim_preload_kernel
#define PRELOAD_KERNEL_NAME	"nvmm_sim_preload_kernel"

/* In a program that has all of it linked in: how `nvmm-sim exec' knows. */
#define PRELOAD_MARK	"nvmm-sim's transport is linked in"

/* What the kernel's library may ask of the preload library. */
struct preload_host {
	bool (*signalled)(void);
	bool (*interrupting)(void);
	void (*attach)(struct sim *sim,
	    const struct sim_call_observer *observer, void *arg);
	unsigned long (*foreign_ioctls)(void);
	/* output.h's */
	void (*print)(const char *text, size_t size);
	bool (*write)(int fd, const char *text, size_t size);
};

/* What it gives: the driver, as in kernel/driver.h, and its own life. */
struct preload_kernel {
	int (*open)(struct sim *sim, int flags, struct sim_file **filep);
	void (*close)(struct sim_file *file);
	int (*ioctl)(struct sim_file *file, unsigned long command, void *arg);
	int (*mmap)(struct sim_file *file, void *hint, size_t length,
	    int prot, int flags, int64_t offset, void **addr);
	int (*munmap)(struct sim *sim, void *addr, size_t length);
	void (*replaced)(struct sim *sim, const void *addr, size_t length);

	/*
	 * A kernel as settings say, attached.  0 or an errno value, after a
	 * line on standard error.
	 */
	int (*start)(const char *settings, const struct preload_host *host);
	void (*forget)(void);		/* it is another process's */
	void (*finish)(void);		/* reports, once */
};

extern const struct preload_kernel PRELOAD_KERNEL_SYMBOL;

#endif /* SIM_PRELOAD_DOOR_H */
