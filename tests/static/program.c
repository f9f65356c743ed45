/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program that speaks to the driver itself, for a link without a loader:
 * opens, asks, makes a machine, and forks.
 */
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* The numbers of the interface, v2: CAPABILITY and MACHINE_CREATE. */
#define CAPABILITY	0x40684e00UL
#define MACHINE_CREATE	0xc0044e01UL

static int
child(int fd)
{
	unsigned char cap[104];

	return ioctl(fd, CAPABILITY, cap) == -1 && errno == ENXIO ? 7 : 8;
}

int
main(void)
{
	unsigned char cap[104] = { 0 };
	unsigned machid = 99;
	int fd, status;
	pid_t pid;

	fd = open("/dev/nvmm", O_RDWR | O_CLOEXEC);
	if (fd == -1 || ioctl(fd, CAPABILITY, cap) != 0 ||
	    ioctl(fd, MACHINE_CREATE, &machid) != 0) {
		perror("the device");
		return 1;
	}
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(child(fd));
	waitpid(pid, &status, 0);
	printf("version %u, machine %u, child %d, close %d\n", cap[0], machid,
	    WEXITSTATUS(status), close(fd));
	return 0;
}
