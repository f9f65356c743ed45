/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the user is told, on the standard error that the program was started
 * with.  Whatever else it makes of descriptor 2 may be a file with its data,
 * and gets no text of ours: rather none than there.
 */
#include "preload/output.h"

#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

/* Out of the way of programs that count on low numbers being free. */
#define COPY_MIN	200

static struct {
	bool known, closed;
	dev_t dev;
	ino_t ino;
	int copy;			/* or -1 */
} output = { .copy = -1 };

void
output_note(void)
{
	struct stat st;
	int saved = errno;

	if (output.known)
		return;
	output.known = true;
	output.closed = fstat(STDERR_FILENO, &st) != 0;
	if (!output.closed) {
		output.dev = st.st_dev;
		output.ino = st.st_ino;
	}
	errno = saved;
}

static bool
is_it(int fd)
{
	struct stat st;

	return fd != -1 && !output.closed && fstat(fd, &st) == 0 &&
	    st.st_dev == output.dev && st.st_ino == output.ino;
}

void
output_keep(void)
{
	output_note();
	if (!is_it(output.copy))
		output.copy = is_it(STDERR_FILENO) ? fcntl(STDERR_FILENO,
		    F_DUPFD_CLOEXEC, COPY_MIN) : -1;
}

bool
output_write(int fd, const char *text, size_t size)
{
	ssize_t n;

	while (size > 0) {
		n = write(fd, text, size);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text += n;
		size -= (size_t)n;
	}
	return true;
}

void
output_print(const char *text, size_t size)
{
	int saved = errno;

	output_note();
	/* Somebody who closes all descriptors closes the copy as well. */
	if (is_it(output.copy))
		(void)output_write(output.copy, text, size);
	else if (is_it(STDERR_FILENO))
		(void)output_write(STDERR_FILENO, text, size);
	errno = saved;
}
