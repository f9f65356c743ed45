/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program under `nvmm-sim exec' carries from its start: the
 * transport, and the way to a kernel that is loaded when the device is
 * opened for the first time.
 */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/driver.h"
#include "preload/door.h"
#include "preload/output.h"
#include "preload/paths.h"
#include "transport/process.h"
#include "transport/signals.h"
#include "transport/transport.h"

static const struct preload_kernel *kernel;

#ifndef PRELOAD_STATIC
/* --- the driver, once it is there --- */

int
sim_open(struct sim *sim, int flags, struct sim_file **filep)
{
	return kernel->open(sim, flags, filep);
}

void
sim_close(struct sim_file *file)
{
	kernel->close(file);
}

int
sim_ioctl(struct sim_file *file, unsigned long command, void *arg)
{
	return kernel->ioctl(file, command, arg);
}

int
sim_mmap(struct sim_file *file, void *hint, size_t length, int prot,
    int flags, int64_t offset, void **addr)
{
	return kernel->mmap(file, hint, length, prot, flags, offset, addr);
}

int
sim_munmap(struct sim *sim, void *addr, size_t length)
{
	return kernel->munmap(sim, addr, length);
}

void
sim_replaced(struct sim *sim, const void *addr, size_t length)
{
	kernel->replaced(sim, addr, length);
}
#endif

/* --- its life --- */

#ifdef PRELOAD_STATIC
static const char mark[] __attribute__((__used__)) = PRELOAD_MARK;

static int
kernel_load(void)
{
	kernel = &PRELOAD_KERNEL_SYMBOL;
	return 0;
}
#else
static void
complain(const char *why)
{
	char line[PATH_MAX + 256];
	int n = snprintf(line, sizeof(line), "nvmm-sim: %s\n", why);

	if (n > 0)
		output_print(line, strlen(line));
}

/* The kernel's library lies where this one does. */
static int
kernel_path(char *path, size_t size)
{
	const char *slash;
	Dl_info info;
	int n;

	if (dladdr((void *)&kernel, &info) == 0)
		return -1;
	slash = strrchr(info.dli_fname, '/');
	n = snprintf(path, size, "%.*s%s", slash == NULL ? 0 :
	    (int)(slash + 1 - info.dli_fname), info.dli_fname,
	    PRELOAD_KERNEL_LIBRARY);
	return n < 0 || (size_t)n >= size ? -1 : 0;
}

static int
kernel_load(void)
{
	char path[PATH_MAX];
	void *handle;

	if (kernel_path(path, sizeof(path)) != 0)
		return ENXIO;
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (handle != NULL)
		kernel = dlsym(handle, PRELOAD_KERNEL_NAME);
	if (kernel != NULL)
		return 0;
	complain(dlerror());
	return ENXIO;
}
#endif

static int
start(void)
{
	static const struct preload_host host = {
		.signalled = transport_signalled,
		.interrupting = transport_interrupting,
		.attach = transport_attach,
		.foreign_ioctls = transport_foreign_ioctls,
		.print = output_print,
		.write = output_write,
	};
	const char *settings = getenv(PRELOAD_VARIABLE);
	int error;

	if (kernel == NULL) {
		error = kernel_load();
		if (error)
			return error;
	}
	output_keep();
	return kernel->start(settings != NULL ? settings : "", &host);
}

static void
forget(void)
{
	kernel->forget();
}

static void
finish(void)
{
	if (kernel != NULL)
		kernel->finish();
}

static struct transport_process functions = {
	.start = start,
	.forget = forget,
	.finish = finish,
	.print = output_print,
};

/* Who opens the device in a constructor may come before ours. */
void
transport_begin(void)
{
	static bool begun;

	if (begun)
		return;
	begun = true;
	output_note();
	functions.paths = preload_paths(getenv(PRELOAD_VARIABLE));
	transport_process(&functions);
}

static void __attribute__((__constructor__))
begin(void)
{
	transport_begin();
}

/* After the program's own handlers of its end. */
static void __attribute__((__destructor__))
end(void)
{
	transport_process_end();
}
