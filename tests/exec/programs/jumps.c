/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Handlers that do not return, and those that come at bad moments.
 */
#include <setjmp.h>
#include <time.h>

#include "interrupt.h"

/* --- leaving by a jump --- */

static sigjmp_buf back;

static void
jump_handler(int sig)
{
	(void)sig;
	handled++;
	siglongjmp(back, 1);
}

static int __attribute__((__noinline__))
deep(unsigned levels)
{
	volatile unsigned char room[4096];

	memset((void *)(uintptr_t)room, 0xff, sizeof(room));
	if (levels > 0)
		return deep(levels - 1) + (room[7] != 0xff);
	CHECK(nvmm_vcpu_getstate(&guest.machine, &guest.vcpu,
	    NVMM_X64_STATE_ALL) == 0);
	return room[4095] != 0xff || room[0] != 0xff;
}

static int __attribute__((__noinline__))
deep_run(unsigned levels)
{
	volatile char room[4096];

	room[0] = (char)levels;
	if (levels > 0)
		return deep_run(levels - 1) + room[0] - (char)levels;
	return run(&guest);
}

static void
jump_out_of_a_handler(void)
{
	volatile int i;

	guest_make(&guest, ENDLESS);
	handle(SIGALRM, 0, jump_handler);
	for (i = 0; i < 12; i++) {
		alarm_soon();
		if (sigsetjmp(back, 1) == 0) {
			(void)deep_run((unsigned)i % 4);
			CHECK(false);
		}
		CHECK(deep(8) == 0);
	}
	CHECK(handled == 12);
	handle(SIGALRM, 0, count);
	alarm_soon();
	must_run_to(NVMM_VCPU_EXIT_NONE);
}

static void
jumping_callback(struct nvmm_io *io)
{
	(void)io;
	siglongjmp(back, 1);
}

static void
jump_out_of_a_callback(void)
{
	struct nvmm_assist_callbacks callbacks = { .io = jumping_callback };

	guest_make(&guest, HELLO);
	CHECK(nvmm_vcpu_configure(&guest.machine, &guest.vcpu,
	    NVMM_VCPU_CONF_CALLBACKS, &callbacks) == 0);
	must_run_to(NVMM_VCPU_EXIT_IO);
	if (sigsetjmp(back, 1) == 0) {
		(void)nvmm_assist_io(&guest.machine, &guest.vcpu);
		CHECK(false);
	}
	CHECK(deep(3) == 0);
	must_run_to(NVMM_VCPU_EXIT_IO);
}

/* --- the processor's own --- */

static void
fault_handler(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	if (info->si_addr != (void *)16)
		abort();
	handled++;
	siglongjmp(back, 1);
}

static char *volatile nowhere = (char *)16;

static void
faulting_callback(struct nvmm_io *io)
{
	(void)io;
	*(volatile char *)nowhere = 1;
}

static void
fault_in_a_callback(void)
{
	struct nvmm_assist_callbacks callbacks = { .io = faulting_callback };

	guest_make(&guest, HELLO);
	handle_info(SIGSEGV, 0, fault_handler);
	CHECK(nvmm_vcpu_configure(&guest.machine, &guest.vcpu,
	    NVMM_VCPU_CONF_CALLBACKS, &callbacks) == 0);
	must_run_to(NVMM_VCPU_EXIT_IO);
	if (sigsetjmp(back, 1) == 0)
		(void)nvmm_assist_io(&guest.machine, &guest.vcpu);
	CHECK(handled == 1);
	must_run_to(NVMM_VCPU_EXIT_IO);
}

/* --- among the C library's own locks --- */

/* By ioctls: libnvmm itself calls malloc(3) for a machine. */
static void
allocating_handler(int sig)
{
	struct nvmm_ioc_vcpu_create create = { .cpuid = 0 };
	struct nvmm_ioc_vcpu_run run_args = { .cpuid = 0 };
	struct nvmm_ioc_machine_destroy destroy;
	int fd;

	(void)sig;
	fd = device_open(O_RDWR);
	create.machid = run_args.machid = destroy.machid = machine_of(fd);
	CHECK(nvmm_vcpu_stop(&guest.vcpu) == 0);
	CHECK(nvmm_vcpu_getstate(&guest.machine, &guest.vcpu, 1) == 0);
	CHECK(ioctl(fd, NVMM_IOC_VCPU_CREATE, &create) == 0);
	CHECK(ioctl(fd, NVMM_IOC_VCPU_RUN, &run_args) == 0);
	if (handled % 2 == 0)
		CHECK(ioctl(fd, NVMM_IOC_MACHINE_DESTROY, &destroy) == 0);
	CHECK(close(fd) == 0);
	handled++;
}

