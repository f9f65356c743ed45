/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * <dev/nvmm/x86/nvmm_x86.h> where DragonFly has it, in DragonFly's generation unless
 * NVMM_ABI says otherwise.
 */
#ifndef _VIRTUAL_NVMM_X86_H_
#define _VIRTUAL_NVMM_X86_H_

#ifndef NVMM_ABI
#define NVMM_ABI	3
#endif

#include <dev/nvmm/x86/nvmm_x86.h>

#endif /* _VIRTUAL_NVMM_X86_H_ */
