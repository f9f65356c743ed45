/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86/specialreg.h where DragonFly has it.
 */
#ifndef _COMPAT_MACHINE_SPECIALREG_H_
#define _COMPAT_MACHINE_SPECIALREG_H_

#include <x86/specialreg.h>

#endif /* _COMPAT_MACHINE_SPECIALREG_H_ */
