/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linux's headers with members called __unused, after the macro __unused.
 * Prints sizes, which must be the same for every flavour and for none.
 */
#include <sys/cdefs.h>
#include <stddef.h>
#include <stdio.h>

#include <asm/stat.h>
#include <linux/icmp.h>
#include <linux/sysctl.h>

int
main(void)
{
	struct stat *stat = NULL;

#if defined(__NetBSD__) || defined(__DragonFly__)
	int nothing __unused;
#endif
	printf("stat %zu, icmp %zu, mtu at %zu, sysctl %zu\n", sizeof(*stat),
	    sizeof(struct icmphdr), offsetof(struct icmphdr, un.frag.mtu),
	    sizeof(struct __sysctl_args));
	return 0;
}
