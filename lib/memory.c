/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest memory: host mappings and guest mappings, and the library's own
 * record of the latter, which the assists translate with.
 *
 * The record is an array sorted by gpa, under the machine's lock, which is
 * held over the driver's answer too: record and driver never disagree.
 */
#include <sys/mman.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define AREAS_INITIAL	8

/* Index of the first area that ends above gpa: where gpa is, or would go. */
static size_t
area_index(const struct libnvmm_machine *priv, gpaddr_t gpa)
{
	size_t low = 0, high = priv->nareas, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		/* "last byte below gpa": the end itself may wrap to 0. */
		if (priv->areas[mid].gpa + (priv->areas[mid].size - 1) < gpa)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* From an errno value to what functions of the library return. */
static int
result(int error)
{
	if (error == 0)
		return 0;
	errno = error;
	return -1;
}

static int
areas_grow(struct libnvmm_machine *priv)
{
	size_t capacity = priv->capacity ? priv->capacity * 2 : AREAS_INITIAL;
	struct libnvmm_area *areas;

	areas = realloc(priv->areas, capacity * sizeof(*areas));
	if (areas == NULL)
		return ENOMEM;
	priv->areas = areas;
	priv->capacity = capacity;
	return 0;
}

int
libnvmm_area_insert(struct libnvmm_machine *priv,
    const struct libnvmm_area *area)
{
	gpaddr_t last = area->gpa + (area->size - 1);
	size_t i = area_index(priv, area->gpa);
	int error;

	if (i < priv->nareas && priv->areas[i].gpa <= last)
		return EINVAL;
	if (priv->nareas == priv->capacity) {
		error = areas_grow(priv);
		if (error)
			return error;
	}
	memmove(&priv->areas[i + 1], &priv->areas[i],
	    (priv->nareas - i) * sizeof(*area));
	priv->areas[i] = *area;
	priv->nareas++;
	return 0;
}

int
libnvmm_area_remove(struct libnvmm_machine *priv, struct libnvmm_area *area)
{
	size_t i = area_index(priv, area->gpa);

	if (i == priv->nareas || priv->areas[i].gpa != area->gpa ||
	    priv->areas[i].hva != area->hva ||
	    priv->areas[i].size != area->size)
		return ESRCH;
	*area = priv->areas[i];
	priv->nareas--;
	memmove(&priv->areas[i], &priv->areas[i + 1],
	    (priv->nareas - i) * sizeof(*area));
	return 0;
}

bool
libnvmm_area_find(struct nvmm_machine *mach, gpaddr_t gpa,
    struct libnvmm_area *area)
{
	struct libnvmm_machine *priv = mach->areas;
	bool found;
	size_t i;

	if (priv == NULL)
		return false;
	pthread_rwlock_rdlock(&priv->lock);
	i = area_index(priv, gpa);
	found = i < priv->nareas && priv->areas[i].gpa <= gpa;
	if (found)
		*area = priv->areas[i];
	pthread_rwlock_unlock(&priv->lock);
	return found;
}

static nvmm_prot_t
prot_from_host(int prot)
{
	nvmm_prot_t result = 0;

	if (prot & PROT_READ)
		result |= NVMM_PROT_READ;
	if (prot & PROT_WRITE)
		result |= NVMM_PROT_WRITE;
	if (prot & PROT_EXEC)
		result |= NVMM_PROT_EXEC;
	return result;
}

static int
gpa_map_ioctl(struct nvmm_machine *mach, uintptr_t hva, gpaddr_t gpa,
    size_t size, int prot)
{
	struct nvmm_ioc_gpa_map args;

	memset(&args, 0, sizeof(args));
	args.machid = mach->machid;
	args.hva = hva;
	args.gpa = gpa;
	args.size = size;
	args.prot = prot;
	return libnvmm_ioctl(NVMM_IOC_GPA_MAP, &args);
}

int
nvmm_gpa_map(struct nvmm_machine *mach, uintptr_t hva, gpaddr_t gpa,
    size_t size, int prot)
{
	struct libnvmm_machine *priv = mach->areas;
	struct libnvmm_area area = {
		.gpa = gpa,
		.hva = hva,
		.size = size,
		.prot = prot_from_host(prot),
	};
	int error;

	if (priv == NULL)
		return result(EINVAL);
	/* A range that is none cannot be recorded; the driver says why. */
	if (size == 0 || gpa + (size - 1) < gpa)
		return gpa_map_ioctl(mach, hva, gpa, size, prot);

	pthread_rwlock_wrlock(&priv->lock);
	error = libnvmm_area_insert(priv, &area);
	if (error == 0 && gpa_map_ioctl(mach, hva, gpa, size, prot) == -1) {
		error = errno;
		(void)libnvmm_area_remove(priv, &area);
	}
	pthread_rwlock_unlock(&priv->lock);
	return result(error);
}

int
nvmm_gpa_unmap(struct nvmm_machine *mach, uintptr_t hva, gpaddr_t gpa,
    size_t size)
{
	struct libnvmm_machine *priv = mach->areas;
	struct libnvmm_area area = { .gpa = gpa, .hva = hva, .size = size };
	struct nvmm_ioc_gpa_unmap args;
	int error;

	if (priv == NULL)
		return result(EINVAL);
	memset(&args, 0, sizeof(args));
	args.machid = mach->machid;
	args.gpa = gpa;
	args.size = size;
	pthread_rwlock_wrlock(&priv->lock);
	error = libnvmm_area_remove(priv, &area);
	if (error == 0 && libnvmm_ioctl(NVMM_IOC_GPA_UNMAP, &args) == -1) {
		error = errno;
		/* Cannot fail: the place it had is free. */
		(void)libnvmm_area_insert(priv, &area);
	}
	pthread_rwlock_unlock(&priv->lock);
	return result(error);
}

int
nvmm_gpa_to_hva(struct nvmm_machine *mach, gpaddr_t gpa, uintptr_t *hva,
    nvmm_prot_t *prot)
{
	struct libnvmm_area area;

	if (!libnvmm_area_find(mach, gpa, &area))
		return result(ENOENT);
	*hva = area.hva + (uintptr_t)(gpa - area.gpa);
	*prot = area.prot;
	return 0;
}

int
nvmm_hva_map(struct nvmm_machine *mach, uintptr_t hva, size_t size)
{
	struct nvmm_ioc_hva_map args;

	memset(&args, 0, sizeof(args));
	args.machid = mach->machid;
	args.hva = hva;
	args.size = size;
	return libnvmm_ioctl(NVMM_IOC_HVA_MAP, &args);
}

int
nvmm_hva_unmap(struct nvmm_machine *mach, uintptr_t hva, size_t size)
{
	struct nvmm_ioc_hva_unmap args;

	memset(&args, 0, sizeof(args));
	args.machid = mach->machid;
	args.hva = hva;
	args.size = size;
	return libnvmm_ioctl(NVMM_IOC_HVA_UNMAP, &args);
}
