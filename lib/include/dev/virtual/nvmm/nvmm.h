/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * <dev/nvmm/nvmm.h> where DragonFly has it, in DragonFly's generation unless
 * NVMM_ABI says otherwise.
 */
#ifndef _VIRTUAL_NVMM_H_
#define _VIRTUAL_NVMM_H_

#ifndef NVMM_ABI
#define NVMM_ABI	3
#endif

#include <dev/nvmm/nvmm.h>

#endif /* _VIRTUAL_NVMM_H_ */
