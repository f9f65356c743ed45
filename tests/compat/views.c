/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The headers of NVMM by the paths of PATHS (dev/nvmm, dev/virtual/nvmm),
 * which must speak generation WANTED: the ioctls' numbers, by value and by
 * BSD's macros.
 */
#define HEADER(name)	HEADER_(PATHS, name)
#define HEADER_(paths, name)	HEADER__(paths/name)
#define HEADER__(path)	<path>
#include HEADER(nvmm_ioctl.h)
#include HEADER(nvmm.h)
#include HEADER(x86/nvmm_x86.h)

#include <sys/ioccom.h>

#include <nvmm.h>

_Static_assert(NVMM_KERN_VERSION == WANTED, "the generation");
_Static_assert(NVMM_USER_VERSION == (WANTED == 2 ? 2 : 1), "the library's");

/* The number, direction, length and value of each. */
#define IS(name, number, macro, bytes, value, argument)			\
	_Static_assert(NVMM_IOC_##name == (value), #name);		\
	_Static_assert(sizeof(struct nvmm_ioc_##argument) == (bytes), #name); \
	_Static_assert(macro('N', number, struct nvmm_ioc_##argument) ==	\
	    (value), #name)

#if WANTED == 3
IS(CAPABILITY, 0, _IOR, 112, 0x40704e00, capability);
IS(VCPU_CREATE, 4, _IOWR, 16, 0xc0104e04, vcpu_create);
#else
IS(CAPABILITY, 0, _IOR, 104, 0x40684e00, capability);
IS(VCPU_CREATE, 4, _IOW, 8, 0x80084e04, vcpu_create);
#endif
IS(MACHINE_CREATE, 1, _IOWR, 4, 0xc0044e01, machine_create);
IS(MACHINE_DESTROY, 2, _IOW, 4, 0x80044e02, machine_destroy);
IS(MACHINE_CONFIGURE, 3, _IOW, 24, 0x80184e03, machine_configure);
IS(VCPU_DESTROY, 5, _IOW, 8, 0x80084e05, vcpu_destroy);
IS(VCPU_CONFIGURE, 6, _IOW, 24, 0x80184e06, vcpu_configure);
IS(VCPU_SETSTATE, 7, _IOW, 8, 0x80084e07, vcpu_setstate);
IS(VCPU_GETSTATE, 8, _IOW, 8, 0x80084e08, vcpu_getstate);
IS(VCPU_INJECT, 9, _IOW, 8, 0x80084e09, vcpu_inject);
IS(VCPU_RUN, 10, _IOWR, 72, 0xc0484e0a, vcpu_run);
IS(GPA_MAP, 11, _IOW, 40, 0x80284e0b, gpa_map);
IS(GPA_UNMAP, 12, _IOW, 24, 0x80184e0c, gpa_unmap);
IS(HVA_MAP, 13, _IOW, 32, 0x80204e0d, hva_map);
IS(HVA_UNMAP, 14, _IOW, 32, 0x80204e0e, hva_unmap);
IS(CTL, 20, _IOW, 24, 0x80184e14, ctl);

#if WANTED == 2
_Static_assert(NVMM_VCPU_EXIT_STOPPED == 0xFFFFFFFFFFFFFFFE, "STOPPED");
#elif defined(NVMM_VCPU_EXIT_STOPPED)
#error "only generation 2 can be stopped"
#endif

int
main(void)
{
	return 0;
}
