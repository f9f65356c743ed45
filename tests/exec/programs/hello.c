/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine whose guest writes an A to a port and halts: what it calls and
 * what that costs is known.  Also built for the other generations, and with
 * libnvmm linked in.
 */
#include <dlfcn.h>
#include <errno.h>

#include "check.h"

static struct guest guest;
static char written;

static void
port_written(struct nvmm_io *io)
{
	written = (char)*io->data;
}

/* Without code there is no memory, either. */
static void
guest_run(const char *code, size_t size)
{
	struct nvmm_assist_callbacks callbacks = { .io = port_written };

	if (size > 0)
		guest_code(&guest, code, size);
	else {
		CHECK(nvmm_init() == 0);
		CHECK(nvmm_machine_create(&guest.machine) == 0);
		CHECK(nvmm_vcpu_create(&guest.machine, 0, &guest.vcpu) == 0);
	}
	CHECK(nvmm_vcpu_configure(&guest.machine, &guest.vcpu,
	    NVMM_VCPU_CONF_CALLBACKS, &callbacks) == 0);
	CHECK(nvmm_vcpu_run(&guest.machine, &guest.vcpu) == 0);
	CHECK(guest.vcpu.exit->reason == NVMM_VCPU_EXIT_IO);
	CHECK(nvmm_assist_io(&guest.machine, &guest.vcpu) == 0);
	CHECK(nvmm_vcpu_run(&guest.machine, &guest.vcpu) == 0);
	CHECK(guest.vcpu.exit->reason == NVMM_VCPU_EXIT_HALTED);
	CHECK(nvmm_vcpu_destroy(&guest.machine, &guest.vcpu) == 0);
	CHECK(nvmm_machine_destroy(&guest.machine) == 0);
	printf("%c\n", written);
}

static void
hello(void)
{
	guest_run(HELLO, sizeof(HELLO) - 1);
}

/* With --guest: intents, and no code. */
static void
intents(void)
{
	guest_run("", 0);
}

/* A VCPU that the file does not name does nothing; and there is but one. */
static void
unnamed(void)
{
	struct nvmm_machine machine;
	struct nvmm_vcpu vcpu, again;

	CHECK(nvmm_init() == 0 && nvmm_machine_create(&machine) == 0);
	CHECK(nvmm_vcpu_create(&machine, 3, &vcpu) == 0);
	CHECK(nvmm_vcpu_create(&machine, 3, &again) == -1 && errno == EBUSY);
	CHECK(nvmm_vcpu_run(&machine, &vcpu) == 0);
	printf("%d\n", (int)(vcpu.exit->reason == NVMM_VCPU_EXIT_NONE));
}

/* Many runs, for what --preempt does to them: how many came to nothing. */
static void
runs(void)
{
	int i, none = 0;

	guest_make(&guest, HELLO);
	for (i = 0; i < 200; i++) {
		CHECK(nvmm_vcpu_run(&guest.machine, &guest.vcpu) == 0);
		none += guest.vcpu.exit->reason == NVMM_VCPU_EXIT_NONE;
	}
	printf("%d\n", none);
}

static void
vendor(void)
{
	struct nvmm_capability cap;

	CHECK(nvmm_init() == 0 && nvmm_capability(&cap) == 0);
	printf("%d\n", (int)cap.arch.vcpu_conf_support);
}

/* A plug-in of its own: its libnvmm is nobody else's. */
static void
plugin(void)
{
	void *handle = dlopen(arguments[0], RTLD_NOW | RTLD_LOCAL);
	void (*start)(void);

	if (handle == NULL)
		printf("%s\n", dlerror());
	CHECK(handle != NULL);
	*(void **)&start = dlsym(handle, "plugin_start");
	CHECK(start != NULL);
	start();
	CHECK(dlclose(handle) == 0);
}

static void
plugin_twice(void)
{
	plugin();
	plugin();
}

/* Beside the one that we are linked with. */
static void
plugin_and_our_own(void)
{
	hello();
	plugin();
}

const struct behaviour behaviours[] = {
	APART(hello), APART(intents), APART(unnamed), APART(runs),
	APART(vendor), APART(plugin), APART(plugin_twice),
	APART(plugin_and_our_own),
	{ NULL, NULL, NULL }
};

/* The same file is the plug-in. */
void plugin_start(void);
void
plugin_start(void)
{
	hello();
}
