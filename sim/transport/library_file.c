/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a file is that should have been a shared library for this processor.
 */
#include "transport/library_file.h"

#include <sys/stat.h>
#include <ar.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The start of a file: an ELF header, or text. */
union head {
	unsigned char ident[EI_NIDENT];
	Elf64_Ehdr elf;
	char text[1024];
};

/*
 * 0 or an errno; EINVAL: no file that could be one.  *size: the bytes in
 * head, *length: in the file.
 */
static int
head_read(const char *path, union head *head, size_t *size, off_t *length)
{
	struct stat st;
	int error = 0, fd;
	ssize_t n;

	memset(head, 0, sizeof(*head));
	if (stat(path, &st) == -1)
		return errno;
	*length = st.st_size;
	/* Others, a pipe say, may never give an answer. */
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return errno;
	/* Not read(): valgrind's /proc/self/exe has one place for all. */
	n = pread(fd, head->text, sizeof(head->text) - 1, 0);
	if (n == -1)
		error = errno;
	*size = n > 0 ? (size_t)n : 0;
	close(fd);
	return error;
}

static const char *
machine_name(unsigned machine)
{
	switch (machine) {
	case EM_386:
		return "32-bit x86";
	case EM_X86_64:
		return "x86-64";
	case EM_ARM:
		return "32-bit ARM";
	case EM_AARCH64:
		return "AArch64";
	case EM_RISCV:
		return "RISC-V";
	case EM_PPC64:
		return "64-bit POWER";
	default:
		return "another processor";
	}
}

/* This program's own; the file's, if that cannot be read. */
static unsigned
machine_here(unsigned machine)
{
	union head head;
	off_t length;
	size_t size;

	if (head_read("/proc/self/exe", &head, &size, &length) != 0 ||
	    size < sizeof(head.elf))
		return machine;
	return head.elf.e_machine;
}

static void
check_elf(const char *path, const Elf64_Ehdr *elf, off_t length, char *why,
    size_t size)
{
	unsigned here = machine_here(elf->e_machine);

	/* Both classes have their machine in one place. */
	if (elf->e_machine != here)
		snprintf(why, size, "%s is for %s: build it for %s, as this "
		    "program is", path, machine_name(elf->e_machine),
		    machine_name(here));
	else if (elf->e_ident[EI_CLASS] != ELFCLASS64)
		snprintf(why, size, "%s is a 32-bit library: build it for 64 "
		    "bits, as this program is", path);
	else if (elf->e_type == ET_REL)
		snprintf(why, size, "%s is an object file: link it into a "
		    "shared library, with cc -shared", path);
	else if (elf->e_shoff > (uint64_t)length)
		snprintf(why, size, "%s is not all there: copy or build it "
		    "again", path);
	else if (elf->e_type == ET_EXEC)
		snprintf(why, size, "%s is a program: give the shared library "
		    "that it uses", path);
}

static void
check_text(const char *path, const char *text, size_t n, char *why,
    size_t size)
{
	if (n >= SARMAG && memcmp(text, ARMAG, SARMAG) == 0)
		snprintf(why, size, "%s is a static library: link its members "
		    "into a shared one, with cc -shared -Wl,--whole-archive",
		    path);
	else if (strstr(text, "GROUP") != NULL ||
	    strstr(text, "INPUT") != NULL)
		snprintf(why, size, "%s is a script for the linker: give the "
		    "shared library that it names", path);
	else
		snprintf(why, size, "%s is no shared library", path);
}

int
library_file_check(const char *path, char *why, size_t size)
{
	union head head;
	off_t length = 0;
	size_t n = 0;
	int error;

	if (strchr(path, '/') == NULL)
		return 0;
	*why = '\0';
	error = head_read(path, &head, &n, &length);
	if (error == EISDIR)
		snprintf(why, size, "%s is a directory: give the shared "
		    "library in it", path);
	else if (error == EINVAL)
		snprintf(why, size, "%s is no shared library", path);
	else if (error != 0)
		snprintf(why, size, "%s: cannot open: %s", path,
		    strerror(error));
	else if (n >= sizeof(head.elf) &&
	    memcmp(head.ident, ELFMAG, SELFMAG) == 0)
		check_elf(path, &head.elf, length, why, size);
	else
		check_text(path, head.text, n, why, size);
	return *why == '\0' ? 0 : -1;
}
