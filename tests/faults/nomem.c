/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A preloaded library that lets a process run out of something: the
 * allocation number NOMEM (from 0, counted from main() on) fails, with
 * NOMEM_MODE=always all after it too.  mmap, pipe2, fork and memfd_create
 * count as allocations.  Children inherit the count.  Each fault appends to
 * the file NOMEM_HITS: p if the first process met it, c if a child did.
 */
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int main_function(int, char **, char **);
typedef int start_function(main_function *, int, char **, void (*)(void),
    void (*)(void), void (*)(void), void *);

/* The C library's own, which need no look-up that would allocate. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern start_function __libc_start_main;

static struct {
	atomic_bool armed;
	atomic_ulong count;
	unsigned long first;	/* the allocation to fail */
	bool always;
	const char *hits;
	pid_t process;		/* the first one */
	main_function *main;
	pid_t (*fork)(void);
	int (*pipe2)(int *, int);
	int (*memfd_create)(const char *, unsigned);
	int (*dlclose)(void *);
	void *(*mmap)(void *, size_t, int, int, int, off_t);
} nomem;

/* By system calls: the tested program has an open() of its own. */
static void
hit(void)
{
	const char *who = getpid() == nomem.process ? "p" : "c";
	long fd;

	if (nomem.hits == NULL)
		return;
	fd = syscall(SYS_openat, AT_FDCWD, nomem.hits,
	    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	(void)syscall(SYS_write, fd, who, 1);
	(void)syscall(SYS_close, fd);
}

/* Whether this allocation fails. */
static bool
fault(int error)
{
	unsigned long number;

	if (!atomic_load(&nomem.armed))
		return false;
	number = atomic_fetch_add(&nomem.count, 1);
	if (number != nomem.first && !(nomem.always && number > nomem.first))
		return false;
	hit();
	errno = error;
	return true;
}

void *
malloc(size_t size)
{
	return fault(ENOMEM) ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return fault(ENOMEM) ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t size)
{
	return fault(ENOMEM) ? NULL : __libc_realloc(p, size);
}

void *
mmap(void *addr, size_t size, int prot, int flags, int fd, off_t offset)
{
	if (fault(ENOMEM))
		return MAP_FAILED;
	if (nomem.mmap == NULL)
		return (void *)syscall(SYS_mmap, addr, size, prot, flags, fd,
		    offset);
	return nomem.mmap(addr, size, prot, flags, fd, offset);
}

int
pipe2(int fds[2], int flags)
{
	return fault(EMFILE) ? -1 : nomem.pipe2(fds, flags);
}

pid_t
fork(void)
{
	return fault(EAGAIN) ? -1 : nomem.fork();
}

int
memfd_create(const char *name, unsigned flags)
{
	return fault(EMFILE) ? -1 : nomem.memfd_create(name, flags);
}

/* What runs at a library's end is the tools' too: gcov's, say. */
int
dlclose(void *handle)
{
	bool armed = atomic_exchange(&nomem.armed, false);
	int result = nomem.dlclose(handle);

	atomic_store(&nomem.armed, armed);
	return result;
}

/* What runs at the end is the tools', not the program's. */
static void
disarm(void)
{
	atomic_store(&nomem.armed, false);
}

static void
find(const char *name, void *function)
{
	void *found = dlsym(RTLD_NEXT, name);

	memcpy(function, &found, sizeof(found));
}

static int
main_armed(int argc, char **argv, char **envp)
{
	const char *first = getenv("NOMEM"), *mode = getenv("NOMEM_MODE");

	find("fork", &nomem.fork);
	find("pipe2", &nomem.pipe2);
	find("memfd_create", &nomem.memfd_create);
	find("mmap", &nomem.mmap);
	find("dlclose", &nomem.dlclose);
	nomem.hits = getenv("NOMEM_HITS");
	nomem.process = getpid();
	nomem.always = mode != NULL && strcmp(mode, "always") == 0;
	if (first != NULL && atexit(disarm) == 0) {
		nomem.first = strtoul(first, NULL, 10);
		atomic_store(&nomem.armed, true);
	}
	return nomem.main(argc, argv, envp);
}

int
__libc_start_main(main_function *program, int argc, char **argv,
    void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
    void *stack_end)
{
	start_function *start = NULL;

	find("__libc_start_main", &start);
	nomem.main = program;
	return start(main_armed, argc, argv, init, fini, rtld_fini, stack_end);
}
