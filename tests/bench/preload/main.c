/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What `nvmm-sim exec' costs the program that it runs: calls on other
 * descriptors against the C library's own, calls of libnvmm, and the start
 * of a program that never opens the device.  A program that knows nothing of
 * the simulator; all is measured in turn in this one process.
 */
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <dlfcn.h>
#include <err.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <nvmm.h>

#define ROUNDS		41
#define PER_ROUND	20000
#define STARTS		101

static struct nvmm_machine mach;
static struct nvmm_vcpu vcpu;
static int event_fd;
static int (*bare_ioctl)(int, unsigned long, ...);
static void *(*bare_mmap)(void *, size_t, int, int, int, off_t);
static int (*bare_munmap)(void *, size_t);

static void
base(void)
{
	(void)bare_ioctl(event_fd, 0x5400, NULL);
}

static void
other_ioctl(void)
{
	(void)ioctl(event_fd, 0x5400, NULL);
}

static void
base_mmap(void)
{
	void *page = bare_mmap(NULL, 4096, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)bare_munmap(page, 4096);
}

static void
other_mmap(void)
{
	void *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0);

	(void)munmap(page, 4096);
}

static void
getstate_hit(void)
{
	(void)nvmm_vcpu_getstate(&mach, &vcpu, NVMM_X64_STATE_GPRS);
}

static void
getstate_miss(void)
{
	mach.pages[0]->state_cached = 0;
	(void)nvmm_vcpu_getstate(&mach, &vcpu, NVMM_X64_STATE_GPRS);
}

static void
run_assist(void)
{
	if (nvmm_vcpu_run(&mach, &vcpu) != 0 ||
	    nvmm_assist_io(&mach, &vcpu) != 0)
		err(1, "the guest");
}

static struct row {
	const char *name;
	void (*function)(void);
	unsigned over;		/* the row whose cost it has on top */
	double ns[ROUNDS];
} rows[] = {
	{ .name = "BASE: a failing ioctl on an eventfd, bare",
	    .function = base },
	{ .name = "the same under exec", .function = other_ioctl, .over = 1 },
	{ .name = "mmap and munmap of a page, bare", .function = base_mmap },
	{ .name = "the same under exec", .function = other_mmap, .over = 3 },
	{ .name = "getstate, a hit", .function = getstate_hit },
	{ .name = "getstate, a miss", .function = getstate_miss },
	{ .name = "run and I/O assist of an OUT, executed",
	    .function = run_assist },
};
#define NROWS	(sizeof(rows) / sizeof(rows[0]))

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
median(double *values, unsigned n)
{
	qsort(values, n, sizeof(values[0]), compare);
	return values[n / 2];
}

static double
measure(void (*function)(void))
{
	double start = now();
	unsigned i;

	for (i = 0; i < PER_ROUND; i++)
		function();
	return (now() - start) / PER_ROUND;
}

static void
io_callback(struct nvmm_io *io)
{
	(void)io;
}

/* A guest in real mode: out dx, al ; jmp back. */
static void
machine_make(void)
{
	static const unsigned char code[] = { 0xee, 0xeb, 0xfd };
	const uint64_t wanted = NVMM_X64_STATE_GPRS | NVMM_X64_STATE_SEGS;
	struct nvmm_assist_callbacks cbs = { .io = io_callback };
	unsigned char *ram = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (ram == MAP_FAILED || nvmm_init() != 0 ||
	    nvmm_machine_create(&mach) != 0 ||
	    nvmm_vcpu_create(&mach, 0, &vcpu) != 0 ||
	    nvmm_vcpu_configure(&mach, &vcpu, NVMM_VCPU_CONF_CALLBACKS,
	    &cbs) != 0 ||
	    nvmm_hva_map(&mach, (uintptr_t)ram, 4096) != 0 ||
	    nvmm_gpa_map(&mach, (uintptr_t)ram, 0, 4096,
	    PROT_READ | PROT_WRITE | PROT_EXEC) != 0 ||
	    nvmm_vcpu_getstate(&mach, &vcpu, wanted) != 0)
		err(1, "no machine");
	memcpy(ram, code, sizeof(code));
	vcpu.state->segs[NVMM_X64_SEG_CS].base = 0;
	vcpu.state->gprs[NVMM_X64_GPR_RIP] = 0;
	if (nvmm_vcpu_setstate(&mach, &vcpu, wanted) != 0)
		err(1, "no state");
	/* Installs it, before a miss makes the page forget. */
	run_assist();
}

static double
start_once(char **environment)
{
	char *const words[] = { (char[]){ "true" }, NULL };
	double start = now();
	pid_t pid;

	if (posix_spawn(&pid, "/bin/true", NULL, NULL, words,
	    environment) != 0)
		errx(1, "cannot start /bin/true");
	(void)waitpid(pid, NULL, 0);
	return now() - start;
}

static void
bench_start(void)
{
	static double bare[STARTS], loaded[STARTS];
	char *nothing[] = { NULL };
	double cost;
	unsigned i;

	for (i = 0; i < STARTS; i++) {
		bare[i] = start_once(nothing);
		loaded[i] = start_once(environ);
	}
	cost = median(loaded, STARTS) - median(bare, STARTS);
	printf("%-54s %12.0f\n", "starting /bin/true, bare, ns",
	    median(bare, STARTS));
	printf("%-54s %+12.0f\n", "  under exec, more", cost);
}

int
main(void)
{
	void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
	double ns;
	unsigned i, j;

	if (libc == NULL)
		errx(1, "this is for glibc");
	*(void **)&bare_ioctl = dlsym(libc, "ioctl");
	*(void **)&bare_mmap = dlsym(libc, "mmap");
	*(void **)&bare_munmap = dlsym(libc, "munmap");
	event_fd = eventfd(0, 0);
	bench_start();
	machine_make();
	for (j = 0; j < ROUNDS; j++) {
		for (i = 0; i < NROWS; i++)
			rows[i].ns[j] = measure(rows[i].function);
	}
	for (i = 0; i < NROWS; i++) {
		ns = median(rows[i].ns, ROUNDS);
		printf("%-54s %12.1f %8.3f", rows[i].name, ns,
		    ns / median(rows[0].ns, ROUNDS));
		if (rows[i].over != 0)
			printf("  %+.1f ns; asked: < 20", ns -
			    median(rows[rows[i].over - 1].ns, ROUNDS));
		putchar('\n');
	}
	return 0;
}