/* malloc(3) is interrupted; an ioctl is not to mind. */
static void *
malloc_and_free(void *arg)
{
	void *blocks[64] = { NULL };
	unsigned i = 0;

	(void)arg;
	/* A thread's first ioctl looks for its stack, by way of malloc(3). */
	CHECK(nvmm_vcpu_getstate(&guest.machine, &guest.vcpu, 1) == 0);
	while (handled < 300) {
		i = i * 1103515245U + 12345U;
		free(blocks[i >> 26]);
		blocks[i >> 26] = malloc((i >> 8) & 0x3fff);
	}
	for (i = 0; i < 64; i++)
		free(blocks[i]);
	return NULL;
}

static void
handler_among_mallocs(void)
{
	const struct itimerval often = { { 0, 500 }, { 0, 500 } };
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };
	pthread_t thread;

	guest_make(&guest, ENDLESS);
	handle(SIGALRM, 0, allocating_handler);
	CHECK(pthread_create(&thread, NULL, malloc_and_free, NULL) == 0);
	CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
	(void)malloc_and_free(NULL);
	CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
}

static void
leaving_handler(int sig)
{
	(void)sig;
	if (++handled == 3) {
		puts("ok");
		fflush(stdout);
		_exit(0);
	}
}

/* _exit(2) may be called from a handler: the report must need no malloc. */
static void
handler_leaves_among_mallocs(void)
{
	const struct itimerval often = { { 0, 700 }, { 0, 700 } };

	guest_make(&guest, HELLO);
	must_run_to(NVMM_VCPU_EXIT_IO);
	handle(SIGALRM, 0, leaving_handler);
	CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
	(void)malloc_and_free(NULL);
}

static void
exiting_handler(int sig)
{
	static const char text[] = "ok\n";

	(void)sig;
	_exit(write(1, text, 3) != 3);
}

static void
handler_leaves_while_inside(void)
{
	guest_make(&guest, ENDLESS);
	handle(SIGALRM, 0, exiting_handler);
	alarm_soon();
	(void)run(&guest);
	CHECK(false);
}

/* --- a storm --- */

static volatile bool enough;

static void *
caller(void *arg)
{
	struct nvmm_machine machine;
	struct nvmm_capability cap;
	struct nvmm_vcpu vcpu;
	nvmm_prot_t prot;
	gpaddr_t gpa;
	int i;

	(void)arg;
	while (!enough) {
		CHECK(nvmm_capability(&cap) == 0);
		CHECK(nvmm_machine_create(&machine) == 0);
		CHECK(nvmm_vcpu_create(&machine, 1, &vcpu) == 0);
		for (i = 0; i < 10; i++) {
			CHECK(nvmm_vcpu_run(&machine, &vcpu) == 0);
			CHECK(nvmm_vcpu_getstate(&machine, &vcpu,
			    NVMM_X64_STATE_ALL) == 0);
			CHECK(nvmm_vcpu_setstate(&machine, &vcpu,
			    NVMM_X64_STATE_GPRS) == 0);
		}
		CHECK(nvmm_gva_to_gpa(&machine, &vcpu, 0, &gpa, &prot) == 0);
		CHECK(nvmm_vcpu_destroy(&machine, &vcpu) == 0);
		CHECK(nvmm_machine_destroy(&machine) == 0);
	}
	return NULL;
}

static void *
endless_runner(void *arg)
{
	(void)arg;
	while (!enough)
		CHECK(run(&guest) == 0);
	return NULL;
}

static void
storm_among_threads(void)
{
	const struct itimerval often = { { 0, 1000 }, { 0, 1000 } };
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };
	const struct timespec moment = { 0, 600000000 };
	struct timespec left = moment;
	pthread_t threads[4];
	int i;

	guest_make(&guest, ENDLESS);
	handle(SIGALRM, SA_RESTART, stop_handler);
	for (i = 0; i < 4; i++)
		CHECK(pthread_create(&threads[i], NULL,
		    i == 0 ? endless_runner : caller, NULL) == 0);
	CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
	while (nanosleep(&left, &left) != 0)
		continue;
	enough = true;
	for (i = 0; i < 4; i++)
		CHECK(pthread_join(threads[i], NULL) == 0);
	CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
	CHECK(handled > 50);
}

const struct behaviour behaviours[] = {
	B(jump_out_of_a_handler), B(jump_out_of_a_callback),
	B(fault_in_a_callback), B(handler_among_mallocs),
	B(handler_leaves_among_mallocs), B(handler_leaves_while_inside),
	B(storm_among_threads),
	{ NULL, NULL, NULL }
};
