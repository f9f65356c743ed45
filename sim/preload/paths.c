/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device's paths, out of the settings.
 */
#include "preload/paths.h"

#include <stdlib.h>
#include <string.h>

#define PATHS_MAX	8
#define KEY		"device="
#define KEY_LENGTH	(sizeof(KEY) - 1)

const char *const *
preload_paths(const char *settings)
{
	static const char *paths[PATHS_MAX + 1];
	unsigned n = 0;
	size_t length;

	while (settings != NULL && *settings != '\0' && n < PATHS_MAX) {
		length = strcspn(settings, "\n");
		if (length > KEY_LENGTH &&
		    strncmp(settings, KEY, KEY_LENGTH) == 0) {
			paths[n] = strndup(settings + KEY_LENGTH,
			    length - KEY_LENGTH);
			n += paths[n] != NULL;
		}
		settings += length;
		settings += *settings == '\n';
	}
	return n > 0 ? paths : NULL;
}
