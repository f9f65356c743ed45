/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking at a program before it is run: what a preloaded library cannot
 * work in is said in one line, not found out by a silent failure.
 */
#include "cli/exec_check.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "preload/door.h"

#define HEAD_MAX	4096	/* of a program: its headers, or its #! line */

struct program {
	const char *path;
	int fd;
	char head[HEAD_MAX + 1];	/* NUL-terminated */
	size_t length;
};

static int
fail(char *why, size_t size, const char *path, const char *what)
{
	/* Of a very long path its end: what is wrong must be read. */
	size_t length = strlen(path), shown = length > 300 ? 300 : length;

	snprintf(why, size, "%s%s: %s", shown < length ? "..." : "",
	    path + length - shown, what);
	return -1;
}

/* --- where it is --- */

static bool
is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    access(path, X_OK) == 0;
}

static int
find_in(const char *list, const char *name, char *path, size_t size)
{
	size_t length;
	int n;

	for (;;) {
		length = strcspn(list, ":");
		n = snprintf(path, size, "%.*s%s%s", (int)length, list,
		    length > 0 ? "/" : "", name);
		if (n > 0 && (size_t)n < size && is_program(path))
			return 0;
		if (list[length] == '\0')
			return -1;
		list += length + 1;
	}
}

static int
find(const char *name, char *path, char *why, size_t size)
{
	const char *list = getenv("PATH");
	struct stat st;

	if (strchr(name, '/') == NULL) {
		if (find_in(list != NULL ? list : "/bin:/usr/bin", name,
		    path, size) == 0)
			return 0;
		return fail(why, size, name, "no such program in PATH");
	}
	if (stat(name, &st) != 0)
		return fail(why, size, name, strerror(errno));
	snprintf(path, size, "%s", name);
	if (!is_program(path))
		return fail(why, size, name, "not a program");
	return 0;
}

/* --- what it is --- */

/* The loader that it names, or NULL: there is none. */
static const char *
loader_of(struct program *program)
{
	static char loader[PATH_MAX];
	Elf64_Ehdr header;
	Elf64_Phdr part;
	ssize_t n;
	unsigned i;

	memcpy(&header, program->head, sizeof(header));
	for (i = 0; i < header.e_phnum; i++) {
		if (pread(program->fd, &part, sizeof(part),
		    (off_t)(header.e_phoff + i * sizeof(part))) !=
		    sizeof(part))
			return NULL;
		if (part.p_type != PT_INTERP ||
		    part.p_filesz >= sizeof(loader))
			continue;
		n = pread(program->fd, loader, part.p_filesz,
		    (off_t)part.p_offset);
		if (n <= 0)
			return NULL;
		loader[n] = '\0';
		return loader;
	}
	return NULL;
}

/* Programs of this machine say the same here as we do. */
static bool
same_machine(const struct program *program)
{
	Elf64_Ehdr header, own;
	bool same = false;
	int fd;

	memcpy(&header, program->head, sizeof(header));
	fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return true;
	if (pread(fd, &own, sizeof(own), 0) == sizeof(own))
		same = header.e_ident[EI_CLASS] == own.e_ident[EI_CLASS] &&
		    header.e_machine == own.e_machine;
	close(fd);
	return same;
}

/* Whether the program's file says that it needs no preload. */
static bool
is_marked(const struct program *program)
{
	struct stat st;
	void *file;
	bool marked;

	if (fstat(program->fd, &st) != 0)
		return false;
	file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE,
	    program->fd, 0);
	if (file == MAP_FAILED)
		return false;
	marked = memmem(file, (size_t)st.st_size, PRELOAD_MARK,
	    sizeof(PRELOAD_MARK)) != NULL;
	munmap(file, (size_t)st.st_size);
	return marked;
}

static int
elf_check(struct program *program, char *why, size_t size)
{
	const char *loader;

	if (!same_machine(program))
		return fail(why, size, program->path, "made for another "
		    "processor or word size than nvmm-sim, so it cannot "
		    "preload its library");
	loader = loader_of(program);
	if (loader == NULL && is_marked(program))
		return 0;
	if (loader == NULL)
		return fail(why, size, program->path, "statically linked, so "
		    "nothing can be preloaded: link it with "
		    "libnvmm-sim-static.a, see nvmm-sim-exec(1)");
	if (strstr(loader, "musl") != NULL)
		return fail(why, size, program->path, "made for the musl C "
		    "library, and what nvmm-sim preloads is for glibc: "
		    "build it with glibc");
	return 0;
}

/* The loader drops LD_PRELOAD where a program gets rights. */
static int
rights_check(struct program *program, char *why, size_t size)
{
	char caps[64];
	struct stat st;

	if (fstat(program->fd, &st) != 0)
		return fail(why, size, program->path, strerror(errno));
	if (((st.st_mode & S_ISUID) && st.st_uid != getuid()) ||
	    ((st.st_mode & S_ISGID) && st.st_gid != getgid()))
		return fail(why, size, program->path, "setuid or setgid, so "
		    "the loader ignores LD_PRELOAD: run a copy without that "
		    "bit");
	if (getuid() != 0 && fgetxattr(program->fd, "security.capability",
	    caps, sizeof(caps)) > 0)
		return fail(why, size, program->path, "has file "
		    "capabilities, so the loader ignores LD_PRELOAD: run a "
		    "copy without them");
	return 0;
}

static int program_check(const char *path, unsigned scripts, char *why,
    size_t size);

/* "#!/bin/sh -e": what runs the script is what has to be able. */
static int
script_check(struct program *program, unsigned scripts, char *why, size_t size)
{
	char *name = program->head + 2;

	name += strspn(name, " \t");
	name[strcspn(name, " \t\n")] = '\0';
	if (*name == '\0' || scripts == 0)
		return fail(why, size, program->path, "not a program");
	return program_check(name, scripts - 1, why, size);
}

static int
opened_check(struct program *program, unsigned scripts, char *why, size_t size)
{
	ssize_t n = pread(program->fd, program->head, HEAD_MAX, 0);

	if (n == -1)
		return fail(why, size, program->path, strerror(errno));
	program->length = (size_t)n;
	program->head[n] = '\0';
	if (rights_check(program, why, size) != 0)
		return -1;
	if (n >= 2 && memcmp(program->head, "#!", 2) == 0)
		return script_check(program, scripts, why, size);
	if ((size_t)n < sizeof(Elf64_Ehdr) ||
	    memcmp(program->head, ELFMAG, SELFMAG) != 0)
		return fail(why, size, program->path, "neither an ELF "
		    "program nor a script that says with #! what runs it");
	return elf_check(program, why, size);
}

static int
program_check(const char *path, unsigned scripts, char *why, size_t size)
{
	struct program program = { .path = path };
	int result;

	program.fd = open(path, O_RDONLY | O_CLOEXEC);
	/* What can be run need not be readable; then we do not know. */
	if (program.fd == -1)
		return errno == EACCES ? 0 :
		    fail(why, size, path, strerror(errno));
	result = opened_check(&program, scripts, why, size);
	close(program.fd);
	return result;
}

int
exec_check(const char *name, char *path, char *why, size_t size)
{
	if (find(name, path, why, size) != 0)
		return -1;
	return program_check(path, 4, why, size);
}
